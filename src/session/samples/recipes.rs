//! What the samples are made from, and whether the files still say so.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, RgbaImage};

use super::{FIRST_SAMPLE, SampleSession, sample_session, sample_sessions};
use crate::atomic_file::write_atomic;
use crate::document::{LabelMap, LatentState, MirrorAxis, Snapshot, Timeline};
use crate::engine::{LiveRequest, ModelRef, Renderer};
use crate::gpu::ComputeDevice;
use crate::session::{ModelIdentity, Session, View, Workspace};
use crate::taxonomy::Taxonomy;
use crate::templates::template;

/// As new masks are.
const SIDE_PX: u32 = 512;
const JPEG_QUALITY: u8 = 88;

/// A template's mask with other attributes and a latent.
struct Recipe {
    sample: &'static str,
    template: &'static str,
    attributes: &'static [(&'static str, f32)],
    seed: u64,
    offsets: &'static [f32],
    /// Whether painting is mirrored at the middle.
    symmetric: bool,
}

const RECIPES: [Recipe; 7] = [
    Recipe {
        sample: "long-red-hair",
        template: "long-hair",
        attributes: &[("Red_Hair", 1.0), ("Young", 1.0), ("Smiling", 0.6)],
        seed: 10,
        offsets: &[0.8, -0.5],
        symmetric: false,
    },
    Recipe {
        sample: "good-laugh",
        template: "laughing",
        attributes: &[("Brown_Hair", 1.0), ("Young", 1.0), ("Smiling", 1.0)],
        seed: 12,
        offsets: &[],
        symmetric: true,
    },
    Recipe {
        sample: "looking-aside",
        template: "right",
        attributes: &[("Brown_Hair", 1.0), ("Young", 1.0)],
        seed: 4,
        offsets: &[0.0, 1.0],
        symmetric: false,
    },
    Recipe {
        sample: "short-blond",
        template: "short-hair",
        attributes: &[("Blond_Hair", 1.0), ("Male", 1.0), ("Young", 1.0), ("Smiling", 1.0)],
        seed: 6,
        offsets: &[],
        symmetric: false,
    },
    Recipe {
        sample: "red-dress",
        template: "dress",
        attributes: &[("Top_Red", 1.0), ("Bottom_Red", 1.0)],
        seed: 1,
        offsets: &[],
        symmetric: false,
    },
    Recipe {
        sample: "denim",
        template: "standing",
        attributes: &[("Top_Black", 1.0), ("Bottom_Denim", 1.0)],
        seed: 9,
        offsets: &[],
        symmetric: false,
    },
    Recipe {
        sample: "summer",
        template: "shorts",
        attributes: &[("Top_Blue", 1.0), ("Bottom_Beige", 1.0), ("Male", 1.0)],
        seed: 3,
        offsets: &[],
        symmetric: false,
    },
];

impl Recipe {
    fn of(sample: &SampleSession) -> &'static Self {
        RECIPES.iter().find(|recipe| recipe.sample == sample.name).unwrap()
    }

    fn session(&self) -> Session {
        let template = template(self.template).unwrap();
        let taxonomy = Taxonomy::builtin(template.taxonomy).unwrap();
        let strength =
            |name: &str| self.attributes.iter().find(|(own, _)| *own == name).map_or(0.0, |(_, value)| *value);
        Session {
            // Without a hash: it is meant for whichever version of the model is bundled.
            model: ModelIdentity { name: template.taxonomy.to_owned(), ..ModelIdentity::default() },
            document: Snapshot {
                labels: LabelMap::from_image(&template.labels(SIDE_PX)),
                attributes: taxonomy.attribute_names().map(strength).collect(),
                latent: LatentState { seed: self.seed, offsets: self.offsets.to_vec(), ..LatentState::default() },
                timeline: Timeline::default(),
            },
            taxonomy,
            view: View::Fit,
            workspace: Workspace {
                symmetry: self.symmetric.then(|| MirrorAxis::centred(SIDE_PX, SIDE_PX)),
                ..Workspace::default()
            },
        }
    }
}

/// The bundled models, each loaded once.
#[derive(Default)]
struct Models(HashMap<String, Renderer>);

impl Models {
    fn render(&mut self, session: &Session) -> RgbImage {
        let name = session.model.name.clone();
        let renderer = self
            .0
            .entry(name.clone())
            .or_insert_with(|| Renderer::load(&ModelRef::Bundled(name), &ComputeDevice::cpu()).unwrap());
        let Snapshot { labels, attributes, latent, .. } = session.document.clone();
        let request = LiveRequest { generation: 0, labels, attributes: attributes.into(), latent };
        let picture = renderer.read(&request).unwrap();
        let rgba = RgbaImage::from_raw(picture.width, picture.height, picture.rgba.to_vec()).unwrap();
        image::DynamicImage::from(rgba).into_rgb8()
    }
}

#[test]
fn the_files_are_sound_and_belong_to_the_bundled_models() {
    assert!(sample_session(FIRST_SAMPLE).is_some());
    for sample in sample_sessions() {
        let loaded = sample.session().unwrap();
        assert!(loaded.warnings.is_empty() && loaded.newer_version.is_none(), "{}: {:?}", sample.name, loaded.warnings);
        let session = loaded.session;
        assert_eq!(
            (session.model.name.as_str(), Some(session.taxonomy)),
            (sample.model, Taxonomy::builtin(sample.model))
        );
        let made = Recipe::of(sample).session();
        assert_eq!(
            (session.document, session.workspace),
            (made.document, made.workspace),
            "{}: make the samples anew",
            sample.name
        );
    }
}

/// A model that was trained anew makes other pictures.
#[test]
fn the_thumbnails_show_what_the_models_make() {
    let mut models = Models::default();
    for sample in sample_sessions() {
        let shown = image::load_from_memory(sample.thumbnail).unwrap().into_rgb8();
        let made = models.render(&sample.session().unwrap().session);
        assert_eq!(shown.dimensions(), made.dimensions());
        let differences = shown.as_raw().iter().zip(made.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b)));
        let mean = differences.sum::<u64>() as f64 / made.as_raw().len() as f64;
        println!("{}: {mean:.2} of 255 apart", sample.name);
        assert!(mean < 4.0, "{}: {mean} of 255 apart; make the samples anew", sample.name);
    }
}

#[test]
#[ignore = "writes assets/samples"]
fn make_the_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let mut models = Models::default();
    for recipe in &RECIPES {
        let session = recipe.session();
        session.save(&folder.join(format!("{}.scgan", recipe.sample))).unwrap();
        let mut jpeg = Vec::new();
        models.render(&session).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)).unwrap();
        write_atomic(&folder.join(format!("{}.jpg", recipe.sample)), &jpeg).unwrap();
    }
}
