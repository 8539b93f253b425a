//! Files around training: pairs for data sets, and models that are kept.

use std::fs;
use std::path::{Path, PathBuf};

use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::MODEL;
use crate::atomic_file::write_atomic;
use crate::data;
use crate::editor::{IoDone, PairPicture};
use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;

/// Sub-folders of the state folder.
const RUNS: &str = "runs";
const MODELS: &str = "models";
/// A pair is at least this large, in pixels; the least resolution there is to train with.
const PAIR_SIDE_MIN_PX: u32 = 64;

/// Adds mask, picture and attributes to a data set.
pub(super) fn add_pair(
    folder: PathBuf,
    name: &str,
    picture: &PairPicture,
    labels: &LabelImage,
    attributes: &[f32],
    taxonomy: &Taxonomy,
) -> Result<IoDone, String> {
    let (image, labels) = pair(picture, labels)?;
    let name =
        data::add_pair(&folder, name, &image, &labels, attributes, taxonomy).map_err(|error| error.to_string())?;
    Ok(IoDone::PairAdded { folder, name })
}

/// Picture and mask of the same size. A tracing photo covers a part of the mask; a result covers it whole.
fn pair(picture: &PairPicture, labels: &LabelImage) -> Result<(RgbImage, LabelImage), String> {
    match picture {
        PairPicture::Guide(guide) => {
            let mask = [labels.width(), labels.height()];
            let [x, y, width, height] = guide.place_on(mask.map(|side| side as f32)).map(|value| value.round() as u32);
            let (x, y) = (x.min(mask[0]), y.min(mask[1]));
            let (width, height) = (width.min(mask[0] - x), height.min(mask[1] - y));
            if width.min(height) < PAIR_SIDE_MIN_PX {
                return Err(format!(
                    "the photo covers only {width} × {height} pixels of the mask; choose a larger one"
                ));
            }
            let photo = DynamicImage::ImageRgba8(guide.rgba().as_ref().clone()).to_rgb8();
            let photo = imageops::resize(&photo, width, height, FilterType::Triangle);
            Ok((photo, labels.crop(x, y, width, height)))
        }
        PairPicture::Result(pixels) => {
            let rgba = RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba.to_vec())
                .ok_or("the result is no picture; render it again")?;
            let labels = labels.resize_majority(pixels.width, pixels.height);
            Ok((DynamicImage::ImageRgba8(rgba).to_rgb8(), labels))
        }
    }
}

/// Copies a model to the user's models, under a name that is free.
pub(super) fn keep_model(state: &Path, from: &Path, name: &str) -> Result<IoDone, String> {
    let folder = state.join(MODELS);
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}; the model was not kept", path.display());
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let bytes = fs::read(from).map_err(|error| failed(from, error))?;
    let stems = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}-{number}")));
    let mut paths = stems.map(|stem| folder.join(format!("{stem}.{MODEL}")));
    // The same model under that name is what was asked for.
    let path = paths
        .find(|path| {
            fs::read(path).map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |there| there == bytes)
        })
        .ok_or("the models folder is full")?;
    write_atomic(&path, &bytes).map_err(|error| failed(&path, error))?;
    Ok(IoDone::ModelKept(path))
}

/// Runs and models that were trained here.
pub(super) fn list(state: &Path) -> IoDone {
    let entries = |folder: &Path| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
        paths.sort();
        paths
    };
    let runs_folder = state.join(RUNS);
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let runs = entries(&runs_folder).iter().filter_map(name).collect();
    let is_model = |path: &PathBuf| path.extension().is_some_and(|extension| extension == MODEL);
    let models = entries(&state.join(MODELS)).into_iter().filter(is_model).collect();
    IoDone::TrainingFiles { runs_folder, runs, models }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::editor::GuidePhoto;
    use crate::engine::PicturePixels;

    #[test]
    fn a_model_is_kept_once_under_a_free_name() {
        let state = tempfile::tempdir().unwrap();
        let from = state.path().join("step-5.safetensors");
        fs::write(&from, "one").unwrap();
        let keep = || match keep_model(state.path(), &from, "face-5").unwrap() {
            IoDone::ModelKept(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
            done => panic!("{done:?}"),
        };
        assert_eq!((keep(), keep()), ("face-5.safetensors".to_owned(), "face-5.safetensors".to_owned()));
        fs::write(&from, "two").unwrap();
        assert_eq!(keep(), "face-5-2.safetensors");
        fs::create_dir_all(state.path().join("runs/first")).unwrap();
        let IoDone::TrainingFiles { runs, models, .. } = list(state.path()) else { panic!() };
        assert_eq!((runs, models.len()), (vec!["first".to_owned()], 2));
        fs::remove_file(&from).unwrap();
        assert!(keep_model(state.path(), &from, "x").unwrap_err().contains("step-5"));
    }

    #[test]
    fn a_tracing_photo_goes_with_the_part_of_the_mask_it_covers() {
        let mut labels = LabelImage::new(400, 400, 0);
        labels.set(200, 200, 3);
        let photo = RgbaImage::from_pixel(100, 50, image::Rgba([9, 8, 7, 255]));
        let (image, part) = pair(&PairPicture::Guide(GuidePhoto::new(photo).unwrap()), &labels).unwrap();
        assert_eq!(image.dimensions(), (400, 200));
        assert_eq!((part.width(), part.height(), part.get(200, 100)), (400, 200, 3));
        let thin = RgbaImage::from_pixel(400, 4, image::Rgba([9, 8, 7, 255]));
        assert!(pair(&PairPicture::Guide(GuidePhoto::new(thin).unwrap()), &labels).unwrap_err().contains("400 × 4"));
        let pixels = PicturePixels { width: 64, height: 64, rgba: vec![5; 4 * 64 * 64].into() };
        let (image, whole) = pair(&PairPicture::Result(pixels), &labels).unwrap();
        assert_eq!((image.dimensions(), whole.width()), ((64, 64), 64));
    }
}
