//! How long the editor takes per pointer event on the mask: tool, undo and bookkeeping, without drawing.
//!
//! `cargo bench --bench painting` prints percentiles in microseconds. With `-- --wall`, `-- --obedience` or both it paints with
//! a live engine instead, alone and with these open, in turns. Nothing here fails on a slow machine.

#![allow(missing_docs)]

mod beside;

use std::time::Instant;

use anyhow::Context as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use scgan::document::tools::{PointerEvent, ToolKind};
use scgan::document::{LabelMap, MirrorAxis, Point};
use scgan::editor::{Command, EditorState, PointerModifiers, apply, default_snapshot};
use scgan::taxonomy::Taxonomy;

const EVENTS: usize = 5000;
const EVENTS_PER_STROKE: usize = 100;
const BRUSH_PX: f32 = 64.0;
const FILLS: usize = 20;
const FILL_SIDE_PX: u32 = 1024;
const TOOLS: [ToolKind; 8] = [
    ToolKind::Brush,
    ToolKind::Eraser,
    ToolKind::Line,
    ToolKind::Rectangle,
    ToolKind::Ellipse,
    ToolKind::Lasso,
    ToolKind::Polygon,
    ToolKind::Fill,
];

fn main() -> anyhow::Result<()> {
    let taxonomy = Taxonomy::builtin("portrait").context("the taxonomy portrait is missing")?;
    let given = |option: &str| std::env::args().any(|argument| argument == option);
    let open = beside::Open { wall: given("--wall"), obedience: given("--obedience") };
    if open.wall || open.obedience {
        return beside::run(&taxonomy, open);
    }
    println!("{:<40}{}", "µs per event", columns());
    strokes(&taxonomy);
    for side_px in [512, 1024] {
        tools(&taxonomy, side_px);
    }
    fills(&taxonomy);
    Ok(())
}

fn columns() -> String {
    ["events", "min", "p50", "p90", "p99", "max"].map(|name| format!("{name:>9}")).concat()
}

/// An editor on the first template at this size.
fn editor(taxonomy: &Taxonomy, side_px: u32) -> EditorState {
    let mut state = EditorState::new(taxonomy.clone(), 1);
    state.document = default_snapshot(taxonomy, side_px);
    apply(&mut state, Command::SelectLabel(3));
    apply(&mut state, Command::SetBrushSize(BRUSH_PX));
    state
}

fn timed_us(state: &mut EditorState, event: PointerEvent) -> f64 {
    let start = Instant::now();
    apply(state, Command::Pointer(event, PointerModifiers::default()));
    start.elapsed().as_secs_f64() * 1e6
}

fn press(at: Point) -> PointerEvent {
    PointerEvent::Press { at, extend: false, constrain: false }
}

fn drag(at: Point) -> PointerEvent {
    PointerEvent::Move { at, constrain: false }
}

/// The press, the moves and the release of a stroke.
fn stroke(path: impl Fn(f32) -> Point) -> impl Iterator<Item = PointerEvent> {
    (0..EVENTS_PER_STROKE).map(move |index| {
        let at = path(index as f32 / (EVENTS_PER_STROKE - 1) as f32);
        match index {
            0 => press(at),
            _ if index == EVENTS_PER_STROKE - 1 => PointerEvent::Release { at },
            _ => drag(at),
        }
    })
}

fn spiral(t: f32) -> Point {
    let (sin, cos) = (t * 25.0).sin_cos();
    Point::new(256.0 + 220.0 * t * cos, 256.0 + 220.0 * t * sin)
}

fn zigzag(t: f32) -> Point {
    // There and back six times.
    let across = 1.0 - (1.0 - (t * 12.0).rem_euclid(2.0)).abs();
    Point::new(20.0 + 470.0 * across, 20.0 + 470.0 * t)
}

/// Brush strokes with their undo entries, in a label of their own so that each changes something.
fn strokes(taxonomy: &Taxonomy) {
    let mut state = editor(taxonomy, 512);
    let (mut moves, mut ends) = (Vec::new(), Vec::new());
    for number in 0..EVENTS / EVENTS_PER_STROKE {
        apply(&mut state, Command::SelectLabel((number % taxonomy.n_labels()) as u8));
        apply(&mut state, Command::SetBrushSize(BRUSH_PX));
        let path = if number % 2 == 0 { spiral } else { zigzag };
        for event in stroke(path) {
            let us = timed_us(&mut state, event);
            if matches!(event, PointerEvent::Move { .. }) { moves.push(us) } else { ends.push(us) }
        }
    }
    let all: Vec<_> = moves.iter().chain(&ends).copied().collect();
    report("brush 64 px, 512², all events", all);
    report("  moves", moves);
    report("  presses and releases", ends);
}

/// Every tool with random drags, alone and with a mirror axis and a locked label.
fn tools(taxonomy: &Taxonomy, side_px: u32) {
    for (tool, guarded) in TOOLS.into_iter().flat_map(|tool| [(tool, false), (tool, true)]) {
        let mut rng = Pcg32::seed_from_u64(7);
        let mut state = editor(taxonomy, side_px);
        state.painting.tool = tool;
        if guarded {
            state.painting.symmetry = Some(MirrorAxis::centred(side_px, side_px));
            state.painting.rules.locked.set(0, tool != ToolKind::Eraser);
        }
        let mut times = Vec::new();
        for number in 0..40 {
            apply(&mut state, Command::SelectLabel((number % taxonomy.n_labels()) as u8));
            state.painting.tool = tool;
            let mut place = || Point::new(rng.random_range(0.0..side_px as f32), rng.random_range(0.0..side_px as f32));
            let corners = [place(), place(), place(), place(), place()];
            if tool == ToolKind::Polygon {
                times.extend(corners.map(|at| timed_us(&mut state, press(at))));
                times.push(timed_us(&mut state, PointerEvent::Confirm));
            } else {
                times.extend(stroke(|t| along(&corners, t)).map(|event| timed_us(&mut state, event)));
            }
        }
        let with = if guarded { ", axis and lock" } else { "" };
        report(&format!("{tool:?} {side_px}²{with}"), times);
    }
}

/// The place at `t` in 0–1 on the way through the corners.
fn along(corners: &[Point], t: f32) -> Point {
    let place = t * (corners.len() - 1) as f32;
    let index = (place as usize).min(corners.len() - 2);
    let (a, b, t) = (corners[index], corners[index + 1], place - index as f32);
    Point::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}

fn fills(taxonomy: &Taxonomy) {
    let side = FILL_SIDE_PX;
    let comb = |width: u32| {
        let mut map = LabelMap::new(side, side, 0);
        for (x, y) in (1..side).flat_map(|y| (0..side).map(move |x| (x, y))).filter(|(x, _)| x / width % 2 == 1) {
            map.set(x, y, 1);
        }
        map
    };
    let maps = [
        ("template", default_snapshot(taxonomy, side).labels),
        ("one label", LabelMap::new(side, side, 0)),
        ("teeth of 8 px", comb(8)),
        ("teeth of 1 px", comb(1)),
    ];
    for (name, map) in maps {
        let times = (0..FILLS).map(|_| {
            let mut state = editor(taxonomy, side);
            state.document.labels = map.clone();
            state.painting.tool = ToolKind::Fill;
            timed_us(&mut state, press(Point::new(2.5, 0.5)))
        });
        report(&format!("fill 1024², {name}"), times.collect());
    }
}

fn report(name: &str, mut times_us: Vec<f64>) {
    if times_us.is_empty() {
        return println!("{name:<40}{:>9}", 0);
    }
    times_us.sort_by(f64::total_cmp);
    let at = |share: f64| times_us[((times_us.len() - 1) as f64 * share).round() as usize];
    let columns = [0.0, 0.5, 0.9, 0.99, 1.0].map(|share| format!("{:>9.1}", at(share))).concat();
    println!("{name:<40}{:>9}{columns}", times_us.len());
}
