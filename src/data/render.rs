//! Rendered people as a plain folder, written picture by picture, so that a second start goes on where the first stopped.

use super::characters::CharacterSource;
use super::folder_writer::{ImageEncoding, row, table};
use super::in_order::{Progress, in_order_on, n_cores};
use super::{DataError, Sample, SampleSource};
use crate::atomic_file::{read_capped, remove_unfinished, write_atomic};
use crate::characters::MAX_SIZE_PX;
use crate::label_image::encode_mask_png;
use image::{RgbImage, imageops};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What a folder was begun with; a folder with another one is not gone on with.
const RECORD: &str = "characters.json";
const MAX_PICTURE_BYTES: u64 = 64 << 20;
const MAX_RECORD_BYTES: u64 = 1 << 16;
const SHEET_COLUMNS: u32 = 8;

/// What was rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// Samples that are there now.
    pub samples: usize,
    /// Of these, the ones that were there before.
    pub kept: usize,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    kind: String,
    seed: u64,
    size_px: u32,
    device: String,
}

/// Renders all samples of `source` into a plain folder, which is made if it is not there. What is there of an earlier start with
/// the same kind, seed, size and device is kept. `attributes.csv` is written last: before, the folder is no data set.
///
/// # Errors
/// The folder holds something else, a file cannot be written, rendering fails, or [`DataError::Cancelled`] after a break; what was
/// rendered by then stays.
pub fn render(
    source: &CharacterSource,
    folder: &Path,
    size_px: u32,
    progress: &mut Progress<'_>,
) -> Result<Rendered, DataError> {
    if !(1..=MAX_SIZE_PX).contains(&size_px) {
        let problem = format!("pictures of {size_px} px are asked for; expected 1–{MAX_SIZE_PX}");
        return Err(DataError::content(folder, problem));
    }
    begin(source, folder, size_px)?;
    let [images, masks] = ["images", "masks"].map(|name| folder.join(name));
    for folder in [&images, &masks] {
        fs::create_dir_all(folder).map_err(DataError::io(folder))?;
        remove_unfinished(folder);
    }
    let place = |index| {
        let name = source.name(index);
        (images.join(format!("{name}.png")), masks.join(format!("{name}.png")))
    };
    let render = |index| {
        let (image_path, mask_path) = place(index);
        // The image is written after the mask, so it stands for both.
        if image_path.is_file() && mask_path.is_file() {
            return Ok(true);
        }
        write_sample(source, &source.sample(index, size_px)?, &image_path, &mask_path)?;
        Ok(false)
    };
    let mut rendered = Rendered::default();
    let count = |_, kept: Result<bool, DataError>| {
        rendered.kept += usize::from(kept?);
        rendered.samples += 1;
        Ok(())
    };
    // While some threads wait for the device or the disk, others put figures together.
    in_order_on(2 * n_cores(), "renderer", source.len(), render, count, progress)?;
    let rows: Vec<String> =
        (0..source.len()).map(|index| row(&format!("{}.png", source.name(index)), source.attributes(index))).collect();
    let path = folder.join("attributes.csv");
    write_atomic(&path, table(source.taxonomy(), &rows).as_bytes()).map_err(DataError::io(&path))?;
    Ok(rendered)
}

fn write_sample(source: &CharacterSource, sample: &Sample, image: &Path, mask: &Path) -> Result<(), DataError> {
    let failed = |error: image::ImageError| DataError::content(image, error.to_string());
    let encoded = ImageEncoding::Png.encode(&sample.image).map_err(failed)?;
    let labels = encode_mask_png(&sample.labels, source.taxonomy());
    let labels = labels.map_err(|source| DataError::Mask { path: mask.to_path_buf(), source })?;
    write_atomic(mask, &labels).map_err(DataError::io(mask))?;
    write_atomic(image, &encoded).map_err(DataError::io(image))
}

/// Makes the folder, or checks that it was begun in the same way.
fn begin(source: &CharacterSource, folder: &Path, size_px: u32) -> Result<(), DataError> {
    let path = folder.join(RECORD);
    let own = Record {
        kind: source.kind().name().to_owned(),
        seed: source.seed(),
        size_px,
        device: source.device().to_owned(),
    };
    if path.is_file() {
        let bytes = read_capped(&path, MAX_RECORD_BYTES).map_err(DataError::io(&path))?;
        let found: Option<Record> = serde_json::from_slice(&bytes).ok();
        return match found {
            Some(found) if found == own => Ok(()),
            Some(Record { kind, seed, size_px, device }) => Err(DataError::content(
                &path,
                format!(
                    "begun with --kind {kind} --seed {seed} --size {size_px} on {device}; go on with these or choose another folder"
                ),
            )),
            None => Err(DataError::content(&path, "not what a rendering writes; choose another folder")),
        };
    }
    let is_taken = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if is_taken {
        return Err(DataError::content(
            folder,
            "is there already and not from a rendering; choose a new name or an empty folder",
        ));
    }
    fs::create_dir_all(folder).map_err(DataError::io(folder))?;
    let taxonomy_path = folder.join("taxonomy.ron");
    let wrong = |source| DataError::Taxonomy { path: taxonomy_path.clone(), source: Box::new(source) };
    let taxonomy = source.taxonomy().to_ron().map_err(wrong)?;
    let record = serde_json::to_vec_pretty(&own).map_err(|error| DataError::content(&path, error.to_string()))?;
    for (path, bytes) in [(&taxonomy_path, taxonomy.into_bytes()), (&path, record)] {
        write_atomic(path, &bytes).map_err(DataError::io(path))?;
    }
    Ok(())
}

/// Samples in rows of eight, each mask under its image.
pub fn contact_sheet(source: &dyn SampleSource, samples: &[Sample]) -> RgbImage {
    let size = samples.first().map_or(1, |sample| sample.image.width());
    let columns = SHEET_COLUMNS.min(samples.len().max(1) as u32);
    let rows = (samples.len() as u32).div_ceil(columns).max(1);
    let mut sheet = RgbImage::new(columns * size, 2 * rows * size);
    for (sample, place) in samples.iter().zip(0..) {
        let (x, y) = (i64::from(place % columns * size), i64::from(2 * (place / columns) * size));
        imageops::replace(&mut sheet, &sample.image, x, y);
        imageops::replace(&mut sheet, &sample.labels.to_rgb(source.taxonomy()), x, y + i64::from(size));
    }
    sheet
}

/// The first samples of a rendered folder, read back.
///
/// # Errors
/// A file is gone or damaged.
pub fn first_samples(source: &CharacterSource, folder: &Path, count: usize) -> Result<Vec<Sample>, DataError> {
    let read =
        |path: PathBuf| read_capped(&path, MAX_PICTURE_BYTES).map_err(DataError::io(&path)).map(|bytes| (path, bytes));
    let sample = |index| {
        let name = source.name(index);
        let (image_path, image) = read(folder.join(format!("images/{name}.png")))?;
        let (mask_path, mask) = read(folder.join(format!("masks/{name}.png")))?;
        let image = image::load_from_memory(&image).map_err(|source| DataError::Image { path: image_path, source })?;
        let labels = crate::label_image::decode_mask_png(&mask, source.taxonomy());
        let labels = labels.map_err(|source| DataError::Mask { path: mask_path, source })?;
        Ok(Sample { name, image: image.into_rgb8(), labels, attributes: source.attributes(index) })
    };
    (0..count.min(source.len())).map(sample).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::characters::Kind;
    use crate::data::{self, OpenOptions};
    use crate::gpu::DeviceChoice;
    use std::ops::ControlFlow;

    /// MakeHuman's data and a device, or a word about their absence.
    fn source(len: usize, seed: u64) -> Option<CharacterSource> {
        let data = std::env::var_os("SCGAN_DATA").map_or_else(|| "../shared/data".into(), PathBuf::from);
        let assets = data.join("makehuman/data");
        if !assets.is_dir() {
            eprintln!("skipped: {} is not there", assets.display());
            return None;
        }
        match CharacterSource::open(&assets, DeviceChoice::Auto, Kind::Face, seed, len) {
            Err(DataError::Characters(error)) => {
                eprintln!("skipped: {error}");
                None
            }
            opened => Some(opened.unwrap()),
        }
    }

    #[test]
    fn a_second_start_goes_on_and_ends_with_the_same_files() {
        let Some(source) = source(4, 1) else { return };
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("faces");
        let mut until_two = |done, _| if done < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        assert!(matches!(render(&source, &out, 32, &mut until_two), Err(DataError::Cancelled)));
        let first = out.join("images/face-000000.png");
        let before = fs::read(&first).unwrap();
        let mut on = |_, _| ControlFlow::Continue(());
        let rendered = render(&source, &out, 32, &mut on).unwrap();
        assert!(rendered.samples == 4 && rendered.kept >= 1, "{rendered:?}");
        assert_eq!(fs::read(&first).unwrap(), before);
        assert_eq!(render(&source, &out, 32, &mut on).unwrap(), Rendered { samples: 4, kept: 4 });

        let opened = data::open(&out.to_string_lossy(), &OpenOptions::default()).unwrap();
        let [read, made] = [opened.sample(2, 32).unwrap(), source.sample(2, 32).unwrap()];
        assert_eq!((read.image, read.labels, read.attributes), (made.image, made.labels, made.attributes));
        assert_eq!(contact_sheet(&source, &first_samples(&source, &out, 3).unwrap()).dimensions(), (96, 64));

        let error = render(&source, &out, 64, &mut on).unwrap_err().to_string();
        assert!(error.contains("--seed 1 --size 32"), "{error}");
        assert!(render(&source, folder.path(), 32, &mut on).unwrap_err().to_string().contains("is there already"));
    }
}
