//! Clothing Co-Parsing: a small folder written here, and the real one where it lies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::mat5::tests::Writer;
use super::{OpenOptions, SampleSource, open};
use crate::taxonomy::Taxonomy;
use image::{Rgb, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const WRITER: Writer = Writer { big_endian: false };
const NAMES: [&str; 5] = ["null", "hair", "skin", "t-shirt", "purse"];

/// Columns of a 4×6 picture, top to bottom: hair over face over a shirt, a hand with a purse.
const COLUMNS: [[u8; 6]; 4] = [[0, 1, 2, 3, 3, 0], [0, 1, 2, 3, 3, 0], [0, 0, 0, 3, 3, 0], [0, 0, 0, 0, 2, 4]];

fn write_folder(root: &Path, truth: &[u8]) {
    fs::create_dir_all(root.join("photos")).unwrap();
    fs::create_dir_all(root.join("annotations/pixel-level")).unwrap();
    let photo = RgbImage::from_fn(4, 6, |_, y| Rgb(if y >= 3 { [170, 45, 55] } else { [90, 90, 90] }));
    photo.save(root.join("photos/0007.jpg")).unwrap();
    let truth = WRITER.bytes_matrix("groundtruth", 6, 4, truth);
    fs::write(root.join("annotations/pixel-level/0007.mat"), WRITER.file(&[truth], true)).unwrap();
    let list = WRITER.cell_of_text("label_list", &NAMES);
    fs::write(root.join("label_list.mat"), WRITER.file(&[list], true)).unwrap();
}

#[test]
fn a_pair_is_read_merged_and_padded() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), COLUMNS.as_flattened());
    let source = open(folder.path().to_str().unwrap(), &OpenOptions::default()).unwrap();
    let taxonomy = Taxonomy::builtin("outfit").unwrap();
    assert_eq!((source.len(), source.taxonomy()), (1, &taxonomy));
    let sample = source.sample(0, 6).unwrap();
    let id = |name: &str| taxonomy.label_id(name).unwrap();
    let [hair, face, skin, upper, accessory] = ["hair", "face", "skin", "upper", "accessory"].map(id);
    assert_eq!(
        sample.labels.ids(),
        [
            [0, 0, 0, 0, 0, 0],
            [0, hair, hair, 0, 0, 0],
            [0, face, face, 0, 0, 0],
            [0, upper, upper, upper, 0, 0],
            [0, upper, upper, upper, skin, 0],
            [0, 0, 0, 0, accessory, 0],
        ]
        .as_flattened()
    );
    assert_eq!(sample.name, "0007");
    assert_eq!(source.size_px(0).unwrap(), Some((4, 6)));
}

#[test]
fn wrong_annotations_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let error = || open(root.to_str().unwrap(), &OpenOptions::default()).unwrap().sample(0, 8).unwrap_err().to_string();
    let mut unknown = COLUMNS;
    unknown[3][5] = 5;
    write_folder(root, unknown.as_flattened());
    assert!(error().contains("0007.mat: label 5; expected 0–4"), "{}", error());
    RgbImage::new(5, 6).save(root.join("photos/0007.jpg")).unwrap();
    assert!(error().contains("0007.mat: `groundtruth` is [6, 4]"), "{}", error());

    fs::rename(root.join("photos/0007.jpg"), root.join("photos/0008.jpg")).unwrap();
    let error = open(root.to_str().unwrap(), &OpenOptions::default()).err().unwrap().to_string();
    assert!(error.contains("0007.mat has no photo"), "{error}");
    let asking = OpenOptions { taxonomy: Taxonomy::builtin("portrait"), ..OpenOptions::default() };
    let error = open(root.to_str().unwrap(), &asking).err().unwrap().to_string();
    assert!(error.contains("`portrait` is asked for"), "{error}");
}

/// The real data set: `$SCGAN_DATA/clothing-co-parsing`, else beside the repository.
fn real() -> Option<Arc<dyn SampleSource>> {
    let data = std::env::var_os("SCGAN_DATA").map_or_else(|| "../shared/data".into(), PathBuf::from);
    let root = data.join("clothing-co-parsing");
    if !root.is_dir() {
        println!("skipped: no Clothing Co-Parsing at {}; set SCGAN_DATA to the folder that holds it", root.display());
        return None;
    }
    Some(open(root.to_str().unwrap(), &OpenOptions::default()).unwrap())
}

#[test]
fn real_pairs_show_dressed_people() {
    let Some(source) = real() else { return };
    let taxonomy = source.taxonomy();
    let clothes = ["upper", "full_body", "lower"].map(|name| usize::from(taxonomy.label_id(name).unwrap()));
    let [face, hair] = ["face", "hair"].map(|name| usize::from(taxonomy.label_id(name).unwrap()));
    let mut with_face = 0;
    for index in (0..source.len()).step_by(source.len() / 8) {
        let sample = source.sample(index, 128).unwrap();
        let counts = sample.labels.histogram();
        assert!(clothes.iter().map(|id| counts[*id]).sum::<u64>() > 128 * 128 / 50, "{}: no clothes", sample.name);
        assert!(counts[0] > 128 * 128 / 4, "{}: no background", sample.name);
        with_face += usize::from(counts[face] > 0 && counts[hair] > 0);
        for (range, _) in taxonomy.group_ranges().take(2) {
            assert_eq!(sample.attributes[range].iter().sum::<f32>(), 1.0);
        }
    }
    assert!(with_face >= 6, "only {with_face} faces in 8 photos");
}
