//! G(z, c, s): the picture, with its inputs entering step by step (the paper's method) or all at once (its ablation).

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::tanh;
use serde::{Deserialize, Serialize};

use super::config::{ConfigError, check_resolution};
use super::init::Init;
use super::layers::{Conv, ConvShape, InstanceNorm, Linear, Normed, tile};
use super::residual::ResBlockUp;

/// Side of the encoder's last feature map and of the latent's grid, in px.
const COARSE_SIDE: usize = 8;
/// Side at which the attributes enter, in px.
const ATTRIBUTE_SIDE: usize = 32;

/// How the three inputs enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeneratorKind {
    /// Layout, then latent, then attributes, coarse to fine.
    #[default]
    StepByStep,
    /// Latent and attributes tiled and joined to the layout at 8×8 (the authors' Generator_SC_3).
    AllAtOnce,
}

/// Shape of a generator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratorConfig {
    /// How the inputs enter.
    pub kind: GeneratorKind,
    /// Side of the picture in px: 64, 128, 256 or 512.
    pub resolution: usize,
    /// Base width w; 64 in the paper. Even.
    pub width: usize,
    /// Length of z; 512 in the paper.
    pub n_z: usize,
    /// Number of labels, n_s.
    pub n_labels: usize,
    /// Number of attributes, n_c.
    pub n_attributes: usize,
}

impl GeneratorConfig {
    /// Refuses sizes that no network of this family has.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_resolution(self.resolution)?;
        for (name, value, most) in [
            ("width", self.width, 256),
            ("n_z", self.n_z, 4096),
            ("n_labels", self.n_labels, crate::taxonomy::MAX_LABELS),
        ] {
            if value == 0 || value > most {
                return Err(ConfigError::OutOfRange { name, value, least: 1, most });
            }
        }
        if self.width % 2 == 1 {
            return Err(ConfigError::OddWidth(self.width));
        }
        if self.n_attributes > crate::taxonomy::MAX_ATTRIBUTES {
            let most = crate::taxonomy::MAX_ATTRIBUTES;
            return Err(ConfigError::OutOfRange { name: "n_attributes", value: self.n_attributes, least: 0, most });
        }
        Ok(())
    }

    /// Output widths of the encoder: one halving convolution each from the resolution down to 8×8, doubling towards
    /// (and capped at) 8w, which the last one always has.
    fn encoder_widths(&self) -> Vec<usize> {
        let count = (self.resolution / COARSE_SIDE).ilog2() as usize;
        // At 64 px there are only three convolutions; they are the last three of 128's.
        let skipped = 4usize.saturating_sub(count);
        (0..count).map(|i| (self.width << (i + skipped).min(3)).min(8 * self.width)).collect()
    }

    /// Output widths of the RESBLKUPs: 8w, 4w, then halving down to w/2 until the resolution is reached.
    fn block_widths(&self) -> Vec<usize> {
        let count = (self.resolution / COARSE_SIDE).ilog2();
        (0..count).map(|i| ((8 * self.width) >> i).max(self.width / 2)).collect()
    }

    /// Blocks that run before the attributes enter.
    fn coarse_blocks(&self) -> usize {
        match self.kind {
            GeneratorKind::StepByStep => (ATTRIBUTE_SIDE / COARSE_SIDE).ilog2() as usize,
            GeneratorKind::AllAtOnce => 0,
        }
    }

    /// Builds the network with Xavier-uniform weights.
    pub fn init(&self, init: &mut Init) -> Generator {
        let mut input = self.n_labels;
        let mut encoder_conv = Vec::new();
        let mut encoder_norm = Vec::new();
        for output in self.encoder_widths() {
            encoder_conv.push(Conv::new(ConvShape::halving(input, output, true), init));
            encoder_norm.push(InstanceNorm::new(output, init));
            input = output;
        }
        let latent = match self.kind {
            GeneratorKind::StepByStep => Some((
                Linear::new(self.n_z, self.width * COARSE_SIDE * COARSE_SIDE, init),
                InstanceNorm::new(self.width, init),
            )),
            GeneratorKind::AllAtOnce => None,
        };
        input += if latent.is_some() { self.width } else { self.n_z };
        let (latent_fc, latent_norm) = latent.unzip();
        let mut blocks = Vec::new();
        for (i, output) in self.block_widths().into_iter().enumerate() {
            if i == self.coarse_blocks() {
                input += self.n_attributes;
            }
            blocks.push(ResBlockUp::new(input, output, init));
            input = output;
        }
        Generator {
            encoder_conv,
            encoder_norm,
            latent_fc,
            latent_norm,
            blocks,
            out_norm: InstanceNorm::new(input, init),
            out_conv: Conv::new(ConvShape::same(input, 3, 3, true), init),
            coarse_blocks: self.coarse_blocks(),
        }
    }
}

/// The generator. Its three steps are public so that a live engine can keep the results of the first two.
#[derive(Module, Debug)]
pub struct Generator {
    encoder_conv: Vec<Conv>,
    encoder_norm: Vec<InstanceNorm>,
    latent_fc: Option<Linear>,
    latent_norm: Option<InstanceNorm>,
    blocks: Vec<ResBlockUp>,
    out_norm: InstanceNorm,
    out_conv: Conv,
    #[module(skip)]
    coarse_blocks: usize,
}

impl Generator {
    /// Step 1, the layout: one-hot `[b, n_s, R, R] → [b, 8w, 8, 8]`.
    pub fn spatial(&self, one_hot: Tensor<4>) -> Tensor<4> {
        let layers = self.encoder_conv.iter().zip(&self.encoder_norm);
        layers.fold(one_hot, |x, (conv, norm)| conv.forward_normed(x, Normed::with(norm).relu()))
    }

    /// Step 2, the latent: `[b, 8w, 8, 8]` and z `[b, n_z]` → `[b, 4w, 32, 32]` (all at once: `[b, 8w + n_z, 8, 8]`).
    pub fn latent(&self, spatial: Tensor<4>, z: Tensor<2>) -> Tensor<4> {
        let grid = match (&self.latent_fc, &self.latent_norm) {
            (Some(fc), Some(norm)) => {
                let y = fc.forward(z);
                let [batch, values] = y.dims();
                let channels = values / (COARSE_SIDE * COARSE_SIDE);
                norm.forward_relu(y.reshape([batch, channels, COARSE_SIDE, COARSE_SIDE]))
            }
            _ => tile(z, COARSE_SIDE),
        };
        let x = Tensor::cat(vec![spatial, grid], 1);
        self.blocks[..self.coarse_blocks].iter().fold(x, |x, block| block.forward(x))
    }

    /// Step 3, the attributes: the output of step 2 and c `[b, n_c]` → the picture `[b, 3, R, R]` in [−1, 1].
    pub fn attributes(&self, basic: Tensor<4>, c: Tensor<2>) -> Tensor<4> {
        let side = basic.dims()[2];
        let x = if c.dims()[1] == 0 { basic } else { Tensor::cat(vec![basic, tile(c, side)], 1) };
        let x = self.blocks[self.coarse_blocks..].iter().fold(x, |x, block| block.forward(x));
        tanh(self.out_conv.forward(self.out_norm.forward_relu(x)))
    }

    /// All three steps: z `[b, n_z]`, c `[b, n_c]`, one-hot s `[b, n_s, R, R]` → `[b, 3, R, R]` in [−1, 1].
    pub fn forward(&self, z: Tensor<2>, c: Tensor<2>, one_hot: Tensor<4>) -> Tensor<4> {
        self.attributes(self.latent(self.spatial(one_hot), z), c)
    }

    /// The layer z enters through; absent in the all-at-once generator.
    pub fn latent_layer(&self) -> Option<&Linear> {
        self.latent_fc.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::parameters::count_parameters;

    fn config(kind: GeneratorKind, resolution: usize) -> GeneratorConfig {
        GeneratorConfig { kind, resolution, width: 4, n_z: 6, n_labels: 3, n_attributes: 2 }
    }

    #[test]
    fn every_resolution_and_kind_gives_a_picture_of_its_size() {
        let compute = ComputeDevice::cpu();
        let device = &compute.device;
        for kind in [GeneratorKind::StepByStep, GeneratorKind::AllAtOnce] {
            for resolution in [64, 128, 256, 512] {
                let generator = config(kind, resolution).init(&mut Init::new(1, &compute));
                let s = Tensor::ones([1, 3, resolution, resolution], device);
                let spatial = generator.spatial(s);
                assert_eq!(spatial.dims(), [1, 32, 8, 8]);
                let picture = generator
                    .attributes(generator.latent(spatial, Tensor::ones([1, 6], device)), Tensor::ones([1, 2], device));
                assert_eq!(picture.dims(), [1, 3, resolution, resolution]);
                let peak: f32 = picture.abs().max().into_scalar();
                assert!(peak <= 1.0, "tanh bounds the picture, got {peak}");
            }
        }
    }

    #[test]
    fn the_paper_s_generator_has_its_parameter_count() {
        let config = GeneratorConfig {
            kind: GeneratorKind::StepByStep,
            resolution: 128,
            width: 64,
            n_z: 512,
            n_labels: 7,
            n_attributes: 5,
        };
        let generator = config.init(&mut Init::new(1, &ComputeDevice::cpu()));
        assert_eq!(count_parameters(&generator), 12_681_795);
    }

    #[test]
    fn widths_follow_the_resolution() {
        let widths = |resolution| {
            let config = config(GeneratorKind::StepByStep, resolution);
            (config.encoder_widths(), config.block_widths())
        };
        assert_eq!(widths(64), (vec![8, 16, 32], vec![32, 16, 8]));
        assert_eq!(widths(128), (vec![4, 8, 16, 32], vec![32, 16, 8, 4]));
        assert_eq!(widths(512), (vec![4, 8, 16, 32, 32, 32], vec![32, 16, 8, 4, 2, 2]));
    }
}
