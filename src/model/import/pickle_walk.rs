//! Walks over pickles without building what they describe, to know beforehand how much that is.
//!
//! One byte of a pickle can become an object of a hundred bytes in memory, so a file of a gigabyte could ask for all of
//! a machine's. The reader has no limit on their number; this walk has.

use std::io::{self, BufRead, Read};

/// Most instructions in all pickles of a file. A checkpoint with optimiser states has some ten thousand.
const MAX_INSTRUCTIONS: usize = 1 << 20;
/// Longest line of the text instructions, in bytes.
const MAX_LINE_BYTES: u64 = 1 << 16;

/// What is left of a file's allowance.
pub(super) struct PickleWalk {
    left: usize,
}

impl PickleWalk {
    pub(super) fn new() -> Self {
        Self { left: MAX_INSTRUCTIONS }
    }

    /// Goes to the end of one pickle and gives the name of the last class in it.
    ///
    /// # Errors
    /// The input ends too soon, is no pickle, or has too many instructions.
    pub(super) fn pass(&mut self, input: &mut impl BufRead) -> io::Result<Option<String>> {
        let mut class = None;
        loop {
            self.left = self.left.checked_sub(1).ok_or_else(|| invalid("its pickle has too many instructions"))?;
            match byte(input)? {
                b'.' => return Ok(class),
                b'('
                | b'0'
                | b'1'
                | b'2'
                | b'N'
                | b'R'
                | b'b'
                | b'd'
                | b'l'
                | b't'
                | b's'
                | b'a'
                | b')'
                | b']'
                | b'}'
                | b'e'
                | b'u'
                | b'Q'
                | b'o'
                | 0x81
                | 0x85..=0x89
                | 0x8f..=0x94 => {}
                b'K' | b'h' | b'q' | 0x80 => skip(input, 1)?,
                b'M' => skip(input, 2)?,
                b'J' | b'j' | b'r' => skip(input, 4)?,
                b'G' | 0x95 => skip(input, 8)?,
                b'U' | b'C' | 0x8a | 0x8c => skip_counted(input, 1)?,
                b'T' | b'X' | b'B' | 0x8b => skip_counted(input, 4)?,
                0x8d | 0x8e | 0x96 => skip_counted(input, 8)?,
                b'I' | b'L' | b'F' | b'V' | b'S' | b'g' | b'p' | b'P' => drop(line(input)?),
                b'c' => {
                    line(input)?;
                    class = Some(line(input)?);
                }
                other => return Err(invalid(&format!("its pickle has the unknown instruction {other:#04x}"))),
            }
        }
    }
}

pub(super) fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn byte(input: &mut impl BufRead) -> io::Result<u8> {
    let mut one = [0];
    input.read_exact(&mut one)?;
    Ok(one[0])
}

/// Passes over `count` bytes, which must be there.
pub(super) fn skip(input: &mut impl BufRead, count: u64) -> io::Result<()> {
    match io::copy(&mut input.take(count), &mut io::sink())? {
        passed if passed == count => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Passes over bytes that are preceded by their number, itself `width` bytes long.
fn skip_counted(input: &mut impl BufRead, width: usize) -> io::Result<()> {
    let mut count = [0; 8];
    input.read_exact(&mut count[..width])?;
    skip(input, u64::from_le_bytes(count))
}

fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)?;
    match bytes.pop() {
        Some(b'\n') => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Err(invalid("its pickle has a line without end")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pickle_is_passed_over_to_its_last_byte() {
        let text = b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01ctorch\nFloatStorage\nU\x02xyu.rest";
        let mut input = &text[..];
        assert_eq!(PickleWalk::new().pass(&mut input).unwrap().as_deref(), Some("FloatStorage"));
        assert_eq!(input, b"rest");
    }

    #[test]
    fn too_many_instructions_and_cut_off_ones_are_errors() {
        let many = vec![b'N'; MAX_INSTRUCTIONS + 1];
        assert!(PickleWalk::new().pass(&mut &many[..]).unwrap_err().to_string().contains("too many"));
        for cut in [&b"\x80"[..], b"X\xff\xff\xff\x7fabc", b"ctorch\nFloat", b"N", b"\xfe"] {
            assert!(PickleWalk::new().pass(&mut &cut[..]).is_err(), "{cut:?}");
        }
        // The allowance is the file's, not the pickle's.
        let half = [vec![b'N'; MAX_INSTRUCTIONS * 2 / 3], vec![b'.']].concat();
        let mut walk = PickleWalk::new();
        walk.pass(&mut &half[..]).unwrap();
        assert!(walk.pass(&mut &half[..]).is_err());
    }
}
