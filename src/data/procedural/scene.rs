//! A drawing as a list of painted parts. One list renders twice: as an anti-aliased picture and as exact label ids,
//! so the mask is the picture's own geometry.

use image::RgbImage;
use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Mask, Paint, Path, Pixmap, Point,
    RadialGradient, Shader, SpreadMode, Stroke, Transform,
};

use super::soft::fill_soft;
use crate::label_image::LabelImage;
use crate::taxonomy::LabelId;

/// Side of the drawing plane in design pixels; every coordinate and width of a drawing is in these.
pub(super) const DESIGN_SIDE: f32 = 128.0;

/// Colour samples per picture pixel and axis.
const SUPERSAMPLING: u32 = 2;

/// How a part is coloured.
#[derive(Clone)]
pub(super) enum Ink {
    /// Not at all: the part only writes its label.
    Hidden,
    /// One colour.
    Solid(Color),
    /// A gradient, in the part's own coordinates.
    Gradient(Shader<'static>),
    /// One colour with a blurred edge: light and shadow.
    Soft { color: Color, blur: f32 },
    /// The path's line instead of its inside.
    Line { color: Color, width: f32 },
}

impl Ink {
    /// From `from` to `to` in a straight line.
    pub(super) fn linear(from: Point, to: Point, stops: &[(f32, Color)]) -> Self {
        let gradient = LinearGradient::new(from, to, gradient_stops(stops), SpreadMode::Pad, Transform::identity());
        Self::shader_or_last(gradient, stops)
    }

    /// From the centre outwards.
    pub(super) fn radial(center: Point, radius: f32, stops: &[(f32, Color)]) -> Self {
        let gradient = RadialGradient::new(
            center,
            0.0,
            center,
            radius.max(0.01),
            gradient_stops(stops),
            SpreadMode::Pad,
            Transform::identity(),
        );
        Self::shader_or_last(gradient, stops)
    }

    fn shader_or_last(shader: Option<Shader<'static>>, stops: &[(f32, Color)]) -> Self {
        shader.map_or_else(|| stops.last().map_or(Self::Hidden, |&(_, color)| Self::Solid(color)), Self::Gradient)
    }
}

fn gradient_stops(stops: &[(f32, Color)]) -> Vec<GradientStop> {
    stops.iter().map(|&(position, color)| GradientStop::new(position, color)).collect()
}

struct Part {
    path: Path,
    transform: Transform,
    ink: Ink,
    label: Option<LabelId>,
    clip: Option<usize>,
}

/// Parts in painter's order. Parts outside a clip are cut off in both passes.
pub(super) struct Scene {
    parts: Vec<Part>,
    clips: Vec<(Path, Transform)>,
    clip: Option<usize>,
    transform: Transform,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self { parts: Vec::with_capacity(192), clips: Vec::new(), clip: None, transform: Transform::identity() }
    }

    /// Where the parts added from now on are placed.
    pub(super) fn place(&mut self, transform: Transform) {
        self.transform = transform;
    }

    /// Cuts the parts added from now on to `path`, until [`Self::unclip`].
    pub(super) fn clip_to(&mut self, path: &Path) {
        self.clips.push((path.clone(), self.transform));
        self.clip = Some(self.clips.len() - 1);
    }

    pub(super) fn unclip(&mut self) {
        self.clip = None;
    }

    /// A part that is seen but leaves the labels under it alone.
    pub(super) fn paint(&mut self, path: &Path, ink: Ink) {
        self.push(path, ink, None);
    }

    /// A part that also writes its label.
    pub(super) fn label(&mut self, path: &Path, ink: Ink, label: LabelId) {
        self.push(path, ink, Some(label));
    }

    /// A blurred light or shadow.
    pub(super) fn soft(&mut self, path: &Path, color: Color, blur: f32) {
        self.push(path, Ink::Soft { color, blur }, None);
    }

    /// A drawn line.
    pub(super) fn line(&mut self, path: &Path, color: Color, width: f32) {
        self.push(path, Ink::Line { color, width }, None);
    }

    fn push(&mut self, path: &Path, ink: Ink, label: Option<LabelId>) {
        self.parts.push(Part { path: path.clone(), transform: self.transform, ink, label, clip: self.clip });
    }

    /// The label pass: every pixel takes the label of the topmost labelled part that covers its centre, and 0 where
    /// there is none.
    pub(super) fn labels(&self, resolution: u32) -> LabelImage {
        let mut labels = LabelImage::new(resolution, resolution, 0);
        let scale = resolution as f32 / DESIGN_SIDE;
        let Some(mut canvas) = Pixmap::new(resolution, resolution) else { return labels };
        for part in &self.parts {
            let Some(label) = part.label else { continue };
            let mut paint = Paint { anti_alias: false, blend_mode: BlendMode::Source, ..Paint::default() };
            paint.set_color_rgba8(label, 0, 0, 255);
            let clip = part.clip.and_then(|clip| self.clip_mask(clip, resolution, scale, false));
            let transform = part.transform.post_scale(scale, scale);
            canvas.fill_path(&part.path, &paint, FillRule::Winding, transform, clip.as_ref());
        }
        for (i, pixel) in canvas.pixels().iter().enumerate() {
            let i = i as u32;
            labels.set(i % resolution, i / resolution, pixel.red());
        }
        labels
    }

    /// The colour pass: drawn at twice the resolution and averaged down.
    pub(super) fn image(&self, resolution: u32) -> RgbImage {
        let side = resolution * SUPERSAMPLING;
        let scale = side as f32 / DESIGN_SIDE;
        let Some(mut canvas) = Pixmap::new(side, side) else { return RgbImage::new(resolution, resolution) };
        canvas.fill(Color::WHITE);
        let mut masks: Vec<Option<Mask>> = self.clips.iter().map(|_| None).collect();
        for part in &self.parts {
            if let Some(clip) = part.clip
                && masks[clip].is_none()
            {
                masks[clip] = self.clip_mask(clip, side, scale, true);
            }
            let mask = part.clip.and_then(|clip| masks[clip].as_ref());
            draw(&mut canvas, part, scale, mask);
        }
        average_down(&canvas, resolution)
    }

    fn clip_mask(&self, clip: usize, side: u32, scale: f32, anti_alias: bool) -> Option<Mask> {
        let (path, transform) = &self.clips[clip];
        let mut mask = Mask::new(side, side)?;
        mask.fill_path(path, FillRule::Winding, anti_alias, transform.post_scale(scale, scale));
        Some(mask)
    }
}

fn draw(canvas: &mut Pixmap, part: &Part, scale: f32, mask: Option<&Mask>) {
    let transform = part.transform.post_scale(scale, scale);
    let mut paint = Paint::default();
    match &part.ink {
        Ink::Hidden => {}
        Ink::Solid(color) => {
            paint.set_color(*color);
            canvas.fill_path(&part.path, &paint, FillRule::Winding, transform, mask);
        }
        Ink::Gradient(shader) => {
            paint.shader = shader.clone();
            canvas.fill_path(&part.path, &paint, FillRule::Winding, transform, mask);
        }
        Ink::Soft { color, blur } => fill_soft(canvas, &part.path, transform, *color, blur * scale, mask),
        Ink::Line { color, width } => {
            paint.set_color(*color);
            let stroke =
                Stroke { width: *width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
            canvas.stroke_path(&part.path, &paint, &stroke, transform, mask);
        }
    }
}

fn average_down(canvas: &Pixmap, resolution: u32) -> RgbImage {
    let row = (resolution * SUPERSAMPLING * 4) as usize;
    let data = canvas.data();
    let mut out = Vec::with_capacity((resolution * resolution * 3) as usize);
    for y in 0..resolution as usize {
        for x in 0..resolution as usize {
            let first = 2 * y * row + 8 * x;
            for channel in first..first + 3 {
                let sum = u32::from(data[channel])
                    + u32::from(data[channel + 4])
                    + u32::from(data[channel + row])
                    + u32::from(data[channel + row + 4]);
                out.push(((sum + 2) / 4) as u8);
            }
        }
    }
    RgbImage::from_raw(resolution, resolution, out).unwrap_or_else(|| RgbImage::new(resolution, resolution))
}
