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
pub(crate) const COARSE_SIDE: usize = 8;
/// Side at which the attributes enter, in px.
const ATTRIBUTE_SIDE: usize = 32;
/// Side of the pictures of the tiled generator, in px.
const TILED_RESOLUTION: usize = 128;

/// How the three inputs enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeneratorKind {
    /// Layout, then latent, then attributes, coarse to fine.
    #[default]
    StepByStep,
    /// Latent and attributes tiled and joined to the layout at 8×8 (the authors' Generator_SC_3).
    AllAtOnce,
    /// Layout, then latent, then attributes, as the authors' Generator_SC_2 does it: the latent is tiled at 16×16, and a
    /// convolution takes in what was joined. 128×128 px only.
    StepByStepTiled,
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
        if self.kind == GeneratorKind::StepByStepTiled && self.resolution != TILED_RESOLUTION {
            return Err(ConfigError::FixedResolution { found: self.resolution, expected: TILED_RESOLUTION });
        }
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
    /// (and capped at) 8w, which the last one always has. The tiled generator stops at 16×16 and 4w.
    fn encoder_widths(&self) -> Vec<usize> {
        if self.kind == GeneratorKind::StepByStepTiled {
            return vec![self.width, 2 * self.width, 4 * self.width];
        }
        let count = (self.resolution / COARSE_SIDE).ilog2() as usize;
        // At 64 px there are only three convolutions; they are the last three of 128's.
        let skipped = 4usize.saturating_sub(count);
        (0..count).map(|i| (self.width << (i + skipped).min(3)).min(8 * self.width)).collect()
    }

    /// Output widths of the RESBLKUPs: 8w, 4w, then halving down to w/2 until the resolution is reached; 4w, 2w, w in
    /// the tiled generator.
    fn block_widths(&self) -> Vec<usize> {
        if self.kind == GeneratorKind::StepByStepTiled {
            return vec![4 * self.width, 2 * self.width, self.width];
        }
        let count = (self.resolution / COARSE_SIDE).ilog2();
        (0..count).map(|i| ((8 * self.width) >> i).max(self.width / 2)).collect()
    }

    /// Blocks that run before the attributes enter.
    pub(crate) fn coarse_blocks(&self) -> usize {
        match self.kind {
            GeneratorKind::StepByStep => (ATTRIBUTE_SIDE / COARSE_SIDE).ilog2() as usize,
            GeneratorKind::AllAtOnce => 0,
            GeneratorKind::StepByStepTiled => 1,
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
            GeneratorKind::AllAtOnce | GeneratorKind::StepByStepTiled => None,
        };
        input += if latent.is_some() { self.width } else { self.n_z };
        let (latent_fc, latent_norm) = latent.unzip();
        let tiled = self.kind == GeneratorKind::StepByStepTiled;
        let latent_conv = tiled.then(|| {
            let output = 8 * self.width;
            Conv::new(ConvShape::same(std::mem::replace(&mut input, output), output, 3, true), init)
        });
        let basic_norm = tiled.then(|| InstanceNorm::new(4 * self.width, init));
        let mut attribute_conv = None;
        let mut blocks = Vec::new();
        for (i, output) in self.block_widths().into_iter().enumerate() {
            if i == self.coarse_blocks() {
                let joined = input + self.n_attributes;
                if tiled {
                    attribute_conv = Some(Conv::new(ConvShape::same(joined, input, 3, true), init));
                } else {
                    input = joined;
                }
            }
            blocks.push(ResBlockUp::new(input, output, init));
            input = output;
        }
        Generator {
            encoder_conv,
            encoder_norm,
            latent_fc,
            latent_norm,
            latent_conv,
            basic_norm,
            attribute_conv,
            blocks,
            out_norm: InstanceNorm::new(input, init),
            out_conv: Conv::new(ConvShape::same(input, 3, 3, true), init),
            coarse_blocks: self.coarse_blocks(),
            n_z: self.n_z,
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
    /// Takes in the layout's features with the tiled latent; of the tiled generator.
    latent_conv: Option<Conv>,
    /// Ends step 2; of the tiled generator.
    basic_norm: Option<InstanceNorm>,
    /// Takes in step 2's output with the tiled attributes; of the tiled generator.
    attribute_conv: Option<Conv>,
    blocks: Vec<ResBlockUp>,
    out_norm: InstanceNorm,
    out_conv: Conv,
    #[module(skip)]
    coarse_blocks: usize,
    #[module(skip)]
    n_z: usize,
}

/// Step 2's output, with what step 3 makes of it alone.
#[derive(Clone, Debug)]
pub struct AttributeBase {
    basic: Tensor<4>,
    /// Its share in the two convolutions at the beginning of the first block, if the attributes are joined right there.
    entered: Option<[Tensor<4>; 2]>,
}

impl From<Tensor<4>> for AttributeBase {
    /// With nothing taken out.
    fn from(basic: Tensor<4>) -> Self {
        Self { basic, entered: None }
    }
}

impl Generator {
    /// Step 1, the layout: one-hot `[b, n_s, R, R] → [b, 8w, 8, 8]` (tiled: `[b, 4w, 16, 16]`).
    pub fn spatial(&self, one_hot: Tensor<4>) -> Tensor<4> {
        let layers = self.encoder_conv.iter().zip(&self.encoder_norm).enumerate();
        layers.fold(one_hot, |x, (at, (conv, norm))| {
            let then = Normed::with(norm).relu();
            // The last is joined with the latent.
            let last = at + 1 == self.encoder_conv.len();
            conv.forward_normed(x, if last { then } else { then.convolved() })
        })
    }

    /// Step 2, the latent: step 1's output and z `[b, n_z]` → `[b, 4w, 32, 32]` (all at once: `[b, 8w + n_z, 8, 8]`).
    pub fn latent(&self, spatial: Tensor<4>, z: Tensor<2>) -> Tensor<4> {
        let grid = match (&self.latent_fc, &self.latent_norm) {
            (Some(fc), Some(norm)) => {
                let y = fc.forward(z);
                let [batch, values] = y.dims();
                let channels = values / (COARSE_SIDE * COARSE_SIDE);
                norm.forward_relu(y.reshape([batch, channels, COARSE_SIDE, COARSE_SIDE]))
            }
            _ => tile(z, spatial.dims()[2]),
        };
        let x = taken_in(&self.latent_conv, Tensor::cat(vec![spatial, grid], 1));
        let x = self.blocks[..self.coarse_blocks].iter().fold(x, |x, block| block.forward(x));
        match &self.basic_norm {
            Some(norm) => norm.forward_relu(x),
            None => x,
        }
    }

    /// Step 3, the attributes: the output of step 2 and c `[b, n_c]` → the picture `[b, 3, R, R]` in [−1, 1].
    pub fn attributes(&self, basic: Tensor<4>, c: Tensor<2>) -> Tensor<4> {
        let side = basic.dims()[2];
        let x = if c.dims()[1] == 0 { basic } else { Tensor::cat(vec![basic, tile(c, side)], 1) };
        self.picture(taken_in(&self.attribute_conv, x), &self.blocks[self.coarse_blocks..])
    }

    /// Takes out of step 3 what does not depend on the attributes, so that it need not run again when only they change:
    /// the share of step 2's output in the first convolutions, which are linear.
    pub fn attribute_base(&self, basic: Tensor<4>, n_attributes: usize) -> AttributeBase {
        let channels = basic.dims()[1];
        let joins = |block: &&ResBlockUp| n_attributes > 0 && block.input_channels() == channels + n_attributes;
        let block = self.blocks.get(self.coarse_blocks).filter(joins);
        AttributeBase { entered: block.map(|block| block.enter(basic.clone(), 0, true)), basic }
    }

    /// Step 3 from its base: as [`Generator::attributes`], but for rounding.
    pub fn attributes_on(&self, AttributeBase { basic, entered }: AttributeBase, c: Tensor<2>) -> Tensor<4> {
        let (Some([main, skip]), Some((first, others))) = (entered, self.blocks[self.coarse_blocks..].split_first())
        else {
            return self.attributes(basic, c);
        };
        let [_, channels, side, _] = basic.dims();
        let [c_main, c_skip] = first.enter(tile(c, side), channels, false);
        self.picture(first.finish([main + c_main, skip + c_skip]), others)
    }

    /// The last blocks, and their output as a picture.
    fn picture(&self, x: Tensor<4>, blocks: &[ResBlockUp]) -> Tensor<4> {
        let x = blocks.iter().fold(x, |x, block| block.forward(x));
        tanh(self.out_conv.forward(self.out_norm.forward_relu(x)))
    }

    /// All three steps: z `[b, n_z]`, c `[b, n_c]`, one-hot s `[b, n_s, R, R]` → `[b, 3, R, R]` in [−1, 1].
    pub fn forward(&self, z: Tensor<2>, c: Tensor<2>, one_hot: Tensor<4>) -> Tensor<4> {
        self.attributes(self.latent(self.spatial(one_hot), z), c)
    }

    /// The layer z enters through; absent where z is tiled.
    pub fn latent_layer(&self) -> Option<&Linear> {
        self.latent_fc.as_ref()
    }

    /// Where z is tiled, `[o, n_z]`: by how much z shifts each channel behind the skip convolution of the first block,
    /// away from the border. The block's main path does not know z there, for its norm takes away what is the same
    /// everywhere.
    pub fn tiled_latent_map(&self) -> Option<Tensor<2>> {
        if self.latent_fc.is_some() {
            return None;
        }
        let n_features = self.encoder_norm.last()?.weight.val().dims()[0];
        let place = n_features..n_features + self.n_z;
        let skip = self.blocks.first()?.skip_weight();
        Some(match &self.latent_conv {
            Some(conv) => {
                let weight = conv.weight.val().sum_dim(3).sum_dim(2);
                let [output, input, ..] = weight.dims();
                skip.matmul(weight.reshape([output, input]).slice([0..output, place]))
            }
            None => {
                let outputs = skip.dims()[0];
                skip.slice([0..outputs, place])
            }
        })
    }
}

/// What was joined, through the convolution that a tiled generator has there.
fn taken_in(conv: &Option<Conv>, x: Tensor<4>) -> Tensor<4> {
    match conv {
        Some(conv) => conv.forward(x),
        None => x,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use burn::tensor::TensorData;

    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::noise::Noise;
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
    fn the_tiled_generator_takes_its_inputs_at_16_and_32_px() {
        let compute = ComputeDevice::cpu();
        let device = &compute.device;
        let generator = config(GeneratorKind::StepByStepTiled, 128).init(&mut Init::new(1, &compute));
        let spatial = generator.spatial(Tensor::ones([1, 3, 128, 128], device));
        assert_eq!(spatial.dims(), [1, 16, 16, 16]);
        let basic = generator.latent(spatial, Tensor::ones([1, 6], device));
        assert_eq!(basic.dims(), [1, 16, 32, 32]);
        let picture = |c| generator.attributes(basic.clone(), Tensor::full([1, 2], c, device));
        assert_eq!(picture(1.0).dims(), [1, 3, 128, 128]);
        let difference: f32 = (picture(1.0) - picture(0.0)).abs().max().into_scalar();
        assert!(difference > 1e-4, "attributes change the picture, got {difference}");
        let elsewhere = config(GeneratorKind::StepByStepTiled, 256).validate();
        assert_eq!(elsewhere, Err(ConfigError::FixedResolution { found: 256, expected: 128 }));
    }

    #[test]
    fn the_map_of_a_tiled_latent_is_what_reaches_the_skip_path() {
        let compute = ComputeDevice::cpu();
        let device = &compute.device;
        let z = Tensor::<2>::from_data([[0.3, -1.2, 0.8, 2.0, -0.1, 0.4]], device);
        for kind in [GeneratorKind::AllAtOnce, GeneratorKind::StepByStepTiled] {
            let generator = config(kind, 128).init(&mut Init::new(3, &compute));
            let spatial = generator.spatial(Tensor::ones([1, 3, 128, 128], device));
            let behind_skip = |z: Tensor<2>| {
                let side = spatial.dims()[2];
                let x = taken_in(&generator.latent_conv, Tensor::cat(vec![spatial.clone(), tile(z, side)], 1));
                let none = [1, generator.blocks[0].skip_weight().dims()[1] - x.dims()[1], side, side];
                let x = if none[1] == 0 { x } else { Tensor::cat(vec![x, Tensor::zeros(none, device)], 1) };
                generator.blocks[0].skip(x)
            };
            let shift = behind_skip(z.clone()) - behind_skip(z.zeros_like());
            let [_, channels, ..] = shift.dims();
            let shift = shift.slice([0..1, 0..channels, 4..5, 4..5]).reshape([1, channels]);
            let map = generator.tiled_latent_map().unwrap();
            let error: f32 = (z.clone().matmul(map.transpose()) - shift.clone()).abs().max().into_scalar();
            let size: f32 = shift.abs().max().into_scalar();
            assert!(error < 1e-4 * size && size > 0.01, "{kind:?}: {error} of {size}");
        }
        let untiled = config(GeneratorKind::StepByStep, 128).init(&mut Init::new(3, &compute));
        assert!(untiled.tiled_latent_map().is_none());
    }

    #[test]
    fn the_base_of_step_three_leads_to_the_same_picture() {
        let compute = ComputeDevice::cpu();
        for (kind, n_attributes) in
            [(GeneratorKind::StepByStep, 5), (GeneratorKind::StepByStep, 0), (GeneratorKind::AllAtOnce, 2)]
        {
            let config = GeneratorConfig { n_attributes, ..config(kind, 128) };
            let generator = config.init(&mut Init::new(3, &compute));
            let mut noise = Noise::new(4);
            let mut row = |length: usize| {
                Tensor::<2>::from_data(TensorData::new(noise.normal(length), [1, length]), &compute.device)
            };
            let s = row(3 * 128 * 128).reshape([1, 3, 128, 128]);
            let basic = generator.latent(generator.spatial(s), row(6));
            let base = generator.attribute_base(basic.clone(), n_attributes);
            assert_eq!(base.entered.is_some(), n_attributes > 0);
            for _ in 0..2 {
                let c = row(n_attributes);
                let whole = generator.attributes(basic.clone(), c.clone());
                let difference: f32 = (generator.attributes_on(base.clone(), c) - whole).abs().max().into_scalar();
                assert!(difference < 1e-4, "{kind:?} {n_attributes}: {difference}");
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
