//! Any data set as a plain folder or as packed shards.
//!
//! All is written into a hidden folder beside the destination, made durable, and renamed at the end: what stands at the destination
//! is complete. A process that is killed leaves that hidden folder, `.NAME.….part`, which may be deleted; it does not even open
//! as a data set, because what makes it one is written last.

mod staging;
#[cfg(test)]
mod tests;

pub use super::folder_writer::ImageEncoding;

pub(crate) use self::staging::Staging;
use super::folder_writer::{Stems, row, table};
use super::in_order::{Progress, in_order};
use super::shards::{self, ShardWriter};
use super::{DataError, Sample, SampleSource};
use crate::label_image::{MAX_SIDE, encode_mask_png};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

/// What a data set becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `images/`, `masks/`, `attributes.csv` and `taxonomy.ron`, which people and other programs can read.
    Folder(ImageEncoding),
    /// Packed shards, which load fastest.
    Shards,
}

/// How a data set is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it becomes.
    pub format: Format,
    /// Side of the samples in pixels, at least 1: at most 8192 in a folder, 2048 in shards.
    pub resolution: u32,
    /// Take only so many samples, from the first.
    pub limit: Option<usize>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Converted {
    /// Number of samples.
    pub samples: usize,
    /// Number of files.
    pub files: usize,
    /// Length of all files together.
    pub bytes: u64,
}

/// Writes the samples of `source` to `destination`, a path where nothing is or an empty folder. `progress` is told how many are
/// done and may break off; then, and after any error, nothing is left at the destination.
///
/// # Errors
/// The destination is taken or cannot be written, the resolution is out of range, a sample cannot be read, or
/// [`DataError::Cancelled`].
pub fn convert(
    source: &dyn SampleSource,
    destination: &Path,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<Converted, DataError> {
    let largest = match plan.format {
        Format::Folder(_) => MAX_SIDE,
        Format::Shards => shards::MAX_RESOLUTION,
    };
    if !(1..=largest).contains(&plan.resolution) {
        let problem = format!("samples of {} px are asked for; expected 1–{largest}", plan.resolution);
        return Err(DataError::content(destination, problem));
    }
    let len = source.len().min(plan.limit.unwrap_or(usize::MAX));
    let staging = Staging::beside(destination)?;
    let work = Conversion { source, folder: staging.folder(), resolution: plan.resolution, len };
    let converted = match plan.format {
        Format::Folder(encoding) => work.to_folder(encoding, progress)?,
        Format::Shards => work.to_shards(progress)?,
    };
    staging.publish()?;
    Ok(converted)
}

struct Conversion<'a> {
    source: &'a dyn SampleSource,
    /// Where it is written.
    folder: &'a Path,
    resolution: u32,
    len: usize,
}

impl Conversion<'_> {
    fn sample(&self, index: usize) -> Result<Sample, DataError> {
        self.source.sample(index, self.resolution)
    }

    fn to_shards(&self, progress: &mut Progress<'_>) -> Result<Converted, DataError> {
        let mut writer = ShardWriter::new(self.folder, self.source.taxonomy(), self.resolution, self.len)?;
        let pack = |index| {
            let sample = self.sample(index)?;
            // What is packed wrongly could not be read back.
            sample.check(index, self.source.taxonomy(), self.resolution)?;
            Ok(shards::encode(&sample))
        };
        in_order("converter", self.len, pack, |_, record| writer.push(record?), progress)?;
        let (files, bytes) = writer.finish()?;
        Ok(Converted { samples: self.len, files, bytes })
    }

    fn to_folder(&self, encoding: ImageEncoding, progress: &mut Progress<'_>) -> Result<Converted, DataError> {
        let taxonomy = self.source.taxonomy();
        let [images, masks] = ["images", "masks"].map(|name| self.folder.join(name));
        for folder in [&images, &masks] {
            fs::create_dir(folder).map_err(DataError::io(folder))?;
        }
        let encode = |index| {
            let sample = self.sample(index)?;
            sample.check(index, taxonomy, self.resolution)?;
            let name = Path::new(&sample.name);
            let image = encoding.encode(&sample.image).map_err(|error| DataError::content(name, error.to_string()))?;
            let mask = encode_mask_png(&sample.labels, taxonomy)
                .map_err(|source| DataError::Mask { path: name.to_path_buf(), source })?;
            Ok((sample.name, sample.attributes, image, mask))
        };
        let (mut stems, mut files, mut rows, mut bytes) = (Stems::default(), Vec::new(), Vec::new(), 0);
        in_order(
            "converter",
            self.len,
            encode,
            |_, encoded| {
                let (name, attributes, image, mask) = encoded?;
                let stem = stems.free(&name);
                let image_name = format!("{stem}.{}", encoding.extension());
                for (path, content) in [(images.join(&image_name), image), (masks.join(format!("{stem}.png")), mask)] {
                    fs::write(&path, &content).map_err(DataError::io(&path))?;
                    bytes += content.len() as u64;
                    files.push(path);
                }
                rows.push(row(&image_name, attributes));
                Ok(())
            },
            progress,
        )?;
        let taxonomy_file = self.folder.join("taxonomy.ron");
        let wrong = |source| DataError::Taxonomy { path: taxonomy_file.clone(), source: Box::new(source) };
        let mut last = vec![(taxonomy_file.clone(), taxonomy.to_ron().map_err(wrong)?)];
        if taxonomy.n_attributes() > 0 {
            last.push((self.folder.join("attributes.csv"), table(taxonomy, &rows)));
        }
        for (path, text) in last {
            fs::write(&path, &text).map_err(DataError::io(&path))?;
            bytes += text.len() as u64;
            files.push(path);
        }
        sync_all(&files, self.len, progress)?;
        Ok(Converted { samples: self.len, files: files.len(), bytes })
    }
}

/// Makes the files durable before the rename says that they are there.
fn sync_all(files: &[PathBuf], len: usize, progress: &mut Progress<'_>) -> Result<(), DataError> {
    let sync = |index: usize| {
        let path = &files[index];
        OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all()).map_err(DataError::io(path))
    };
    in_order("converter", files.len(), sync, |_, synced| synced, &mut |_, _| progress(len, len))
}
