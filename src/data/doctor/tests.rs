//! Small folders with known contents and known faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::label_image::{LabelImage, encode_mask_png};
use crate::taxonomy::{GroupKind, Taxonomy};
use std::fs;
use std::ops::ControlFlow;
use tempfile::TempDir;

fn on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn taxonomy() -> Taxonomy {
    let mut taxonomy = Taxonomy::builtin("celeba-7").unwrap();
    taxonomy.groups[0].kind = GroupKind::AtMostOne;
    taxonomy
}

fn labels(side: u32, left: u8) -> LabelImage {
    let mut labels = LabelImage::new(side, side, 0);
    for x in 0..side / 2 {
        (0..side).for_each(|y| labels.set(x, y, left));
    }
    labels
}

fn write_mask(root: &Path, name: &str, labels: &LabelImage) {
    fs::write(root.join(format!("masks/{name}.png")), encode_mask_png(labels, &taxonomy()).unwrap()).unwrap();
}

fn write_image(root: &Path, name: &str, side: u32, red: u8) {
    let image = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([red, (x * 255 / side) as u8, (y * 7) as u8]));
    image.save(root.join(format!("images/{name}.png"))).unwrap();
}

/// Three good pairs, one without a mask, one unreadable, one with two hair colours. Returns the folder and its path as text.
pub(in crate::data) fn small_folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("taxonomy.ron"), taxonomy().to_ron().unwrap()).unwrap();
    fs::create_dir(root.join("images")).unwrap();
    fs::create_dir(root.join("masks")).unwrap();
    let mut rows = "file,Black_Hair,Blond_Hair,Brown_Hair,Male,Young\n".to_owned();
    for (red, (name, side, row)) in [
        ("a", 32, "1,0,0,0,0"),
        ("b", 32, "0,0,0,0,0"),
        ("c", 16, "1,0,0,0,0"),
        ("maskless", 16, "0,0,0,0,0"),
        ("broken", 16, "0,0,0,0,0"),
        ("motley", 16, "1,1,0,0,0"),
    ]
    .into_iter()
    .enumerate()
    {
        rows += &format!("{name},{row}\n");
        write_image(root, name, side, 40 * red as u8);
        write_mask(root, name, &labels(side, u8::from(name == "a")));
    }
    fs::write(root.join("attributes.csv"), rows).unwrap();
    fs::remove_file(root.join("masks/maskless.png")).unwrap();
    fs::write(root.join("images/broken.png"), "nothing").unwrap();
    let spec = root.to_str().unwrap().to_owned();
    (folder, spec)
}

#[test]
fn counts_and_problems_of_a_small_folder() {
    let (_folder, spec) = small_folder();
    let mut steps = Vec::new();
    let mut count = |done, of| {
        steps.push((done, of));
        ControlFlow::Continue(())
    };
    let report = inspect(&spec, &OpenOptions::default(), &mut count).unwrap();
    steps.dedup();
    // While names are read, nobody knows how many there are.
    let (indexing, scanning) = steps.split_at(1);
    assert_eq!(indexing, [(0, 0)]);
    assert_eq!(scanning, (0..=5).map(|done| (done, 5)).collect::<Vec<_>>());
    assert_eq!((report.samples, report.readable, report.n_problems), (5, 3, 3));
    let expected =
        [("maskless", ProblemKind::Missing), ("broken", ProblemKind::Unreadable), ("motley", ProblemKind::Attributes)];
    assert_eq!(report.problems.len(), expected.len());
    for (problem, (name, kind)) in report.problems.iter().zip(expected) {
        assert!(problem.message.contains(name) && problem.kind == kind, "{problem:?}");
        assert_eq!(report.problem_kinds[&kind], 1);
    }
    let size = |side, images| SizeCount { width: side, height: side, images };
    assert_eq!(report.sizes, [size(32, 2), size(16, 1)]);
    assert_eq!((report.labels[0].images, report.labels[1].images, report.labels[2].images), (3, 1, 0));
    assert_eq!(report.labels[1].pixels, 128 * 64);
    assert!((report.labels[1].share - 1.0 / 6.0).abs() < 1e-9);
    assert_eq!((report.attributes[0].images, report.attributes[1].images), (2, 0));
    assert_eq!((report.n_duplicates, report.n_lookalikes), (0, 0));
    let shown: Vec<&str> = report.previews.iter().map(|preview| preview.name.as_str()).collect();
    assert_eq!(shown, ["a", "b", "c", "motley"], "all that can be decoded");
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains("\"n_problems\":3") && json.contains("\"unreadable\":1"), "{json}");
}

#[test]
fn the_blocking_message_names_the_first_problem_and_the_number_of_others() {
    let (folder, spec) = small_folder();
    let root = folder.path();
    let blocking = || inspect(&spec, &OpenOptions::default(), &mut on).unwrap().blocking();
    let message = blocking().unwrap();
    assert!(message.contains("maskless.png") && message.contains("2 more problems (3 of 5"), "{message}");
    fs::remove_file(root.join("images/maskless.png")).unwrap();
    fs::remove_file(root.join("images/broken.png")).unwrap();
    let message = blocking().unwrap();
    assert!(message.contains("motley") && message.contains("at most one") && !message.contains("more"), "{message}");
    fs::remove_file(root.join("images/motley.png")).unwrap();
    assert_eq!(blocking(), None);
    for name in ["a", "b", "c"] {
        fs::remove_file(root.join(format!("images/{name}.png"))).unwrap();
    }
    assert!(blocking().unwrap().contains("no samples"));
}

#[test]
fn a_foreign_id_is_told_from_damage() {
    let (folder, spec) = small_folder();
    image::GrayImage::from_pixel(32, 32, image::Luma([7])).save(folder.path().join("masks/b.png")).unwrap();
    let report = inspect(&spec, &OpenOptions::default(), &mut on).unwrap();
    assert_eq!(report.problem_kinds[&ProblemKind::ForeignLabel], 1);
    let found = report.problems.iter().find(|problem| problem.kind == ProblemKind::ForeignLabel).unwrap();
    assert!(found.message.contains("b.png") && found.message.contains("label id 7"), "{found:?}");
}

#[test]
fn equal_pictures_are_duplicates_whatever_their_files_say() {
    let (folder, spec) = small_folder();
    let root = folder.path();
    fs::remove_file(root.join("images/maskless.png")).unwrap();
    // The pixels of a, encoded otherwise, with another mask.
    let image = image::open(root.join("images/a.png")).unwrap();
    image.save_with_format(root.join("images/copy.webp"), image::ImageFormat::WebP).unwrap();
    write_mask(root, "copy", &labels(32, 2));
    // One pixel of a differs: at 128 px that shows, and so it does at 32.
    let mut retouched = image.to_rgb8();
    retouched.get_pixel_mut(3, 3).0[0] ^= 1;
    retouched.save(root.join("images/retouched.png")).unwrap();
    write_mask(root, "retouched", &labels(32, 1));
    let mut rows = fs::read_to_string(root.join("attributes.csv")).unwrap();
    rows += "copy,0,0,0,0,0\nretouched,0,0,0,0,0\n";
    fs::write(root.join("attributes.csv"), rows).unwrap();

    let report = inspect(&spec, &OpenOptions::default(), &mut on).unwrap();
    let twins = Duplicates { images: 2, names: vec!["a".to_owned(), "copy".to_owned()], masks_differ: true };
    assert_eq!((report.n_duplicates, report.duplicates.as_slice()), (1, &[twins][..]));
    assert_eq!((report.n_lookalikes, report.lookalikes.len()), (1, 1));
    assert_eq!(report.lookalikes[0], ["a", "retouched"]);
    let remarks = report.remarks().join("\n");
    assert!(remarks.contains("different masks") && remarks.contains("Brown_Hair"), "{remarks}");
}

#[test]
fn a_scan_that_is_broken_off_reports_nothing() {
    let mut asked = 0;
    let mut ten = |_, _| {
        asked += 1;
        if asked < 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let cancelled = inspect("procedural:portrait", &OpenOptions::default(), &mut ten);
    assert!(matches!(cancelled, Err(DataError::Cancelled)));
}

#[test]
fn a_report_is_kept_until_a_file_changes() {
    let (folder, spec) = small_folder();
    let cache = tempfile::tempdir().unwrap();
    let look = || {
        let mut samples_read = 0;
        let mut count = |done, _| {
            samples_read = done;
            ControlFlow::Continue(())
        };
        let report = checked(&spec, &OpenOptions::default(), Some(cache.path()), &mut count).unwrap();
        (report, samples_read)
    };
    let (first, read) = look();
    assert_eq!(read, 5);
    let (again, read) = look();
    assert_eq!((read, &again), (0, &first));

    // Each change costs one scan, and the report says what is there now.
    type Change = fn(&Path);
    let changes: [(Change, usize); 4] = [
        (|root| write_image(root, "broken", 16, 90), 4),
        (|root| write_mask(root, "maskless", &labels(16, 0)), 5),
        (|root| fs::remove_file(root.join("images/c.png")).unwrap(), 4),
        (
            |root| {
                let table = root.join("attributes.csv");
                let rows = fs::read_to_string(&table).unwrap().replace("motley,1,1", "motley,1,0");
                fs::write(table, rows).unwrap();
            },
            5,
        ),
    ];
    for (change, readable) in changes {
        change(folder.path());
        let (report, read) = look();
        assert_eq!((report.readable, read), (readable, report.samples));
        assert_eq!(look(), (report, 0));
    }
    // Nothing tells when drawn data changes, so it is never kept.
    let before = fs::read_dir(cache.path()).unwrap().count();
    let mut stop = |done, _| if done < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    checked("procedural:outfit", &OpenOptions::default(), Some(cache.path()), &mut stop).unwrap_err();
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), before);
}

#[test]
fn damaged_reports_are_made_anew() {
    let (_folder, spec) = small_folder();
    let cache = tempfile::tempdir().unwrap();
    let report = checked(&spec, &OpenOptions::default(), Some(cache.path()), &mut on).unwrap();
    for entry in fs::read_dir(cache.path()).unwrap() {
        fs::write(entry.unwrap().path(), "(version: 1, report: (").unwrap();
    }
    assert_eq!(checked(&spec, &OpenOptions::default(), Some(cache.path()), &mut on).unwrap(), report);
    // A file where the folder should be: no cache, but a report all the same.
    let file = cache.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(checked(&spec, &OpenOptions::default(), Some(&file), &mut on).unwrap(), report);
}

#[test]
fn a_glance_opens_no_image() {
    let (folder, spec) = small_folder();
    for name in ["a", "b"] {
        fs::write(folder.path().join(format!("images/{name}.png")), "nothing").unwrap();
    }
    let glance = glance(&spec, &OpenOptions::default()).unwrap();
    assert_eq!((glance.samples, glance.n_problems, glance.labels, glance.attributes), (5, 1, 7, 5));
    assert!(glance.problems[0].contains("maskless"));
}
