//! `scgan controls`: which latent directions and attributes change a region of the picture most, and the rest least.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{anyhow, bail};
use serde_json::json;

use super::dataset::Progress;
use super::looks::{Source, Studio, model_for, overridden};
use super::report::Report;
use crate::data::photo::read_upright;
use crate::document::{LabelMap, Look, PixelSet};
use crate::gpu::{self, DeviceChoice};
use crate::influence::{
    COMPARED_SIDE_PX, Control, Coverage, End, Influence, LATENTS_MEASURED, at_end, change, controls, latents, ranking,
    reduced,
};
use crate::model::ModelCard;

/// A sample of a region's picture counts from this lightness and opacity on.
const INSIDE: u8 = 128;
/// What the region is painted with on a sheet of its own.
const MARK: u8 = 1;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan controls template:front --label lips
  scgan controls mine.scgan --label hair,brows --top 5 --json
  scgan controls template:front --region cheeks.png

Every attribute is switched off and on and every latent direction moved from −2 σ to +2 σ, on the mask's own latent and
on three others. How far the pictures at both ends are apart is averaged as ΔE (CIE76) within the region and in the rest;
the score is selectivity⁴ · region / (region + 5), where selectivity is region / (region + rest).")]
pub(super) struct Arguments {
    /// The mask: template:NAME, a session (.scgan) or a mask PNG
    #[arg(value_name = "MASK")]
    mask: String,
    /// The region: all pixels of these labels, separated by commas
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        required_unless_present = "region",
        conflicts_with = "region"
    )]
    label: Vec<String>,
    /// The region: what is light in this picture, which is laid over the mask whatever its size
    #[arg(long, value_name = "FILE")]
    region: Option<PathBuf>,
    /// How many are listed; 0 for all
    #[arg(long, value_name = "N", default_value_t = 12)]
    top: usize,
    /// Bundled model or model file; without it, the one that suits the mask
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// Attributes that are on, separated by commas, instead of the mask's own
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    attributes: Option<Vec<String>>,
    /// Seed of the first latent, instead of the mask's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// A control, and what it changes.
type Found = (Control, Influence);

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let source = Source::named(&arguments.mask)?;
    let model = model_for(arguments.model.as_deref(), std::slice::from_ref(&source))?;
    let mut studio = Studio::open(&model, &gpu::open(device)?)?;
    let mut look = source.look(&studio.card)?;
    let seeds: Vec<u64> = arguments.seed.into_iter().collect();
    overridden(std::slice::from_mut(&mut look), arguments.attributes.as_deref(), &seeds, &studio.card)?;
    let (region, size) = match &arguments.region {
        Some(path) => region_in(path)?,
        None => (region_of(&arguments.label, &look.labels, &studio.card)?, (look.labels.width(), look.labels.height())),
    };
    let began = Instant::now();
    let mut found = measure(&mut studio, &look, &region, size)?;
    let all = found.len();
    let order = ranking(&found.iter().map(|(_, influence)| *influence).collect::<Vec<_>>());
    found = order.into_iter().map(|index| found[index]).collect();
    found.truncate(if arguments.top == 0 { all } else { arguments.top });
    let part = region.count() as f32 / (size.0 as f32 * size.1 as f32);
    Ok(report(&found, all, part, &studio, began.elapsed().as_secs_f64()))
}

fn region_of(names: &[String], labels: &LabelMap, card: &ModelCard) -> anyhow::Result<PixelSet> {
    let known = || card.taxonomy.labels.iter().map(|label| label.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut sheet = labels.to_image();
    let mut wanted = Vec::new();
    for name in names.iter().map(|name| name.trim()) {
        let id = card.taxonomy.labels.iter().position(|label| label.name.eq_ignore_ascii_case(name));
        let Some(id) = id else {
            bail!("--label {name}: taxonomy {} has no such label; it has {}", card.taxonomy.name, known());
        };
        if !sheet.ids().iter().any(|own| usize::from(*own) == id) {
            bail!("--label {name}: no pixel of the mask is of this label; choose another one, or another mask");
        }
        wanted.push(id);
    }
    let (width, height) = (sheet.width(), sheet.height());
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let inside = wanted.contains(&usize::from(sheet.get(x, y)));
        sheet.set(x, y, if inside { MARK } else { 0 });
    }
    PixelSet::of_label(&LabelMap::from_image(&sheet), MARK).ok_or_else(|| anyhow!("--label: name a label of the mask"))
}

/// With the picture's width and height.
fn region_in(path: &Path) -> anyhow::Result<(PixelSet, (u32, u32))> {
    let picture = read_upright(path)?;
    let (width, height) = picture.dimensions();
    let mut sheet = LabelMap::new(width, height, 0);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let light = (2 * red + 5 * green + blue) / 8;
        if light.min(alpha) >= u32::from(INSIDE) {
            sheet.set(x, y, MARK);
        }
    }
    let region = PixelSet::of_label(&sheet, MARK);
    let region = region.ok_or_else(|| anyhow!("{}: nothing in it is light; paint the region white", path.display()))?;
    Ok((region, (width, height)))
}

fn measure(studio: &mut Studio, look: &Look, region: &PixelSet, size: (u32, u32)) -> anyhow::Result<Vec<Found>> {
    let tried = controls(&studio.card.taxonomy, &look.attributes, studio.directions());
    let mut found: Vec<Found> = tried.iter().map(|(control, _)| (*control, Influence::default())).collect();
    let progress = Progress::new("measuring")?;
    let (mut done, of) = (0, tried.len() * LATENTS_MEASURED);
    let mut coverage: Option<Coverage> = None;
    for latent in latents(look.latent.clone()) {
        for ((control, attributes), (_, influence)) in tried.iter().zip(&mut found) {
            let mut drawn = |end: End| {
                let attributes = attributes[end.index()].to_vec();
                let latent = at_end(&latent, *control, end);
                let pixels = studio.read(&Look { labels: look.labels.clone(), attributes, latent })?;
                reduced(&pixels.rgba, (pixels.width, pixels.height), COMPARED_SIDE_PX)
                    .ok_or_else(|| anyhow!("the model made no picture; report this with the command you gave"))
            };
            let [(low, drawn_size), (high, _)] = [drawn(End::Low)?, drawn(End::High)?];
            let coverage = coverage.get_or_insert_with(|| Coverage::new(region, size, drawn_size));
            change(&low, &high, coverage).into_iter().for_each(|change| influence.add(change));
            done += 1;
            if progress.show(done, of).is_break() {
                bail!("interrupted after {done} of {of} measurements");
            }
        }
    }
    Ok(found)
}

fn name(control: Control, card: &ModelCard) -> String {
    match control {
        Control::Attribute(index) => card.taxonomy.attribute_names().nth(index).unwrap_or("attribute").to_owned(),
        Control::Direction(index) => {
            card.direction_names.get(index).map_or_else(|| format!("direction {}", index + 1), str::to_owned)
        }
    }
}

fn report(found: &[Found], all: usize, part: f32, studio: &Studio, seconds: f64) -> Report {
    let card = &studio.card;
    let mut text = format!(
        "Region: {:.1} % of the picture. The first {} of {all} controls of {} ({seconds:.1} s on {})\n",
        part * 100.0,
        found.len(),
        card.name,
        studio.device,
    );
    text.push_str("score  region ΔE  rest ΔE  control\n");
    for (control, influence) in found {
        let (inside, outside) = (influence.inside(), influence.outside());
        text.push_str(&format!("{:5.3}  {inside:9.2}  {outside:7.2}  {}\n", influence.score(), name(*control, card)));
    }
    let rows = found.iter().map(|(control, influence)| {
        let (kind, index) = match control {
            Control::Attribute(index) => ("attribute", index),
            Control::Direction(index) => ("direction", index),
        };
        json!({
            "kind": kind,
            "index": index,
            "name": name(*control, card),
            "score": influence.score(),
            "selectivity": influence.selectivity(),
            "region_delta_e": influence.inside(),
            "rest_delta_e": influence.outside(),
            "latents": influence.latents(),
        })
    });
    let json = json!({
        "model": card.name,
        "model_hash": card.hash,
        "device": studio.device,
        "region_part": part,
        "measured": all,
        "controls": rows.collect::<Vec<_>>(),
        "seconds": seconds,
    });
    Report { text, json }
}
