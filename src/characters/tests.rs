#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::taxonomy::GroupKind;
use std::path::PathBuf;

/// MakeHuman's data, or a word about its absence.
fn studio() -> Option<Studio> {
    let data = std::env::var_os("SCGAN_DATA").map_or_else(|| "../shared/data".into(), PathBuf::from);
    let folder = data.join("makehuman/data");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    match Studio::open(&folder, DeviceChoice::Auto) {
        Err(CharacterError::Device(why)) => {
            eprintln!("skipped: {why}");
            None
        }
        opened => Some(opened.unwrap()),
    }
}

#[test]
fn the_same_index_is_the_same_picture_whatever_came_before() {
    let Some(studio) = studio() else { return };
    for kind in Kind::ALL {
        let taxonomy = Taxonomy::builtin(kind.taxonomy()).unwrap();
        let picture = |index| studio.picture(kind, 5, index, 64, &taxonomy).unwrap();
        let first = picture(3);
        assert_ne!(first, picture(4));
        assert_eq!(first, picture(3), "{kind}");
        assert_eq!(first.attributes, studio.attributes(kind, 5, 3, &taxonomy));
    }
}

/// What training needs of every mask: known labels, a face of a size that can be seen, and clothes on everybody.
#[test]
fn masks_hold_what_they_must() {
    let Some(studio) = studio() else { return };
    for (kind, needed) in [
        (Kind::Face, &[("skin", 0.03), ("nose", 0.0002), ("eyes", 0.0002), ("lips", 0.0005), ("clothes", 0.01)][..]),
        (Kind::Outfit, &[("face", 0.001), ("footwear", 0.001)][..]),
    ] {
        let taxonomy = Taxonomy::builtin(kind.taxonomy()).unwrap();
        for index in 0..12 {
            let picture = studio.picture(kind, 9, index, 96, &taxonomy).unwrap();
            assert!(picture.labels.iter().all(|&label| usize::from(label) < taxonomy.n_labels()));
            let share = |name: &str| {
                let id = taxonomy.label_id(name).unwrap();
                picture.labels.iter().filter(|&&label| label == id).count() as f32 / picture.labels.len() as f32
            };
            for (name, least) in needed {
                assert!(share(name) >= *least, "{kind} {index}: {name} covers {}", share(name));
            }
            if kind == Kind::Outfit {
                let clothed = share("upper") + share("lower") + share("full_body");
                assert!(clothed > 1.2 * share("skin") && clothed > 0.05, "{index}: {clothed} of clothes");
            }
        }
    }
}

/// Hair hangs into nobody's eyes: on each side of the nose of a face seen from the front there is some of an eye.
#[test]
fn hair_leaves_both_eyes_free() {
    const SIZE_PX: u32 = 96;
    let Some(studio) = studio() else { return };
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let [eyes, nose] = ["eyes", "nose"].map(|name| taxonomy.label_id(name).unwrap());
    for index in 0..24 {
        let picture = studio.picture(Kind::Face, 31, index, SIZE_PX, &taxonomy).unwrap();
        let columns = |label| {
            let at = picture.labels.iter().zip(0..).filter(move |(own, _)| **own == label);
            at.map(|(_, at): (_, u32)| at % SIZE_PX).collect::<Vec<_>>()
        };
        let nose = columns(nose);
        let middle = nose.iter().sum::<u32>() / nose.len().max(1) as u32;
        let (left, right): (Vec<u32>, Vec<u32>) = columns(eyes).into_iter().partition(|x| *x < middle);
        assert!(left.len() + right.len() >= 8, "{index}: {} px of eyes", left.len() + right.len());
        // Of a face turned away, the far eye may be behind the nose.
        assert!(left.len().min(right.len()) >= 2, "{index}: {} and {} px of the eyes", left.len(), right.len());
    }
}

/// Attributes hold as often as they should, and together only as their groups allow.
#[test]
fn attributes_are_balanced_and_obey_their_groups() {
    let Some(studio) = studio() else { return };
    const COUNT: u64 = 1500;
    for kind in Kind::ALL {
        let taxonomy = Taxonomy::builtin(kind.taxonomy()).unwrap();
        let mut sums = vec![0.0_f32; taxonomy.n_attributes()];
        for index in 0..COUNT {
            let values = studio.attributes(kind, 2, index, &taxonomy);
            for (range, group) in taxonomy.group_ranges() {
                let holding = values[range].iter().filter(|value| **value > 0.5).count();
                match group {
                    GroupKind::ExactlyOne => assert_eq!(holding, 1),
                    GroupKind::AtMostOne => assert!(holding <= 1),
                    GroupKind::Independent => {}
                }
            }
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / COUNT as f32);
        }
        for (name, share) in taxonomy.attribute_names().zip(sums) {
            let expected = match name {
                "Male" | "Young" | "Smiling" | "Patterned" => 0.5,
                "Beard" => 0.25,
                _ => 1.0 / 6.0,
            };
            assert!((share - expected).abs() < 0.05, "{name}: {share}");
        }
    }
}

#[test]
fn a_folder_without_assets_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Library::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("base.obj") && error.contains("MakeHuman's `data` folder"), "{error}");
    std::fs::create_dir_all(folder.path().join("3dobjs")).unwrap();
    std::fs::write(folder.path().join("3dobjs/base.obj"), "v 0 0 0\n").unwrap();
    let error = Library::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("1 vertices; expected the base mesh hm08"), "{error}");
}

/// The templates that come with the program are what is drawn of their plans; devices differ by single pixels.
#[test]
fn templates_are_what_their_plans_draw() {
    let Some(studio) = studio() else { return };
    for name in ["right", "skirt"] {
        let template = crate::templates::template(name).unwrap();
        let taxonomy = Taxonomy::builtin(template.taxonomy).unwrap();
        let drawn = studio.template(&template, crate::templates::TEMPLATE_SIDE_PX, &taxonomy).unwrap();
        let stored = template.labels(crate::templates::TEMPLATE_SIDE_PX);
        let differ = drawn.labels.iter().zip(stored.ids()).filter(|(a, b)| a != b).count();
        assert!(differ < drawn.labels.len() / 200, "{name}: {differ} px; make the templates anew");
        assert_eq!(drawn.attributes, template.attributes());
    }
}
