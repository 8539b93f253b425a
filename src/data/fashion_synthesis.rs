//! DeepFashion's Fashion Synthesis Benchmark: images and masks in an HDF5 file of more than 15 GB, attributes and parts in MATLAB
//! files.

use super::attribute_table::AttributeValues;
use super::hdf5_planes::Planes;
use super::mat_file::whole_numbers;
use super::options::Indexing;
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Sample, SampleSource, Split, celeba, square};
use crate::taxonomy::Taxonomy;
use std::path::{Path, PathBuf};

const PLANES: &str = "G2.h5";
const ATTRIBUTES: &str = "language_original.mat";
const PARTS: &str = "ind.mat";
/// Where copies of the data set keep their files.
const FOLDERS: [&str; 4] = ["", "Img", "Anno", "Eval"];
/// Images that share a chunk beyond which reading them in random order wastes most of the work.
const MANY_PER_CHUNK: u64 = 16;

/// A variable of the list of attributes, and the attributes that its values are.
struct Variable {
    name: &'static str,
    limits: [u32; 2],
    prefix: &'static str,
}

/// Colours are the benchmark's conditions; the others can be chosen. Gender has two values, of which one attribute tells the
/// second.
const VARIABLES: [Variable; 4] = [
    Variable { name: "color_", limits: [1, 17], prefix: "Colour_" },
    Variable { name: "sleeve_", limits: [1, 4], prefix: "Sleeve_" },
    Variable { name: "gender_", limits: [0, 1], prefix: "Gender_" },
    Variable { name: "cate_new", limits: [1, 19], prefix: "Category_" },
];

impl Variable {
    fn attributes(&self) -> impl Iterator<Item = (u32, String)> {
        let digits = if self.limits[1] > 9 { 2 } else { 1 };
        (self.limits[0].max(1)..=self.limits[1]).map(move |value| (value, format!("{}{value:0digits$}", self.prefix)))
    }
}

/// Samples of the benchmark, by their place in the file.
struct FashionSource {
    root: PathBuf,
    planes: Planes,
    plan: Plan,
    values: AttributeValues,
}

/// Whether the folder has this layout.
pub(super) fn is_fashion_synthesis(root: &Path) -> bool {
    find(root, PLANES).is_some()
}

fn find(root: &Path, name: &str) -> Option<PathBuf> {
    FOLDERS.iter().map(|folder| root.join(folder).join(name)).find(|path| path.is_file())
}

/// Opens the three files and checks that they speak of the same images.
///
/// The benchmark has the parts train and test, listed in `ind.mat`, and no validation part.
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let missing = |name: &str| DataError::content(root, format!("no file {name}; put it beside {PLANES}"));
    let native = celeba::builtin("fashion-7", root)?;
    let planes = find(root, PLANES).ok_or_else(|| missing(PLANES))?;
    let planes = Planes::open(&planes, native.n_labels())?;
    indexing.tell()?;
    let attributes = find(root, ATTRIBUTES).ok_or_else(|| missing(ATTRIBUTES))?;
    let wanted = wanted_variables(options);
    let columns: Vec<String> = wanted.iter().flat_map(|variable| variable.attributes()).map(|(_, name)| name).collect();
    let usual = native.clone();
    let plan = Plan::new(Offer { native, usual, columns: &columns, place: &attributes }, options)?;
    let mut variables = Vec::new();
    for variable in wanted {
        let numbers = whole_numbers(&attributes, variable.name, variable.limits)?;
        indexing.tell()?;
        if numbers.len() != planes.len() {
            let problem =
                format!("`{}` has {} values for {} images in {PLANES}", variable.name, numbers.len(), planes.len());
            return Err(DataError::content(&attributes, problem));
        }
        variables.push((variable, numbers));
    }
    let rows = (0..planes.len()).flat_map(|index| {
        let bits = variables.iter().flat_map(move |(variable, numbers)| {
            let number = numbers.get(index).copied();
            variable.attributes().map(move |(value, _)| u8::from(number == Some(value)))
        });
        bits.collect::<Vec<u8>>()
    });
    let values = AttributeValues::new(columns.len(), rows.collect());
    let splits = splits(root, planes.len())?;
    if planes.images_per_chunk() > MANY_PER_CHUNK {
        tracing::warn!(
            "{}: {} images share a chunk, so each is slow to read at random; convert the data set first",
            root.display(),
            planes.images_per_chunk()
        );
    }
    let source = FashionSource { root: root.to_path_buf(), planes, plan, values };
    Ok(Opened { source: Box::new(source), problems: Vec::new(), splits })
}

/// The colours, and with chosen attributes or another taxonomy those variables that these name.
fn wanted_variables(options: &OpenOptions) -> Vec<&'static Variable> {
    let named = options.attributes.iter().flatten().map(String::as_str);
    let asked = options.taxonomy.iter().flat_map(Taxonomy::attribute_names);
    let names: Vec<&str> = named.chain(asked).collect();
    let is_wanted =
        |variable: &&Variable| variable.name == "color_" || names.iter().any(|name| name.starts_with(variable.prefix));
    VARIABLES.iter().filter(is_wanted).collect()
}

/// The parts as `ind.mat` lists them, or by hash without it. What it lists twice or not at all is an error or in no part.
fn splits(root: &Path, len: usize) -> Result<Vec<Split>, DataError> {
    let Some(path) = find(root, PARTS) else {
        return Ok((0..len).map(|index| Split::of_name(&name(index))).collect());
    };
    let mut splits = vec![Split::All; len];
    let last = u32::try_from(len).unwrap_or(u32::MAX);
    for (variable, split) in [("train_ind", Split::Train), ("test_ind", Split::Test)] {
        for number in whole_numbers(&path, variable, [1, last])? {
            let Some(place) = splits.get_mut(number as usize - 1) else { continue };
            if *place != Split::All {
                let problem = format!("`{variable}` lists image {number}, which is in `{place}` already");
                return Err(DataError::content(&path, problem));
            }
            *place = split;
        }
    }
    Ok(splits)
}

/// Counted from 1 as in `ind.mat`.
fn name(index: usize) -> String {
    format!("G2-{:05}", index + 1)
}

impl FashionSource {
    fn check(&self, index: usize) -> Result<(), DataError> {
        if index < self.planes.len() { Ok(()) } else { Err(DataError::Index { index, len: self.planes.len() }) }
    }
}

impl SampleSource for FashionSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.plan.taxonomy
    }

    fn len(&self) -> usize {
        self.planes.len()
    }

    fn describe(&self) -> String {
        let (title, root) = (Format::FashionSynthesis.title(), self.root.display());
        format!("{title} {root}: {} images, taxonomy `{}`", self.len(), self.plan.taxonomy.name)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        self.check(index)?;
        let image = self.planes.image(index)?;
        let labels = self.plan.merged(self.planes.labels(index)?);
        let attributes = self.plan.attributes(self.values.row(index as u32), &image, &labels);
        let (image, labels) = square::centre_crop(&image, &labels, resolution);
        Ok(Sample { name: name(index), image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        self.check(index)?;
        Ok(Some(self.planes.size_px()))
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        [PLANES, ATTRIBUTES, PARTS].iter().filter_map(|name| find(&self.root, name)).collect()
    }
}
