//! What the labels of a foreign mask, or of a document under another taxonomy, become.

mod sides;

use std::path::PathBuf;

use super::state::{Dialog, EditorState};
use super::{Effect, sentence_case};
use crate::cielab::{difference, lab_from_srgb};
use crate::document::{LabelMap, LatentState, MirrorAxis, Snapshot, Timeline};
use crate::label_image::{FoundKey, LabelImage, RawMask};
use crate::session::View;
use crate::taxonomy::{LabelId, Taxonomy};

const BACKGROUND: LabelId = 0;

/// The question what labels become, and the answer so far.
#[derive(Debug)]
pub struct LabelMapping {
    /// What is mapped.
    pub source: MappingSource,
    /// One per id or colour found, those with most pixels first.
    pub rows: Vec<MappingRow>,
    raw: RawMask,
    /// What parts left from right, where that is not the picture's middle.
    axis: Option<MirrorAxis>,
}

/// What a label becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingTarget {
    /// This label.
    One(LabelId),
    /// One of two labels that mirror each other, by the side on which each of its parts lies.
    BySide {
        /// On the left of the picture or mirror axis.
        left: LabelId,
        /// On the right.
        right: LabelId,
    },
}

/// Where the labels come from.
#[derive(Clone, Debug, PartialEq)]
pub enum MappingSource {
    /// A mask file.
    Mask(PathBuf),
    /// The document that was open before a model with another taxonomy came.
    Document {
        /// Title of its taxonomy.
        title: String,
        /// Its attributes as far as the new taxonomy has them.
        attributes: Vec<f32>,
        /// Its latent code.
        latent: Box<LatentState>,
    },
}

/// An id or colour and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRow {
    /// What it is called: a label's name, an id or a colour.
    pub name: String,
    /// Its colour, if the file says one.
    pub color: Option<[u8; 3]>,
    /// How many pixels it has.
    pub pixels: u64,
    /// What it becomes.
    pub target: MappingTarget,
    /// Whether the names leave no doubt.
    pub certain: bool,
}

impl LabelMapping {
    /// For a mask file: colours become the label of the nearest colour, ids without one themselves.
    ///
    /// `axis` parts left from right, where that is not the picture's middle.
    pub(super) fn of_mask(path: PathBuf, raw: RawMask, taxonomy: &Taxonomy, axis: Option<MirrorAxis>) -> Self {
        let rows = raw.found().iter().map(|found| {
            let near = found.color.map(|color| nearest(color, taxonomy));
            let (name, target) = match found.key {
                FoundKey::Color([r, g, b]) => (format!("#{r:02x}{g:02x}{b:02x}"), near),
                FoundKey::Id(id) => {
                    let own = (usize::from(id) < taxonomy.n_labels()).then_some(id);
                    (format!("Label {id}"), near.or(own))
                }
                FoundKey::Transparent => ("Transparent".to_owned(), None),
            };
            let (color, pixels) = (found.color, found.pixels);
            let target = MappingTarget::One(target.unwrap_or(BACKGROUND));
            MappingRow { name, color, pixels, target, certain: false }
        });
        Self { rows: rows.collect(), source: MappingSource::Mask(path), raw, axis }
    }

    /// For a document: labels become their counterparts. Two that mirror each other are proposed by side.
    fn of_document(
        labels: &LabelImage,
        from: &Taxonomy,
        to: &Taxonomy,
        source: MappingSource,
        axis: Option<MirrorAxis>,
    ) -> Self {
        let raw = RawMask::from_labels(labels, from);
        let rows = raw.found().iter().map(|found| {
            let FoundKey::Id(id) = found.key else { return MappingRow::background(found.pixels) };
            let Some(label) = from.labels.get(usize::from(id)) else { return MappingRow::background(found.pixels) };
            let counterpart = if id == BACKGROUND { Some(BACKGROUND) } else { to.counterpart(&label.name) };
            let target = match (counterpart, to.counterpart_pair(&label.name)) {
                (Some(id), _) => MappingTarget::One(id),
                (None, Some([left, right])) => MappingTarget::BySide { left, right },
                (None, None) => MappingTarget::One(nearest(label.color, to)),
            };
            MappingRow {
                name: sentence_case(&label.name),
                color: found.color,
                pixels: found.pixels,
                target,
                certain: counterpart.is_some(),
            }
        });
        Self { rows: rows.collect(), source, raw, axis }
    }

    /// Whether there is nothing to ask.
    fn is_certain(&self) -> bool {
        self.rows.iter().all(|row| row.certain)
    }

    fn labels(&self) -> LabelMap {
        let first = |row: &MappingRow| match row.target {
            MappingTarget::One(id) | MappingTarget::BySide { left: id, .. } => id,
        };
        let targets: Vec<LabelId> = self.rows.iter().map(first).collect();
        let mut labels = LabelMap::from_image(&self.raw.mapped(&targets));
        for (index, row) in self.rows.iter().enumerate() {
            if let MappingTarget::BySide { right, .. } = row.target {
                let mut alone = vec![0; self.rows.len()];
                alone[index] = 1;
                for (y, columns) in sides::on_the_right(&self.raw.mapped(&alone), self.axis) {
                    labels.fill_row(y, columns, right);
                }
            }
        }
        labels
    }
}

impl MappingRow {
    fn background(pixels: u64) -> Self {
        Self { name: "Unknown".to_owned(), color: None, pixels, target: MappingTarget::One(BACKGROUND), certain: true }
    }
}

/// The label whose colour looks most like this one.
fn nearest(color: [u8; 3], taxonomy: &Taxonomy) -> LabelId {
    let own = lab_from_srgb(color);
    let distances = taxonomy.labels.iter().map(|label| difference(own, lab_from_srgb(label.color)));
    let nearest = distances.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.map_or(BACKGROUND, |(index, _)| LabelId::try_from(index).unwrap_or(BACKGROUND))
}

impl EditorState {
    /// A mask with foreign ids or colours: ask what they mean.
    pub(super) fn ask_for_mask_labels(&mut self, path: PathBuf, raw: RawMask) {
        let axis = self.painting.symmetry.filter(|_| {
            // The axis of a mask of another size lies elsewhere.
            let labels = &self.document.labels;
            raw.size() == (labels.width(), labels.height())
        });
        self.files.mapping = Some(LabelMapping::of_mask(path, raw, &self.taxonomy, axis));
        self.ask(Dialog::MapLabels);
    }

    /// Another taxonomy came: a mask that is being asked about is asked about in its labels, anything else is over.
    pub(super) fn ask_again_about_mask(&mut self) {
        match self.files.mapping.take() {
            Some(LabelMapping { source: MappingSource::Mask(path), raw, axis, .. }) => {
                self.files.mapping = Some(LabelMapping::of_mask(path, raw, &self.taxonomy, axis));
            }
            _ if self.dialog == Some(Dialog::MapLabels) => self.dialog = None,
            _ => {}
        }
    }

    /// What a label can be split into: the pairs of labels that mirror each other, either way round.
    pub fn mapping_pairs(&self) -> Vec<MappingTarget> {
        let ids = 0..LabelId::try_from(self.taxonomy.n_labels()).unwrap_or(LabelId::MAX);
        let pairs = ids.map(|id| MappingTarget::BySide { left: id, right: self.taxonomy.mirror(id) });
        pairs.filter(|pair| matches!(pair, MappingTarget::BySide { left, right } if left != right)).collect()
    }

    pub(super) fn map_label(&mut self, row: usize, target: MappingTarget) {
        let is_known = |id: LabelId| usize::from(id) < self.taxonomy.n_labels();
        let known = match target {
            MappingTarget::One(id) => is_known(id),
            MappingTarget::BySide { left, right } => is_known(left) && is_known(right),
        };
        if known
            && let Some(mapping) = &mut self.files.mapping
            && let Some(row) = mapping.rows.get_mut(row)
        {
            row.target = target;
        }
    }

    /// A model with another taxonomy came: the document goes along when its labels have counterparts, at the user's word
    /// when some have none. It is put aside in any case and comes back with its own model.
    pub(super) fn carry_document_to(&mut self, taxonomy: Taxonomy, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let untouched = !self.is_dirty() && self.path.is_none();
        let has_own = self.has_parked(&taxonomy);
        let (labels, from) = (self.document.labels.to_image(), self.taxonomy.clone());
        let axis = self.painting.symmetry;
        let source = MappingSource::Document {
            title: from.title.clone(),
            attributes: self.attributes_in(&taxonomy),
            latent: Box::new(self.document.latent.clone()),
        };
        self.switch_taxonomy(taxonomy);
        if untouched || has_own || self.files.mapping.is_some() {
            return;
        }
        let mapping = LabelMapping::of_document(&labels, &from, &self.taxonomy, source, axis);
        let certain = mapping.is_certain();
        self.files.mapping = Some(mapping);
        if certain {
            self.apply_mapping(effects);
        } else {
            self.ask(Dialog::MapLabels);
        }
    }

    /// The document's attributes as far as the taxonomy has them.
    fn attributes_in(&self, taxonomy: &Taxonomy) -> Vec<f32> {
        let own: Vec<&str> = self.taxonomy.attribute_names().collect();
        let value_of = |name: &str| {
            let index = own.iter().position(|own| *own == name)?;
            self.document.attributes.get(index).copied()
        };
        let mut values = taxonomy.default_attributes();
        for (value, name) in values.iter_mut().zip(taxonomy.attribute_names()) {
            *value = value_of(name).unwrap_or(*value);
        }
        values
    }

    /// Carries the mapping out as an edit, so that undo takes it back.
    pub(super) fn apply_mapping(&mut self, effects: &mut Vec<Effect>) {
        let Some(mapping) = self.files.mapping.take() else { return };
        let labels = mapping.labels();
        match mapping.source {
            MappingSource::Mask(path) => {
                let name = super::files::short(&path);
                self.edit_once(|document| document.labels = labels, |_| format!("Open {name}"));
                effects.push(Effect::success(format!("Opened {name}")));
            }
            MappingSource::Document { title, attributes, latent } => {
                let carry_over = |document: &mut Snapshot| {
                    *document = Snapshot { labels, attributes, latent: *latent, timeline: Timeline::default() }
                };
                self.edit_once(carry_over, |_| "Carry mask over".to_owned());
                let text = format!("The {} mask came along. Undo brings this model's own mask.", title.to_lowercase());
                effects.push(Effect::info(text));
            }
        }
        self.view = View::Fit;
        effects.push(Effect::Render);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn taxonomy(name: &str) -> Taxonomy {
        Taxonomy::builtin(name).unwrap()
    }

    #[test]
    fn colours_are_proposed_the_nearest_label() {
        let taxonomy = taxonomy("portrait");
        for (id, label) in taxonomy.labels.iter().enumerate() {
            let nudged = label.color.map(|channel| channel.saturating_add(3));
            assert_eq!(usize::from(nearest(nudged, &taxonomy)), id, "{}", label.name);
        }
    }

    #[test]
    fn a_finer_document_maps_without_a_question_and_a_coarser_one_asks() {
        let (fine, coarse) = (taxonomy("celeba-7"), taxonomy("portrait"));
        let labels = LabelImage::from_ids(7, 1, (0..7).collect()).unwrap();
        let source = MappingSource::Mask(PathBuf::new());
        let mapping = LabelMapping::of_document(&labels, &fine, &coarse, source.clone(), None);
        assert!(mapping.is_certain());
        let expected: Vec<LabelId> = ["background", "skin", "eyes", "eyes", "nose", "lips", "inner_mouth"]
            .map(|name| coarse.label_id(name).unwrap())
            .to_vec();
        assert_eq!(mapping.labels().to_image().ids(), expected);

        let labels = LabelImage::from_ids(11, 1, (0..11).collect()).unwrap();
        let back = LabelMapping::of_document(&labels, &coarse, &fine, source, None);
        let asked: Vec<&str> = back.rows.iter().filter(|row| !row.certain).map(|row| row.name.as_str()).collect();
        assert_eq!(asked, ["Eyes", "Brows", "Ears", "Hair", "Neck", "Clothes"]);
    }

    #[test]
    fn a_label_becomes_two_by_the_side_of_its_parts() {
        let (from, to) = (taxonomy("portrait"), taxonomy("celeba-7"));
        let [eyes, left, right] =
            [from.label_id("eyes"), to.label_id("left_eye"), to.label_id("right_eye")].map(Option::unwrap);
        let ids = [0, eyes, eyes, 0, 0, eyes, 0, 0, 0, eyes];
        let labels = LabelImage::from_ids(10, 1, ids.to_vec()).unwrap();
        let source = MappingSource::Mask(PathBuf::new());
        let mapped = |axis: Option<MirrorAxis>| {
            let mapping = LabelMapping::of_document(&labels, &from, &to, source.clone(), axis);
            let row = mapping.rows.iter().find(|row| row.name == "Eyes").unwrap();
            assert!(!row.certain && row.target == MappingTarget::BySide { left, right });
            mapping.labels().to_image().ids().to_vec()
        };
        assert_eq!(mapped(None), [0, left, left, 0, 0, right, 0, 0, 0, right]);
        let axis = MirrorAxis { through: crate::document::Point::new(7.0, 0.0), angle_rad: 0.0 };
        assert_eq!(mapped(Some(axis)), [0, left, left, 0, 0, left, 0, 0, 0, right]);
    }

    #[test]
    fn only_labels_of_the_taxonomy_can_be_chosen() {
        let mut state = EditorState::new(taxonomy("celeba-7"), 1);
        let labels = LabelImage::from_ids(4, 1, vec![17, 17, 14, 13]).unwrap();
        let raw = RawMask::from_labels(&labels, &taxonomy("celebamask-19"));
        state.ask_for_mask_labels(PathBuf::new(), raw);
        let pairs = state.mapping_pairs();
        assert_eq!(pairs, [(2, 3), (3, 2)].map(|(left, right)| MappingTarget::BySide { left, right }));
        let target = |state: &EditorState| state.files.mapping.as_ref().unwrap().rows[0].target;
        state.map_label(0, pairs[1]);
        assert_eq!(target(&state), pairs[1]);
        for bad in [MappingTarget::One(7), MappingTarget::BySide { left: 2, right: 9 }] {
            state.map_label(0, bad);
            assert_eq!(target(&state), pairs[1]);
        }
    }
}
