//! `scgan import`: a PyTorch checkpoint becomes a model file.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::json;

use super::data_options::taxonomy;
use super::report::Report;
use crate::gpu::ComputeDevice;
use crate::model::import::{self, ImportOptions, Imported, Naming};
use crate::model::parameters::count_parameters;
use crate::model::{GeneratorKind, Model, Precision, SegmentorKind};

/// Unused tensors that are named in the text; the JSON has all.
const NAMED: usize = 8;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan import 20_12000_G.pth --segmentor 20_12000_A.pth --taxonomy celeba-7 --output face.safetensors

Reads checkpoints of the classes Generator_SC_2, Generator_SC_3 and Segmentor, in every form that torch.save has had,
without running what is in them. The model file is a safetensors file: safetensors.torch.load_file reads its tensors in
Python, as `generator.encoder_conv.0.weight` and so on; its metadata entry `scgan` holds the description as JSON.")]
pub(super) struct Arguments {
    /// The checkpoint with the generator, and perhaps the segmentor
    file: PathBuf,
    /// The checkpoint with the segmentor that was trained with it
    #[arg(long, value_name = "FILE.pth")]
    segmentor: Option<PathBuf>,
    /// What labels and attributes are called; without it, the built-in taxonomy if only one has as many
    #[arg(long, value_name = "NAME|FILE.ron")]
    taxonomy: Option<String>,
    /// Call the attributes attribute_1, attribute_2, … where no taxonomy has as many
    #[arg(long)]
    numbered_attributes: bool,
    /// Length of z, where the file has only the sum of it and the attributes
    #[arg(long, value_name = "N")]
    n_z: Option<usize>,
    /// Which generator of a file that has several: the name it lies under
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The model file to write
    #[arg(long, value_name = "MODEL.safetensors")]
    output: PathBuf,
    /// Short name of the model; without it, the file's
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Title of the model, for people
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Terms of use of the weights, such as MIT
    #[arg(long, value_name = "TERMS")]
    license: Option<String>,
    /// Store 16-bit numbers: half the size, no longer exact
    #[arg(long)]
    half: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Report> {
    let output = &arguments.output;
    if !output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors")) {
        bail!("{}: a model file is written; choose a name that ends in .safetensors", output.display());
    }
    let options = ImportOptions {
        naming: Naming {
            taxonomy: arguments.taxonomy.as_deref().map(taxonomy).transpose()?,
            n_z: arguments.n_z,
            numbered_attributes: arguments.numbered_attributes,
        },
        key: arguments.key.clone(),
        name: arguments.name.clone(),
        title: arguments.title.clone(),
        license: arguments.license.clone(),
    };
    // Weights only pass through, so there is nothing to compute on a GPU.
    let compute = ComputeDevice::cpu();
    let (mut model, imported) = import::import(&arguments.file, arguments.segmentor.as_deref(), &options, &compute)?;
    model.save(output, if arguments.half { Precision::F16 } else { Precision::F32 })?;
    Ok(Report { text: describe(arguments, &model, &imported), json: summary(arguments, &model, &imported) })
}

fn kind_in_words(kind: GeneratorKind) -> &'static str {
    match kind {
        GeneratorKind::StepByStep => "step by step",
        GeneratorKind::StepByStepTiled => "step by step, z tiled",
        GeneratorKind::AllAtOnce => "all at once",
    }
}

fn describe(arguments: &Arguments, model: &Model, imported: &Imported) -> String {
    let card = &model.card;
    let generator = &card.generator;
    let mut text = format!(
        "{}: {} from {}, {} px\n  generator: {}, width {}, z of {}, {} values{}\n",
        arguments.output.display(),
        imported.generator_class,
        arguments.file.display(),
        card.resolution(),
        kind_in_words(generator.kind),
        generator.width,
        generator.n_z,
        count_parameters(&model.generator),
        if imported.plain_norms { ", norms without scale and shift" } else { "" }
    );
    text += &match (&card.segmentor, &model.segmentor) {
        (Some(config), Some(segmentor)) => {
            let blocks = blocks(config.kind).map_or_else(String::new, |blocks| format!("{blocks} residual blocks, "));
            format!("  segmentor: width {}, {blocks}{} values\n", config.width, count_parameters(segmentor))
        }
        _ => format!("  segmentor: none{}\n", beside(&arguments.file)),
    };
    let labels: Vec<&str> = card.taxonomy.labels.iter().map(|label| label.name.as_str()).collect();
    let attributes: Vec<&str> = card.taxonomy.attribute_names().collect();
    let attributes = if attributes.is_empty() { "none".to_owned() } else { attributes.join(", ") };
    text += &format!(
        "  taxonomy: {}\n    labels: {}\n    attributes: {attributes}\n",
        card.taxonomy.name,
        labels.join(", ")
    );
    let unused = &imported.unused;
    if !unused.is_empty() {
        let more = unused.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let some = unused[..unused.len().min(NAMED)].join(", ");
        text += &format!("  unused, {} in all: {some}{more}\n", unused.len());
    }
    text
}

fn blocks(kind: SegmentorKind) -> Option<usize> {
    match kind {
        SegmentorKind::Paper => None,
        SegmentorKind::Stemmed { blocks } => Some(blocks),
    }
}

fn beside(generator: &Path) -> String {
    match import::segmentor_beside(generator) {
        Some(segmentor) => format!("; its file seems to be {}: add --segmentor", segmentor.display()),
        None => String::new(),
    }
}

fn summary(arguments: &Arguments, model: &Model, imported: &Imported) -> serde_json::Value {
    let card = &model.card;
    let segmentor = card.segmentor.as_ref().zip(model.segmentor.as_ref());
    json!({
        "output": arguments.output,
        "name": card.name,
        "title": card.title,
        "license": card.license,
        "hash": card.hash,
        "resolution": card.resolution(),
        "generator": {
            "class": imported.generator_class,
            "kind": kind_in_words(card.generator.kind),
            "width": card.generator.width,
            "n_z": card.generator.n_z,
            "n_labels": card.generator.n_labels,
            "n_attributes": card.generator.n_attributes,
            "parameters": count_parameters(&model.generator),
            "plain_norms": imported.plain_norms,
        },
        "segmentor": segmentor.map(|(config, segmentor)| json!({
            "class": imported.segmentor_class,
            "width": config.width,
            "blocks": blocks(config.kind),
            "n_labels": config.n_labels,
            "parameters": count_parameters(segmentor),
        })),
        "taxonomy": card.taxonomy.name,
        "attributes": card.taxonomy.attribute_names().collect::<Vec<_>>(),
        "unused": imported.unused,
    })
}
