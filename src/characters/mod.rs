//! Rendered people: a MakeHuman `data` folder (CC0) becomes pictures of adults with exact masks and attributes.
//!
//! Who is seen is drawn from (seed, index) alone. A person's body is the base mesh with morphs for sex, age, ancestry, face and
//! expression; hair, eyes and clothes are fitted to it; the skeleton poses all of them. One pass on a graphics device writes colour
//! and label of every subsample, so picture and mask agree exactly. Everybody is clothed and of age.

mod error;
mod figure;
mod library;
mod lines;
mod looks;
mod material;
mod morphs;
mod obj;
mod outfit;
mod portrait;
mod proxy;
mod render;
mod rig;
mod scene;
mod target;
mod templates;
#[cfg(test)]
mod tests;
mod texture;
mod vector;
mod wardrobe;

pub use error::CharacterError;
pub use library::Library;
pub use morphs::AdultAge;
pub use render::MAX_SIZE_PX;

use self::figure::Figure;
use self::outfit::Outfit;
use self::portrait::Portrait;
use self::render::Renderer;
use self::scene::Scene;
use crate::gpu::DeviceChoice;
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use std::fmt;
use std::path::Path;

/// What is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Head and shoulders, with the taxonomy `portrait`.
    Face,
    /// Whole figures in clothes, with the taxonomy `outfit`.
    Outfit,
}

impl Kind {
    /// All, in the order they are listed to people.
    pub const ALL: [Self; 2] = [Self::Face, Self::Outfit];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Outfit => "outfit",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name of the taxonomy that its labels and attributes follow.
    pub fn taxonomy(self) -> &'static str {
        match self {
            Self::Face => "portrait",
            Self::Outfit => "outfit",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A rendered picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The picture.
    pub image: RgbImage,
    /// The label of each pixel, row by row.
    pub labels: Vec<u8>,
    /// 0 or 1 each, in the taxonomy's flat order.
    pub attributes: Vec<f32>,
}

/// A loaded folder and an open device.
#[derive(Debug)]
pub struct Studio {
    library: Library,
    renderer: Renderer,
}

impl Studio {
    /// Loads MakeHuman's `data` folder and opens the device; `cpu` is a software adapter such as lavapipe.
    ///
    /// # Errors
    /// As [`Library::open`]; there is no such device, or it cannot draw.
    pub fn open(assets: &Path, device: DeviceChoice) -> Result<Self, CharacterError> {
        let library = Library::open(assets)?;
        let renderer = Renderer::open(device, &library)?;
        Ok(Self { library, renderer })
    }

    /// The driver's name for the device.
    pub fn device(&self) -> &str {
        &self.renderer.adapter
    }

    /// The attributes of a picture, 0 or 1 each in the taxonomy's flat order, without drawing it.
    pub fn attributes(&self, kind: Kind, seed: u64, index: u64, taxonomy: &Taxonomy) -> Vec<f32> {
        let holding = match kind {
            Kind::Face => Portrait::sample(&self.library, seed, index).attributes,
            Kind::Outfit => Outfit::sample(&self.library, seed, index).attributes,
        };
        values(&holding, taxonomy)
    }

    /// Picture `index` of a seed, `size_px` a side (at most [`MAX_SIZE_PX`]). The same arguments give the same picture on the same
    /// device. `taxonomy` is the built-in one of the kind. May be called from many threads at once.
    ///
    /// # Errors
    /// A texture cannot be read, or the device is lost.
    pub fn picture(
        &self,
        kind: Kind,
        seed: u64,
        index: u64,
        size_px: u32,
        taxonomy: &Taxonomy,
    ) -> Result<Picture, CharacterError> {
        let (figure, scene, holding) = staged(&self.library, kind, seed, index, taxonomy);
        let drawn = self.renderer.draw(&self.library, &figure, &scene, size_px)?;
        Ok(Picture { image: drawn.image, labels: drawn.labels, attributes: values(&holding, taxonomy) })
    }
}

/// How many triangles picture `index` has: all of the processor's work on a picture, without a device. For benches.
pub fn triangles(library: &Library, kind: Kind, seed: u64, index: u64, taxonomy: &Taxonomy) -> usize {
    staged(library, kind, seed, index, taxonomy).0.mesh.indices.len() / 3
}

/// What is to be drawn, and the attributes that hold.
fn staged(
    library: &Library,
    kind: Kind,
    seed: u64,
    index: u64,
    taxonomy: &Taxonomy,
) -> (Figure, Scene, Vec<&'static str>) {
    match kind {
        Kind::Face => {
            let portrait = Portrait::sample(library, seed, index);
            let (figure, scene) = portrait.stage(library, taxonomy);
            (figure, scene, portrait.attributes)
        }
        Kind::Outfit => {
            let outfit = Outfit::sample(library, seed, index);
            let (figure, scene) = outfit.stage(library, taxonomy);
            (figure, scene, outfit.attributes)
        }
    }
}

fn values(holding: &[&str], taxonomy: &Taxonomy) -> Vec<f32> {
    taxonomy.attribute_names().map(|name| f32::from(u8::from(holding.contains(&name)))).collect()
}
