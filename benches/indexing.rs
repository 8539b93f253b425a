//! How long it takes to index 200,000 files, and how much memory: `cargo bench --profile release --bench indexing`.
//! Then how many images the loader decodes and resizes in a second.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scgan::data::{self, Loader, LoaderConfig, OpenOptions};
use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// Images, with as many masks: 200,000 files.
const PAIRS: usize = 100_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    for (name, make) in [("plain folder", plain as fn(&Path)), ("CelebA", celeba), ("CelebAMask-HQ parts", parts)] {
        let root = folder.path().join(name);
        let began = Instant::now();
        make(&root);
        let written = began.elapsed();
        let before = peak_mib();
        let began = Instant::now();
        let mut reports = 0;
        let source = data::open_with(root.to_str().unwrap(), &OpenOptions::default(), &mut |_| {
            reports += 1;
            ControlFlow::Continue(())
        });
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{name}: {} samples indexed in {seconds:.2} s, {reports} reports; peak memory {before} → {} MiB (written in {:.0} s)",
            source.unwrap().len(),
            peak_mib(),
            written.as_secs_f64()
        );
        fs::remove_dir_all(&root).unwrap();
    }
    for workers in [1, 2] {
        throughput(folder.path(), workers);
    }
}

/// The most memory this process has had; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn touch(folder: &Path, name: &str) {
    fs::File::create(folder.join(name)).unwrap();
}

fn plain(root: &Path) {
    let [images, masks] = ["images", "masks"].map(|name| root.join(name));
    [&images, &masks].iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let mut table = "file,Black_Hair,Blond_Hair,Brown_Hair,Male,Young\n".to_owned();
    for number in 0..PAIRS {
        touch(&images, &format!("photo_{number:06}.jpg"));
        touch(&masks, &format!("photo_{number:06}.png"));
        let _ = writeln!(table, "photo_{number:06}.jpg,0,1,0,{},1", number % 2);
    }
    fs::write(root.join("attributes.csv"), table).unwrap();
}

fn celeba(root: &Path) {
    let [images, masks] = ["img_align_celeba", "segmentation"].map(|name| root.join(name));
    [&images, &masks].iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let fixture = fs::read_to_string("tests/fixtures/datasets/celeba/list_attr_celeba.txt").unwrap();
    let mut lines = fixture.lines().skip(1);
    let mut table = format!("{PAIRS}\n{}\n", lines.next().unwrap());
    let values = lines.next().unwrap().split_once(' ').unwrap().1;
    let mut parts = String::new();
    for number in 1..=PAIRS {
        touch(&images, &format!("{number:06}.jpg"));
        touch(&masks, &format!("{number:06}.png"));
        let _ = writeln!(table, "{number:06}.jpg {values}");
        let _ = writeln!(parts, "{number:06}.jpg {}", number % 3);
    }
    fs::write(root.join("list_attr_celeba.txt"), table).unwrap();
    fs::write(root.join("list_eval_partition.txt"), parts).unwrap();
}

/// 13,000 images with 14 parts each: 195,000 files.
fn parts(root: &Path) {
    const NAMES: [&str; 14] = [
        "skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth", "u_lip", "l_lip", "hair",
        "neck", "cloth",
    ];
    let images = root.join("CelebA-HQ-img");
    fs::create_dir_all(&images).unwrap();
    for number in 0..13_000 {
        touch(&images, &format!("{number}.jpg"));
        let folder = root.join(format!("CelebAMask-HQ-mask-anno/{}", number / 2000));
        fs::create_dir_all(&folder).unwrap();
        NAMES.iter().for_each(|part| touch(&folder, &format!("{number:05}_{part}.png")));
    }
}

/// Real CelebA sizes: 178×218 JPEGs and PNG masks, to 128 px.
fn throughput(folder: &Path, workers: usize) {
    const IMAGES: usize = 400;
    let root = folder.join("throughput");
    let [images, masks] = ["img_align_celeba", "segmentation"].map(|name| root.join(name));
    [&images, &masks].iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let drawn = data::open("procedural:portrait", &OpenOptions::default()).unwrap();
    let fixture = fs::read_to_string("tests/fixtures/datasets/celeba/list_attr_celeba.txt").unwrap();
    let mut lines = fixture.lines().skip(1);
    let mut table = format!("{IMAGES}\n{}\n", lines.next().unwrap());
    let values = lines.next().unwrap().split_once(' ').unwrap().1;
    let mask = fs::read("tests/fixtures/datasets/celeba/segmentation/000001.png").unwrap();
    for number in 0..IMAGES {
        let sample = drawn.sample(number, 218).unwrap();
        let cut = image::imageops::crop_imm(&sample.image, 20, 0, 178, 218).to_image();
        cut.save(images.join(format!("{number:06}.jpg"))).unwrap();
        fs::write(masks.join(format!("{number:06}.png")), &mask).unwrap();
        let _ = writeln!(table, "{number:06}.jpg {values}");
    }
    fs::write(root.join("list_attr_celeba.txt"), table).unwrap();
    let source = data::open(root.to_str().unwrap(), &OpenOptions::default()).unwrap();
    let config = LoaderConfig { batch: 16, resolution: 128, workers, flip: true, seed: 1 };
    let mut loader = Loader::new(source, config, data::Cursor::default());
    (0..10).for_each(|_| drop(loader.next().unwrap()));
    let began = Instant::now();
    const BATCHES: usize = 200;
    (0..BATCHES).for_each(|_| drop(loader.next().unwrap()));
    println!(
        "loader, {workers} threads: {:.0} images/s of 178×218 to 128",
        (BATCHES * 16) as f64 / began.elapsed().as_secs_f64()
    );
    fs::remove_dir_all(&root).unwrap();
}
