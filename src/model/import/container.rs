//! Looks at what a checkpoint's container claims before anything of it is read: three forms, none of them trusted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::error::ImportProblem;
use super::pickle_walk::{PickleWalk, invalid, skip};

/// Largest file whose tensors are read one at a time: a checkpoint of all three full-size networks and their optimisers
/// has 0.8 GB.
const MAX_FILE_BYTES: u64 = 4 << 30;
/// Largest tar file, which is held in memory.
const MAX_TAR_BYTES: u64 = 512 << 20;
/// Longest pickle of a zip file; that of a checkpoint with optimiser states has 0.1 MB.
const MAX_PICKLE_BYTES: u64 = 8 << 20;
/// Most files in a zip file: one per tensor.
const MAX_ENTRIES: usize = 1 << 16;
/// Where a tar file has `ustar`.
const TAR_MAGIC_AT: usize = 257;
/// How the magic number opens a stream: 10 bytes in a pickle of protocol 2 or later.
const STREAM_MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// Pickles before the numbers of a stream: magic number, version, system, object, keys.
const STREAM_PICKLES: usize = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Since PyTorch 1.6.
    Zip,
    /// Before 0.1.10.
    Tar,
    /// Between them, and whatever else there is.
    Stream,
}

fn form(head: &[u8]) -> Form {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Form::Zip
    } else if head.get(TAR_MAGIC_AT..TAR_MAGIC_AT + 5) == Some(b"ustar") {
        Form::Tar
    } else {
        Form::Stream
    }
}

/// Whether a file that begins like this is a PyTorch checkpoint.
pub(crate) fn is_checkpoint(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64)];
    form(bytes) != Form::Stream || head.windows(STREAM_MAGIC.len()).any(|window| window == STREAM_MAGIC)
}

/// Checks what the container claims, and gives the length of the file in bytes.
pub(super) fn check(path: &Path) -> Result<u64, ImportProblem> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut head = Vec::new();
    file.by_ref().take((TAR_MAGIC_AT + 5) as u64).read_to_end(&mut head)?;
    file.rewind()?;
    let form = form(&head);
    let limit = if form == Form::Tar { MAX_TAR_BYTES } else { MAX_FILE_BYTES };
    within("the file", bytes, limit)?;
    let file = BufReader::new(file);
    match form {
        Form::Zip => check_zip(file, bytes)?,
        Form::Tar => check_tar(file).map_err(damaged)?,
        Form::Stream => check_stream(file).map_err(damaged)?,
    }
    Ok(bytes)
}

fn within(what: &str, claimed: u64, limit: u64) -> Result<(), ImportProblem> {
    if claimed > limit { Err(ImportProblem::TooLarge { what: what.to_owned(), claimed, limit }) } else { Ok(()) }
}

fn damaged(error: io::Error) -> ImportProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ImportProblem::Container("it is cut off or something else".to_owned()),
        _ => ImportProblem::Container(error.to_string()),
    }
}

/// `torch.save` never compresses, so every part must be as large as it says, and within the file.
fn check_zip(file: BufReader<File>, bytes: u64) -> Result<(), ImportProblem> {
    let foreign = |error: zip::result::ZipError| ImportProblem::Container(error.to_string());
    let mut walk = PickleWalk::new();
    let mut archive = ZipArchive::new(file).map_err(foreign)?;
    within("the number of parts", archive.len() as u64, MAX_ENTRIES as u64)?;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(foreign)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.compression() != CompressionMethod::Stored {
            let message = format!("its part `{}` is compressed, which PyTorch never does", name.escape_debug());
            return Err(ImportProblem::Container(message));
        }
        let limit = if name.ends_with(".pkl") { MAX_PICKLE_BYTES.min(bytes) } else { bytes };
        within(&format!("the part `{}`", name.escape_debug()), entry.size(), limit)?;
        drop(entry);
        if name.ends_with(".pkl") {
            let mut part = BufReader::new(archive.by_index(index).map_err(foreign)?);
            walk.pass(&mut part).map_err(damaged)?;
        }
    }
    Ok(())
}

fn check_stream(mut file: BufReader<File>) -> io::Result<()> {
    let mut walk = PickleWalk::new();
    for number in 0..STREAM_PICKLES {
        walk.pass(&mut file)?;
        if number == 0 && file.fill_buf()?.is_empty() {
            return Err(invalid("it is a pickle without tensors"));
        }
    }
    Ok(())
}

fn check_tar(file: BufReader<File>) -> io::Result<()> {
    let mut walk = PickleWalk::new();
    let mut archive = tar::Archive::new(file);
    for entry in archive.entries()? {
        let entry = entry?;
        // A sparse entry can claim any number of zeros.
        let kind = entry.header().entry_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(invalid("it has parts that are no plain files"));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
        let mut part = BufReader::new(entry);
        match name.as_str() {
            "sys_info" | "pickle" => drop(walk.pass(&mut part)?),
            "storages" => check_tar_storages(&mut walk, &mut part)?,
            "tensors" => check_tar_tensors(&mut walk, &mut part)?,
            _ => {}
        }
    }
    Ok(())
}

/// A pickle with their number; then for each a pickle and its numbers; then a pickle with views of them.
fn check_tar_storages(walk: &mut PickleWalk, part: &mut impl BufRead) -> io::Result<()> {
    walk.pass(part)?;
    loop {
        let class = walk.pass(part)?;
        if part.fill_buf()?.is_empty() {
            return Ok(());
        }
        let size: u64 = match class.as_deref() {
            Some("DoubleStorage" | "LongStorage") => 8,
            Some("FloatStorage" | "IntStorage") => 4,
            Some("HalfStorage" | "BFloat16Storage" | "ShortStorage") => 2,
            Some("CharStorage" | "ByteStorage" | "BoolStorage") => 1,
            _ => return Err(invalid("it has numbers of an unknown type")),
        };
        let count = u64::from_le_bytes(read_array(part)?);
        skip(part, count.checked_mul(size).ok_or_else(|| invalid("it claims endless numbers"))?)?;
    }
}

/// A pickle with their number; then for each a pickle, its rank, and its sides, strides and place.
fn check_tar_tensors(walk: &mut PickleWalk, part: &mut impl BufRead) -> io::Result<()> {
    walk.pass(part)?;
    while !part.fill_buf()?.is_empty() {
        walk.pass(part)?;
        let rank = u32::from_le_bytes(read_array(part)?);
        skip(part, 4 + 8 * (2 * u64::from(rank) + 1))?;
    }
    Ok(())
}

fn read_array<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
