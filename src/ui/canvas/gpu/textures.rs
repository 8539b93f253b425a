//! Label map, result, guide and differences as textures, uploaded only where they changed.

use std::sync::Arc;

use eframe::wgpu;
use image::RgbaImage;

use crate::document::{LabelMap, Rect};
use crate::engine::{LiveFrame, Obedience, Picture};

/// The label map as numbers, one texel per mask pixel.
pub(super) struct LabelTexture {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    uploaded: LabelMap,
}

impl LabelTexture {
    /// A map of one pixel.
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let uploaded = LabelMap::new(1, 1, 0);
        let (texture, view) = create(device, wgpu::TextureFormat::R8Uint, 1, 1);
        let this = Self { texture, view, uploaded };
        this.upload(queue, Rect { x: 0, y: 0, width: 1, height: 1 });
        this
    }

    /// What the shader reads.
    pub(super) fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Uploads the smallest rectangle around what changed. True when the view is another one.
    pub(super) fn update(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, labels: &LabelMap) -> bool {
        let Some(changed) = labels.changed_rect_since(&self.uploaded) else { return false };
        let (width, height) = (labels.width(), labels.height());
        let resized = (self.texture.width(), self.texture.height()) != (width, height);
        if resized {
            (self.texture, self.view) = create(device, wgpu::TextureFormat::R8Uint, width, height);
        }
        self.uploaded = labels.clone();
        self.upload(queue, changed);
        resized
    }

    fn upload(&self, queue: &wgpu::Queue, part: Rect) {
        write(queue, &self.texture, part, 1, &self.uploaded.ids_in(part));
    }
}

/// The result.
pub(super) struct ResultTexture {
    /// Where pictures from main memory go.
    uploaded: wgpu::Texture,
    view: wgpu::TextureView,
    shown: Option<Arc<LiveFrame>>,
}

impl ResultTexture {
    /// A transparent pixel.
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let (uploaded, view) = create(device, wgpu::TextureFormat::Rgba8Unorm, 1, 1);
        Self { uploaded, view, shown: None }
    }

    /// What the shader reads.
    pub(super) fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// The one place that knows how a frame's picture comes to the shader: pixels are uploaded, a texture, which lies on
    /// the window's own device, is read where it is. True when the view is another one.
    pub(super) fn update(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        frame: Option<&Arc<LiveFrame>>,
    ) -> bool {
        let Some(frame) = frame else { return false };
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, frame)) {
            return false;
        }
        let elsewhere = self.shown.replace(Arc::clone(frame)).is_some_and(|shown| shown.picture.pixels().is_none());
        match &frame.picture {
            Picture::Pixels(rgba) => {
                if elsewhere {
                    self.view = self.uploaded.create_view(&wgpu::TextureViewDescriptor::default());
                }
                let part = Rect { x: 0, y: 0, width: frame.width, height: frame.height };
                upload_picture(device, queue, (&mut self.uploaded, &mut self.view), part, rgba) || elsewhere
            }
            Picture::Texture(picture) => {
                self.view = picture.view();
                true
            }
        }
    }
}

/// The tracing guide.
pub(super) struct GuideTexture {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    shown: Option<Arc<RgbaImage>>,
}

impl GuideTexture {
    /// A transparent pixel.
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let (texture, view) = create(device, wgpu::TextureFormat::Rgba8Unorm, 1, 1);
        Self { texture, view, shown: None }
    }

    /// What the shader reads.
    pub(super) fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Uploads another photo. True when the view is another one. Without a photo the last one stays, unseen.
    pub(super) fn update(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        photo: Option<&Arc<RgbaImage>>,
    ) -> bool {
        let Some(photo) = photo else { return false };
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, photo)) {
            return false;
        }
        self.shown = Some(Arc::clone(photo));
        let part = Rect { x: 0, y: 0, width: photo.width(), height: photo.height() };
        upload_picture(device, queue, (&mut self.texture, &mut self.view), part, photo)
    }
}

/// Where the picture disobeys, as numbers of the labels that are read there.
pub(super) struct DifferenceTexture {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    shown: Option<Arc<Obedience>>,
}

impl DifferenceTexture {
    /// One pixel, which nobody looks at.
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let (texture, view) = create(device, wgpu::TextureFormat::R8Uint, 1, 1);
        Self { texture, view, shown: None }
    }

    /// What the shader reads.
    pub(super) fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Uploads another comparison. True when the view is another one. Without one the last one stays, unseen.
    pub(super) fn update(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        obedience: Option<&Arc<Obedience>>,
    ) -> bool {
        let Some(obedience) = obedience else { return false };
        let side = obedience.side;
        let whole = obedience.differences.len() == side as usize * side as usize && side > 0;
        if !whole || self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, obedience)) {
            return false;
        }
        self.shown = Some(Arc::clone(obedience));
        let resized = (self.texture.width(), self.texture.height()) != (side, side);
        if resized {
            (self.texture, self.view) = create(device, wgpu::TextureFormat::R8Uint, side, side);
        }
        write(queue, &self.texture, Rect { x: 0, y: 0, width: side, height: side }, 1, &obedience.differences);
        resized
    }
}

/// Replaces a texture's whole picture, and the texture where the size differs; true then. Pixels that don't fill the
/// size are left out.
fn upload_picture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    (texture, view): (&mut wgpu::Texture, &mut wgpu::TextureView),
    part: Rect,
    rgba: &[u8],
) -> bool {
    if rgba.is_empty() || rgba.len() != part.width as usize * part.height as usize * 4 {
        return false;
    }
    let resized = (texture.width(), texture.height()) != (part.width, part.height);
    if resized {
        (*texture, *view) = create(device, wgpu::TextureFormat::Rgba8Unorm, part.width, part.height);
    }
    write(queue, texture, part, 4, rgba);
    resized
}

fn create(
    device: &wgpu::Device,
    format: wgpu::TextureFormat,
    width: u32,
    height: u32,
) -> (wgpu::Texture, wgpu::TextureView) {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("canvas"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    (texture, view)
}

fn write(queue: &wgpu::Queue, texture: &wgpu::Texture, part: Rect, texel_bytes: u32, texels: &[u8]) {
    queue.write_texture(
        wgpu::TexelCopyTextureInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d { x: part.x, y: part.y, z: 0 },
            aspect: wgpu::TextureAspect::All,
        },
        texels,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(texel_bytes * part.width),
            rows_per_image: Some(part.height),
        },
        wgpu::Extent3d { width: part.width, height: part.height, depth_or_array_layers: 1 },
    );
}
