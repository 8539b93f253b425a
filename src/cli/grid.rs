//! `scgan grid`: masks against latents, or against attributes, in one picture.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{anyhow, bail};
use serde_json::json;

use super::dataset::Progress;
use super::interpolate::filter;
use super::looks::{Shown, Source, Studio, model_for, overridden};
use super::report::Report;
use crate::document::Look;
use crate::export::{ExportError, FRAME_SIDE_RANGE, UpscaleFilter, write_sheet};
use crate::gpu::{self, DeviceChoice};
use crate::taxonomy::Taxonomy;
use crate::timeline::{Grid, MAX_GRID_PICTURES, attribute_combinations, seed_rows};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan grid template:left template:front template:right --seeds 1,2,3 --output latents.png
  scgan grid template:front template:laughing --vary Black_Hair,Blond_Hair,Male,Young --output attributes.png

Columns are masks: template:NAME, a session (.scgan) or a mask PNG. Rows are latents, one for each seed, or with --vary
every combination of attributes that can be on together.")]
pub(super) struct Arguments {
    /// The columns
    #[arg(value_name = "MASK", required = true)]
    masks: Vec<String>,
    /// The rows: a latent each
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [1u64, 2, 3])]
    seeds: Vec<u64>,
    /// The rows: every combination of these attributes, for the first seed
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    vary: Vec<String>,
    /// Bundled model or model file; without it, the one that suits the first mask
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// Attributes that are on, separated by commas, instead of each mask's own
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    attributes: Option<Vec<String>>,
    /// Side of a picture in pixels; without it, the model's own
    #[arg(long, value_name = "N")]
    size: Option<u32>,
    /// How pictures are enlarged: nearest, linear, cubic, lanczos
    #[arg(long, value_name = "NAME", default_value = "cubic", value_parser = filter)]
    filter: UpscaleFilter,
    /// Leave the masks above the columns out
    #[arg(long)]
    no_masks: bool,
    /// Leave the captions out
    #[arg(long)]
    no_captions: bool,
    /// The picture to write
    #[arg(long, value_name = "FILE.png")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let output = &arguments.output;
    if !output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
        bail!("{}: the grid is written as PNG; choose a name that ends in .png", output.display());
    }
    if let Some(size) = arguments.size.filter(|size| !FRAME_SIDE_RANGE.contains(size)) {
        bail!("--size {size}: choose {} to {}", FRAME_SIDE_RANGE.start(), FRAME_SIDE_RANGE.end());
    }
    let sources = arguments.masks.iter().map(|mask| Source::named(mask)).collect::<anyhow::Result<Vec<_>>>()?;
    let model = model_for(arguments.model.as_deref(), &sources)?;
    let mut studio = Studio::open(&model, &gpu::open(device)?)?;
    let grid = grid(arguments, &sources, &studio)?;
    if grid.cells.len() > MAX_GRID_PICTURES {
        bail!("{} pictures are too many for a grid; name fewer masks, seeds or attributes", grid.cells.len());
    }
    let began = Instant::now();
    let cancelled = || anyhow!("{}: interrupted; nothing was written", output.display());
    let looks: Vec<Look> = grid.cells.iter().map(|cell| cell.look.clone()).collect();
    let progress = Progress::new("rendering")?;
    let pictures = studio.pictures(&looks, Shown::Picture, &progress)?.ok_or_else(cancelled)?;
    let masks: Vec<Look> = if arguments.no_masks { Vec::new() } else { grid.masks().cloned().collect() };
    let masks = studio.pictures(&masks, Shown::Mask, &progress)?.ok_or_else(cancelled)?;
    drop(progress);
    let (columns, rows) = (grid.columns.len(), grid.rows.len());
    let side_px = arguments.size.unwrap_or(studio.card.resolution() as u32);
    let mut sheet = grid.into_sheet(masks, pictures);
    if arguments.no_captions {
        sheet.columns.iter_mut().chain(&mut sheet.rows).for_each(String::clear);
    }
    let progress = Progress::new("writing")?;
    write_sheet(output, &sheet, side_px, arguments.filter, &mut |done, of| progress.show(done, of)).map_err(
        |error| match error {
            ExportError::Cancelled { .. } => cancelled(),
            error => error.into(),
        },
    )?;
    drop(progress);
    let seconds = began.elapsed().as_secs_f64();
    Ok(Report {
        text: format!(
            "{}: {columns} masks × {rows} {}, {side_px} px, model {} ({seconds:.1} s on {})\n",
            output.display(),
            if arguments.vary.is_empty() { "latents" } else { "attribute sets" },
            studio.card.name,
            studio.device,
        ),
        json: json!({
            "output": output,
            "columns": columns,
            "rows": rows,
            "captions": sheet.rows,
            "side_px": side_px,
            "model": studio.card.name,
            "model_hash": studio.card.hash,
            "device": studio.device,
            "seconds": seconds,
        }),
    })
}

fn grid(arguments: &Arguments, sources: &[Source], studio: &Studio) -> anyhow::Result<Grid> {
    let taxonomy = &studio.card.taxonomy;
    let mut looks = sources.iter().map(|source| source.look(&studio.card)).collect::<anyhow::Result<Vec<_>>>()?;
    overridden(
        &mut looks,
        arguments.attributes.as_deref(),
        &arguments.seeds[..arguments.seeds.len().min(1)],
        &studio.card,
    )?;
    let masks: Vec<(String, Look)> = sources.iter().map(Source::caption).zip(looks).collect();
    if arguments.vary.is_empty() {
        return Ok(Grid::of_latents(&masks, &seed_rows(arguments.seeds.iter().copied())));
    }
    let varied = indices(&arguments.vary, taxonomy)?;
    let usual = masks.first().map(|(_, look)| look.attributes.clone()).unwrap_or_default();
    Ok(Grid::of_attributes(&masks, &attribute_combinations(taxonomy, &varied, &usual)))
}

fn indices(names: &[String], taxonomy: &Taxonomy) -> anyhow::Result<Vec<usize>> {
    let index = |name: &String| {
        taxonomy.attribute_index(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = taxonomy.attribute_names().collect();
            anyhow!("--vary {name}: taxonomy {} has no such attribute; it has {}", taxonomy.name, known.join(", "))
        })
    };
    names.iter().map(index).collect()
}
