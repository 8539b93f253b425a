//! Blurred fills: the soft light and shadow that make the drawings look painted.

use tiny_skia::{Color, FillRule, Mask, Path, Pixmap, Transform};

/// A rectangle of whole pixels inside the canvas.
struct Area {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// Fills `path` with one colour, its edge blurred over about `blur_px` to either side. The canvas must be opaque.
pub(super) fn fill_soft(
    canvas: &mut Pixmap,
    path: &Path,
    transform: Transform,
    color: Color,
    blur_px: f32,
    clip: Option<&Mask>,
) {
    let Some(path) = path.clone().transform(transform) else { return };
    // Two box passes of radius r spread 2r to either side.
    let radius = (blur_px * 0.5).round().max(1.0) as usize;
    let Some(area) = covered(canvas, &path, 2 * radius + 1) else { return };
    let Some(mut mask) = Mask::new(area.width as u32, area.height as u32) else { return };
    let shift = Transform::from_translate(-(area.x as f32), -(area.y as f32));
    mask.fill_path(&path, FillRule::Winding, true, shift);
    let mut scratch = vec![0; area.width * area.height];
    for _ in 0..2 {
        blur_rows(mask.data(), &mut scratch, area.width, radius);
        blur_columns(&scratch, mask.data_mut(), area.width, radius);
    }
    blend(canvas, &area, mask.data(), color, clip);
}

fn covered(canvas: &Pixmap, path: &Path, margin: usize) -> Option<Area> {
    let bounds = path.bounds();
    let clamp = |value: f32, side: u32| value.clamp(0.0, side as f32) as usize;
    let margin = margin as f32;
    let left = clamp((bounds.left() - margin).floor(), canvas.width());
    let right = clamp((bounds.right() + margin).ceil(), canvas.width());
    let top = clamp((bounds.top() - margin).floor(), canvas.height());
    let bottom = clamp((bounds.bottom() + margin).ceil(), canvas.height());
    (right > left && bottom > top).then(|| Area { x: left, y: top, width: right - left, height: bottom - top })
}

/// Box mean along rows; the edge pixel stands for what lies outside.
fn blur_rows(from: &[u8], to: &mut [u8], width: usize, radius: usize) {
    let last = width - 1;
    let scale = reciprocal(radius);
    for (row, out) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
        let mut sum = u32::from(row[0]) * (radius as u32 + 1);
        sum += (1..=radius).map(|i| u32::from(row[i.min(last)])).sum::<u32>();
        for x in 0..width {
            out[x] = ((sum * scale) >> 16) as u8;
            sum += u32::from(row[(x + radius + 1).min(last)]);
            sum -= u32::from(row[x.saturating_sub(radius)]);
        }
    }
}

/// Box mean along columns, a whole row at a time so that memory is walked in order.
fn blur_columns(from: &[u8], to: &mut [u8], width: usize, radius: usize) {
    let last = from.len() / width - 1;
    let row = |y: usize| &from[y * width..(y + 1) * width];
    let scale = reciprocal(radius);
    let mut sums: Vec<u32> = row(0).iter().map(|&v| u32::from(v) * (radius as u32 + 1)).collect();
    for i in 1..=radius {
        for (sum, &value) in sums.iter_mut().zip(row(i.min(last))) {
            *sum += u32::from(value);
        }
    }
    for (y, out) in to.chunks_exact_mut(width).enumerate() {
        let (enters, leaves) = (row((y + radius + 1).min(last)), row(y.saturating_sub(radius)));
        for x in 0..width {
            out[x] = ((sums[x] * scale) >> 16) as u8;
            sums[x] = sums[x] + u32::from(enters[x]) - u32::from(leaves[x]);
        }
    }
}

/// 2¹⁶ / window, so a mean is a multiply and a shift.
fn reciprocal(radius: usize) -> u32 {
    65536 / (2 * radius as u32 + 1)
}

fn blend(canvas: &mut Pixmap, area: &Area, coverage: &[u8], color: Color, clip: Option<&Mask>) {
    let ink = color.to_color_u8();
    let opacity = u32::from(ink.alpha());
    let ink = [ink.red(), ink.green(), ink.blue()].map(i32::from);
    let stride = canvas.width() as usize;
    let data = canvas.data_mut();
    for y in 0..area.height {
        let first = (area.y + y) * stride + area.x;
        let pixels = data[first * 4..(first + area.width) * 4].chunks_exact_mut(4);
        let coverage = &coverage[y * area.width..(y + 1) * area.width];
        let clip = clip.map(|mask| &mask.data()[first..first + area.width]);
        for (x, pixel) in pixels.enumerate() {
            let mut alpha = u32::from(coverage[x]) * opacity / 255;
            if let Some(clip) = clip {
                alpha = alpha * u32::from(clip[x]) / 255;
            }
            for (value, ink) in pixel.iter_mut().zip(ink) {
                let old = i32::from(*value);
                *value = (old + (ink - old) * alpha as i32 / 255) as u8;
            }
        }
    }
}
