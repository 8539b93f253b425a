//! S: the label of every pixel of a picture.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::config::ConfigError;
use super::init::Init;
use super::layers::{Conv, ConvShape, Deconv, InstanceNorm, Normed};
use super::residual::ResBlock;

/// Residual blocks at the bottom.
const BLOCKS: usize = 4;

/// Shape of a segmentor. It fits any picture whose sides are multiples of four.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentorConfig {
    /// Base width w; 64 in the paper. Even.
    pub width: usize,
    /// Number of labels, n_s.
    pub n_labels: usize,
}

impl SegmentorConfig {
    /// Refuses sizes that no network of this family has.
    pub fn validate(&self) -> Result<(), ConfigError> {
        match self.width {
            width if width % 2 == 1 => Err(ConfigError::OddWidth(width)),
            2..=256 => Ok(()),
            value => Err(ConfigError::OutOfRange { name: "segmentor width", value, least: 2, most: 256 }),
        }
    }

    /// Builds the network with Xavier-uniform weights.
    pub fn init(&self, init: &mut Init) -> Segmentor {
        let w = self.width;
        Segmentor {
            down1: Conv::new(ConvShape::halving(3, w, false), init),
            down1_norm: InstanceNorm::new(w, init),
            down2: Conv::new(ConvShape::halving(w, 2 * w, false), init),
            down2_norm: InstanceNorm::new(2 * w, init),
            blocks: (0..BLOCKS).map(|_| ResBlock::new(2 * w, init)).collect(),
            up1: Deconv::new(2 * w, w, init),
            up1_norm: InstanceNorm::new(w, init),
            up2: Deconv::new(w, w / 2, init),
            up2_norm: InstanceNorm::new(w / 2, init),
            out: Conv::new(ConvShape::same(w / 2, self.n_labels, 3, false), init),
        }
    }
}

/// The segmentor: down to a quarter of the side, residual blocks, up again; no biases.
#[derive(Module, Debug)]
pub struct Segmentor {
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
    /// `[b, 3, h, w]` in [−1, 1] → features `[b, 2w, h/4, w/4]`.
    pub fn features(&self, picture: Tensor<4>) -> Tensor<4> {
        let x = self.down1.forward_normed(picture, Normed::with(&self.down1_norm).relu());
        let x = self.down2.forward_normed(x, Normed::with(&self.down2_norm).relu());
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }

    /// Features `[b, 2w, h/4, w/4]` → label logits `[b, n_s, h, w]`.
    pub fn logits(&self, features: Tensor<4>) -> Tensor<4> {
        let x = self.up1.forward_normed(features, Normed::with(&self.up1_norm).relu());
        let x = self.up2.forward_normed(x, Normed::with(&self.up2_norm).relu());
        self.out.forward(x)
    }

    /// `[b, 3, h, w]` in [−1, 1] → label logits `[b, n_s, h, w]`.
    pub fn forward(&self, picture: Tensor<4>) -> Tensor<4> {
        self.logits(self.features(picture))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::parameters::count_parameters;

    #[test]
    fn the_paper_s_segmentor_has_its_parameter_count() {
        let segmentor = SegmentorConfig { width: 64, n_labels: 7 }.init(&mut Init::new(1, &ComputeDevice::cpu()));
        assert_eq!(count_parameters(&segmentor), 1_482_272);
    }
}
