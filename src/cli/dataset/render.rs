//! `scgan dataset render`: pictures of people with exact masks and attributes, from MakeHuman's data.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use image::ImageFormat;
use serde_json::json;

use super::Progress;
use crate::atomic_file::write_atomic;
use crate::characters::Kind;
use crate::cli::report::Report;
use crate::data::{CharacterSource, DataError, contact_sheet, first_samples, render};
use crate::gpu::DeviceChoice;

/// Samples on a sheet.
const ON_SHEET: usize = 64;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan dataset render --assets makehuman/data --kind face --count 20000 --size 128 --out faces/
  scgan dataset render --assets makehuman/data --kind outfit --count 24 --size 256 --out try/ --sheet outfits.png

DIR is the `data` folder of a MakeHuman installation; its assets are CC0. Everybody that is rendered is an adult and clothed.
The folder is a plain data set that `train`, `inspect` and `convert` read. The same seed gives the same pictures on the same
device. Ctrl-C stops; the same command goes on. --device cpu renders on a software adapter such as Mesa's lavapipe.")]
pub(in crate::cli) struct Arguments {
    /// MakeHuman's `data` folder
    #[arg(long, value_name = "DIR")]
    assets: PathBuf,
    /// What is rendered
    #[arg(long, value_enum)]
    kind: KindName,
    /// Number of samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Side of the pictures in pixels
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(16..=1024))]
    size: u32,
    /// What the people are drawn from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The folder; what an earlier start rendered into it stays
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the first samples over their masks to this PNG or JPEG
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KindName {
    /// Head and shoulders, taxonomy `portrait`
    Face,
    /// Whole figures, taxonomy `outfit`
    Outfit,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let Arguments { assets, count, size, seed, out, sheet, .. } = arguments;
    let format = sheet.as_deref().map(sheet_format).transpose()?;
    let kind = match arguments.kind {
        KindName::Face => Kind::Face,
        KindName::Outfit => Kind::Outfit,
    };
    let source = CharacterSource::open(assets, device, kind, *seed, *count as usize)?;
    let began = Instant::now();
    let rendered = {
        let progress = Progress::new("rendering")?;
        render(&source, out, *size, &mut |done, of| progress.show(done, of))
    };
    let rendered = match rendered {
        Err(DataError::Cancelled) => bail!("{}: interrupted; the same command goes on", out.display()),
        rendered => rendered?,
    };
    let seconds = began.elapsed().as_secs_f64();
    if let (Some(path), Some(format)) = (sheet, format) {
        write_sheet(path, format, &source, out)?;
    }
    let new = rendered.samples - rendered.kept;
    let per_second = new as f64 / seconds.max(1e-9);
    let text = format!(
        "{}: {} samples of {size} px, {new} of them new in {seconds:.1} s ({per_second:.1} images/s on {}); taxonomy `{}`\n",
        out.display(),
        rendered.samples,
        source.device(),
        kind.taxonomy(),
    );
    let json = json!({
        "out": out, "kind": kind.name(), "seed": seed, "size": size, "samples": rendered.samples, "kept": rendered.kept,
        "seconds": seconds, "images_per_second": per_second, "device": source.device(), "sheet": sheet,
    });
    Ok(Report { text, json })
}

fn sheet_format(path: &Path) -> anyhow::Result<ImageFormat> {
    match ImageFormat::from_path(path) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => Ok(format),
        _ => bail!("{}: the sheet is a PNG or a JPEG; choose a name that ends so", path.display()),
    }
}

fn write_sheet(path: &Path, format: ImageFormat, source: &CharacterSource, folder: &Path) -> anyhow::Result<()> {
    let samples = first_samples(source, folder, ON_SHEET)?;
    let mut bytes = Cursor::new(Vec::new());
    contact_sheet(source, &samples).write_to(&mut bytes, format)?;
    write_atomic(path, bytes.get_ref()).with_context(|| path.display().to_string())
}
