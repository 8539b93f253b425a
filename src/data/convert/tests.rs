//! Round trips, and conversions that end early.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::data;
use crate::data::procedural::{self, Kind};
use crate::taxonomy::Taxonomy;
use std::ops::ControlFlow;
use std::sync::Arc;

fn on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn open(root: &Path) -> Arc<dyn SampleSource> {
    data::open(root.to_str().unwrap(), None, 0).unwrap()
}

fn plan(format: Format) -> Plan {
    Plan { format, resolution: 32, limit: None }
}

/// What is in the folder, without hidden files, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn folder_to_shards_to_folder_loses_nothing() {
    let place = tempfile::tempdir().unwrap();
    let [first, shards, second] = ["first", "shards", "new/second"].map(|name| place.path().join(name));
    let drawn = procedural::source(Kind::Portrait, 2).with_len(9);
    let png = Format::Folder(ImageEncoding::Png);
    let written = convert(&drawn, &first, &plan(png), &mut on).unwrap();
    assert_eq!((written.samples, written.files), (9, 9 * 2 + 2));
    assert_eq!(names(&first), ["attributes.csv", "images", "masks", "taxonomy.ron"]);
    convert(open(&first).as_ref(), &shards, &plan(Format::Shards), &mut on).unwrap();
    assert_eq!(names(&shards), ["shard-00000.scgshard"]);
    fs::create_dir_all(&second).unwrap();
    convert(open(&shards).as_ref(), &second, &plan(png), &mut on).unwrap();

    for root in [&first, &shards, &second] {
        let source = open(root);
        assert_eq!((source.len(), source.taxonomy()), (9, drawn.taxonomy()));
        for index in 0..9 {
            assert_eq!(source.sample(index, 32).unwrap(), drawn.sample(index, 32).unwrap(), "{}", root.display());
        }
    }
    // The same folder, file by file.
    for folder in ["images", "masks"] {
        for name in names(&first.join(folder)) {
            assert_eq!(
                fs::read(first.join(folder).join(&name)).unwrap(),
                fs::read(second.join(folder).join(&name)).unwrap()
            );
        }
    }
    assert_eq!(names(place.path()), ["first", "new", "shards"]);
}

#[test]
fn a_limit_jpegs_and_no_attributes() {
    let place = tempfile::tempdir().unwrap();
    let destination = place.path().join("few");
    let mut taxonomy = Taxonomy::builtin("portrait").unwrap();
    taxonomy.groups.clear();
    let source = Bare { taxonomy, names: vec!["same", "Same", "a/b", "", "unused"] };
    let plan = Plan { limit: Some(4), ..plan(Format::Folder(ImageEncoding::Jpeg)) };
    let written = convert(&source, &destination, &plan, &mut on).unwrap();
    assert_eq!(written.samples, 4);
    assert_eq!(names(&destination), ["images", "masks", "taxonomy.ron"]);
    assert_eq!(names(&destination.join("images")), ["Same-2.jpg", "a_b.jpg", "image.jpg", "same.jpg"]);
    assert_eq!(open(&destination).len(), 4);
}

#[test]
fn a_destination_that_is_taken_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let source = procedural::source(Kind::Outfit, 2).with_len(1);
    fs::write(place.path().join("file"), "mine").unwrap();
    for taken in [place.path().to_path_buf(), place.path().join("file")] {
        let error = convert(&source, &taken, &plan(Format::Shards), &mut on).unwrap_err().to_string();
        assert!(error.contains(taken.to_str().unwrap()) && error.contains("already"), "{error}");
    }
    assert_eq!(names(place.path()), ["file"]);
    let free = place.path().join("free");
    for (format, resolution) in
        [(Format::Shards, 0), (Format::Shards, 4096), (Format::Folder(ImageEncoding::Png), 10_000)]
    {
        let error =
            convert(&source, &free, &Plan { format, resolution, limit: None }, &mut on).unwrap_err().to_string();
        assert!(error.contains(&resolution.to_string()), "{error}");
    }
    assert!(!free.exists());
}

/// Wherever it is broken off, or a sample fails, nothing is left.
#[test]
fn what_ends_early_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let destination = place.path().join("new");
    let source = procedural::source(Kind::Outfit, 2).with_len(6);
    let failing = Bare { taxonomy: Taxonomy::builtin("portrait").unwrap(), names: vec!["a", "b", "wrong", "c"] };
    for format in [Format::Shards, Format::Folder(ImageEncoding::Png)] {
        for after in 0..=6 {
            let mut until = |done, _| if done < after { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
            let cancelled = convert(&source, &destination, &plan(format), &mut until);
            assert!(matches!(cancelled, Err(DataError::Cancelled)), "after {after}");
            assert_eq!(names(place.path()), [""; 0], "after {after}");
        }
        let error = convert(&failing, &destination, &plan(format), &mut on).unwrap_err().to_string();
        assert!(error.contains("sample 2"), "{error}");
        assert_eq!(names(place.path()), [""; 0]);
    }
}

/// A killed process leaves the hidden folder as it is at that moment. Whatever is in it by then, it is no data set.
#[test]
fn a_half_written_folder_does_not_open() {
    let place = tempfile::tempdir().unwrap();
    let destination = place.path().join("new");
    let source = procedural::source(Kind::Outfit, 2).with_len(6);
    for format in [Format::Shards, Format::Folder(ImageEncoding::Png)] {
        let mut looked_at = 0;
        let mut look = |done, len| {
            for entry in place.path().read_dir().unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                assert!(name.starts_with(".new.") && name.ends_with(".part"), "{name}");
                let opened = data::open(path.to_str().unwrap(), None, 0);
                // Once all is written, only what makes it durable and the rename are missing.
                assert!(opened.is_err() || done == len, "opens after {done} of {len} samples");
                looked_at += 1;
            }
            ControlFlow::Continue(())
        };
        convert(&source, &destination, &plan(format), &mut look).unwrap();
        assert!(looked_at >= 6);
        fs::remove_dir_all(&destination).unwrap();
    }
}

/// Samples of one colour with these names; the one named `wrong` has a label that the taxonomy lacks.
struct Bare {
    taxonomy: Taxonomy,
    names: Vec<&'static str>,
}

impl SampleSource for Bare {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn describe(&self) -> String {
        "bare".to_owned()
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let label = if self.names[index] == "wrong" { 200 } else { 1 };
        Ok(Sample {
            name: self.names[index].to_owned(),
            image: image::RgbImage::new(resolution, resolution),
            labels: crate::label_image::LabelImage::new(resolution, resolution, label),
            attributes: self.taxonomy.default_attributes(),
        })
    }
}
