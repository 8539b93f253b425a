//! The tensors of a PyTorch checkpoint by name. Nothing in the file is executed: its pickle is read as data.

use std::collections::BTreeMap;
use std::path::Path;

use half::{bf16, f16};
use pytorch_reader::{DType, PytorchReader, Tensor};

use super::container;
use super::error::ImportProblem;
use crate::model::parameters::HostTensor;

/// An opened checkpoint. Names of tensors that lie in a dictionary inside a dictionary are joined by dots. Values are
/// read when they are asked for.
pub(crate) struct Checkpoint {
    tensors: BTreeMap<String, Tensor>,
    file_bytes: u64,
}

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Self, ImportProblem> {
        let file_bytes = container::check(path)?;
        let reader =
            PytorchReader::new(path).map_err(|error| ImportProblem::Container(one_line(&error.to_string())))?;
        Ok(Self { tensors: reader.into_tensors().into_iter().collect(), file_bytes })
    }

    /// All names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Side lengths, without reading values.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(Tensor::shape)
    }

    /// Values as f32. A tensor may be a view that repeats few stored values many times, so its size is held against the
    /// file's first.
    pub(crate) fn read(&self, name: &str) -> Result<HostTensor, ImportProblem> {
        let tensor = self.tensors.get(name).ok_or_else(|| ImportProblem::Container(format!("no tensor `{name}`")))?;
        let (what, claimed) = (format!("tensor `{name}`"), tensor.byte_len() as u64);
        if claimed > self.file_bytes {
            return Err(ImportProblem::TooLarge { what, claimed, limit: self.file_bytes });
        }
        let bytes = tensor.read().map_err(|error| ImportProblem::Container(one_line(&error.to_string())))?;
        let values = match tensor.dtype() {
            DType::F16 => bytes.as_chunks().0.iter().map(|&value| f16::from_ne_bytes(value).to_f32()).collect(),
            DType::BF16 => bytes.as_chunks().0.iter().map(|&value| bf16::from_ne_bytes(value).to_f32()).collect(),
            DType::F32 => bytes.as_chunks().0.iter().map(|&value| f32::from_ne_bytes(value)).collect(),
            DType::F64 => bytes.as_chunks().0.iter().map(|&value| f64::from_ne_bytes(value) as f32).collect(),
            other => return Err(ImportProblem::Type { name: name.to_owned(), found: format!("{other:?}") }),
        };
        Ok(HostTensor { shape: tensor.shape().to_vec(), values })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
