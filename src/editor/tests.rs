#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::document::tools::PointerEvent;
use crate::document::{Point, Snapshot};
use crate::engine::{EngineCommand, LiveFrame, ModelRef, Picture, PicturePixels, StepsRun};
use crate::model::Provenance;
use crate::session::{FIRST_SAMPLE, Loaded, Session, sample_session};
use crate::taxonomy::Taxonomy;

mod files;
mod training;

fn summary(taxonomy: &str) -> Box<ModelSummary> {
    Box::new(ModelSummary {
        reference: ModelRef::Bundled(taxonomy.to_owned()),
        name: taxonomy.to_owned(),
        title: taxonomy.to_owned(),
        taxonomy: Taxonomy::builtin(taxonomy).unwrap(),
        resolution: 128,
        license: "CC0-1.0".to_owned(),
        n_z: 64,
        provenance: Provenance::default(),
        direction_names: Default::default(),
        hash: "00".to_owned(),
        directions: vec![2.0; 16],
        has_segmentor: true,
    })
}

/// A portrait editor with its model in use.
pub(super) fn editor(entropy: u64) -> EditorState {
    let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), entropy);
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    state
}

fn frame(generation: u64) -> Command {
    Command::FrameArrived(LiveFrame {
        generation,
        width: 1,
        height: 1,
        picture: Picture::Pixels([0, 0, 0, 255].into()),
        steps: StepsRun::default(),
        render_ms: 12.0,
    })
}

fn pointer(event: PointerEvent) -> Command {
    Command::Pointer(event, PointerModifiers::default())
}

fn stroke(state: &mut EditorState, points: &[(f32, f32)]) {
    let at = |&(x, y): &(f32, f32)| Point::new(x, y);
    apply(state, pointer(PointerEvent::Press { at: at(&points[0]), extend: false, constrain: false }));
    for point in points {
        apply(state, pointer(PointerEvent::Move { at: at(point), constrain: false }));
    }
    apply(state, pointer(PointerEvent::Release { at: at(&points[points.len() - 1]) }));
}

/// What the io thread says when a session is on disk.
fn saved(path: &str, document: u64, snapshot: &Snapshot) -> Command {
    let saved = Box::new(snapshot.clone());
    Command::Io(IoDone::SessionSaved { path: path.into(), document, saved, open_elsewhere: false })
}

/// What the io thread says when a session was read.
fn opened(path: &str, session: &Session, origin: SessionOrigin) -> Command {
    let loaded = Loaded { session: session.clone(), warnings: vec![], newer_version: None };
    let opened = OpenedSession { path: path.into(), loaded, origin, history: None, model_file_there: false };
    Command::Io(IoDone::SessionOpened(Box::new(opened)))
}

fn asks_to_render(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Render))
}

#[test]
fn the_first_model_makes_a_request_of_the_first_template() {
    let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
    assert!(state.live_request().is_none() && !state.is_dirty());
    let effects = apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert!(asks_to_render(&effects));
    let request = state.live_request().expect("a request");
    assert!(request.labels.to_image().max_id() > 0, "the template is not empty");
    assert_eq!(request.attributes.len(), state.taxonomy.n_attributes());
}

fn loaded_models(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Engine(EngineCommand::LoadModel(_)))).count()
}

#[test]
fn a_sample_becomes_an_untitled_document() {
    let document = |name: &str| sample_session(name).unwrap().session().unwrap().session.document;
    let mut state = editor(41);
    let effects = apply(&mut state, Command::OpenSample("short-blond"));
    assert!(asks_to_render(&effects) && loaded_models(&effects) == 0);
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Notify(_))), "{effects:?}");
    assert_eq!(state.document, document("short-blond"));
    assert!(
        state.path.is_none() && !state.is_dirty() && !state.history.can_undo() && state.preferences.recent.is_empty()
    );

    // Another model's waits for it, and painted work is not thrown away unasked.
    let effects = apply(&mut state, Command::OpenSample("red-dress"));
    assert_eq!(loaded_models(&effects), 1);
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    assert_eq!((&state.document, state.taxonomy.name.as_str()), (&document("red-dress"), "outfit"));
    apply(&mut state, Command::ToggleAttribute(13));
    apply(&mut state, Command::OpenSample("summer"));
    assert_eq!(state.dialog, Some(Dialog::Unsaved(Intent::Sample("summer"))));
    apply(&mut state, Command::Answer(DialogAnswer::Discard));
    assert_eq!(state.document, document("summer"));
}

#[test]
fn at_the_first_start_the_sample_is_there_before_the_model() {
    let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
    apply(&mut state, Command::LoadModel(ModelRef::Bundled("portrait".to_owned())));
    let effects = apply(&mut state, Command::OpenSample(FIRST_SAMPLE));
    assert_eq!(loaded_models(&effects), 0, "it is on its way");
    let document = sample_session(FIRST_SAMPLE).unwrap().session().unwrap().session.document;
    assert_eq!(state.document, document);
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert!(state.document == document && state.live_request().is_some() && !state.is_dirty());
}

#[test]
fn a_slider_drag_is_one_undo_entry() {
    let mut state = editor(2);
    let before = state.document.clone();
    for step in 1..=30 {
        let effects = apply(&mut state, Command::SetOffset { direction: 3, sigma: step as f32 * 0.1 });
        assert!(asks_to_render(&effects));
    }
    apply(&mut state, Command::FinishEdit);
    for step in 0..30 {
        apply(&mut state, Command::SetStrength { attribute: 5, value: step as f32 / 29.0 });
    }
    apply(&mut state, Command::FinishEdit);
    assert_eq!(state.history.entries().count(), 2);
    assert_eq!(state.offset(3), 3.0);
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.offset(3), 3.0);
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.document.labels, before.labels);
    assert!((0..DIRECTIONS_SHOWN).all(|direction| state.offset(direction) == 0.0));
}

#[test]
fn a_drag_back_to_where_it_began_leaves_no_entry() {
    let mut state = editor(3);
    apply(&mut state, Command::SetSeed(9));
    apply(&mut state, Command::SetSeed(0));
    apply(&mut state, Command::FinishEdit);
    assert!(!state.history.can_undo());
}

#[test]
fn another_slider_ends_the_first_one_s_entry() {
    let mut state = editor(4);
    apply(&mut state, Command::SetOffset { direction: 0, sigma: 1.0 });
    apply(&mut state, Command::SetOffset { direction: 1, sigma: 1.0 });
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!((state.offset(0), state.offset(1)), (1.0, 0.0));
}

#[test]
fn the_latest_generation_wins() {
    let mut state = editor(5);
    let newest = state.live.wanted + 5;
    for _ in 0..5 {
        apply(&mut state, Command::Do(Action::RandomSeed));
    }
    assert_eq!(state.live_request().unwrap().generation, newest);
    assert_eq!(state.live_status(), LiveStatus::Rendering);
    apply(&mut state, frame(newest));
    apply(&mut state, frame(newest - 2));
    assert_eq!(state.live.shown, newest);
    assert_eq!(state.live.frame.as_ref().unwrap().generation, newest);
    assert_eq!(state.live_status(), LiveStatus::UpToDate { render_ms: 12.0 });
    let late = Command::RenderFailed { generation: newest - 1, message: "old".into() };
    apply(&mut state, late);
    assert_eq!(state.live_status(), LiveStatus::UpToDate { render_ms: 12.0 });
}

#[test]
fn attributes_keep_the_mask_and_exclusive_groups_hold_one() {
    let mut state = editor(6);
    let labels = state.document.labels.clone();
    let hair = |state: &EditorState| state.document.attributes[..5].iter().filter(|&&value| value > 0.0).count();
    for choice in [Some(2), Some(0), Some(4), None, Some(1), Some(99)] {
        apply(&mut state, Command::ChooseAttribute { group: 0, choice });
        assert_eq!(hair(&state), usize::from(choice.is_some()), "{choice:?}");
        if choice == Some(1) {
            break;
        }
    }
    apply(&mut state, Command::SetStrength { attribute: 1, value: 0.4 });
    apply(&mut state, Command::ChooseAttribute { group: 0, choice: Some(3) });
    assert_eq!(state.document.attributes[3], 0.4, "the strength moves with the choice");
    apply(&mut state, Command::ToggleAttribute(6));
    apply(&mut state, Command::ToggleAttribute(1000));
    apply(&mut state, Command::SetStrength { attribute: 1000, value: f32::NAN });
    assert_eq!(state.document.labels, labels);
}

#[test]
fn pausing_holds_requests_back_and_resuming_asks_for_the_newest() {
    let mut state = editor(7);
    apply(&mut state, Command::Do(Action::ToggleLive));
    let effects = apply(&mut state, Command::Do(Action::RandomSeed));
    assert!(!asks_to_render(&effects) && state.live_request().is_none());
    assert_eq!(state.live_status(), LiveStatus::Paused);
    let effects = apply(&mut state, Command::Do(Action::ToggleLive));
    assert!(asks_to_render(&effects) && state.live_request().is_some());
}

#[test]
fn seeds_go_back_and_forward() {
    let mut state = editor(8);
    let mut seen = vec![state.document.latent.seed];
    for _ in 0..3 {
        apply(&mut state, Command::Do(Action::RandomSeed));
        seen.push(state.document.latent.seed);
    }
    for expected in seen.iter().rev().skip(1) {
        apply(&mut state, Command::Do(Action::PreviousSeed));
        assert_eq!(state.document.latent.seed, *expected);
    }
    assert!(!Action::PreviousSeed.is_enabled(&state));
    for expected in &seen[1..] {
        apply(&mut state, Command::Do(Action::NextSeed));
        assert_eq!(state.document.latent.seed, *expected);
    }
}

#[test]
fn brush_sizes_are_remembered_per_label_and_alt_picks() {
    let mut state = editor(9);
    apply(&mut state, Command::SelectLabel(8));
    apply(&mut state, Command::SetBrushSize(90.0));
    apply(&mut state, Command::SelectLabel(3));
    apply(&mut state, Command::SetBrushSize(7.0));
    apply(&mut state, Command::SelectLabel(8));
    assert_eq!(state.painting.diameter_px(), 90.0);
    apply(&mut state, Command::SetBrushSize(f32::NAN));
    assert_eq!(state.painting.diameter_px(), 90.0);
    apply(&mut state, Command::Do(Action::Eraser));
    apply(&mut state, Command::SelectLabel(3));
    assert_eq!((state.painting.painted_label(), state.painting.diameter_px()), (3, 7.0));

    let labels = state.document.labels.clone();
    let at = Point::new(1.0, 1.0);
    let alt = PointerModifiers { alt: true, ..PointerModifiers::default() };
    apply(&mut state, Command::Pointer(PointerEvent::Press { at, extend: false, constrain: false }, alt));
    apply(&mut state, pointer(PointerEvent::Release { at }));
    assert_eq!(state.painting.label, labels.get(1, 1).unwrap());
    assert!(state.document.labels == labels && !state.painting.is_active());
}

#[test]
fn another_taxonomy_puts_the_document_aside_and_brings_it_back() {
    let mut state = editor(10);
    stroke(&mut state, &[(40.0, 40.0), (300.0, 310.0)]);
    let painted = state.document.clone();
    let effects = apply(&mut state, Command::UseTemplate("standing"));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Engine(EngineCommand::LoadModel(ModelRef::Bundled(name)))] if name == "outfit"
    ));
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    assert_eq!(state.taxonomy.name, "outfit");
    assert!(state.can_render() && state.document.attributes.len() == state.taxonomy.n_attributes());
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert_eq!(state.document, painted);
    assert!(state.is_dirty());
    apply(&mut state, Command::Do(Action::Undo));
    assert!(!state.is_dirty(), "undo history came back too");
}

#[test]
fn unsaved_changes_are_asked_about_and_saved_first() {
    let mut state = editor(11);
    assert!(matches!(apply(&mut state, Command::CloseRequested).as_slice(), [Effect::Quit]));
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    assert!(apply(&mut state, Command::CloseRequested).is_empty());
    assert_eq!(state.dialog, Some(Dialog::Unsaved(Intent::Quit)));
    apply(&mut state, Command::Answer(DialogAnswer::Close));
    assert!(state.is_dirty() && state.dialog.is_none());

    apply(&mut state, Command::CloseRequested);
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let [Effect::Io(IoJob { path: None, task: IoTask::SaveSession { document, session, .. } })] = effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    let effects = apply(&mut state, saved("a.scgan", *document, &session.document));
    assert!(matches!(effects.last(), Some(Effect::Quit)) && !state.is_dirty());
}

#[test]
fn a_failed_save_keeps_the_window_open() {
    let mut state = editor(12);
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    apply(&mut state, Command::CloseRequested);
    apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let effects = apply(&mut state, Command::Io(IoDone::Failed("disk full".into())));
    assert!(matches!(effects.as_slice(), [Effect::Notify(notice)] if notice.text == "disk full"));
    assert!(state.is_dirty());
    let done = saved("a.scgan", state.files.autosave.document, &state.document);
    let effects = apply(&mut state, done);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)), "the old intent is forgotten");
}

#[test]
fn a_session_comes_back_as_it_was_saved() {
    let mut state = editor(13);
    stroke(&mut state, &[(100.0, 5.0), (90.0, 200.0)]);
    apply(&mut state, Command::SetOffset { direction: 2, sigma: -1.5 });
    apply(&mut state, Command::ZoomAt { factor: 3.0, at_px: [10.0, 20.0] });
    let effects = apply(&mut state, Command::Do(Action::Save));
    let [Effect::Io(IoJob { task: IoTask::SaveSession { session, .. }, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let (document, view) = (state.document.clone(), state.view);
    let done = opened("b.scgan", session, SessionOrigin::File);
    apply(&mut state, Command::Do(Action::RandomSeed));
    apply(&mut state, Command::OpenPath("b.scgan".into()));
    apply(&mut state, Command::Answer(DialogAnswer::Discard));
    let effects = apply(&mut state, done);
    assert!(asks_to_render(&effects));
    assert_eq!((&state.document, state.view), (&document, view));
    assert!(!state.is_dirty() && !state.history.can_undo());
}

fn commands() -> impl Strategy<Value = Command> {
    let coordinate = prop_oneof![9 => -50.0f32..600.0, 1 => Just(f32::NAN)];
    let at = (coordinate.clone(), coordinate).prop_map(|(x, y)| Point::new(x, y));
    let event = prop_oneof![
        2 => (at.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(at, extend, constrain)| PointerEvent::Press { at, extend, constrain }),
        5 => (at.clone(), any::<bool>()).prop_map(|(at, constrain)| PointerEvent::Move { at, constrain }),
        2 => at.prop_map(|at| PointerEvent::Release { at }),
        1 => Just(PointerEvent::Confirm),
        1 => Just(PointerEvent::Cancel),
    ];
    let modifiers = (prop::bool::weighted(0.1), any::<bool>());
    prop_oneof![
        12 => (event, modifiers).prop_map(|(event, (alt, shift))| {
            Command::Pointer(event, PointerModifiers { alt, shift, ctrl: false })
        }),
        6 => (0..Action::ALL.len()).prop_map(|index| Command::Do(Action::ALL[index])),
        1 => (0u8..14).prop_map(Command::SelectLabel),
        1 => (-5.0f32..400.0).prop_map(Command::SetBrushSize),
        1 => (0usize..12).prop_map(Command::ToggleAttribute),
        1 => (0usize..4, prop::option::of(0usize..8))
            .prop_map(|(group, choice)| Command::ChooseAttribute { group, choice }),
        1 => (0usize..12, -2.0f32..2.0).prop_map(|(attribute, value)| Command::SetStrength { attribute, value }),
        1 => (0usize..16, -5.0f32..5.0).prop_map(|(direction, sigma)| Command::SetOffset { direction, sigma }),
        1 => Just(Command::FinishEdit),
        1 => Just(Command::UseTemplate("left")),
        1 => (0.1f32..9.0, -99.0f32..999.0).prop_map(|(factor, at)| Command::ZoomAt { factor, at_px: [at, at] }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is done, undoing all of it brings the first document back, bit for bit, and redoing all of it the last.
    #[test]
    fn undo_to_the_beginning_restores_the_first_document(steps in prop::collection::vec(commands(), 1..40)) {
        let mut state = editor(20);
        let first = state.document.clone();
        let hash = first.labels.content_hash();
        for command in steps {
            if !matches!(command, Command::Do(Action::New | Action::Undo | Action::Redo | Action::ClearHistory)) {
                apply(&mut state, command);
            }
            apply(&mut state, Command::Answer(DialogAnswer::Close));
        }
        apply(&mut state, Command::FinishEdit);
        let (last, mut entries) = (state.document.clone(), 0);
        while state.history.can_undo() {
            apply(&mut state, Command::Do(Action::Undo));
            entries += 1;
            prop_assert!(entries < 1000);
        }
        prop_assert_eq!(state.document.labels.content_hash(), hash);
        prop_assert_eq!(&state.document, &first);
        prop_assert!(!state.is_dirty());
        while state.history.can_redo() {
            apply(&mut state, Command::Do(Action::Redo));
        }
        prop_assert_eq!(&state.document, &last);
        prop_assert_eq!(state.pixel_counts, last.labels.counts());
    }
}

#[test]
fn one_stroke_is_one_entry() {
    let mut state = editor(14);
    stroke(&mut state, &[(10.0, 10.0), (200.0, 40.0), (60.0, 300.0), (400.0, 20.0)]);
    assert_eq!(state.history.entries().count(), 1);
    let dab = state.document.clone();
    stroke(&mut state, &[(500.0, 500.0)]);
    assert_ne!(state.document, dab, "a click paints a dab");
    assert_eq!(state.history.entries().count(), 2);
}

#[test]
fn without_a_file_dialog_a_typed_path_does() {
    let mut state = editor(15);
    stroke(&mut state, &[(10.0, 10.0), (200.0, 40.0)]);
    apply(&mut state, Command::CloseRequested);
    let mut effects = apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let Some(Effect::Io(IoJob { path: None, task })) = effects.pop() else { panic!("no job") };
    apply(&mut state, Command::Io(IoDone::NoFileDialog(Box::new(task))));
    assert_eq!(state.dialog, Some(Dialog::TypePath));
    apply(&mut state, Command::TypePath("face.scgan".to_owned()));
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let [Effect::Io(IoJob { path: Some(path), task: IoTask::New(task) })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let IoTask::SaveSession { document, session, .. } = &**task else { panic!("{task:?}") };
    let effects = apply(&mut state, saved(path.to_str().unwrap(), *document, &session.document));
    assert!(matches!(effects.last(), Some(Effect::Quit)), "the window closes as was asked");
}

#[test]
fn an_export_asks_the_engine_for_pixels_and_saves_them_when_they_arrive() {
    let mut state = editor(12);
    apply(&mut state, Command::SetSeed(5));
    apply(&mut state, Command::Do(Action::ToggleLive));
    let asked = apply(&mut state, Command::Do(Action::ExportResult));
    let [Effect::Engine(EngineCommand::ReadPicture(request))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((request.latent.seed, request.generation), (5, state.live.wanted));
    let pixels = PicturePixels { width: 1, height: 1, rgba: [1, 2, 3, 255].into() };
    let effects = apply(&mut state, Command::PictureRead(pixels.clone()));
    let [Effect::Io(IoJob { path: None, task: IoTask::Export { kind: ExportKind::Result, picture, session } })] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((picture.rgba.as_slice(), session.document.latent.seed), (&[1, 2, 3, 255][..], 5));
    assert!(apply(&mut state, Command::PictureRead(pixels)).is_empty(), "nobody asked for another one");
}
