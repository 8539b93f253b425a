//! Masks, attributes and latents that arguments name, and the model that draws them.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use image::RgbImage;

use super::dataset::Progress;
use super::generate::switched_on;
use crate::atomic_file::read_capped;
use crate::document::{LabelMap, LatentState, Look, Timeline};
use crate::engine::{LiveRequest, ModelRef, PicturePixels, Renderer};
use crate::gpu::ComputeDevice;
use crate::label_image::decode_mask_png;
use crate::model::{Model, ModelCard};
use crate::session::{MAX_BYTES, Session};
use crate::templates::{template, templates};
use crate::timeline::{template_caption, template_look};

/// Largest mask file that is read.
const MAX_MASK_BYTES: u64 = 64 << 20;
/// Templates are drawn so many times as fine as the model sees them, so that in-between outlines move smoothly.
const FINENESS: usize = 2;

/// What an argument names.
pub(super) enum Source {
    /// A starter layout with its usual attributes.
    Template(String),
    /// A session with everything.
    Session(PathBuf, Box<Session>),
    /// A mask alone.
    Mask(PathBuf),
}

impl Source {
    pub(super) fn named(text: &str) -> anyhow::Result<Self> {
        if let Some(name) = text.strip_prefix("template:") {
            return match template(name) {
                Some(_) => Ok(Self::Template(name.to_owned())),
                None => {
                    let known: Vec<&str> = templates().iter().map(|template| template.name).collect();
                    bail!("{text}: no template has this name; there are {}", known.join(", "))
                }
            };
        }
        let path = PathBuf::from(text);
        let is_session = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("scgan"));
        if !is_session {
            return Ok(Self::Mask(path));
        }
        let session = Session::load(&path)?.session;
        Ok(Self::Session(path, Box::new(session)))
    }

    /// What to call it in a caption.
    pub(super) fn caption(&self) -> String {
        let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match self {
            Self::Template(name) => template_caption(name),
            Self::Session(path, _) | Self::Mask(path) => stem(path),
        }
    }

    /// Its keyframes, if it is a session that has some.
    pub(super) fn timeline(&self, card: &ModelCard) -> anyhow::Result<Option<Timeline>> {
        match self {
            Self::Session(path, session) if session.document.timeline.keyframes().len() > 1 => {
                fits(&path.display().to_string(), session, card)?;
                Ok(Some(session.document.timeline.clone()))
            }
            _ => Ok(None),
        }
    }

    /// The look in the model's taxonomy.
    pub(super) fn look(&self, card: &ModelCard) -> anyhow::Result<Look> {
        match self {
            Self::Template(name) => {
                let template = template(name).context("a template is missing from this build")?;
                if template.taxonomy != card.taxonomy.name {
                    bail!(
                        "template:{name} is a mask of taxonomy {}, but the model {} reads {}; choose another template or model",
                        template.taxonomy,
                        card.name,
                        card.taxonomy.name
                    );
                }
                let side_px = (card.resolution() * FINENESS) as u32;
                template_look(name, side_px).context("a template is missing from this build")
            }
            Self::Session(path, session) => {
                fits(&path.display().to_string(), session, card)?;
                let document = &session.document;
                Ok(Look {
                    labels: document.labels.clone(),
                    attributes: document.attributes.clone(),
                    latent: document.latent.clone(),
                })
            }
            Self::Mask(path) => {
                let file = || path.display().to_string();
                let bytes = read_capped(path, MAX_MASK_BYTES).with_context(file)?;
                if bytes.len() > MAX_BYTES {
                    bail!("{}: too long for a mask; choose another file", path.display());
                }
                let labels = decode_mask_png(&bytes, &card.taxonomy).with_context(file)?;
                Ok(Look {
                    labels: LabelMap::from_image(&labels),
                    attributes: card.taxonomy.default_attributes(),
                    latent: LatentState::default(),
                })
            }
        }
    }

    /// The bundled model or file that suits it.
    fn model(&self) -> Option<ModelRef> {
        let bundled = |name: &str| Model::bundled_names().contains(&name).then(|| ModelRef::Bundled(name.to_owned()));
        match self {
            Self::Template(name) => bundled(template(name)?.taxonomy),
            Self::Session(_, session) => {
                let file = session.model.file.as_ref().map(PathBuf::from).filter(|file| file.exists());
                file.map(ModelRef::File).or_else(|| bundled(&session.model.name))
            }
            Self::Mask(_) => None,
        }
    }
}

fn fits(file: &str, session: &Session, card: &ModelCard) -> anyhow::Result<()> {
    if !session.taxonomy.has_channels_of(&card.taxonomy) {
        bail!(
            "{file}: a session of taxonomy {}, but the model {} reads {}; choose its own model with --model",
            session.taxonomy.name,
            card.name,
            card.taxonomy.name
        );
    }
    Ok(())
}

/// The model by name, or else the one that suits the first source that says so, or else `portrait`.
pub(super) fn model_for(name: Option<&str>, sources: &[Source]) -> anyhow::Result<ModelRef> {
    let bundled = Model::bundled_names();
    match name {
        Some(name) if bundled.contains(&name) => Ok(ModelRef::Bundled(name.to_owned())),
        Some(name) if Path::new(name).exists() => Ok(ModelRef::File(name.into())),
        Some(name) => {
            bail!("--model {name}: neither a file nor a bundled model; the bundled models are {}", bundled.join(", "))
        }
        None => {
            let found = sources.iter().find_map(Source::model);
            Ok(found.unwrap_or_else(|| ModelRef::Bundled("portrait".to_owned())))
        }
    }
}

/// Changes the looks as the options say: attributes of all, and a seed each, the last one for the rest.
pub(super) fn overridden(
    looks: &mut [Look],
    attributes: Option<&[String]>,
    seeds: &[u64],
    card: &ModelCard,
) -> anyhow::Result<()> {
    if let Some(names) = attributes {
        let strengths = switched_on(names, &card.taxonomy)?;
        looks.iter_mut().for_each(|look| look.attributes.clone_from(&strengths));
    }
    let rest = seeds.last().copied().map(std::iter::repeat);
    for (look, seed) in looks.iter_mut().zip(seeds.iter().copied().chain(rest.into_iter().flatten())) {
        look.latent = LatentState { seed, ..LatentState::default() };
    }
    Ok(())
}

/// What is shown of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shown {
    /// What the generator draws
    Picture,
    /// The mask in label colours
    Mask,
    /// The mask above the picture
    Both,
}

/// Draws looks with a model.
pub(super) struct Studio {
    renderer: Renderer,
    pub(super) card: ModelCard,
    pub(super) device: String,
}

impl Studio {
    pub(super) fn open(model: &ModelRef, compute: &ComputeDevice) -> anyhow::Result<Self> {
        let renderer = Renderer::load(model, compute)?;
        let card = renderer.card().clone();
        Ok(Self { renderer, card, device: compute.description.clone() })
    }

    /// `None` when the user interrupts.
    pub(super) fn pictures(
        &mut self,
        looks: &[Look],
        shown: Shown,
        progress: &Progress,
    ) -> anyhow::Result<Option<Vec<RgbImage>>> {
        let mut pictures = Vec::with_capacity(looks.len());
        for (index, look) in looks.iter().enumerate() {
            pictures.push(self.picture(look, shown)?);
            if progress.show(index + 1, looks.len()).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(pictures))
    }

    /// How many latent directions the model has.
    pub(super) fn directions(&self) -> usize {
        self.renderer.singular_values().len()
    }

    /// What the generator draws.
    pub(super) fn read(&mut self, look: &Look) -> anyhow::Result<PicturePixels> {
        let request = LiveRequest {
            generation: 0,
            labels: look.labels.clone(),
            attributes: look.attributes.as_slice().into(),
            latent: look.latent.clone(),
        };
        Ok(self.renderer.read(&request)?)
    }

    fn picture(&mut self, look: &Look, shown: Shown) -> anyhow::Result<RgbImage> {
        let side = self.card.resolution() as u32;
        let mask = || look.labels.to_image().resize_majority(side, side).to_rgb(&self.card.taxonomy);
        let picture = match shown {
            Shown::Mask => return Ok(mask()),
            Shown::Picture | Shown::Both => {
                let mask = (shown == Shown::Both).then(mask);
                (mask, self.read(look)?)
            }
        };
        let (mask, pixels) = picture;
        let drawn = pixels
            .to_rgb()
            .ok_or_else(|| anyhow!("the model made no picture; report this with the command you gave"))?;
        let Some(mask) = mask else { return Ok(drawn) };
        let mut both = RgbImage::new(side, 2 * side);
        image::imageops::replace(&mut both, &mask, 0, 0);
        image::imageops::replace(&mut both, &drawn, 0, i64::from(side));
        Ok(both)
    }
}
