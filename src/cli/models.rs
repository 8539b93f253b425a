//! `scgan models`: what is bundled.

use serde_json::json;

use super::report::Report;
use crate::model::{Model, ModelCard};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan models --json")]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> anyhow::Result<Report> {
    let cards = Model::bundled_names().into_iter().map(Model::bundled_card).collect::<Result<Vec<_>, _>>()?;
    Ok(Report {
        text: cards.iter().map(describe).collect::<Vec<_>>().join("\n"),
        json: json!({ "models": cards.iter().map(summary).collect::<Vec<_>>() }),
    })
}

fn describe(card: &ModelCard) -> String {
    let (labels, attributes) = names(card);
    format!(
        "{} ({}): {} px, {} weights\n  labels: {}\n  attributes: {}\n  trained on: {} ({} generator updates, {} images seen)\n",
        card.name,
        card.title,
        card.resolution(),
        card.license,
        labels.join(", "),
        attributes.join(", "),
        card.provenance.data,
        card.provenance.generator_updates,
        card.provenance.images_seen
    )
}

fn summary(card: &ModelCard) -> serde_json::Value {
    let (labels, attributes) = names(card);
    json!({
        "name": card.name,
        "title": card.title,
        "taxonomy": card.taxonomy.name,
        "resolution": card.resolution(),
        "labels": labels,
        "attributes": attributes,
        "license": card.license,
        "hash": card.hash,
        "provenance": card.provenance,
    })
}

fn names(card: &ModelCard) -> (Vec<&str>, Vec<&str>) {
    let labels = card.taxonomy.labels.iter().map(|label| label.name.as_str()).collect();
    (labels, card.taxonomy.attribute_names().collect())
}
