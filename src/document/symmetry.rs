//! The axis that mirrors what the tools do.

use serde::{Deserialize, Serialize};

use super::Point;

/// A line in mask pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MirrorAxis {
    /// A point on the line.
    pub through: Point,
    /// Angle of the line in radians; 0 is upright.
    pub angle_rad: f32,
}

impl MirrorAxis {
    /// The upright line through the middle of a map.
    pub fn centred(width: u32, height: u32) -> Self {
        Self { through: Point::new(width as f32 / 2.0, height as f32 / 2.0), angle_rad: 0.0 }
    }

    /// The point on the other side.
    pub fn reflect(&self, p: Point) -> Point {
        let (ny, nx) = self.angle_rad.sin_cos();
        let twice = 2.0 * ((p.x - self.through.x) * nx + (p.y - self.through.y) * ny);
        Point::new(p.x - twice * nx, p.y - twice * ny)
    }
}
