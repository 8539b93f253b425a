//! The border of a set of pixels, as closed lines along the pixels' edges.

use super::Point;

/// Steps to the right, down, to the left, up.
const STEPS: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

/// The borders of the pixels of a `width` × `height` grid for which `inside` holds, in the grid's own coordinates: one
/// closed line around each part and around each hole in one, with a point at each turn. A line keeps the inside on its
/// right, so it runs clockwise on the screen around parts and anticlockwise around holes. Pixels that touch at a corner
/// belong to the same part.
pub(super) fn trace(width: usize, height: usize, inside: impl Fn(usize, usize) -> bool) -> Vec<Vec<Point>> {
    let is_inside = |x: i64, y: i64| {
        (0..width as i64).contains(&x) && (0..height as i64).contains(&y) && inside(x as usize, y as usize)
    };
    // Every line goes right along the top edge of some pixel.
    let mut traced = vec![false; width * height];
    let mut lines = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let (column, row) = (x as i64, y as i64);
        if is_inside(column, row) && !is_inside(column, row - 1) && !traced[y * width + x] {
            lines.push(line(column, row, is_inside, |x, y| traced[y as usize * width + x as usize] = true));
        }
    }
    lines
}

/// The line that starts to the right along the top edge of pixel `(x, y)`. Tells each pixel whose top edge it passes.
fn line(x: i64, y: i64, is_inside: impl Fn(i64, i64) -> bool, mut passes: impl FnMut(i64, i64)) -> Vec<Point> {
    let start = (x, y, 0);
    let (mut x, mut y, mut heading) = start;
    let mut points = Vec::new();
    loop {
        if heading == 0 {
            passes(x, y);
        }
        x += STEPS[heading].0;
        y += STEPS[heading].1;
        let next = turn(x, y, heading, &is_inside);
        if next != heading {
            points.push(Point::new(x as f32, y as f32));
        }
        heading = next;
        if (x, y, heading) == start {
            return points;
        }
    }
}

/// The heading with which to leave a corner of pixels: left where the pixel ahead on the left is inside, so that corners
/// connect, else on along the one on the right, else around it.
fn turn(x: i64, y: i64, heading: usize, is_inside: impl Fn(i64, i64) -> bool) -> usize {
    // The pixels around corner (x, y) that lie ahead on the left and ahead on the right, by heading.
    let (left, right) = match heading {
        0 => ((x, y - 1), (x, y)),
        1 => ((x, y), (x - 1, y)),
        2 => ((x - 1, y), (x - 1, y - 1)),
        _ => ((x - 1, y - 1), (x, y - 1)),
    };
    if is_inside(left.0, left.1) {
        (heading + 3) % 4
    } else if is_inside(right.0, right.1) {
        heading
    } else {
        (heading + 1) % 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Twice the area that a closed line surrounds, counted negative when it runs anticlockwise.
    fn twice_area(line: &[Point]) -> i64 {
        let pairs = line.iter().zip(line.iter().cycle().skip(1));
        pairs.map(|(a, b)| (a.x * b.y - a.y * b.x) as i64).sum()
    }

    proptest! {
        #[test]
        fn lines_surround_the_pixels_along_all_their_outer_edges(width in 1usize..20, cells in vec(any::<bool>(), 1..300)) {
            let height = cells.len().div_ceil(width);
            let inside = |x: usize, y: usize| cells.get(y * width + x).copied().unwrap_or(false);
            let lines = trace(width, height, inside);
            let pixels = cells.iter().filter(|inside| **inside).count();
            prop_assert_eq!(lines.iter().map(|line| twice_area(line)).sum::<i64>(), 2 * pixels as i64);
            let length: f32 = lines.iter().flat_map(|line| line.iter().zip(line.iter().cycle().skip(1)))
                .map(|(a, b)| (a.x - b.x).abs() + (a.y - b.y).abs()).sum();
            let at = |x: i64, y: i64| x >= 0 && y >= 0 && x < width as i64 && inside(x as usize, y as usize);
            let edges = (0..width as i64).flat_map(|x| (0..height as i64).map(move |y| (x, y))).filter(|&(x, y)| at(x, y))
                .map(|(x, y)| STEPS.iter().filter(|(dx, dy)| !at(x + dx, y + dy)).count()).sum::<usize>();
            prop_assert_eq!(length as usize, edges);
            for line in &lines {
                for (a, b) in line.iter().zip(line.iter().cycle().skip(1)) {
                    prop_assert!((a.x == b.x) != (a.y == b.y), "{:?} to {:?} is no side", a, b);
                }
            }
        }
    }

    #[test]
    fn pixels_that_touch_at_a_corner_share_a_line_and_a_hole_has_its_own() {
        assert_eq!(trace(2, 2, |x, y| x == y).len(), 1);
        let ring = trace(3, 3, |x, y| (x, y) != (1, 1));
        assert_eq!(ring.iter().map(|line| twice_area(line)).collect::<Vec<_>>(), [18, -2]);
    }
}
