//! Drawn faces and outfits with exact masks and attributes: for tests, first tries and the bundled models.
//!
//! The parameters of a picture are drawn once from (seed, index); they make a list of painted parts, and that one list
//! renders as an anti-aliased picture and as label ids, at any resolution.

mod geometry;
mod outfit;
mod palette;
mod portrait;
mod scene;
mod soft;
#[cfg(test)]
mod tests;

use std::fmt;

use self::outfit::{Outfit, OutfitLabels};
use self::portrait::{Portrait, PortraitLabels};
use self::scene::Scene;
use super::{DataError, Sample, SampleSource};
use crate::dice::Dice;
use crate::taxonomy::Taxonomy;

/// Number of samples of a source.
const LEN: usize = 30_000;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Head and shoulders, with the taxonomy `portrait`.
    Portrait,
    /// Whole figures in clothes, with the taxonomy `outfit`.
    Outfit,
}

impl Kind {
    /// Both, in the order they are listed to people.
    pub const ALL: [Self; 2] = [Self::Portrait, Self::Outfit];

    /// The kind's name, which is its taxonomy's name too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portrait => "portrait",
            Self::Outfit => "outfit",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A drawing's parameters, before it is rendered.
#[derive(Clone, Debug)]
enum Drawing {
    Portrait(Box<Portrait>),
    Outfit(Box<Outfit>),
}

impl Drawing {
    fn sample(kind: Kind, seed: u64, index: u64) -> Self {
        match kind {
            Kind::Portrait => Self::Portrait(Box::new(Portrait::sample(&mut Dice::new(seed, index, 1)))),
            Kind::Outfit => Self::Outfit(Box::new(Outfit::sample(&mut Dice::new(seed, index, 2)))),
        }
    }

    fn scene(&self, taxonomy: &Taxonomy) -> Scene {
        match self {
            Self::Portrait(portrait) => portrait.draw(&PortraitLabels::of(taxonomy)),
            Self::Outfit(outfit) => outfit.draw(&OutfitLabels::of(taxonomy)),
        }
    }

    fn attributes(&self, taxonomy: &Taxonomy) -> Vec<f32> {
        let holds = |name: &str| match self {
            Self::Portrait(portrait) => portrait.attribute(name),
            Self::Outfit(outfit) => outfit.attribute(name),
        };
        taxonomy.attribute_names().map(|name| f32::from(u8::from(holds(name)))).collect()
    }
}

/// A data set of drawings: sample i is a pure function of (kind, seed, i, resolution).
#[derive(Clone, Debug)]
pub struct ProceduralSource {
    kind: Kind,
    seed: u64,
    len: usize,
    taxonomy: Taxonomy,
}

/// The source of a kind, 30,000 samples long.
pub fn source(kind: Kind, seed: u64) -> ProceduralSource {
    ProceduralSource { kind, seed, len: LEN, taxonomy: taxonomy_of(kind) }
}

impl ProceduralSource {
    /// The same source with another number of samples; those that both have are equal.
    #[must_use]
    pub fn with_len(self, len: usize) -> Self {
        Self { len, ..self }
    }

    /// The name of a sample.
    pub(super) fn name(&self, index: usize) -> String {
        format!("{}-{index:05}", self.kind)
    }
}

impl SampleSource for ProceduralSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.len
    }

    fn describe(&self) -> String {
        format!("procedural {} drawings, seed {}, {} samples", self.kind, self.seed, self.len)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        if index >= self.len {
            return Err(DataError::Index { index, len: self.len });
        }
        let drawing = Drawing::sample(self.kind, self.seed, index as u64);
        let scene = drawing.scene(&self.taxonomy);
        Ok(Sample {
            name: self.name(index),
            image: scene.image(resolution),
            labels: scene.labels(resolution),
            attributes: drawing.attributes(&self.taxonomy),
        })
    }
}

#[expect(clippy::expect_used, reason = "the taxonomies are embedded in the program and their own test reads them")]
fn taxonomy_of(kind: Kind) -> Taxonomy {
    Taxonomy::builtin(kind.name()).expect("an embedded taxonomy")
}
