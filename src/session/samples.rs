//! Sample sessions that come with the program (`assets/samples`): each a session file, and a small picture of what it
//! renders to for the gallery.
//!
//! `cargo test --release --lib session::samples -- --ignored` makes the files anew, as after a change of the bundled
//! models.

use super::{Loaded, Session, SessionFormatError};

/// The sample that the program shows at its first start.
pub const FIRST_SAMPLE: &str = "long-red-hair";

/// A bundled session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleSession {
    /// Short name, as of its files.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The bundled model that renders it.
    pub model: &'static str,
    /// The session file's text.
    pub text: &'static str,
    /// What it renders to, as a small JPEG.
    pub thumbnail: &'static [u8],
}

impl SampleSession {
    /// Reads it.
    ///
    /// # Errors
    /// Never, in a build whose tests pass.
    pub fn session(&self) -> Result<Loaded, SessionFormatError> {
        Session::parse(self.text)
    }
}

/// A sample by its name, title and model; the files are named like it.
macro_rules! samples {
    ($(($name:literal, $title:literal, $model:literal)),+ $(,)?) => {
        &[$(SampleSession {
            name: $name,
            title: $title,
            model: $model,
            text: include_str!(concat!("../../assets/samples/", $name, ".scgan")),
            thumbnail: include_bytes!(concat!("../../assets/samples/", $name, ".jpg")),
        }),+]
    };
}

static SAMPLES: &[SampleSession] = samples![
    ("long-red-hair", "Long red hair", "portrait"),
    ("good-laugh", "A good laugh", "portrait"),
    ("looking-aside", "Looking aside", "portrait"),
    ("short-blond", "Short and blond", "portrait"),
    ("red-dress", "Red dress", "outfit"),
    ("denim", "Black and denim", "outfit"),
    ("summer", "Summer shorts", "outfit"),
];

/// All of them: faces, then outfits.
pub fn sample_sessions() -> &'static [SampleSession] {
    SAMPLES
}

/// The sample of that name.
pub fn sample_session(name: &str) -> Option<SampleSession> {
    SAMPLES.iter().copied().find(|sample| sample.name == name)
}

#[cfg(test)]
mod recipes;
