//! Exact Euclidean distances on a grid of pixels.
//!
//! Two passes after Felzenszwalb and Huttenlocher (2012): down the columns, then along the rows as the lower envelope of
//! parabolas. Everything is linear in the number of pixels.

/// For each pixel of a grid the nearest site.
pub(super) struct Nearest {
    /// Squared distance between the centres, in pixels².
    pub(super) squared: Vec<u32>,
    /// Index of the site.
    pub(super) site: Vec<u32>,
}

/// The nearest site of each pixel, row-major; `None` where there are no sites. Both sides are at least 1.
pub(super) fn nearest(width: usize, height: usize, is_site: impl Fn(usize) -> bool) -> Option<Nearest> {
    let rows = nearest_in_columns(width, height, is_site)?;
    let mut found = Nearest { squared: Vec::with_capacity(width * height), site: Vec::with_capacity(width * height) };
    let mut envelope = Vec::with_capacity(width);
    for y in 0..height {
        let row = &rows[y * width..(y + 1) * width];
        lower_envelope(row, y, &mut envelope);
        let mut at = 0;
        for x in 0..width {
            while envelope.get(at + 1).is_some_and(|next: &Parabola| next.from <= x as i64) {
                at += 1;
            }
            let Parabola { column, height, .. } = envelope[at];
            let dx = x.abs_diff(column) as u32;
            found.squared.push(dx * dx + height);
            found.site.push((row[column] as usize * width + column) as u32);
        }
    }
    Some(found)
}

/// Where no site is in the column.
const NONE: u32 = u32::MAX;

/// The row of the nearest site in the same column, for each pixel; the upper one of two. `None` without any site.
fn nearest_in_columns(width: usize, height: usize, is_site: impl Fn(usize) -> bool) -> Option<Vec<u32>> {
    let mut rows = vec![NONE; width * height];
    let mut any = false;
    for index in 0..width * height {
        if is_site(index) {
            rows[index] = (index / width) as u32;
            any = true;
        } else if index >= width {
            rows[index] = rows[index - width];
        }
    }
    for y in (0..height.saturating_sub(1)).rev() {
        for x in 0..width {
            let (index, below) = (y * width + x, rows[(y + 1) * width + x]);
            if below != NONE && (rows[index] == NONE || below.abs_diff(y as u32) < rows[index].abs_diff(y as u32)) {
                rows[index] = below;
            }
        }
    }
    any.then_some(rows)
}

/// `(x − column)² + height`, the lowest one from `from` on.
#[derive(Clone, Copy)]
struct Parabola {
    column: usize,
    height: u32,
    from: i64,
}

fn lower_envelope(row: &[u32], y: usize, envelope: &mut Vec<Parabola>) {
    envelope.clear();
    for (column, &site_row) in row.iter().enumerate() {
        if site_row == NONE {
            continue;
        }
        let dy = site_row.abs_diff(y as u32);
        let height = dy * dy;
        let mut from = 0;
        while let Some(last) = envelope.last() {
            from = overtakes(last, column, height);
            if from > last.from {
                break;
            }
            envelope.pop();
            from = 0;
        }
        envelope.push(Parabola { column, height, from });
    }
}

/// The first x where the later parabola is strictly below.
fn overtakes(last: &Parabola, column: usize, height: u32) -> i64 {
    let (p, q) = (last.column as i64, column as i64);
    let rise = (i64::from(height) + q * q) - (i64::from(last.height) + p * p);
    rise.div_euclid(2 * (q - p)) + 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_definition(width in 1usize..24, height in 1usize..24, seed in any::<u64>(), rare in 1u64..40) {
            let is_site = |index: usize| (seed ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(23).is_multiple_of(rare);
            let sites: Vec<usize> = (0..width * height).filter(|&index| is_site(index)).collect();
            let Some(found) = nearest(width, height, is_site) else {
                prop_assert!(sites.is_empty());
                return Ok(());
            };
            let squared = |a: usize, b: usize| {
                let (dx, dy) = ((a % width).abs_diff(b % width), (a / width).abs_diff(b / width));
                (dx * dx + dy * dy) as u32
            };
            for index in 0..width * height {
                let best = sites.iter().map(|&site| squared(index, site)).min().unwrap();
                prop_assert_eq!(found.squared[index], best);
                let site = found.site[index] as usize;
                prop_assert!(is_site(site) && squared(index, site) == best);
            }
        }
    }
}
