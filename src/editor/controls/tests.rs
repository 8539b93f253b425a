#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::document::Point;
use crate::document::tools::PointerEvent;
use crate::editor::tests::editor;
use crate::editor::{Chore, Command, FilesCommand, IoDone, LatentCommand, PointerModifiers, apply};
use crate::engine::{InfluenceRequest, ModelRef, PicturePixels};
use crate::influence::Change;
use crate::model::DirectionNames;
use crate::taxonomy::GroupKind;

fn act(state: &mut EditorState, action: Action) -> Vec<Effect> {
    apply(state, Command::Do(action))
}

fn say(state: &mut EditorState, command: ControlsCommand) -> Vec<Effect> {
    apply(state, Command::Controls(command))
}

fn tick(state: &mut EditorState) -> Vec<Effect> {
    apply(state, Command::Files(FilesCommand::Tick(Duration::from_secs(1))))
}

fn request(effects: Vec<Effect>) -> Option<InfluenceRequest> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::MeasureInfluence(request) => Some(*request),
        _ => None,
    })
}

fn told(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Notify(_)))
}

/// Draws round a region with the pointer; what that asked for.
fn lasso(state: &mut EditorState, corners: &[(f32, f32)]) -> Option<InfluenceRequest> {
    let pointer = |event| Command::Pointer(event, PointerModifiers::default());
    let at = |&(x, y): &(f32, f32)| Point::new(x, y);
    let press = PointerEvent::Press { at: at(&corners[0]), extend: false, constrain: false };
    assert!(request(apply(state, pointer(press))).is_none());
    for corner in corners {
        apply(state, pointer(PointerEvent::Move { at: at(corner), constrain: false }));
    }
    request(apply(state, pointer(PointerEvent::Release { at: at(&corners[corners.len() - 1]) })))
}

fn picture() -> PicturePixels {
    PicturePixels { width: 1, height: 1, rgba: [0; 4].into() }
}

/// What the engine would say: the change of each control, by its index.
fn measured(state: &mut EditorState, request: &InfluenceRequest, count: usize, change: impl Fn(usize) -> (f32, f32)) {
    let measured = request.moves.iter().take(count).map(|wanted| {
        let (inside, outside) = change(request::index_of(wanted.id));
        let pictures = wanted.keeps_pictures.then(|| [picture(), picture()]);
        Measurement { id: wanted.id, change: Change { inside, outside }, pictures }
    });
    let measured = measured.collect();
    say(state, ControlsCommand::Measured { number: request.number, measured });
}

fn controls(state: &EditorState) -> Vec<Control> {
    state.controls.findings().map(|finding| finding.control).collect()
}

const SQUARE: [(f32, f32); 4] = [(100.0, 100.0), (200.0, 100.0), (200.0, 180.0), (100.0, 180.0)];

/// An editor that looks at the square.
fn looking() -> (EditorState, InfluenceRequest) {
    let mut state = editor(70);
    act(&mut state, Action::ControlsOfRegion);
    let request = lasso(&mut state, &SQUARE).unwrap();
    (state, request)
}

#[test]
fn a_lasso_chooses_a_region_and_leaves_the_mask_alone() {
    let mut state = editor(71);
    let before = state.document.clone();
    act(&mut state, Action::ControlsOfRegion);
    assert!(state.controls.is_choosing() && state.dock().shows(Panel::Controls));
    tick(&mut state);
    let request = lasso(&mut state, &SQUARE).unwrap();
    assert_eq!((request.region.count(), request.labels == before.labels), (100 * 80, true));
    assert!(state.document == before && !state.history.can_undo() && !state.controls.is_choosing());
    assert_eq!(state.region_overlay().outlines.len(), 1);
    let region = state.controls.region().unwrap();
    assert_eq!(region.title(), "Drawn region");
    assert!((region.part() - 8000.0 / 512.0 / 512.0).abs() < 1e-6);
    // The next stroke paints again.
    lasso(&mut state, &SQUARE);
    assert!(state.history.can_undo());
}

#[test]
fn a_click_takes_the_label_and_escape_gives_up() {
    let mut state = editor(72);
    let (x, y) = (256, 250);
    let label = state.document.labels.get(x, y).unwrap();
    act(&mut state, Action::ControlsOfRegion);
    let request = lasso(&mut state, &[(x as f32 + 0.5, y as f32 + 0.5)]).unwrap();
    let count = state.document.labels.counts()[usize::from(label)];
    assert_eq!(request.region.count() as u64, count);
    assert_eq!(state.controls.region().unwrap().title(), state.label_title(label));

    act(&mut state, Action::ControlsOfRegion);
    apply(&mut state, Command::Pointer(PointerEvent::Cancel, PointerModifiers::default()));
    assert!(!state.controls.is_choosing() && state.controls.region().is_some());
    act(&mut state, Action::ControlsOfRegion);
    act(&mut state, Action::ControlsOfRegion);
    assert!(!state.controls.is_choosing());
    act(&mut state, Action::ControlsOfRegion);
    act(&mut state, Action::Fill);
    assert!(!state.controls.is_choosing(), "a tool is for painting");
    // A document of another size came while a region was to be chosen.
    act(&mut state, Action::ControlsOfRegion);
    state.document.labels = crate::document::LabelMap::new(64, 64, 0);
    let request = lasso(&mut state, &[(10.0, 10.0), (30.0, 10.0), (30.0, 30.0)]).unwrap();
    assert!(request.labels.width() == 64 && (180..=220).contains(&request.region.count()));
    // Off the mask there is no label.
    act(&mut state, Action::ControlsOfRegion);
    assert!(lasso(&mut state, &[(-50.0, 20.0)]).is_none() && !state.controls.is_choosing());
}

#[test]
fn the_selected_label_is_a_region_if_the_mask_has_it() {
    let mut state = editor(73);
    let hair = state.taxonomy.label_id("hair").unwrap();
    apply(&mut state, Command::SelectLabel(hair));
    assert!(request(act(&mut state, Action::ControlsOfLabel)).is_some());
    assert_eq!(state.controls.region().unwrap().title(), "Hair");
    state.document.labels = crate::document::LabelMap::new(64, 64, 0);
    let effects = act(&mut state, Action::ControlsOfLabel);
    assert!(told(&effects) && request(effects).is_none());
    // Looking again looks the label up on the mask as it is now.
    let effects = act(&mut state, Action::LookAgain);
    assert!(told(&effects) && request(effects).is_none() && state.controls.region().is_none());
    assert!(!Action::LookAgain.is_enabled(&state));
}

#[test]
fn every_direction_and_attribute_is_tried_at_both_ends_on_several_latents() {
    let (state, request) = looking();
    let attributes = state.taxonomy.n_attributes();
    assert_eq!(request.moves.len(), LATENTS_MEASURED * (attributes + 16));
    let first = &request.moves[..attributes + 16];
    assert!(first.iter().all(|wanted| wanted.keeps_pictures));
    assert!(request.moves[first.len()..].iter().all(|wanted| !wanted.keeps_pictures));
    let direction = &first[attributes + 5];
    assert_eq!(direction.latents.each_ref().map(|latent| latent.offsets[5]), [-2.0, 2.0]);
    assert_eq!(direction.latents[0].seed, state.document.latent.seed);
    assert_ne!(request.moves.last().unwrap().latents[0].seed, state.document.latent.seed);
    // Exclusive attributes exclude each other at both ends, and both ends differ.
    for wanted in first {
        for (range, kind) in state.taxonomy.group_ranges() {
            let on = |end: usize| wanted.attributes[end][range.clone()].iter().filter(|value| **value != 0.0).count();
            assert!(kind == GroupKind::Independent || (on(0) <= 1 && on(1) <= 1));
        }
        assert!(wanted.latents[0] != wanted.latents[1] || wanted.attributes[0] != wanted.attributes[1]);
    }
}

#[test]
fn findings_are_ranked_once_a_latent_is_done_and_progress_is_told() {
    let (mut state, request) = looking();
    let per_latent = request.moves.len() / LATENTS_MEASURED;
    let change = |index: usize| if index == 12 { (9.0, 0.5) } else { (1.0 + index as f32 / 10.0, 3.0) };
    measured(&mut state, &request, per_latent - 1, change);
    assert!(controls(&state).is_empty() && state.controls.progress().unwrap() < 0.25);
    let rest = InfluenceRequest { moves: request.moves[per_latent - 1..].to_vec(), ..request.clone() };
    measured(&mut state, &rest, 1, change);
    assert_eq!(controls(&state).len(), per_latent);
    let best = state.controls.findings().next().unwrap();
    assert!(best.pictures.is_some() && best.influence.inside() == 9.0);
    let rest = InfluenceRequest { moves: rest.moves[1..].to_vec(), ..request };
    // Another request's answers are none of this one's.
    let other = InfluenceRequest { number: rest.number + 1, ..rest.clone() };
    measured(&mut state, &other, usize::MAX, change);
    assert!(state.controls.progress().is_some());
    measured(&mut state, &rest, usize::MAX, change);
    assert_eq!(state.controls.progress(), None);
    assert_eq!(state.controls.findings().next().unwrap().influence.latents() as usize, LATENTS_MEASURED);
    assert!(!Action::StopLooking.is_enabled(&state));
}

#[test]
fn a_look_can_be_stopped_and_keeps_what_is_known() {
    let (mut state, asked) = looking();
    measured(&mut state, &asked, 3, |index| (index as f32, 1.0));
    let effects = act(&mut state, Action::StopLooking);
    assert_eq!(request(effects).unwrap().moves, []);
    assert_eq!((controls(&state).len(), state.controls.progress()), (3, None));
    measured(&mut state, &asked, 9, |_| (50.0, 0.0));
    assert_eq!(controls(&state).len(), 3, "what was still on its way is left aside");
    let message = "the device is lost".to_owned();
    let again = request(act(&mut state, Action::LookAgain)).unwrap();
    say(&mut state, ControlsCommand::Failed { number: again.number, message });
    assert!(state.controls.failure().is_some() && state.controls.progress().is_none());
    tick(&mut state);
    act(&mut state, Action::LookAgain);
    act(&mut state, Action::PanelControls);
    assert!(request(tick(&mut state)).unwrap().moves.is_empty(), "a hidden panel measures nothing");
}

#[test]
fn changes_outdate_the_findings_and_another_model_clears_them() {
    let (mut state, request) = looking();
    measured(&mut state, &request, usize::MAX, |index| (index as f32, 1.0));
    assert!(!state.controls_are_outdated());
    apply(&mut state, Command::SetOffset { direction: 3, sigma: 1.0 });
    assert!(state.controls_are_outdated());
    apply(&mut state, Command::SetOffset { direction: 3, sigma: 0.0 });
    assert!(!state.controls_are_outdated(), "a direction that is back is as it was");
    act(&mut state, Action::PinA);
    assert!(!state.controls_are_outdated());
    lasso(&mut state, &SQUARE);
    assert!(state.controls_are_outdated() && !controls(&state).is_empty());
    act(&mut state, Action::LookAgain);
    assert!(!state.controls_are_outdated());

    let mut other = state.model.loaded.clone().unwrap();
    other.hash = "another".to_owned();
    apply(&mut state, Command::ModelLoaded(Box::new(other)));
    assert!(controls(&state).is_empty() && state.controls.region().is_some() && Action::LookAgain.is_enabled(&state));
}

#[test]
fn a_click_moves_a_control_and_undo_brings_it_back() {
    let (mut state, request) = looking();
    measured(&mut state, &request, usize::MAX, |index| (index as f32, 1.0));
    let direction = Control::Direction(14);
    say(&mut state, ControlsCommand::Move(direction, End::High));
    assert!(state.offset(14) == 2.0 && state.is_at(direction, End::High) && !state.is_at(direction, End::Low));
    assert_eq!(state.history.undo_label(), Some("Direction 15 +2"));
    act(&mut state, Action::Undo);
    assert_eq!(state.offset(14), 0.0);

    for attribute in 0..state.taxonomy.n_attributes() {
        let control = Control::Attribute(attribute);
        let before = state.document.attributes.clone();
        for end in End::BOTH {
            say(&mut state, ControlsCommand::Move(control, end));
            assert!(state.is_at(control, end), "{control:?} {end:?}");
            for (range, kind) in state.taxonomy.group_ranges() {
                let on = state.document.attributes[range].iter().filter(|value| **value != 0.0).count();
                assert!(kind == GroupKind::Independent || on <= 1);
            }
        }
        assert_eq!(state.document.attributes[attribute], 1.0);
        while state.document.attributes != before {
            act(&mut state, Action::Undo);
        }
    }
    act(&mut state, Action::ToggleLatentLock);
    assert!(told(&say(&mut state, ControlsCommand::Move(direction, End::Low))) && state.offset(14) == 0.0);
}

#[test]
fn pointing_shows_a_picture_in_the_place_of_the_result() {
    let (mut state, request) = looking();
    measured(&mut state, &request, usize::MAX, |_| (1.0, 1.0));
    assert!(state.shown_frame().is_none());
    say(&mut state, ControlsCommand::Point(Some((Control::Direction(0), End::Low))));
    assert!(state.shown_frame().is_some() && state.previewed_control().is_some());
    say(&mut state, ControlsCommand::Point(None));
    assert!(state.shown_frame().is_none());
}

fn named(state: &mut EditorState, direction: usize, name: &str) -> Vec<Effect> {
    say(state, ControlsCommand::BeginName(direction));
    say(state, ControlsCommand::TypeName(name.to_owned()));
    say(state, ControlsCommand::EndName { keep: true })
}

#[test]
fn a_bundled_model_s_sliders_are_kept_in_the_preferences() {
    let (mut state, _) = looking();
    assert!(state.named_directions().is_empty() && !state.names_go_into_file());
    say(&mut state, ControlsCommand::BeginName(13));
    assert_eq!(state.controls.naming(), Some((13, "")), "the usual name is not in the way");
    say(&mut state, ControlsCommand::EndName { keep: false });
    let effects = named(&mut state, 13, " Fringe ");
    assert!(told(&effects) && state.named_directions() == [13]);
    assert_eq!(state.direction_name(13), "Fringe");
    assert_eq!(state.preferences.direction_names["00"].get(13), Some("Fringe"));
    assert!(tick(&mut state).iter().any(|effect| matches!(effect, Effect::Chore(Chore::SavePreferences(_)))));
    // Of another model nothing is known; back at this one the name is there.
    let own = state.model.loaded.clone().unwrap();
    let other = crate::editor::ModelSummary { hash: "11".to_owned(), ..own.clone() };
    apply(&mut state, Command::ModelLoaded(Box::new(other)));
    assert_eq!(state.direction_name(13), "Direction 14");
    apply(&mut state, Command::ModelLoaded(Box::new(own)));
    assert_eq!(state.direction_name(13), "Fringe");
    apply(&mut state, Command::Latent(LatentCommand::BeginRename(13)));
    apply(&mut state, Command::Latent(LatentCommand::TypeName(String::new())));
    apply(&mut state, Command::Latent(LatentCommand::EndRename { keep: true }));
    assert!(state.named_directions().is_empty());
}

#[test]
fn a_model_file_gets_the_names_or_the_preferences_keep_them() {
    let mut state = editor(75);
    let path = PathBuf::from("/models/mine.safetensors");
    let mut own = state.model.loaded.clone().unwrap();
    own.reference = ModelRef::File(path.clone());
    own.direction_names.set(2, "Jaw");
    own.direction_names.set(99, "beyond");
    apply(&mut state, Command::ModelLoaded(Box::new(own)));
    assert_eq!((state.named_directions(), state.direction_name(2)), (vec![2], "Jaw".to_owned()));

    let effects = named(&mut state, 7, "Brows");
    let chore = effects.into_iter().find_map(|effect| match effect {
        Effect::Chore(Chore::NameDirections { path, hash, names }) => Some((path, hash, names)),
        _ => None,
    });
    let (file, hash, names) = chore.unwrap();
    assert_eq!((file, hash.as_str()), (path.clone(), "00"));
    assert_eq!((names.get(2), names.get(7)), (Some("Jaw"), Some("Brows")));
    assert!(state.preferences.direction_names.is_empty());
    assert!(told(&apply(&mut state, Command::Io(IoDone::DirectionsNamed(path)))));
    assert!(named(&mut state, 7, "Brows").is_empty(), "the same name again is no change");

    let error = "/models/mine.safetensors: permission denied".to_owned();
    let mut wanted = DirectionNames::default();
    wanted.set(7, "Brows");
    assert!(told(&apply(&mut state, Command::Io(IoDone::DirectionsNotNamed { hash, names: wanted, error }))));
    assert_eq!(state.preferences.direction_names["00"].get(7), Some("Brows"));
    assert_eq!(state.named_directions(), [7]);
}

#[test]
fn a_session_brings_a_named_slider_s_value_back() {
    let (mut state, _) = looking();
    named(&mut state, 14, "Fringe");
    apply(&mut state, Command::SetOffset { direction: 14, sigma: 1.75 });
    apply(&mut state, Command::FinishEdit);
    let text = state.session().to_text().unwrap();
    let document = crate::session::Session::parse(&text).unwrap().session.document;
    assert_eq!(document.latent.offsets[14], 1.75);
}

#[test]
fn directions_and_attributes_can_be_listed_alone() {
    let (mut state, request) = looking();
    measured(&mut state, &request, usize::MAX, |index| (index as f32, 1.0));
    let all = controls(&state).len();
    let mut counts = Vec::new();
    for kinds in [Kinds::Directions, Kinds::Attributes, Kinds::All] {
        say(&mut state, ControlsCommand::Show(kinds));
        counts.push(controls(&state).len());
    }
    assert_eq!(counts, [16, state.taxonomy.n_attributes(), all]);
}
