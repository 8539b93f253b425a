//! Tensors and one line of header text in a safetensors file: the container of model files and checkpoints.

use std::borrow::Cow;
use std::collections::HashMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, View};
use sha2::{Digest, Sha256};

use crate::model::parameters::{HostTensor, TensorMap};

/// The safetensors metadata key that holds our header; a single key keeps the file's bytes reproducible.
const HEADER_KEY: &str = "scgan";
/// Most tensors a file may list.
const MAX_TENSORS: usize = 4096;

/// How values are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 2 bytes a value: for models that are passed on.
    #[default]
    F16,
    /// 4 bytes a value: exact, for checkpoints.
    F32,
}

/// The bytes are not such a file.
#[derive(Debug, thiserror::Error)]
pub enum TensorFileError {
    /// Not safetensors, or cut off.
    #[error("not a whole safetensors file: {0}")]
    Container(#[from] SafeTensorError),
    /// Somebody else's safetensors file.
    #[error("a safetensors file, but not written by this program (its header has no `{HEADER_KEY}` entry)")]
    Foreign,
    /// More tensors than any of our networks has.
    #[error("lists {0} tensors, more than the {MAX_TENSORS} allowed")]
    TooMany(usize),
    /// A type we never write.
    #[error("tensor `{name}` is stored as {found}; only F16 and F32 are read")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
    },
}

/// An opened file: header read and ranges checked, tensors not yet decoded.
pub struct TensorFile<'a> {
    tensors: SafeTensors<'a>,
    header: String,
}

impl<'a> TensorFile<'a> {
    /// Checks the container and reads the header.
    pub fn open(bytes: &'a [u8]) -> Result<Self, TensorFileError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let count = metadata.tensors().len();
        if count > MAX_TENSORS {
            return Err(TensorFileError::TooMany(count));
        }
        let entries = metadata.metadata().as_ref();
        let header = entries.and_then(|entries| entries.get(HEADER_KEY)).ok_or(TensorFileError::Foreign)?.clone();
        Ok(Self { tensors: SafeTensors::deserialize(bytes)?, header })
    }

    /// The header text.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The shape of a tensor, without reading it.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.tensor(name).ok()?.shape().to_vec())
    }

    /// The file with another header text; the tensors stay as they are, bit for bit.
    ///
    /// # Errors
    /// The container cannot express it.
    pub fn with_header(&self, header: String) -> Result<Vec<u8>, TensorFileError> {
        let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
        Ok(safetensors::serialize(self.tensors.iter(), Some(metadata))?)
    }

    /// Names of all tensors.
    pub fn names(&self) -> Vec<String> {
        self.tensors.names().into_iter().map(str::to_owned).collect()
    }

    /// Decodes all tensors.
    pub fn read(&self) -> Result<TensorMap, TensorFileError> {
        self.tensors
            .iter()
            .map(|(name, view)| {
                let values = match view.dtype() {
                    Dtype::F16 => from_f16(view.data()),
                    Dtype::F32 => from_f32(view.data()),
                    other => {
                        return Err(TensorFileError::Type { name: name.to_owned(), found: format!("{other:?}") });
                    }
                };
                Ok((name.to_owned(), HostTensor { shape: view.shape().to_vec(), values }))
            })
            .collect()
    }

    /// SHA-256 over names, shapes and stored values, in the order of the names; hexadecimal.
    pub fn content_hash(&self) -> String {
        let mut names = self.tensors.names();
        names.sort_unstable();
        let mut hasher = Sha256::new();
        for name in names {
            if let Ok(view) = self.tensors.tensor(name) {
                hash_tensor(&mut hasher, name, view.shape(), view.data());
            }
        }
        hex(&hasher.finalize())
    }
}

/// The hash that [`TensorFile::content_hash`] will find in a file of these tensors.
pub fn content_hash(tensors: &TensorMap, precision: Precision) -> String {
    let mut hasher = Sha256::new();
    for (name, tensor) in tensors {
        hash_tensor(&mut hasher, name, &tensor.shape, &to_bytes(&tensor.values, precision));
    }
    hex(&hasher.finalize())
}

/// Writes a file into memory.
pub fn encode(tensors: &TensorMap, header: String, precision: Precision) -> Result<Vec<u8>, TensorFileError> {
    let views = tensors.iter().map(|(name, tensor)| (name.as_str(), StoredTensor { tensor, precision }));
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

struct StoredTensor<'a> {
    tensor: &'a HostTensor,
    precision: Precision,
}

impl View for StoredTensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.precision {
            Precision::F16 => Dtype::F16,
            Precision::F32 => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(to_bytes(&self.tensor.values, self.precision))
    }

    fn data_len(&self) -> usize {
        let bytes = match self.precision {
            Precision::F16 => 2,
            Precision::F32 => 4,
        };
        self.tensor.values.len() * bytes
    }
}

fn hash_tensor(hasher: &mut Sha256, name: &str, shape: &[usize], data: &[u8]) {
    hasher.update(name.as_bytes());
    for side in shape {
        hasher.update((*side as u64).to_le_bytes());
    }
    hasher.update(data);
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_bytes(values: &[f32], precision: Precision) -> Vec<u8> {
    match precision {
        Precision::F16 => values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
        Precision::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

fn from_f16(data: &[u8]) -> Vec<f32> {
    data.as_chunks().0.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f32()).collect()
}

fn from_f32(data: &[u8]) -> Vec<f32> {
    data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
