//! Images and masks of the Fashion Synthesis Benchmark's HDF5 file, read one by one.

use super::DataError;
use crate::label_image::{LabelImage, MAX_SIDE};
use crate::panic_message::panic_message;
use hdf5_pure::{ChunkCacheConfig, DType, Dataset, DatasetAccessProperties, File};
use image::{Rgb, RgbImage};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const IMAGES: &str = "ih";
const MEAN: &str = "ih_mean";
const MASKS: &str = "b_";
/// The longest side of a plane that is believed. The benchmark's are 128.
const MAX_PLANE_SIDE: u64 = 1024;
const MAX_CHUNK_BYTES: u64 = 256 << 20;
/// Unpacked chunks kept per data set, for files that pack several images into one.
const CACHE_BYTES: usize = 64 << 20;

/// The file, of which each read takes only the chunks of one image. It can be read from several threads at once.
///
/// `/ih` (N, 3, W, H) is the images minus their mean, `/ih_mean` (1, 3, W, H) or (3, W, H) the mean, `/b_` (N, 1, W, H) the
/// masks. Every plane is stored column by column. Floating-point pixels are in 0–1, integers in 0–255.
pub(super) struct Planes {
    path: PathBuf,
    images: Dataset,
    masks: Dataset,
    /// In 0–1, as stored.
    mean: Vec<f32>,
    /// What a stored pixel is multiplied by.
    scale: f32,
    len: usize,
    width: u32,
    height: u32,
    n_labels: usize,
}

impl Planes {
    /// Opens the file and checks the shapes and kinds of what is in it. Of the images it reads the last.
    pub(super) fn open(path: &Path, n_labels: usize) -> Result<Self, DataError> {
        std::fs::File::open(path).map_err(DataError::io(path))?;
        guarded(path, || File::open_streaming(path).map_err(|error| unreadable(&error)))
            .and_then(|file| Self::of_file(path, &file, n_labels))
    }

    fn of_file(path: &Path, file: &File, n_labels: usize) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError::content(path, problem);
        let open = |name| guarded(path, || open_dataset(file, name));
        let (images, image_shape, scale) = open(IMAGES)?;
        let (mean, mean_shape, mean_scale) = open(MEAN)?;
        let (masks, mask_shape, _) = open(MASKS)?;
        let &[count, 3, width, height] = &image_shape[..] else {
            return Err(wrong(format!("`/ih` is {image_shape:?}; expected [N, 3, 128, 128]")));
        };
        if !(1..=MAX_PLANE_SIDE).contains(&width) || !(1..=MAX_PLANE_SIDE).contains(&height) {
            return Err(wrong(format!("`/ih` is {image_shape:?}; expected sides of 1–{MAX_PLANE_SIDE}")));
        }
        if mean_shape != [1, 3, width, height] && mean_shape != [3, width, height] {
            return Err(wrong(format!(
                "`/ih_mean` is {mean_shape:?}; expected [1, 3, {width}, {height}] as `/ih` has"
            )));
        }
        if mask_shape != [count, 1, width, height] {
            return Err(wrong(format!(
                "`/b_` is {mask_shape:?}; expected [{count}, 1, {width}, {height}] as `/ih` has"
            )));
        }
        let len = usize::try_from(count).ok().filter(|len| u32::try_from(*len).is_ok());
        let len = len.ok_or_else(|| wrong(format!("`/ih` claims {count} images; expected at most {}", u32::MAX)))?;
        let mean = guarded(path, || mean.read_f32().map_err(|error| damaged("`/ih_mean`", &error)))?;
        let (width, height) = (width as u32, height as u32);
        if mean.len() != 3 * width as usize * height as usize {
            return Err(wrong(format!("`/ih_mean` has {} values", mean.len())));
        }
        let mean = mean.into_iter().map(|value| value * mean_scale).collect();
        let planes = Self { path: path.to_path_buf(), images, masks, mean, scale, len, width, height, n_labels };
        // What was copied in part lacks its end.
        if let Some(last) = len.checked_sub(1) {
            planes.row(&planes.images, IMAGES, last, 3)?;
            planes.row(&planes.masks, MASKS, last, 1)?;
        }
        Ok(planes)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn size_px(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The most images that one read unpacks, because they share a chunk.
    pub(super) fn images_per_chunk(&self) -> u64 {
        let rows = |dataset: &Dataset| dataset.chunk_shape().ok().flatten().and_then(|shape| shape.first().copied());
        [&self.images, &self.masks].into_iter().filter_map(rows).max().unwrap_or(1)
    }

    /// Image `index`: clip(ih + mean, 0, 1).
    pub(super) fn image(&self, index: usize) -> Result<RgbImage, DataError> {
        let values = self.row(&self.images, IMAGES, index, 3)?;
        let plane = self.width as usize * self.height as usize;
        if let Some(odd) = values.iter().find(|value| !value.is_finite()) {
            let problem = format!("`/ih` has the pixel {odd} in image {} of {}", index + 1, self.len);
            return Err(DataError::content(&self.path, problem));
        }
        let value = |at: usize| {
            let stored = values.get(at).copied().unwrap_or(0.0) * self.scale;
            let whole = stored + self.mean.get(at).copied().unwrap_or(0.0);
            (whole.clamp(0.0, 1.0) * 255.0).round() as u8
        };
        Ok(RgbImage::from_fn(self.width, self.height, |x, y| {
            let at = x as usize * self.height as usize + y as usize;
            Rgb([0, 1, 2].map(|channel| value(channel * plane + at)))
        }))
    }

    /// Mask `index`.
    pub(super) fn labels(&self, index: usize) -> Result<LabelImage, DataError> {
        let values = self.row(&self.masks, MASKS, index, 1)?;
        let wrong = |problem: String| DataError::content(&self.path, problem);
        let known = |value: &&f32| (0.0..self.n_labels as f32).contains(*value) && value.fract() == 0.0;
        if let Some(odd) = values.iter().find(|value| !known(value)) {
            let (number, largest) = (index + 1, self.n_labels.saturating_sub(1));
            return Err(wrong(format!(
                "`/b_` has the label {odd} in image {number} of {}; expected 0–{largest}",
                self.len
            )));
        }
        let height = self.height as usize;
        let by_row = (0..height).flat_map(|y| values.iter().skip(y).step_by(height)).map(|value| *value as u8);
        LabelImage::from_ids(self.width, self.height, by_row.collect()).map_err(|error| wrong(error.to_string()))
    }

    fn row(&self, dataset: &Dataset, name: &str, index: usize, channels: usize) -> Result<Vec<f32>, DataError> {
        let values = guarded(&self.path, || {
            let read = dataset.read_f32_rows(index as u64, 1);
            read.map_err(|error| damaged(&format!("`/{name}`, image {} of {}", index + 1, self.len), &error))
        })?;
        let expected = channels * self.width as usize * self.height as usize;
        if values.len() != expected {
            let problem = format!("`/{name}` has {} values for image {}; expected {expected}", values.len(), index + 1);
            return Err(DataError::content(&self.path, problem));
        }
        Ok(values)
    }
}

/// A data set of numbers with its shape, and the factor that brings its pixels to 0–1.
fn open_dataset(file: &File, name: &str) -> Result<(Dataset, Vec<u64>, f32), String> {
    let cache = ChunkCacheConfig::new().with_max_bytes(CACHE_BYTES).with_max_slots(1024);
    let options = DatasetAccessProperties::new().with_chunk_cache(cache);
    let dataset = file.dataset_with_options(name, options).map_err(|error| {
        let there = file.root().datasets().unwrap_or_default();
        format!(
            "no data set `/{name}` ({error}); it has {}",
            if there.is_empty() { "none".to_owned() } else { there.join(", ") }
        )
    })?;
    let about = |error: hdf5_pure::Error| damaged(&format!("`/{name}`"), &error);
    let dtype = dataset.dtype().map_err(about)?;
    let scale = match dtype {
        DType::F32 | DType::F64 => 1.0,
        DType::U8 | DType::U16 | DType::U32 | DType::U64 | DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
            1.0 / 255.0
        }
        _ => return Err(format!("`/{name}` holds {dtype}; expected numbers")),
    };
    let shape = dataset.shape().map_err(about)?;
    let chunk = dataset.chunk_shape().map_err(about)?.unwrap_or_default();
    let bytes = chunk.iter().try_fold(8_u64, |bytes, side| bytes.checked_mul(*side));
    if bytes.is_none_or(|bytes| bytes > MAX_CHUNK_BYTES) {
        return Err(format!("`/{name}` has chunks of {chunk:?}; expected at most {} MiB each", MAX_CHUNK_BYTES >> 20));
    }
    Ok((dataset, shape, scale))
}

fn damaged(what: &str, error: &hdf5_pure::Error) -> String {
    format!("{what}: {error}; the file is cut off or damaged, copy it again")
}

fn unreadable(error: &hdf5_pure::Error) -> String {
    format!("not a readable HDF5 file ({error}); copy it again")
}

/// A damaged file may lead the HDF5 reader astray in ways that its authors did not foresee: that is the file's fault.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, String>) -> Result<T, DataError> {
    let read = catch_unwind(AssertUnwindSafe(read));
    let read = read.unwrap_or_else(|panic| Err(format!("damaged ({})", panic_message(panic.as_ref()))));
    read.map_err(|problem| DataError::content(path, problem))
}

const _: () = assert!(MAX_PLANE_SIDE <= MAX_SIDE as u64);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;
    use hdf5_pure::{FormatError, Source};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn hostile_files_are_answered() {
        for name in ["chunked", "contiguous"] {
            let path = format!("tests/fixtures/datasets/fashion_synthesis_{name}/G2.h5");
            let bytes = std::fs::read(path).unwrap();
            hostile::survives(&bytes, 6, |bytes| {
                let Ok(file) = File::from_bytes(bytes.to_vec()) else { return };
                if let Ok(planes) = Planes::of_file(Path::new("G2.h5"), &file, 7)
                    && planes.len() > 0
                {
                    drop((planes.image(0), planes.labels(planes.len() - 1)));
                }
            });
        }
    }

    /// The bytes of a file that counts how many of them are read.
    struct Counting {
        bytes: Vec<u8>,
        read: Arc<AtomicU64>,
    }

    impl Source for Counting {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
            let start = offset as usize;
            let bytes = self.bytes.get(start..start + buffer.len());
            buffer.copy_from_slice(bytes.ok_or_else(|| FormatError::Source("past the end".to_owned()))?);
            self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn an_image_costs_its_own_chunk_alone() {
        let bytes = std::fs::read("tests/fixtures/datasets/fashion_synthesis_chunked/G2.h5").unwrap();
        let read = Arc::new(AtomicU64::new(0));
        let file = File::from_source(Counting { bytes, read: Arc::clone(&read) }).unwrap();
        let planes = Planes::of_file(Path::new("G2.h5"), &file, 7).unwrap();
        // The first read fetches the index of chunks too.
        planes.image(0).unwrap();
        let before = read.load(Ordering::Relaxed);
        planes.image(3).unwrap();
        let cost = read.load(Ordering::Relaxed) - before;
        assert!((1..1500).contains(&cost), "{cost} bytes");
    }

    #[test]
    fn planes_can_be_read_from_several_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Planes>();
    }
}
