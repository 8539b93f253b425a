//! Where the mask lies on the canvas: zoom and pan. Physical pixels, so that 100 % is pixel-exact on any display scale.

use crate::session::View;

/// Largest zoom, in physical screen pixels per mask pixel.
pub const ZOOM_MAX: f32 = 64.0;
/// Free border around a fitted mask, in physical pixels.
const FIT_MARGIN_PX: f32 = 18.0;

/// The sizes that a [`View`] relates: both positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// The area that shows the mask, in physical pixels.
    pub size_px: [f32; 2],
    /// The mask's width and height in its own pixels.
    pub mask: [f32; 2],
}

impl Canvas {
    fn fit_zoom(&self) -> f32 {
        let room = self.size_px.map(|side| (side - 2.0 * FIT_MARGIN_PX).max(16.0));
        let zoom = (room[0] / self.mask[0]).min(room[1] / self.mask[1]);
        zoom.clamp(1.0 / ZOOM_MAX, ZOOM_MAX)
    }

    fn zoom_min(&self) -> f32 {
        (self.fit_zoom() * 0.5).min(1.0)
    }
}

impl View {
    /// Physical screen pixels per mask pixel.
    pub fn zoom(&self, canvas: &Canvas) -> f32 {
        match *self {
            Self::Fit => canvas.fit_zoom(),
            Self::Free { zoom, .. } => zoom,
        }
    }

    fn center(&self, canvas: &Canvas) -> [f32; 2] {
        match *self {
            Self::Fit => canvas.mask.map(|side| side / 2.0),
            Self::Free { center, .. } => center,
        }
    }

    /// The mask's top left corner on the canvas, in whole physical pixels so that mask pixels stay sharp.
    pub fn origin_px(&self, canvas: &Canvas) -> [f32; 2] {
        let (zoom, center) = (self.zoom(canvas), self.center(canvas));
        [0, 1].map(|axis| (canvas.size_px[axis] / 2.0 - center[axis] * zoom).round())
    }

    /// From physical canvas pixels to mask pixels.
    pub fn mask_from_canvas(&self, canvas: &Canvas, at_px: [f32; 2]) -> [f32; 2] {
        let (zoom, origin) = (self.zoom(canvas), self.origin_px(canvas));
        [0, 1].map(|axis| (at_px[axis] - origin[axis]) / zoom)
    }

    /// Zoomed by `factor` with the mask place under `at_px` kept there. Factors that are not finite and positive do nothing.
    pub fn zoomed(&self, canvas: &Canvas, factor: f32, at_px: [f32; 2]) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return *self;
        }
        let fixed = self.mask_from_canvas(canvas, at_px);
        let zoom = (self.zoom(canvas) * factor).clamp(canvas.zoom_min(), ZOOM_MAX);
        let center = [0, 1].map(|axis| fixed[axis] - (at_px[axis] - canvas.size_px[axis] / 2.0) / zoom);
        Self::free(canvas, zoom, center)
    }

    /// Moved by physical pixels.
    pub fn panned(&self, canvas: &Canvas, by_px: [f32; 2]) -> Self {
        let (zoom, center) = (self.zoom(canvas), self.center(canvas));
        Self::free(canvas, zoom, [0, 1].map(|axis| center[axis] - by_px[axis] / zoom))
    }

    /// One physical pixel per mask pixel, around the same middle.
    pub fn actual_size(&self, canvas: &Canvas) -> Self {
        Self::free(canvas, 1.0, self.center(canvas))
    }

    /// The middle never leaves the mask, so it can't get lost.
    fn free(canvas: &Canvas, zoom: f32, center: [f32; 2]) -> Self {
        let inside = |axis: usize| if center[axis].is_nan() { canvas.mask[axis] / 2.0 } else { center[axis] };
        let center = [0, 1].map(|axis| inside(axis).clamp(0.0, canvas.mask[axis]));
        Self::Free { zoom, center }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    const CANVAS: Canvas = Canvas { size_px: [800.0, 600.0], mask: [512.0, 512.0] };

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        for factor in [0.8, 1.3, 3.0] {
            let mut view = View::Fit;
            for at_px in [[400.0, 300.0], [310.0, 420.0], [500.0, 200.0]] {
                let before = view.mask_from_canvas(&CANVAS, at_px);
                let next = view.zoomed(&CANVAS, factor, at_px);
                let after = next.mask_from_canvas(&CANVAS, at_px);
                let tolerance = 1.0 / next.zoom(&CANVAS).min(view.zoom(&CANVAS));
                assert!((before[0] - after[0]).abs() <= tolerance && (before[1] - after[1]).abs() <= tolerance);
                view = next;
            }
        }
    }

    #[test]
    fn fit_shows_the_whole_mask_and_limits_hold() {
        let origin = View::Fit.origin_px(&CANVAS);
        let end = View::Fit.zoom(&CANVAS) * 512.0 + origin[1];
        assert!(origin[1] >= 0.0 && end <= 600.0);
        let mut view = View::Fit;
        for _ in 0..100 {
            view = view.zoomed(&CANVAS, 2.0, [0.0, 0.0]);
        }
        assert_eq!(view.zoom(&CANVAS), ZOOM_MAX);
        for _ in 0..100 {
            view = view.zoomed(&CANVAS, 0.5, [0.0, 0.0]).panned(&CANVAS, [1e6, -1e6]);
        }
        let View::Free { zoom, center } = view else { panic!("still fitted") };
        assert!(zoom > 0.1 && center.iter().all(|c| (0.0..=512.0).contains(c)));
        assert_eq!(view.zoomed(&CANVAS, f32::NAN, [0.0; 2]), view);
    }

    #[test]
    fn actual_size_is_one_to_one() {
        assert_eq!(View::Fit.actual_size(&CANVAS).zoom(&CANVAS), 1.0);
    }
}
