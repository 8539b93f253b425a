//! Vectors and rigid motions in three dimensions, as far as figures need them.

/// A point or a direction; decimetres for points. x to the figure's left, y up, z forward.
pub(crate) type Vec3 = [f32; 3];

pub(crate) fn add(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn sub(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn scale(a: Vec3, by: f32) -> Vec3 {
    [a[0] * by, a[1] * by, a[2] * by]
}

/// `a + by · b`.
pub(crate) fn add_scaled(a: Vec3, b: Vec3, by: f32) -> Vec3 {
    [a[0] + by * b[0], a[1] + by * b[1], a[2] + by * b[2]]
}

pub(crate) fn dot(a: Vec3, b: Vec3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: Vec3, b: Vec3) -> Vec3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn length(a: Vec3) -> f32 {
    dot(a, a).sqrt()
}

/// The direction of `a`; up for the zero vector, so that a degenerate triangle gives no NaN.
pub(crate) fn normalize(a: Vec3) -> Vec3 {
    let length = length(a);
    if length > 1e-12 { scale(a, 1.0 / length) } else { [0.0, 1.0, 0.0] }
}

pub(crate) fn lerp(from: f32, to: f32, at: f32) -> f32 {
    from + (to - from) * at
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A rotation and a translation: rows of a 3×4 matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Motion(pub(crate) [[f32; 4]; 3]);

impl Motion {
    pub(crate) const IDENTITY: Self = Self([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);

    /// A turn of `angle` rad about an axis (a unit vector) through the origin.
    pub(crate) fn turn(axis: Vec3, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let [x, y, z] = axis;
        let t = 1.0 - cos;
        Self([
            [t * x * x + cos, t * x * y - sin * z, t * x * z + sin * y, 0.0],
            [t * x * y + sin * z, t * y * y + cos, t * y * z - sin * x, 0.0],
            [t * x * z - sin * y, t * y * z + sin * x, t * z * z + cos, 0.0],
        ])
    }

    /// Turns about x, then y, then z, in rad.
    pub(crate) fn euler(angles: Vec3) -> Self {
        let [x, y, z] = angles;
        Self::turn([0.0, 0.0, 1.0], z).after(&Self::turn([0.0, 1.0, 0.0], y)).after(&Self::turn([1.0, 0.0, 0.0], x))
    }

    pub(crate) fn shift(by: Vec3) -> Self {
        let mut rows = Self::IDENTITY.0;
        for (row, by) in rows.iter_mut().zip(by) {
            row[3] = by;
        }
        Self(rows)
    }

    /// The same turn about another centre.
    pub(crate) fn about(self, centre: Vec3) -> Self {
        Self::shift(centre).after(&self).after(&Self::shift(scale(centre, -1.0)))
    }

    /// First `first`, then this.
    pub(crate) fn after(&self, first: &Self) -> Self {
        Self(std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let sum: f32 = (0..3).map(|k| self.0[row][k] * first.0[k][column]).sum();
                if column == 3 { sum + self.0[row][3] } else { sum }
            })
        }))
    }

    pub(crate) fn point(&self, p: Vec3) -> Vec3 {
        std::array::from_fn(|row| {
            let [a, b, c, d] = self.0[row];
            a * p[0] + b * p[1] + c * p[2] + d
        })
    }

    pub(crate) fn direction(&self, p: Vec3) -> Vec3 {
        std::array::from_fn(|row| {
            let [a, b, c, _] = self.0[row];
            a * p[0] + b * p[1] + c * p[2]
        })
    }
}

/// A 4×4 matrix by columns, as shaders take it.
pub(crate) type Mat4 = [[f32; 4]; 4];

pub(crate) fn multiply(a: &Mat4, b: &Mat4) -> Mat4 {
    std::array::from_fn(|column| std::array::from_fn(|row| (0..4).map(|k| a[k][row] * b[column][k]).sum()))
}

/// Looks from `eye` along the unit vector `forward`: x right, y up, −z ahead.
pub(crate) fn view(eye: Vec3, forward: Vec3, up: Vec3) -> Mat4 {
    let right = normalize(cross(forward, up));
    let up = cross(right, forward);
    [
        [right[0], up[0], -forward[0], 0.0],
        [right[1], up[1], -forward[1], 0.0],
        [right[2], up[2], -forward[2], 0.0],
        [-dot(right, eye), -dot(up, eye), dot(forward, eye), 1.0],
    ]
}

/// Perspective of a square picture with depth 0–1; `half_tan` is the tangent of half the angle of view.
pub(crate) fn perspective(half_tan: f32, near: f32, far: f32) -> Mat4 {
    let f = 1.0 / half_tan;
    [
        [f, 0.0, 0.0, 0.0],
        [0.0, f, 0.0, 0.0],
        [0.0, 0.0, far / (near - far), -1.0],
        [0.0, 0.0, near * far / (near - far), 0.0],
    ]
}

/// Parallel projection of ±`half` around the view axis, depth 0–1 between `near` and `far`.
pub(crate) fn parallel(half: f32, near: f32, far: f32) -> Mat4 {
    [
        [1.0 / half, 0.0, 0.0, 0.0],
        [0.0, 1.0 / half, 0.0, 0.0],
        [0.0, 0.0, 1.0 / (near - far), 0.0],
        [0.0, 0.0, near / (near - far), 1.0],
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn transform(m: &Mat4, p: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|row| (0..4).map(|k| m[k][row] * p[k]).sum())
    }

    proptest! {
        #[test]
        fn motions_keep_lengths_and_compose(a in prop::array::uniform3(-3.0_f32..3.0), b in prop::array::uniform3(-3.0_f32..3.0), p in prop::array::uniform3(-5.0_f32..5.0)) {
            let (first, second) = (Motion::euler(a).about(b), Motion::shift(a).after(&Motion::euler(b)));
            let (once, twice) = (second.after(&first).point(p), second.point(first.point(p)));
            prop_assert!(length(sub(once, twice)) < 1e-4);
            prop_assert!((length(first.direction(p)) - length(p)).abs() < 1e-4);
            prop_assert!(length(sub(Motion::euler(a).about(b).point(b), b)) < 1e-4);
        }
    }

    #[test]
    fn cameras_put_what_is_ahead_in_the_middle_and_depth_between_0_and_1() {
        let seen = |projection: &Mat4, p: Vec3| {
            let m = multiply(projection, &view([0.0, 1.0, 5.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]));
            let [x, y, z, w] = transform(&m, [p[0], p[1], p[2], 1.0]);
            [x / w, y / w, z / w]
        };
        for projection in [perspective(0.5, 1.0, 20.0), parallel(2.5, 1.0, 20.0)] {
            assert!(length(sub(seen(&projection, [0.0, 1.0, 4.0]), [0.0; 3])) < 1e-5);
            assert!((seen(&projection, [0.0, 1.0, -15.0])[2] - 1.0).abs() < 1e-5);
            let beside = seen(&projection, [2.5, 3.5, 0.0]);
            assert!((beside[0] - 1.0).abs() < 1e-5 && (beside[1] - 1.0).abs() < 1e-5, "{beside:?}");
        }
    }

    #[test]
    fn degenerate_vectors_give_no_nan() {
        assert_eq!(normalize([0.0; 3]), [0.0, 1.0, 0.0]);
        assert_eq!((smoothstep(0.0, 1.0, -1.0), smoothstep(0.0, 1.0, 2.0), lerp(2.0, 4.0, 0.5)), (0.0, 1.0, 3.0));
    }
}
