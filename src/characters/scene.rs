//! Camera, lights and surroundings of a picture.

use super::figure::{Colour, Figure, FigureLabels};
use super::vector::{Mat4, Vec3, add_scaled, multiply, parallel, perspective, scale, view};

/// Floats of `Frame` in the shader.
pub(super) const FRAME_FLOATS: usize = 164;

/// Where a picture is taken from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Camera {
    pub(super) eye: Vec3,
    /// A unit vector.
    pub(super) forward: Vec3,
    pub(super) up: Vec3,
    /// Tangent of half the angle of view.
    pub(super) half_tan: f32,
}

/// A light far away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Light {
    /// Towards it, a unit vector.
    pub(super) direction: Vec3,
    pub(super) colour: Colour,
    /// How large it looks: the sine of its radius.
    pub(super) softness: f32,
}

/// What is behind a figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backdrop {
    /// 0 paper, 1 lights, 2 room, 3 outdoors.
    pub(super) kind: u8,
    pub(super) low: Colour,
    pub(super) high: Colour,
    pub(super) accent: Colour,
    /// Height of a floor.
    pub(super) floor: Option<f32>,
}

/// Everything of a picture but the figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub(super) camera: Camera,
    /// Key, fill, and light from above.
    pub(super) lights: [Light; 3],
    pub(super) sky: Colour,
    pub(super) ground: Colour,
    pub(super) backdrop: Backdrop,
    /// Middle and radius of what casts shadows.
    pub(super) shadowed: (Vec3, f32),
    pub(super) exposure: f32,
    pub(super) grain: f32,
    pub(super) warmth: f32,
    /// Of the surroundings and the grain.
    pub(super) seed: u32,
    pub(super) labels: FigureLabels,
}

impl Scene {
    /// `Frame` of the shader, for pictures of `factor`² subsamples a pixel.
    pub(super) fn floats(&self, figure: &Figure, factor: u32, side_px: u32) -> [f32; FRAME_FLOATS] {
        let Camera { eye, forward, up, half_tan } = self.camera;
        let projection = multiply(&perspective(half_tan, 2.0, 400.0), &view(eye, forward, up));
        let mut floats = Vec::with_capacity(FRAME_FLOATS);
        let mut matrix = |matrix: &Mat4| floats.extend(matrix.iter().flatten().copied());
        matrix(&projection);
        matrix(&inverse(&projection));
        for light in &self.lights {
            matrix(&self.light_projection(light));
        }
        let mut row = |[x, y, z]: Vec3, w: f32| floats.extend([x, y, z, w]);
        row(eye, (side_px * factor) as f32);
        for light in &self.lights {
            // Seen from a decimetre or so away, the penumbra is that large; half the map is a radius.
            row(light.direction, 0.5 * light.softness / self.shadowed.1);
        }
        self.lights.iter().for_each(|light| row(light.colour, 0.0));
        row(self.sky, 0.0);
        row(self.ground, 0.0);
        let backdrop = &self.backdrop;
        row(backdrop.low, 0.0);
        row(backdrop.high, 0.0);
        row(backdrop.accent, factor as f32);
        let floor = backdrop.floor.map_or([0.0, 0.0], |height| [height, 1.0]);
        row([f32::from(backdrop.kind), (self.seed % 65_536) as f32, floor[0]], floor[1]);
        figure.eyes.iter().for_each(|eye| row(eye.centre, eye.radius));
        figure.eyes.iter().for_each(|eye| row(eye.gaze, 0.0));
        let [low, high] = figure.head;
        let middle: Vec3 = std::array::from_fn(|axis| 0.5 * (low[axis] + high[axis]));
        row(middle, (0.5 * (high[1] - low[1])).max(0.1));
        row([self.exposure, self.grain, self.warmth], (self.seed % 65_536) as f32);
        let labels = &self.labels;
        let ids = [labels.face, labels.nose, labels.lips, labels.ears, labels.neck, labels.inner_mouth, labels.eyes, 0];
        floats.extend(ids.map(f32::from));
        let mut all = [0.0; FRAME_FLOATS];
        for (place, value) in all.iter_mut().zip(floats) {
            *place = value;
        }
        all
    }

    fn light_projection(&self, light: &Light) -> Mat4 {
        let (centre, radius) = self.shadowed;
        let eye = add_scaled(centre, light.direction, 2.0 * radius);
        let up = if light.direction[1].abs() > 0.95 { [0.0, 0.0, 1.0] } else { [0.0, 1.0, 0.0] };
        multiply(&parallel(radius, 0.0, 4.0 * radius), &view(eye, scale(light.direction, -1.0), up))
    }
}

/// The inverse by Gauss–Jordan elimination; of a singular matrix, something finite.
fn inverse(matrix: &Mat4) -> Mat4 {
    let mut rows: [[f64; 8]; 4] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match column {
            0..4 => f64::from(matrix[column][row]),
            _ => f64::from(u8::from(column - 4 == row)),
        })
    });
    for pivot in 0..4 {
        let best = (pivot..4).max_by(|&a, &b| rows[a][pivot].abs().total_cmp(&rows[b][pivot].abs())).unwrap_or(pivot);
        rows.swap(pivot, best);
        let by = if rows[pivot][pivot].abs() > 1e-12 { 1.0 / rows[pivot][pivot] } else { 0.0 };
        rows[pivot].iter_mut().for_each(|value| *value *= by);
        let pivot_row = rows[pivot];
        for (row, values) in rows.iter_mut().enumerate() {
            if row != pivot {
                let factor = values[pivot];
                values.iter_mut().zip(pivot_row).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    std::array::from_fn(|column| std::array::from_fn(|row| rows[row][4 + column] as f32))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn inverses_undo_cameras() {
        let camera =
            multiply(&perspective(0.3, 2.0, 400.0), &view([1.0, 2.0, 30.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]));
        let unit = multiply(&camera, &inverse(&camera));
        for (column, values) in unit.iter().enumerate() {
            for (row, value) in values.iter().enumerate() {
                let expected = f32::from(u8::from(row == column));
                assert!((value - expected).abs() < 1e-3, "{unit:?}");
            }
        }
    }
}
