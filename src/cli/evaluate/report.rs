//! An evaluation as text.

use super::comparison::Comparison;
use super::table::Table;
use crate::evaluation::{Distance, Evaluation, UNBIASED_FROM};

pub(super) fn text(evaluation: &Evaluation, comparison: Option<&Comparison>) -> String {
    let mut parts = vec![heading(evaluation), distances(evaluation), agreement(evaluation)];
    parts.extend([labels(evaluation), attributes(evaluation)].into_iter().flatten());
    parts.extend(comparison.map(Comparison::text));
    parts.join("\n")
}

fn heading(evaluation: &Evaluation) -> String {
    let Evaluation { model, judge, own_judge, data, samples, resolution, seed, device, seconds, .. } = evaluation;
    let judge = match judge {
        Some(_) if *own_judge => "its own segmentor, which its generator was trained to please".to_owned(),
        Some(judge) => format!("the segmentor of {}", judge.name),
        None => "nobody".to_owned(),
    };
    format!(
        "{}: {samples} pictures of {resolution} px, seed {seed}, {seconds:.0} s on {device}\ndata: {data}\njudged by {judge}\n",
        model.name
    )
}

fn distances(evaluation: &Evaluation) -> String {
    let mut table = Table::new(&["distance to real pictures", "generated", "real to real", "numbers of pictures"]);
    let mut notes = String::new();
    if let Some(fid) = &evaluation.fid {
        distance(&mut table, "FID", &fid.distance, 2);
        if fid.biased {
            notes.push_str(&format!(
                "FID is biased: with fewer than {UNBIASED_FROM} pictures it is too high; compare it only with the same numbers.\n"
            ));
        }
        if !fid.published_weights {
            notes.push_str("These are not the weights that published figures are computed with.\n");
        }
    }
    if let Some(found) = &evaluation.segmentor_distance {
        distance(&mut table, "segmentor's features", found, 4);
    }
    let diversity = &evaluation.diversity;
    let mut pairs = Table::new(&["differences", "of one mask", "of real pictures"]);
    let rows =
        [("mean of pixels, of 255", diversity.pixels, 255.0, 1), ("segmentor's features", diversity.features, 1.0, 3)];
    for (name, pair, scale, digits) in rows {
        if let Some(pair) = pair {
            pairs.row([name.to_owned(), number(pair.generated * scale, digits), number(pair.real * scale, digits)]);
        }
    }
    format!("{}{notes}\n{}", table.text(), pairs.text())
}

fn distance(table: &mut Table, name: &str, found: &Distance, digits: usize) {
    let Distance { distance, samples, real_samples, real_vs_real, real_vs_real_samples } = found;
    let real = real_samples.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let floor = real_vs_real.map_or_else(|| "unknown".to_owned(), |floor| number(floor, digits));
    let numbers = format!("{samples} to {real}, {real_vs_real_samples} to {real_vs_real_samples}");
    table.row([name.to_owned(), number(*distance, digits), floor, numbers]);
}

fn agreement(evaluation: &Evaluation) -> String {
    let mut table = Table::new(&["as it was asked for", "generated", "real"]);
    let segmentation = evaluation.segmentation.iter();
    let masks =
        segmentation.flat_map(|scores| [("mean IoU", scores.mean_iou), ("pixel accuracy", scores.pixel_accuracy)]);
    let attributes = evaluation.attributes.iter().flat_map(|scores| {
        [("attribute accuracy", scores.accuracy), ("attribute accuracy, balanced", scores.balanced_accuracy)]
    });
    for (name, pair) in masks.chain(attributes) {
        table.row([name.to_owned(), percent(pair.generated), percent(pair.real)]);
    }
    table.text()
}

fn labels(evaluation: &Evaluation) -> Option<String> {
    let segmentation = evaluation.segmentation.as_ref()?;
    let mut table = Table::new(&["label", "share", "IoU generated", "IoU real"]);
    for label in &segmentation.labels {
        let cell = |iou: Option<f64>| iou.map_or_else(|| "absent".to_owned(), percent);
        table.row([label.label.clone(), percent(label.share), cell(label.generated), cell(label.real)]);
    }
    Some(table.text())
}

fn attributes(evaluation: &Evaluation) -> Option<String> {
    let attributes = evaluation.attributes.as_ref()?;
    let headings = ["attribute", "share", "accuracy generated", "real", "balanced generated", "real"];
    let mut table = Table::new(&headings);
    for row in &attributes.attributes {
        let (plain, balanced) = (row.accuracy, row.balanced_accuracy);
        let cells = [row.share, plain.generated, plain.real, balanced.generated, balanced.real].map(percent);
        table.row(std::iter::once(row.attribute.clone()).chain(cells));
    }
    Some(table.text())
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

pub(super) fn number(value: f64, digits: usize) -> String {
    format!("{value:.digits$}")
}
