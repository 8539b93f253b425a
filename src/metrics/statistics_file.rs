//! Mean and covariance of Inception features in a file: `.npz` with `mu` and `sigma`, as pytorch-fid writes and reads it.
//!
//! A third entry, `scgan.json`, says what foreign files leave out: how many pictures, which weights.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use flate2::read::DeflateDecoder;
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::frechet::Gaussian;
use crate::atomic_file::{read_capped, write_atomic};

/// Longest file that is read; one of 2048 features has 34 MB.
const MAX_FILE_BYTES: u64 = 256 << 20;
/// Longest entry that tells where the statistics come from.
const MAX_ORIGIN_BYTES: u64 = 1 << 20;
/// Largest difference between the two halves of a covariance, as a part of its largest value.
const ASYMMETRY: f64 = 1e-5;
const MEAN: &str = "mu.npy";
const COVARIANCE: &str = "sigma.npy";
const ORIGIN: &str = "scgan.json";
/// How every `.npy` starts.
const NPY_MAGIC: &[u8] = b"\x93NUMPY";

/// Where statistics come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// Number of pictures.
    pub samples: Option<usize>,
    /// SHA-256 of the weights' file.
    pub weights_sha256: Option<String>,
    /// The pictures, in words.
    pub pictures: Option<String>,
    /// Side of the pictures before the network's own resizing, in px.
    pub resolution: Option<usize>,
    /// FID from one half of the pictures to the other.
    pub real_vs_real: Option<f64>,
    /// Pictures in each half.
    pub real_vs_real_samples: usize,
}

/// A statistics file could not be read or written. Every message starts with the file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct StatisticsError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: StatisticsProblem,
}

/// What is wrong with a statistics file.
#[derive(Debug, thiserror::Error)]
pub enum StatisticsProblem {
    /// The system could not read or write it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No archive.
    #[error("no statistics in .npz ({0}); make the file again, with --stats or with pytorch-fid")]
    Container(#[from] zip::result::ZipError),
    /// The archive holds something else.
    #[error("no statistics of features: {0}; make the file again, with --stats or with pytorch-fid")]
    Content(String),
    /// What to write is not in order.
    #[error("its description cannot be written: {0}")]
    Origin(#[from] serde_json::Error),
}

/// Reads statistics of `length` features.
///
/// # Errors
/// The file cannot be read, is damaged or hostile, or of other features.
pub fn read(path: &Path, length: usize) -> Result<(Gaussian, Origin), StatisticsError> {
    let read = || {
        let bytes = read_capped(path, MAX_FILE_BYTES)?;
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let mean = array(&mut archive, MEAN, &[length])?;
        let covariance = array(&mut archive, COVARIANCE, &[length, length])?;
        check_symmetric(&covariance, length)?;
        let origin = match entry(&mut archive, ORIGIN, MAX_ORIGIN_BYTES)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| content(format!("`{ORIGIN}`: {error}")))?,
            None => Origin::default(),
        };
        Ok((Gaussian { mean, covariance, samples: origin.samples }, origin))
    };
    read().map_err(|problem| StatisticsError { file: path.display().to_string(), problem })
}

/// Writes statistics, atomically.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, gaussian: &Gaussian, origin: &Origin) -> Result<(), StatisticsError> {
    let write = || {
        let length = gaussian.mean.len();
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let parts = [
            (MEAN, npy(&gaussian.mean, &format!("({length},)"))),
            (COVARIANCE, npy(&gaussian.covariance, &format!("({length}, {length})"))),
            (ORIGIN, serde_json::to_vec_pretty(origin)?),
        ];
        for (name, bytes) in parts {
            archive.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
            archive.write_all(&bytes)?;
        }
        Ok(write_atomic(path, archive.finish()?.get_ref())?)
    };
    write().map_err(|problem| StatisticsError { file: path.display().to_string(), problem })
}

fn content(message: String) -> StatisticsProblem {
    StatisticsProblem::Content(message)
}

/// An entry of at most `limit` bytes; none if the archive has none of that name.
fn entry(
    archive: &mut ZipArchive<Cursor<Vec<u8>>>,
    name: &str,
    limit: u64,
) -> Result<Option<Vec<u8>>, StatisticsProblem> {
    let Some(index) = archive.index_for_name(name) else { return Ok(None) };
    let entry = archive.by_index_raw(index)?;
    let (mut bytes, compression) = (Vec::new(), entry.compression());
    match compression {
        CompressionMethod::Stored => entry.take(limit + 1).read_to_end(&mut bytes)?,
        CompressionMethod::Deflated => DeflateDecoder::new(entry).take(limit + 1).read_to_end(&mut bytes)?,
        other => return Err(content(format!("`{name}` is compressed by {other}"))),
    };
    if bytes.len() as u64 > limit {
        return Err(content(format!("`{name}` is longer than the {limit} bytes it may have")));
    }
    Ok(Some(bytes))
}

/// An array of that shape, f32 or f64.
fn array(
    archive: &mut ZipArchive<Cursor<Vec<u8>>>,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f64>, StatisticsProblem> {
    let count: usize = shape.iter().product();
    // A header is padded to a multiple of 64 bytes and has about a hundred.
    let limit = 8 * count as u64 + (1 << 16);
    let bytes = entry(archive, name, limit)?.ok_or_else(|| content(format!("it has no `{name}`")))?;
    let (header, data) = header_and_data(&bytes).ok_or_else(|| content(format!("`{name}` is no array")))?;
    let sides: Vec<String> = shape.iter().map(usize::to_string).collect();
    let found = between(header, "'shape':", ")").map(|found| found.trim_start_matches([' ', '(']).to_owned());
    if found.as_deref().map(numbers) != Some(sides.clone()) {
        let found = found.unwrap_or_else(|| "unknown".to_owned());
        let expected = sides.join(" × ");
        return Err(content(format!("`{name}` has the shape ({}), expected {expected}", found.escape_debug())));
    }
    let values: Vec<f64> = match between(header, "'descr': '", "'").unwrap_or_default() {
        "<f8" => data.as_chunks().0.iter().map(|&value| f64::from_le_bytes(value)).collect(),
        "<f4" => data.as_chunks().0.iter().map(|&value| f64::from(f32::from_le_bytes(value))).collect(),
        other => {
            return Err(content(format!("`{name}` has values of type `{}`, expected f4 or f8", other.escape_debug())));
        }
    };
    if values.len() != count || values.iter().any(|value| !value.is_finite()) {
        return Err(content(format!("`{name}` is cut off or has values that are not numbers")));
    }
    Ok(values)
}

fn numbers(tuple: &str) -> Vec<String> {
    tuple.split(',').map(|side| side.trim().to_owned()).filter(|side| !side.is_empty()).collect()
}

/// The dictionary of a `.npy`, and what follows.
fn header_and_data(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(NPY_MAGIC)?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version {
        [1, _] => rest.split_first_chunk().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest))?,
        [2 | 3, _] => rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length as usize)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    Some(&rest[..rest.find(end)?])
}

/// A covariance stored by rows or by columns is the same, but only if it is one.
fn check_symmetric(covariance: &[f64], size: usize) -> Result<(), StatisticsProblem> {
    let largest = covariance.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    let at = |row: usize, column: usize| covariance[row * size + column];
    let uneven = |row: usize| (0..row).any(|column| (at(row, column) - at(column, row)).abs() > ASYMMETRY * largest);
    if (0..size).any(|row| at(row, row) < 0.0 || uneven(row)) {
        return Err(content("its covariance is not symmetric, or has negative variances".to_owned()));
    }
    Ok(())
}

fn npy(values: &[f64], shape: &str) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    // Magic, version, length and header end at a multiple of 64.
    let padded = (NPY_MAGIC.len() + 4 + header.len() + 1).next_multiple_of(64) - NPY_MAGIC.len() - 4;
    header.extend(std::iter::repeat_n(' ', padded - 1 - header.len()));
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    let mut bytes = [NPY_MAGIC, &[1, 0], &length, header.as_bytes()].concat();
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::PathBuf;

    use super::*;

    fn sample() -> (Gaussian, Origin) {
        let origin = Origin {
            samples: Some(12),
            weights_sha256: Some("ab".repeat(32)),
            pictures: Some("photos/".to_owned()),
            resolution: Some(128),
            real_vs_real: Some(0.25),
            real_vs_real_samples: 6,
        };
        let covariance = vec![2.0, -0.5, 0.25, -0.5, 1.0, 0.0, 0.25, 0.0, 3.0];
        (Gaussian { mean: vec![1.0, -2.5, 1e-9], covariance, samples: Some(12) }, origin)
    }

    fn problem(path: &Path, length: usize) -> String {
        let error = read(path, length).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()) && !error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("real.npz");
        let (gaussian, origin) = sample();
        write(&path, &gaussian, &origin).unwrap();
        assert_eq!(read(&path, 3).unwrap(), (gaussian, origin));
        assert!(problem(&path, 4).contains("`mu.npy` has the shape (3,), expected 4"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// `np.savez` and `np.savez_compressed`, the second with f4 and by columns.
    #[test]
    fn what_numpy_writes_is_read() {
        let fixture =
            |name: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inception").join(name);
        let (expected, _) = sample();
        for name in ["statistics.npz", "statistics_compressed.npz"] {
            let (found, origin) = read(&fixture(name), 3).unwrap();
            assert_eq!((found.samples, origin), (None, Origin::default()));
            let pairs = found.mean.iter().zip(&expected.mean).chain(found.covariance.iter().zip(&expected.covariance));
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-7, "{name}: {found} {expected}");
            }
        }
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.npz");
        assert!(problem(&path, 3).contains("os error") || !path.exists());
        std::fs::write(&path, b"no archive").unwrap();
        assert!(problem(&path, 3).contains("no statistics in .npz"));
        let (mut gaussian, origin) = sample();
        gaussian.covariance[1] = 7.0;
        write(&path, &gaussian, &origin).unwrap();
        assert!(problem(&path, 3).contains("not symmetric"));
        gaussian.covariance[1] = f64::NAN;
        write(&path, &gaussian, &origin).unwrap();
        assert!(problem(&path, 3).contains("not numbers"));
    }

    #[test]
    fn damaged_files_are_survived() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.npz");
        let (gaussian, origin) = sample();
        write(&path, &gaussian, &origin).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        crate::hostile::survives(&bytes, 52, |bytes| {
            std::fs::write(&path, bytes).unwrap();
            let _ = read(&path, 3);
        });
    }
}
