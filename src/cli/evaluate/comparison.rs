//! This result beside an earlier one.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};

use super::report::{number, percent};
use super::table::Table;
use crate::atomic_file::read_capped;
use crate::evaluation::Evaluation;

/// Longest result that is read.
const MAX_BYTES: u64 = 16 << 20;

/// What is compared.
struct Row {
    key: String,
    name: String,
    this: Option<f64>,
    other: Option<f64>,
    unit: Unit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Percent,
    Number,
}

/// Two results.
pub(super) struct Comparison {
    names: [String; 2],
    rows: Vec<Row>,
    /// Why the numbers may not be comparable.
    warnings: Vec<String>,
}

/// Reads a result that `--output` or `--json` wrote.
pub(super) fn read(path: &Path) -> anyhow::Result<Evaluation> {
    let file = || path.display().to_string();
    let bytes = read_capped(path, MAX_BYTES).with_context(file)?;
    let evaluation: Evaluation = serde_json::from_slice(&bytes)
        .map_err(|error| anyhow!("{}: no result of an evaluation ({error}); give a file of --output", file()))?;
    if evaluation.samples == 0 || evaluation.model.name.is_empty() {
        return Err(anyhow!("{}: no result of an evaluation; give a file of --output", file()));
    }
    Ok(evaluation)
}

impl Comparison {
    pub(super) fn new(this: &Evaluation, other: Evaluation) -> Self {
        let mut rows = Vec::new();
        let mut add = |key: &str, name: &str, of: &dyn Fn(&Evaluation) -> Option<f64>, unit: Unit| {
            let (this, other) = (of(this), of(&other));
            if this.is_some() || other.is_some() {
                rows.push(Row { key: key.to_owned(), name: name.to_owned(), this, other, unit });
            }
        };
        add("fid", "FID", &|found| Some(found.fid.as_ref()?.distance.distance), Unit::Number);
        let distance = |found: &Evaluation| Some(found.segmentor_distance?.distance);
        add("segmentor_distance", "distance of segmentor's features", &distance, Unit::Number);
        add("mean_iou", "mean IoU", &|found| Some(found.segmentation.as_ref()?.mean_iou.generated), Unit::Percent);
        let pixels = |found: &Evaluation| Some(found.segmentation.as_ref()?.pixel_accuracy.generated);
        add("pixel_accuracy", "pixel accuracy", &pixels, Unit::Percent);
        let attributes = |found: &Evaluation| Some(found.attributes.as_ref()?.accuracy.generated);
        add("attribute_accuracy", "attribute accuracy", &attributes, Unit::Percent);
        let balanced = |found: &Evaluation| Some(found.attributes.as_ref()?.balanced_accuracy.generated);
        add("attribute_accuracy_balanced", "attribute accuracy, balanced", &balanced, Unit::Percent);
        add(
            "diversity_pixels",
            "difference of pixels",
            &|found| Some(found.diversity.pixels?.generated),
            Unit::Percent,
        );
        let features = |found: &Evaluation| Some(found.diversity.features?.generated);
        add("diversity_features", "difference of features", &features, Unit::Number);
        let labels = this.segmentation.iter().flat_map(|scores| &scores.labels);
        for label in labels {
            let iou = |found: &Evaluation| {
                let labels = &found.segmentation.as_ref()?.labels;
                labels.iter().find(|other| other.label == label.label)?.generated
            };
            add(&format!("iou.{}", label.label), &format!("IoU of {}", label.label), &iou, Unit::Percent);
        }
        let names = [this.model.name.clone(), other.model.name.clone()];
        Self { names, rows, warnings: warnings(this, &other) }
    }

    pub(super) fn text(&self) -> String {
        let [this, other] = &self.names;
        let mut table = Table::new(&["compared", this, &format!("{other}, earlier"), "difference"]);
        for row in &self.rows {
            let show = |value: f64| if row.unit == Unit::Percent { percent(value) } else { number(value, 3) };
            let cell = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), show);
            let signed = |value: f64| if value >= 0.0 { format!("+{}", show(value)) } else { show(value) };
            let difference = row.difference().map_or_else(String::new, signed);
            table.row([row.name.clone(), cell(row.this), cell(row.other), difference]);
        }
        let warnings: String = self.warnings.iter().map(|warning| format!("not comparable: {warning}\n")).collect();
        table.text() + &warnings
    }

    pub(super) fn to_json(&self) -> anyhow::Result<Value> {
        let row = |row: &Row| {
            let values = json!({ "this": row.this, "other": row.other, "difference": row.difference() });
            (row.key.clone(), values)
        };
        let rows: serde_json::Map<String, Value> = self.rows.iter().map(row).collect();
        Ok(json!({ "model": self.names[1], "scores": rows, "not_comparable": self.warnings }))
    }
}

impl Row {
    fn difference(&self) -> Option<f64> {
        Some(self.this? - self.other?)
    }
}

/// What differs apart from the model.
fn warnings(this: &Evaluation, other: &Evaluation) -> Vec<String> {
    let hash = |found: &Evaluation| found.judge.as_ref().map_or_else(|| "none".to_owned(), |judge| judge.name.clone());
    let weights = |found: &Evaluation| found.fid.as_ref().map(|fid| fid.weights_sha256.clone());
    let mut warnings = Vec::new();
    let mut check = |what: &str, this: String, other: String| {
        if this != other {
            warnings.push(format!("{what}: {this} here, {other} there"));
        }
    };
    check("data", this.data.clone(), other.data.clone());
    check("pictures", this.samples.to_string(), other.samples.to_string());
    check("side in px", this.resolution.to_string(), other.resolution.to_string());
    check("seed", this.seed.to_string(), other.seed.to_string());
    let same_judge = this.judge.as_ref().map(|judge| &judge.hash) == other.judge.as_ref().map(|judge| &judge.hash);
    if !same_judge {
        warnings.push(format!(
            "judge: the segmentor of {} here, of {} there; --judge takes one for both",
            hash(this),
            hash(other)
        ));
    }
    if let (Some(this), Some(other)) = (weights(this), weights(other))
        && this != other
    {
        warnings.push("FID: other weights".to_owned());
    }
    warnings
}
