//! A canvas that is rendered at every checkpoint of a run.

use std::path::Path;
use std::sync::Arc;

use image::RgbaImage;
use image::imageops::{self, FilterType};

use crate::document::{LabelMap, LatentState};
use crate::engine::{LiveRequest, ModelRef, Renderer};
use crate::gpu::ComputeDevice;
use crate::taxonomy::{LabelId, Taxonomy};

/// Pictures of probes are at most this wide, in pixels: hundreds of them stay in memory.
pub const PROBE_SIDE_MAX_PX: u32 = 192;
const BACKGROUND: LabelId = 0;

/// A pinned canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Tells probes apart, for good.
    pub id: u64,
    /// Labels and attributes of the canvas.
    pub taxonomy: Taxonomy,
    /// Its mask.
    pub labels: LabelMap,
    /// A strength per attribute.
    pub attributes: Arc<[f32]>,
    /// Its latent code.
    pub latent: LatentState,
}

/// What a checkpoint makes of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbePicture {
    /// The probe's id.
    pub probe: u64,
    /// The checkpoint's step.
    pub step: u64,
    /// Pixels per row, at most [`PROBE_SIDE_MAX_PX`].
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width · height` opaque RGBA pixels, row-major from the top left.
    pub rgba: Arc<[u8]>,
}

impl Probe {
    /// The request that renders it with a model of another taxonomy, too: labels and attributes go by name, and what has
    /// no counterpart is background or off.
    pub fn request(&self, taxonomy: &Taxonomy) -> LiveRequest {
        let (labels, attributes) = if self.taxonomy.has_channels_of(taxonomy) {
            (self.labels.clone(), Arc::clone(&self.attributes))
        } else {
            (self.labels_in(taxonomy), self.attributes_in(taxonomy))
        };
        LiveRequest { generation: self.id, labels, attributes, latent: self.latent.clone() }
    }

    fn labels_in(&self, taxonomy: &Taxonomy) -> LabelMap {
        let counterpart = |name: &str| taxonomy.counterpart(name).unwrap_or(BACKGROUND);
        let table: Vec<LabelId> = self.taxonomy.labels.iter().map(|label| counterpart(&label.name)).collect();
        let mut mapped = self.labels.to_image();
        for y in 0..mapped.height() {
            for x in 0..mapped.width() {
                let id = table.get(usize::from(mapped.get(x, y))).copied();
                mapped.set(x, y, id.unwrap_or(BACKGROUND));
            }
        }
        mapped.into()
    }

    fn attributes_in(&self, taxonomy: &Taxonomy) -> Arc<[f32]> {
        let strength = |name: &str| {
            let index = self.taxonomy.attribute_index(name)?;
            self.attributes.get(index).copied()
        };
        taxonomy.attribute_names().map(|name| strength(name).unwrap_or_default()).collect()
    }
}

/// Renders probes with a checkpoint's model.
///
/// # Errors
/// The model cannot be read, or the device fails; the message names the file.
pub(super) fn render(
    model: &Path,
    step: u64,
    probes: &[Arc<Probe>],
    compute: &ComputeDevice,
) -> Result<Vec<ProbePicture>, String> {
    let mut renderer = Renderer::load(&ModelRef::File(model.to_owned()), compute).map_err(|error| error.to_string())?;
    let taxonomy = renderer.card().taxonomy.clone();
    let mut pictures = Vec::with_capacity(probes.len());
    for probe in probes {
        let request = probe.request(&taxonomy);
        let picture = renderer.read(&request).map_err(|error| format!("{}: {error}", model.display()))?;
        pictures.push(small(probe.id, step, picture.width, picture.height, &picture.rgba));
    }
    Ok(pictures)
}

fn small(probe: u64, step: u64, width: u32, height: u32, rgba: &Arc<[u8]>) -> ProbePicture {
    if width.max(height) > PROBE_SIDE_MAX_PX
        && let Some(full) = RgbaImage::from_raw(width, height, rgba.to_vec())
    {
        let side = |side: u32| (side * PROBE_SIDE_MAX_PX / width.max(height)).max(1);
        let reduced = imageops::resize(&full, side(width), side(height), FilterType::Triangle);
        let (width, height) = reduced.dimensions();
        return ProbePicture { probe, step, width, height, rgba: reduced.into_raw().into() };
    }
    ProbePicture { probe, step, width, height, rgba: Arc::clone(rgba) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_canvas_of_another_taxonomy_goes_by_names() {
        let from = Taxonomy::builtin("portrait").unwrap();
        let mut to = from.clone();
        to.labels.swap(1, 2);
        to.groups.reverse();
        let mut labels = LabelMap::new(2, 1, 1);
        labels.set(1, 0, 2);
        let mut attributes = vec![0.0; from.n_attributes()];
        attributes[0] = 0.7;
        let probe = Probe {
            id: 3,
            taxonomy: from.clone(),
            labels,
            attributes: attributes.into(),
            latent: LatentState::default(),
        };
        assert_eq!(probe.request(&from).labels, probe.labels);
        let request = probe.request(&to);
        assert_eq!(request.labels.to_image().ids(), [2, 1]);
        let first = from.attribute_names().next().unwrap();
        assert_eq!(request.attributes[to.attribute_index(first).unwrap()], 0.7);
        assert_eq!(request.attributes.iter().sum::<f32>(), 0.7);
    }

    #[test]
    fn large_pictures_are_reduced() {
        let rgba: Arc<[u8]> = vec![9; 4 * 400 * 200].into();
        let picture = small(1, 2, 400, 200, &rgba);
        assert_eq!((picture.width, picture.height), (PROBE_SIDE_MAX_PX, PROBE_SIDE_MAX_PX / 2));
        assert_eq!(picture.rgba.len() as u32, 4 * picture.width * picture.height);
        assert_eq!(small(1, 2, 100, 200, &vec![9; 4 * 100 * 200].into()).width, 96);
    }
}
