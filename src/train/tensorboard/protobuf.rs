//! As much of the protocol buffer wire format as events need, for writing.

/// Wire types: the low three bits of a field's key.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;
const FIXED32: u64 = 5;

/// A message being written, field after field.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// The message so far.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// An int32, int64, uint64 or enum that is not negative.
    pub(super) fn varint(mut self, field: u64, value: u64) -> Self {
        self.key(field, VARINT);
        self.push_varint(value);
        self
    }

    /// A double.
    pub(super) fn double(mut self, field: u64, value: f64) -> Self {
        self.key(field, FIXED64);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// A float.
    pub(super) fn float(mut self, field: u64, value: f32) -> Self {
        self.key(field, FIXED32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// A string, bytes or a message.
    pub(super) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.key(field, LENGTH_DELIMITED);
        self.push_varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn key(&mut self, field: u64, wire_type: u64) {
        self.push_varint(field << 3 | wire_type);
    }

    /// Seven bits a byte, lowest first; the high bit says that more follow.
    fn push_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}
