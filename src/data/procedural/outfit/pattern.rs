//! Printed patterns, painted over a garment that the scene is clipped to.

use tiny_skia::{Path, PathBuilder};

use super::looks::{OutfitLooks, Pattern};
use crate::data::procedural::geometry::{curve, pt};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

/// Covers the bounds of `shape`; the grid is fixed to the figure, so pieces of one garment match at their seams.
pub(super) fn draw_pattern(scene: &mut Scene, looks: &OutfitLooks, cloth: Tone, shape: &Path) {
    let bounds = shape.bounds();
    let step = 4.4 * looks.pattern_scale;
    let print = if cloth.lightness() > 0.72 { cloth.shadow(0.30).saturate(1.5) } else { cloth.lighter(0.30) };
    let from = |low: f32| (low / step).floor() as i32;
    let (left, right) = (from(bounds.left()), from(bounds.right()) + 1);
    let (top, bottom) = (from(bounds.top()), from(bounds.bottom()) + 1);
    let row = |i: i32| {
        let y = i as f32 * step;
        curve(&[pt(bounds.left() - 1.0, y), pt(bounds.right() + 1.0, y)])
    };
    let column = |i: i32| {
        let x = i as f32 * step;
        curve(&[pt(x, bounds.top() - 1.0), pt(x, bounds.bottom() + 1.0)])
    };
    match looks.pattern {
        Pattern::Stripes => (top..=bottom).for_each(|i| scene.line(&row(i), print.alpha(0.85), step * 0.36)),
        Pattern::Checks => {
            (top..=bottom).for_each(|i| scene.line(&row(i), print.alpha(0.45), step * 0.40));
            (left..=right).for_each(|i| scene.line(&column(i), print.alpha(0.45), step * 0.40));
        }
        Pattern::Dots => {
            let mut dots = PathBuilder::new();
            for j in top..=bottom {
                for i in left..=right {
                    let shift = if j % 2 == 0 { 0.0 } else { 0.5 };
                    dots.push_circle((i as f32 + shift) * step, j as f32 * step, step * 0.23);
                }
            }
            if let Some(dots) = dots.finish() {
                scene.paint(&dots, Ink::Solid(print.alpha(0.90)));
            }
        }
    }
}
