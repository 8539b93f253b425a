//! What an animation can be written as.

use std::path::Path;

/// A kind of file, or of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnimationFormat {
    /// An animated GIF with one palette.
    #[default]
    Gif,
    /// An animated PNG, in full colour.
    Apng,
    /// All frames beside each other in one PNG.
    Strip,
    /// A folder of numbered PNGs.
    Sequence,
    /// A film, written by ffmpeg.
    Mp4,
}

impl AnimationFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Gif, Self::Apng, Self::Strip, Self::Sequence, Self::Mp4];

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Apng => "APNG",
            Self::Strip => "PNG strip",
            Self::Sequence => "PNG sequence",
            Self::Mp4 => "MP4",
        }
    }

    /// What it is good for, in a sentence.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Gif => "Plays everywhere; 255 colours for the whole animation",
            Self::Apng => "Plays in browsers, in full colour; larger files",
            Self::Strip => "All frames beside each other in one picture",
            Self::Sequence => "A new folder of numbered PNGs, for video programs",
            Self::Mp4 => "A film; needs ffmpeg on this machine",
        }
    }

    /// Name of a new file.
    pub const fn default_file_name(self) -> &'static str {
        match self {
            Self::Gif => "animation.gif",
            Self::Apng => "animation.apng",
            Self::Strip => "strip.png",
            Self::Sequence => "frames",
            Self::Mp4 => "animation.mp4",
        }
    }

    /// By the name's extension: without one it is a folder. `None` for an extension that no format has.
    pub fn of_path(path: &Path) -> Option<Self> {
        let Some(extension) = path.extension() else { return Some(Self::Sequence) };
        Some(match extension.to_str()?.to_ascii_lowercase().as_str() {
            "gif" => Self::Gif,
            "apng" => Self::Apng,
            "png" => Self::Strip,
            "mp4" => Self::Mp4,
            _ => return None,
        })
    }
}
