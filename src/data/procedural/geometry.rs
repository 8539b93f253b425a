//! Paths for drawing by hand: smooth curves through points, ribbons of varying width, ellipses.

use tiny_skia::{Path, PathBuilder, Point, Rect, Transform};

/// Shorthand for a point of the drawing plane, in design pixels (the picture is 128 × 128 of them).
pub(super) fn pt(x: f32, y: f32) -> Point {
    Point::from_xy(x, y)
}

/// `a` at t = 0, `b` at t = 1.
pub(super) fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// `a` at t = 0, `b` at t = 1.
pub(super) fn lerp_point(a: Point, b: Point, t: f32) -> Point {
    pt(lerp(a.x, b.x, t), lerp(a.y, b.y, t))
}

/// The same point with an offset.
pub(super) fn offset(point: Point, dx: f32, dy: f32) -> Point {
    pt(point.x + dx, point.y + dy)
}

/// Smooth closed curve through the points (centripetal enough for hand-placed points: a cardinal spline).
pub(super) fn blob(points: &[Point]) -> Path {
    let count = points.len();
    let mut path = PathBuilder::new();
    if count == 0 {
        return empty();
    }
    path.move_to(points[0].x, points[0].y);
    for i in 0..count {
        segment(
            &mut path,
            points[(i + count - 1) % count],
            points[i],
            points[(i + 1) % count],
            points[(i + 2) % count],
        );
    }
    path.close();
    path.finish().unwrap_or_else(empty)
}

/// Smooth open curve through the points, for strokes.
pub(super) fn curve(points: &[Point]) -> Path {
    let mut path = PathBuilder::new();
    if let Some(first) = points.first() {
        path.move_to(first.x, first.y);
        append_curve(&mut path, points);
    }
    path.finish().unwrap_or_else(empty)
}

/// Closed outline made of smooth pieces that meet in corners: each piece starts where the one before ends.
pub(super) fn outline(pieces: &[&[Point]]) -> Path {
    let mut path = PathBuilder::new();
    for (i, piece) in pieces.iter().enumerate() {
        let Some(first) = piece.first() else { continue };
        if i == 0 {
            path.move_to(first.x, first.y);
        } else {
            path.line_to(first.x, first.y);
        }
        append_curve(&mut path, piece);
    }
    path.close();
    path.finish().unwrap_or_else(empty)
}

/// Straight-edged closed shape.
pub(super) fn polygon(points: &[Point]) -> Path {
    let mut path = PathBuilder::new();
    for (i, point) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(point.x, point.y);
        } else {
            path.line_to(point.x, point.y);
        }
    }
    path.close();
    path.finish().unwrap_or_else(empty)
}

/// Ellipse around a centre.
pub(super) fn ellipse(center: Point, rx: f32, ry: f32) -> Path {
    let (rx, ry) = (rx.max(0.01), ry.max(0.01));
    Rect::from_xywh(center.x - rx, center.y - ry, 2.0 * rx, 2.0 * ry)
        .and_then(PathBuilder::from_oval)
        .unwrap_or_else(empty)
}

/// Ellipse around a centre, turned clockwise by `degrees`.
pub(super) fn tilted_ellipse(center: Point, rx: f32, ry: f32, degrees: f32) -> Path {
    ellipse(center, rx, ry).transform(Transform::from_rotate_at(degrees, center.x, center.y)).unwrap_or_else(empty)
}

/// Band along a spine with a half-width at every spine point; the ends are rounded when `rounded`.
pub(super) fn ribbon(spine: &[(Point, f32)], rounded: bool) -> Path {
    let count = spine.len();
    if count < 2 {
        return empty();
    }
    let mut left = Vec::with_capacity(count);
    let mut right = Vec::with_capacity(count);
    for i in 0..count {
        let (here, half_width) = spine[i];
        let normal = normal_at(spine, i);
        left.push(offset(here, normal.x * half_width, normal.y * half_width));
        right.push(offset(here, -normal.x * half_width, -normal.y * half_width));
    }
    right.reverse();
    if !rounded {
        return outline(&[&left, &right]);
    }
    let mut path = PathBuilder::new();
    path.move_to(left[0].x, left[0].y);
    append_curve(&mut path, &left);
    cap(&mut path, spine[count - 2].0, spine[count - 1], right[0]);
    append_curve(&mut path, &right);
    cap(&mut path, spine[1].0, spine[0], left[0]);
    path.close();
    path.finish().unwrap_or_else(empty)
}

/// Points along the smooth curve through `points`: `per_piece` for every piece, and the last one.
pub(super) fn sample_curve(points: &[Point], per_piece: usize) -> Vec<Point> {
    let count = points.len();
    let mut out = Vec::with_capacity(count * per_piece + 1);
    for i in 0..count.saturating_sub(1) {
        let before = if i == 0 { points[0] } else { points[i - 1] };
        let after = points[(i + 2).min(count - 1)];
        let (c1, c2) = handles(before, points[i], points[i + 1], after);
        for step in 0..per_piece {
            let t = step as f32 / per_piece as f32;
            out.push(cubic(points[i], c1, c2, points[i + 1], t));
        }
    }
    out.extend(points.last());
    out
}

fn cubic(a: Point, b: Point, c: Point, d: Point, t: f32) -> Point {
    let u = 1.0 - t;
    let (wa, wb, wc, wd) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
    pt(wa * a.x + wb * b.x + wc * c.x + wd * d.x, wa * a.y + wb * b.y + wc * c.y + wd * d.y)
}

fn append_curve(path: &mut PathBuilder, points: &[Point]) {
    let count = points.len();
    for i in 0..count.saturating_sub(1) {
        let before = if i == 0 { points[0] } else { points[i - 1] };
        let after = points[(i + 2).min(count - 1)];
        segment(path, before, points[i], points[i + 1], after);
    }
}

fn segment(path: &mut PathBuilder, before: Point, from: Point, to: Point, after: Point) {
    let (c1, c2) = handles(before, from, to, after);
    path.cubic_to(c1.x, c1.y, c2.x, c2.y, to.x, to.y);
}

/// Bézier handles whose length follows the piece, so uneven spacing does not overshoot.
fn handles(before: Point, from: Point, to: Point, after: Point) -> (Point, Point) {
    let length = from.distance(to);
    let pull = |a: Point, b: Point| {
        let span = a.distance(b);
        if span < 1e-4 { pt(0.0, 0.0) } else { pt((b.x - a.x) / span, (b.y - a.y) / span) }
    };
    let (t1, t2) = (pull(before, to), pull(from, after));
    let reach = length * 0.36;
    (offset(from, t1.x * reach, t1.y * reach), offset(to, -t2.x * reach, -t2.y * reach))
}

fn normal_at(spine: &[(Point, f32)], i: usize) -> Point {
    let before = spine[i.saturating_sub(1)].0;
    let after = spine[(i + 1).min(spine.len() - 1)].0;
    let length = before.distance(after).max(1e-4);
    pt((before.y - after.y) / length, (after.x - before.x) / length)
}

/// Round end from the current point to `to`, bulging away from `inner`.
fn cap(path: &mut PathBuilder, inner: Point, (end, half_width): (Point, f32), to: Point) {
    let length = inner.distance(end).max(1e-4);
    let bulge = half_width * 1.3 / length;
    let (dx, dy) = ((end.x - inner.x) * bulge, (end.y - inner.y) * bulge);
    let from = path.last_point().unwrap_or(end);
    path.cubic_to(from.x + dx, from.y + dy, to.x + dx, to.y + dy, to.x, to.y);
}

/// A path far outside every picture, for degenerate input.
#[expect(clippy::expect_used, reason = "the rectangle is a constant and valid")]
fn empty() -> Path {
    PathBuilder::from_rect(Rect::from_xywh(-1000.0, -1000.0, 1.0, 1.0).expect("a valid rectangle"))
}
