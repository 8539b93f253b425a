//! `scgan dataset`: look at training data before training.

use std::fmt::Write;

use anyhow::bail;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::report::Report;
use crate::data::doctor::{self, Report as Findings};

/// Sizes and problems that are printed; JSON has more of them.
const SHOWN: usize = 5;

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "\
Example:
  scgan dataset inspect photos/")]
pub(super) enum Command {
    /// Say what a data set holds: format, sizes, labels, attributes, unreadable files
    Inspect(Inspect),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan dataset inspect photos/

A folder is read as images/ with masks/ beside it, or in the Clothing Co-Parsing layout; procedural:portrait and
procedural:outfit name the drawn data. Problems are listed, but are no error unless nothing can be read.")]
pub(super) struct Inspect {
    /// A folder, procedural:portrait or procedural:outfit
    #[arg(value_name = "DIR")]
    data: String,
}

pub(super) fn run(Command::Inspect(Inspect { data }): &Command) -> anyhow::Result<Report> {
    let progress = ProgressBar::new(0).with_message("reading samples");
    let findings = doctor::inspect(data, None, 0, |done, of| {
        progress.set_length(of as u64);
        progress.set_position(done as u64);
    })?;
    progress.finish_and_clear();
    if findings.readable == 0 {
        let first = findings.problems.first().map_or("it is empty", String::as_str);
        bail!("{data}: none of its {} samples can be used; the first: {first}", findings.samples);
    }
    Ok(Report { text: describe(&findings), json: to_json(data, &findings)? })
}

fn to_json(data: &str, findings: &Findings) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(findings)?;
    json["data"] = json!(data);
    Ok(json)
}

fn describe(findings: &Findings) -> String {
    let mut text = format!("{}\ntaxonomy: {}\n", findings.description, findings.taxonomy);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "readable: {} of {} samples", findings.readable, findings.samples);
    if !findings.sizes.is_empty() {
        let sizes = findings.sizes.iter().take(SHOWN);
        let sizes: Vec<String> =
            sizes.map(|size| format!("{}×{} ({} images)", size.width, size.height, size.images)).collect();
        let more = if findings.sizes.len() > SHOWN { ", …" } else { "" };
        let _ = writeln!(text, "sizes: {}{more}", sizes.join(", "));
    }
    let _ = writeln!(text, "problems: {}", findings.n_problems);
    for problem in findings.problems.iter().take(SHOWN) {
        let _ = writeln!(text, "  {problem}");
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
    text
}
