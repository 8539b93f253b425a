#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::hostile::survives;
use crate::model::{GeneratorConfig, GeneratorKind, SegmentorConfig};
use crate::taxonomy::Taxonomy;

fn small_model(seed: u64) -> Model {
    let compute = ComputeDevice::cpu();
    let mut init = Init::new(seed, &compute);
    let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
    let (n_labels, n_attributes) = (taxonomy.n_labels(), taxonomy.n_attributes());
    let generator =
        GeneratorConfig { kind: GeneratorKind::StepByStep, resolution: 64, width: 2, n_z: 4, n_labels, n_attributes };
    let segmentor = SegmentorConfig::paper(2, n_labels);
    Model {
        generator: generator.init(&mut init),
        segmentor: Some(segmentor.init(&mut init)),
        head: Some(AttributeHead::new(&segmentor, n_attributes, &mut init)),
        card: ModelCard {
            name: "small".to_owned(),
            title: "Small".to_owned(),
            taxonomy,
            generator,
            segmentor: Some(segmentor),
            attribute_head: true,
            provenance: Provenance::default(),
            license: "CC0-1.0".to_owned(),
            hash: String::new(),
        },
    }
}

fn weights(model: &Model) -> TensorMap {
    let mut tensors = parameters::read(&model.generator, "g").unwrap();
    tensors.append(&mut parameters::read(model.segmentor.as_ref().unwrap(), "s").unwrap());
    tensors.append(&mut parameters::read(model.head.as_ref().unwrap(), "h").unwrap());
    tensors
}

fn reason(bytes: &[u8]) -> String {
    Model::from_bytes(bytes, "some.safetensors", &ComputeDevice::cpu()).unwrap_err().to_string()
}

/// The file with its header text changed and everything else, the checksum included, intact.
fn with_header(bytes: &[u8], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let file = TensorFile::open(bytes).unwrap();
    let mut header = serde_json::from_str(file.header()).unwrap();
    change(&mut header);
    tensors::encode(&file.read().unwrap(), header.to_string(), Precision::F32).unwrap()
}

#[test]
fn what_is_saved_is_what_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = small_model(3);
    for (precision, tolerance) in [(Precision::F32, 0.0), (Precision::F16, 1e-3)] {
        let path = folder.path().join("model.safetensors");
        model.save(&path, precision).unwrap();
        let loaded = Model::load(&path, &ComputeDevice::cpu()).unwrap();
        assert_eq!(loaded.card, model.card);
        assert_eq!(loaded.card.hash.len(), 64);
        for (name, tensor) in weights(&model) {
            let found = &weights(&loaded)[&name];
            assert_eq!(found.shape, tensor.shape, "{name}");
            for (a, b) in tensor.values.iter().zip(&found.values) {
                assert!((a - b).abs() <= tolerance * a.abs().max(1e-3), "{name}: {a} {b}");
            }
        }
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    assert_eq!(small_model(3).encode(Precision::F16).unwrap(), small_model(3).encode(Precision::F16).unwrap());
    assert_ne!(small_model(3).encode(Precision::F16).unwrap(), small_model(4).encode(Precision::F16).unwrap());
}

#[test]
fn a_model_older_programs_know_keeps_their_format_and_others_get_a_newer_one() {
    let format = |model: &mut Model| {
        let bytes = model.encode(Precision::F32).unwrap();
        let file = TensorFile::open(&bytes).unwrap();
        let header: serde_json::Value = serde_json::from_str(file.header()).unwrap();
        let loaded = Model::from_bytes(&bytes, "some.safetensors", &ComputeDevice::cpu()).unwrap();
        assert_eq!(loaded.card, model.card);
        assert_eq!(
            (loaded.segmentor.is_some(), loaded.head.is_some()),
            (model.segmentor.is_some(), model.head.is_some())
        );
        (header["format"].as_u64().unwrap(), header["card"].clone())
    };
    let mut model = small_model(8);
    let (version, card) = format(&mut model);
    assert_eq!(version, 1);
    assert!(card["segmentor"].get("kind").is_none() && card.get("attribute_head").is_none(), "{card}");

    model.head = None;
    assert_eq!(format(&mut model).0, 2);
    model.segmentor = None;
    let (version, card) = format(&mut model);
    assert_eq!((version, card["segmentor"].is_null()), (2, true));

    let compute = ComputeDevice::cpu();
    let mut tiled = small_model(9);
    tiled.card.generator.kind = GeneratorKind::StepByStepTiled;
    tiled.card.generator.resolution = 128;
    tiled.generator = tiled.card.generator.init(&mut Init::new(9, &compute));
    assert_eq!(format(&mut tiled).0, 2);

    let mut stemmed = small_model(10);
    let kind = SegmentorKind::Stemmed { blocks: 3 };
    let config = SegmentorConfig { kind, ..stemmed.card.segmentor.clone().unwrap() };
    let mut init = Init::new(10, &compute);
    stemmed.segmentor = Some(config.init(&mut init));
    stemmed.head = Some(AttributeHead::new(&config, stemmed.card.generator.n_attributes, &mut init));
    stemmed.card.segmentor = Some(config);
    assert_eq!(format(&mut stemmed).0, 2);
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let bytes = small_model(5).encode(Precision::F16).unwrap();
    let compute = ComputeDevice::cpu();
    survives(&bytes, 17, |bytes| drop(Model::from_bytes(bytes, "x", &compute)));
}

#[test]
fn every_kind_of_damage_is_named() {
    let bytes = small_model(5).encode(Precision::F32).unwrap();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(reason(&flipped).contains("checksum"));

    let newer = with_header(&bytes, |header| header["format"] = 99.into());
    assert!(reason(&newer).contains("version 99"));

    let wider = with_header(&bytes, |header| header["card"]["generator"]["width"] = 256.into());
    let message = reason(&wider);
    assert!(message.contains("some.safetensors") && message.contains("generator."), "{message}");

    let huge = with_header(&bytes, |header| header["card"]["generator"]["n_z"] = 4_000_000_000_u32.into());
    assert!(reason(&huge).contains("n_z"));

    let labels = with_header(&bytes, |header| header["card"]["generator"]["n_labels"] = 9.into());
    assert!(reason(&labels).contains("9 labels"));

    let mut tensors = TensorFile::open(&bytes).unwrap().read().unwrap();
    let header = TensorFile::open(&bytes).unwrap().header().to_owned();
    tensors.remove("segmentor.out.weight");
    let missing = tensors::encode(&tensors, header, Precision::F32).unwrap();
    assert!(reason(&missing).contains("segmentor.out.weight"));

    let foreign = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert!(reason(&foreign).contains("not written by this program"));
}

#[test]
fn a_model_with_values_that_are_no_numbers_is_not_saved() {
    let mut model = small_model(6);
    let segmentor = model.segmentor.take().unwrap();
    let mut tensors = parameters::read(&segmentor, "s").unwrap();
    tensors.get_mut("s.out.weight").unwrap().values[1] = f32::NAN;
    model.segmentor = Some(parameters::load(segmentor, "s", &tensors).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let message = model.save(&path, Precision::F16).unwrap_err().to_string();
    assert!(message.contains("segmentor.out.weight"), "{message}");
    assert!(!path.exists());
}
