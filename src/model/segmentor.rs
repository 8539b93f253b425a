//! S: the label of every pixel of a picture.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::config::ConfigError;
use super::init::Init;
use super::layers::{Conv, ConvShape, Deconv, InstanceNorm, Normed};
use super::residual::ResBlock;

/// Residual blocks at the bottom of the paper's segmentor.
const BLOCKS: usize = 4;
/// Most residual blocks that a stemmed one may have.
const MAX_BLOCKS: usize = 32;
/// Side of the first and last kernel of a stemmed one, in px.
const STEM_KERNEL: usize = 7;

/// Which layers a segmentor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SegmentorKind {
    /// The paper's: the picture is halved at once, four residual blocks, a 3×3 convolution at the end.
    #[default]
    Paper,
    /// As the authors' code builds it: 7×7 convolutions first and last, and everything between twice as wide.
    Stemmed {
        /// Residual blocks at the bottom.
        blocks: usize,
    },
}

/// Shape of a segmentor. It fits any picture whose sides are multiples of four.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentorConfig {
    /// Its layers.
    #[serde(default, skip_serializing_if = "SegmentorConfig::is_paper_s")]
    pub kind: SegmentorKind,
    /// Base width w; 64 in the paper. Even.
    pub width: usize,
    /// Number of labels, n_s.
    pub n_labels: usize,
}

impl SegmentorConfig {
    /// The paper's segmentor.
    pub fn paper(width: usize, n_labels: usize) -> Self {
        Self { kind: SegmentorKind::Paper, width, n_labels }
    }

    fn is_paper_s(kind: &SegmentorKind) -> bool {
        *kind == SegmentorKind::Paper
    }

    /// Refuses sizes that no network of this family has.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let out_of_range = |name, value, least, most| Err(ConfigError::OutOfRange { name, value, least, most });
        match (self.kind, self.width) {
            (SegmentorKind::Stemmed { blocks }, _) if !(1..=MAX_BLOCKS).contains(&blocks) => {
                out_of_range("segmentor blocks", blocks, 1, MAX_BLOCKS)
            }
            (SegmentorKind::Paper, width) if width % 2 == 1 => Err(ConfigError::OddWidth(width)),
            (SegmentorKind::Paper, 2..=256) | (SegmentorKind::Stemmed { .. }, 1..=256) => Ok(()),
            (_, value) => out_of_range("segmentor width", value, 1, 256),
        }
    }

    /// Channels of [`Segmentor::features`].
    pub fn feature_channels(&self) -> usize {
        2 * self.first_width()
    }

    /// Output width of the first halving convolution.
    fn first_width(&self) -> usize {
        match self.kind {
            SegmentorKind::Paper => self.width,
            SegmentorKind::Stemmed { .. } => 2 * self.width,
        }
    }

    /// Builds the network with Xavier-uniform weights.
    pub fn init(&self, init: &mut Init) -> Segmentor {
        let w = self.first_width();
        let (stem_width, blocks, out_kernel) = match self.kind {
            SegmentorKind::Paper => (None, BLOCKS, 3),
            SegmentorKind::Stemmed { blocks } => (Some(self.width), blocks, STEM_KERNEL),
        };
        Segmentor {
            stem: stem_width.map(|width| Conv::new(ConvShape::same(3, width, STEM_KERNEL, false), init)),
            stem_norm: stem_width.map(|width| InstanceNorm::new(width, init)),
            down1: Conv::new(ConvShape::halving(stem_width.unwrap_or(3), w, false), init),
            down1_norm: InstanceNorm::new(w, init),
            down2: Conv::new(ConvShape::halving(w, 2 * w, false), init),
            down2_norm: InstanceNorm::new(2 * w, init),
            blocks: (0..blocks).map(|_| ResBlock::new(2 * w, init)).collect(),
            up1: Deconv::new(2 * w, w, init),
            up1_norm: InstanceNorm::new(w, init),
            up2: Deconv::new(w, w / 2, init),
            up2_norm: InstanceNorm::new(w / 2, init),
            out: Conv::new(ConvShape::same(w / 2, self.n_labels, out_kernel, false), init),
        }
    }
}

/// The segmentor: down to a quarter of the side, residual blocks, up again; no biases.
#[derive(Module, Debug)]
pub struct Segmentor {
    /// Before everything else, at full size; of a stemmed one.
    stem: Option<Conv>,
    stem_norm: Option<InstanceNorm>,
    down1: Conv,
    down1_norm: InstanceNorm,
    down2: Conv,
    down2_norm: InstanceNorm,
    blocks: Vec<ResBlock>,
    up1: Deconv,
    up1_norm: InstanceNorm,
    up2: Deconv,
    up2_norm: InstanceNorm,
    out: Conv,
}

impl Segmentor {
    /// `[b, 3, h, w]` in [−1, 1] → features `[b, f, h/4, w/4]`, f of [`SegmentorConfig::feature_channels`].
    pub fn features(&self, picture: Tensor<4>) -> Tensor<4> {
        let x = match (&self.stem, &self.stem_norm) {
            (Some(stem), Some(norm)) => stem.forward_normed(picture, Normed::with(norm).relu().convolved()),
            _ => picture,
        };
        let x = self.down1.forward_normed(x, Normed::with(&self.down1_norm).relu().convolved());
        let x = self.down2.forward_normed(x, Normed::with(&self.down2_norm).relu());
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }

    /// Features `[b, f, h/4, w/4]` → label logits `[b, n_s, h, w]`.
    pub fn logits(&self, features: Tensor<4>) -> Tensor<4> {
        let x = self.up1.forward_normed(features, Normed::with(&self.up1_norm).relu().convolved());
        let x = self.up2.forward_normed(x, Normed::with(&self.up2_norm).relu().convolved());
        self.out.forward(x)
    }

    /// [`Segmentor::forward`] that asks before every layer whether to go on, and gives `None` once it is told not to.
    pub fn forward_while(&self, picture: Tensor<4>, go_on: &mut dyn FnMut() -> bool) -> Option<Tensor<4>> {
        let mut layer = |x: Tensor<4>, run: &dyn Fn(Tensor<4>) -> Tensor<4>| go_on().then(|| run(x));
        let mut x = picture;
        if let (Some(stem), Some(norm)) = (&self.stem, &self.stem_norm) {
            x = layer(x, &|x| stem.forward_normed(x, Normed::with(norm).relu().convolved()))?;
        }
        x = layer(x, &|x| self.down1.forward_normed(x, Normed::with(&self.down1_norm).relu().convolved()))?;
        x = layer(x, &|x| self.down2.forward_normed(x, Normed::with(&self.down2_norm).relu()))?;
        for block in &self.blocks {
            x = layer(x, &|x| block.forward(x))?;
        }
        x = layer(x, &|x| self.up1.forward_normed(x, Normed::with(&self.up1_norm).relu().convolved()))?;
        x = layer(x, &|x| self.up2.forward_normed(x, Normed::with(&self.up2_norm).relu().convolved()))?;
        layer(x, &|x| self.out.forward(x))
    }

    /// `[b, 3, h, w]` in [−1, 1] → label logits `[b, n_s, h, w]`.
    pub fn forward(&self, picture: Tensor<4>) -> Tensor<4> {
        self.logits(self.features(picture))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::parameters::count_parameters;

    #[test]
    fn the_paper_s_segmentor_has_its_parameter_count() {
        let segmentor = SegmentorConfig::paper(64, 7).init(&mut Init::new(1, &ComputeDevice::cpu()));
        assert_eq!(count_parameters(&segmentor), 1_482_272);
    }

    #[test]
    fn both_kinds_keep_the_size_of_the_picture() {
        let compute = ComputeDevice::cpu();
        for kind in [SegmentorKind::Paper, SegmentorKind::Stemmed { blocks: 2 }] {
            let config = SegmentorConfig { kind, width: 2, n_labels: 5 };
            config.validate().unwrap();
            let segmentor = config.init(&mut Init::new(1, &compute));
            let features = segmentor.features(Tensor::ones([1, 3, 24, 16], &compute.device));
            assert_eq!(features.dims(), [1, config.feature_channels(), 6, 4]);
            assert_eq!(segmentor.logits(features).dims(), [1, 5, 24, 16]);
        }
        let blocks = SegmentorConfig { kind: SegmentorKind::Stemmed { blocks: 1 << 40 }, width: 2, n_labels: 5 };
        assert!(blocks.validate().unwrap_err().to_string().contains("blocks"));
    }
}
