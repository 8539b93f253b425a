//! Fitting a code to pictures whose code is known.

#![allow(clippy::unwrap_used, clippy::panic)]

use burn::tensor::{Tensor, TensorData};
use image::Rgb;

use super::*;
use crate::gpu::ComputeDevice;
use crate::label_image::LabelImage;
use crate::model::{
    GeneratorConfig, GeneratorKind, Init, Model, ModelCard, Provenance, SegmentorConfig, latent_from_seed, one_hot,
};
use crate::taxonomy::Taxonomy;

const N_Z: usize = 6;
const SIDE: usize = 64;

/// An untrained model: its pictures depend on z all the same.
fn tiny(kind: GeneratorKind, with_segmentor: bool) -> Model {
    let compute = ComputeDevice::cpu().autodiff();
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let (n_labels, n_attributes) = (taxonomy.n_labels(), taxonomy.n_attributes());
    let generator = GeneratorConfig { kind, resolution: SIDE, width: 4, n_z: N_Z, n_labels, n_attributes };
    let segmentor = SegmentorConfig::paper(4, n_labels);
    let init = &mut Init::new(3, &compute);
    Model {
        generator: generator.init(init),
        segmentor: with_segmentor.then(|| segmentor.init(init)),
        head: None,
        card: ModelCard {
            name: "tiny".to_owned(),
            title: "Tiny".to_owned(),
            taxonomy,
            generator,
            segmentor: with_segmentor.then_some(segmentor),
            attribute_head: false,
            provenance: Provenance::default(),
            license: String::new(),
            direction_names: Default::default(),
            hash: String::new(),
        },
    }
}

fn target(model: &Model, seed: u64) -> FitTarget {
    let device = ComputeDevice::cpu().autodiff().device;
    let ids = (0..SIDE * SIDE).map(|at| ((at / SIDE / 16 + at % SIDE / 22) % 5) as u8).collect();
    let labels = LabelImage::from_ids(SIDE as u32, SIDE as u32, ids).unwrap();
    let mut attributes = vec![0.0; model.card.taxonomy.n_attributes()];
    attributes[1] = 1.0;
    let row = |values: Vec<f32>| {
        let shape = [1, values.len()];
        Tensor::<2>::from_data(TensorData::new(values, shape), &device)
    };
    let s = one_hot(labels.ids(), 1, model.card.taxonomy.n_labels(), SIDE, &device);
    let mut z = latent_from_seed(seed, N_Z);
    super::fit::onto_shell(&mut z);
    let picture = model.generator.forward(row(z), row(attributes.clone()), s);
    FitTarget { photo: to_picture(picture).unwrap(), labels, attributes }
}

fn settings() -> FitSettings {
    FitSettings { candidates: 4, steps: 60, rate: 0.1, seed: 100 }
}

#[test]
fn the_code_of_a_generated_picture_is_found() {
    for (kind, with_segmentor) in [(GeneratorKind::StepByStep, true), (GeneratorKind::AllAtOnce, false)] {
        let model = tiny(kind, with_segmentor);
        let target = target(&model, 7);
        let mut losses = Vec::new();
        let mut go_on = |progress: Option<&FitProgress>| {
            losses.extend(progress.map(|progress| progress.best.loss));
            true
        };
        let fit = fit(&model, &ComputeDevice::cpu(), &target, &settings(), &mut go_on).unwrap().unwrap();
        assert!(losses.is_sorted_by(|a, b| a >= b), "the best only gets better: {losses:?}");
        assert!(fit.loss < 0.35 * fit.start_loss, "{kind:?}: from {} to {}", fit.start_loss, fit.loss);
        let error = |picture: &RgbImage| {
            let pairs = picture.as_raw().iter().zip(target.photo.as_raw());
            pairs.map(|(a, b)| f32::from(a.abs_diff(*b))).sum::<f32>() / picture.as_raw().len() as f32
        };
        assert!(error(&fit.picture) < 8.0, "{kind:?}: {} grey levels", error(&fit.picture));
        assert_eq!(fit.z.len(), N_Z);
    }
}

#[test]
fn a_fit_can_be_repeated_and_broken_off_at_every_point() {
    let model = tiny(GeneratorKind::StepByStep, true);
    let target = target(&model, 8);
    let settings = FitSettings { candidates: 2, steps: 2, ..settings() };
    let run = |stop: usize| {
        let mut asked = 0;
        let mut go_on = |_: Option<&FitProgress>| {
            asked += 1;
            asked <= stop
        };
        let found = fit(&model, &ComputeDevice::cpu(), &target, &settings, &mut go_on).unwrap();
        (found, asked)
    };
    let (found, asked) = run(usize::MAX);
    assert_eq!(run(usize::MAX).0, found);
    assert_eq!(asked, 2 + 2 * 2);
    for stop in 0..asked {
        assert_eq!(run(stop), (None, stop + 1));
    }
}

#[test]
fn what_does_not_fit_the_model_is_refused() {
    let model = tiny(GeneratorKind::StepByStep, true);
    let good = target(&model, 9);
    let refused = |target: FitTarget| {
        fit(&model, &ComputeDevice::cpu(), &target, &settings(), &mut |_| true).unwrap_err().to_string()
    };
    assert!(refused(FitTarget { photo: RgbImage::new(32, 64), ..good.clone() }).contains("pixels"));
    assert!(refused(FitTarget { labels: LabelImage::new(9, 9, 200), ..good.clone() }).contains("labels"));
    assert!(refused(FitTarget { attributes: vec![0.0], ..good.clone() }).contains("attributes"));
    let mut attributes = good.attributes.clone();
    attributes[0] = f32::NAN;
    assert!(refused(FitTarget { attributes, ..good }).contains("attributes"));
}

#[test]
fn numbers_that_are_none_never_come_out() {
    struct Spoil;
    impl crate::model::parameters::ParameterMap for Spoil {
        fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
            if name == "out_conv.bias" { Tensor::from_inner(value.inner() * f32::NAN) } else { value }
        }
    }
    let model = tiny(GeneratorKind::StepByStep, false);
    let target = target(&model, 5);
    let spoiled = Model { generator: crate::model::parameters::map(model.generator.clone(), Spoil), ..model };
    let error = fit(&spoiled, &ComputeDevice::cpu(), &target, &settings(), &mut |_| true).unwrap_err();
    assert!(matches!(error, PhotoError::NotFinite), "{error}");

    // A rate beyond all bounds: whatever happens to the codes, the best one is finite.
    let model = tiny(GeneratorKind::StepByStep, true);
    let wild = FitSettings { rate: 1e38, steps: 5, ..settings() };
    let found = fit(&model, &ComputeDevice::cpu(), &target, &wild, &mut |_| true).unwrap().unwrap();
    assert!(found.loss.is_finite() && found.z.iter().all(|value| value.is_finite()));
}

#[test]
fn pictures_and_tensors_are_the_same() {
    let picture = RgbImage::from_fn(5, 3, |x, y| Rgb([x as u8 * 50, y as u8 * 100, 255 - x as u8]));
    let device = ComputeDevice::cpu().device;
    assert_eq!(to_picture(to_tensor(&picture, &device)).unwrap(), picture);
}
