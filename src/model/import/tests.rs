#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
pub(crate) mod stream;

use std::fs;
use std::path::PathBuf;

use burn::tensor::{Tensor, TensorData};
use safetensors::SafeTensors;

use self::stream::{Stored, state_dict, write};
use super::*;
use crate::model::parameters::to_host;
use crate::model::{GeneratorKind, SegmentorKind, one_hot};
use crate::taxonomy::Taxonomy;

const SIDE: usize = 128;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pytorch").join(name)
}

fn load(file: &str, segmentor: Option<&str>) -> (Model, Imported) {
    let segmentor = segmentor.map(fixture);
    import(&fixture(file), segmentor.as_deref(), &ImportOptions::default(), &ComputeDevice::cpu()).unwrap()
}

/// The picture that `make_fixtures.py` makes of its inputs.
fn drawn(model: &Model) -> Tensor<4> {
    let device = ComputeDevice::cpu().device;
    let card = &model.card.generator;
    let z: Vec<f32> = (0..card.n_z).map(|i| (i as f32 - 1.5) * 0.7).collect();
    let c: Vec<f32> = (0..card.n_attributes).map(|i| (i % 2) as f32).collect();
    let labels: Vec<u8> = (0..SIDE * SIDE).map(|at| ((at % SIDE + 2 * (at / SIDE)) / 16 % 7) as u8).collect();
    let row = |values: Vec<f32>| {
        let sides = [1, values.len()];
        Tensor::<2>::from_data(TensorData::new(values, sides), &device)
    };
    model.generator.forward(row(z), row(c), one_hot(&labels, 1, card.n_labels, SIDE, &device))
}

/// The label logits that it makes of a picture.
fn segmented(model: &Model) -> Tensor<4> {
    let at = |k: usize, y: usize, x: usize| ((5 * x + 3 * y + 40 * k) % 97) as f32 / 48.0 - 1.0;
    let picture = (0..3).flat_map(|k| (0..SIDE).flat_map(move |y| (0..SIDE).map(move |x| at(k, y, x))));
    let picture = TensorData::new(picture.collect::<Vec<f32>>(), [1, 3, SIDE, SIDE]);
    model.segmentor.as_ref().unwrap().forward(Tensor::from_data(picture, &ComputeDevice::cpu().device))
}

/// ‖found − expected‖ / ‖expected‖ of means over 8×8 boxes.
fn error(name: &str, found: Tensor<4>) -> f64 {
    let [_, channels, ..] = found.dims();
    let boxes = found.reshape([channels * SIDE / 8, 8, SIDE / 8, 8]).mean_dim(3).mean_dim(1);
    let found = to_host(boxes, name).unwrap().values;
    let bytes = fs::read(fixture("expected.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let data = file.tensor(name).unwrap().data();
    let expected: Vec<f32> = data.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
    assert_eq!(found.len(), expected.len(), "{name}");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let difference = norm(&mut found.iter().zip(&expected).map(|(a, b)| f64::from(a - b)));
    let error = difference / norm(&mut expected.iter().map(|value| f64::from(*value)));
    println!("{name} {error:.3e}");
    error
}

#[test]
fn networks_in_every_form_draw_what_pytorch_draws() {
    // A zip file with a state dict; a stream with DataParallel's names inside a dictionary.
    let (tiled, imported) = load("generator_sc_2.pth", Some("segmentor_types.pth"));
    assert!(error("generator_sc_2", drawn(&tiled)) < 1e-4);
    assert_eq!(tiled.card.generator.kind, GeneratorKind::StepByStepTiled);
    assert_eq!((imported.generator_class, imported.segmentor_class), ("Generator_SC_2", Some("Segmentor")));
    assert_eq!(imported.unused, ["dense.bias", "dense.weight"]);
    // F16, BF16, F32 and F64 in one file.
    assert!(error("segmentor_types", segmented(&tiled)) < 1e-4);
    assert_eq!(tiled.card.segmentor.as_ref().unwrap().kind, SegmentorKind::Stemmed { blocks: 2 });

    // A tar file without scales and shifts.
    let (at_once, imported) = load("stream_module.pth", Some("segmentor_tar.pth"));
    assert!(error("stream_module", drawn(&at_once)) < 1e-4);
    assert!(error("segmentor_tar", segmented(&at_once)) < 1e-4);
    assert_eq!(at_once.card.generator.kind, GeneratorKind::AllAtOnce);
    assert_eq!((imported.generator_class, imported.unused.len()), ("Generator_SC_3", 0));
    let sizes = &at_once.card.generator;
    assert_eq!((sizes.width, sizes.n_z, sizes.n_labels, sizes.n_attributes), (2, 4, 7, 5));
    assert_eq!(at_once.card.taxonomy.name, "celeba-7");
}

#[test]
fn an_imported_model_is_saved_and_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for segmentor in [None, Some("segmentor_types.pth")] {
        let (mut model, _) = load("generator_sc_2.pth", segmentor);
        model.save(&path, crate::model::Precision::F32).unwrap();
        let loaded = Model::load(&path, &ComputeDevice::cpu()).unwrap();
        assert_eq!(loaded.card, model.card);
        assert_eq!(loaded.segmentor.is_some(), segmentor.is_some());
        assert!(error("generator_sc_2", drawn(&loaded)) < 1e-4);
    }
    let raw = Model::load(&fixture("stream_module.pth"), &ComputeDevice::cpu()).unwrap_err().to_string();
    assert!(raw.contains("scgan import") && raw.contains("stream_module.safetensors"), "{raw}");
}

/// A file of these tensors, imported.
fn import_stored(stored: &[Stored], options: &ImportOptions) -> Result<(Model, Imported), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.pth");
    fs::write(&path, write(stored)).unwrap();
    import(&path, None, options, &ComputeDevice::cpu()).map_err(|error| error.to_string())
}

fn renamed(stored: &[Stored], prefix: &str) -> Vec<Stored> {
    stored.iter().map(|tensor| Stored { name: format!("{prefix}{}", tensor.name), ..tensor.clone() }).collect()
}

#[test]
fn a_file_may_hold_several_networks() {
    let generator = state_dict("generator_sc_2.pth");
    let segmentor = state_dict("segmentor_types.pth");
    let segmentor: Vec<Stored> =
        segmentor.into_iter().map(|t| Stored { name: t.name.replace("model.", "S.module."), ..t }).collect();
    let both = [renamed(&generator, "G."), segmentor.clone()].concat();
    let (model, imported) = import_stored(&both, &ImportOptions::default()).unwrap();
    assert!(error("generator_sc_2", drawn(&model)) < 1e-4);
    assert!(error("segmentor_types", segmented(&model)) < 1e-4);
    assert_eq!(imported.unused, ["G.dense.bias", "G.dense.weight"]);

    let average = [both, renamed(&generator, "G_ema."), renamed(&generator[..1], "optimiser.")].concat();
    let message = import_stored(&average, &ImportOptions::default()).unwrap_err();
    assert!(message.contains("`G`, `G_ema`") && message.contains("--key"), "{message}");
    let chosen = ImportOptions { key: Some("G_ema".to_owned()), ..ImportOptions::default() };
    let (model, imported) = import_stored(&average, &chosen).unwrap();
    assert!(error("generator_sc_2", drawn(&model)) < 1e-4);
    assert!(imported.unused.iter().any(|name| name.starts_with("G.model1")), "{:?}", imported.unused);
    let absent = ImportOptions { key: Some("H".to_owned()), ..ImportOptions::default() };
    assert!(import_stored(&average, &absent).unwrap_err().contains("--key"));
    assert!(import_stored(&segmentor, &ImportOptions::default()).unwrap_err().contains("--segmentor"));
}

#[test]
fn labels_and_attributes_get_the_names_that_fit() {
    let tiled = state_dict("generator_sc_2.pth");
    let at_once = state_dict("stream_module.pth");
    let with = |naming: Naming| ImportOptions { naming, ..ImportOptions::default() };
    let named = |stored: &[Stored], naming| import_stored(stored, &with(naming)).map(|(model, _)| model.card.taxonomy);
    let of = |name: &str| Naming { taxonomy: Taxonomy::builtin(name), ..Naming::default() };

    assert_eq!(named(&tiled, Naming::default()).unwrap().name, "celeba-7");
    let message = named(&tiled, of("portrait")).unwrap_err();
    assert!(message.contains("7 labels") && message.contains("portrait"), "{message}");
    let message = named(&tiled, of("fashion-7")).unwrap_err();
    assert!(message.contains("5 attributes") && message.contains("17") && message.contains("--numbered"), "{message}");
    let numbered = named(&tiled, Naming { numbered_attributes: true, ..of("fashion-7") }).unwrap();
    assert_eq!((numbered.labels[1].name.as_str(), numbered.n_attributes()), ("hair", 5));
    assert_eq!(numbered.attribute_names().last(), Some("attribute_5"));
    let message = named(&tiled, Naming { numbered_attributes: true, ..Naming::default() }).unwrap_err();
    assert!(message.contains("celeba-7 and fashion-7"), "{message}");
    assert!(named(&tiled, Naming { n_z: Some(5), ..Naming::default() }).unwrap_err().contains("z has 4 values"));

    // z and attributes have 9 channels together: 4 + 5 here, and nothing fits 8 + 1.
    assert_eq!(named(&at_once, Naming { n_z: Some(4), ..Naming::default() }).unwrap().name, "celeba-7");
    let message = named(&at_once, Naming { n_z: Some(8), ..Naming::default() }).unwrap_err();
    assert!(message.contains("9 channels") && message.contains("celeba-7: 7 labels, 5 attributes"), "{message}");
    assert!(named(&at_once, Naming { n_z: Some(10), ..Naming::default() }).unwrap_err().contains("--n-z 10"));
    assert!(named(&at_once, of("fashion-7")).unwrap_err().contains("fashion-7 has 17"));
    let message = named(&at_once, Naming { numbered_attributes: true, ..of("celeba-7") }).unwrap_err();
    assert!(message.contains("--n-z"), "{message}");
    let numbered = Naming { numbered_attributes: true, n_z: Some(6), ..of("celeba-7") };
    assert_eq!(named(&at_once, numbered).unwrap().n_attributes(), 3);
}
