//! `scgan dataset templates`: the masks of the bundled templates, for whoever develops the program.

use std::io::Cursor;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use image::{ImageFormat, RgbImage, imageops};
use serde_json::json;

use crate::atomic_file::write_atomic;
use crate::characters::Studio;
use crate::cli::report::Report;
use crate::gpu::DeviceChoice;
use crate::label_image::{LabelImage, encode_mask_png};
use crate::taxonomy::Taxonomy;
use crate::templates::{TEMPLATE_SIDE_PX, template, templates};

const SHEET_COLUMNS: u32 = 5;
/// Side of a picture on the sheet.
const SHEET_CELL_PX: u32 = 256;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan --device cpu dataset templates --assets makehuman/data --out assets/templates --sheet templates.png

Writes a mask for each template of the program, which holds them after the next build. The same device writes the same files.")]
pub(in crate::cli) struct Arguments {
    /// MakeHuman's `data` folder
    #[arg(long, value_name = "DIR")]
    assets: PathBuf,
    /// The folder of the masks
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Templates, separated by commas; without it, all
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// Write the people over their masks to this PNG
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let Arguments { assets, out, only, sheet } = arguments;
    if let Some(unknown) = only.iter().find(|name| template(name).is_none()) {
        bail!("--only {unknown}: no template has this name; src/templates.rs lists them");
    }
    let studio = Studio::open(assets, device)?;
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|own| own == name);
    let (mut drawn, mut bytes) = (Vec::new(), 0);
    for template in templates().iter().filter(|template| is_wanted(template.name)) {
        let taxonomy = Taxonomy::builtin(template.taxonomy);
        let taxonomy = taxonomy.ok_or_else(|| anyhow!("taxonomy {} is not in this build", template.taxonomy))?;
        let picture = studio.template(template, TEMPLATE_SIDE_PX, &taxonomy)?;
        let labels = LabelImage::from_ids(TEMPLATE_SIDE_PX, TEMPLATE_SIDE_PX, picture.labels)?;
        let png = encode_mask_png(&labels, &taxonomy)?;
        let path = out.join(format!("{}.png", template.name));
        write_atomic(&path, &png).with_context(|| path.display().to_string())?;
        bytes += png.len();
        drawn.push([picture.image, labels.to_rgb(&taxonomy)]);
    }
    if let Some(path) = sheet {
        let mut png = Cursor::new(Vec::new());
        contact_sheet(&drawn).write_to(&mut png, ImageFormat::Png)?;
        write_atomic(path, png.get_ref()).with_context(|| path.display().to_string())?;
    }
    let count = drawn.len();
    let text = format!("{}: {count} masks, {} kB, on {}\n", out.display(), bytes / 1000, studio.device());
    Ok(Report { text, json: json!({ "out": out, "masks": count, "bytes": bytes, "device": studio.device() }) })
}

/// Each picture over its mask.
fn contact_sheet(drawn: &[[RgbImage; 2]]) -> RgbImage {
    let rows = (drawn.len() as u32).div_ceil(SHEET_COLUMNS);
    let mut sheet = RgbImage::new(SHEET_COLUMNS * SHEET_CELL_PX, 2 * rows * SHEET_CELL_PX);
    for (pair, place) in drawn.iter().zip(0..) {
        for (image, row) in pair.iter().zip(2 * (place / SHEET_COLUMNS)..) {
            let small = imageops::thumbnail(image, SHEET_CELL_PX, SHEET_CELL_PX);
            let at = [place % SHEET_COLUMNS, row].map(|cell| i64::from(cell * SHEET_CELL_PX));
            imageops::replace(&mut sheet, &small, at[0], at[1]);
        }
    }
    sheet
}
