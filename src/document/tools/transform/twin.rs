//! What goes the mirrored way when a part is moved beside a mirror axis: the other eye.

use super::placement::{Placement, Reach, mirrored_sampler};
use super::selection::Across;
use crate::document::painter::mirrored;
use crate::document::symmetry::{Reflection, Side};
use crate::document::{LabelMap, PaintRules, PixelSet, Point, Region};
use crate::taxonomy::LabelId;

/// The pixels on the other side. Wherever the part is, this is in its mirror image's place.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    reflection: Reflection,
    /// The side that the part was taken from.
    home: Side,
    labels: Vec<LabelId>,
    pixels: PixelSet,
    region: Region,
    border: Vec<Vec<Point>>,
}

impl Twin {
    /// `None` when the rules let nothing go, or when a pixel would have to go both ways.
    pub(super) fn lift(map: &LabelMap, part: &PixelSet, across: Across<'_>, rules: PaintRules) -> Option<Self> {
        let pixels = across.pixels.changeable(map, rules).filter(|pixels| !pixels.overlaps(part))?;
        let reflection = across.axis.reflection();
        let rect = part.rect();
        let middle = |start: u32, length: u32| start as f32 + length as f32 / 2.0;
        let home = reflection.side(Point::new(middle(rect.x, rect.width), middle(rect.y, rect.height)));
        let region = Region::copy(map, &pixels);
        Some(Self { reflection, home, labels: across.labels.to_vec(), border: region.outline(), pixels, region })
    }

    /// Where it was taken from.
    pub(super) fn pixels(&self) -> &PixelSet {
        &self.pixels
    }

    /// Fills its hole with the mirror image of how the part's hole was filled, where the one is the mirror image of the
    /// other: a nearest label may be as near as another one, and the choice must not depend on the side.
    pub(super) fn fill_alike(&self, map: &mut LabelMap, part: &PixelSet, may_fill: impl Fn(LabelId) -> bool) {
        if !self.reflection.is_exact() {
            return;
        }
        for (x, y) in self.pixels.places() {
            let image = self.reflection.pixel(x, y, map.size()).filter(|&(x, y)| part.contains(x, y));
            let label = image.and_then(|(x, y)| map.get(x, y)).map(|label| mirrored(&self.labels, label));
            if let Some(label) = label.filter(|label| may_fill(*label)) {
                map.set(x, y, label);
            }
        }
    }

    /// Tells what part and twin together bring to a pixel. Where both come, each has its own side; on the axis only labels
    /// that are their own mirror image stay.
    pub(super) fn sampler(
        &self,
        placement: &Placement,
        part: impl Fn(u32, u32) -> Option<LabelId>,
    ) -> impl Fn(u32, u32) -> Option<LabelId> {
        let twin = mirrored_sampler(&self.region, placement, &self.reflection);
        let (reflection, home, labels) = (self.reflection, self.home, &self.labels);
        move |x, y| {
            let [centre_x, centre_y] = [f64::from(x) + 0.5, f64::from(y) + 0.5];
            if reflection.place([centre_x, centre_y]) == [centre_x, centre_y] {
                return part(x, y).or_else(|| twin(x, y)).filter(|label| mirrored(labels, *label) == *label);
            }
            if reflection.side(Point::new(centre_x as f32, centre_y as f32)) == home {
                part(x, y).or_else(|| twin(x, y))
            } else {
                twin(x, y).or_else(|| part(x, y))
            }
        }
    }

    /// The pixels that it reaches.
    pub(super) fn reach(&self, placement: &Placement, size: (u32, u32)) -> Reach {
        placement.mirrored_reach(&self.reflection, size)
    }

    /// Exchanges left and right labels.
    pub(super) fn mirror_labels(&mut self, mirror_labels: &[LabelId]) {
        self.region.mirror_labels(mirror_labels);
    }

    /// Its border where it lies, as closed lines.
    pub(super) fn border(&self, placement: &Placement) -> impl Iterator<Item = Vec<Point>> {
        let there = move |at: &Point| self.reflection.point(placement.forward_point(self.reflection.point(*at)));
        self.border.iter().map(move |line| line.iter().map(there).collect())
    }
}
