//! Where Burn keeps a tensor on a GPU, and textures drawn from there.

use burn::backend::Wgpu;
use burn::backend::wgpu::{AutoCompiler, CubeBackend};
use burn::tensor::{DType, StreamId, Tensor};
use cubecl_wgpu::WgpuServer;

use super::picture_texture::{PictureTexture, Planes, TextureError, TexturePass};
use super::texture_output::TextureOutput;

/// The buffer that holds a picture `[1, 3, h, w]` of f32, with everything that writes to it handed to the device's
/// queue: what is submitted there after this call sees the values. Nothing waits for the device itself, but the calls
/// wait for Burn's own thread, so this belongs on the thread that made the tensor and never on the window's.
///
/// # Errors
/// The tensor lies on no GPU, is no f32 picture, or the device failed.
pub fn planes_of(image: &Tensor<4>) -> Result<Planes, TextureError> {
    let layout = |what: String| TextureError::Layout(what);
    let device = |error: String| TextureError::Device(error);
    let fused = image.clone().try_into_primitive::<Wgpu>().map_err(|error| layout(format!("{error:?}")))?;
    let fusion = fused.client.clone();
    // Runs the operations that fusion still holds back; they end up with CubeCL, which holds them back in turn.
    let tensor = fusion.resolve_tensor_float::<CubeBackend>(fused);
    if tensor.dtype != DType::F32 || tensor.qparams.is_some() {
        return Err(layout(format!("its values are {:?}", tensor.dtype)));
    }
    let (shape, strides) = (tensor.meta.shape().to_vec(), tensor.meta.strides().to_vec());
    let (&[1, 3, height, width], &[_, channel, row, column]) = (&shape[..], &strides[..]) else {
        return Err(layout(format!("its shape is {shape:?} with strides {strides:?}")));
    };
    let number = |value: usize| u32::try_from(value).map_err(|_| layout(format!("{shape:?}, {strides:?}")));

    let resource = tensor.client.get_resource::<WgpuServer<AutoCompiler>>(tensor.handle.clone());
    let resource = resource.map_err(|error| device(format!("{error:?}")))?;
    // A stream's work lies in its own encoder until the stream is flushed.
    tensor.client.flush().map_err(|error| device(format!("{error:?}")))?;
    let home = tensor.handle.stream;
    if home != StreamId::current() {
        home.executes(|| tensor.client.flush()).map_err(|error| device(format!("{error:?}")))?;
    }
    let place = resource.resource();
    // The allocation may be handed out again as soon as this returns. Whoever gets it writes through the same queue,
    // so behind the reader that is about to be submitted.
    Ok(Planes {
        buffer: place.buffer.clone(),
        offset: place.offset,
        width: number(width)?,
        height: number(height)?,
        strides: [number(channel)?, number(row)?, number(column)?],
    })
}

/// Draws the tensors of one device.
#[derive(Clone, Debug)]
pub struct TensorTextures {
    pass: TexturePass,
}

impl TensorTextures {
    pub(super) fn new(pass: TexturePass) -> Self {
        Self { pass }
    }

    /// The pass, to queue a picture without waiting for it.
    pub fn pass(&self) -> &TexturePass {
        &self.pass
    }
}

impl TextureOutput for TensorTextures {
    /// Returns when the picture is finished, so that pictures are not queued faster than the device draws them: the
    /// window would show them late, and Burn would at last wait for the device while holding the lock that presenting
    /// needs.
    fn draw(&self, image: &Tensor<4>) -> Result<PictureTexture, TextureError> {
        self.pass.submit(&planes_of(image)?)?.wait()
    }

    fn pass(&self) -> Option<&TexturePass> {
        Some(&self.pass)
    }
}
