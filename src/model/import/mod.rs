//! PyTorch checkpoints of the authors' code become models: Generator_SC_2, Generator_SC_3 and Segmentor.
//!
//! A checkpoint is a state dict, alone or inside a dictionary, with or without the `module.` of DataParallel, in any of
//! the three containers PyTorch has had. It says neither what its labels and attributes mean nor how large the pictures
//! are, so a taxonomy is chosen here, and the side is the 128 px that the authors' code works at.

mod checkpoint;
mod classes;
mod container;
mod error;
mod layer_names;
mod naming;
mod pickle_walk;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub(crate) use self::checkpoint::Checkpoint;
use self::classes::{GeneratorClass, SegmentorClass};
pub(crate) use self::container::is_checkpoint;
pub(crate) use self::error::listed;
pub use self::error::{ImportError, ImportProblem};
use self::layer_names::Found;
pub use self::naming::Naming;
use self::naming::{check_labels, taxonomy_of};
#[cfg(test)]
pub(crate) use self::tests::stream as test_checkpoints;
use super::{Init, Model, ModelCard, Provenance, parameters};
use crate::gpu::ComputeDevice;

/// Endings of the names of PyTorch's files.
pub const EXTENSIONS: [&str; 2] = ["pth", "pt"];

/// What the user says about a checkpoint.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Labels and attributes.
    pub naming: Naming,
    /// Where the generator lies in a file that has several: `G_ema`.
    pub key: Option<String>,
    /// Short name of the model; the file's by default.
    pub name: Option<String>,
    /// Title for people.
    pub title: Option<String>,
    /// Terms of use of the weights.
    pub license: Option<String>,
}

/// What was found beside the model itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The generator's class.
    pub generator_class: &'static str,
    /// The segmentor's class, if there is one.
    pub segmentor_class: Option<&'static str>,
    /// Tensors of the files that no network uses, in order.
    pub unused: Vec<String>,
    /// The generator's norms have neither scale nor shift.
    pub plain_norms: bool,
}

/// Whether a file is called like a checkpoint: `a.pth`, `a.pt`, `a.pth.tar`.
pub fn is_checkpoint_name(path: &Path) -> bool {
    let known = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
    };
    let is_tar = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tar"));
    known(path) || is_tar && path.file_stem().is_some_and(|stem| known(Path::new(stem)))
}

/// How to import a checkpoint on the command line.
pub fn command_line(path: &Path) -> String {
    format!("scgan import \"{}\" --output \"{}\"", path.display(), model_beside(path).display())
}

/// What a checkpoint's model is called by default.
pub fn model_beside(path: &Path) -> PathBuf {
    path.with_extension("safetensors")
}

/// The segmentor that seems to belong to a generator: the authors' trainer writes them as `…_G.pth` and `…_A.pth`.
pub fn segmentor_beside(generator: &Path) -> Option<PathBuf> {
    let name = generator.file_name()?.to_str()?.strip_suffix("_G.pth")?;
    let segmentor = generator.with_file_name(format!("{name}_A.pth"));
    segmentor.is_file().then_some(segmentor)
}

/// Reads the generator of a checkpoint onto a device, with the segmentor of `segmentor`, or else the one that is in the
/// same file.
///
/// # Errors
/// A file is no checkpoint, holds none of the classes or a damaged one, or its labels and attributes have no names.
pub fn import(
    path: &Path,
    segmentor: Option<&Path>,
    options: &ImportOptions,
    compute: &ComputeDevice,
) -> Result<(Model, Imported), ImportError> {
    let failed = |reason: ImportProblem| ImportError::new(path, reason);
    let checkpoint = Checkpoint::open(path).map_err(failed)?;
    let generator = find_generator(&checkpoint, options.key.as_deref()).map_err(failed)?;
    let taxonomy = taxonomy_of(&generator, &options.naming).map_err(failed)?;
    let config = generator.config(taxonomy.n_attributes()).map_err(failed)?;
    let found = generator.read(&checkpoint, &config).map_err(failed)?;

    let read_segmentor = |checkpoint: &Checkpoint, class: SegmentorClass| {
        check_labels("segmentor", class.config.n_labels, &taxonomy)?;
        Ok::<_, ImportProblem>((class.read(checkpoint)?, class.config))
    };
    let (second, unused) = match segmentor {
        Some(other) => {
            let failed = |reason: ImportProblem| ImportError::new(other, reason);
            let its_own = Checkpoint::open(other).map_err(failed)?;
            let class = find_segmentor(&its_own).map_err(failed)?;
            let (read, config) = read_segmentor(&its_own, class).map_err(failed)?;
            let unused = [left_over(&checkpoint, &[&found]), left_over(&its_own, &[&read])].concat();
            (Some((read, config)), unused)
        }
        None => {
            // One of several was not asked for.
            let class = SegmentorClass::find(&checkpoint, None).unwrap_or_default();
            let second = class.map(|class| read_segmentor(&checkpoint, class)).transpose().map_err(failed)?;
            let read = [Some(&found), second.as_ref().map(|(read, _)| read)];
            let unused = left_over(&checkpoint, &read.into_iter().flatten().collect::<Vec<_>>());
            (second, unused)
        }
    };

    let imported = Imported {
        generator_class: generator.class,
        segmentor_class: second.as_ref().map(|_| SegmentorClass::CLASS),
        unused,
        plain_norms: found.plain_norms,
    };
    let card = ModelCard {
        name: options.name.clone().unwrap_or_else(|| stem(path)),
        title: options.title.clone().unwrap_or_else(|| format!("{}, imported", stem(path))),
        taxonomy,
        generator: config,
        segmentor: second.as_ref().map(|(_, config)| config.clone()),
        attribute_head: false,
        provenance: Provenance { data: origin(path, segmentor, &imported), ..Provenance::default() },
        license: options.license.clone().unwrap_or_else(|| "unknown, ask whoever made the checkpoint".to_owned()),
        direction_names: Default::default(),
        hash: String::new(),
    };
    let model = build(card, &found, second.as_ref().map(|(found, _)| found), compute);
    Ok((model.map_err(|reason| failed(reason.into()))?, imported))
}

fn build(
    card: ModelCard,
    generator: &Found,
    segmentor: Option<&Found>,
    compute: &ComputeDevice,
) -> Result<Model, parameters::ParameterError> {
    let mut init = Init::zeros(compute);
    let blank = card.generator.init(&mut init);
    let blank_segmentor = card.segmentor.as_ref().map(|config| config.init(&mut init));
    Ok(Model {
        generator: parameters::load(blank, "", &generator.tensors)?,
        segmentor: match (blank_segmentor, segmentor) {
            (Some(blank), Some(found)) => Some(parameters::load(blank, "", &found.tensors)?),
            _ => None,
        },
        head: None,
        card,
    })
}

fn find_generator(checkpoint: &Checkpoint, key: Option<&str>) -> Result<GeneratorClass, ImportProblem> {
    match GeneratorClass::find(checkpoint, key)? {
        Some(generator) => Ok(generator),
        None if key.is_some() => Err(ImportProblem::Wanted("holds no generator under the name given with --key")),
        None if SegmentorClass::find(checkpoint, None).is_ok_and(|found| found.is_some()) => {
            Err(ImportProblem::Wanted(
                "holds a segmentor and no generator; give the generator's file first and this one with --segmentor",
            ))
        }
        None => Err(ImportProblem::NotRecognised(listed(checkpoint.names()))),
    }
}

fn find_segmentor(checkpoint: &Checkpoint) -> Result<SegmentorClass, ImportProblem> {
    match SegmentorClass::find(checkpoint, None)? {
        Some(segmentor) => Ok(segmentor),
        None if GeneratorClass::find(checkpoint, None).is_ok_and(|found| found.is_some()) => {
            Err(ImportProblem::Wanted(
                "holds a generator and no segmentor; give the segmentor's file with --segmentor, or leave it out",
            ))
        }
        None => Err(ImportProblem::NotRecognised(listed(checkpoint.names()))),
    }
}

/// What none of these networks is made of.
fn left_over(checkpoint: &Checkpoint, networks: &[&Found]) -> Vec<String> {
    let unused = checkpoint.names().filter(|name| !networks.iter().any(|found| found.read.contains(*name)));
    unused.map(str::to_owned).collect()
}

/// The file's name without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "imported".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn origin(path: &Path, segmentor: Option<&Path>, imported: &Imported) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let generator = format!("imported from {} ({})", name(path), imported.generator_class);
    match (segmentor, imported.segmentor_class) {
        (Some(segmentor), Some(class)) => format!("{generator} and {} ({class})", name(segmentor)),
        _ => generator,
    }
}
