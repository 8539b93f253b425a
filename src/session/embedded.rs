//! A session inside a PNG: dropping the picture back resumes the work.
//!
//! The session's text lies in a compressed international text chunk (`iTXt`) with the keyword `scgan-session`, right
//! behind the header, where other programs ignore it.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::MAX_BYTES;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORD: &[u8] = b"scgan-session\0";
/// Compressed by zlib; no language, no translated keyword.
const FLAGS: &[u8] = &[1, 0, 0, 0];
/// Length, type and checksum of a chunk.
const CHUNK_FRAME: usize = 12;
/// The signature and the header chunk, which every PNG begins with.
const HEADER_BYTES: usize = 8 + CHUNK_FRAME + 13;

/// Why the session in a PNG can't be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmbeddedSessionError {
    /// The chunk says it is a session but its bytes are no text.
    #[error("the session inside the picture is damaged; open another copy of the picture")]
    Damaged,
    /// The text is longer than a session may be.
    #[error("the session inside the picture is longer than {MAX_BYTES} bytes, which no session is")]
    TooLong,
}

/// The PNG with the session's text inside.
pub(super) fn with_session_text(png: &[u8], text: &str) -> io::Result<Vec<u8>> {
    if !png.starts_with(SIGNATURE) || png.len() < HEADER_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no PNG to put a session into"));
    }
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(text.as_bytes())?;
    let data = [KEYWORD, FLAGS, &compressed.finish()?].concat();
    let chunk = [b"iTXt", data.as_slice()].concat();
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut out = Vec::with_capacity(png.len() + data.len() + CHUNK_FRAME);
    out.extend_from_slice(&png[..HEADER_BYTES]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&chunk);
    out.extend_from_slice(&checksum(&chunk).to_be_bytes());
    out.extend_from_slice(&png[HEADER_BYTES..]);
    Ok(out)
}

/// The text of the session inside a PNG; `None` when there is none, or when these bytes are no PNG.
///
/// # Errors
/// There is one, but it is damaged or longer than [`MAX_BYTES`].
pub fn session_text_in_png(png: &[u8]) -> Result<Option<String>, EmbeddedSessionError> {
    let Some(mut rest) = png.strip_prefix(SIGNATURE) else { return Ok(None) };
    while let Some((chunk, after)) = next_chunk(rest) {
        let (kind, data) = chunk.split_at(4);
        if kind == b"iTXt"
            && let Some(data) = data.strip_prefix(KEYWORD)
        {
            let sound = after.intact.then_some(data).ok_or(EmbeddedSessionError::Damaged)?;
            return inflate(sound).map(Some);
        }
        rest = after.rest;
    }
    Ok(None)
}

/// What follows a chunk.
struct After<'a> {
    /// Whether the chunk's checksum is right.
    intact: bool,
    rest: &'a [u8],
}

/// The next chunk's type and data; `None` at the end or where the file is cut off.
fn next_chunk(bytes: &[u8]) -> Option<(&[u8], After<'_>)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(4)?;
    let (chunk, rest) = rest.split_at_checked(length)?;
    let (expected, rest) = rest.split_first_chunk()?;
    Some((chunk, After { intact: checksum(chunk) == u32::from_be_bytes(*expected), rest }))
}

fn checksum(chunk: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(chunk);
    crc.sum()
}

fn inflate(data: &[u8]) -> Result<String, EmbeddedSessionError> {
    let compressed = data.strip_prefix(FLAGS).ok_or(EmbeddedSessionError::Damaged)?;
    let mut text = Vec::new();
    let most = MAX_BYTES as u64 + 1;
    ZlibDecoder::new(compressed).take(most).read_to_end(&mut text).map_err(|_| EmbeddedSessionError::Damaged)?;
    if text.len() > MAX_BYTES {
        return Err(EmbeddedSessionError::TooLong);
    }
    String::from_utf8(text).map_err(|_| EmbeddedSessionError::Damaged)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder as _};

    use super::*;
    use crate::hostile::survives;

    fn png() -> Vec<u8> {
        let mut png = Vec::new();
        let pixels: Vec<u8> = (0..16 * 9 * 4).map(|i| (i * 31 % 251) as u8).collect();
        PngEncoder::new(&mut png).write_image(&pixels, 16, 9, ExtendedColorType::Rgba8).unwrap();
        png
    }

    #[test]
    fn the_text_comes_back_and_the_picture_stays() {
        let plain = png();
        assert_eq!(session_text_in_png(&plain), Ok(None));
        assert_eq!(session_text_in_png(b"no PNG"), Ok(None));
        let text = "(version: 2) // Straße 絵 ".repeat(500);
        let with = with_session_text(&plain, &text).unwrap();
        assert_eq!(session_text_in_png(&with).unwrap().unwrap(), text);
        assert!(with.len() < plain.len() + text.len() / 10, "compressed");
        let picture = |png: &[u8]| image::load_from_memory(png).unwrap().into_rgba8();
        assert_eq!(picture(&with), picture(&plain));
        assert!(with_session_text(b"no PNG", &text).is_err());
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let bomb = with_session_text(&png(), &" ".repeat(MAX_BYTES + 1)).unwrap();
        assert_eq!(session_text_in_png(&bomb), Err(EmbeddedSessionError::TooLong));
        let mut damaged = with_session_text(&png(), "text").unwrap();
        damaged[HEADER_BYTES + 30] ^= 1;
        assert_eq!(session_text_in_png(&damaged), Err(EmbeddedSessionError::Damaged));
        let good = with_session_text(&png(), &"some text ".repeat(40)).unwrap();
        survives(&good, 5, |bytes| drop(session_text_in_png(bytes)));
    }
}
