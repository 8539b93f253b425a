#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::hostile::survives;
use crate::model::{DirectionNames, GeneratorConfig, GeneratorKind, SegmentorConfig};
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
            direction_names: Default::default(),
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

fn names(pairs: &[(usize, &str)]) -> DirectionNames {
    let mut names = DirectionNames::default();
    pairs.iter().for_each(|(index, name)| names.set(*index, name));
    names
}

#[test]
fn directions_get_names_and_the_rest_of_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = small_model(12);
    model.save(&path, Precision::F16).unwrap();
    let before = std::fs::read(&path).unwrap();
    // What a newer program may have written stays.
    let newer = with_header(&before, |header| header["card"]["future"] = 7.into());
    let newer_hash = TensorFile::open(&newer).unwrap().content_hash();
    let newer = with_header(&newer, |header| header["card"]["hash"] = newer_hash.clone().into());
    let renamed = naming::named(&newer, &newer_hash, &names(&[(1, "Jaw")])).unwrap();
    assert!(TensorFile::open(&renamed).unwrap().header().contains("future"));

    let given = names(&[(0, "Breite des Kinns"), (3, "目")]);
    name_directions(&path, &model.card.hash, &given).unwrap();
    let loaded = Model::load(&path, &ComputeDevice::cpu()).unwrap();
    assert_eq!(loaded.card.direction_names, given);
    assert_eq!(ModelCard { direction_names: DirectionNames::default(), ..loaded.card }, model.card);
    name_directions(&path, &model.card.hash, &DirectionNames::default()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before, "the file is as it was, bit for bit");
    model.card.direction_names = given.clone();
    model.save(&path, Precision::F16).unwrap();
    assert_eq!(Model::load(&path, &ComputeDevice::cpu()).unwrap().card.direction_names, given);
}

#[test]
fn another_model_s_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = small_model(13);
    model.save(&path, Precision::F16).unwrap();
    let hash = model.card.hash.clone();
    small_model(14).save(&path, Precision::F16).unwrap();
    let other = std::fs::read(&path).unwrap();
    let error = name_directions(&path, &hash, &names(&[(0, "Jaw")])).unwrap_err().to_string();
    assert!(error.contains("model.safetensors") && error.contains("another model"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), other);
    let gone = folder.path().join("gone.safetensors");
    assert!(name_directions(&gone, &hash, &names(&[(0, "Jaw")])).is_err() && !gone.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn hostile_names_never_spoil_a_model() {
    let bytes = small_model(15).encode(Precision::F32).unwrap();
    let read = |names: serde_json::Value| {
        let bytes = with_header(&bytes, |header| header["card"]["direction_names"] = names.clone());
        Model::from_bytes(&bytes, "x", &ComputeDevice::cpu()).map(|model| model.card.direction_names)
    };
    let long = "x".repeat(100_000);
    let found = read(serde_json::json!({"0": long, "1": "a\nb", "-3": "no", "99999999": "no", "2": ""})).unwrap();
    assert_eq!(found, names(&[(0, &"x".repeat(24)), (1, "a b")]));
    assert!(read(serde_json::json!([1, 2])).unwrap_err().to_string().contains("header"));
    let mut model = small_model(16);
    let bytes = model.encode(Precision::F16).unwrap();
    let hash = model.card.hash;
    survives(&bytes, 18, |bytes| {
        if let Ok(renamed) = naming::named(bytes, &hash, &names(&[(0, "Jaw")])) {
            assert_eq!(TensorFile::open(&renamed).unwrap().content_hash(), hash, "only a sound file gets names");
        }
    });
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
