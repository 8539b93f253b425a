//! From the labels and attributes of a model to those of other data: which channels of its weights go where.

use std::collections::BTreeMap;

use super::base::Base;
use super::error::RunError;
use super::spec::FineTune;
use crate::model::parameters::{HostTensor, TensorMap};
use crate::taxonomy::Taxonomy;

/// For each label and attribute of the data, the model's that it starts from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ChannelMap {
    labels: Matches,
    attributes: Matches,
}

/// Names of the data's channels with the model's channel of each.
#[derive(Clone, Debug, PartialEq)]
struct Matches {
    what: &'static str,
    names: Vec<String>,
    known: Vec<String>,
    sources: Vec<Option<usize>>,
}

/// What a channel that has no source starts with.
#[derive(Clone, Copy, Debug)]
enum New {
    /// The mean of the model's.
    Mean,
    /// Zeros: no effect yet.
    Zero,
    /// Its random values.
    Random,
}

/// Where the channels of a kind lie in a tensor.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The axis.
    axis: usize,
    /// Values on the axis before the first channel.
    before: usize,
    /// Values on the axis per channel.
    each: usize,
    new: New,
    /// Whether channels with the same source share its weight, so that their sum is what it was.
    shared: bool,
}

impl ChannelMap {
    /// Matches by the maps that were given, then by name; labels also by what they mean (`assets/label_synonyms.ron`).
    pub(super) fn new(data: &Taxonomy, model: &Taxonomy, fine_tune: &FineTune) -> Result<Self, RunError> {
        let names = |taxonomy: &Taxonomy| taxonomy.labels.iter().map(|label| label.name.clone()).collect::<Vec<_>>();
        // The background is label 0 everywhere, whatever it is called.
        let label = |id: usize, name: &str| if id == 0 { Some(0) } else { model.counterpart(name).map(usize::from) };
        let labels = Matches::new("label", names(data), names(model), fine_tune.label_map.as_ref(), label)?;
        let names = |taxonomy: &Taxonomy| taxonomy.attribute_names().map(str::to_owned).collect::<Vec<_>>();
        let same = |_: usize, name: &str| model.attribute_names().position(|known| known.eq_ignore_ascii_case(name));
        let attribute_map = fine_tune.attribute_map.as_ref();
        let attributes = Matches::new("attribute", names(data), names(model), attribute_map, same)?;
        Ok(Self { labels, attributes })
    }

    /// What became of labels and attributes, a line each.
    pub(super) fn describe(&self) -> Vec<String> {
        [&self.labels, &self.attributes].into_iter().filter_map(Matches::describe).collect()
    }

    /// The base's weights in the shapes of `fresh`, whose values stand where the base has none.
    pub(super) fn apply(&self, base: &Base, fresh: TensorMap) -> TensorMap {
        let start = |(name, fresh): (String, HostTensor)| {
            let started = match base.tensors.get(&name) {
                None => fresh,
                Some(old) => match self.place(base, &name, old) {
                    Some((place, matches)) => matches.move_channels(old, &fresh, place),
                    None => old.clone(),
                },
            };
            (name, started)
        };
        fresh.into_iter().map(start).collect()
    }

    /// Where a tensor has channels of labels or attributes.
    fn place(&self, base: &Base, name: &str, old: &HostTensor) -> Option<(Place, &Matches)> {
        let (network, parameter) = name.split_once('.')?;
        let plain = Place { axis: 0, before: 0, each: 1, new: New::Random, shared: false };
        let (n_labels, n_attributes) = (self.labels.known.len(), self.attributes.known.len());
        let inputs = old.shape.get(1).copied().unwrap_or(0);
        match network {
            "generator" | "average" => {
                let attribute_block = format!("blocks.{}.", base.generator.coarse_blocks());
                match parameter {
                    "encoder_conv.0.weight" => Some((Place { axis: 1, new: New::Mean, ..plain }, &self.labels)),
                    _ if [format!("{attribute_block}conv1.weight"), format!("{attribute_block}skip.weight")]
                        .contains(&parameter.to_owned()) =>
                    {
                        let before = inputs.saturating_sub(n_attributes);
                        Some((Place { axis: 1, before, new: New::Zero, ..plain }, &self.attributes))
                    }
                    _ => None,
                }
            }
            "segmentor" if parameter == "out.weight" => Some((Place { new: New::Mean, ..plain }, &self.labels)),
            "head" => match parameter {
                "hidden.weight" => {
                    let each = inputs.checked_div(n_labels)?;
                    Some((Place { axis: 1, each, new: New::Mean, shared: true, ..plain }, &self.labels))
                }
                "out.weight" | "out.bias" => Some((plain, &self.attributes)),
                _ => None,
            },
            "discriminator" if parameter == "classifier.weight" => Some((plain, &self.attributes)),
            _ => None,
        }
    }
}

impl Matches {
    fn new(
        what: &'static str,
        names: Vec<String>,
        known: Vec<String>,
        map: Option<&BTreeMap<String, String>>,
        find: impl Fn(usize, &str) -> Option<usize>,
    ) -> Result<Self, RunError> {
        let missing = |name: &str, whose, known: &[String]| RunError::Mapping {
            what,
            name: name.to_owned(),
            whose,
            known: known.join(", "),
        };
        let given = |name: &String| map.and_then(|map| map.get(name));
        if let Some(name) = map.into_iter().flat_map(BTreeMap::keys).find(|name| !names.contains(name)) {
            return Err(missing(name, "the data", &names));
        }
        let source = |(index, name): (usize, &String)| match given(name) {
            Some(source) if source.is_empty() => Ok(None),
            Some(source) => match known.iter().position(|known| known == source) {
                Some(at) => Ok(Some(at)),
                None => Err(missing(source, "the model", &known)),
            },
            None => Ok(find(index, name)),
        };
        let sources = names.iter().enumerate().map(source).collect::<Result<_, _>>()?;
        Ok(Self { what, names, known, sources })
    }

    fn describe(&self) -> Option<String> {
        let what = self.what;
        if self.names.is_empty() {
            return (!self.known.is_empty())
                .then(|| format!("{what}s: the data has none, so the model's are left out"));
        }
        if self.names == self.known && self.sources.iter().enumerate().all(|(at, source)| *source == Some(at)) {
            return Some(format!("{what}s: all {} are the model's", self.names.len()));
        }
        let matched = self.names.iter().zip(&self.sources).filter_map(|(name, source)| {
            let known = self.known.get((*source)?)?;
            Some(if known == name { name.clone() } else { format!("{name} ← {known}") })
        });
        let matched: Vec<String> = matched.collect();
        let new = self.names.iter().zip(&self.sources).filter(|(_, source)| source.is_none());
        let new: Vec<&str> = new.map(|(name, _)| name.as_str()).collect();
        let or_none = |list: String| if list.is_empty() { "none".to_owned() } else { list };
        Some(format!("{what}s from the model: {}; new: {}", or_none(matched.join(", ")), or_none(new.join(", "))))
    }

    /// `old` in the shape of `fresh`, its channels moved to where this map says.
    fn move_channels(&self, old: &HostTensor, fresh: &HostTensor, place: Place) -> HostTensor {
        let Place { axis, before, each, new, shared } = place;
        let inner: usize = old.shape.iter().skip(axis + 1).product();
        let (old_row, new_row) = (side(old, axis) * inner, side(fresh, axis) * inner);
        let (before, each) = (before * inner, each * inner);
        let expected = before + self.names.len() * each;
        // Shapes that do not belong together are refused when the weights are loaded.
        if old_row == 0 || new_row != expected || old_row != before + self.known.len() * each {
            return old.clone();
        }
        let mut values = Vec::with_capacity(fresh.values.len());
        for (row, random) in old.values.chunks_exact(old_row).zip(fresh.values.chunks_exact(new_row)) {
            let (head, channels) = row.split_at(before);
            values.extend_from_slice(head);
            for (at, source) in self.sources.iter().enumerate() {
                let channel = source.and_then(|source| channels.chunks_exact(each).nth(source));
                match (channel, new) {
                    (Some(channel), _) => {
                        let sharers = self.sources.iter().filter(|other| *other == source).count();
                        let part = if shared { 1.0 / sharers as f32 } else { 1.0 };
                        values.extend(channel.iter().map(|value| value * part));
                    }
                    (None, New::Mean) if !self.known.is_empty() => values.extend(mean(channels, each)),
                    (None, New::Zero) => values.extend(std::iter::repeat_n(0.0, each)),
                    (None, _) => values.extend(random.iter().skip(before + at * each).take(each)),
                }
            }
        }
        HostTensor { shape: fresh.shape.clone(), values }
    }
}

fn side(tensor: &HostTensor, axis: usize) -> usize {
    tensor.shape.get(axis).copied().unwrap_or(0)
}

/// The mean of chunks of `each` values.
fn mean(channels: &[f32], each: usize) -> Vec<f32> {
    let count = channels.len().checked_div(each).unwrap_or(0).max(1) as f32;
    (0..each).map(|at| channels.iter().skip(at).step_by(each).sum::<f32>() / count).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn taxonomy(name: &str) -> Taxonomy {
        Taxonomy::builtin(name).unwrap()
    }

    fn matches(sources: &[Option<usize>], known: usize) -> Matches {
        let names = |count: usize| (0..count).map(|at| at.to_string()).collect();
        Matches { what: "label", names: names(sources.len()), known: names(known), sources: sources.to_vec() }
    }

    #[test]
    fn labels_and_attributes_find_their_sources() {
        let (data, model) = (taxonomy("celeba-7"), taxonomy("portrait"));
        let map = ChannelMap::new(&data, &model, &FineTune::of("portrait")).unwrap();
        let name = |source: &Option<usize>| source.map(|at| model.labels[at].name.as_str());
        let found: Vec<_> = map.labels.sources.iter().map(name).collect();
        let expected = ["background", "skin", "eyes", "eyes", "nose", "lips", "inner_mouth"];
        assert_eq!(found, expected.map(Some));
        let line = &map.describe()[0];
        assert!(line.contains("left_eye ← eyes") && line.contains("new: none"), "{line}");

        let same = ChannelMap::new(&model, &model, &FineTune::of("portrait")).unwrap();
        assert!(same.describe().iter().all(|line| line.contains("all")), "{:?}", same.describe());

        let mut own = FineTune::of("portrait");
        own.label_map = Some([("nose", "skin"), ("lips", "")].map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        let map = ChannelMap::new(&data, &model, &own).unwrap();
        assert_eq!(map.labels.sources[4], Some(usize::from(model.label_id("skin").unwrap())));
        assert_eq!(map.labels.sources[5], None);
        for (from, to, word) in [("beak", "nose", "the data"), ("nose", "beak", "the model")] {
            own.label_map = Some([(from.to_owned(), to.to_owned())].into());
            let message = ChannelMap::new(&data, &model, &own).unwrap_err().to_string();
            assert!(message.contains("beak") && message.contains(word), "{message}");
        }
    }

    #[test]
    fn channels_move_along_their_axis_and_the_rest_stays() {
        // [2, 1 + 3 channels, 2]
        let old = HostTensor { shape: vec![2, 4, 2], values: (0..16).map(|value| value as f32).collect() };
        let fresh = HostTensor { shape: vec![2, 4, 2], values: vec![-1.0; 16] };
        let place = Place { axis: 1, before: 1, each: 1, new: New::Zero, shared: false };
        let moved = matches(&[Some(2), None, Some(0)], 3).move_channels(&old, &fresh, place);
        assert_eq!(moved.values, [0., 1., 6., 7., 0., 0., 2., 3., 8., 9., 14., 15., 0., 0., 10., 11.]);
        let moved =
            matches(&[Some(2), None, Some(0)], 3).move_channels(&old, &fresh, Place { new: New::Mean, ..place });
        assert_eq!(moved.values[4..6], [4.0, 5.0]);
        let moved =
            matches(&[Some(2), None, Some(0)], 3).move_channels(&old, &fresh, Place { new: New::Random, ..place });
        assert_eq!(moved.values[4..6], [-1.0, -1.0]);

        // Two channels of two values each from one: they share it. [1, 4] → [1, 6].
        let old = HostTensor { shape: vec![1, 4], values: vec![1.0, 2.0, 3.0, 4.0] };
        let fresh = HostTensor { shape: vec![1, 6], values: vec![0.0; 6] };
        let place = Place { axis: 1, before: 0, each: 2, new: New::Mean, shared: true };
        let moved = matches(&[Some(1), Some(1), Some(0)], 2).move_channels(&old, &fresh, place);
        assert_eq!(moved.values, [1.5, 2.0, 1.5, 2.0, 1.0, 2.0]);
    }
}
