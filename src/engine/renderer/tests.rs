#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::document::{LatentPin, LatentState};
use crate::engine::passes::{Form, any_card};
use crate::engine::wall::WallTile;
use crate::gpu::TexturePass;
use crate::model::{GeneratorConfig, GeneratorKind, Init, Provenance, SegmentorConfig};
use crate::taxonomy::Taxonomy;

const SIDE: u32 = 64;

fn renderer() -> Renderer {
    renderer_of(GeneratorKind::StepByStep, SIDE)
}

fn renderer_of(kind: GeneratorKind, side: u32) -> Renderer {
    let compute = ComputeDevice::cpu();
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let generator = GeneratorConfig {
        kind,
        resolution: side as usize,
        width: 4,
        n_z: 16,
        n_labels: taxonomy.n_labels(),
        n_attributes: taxonomy.n_attributes(),
    };
    let segmentor = SegmentorConfig::paper(4, taxonomy.n_labels());
    let mut init = Init::new(11, &compute);
    let model = Model {
        generator: generator.init(&mut init),
        segmentor: Some(segmentor.init(&mut init)),
        head: None,
        card: ModelCard {
            name: "tiny".to_owned(),
            title: "Tiny".to_owned(),
            taxonomy,
            generator,
            segmentor: Some(segmentor),
            attribute_head: false,
            provenance: Provenance::default(),
            license: String::new(),
            direction_names: Default::default(),
            hash: String::new(),
        },
    };
    Renderer::new(model, &compute).unwrap()
}

fn request(rng: &mut Pcg64Mcg, card: &ModelCard, side: u32) -> LiveRequest {
    let labels = card.taxonomy.n_labels() as u8;
    let ids = (0..side * side).map(|_| rng.random_range(0..labels)).collect();
    LiveRequest {
        generation: rng.random(),
        labels: LabelMap::from_image(&LabelImage::from_ids(side, side, ids).unwrap()),
        attributes: (0..card.taxonomy.n_attributes()).map(|_| rng.random_range(0.0..1.0)).collect(),
        latent: LatentState {
            seed: rng.random(),
            offsets: vec![rng.random_range(-2.0..2.0); 3],
            ..LatentState::default()
        },
    }
}

#[test]
fn a_cached_picture_is_the_picture() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let (mut cached, mut fresh) = (renderer(), renderer());
    let mut current = request(&mut rng, cached.card(), SIDE);
    let mut pictures = Vec::new();
    let mut counts = StepCounts::default();
    for change in 0..12 {
        let other = request(&mut rng, cached.card(), SIDE);
        match change % 3 {
            0 => current.labels = other.labels,
            1 => current.latent = other.latent,
            _ => current.attributes = other.attributes,
        }
        let frame = cached.render(&current).unwrap();
        let expected = StepsRun { spatial: change % 3 == 0, latent: change % 3 < 2, attributes: true };
        assert_eq!(frame.steps, expected, "change {change}");
        counts.spatial += u64::from(expected.spatial);
        counts.latent += u64::from(expected.latent);
        counts.attributes += 1;
        assert_eq!(cached.step_counts(), counts, "change {change}");
        fresh.forget();
        let whole = fresh.render(&current).unwrap();
        let rgba = frame.picture.pixels().unwrap();
        assert_eq!(rgba, whole.picture.pixels().unwrap(), "change {change}: a stale step was used");
        let all = change + 1;
        assert_eq!(fresh.step_counts(), StepCounts { spatial: all, latent: all, attributes: all });
        assert_eq!((frame.generation, frame.width, frame.height), (current.generation, SIDE, SIDE));
        assert!(rgba.chunks_exact(4).all(|pixel| pixel[3] == 255));
        pictures.push(Arc::clone(rgba));
    }
    pictures.dedup();
    assert_eq!(pictures.len(), 12, "a change of an input left the picture as it was");
}

#[test]
fn a_wall_shows_what_live_pictures_would_and_shares_their_steps() {
    let mut rng = Pcg64Mcg::seed_from_u64(21);
    let (mut renderer, mut alone) = (renderer(), renderer());
    let live = request(&mut rng, renderer.card(), SIDE);
    renderer.render(&live).unwrap();
    let others: Vec<LiveRequest> = (0..3).map(|_| request(&mut rng, renderer.card(), SIDE)).collect();
    let tiles: Vec<WallTile> = (0..6)
        .map(|at| WallTile {
            id: at as u64,
            latent: others[at / 2].latent.clone(),
            attributes: Arc::clone(&others[at % 2].attributes),
        })
        .collect();
    let pictures = renderer.wall(&live.labels, &tiles, &mut || true).unwrap();
    assert_eq!(renderer.step_counts(), StepCounts { spatial: 1, latent: 1 + 3, attributes: 1 + 6 });
    let steps = renderer.render(&live).unwrap().steps;
    assert_eq!(steps, StepsRun::default(), "the live picture's outputs are still there");
    for (tile, drawn) in tiles.iter().zip(&pictures) {
        let (latent, attributes) = (tile.latent.clone(), Arc::clone(&tile.attributes));
        let whole = alone.read(&LiveRequest { latent, attributes, ..live.clone() }).unwrap();
        assert!(drawn.id == tile.id && drawn.picture == whole, "tile {}", tile.id);
    }

    // Another mask than the live one has its step 1 run once.
    renderer.wall(&others[0].labels, &tiles, &mut || true).unwrap();
    assert_eq!(renderer.step_counts(), StepCounts { spatial: 2, latent: 7, attributes: 13 });
    let foreign = WallTile { id: 0, latent: LatentState::default(), attributes: Arc::from([]) };
    let error = renderer.wall(&live.labels, &[foreign], &mut || true).unwrap_err();
    assert!(matches!(error, RenderError::AttributeCount { got: 0, .. }), "{error}");
}

#[test]
fn a_wall_that_is_broken_off_keeps_what_it_has() {
    let mut rng = Pcg64Mcg::seed_from_u64(22);
    let mut renderer = renderer();
    let other = request(&mut rng, renderer.card(), SIDE);
    let seed = |id: u64| LatentState { seed: id, ..LatentState::default() };
    let tiles: Vec<_> =
        (0..3).map(|id| WallTile { id, latent: seed(id), attributes: Arc::clone(&other.attributes) }).collect();
    // One step for the mask, then two for every tile.
    for (allowed, finished) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (7, 3), (9, 3)] {
        renderer.forget();
        let mut left = allowed;
        let mut go_on = || {
            left -= 1;
            left >= 0
        };
        assert_eq!(renderer.wall(&other.labels, &tiles, &mut go_on).unwrap().len(), finished, "after {allowed}");
    }
    renderer.forget();
    let before = renderer.step_counts();
    for _ in 0..3 {
        let mut steps = 2;
        let mut go_on = || {
            steps -= 1;
            steps >= 0
        };
        renderer.wall(&other.labels, &tiles, &mut go_on).unwrap();
    }
    // Each try goes on where the last one was broken off, except that a tile that is done is the caller's to leave out.
    assert_eq!(renderer.step_counts().spatial, before.spatial + 1);
}

#[test]
fn imported_kinds_are_rendered_step_by_step_without_a_segmentor() {
    const SIDE: u32 = 128;
    for kind in [GeneratorKind::AllAtOnce, GeneratorKind::StepByStepTiled] {
        let mut rng = Pcg64Mcg::seed_from_u64(12);
        let made = || {
            let mut renderer = renderer_of(kind, SIDE);
            renderer.model.segmentor = None;
            renderer.model.card.segmentor = None;
            renderer
        };
        let (mut cached, mut fresh) = (made(), made());
        assert!(!cached.singular_values().is_empty(), "{kind:?} has no latent directions");
        let mut current = request(&mut rng, cached.card(), SIDE);
        let mut last = Arc::from([]);
        for change in 0..3 {
            let other = request(&mut rng, cached.card(), SIDE);
            match change {
                0 => current.labels = other.labels,
                1 => current.latent.offsets = vec![2.5],
                _ => current.attributes = other.attributes,
            }
            let frame = cached.render(&current).unwrap();
            let expected = StepsRun { spatial: change == 0, latent: change < 2, attributes: true };
            assert_eq!(frame.steps, expected, "{kind:?}, change {change}");
            fresh.forget();
            let rgba = frame.picture.pixels().unwrap();
            assert_eq!(rgba, fresh.render(&current).unwrap().picture.pixels().unwrap(), "{kind:?}, change {change}");
            assert_ne!(*rgba, last, "{kind:?}, change {change} left the picture as it was");
            last = Arc::clone(rgba);
        }
    }
}

#[test]
fn a_mask_that_is_the_same_at_the_model_s_size_costs_nothing() {
    let mut renderer = renderer();
    let mut request = request(&mut Pcg64Mcg::seed_from_u64(4), renderer.card(), SIDE);
    renderer.render(&request).unwrap();
    request.labels = LabelMap::from_image(&request.labels.to_image().resize_nearest(4 * SIDE, 4 * SIDE));
    assert_eq!(renderer.render(&request).unwrap().steps, StepsRun::default());
    // One pixel of sixteen has no majority.
    let old = request.labels.get(9, 9).unwrap();
    request.labels.set(9, 9, (old + 1) % 2);
    assert_eq!(renderer.render(&request).unwrap().steps, StepsRun::default());
    // All sixteen have.
    (8..12).for_each(|y| _ = request.labels.fill_row(y, 8..12, (old + 1) % 2));
    assert!(renderer.render(&request).unwrap().steps.spatial);
}

#[test]
fn requests_that_do_not_fit_are_refused_and_the_next_is_answered() {
    let mut renderer = renderer();
    let good = request(&mut Pcg64Mcg::seed_from_u64(5), renderer.card(), SIDE);
    let mut refuse = |bad: LiveRequest, word: &str| {
        let message = renderer.render(&bad).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
        renderer.render(&good).unwrap();
    };
    refuse(LiveRequest { labels: LabelMap::new(8, 8, 63), ..good.clone() }, "label 63");
    refuse(LiveRequest { attributes: vec![0.0; 3].into(), ..good.clone() }, "3 attributes");
    let mut attributes = good.attributes.to_vec();
    attributes[1] = f32::NAN;
    refuse(LiveRequest { attributes: attributes.into(), ..good.clone() }, "finite");
    let bad = f32::INFINITY;
    let pin = Some(LatentPin { raw: [(1, bad)].into(), ..LatentPin::default() });
    for latent in [
        LatentState { offsets: vec![bad], ..LatentState::default() },
        LatentState { raw: [(3, bad)].into(), ..LatentState::default() },
        LatentState { blend: Some(f32::NAN), ..LatentState::default() },
        LatentState { pins: [None, pin], ..LatentState::default() },
    ] {
        refuse(LiveRequest { latent, ..good.clone() }, "finite");
    }
}

#[test]
fn a_latent_state_with_the_same_code_costs_nothing() {
    let mut renderer = renderer();
    let mut request = request(&mut Pcg64Mcg::seed_from_u64(6), renderer.card(), SIDE);
    renderer.render(&request).unwrap();
    let LatentState { seed, offsets, .. } = request.latent.clone();
    request.latent.pins[0] = Some(LatentPin { seed, offsets, ..LatentPin::default() });
    assert_eq!(renderer.render(&request).unwrap().steps, StepsRun::default(), "one pin changes nothing");
    request.latent.pins[1] = Some(LatentPin { seed: 1, ..LatentPin::default() });
    request.latent.blend = Some(0.0);
    assert_eq!(renderer.render(&request).unwrap().steps, StepsRun::default(), "the blend is at the same code");
    request.latent.blend = Some(0.5);
    let steps = renderer.render(&request).unwrap().steps;
    assert_eq!(steps, StepsRun { spatial: false, latent: true, attributes: true });
}

#[test]
fn reading_shows_the_last_picture_without_running_a_step() {
    let mut renderer = renderer();
    let request = request(&mut Pcg64Mcg::seed_from_u64(7), renderer.card(), SIDE);
    let frame = renderer.render(&request).unwrap();
    let counts = renderer.step_counts();
    let read = renderer.read(&request).unwrap();
    assert_eq!((read.width, read.height, &read.rgba), (SIDE, SIDE, frame.picture.pixels().unwrap()));
    assert_eq!(renderer.step_counts(), counts);
}

/// The renderer, drawing by compute passes.
fn passing(card: &TexturePass, form: Form) -> Renderer {
    let mut renderer = renderer();
    renderer.draw_on(card, form).unwrap();
    renderer
}

#[test]
fn compute_passes_draw_what_the_model_draws() {
    let Some(card) = any_card() else { return println!("skipped: no graphics adapter") };
    let mut here = renderer();
    let mut there = passing(&card, Form::Texture);
    let mut copied = passing(&card, Form::Pixels);
    let mut rng = Pcg64Mcg::seed_from_u64(12);
    let mut asked = request(&mut rng, here.card(), SIDE);
    for change in [0, 2, 1, 2, 2, 0, 1, 1, 0] {
        let new = request(&mut rng, here.card(), SIDE);
        match change {
            0 => asked.labels = new.labels,
            1 => asked.latent = new.latent,
            _ => asked.attributes = new.attributes,
        }
        let drawn = there.render(&asked).unwrap();
        let expected = here.render(&asked).unwrap();
        assert_eq!(drawn.steps, expected.steps);
        assert!(matches!(drawn.picture, Picture::Texture(_)));
        let pixels = copied.render(&asked).unwrap().picture.pixels().cloned().unwrap();
        let (found, expected) = (there.read(&asked).unwrap().rgba, here.read(&asked).unwrap().rgba);
        assert_eq!(pixels, found);
        let worst = found.iter().zip(expected.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= 1, "{worst} of 255");
    }
    assert_eq!(there.step_counts(), here.step_counts());
    there.forget();
    assert!(there.render(&asked).unwrap().steps.spatial);
}

#[test]
fn compute_passes_draw_a_wall_and_the_live_picture_after_it() {
    let Some(card) = any_card() else { return println!("skipped: no graphics adapter") };
    let (mut here, mut there) = (renderer(), passing(&card, Form::Texture));
    let mut rng = Pcg64Mcg::seed_from_u64(13);
    let live = request(&mut rng, here.card(), SIDE);
    let tiles: Vec<WallTile> = (0..4)
        .map(|id| {
            let other = request(&mut rng, here.card(), SIDE);
            // The second and third differ in attributes only.
            let latent = LatentState { seed: [5, 6, 6, 7][id as usize], ..LatentState::default() };
            WallTile { id, latent, attributes: other.attributes }
        })
        .collect();
    let before = there.render(&live).unwrap();
    let pictures = there.wall(&live.labels, &tiles, &mut || true).unwrap();
    assert_eq!(there.step_counts(), StepCounts { spatial: 1, latent: 4, attributes: 5 });
    let expected = here.wall(&live.labels, &tiles, &mut || true).unwrap();
    let far = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
    assert_eq!(pictures.len(), tiles.len());
    for (found, expected) in pictures.iter().zip(&expected) {
        assert!(found.id == expected.id && far(&found.picture.rgba, &expected.picture.rgba) <= Some(1));
    }
    // The wall has left its own steps on the device; the live picture is none of its tiles.
    assert!(far(&there.read(&live).unwrap().rgba, &here.read(&live).unwrap().rgba) <= Some(1));
    assert_eq!((before.width, there.render(&live).unwrap().width), (SIDE, SIDE));
    let mut left = 2;
    let mut go_on = || {
        left -= 1;
        left >= 0
    };
    assert_eq!(there.wall(&live.labels, &tiles, &mut go_on).unwrap().len(), 2, "broken off before the third");
}
