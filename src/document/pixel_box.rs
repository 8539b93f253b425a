//! Rectangles and ellipses on the pixel grid.

use std::f64::consts::TAU;
use std::ops::Range;

use super::Point;
use super::symmetry::Reflection;

/// Points further away than this from the origin are brought here.
const REACH_PX: f32 = 32768.0;
/// Corners of the polygon that stands for an ellipse: on a map of 1024 px it is off by less than a tenth of a pixel.
const ELLIPSE_CORNERS: u16 = 128;

/// A rectangle of whole pixels, its last row and column included. It may reach beyond the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelBox {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl PixelBox {
    /// The box from the pixel under one point to the pixel under another. `square` makes the shorter side as long as
    /// the longer; `centred` makes `from` its middle.
    pub(super) fn drawn(from: Point, to: Point, square: bool, centred: bool) -> Self {
        let (from, to) = (pixel(from), pixel(to));
        let (mut dx, mut dy) = (to.0 - from.0, to.1 - from.1);
        if square {
            let side = dx.abs().max(dy.abs());
            (dx, dy) = (if dx < 0 { -side } else { side }, if dy < 0 { -side } else { side });
        }
        let first = if centred { (from.0 - dx, from.1 - dy) } else { from };
        let last = (from.0 + dx, from.1 + dy);
        Self {
            left: first.0.min(last.0),
            top: first.1.min(last.1),
            right: first.0.max(last.0),
            bottom: first.1.max(last.1),
        }
    }

    /// Whether it is a single pixel.
    pub(super) fn is_pixel(self) -> bool {
        self.left == self.right && self.top == self.bottom
    }

    /// The pixels of the box, as one run per row.
    pub(super) fn rectangle_spans(self, (width, height): (u32, u32)) -> impl Iterator<Item = (u32, Range<u32>)> {
        let columns = clipped(self.left, self.right, width);
        clipped(self.top, self.bottom, height).map(move |y| (y, columns.clone()))
    }

    /// The pixels whose centres lie in the ellipse that touches the box's sides, as one run per row. Exact: with u and
    /// v twice the distance from the middle, those with (u/w)² + (v/h)² ≤ 1.
    pub(super) fn ellipse_spans(self, (width, height): (u32, u32)) -> impl Iterator<Item = (u32, Range<u32>)> {
        let (w, h) = (i128::from(self.right - self.left + 1), i128::from(self.bottom - self.top + 1));
        let middle = self.left + self.right;
        clipped(self.top, self.bottom, height).filter_map(move |y| {
            let v = i128::from(2 * i64::from(y) - self.top - self.bottom);
            let u = (w * w * (h * h - v * v) / (h * h)).isqrt() as i64;
            // The first and last x with -u ≤ 2x - middle ≤ u.
            let (first, last) = (-(u - middle).div_euclid(2), (u + middle).div_euclid(2));
            (first <= last).then(|| (y, clipped(first, last, width)))
        })
    }

    /// The mirror image; `None` for a tilted axis.
    pub(super) fn mirrored(self, reflection: &Reflection) -> Option<Self> {
        let [x0, y0] = reflection.cell([self.left, self.top])?;
        let [x1, y1] = reflection.cell([self.right, self.bottom])?;
        Some(Self { left: x0.min(x1), top: y0.min(y1), right: x0.max(x1), bottom: y0.max(y1) })
    }

    /// The corners in mask pixels, clockwise from the top left.
    pub(super) fn corners(self) -> Vec<Point> {
        let (left, top) = (self.left as f32, self.top as f32);
        let (right, bottom) = ((self.right + 1) as f32, (self.bottom + 1) as f32);
        [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| Point::new(x, y)).to_vec()
    }

    /// A polygon along the ellipse that touches the box's sides, in mask pixels.
    pub(super) fn ellipse_outline(self) -> Vec<Point> {
        let half = |first: i64, last: i64| ((first + last + 1) as f64 / 2.0, (last - first + 1) as f64 / 2.0);
        let ((x, half_width), (y, half_height)) = (half(self.left, self.right), half(self.top, self.bottom));
        let corner = |index| {
            let (sin, cos) = (f64::from(index) / f64::from(ELLIPSE_CORNERS) * TAU).sin_cos();
            Point::new((x + half_width * cos) as f32, (y + half_height * sin) as f32)
        };
        (0..ELLIPSE_CORNERS).map(corner).collect()
    }
}

fn pixel(point: Point) -> (i64, i64) {
    let index = |value: f32| value.clamp(-REACH_PX, REACH_PX).floor() as i64;
    (index(point.x), index(point.y))
}

/// The part of `first..=last` that lies in `0..side`.
fn clipped(first: i64, last: i64, side: u32) -> Range<u32> {
    first.clamp(0, i64::from(side)) as u32..(last + 1).clamp(0, i64::from(side)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LabelMap;
    use proptest::prelude::*;

    const SIZE: (u32, u32) = (70, 66);

    fn painted(spans: impl Iterator<Item = (u32, Range<u32>)>) -> LabelMap {
        let mut map = LabelMap::new(SIZE.0, SIZE.1, 0);
        for (y, columns) in spans {
            map.fill_row(y, columns, 1);
        }
        map
    }

    fn points() -> impl Strategy<Value = Point> {
        (-20.0f32..90.0, -20.0f32..90.0).prop_map(|(x, y)| Point::new(x, y))
    }

    proptest! {
        #[test]
        fn covers_the_pixels_that_the_definition_names(from in points(), to in points(), square: bool, centred: bool) {
            let area = PixelBox::drawn(from, to, square, centred);
            let (rectangle, ellipse) = (painted(area.rectangle_spans(SIZE)), painted(area.ellipse_spans(SIZE)));
            let (w, h) = ((area.right - area.left + 1) as f64, (area.bottom - area.top + 1) as f64);
            for (x, y) in (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y))) {
                let (px, py) = (i64::from(x), i64::from(y));
                let inside = (area.left..=area.right).contains(&px) && (area.top..=area.bottom).contains(&py);
                prop_assert_eq!(rectangle.get(x, y), Some(u8::from(inside)));
                let (u, v) = ((2 * px - area.left - area.right) as f64 / w, (2 * py - area.top - area.bottom) as f64 / h);
                let excess = u * u + v * v - 1.0;
                if excess.abs() > 1e-9 {
                    prop_assert_eq!(ellipse.get(x, y), Some(u8::from(inside && excess < 0.0)), "{} {} {}", x, y, excess);
                }
            }
        }

        #[test]
        fn modifiers_make_squares_and_keep_the_middle(from in points(), to in points(), square: bool) {
            let plain = PixelBox::drawn(from, to, square, false);
            let centred = PixelBox::drawn(from, to, square, true);
            let (x, y) = (from.x.floor() as i64, from.y.floor() as i64);
            prop_assert_eq!((centred.left + centred.right, centred.top + centred.bottom), (2 * x, 2 * y));
            prop_assert!([plain.left, plain.right].contains(&x) && [plain.top, plain.bottom].contains(&y));
            for area in [plain, centred] {
                prop_assert!(!square || area.right - area.left == area.bottom - area.top);
            }
            let reached = (to.x.floor() as i64, to.y.floor() as i64);
            prop_assert!((plain.left..=plain.right).contains(&reached.0) && (plain.top..=plain.bottom).contains(&reached.1));
        }

        #[test]
        fn the_outlines_go_around_the_pixels(from in points(), to in points()) {
            let area = PixelBox::drawn(from, to, false, false);
            let outline = |points: Vec<Point>| painted(crate::document::polygon::polygon_spans(points.into_iter(), SIZE));
            prop_assert!(outline(area.corners()) == painted(area.rectangle_spans(SIZE)));
            let (polygon, exact) = (outline(area.ellipse_outline()), painted(area.ellipse_spans(SIZE)));
            let different = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)))
                .filter(|&(x, y)| polygon.get(x, y) != exact.get(x, y)).count();
            // Only pixels whose centres lie on the outline differ.
            prop_assert!(different <= 40, "{} pixels differ", different);
        }
    }

    #[test]
    fn places_far_away_are_harmless() {
        let (near, far) = (Point::new(3.0, 4.0), Point::new(1e30, -1e30));
        for (from, to) in [(near, far), (far, near), (far, far)] {
            for square in [false, true] {
                let area = PixelBox::drawn(from, to, square, true);
                painted(area.rectangle_spans(SIZE));
                painted(area.ellipse_spans(SIZE));
                assert!(area.ellipse_outline().iter().all(|point| point.is_finite()));
            }
        }
        assert!(PixelBox::drawn(near, near, false, false).is_pixel());
    }
}
