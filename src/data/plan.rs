//! From what a data set has to what is asked of it: which labels become which, and where each attribute comes from.

use super::label_merge::{AttributeSource, LabelMerge};
use super::{DataError, OpenOptions};
use crate::atomic_file::read_capped;
use crate::label_image::{LabelImage, decode_mask_png};
use crate::taxonomy::{AttributeGroup, GroupKind, LabelId, MAX_NAME_CHARS, Taxonomy};
use image::RgbImage;
use std::borrow::Cow;
use std::path::Path;

const MAX_MASK_BYTES: u64 = 256 << 20;
/// The most names that an error lists.
const LISTED: usize = 60;

/// What a data set has.
pub(super) struct Offer<'a> {
    /// The labels of its masks.
    pub(super) native: Taxonomy,
    /// The taxonomy of its samples unless another is asked for.
    pub(super) usual: Taxonomy,
    /// Its attributes.
    pub(super) columns: &'a [String],
    /// The file with the attributes, or the folder: what errors name.
    pub(super) place: &'a Path,
}

/// What each sample of a data set goes through.
pub(super) struct Plan {
    /// Of the samples.
    pub(super) taxonomy: Taxonomy,
    /// Of the masks.
    native: Taxonomy,
    /// What each id of a mask becomes; none: itself.
    becomes: Option<Box<[LabelId; 256]>>,
    merge: Option<LabelMerge>,
    /// One per attribute of the taxonomy.
    rules: Vec<Rule>,
}

/// Where an attribute of a sample comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    Is(usize),
    Not(usize),
    Never,
    Seen,
}

impl Plan {
    /// Brings together what there is and what is asked for.
    ///
    /// # Errors
    /// Labels or attributes without a counterpart; the error names them.
    pub(super) fn new(offer: Offer<'_>, options: &OpenOptions) -> Result<Self, DataError> {
        let Offer { native, usual, columns, place } = offer;
        let mut taxonomy = options.taxonomy.clone().unwrap_or(usual);
        if let Some(chosen) = &options.attributes {
            taxonomy = choose(taxonomy, chosen);
            let problem = |error: crate::taxonomy::TaxonomyError| DataError::content(place, error.to_string());
            taxonomy.validate().map_err(problem)?;
        }
        let same = native.has_labels_of(&taxonomy);
        let merge = if same { None } else { LabelMerge::find(&native.name, &taxonomy) };
        let becomes = if same { None } else { Some(merged_ids(&native, &taxonomy, merge.as_ref(), place)?) };
        let rules = attribute_rules(&taxonomy, columns, merge.as_ref(), place)?;
        Ok(Self { taxonomy, native, becomes, merge, rules })
    }

    /// Reads a mask in the data set's own labels.
    pub(super) fn read_mask(&self, path: &Path) -> Result<LabelImage, DataError> {
        let bytes = read_capped(path, MAX_MASK_BYTES).map_err(DataError::io(path))?;
        decode_mask_png(&bytes, &self.native).map_err(|source| DataError::Mask { path: path.to_path_buf(), source })
    }

    /// The largest id of a mask in the data set's own labels.
    pub(super) fn largest_id(&self) -> usize {
        self.native.n_labels().saturating_sub(1)
    }

    /// A mask of the data set in the labels asked for.
    pub(super) fn merged(&self, labels: LabelImage) -> LabelImage {
        let Some(becomes) = &self.becomes else { return labels };
        let mut merged = labels.mapped(becomes);
        if let Some(merge) = &self.merge {
            merge.refine(&mut merged, &self.taxonomy);
        }
        merged
    }

    /// The attributes of a sample from its values of the data set's attributes (0 or 1 each) and, where those do not tell, from
    /// the picture and its merged labels.
    pub(super) fn attributes(&self, values: &[u8], image: &RgbImage, labels: &LabelImage) -> Vec<f32> {
        let seen = match &self.merge {
            Some(merge) if self.rules.contains(&Rule::Seen) => {
                let labels = of_size(labels, image.width(), image.height());
                merge.estimate_attributes(image, &labels, &self.taxonomy)
            }
            _ => Vec::new(),
        };
        let holds = |column: usize| values.get(column).is_some_and(|value| *value != 0);
        let value = |(index, rule): (usize, &Rule)| match *rule {
            Rule::Is(column) => f32::from(u8::from(holds(column))),
            Rule::Not(column) => f32::from(u8::from(!holds(column))),
            Rule::Never => 0.0,
            Rule::Seen => seen.get(index).copied().unwrap_or(0.0),
        };
        self.rules.iter().enumerate().map(value).collect()
    }
}

fn of_size(labels: &LabelImage, width: u32, height: u32) -> Cow<'_, LabelImage> {
    if (labels.width(), labels.height()) == (width, height) {
        Cow::Borrowed(labels)
    } else {
        Cow::Owned(labels.resize_nearest(width, height))
    }
}

/// What each id becomes: by a merging table, else by labels of the same meaning.
fn merged_ids(
    native: &Taxonomy,
    target: &Taxonomy,
    merge: Option<&LabelMerge>,
    place: &Path,
) -> Result<Box<[LabelId; 256]>, DataError> {
    let mut becomes = Box::new([0; 256]);
    let mut lost = Vec::new();
    for (label, becomes) in native.labels.iter().zip(becomes.iter_mut()) {
        let id = match merge {
            Some(merge) => merge.label_id(&label.name, target),
            None => target.counterpart(&label.name),
        };
        match id {
            Some(id) => *becomes = id,
            None => lost.push(label.name.as_str()),
        }
    }
    if lost.is_empty() {
        return Ok(becomes);
    }
    let (source, name) = (&native.title, &target.name);
    let problem = format!(
        "its masks are {source}, but `{name}` is asked for, which has no label for {}; ask for another taxonomy",
        quoted(lost)
    );
    Err(DataError::content(place, problem))
}

fn attribute_rules(
    taxonomy: &Taxonomy,
    columns: &[String],
    merge: Option<&LabelMerge>,
    place: &Path,
) -> Result<Vec<Rule>, DataError> {
    let column = |name: &str| columns.iter().position(|column| column == name);
    let rule = |name: &str| {
        if let Some(column) = column(name) {
            return Some(Rule::Is(column));
        }
        Some(match merge?.attribute(name)? {
            AttributeSource::Is(other) => Rule::Is(column(&other)?),
            AttributeSource::Not(other) => Rule::Not(column(&other)?),
            AttributeSource::Never => Rule::Never,
            AttributeSource::Seen => Rule::Seen,
        })
    };
    let rules: Vec<Option<Rule>> = taxonomy.attribute_names().map(rule).collect();
    let missing = taxonomy.attribute_names().zip(&rules).filter(|(_, rule)| rule.is_none()).map(|(name, _)| name);
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        return Ok(rules.into_iter().flatten().collect());
    }
    let there = match columns {
        [] => "it has none".to_owned(),
        _ => format!("it has {}", quoted(columns.iter().map(String::as_str).collect())),
    };
    let problem = format!("no attribute {}, which is asked for; {there}", quoted(missing));
    Err(DataError::content(place, problem))
}

/// The taxonomy with these attributes instead of its own. What remains of its groups stays together.
fn choose(taxonomy: Taxonomy, chosen: &[String]) -> Taxonomy {
    if taxonomy.attribute_names().eq(chosen.iter().map(String::as_str)) {
        return taxonomy;
    }
    let mut groups: Vec<AttributeGroup> = Vec::new();
    for group in &taxonomy.groups {
        let attributes: Vec<String> = group.attributes.iter().filter(|name| chosen.contains(name)).cloned().collect();
        let kind = match group.kind {
            _ if attributes.len() < 2 => GroupKind::Independent,
            // Where one was left out, none of the others may hold.
            GroupKind::ExactlyOne if attributes.len() < group.attributes.len() => GroupKind::AtMostOne,
            kind => kind,
        };
        if !attributes.is_empty() {
            groups.push(AttributeGroup { name: group.name.clone(), kind, attributes });
        }
    }
    let others = chosen.iter().filter(|name| taxonomy.attribute_index(name).is_none());
    let others: Vec<String> = others.cloned().collect();
    if !others.is_empty() {
        let taken = |name: &str| taxonomy.groups.iter().any(|group| group.name == name);
        let name = if taken("Attributes") { "Other attributes" } else { "Attributes" };
        groups.push(AttributeGroup { name: name.to_owned(), kind: GroupKind::Independent, attributes: others });
    }
    // A name that would get too long stays as it is, and so does one that says it already.
    let extended = |name: &str, suffix: &str| {
        let fits = name.chars().count() + suffix.chars().count() <= MAX_NAME_CHARS && !name.ends_with(suffix);
        if fits { format!("{name}{suffix}") } else { name.to_owned() }
    };
    let name = extended(&taxonomy.name, "-chosen");
    let title = extended(&taxonomy.title, " with chosen attributes");
    Taxonomy { name, title, groups, ..taxonomy }
}

fn quoted(names: Vec<&str>) -> String {
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > LISTED { ", …" } else { "" };
    format!("{}{more}", listed.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn plan(native: &str, columns: &[&str], options: &OpenOptions) -> Result<Plan, String> {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let native = Taxonomy::builtin(native).unwrap();
        let offer = Offer { usual: native.clone(), native, columns: &columns, place: Path::new("list.txt") };
        Plan::new(offer, options).map_err(|error| error.to_string())
    }

    fn asking(taxonomy: Option<&str>, attributes: Option<&[&str]>) -> OpenOptions {
        let attributes = attributes.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        OpenOptions { taxonomy: taxonomy.and_then(Taxonomy::builtin), attributes, ..OpenOptions::default() }
    }

    const PORTRAIT: [&str; 7] = ["Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", "Male", "No_Beard", "Young"];

    #[test]
    fn labels_and_attributes_go_through_the_table() {
        let columns = [&PORTRAIT[..], &["Smiling"]].concat();
        let plan = plan("celebamask-19", &columns, &asking(Some("portrait"), None)).unwrap();
        let native = LabelImage::from_ids(4, 1, vec![0, 4, 14, 18]).unwrap();
        let names = ["background", "eyes", "hair", "clothes"].map(|name| plan.taxonomy.label_id(name).unwrap());
        assert_eq!(plan.merged(native.clone()).ids(), names);
        // Black, grey, a woman, with a beard, smiling.
        let values = plan.attributes(&[1, 0, 0, 1, 0, 0, 0, 1], &RgbImage::new(4, 1), &native);
        let on: Vec<&str> =
            plan.taxonomy.attribute_names().zip(values).filter(|(_, v)| *v == 1.0).map(|(n, _)| n).collect();
        assert_eq!(on, ["Black_Hair", "Grey_Hair", "Smiling", "Beard"]);
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        let error = plan("celebamask-19", &PORTRAIT, &asking(Some("portrait"), None)).err().unwrap();
        assert!(error.contains("no attribute `Smiling`, which") && error.contains("`No_Beard`"), "{error}");
        let error = plan("portrait", &[], &asking(Some("celeba-7"), None)).err().unwrap();
        assert!(error.contains("no label for `eyes`") && error.contains("`hair`"), "{error}");
        let error = plan("celeba-7", &PORTRAIT, &asking(None, Some(&["Bald"]))).err().unwrap();
        assert!(error.contains("no attribute `Bald`, which"), "{error}");
        let error = plan("celeba-7", &PORTRAIT, &asking(None, Some(&["Bald", "Bald"]))).err().unwrap();
        assert!(error.contains("two attributes are `Bald`"), "{error}");
    }

    #[test]
    fn chosen_attributes_keep_their_groups() {
        let columns = [&PORTRAIT[..], &["Bald", "Smiling"]].concat();
        let chosen = ["Bald", "Gray_Hair", "Black_Hair", "Male"];
        let plan = plan("celebamask-19", &columns, &asking(None, Some(&chosen))).unwrap();
        let groups: Vec<(GroupKind, &[String])> =
            plan.taxonomy.groups.iter().map(|group| (group.kind, &group.attributes[..])).collect();
        let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            groups,
            [
                (GroupKind::AtMostOne, &strings(&["Black_Hair", "Gray_Hair"])[..]),
                (GroupKind::Independent, &strings(&["Male"])[..]),
                (GroupKind::Independent, &strings(&["Bald"])[..]),
            ]
        );
        let alone = asking(Some("fashion-7"), Some(&["Colour_02", "Colour_05"]));
        let plan = super::tests::plan("fashion-7", &["Colour_05", "Colour_02"], &alone).unwrap();
        assert_eq!(plan.taxonomy.groups[0].kind, GroupKind::AtMostOne);
        assert_eq!(plan.rules, [Rule::Is(1), Rule::Is(0)]);
    }
}
