//! What an evaluation finds, for people and for files.

use serde::{Deserialize, Serialize};

/// FID with fewer pictures than features is far above what more pictures would give.
pub const UNBIASED_FROM: usize = 2048;

/// All that was measured, and what is needed to measure it again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evaluation {
    /// The model.
    pub model: Named,
    /// Whose segmentor and head read the pictures; absent without one.
    pub judge: Option<Named>,
    /// Whether that is the model's own, which G was trained to please.
    pub own_judge: bool,
    /// The data set, as it describes itself.
    pub data: String,
    /// Pictures judged, as many real as generated.
    pub samples: usize,
    /// Seed of the choice of samples and of the latents.
    pub seed: u64,
    /// Side of the pictures in px.
    pub resolution: usize,
    /// What computed it.
    pub device: String,
    /// Agreement of masks; absent without a judge.
    pub segmentation: Option<Segmentation>,
    /// Agreement of attributes; absent without a head.
    pub attributes: Option<Attributes>,
    /// Fréchet distance of the judge's features; absent without one.
    pub segmentor_distance: Option<Distance>,
    /// FID; absent without Inception weights.
    pub fid: Option<Fid>,
    /// How different pictures of one mask are.
    pub diversity: Diversity,
    /// How long it took.
    pub seconds: f64,
}

/// A model by name and content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Short name.
    pub name: String,
    /// SHA-256 of its tensors.
    pub hash: String,
}

/// A score of generated pictures beside that of real ones, which is the best that the judge lets expect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pair {
    /// Of generated pictures.
    pub generated: f64,
    /// Of real pictures.
    pub real: f64,
}

/// How well masks read off pictures agree with those asked for, all in `0..=1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Segmentation {
    /// Mean IoU over the labels that occur.
    pub mean_iou: Pair,
    /// Part of the pixels that agree.
    pub pixel_accuracy: Pair,
    /// By label, in the taxonomy's order.
    pub labels: Vec<LabelScore>,
}

/// One label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelScore {
    /// Its name.
    pub label: String,
    /// Part of all mask pixels.
    pub share: f64,
    /// IoU in generated pictures; absent if neither masks nor readings have it.
    pub generated: Option<f64>,
    /// IoU in real pictures.
    pub real: Option<f64>,
}

/// How well attributes read off pictures agree with those asked for, all in `0..=1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// Mean over the attributes.
    pub accuracy: Pair,
    /// Mean over the attributes, on and off weighing the same.
    pub balanced_accuracy: Pair,
    /// By attribute, in the taxonomy's order.
    pub attributes: Vec<AttributeScore>,
}

/// One attribute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributeScore {
    /// Its name.
    pub attribute: String,
    /// Part of the pictures that have it.
    pub share: f64,
    /// Part of the pictures that are right.
    pub accuracy: Pair,
    /// The same, on and off weighing the same.
    pub balanced_accuracy: Pair,
}

/// A Fréchet distance with what it takes to read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Distance {
    /// From the generated pictures to the real ones.
    pub distance: f64,
    /// Number of generated pictures.
    pub samples: usize,
    /// Number of real pictures; absent if a statistics file does not say.
    pub real_samples: Option<usize>,
    /// From one half of the real pictures to the other: what a perfect generator would get from so few. Absent below four.
    pub real_vs_real: Option<f64>,
    /// Pictures in each half.
    pub real_vs_real_samples: usize,
}

/// FID.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fid {
    /// The distance.
    #[serde(flatten)]
    pub distance: Distance,
    /// Fewer pictures than features: too high, and only comparable with the same number.
    pub biased: bool,
    /// SHA-256 of the weights' file.
    pub weights_sha256: String,
    /// Whether these are the weights of published figures.
    pub published_weights: bool,
}

/// Mean distances of pairs of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diversity {
    /// Masks, each drawn with [`Self::latents`] latents and the attributes that belong to it.
    pub masks: usize,
    /// Pictures of each mask.
    pub latents: usize,
    /// Mean absolute difference of colour values in `0..=1`: of pictures of one mask, and of different real pictures.
    pub pixels: Option<Pair>,
    /// Mean distance of the judge's features.
    pub features: Option<Pair>,
}
