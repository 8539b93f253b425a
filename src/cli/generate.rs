//! `scgan generate`: a mask becomes a picture.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde_json::json;

use super::report::Report;
use crate::atomic_file::{read_capped, write_atomic};
use crate::document::{LabelMap, LatentState};
use crate::engine::{LiveRequest, ModelRef, PicturePixels, Renderer};
use crate::gpu::{self, DeviceChoice};
use crate::label_image::{LabelImage, decode_mask_png};
use crate::model::{Model, ModelCard};
use crate::taxonomy::{GroupKind, Taxonomy};
use crate::templates::{Template, template, templates};

/// Largest mask file that is read.
const MAX_MASK_BYTES: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan generate --mask template:front --attributes Blond_Hair,Smiling --seed 7 --output face.png

Templates: front, left, right, smiling, laughing, long-hair, short-hair, beard, … (portraits); standing, skirt, dress, shorts,
suit, walking, … (outfits). A name that is none lists them all.
A mask file is a PNG: indexed or grey (values are label ids), or RGB in the taxonomy's colours.")]
pub(super) struct Arguments {
    /// Bundled model or model file; without it, the bundled model that knows the template, or else `portrait`
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// The mask to draw
    #[arg(long, value_name = "FILE|template:NAME")]
    mask: String,
    /// Attributes that are on, separated by commas; without it, the template's or the model's usual ones
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    attributes: Option<Vec<String>>,
    /// Seed of the latent vector: the same seed gives the same picture
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The picture to write
    #[arg(long, value_name = "FILE.png")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    if !arguments.output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
        bail!("{}: the picture is written as PNG; choose a name that ends in .png", arguments.output.display());
    }
    let mask = Mask::named(&arguments.mask)?;
    let model = model_ref(arguments.model.as_deref(), &mask)?;
    let compute = gpu::open(device)?;
    let mut renderer = Renderer::load(&model, &compute)?;
    let card = renderer.card().clone();
    let labels = mask.labels(&card)?;
    let strengths = match (&arguments.attributes, &mask) {
        (Some(names), _) => switched_on(names, &card.taxonomy)?,
        (None, Mask::Template(template)) => template.attributes(),
        (None, Mask::File(_)) => card.taxonomy.default_attributes(),
    };
    let request = LiveRequest {
        generation: 0,
        labels: LabelMap::from_image(&labels),
        attributes: strengths.as_slice().into(),
        latent: LatentState { seed: arguments.seed, ..LatentState::default() },
    };
    let frame = renderer.render(&request)?;
    write_png(&arguments.output, &renderer.read(&request)?)?;
    let names = card.taxonomy.attribute_names();
    let on: Vec<&str> = names.zip(&strengths).filter(|(_, on)| **on > 0.5).map(|(name, _)| name).collect();
    Ok(Report {
        text: format!(
            "{}: {}×{} px, model {}, seed {}, {} ({:.0} ms on {})\n",
            arguments.output.display(),
            frame.width,
            frame.height,
            card.name,
            arguments.seed,
            if on.is_empty() { "no attributes".to_owned() } else { on.join(", ") },
            frame.render_ms,
            compute.description
        ),
        json: json!({
            "output": arguments.output,
            "model": card.name,
            "model_hash": card.hash,
            "width": frame.width,
            "height": frame.height,
            "seed": arguments.seed,
            "attributes": on,
            "render_ms": frame.render_ms,
            "device": compute.description,
        }),
    })
}

/// What `--mask` names.
enum Mask {
    Template(Template),
    File(PathBuf),
}

impl Mask {
    fn named(text: &str) -> anyhow::Result<Self> {
        let Some(name) = text.strip_prefix("template:") else { return Ok(Self::File(text.into())) };
        template(name).map(Self::Template).ok_or_else(|| {
            let known: Vec<&str> = templates().iter().map(|template| template.name).collect();
            anyhow!("--mask {text}: no template has this name; there are {}", known.join(", "))
        })
    }

    /// The label map in the model's taxonomy.
    fn labels(&self, card: &ModelCard) -> anyhow::Result<LabelImage> {
        match self {
            Self::Template(template) if template.taxonomy != card.taxonomy.name => bail!(
                "template:{} is a mask of taxonomy {}, but the model {} reads {}; choose another template or model",
                template.name,
                template.taxonomy,
                card.name,
                card.taxonomy.name
            ),
            Self::Template(template) => Ok(template.labels(card.resolution() as u32)),
            Self::File(path) => {
                let file = || path.display().to_string();
                let bytes = read_capped(path, MAX_MASK_BYTES).with_context(file)?;
                decode_mask_png(&bytes, &card.taxonomy).with_context(file)
            }
        }
    }
}

fn model_ref(name: Option<&str>, mask: &Mask) -> anyhow::Result<ModelRef> {
    let bundled = Model::bundled_names();
    match (name, mask) {
        (Some(name), _) if bundled.contains(&name) => Ok(ModelRef::Bundled(name.to_owned())),
        (Some(name), _) if Path::new(name).exists() => Ok(ModelRef::File(name.into())),
        (Some(name), _) => {
            bail!("--model {name}: neither a file nor a bundled model; the bundled models are {}", bundled.join(", "))
        }
        (None, Mask::Template(template)) => Ok(ModelRef::Bundled(template.taxonomy.to_owned())),
        (None, Mask::File(_)) => Ok(ModelRef::Bundled("portrait".to_owned())),
    }
}

/// The named attributes on and the others off; an exclusive group that is not mentioned keeps its usual choice.
pub(super) fn switched_on(names: &[String], taxonomy: &Taxonomy) -> anyhow::Result<Vec<f32>> {
    let mut strengths = vec![0.0; taxonomy.n_attributes()];
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let index = taxonomy.attribute_index(name).ok_or_else(|| {
            let known: Vec<&str> = taxonomy.attribute_names().collect();
            anyhow!(
                "--attributes {name}: taxonomy {} has no such attribute; it has {}",
                taxonomy.name,
                known.join(", ")
            )
        })?;
        strengths[index] = 1.0;
    }
    let usual = taxonomy.default_attributes();
    let all: Vec<&str> = taxonomy.attribute_names().collect();
    for (range, kind) in taxonomy.group_ranges() {
        let on: Vec<&str> = range.clone().filter(|&at| strengths[at] > 0.0).map(|at| all[at]).collect();
        if kind != GroupKind::Independent && on.len() > 1 {
            bail!("--attributes {}: only one of these can be on; choose one", on.join(","));
        }
        if kind == GroupKind::ExactlyOne && on.is_empty() {
            strengths[range.clone()].copy_from_slice(&usual[range]);
        }
    }
    Ok(strengths)
}

fn write_png(path: &Path, picture: &PicturePixels) -> anyhow::Result<()> {
    let file = || path.display().to_string();
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &rgb, picture.width, picture.height, image::ExtendedColorType::Rgb8)
        .with_context(file)?;
    // The system's own words name the file that is written beside and renamed, which means nothing to the user.
    write_atomic(path, &bytes).map_err(|error| {
        anyhow!("{}: {}; choose a folder that exists and that you may write to", path.display(), error.kind())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn on(names: &[&str], taxonomy: &str) -> Result<Vec<String>, String> {
        let taxonomy = Taxonomy::builtin(taxonomy).unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let strengths = switched_on(&names, &taxonomy).map_err(|error| error.to_string())?;
        let all = taxonomy.attribute_names().zip(strengths);
        Ok(all.filter(|(_, strength)| *strength == 1.0).map(|(name, _)| name.to_owned()).collect())
    }

    #[test]
    fn attributes_respect_their_groups() {
        assert_eq!(on(&[], "portrait").unwrap(), Vec::<String>::new());
        assert_eq!(on(&["Smiling", " Blond_Hair "], "portrait").unwrap(), ["Blond_Hair", "Smiling"]);
        // An outfit always has a top colour and a bottom colour.
        assert_eq!(on(&["Top_Red"], "outfit").unwrap(), ["Top_Red", "Bottom_Black"]);
        assert!(on(&["Blond_Hair", "Black_Hair"], "portrait").unwrap_err().contains("only one"));
        assert!(on(&["Smilling"], "portrait").unwrap_err().contains("it has Black_Hair"));
    }
}
