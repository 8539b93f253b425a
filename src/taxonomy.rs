//! Label sets and attribute groups, read from `assets/taxonomies/*.ron`.

use ron::extensions::Extensions;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

mod counterpart;
#[cfg(test)]
mod palette_tests;

/// A label: its position in [`Taxonomy::labels`]. 0 is the background.
pub type LabelId = u8;
/// The most labels a taxonomy may have.
pub const MAX_LABELS: usize = 64;
/// The most attributes a taxonomy may have, over all groups.
pub const MAX_ATTRIBUTES: usize = 128;

const MAX_RON_BYTES: usize = 1 << 20;
/// The longest name or title, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 64;
const BUILTINS: [(&str, &str); 5] = [
    ("portrait", include_str!("../assets/taxonomies/portrait.ron")),
    ("outfit", include_str!("../assets/taxonomies/outfit.ron")),
    ("celeba-7", include_str!("../assets/taxonomies/celeba-7.ron")),
    ("celebamask-19", include_str!("../assets/taxonomies/celebamask-19.ron")),
    ("fashion-7", include_str!("../assets/taxonomies/fashion-7.ron")),
];

/// What a model or data set knows: the labels of its masks and the attributes of its images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    /// Short name in files and on the command line, e.g. `portrait`.
    pub name: String,
    /// Name for people, e.g. `Portrait`.
    pub title: String,
    /// The labels; their positions are the ids.
    pub labels: Vec<Label>,
    /// The attribute groups; flattened in order they are the channels of c.
    pub groups: Vec<AttributeGroup>,
}

/// One semantic class of a mask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Unique in its taxonomy.
    pub name: String,
    /// sRGB colour in the editor and in written masks, unique in its taxonomy; `"#rrggbb"` in files.
    #[serde(with = "hex_color")]
    pub color: [u8; 3],
    /// Key that selects the label, unique in its taxonomy.
    #[serde(default)]
    pub hotkey: Option<char>,
    /// The label it becomes in a horizontal flip (`left_eye` ↔ `right_eye`); none: itself.
    #[serde(default)]
    pub mirror: Option<String>,
}

/// Attributes that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeGroup {
    /// Heading for people.
    pub name: String,
    /// How the attributes exclude each other.
    pub kind: GroupKind,
    /// Names, unique in the whole taxonomy.
    pub attributes: Vec<String>,
}

/// How the attributes of a group exclude each other, hence how they are learned and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupKind {
    /// Any subset may hold: binary cross-entropy each, checkboxes.
    Independent,
    /// One or none holds: binary cross-entropy each, radio buttons with "none".
    AtMostOne,
    /// Exactly one holds: cross-entropy over the group, radio buttons.
    ExactlyOne,
}

/// Why a taxonomy cannot be read, written or used.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// Not the RON of a taxonomy.
    #[error("not a taxonomy in RON: {0}; compare it with one that `scgan` writes")]
    Parse(#[from] ron::error::SpannedError),
    /// RON could not be written.
    #[error("the taxonomy cannot be written as RON: {0}")]
    Write(#[from] ron::Error),
    /// Far longer than any taxonomy is.
    #[error("{bytes} bytes are too long for a taxonomy (at most {MAX_RON_BYTES})")]
    TooLong {
        /// Length of the text.
        bytes: usize,
    },
    /// It breaks a rule of [`Taxonomy::validate`].
    #[error("taxonomy `{taxonomy}`: {problem}")]
    Invalid {
        /// Its name.
        taxonomy: String,
        /// The rule and the offender.
        problem: String,
    },
}

impl Taxonomy {
    /// The embedded taxonomy of that name: `portrait`, `outfit`, `celeba-7`, `celebamask-19` or `fashion-7`.
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, text) = BUILTINS.iter().find(|(builtin, _)| *builtin == name)?;
        Self::from_ron(text).ok()
    }

    /// All embedded taxonomies.
    pub fn builtins() -> Vec<Self> {
        BUILTINS.iter().filter_map(|(name, _)| Self::builtin(name)).collect()
    }

    /// Reads and validates a taxonomy in RON.
    ///
    /// # Errors
    /// The text is too long, not a taxonomy, or breaks a rule of [`Self::validate`].
    pub fn from_ron(text: &str) -> Result<Self, TaxonomyError> {
        if text.len() > MAX_RON_BYTES {
            return Err(TaxonomyError::TooLong { bytes: text.len() });
        }
        let taxonomy: Self = ron_options().from_str(text)?;
        taxonomy.validate()?;
        Ok(taxonomy)
    }

    /// The taxonomy in RON, as [`Self::from_ron`] reads it.
    ///
    /// # Errors
    /// RON cannot express it.
    pub fn to_ron(&self) -> Result<String, TaxonomyError> {
        let style = ron::ser::PrettyConfig::default().depth_limit(2);
        Ok(ron_options().to_string_pretty(self, style)?)
    }

    /// Checks the rules: 2–[`MAX_LABELS`] labels, at most [`MAX_ATTRIBUTES`] attributes, names that are unique, printable and
    /// free of commas (they head CSV columns and fill `--attributes`), colours and hotkeys that are unique, mirrors that
    /// point at each other, and no group too small for its kind.
    ///
    /// # Errors
    /// [`TaxonomyError::Invalid`] with the first rule broken and by what.
    pub fn validate(&self) -> Result<(), TaxonomyError> {
        self.first_problem()
            .map_or(Ok(()), |problem| Err(TaxonomyError::Invalid { taxonomy: self.name.clone(), problem }))
    }

    fn first_problem(&self) -> Option<String> {
        let groups = self.groups.iter().map(|group| group.name.as_str());
        let labels = self.labels.iter().map(|label| label.name.as_str());
        let names = [self.name.as_str(), self.title.as_str()].into_iter().chain(groups.clone());
        names.chain(labels.clone()).chain(self.attribute_names()).find_map(bad_name).or_else(|| {
            let (n_labels, n_attributes) = (self.n_labels(), self.n_attributes());
            if !(2..=MAX_LABELS).contains(&n_labels) {
                return Some(format!("{n_labels} labels; expected 2–{MAX_LABELS}"));
            }
            if n_attributes > MAX_ATTRIBUTES {
                return Some(format!("{n_attributes} attributes; expected at most {MAX_ATTRIBUTES}"));
            }
            let twice = |kind: &str, what: &str| format!("two {kind} are `{what}`; make one different");
            let colors = self.labels.iter().map(|label| label.color);
            let hotkeys = self.labels.iter().filter_map(|label| label.hotkey);
            first_repeated(labels)
                .map(|name| twice("labels", name))
                .or_else(|| first_repeated(self.attribute_names()).map(|name| twice("attributes", name)))
                .or_else(|| first_repeated(groups).map(|name| twice("groups", name)))
                .or_else(|| first_repeated(colors).map(|color| twice("label colours", &hex_color::to_hex(color))))
                .or_else(|| first_repeated(hotkeys).map(|key| twice("hotkeys", &key.to_string())))
                .or_else(|| self.labels.iter().find_map(|label| self.bad_label(label)))
                .or_else(|| self.groups.iter().find_map(bad_group))
        })
    }

    fn bad_label(&self, label: &Label) -> Option<String> {
        if let Some(key) = label.hotkey.filter(|key| !key.is_ascii_digit() && !key.is_ascii_lowercase()) {
            return Some(format!("the hotkey `{key}` of `{}` is neither a digit nor a lower-case letter", label.name));
        }
        let mirror = label.mirror.as_ref()?;
        let mutual =
            self.labels.iter().any(|other| other.name == *mirror && other.mirror.as_ref() == Some(&label.name));
        (!mutual).then(|| format!("`{}` mirrors to `{mirror}`, but no label of that name mirrors back", label.name))
    }

    /// n_s: the number of labels.
    pub fn n_labels(&self) -> usize {
        self.labels.len()
    }

    /// n_c: the number of attributes over all groups.
    pub fn n_attributes(&self) -> usize {
        self.groups.iter().map(|group| group.attributes.len()).sum()
    }

    /// The attributes in flat order, groups one after the other: c's channel order everywhere.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| group.attributes.iter().map(String::as_str))
    }

    /// Each group's index range in the flat order, with its kind.
    pub fn group_ranges(&self) -> impl Iterator<Item = (Range<usize>, GroupKind)> {
        self.groups.iter().scan(0, |start, group| {
            let range = *start..*start + group.attributes.len();
            *start = range.end;
            Some((range, group.kind))
        })
    }

    /// The id of the label of that name.
    pub fn label_id(&self, name: &str) -> Option<LabelId> {
        let position = self.labels.iter().position(|label| label.name == name)?;
        LabelId::try_from(position).ok()
    }

    /// The flat index of the attribute of that name.
    pub fn attribute_index(&self, name: &str) -> Option<usize> {
        self.attribute_names().position(|attribute| attribute == name)
    }

    /// Whether masks mean the same in both: label names agree, in order.
    pub fn has_labels_of(&self, other: &Self) -> bool {
        self.labels.iter().map(|label| &label.name).eq(other.labels.iter().map(|label| &label.name))
    }

    /// Whether masks and attribute vectors mean the same in both: label names and attribute groups agree, in order.
    pub fn has_channels_of(&self, other: &Self) -> bool {
        self.has_labels_of(other)
            && self.attribute_names().eq(other.attribute_names())
            && self.group_ranges().eq(other.group_ranges())
    }

    /// What `id` becomes in a horizontal flip; ids that are no labels stay.
    pub fn mirror(&self, id: LabelId) -> LabelId {
        let mirror = self.labels.get(usize::from(id)).and_then(|label| label.mirror.as_ref());
        mirror.and_then(|name| self.label_id(name)).unwrap_or(id)
    }

    /// What each label becomes in a horizontal flip, by id.
    pub fn mirror_labels(&self) -> Vec<LabelId> {
        (0..self.n_labels() as LabelId).map(|id| self.mirror(id)).collect()
    }

    /// A neutral c: the first attribute of each [`GroupKind::ExactlyOne`] group 1, all others 0.
    pub fn default_attributes(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.n_attributes()];
        for (range, kind) in self.group_ranges() {
            if kind == GroupKind::ExactlyOne
                && let Some(first) = values.get_mut(range.start)
            {
                *first = 1.0;
            }
        }
        values
    }
}

/// `Some("1")` is tedious to write by hand; `"1"` does.
fn ron_options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

fn bad_name(name: &str) -> Option<String> {
    let bad = name.is_empty()
        || name.trim() != name
        || name.chars().count() > MAX_NAME_CHARS
        || name.contains(|c: char| c == ',' || c == '"' || c.is_control());
    bad.then(|| format!("{name:?} is no name: expected 1–{MAX_NAME_CHARS} printable characters, no commas, no quotes, no blanks around"))
}

fn bad_group(group: &AttributeGroup) -> Option<String> {
    let least = if group.kind == GroupKind::Independent { 1 } else { 2 };
    (group.attributes.len() < least)
        .then(|| format!("group `{}` is {:?} but has {} attributes", group.name, group.kind, group.attributes.len()))
}

fn first_repeated<T: Eq + Hash + Copy>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    items.find(|item| !seen.insert(*item))
}

/// Colours as `"#rrggbb"`, the form every colour picker shows.
mod hex_color {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn to_hex([r, g, b]: [u8; 3]) -> String {
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    pub(super) fn serialize<S: Serializer>(color: &[u8; 3], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_hex(*color))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 3], D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let [_, r, g, b] =
            value.ok_or_else(|| D::Error::custom(format!("{text:?} is no colour like \"#e8b98f\"")))?.to_be_bytes();
        Ok([r, g, b])
    }
}
