//! Every format against small data sets that other programs wrote (`tests/fixtures/datasets`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Format, OpenOptions, Sample, SampleSource, Split, detect, open};
use crate::taxonomy::Taxonomy;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn fixture(name: &str) -> PathBuf {
    Path::new("tests/fixtures/datasets").join(name)
}

fn open_fixture(name: &str, options: &OpenOptions) -> Arc<dyn SampleSource> {
    open(fixture(name).to_str().unwrap(), options).unwrap()
}

fn usual(name: &str) -> Arc<dyn SampleSource> {
    open_fixture(name, &OpenOptions::default())
}

fn asking(taxonomy: &str) -> OpenOptions {
    OpenOptions { taxonomy: Taxonomy::builtin(taxonomy), ..OpenOptions::default() }
}

fn choosing(names: &[&str]) -> OpenOptions {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    OpenOptions { attributes: Some(names), ..OpenOptions::default() }
}

/// The taxonomy's labels without its attributes.
fn labels_of(taxonomy: &str) -> OpenOptions {
    let mut options = asking(taxonomy);
    options.taxonomy.as_mut().unwrap().groups.clear();
    options
}

fn label<'a>(source: &'a dyn SampleSource, sample: &Sample, x: u32, y: u32) -> &'a str {
    &source.taxonomy().labels[usize::from(sample.labels.get(x, y))].name
}

fn holding(source: &dyn SampleSource, sample: &Sample) -> Vec<String> {
    let values = source.taxonomy().attribute_names().zip(&sample.attributes);
    values.filter(|(_, value)| **value == 1.0).map(|(name, _)| name.to_owned()).collect()
}

fn part_sizes(name: &str) -> [usize; 3] {
    [Split::Train, Split::Validation, Split::Test].map(|split| {
        let options = OpenOptions { split, ..OpenOptions::default() };
        open(fixture(name).to_str().unwrap(), &options).map_or(0, |part| part.len())
    })
}

#[test]
fn celeba_is_cropped_to_its_middle() {
    assert_eq!(detect(&fixture("celeba")).unwrap(), Format::CelebA);
    let source = usual("celeba");
    assert_eq!((source.len(), source.taxonomy()), (4, &Taxonomy::builtin("celeba-7").unwrap()));
    assert_eq!(source.size_px(0).unwrap(), Some((178, 218)));
    let sample = source.sample(0, 178).unwrap();
    assert_eq!(sample.name, "000001");
    // The crop takes 20 rows from above.
    let at = |x: u32, y: u32| label(source.as_ref(), &sample, x, y - 20);
    assert_eq!(
        [at(50, 70), at(65, 100), at(110, 100), at(90, 120), at(75, 152), at(90, 157), at(10, 100)],
        ["skin", "left_eye", "right_eye", "nose", "lips", "inner_mouth", "background"]
    );
    let last = source.sample(3, 178).unwrap();
    assert_eq!(last.labels.get(0, 0), 0, "what is marked above the crop is gone");
    let red = |x| i32::from(sample.image.get_pixel(x, 90)[0]);
    assert!((red(160) - 200).abs() < 6 && (red(20) - 100).abs() < 6, "{} {}", red(160), red(20));
    assert_eq!(holding(source.as_ref(), &sample), ["Black_Hair", "Male"]);
    assert_eq!(holding(source.as_ref(), &last), ["Brown_Hair"]);
    assert_eq!(part_sizes("celeba"), [2, 1, 1]);
    let small = source.sample(0, 64).unwrap();
    assert_eq!((small.image.dimensions(), small.labels.width(), small.labels.height()), ((64, 64), 64, 64));
    assert_eq!(label(source.as_ref(), &small, 37 * 64 / 100, 24 * 64 / 89), "skin");
}

#[test]
fn any_attribute_of_celeba_can_be_chosen() {
    let source = open_fixture("celeba", &choosing(&["Smiling", "Male", "Bald"]));
    let names: Vec<&str> = source.taxonomy().attribute_names().collect();
    assert_eq!(names, ["Male", "Smiling", "Bald"]);
    source.taxonomy().validate().unwrap();
    let all = (0..4).map(|index| source.sample(index, 8).unwrap().attributes).collect::<Vec<_>>();
    assert_eq!(all, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
}

#[test]
fn celebamask_parts_are_painted_in_order() {
    for copy in ["CelebAMask-HQ-mask-anno", "CelebAMaskHQ-mask-anno"] {
        let folder = tempfile::tempdir().unwrap();
        copy_tree(&fixture("celebamask_parts"), folder.path());
        fs::rename(folder.path().join("CelebAMask-HQ-mask-anno"), folder.path().join("moved")).unwrap();
        fs::rename(folder.path().join("moved"), folder.path().join(copy)).unwrap();
        let source = open(folder.path().to_str().unwrap(), &OpenOptions::default()).unwrap();
        assert_eq!((source.len(), source.taxonomy().name.as_str()), (3, "celebamask-19"));
        let sample = source.sample(0, 32).unwrap();
        let at = |x, y| label(source.as_ref(), &sample, x, y);
        assert_eq!(
            [at(10, 3), at(10, 8), at(15, 16), at(11, 13), at(15, 23), at(9, 25), at(1, 1)],
            ["hat", "hair", "nose", "l_eye", "u_lip", "skin", "background"]
        );
        assert_eq!(holding(source.as_ref(), &sample), ["Gray_Hair", "Male"]);
        let hatless = source.sample(1, 32).unwrap();
        assert_eq!((hatless.name.as_str(), label(source.as_ref(), &hatless, 10, 3)), ("1999", "hair"));
        let last = source.sample(2, 32).unwrap();
        assert_eq!((last.name.as_str(), label(source.as_ref(), &last, 10, 3)), ("2000", "hat"));
    }
    assert_eq!(part_sizes("celebamask_parts"), [1, 1, 1]);
}

#[test]
fn celebamask_becomes_other_taxonomies() {
    let source = open_fixture("celebamask_parts", &asking("portrait"));
    let sample = source.sample(0, 32).unwrap();
    let at = |x, y| label(source.as_ref(), &sample, x, y);
    assert_eq!([at(10, 3), at(15, 16), at(11, 13), at(15, 23)], ["hair", "nose", "eyes", "lips"]);
    assert_eq!(holding(source.as_ref(), &sample), ["Grey_Hair", "Male", "Beard"]);
    let source = open_fixture("celebamask_parts", &asking("celeba-7"));
    let sample = source.sample(1, 32).unwrap();
    let at = |x, y| label(source.as_ref(), &sample, x, y);
    assert_eq!([at(10, 3), at(11, 13), at(15, 23)], ["background", "left_eye", "lips"]);
    assert_eq!(holding(source.as_ref(), &sample), ["Black_Hair", "Young"]);
}

#[test]
fn merged_celebamask_needs_no_attributes() {
    assert_eq!(detect(&fixture("celebamask_merged")).unwrap(), Format::CelebAMaskMerged);
    let source = usual("celebamask_merged");
    assert_eq!((source.len(), source.taxonomy().n_labels(), source.taxonomy().n_attributes()), (3, 19, 0));
    let sample = source.sample(2, 32).unwrap();
    for x in 0..32 {
        assert_eq!((sample.labels.get(x, 3), sample.labels.get(x, 30)), (x as u8 / 2, 18));
    }
}

#[test]
fn lapa_has_official_parts_and_merges() {
    let source = usual("lapa");
    assert_eq!((source.len(), source.taxonomy().n_labels(), source.taxonomy().n_attributes()), (4, 11, 0));
    let sample = source.sample(0, 48).unwrap();
    // Stripes of 5 px, one per label; the crop takes 6 px from the left.
    let stripe = |label: u32| 5 * label + 2 - 6;
    let names = [1, 2, 4, 6, 7, 8, 9].map(|id| label(source.as_ref(), &sample, stripe(id), 20));
    assert_eq!(names, ["skin", "brows", "eyes", "nose", "lips", "inner_mouth", "lips"]);
    assert_eq!(part_sizes("lapa"), [2, 1, 1]);
    let test = open_fixture("lapa", &OpenOptions { split: Split::Test, ..labels_of("celeba-7") });
    let sample = test.sample(0, 48).unwrap();
    assert_eq!(sample.name, "d_4");
    let names = [2, 4, 5, 8].map(|id| label(test.as_ref(), &sample, stripe(id), 20));
    assert_eq!(names, ["skin", "left_eye", "right_eye", "inner_mouth"]);
}

#[test]
fn lapa_takes_attributes_from_a_table() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("lapa"), folder.path());
    fs::write(folder.path().join("attributes.csv"), "file,Male,Glad\na_1,1,0\nb_2,0,0\nc_3,0,1\nd_4,1,1\n").unwrap();
    let source = open(folder.path().to_str().unwrap(), &OpenOptions::default()).unwrap();
    let all: Vec<Vec<f32>> = (0..4).map(|index| source.sample(index, 8).unwrap().attributes).collect();
    assert_eq!(source.taxonomy().attribute_names().collect::<Vec<_>>(), ["Male", "Glad"]);
    assert_eq!(all, [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
}

#[test]
fn multimodal_figures_stand_whole_in_their_square() {
    assert_eq!(detect(&fixture("multimodal")).unwrap(), Format::MultiModal);
    let source = usual("multimodal");
    assert_eq!((source.len(), source.taxonomy()), (2, &Taxonomy::builtin("outfit").unwrap()));
    let [man, woman] = [0, 1].map(|index| source.sample(index, 74).unwrap());
    // 12 px of padding on the left.
    let at = |sample: &Sample, x: u32, y: u32| label(source.as_ref(), sample, 12 + x, y).to_owned();
    assert_eq!(
        [at(&man, 25, 5), at(&man, 25, 10), at(&man, 25, 30), at(&man, 10, 20), at(&man, 25, 55), at(&man, 25, 72)],
        ["hair", "face", "upper", "skin", "lower", "footwear"]
    );
    assert_eq!(at(&woman, 25, 30), "full_body");
    let [his, hers] = [&man, &woman].map(|sample| holding(source.as_ref(), sample));
    assert!(his.contains(&"Male".to_owned()) && !his.contains(&"Patterned".to_owned()), "{his:?}");
    assert!(hers.contains(&"Patterned".to_owned()) && !hers.contains(&"Male".to_owned()), "{hers:?}");
    assert_eq!([&man, &woman].map(|sample| sample.attributes[..6].iter().sum::<f32>()), [1.0, 1.0]);

    let chosen = open_fixture("multimodal", &choosing(&["Short_Sleeves", "Lower_Denim", "Upper_Floral"]));
    let all = [0, 1].map(|index| chosen.sample(index, 8).unwrap().attributes);
    assert_eq!(all, [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    let legs = open_fixture("multimodal", &labels_of("fashion-7"));
    let man = legs.sample(0, 74).unwrap();
    let at = |x: u32, y: u32| label(legs.as_ref(), &man, 12 + x, y);
    assert_eq!([at(10, 20), at(25, 65), at(25, 30), at(25, 55)], ["arms", "legs", "upper_clothes", "pants_shorts"]);
}

/// What `make_fixtures.py` drew: colour and label of image `i` at column `x` and row `y`.
fn drawn(i: usize, x: usize, y: usize, width: usize, height: usize) -> ([f32; 3], u8) {
    let red = if y < height / 2 { 0.25 * (i % 4) as f32 } else { 0.0 };
    let green = if x < width / 2 { 0.5 } else { 0.0 };
    let mut label = 0;
    if y < height / 4 && x >= width / 2 {
        label = 1;
    }
    if (height / 4..height / 2).contains(&y) && (width / 4..width / 2).contains(&x) {
        label = 2;
    }
    if y >= height / 2 {
        label = 3 + (i % 4) as u8;
    }
    ([red, green, 1.0], label)
}

#[test]
fn fashion_synthesis_planes_are_turned_and_get_their_mean_back() {
    for (name, count, width, height) in
        [("fashion_synthesis_chunked", 5, 128, 128), ("fashion_synthesis_contiguous", 3, 12, 8)]
    {
        let source = usual(name);
        assert_eq!((source.len(), source.taxonomy()), (count, &Taxonomy::builtin("fashion-7").unwrap()));
        assert_eq!(source.size_px(0).unwrap(), Some((width as u32, height as u32)));
        for index in 0..count {
            let sample = source.sample(index, height as u32).unwrap();
            let left = (width - height) / 2;
            for (x, y) in (0..height).flat_map(|x| (0..height).map(move |y| (x, y))) {
                let (color, label) = drawn(index, left + x, y, width, height);
                let pixel = sample.image.get_pixel(x as u32, y as u32).0.map(|value| f32::from(value) / 255.0);
                assert!(
                    pixel.iter().zip(color).all(|(one, other)| (one - other).abs() < 0.003),
                    "{name} {index} ({x}, {y})"
                );
                assert_eq!(sample.labels.get(x as u32, y as u32), label, "{name} {index} ({x}, {y})");
            }
            assert_eq!(holding(source.as_ref(), &sample), [format!("Colour_{:02}", 1 + index * 5 % 17)]);
        }
        assert_eq!(part_sizes(name), [count - 1, 0, 1]);
        let chosen = open_fixture(name, &choosing(&["Sleeve_2", "Gender_1", "Category_08", "Colour_06"]));
        let names: Vec<&str> = chosen.taxonomy().attribute_names().collect();
        assert_eq!(names, ["Colour_06", "Sleeve_2", "Gender_1", "Category_08"]);
        assert_eq!(chosen.sample(1, 8).unwrap().attributes, [1.0; 4]);
        assert_eq!(chosen.sample(2, 8).unwrap().attributes, [0.0; 4]);
    }
}

#[test]
fn threads_read_the_same_samples() {
    let source = usual("fashion_synthesis_chunked");
    let expected: Vec<Sample> = (0..source.len()).map(|index| source.sample(index, 32).unwrap()).collect();
    std::thread::scope(|scope| {
        for shift in 0..4 {
            let (source, expected) = (&source, &expected);
            scope.spawn(move || {
                for step in 0..20 {
                    let index = (step * 3 + shift) % expected.len();
                    assert_eq!(source.sample(index, 32).unwrap(), expected[index]);
                }
            });
        }
    });
}

#[test]
fn parts_of_drawings_and_chosen_attributes_fit_together() {
    let options = OpenOptions { split: Split::Test, ..choosing(&["Young", "Male"]) };
    let part = open("procedural:portrait", &options).unwrap();
    let whole = open("procedural:portrait", &OpenOptions::default()).unwrap();
    assert!((1300..1700).contains(&part.len()), "{}", part.len());
    let sample = part.sample(3, 16).unwrap();
    let index = sample.name.rsplit_once('-').unwrap().1.parse().unwrap();
    let same = whole.sample(index, 16).unwrap();
    assert_eq!((&sample.image, &sample.labels), (&same.image, &same.labels));
    let of = |name| same.attributes[whole.taxonomy().attribute_index(name).unwrap()];
    assert_eq!(sample.attributes, [of("Male"), of("Young")]);
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
