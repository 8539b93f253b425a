//! A small network on the device and on the CPU: whether the passes compute there what they should.

use burn::tensor::{Tensor, TensorData};

use super::network::{Inputs, Network, Step};
use crate::gpu::{ComputeDevice, TextureError, TexturePass};
use crate::model::parameters;
use crate::model::{GeneratorConfig, GeneratorKind, Init, Noise, one_hot};

/// How far pixels in [−1, 1] may be off: rounding is below a tenth of it.
const TOLERANCE: f32 = 1e-3;

/// Draws a picture of each step's change and compares it with the CPU's.
pub(super) fn passed(device: &TexturePass) -> Result<bool, TextureError> {
    let config = GeneratorConfig {
        kind: GeneratorKind::StepByStep,
        resolution: 64,
        width: 6,
        n_z: 5,
        n_labels: 3,
        n_attributes: 2,
    };
    let changes = [Step::Spatial, Step::Attributes, Step::Latent];
    Ok(worst_difference(device, config, 1, &changes)?.is_some_and(|worst| worst < TOLERANCE))
}

/// The largest difference of a pixel from the CPU's over pictures of random inputs; none if the generator cannot be laid out, or a
/// value is no number.
pub(super) fn worst_difference(
    device: &TexturePass,
    config: GeneratorConfig,
    seed: u64,
    changes: &[Step],
) -> Result<Option<f32>, TextureError> {
    let compute = ComputeDevice::cpu();
    let GeneratorConfig { resolution, n_z, n_labels, n_attributes, .. } = config;
    let generator = config.init(&mut Init::new(seed, &compute));
    let Ok(tensors) = parameters::read(&generator, "generator") else { return Ok(None) };
    let Some(network) = Network::new(device, &tensors, &config)? else { return Ok(None) };
    let mut noise = Noise::new(seed);
    let (mut labels, mut latent) = (Vec::new(), Vec::new());
    let mut worst = 0.0_f32;
    for from in changes {
        if *from == Step::Spatial {
            labels = (0..resolution * resolution).map(|_| (noise.uniform() * n_labels as f32) as u8).collect();
        }
        if *from <= Step::Latent {
            latent = noise.normal(n_z);
        }
        let attributes = noise.normal(n_attributes);
        network.submit(Inputs { labels: &labels, latent: &latent, attributes: &attributes }, *from)?;
        let found = network.read()?;
        let row = |values: &[f32]| {
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, values.len()]), &compute.device)
        };
        let one_hot = one_hot(&labels, 1, n_labels, resolution, &compute.device);
        let expected = generator.forward(row(&latent), row(&attributes), one_hot).into_data().try_into_vec::<f32>();
        let Ok(expected) = expected else { return Ok(None) };
        if found.len() != expected.len() {
            return Ok(None);
        }
        for (found, expected) in found.iter().zip(&expected) {
            let apart = (found - expected).abs();
            if apart.is_nan() {
                return Ok(None);
            }
            worst = worst.max(apart);
        }
    }
    Ok(Some(worst))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::passes::any_card;

    #[test]
    fn pictures_are_those_of_the_cpu() {
        let Some(device) = any_card() else { return println!("skipped: no graphics adapter") };
        assert!(passed(&device).unwrap());
        // Also more labels, latents and attributes than a chunk, none, and widths that are no multiple of a tile.
        for (seed, width, resolution, n_labels, n_attributes, n_z) in
            [(2, 8, 128, 20, 17, 64), (3, 6, 256, 7, 0, 1), (4, 32, 128, 11, 9, 64)]
        {
            let kind = GeneratorKind::StepByStep;
            let config = GeneratorConfig { kind, resolution, width, n_z, n_labels, n_attributes };
            let changes = [Step::Spatial, Step::Attributes, Step::Latent, Step::Spatial, Step::Attributes];
            let worst = worst_difference(&device, config, seed, &changes).unwrap().unwrap();
            println!("width {width}, {resolution} px: off by at most {worst:.1e}");
            assert!(worst < TOLERANCE, "{worst}");
        }
        let config = GeneratorConfig {
            kind: GeneratorKind::AllAtOnce,
            resolution: 64,
            width: 4,
            n_z: 3,
            n_labels: 2,
            n_attributes: 1,
        };
        assert_eq!(worst_difference(&device, config, 5, &[Step::Spatial]).unwrap(), None, "another kind");
    }
}
