//! Labels of one taxonomy that mean the same in another, as told by `assets/label_synonyms.ron`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::{LabelId, Taxonomy};

/// The contents of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Synonyms {
    aliases: Vec<Vec<String>>,
    parts: BTreeMap<String, Vec<String>>,
}

fn synonyms() -> &'static Synonyms {
    static SYNONYMS: OnceLock<Synonyms> = OnceLock::new();
    // A test reads the file, so it is sound.
    SYNONYMS.get_or_init(|| ron::from_str(include_str!("../../assets/label_synonyms.ron")).unwrap_or_default())
}

impl Synonyms {
    /// The name and its aliases.
    fn names_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let group = self.aliases.iter().find(|group| group.iter().any(|alias| alias == name));
        [name].into_iter().chain(group.into_iter().flatten().map(String::as_str))
    }

    /// What the name is a part of.
    fn wholes_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let holds = move |parts: &Vec<String>| self.names_of(name).any(|name| parts.iter().any(|part| part == name));
        self.parts.iter().filter(move |(_, parts)| holds(parts)).map(|(whole, _)| whole.as_str())
    }
}

impl Taxonomy {
    /// The two labels that a label of that name in another taxonomy consists of here, when they mirror each other, such as
    /// left eye and right eye: the one on the left first.
    pub fn counterpart_pair(&self, name: &str) -> Option<[LabelId; 2]> {
        let synonyms = synonyms();
        let id_of = |name: &String| synonyms.names_of(name).find_map(|name| self.label_id(name));
        let parts = synonyms.names_of(name).find_map(|name| synonyms.parts.get(name))?;
        let ids: Vec<LabelId> = parts.iter().filter_map(id_of).collect();
        <[LabelId; 2]>::try_from(ids).ok().filter(|&[left, right]| left != right && self.mirror(left) == right)
    }

    /// The label that means here what a label of that name means in another taxonomy: of the same name or an alias, or
    /// what it is a part of, or its only part. `None` when there is no such label, or no telling which.
    pub fn counterpart(&self, name: &str) -> Option<LabelId> {
        let synonyms = synonyms();
        let id_of = |name: &str| synonyms.names_of(name).find_map(|name| self.label_id(name));
        id_of(name).or_else(|| synonyms.wholes_of(name).find_map(id_of)).or_else(|| {
            let parts = synonyms.parts.get(name)?;
            let mut ids = parts.iter().filter_map(|part| id_of(part));
            ids.next().filter(|_| ids.next().is_none())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn counterpart(name: &str, taxonomy: &str) -> Option<String> {
        let taxonomy = Taxonomy::builtin(taxonomy).unwrap();
        taxonomy.counterpart(name).map(|id| taxonomy.labels[usize::from(id)].name.clone())
    }

    #[test]
    fn the_file_names_only_labels_that_exist() {
        let synonyms: Synonyms = ron::from_str(include_str!("../../assets/label_synonyms.ron")).unwrap();
        let taxonomies = Taxonomy::builtins();
        let known = |name: &String| taxonomies.iter().any(|taxonomy| taxonomy.label_id(name).is_some());
        let names = synonyms.aliases.iter().flatten().chain(synonyms.parts.values().flatten());
        for name in names.chain(synonyms.parts.keys()) {
            assert!(known(name), "{name} is no label");
        }
    }

    #[test]
    fn labels_find_the_pairs_they_consist_of() {
        for (name, taxonomy, expected) in [
            ("eyes", "celeba-7", Some(["left_eye", "right_eye"])),
            ("eyes", "celebamask-19", Some(["l_eye", "r_eye"])),
            ("ears", "celebamask-19", Some(["l_ear", "r_ear"])),
            // Upper and lower do not mirror each other.
            ("lips", "celebamask-19", None),
            ("eyes", "portrait", None),
            ("brows", "celeba-7", None),
            ("skin", "fashion-7", None),
        ] {
            let taxonomy = Taxonomy::builtin(taxonomy).unwrap();
            let pair = taxonomy.counterpart_pair(name);
            let names = pair.map(|pair| pair.map(|id| taxonomy.labels[usize::from(id)].name.clone()));
            assert_eq!(names, expected.map(|names| names.map(str::to_owned)), "{name} in {}", taxonomy.name);
        }
    }

    #[test]
    fn labels_find_their_counterparts() {
        for (name, taxonomy, expected) in [
            ("skin", "celeba-7", Some("skin")),
            ("left_eye", "portrait", Some("eyes")),
            ("r_eye", "portrait", Some("eyes")),
            ("r_eye", "celeba-7", Some("right_eye")),
            ("u_lip", "portrait", Some("lips")),
            ("cloth", "portrait", Some("clothes")),
            ("arms", "outfit", Some("skin")),
            ("eyes", "celeba-7", None),
            ("hat", "portrait", None),
            ("hair", "celeba-7", None),
            ("no such label", "portrait", None),
        ] {
            assert_eq!(counterpart(name, taxonomy).as_deref(), expected, "{name} in {taxonomy}");
        }
    }
}
