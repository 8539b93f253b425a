//! How a generator's picture reaches a texture.

use burn::tensor::Tensor;

use super::picture_texture::{PictureTexture, TextureError, TexturePass};

/// Draws tensors into textures of the device that draws the window.
pub trait TextureOutput {
    /// `[1, 3, h, w]` in [−1, 1] becomes an opaque picture, h rows of w pixels.
    ///
    /// # Errors
    /// The tensor is of another shape or lies elsewhere, or the device fails.
    fn draw(&self, image: &Tensor<4>) -> Result<PictureTexture, TextureError>;

    /// Where planes that lie in plain buffers can be drawn; none if only tensors can.
    fn pass(&self) -> Option<&TexturePass> {
        None
    }
}
