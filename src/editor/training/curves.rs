//! The log as lines to draw.

use crate::train::LogRow;

/// How strongly lines can be smoothed: the part of the past in each value.
pub const SMOOTHING_RANGE: std::ops::RangeInclusive<f32> = 0.0..=0.99;
/// A line has at most this many points; a panel is no wider.
const MAX_POINTS: usize = 600;

/// Lines that belong into one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurveGroup {
    /// D and G against each other.
    #[default]
    Adversarial,
    /// Segmentation of real and of generated pictures.
    Segmentation,
    /// Attributes of real and of generated pictures.
    Classification,
    /// Scores on held-out samples.
    Scores,
}

impl CurveGroup {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Adversarial, Self::Segmentation, Self::Classification, Self::Scores];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Adversarial => "D and G",
            Self::Segmentation => "Segmentation",
            Self::Classification => "Attributes",
            Self::Scores => "Scores",
        }
    }

    /// Names in the log, and names for people.
    const fn lines(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Adversarial => {
                &[("discriminator", "D"), ("generator", "G"), ("distance", "Distance"), ("penalty", "Penalty")]
            }
            Self::Segmentation => &[("segmentation_real", "S on real"), ("segmentation_fake", "S on generated")],
            Self::Classification => {
                &[("classification_real", "D on real"), ("classification_fake", "D on generated"), ("head", "Head")]
            }
            Self::Scores => &[
                ("real_mean_iou", "mIoU, real"),
                ("generated_mean_iou", "mIoU, generated"),
                ("real_pixel_accuracy", "Accuracy, real"),
                ("generated_pixel_accuracy", "Accuracy, generated"),
            ],
        }
    }
}

/// How the log is drawn.
#[derive(Clone, Debug)]
pub struct Curves {
    /// Which lines.
    pub group: CurveGroup,
    /// How smooth, within [`SMOOTHING_RANGE`].
    pub smoothing: f32,
}

impl Default for Curves {
    fn default() -> Self {
        Self { group: CurveGroup::default(), smoothing: 0.8 }
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name for people.
    pub name: &'static str,
    /// Step and value, in order.
    pub points: Vec<[f64; 2]>,
}

impl Curves {
    pub(super) fn smooth(&mut self, smoothing: f32) {
        if smoothing.is_finite() {
            self.smoothing = smoothing.clamp(*SMOOTHING_RANGE.start(), *SMOOTHING_RANGE.end());
        }
    }

    /// The lines of the chosen group that have a value.
    pub fn series(&self, log: &[LogRow]) -> Vec<Series> {
        let series = self.group.lines().iter().map(|&(key, name)| {
            let values = log.iter().filter_map(|row| Some([row.step as f64, value(row, key)?]));
            Series { name, points: thinned(smoothed(values, f64::from(self.smoothing))) }
        });
        series.filter(|series| !series.points.is_empty()).collect()
    }
}

fn value(row: &LogRow, key: &str) -> Option<f64> {
    let loss = row.losses.entries().find(|(name, _)| *name == key).map(|(_, value)| f64::from(value));
    let score = || {
        let scores = row.scores.as_ref()?;
        match key {
            "real_mean_iou" => Some(scores.real_mean_iou),
            "generated_mean_iou" => Some(scores.generated_mean_iou),
            "real_pixel_accuracy" => Some(scores.real_pixel_accuracy),
            "generated_pixel_accuracy" => Some(scores.generated_pixel_accuracy),
            _ => None,
        }
    };
    loss.or_else(score).filter(|value| value.is_finite())
}

/// A moving average without a bias towards its start.
fn smoothed(values: impl Iterator<Item = [f64; 2]>, past: f64) -> Vec<[f64; 2]> {
    let (mut sum, mut weight) = (0.0, 0.0);
    let average = |[step, value]: [f64; 2]| {
        sum = past * sum + (1.0 - past) * value;
        weight = past * weight + (1.0 - past);
        [step, sum / weight]
    };
    values.map(average).collect()
}

fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let stride = points.len().div_ceil(MAX_POINTS);
    if stride <= 1 {
        return points;
    }
    // Counted from the end, so that the newest value is always there.
    let last = points.len() - 1;
    points.into_iter().enumerate().filter(|(index, _)| (last - index).is_multiple_of(stride)).map(|(_, p)| p).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::train::Losses;

    fn log(rows: usize) -> Vec<LogRow> {
        let row = |index: usize| LogRow {
            step: 10 * index as u64,
            losses: Losses {
                discriminator: Some(index as f32),
                generator: (index > 3).then_some(1.0),
                ..Losses::default()
            },
            ..LogRow::default()
        };
        (0..rows).map(row).collect()
    }

    #[test]
    fn lines_begin_where_their_values_do_and_end_at_the_newest() {
        let mut curves = Curves { smoothing: 0.0, ..Curves::default() };
        let series = curves.series(&log(8));
        assert_eq!(series.iter().map(|line| line.name).collect::<Vec<_>>(), ["D", "G"]);
        assert_eq!(series[0].points[5], [50.0, 5.0]);
        assert_eq!(series[1].points.first(), Some(&[40.0, 1.0]));
        let long = curves.series(&log(5001));
        assert!(long[0].points.len() <= MAX_POINTS + 1);
        assert_eq!(long[0].points.last(), Some(&[50_000.0, 5000.0]));
        curves.group = CurveGroup::Scores;
        assert!(curves.series(&log(8)).is_empty());
    }

    #[test]
    fn smoothing_follows_a_level_at_once_and_a_change_slowly() {
        let values = (0..200).map(|index| [f64::from(index), if index < 100 { 4.0 } else { 8.0 }]);
        let smooth = smoothed(values, 0.9);
        assert!((smooth[0][1] - 4.0).abs() < 1e-9 && (smooth[99][1] - 4.0).abs() < 1e-9);
        assert!(smooth[101][1] < 5.0 && smooth[199][1] > 7.9);
        let mut curves = Curves::default();
        curves.smooth(f32::NAN);
        curves.smooth(7.0);
        assert_eq!(curves.smoothing, 0.99);
    }
}
