//! Pictures of a wall, with step outputs of their own so that the live picture keeps its.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{MaskAtModelSize, Passes, RenderError, Renderer, Steps, all_pixels, to_rgba};
use crate::document::LabelMap;
use crate::engine::picture::PicturePixels;
use crate::engine::wall::{WallPicture, WallTile};
use crate::model::compose;

/// What the last tile has left: the mask's features serve all tiles, a latent's those that differ in attributes only.
#[derive(Default)]
pub(super) struct WallCache {
    mask: MaskAtModelSize,
    steps: Steps<Tensor<4>>,
}

impl Renderer {
    /// Draws tiles of a mask, one after the other, and reads them back together. `go_on` is asked before every step of the
    /// generator; after it says no, the tiles that are finished are the answer.
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub fn wall(
        &mut self,
        labels: &LabelMap,
        tiles: &[WallTile],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderError> {
        if self.passes.is_some() {
            return self.wall_by_passes(labels, tiles, go_on);
        }
        let mut images = Vec::with_capacity(tiles.len());
        for tile in tiles {
            match self.tile(labels, tile, go_on) {
                Ok(Some(image)) => images.push(image),
                Ok(None) => break,
                Err(error) => {
                    self.wall.steps.clear();
                    return Err(error);
                }
            }
        }
        if images.is_empty() {
            return Ok(Vec::new());
        }
        let (side, resolution) = (self.side_px(), self.model.card.resolution());
        let together = if images.len() == 1 { images.remove(0) } else { Tensor::cat(images, 0) };
        let pictures = all_pixels(together, resolution)?.into_iter().zip(tiles);
        Ok(pictures.map(|(rgba, tile)| picture(tile, side, rgba)).collect())
    }

    /// These leave the live picture's last steps to be run again, which takes a millisecond.
    fn wall_by_passes(
        &mut self,
        labels: &LabelMap,
        tiles: &[WallTile],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderError> {
        let mut pictures = Vec::with_capacity(tiles.len());
        for tile in tiles {
            if !go_on() {
                break;
            }
            let Some((_, values)) = self.by_passes(labels, &tile.latent, &tile.attributes, Passes::values)? else {
                break;
            };
            pictures.push(picture(tile, self.side_px(), to_rgba(&values)));
        }
        Ok(pictures)
    }

    fn tile(
        &mut self,
        labels: &LabelMap,
        tile: &WallTile,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Tensor<4>>, RenderError> {
        self.check(&tile.attributes, &tile.latent)?;
        let mask = match self.mask.known(labels) {
            Some(mask) => mask,
            None => self.wall.mask.get(labels, |labels| super::at_model_size(&self.model.card, labels))?,
        };
        let z = compose(&tile.latent, self.model.card.generator.n_z, &self.directions);
        let Self { model, device, cache, counts, wall, .. } = self;
        let steps = wall.steps.keep_valid(&mask, &z, &tile.attributes);
        if steps.spatial && !go_on() {
            return Ok(None);
        }
        let spatial = wall.steps.spatial::<RenderError>(mask, |mask| {
            // The live picture has the mask's features already, as a rule.
            Ok(match cache.spatial_of(mask) {
                Some(known) => known.clone(),
                None => {
                    counts.spatial += 1;
                    super::spatial(model, mask, device)
                }
            })
        })?;
        let spatial = spatial.clone();
        if steps.latent && !go_on() {
            return Ok(None);
        }
        let base = wall.steps.latent::<RenderError>(z, |z| {
            counts.latent += 1;
            Ok(super::attribute_base(model, spatial, z, device))
        })?;
        let base = base.clone();
        if steps.attributes && !go_on() {
            return Ok(None);
        }
        let image = wall.steps.attributes::<RenderError>(Arc::clone(&tile.attributes), |attributes| {
            counts.attributes += 1;
            Ok(model.generator.attributes_on(base, super::row(attributes.to_vec(), device)))
        })?;
        Ok(Some(image.clone()))
    }
}

fn picture(tile: &WallTile, side: u32, rgba: Arc<[u8]>) -> WallPicture {
    WallPicture { id: tile.id, picture: PicturePixels { width: side, height: side, rgba } }
}
