#![allow(clippy::unwrap_used, clippy::panic)]

use image::Rgba;

use super::*;
use crate::editor::tests::editor;
use crate::editor::{Command, DialogAnswer, apply};
use crate::label_image::LabelImage;

fn photo(state: &mut EditorState, command: PhotoCommand) -> Vec<Effect> {
    apply(state, Command::Photo(command))
}

fn open(state: &mut EditorState) {
    let pixels = Arc::new(RgbaImage::from_pixel(60, 90, Rgba([9, 9, 9, 255])));
    photo(state, PhotoCommand::Opened { name: "me.jpg".to_owned(), photo: pixels });
}

fn started(effects: &[Effect]) -> Option<(u64, &PhotoJob)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Photo(PhotoOrder::Start(number, job)) => Some((*number, &**job)),
        _ => None,
    })
}

fn is_cancelled(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Photo(PhotoOrder::Cancel)))
}

fn proposal(state: &EditorState) -> PhotoEvent {
    let mut attributes = vec![0.0; state.taxonomy.n_attributes()];
    attributes[2] = 1.0;
    let proposal = Proposal { labels: LabelImage::new(512, 512, 3), attributes: Some(attributes) };
    PhotoEvent::Proposed { framed: RgbImage::new(128, 128), proposal }
}

fn found(step: usize) -> FitProgress {
    let best = Fit { z: vec![0.5; 64], loss: 0.2, start_loss: 0.4, picture: RgbImage::new(2, 2) };
    FitProgress { step, steps: 10, best }
}

/// A photo that was read; the number of the fit that began.
fn read(state: &mut EditorState) -> u64 {
    open(state);
    let effects = photo(state, PhotoCommand::Read);
    let (job, _) = started(&effects).unwrap();
    let event = proposal(state);
    let effects = photo(state, PhotoCommand::Event(job, event));
    let (fit, job) = started(&effects).unwrap();
    let PhotoJob::Fit { target, .. } = job else { panic!("no fit") };
    assert_eq!(target.labels.max_id(), 3);
    fit
}

#[test]
fn what_is_read_is_one_edit_and_the_photo_lies_under_the_mask() {
    let mut state = editor(1);
    let before = state.document.clone();
    open(&mut state);
    assert_eq!(state.dialog, Some(Dialog::FramePhoto));
    let frame = Framing { x: 4.0, y: 5.0, side: 40.0 };
    photo(&mut state, PhotoCommand::Frame(frame));
    let effects = photo(&mut state, PhotoCommand::Read);
    let (number, job) = started(&effects).unwrap();
    let PhotoJob::Propose { framing, .. } = job else { panic!("nothing to read") };
    assert_eq!(*framing, frame);
    assert!(photo(&mut state, PhotoCommand::Read).is_empty(), "once is enough");
    let event = proposal(&state);
    let effects = photo(&mut state, PhotoCommand::Event(number, event));
    assert!(started(&effects).is_some() && state.dialog.is_none() && state.canvas_view.guide.is_some());
    assert_eq!((state.document.labels.get(0, 0), state.document.attributes[2]), (Some(3), 1.0));
    assert_eq!(state.history.undo_label(), Some("Photo me.jpg"));
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.document, before);
}

#[test]
fn the_fitted_code_is_one_edit_and_a_seed_drives_it_out() {
    let mut state = editor(2);
    let fit = read(&mut state);
    assert!(!Action::UseFit.is_enabled(&state));
    photo(&mut state, PhotoCommand::Progress(fit, found(3)));
    assert!(Action::UseFit.is_enabled(&state) && !Action::FitPhoto.is_enabled(&state));
    let before = state.document.clone();
    assert!(is_cancelled(&apply(&mut state, Command::Do(Action::UseFit))));
    assert_eq!(state.document.latent.fitted, vec![0.5; 64]);
    assert_eq!(state.history.undo_label(), Some("Look of the photo"));
    assert!(state.photo_fit().is_none() && Action::FitPhoto.is_enabled(&state));
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.document, before);
    apply(&mut state, Command::Do(Action::Redo));
    apply(&mut state, Command::Do(Action::RandomSeed));
    assert!(state.document.latent.fitted.is_empty());
}

#[test]
fn a_fit_that_is_done_waits_to_be_used_or_discarded() {
    let mut state = editor(3);
    let fit = read(&mut state);
    photo(&mut state, PhotoCommand::Event(fit, PhotoEvent::Fitted(found(10).best)));
    assert!(state.photo_fit().unwrap().is_done);
    let before = state.document.clone();
    assert!(!is_cancelled(&apply(&mut state, Command::Do(Action::CancelFit))), "nothing runs any more");
    assert!(state.photo_fit().is_none());
    assert_eq!(state.document, before);
}

#[test]
fn answers_that_come_too_late_change_nothing() {
    let mut state = editor(4);
    open(&mut state);
    let effects = photo(&mut state, PhotoCommand::Read);
    let (number, _) = started(&effects).unwrap();
    assert!(is_cancelled(&apply(&mut state, Command::Answer(DialogAnswer::Close))));
    let before = state.document.clone();
    let event = proposal(&state);
    photo(&mut state, PhotoCommand::Event(number, event));
    assert_eq!(state.document, before);

    let fit = read(&mut state);
    apply(&mut state, Command::Do(Action::CancelFit));
    photo(&mut state, PhotoCommand::Progress(fit, found(4)));
    photo(&mut state, PhotoCommand::Event(fit, PhotoEvent::Fitted(found(10).best)));
    assert!(state.photo_fit().is_none());
}

#[test]
fn another_document_ends_the_fit() {
    let mut state = editor(5);
    let fit = read(&mut state);
    state.replace_document(before_photo(&state), None);
    assert!(state.photo_fit().is_none() && !Action::FitPhoto.is_enabled(&state));
    assert!(is_cancelled(&photo(&mut state, PhotoCommand::Progress(fit, found(2)))));
}

fn before_photo(state: &EditorState) -> crate::document::Snapshot {
    default_snapshot(&state.taxonomy, 64)
}

#[test]
fn failures_are_told_and_the_frame_stays() {
    let mut state = editor(6);
    open(&mut state);
    let effects = photo(&mut state, PhotoCommand::Read);
    let (number, _) = started(&effects).unwrap();
    let effects = photo(&mut state, PhotoCommand::Event(number, PhotoEvent::Failed("it broke".to_owned())));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Notify(notice) if notice.text == "it broke")));
    assert!(!state.photo.framing.as_ref().unwrap().is_reading() && state.dialog == Some(Dialog::FramePhoto));
}

#[test]
fn a_locked_latent_stays_and_a_model_without_a_segmentor_reads_nothing() {
    let mut state = editor(7);
    let fit = read(&mut state);
    photo(&mut state, PhotoCommand::Progress(fit, found(3)));
    apply(&mut state, Command::Do(Action::ToggleLatentLock));
    let before = state.document.clone();
    apply(&mut state, Command::Do(Action::UseFit));
    assert_eq!(state.document, before);
    assert!(state.photo_fit().is_some(), "it can still be used");
    state.model.loaded.as_mut().unwrap().has_segmentor = false;
    assert!(!Action::OpenPhoto.is_enabled(&state));
    state.dialog = None;
    open(&mut state);
    assert_eq!(state.dialog, None);
}

#[test]
fn frames_stay_on_the_photo() {
    let mut state = editor(8);
    open(&mut state);
    photo(&mut state, PhotoCommand::Frame(Framing { x: f32::NAN, y: 0.0, side: 10.0 }));
    assert_eq!(state.photo.framing.as_ref().unwrap().frame, Framing::whole(60, 90));
    photo(&mut state, PhotoCommand::Frame(Framing { x: 5000.0, y: -900.0, side: 1.0 }));
    let frame = state.photo.framing.as_ref().unwrap().frame;
    assert!(frame.x < 60.0 && frame.y > -20.0 && frame.side >= 16.0, "{frame:?}");
}
