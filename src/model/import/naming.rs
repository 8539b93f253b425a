//! What the labels and attributes of an imported generator are called: the file does not say.

use super::classes::{GeneratorClass, Inputs};
use super::error::ImportProblem;
use crate::taxonomy::{AttributeGroup, GroupKind, Taxonomy};

/// What the user says about it.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    /// Labels and attributes; without it, the built-in one that fits.
    pub taxonomy: Option<Taxonomy>,
    /// Length of z, where z and the attributes enter together.
    pub n_z: Option<usize>,
    /// Call the attributes `attribute_1`, `attribute_2`, … instead of what the taxonomy calls them.
    pub numbered_attributes: bool,
}

/// The taxonomy of a generator. With it the number of attributes is known.
pub(super) fn taxonomy_of(generator: &GeneratorClass, naming: &Naming) -> Result<Taxonomy, ImportProblem> {
    check_latent_length(generator, naming.n_z)?;
    let n_attributes = match (generator.inputs, naming.n_z) {
        (Inputs::Apart { n_attributes, .. }, _) => Some(n_attributes),
        (Inputs::Together(both), Some(n_z)) => Some(both - n_z),
        (Inputs::Together(_), None) => None,
    };
    let fits = |taxonomy: &Taxonomy| match (n_attributes, generator.inputs) {
        _ if naming.numbered_attributes => true,
        (Some(count), _) => taxonomy.n_attributes() == count,
        (None, Inputs::Together(both)) => both > taxonomy.n_attributes(),
        (None, Inputs::Apart { .. }) => false,
    };
    let taxonomy = match &naming.taxonomy {
        Some(taxonomy) => {
            check_labels("generator", generator.n_labels, taxonomy)?;
            if !fits(taxonomy) {
                let found = n_attributes.map_or_else(|| said(generator), |count| format!("{count} attributes"));
                let (taxonomy, expected) = (taxonomy.name.clone(), taxonomy.n_attributes());
                return Err(ImportProblem::Attributes { found, taxonomy, expected });
            }
            taxonomy.clone()
        }
        None => built_in(generator, fits, n_attributes.is_none() && !naming.numbered_attributes)?,
    };
    if !naming.numbered_attributes {
        return Ok(taxonomy);
    }
    match (n_attributes, generator.inputs) {
        (Some(count), _) => Ok(numbered(taxonomy, count)?),
        (None, Inputs::Together(both)) => Err(ImportProblem::NeedsLatentLength(both)),
        (None, Inputs::Apart { n_attributes, .. }) => Ok(numbered(taxonomy, n_attributes)?),
    }
}

/// A network reads as many labels as the taxonomy has.
pub(super) fn check_labels(network: &'static str, found: usize, taxonomy: &Taxonomy) -> Result<(), ImportProblem> {
    let expected = taxonomy.n_labels();
    if found == expected {
        return Ok(());
    }
    let advice = match network {
        "segmentor" => "give the segmentor that was trained with this generator",
        _ => "give another one with --taxonomy",
    };
    Err(ImportProblem::Labels { network, found, taxonomy: taxonomy.name.clone(), expected, advice })
}

fn check_latent_length(generator: &GeneratorClass, given: Option<usize>) -> Result<(), ImportProblem> {
    let Some(given) = given else { return Ok(()) };
    let (fits, joined) = match generator.inputs {
        Inputs::Apart { n_z, .. } => (given == n_z, format!("z has {n_z} values in this file")),
        Inputs::Together(both) => {
            ((1..=both).contains(&given), format!("z and the attributes have {both} channels in this file"))
        }
    };
    if fits { Ok(()) } else { Err(ImportProblem::LatentLength { given, joined }) }
}

/// The only built-in taxonomy that fits. Where the length of z has to be `guessed` as well, only powers of two count,
/// which it is in every published setting.
fn built_in(
    generator: &GeneratorClass,
    fits: impl Fn(&Taxonomy) -> bool,
    guessed: bool,
) -> Result<Taxonomy, ImportProblem> {
    let usual = |taxonomy: &Taxonomy| match generator.inputs {
        Inputs::Together(both) if guessed => (both - taxonomy.n_attributes()).is_power_of_two(),
        _ => true,
    };
    let all = Taxonomy::builtins();
    let chosen = all.iter().filter(|taxonomy| taxonomy.n_labels() == generator.n_labels && fits(taxonomy));
    let chosen: Vec<&Taxonomy> = chosen.filter(|taxonomy| usual(taxonomy)).collect();
    match chosen[..] {
        [only] => Ok(only.clone()),
        [] => {
            let counts = |taxonomy: &Taxonomy| {
                format!("{}: {} labels, {} attributes", taxonomy.name, taxonomy.n_labels(), taxonomy.n_attributes())
            };
            let known = all.iter().map(counts).collect::<Vec<_>>().join("; ");
            Err(ImportProblem::NoTaxonomy { needed: said(generator), known })
        }
        _ => {
            let names = chosen.iter().map(|taxonomy| taxonomy.name.as_str()).collect::<Vec<_>>().join(" and ");
            Err(ImportProblem::SeveralTaxonomies { needed: said(generator), names })
        }
    }
}

/// What the file says about a generator's inputs.
fn said(generator: &GeneratorClass) -> String {
    let labels = generator.n_labels;
    match generator.inputs {
        Inputs::Apart { n_attributes, .. } => format!("{labels} labels, {n_attributes} attributes"),
        Inputs::Together(both) => format!("{labels} labels, {both} channels of z and attributes together"),
    }
}

fn numbered(taxonomy: Taxonomy, count: usize) -> Result<Taxonomy, ImportProblem> {
    let attributes: Vec<String> =
        (1..=count.min(crate::taxonomy::MAX_ATTRIBUTES + 1)).map(|i| format!("attribute_{i}")).collect();
    let group = AttributeGroup { name: "Attributes".to_owned(), kind: GroupKind::Independent, attributes };
    let groups = if count == 0 { Vec::new() } else { vec![group] };
    let taxonomy = Taxonomy { name: format!("{}-numbered-{count}", taxonomy.name), groups, ..taxonomy };
    taxonomy.validate()?;
    Ok(taxonomy)
}
