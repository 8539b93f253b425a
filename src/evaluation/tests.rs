#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use super::*;
use crate::data::{self, OpenOptions, Split};
use crate::metrics::inception::test_inception;

struct Setting {
    compute: ComputeDevice,
    model: Model,
    judge: Judge,
    source: Arc<dyn SampleSource>,
}

fn setting() -> Setting {
    let compute = ComputeDevice::cpu();
    let model = Model::bundled("portrait", &compute).unwrap();
    let options =
        OpenOptions { taxonomy: Some(model.card.taxonomy.clone()), split: Split::Test, ..OpenOptions::default() };
    let source = data::open("procedural:portrait", &options).unwrap();
    Setting { judge: Judge::of(&model).unwrap(), compute, model, source }
}

impl Setting {
    fn task(&self, count: usize) -> Task<'_> {
        Task {
            model: &self.model,
            judge: Some(&self.judge),
            source: self.source.as_ref(),
            inception: None,
            statistics: None,
            compute: &self.compute,
            count,
            seed: 3,
            pictures: None,
        }
    }
}

fn go_on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn scores(task: &Task<'_>) -> Evaluation {
    Evaluation { seconds: 0.0, ..evaluate(task, &mut go_on).unwrap().evaluation }
}

#[test]
fn a_trained_model_obeys_and_the_scores_can_be_repeated() {
    let setting = setting();
    let folder = tempfile::tempdir().unwrap();
    let found = scores(&Task { pictures: Some(folder.path()), ..setting.task(20) });
    println!("{found:#?}");
    assert_eq!((found.samples, found.resolution, found.own_judge), (20, 128, true));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 20);

    let segmentation = found.segmentation.clone().unwrap();
    for pair in [segmentation.mean_iou, segmentation.pixel_accuracy] {
        assert!(pair.generated > 0.25 && pair.real > 0.7 && pair.generated <= 1.0 && pair.real <= 1.0, "{pair:?}");
    }
    let taxonomy = &setting.model.card.taxonomy;
    assert_eq!(segmentation.labels.len(), taxonomy.n_labels());
    assert!((segmentation.labels.iter().map(|label| label.share).sum::<f64>() - 1.0).abs() < 1e-12);
    let attributes = found.attributes.clone().unwrap();
    assert_eq!(attributes.attributes.len(), taxonomy.n_attributes());
    assert!(attributes.accuracy.generated > 0.7 && attributes.accuracy.real > 0.7, "{:?}", attributes.accuracy);

    let distance = found.segmentor_distance.unwrap();
    assert_eq!((distance.samples, distance.real_samples, distance.real_vs_real_samples), (20, Some(20), 10));
    assert!(distance.distance > 0.0 && distance.real_vs_real.unwrap() > 0.0);
    // The latent changes a picture about as much as a drawing differs from the next.
    let pixels = found.diversity.pixels.unwrap();
    assert!(0.3 * pixels.real < pixels.generated && pixels.generated < 2.0 * pixels.real, "{pixels:?}");
    assert!(found.diversity.features.unwrap().generated > 0.0);

    assert_eq!(scores(&setting.task(20)), found);
    assert_ne!(scores(&Task { seed: 4, ..setting.task(20) }), found);
}

#[test]
fn the_segmentor_s_distance_tells_better_pictures_from_worse() {
    let setting = setting();
    let worse = Model {
        generator: setting.model.card.generator.init(&mut crate::model::Init::new(1, &setting.compute)),
        ..setting.model.clone()
    };
    let of = |model| scores(&Task { model, ..setting.task(24) });
    let (trained, untrained) = (of(&setting.model), of(&worse));
    let distance = |found: &Evaluation| found.segmentor_distance.unwrap().distance;
    assert!(distance(&untrained) > 3.0 * distance(&trained), "{} {}", distance(&untrained), distance(&trained));
    let iou = |found: &Evaluation| found.segmentation.as_ref().unwrap().mean_iou;
    assert!(iou(&untrained).generated < iou(&trained).generated);
    assert_eq!(iou(&untrained).real, iou(&trained).real);
}

#[test]
fn fid_against_kept_statistics_is_that_against_the_pictures() {
    let setting = setting();
    let inception = test_inception(&setting.compute);
    let task = Task { judge: None, inception: Some(&inception), ..setting.task(4) };
    let Evaluated { evaluation, statistics } = evaluate(&task, &mut go_on).unwrap();
    let fid = evaluation.fid.unwrap();
    assert!(fid.biased && !fid.published_weights && evaluation.segmentation.is_none());
    assert!(fid.distance.distance > 0.0 && fid.distance.real_vs_real.unwrap() > 0.0);

    let kept = statistics.unwrap();
    let again = evaluate(&Task { statistics: Some(&kept), ..task }, &mut go_on).unwrap();
    assert!(again.statistics.is_none());
    assert_eq!(again.evaluation.fid.unwrap(), fid);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let setting = setting();
    let outfit = Model::bundled("outfit", &setting.compute).unwrap();
    let judge = Judge::of(&outfit).unwrap();
    let refused = |task: Task<'_>| match evaluate(&task, &mut go_on) {
        Err(EvaluationError::Mismatch(message)) => message,
        other => panic!("{:?}", other.err()),
    };
    assert!(refused(Task { judge: Some(&judge), ..setting.task(4) }).contains("reads other labels"));
    assert!(refused(Task { model: &outfit, ..setting.task(4) }).contains("the data has other labels"));
    assert!(refused(Task { judge: None, ..setting.task(4) }).contains("--judge"));
    assert!(refused(setting.task(1)).contains("--count"));
}

#[test]
fn an_evaluation_ends_when_nobody_waits_for_it() {
    let setting = setting();
    let mut asked = 0;
    let stopped = evaluate(&setting.task(40), &mut |_, _| {
        asked += 1;
        if asked < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(matches!(stopped, Err(EvaluationError::Cancelled)));
    assert_eq!(asked, 2);
}
