//! From screen points to mask pixels and back.

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{Pos2, Rect, Ui, vec2};

use crate::document::Point;
use crate::editor::Canvas;
use crate::session::View;

/// A place this close to a whole physical pixel names the pixel rather than its corner.
const WHOLE_PX: f32 = 1e-3;

/// An area of the window that shows the mask, or a picture in the mask's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// In points, on whole physical pixels.
    area: Rect,
    /// Physical pixels per point.
    scale: f32,
    /// The area and the mask.
    pub(super) canvas: Canvas,
    /// Zoom and pan. Input moves it on within a frame, so that later events of the frame land where they belong.
    pub(super) view: View,
}

impl Stage {
    /// All the room that is left in `ui`, for a mask of this width and height.
    pub(super) fn new(ui: &Ui, mask: [f32; 2], view: View) -> Self {
        Self::in_area(ui.available_rect_before_wrap(), ui.pixels_per_point(), mask, view)
    }

    fn in_area(area: Rect, scale: f32, mask: [f32; 2], view: View) -> Self {
        let area = area.round_to_pixels(scale);
        let size_px = [area.width(), area.height()].map(|side| (side * scale).round().max(1.0));
        Self { area, scale, canvas: Canvas { size_px, mask }, view }
    }

    /// In points.
    pub(super) fn area(&self) -> Rect {
        self.area
    }

    /// Physical pixels per point.
    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    /// A pointer position, from the area's corner, in physical pixels. A mouse reports whole physical pixels and means
    /// the pixel, so its middle is taken: what is shown there is what is painted. A pen's finer positions are kept.
    pub(super) fn canvas_px(&self, at: Pos2) -> [f32; 2] {
        let offset = (at - self.area.min) * self.scale;
        [offset.x, offset.y].map(|px| if (px - px.round()).abs() < WHOLE_PX { px.round() + 0.5 } else { px })
    }

    /// The place in the mask under the pointer.
    pub(super) fn mask_point(&self, at: Pos2) -> Point {
        let [x, y] = self.view.mask_from_canvas(&self.canvas, self.canvas_px(at));
        Point::new(x, y)
    }

    /// Where a place in the mask is on the screen.
    pub(super) fn screen(&self, place: Point) -> Pos2 {
        let [x, y] = self.view.origin_px(&self.canvas);
        let zoom = self.view.zoom(&self.canvas);
        self.area.min + vec2(x + place.x * zoom, y + place.y * zoom) / self.scale
    }

    /// Points per mask pixel.
    pub(super) fn zoom_points(&self) -> f32 {
        self.view.zoom(&self.canvas) / self.scale
    }

    /// Where the mask is on the screen; it may reach beyond the area.
    pub(super) fn mask_rect(&self) -> Rect {
        let [width, height] = self.canvas.mask;
        Rect::from_min_max(self.screen(Point::new(0.0, 0.0)), self.screen(Point::new(width, height)))
    }

    /// The mask's top left corner in the frame buffer, in whole physical pixels.
    pub(super) fn origin_in_frame_px(&self) -> [f32; 2] {
        let [x, y] = self.view.origin_px(&self.canvas);
        let corner = self.area.min.to_vec2() * self.scale;
        [corner.x.round() + x, corner.y.round() + y]
    }

    /// A part of the area's width as a column of the frame buffer, in whole physical pixels.
    pub(super) fn column_in_frame_px(&self, part: f32) -> f32 {
        (self.area.left() * self.scale).round() + (part * self.canvas.size_px[0]).round()
    }

    /// A column of the frame buffer on the screen.
    pub(super) fn screen_of_column(&self, column_px: f32) -> f32 {
        column_px / self.scale
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;
    use proptest::prelude::*;

    use super::*;

    fn scale() -> impl Strategy<Value = f32> {
        prop_oneof![Just(1.0f32), Just(1.25), Just(1.5), Just(1.75), Just(2.0), Just(2.625)]
    }

    prop_compose! {
        fn stage()(
            scale in scale(),
            corner in (0.0f32..700.0, 0.0f32..300.0),
            size in (80.0f32..1500.0, 80.0f32..1100.0),
            mask in (1u32..1100, 1u32..1100),
            steps in proptest::collection::vec((0.4f32..2.6, 0.0f32..1.0, 0.0f32..1.0), 0..6),
        ) -> Stage {
            let area = Rect::from_min_size(pos2(corner.0, corner.1), vec2(size.0, size.1));
            let mut stage = Stage::in_area(area, scale, [mask.0 as f32, mask.1 as f32], View::Fit);
            for (factor, x, y) in steps {
                let at_px = [x * stage.canvas.size_px[0], y * stage.canvas.size_px[1]];
                stage.view = stage.view.zoomed(&stage.canvas, factor, at_px);
            }
            stage
        }
    }

    proptest! {
        /// Every place of a mask pixel's square on the screen leads back to that pixel.
        #[test]
        fn a_mask_pixel_s_screen_rectangle_round_trips(stage in stage(), column in 0.0f32..1.0, row in 0.0f32..1.0) {
            let [width, height] = stage.canvas.mask;
            let (x, y) = ((column * width).floor().min(width - 1.0), (row * height).floor().min(height - 1.0));
            let (min, max) = (stage.screen(Point::new(x, y)), stage.screen(Point::new(x + 1.0, y + 1.0)));
            for part in [0.25, 0.5, 0.75] {
                let at = min + (max - min) * part;
                // Half a physical pixel is what taking a pixel's middle may shift a place by.
                let slack = (0.5 + WHOLE_PX) / (stage.zoom_points() * stage.scale()) + 1e-3;
                let found = stage.mask_point(at);
                prop_assert!((found.x - x - part).abs() <= slack && (found.y - y - part).abs() <= slack, "{found:?}");
            }
        }

        /// The pixel that the shader shows under a mouse is the one that the mouse paints.
        #[test]
        fn a_mouse_paints_what_the_shader_shows_under_it(stage in stage(), px in 0.0f32..1.0, py in 0.0f32..1.0) {
            let pixel = [(px * stage.canvas.size_px[0]).floor(), (py * stage.canvas.size_px[1]).floor()];
            let mouse = stage.area().min + vec2(pixel[0], pixel[1]) / stage.scale();
            let painted = stage.mask_point(mouse);
            // What the shader computes, from the middle of the frame buffer's pixel.
            let corner = stage.area().min.to_vec2() * stage.scale();
            let middle = [corner.x.round() + pixel[0] + 0.5, corner.y.round() + pixel[1] + 0.5];
            let (origin, zoom) = (stage.origin_in_frame_px(), stage.view.zoom(&stage.canvas));
            let shown = [0, 1].map(|axis| (middle[axis] - origin[axis]) / zoom);
            let tolerance = 2e-3 / zoom.min(1.0);
            prop_assert!((painted.x - shown[0]).abs() < tolerance && (painted.y - shown[1]).abs() < tolerance,
                "{painted:?} is shown as {shown:?}");
        }

        /// Areas lie on whole pixels, and the mask's corner does too.
        #[test]
        fn everything_starts_on_whole_pixels(stage in stage(), part in 0.0f32..1.0) {
            let off = |points: f32| { let px = points * stage.scale(); (px - px.round()).abs() };
            let area = stage.area();
            prop_assert!([area.left(), area.top(), area.right(), area.bottom()].into_iter().all(|side| off(side) < 1e-2));
            prop_assert!(stage.origin_in_frame_px().iter().all(|side| side.fract() == 0.0));
            prop_assert!(off(stage.screen_of_column(stage.column_in_frame_px(part))) < 1e-2);
        }
    }
}
