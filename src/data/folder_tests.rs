//! Plain folders written into a temporary place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{DataError, OpenOptions, open};
use crate::label_image::tests::random_labels;
use crate::label_image::{LabelImage, encode_mask_png};
use crate::taxonomy::Taxonomy;
use std::fs;
use std::path::Path;

fn taxonomy() -> Taxonomy {
    Taxonomy::builtin("celeba-7").unwrap()
}

fn asking(taxonomy: Taxonomy) -> OpenOptions {
    OpenOptions { taxonomy: Some(taxonomy), ..OpenOptions::default() }
}

fn write_pair(root: &Path, image: &str, mask: &str, labels: &LabelImage) {
    fs::create_dir_all(root.join("images")).unwrap();
    fs::create_dir_all(root.join("masks")).unwrap();
    let rgb = labels.to_rgb(&taxonomy());
    let mut bytes = std::io::Cursor::new(Vec::new());
    rgb.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    fs::write(root.join("images").join(image), bytes.into_inner()).unwrap();
    fs::write(root.join("masks").join(mask), encode_mask_png(labels, &taxonomy()).unwrap()).unwrap();
}

fn write_attributes(root: &Path, rows: &str) {
    let text = format!("file,Male,Young,Black_Hair,Blond_Hair,Brown_Hair\n{rows}");
    fs::write(root.join("attributes.csv"), text).unwrap();
}

fn open_error(root: &Path) -> String {
    open(root.to_str().unwrap(), &OpenOptions::default()).err().unwrap().to_string()
}

#[test]
fn images_masks_and_attributes_come_together() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let labels = [random_labels(12, 12, 7, 1), random_labels(12, 12, 7, 2)];
    write_pair(root, "zwei.PNG", "zwei.Png", &labels[1]);
    write_pair(root, "eins.png", "eins.png", &labels[0]);
    write_attributes(root, "eins.png,1,0,0,0,1\nzwei,0,1,1,0,0\n");
    fs::write(root.join("images/._eins.png"), "not an image").unwrap();

    let source = open(root.to_str().unwrap(), &OpenOptions::default()).unwrap();
    assert_eq!((source.len(), source.taxonomy().name.as_str()), (2, "celeba-7"));
    for (index, labels) in labels.iter().enumerate() {
        let sample = source.sample(index, 12).unwrap();
        assert_eq!(sample.labels, *labels);
        assert_eq!(sample.image, labels.to_rgb(&taxonomy()));
        assert_eq!(source.size_px(index).unwrap(), Some((12, 12)));
    }
    assert_eq!(source.sample(0, 12).unwrap().attributes, [0.0, 0.0, 1.0, 1.0, 0.0]);
    assert!(matches!(source.sample(2, 12), Err(DataError::Index { index: 2, len: 2 })));
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert!(open_error(root).contains("images"));
    let labels = random_labels(8, 8, 7, 1);
    for name in ["a.png", "b.png", "c.png"] {
        write_pair(root, name, name, &labels);
    }
    write_attributes(root, "a,0,0,0,0,0\nb,0,0,0,0,0\n");
    fs::remove_file(root.join("masks/b.png")).unwrap();
    let error = open_error(root);
    assert!(error.contains("b.png has no mask") && error.contains("c.png has no row"), "{error}");
    fs::remove_file(root.join("attributes.csv")).unwrap();
    assert!(open_error(root).contains("taxonomy.ron"));
}

#[test]
fn a_folders_own_taxonomy_counts_and_must_be_the_one_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write_pair(root, "a.png", "a.png", &random_labels(8, 8, 3, 1));
    let mut own = taxonomy();
    own.name = "mine".to_owned();
    own.labels.truncate(2);
    own.groups.clear();
    fs::write(root.join("taxonomy.ron"), own.to_ron().unwrap()).unwrap();
    let source = open(root.to_str().unwrap(), &OpenOptions::default()).unwrap();
    assert_eq!(*source.taxonomy(), own);
    let error = source.sample(0, 8).unwrap_err().to_string();
    assert!(error.contains("a.png") && error.contains("label id 2"), "{error}");
    let error = open(root.to_str().unwrap(), &asking(taxonomy())).err().unwrap().to_string();
    assert!(error.contains("taxonomy.ron"), "{error}");
}

#[test]
fn a_mask_of_another_shape_or_an_unreadable_image_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let labels = random_labels(20, 10, 7, 1);
    for name in ["a.png", "b.png", "c.png"] {
        write_pair(root, name, name, &labels);
    }
    let masks = root.join("masks");
    fs::write(masks.join("a.png"), encode_mask_png(&labels.resize_nearest(40, 20), &taxonomy()).unwrap()).unwrap();
    fs::write(masks.join("b.png"), encode_mask_png(&labels.crop(0, 0, 19, 10), &taxonomy()).unwrap()).unwrap();
    fs::write(root.join("images/c.png"), "not an image").unwrap();
    let source = open(root.to_str().unwrap(), &asking(Taxonomy { groups: Vec::new(), ..taxonomy() })).unwrap();
    assert_eq!(source.sample(0, 10).unwrap().labels, labels.crop(5, 0, 10, 10));
    let error = source.sample(1, 10).unwrap_err().to_string();
    assert!(error.contains("b.png") && error.contains("19×10"), "{error}");
    assert!(source.sample(2, 10).unwrap_err().to_string().contains("c.png"));
}
