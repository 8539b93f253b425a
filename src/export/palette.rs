//! Few colours that stand for many.

use image::RgbImage;

/// How the colours that a palette lacks are made up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dither {
    /// Not at all: the nearest colour, in even areas.
    None,
    /// By a fixed pattern, which stands still while the pictures move.
    #[default]
    Pattern,
    /// By spreading each pixel's error to its neighbours; finest in a single picture, but it crawls in a film.
    Diffusion,
}

impl Dither {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Pattern, Self::Diffusion];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pattern => "pattern",
            Self::Diffusion => "diffusion",
        }
    }

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Pattern => "Pattern",
            Self::Diffusion => "Diffusion",
        }
    }
}

/// Colours are counted in cells of this many bits per channel.
const CELL_BITS: u32 = 5;
/// The nearest colour is looked up in cells of this many bits per channel.
const LOOKUP_BITS: u32 = 6;
/// How much the eye minds a difference in red, green and blue.
const WEIGHTS: [f32; 3] = [2.0, 4.0, 1.5];
/// Rounds of moving colours to the middle of what they stand for.
const REFINEMENTS: usize = 4;
/// The pattern's thresholds, 8×8, each 0–63 once, neighbours far apart.
const PATTERN: [[u8; 8]; 8] = pattern();
/// Of the colours' typical distance: how far the pattern pushes a colour.
const PATTERN_STRENGTH: f32 = 1.6;

/// Colours chosen for given pictures.
pub(super) struct Palette {
    colors: Vec<[u8; 3]>,
    /// By colour cell; [`UNKNOWN`] until it is asked for.
    nearest: Vec<u16>,
    /// Typical distance of a colour from its stand-in, in levels.
    error: f32,
}

const UNKNOWN: u16 = u16::MAX;

/// Pixels of about one colour.
#[derive(Clone, Copy)]
struct Cell {
    color: [f32; 3],
    count: f32,
}

impl Palette {
    /// At most `most` (2–256) colours for all of the pictures together.
    pub(super) fn of<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>, most: usize) -> Self {
        let cells = cells(pictures);
        let mut colors = split(cells.clone(), most.clamp(2, 256));
        let mut error = 0.0;
        for _ in 0..REFINEMENTS {
            error = refine(&cells, &mut colors);
        }
        let to_bytes = |color: &[f32; 3]| color.map(|channel| channel.round().clamp(0.0, 255.0) as u8);
        let mut bytes: Vec<[u8; 3]> = colors.iter().map(to_bytes).collect();
        bytes.sort_unstable();
        bytes.dedup();
        Self { colors: bytes, nearest: vec![UNKNOWN; 1 << (3 * LOOKUP_BITS)], error }
    }

    /// Red, green and blue of each colour.
    pub(super) fn colors(&self) -> &[[u8; 3]] {
        &self.colors
    }

    /// The index of a colour for each pixel, row-major.
    pub(super) fn indices(&mut self, picture: &RgbImage, dither: Dither) -> Vec<u8> {
        match dither {
            Dither::None => picture.pixels().map(|pixel| self.index(pixel.0)).collect(),
            Dither::Pattern => self.patterned(picture),
            Dither::Diffusion => self.diffused(picture),
        }
    }

    fn index(&mut self, color: [u8; 3]) -> u8 {
        let shift = 8 - LOOKUP_BITS;
        let cell = color.iter().fold(0, |cell, channel| cell << LOOKUP_BITS | usize::from(channel >> shift));
        if self.nearest[cell] == UNKNOWN {
            // The cell's own middle, so that the answer does not depend on who asks first.
            let middle =
                color.map(|channel| f32::from(channel >> shift << shift) + f32::from(1u8 << shift) / 2.0 - 0.5);
            let colors = self.colors.iter().map(|color| color.map(f32::from));
            self.nearest[cell] = closest(middle, colors).0 as u16;
        }
        self.nearest[cell] as u8
    }

    fn patterned(&mut self, picture: &RgbImage) -> Vec<u8> {
        let reach = self.error * PATTERN_STRENGTH;
        let push = |x: u32, y: u32| {
            let threshold = PATTERN[(y % 8) as usize][(x % 8) as usize];
            ((f32::from(threshold) + 0.5) / 64.0 - 0.5) * 2.0 * reach
        };
        let pushes: [i16; 64] = std::array::from_fn(|at| push(at as u32 % 8, at as u32 / 8).round() as i16);
        let pushed = |(x, y, pixel): (u32, u32, &image::Rgb<u8>)| {
            let push = pushes[(y % 8 * 8 + x % 8) as usize];
            self.index(pixel.0.map(|channel| (i16::from(channel) + push).clamp(0, 255) as u8))
        };
        picture.enumerate_pixels().map(pushed).collect()
    }

    /// After Floyd and Steinberg, every other row from right to left.
    fn diffused(&mut self, picture: &RgbImage) -> Vec<u8> {
        let width = picture.width() as usize;
        let mut indices = vec![0; width * picture.height() as usize];
        let (mut errors, mut below) = (vec![[0.0f32; 3]; width + 2], vec![[0.0f32; 3]; width + 2]);
        for (y, row) in picture.rows().enumerate() {
            let row: Vec<[u8; 3]> = row.map(|pixel| pixel.0).collect();
            let backwards = y % 2 == 1;
            for step in 0..width {
                let x = if backwards { width - 1 - step } else { step };
                let (ahead, behind) = if backwards { (x, x + 2) } else { (x + 2, x) };
                let wanted: [f32; 3] = std::array::from_fn(|i| f32::from(row[x][i]) + errors[x + 1][i]);
                let index = self.index(wanted.map(|channel| channel.round().clamp(0.0, 255.0) as u8));
                indices[y * width + x] = index;
                for i in 0..3 {
                    let error = (wanted[i] - f32::from(self.colors[usize::from(index)][i])).clamp(-64.0, 64.0);
                    errors[ahead][i] += error * 7.0 / 16.0;
                    below[behind][i] += error * 3.0 / 16.0;
                    below[x + 1][i] += error * 5.0 / 16.0;
                    below[ahead][i] += error / 16.0;
                }
            }
            std::mem::swap(&mut errors, &mut below);
            below.fill([0.0; 3]);
        }
        indices
    }
}

/// The colours that occur, as means of small cells.
fn cells<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Vec<Cell> {
    let mut sums = vec![([0u64; 3], 0u64); 1 << (3 * CELL_BITS)];
    for pixel in pictures.into_iter().flat_map(RgbImage::pixels) {
        let cell = pixel.0.iter().fold(0, |cell, channel| cell << CELL_BITS | usize::from(channel >> (8 - CELL_BITS)));
        let (sum, count) = &mut sums[cell];
        sum.iter_mut().zip(pixel.0).for_each(|(sum, channel)| *sum += u64::from(channel));
        *count += 1;
    }
    let mean = |(sum, count): ([u64; 3], u64)| Cell {
        color: sum.map(|sum| (sum as f64 / count as f64) as f32),
        // Small areas of a colour, such as eyes, matter more than their size.
        count: (count as f32).powf(0.7),
    };
    sums.into_iter().filter(|(_, count)| *count > 0).map(mean).collect()
}

/// Splits the cells where their colours differ most, again and again (Heckbert's median cut, by variance).
fn split(cells: Vec<Cell>, most: usize) -> Vec<[f32; 3]> {
    let mut groups = vec![cells];
    while groups.len() < most {
        let widest = (0..groups.len())
            .map(|index| (widest_axis(&groups[index]), index))
            .max_by(|((a, _), _), ((b, _), _)| a.total_cmp(b));
        let Some(((variance, axis), index)) = widest.filter(|((variance, _), _)| *variance > 0.0) else { break };
        debug_assert!(variance.is_finite());
        let group = groups.swap_remove(index);
        let middle = mean(&group)[axis];
        let (low, high): (Vec<_>, Vec<_>) = group.into_iter().partition(|cell| cell.color[axis] <= middle);
        if low.is_empty() || high.is_empty() {
            groups.push(if low.is_empty() { high } else { low });
            break;
        }
        groups.extend([low, high]);
    }
    groups.iter().filter(|group| !group.is_empty()).map(|group| mean(group)).collect()
}

fn mean(group: &[Cell]) -> [f32; 3] {
    let total: f64 = group.iter().map(|cell| f64::from(cell.count)).sum();
    let sum = |axis: usize| group.iter().map(|cell| f64::from(cell.color[axis] * cell.count)).sum::<f64>();
    [0, 1, 2].map(|axis| (sum(axis) / total.max(f64::MIN_POSITIVE)) as f32)
}

/// The axis along which the group's colours differ most, and how much, weighted by their number.
fn widest_axis(group: &[Cell]) -> (f32, usize) {
    let middle = mean(group);
    let variance = |axis: usize| {
        let squares = group.iter().map(|cell| cell.count * (cell.color[axis] - middle[axis]).powi(2));
        WEIGHTS[axis] * squares.sum::<f32>()
    };
    let axes = [0, 1, 2].map(|axis| (variance(axis), axis));
    axes.into_iter().fold((0.0, 0), |best, next| if next.0 > best.0 { next } else { best })
}

/// Moves each colour to the mean of the cells it stands for; answers the typical distance, in levels.
fn refine(cells: &[Cell], colors: &mut [[f32; 3]]) -> f32 {
    let mut groups: Vec<Vec<Cell>> = vec![Vec::new(); colors.len()];
    let (mut squares, mut count) = (0.0, 0.0);
    for cell in cells {
        let (index, squared) = closest(cell.color, colors.iter().copied());
        groups[index].push(*cell);
        squares += squared * cell.count;
        count += cell.count;
    }
    for (color, group) in colors.iter_mut().zip(&groups).filter(|(_, group)| !group.is_empty()) {
        *color = mean(group);
    }
    let weights: f32 = WEIGHTS.iter().sum();
    if count > 0.0 { (squares / count / weights).sqrt() } else { 0.0 }
}

fn closest(color: [f32; 3], colors: impl Iterator<Item = [f32; 3]>) -> (usize, f32) {
    let squared = |other: [f32; 3]| {
        (0..3).map(|axis| WEIGHTS[axis] * (color[axis] - other[axis]) * (color[axis] - other[axis])).sum::<f32>()
    };
    let all = colors.enumerate().map(|(index, other)| (index, squared(other)));
    all.fold((0, f32::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
}

/// Bayer's pattern: from the bits of x exclusive-or y and of y, most significant last.
const fn pattern() -> [[u8; 8]; 8] {
    let mut thresholds = [[0; 8]; 8];
    let mut y = 0;
    while y < 8 {
        let mut x = 0;
        while x < 8 {
            let (mixed, mut value, mut bit) = (x ^ y, 0, 0);
            while bit < 3 {
                value = value << 2 | (mixed >> bit & 1) << 1 | (y >> bit & 1);
                bit += 1;
            }
            thresholds[y][x] = value as u8;
            x += 1;
        }
        y += 1;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(picture: &RgbImage, palette: &Palette, indices: &[u8]) -> f64 {
        let pixels = picture.pixels().zip(indices);
        let squares = pixels.flat_map(|(pixel, &index)| {
            let stand_in = palette.colors()[usize::from(index)];
            (0..3).map(move |i| f64::from(pixel.0[i].abs_diff(stand_in[i])).powi(2))
        });
        (squares.sum::<f64>() / (3 * indices.len()) as f64).sqrt()
    }

    #[test]
    fn few_colours_are_kept_exactly() {
        let colors = [[1, 2, 3], [250, 0, 9], [90, 90, 90], [255, 255, 255]];
        let picture = RgbImage::from_fn(16, 16, |x, y| image::Rgb(colors[((x / 3 + y) % 4) as usize]));
        let mut palette = Palette::of([&picture], 255);
        for dither in Dither::ALL {
            let indices = palette.indices(&picture, dither);
            assert!(error(&picture, &palette, &indices) < 1e-9, "{dither:?}");
        }
        assert_eq!(palette.colors().len(), 4);
    }

    #[test]
    fn a_gradient_loses_little_and_dithering_keeps_the_mean() {
        let picture = RgbImage::from_fn(96, 96, |x, y| image::Rgb([(x * 2) as u8 + 30, (y * 2) as u8, (x + y) as u8]));
        let mut palette = Palette::of([&picture], 64);
        assert!(palette.colors().len() <= 64);
        let plain = palette.indices(&picture, Dither::None);
        assert!(error(&picture, &palette, &plain) < 12.0, "{}", error(&picture, &palette, &plain));
        // Seen from afar: means of 8×8 pixels.
        let blurred = |indices: &[u8]| {
            let mut sum = 0.0f64;
            for (block_x, block_y) in (0..12usize).flat_map(|x| (0..12usize).map(move |y| (x, y))) {
                let pixels = (0..64).map(|i| (block_x * 8 + i % 8, block_y * 8 + i / 8));
                let off: f64 = pixels
                    .map(|(x, y)| {
                        let stand_in = palette.colors()[usize::from(indices[y * 96 + x])][1];
                        f64::from(picture.get_pixel(x as u32, y as u32).0[1]) - f64::from(stand_in)
                    })
                    .sum();
                sum += (off / 64.0).abs();
            }
            sum
        };
        let plain = blurred(&plain);
        let mut palette = Palette::of([&picture], 64);
        let diffused = palette.indices(&picture, Dither::Diffusion);
        let patterned = palette.indices(&picture, Dither::Pattern);
        assert!(blurred(&diffused) < plain && blurred(&patterned) < plain);
    }

    #[test]
    fn the_pattern_has_each_threshold_once() {
        let mut all: Vec<u8> = PATTERN.iter().flatten().copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..64).collect::<Vec<_>>());
    }
}
