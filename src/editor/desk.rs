//! What the editor knows about files besides the document: recovery, recent files, preferences on their way to disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::autosave::Autosave;
use super::state::{Dialog, EditorState};
use super::{Chore, Effect, LabelMapping, OpenedSession, Preferences};
use crate::document::Snapshot;
use crate::session::{ModelIdentity, RecoveryEntry};

/// Papers on the desk.
#[derive(Debug, Default)]
pub struct Desk {
    /// What crashed processes left.
    pub recovery: Vec<RecoveryEntry>,
    /// Recent files that are not there any more.
    pub missing: BTreeSet<PathBuf>,
    /// What the labels of a mask or document become, while the user is asked.
    pub mapping: Option<LabelMapping>,
    /// What draws the window, in words.
    pub graphics: Option<String>,
    pub(super) autosave: Autosave,
    /// The model that the document was made with, for when another one is in use.
    pub(super) made_with: ModelIdentity,
    /// Documents that the user, while closing the window, said not to save.
    pub(super) given_up: Vec<u64>,
    /// The document, and its state, that the user knows will be replaced.
    pub(super) agreed: Option<(u64, Snapshot)>,
    /// A session that waits for the user's word, since it would replace something else.
    pub(super) arrived: Option<Box<OpenedSession>>,
    /// Documents whose recovery files are to go.
    pub(super) forsaken: Vec<u64>,
    /// The time of the last tick.
    pub(super) now: Duration,
    last_document: u64,
    /// Whether the user waits to hear what there is to recover.
    recovery_asked: bool,
    /// Whether the question what to recover waits for another dialog.
    recovery_waits: bool,
    saved_preferences: Preferences,
    kept_open: Vec<PathBuf>,
    checked: Vec<PathBuf>,
}

impl Desk {
    /// A number for a new document.
    pub(super) fn number_document(&mut self) -> u64 {
        self.last_document += 1;
        self.last_document
    }
}

/// A change of the preferences.
#[derive(Clone, Debug, PartialEq)]
pub enum PreferenceChange {
    /// Where to compute from the next start on.
    Device(crate::gpu::DeviceChoice),
    /// Size of the window's contents.
    UiScale(f32),
    /// Autosave on or off.
    Autosave(bool),
    /// How long a change waits for the autosave, in seconds.
    AutosaveDelay(f32),
    /// How much memory undo may take.
    HistoryBytes(usize),
    /// Sliders beyond 0 and 1.
    Overdrive(bool),
    /// Size of the window, in points.
    WindowSize([f32; 2]),
}

impl EditorState {
    /// Takes preferences over as they were read at the start.
    pub fn use_preferences(&mut self, preferences: Preferences) {
        self.theme = preferences.theme;
        self.history.set_max_bytes(preferences.history_bytes, &self.document);
        self.files.saved_preferences = preferences.clone();
        self.preferences = preferences;
    }

    pub(super) fn change_preference(&mut self, change: PreferenceChange) {
        let preferences = &mut self.preferences;
        match change {
            PreferenceChange::Device(device) => preferences.device = device,
            PreferenceChange::UiScale(scale) if scale.is_finite() => {
                preferences.ui_scale = scale.clamp(*super::UI_SCALE_RANGE.start(), *super::UI_SCALE_RANGE.end());
            }
            PreferenceChange::Autosave(autosave) => preferences.autosave = autosave,
            PreferenceChange::AutosaveDelay(delay_s) if delay_s.is_finite() => {
                let range = super::AUTOSAVE_DELAY_RANGE_S;
                preferences.autosave_delay_s = delay_s.clamp(*range.start(), *range.end());
            }
            PreferenceChange::HistoryBytes(bytes) => {
                let range = super::HISTORY_BYTES_RANGE;
                preferences.history_bytes = bytes.clamp(*range.start(), *range.end());
                self.history.set_max_bytes(preferences.history_bytes, &self.document);
            }
            PreferenceChange::Overdrive(overdrive) => preferences.overdrive = overdrive,
            PreferenceChange::WindowSize(size) if size.iter().all(|side| side.is_finite()) => {
                preferences.window_size = Some(size);
            }
            PreferenceChange::UiScale(_) | PreferenceChange::AutosaveDelay(_) | PreferenceChange::WindowSize(_) => {}
        }
    }

    /// What has to be told to the io thread because it changed.
    pub(super) fn tick(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.play(now);
        self.refresh_variations(effects);
        self.refresh_controls(effects);
        self.autosave(now, effects);
        self.preferences.theme = self.theme;
        self.save_preferences(effects);
        let open = self.open_paths();
        if open != self.files.kept_open {
            self.files.kept_open.clone_from(&open);
            effects.push(Effect::Chore(Chore::KeepOpen(open)));
        }
        if self.preferences.recent != self.files.checked {
            self.check_recent(effects);
        }
    }

    pub(super) fn save_preferences(&mut self, effects: &mut Vec<Effect>) {
        if self.preferences != self.files.saved_preferences {
            self.files.saved_preferences = self.preferences.clone();
            effects.push(Effect::Chore(Chore::SavePreferences(Box::new(self.preferences.clone()))));
        }
    }

    pub(super) fn check_recent(&mut self, effects: &mut Vec<Effect>) {
        self.files.checked.clone_from(&self.preferences.recent);
        effects.push(Effect::Chore(Chore::CheckFiles(self.preferences.recent.clone())));
    }

    /// Files come and go; the list keeps those that are only out of reach.
    pub(super) fn clear_recent(&mut self) {
        self.preferences.recent.clear();
        self.files.missing.clear();
    }

    pub(super) fn look_for_recovery(&mut self, effects: &mut Vec<Effect>) {
        self.files.recovery_asked = true;
        effects.push(Effect::Chore(Chore::FindRecovery));
    }

    pub(super) fn recovery_found(&mut self, found: Vec<RecoveryEntry>, effects: &mut Vec<Effect>) {
        if std::mem::take(&mut self.files.recovery_asked) && found.is_empty() {
            effects.push(Effect::info("There is nothing to recover."));
        }
        self.files.recovery = found;
        match (&self.dialog, self.files.recovery.is_empty()) {
            (None, false) => self.dialog = Some(Dialog::Recovery),
            (Some(Dialog::Recovery), true) => self.dialog = None,
            (Some(dialog), false) => self.files.recovery_waits = *dialog != Dialog::Recovery,
            _ => {}
        }
    }

    /// Asks something; the question what to recover waits meanwhile.
    pub(super) fn ask(&mut self, dialog: Dialog) {
        self.files.recovery_waits |= self.dialog == Some(Dialog::Recovery);
        self.dialog = Some(dialog);
    }

    /// After a dialog: the question that waited.
    pub(super) fn ask_what_waited(&mut self) {
        if self.dialog.is_none() && std::mem::take(&mut self.files.recovery_waits) && !self.files.recovery.is_empty() {
            self.dialog = Some(Dialog::Recovery);
        }
    }

    /// Version, system and what is in use, for a report of a problem.
    pub(super) fn diagnostics(&self) -> String {
        let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(|| "none".to_owned());
        let model = self.model.loaded.as_ref();
        let [width, height] = [self.document.labels.width(), self.document.labels.height()];
        let facts = [
            ("SCGAN Studio", env!("CARGO_PKG_VERSION").to_owned()),
            ("System", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
            ("Device", or_none(self.model.device.as_ref())),
            ("Window", or_none(self.files.graphics.as_ref())),
            ("Model", model.map_or_else(|| "none".to_owned(), |model| format!("{} {}", model.name, model.hash))),
            ("Taxonomy", self.taxonomy.name.clone()),
            ("Mask", format!("{width} × {height} pixels")),
            ("Undo", format!("{} entries, {} bytes", self.history.entries().count(), self.history.bytes())),
        ];
        facts.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }
}
