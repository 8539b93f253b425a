//! Autosave, recovery, revert, mapping and what else the editor does about files.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::label_image::{LabelImage, RawMask};
use crate::session::RecoveryEntry;

fn files(command: FilesCommand) -> Command {
    Command::Files(command)
}

fn tick(state: &mut EditorState, ms: u64) -> Vec<Chore> {
    let effects = apply(state, files(FilesCommand::Tick(Duration::from_millis(ms))));
    let chores = effects.into_iter().map(|effect| match effect {
        Effect::Chore(chore) => chore,
        effect => panic!("{effect:?}"),
    });
    chores.collect()
}

fn autosaves(chores: &[Chore]) -> Vec<u64> {
    let autosave = |chore: &Chore| match chore {
        Chore::Autosave { document, .. } => Some(*document),
        _ => None,
    };
    chores.iter().filter_map(autosave).collect()
}

fn written(state: &mut EditorState, document: u64) {
    apply(state, Command::Io(IoDone::Autosaved { document, error: None }));
}

fn removed(chores: &[Chore]) -> Vec<u64> {
    let removed = chores.iter().filter_map(|chore| match chore {
        Chore::RemoveRecovery(documents) => Some(documents.clone()),
        _ => None,
    });
    removed.flatten().collect()
}

#[test]
fn a_change_is_autosaved_in_time_and_forgotten_when_undone() {
    let mut state = editor(30);
    assert!(tick(&mut state, 0).is_empty() && state.next_tick().is_none());
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    assert!(autosaves(&tick(&mut state, 1000)).is_empty());
    let wait = state.next_tick().unwrap();
    assert_eq!(wait, AUTOSAVE_DELAY);
    let chores = tick(&mut state, 1000 + wait.as_millis() as u64);
    let [Chore::Autosave { document, session, .. }] = chores.as_slice() else { panic!("{chores:?}") };
    assert_eq!(session.document, state.document);
    written(&mut state, *document);
    assert!(tick(&mut state, 9000).is_empty(), "nothing changed");
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(removed(&tick(&mut state, 9100)), [*document]);
}

#[test]
fn saving_removes_the_recovery_file_and_documents_put_aside_keep_theirs() {
    let mut state = editor(31);
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let face = state.files.autosave.document;
    apply(&mut state, Command::UseTemplate("standing"));
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    tick(&mut state, 0);
    assert_eq!(autosaves(&tick(&mut state, 600)), [face], "the other one is as it began");
    written(&mut state, face);
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    let snapshot = state.document.clone();
    apply(&mut state, saved("face.scgan", face, &snapshot));
    assert!(removed(&tick(&mut state, 700)).contains(&face));
}

#[test]
fn closing_without_saving_removes_every_recovery_file() {
    let mut state = editor(32);
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    tick(&mut state, 0);
    let [document] = autosaves(&tick(&mut state, 600))[..] else { panic!("no autosave") };
    apply(&mut state, Command::CloseRequested);
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Discard));
    let [Effect::Chore(Chore::RemoveRecovery(documents)), Effect::Quit] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(documents, &[document]);
}

#[test]
fn closing_asks_about_each_unsaved_document() {
    let mut state = editor(46);
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    apply(&mut state, Command::UseTemplate("standing"));
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    apply(&mut state, Command::CloseRequested);
    assert_eq!((state.dialog.clone(), state.taxonomy.name.as_str()), (Some(Dialog::Unsaved(Intent::Quit)), "outfit"));
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Discard));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert_eq!((state.dialog.clone(), state.taxonomy.name.as_str()), (Some(Dialog::Unsaved(Intent::Quit)), "portrait"));
    assert_eq!(state.session().model.name, "portrait", "what it was made with is remembered");
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let [Effect::Io(IoJob { task: IoTask::SaveSession { document, session, .. }, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let done = saved("a.scgan", *document, &session.document);
    let effects = apply(&mut state, done);
    assert!(matches!(effects.last(), Some(Effect::Quit)));
}

#[test]
fn autosave_can_be_turned_off() {
    let mut state = editor(33);
    apply(&mut state, files(FilesCommand::Prefer(PreferenceChange::Autosave(false))));
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let first = tick(&mut state, 0);
    assert!(matches!(first.as_slice(), [Chore::SavePreferences(preferences)] if !preferences.autosave));
    assert!(tick(&mut state, 60_000).is_empty() && state.next_tick().is_none());
}

#[test]
fn what_was_recovered_is_unsaved_and_keeps_its_file() {
    let mut state = editor(34);
    let mut session = state.session();
    session.document.latent.seed = 99;
    let entry = RecoveryEntry {
        id: "1-2.3.scgan".to_owned(),
        original: Some("/home/face.scgan".into()),
        modified: std::time::SystemTime::UNIX_EPOCH,
        bytes: 5,
    };
    apply(&mut state, Command::Io(IoDone::RecoveryFound(vec![entry])));
    assert_eq!(state.dialog, Some(Dialog::Recovery));
    let effects = apply(&mut state, files(FilesCommand::Recover("1-2.3.scgan".to_owned())));
    let [Effect::Chore(Chore::Recover { document, .. })] = effects.as_slice() else { panic!("{effects:?}") };
    let origin = SessionOrigin::Recovered { document: *document, original: Some("/home/face.scgan".into()) };
    apply(&mut state, opened("/state/x.scgan", &session, origin));
    assert!(state.is_dirty());
    assert_eq!(state.path.as_deref().unwrap().to_str(), Some("/home/face.scgan"));
    let chores = tick(&mut state, 600);
    assert!(autosaves(&chores).is_empty() && !removed(&chores).contains(document), "its file is there already");
    assert!(apply(&mut state, Command::CloseRequested).is_empty(), "asks first");
}

#[test]
fn the_question_what_to_recover_is_not_lost_behind_another() {
    let entry = RecoveryEntry {
        id: "1-2.3.scgan".to_owned(),
        original: None,
        modified: std::time::SystemTime::UNIX_EPOCH,
        bytes: 5,
    };
    let found = || Command::Io(IoDone::RecoveryFound(vec![entry.clone()]));
    let elsewhere = || Command::Io(IoDone::OpenElsewhere("a.scgan".into()));
    for order in [[found(), elsewhere()], [elsewhere(), found()]] {
        let mut state = editor(47);
        for command in order {
            apply(&mut state, command);
        }
        assert!(matches!(state.dialog, Some(Dialog::OpenElsewhere(_))));
        apply(&mut state, Command::Answer(DialogAnswer::Close));
        assert_eq!(state.dialog, Some(Dialog::Recovery));
        apply(&mut state, Command::Answer(DialogAnswer::Close));
        assert_eq!(state.dialog, None);
    }
}

#[test]
fn reverting_asks_and_can_be_undone() {
    let mut state = editor(35);
    let on_disk = state.session();
    apply(&mut state, opened("face.scgan", &on_disk, SessionOrigin::File));
    assert!(!Action::Revert.is_enabled(&state));
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let painted = state.document.clone();
    apply(&mut state, Command::Do(Action::Revert));
    assert_eq!(state.dialog, Some(Dialog::Unsaved(Intent::Revert)));
    let effects = apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let [Effect::Io(IoJob { path: Some(path), task: IoTask::Open { mode: OpenMode::Revert, .. } })] =
        effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(path.to_str(), Some("face.scgan"));
    apply(&mut state, opened("face.scgan", &on_disk, SessionOrigin::Revert));
    assert!(!state.is_dirty() && state.document == on_disk.document);
    apply(&mut state, Command::Do(Action::Undo));
    assert!(state.is_dirty() && state.document == painted);
}

#[test]
fn a_copy_and_a_newer_session_have_no_file_to_save_to() {
    let mut state = editor(36);
    let session = state.session();
    apply(&mut state, opened("face.scgan", &session, SessionOrigin::Copy));
    assert_eq!(state.path, None);
    let loaded = Loaded { session, warnings: vec![], newer_version: Some(3) };
    let origin = SessionOrigin::File;
    let newer = OpenedSession { path: "b.scgan".into(), loaded, origin, history: None, model_file_there: false };
    let effects = apply(&mut state, Command::Io(IoDone::SessionOpened(Box::new(newer))));
    assert_eq!(state.path, None);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Notify(notice) if notice.text.contains("newer"))));
}

#[test]
fn a_session_open_elsewhere_can_be_opened_as_a_copy_or_anyway() {
    for (answer, expected) in [(DialogAnswer::Accept, OpenMode::Copy), (DialogAnswer::Discard, OpenMode::Anyway)] {
        let mut state = editor(37);
        apply(&mut state, Command::Io(IoDone::OpenElsewhere("a.scgan".into())));
        assert!(matches!(state.dialog, Some(Dialog::OpenElsewhere(_))));
        let effects = apply(&mut state, Command::Answer(answer));
        assert!(matches!(
            effects.as_slice(),
            [Effect::Io(IoJob { task: IoTask::Open { mode, .. }, .. })] if *mode == expected
        ));
    }
}

#[test]
fn foreign_labels_are_asked_about_and_the_answer_is_an_edit() {
    let mut state = editor(38);
    let before = state.document.clone();
    let foreign = Taxonomy::builtin("celebamask-19").unwrap();
    let labels = LabelImage::from_ids(4, 1, vec![17, 17, 14, 13]).unwrap();
    let raw = Box::new(RawMask::from_labels(&labels, &foreign));
    apply(&mut state, Command::Io(IoDone::MaskUnknown { path: "m.png".into(), raw: raw.clone() }));
    assert_eq!(state.dialog, Some(Dialog::MapLabels));
    apply(&mut state, Command::Answer(DialogAnswer::Close));
    assert!(state.document == before && state.files.mapping.is_none());

    apply(&mut state, Command::Io(IoDone::MaskUnknown { path: "m.png".into(), raw }));
    let rows = &state.files.mapping.as_ref().unwrap().rows;
    assert_eq!(rows[0].pixels, 2);
    let proposed = state.taxonomy.label_id("neck").unwrap();
    assert_eq!(rows[0].target, MappingTarget::One(proposed), "neck by its colour");
    let hat = rows.iter().position(|row| row.name == "Label 14").unwrap();
    apply(&mut state, files(FilesCommand::MapLabel { row: hat, target: MappingTarget::One(0) }));
    apply(&mut state, files(FilesCommand::MapLabel { row: hat, target: MappingTarget::One(200) }));
    apply(&mut state, files(FilesCommand::MapLabel { row: 99, target: MappingTarget::One(1) }));
    apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let hair = state.taxonomy.label_id("hair").unwrap();
    assert_eq!(state.document.labels.to_image().ids(), [proposed, proposed, 0, hair]);
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.document, before);
}

#[test]
fn the_mask_goes_along_to_a_model_with_other_labels() {
    let mut state = editor(39);
    stroke(&mut state, &[(40.0, 40.0), (300.0, 310.0)]);
    let painted = state.document.clone();
    apply(&mut state, Command::ModelLoaded(summary("celeba-7")));
    assert_eq!(state.dialog, Some(Dialog::MapLabels), "hair has no counterpart");
    let own = state.document.clone();
    apply(&mut state, Command::Answer(DialogAnswer::Accept));
    let skin = |state: &EditorState| usize::from(state.taxonomy.label_id("skin").unwrap());
    let carried = state.document.labels.counts()[skin(&state)];
    assert!(carried >= painted.labels.counts()[1] && state.document.labels.width() == painted.labels.width());
    apply(&mut state, Command::Do(Action::Undo));
    assert_eq!(state.document, own, "this model's own mask");
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert_eq!((&state.document, state.dialog.is_none()), (&painted, true), "put aside, it comes back");

    let mut state = editor(40);
    apply(&mut state, Command::ModelLoaded(summary("celeba-7")));
    assert!(state.dialog.is_none() && !state.is_dirty(), "a document nobody touched stays behind");
}

#[test]
fn a_session_opens_even_if_its_model_does_not() {
    let mut state = editor(41);
    let mut session = state.session();
    session.document.latent.seed = 5;
    session.model = crate::session::ModelIdentity {
        name: "mine".to_owned(),
        hash: "11".to_owned(),
        file: Some("/models/mine.safetensors".to_owned()),
    };
    let loaded = Loaded { session, warnings: vec![], newer_version: None };
    let origin = SessionOrigin::File;
    let with_model = OpenedSession { path: "b.scgan".into(), loaded, origin, history: None, model_file_there: true };
    let effects = apply(&mut state, Command::Io(IoDone::SessionOpened(Box::new(with_model))));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Engine(EngineCommand::LoadModel(ModelRef::File(path)))] if path.ends_with("mine.safetensors")
    ));
    apply(&mut state, Command::ModelFailed("broken".to_owned()));
    assert_eq!((state.document.latent.seed, state.path.as_deref()), (5, Some("b.scgan".as_ref())));
}

#[test]
fn of_several_dropped_files_one_of_each_kind_is_opened() {
    let mut state = editor(42);
    let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let dropped = paths(&["a.txt", "m.SAFETENSORS", "x.png", "s.scgan", "c.scgan"]);
    let effects = apply(&mut state, files(FilesCommand::Dropped(dropped)));
    let notices = effects.iter().filter(|effect| matches!(effect, Effect::Notify(_))).count();
    assert_eq!(notices, 2, "{effects:?}");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Engine(_))));
    assert!(effects.iter().any(|effect| {
        matches!(effect, Effect::Io(IoJob { path: Some(path), .. }) if path.to_str() == Some("s.scgan"))
    }));
    let effects = apply(&mut state, files(FilesCommand::Dropped(paths(&["notes", "b.pdf"]))));
    assert!(matches!(effects.as_slice(), [Effect::Notify(notice)] if notice.text.contains("notes and 1 more")));
    // The io thread imports a checkpoint before the engine loads it.
    let effects = apply(&mut state, files(FilesCommand::Dropped(paths(&["20_12000_G.PTH"]))));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Io(IoJob { path: Some(path), task: IoTask::Open { .. } })] if path.ends_with("20_12000_G.PTH")
    ));
    let effects = apply(&mut state, files(FilesCommand::Dropped(paths(&["me.JPG"]))));
    assert!(matches!(effects.as_slice(), [Effect::Io(IoJob { path: Some(_), task: IoTask::OpenPhoto })]));
}

#[test]
fn files_opened_and_saved_are_recent_and_kept_open() {
    let mut state = editor(43);
    let session = state.session();
    apply(&mut state, opened("a.scgan", &session, SessionOrigin::File));
    let chores = tick(&mut state, 0);
    assert!(chores.iter().any(|chore| matches!(chore, Chore::KeepOpen(open) if open == &[PathBuf::from("a.scgan")])));
    assert!(chores.iter().any(|chore| matches!(chore, Chore::CheckFiles(recent) if recent.len() == 1)));
    let number = state.files.autosave.document;
    apply(&mut state, saved("b.scgan", number, &session.document));
    assert_eq!(state.preferences.recent, [PathBuf::from("b.scgan"), PathBuf::from("a.scgan")]);
    apply(&mut state, Command::Io(IoDone::FilesMissing([PathBuf::from("a.scgan")].into())));
    assert!(state.files.missing.contains(&PathBuf::from("a.scgan")));
    apply(&mut state, Command::Do(Action::ClearRecent));
    assert!(state.preferences.recent.is_empty() && !Action::ClearRecent.is_enabled(&state));
}

#[test]
fn preferences_are_bounded_and_saved_when_they_change() {
    let mut state = editor(44);
    assert!(tick(&mut state, 0).is_empty());
    for (scale, expected) in [(9.0, 2.0), (0.1, 0.75), (f32::NAN, 0.75)] {
        apply(&mut state, files(FilesCommand::Prefer(PreferenceChange::UiScale(scale))));
        assert_eq!(state.preferences.ui_scale, expected);
    }
    apply(&mut state, files(FilesCommand::Prefer(PreferenceChange::HistoryBytes(1))));
    assert_eq!(state.preferences.history_bytes, *HISTORY_BYTES_RANGE.start());
    apply(&mut state, Command::Do(Action::ThemeLight));
    let chores = tick(&mut state, 10);
    let [Chore::SavePreferences(preferences)] = chores.as_slice() else { panic!("{chores:?}") };
    assert_eq!((preferences.theme, preferences.ui_scale), (ThemeChoice::Light, 0.75));
    assert!(tick(&mut state, 20).is_empty());
}

#[test]
fn diagnostics_name_what_is_in_use() {
    let mut state = editor(45);
    apply(&mut state, files(FilesCommand::WindowDrawnBy("llvmpipe".to_owned())));
    let effects = apply(&mut state, Command::Do(Action::CopyDiagnostics));
    let [Effect::Chore(Chore::Diagnose(text))] = effects.as_slice() else { panic!("{effects:?}") };
    for part in [env!("CARGO_PKG_VERSION"), "llvmpipe", "Taxonomy: portrait", std::env::consts::OS] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let effects = apply(&mut state, Command::Io(IoDone::Diagnostics("all".to_owned())));
    assert!(matches!(effects.first(), Some(Effect::CopyText(text)) if text == "all"));
}

/// A portrait made elsewhere.
fn portrait_session() -> Session {
    let mut session = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 9).session();
    session.document.latent.seed = 4321;
    session.model.name = "portrait".to_owned();
    session
}

#[test]
fn strokes_painted_while_a_file_is_being_chosen_are_asked_about() {
    let mut state = editor(12);
    apply(&mut state, Command::Do(Action::Open));
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let painted = state.document.clone();
    apply(&mut state, opened("a.scgan", &portrait_session(), SessionOrigin::File));
    assert_eq!(state.dialog, Some(Dialog::Unsaved(Intent::Adopt)));
    assert_eq!(state.document, painted);
    apply(&mut state, Command::Answer(DialogAnswer::Close));
    assert!(state.document == painted && state.dialog.is_none() && state.files.arrived.is_none());
    apply(&mut state, opened("a.scgan", &portrait_session(), SessionOrigin::File));
    apply(&mut state, Command::Answer(DialogAnswer::Discard));
    assert_eq!((state.document.latent.seed, state.path), (4321, Some("a.scgan".into())));
}

#[test]
fn an_unsaved_document_put_aside_is_asked_about_before_a_session_takes_its_place() {
    let mut state = editor(12);
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let painted = state.document.clone();
    state.switch_taxonomy(Taxonomy::builtin("outfit").unwrap());
    assert!(!state.is_dirty());
    apply(&mut state, Command::OpenPath("a.scgan".into()));
    apply(&mut state, opened("a.scgan", &portrait_session(), SessionOrigin::File));
    assert_eq!(state.dialog, Some(Dialog::Unsaved(Intent::Adopt)));
    assert_eq!(state.document, painted, "what would be lost is what is seen");
    apply(&mut state, Command::Answer(DialogAnswer::Discard));
    assert_eq!(state.document.latent.seed, 4321);
}

#[test]
fn a_part_is_not_pasted_into_a_mask_of_other_labels() {
    let mut state = editor(12);
    apply(&mut state, Command::Do(Action::Transform));
    stroke(&mut state, &[(256.0, 500.0)]);
    apply(&mut state, Command::Do(Action::CopyPart));
    assert!(Action::PastePart.is_enabled(&state));
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    assert!(!Action::PastePart.is_enabled(&state));
}

#[test]
fn a_model_asked_for_earlier_does_not_answer_for_the_newest() {
    let mut state = editor(12);
    apply(&mut state, Command::LoadModel(ModelRef::Bundled("portrait".to_owned())));
    apply(&mut state, Command::LoadModel(ModelRef::Bundled("outfit".to_owned())));
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert!(state.model.loading.is_some(), "the newest is still on its way");
    apply(&mut state, Command::ModelLoaded(summary("outfit")));
    assert_eq!(state.model.loaded.as_ref().unwrap().name, "outfit");
    assert!(state.model.loading.is_none() && state.live.frame.is_none());
}

#[test]
fn a_template_is_not_used_with_other_labels_of_the_same_name() {
    let mut taxonomy = Taxonomy::builtin("portrait").unwrap();
    taxonomy.labels.pop();
    let mut state = EditorState::new(taxonomy.clone(), 1);
    assert_eq!(state.document.labels.counts()[0], 512 * 512, "an empty mask");
    let effects = apply(&mut state, Command::UseTemplate("smiling"));
    assert!(
        matches!(&effects[..], [Effect::Engine(EngineCommand::LoadModel(ModelRef::Bundled(name)))] if name == "portrait")
    );
    assert_eq!(state.taxonomy, taxonomy);
    apply(&mut state, Command::ModelLoaded(summary("portrait")));
    assert!(state.document.labels.counts()[8] > 0 && state.taxonomy != taxonomy);
}
