//! Writes checkpoints for tests, in the form of PyTorch before 1.6, honest and dishonest ones.

use super::super::checkpoint::Checkpoint;
use super::fixture;

/// A tensor of such a file.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Steps between neighbours, in values; row-major ones fit the shape.
    pub(crate) stride: Vec<usize>,
    pub(crate) values: Vec<f32>,
    /// `FloatStorage`.
    pub(crate) storage: &'static str,
}

impl Stored {
    pub(crate) fn new(name: &str, shape: &[usize], values: Vec<f32>) -> Self {
        let mut stride = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            stride[axis - 1] = stride[axis] * shape[axis];
        }
        Self { name: name.to_owned(), shape: shape.to_vec(), stride, values, storage: "FloatStorage" }
    }
}

/// All tensors of a fixture.
pub(crate) fn state_dict(name: &str) -> Vec<Stored> {
    let checkpoint = Checkpoint::open(&fixture(name)).unwrap();
    let names: Vec<&str> = checkpoint.names().collect();
    let read = |name: &&str| {
        let tensor = checkpoint.read(name).unwrap();
        Stored::new(name, &tensor.shape, tensor.values)
    };
    names.iter().map(read).collect()
}

/// The file.
pub(crate) fn write(stored: &[Stored]) -> Vec<u8> {
    let mut bytes = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.".to_vec();
    bytes.extend(b"\x80\x02}X\x0d\0\0\0little_endian\x88s.\x80\x02}(");
    for (number, tensor) in stored.iter().enumerate() {
        text(&mut bytes, &tensor.name);
        bytes.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut bytes, "storage");
        bytes.extend(format!("ctorch\n{}\n", tensor.storage).as_bytes());
        text(&mut bytes, &number.to_string());
        text(&mut bytes, "cpu");
        integer(&mut bytes, tensor.values.len());
        bytes.extend(b"NtQK\0");
        for sides in [&tensor.shape, &tensor.stride] {
            bytes.push(b'(');
            sides.iter().for_each(|side| integer(&mut bytes, *side));
            bytes.push(b't');
        }
        bytes.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    bytes.extend(b"u.\x80\x02](");
    (0..stored.len()).for_each(|number| text(&mut bytes, &number.to_string()));
    bytes.extend(b"e.");
    for tensor in stored {
        bytes.extend((tensor.values.len() as u64).to_le_bytes());
        bytes.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'X');
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn integer(bytes: &mut Vec<u8>, value: usize) {
    bytes.extend(b"\x8a\x08");
    bytes.extend((value as u64).to_le_bytes());
}
