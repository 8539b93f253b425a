//! A file mapped into memory.

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;

/// A file's bytes, loaded by the system when they are looked at.
pub(super) struct MappedFile {
    file: File,
    map: Mmap,
}

impl MappedFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        #[expect(unsafe_code, reason = "there is no safe way to map a file")]
        // SAFETY: the bytes must not change under the map. Shards are never written in place: they are made in a folder of another
        // name that is renamed when they are complete, so a new one is another file. Bytes that another program changes all the same
        // are read as bytes, behind a checksum; nothing relies on reading the same ones twice. A file that was cut off is
        // noticed by `get` before its pages are touched.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { file, map })
    }

    pub(super) fn whole(&self) -> &[u8] {
        &self.map
    }

    /// `len` bytes from `offset`, which lie within the file as it was opened. Touching pages of a file that has become shorter
    /// would end the program, so its length is asked for each time; that costs well below a microsecond.
    pub(super) fn get(&self, offset: u64, len: u64) -> io::Result<&[u8]> {
        let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter since it was opened");
        if self.file.metadata()?.len() < self.map.len() as u64 {
            return Err(cut());
        }
        let (start, len) =
            (usize::try_from(offset).map_err(io::Error::other)?, usize::try_from(len).map_err(io::Error::other)?);
        let end = start.checked_add(len).filter(|end| *end <= self.map.len()).ok_or_else(cut)?;
        // One read for a record that is not in memory yet, instead of one per page touched. It is advice: failing, it costs time.
        #[cfg(unix)]
        let _ = self.map.advise_range(memmap2::Advice::WillNeed, start, len);
        Ok(&self.map[start..end])
    }
}
