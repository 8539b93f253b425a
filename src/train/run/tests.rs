//! Runs in folders: interrupted, fine-tuned, thinned, diverging.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use super::*;
use crate::data::OpenOptions;
use crate::data::procedural::{Kind, source};
use crate::gpu::ComputeDevice;
use crate::model::{GeneratorKind, Model};
use crate::taxonomy::Taxonomy;
use crate::train::TrainConfig;
use crate::train::checkpoint;

fn pictures(kind: Kind, len: usize) -> Arc<dyn SampleSource> {
    Arc::new(source(kind, 5).with_len(len))
}

/// Settings of tiny networks.
fn tiny(config: TrainConfig) -> TrainConfig {
    TrainConfig {
        steps: 6,
        batch: 2,
        resolution: 64,
        generator_width: 2,
        discriminator_width: 2,
        segmentor_width: 2,
        n_z: 4,
        critic_updates: 1,
        loader_threads: 1,
        ..config
    }
}

fn spec(folder: &Path, config: TrainConfig, start: RunStart) -> RunSpec {
    RunSpec {
        folder: folder.to_owned(),
        data: "procedural:portrait".to_owned(),
        options: OpenOptions::default(),
        config,
        start,
        name: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        license: "CC0".to_owned(),
        cadence: Cadence { checkpoint_every: 0, sample_every: 0, log_every: 1, keep_every: 0, tensorboard: false },
    }
}

fn create(spec: RunSpec, source: &Arc<dyn SampleSource>) -> Run {
    Run::create(spec, Arc::clone(source), &ComputeDevice::cpu()).unwrap()
}

fn resume(folder: &Path, source: &Arc<dyn SampleSource>) -> Run {
    Run::resume(folder, Some(Arc::clone(source)), &ComputeDevice::cpu()).unwrap()
}

fn advance(run: &mut Run, phases: usize) {
    for _ in 0..phases {
        assert_ne!(run.advance().unwrap().phase, Phase::Done);
    }
}

/// Bytes of the newest checkpoint: all weights, moments, random state and cursor.
fn saved(run: &mut Run) -> Vec<u8> {
    fs::read(run.checkpoint().unwrap().path).unwrap()
}

/// A model of tiny networks, trained a little, in a file.
fn tiny_model(folder: &Path, kind: Kind) -> PathBuf {
    let mut run = create(spec(folder, tiny(TrainConfig::default()), RunStart::Scratch), &pictures(kind, 12));
    advance(&mut run, 4);
    run.checkpoint().unwrap();
    run.model()
}

fn fine_tune(model: &Path, critic_warmup: u64) -> RunStart {
    RunStart::FineTune(FineTune { critic_warmup, ..FineTune::of(model.to_str().unwrap()) })
}

#[test]
fn an_interrupted_run_is_the_run_without_bit_for_bit_in_every_mode() {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny_model(&folder.path().join("base"), Kind::Portrait);
    let portraits = pictures(Kind::Portrait, 20);
    let gentle = TrainConfig { freeze_discriminator_layers: 2, held_out: 3, ..tiny(TrainConfig::fine_tune()) };
    let modes = [
        ("scratch", tiny(TrainConfig::default()), RunStart::Scratch, &[3, 4][..]),
        // In the warm-up, at its end, and after it.
        ("file", gentle.clone(), fine_tune(&model, 3), &[2, 3, 4]),
        // With its own D, early layers of which never have moments.
        ("run", gentle, fine_tune(&folder.path().join("base"), 3), &[3]),
    ];
    for (mode, config, start, stops) in modes {
        let run_in = |name: String| spec(&folder.path().join(name), config.clone(), start.clone());
        for &phases in stops {
            let mut straight = create(run_in(format!("{mode}-{phases}")), &portraits);
            advance(&mut straight, 2 * phases);
            let mut first = create(run_in(format!("{mode}-{phases}-split")), &portraits);
            advance(&mut first, phases);
            first.checkpoint().unwrap();
            let path = first.spec().folder.clone();
            drop(first);
            let mut second = resume(&path, &portraits);
            advance(&mut second, phases);
            assert_eq!(second.step(), straight.step());
            assert!(saved(&mut straight) == saved(&mut second), "{mode} stopped after {phases}");
        }
    }
}

#[test]
fn a_base_gives_its_weights_and_only_its_run_gives_d() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    let model = tiny_model(&base, Kind::Portrait);
    let portraits = pictures(Kind::Portrait, 20);
    let (_, _, trained) = checkpoint::load_newest(&base).unwrap();
    // Shapes that are not the base's are the base's all the same.
    let config = TrainConfig { seed: 8, ..tiny(TrainConfig::fine_tune()) };
    let config = TrainConfig { n_z: 64, generator_width: 16, discriminator_width: 8, ..config };

    let from_file = create(spec(&folder.path().join("file"), config.clone(), fine_tune(&model, 5)), &portraits);
    let TrainConfig { n_z, generator_width, discriminator_width, .. } = from_file.spec().config;
    assert_eq!((n_z, generator_width, discriminator_width, from_file.warm_up()), (4, 2, 2, Some((0, 5))));
    let tensors = from_file.trainer().tensors().unwrap();
    let differs = |name: &str, from: &str| {
        let distance = tensors[name].values.iter().zip(&trained[from].values).map(|(a, b)| (a - b).abs());
        distance.fold(0.0, f32::max)
    };
    // A model file is in f16.
    assert!(differs("generator.blocks.0.conv1.weight", "average.blocks.0.conv1.weight") < 1e-3);
    assert!(differs("average.out_conv.weight", "average.out_conv.weight") < 1e-3);
    assert!(differs("segmentor.out.weight", "segmentor.out.weight") < 1e-3);
    assert!(differs("head.out.weight", "head.out.weight") < 1e-3);
    assert!(differs("discriminator.conv.1.weight", "discriminator.conv.1.weight") > 1e-3);
    assert!(from_file.notes().iter().any(|note| note.contains("all")), "{:?}", from_file.notes());

    let from_run = create(spec(&folder.path().join("run"), config, fine_tune(&base, 5)), &portraits);
    assert_eq!(from_run.warm_up(), None);
    let tensors = from_run.trainer().tensors().unwrap();
    for name in ["generator.out_conv.weight", "average.out_conv.weight", "discriminator.conv.1.weight", "head.out.bias"]
    {
        assert_eq!(tensors[name], trained[name], "{name}");
    }
}

#[test]
fn a_model_of_other_labels_still_draws_what_it_drew() {
    let folder = tempfile::tempdir().unwrap();
    let model_path = tiny_model(&folder.path().join("base"), Kind::Portrait);
    let portrait = Taxonomy::builtin("portrait").unwrap();
    // The same labels and attributes in another order, and one more of each.
    let mut other = portrait.clone();
    other.name = "other".to_owned();
    other.labels[1..].reverse();
    other.labels.push(crate::taxonomy::Label { name: "hat".to_owned(), color: [1, 2, 3], hotkey: None, mirror: None });
    other.groups.reverse();
    other.groups.push(crate::taxonomy::AttributeGroup {
        name: "New".to_owned(),
        kind: crate::taxonomy::GroupKind::Independent,
        attributes: vec!["New_One".to_owned()],
    });
    other.validate().unwrap();
    struct Renamed(Taxonomy, Arc<dyn SampleSource>);
    impl SampleSource for Renamed {
        fn taxonomy(&self) -> &Taxonomy {
            &self.0
        }
        fn len(&self) -> usize {
            self.1.len()
        }
        fn describe(&self) -> String {
            "renamed".to_owned()
        }
        fn sample(&self, index: usize, resolution: u32) -> Result<crate::data::Sample, crate::data::DataError> {
            let mut sample = self.1.sample(index, resolution)?;
            let own = self.1.taxonomy();
            let ids = sample.labels.ids().iter().map(|id| self.0.label_id(&own.labels[usize::from(*id)].name).unwrap());
            let ids = ids.collect();
            sample.labels = crate::label_image::LabelImage::from_ids(resolution, resolution, ids).unwrap();
            let value = |name: &str| own.attribute_index(name).map_or(0.0, |at| sample.attributes[at]);
            sample.attributes = self.0.attribute_names().map(value).collect();
            Ok(sample)
        }
    }
    let portraits = pictures(Kind::Portrait, 6);
    let renamed: Arc<dyn SampleSource> = Arc::new(Renamed(other.clone(), Arc::clone(&portraits)));
    let run =
        create(spec(&folder.path().join("run"), tiny(TrainConfig::fine_tune()), fine_tune(&model_path, 1)), &renamed);
    let notes = run.notes().join("\n");
    assert!(notes.contains("hat") && notes.contains("New_One"), "{notes}");

    let model = Model::load(&model_path, &ComputeDevice::cpu()).unwrap();
    let inputs = |source: &dyn SampleSource| {
        let batch = crate::data::Batch::of(source, 0..3, 64).unwrap();
        let device = &ComputeDevice::cpu().device;
        let taxonomy = source.taxonomy();
        let masks = crate::model::one_hot(&batch.labels, 3, taxonomy.n_labels(), 64, device);
        let tensor = |values: Vec<f32>, width: usize| {
            burn::tensor::Tensor::<2>::from_data(burn::tensor::TensorData::new(values, [3, width]), device)
        };
        let attributes = tensor(batch.attributes, taxonomy.n_attributes());
        (tensor(crate::model::Noise::new(9).normal(12), 4), attributes, masks)
    };
    let host = |tensor: burn::tensor::Tensor<4>| crate::model::parameters::to_host(tensor, "picture").unwrap().values;
    let (z, c, s) = inputs(portraits.as_ref());
    let expected = model.generator.forward(z, c, s);
    let (z, c, s) = inputs(renamed.as_ref());
    let drawn = run.trainer().average().forward(z, c, s);
    let distance = host(expected.clone()).iter().zip(host(drawn)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(distance < 1e-4, "{distance}");
    // S sees the same labels under their new ids.
    let logits = |segmentor: &crate::model::Segmentor| host(segmentor.forward(expected.clone()));
    let (old, new) = (logits(model.segmentor.as_ref().unwrap()), logits(run.trainer().segmentor()));
    let (area, n_old, n_new) = (64 * 64, portrait.n_labels(), other.n_labels());
    for (id, label) in portrait.labels.iter().enumerate() {
        let new_id = usize::from(other.label_id(&label.name).unwrap());
        for image in 0..3 {
            let plane = |values: &[f32], n: usize, id: usize| values[(image * n + id) * area..][..area].to_vec();
            let (a, b) = (plane(&old, n_old, id), plane(&new, n_new, new_id));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3), "{}", label.name);
        }
    }
}

#[test]
fn twenty_pairs_train_also_in_batches_larger_than_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny_model(&folder.path().join("base"), Kind::Portrait);
    let twenty = pictures(Kind::Portrait, 20);
    let config = TrainConfig { batch: 24, steps: 2, ..tiny(TrainConfig::fine_tune()) };
    let mut run = create(spec(&folder.path().join("run"), config, fine_tune(&model, 2)), &twenty);
    let before = run.trainer().tensors().unwrap();
    advance(&mut run, 2);
    let warm = run.trainer().tensors().unwrap();
    let same = |name: &str, other: &crate::model::parameters::TensorMap| before[name] == other[name];
    assert!(same("generator.out_conv.weight", &warm), "G waits for D");
    assert!(!same("discriminator.conv.0.weight", &warm) && !same("segmentor.out.weight", &warm));
    advance(&mut run, 4);
    assert_eq!(run.advance().unwrap().phase, Phase::Done);
    let after = run.trainer().tensors().unwrap();
    assert!(!same("generator.out_conv.weight", &after) && !same("average.out_conv.weight", &after));
    assert_eq!(crate::model::parameters::not_finite(&after), None);
    assert_eq!(run.trainer().images_seen(), 6 * 24);
}

#[test]
fn a_folder_of_pictures_and_masks_alone_has_the_labels_of_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny_model(&folder.path().join("base"), Kind::Portrait);
    let data = folder.path().join("data");
    let portraits = pictures(Kind::Portrait, 3);
    for kind in ["images", "masks"] {
        fs::create_dir_all(data.join(kind)).unwrap();
    }
    for index in 0..3 {
        let sample = portraits.sample(index, 64).unwrap();
        sample.image.save(data.join(format!("images/{index}.png"))).unwrap();
        let ids = sample.labels.ids().to_vec();
        image::GrayImage::from_raw(64, 64, ids).unwrap().save(data.join(format!("masks/{index}.png"))).unwrap();
    }
    let data = data.to_str().unwrap();
    assert!(open_data(data, &OpenOptions::default(), &RunStart::Scratch).is_err(), "nobody says what the labels mean");
    let start = fine_tune(&model, 1);
    let source = open_data(data, &OpenOptions::default(), &start).unwrap();
    assert_eq!((source.len(), source.taxonomy().n_attributes()), (3, 0));
    let mut spec = spec(&folder.path().join("run"), tiny(TrainConfig::fine_tune()), start);
    spec.data = data.to_owned();
    let mut run = create(spec, &source);
    assert!(run.notes().iter().any(|note| note.contains("left out")), "{:?}", run.notes());
    advance(&mut run, 3);
    run.checkpoint().unwrap();
    let folder = run.spec().folder.clone();
    drop(run);
    // The run knows its data and what its labels mean.
    let mut run = Run::resume(&folder, None, &ComputeDevice::cpu()).unwrap();
    assert!(run.notes().is_empty(), "{:?}", run.notes());
    advance(&mut run, 2);
}

#[test]
fn frozen_layers_of_d_stay_once_the_warm_up_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny_model(&folder.path().join("base"), Kind::Portrait);
    let config = TrainConfig { freeze_discriminator_layers: 3, ..tiny(TrainConfig::fine_tune()) };
    let mut run = create(spec(&folder.path().join("run"), config, fine_tune(&model, 2)), &pictures(Kind::Portrait, 20));
    advance(&mut run, 2);
    let warm = run.trainer().tensors().unwrap();
    advance(&mut run, 2);
    let after = run.trainer().tensors().unwrap();
    for layer in 0..6 {
        for parameter in ["weight", "bias"] {
            let name = format!("discriminator.conv.{layer}.{parameter}");
            assert_eq!(warm[&name] == after[&name], layer < 3, "{name}");
        }
    }
}

#[test]
fn curves_go_on_after_a_resume_and_what_came_after_the_checkpoint_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let portraits = pictures(Kind::Portrait, 20);
    let mut first = spec(folder.path(), tiny(TrainConfig::default()), RunStart::Scratch);
    first.cadence = Cadence { checkpoint_every: 2, sample_every: 3, log_every: 1, keep_every: 0, tensorboard: true };
    let mut run = create(first.clone(), &portraits);
    let mut happened = Vec::new();
    for _ in 0..7 {
        let done = run.advance().unwrap();
        if done.phase == Phase::Generator {
            happened.push((done.logged.is_some(), done.checkpoint.map(|info| info.step), done.samples.is_some()));
        }
    }
    assert_eq!(happened, [(true, None, false), (true, Some(2), false), (true, None, true)]);
    drop(run);
    let before = read_log(folder.path());
    assert_eq!(before.iter().map(|row| row.step).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(before.iter().map(|row| row.scores.is_some()).collect::<Vec<_>>(), [false, true, false]);

    // Without data: the run knows its own. A source of another length is another one.
    let message = Run::create(first, Arc::clone(&portraits), &ComputeDevice::cpu()).err().unwrap().to_string();
    assert!(message.contains("--resume"), "{message}");
    let run = Run::resume(folder.path(), None, &ComputeDevice::cpu()).unwrap();
    assert!(run.notes()[0].contains("20 samples") && run.notes()[0].contains("30000"), "{:?}", run.notes());
    drop(run);
    let mut run = resume(folder.path(), &portraits);
    assert!(run.notes().is_empty());
    assert_eq!((run.step(), read_log(folder.path()).len()), (2, 2));
    while run.advance().unwrap().phase != Phase::Done {}
    let after = read_log(folder.path());
    assert_eq!(after.iter().map(|row| row.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!((after[1].losses, after[2].losses), (before[1].losses, before[2].losses), "the same run");
    assert!(after.windows(2).all(|pair| pair[0].seconds < pair[1].seconds), "{after:?}");
    assert!(after[5].scores.is_some(), "the end is a checkpoint");
    assert!(fs::read_dir(folder.path().join("tensorboard")).unwrap().count() >= 2);

    let infos = run.checkpoints();
    assert_eq!(infos.iter().map(|info| info.step).collect::<Vec<_>>(), [2, 4, 6]);
    assert!(infos[1..].iter().all(|info| info.kept == Kept::Last && info.score.is_some()));
    for info in infos {
        let model = Model::load(&info.model, &ComputeDevice::cpu()).unwrap();
        assert_eq!(model.card.provenance.generator_updates, info.step);
        let full = if info.kept == Kept::ModelOnly { 0 } else { fs::metadata(&info.path).unwrap().len() };
        assert_eq!(info.bytes, full + fs::metadata(&info.model).unwrap().len());
    }
    let (last, newest) = (fs::read(retention::model_path(folder.path(), 6)).unwrap(), fs::read(run.model()).unwrap());
    assert!(last == newest);

    run.amend(|spec| (spec.config.steps, spec.title, spec.data) = (7, "New".to_owned(), "ignored".to_owned())).unwrap();
    while run.advance().unwrap().phase != Phase::Done {}
    let run = resume(folder.path(), &portraits);
    assert_eq!((run.step(), run.steps(), run.spec().title.as_str()), (7, 7, "New"));
    assert_eq!(run.spec().data, "procedural:portrait");
}

#[test]
fn a_folder_with_nothing_but_config_and_checkpoints_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let portraits = pictures(Kind::Portrait, 20);
    let mut run = create(spec(folder.path(), tiny(TrainConfig::default()), RunStart::Scratch), &portraits);
    advance(&mut run, 4);
    run.checkpoint().unwrap();
    drop(run);
    for name in ["run.ron", "log.jsonl", "model.safetensors", "checkpoints/scores.json"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    fs::remove_dir_all(folder.path().join("models")).unwrap();
    let message = Run::resume(folder.path(), None, &ComputeDevice::cpu()).err().unwrap().to_string();
    assert!(message.contains("--data"), "{message}");
    let mut run = resume(folder.path(), &portraits);
    assert_eq!((run.step(), run.checkpoints().len()), (2, 1));
    run.checkpoint().unwrap();
    assert!(run.model().exists() && folder.path().join("run.ron").exists());
}

#[test]
fn a_run_that_diverges_stops_and_names_its_last_good_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let wild = TrainConfig { discriminator_rate: 1e18, generator_rate: 1e18, ..tiny(TrainConfig::default()) };
    let portraits = pictures(Kind::Portrait, 20);
    let mut run = create(spec(folder.path(), wild, RunStart::Scratch), &portraits);
    let good = run.checkpoint().unwrap();
    let error = loop {
        if let Err(error) = run.advance() {
            break error;
        }
    };
    let message = error.to_string();
    assert!(error.is_divergence() && message.contains("diverged"), "{message}");
    assert!(message.contains("last good checkpoint is of step 0") && message.contains("--from"), "{message}");
    assert!(run.checkpoint().unwrap_err().is_divergence());
    assert_eq!(run.checkpoints(), [good]);
    assert_eq!(resume(folder.path(), &portraits).step(), 0);
}

#[test]
fn a_checkpoint_that_cannot_be_written_leaves_the_ones_before() {
    let folder = tempfile::tempdir().unwrap();
    let portraits = pictures(Kind::Portrait, 20);
    let mut run = create(spec(folder.path(), tiny(TrainConfig::default()), RunStart::Scratch), &portraits);
    advance(&mut run, 2);
    run.checkpoint().unwrap();
    advance(&mut run, 2);
    // A file where the next file has to be.
    let blocked = folder.path().join("checkpoints/step-00000002-0000000004.safetensors");
    fs::create_dir(&blocked).unwrap();
    fs::write(blocked.join("x"), "x").unwrap();
    let message = run.checkpoint().unwrap_err().to_string();
    assert!(message.contains("step-00000002") && message.contains("space"), "{message}");
    assert_eq!(resume(folder.path(), &portraits).step(), 1);
    fs::remove_dir_all(&blocked).unwrap();
    // It goes on where it was once there is room.
    assert_eq!(run.checkpoint().unwrap().step, 2);
}

#[test]
fn words_about_memory_become_advice() {
    let message = RunError::of_device("Out of memory: buffer of 3 GB", 16).to_string();
    assert!(message.contains("smaller batch") && message.contains("16"), "{message}");
    let message = RunError::of_device("device lost", 16).to_string();
    assert!(message.contains("device lost") && message.contains("--resume"), "{message}");
}

#[test]
fn an_ablated_run_starts_from_an_all_at_once_model() {
    let folder = tempfile::tempdir().unwrap();
    let portraits = pictures(Kind::Portrait, 12);
    let ablated = TrainConfig { generator: GeneratorKind::AllAtOnce, ..tiny(TrainConfig::default()) };
    let mut run = create(spec(&folder.path().join("base"), ablated, RunStart::Scratch), &portraits);
    run.checkpoint().unwrap();
    let start = fine_tune(&run.model(), 1);
    let tuned = create(spec(&folder.path().join("run"), tiny(TrainConfig::fine_tune()), start), &portraits);
    assert_eq!(tuned.spec().config.generator, GeneratorKind::AllAtOnce);
}
