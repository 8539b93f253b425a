//! MATLAB v5 files (`-v6` and `-v7`): numeric arrays, text, and cell arrays of those, compressed or not, in either byte order.

use flate2::read::ZlibDecoder;
use std::io::Read as _;

#[cfg(test)]
pub(super) mod tests;

/// The most bytes that all variables of a file may take once inflated.
const MAX_INFLATED_BYTES: u64 = 256 << 20;
/// As much of a variable as surely holds its name.
const MAX_HEAD_BYTES: u64 = 1 << 10;
const MAX_DIMENSIONS: usize = 8;
const MAX_CELLS: usize = 1 << 16;
const MAX_NESTING: usize = 4;

/// Why bytes are no MATLAB v5 file that can be read here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mat5Error {
    /// The header is another format's.
    #[error("not a MATLAB v5 file; save it in MATLAB with `-v7` (v7.3 files are HDF5)")]
    NotMat5,
    /// An element ends before its length says.
    #[error("the file ends at byte {at} inside {what}: it is cut off or damaged")]
    Truncated {
        /// Offset within the file, or within an inflated variable.
        at: usize,
        /// The element.
        what: &'static str,
    },
    /// The zlib stream of a variable is damaged.
    #[error("a compressed variable cannot be inflated: {0}")]
    Inflate(String),
    /// More than this reader accepts.
    #[error("{what}: more than the {limit} accepted here")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Values that contradict each other or the format.
    #[error("damaged: {0}")]
    Malformed(&'static str),
}

/// A variable's value.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Numeric(Numeric),
    Text(String),
    Cells(Vec<Value>),
    /// A structure, sparse or complex array, or another class that no data set here uses.
    Other,
}

/// A real numeric array, column-major, as stored.
#[derive(Debug, PartialEq)]
pub(super) struct Numeric {
    pub(super) dimensions: Vec<usize>,
    storage: Storage,
    big_endian: bool,
    bytes: Vec<u8>,
}

impl Numeric {
    /// The values, column-major. Integers beyond 2⁵³ lose their last digits.
    pub(super) fn values(&self) -> Vec<f64> {
        match self.storage {
            Storage::I8 => self.decode(|bytes| f64::from(i8::from_le_bytes(bytes))),
            Storage::U8 => self.decode(|bytes| f64::from(u8::from_le_bytes(bytes))),
            Storage::I16 => self.decode(|bytes| f64::from(i16::from_le_bytes(bytes))),
            Storage::U16 => self.decode(|bytes| f64::from(u16::from_le_bytes(bytes))),
            Storage::I32 => self.decode(|bytes| f64::from(i32::from_le_bytes(bytes))),
            Storage::U32 => self.decode(|bytes| f64::from(u32::from_le_bytes(bytes))),
            Storage::F32 => self.decode(|bytes| f64::from(f32::from_le_bytes(bytes))),
            Storage::F64 => self.decode(f64::from_le_bytes),
            Storage::I64 => self.decode(|bytes| i64::from_le_bytes(bytes) as f64),
            Storage::U64 => self.decode(|bytes| u64::from_le_bytes(bytes) as f64),
        }
    }

    /// `number` is given each number's bytes in little-endian order.
    fn decode<const SIZE: usize>(&self, number: impl Fn([u8; SIZE]) -> f64) -> Vec<f64> {
        let (numbers, _) = self.bytes.as_chunks::<SIZE>();
        let in_order = |mut bytes: [u8; SIZE]| {
            if self.big_endian {
                bytes.reverse();
            }
            number(bytes)
        };
        numbers.iter().copied().map(in_order).collect()
    }
}

/// How numbers are stored, whatever their class: MATLAB packs doubles that are small integers as bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Storage {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl Storage {
    fn of(data_type: u32) -> Option<Self> {
        Some(match data_type {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            12 => Self::I64,
            13 => Self::U64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }
}

mod data_type {
    pub(super) const MATRIX: u32 = 14;
    pub(super) const COMPRESSED: u32 = 15;
    pub(super) const UTF16: u32 = 17;
}

/// The variables of a file that have one of these names. Others are passed over by their name, whatever they hold: data sets
/// carry lists of sentences beside the numbers that are wanted.
pub(super) fn read(bytes: &[u8], wanted: &[&str]) -> Result<Vec<(String, Value)>, Mat5Error> {
    let header = bytes.get(..128).ok_or(Mat5Error::NotMat5)?;
    let big_endian = match header[124..] {
        [0, 1, b'I', b'M'] => false,
        [1, 0, b'M', b'I'] => true,
        _ => return Err(Mat5Error::NotMat5),
    };
    let mut file = Reader { bytes, at: 128, big_endian };
    let mut variables = Vec::new();
    let mut inflated_bytes = 0;
    while file.at < bytes.len() {
        let element = file.element("a variable")?;
        if element.data_type != data_type::COMPRESSED {
            if element.is_wanted(wanted, big_endian) {
                variables.push(element.variable(big_endian, 0)?);
            }
            continue;
        }
        if !is_wanted_once_inflated(element.bytes, wanted, big_endian) {
            continue;
        }
        let inflated = inflate(element.bytes, MAX_INFLATED_BYTES - inflated_bytes)?;
        inflated_bytes += inflated.len() as u64;
        let matrix = Reader { bytes: &inflated, at: 0, big_endian }.element("an inflated variable")?;
        let (name, value) = matrix.variable(big_endian, 0)?;
        if wanted.contains(&name.as_str()) {
            variables.push((name, value));
        }
    }
    Ok(variables)
}

/// Whether the start of a compressed variable has one of the names, or is too damaged to tell.
fn is_wanted_once_inflated(bytes: &[u8], wanted: &[&str], big_endian: bool) -> bool {
    let mut head = Vec::new();
    let read = ZlibDecoder::new(bytes).take(MAX_HEAD_BYTES).read_to_end(&mut head);
    // The tag of the array, whose length goes beyond what has been inflated.
    read.is_err() || head.get(8..).is_none_or(|matrix| is_wanted(matrix, wanted, big_endian))
}

/// Whether an array's content starts with one of the names, or is too damaged to tell.
fn is_wanted(matrix: &[u8], wanted: &[&str], big_endian: bool) -> bool {
    let mut parts = Reader { bytes: matrix, at: 0, big_endian };
    let mut part = || parts.element("an array's head");
    match (part(), part(), part()) {
        (Ok(_), Ok(_), Ok(name)) => wanted.iter().any(|wanted| wanted.as_bytes() == name.bytes),
        _ => true,
    }
}

fn inflate(bytes: &[u8], max_bytes: u64) -> Result<Vec<u8>, Mat5Error> {
    let mut inflated = Vec::new();
    let read = ZlibDecoder::new(bytes).take(max_bytes + 1).read_to_end(&mut inflated);
    read.map_err(|error| Mat5Error::Inflate(error.to_string()))?;
    if inflated.len() as u64 > max_bytes {
        return Err(Mat5Error::TooLarge { what: "inflated bytes", limit: MAX_INFLATED_BYTES });
    }
    Ok(inflated)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
}

struct Element<'a> {
    data_type: u32,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next tagged element; `what` names it in errors.
    fn element(&mut self, what: &'static str) -> Result<Element<'a>, Mat5Error> {
        let tag = word(self.take(4, what)?, self.big_endian);
        if tag >> 16 != 0 {
            // The small form: length and type share a word, the data fill the next.
            let padded = self.take(4, what)?;
            let bytes = padded
                .get(..(tag >> 16) as usize)
                .ok_or(Mat5Error::Malformed("a small element of more than 4 bytes"))?;
            return Ok(Element { data_type: tag & 0xffff, bytes });
        }
        let length = word(self.take(4, what)?, self.big_endian) as usize;
        let bytes = self.take(length, what)?;
        if tag != data_type::COMPRESSED {
            // Padding may be missing at the very end.
            self.at = self.at.next_multiple_of(8).min(self.bytes.len());
        }
        Ok(Element { data_type: tag, bytes })
    }

    fn take(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], Mat5Error> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..length).ok_or(Mat5Error::Truncated { at: self.bytes.len(), what })?;
        self.at += length;
        Ok(taken)
    }
}

impl Element<'_> {
    fn is_wanted(&self, wanted: &[&str], big_endian: bool) -> bool {
        is_wanted(self.bytes, wanted, big_endian)
    }

    /// This element as a named array.
    fn variable(&self, big_endian: bool, nesting: usize) -> Result<(String, Value), Mat5Error> {
        if self.data_type != data_type::MATRIX {
            return Err(Mat5Error::Malformed("a variable that is no array"));
        }
        if self.bytes.is_empty() {
            // How MATLAB writes an empty cell.
            return Ok((String::new(), Value::Other));
        }
        let mut parts = Reader { bytes: self.bytes, at: 0, big_endian };
        let flags = parts.element("array flags")?;
        let flags =
            word(flags.bytes.get(..4).ok_or(Mat5Error::Malformed("array flags of less than 4 bytes"))?, big_endian);
        let dimensions = parts.element("array dimensions")?.dimensions(big_endian)?;
        let name = String::from_utf8_lossy(parts.element("an array name")?.bytes).into_owned();
        let complex = flags & 0x0800 != 0;
        let value = match flags & 0xff {
            1 => cells(&mut parts, &dimensions, nesting)?,
            4 => Value::Text(parts.element("text")?.text(big_endian)),
            6..=15 if !complex => parts.element("numbers")?.numbers(dimensions, big_endian)?,
            _ => Value::Other,
        };
        Ok((name, value))
    }

    fn dimensions(&self, big_endian: bool) -> Result<Vec<usize>, Mat5Error> {
        if self.bytes.len() > 4 * MAX_DIMENSIONS {
            return Err(Mat5Error::TooLarge { what: "array dimensions", limit: MAX_DIMENSIONS as u64 });
        }
        let dimensions = self.bytes.chunks_exact(4).map(|bytes| word(bytes, big_endian) as i32);
        let dimensions: Result<Vec<usize>, _> = dimensions.map(usize::try_from).collect();
        dimensions.map_err(|_| Mat5Error::Malformed("a negative array dimension"))
    }

    /// The bytes are at hand, so that the product of the dimensions can be checked before anything is made of it.
    fn numbers(&self, dimensions: Vec<usize>, big_endian: bool) -> Result<Value, Mat5Error> {
        let storage = Storage::of(self.data_type).ok_or(Mat5Error::Malformed("numbers of an unknown type"))?;
        let bytes = count(&dimensions).and_then(|count| count.checked_mul(storage.size()));
        if bytes != Some(self.bytes.len()) {
            return Err(Mat5Error::Malformed("an array whose dimensions disagree with its length"));
        }
        Ok(Value::Numeric(Numeric { dimensions, storage, big_endian, bytes: self.bytes.to_vec() }))
    }

    fn text(&self, big_endian: bool) -> String {
        let wide = self.data_type == data_type::UTF16 || Storage::of(self.data_type) == Some(Storage::U16);
        if !wide {
            return String::from_utf8_lossy(self.bytes).into_owned();
        }
        let units = self.bytes.chunks_exact(2).map(|unit| match big_endian {
            true => u16::from_be_bytes([unit[0], unit[1]]),
            false => u16::from_le_bytes([unit[0], unit[1]]),
        });
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

fn cells(parts: &mut Reader<'_>, dimensions: &[usize], nesting: usize) -> Result<Value, Mat5Error> {
    if nesting >= MAX_NESTING {
        return Err(Mat5Error::TooLarge { what: "nested cell arrays", limit: MAX_NESTING as u64 });
    }
    let n_cells = count(dimensions).filter(|count| *count <= MAX_CELLS);
    let n_cells = n_cells.ok_or(Mat5Error::TooLarge { what: "cells", limit: MAX_CELLS as u64 })?;
    let big_endian = parts.big_endian;
    let cells: Result<Vec<Value>, _> =
        (0..n_cells).map(|_| Ok(parts.element("a cell")?.variable(big_endian, nesting + 1)?.1)).collect();
    Ok(Value::Cells(cells?))
}

/// The number of elements; none if it overflows. An array without dimensions has none.
fn count(dimensions: &[usize]) -> Option<usize> {
    if dimensions.is_empty() {
        return Some(0);
    }
    dimensions.iter().try_fold(1_usize, |product, length| product.checked_mul(*length))
}

/// The first four bytes as a number.
fn word(bytes: &[u8], big_endian: bool) -> u32 {
    let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}
