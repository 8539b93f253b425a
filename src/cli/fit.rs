//! `scgan fit`: a photograph becomes a session.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};
use image::{RgbImage, imageops};
use serde_json::json;

use super::report::{Report, note};
use crate::atomic_file::write_atomic;
use crate::data::photo::read_upright;
use crate::document::{LabelMap, LatentState, Snapshot, Timeline};
use crate::engine::ModelRef;
use crate::gpu::ComputeDevice;
use crate::label_image::LabelImage;
use crate::model::Model;
use crate::photo::{Fit, FitProgress, FitSettings, FitTarget, Framing, propose};
use crate::session::{ModelIdentity, Picture, Session, View, Workspace, export_png};

/// Steps between two lines about the progress.
const STEPS_PER_LINE: usize = 20;
/// Least side of a session's mask, in pixels.
const MASK_SIDE_PX: u32 = 512;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan fit me.jpg --model portrait --crop 120,40,300 --output me.scgan

The model's segmentor proposes the mask and its attribute head the attributes; then a latent is looked for whose picture
comes nearest to the photo. A .png is the picture with its session inside. The fit computes on the CPU.")]
pub(super) struct Arguments {
    /// The photo: PNG, JPEG or WebP
    photo: PathBuf,
    /// Bundled model or model file
    #[arg(long, value_name = "NAME|FILE", default_value = "portrait")]
    model: String,
    /// Left, top and side of the square that becomes the picture, in pixels; without it, the whole photo
    #[arg(long, value_name = "X,Y,SIDE", allow_hyphen_values = true)]
    crop: Option<Crop>,
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = FitSettings::default().steps)]
    steps: usize,
    /// Random latents to begin with; the best one is improved
    #[arg(long, value_name = "N", default_value_t = FitSettings::default().candidates)]
    candidates: usize,
    /// Seed of the first random latent
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The session to write, or the picture
    #[arg(long, value_name = "FILE.scgan|FILE.png")]
    output: PathBuf,
    /// Photo, mask and picture beside each other, too
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
}

/// A square of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Crop(Framing);

impl FromStr for Crop {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
        match numbers.as_deref() {
            Ok(&[x, y, side]) if x.is_finite() && y.is_finite() && side.is_finite() && side > 0.0 => {
                Ok(Self(Framing { x, y, side }))
            }
            _ => Err("expected three numbers, X,Y,SIDE, such as 120,40,300".to_owned()),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Report> {
    let extension = arguments.output.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let as_png = match extension.as_deref() {
        Some("png") => true,
        Some("scgan") => false,
        _ => bail!("{}: choose a name that ends in .scgan or .png", arguments.output.display()),
    };
    let photo = read_upright(&arguments.photo)?;
    if photo.width() == 0 || photo.height() == 0 {
        bail!("{}: the photo has no pixels; choose another one", arguments.photo.display());
    }
    let framing = arguments.crop.map_or_else(|| Framing::whole(photo.width(), photo.height()), |crop| crop.0);
    let compute = ComputeDevice::cpu();
    let (model, reference) = load(&arguments.model, &compute.autodiff())?;
    let side = model.card.resolution() as u32;
    let cut = framing.cut(&photo, side);
    let mask_side = side.max(MASK_SIDE_PX);
    let proposal = propose(&model, &compute.autodiff(), &cut, mask_side, &mut || true)?;
    let proposal = proposal.ok_or_else(|| anyhow!("the photo was not read"))?;
    let attributes = proposal.attributes.unwrap_or_else(|| model.card.taxonomy.default_attributes());
    let target = FitTarget { photo: cut, labels: proposal.labels, attributes };
    let fit = fitted(&model, &compute, &target, arguments)?;
    if let Some(path) = &arguments.sheet {
        write_sheet(path, &target, &fit, &model)?;
    }
    let session = session(&model, &reference, &target, &fit);
    let written = if as_png {
        let rgba = image::DynamicImage::ImageRgb8(fit.picture.clone()).into_rgba8();
        let picture = Picture { width: side, height: side, rgba: rgba.into_raw() };
        export_png(&arguments.output, &picture, Some(&session)).map_err(anyhow::Error::from)
    } else {
        let text = session.to_text().with_context(|| arguments.output.display().to_string())?;
        write(&arguments.output, text.as_bytes())
    };
    written?;
    let names = model.card.taxonomy.attribute_names().zip(&target.attributes);
    let on: Vec<&str> = names.filter(|(_, strength)| **strength > 0.5).map(|(name, _)| name).collect();
    Ok(Report {
        text: format!(
            "{}: model {}, difference {:.3} (best random latent {:.3}), {}\n",
            arguments.output.display(),
            model.card.name,
            fit.loss,
            fit.start_loss,
            if on.is_empty() { "no attributes".to_owned() } else { on.join(", ") },
        ),
        json: json!({
            "output": arguments.output,
            "model": model.card.name,
            "model_hash": model.card.hash,
            "difference": fit.loss,
            "start_difference": fit.start_loss,
            "attributes": on,
        }),
    })
}

fn load(name: &str, compute: &ComputeDevice) -> anyhow::Result<(Model, ModelRef)> {
    let bundled = Model::bundled_names();
    if bundled.contains(&name) {
        return Ok((Model::bundled(name, compute)?, ModelRef::Bundled(name.to_owned())));
    }
    let path = Path::new(name);
    if !path.exists() {
        bail!("--model {name}: neither a file nor a bundled model; the bundled models are {}", bundled.join(", "));
    }
    Ok((Model::load(path, compute)?, ModelRef::File(path.to_owned())))
}

fn fitted(model: &Model, compute: &ComputeDevice, target: &FitTarget, arguments: &Arguments) -> anyhow::Result<Fit> {
    let settings = FitSettings {
        candidates: arguments.candidates,
        steps: arguments.steps,
        seed: arguments.seed,
        ..FitSettings::default()
    };
    let mut go_on = |progress: Option<&FitProgress>| {
        if let Some(progress) =
            progress.filter(|progress| progress.step > 0 && progress.step.is_multiple_of(STEPS_PER_LINE))
        {
            note(&format!("step {} of {}: difference {:.3}", progress.step, progress.steps, progress.best.loss));
        }
        true
    };
    let found = crate::photo::fit(model, compute, target, &settings, &mut go_on)?;
    found.ok_or_else(|| anyhow!("no latent was found"))
}

fn session(model: &Model, reference: &ModelRef, target: &FitTarget, fit: &Fit) -> Session {
    let card = &model.card;
    let file = match reference {
        ModelRef::File(path) => std::path::absolute(path).ok().and_then(|path| path.to_str().map(str::to_owned)),
        ModelRef::Bundled(_) => None,
    };
    Session {
        model: ModelIdentity { name: card.name.clone(), hash: card.hash.clone(), file },
        taxonomy: card.taxonomy.clone(),
        document: Snapshot {
            labels: LabelMap::from_image(&target.labels),
            attributes: target.attributes.clone(),
            latent: LatentState { fitted: fit.z.clone(), ..LatentState::default() },
            timeline: Timeline::default(),
        },
        view: View::Fit,
        workspace: Workspace::default(),
    }
}

fn write_sheet(path: &Path, target: &FitTarget, fit: &Fit, model: &Model) -> anyhow::Result<()> {
    let (width, height) = fit.picture.dimensions();
    let labels: LabelImage = target.labels.resize_majority(width, height);
    let mut sheet = RgbImage::new(3 * width, height);
    let parts = [&target.photo, &labels.to_rgb(&model.card.taxonomy), &fit.picture];
    for (place, part) in (0i64..).zip(parts) {
        imageops::replace(&mut sheet, part, place * i64::from(width), 0);
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    sheet.write_to(&mut bytes, image::ImageFormat::Png).with_context(|| path.display().to_string())?;
    write(path, bytes.get_ref())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_atomic(path, bytes).map_err(|error| {
        anyhow!("{}: {}; choose a folder that exists and that you may write to", path.display(), error.kind())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_crop_is_three_numbers() {
        assert_eq!("-4, 5.5,60".parse(), Ok(Crop(Framing { x: -4.0, y: 5.5, side: 60.0 })));
        for text in ["", "1,2", "1,2,3,4", "1,2,-3", "1,x,3", "1,NaN,3", "inf,1,3"] {
            assert!(text.parse::<Crop>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_photo_becomes_a_session_and_a_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("p.png");
        RgbImage::from_fn(90, 120, |x, y| image::Rgb([x as u8 * 2, y as u8, 90])).save(&photo).unwrap();
        let arguments = |output: &str| Arguments {
            photo: photo.clone(),
            model: "outfit".to_owned(),
            crop: None,
            steps: 2,
            candidates: 2,
            seed: 3,
            output: folder.path().join(output),
            sheet: Some(folder.path().join("sheet.png")),
        };
        run(&arguments("p.scgan")).unwrap();
        let text = std::fs::read_to_string(folder.path().join("p.scgan")).unwrap();
        let session = Session::parse(&text).unwrap().session;
        assert_eq!((session.taxonomy.name.as_str(), session.document.latent.fitted.len()), ("outfit", 64));
        assert_eq!(image::open(folder.path().join("sheet.png")).unwrap().width(), 3 * 128);
        run(&arguments("p2.png")).unwrap();
        assert!(run(&arguments("p.gif")).err().unwrap().to_string().contains(".scgan or .png"));
    }
}
