//! Adding to new, existing, foreign and half-written folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::data::{self, Sample, SampleSource};
use crate::label_image::tests::random_labels;
use std::sync::Arc;

fn taxonomy() -> Taxonomy {
    Taxonomy::builtin("celeba-7").unwrap()
}

/// The i-th of different samples.
fn sample(i: u64) -> Sample {
    let labels = random_labels(12, 12, 7, i);
    let attributes = (0..5).map(|bit| f32::from(u8::from(i >> bit & 1 == 1))).collect();
    Sample { name: "pair".to_owned(), image: labels.to_rgb(&taxonomy()), labels, attributes }
}

fn add(root: &Path, hint: &str, sample: &Sample) -> Result<String, DataError> {
    add_pair(root, hint, &sample.image, &sample.labels, &sample.attributes, &taxonomy())
}

fn open(root: &Path) -> Result<Arc<dyn SampleSource>, DataError> {
    data::open(root.to_str().unwrap(), &OpenOptions::default())
}

/// The samples, without their names.
fn contents(root: &Path) -> Vec<Sample> {
    let source = open(root).unwrap();
    let read = (0..source.len()).map(|index| source.sample(index, 12).unwrap());
    read.map(|sample| Sample { name: "pair".to_owned(), ..sample }).collect()
}

#[test]
fn pairs_are_added_to_a_new_and_to_an_existing_folder() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("my/pairs");
    let names: Vec<String> = (0..4).map(|i| add(&root, "pair", &sample(i)).unwrap()).collect();
    assert_eq!(names, ["pair", "pair-2", "pair-3", "pair-4"]);
    assert_eq!(contents(&root), [0, 1, 2, 3].map(sample));
    assert_eq!(*open(&root).unwrap().taxonomy(), taxonomy());
    assert_eq!(open(&root).unwrap().sample(1, 12).unwrap().name, "pair-2");
}

/// A table that somebody else wrote: other columns, another order, rows without extension, no line end.
#[test]
fn a_foreign_table_is_extended_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    add(root, "old", &sample(3)).unwrap();
    let table = root.join(ATTRIBUTES);
    let old = "file,Young,Hat,Male,Black_Hair,Blond_Hair,Brown_Hair\nold,0,1,0,1,1,0\nspare.jpg,0,1,0,0,0,0";
    fs::write(&table, old).unwrap();
    let added = sample(0b11001);
    assert_eq!(add(root, "Spare", &added).unwrap(), "Spare-2");
    let text = fs::read_to_string(&table).unwrap();
    assert_eq!(text, format!("{old}\nSpare-2.png,1,0,1,1,0,0\n"));
    assert_eq!(contents(root), [added, sample(3)]);

    fs::write(root.join(SPLITS), "file,split\nold.png,test").unwrap();
    add(root, "new", &sample(4)).unwrap();
    assert_eq!(fs::read_to_string(root.join(SPLITS)).unwrap(), "file,split\nold.png,test\nnew.png,train\n");
}

#[test]
fn a_mask_of_another_size_is_taken_and_of_another_shape_refused() {
    let place = tempfile::tempdir().unwrap();
    let Sample { image, labels, attributes, .. } = sample(1);
    let fits = labels.resize_nearest(48, 48);
    add_pair(place.path(), "a", &image, &fits, &attributes, &taxonomy()).unwrap();
    assert_eq!(contents(place.path()), [sample(1)]);
    let wrong = labels.resize_nearest(48, 24);
    let error = add_pair(place.path(), "b", &image, &wrong, &attributes, &taxonomy()).unwrap_err().to_string();
    assert!(error.contains("48×24"), "{error}");
    assert!(add_pair(place.path(), "b", &image, &fits, &attributes[1..], &taxonomy()).is_err());
    assert!(add_pair(place.path(), "b", &image, &LabelImage::new(12, 12, 7), &attributes, &taxonomy()).is_err());
    assert_eq!(contents(place.path()).len(), 1);
}

#[test]
fn another_taxonomy_and_folders_of_other_things_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    add(root, "a", &sample(1)).unwrap();
    let portrait = Taxonomy::builtin("portrait").unwrap();
    let Sample { image, labels, .. } = sample(1);
    let to_portrait = |root: &Path| {
        add_pair(root, "b", &image, &labels, &portrait.default_attributes(), &portrait)
            .map_err(|error| error.to_string())
    };
    let error = to_portrait(root).unwrap_err();
    assert!(error.contains("`celeba-7`, not `portrait`") && error.contains("another folder"), "{error}");
    // The folder's taxonomy is known from its attributes alone, too.
    fs::remove_file(root.join(TAXONOMY)).unwrap();
    assert!(to_portrait(root).unwrap_err().contains("`celeba-7`"));
    assert!(add(root, "b", &sample(2)).is_ok());
    assert_eq!(contents(root).len(), 2);

    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("letter.txt"), "Dear").unwrap();
    let error = to_portrait(home.path()).unwrap_err();
    assert!(error.contains("letter.txt") && error.contains("empty folder"), "{error}");
    assert_eq!(home.path().read_dir().unwrap().count(), 1);
    assert!(to_portrait(&home.path().join("letter.txt")).is_err());
}

/// As if the process were killed after each stage, of the first pair and of a later one: nothing cleans up, and half a file lies
/// beside. The folder then holds the pairs that it held, or the new one too, and takes the pair when it is added again.
#[test]
fn a_kill_at_any_stage_leaves_a_folder_that_opens_and_goes_on() {
    const STAGES: [Stage; 8] = [
        Stage::Checked,
        Stage::TaxonomyWritten,
        Stage::ImagesMade,
        Stage::MasksMade,
        Stage::MaskWritten,
        Stage::RowWritten,
        Stage::SplitWritten,
        Stage::ImageWritten,
    ];
    for before in 0..3 {
        for killed_after in STAGES {
            let place = tempfile::tempdir().unwrap();
            let root = place.path().join("pairs");
            (0..before).for_each(|i| drop(add(&root, "pair", &sample(i)).unwrap()));
            let next = sample(before);
            let pair =
                Pair { image: &next.image, labels: &next.labels, attributes: &next.attributes, taxonomy: &taxonomy() };
            let mut kill = |stage| if stage == killed_after { Err(DataError::Cancelled) } else { Ok(()) };
            assert!(matches!(pair.add_to(&root, "pair", &mut kill), Err(DataError::Cancelled)), "{killed_after:?}");
            for folder in ["", IMAGES, MASKS] {
                let folder = root.join(folder);
                if folder.exists() {
                    fs::write(folder.join(".scgan-aBcDeF.part"), "half a fi").unwrap();
                }
            }

            let complete = before + u64::from(killed_after == Stage::ImageWritten);
            let expected: Vec<Sample> = (0..complete).map(sample).collect();
            if complete > 0 {
                assert_eq!(contents(&root), expected, "{before} pairs, killed after {killed_after:?}");
            }
            let name = add(&root, "pair", &sample(complete)).unwrap();
            assert_eq!(contents(&root).len() as u64, complete + 1, "{before} pairs, killed after {killed_after:?}");
            let source = open(&root).unwrap();
            let index = (0..source.len()).find(|i| source.sample(*i, 12).unwrap().name == name).unwrap();
            assert_eq!(source.sample(index, 12).unwrap(), Sample { name, ..sample(complete) });
        }
    }
}
