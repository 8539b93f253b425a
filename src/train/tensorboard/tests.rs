//! Event files read back by a reader of their own.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::train::{Losses, Scores};

/// CRC-32C bit by bit, from its definition.
fn crc32c_by_definition(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// The mask as the format describes it: 15 bits go around.
fn masked(crc: u32) -> u32 {
    let around = u64::from(crc) << 17 | u64::from(crc) >> 15;
    (around as u32).wrapping_add(0xa282_ead8)
}

#[test]
fn checksums_are_those_of_the_published_vectors() {
    // RFC 3720, B.4, and the check value of the CRC catalogue.
    let ascending: Vec<u8> = (0..32).collect();
    for (bytes, expected) in [
        (&[0; 32][..], 0x8a91_36aa),
        (&[0xff; 32], 0x62a8_ab43),
        (&ascending, 0x46dd_794e),
        (b"123456789", 0xe306_9283),
    ] {
        assert_eq!(crc32c::crc32c(bytes), expected);
        assert_eq!(crc32c_by_definition(bytes), expected);
    }
    assert_eq!(masked_crc32c(b"123456789"), masked(0xe306_9283));
}

/// A field of a message: number and value.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Integer(u64),
    Double(f64),
    Float(f32),
    Bytes(Vec<u8>),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Value)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => Value::Integer(varint(&mut bytes)),
            1 => Value::Double(f64::from_le_bytes(bytes.split_off(..8).unwrap().try_into().unwrap())),
            2 => {
                let length = varint(&mut bytes) as usize;
                Value::Bytes(bytes.split_off(..length).unwrap().to_vec())
            }
            5 => Value::Float(f32::from_le_bytes(bytes.split_off(..4).unwrap().try_into().unwrap())),
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, value));
    }
    fields
}

fn field(message: &[u8], number: u64) -> Option<Value> {
    fields(message).into_iter().find(|(found, _)| *found == number).map(|(_, value)| value)
}

fn nested(message: &[u8], number: u64) -> Vec<u8> {
    match field(message, number) {
        Some(Value::Bytes(bytes)) => bytes,
        other => panic!("{other:?}"),
    }
}

/// The events of a file, their checksums checked.
fn events(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let mut take = |count: usize| bytes.split_off(..count).unwrap();
        let length = take(8);
        let length_crc = u32::from_le_bytes(take(4).try_into().unwrap());
        assert_eq!(length_crc, masked(crc32c_by_definition(length)));
        let data = take(u64::from_le_bytes(length.try_into().unwrap()) as usize);
        let data_crc = u32::from_le_bytes(take(4).try_into().unwrap());
        assert_eq!(data_crc, masked(crc32c_by_definition(data)));
        events.push(data.to_vec());
    }
    events
}

fn only_file(folder: &Path) -> Vec<u8> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let path = files.pop().unwrap();
    assert!(path.file_name().unwrap().to_str().unwrap().starts_with("events.out.tfevents."));
    fs::read(path).unwrap()
}

#[test]
fn rows_and_pictures_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = EventFile::create(folder.path(), 0).unwrap();
    let losses = Losses { generator: Some(-1.25), penalty: Some(0.5), ..Losses::default() };
    let scores = Scores { generated_mean_iou: 0.75, ..Scores::default() };
    file.row(&LogRow { step: 300, images_per_s: 12.5, losses, scores: Some(scores), ..LogRow::default() });
    file.row(&LogRow { step: 301, losses, ..LogRow::default() });
    let png = vec![0x89; 200];
    file.image(302, "samples", (40, 30), &png);

    let mut events = events(&only_file(folder.path()));
    // The start of a session has a test of its own.
    drop(events.remove(1));
    assert_eq!(nested(&events[0], 3), b"brain.Event:2");
    let Some(Value::Double(time)) = field(&events[0], 1) else { panic!("no time") };
    assert!((now_s() - time).abs() < 1000.0);

    assert_eq!(field(&events[1], 2), Some(Value::Integer(300)));
    let scalars = |event: &[u8]| -> Vec<(String, Value)> {
        let values = fields(&nested(event, 5)).into_iter().map(|(_, value)| value);
        let scalar = |value| match value {
            Value::Bytes(value) => (String::from_utf8(nested(&value, 1)).unwrap(), field(&value, 2).unwrap()),
            other => panic!("{other:?}"),
        };
        values.map(scalar).collect()
    };
    let all = scalars(&events[1]);
    for (tag, value) in [
        ("loss/generator", -1.25),
        ("loss/penalty", 0.5),
        ("score/generated_mean_iou", 0.75),
        ("score/real_mean_iou", 0.0),
        ("speed/images_per_s", 12.5),
    ] {
        assert!(all.contains(&(tag.to_owned(), Value::Float(value))), "{tag}: {all:?}");
    }
    assert_eq!(scalars(&events[2]).iter().filter(|(tag, _)| tag.starts_with("score/")).count(), 0);

    let value = nested(&nested(&events[3], 5), 1);
    assert_eq!(nested(&value, 1), b"samples");
    let image = nested(&value, 4);
    let sides = [1, 2, 3].map(|number| field(&image, number).unwrap());
    assert_eq!(sides, [30, 40, 3].map(Value::Integer));
    assert_eq!(nested(&image, 4), png);
    assert_eq!(events.len(), 4);
}

#[test]
fn a_resumed_run_starts_a_file_that_voids_what_came_later() {
    let folder = tempfile::tempdir().unwrap();
    drop(EventFile::create(folder.path(), 70_000).unwrap());
    let events = events(&only_file(folder.path()));
    assert_eq!(field(&events[1], 2), Some(Value::Integer(70_001)));
    assert_eq!(field(&nested(&events[1], 7), 1), Some(Value::Integer(1)));
    drop(EventFile::create(folder.path(), 3).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
