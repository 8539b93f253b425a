//! A small writer of MATLAB v5 files, and the reader against it, against damage, and against real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::hostile;
use std::io::Write as _;

const NAMES: [&str; 5] = ["truth", "names", "x", "small", ""];

/// Every variable that these tests write.
fn read(bytes: &[u8]) -> Result<Vec<(String, Value)>, Mat5Error> {
    super::read(bytes, &NAMES)
}

/// Writes elements in one byte order.
#[derive(Clone, Copy)]
pub(in crate::data) struct Writer {
    pub(in crate::data) big_endian: bool,
}

impl Writer {
    fn word(self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn element(self, data_type: u32, bytes: &[u8]) -> Vec<u8> {
        let mut element = [self.word(data_type), self.word(bytes.len() as u32)].concat();
        element.extend(bytes);
        element.resize(element.len().next_multiple_of(8), 0);
        element
    }

    fn small_element(self, data_type: u32, bytes: &[u8]) -> Vec<u8> {
        let mut element = self.word((bytes.len() as u32) << 16 | data_type).to_vec();
        element.extend(bytes);
        element.resize(8, 0);
        element
    }

    fn array(self, class: u32, name: &str, dimensions: &[u32], data: &[u8]) -> Vec<u8> {
        let flags = self.element(6, &[self.word(class), self.word(0)].concat());
        let dimensions: Vec<u8> = dimensions.iter().flat_map(|length| self.word(*length)).collect();
        let parts = [flags, self.element(5, &dimensions), self.element(1, name.as_bytes()), data.to_vec()];
        self.element(data_type::MATRIX, &parts.concat())
    }

    /// A matrix of class double whose values, column-major, are stored as bytes, as MATLAB does.
    pub(in crate::data) fn bytes_matrix(self, name: &str, rows: u32, columns: u32, values: &[u8]) -> Vec<u8> {
        self.array(6, name, &[rows, columns], &self.element(2, values))
    }

    pub(in crate::data) fn cell_of_text(self, name: &str, texts: &[&str]) -> Vec<u8> {
        let cells = texts.iter().flat_map(|text| {
            let data = if text.len() <= 4 {
                self.small_element(16, text.as_bytes())
            } else {
                self.element(16, text.as_bytes())
            };
            self.array(4, "", &[1, text.len() as u32], &data)
        });
        self.array(1, name, &[1, texts.len() as u32], &cells.collect::<Vec<u8>>())
    }

    /// A file of variables, each compressed on its own.
    pub(in crate::data) fn file(self, variables: &[Vec<u8>], compress: bool) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
        bytes.resize(124, b' ');
        bytes.extend(if self.big_endian { [1, 0, b'M', b'I'] } else { [0, 1, b'I', b'M'] });
        for variable in variables {
            if compress {
                let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                zlib.write_all(variable).unwrap();
                let packed = zlib.finish().unwrap();
                bytes.extend([self.word(data_type::COMPRESSED), self.word(packed.len() as u32)].concat());
                bytes.extend(packed);
            } else {
                bytes.extend(variable);
            }
        }
        bytes
    }
}

const ORDERS: [Writer; 2] = [Writer { big_endian: false }, Writer { big_endian: true }];

fn values(value: &Value) -> Vec<f64> {
    let Value::Numeric(numeric) = value else { panic!("{value:?}") };
    numeric.values()
}

#[test]
fn arrays_and_cells_are_read_in_both_byte_orders() {
    for writer in ORDERS {
        for compress in [false, true] {
            let variables = [
                writer.bytes_matrix("truth", 2, 3, &[1, 2, 3, 4, 5, 60]),
                writer.cell_of_text("names", &["null", "t-shirt", "längs"]),
            ];
            let file = writer.file(&variables, compress);
            let read = read(&file).unwrap();
            assert_eq!((read[0].0.as_str(), read[1].0.as_str()), ("truth", "names"));
            assert!(matches!(&read[0].1, Value::Numeric(n) if n.dimensions == [2, 3]));
            assert_eq!(values(&read[0].1), [1.0, 2.0, 3.0, 4.0, 5.0, 60.0]);
            let texts = ["null", "t-shirt", "längs"].map(|text| Value::Text(text.to_owned()));
            assert_eq!(read[1].1, Value::Cells(texts.into()));
        }
    }
}

#[test]
fn variables_that_nobody_wants_are_passed_over() {
    for compress in [false, true] {
        let sentences = ORDERS[0].array(1, "sentences", &[1 << 20, 1], &[]);
        let variables = [sentences, ORDERS[0].bytes_matrix("truth", 1, 1, &[7])];
        let file = ORDERS[0].file(&variables, compress);
        let read = super::read(&file, &["truth"]).unwrap();
        assert_eq!((read.len(), values(&read[0].1)), (1, vec![7.0]));
        assert!(matches!(super::read(&file, &["sentences"]), Err(Mat5Error::TooLarge { what: "cells", .. })));
    }
}

#[test]
fn every_number_type_is_read() {
    for writer in ORDERS {
        let order = |mut bytes: Vec<u8>| {
            if writer.big_endian {
                bytes.reverse();
            }
            bytes
        };
        for (data_type, bytes, expected) in [
            (1, vec![0xfe], -2.0),
            (3, (-300_i16).to_le_bytes().to_vec(), -300.0),
            (4, 60_000_u16.to_le_bytes().to_vec(), 60_000.0),
            (5, (-70_000_i32).to_le_bytes().to_vec(), -70_000.0),
            (6, u32::MAX.to_le_bytes().to_vec(), f64::from(u32::MAX)),
            (7, 0.5_f32.to_le_bytes().to_vec(), 0.5),
            (9, (-0.1_f64).to_le_bytes().to_vec(), -0.1),
            (12, (-5_i64).to_le_bytes().to_vec(), -5.0),
            (13, 5_u64.to_le_bytes().to_vec(), 5.0),
        ] {
            let variable = writer.array(6, "x", &[1, 1], &writer.element(data_type, &order(bytes)));
            let file = writer.file(&[variable], false);
            assert_eq!(values(&read(&file).unwrap()[0].1), [expected], "type {data_type}");
        }
    }
}

#[test]
fn contradictions_and_bombs_are_errors() {
    let writer = ORDERS[0];
    let short = writer.bytes_matrix("x", 2, 3, &[1, 2, 3, 4, 5]);
    assert!(matches!(read(&writer.file(&[short], true)), Err(Mat5Error::Malformed(_))));
    let huge = writer.bytes_matrix("x", u32::MAX >> 1, u32::MAX >> 1, &[1]);
    assert!(matches!(read(&writer.file(&[huge], true)), Err(Mat5Error::Malformed(_))));
    let many = writer.array(1, "x", &[1 << 15, 1 << 15], &[]);
    assert!(matches!(read(&writer.file(&[many], true)), Err(Mat5Error::TooLarge { what: "cells", .. })));
    let nested = (0..9).fold(writer.bytes_matrix("x", 1, 1, &[1]), |inner, _| writer.array(1, "", &[1, 1], &inner));
    assert!(matches!(read(&writer.file(&[nested], true)), Err(Mat5Error::TooLarge { .. })));
    assert_eq!(
        inflate(&deflated_zeros(5000), 4999),
        Err(Mat5Error::TooLarge { what: "inflated bytes", limit: MAX_INFLATED_BYTES })
    );
    assert_eq!(inflate(&deflated_zeros(5000), 5000).map(|bytes| bytes.len()), Ok(5000));
    assert_eq!(read(b"\x89HDF\r\n\x1a\n"), Err(Mat5Error::NotMat5));
}

fn deflated_zeros(length: usize) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&vec![0; length]).unwrap();
    zlib.finish().unwrap()
}

#[test]
fn hostile_files_are_answered() {
    for (seed, writer) in ORDERS.into_iter().enumerate() {
        let variables = [
            writer.bytes_matrix("truth", 20, 30, &[7; 600]),
            writer.cell_of_text("names", &["null", "t-shirt", "x"]),
            writer.array(9, "small", &[1, 3], &writer.small_element(2, &[1, 2, 3])),
        ];
        for compress in [false, true] {
            hostile::survives(&writer.file(&variables, compress), seed as u64, |bytes| drop(read(bytes)));
        }
    }
}
