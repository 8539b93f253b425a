#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::editor::tests::editor;
use crate::editor::{Command, FilesCommand, IoDone, IoTask, apply};
use crate::engine::{EngineCommand, PicturePixels};

fn act(state: &mut EditorState, action: Action) -> Vec<Effect> {
    apply(state, Command::Do(action))
}

fn say(state: &mut EditorState, command: TimelineCommand) -> Vec<Effect> {
    apply(state, Command::Timeline(command))
}

/// An editor with two keyframes a second apart.
fn with_keyframes() -> EditorState {
    let mut state = editor(11);
    act(&mut state, Action::AddKeyframe);
    apply(&mut state, Command::UseTemplate("smiling"));
    act(&mut state, Action::RandomSeed);
    act(&mut state, Action::AddKeyframe);
    state
}

#[test]
fn keyframes_are_part_of_the_document_and_of_undo() {
    let mut state = with_keyframes();
    let times = |state: &EditorState| {
        state.document.timeline.keyframes().iter().map(|keyframe| keyframe.at_s).collect::<Vec<_>>()
    };
    assert_eq!((times(&state), state.timeline.selected), (vec![0.0, 1.0], Some(1)));
    assert!(state.is_dirty());
    say(&mut state, TimelineCommand::Move { index: 0, at_s: 1.5 });
    assert_eq!((times(&state), state.timeline.selected), (vec![1.0, 1.5], Some(1)));
    for duration_s in [2.5, 3.0, f32::NAN] {
        say(&mut state, TimelineCommand::SetDuration(duration_s));
    }
    apply(&mut state, Command::FinishEdit);
    assert_eq!(state.history.undo_label(), Some("Timeline of 3.0 s"));
    act(&mut state, Action::RemoveKeyframe);
    assert_eq!(times(&state).len(), 1);
    for _ in 0..3 {
        act(&mut state, Action::Undo);
    }
    assert_eq!(times(&state), [0.0, 1.0]);
    while Action::Undo.is_enabled(&state) {
        act(&mut state, Action::Undo);
    }
    assert!(times(&state).is_empty() && !state.is_dirty());
}

#[test]
fn the_playhead_shows_what_lies_between_and_painting_goes_back() {
    let mut state = with_keyframes();
    let own = state.document.labels.clone();
    let effects = say(&mut state, TimelineCommand::Scrub(0.5));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Render)));
    let request = state.live_request().unwrap();
    assert!(request.latent.blend.is_some() && request.labels != own);
    assert_eq!((request.labels.width(), request.labels.height()), (own.width(), own.height()));
    assert_eq!(state.shown_labels(), &request.labels);
    assert_eq!(state.document.labels, own, "the document stays");
    act(&mut state, Action::RandomSeed);
    assert!(!state.timeline.is_shown());
    assert_eq!(state.live_request().unwrap().labels, own);

    say(&mut state, TimelineCommand::Scrub(0.5));
    let between = state.shown_labels().clone();
    act(&mut state, Action::EditMoment);
    assert_eq!(state.document.labels, between);
    assert!(!Action::EditMoment.is_enabled(&state));
}

#[test]
fn attributes_are_those_of_what_is_seen() {
    let mut state = with_keyframes();
    let smiling = state.taxonomy.attribute_index("Smiling").unwrap();
    let own = state.document.clone();
    say(&mut state, TimelineCommand::Scrub(0.5));
    let seen = state.timeline.shown_look().unwrap().clone();
    assert_eq!(state.shown_attributes(), seen.attributes);
    let half = seen.attributes[smiling];
    assert!(half > 0.0 && half < 1.0 && half != own.attributes[smiling]);

    // A slider's drag is one step, and so is a tick.
    for value in [0.6, 0.9] {
        apply(&mut state, Command::SetStrength { attribute: smiling, value });
    }
    apply(&mut state, Command::FinishEdit);
    let mut changed = seen.clone();
    changed.attributes[smiling] = 0.9;
    let look = |state: &EditorState| {
        let document = state.document.clone();
        Look { labels: document.labels, attributes: document.attributes, latent: document.latent }
    };
    assert_eq!((look(&state), state.timeline.is_shown()), (changed, false));
    assert_eq!(state.pixel_counts, state.document.labels.counts());
    act(&mut state, Action::Undo);
    assert_eq!(state.document, own);

    say(&mut state, TimelineCommand::Scrub(0.5));
    apply(&mut state, Command::ToggleAttribute(smiling));
    assert_eq!((state.document.attributes[smiling], &state.document.labels), (0.0, &seen.labels));
    act(&mut state, Action::Undo);
    assert_eq!(state.document, own);
    say(&mut state, TimelineCommand::Scrub(0.5));
    say(&mut state, TimelineCommand::Leave);
    assert_eq!(state.shown_attributes(), own.attributes);
}

#[test]
fn it_plays_to_the_end_or_for_ever() {
    let mut state = with_keyframes();
    let tick = |state: &mut EditorState, ms: u64| {
        apply(state, Command::Files(FilesCommand::Tick(Duration::from_millis(ms))));
    };
    tick(&mut state, 1000);
    act(&mut state, Action::PlayTimeline);
    tick(&mut state, 1500);
    assert_eq!(state.timeline.playhead_s, 0.5);
    assert!(state.next_tick().is_some_and(|wait| wait <= FRAME_TIME));
    tick(&mut state, 9000);
    assert_eq!((state.timeline.playhead_s, state.timeline.is_playing()), (2.0, false));
    act(&mut state, Action::ToggleTimelineLoop);
    act(&mut state, Action::PlayTimeline);
    tick(&mut state, 9500);
    tick(&mut state, 14_000);
    assert_eq!((state.timeline.playhead_s, state.timeline.is_playing()), (1.0, true));
    act(&mut state, Action::PlayTimeline);
    assert!(!state.timeline.is_playing());
}

#[test]
fn presets_fit_their_model_only() {
    let mut state = editor(12);
    say(&mut state, TimelineCommand::UsePreset(Preset::ChangeOfClothes));
    assert!(state.document.timeline.keyframes().is_empty());
    say(&mut state, TimelineCommand::UsePreset(Preset::LeftToRight));
    assert_eq!(state.document.timeline.keyframes().len(), 5);
    assert!(state.timeline.is_shown() && state.dock().shows(Panel::Timeline));
    act(&mut state, Action::Undo);
    assert!(state.document.timeline.keyframes().is_empty());

    // In one click, too.
    act(&mut state, Action::AnimateSmile);
    assert!(state.document.timeline.keyframes().len() == 5 && state.timeline.is_shown());
    assert!(Action::AnimateTurn.is_enabled(&state) && !Action::AnimateClothes.is_enabled(&state));
}

fn frame() -> Command {
    Command::PictureRead(PicturePixels { width: 2, height: 2, rgba: vec![9; 16].into() })
}

/// Frames asked of the engine, and the export that is given to the io thread.
fn asked(effects: &[Effect]) -> (usize, Option<&IoTask>) {
    let frames =
        effects.iter().filter(|effect| matches!(effect, Effect::Engine(EngineCommand::ReadPicture(_)))).count();
    let task = effects.iter().find_map(|effect| match effect {
        Effect::Io(job) => Some(&job.task),
        _ => None,
    });
    (frames, task)
}

#[test]
fn frames_are_asked_for_one_by_one_and_then_written() {
    let mut state = with_keyframes();
    act(&mut state, Action::ExportAnimation);
    say(&mut state, TimelineCommand::SetFps(2.0));
    let effects = say(&mut state, TimelineCommand::Export);
    assert!(matches!(asked(&effects).1, Some(IoTask::ChooseAnimation { .. })) && state.dialog.is_none());
    let path = PathBuf::from("/tmp/film.gif");
    let mut effects = apply(&mut state, Command::Io(IoDone::AnimationFileChosen(path)));
    for _ in 0..4 {
        assert_eq!(asked(&effects).0, 1, "one at a time");
        assert!(!Action::ExportAnimation.is_enabled(&state));
        effects = apply(&mut state, frame());
    }
    let Some(IoTask::ExportAnimation { animation, ticket, .. }) = asked(&effects).1 else { unreachable!() };
    assert_eq!(animation.frames.len(), 4);
    assert!(ticket.wrote(2).is_continue());
    assert_eq!(state.timeline.export.as_ref().unwrap().progress(), 0.75);
    let ticket = ticket.clone();
    apply(&mut state, Command::Io(IoDone::AnimationWritten { ticket, error: None }));
    assert!(state.timeline.export.is_none());
}

#[test]
fn a_cancelled_export_stops_whatever_it_is_at() {
    let mut state = with_keyframes();
    say(&mut state, TimelineCommand::SetFps(1.0));
    let start = |state: &mut EditorState| {
        apply(state, Command::Io(IoDone::AnimationFileChosen(PathBuf::from("/tmp/film.gif"))))
    };
    start(&mut state);
    say(&mut state, TimelineCommand::CancelExport);
    start(&mut state);
    // The answer to the first export's frame does not count for the second.
    assert_eq!(asked(&apply(&mut state, frame())).0, 0);
    assert_eq!(asked(&apply(&mut state, frame())).0, 1);
    let effects = apply(&mut state, frame());
    let Some(IoTask::ExportAnimation { ticket, .. }) = asked(&effects).1 else { unreachable!() };
    let ticket = ticket.clone();
    say(&mut state, TimelineCommand::CancelExport);
    assert!(ticket.wrote(1).is_break());
    // It failed to draw: nothing waits any longer.
    start(&mut state);
    apply(&mut state, Command::Io(IoDone::AnimationWritten { ticket, error: None }));
    assert!(state.timeline.export.is_some(), "that was another one");
    apply(&mut state, Command::PictureNotRead("no".to_owned()));
    assert!(state.timeline.export.is_none());
}
