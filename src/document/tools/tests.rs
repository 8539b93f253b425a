#![allow(clippy::unwrap_used)]

use std::f32::consts::FRAC_PI_2;

use super::*;
use crate::document::{History, LabelSet, LatentState, Side, Snapshot, Timeline, copy_half};
use proptest::collection::vec;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

const KINDS: [ToolKind; 11] = [
    ToolKind::Brush,
    ToolKind::Eraser,
    ToolKind::Fill,
    ToolKind::Lasso,
    ToolKind::Polygon,
    ToolKind::Line,
    ToolKind::Rectangle,
    ToolKind::Ellipse,
    ToolKind::Transform,
    ToolKind::Warp,
    ToolKind::Picker,
];
const N_LABELS: u8 = 5;
/// Labels 1 and 2 mirror each other.
const MIRROR: [LabelId; 5] = [0, 2, 1, 3, 4];

/// Places on and off the map, some where ties lurk, some that are no places.
fn at() -> impl Strategy<Value = Point> {
    let coordinate = prop_oneof![
        12 => -30.0f32..130.0,
        6 => (-10i16..220).prop_map(|half| f32::from(half) / 2.0),
        1 => Just(f32::NAN),
        1 => prop_oneof![Just(1e30f32), Just(f32::NEG_INFINITY), Just(f32::MAX)],
    ];
    (coordinate.clone(), coordinate).prop_map(|(x, y)| Point::new(x, y))
}

fn events() -> impl Strategy<Value = PointerEvent> {
    prop_oneof![
        6 => (at(), any::<bool>(), any::<bool>())
            .prop_map(|(at, extend, constrain)| PointerEvent::Press { at, extend, constrain }),
        10 => (at(), any::<bool>()).prop_map(|(at, constrain)| PointerEvent::Move { at, constrain }),
        5 => at().prop_map(|at| PointerEvent::Release { at }),
        2 => Just(PointerEvent::Confirm),
        1 => Just(PointerEvent::Cancel),
    ]
}

fn kinds() -> impl Strategy<Value = ToolKind> {
    prop::sample::select(&KINDS[..])
}

/// The tools that paint the chosen label, mirrored pixel for pixel.
fn painting_kinds() -> impl Strategy<Value = ToolKind> {
    kinds().prop_filter("moves labels", |&kind| !moves_labels(kind))
}

/// Whether a tool puts labels elsewhere that are on the map already.
fn moves_labels(kind: ToolKind) -> bool {
    matches!(kind, ToolKind::Transform | ToolKind::Warp)
}

fn axes() -> impl Strategy<Value = MirrorAxis> {
    let angle = prop_oneof![Just(0.0f32), Just(FRAC_PI_2), -3.0f32..3.0, Just(f32::NAN)];
    (-10.0f32..110.0, -10.0f32..100.0, angle)
        .prop_map(|(x, y, angle_rad)| MirrorAxis { through: Point::new(x, y), angle_rad })
}

fn rules() -> impl Strategy<Value = PaintRules> {
    (vec(0..N_LABELS, 0..3), prop::option::weighted(0.3, 0..N_LABELS))
        .prop_map(|(locked, only_over)| PaintRules { locked: locked.into_iter().collect(), only_over })
}

fn settings() -> impl Strategy<Value = ToolSettings<'static>> {
    let diameter = prop_oneof![4 => 1.0f32..40.0, 1 => any::<f32>()];
    let scale = prop_oneof![Just(0.0f32), 0.1f32..9.0];
    (0..N_LABELS, diameter, any::<bool>(), rules(), prop::option::of(axes()), scale).prop_map(
        |(label, diameter_px, fill_everywhere, rules, symmetry, px_per_mask_px)| ToolSettings {
            label,
            diameter_px,
            fill_everywhere,
            rules,
            symmetry,
            mirror_labels: &MIRROR,
            px_per_mask_px,
        },
    )
}

/// Blobs and specks of every label.
fn blobs(width: u32, height: u32, seed: u64) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let mut map = LabelMap::new(width, height, 0);
    for coarse in [16, 7, 1] {
        for (x, y) in pixels(&map).filter(|(x, y)| x % coarse == 0 && y % coarse == 0) {
            let draw = rng.next_u32();
            for y in (y..y + coarse).filter(|_| draw % 16 < coarse) {
                map.fill_row(y, x..x + coarse, (draw >> 8) as u8 % N_LABELS);
            }
        }
    }
    map
}

/// Blobs that are their own mirror image.
fn symmetric(width: u32, height: u32, axis: MirrorAxis, seed: u64) -> LabelMap {
    let mut map = blobs(width, height, seed);
    copy_half(&mut map, axis, Side::Left, PaintRules::default(), &MIRROR);
    for (x, y) in pixels(&map).filter(|&(x, y)| axis.reflection().pixel(x, y, (width, height)) == Some((x, y))) {
        let label = map.get(x, y).unwrap();
        map.set(x, y, if MIRROR[usize::from(label)] == label { label } else { 0 });
    }
    map
}

fn pixels(map: &LabelMap) -> impl Iterator<Item = (u32, u32)> + use<> {
    let (width, height) = map.size();
    (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

/// The first pair of pixels that are no mirror images of each other.
fn asymmetry(map: &LabelMap, axis: MirrorAxis) -> Option<(u32, u32)> {
    pixels(map).find(|&(x, y)| {
        let image = axis.reflection().pixel(x, y, map.size());
        image.is_some_and(|(ix, iy)| map.get(ix, iy) != map.get(x, y).map(|label| MIRROR[usize::from(label)]))
    })
}

fn snapshot(labels: &LabelMap) -> Snapshot {
    Snapshot {
        labels: labels.clone(),
        attributes: Vec::new(),
        latent: LatentState::default(),
        timeline: Timeline::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Any gesture, sensible or not, keeps what each output promises, the rules, and what undo needs.
    #[test]
    fn outputs_tell_the_truth_and_rules_hold_after_every_event(
        kind in kinds(), gesture in vec(events(), 1..25), settings in settings(), seed: u64,
    ) {
        let mut tool = ToolState::new(kind);
        let start = blobs(100, 90, seed);
        let (mut map, mut at_rest, mut history) = (start.clone(), start.clone(), History::new(usize::MAX));
        for event in gesture {
            let (before, was_active) = (map.clone(), tool.is_active());
            let output = tool.handle(event, &mut map, &settings);
            tool.overlay(&settings);
            match output {
                ToolOutput::Nothing => prop_assert!(map == before),
                ToolOutput::Editing => prop_assert!(map != before && tool.is_active()),
                ToolOutput::Finished { .. } => prop_assert!(!tool.is_active()),
                ToolOutput::Cancelled => prop_assert!(was_active && !tool.is_active() && map == at_rest),
                ToolOutput::Picked(id) => prop_assert!(map == before && map.counts()[usize::from(id)] > 0),
            }
            if matches!(event, PointerEvent::Cancel) {
                prop_assert!(!tool.is_active() && map == at_rest);
            }
            let ends = matches!(event, PointerEvent::Release { .. }) && !matches!(kind, ToolKind::Polygon | ToolKind::Transform);
            prop_assert!(!(ends && tool.is_active()));
            prop_assert_eq!(map.counts().iter().sum::<u64>(), 100 * 90);
            let label = if kind == ToolKind::Eraser { 0 } else { settings.label };
            let painted = [label, if settings.symmetry.is_some() { MIRROR[usize::from(label)] } else { label }];
            for (x, y) in pixels(&map) {
                let (old, new) = (at_rest.get(x, y).unwrap(), map.get(x, y).unwrap());
                prop_assert!(old == new || (settings.rules.allow(old, new) && (moves_labels(kind) || painted.contains(&new))));
            }
            if !tool.is_active() {
                history.commit("gesture", snapshot(&at_rest), &snapshot(&map));
                at_rest = map.clone();
            }
        }
        tool.handle(PointerEvent::Cancel, &mut map, &settings);
        prop_assert!(map == at_rest);
        let mut current = snapshot(&map);
        while let Some(older) = history.undo(&current) {
            current = older;
        }
        prop_assert!(current.labels == start);
        while let Some(newer) = history.redo(&current) {
            current = newer;
        }
        prop_assert!(current.labels == map);
    }

    /// Pixel for pixel, after every event, with any tool that paints.
    #[test]
    fn what_comes_of_a_symmetric_map_is_symmetric(
        kind in painting_kinds(), gesture in vec(events(), 1..15), settings in settings(), seed: u64,
        (width, height) in (60u32..101, 60u32..91), level: bool, locked in vec(prop::sample::select(&[0u8, 3, 4][..]), 0..2),
    ) {
        let centred = MirrorAxis::centred(width, height);
        let axis = MirrorAxis { angle_rad: if level { FRAC_PI_2 } else { 0.0 }, ..centred };
        // Rules that treat both sides alike.
        let locked: LabelSet = locked.into_iter().collect();
        let only_over = settings.rules.only_over.filter(|&label| MIRROR[usize::from(label)] == label);
        let settings = ToolSettings { symmetry: Some(axis), rules: PaintRules { locked, only_over }, ..settings };
        let mut map = symmetric(width, height, axis, seed);
        prop_assert_eq!(asymmetry(&map, axis), None);
        let mut tool = ToolState::new(kind);
        for event in gesture {
            tool.handle(event, &mut map, &settings);
            prop_assert_eq!(asymmetry(&map, axis), None, "after {:?}", event);
        }
    }

    /// An axis beside the middle mirrors what it can. Fill is left out: an area may be joined where no mirror image is.
    #[test]
    fn an_axis_beside_the_middle_mirrors_what_is_on_the_map(
        kind in painting_kinds().prop_filter("fill", |&kind| kind != ToolKind::Fill), gesture in vec(events(), 1..15),
        settings in settings(), label in 0..N_LABELS, twice_x in -10i16..210, twice_y in -10i16..190, level: bool,
    ) {
        let through = Point::new(f32::from(twice_x) / 2.0, f32::from(twice_y) / 2.0);
        let axis = MirrorAxis { through, angle_rad: if level { FRAC_PI_2 } else { 0.0 } };
        let settings = ToolSettings { symmetry: Some(axis), rules: PaintRules::default(), label, ..settings };
        let mut map = LabelMap::new(100, 90, 3);
        let mut tool = ToolState::new(kind);
        for event in gesture {
            tool.handle(event, &mut map, &settings);
            prop_assert_eq!(asymmetry(&map, axis), None, "after {:?}", event);
        }
    }

    /// A tilted axis mirrors the geometry: the mirror image of a gesture paints the same, up to the edges' rounding.
    #[test]
    fn a_mirrored_gesture_paints_the_same(
        kind in prop::sample::select(&[ToolKind::Brush, ToolKind::Lasso, ToolKind::Polygon, ToolKind::Line][..]),
        path in vec((0.0f32..100.0, 0.0f32..90.0).prop_map(|(x, y)| Point::new(x, y)), 3..6),
        (x, y, angle_rad) in (0.0f32..100.0, 0.0f32..90.0, 0.1f32..1.4), diameter_px in 3.0f32..12.0, label in 3u8..5,
    ) {
        let axis = MirrorAxis { through: Point::new(x, y), angle_rad };
        let settings = ToolSettings { label, diameter_px, symmetry: Some(axis), mirror_labels: &MIRROR, ..Default::default() };
        let draw = |path: Vec<Point>| {
            let (mut map, mut tool) = (LabelMap::new(100, 90, 0), ToolState::new(kind));
            for &at in &path {
                tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings);
                tool.handle(PointerEvent::Move { at, constrain: false }, &mut map, &settings);
            }
            tool.handle(PointerEvent::Confirm, &mut map, &settings);
            tool.handle(PointerEvent::Release { at: path[path.len() - 1] }, &mut map, &settings);
            map
        };
        let image = path.iter().map(|&at| axis.reflect(at)).collect();
        let (map, mirrored) = (draw(path), draw(image));
        let different = pixels(&map).filter(|&(x, y)| map.get(x, y) != mirrored.get(x, y)).count() as u64;
        prop_assert!(different <= 12 + map.counts()[usize::from(label)] / 50, "{} pixels differ", different);
    }
}

#[test]
fn an_eye_becomes_the_other_eye_on_the_other_side() {
    let settings = ToolSettings {
        label: 1,
        diameter_px: 8.0,
        symmetry: Some(MirrorAxis::centred(100, 90)),
        mirror_labels: &MIRROR,
        ..ToolSettings::default()
    };
    for (x, left, right) in [(20.0, 1, 2), (80.0, 2, 1)] {
        let (mut map, mut tool) = (LabelMap::new(100, 90, 0), ToolState::new(ToolKind::Brush));
        let at = Point::new(x, 40.0);
        tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings);
        assert_eq!((map.get(20, 40), map.get(79, 40)), (Some(left), Some(right)));
        // Across the axis, each side keeps its label.
        tool.handle(PointerEvent::Move { at: Point::new(50.0, 40.0), constrain: false }, &mut map, &settings);
        assert_eq!((map.get(48, 40), map.get(51, 40)), (Some(left), Some(right)));
    }
}

#[test]
fn a_stroke_keeps_the_settings_of_its_press() {
    let press = ToolSettings { label: 1, diameter_px: 8.0, ..ToolSettings::default() };
    let later = ToolSettings {
        label: 2,
        diameter_px: 20.0,
        rules: PaintRules { locked: [0, 1].into_iter().collect(), only_over: Some(4) },
        symmetry: Some(MirrorAxis::centred(100, 90)),
        mirror_labels: &MIRROR,
        ..press
    };
    let (a, b) = (Point::new(10.0, 10.0), Point::new(30.0, 60.0));
    let maps = [press, later].map(|later| {
        let (mut map, mut tool) = (LabelMap::new(100, 90, 0), ToolState::new(ToolKind::Brush));
        tool.handle(PointerEvent::Press { at: a, extend: false, constrain: false }, &mut map, &press);
        tool.handle(PointerEvent::Move { at: b, constrain: false }, &mut map, &later);
        tool.handle(PointerEvent::Release { at: b }, &mut map, &later);
        map
    });
    assert!(maps[0] == maps[1] && maps[0].counts()[1] > 0);
}

#[test]
fn another_tool_is_taken_up_only_between_gestures() {
    let mut tool = ToolState::new(ToolKind::Eraser);
    let (mut map, settings) = (blobs(100, 90, 1), ToolSettings::default());
    let at = Point::new(5.0, 5.0);
    tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings);
    tool.select(ToolKind::Fill);
    assert_eq!(tool.kind(), ToolKind::Eraser);
    assert_eq!(tool.handle(PointerEvent::Release { at }, &mut map, &settings), ToolOutput::Finished { label: "Erase" });
    tool.select(ToolKind::Fill);
    assert_eq!(tool.kind(), ToolKind::Fill);
}
