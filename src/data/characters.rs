//! Rendered people as a data set: `characters:face?assets=DIR`, made when they are needed.

use super::{DataError, Sample, SampleSource, Split};
use crate::characters::{Kind, MAX_SIZE_PX, Studio};
use crate::gpu::DeviceChoice;
use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Number of samples unless the name says another.
const LEN: usize = 30_000;
/// Most samples that a name may ask for.
const MAX_LEN: usize = 10_000_000;

/// Renders sample i of a kind and seed; the same on the same device, whatever was rendered before.
#[derive(Clone, Debug)]
pub struct CharacterSource {
    studio: Arc<Studio>,
    kind: Kind,
    seed: u64,
    len: usize,
    taxonomy: Taxonomy,
}

impl CharacterSource {
    /// `len` samples of a kind, from MakeHuman's `data` folder at `assets`.
    ///
    /// # Errors
    /// The folder lacks something or is damaged, or there is no device that draws.
    pub fn open(assets: &Path, device: DeviceChoice, kind: Kind, seed: u64, len: usize) -> Result<Self, DataError> {
        let taxonomy = Taxonomy::builtin(kind.taxonomy());
        let taxonomy = taxonomy.ok_or_else(|| DataError::content(assets, "the kind's taxonomy is not built in"))?;
        let studio = Studio::open(assets, device)?;
        Ok(Self { studio: Arc::new(studio), kind, seed, len, taxonomy })
    }

    /// The driver's name for the device that draws.
    pub fn device(&self) -> &str {
        self.studio.device()
    }

    /// What is rendered.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the people are drawn from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The name of a sample.
    pub(super) fn name(&self, index: usize) -> String {
        format!("{}-{index:06}", self.kind)
    }

    /// The attributes of a sample, 0 or 1 each, without rendering it.
    pub(super) fn attributes(&self, index: usize) -> Vec<f32> {
        self.studio.attributes(self.kind, self.seed, index as u64, &self.taxonomy)
    }

    /// The part that each sample is in.
    pub(super) fn splits(&self) -> Vec<Split> {
        (0..self.len).map(|index| Split::of_name(&self.name(index))).collect()
    }
}

impl SampleSource for CharacterSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.len
    }

    fn describe(&self) -> String {
        format!("rendered characters ({}), seed {}, {} samples, on {}", self.kind, self.seed, self.len, self.device())
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        if index >= self.len {
            return Err(DataError::Index { index, len: self.len });
        }
        if !(1..=MAX_SIZE_PX).contains(&resolution) {
            let problem = format!("samples of {resolution} px are asked for; expected 1–{MAX_SIZE_PX}");
            return Err(DataError::content(Path::new(&self.name(index)), problem));
        }
        let picture = self.studio.picture(self.kind, self.seed, index as u64, resolution, &self.taxonomy);
        let picture = picture?;
        let labels = LabelImage::from_ids(resolution, resolution, picture.labels)
            .map_err(|error| DataError::Bug { index, message: error.to_string() })?;
        Ok(Sample { name: self.name(index), image: picture.image, labels, attributes: picture.attributes })
    }
}

/// What a name after `characters:` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    kind: Kind,
    assets: PathBuf,
    len: usize,
}

impl Asked {
    /// Reads `KIND?assets=DIR` and `&count=N`; a folder's name may hold `=`, but no `&`.
    pub(super) fn parse(spec: &str, text: &str) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError::Spec { spec: spec.to_owned(), problem };
        let usage = "write characters:face?assets=DIR or characters:outfit?assets=DIR, also with &count=N";
        let (kind, options) = text.split_once('?').ok_or_else(|| wrong(usage.to_owned()))?;
        let kind = Kind::from_name(kind).ok_or_else(|| wrong(format!("`{kind}` is no kind; {usage}")))?;
        let (mut assets, mut len) = (None, LEN);
        for option in options.split('&') {
            match option.split_once('=') {
                Some(("assets", folder)) if !folder.is_empty() => assets = Some(PathBuf::from(folder)),
                Some(("count", count)) => {
                    let count = count.parse().ok().filter(|count| (1..=MAX_LEN).contains(count));
                    len = count.ok_or_else(|| wrong(format!("count is 1–{MAX_LEN}; {usage}")))?;
                }
                _ => return Err(wrong(format!("`{option}` is no option; {usage}"))),
            }
        }
        Ok(Self { kind, assets: assets.ok_or_else(|| wrong(usage.to_owned()))?, len })
    }

    pub(super) fn open(self, seed: u64) -> Result<CharacterSource, DataError> {
        CharacterSource::open(&self.assets, DeviceChoice::Auto, self.kind, seed, self.len)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_say_kind_folder_and_number() {
        let parse = |text: &str| Asked::parse(&format!("characters:{text}"), text);
        let asked = parse("face?assets=/home/a=b/data&count=12").unwrap();
        assert_eq!(asked, Asked { kind: Kind::Face, assets: "/home/a=b/data".into(), len: 12 });
        assert_eq!(parse("outfit?assets=data").unwrap().len, LEN);
        for (text, said) in [
            ("face", "write characters:face"),
            ("cat?assets=x", "`cat` is no kind"),
            ("face?count=3", "write characters:face"),
            ("face?assets=x&count=0", "count is 1"),
            ("face?assets=", "`assets=` is no option"),
            ("face?assets=x&size=9", "`size=9` is no option"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
