//! What the user prefers, whatever the document: one RON file.
//!
//! The file is a map from names to plain values. A value that can't be used is replaced by its default alone; a name that
//! is not known is kept as it is, so that an older program does not forget what a newer one noted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use ron::Value;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::DeserializeOwned;

use super::{AUTOSAVE_DELAY, AUTOSAVE_DELAY_RANGE_S, ThemeChoice};
use crate::gpu::DeviceChoice;
use crate::model::DirectionNames;

/// Longest preferences file that is read, in bytes.
pub const PREFERENCES_MAX_BYTES: u64 = 1 << 20;
/// How many recent files are remembered.
pub const RECENT_FILES: usize = 12;
/// How much larger or smaller than usual the window's contents can be.
pub const UI_SCALE_RANGE: RangeInclusive<f32> = 0.75..=2.0;
/// How much memory undo may take, in bytes.
pub const HISTORY_BYTES_RANGE: RangeInclusive<usize> = (16 << 20)..=(4 << 30);
const VERSION: u32 = 1;
const MAX_TEXT_BYTES: usize = 256 << 10;
const MAX_ITEMS: usize = 512;
const WINDOW_SIDE_RANGE: RangeInclusive<f32> = 200.0..=20_000.0;
const HEADING: &str = "// Preferences of SCGAN Studio.\n";

/// What the user prefers.
#[derive(Clone, Debug, PartialEq)]
pub struct Preferences {
    /// Dark, light, or the desktop's.
    pub theme: ThemeChoice,
    /// Where to compute, from the next start on.
    pub device: DeviceChoice,
    /// Size of the window's contents; 1 is usual. Within [`UI_SCALE_RANGE`].
    pub ui_scale: f32,
    /// Whether documents are saved in the background for recovery after a crash.
    pub autosave: bool,
    /// How long a change waits before it is saved in the background, in seconds. Within [`AUTOSAVE_DELAY_RANGE_S`].
    pub autosave_delay_s: f32,
    /// How much memory undo may take. Within [`HISTORY_BYTES_RANGE`].
    pub history_bytes: usize,
    /// Session files, the latest first; at most [`RECENT_FILES`].
    pub recent: Vec<PathBuf>,
    /// Whether attribute sliders go beyond 0 and 1.
    pub overdrive: bool,
    /// Whether the first hints are over.
    pub hints_seen: bool,
    /// Width and height of the window at its last closing, in points.
    pub window_size: Option<[f32; 2]>,
    /// Where the panels are, as [`super::DockLayout`] reads it; empty for the usual places.
    pub dock_layout: String,
    /// Keys that the user gave to actions, by [`super::Action::name`]; an empty list takes an action's keys away.
    pub shortcuts: BTreeMap<String, Vec<String>>,
    /// Names that the user gave latent directions of models whose file could not take them, by the model's hash: bundled
    /// models are part of the program.
    pub direction_names: BTreeMap<String, DirectionNames>,
    /// What a newer program wrote.
    unknown: BTreeMap<String, Value>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            device: DeviceChoice::default(),
            ui_scale: 1.0,
            autosave: true,
            autosave_delay_s: AUTOSAVE_DELAY.as_secs_f32(),
            history_bytes: 256 << 20,
            recent: Vec::new(),
            overdrive: false,
            hints_seen: false,
            window_size: None,
            dock_layout: String::new(),
            shortcuts: BTreeMap::new(),
            direction_names: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }
}

/// Why a text is no preferences file.
#[derive(Debug, thiserror::Error)]
#[error("no preferences in RON (line:column {0})")]
pub struct PreferencesError(#[from] ron::error::SpannedError);

impl Preferences {
    /// Reads the file's text. The names of values that could not be used come second.
    ///
    /// # Errors
    /// The text is not a map in RON.
    pub fn parse(text: &str) -> Result<(Self, Vec<String>), PreferencesError> {
        let mut fields: BTreeMap<String, Value> = options().from_str(text)?;
        let mut from = Fields { fields: &mut fields, bad: Vec::new() };
        let mut read = Self::default();
        let few = |count: usize| count <= MAX_ITEMS;
        from.take("theme", &mut read.theme, |text: String| theme_of(&text));
        from.take("device", &mut read.device, |text: String| text.parse().ok());
        from.take("ui_scale", &mut read.ui_scale, |scale| UI_SCALE_RANGE.contains(&scale).then_some(scale));
        from.take("autosave", &mut read.autosave, Some);
        from.take("autosave_delay_s", &mut read.autosave_delay_s, |delay| {
            AUTOSAVE_DELAY_RANGE_S.contains(&delay).then_some(delay)
        });
        from.take("history_bytes", &mut read.history_bytes, |bytes| {
            HISTORY_BYTES_RANGE.contains(&bytes).then_some(bytes)
        });
        from.take("recent", &mut read.recent, |files: Vec<PathBuf>| {
            few(files.len()).then(|| files.into_iter().take(RECENT_FILES).collect())
        });
        from.take("overdrive", &mut read.overdrive, Some);
        from.take("hints_seen", &mut read.hints_seen, Some);
        from.take("window_size", &mut read.window_size, |size: Vec<f32>| {
            let size: [f32; 2] = size.try_into().ok()?;
            size.iter().all(|side| WINDOW_SIDE_RANGE.contains(side)).then_some(Some(size))
        });
        from.take("dock_layout", &mut read.dock_layout, |layout: String| {
            (layout.len() <= MAX_TEXT_BYTES).then_some(layout)
        });
        from.take("shortcuts", &mut read.shortcuts, |keys: BTreeMap<String, Vec<String>>| {
            few(keys.len()).then_some(keys)
        });
        from.take("direction_names", &mut read.direction_names, |names: BTreeMap<String, DirectionNames>| {
            few(names.len()).then_some(names)
        });
        let bad = from.bad;
        read.unknown = fields;
        Ok((read, bad))
    }

    /// The file's text.
    ///
    /// # Errors
    /// RON can't express what a newer program wrote; never the case for what [`Preferences::parse`] read.
    pub fn to_text(&self) -> Result<String, ron::Error> {
        let texts =
            |texts: &mut dyn Iterator<Item = &String>| Value::Seq(texts.map(|text| text.as_str().into()).collect());
        let recent = self.recent.iter().filter_map(|path| path.to_str());
        let shortcuts = self.shortcuts.iter().map(|(name, keys)| (name.as_str(), texts(&mut keys.iter())));
        let directions = self.direction_names.iter().map(|(model, names)| {
            let names: Value = names.iter().map(|(index, name)| (index.to_string(), name)).collect();
            (model.as_str(), names)
        });
        let known = [
            ("theme", Some(theme_name(self.theme).into())),
            ("device", Some(Value::String(self.device.to_string()))),
            ("ui_scale", Some(self.ui_scale.into())),
            ("autosave", Some(self.autosave.into())),
            ("autosave_delay_s", Some(self.autosave_delay_s.into())),
            ("history_bytes", Some((self.history_bytes as u64).into())),
            ("recent", Some(Value::Seq(recent.map(Value::from).collect()))),
            ("overdrive", Some(self.overdrive.into())),
            ("hints_seen", Some(self.hints_seen.into())),
            ("window_size", self.window_size.map(|size| Value::Seq(size.map(Value::from).to_vec()))),
            ("dock_layout", Some(self.dock_layout.as_str().into())),
            ("shortcuts", Some(shortcuts.collect())),
            ("direction_names", Some(directions.collect())),
        ];
        let mut fields = self.unknown.clone();
        fields.entry("version".to_owned()).or_insert_with(|| VERSION.into());
        fields.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        let text = options().to_string_pretty(&fields, PrettyConfig::default().depth_limit(2))?;
        Ok(format!("{HEADING}{text}\n"))
    }

    /// Puts a file first in the list of recent ones.
    pub(super) fn remember(&mut self, path: &Path) {
        self.recent.retain(|recent| recent != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT_FILES);
    }
}

/// The file's values, with those that could not be used.
struct Fields<'a> {
    fields: &'a mut BTreeMap<String, Value>,
    bad: Vec<String>,
}

impl Fields<'_> {
    /// Puts the value of that name into its place, if it is there, of the right type, and accepted.
    fn take<T: DeserializeOwned, U>(&mut self, name: &str, place: &mut U, accept: impl FnOnce(T) -> Option<U>) {
        let Some(value) = self.fields.remove(name) else { return };
        match value.into_rust().ok().and_then(accept) {
            Some(value) => *place = value,
            None => self.bad.push(name.to_owned()),
        }
    }
}

fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

fn theme_name(theme: ThemeChoice) -> &'static str {
    match theme {
        ThemeChoice::Dark => "dark",
        ThemeChoice::Light => "light",
        ThemeChoice::System => "system",
    }
}

fn theme_of(name: &str) -> Option<ThemeChoice> {
    [ThemeChoice::Dark, ThemeChoice::Light, ThemeChoice::System].into_iter().find(|theme| theme_name(*theme) == name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::editor::Action;
    use crate::hostile::survives;

    fn unusual() -> Preferences {
        let mut preferences = Preferences {
            theme: ThemeChoice::System,
            device: DeviceChoice::Gpu(Some(1)),
            ui_scale: 1.25,
            autosave: false,
            autosave_delay_s: 4.25,
            history_bytes: 64 << 20,
            overdrive: true,
            hints_seen: true,
            window_size: Some([1200.5, 800.0]),
            dock_layout: "{\"tiles\": [1, 2]}".to_owned(),
            direction_names: [("ab12".to_owned(), DirectionNames::from_pairs([("3", "Kinn"), ("30", "目")]))].into(),
            shortcuts: [("Undo".to_owned(), vec!["Ctrl+U".to_owned()]), ("Quit".to_owned(), vec![])].into(),
            ..Preferences::default()
        };
        for number in 0..20 {
            preferences.remember(Path::new(&format!("/home/Gesicht «{number}».scgan")));
        }
        preferences.remember(Path::new("/home/Gesicht «15».scgan"));
        preferences
    }

    #[test]
    fn preferences_come_back_as_they_were() {
        for preferences in [Preferences::default(), unusual()] {
            let (read, bad) = Preferences::parse(&preferences.to_text().unwrap()).unwrap();
            assert_eq!(bad, Vec::<String>::new());
            // The version joins what is kept.
            let read = Preferences { unknown: BTreeMap::new(), ..read };
            assert_eq!(read, preferences);
        }
        let recent = unusual().recent;
        assert_eq!((recent.len(), recent[0].to_str()), (RECENT_FILES, Some("/home/Gesicht «15».scgan")));
    }

    #[test]
    fn unknown_values_are_kept_and_bad_ones_fall_back_alone() {
        let text = "{\"version\": 7, \"future\": {\"a\": [1, 2.5, \"x\"]}, \"ui_scale\": 9.0, \"overdrive\": true}";
        let (read, bad) = Preferences::parse(text).unwrap();
        assert_eq!(bad, ["ui_scale"]);
        assert!(read.overdrive && read.ui_scale == 1.0);
        let (again, _) = Preferences::parse(&read.to_text().unwrap()).unwrap();
        assert_eq!(again, read);
        let text = again.to_text().unwrap();
        assert!(text.contains("\"future\"") && text.contains("2.5") && text.contains("\"version\": 7"), "{text}");
    }

    #[test]
    fn any_text_is_an_answer() {
        let text = unusual().to_text().unwrap();
        survives(text.as_bytes(), 4, |bytes| {
            if let Ok((read, _)) =
                std::str::from_utf8(bytes).map_err(drop).and_then(|t| Preferences::parse(t).map_err(drop))
            {
                assert!(UI_SCALE_RANGE.contains(&read.ui_scale) && read.recent.len() <= RECENT_FILES);
                assert!(read.to_text().is_ok(), "what can be read can be written");
            }
        });
        let deep = format!("{{\"x\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Preferences::parse(&deep).is_err());
    }

    #[test]
    fn an_action_s_keys_can_be_changed_and_taken_away() {
        let mut state = crate::editor::tests::editor(1);
        state.use_preferences(unusual());
        assert_eq!(Action::Undo.keys(&state), ["Ctrl+U"]);
        assert_eq!(Action::Quit.keys(&state), Vec::<&str>::new());
        assert_eq!(Action::Redo.keys(&state), Action::Redo.info().shortcuts);
    }
}
