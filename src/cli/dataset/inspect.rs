//! `scgan dataset inspect`: what a data set holds and what is amiss in it.

use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use image::ImageFormat;
use serde_json::{Value, json};

use super::Progress;
use crate::atomic_file::write_atomic;
use crate::cli::report::Report;
use crate::data::DataError;
use crate::data::doctor::{self, Report as Findings};
use crate::session::folders;

/// Sizes, problems and groups that are printed; JSON has more of them.
const SHOWN: usize = 5;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan dataset inspect photos/ --sheet samples.png

DIR is a folder with images/ and masks/, packed shards, the Clothing Co-Parsing layout, or procedural:portrait or
procedural:outfit for the drawn data. Every image is decoded; the result is kept, so that a second look takes no time
until a file changes. Problems are listed, but are no error unless nothing can be read.")]
pub(in crate::cli) struct Arguments {
    /// A folder, procedural:portrait or procedural:outfit
    #[arg(value_name = "DIR")]
    data: String,
    /// Write eight samples with their masks to this PNG
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// Decode everything even if nothing has changed since the last look, and keep no result
    #[arg(long)]
    no_cache: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Report> {
    let Arguments { data, sheet, no_cache } = arguments;
    if let Some(sheet) = sheet.as_ref().filter(|sheet| !has_extension(sheet, "png")) {
        bail!("{}: the samples are written as PNG; choose a name that ends in .png", sheet.display());
    }
    let cache = folders::state_folder().filter(|_| !no_cache).map(|folder| doctor::cache_folder(&folder));
    let findings = {
        let progress = Progress::new("reading samples")?;
        doctor::checked(data, None, 0, cache.as_deref(), &mut |done, of| progress.show(done, of))
    };
    let findings = match findings {
        Err(DataError::Cancelled) => bail!("{data}: interrupted; nothing was written"),
        findings => findings?,
    };
    if findings.readable == 0 {
        let first = findings.problems.first().map_or("it is empty", |problem| problem.message.as_str());
        bail!("{data}: none of its {} samples can be used; the first: {first}", findings.samples);
    }
    if let Some(sheet) = sheet {
        write_sheet(sheet, &findings)?;
    }
    Ok(Report { text: describe(&findings, sheet.as_deref()), json: to_json(data, &findings, sheet.as_deref())? })
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn write_sheet(path: &Path, findings: &Findings) -> anyhow::Result<()> {
    let mut png = Cursor::new(Vec::new());
    doctor::contact_sheet(&findings.previews).write_to(&mut png, ImageFormat::Png)?;
    write_atomic(path, png.get_ref()).with_context(|| path.display().to_string())
}

fn to_json(data: &str, findings: &Findings, sheet: Option<&Path>) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(findings)?;
    json["data"] = json!(data);
    json["sheet"] = json!(sheet);
    json["remarks"] = json!(findings.remarks());
    json["blocking"] = json!(findings.blocking());
    let preview = |preview: &doctor::Preview| json!({ "name": preview.name, "attributes": preview.attributes });
    json["samples_shown"] = findings.previews.iter().map(preview).collect();
    Ok(json)
}

/// The lines for people. Writing to a String cannot fail.
fn describe(findings: &Findings, sheet: Option<&Path>) -> String {
    let mut text = format!("{}\ntaxonomy: {}\n", findings.description, findings.taxonomy);
    let _ = writeln!(text, "readable: {} of {} samples", findings.readable, findings.samples);
    if !findings.sizes.is_empty() {
        let sizes = findings.sizes.iter().take(SHOWN);
        let sizes: Vec<String> =
            sizes.map(|size| format!("{}×{} ({} images)", size.width, size.height, size.images)).collect();
        let more = if findings.sizes.len() > SHOWN { ", …" } else { "" };
        let _ = writeln!(text, "sizes: {}{more}", sizes.join(", "));
    }
    describe_problems(&mut text, findings);
    describe_repetitions(&mut text, findings);
    for remark in findings.remarks() {
        let _ = writeln!(text, "note: {remark}");
    }
    let _ = writeln!(text, "\n{:<20} {:>10} {:>10}", "label", "of pixels", "images");
    for label in &findings.labels {
        let _ = writeln!(text, "{:<20} {:>9.1}% {:>10}", label.name, 100.0 * label.share, label.images);
    }
    if !findings.attributes.is_empty() {
        let _ = writeln!(text, "\n{:<20} {:>10} {:>10}", "attribute", "of images", "images");
    }
    for attribute in &findings.attributes {
        let _ = writeln!(text, "{:<20} {:>9.1}% {:>10}", attribute.name, 100.0 * attribute.share, attribute.images);
    }
    let _ = writeln!(text, "\nsamples:");
    for preview in &findings.previews {
        let _ = writeln!(text, "  {:<20} {}", preview.name, preview.attributes.join(", "));
    }
    if let Some(sheet) = sheet {
        let _ = writeln!(text, "they are drawn in {}", sheet.display());
    }
    text
}

fn describe_problems(text: &mut String, findings: &Findings) {
    let kinds = findings.problem_kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name()));
    let kinds: Vec<String> = kinds.collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let _ = writeln!(text, "problems: {}{kinds}", findings.n_problems);
    for problem in findings.problems.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", problem.message);
    }
    say_more(text, findings.n_problems);
}

fn describe_repetitions(text: &mut String, findings: &Findings) {
    let _ = writeln!(text, "duplicates: {}", findings.n_duplicates);
    for group in findings.duplicates.iter().take(SHOWN) {
        let differing = if group.masks_differ { " (with different masks)" } else { "" };
        let _ = writeln!(text, "  {} have one picture: {}{differing}", group.images, group.names.join(", "));
    }
    say_more(text, findings.duplicates.len());
    let _ = writeln!(text, "look-alikes: {}", findings.n_lookalikes);
    for group in findings.lookalikes.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", group.join(", "));
    }
    say_more(text, findings.lookalikes.len());
}

fn say_more(text: &mut String, listed: usize) {
    if listed > SHOWN {
        let _ = writeln!(text, "  … --json lists more");
    }
}
