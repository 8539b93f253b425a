//! The axis that mirrors what the tools do.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Point;

/// An axis closer to upright or level than this is meant to be: over 1024 pixels it is off by less than one.
const SNAP_RAD: f64 = 1e-3;
/// An axis further away than this from the origin is brought here; maps are far smaller.
const REACH_PX: f32 = 32768.0;

/// A line, in mask pixels, whose two sides mirror each other.
///
/// Upright and level axes snap to half pixels, so they mirror whole pixels onto whole pixels. Tilted ones mirror the
/// geometry: shapes are reflected, then rasterised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MirrorAxis {
    /// A point on the line.
    pub through: Point,
    /// Clockwise angle from the upright line, in radians; turning it by π gives the same line.
    pub angle_rad: f32,
}

/// A side of a [`MirrorAxis`], seen by someone who looks up along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The left half of the map for an upright axis, the upper half for a level one.
    Left,
    /// The right half of the map for an upright axis, the lower half for a level one.
    Right,
}

impl Side {
    /// The other side.
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

impl MirrorAxis {
    /// The upright line through the middle of a map of this size in pixels.
    pub fn centred(width: u32, height: u32) -> Self {
        Self { through: Point::new(width as f32 / 2.0, height as f32 / 2.0), angle_rad: 0.0 }
    }

    /// The mirror image of a point.
    pub fn reflect(&self, point: Point) -> Point {
        self.reflection().point(point)
    }

    /// The side on which a point lies; points on the line count as left.
    pub fn side_of(&self, point: Point) -> Side {
        self.reflection().side(point)
    }

    /// The unit vector along the line, pointing up, or to the right on a level axis: for drawing it.
    pub fn direction(&self) -> (f32, f32) {
        match self.reflection() {
            Reflection::Upright { .. } => (0.0, -1.0),
            Reflection::Level { .. } => (1.0, 0.0),
            Reflection::Tilted { normal: (x, y), .. } => (-y as f32, x as f32),
        }
    }

    /// The point that the line really goes through, after snapping to half pixels.
    pub fn snapped_through(&self) -> Point {
        match self.reflection() {
            Reflection::Upright { sum } => Point::new(sum as f32 / 2.0, self.through.y),
            Reflection::Level { sum } => Point::new(self.through.x, sum as f32 / 2.0),
            Reflection::Tilted { .. } => self.through,
        }
    }

    /// The reflection that the axis stands for. An axis that is no line (a coordinate that is not a number) counts as
    /// upright or lies at 0: it is harmless.
    pub(super) fn reflection(&self) -> Reflection {
        let number = |value: f32| if value.is_nan() { 0.0 } else { value.clamp(-REACH_PX, REACH_PX) };
        let (x, y) = (number(self.through.x), number(self.through.y));
        let twice = |value: f32| (value * 2.0).round() as i64;
        let angle = if self.angle_rad.is_finite() { f64::from(self.angle_rad) } else { 0.0 };
        let (sin, cos) = angle.sin_cos();
        if sin.abs() < SNAP_RAD {
            return Reflection::Upright { sum: twice(x) };
        }
        if cos.abs() < SNAP_RAD {
            return Reflection::Level { sum: twice(y) };
        }
        // Both (cos, sin) and its opposite are normals; the one to the left has a negative x.
        let towards_left = -cos.signum();
        let normal = (towards_left * cos, towards_left * sin);
        Reflection::Tilted { through: (f64::from(x), f64::from(y)), normal }
    }
}

/// A resolved [`MirrorAxis`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reflection {
    /// x ↦ sum − x.
    Upright { sum: i64 },
    /// y ↦ sum − y.
    Level { sum: i64 },
    /// Reflection in the line through a point with this unit normal, which points to the left side.
    Tilted { through: (f64, f64), normal: (f64, f64) },
}

impl Reflection {
    /// Whether whole pixels are mirrored onto whole pixels.
    pub(super) fn is_exact(&self) -> bool {
        !matches!(self, Self::Tilted { .. })
    }

    pub(super) fn point(&self, point: Point) -> Point {
        let [x, y] = self.place([f64::from(point.x), f64::from(point.y)]);
        Point::new(x as f32, y as f32)
    }

    /// As [`Reflection::point`], without rounding.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        match *self {
            Self::Upright { sum } => [sum as f64 - x, y],
            Self::Level { sum } => [x, sum as f64 - y],
            Self::Tilted { normal: (nx, ny), .. } => {
                let twice = 2.0 * self.height_over(x, y);
                [x - twice * nx, y - twice * ny]
            }
        }
    }

    /// The mirror image of a pixel, wherever it is; `None` for a tilted axis.
    pub(super) fn cell(&self, [x, y]: [i64; 2]) -> Option<[i64; 2]> {
        match *self {
            Self::Upright { sum } => Some([sum - 1 - x, y]),
            Self::Level { sum } => Some([x, sum - 1 - y]),
            Self::Tilted { .. } => None,
        }
    }

    /// The pixels of a row whose mirror images lie beside the map; none for a tilted axis.
    pub(super) fn columns_without_image(&self, y: u32, (width, height): (u32, u32)) -> Range<u32> {
        match *self {
            Self::Upright { sum } => without_image(sum, width),
            Self::Level { sum } if without_image(sum, height).contains(&y) => 0..width,
            Self::Level { .. } | Self::Tilted { .. } => 0..0,
        }
    }

    /// Whether a pixel of the map has its mirror image beside it; never for a tilted axis.
    pub(super) fn leaves_map(&self, (width, height): (u32, u32)) -> bool {
        match *self {
            Self::Upright { sum } => sum != i64::from(width),
            Self::Level { sum } => sum != i64::from(height),
            Self::Tilted { .. } => false,
        }
    }

    /// The side a point lies on; points on the line count as left.
    pub(super) fn side(&self, point: Point) -> Side {
        if self.height_over(f64::from(point.x), f64::from(point.y)) < 0.0 { Side::Right } else { Side::Left }
    }

    /// Distance from the line, positive to the left.
    fn height_over(&self, x: f64, y: f64) -> f64 {
        match *self {
            Self::Upright { sum } => sum as f64 / 2.0 - x,
            Self::Level { sum } => sum as f64 / 2.0 - y,
            Self::Tilted { through, normal } => (x - through.0) * normal.0 + (y - through.1) * normal.1,
        }
    }

    /// The pixel of a `width` by `height` map that holds the mirror image of a pixel's centre.
    pub(super) fn pixel(&self, x: u32, y: u32, (width, height): (u32, u32)) -> Option<(u32, u32)> {
        let (x, y) = match *self {
            Self::Upright { sum } => (sum - 1 - i64::from(x), i64::from(y)),
            Self::Level { sum } => (i64::from(x), sum - 1 - i64::from(y)),
            Self::Tilted { .. } => {
                let Point { x, y } = self.point(Point::new(x as f32 + 0.5, y as f32 + 0.5));
                (x.floor() as i64, y.floor() as i64)
            }
        };
        let on_map = (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
        on_map.then_some((x as u32, y as u32))
    }

    /// The mirror image of a run of pixels, as far as it lies on the map. `None` beside the map and for a tilted axis,
    /// whose images of runs are no runs.
    pub(super) fn span(&self, y: u32, columns: &Range<u32>, (width, height): (u32, u32)) -> Option<(u32, Range<u32>)> {
        match *self {
            Self::Upright { sum } => {
                let column = |x: u32| (sum - i64::from(x)).clamp(0, i64::from(width)) as u32;
                let mirrored = column(columns.end)..column(columns.start);
                (!mirrored.is_empty()).then_some((y, mirrored))
            }
            Self::Level { sum } => {
                let row = u32::try_from(sum - 1 - i64::from(y)).ok().filter(|&row| row < height)?;
                Some((row, columns.clone()))
            }
            Self::Tilted { .. } => None,
        }
    }

    /// The pixels of a row of `width` pixels whose centres lie strictly on a side.
    pub(super) fn columns_on(&self, side: Side, y: u32, width: u32) -> Range<u32> {
        let column = |x: i64| x.clamp(0, i64::from(width)) as u32;
        match *self {
            Self::Upright { sum } => match side {
                Side::Left => 0..column(sum.div_euclid(2)),
                Side::Right => column((sum + 1).div_euclid(2))..width,
            },
            Self::Level { sum } => {
                let centre = 2 * i64::from(y) + 1;
                let inside = if side == Side::Left { centre < sum } else { centre > sum };
                0..if inside { width } else { 0 }
            }
            Self::Tilted { through, normal } => {
                let crossing = through.0 - (f64::from(y) + 0.5 - through.1) * normal.1 / normal.0;
                match side {
                    Side::Left => 0..column((crossing - 0.5).ceil() as i64),
                    Side::Right => column((crossing - 0.5).floor() as i64 + 1)..width,
                }
            }
        }
    }
}

/// The places of a side that x ↦ sum − 1 − x takes off it.
fn without_image(sum: i64, side: u32) -> Range<u32> {
    let place = |at: i64| at.clamp(0, i64::from(side)) as u32;
    if sum < i64::from(side) { place(sum)..side } else { 0..place(sum - i64::from(side)) }
}

#[cfg(test)]
mod tests;
