//! How many samples a second the loader delivers, decoded and resized, from folders and from packed shards.
//!
//! `cargo bench --profile release --bench loader` prints images/s with one thread and with two. The files are made for it and lie in
//! the system's cache, so this is the work of the processor, not of the disk. More data sets can be named as arguments:
//! `-- DIR…`. Nothing here fails on a slow machine.

use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage, imageops};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use scgan::data::convert::{Format, Plan, convert};
use scgan::data::procedural::{self, Kind};
use scgan::data::{self, Cursor as Place, Loader, LoaderConfig, SampleSource};
use scgan::label_image::encode_mask_png;
use scgan::taxonomy::Taxonomy;

const N_IMAGES: usize = 64;
const BATCH: usize = 16;
const RESOLUTION: u32 = 128;
const MEASURED: Duration = Duration::from_secs(3);
/// Width and height of the photographs: those of Clothing Co-Parsing, of CelebA, and of CelebA-HQ at half size.
const SIZES: [(u32, u32); 3] = [(550, 830), (178, 218), (512, 512)];
/// As the cameras of both data sets compressed.
const JPEG_QUALITY: u8 = 90;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let place = tempfile::tempdir()?;
    let taxonomy = Taxonomy { groups: Vec::new(), ..Taxonomy::builtin("outfit").ok_or("no taxonomy `outfit`")? };
    println!("{:<42}{:>12}{:>12}{:>8}{:>12}", "images/s at 128 px", "1 thread", "2 threads", "2 : 1", "× the first");
    let mut table = Table { first: None };
    for (width, height) in SIZES {
        let photos = photographs(width, height)?;
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let name = format!("{width}×{height} {format:?}, masks PNG");
            let root = place.path().join(&name);
            write_folder(&root, &photos, format, &taxonomy)?;
            table.row(&name, &open(&root)?)?;
        }
    }
    let photos = open(&place.path().join(format!("{}×{} {:?}, masks PNG", SIZES[0].0, SIZES[0].1, ImageFormat::Jpeg)))?;
    for side in [RESOLUTION, 2 * RESOLUTION] {
        let root = place.path().join(format!("shards of {side} px"));
        let plan = Plan { format: Format::Shards, resolution: side, limit: None };
        convert(photos.as_ref(), &root, &plan, &mut |_, _| ControlFlow::Continue(()))?;
        let resized = if side == RESOLUTION { "" } else { ", resized" };
        table.row(&format!("packed shards of {side} px{resized}"), &open(&root)?)?;
    }
    table.row("procedural:outfit, drawn", &data::open("procedural:outfit", None, 1)?)?;
    // cargo itself passes --bench.
    for spec in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        table.row(&spec, &data::open(&spec, None, 1)?)?;
    }
    Ok(())
}

/// Drawn figures with a camera's noise, which costs a decoder what a photograph does, and their masks.
fn photographs(width: u32, height: u32) -> Result<Vec<data::Sample>> {
    let drawn = procedural::source(Kind::Outfit, 3);
    let side = width.max(height);
    let mut noise = Pcg64Mcg::seed_from_u64(1);
    let (x, y) = ((side - width) / 2, (side - height) / 2);
    let photograph = |index| {
        let mut sample = drawn.sample(index, side)?;
        let mut image = imageops::crop_imm(&sample.image, x, y, width, height).to_image();
        for value in image.iter_mut() {
            *value = value.saturating_add_signed(noise.random_range(-6..=6));
        }
        sample.image = imageops::blur(&image, 0.6);
        sample.labels = sample.labels.crop(x, y, width, height);
        Ok(sample)
    };
    (0..N_IMAGES).map(photograph).collect()
}

fn write_folder(root: &Path, samples: &[data::Sample], format: ImageFormat, taxonomy: &Taxonomy) -> Result<()> {
    for folder in ["images", "masks"] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::write(root.join("taxonomy.ron"), taxonomy.to_ron()?)?;
    for sample in samples {
        let extension = format.extensions_str().first().ok_or("a format without an extension")?;
        fs::write(root.join(format!("images/{}.{extension}", sample.name)), encoded(&sample.image, format)?)?;
        fs::write(root.join(format!("masks/{}.png", sample.name)), encode_mask_png(&sample.labels, taxonomy)?)?;
    }
    Ok(())
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?,
        format => image.write_to(&mut bytes, format)?,
    }
    Ok(bytes.into_inner())
}

fn open(root: &Path) -> Result<Arc<dyn SampleSource>> {
    Ok(data::open(root.to_str().ok_or("a path that is not UTF-8")?, None, 0)?)
}

/// Prints rows, each compared with the first.
struct Table {
    first: Option<f64>,
}

impl Table {
    fn row(&mut self, name: &str, source: &Arc<dyn SampleSource>) -> Result<()> {
        let one = images_per_s(source, 1)?;
        let two = images_per_s(source, 2)?;
        let first = *self.first.get_or_insert(one);
        println!("{name:<42}{one:>12.0}{two:>12.0}{:>8.2}{:>12.1}", two / one, one / first);
        Ok(())
    }
}

fn images_per_s(source: &Arc<dyn SampleSource>, workers: usize) -> Result<f64> {
    let config = LoaderConfig { batch: BATCH, resolution: RESOLUTION, workers, flip: true, seed: 1 };
    let mut loader = Loader::new(Arc::clone(source), config, Place::default());
    // What was made ahead while nobody asked does not count.
    for _ in 0..2 * (4 + workers) {
        loader.next()?;
    }
    let (began, mut images) = (Instant::now(), 0);
    while began.elapsed() < MEASURED {
        images += loader.next()?.size;
    }
    Ok(images as f64 / began.elapsed().as_secs_f64())
}
