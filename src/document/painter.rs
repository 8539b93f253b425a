//! The one way tools write to a label map: under rules, and on both sides of a mirror axis.

use std::ops::Range;

use super::bit_area::{BitArea, bits_in};
use super::capsule::Capsule;
use super::connected::connected;
use super::pixel_box::PixelBox;
use super::polygon::polygon_spans;
use super::symmetry::{Reflection, Side};
use super::{LabelMap, MirrorAxis, PaintRules, Point};
use crate::taxonomy::LabelId;

/// A run of pixels in a row.
type Span = (u32, Range<u32>);

/// Writes shapes to a map. Every method tells whether a pixel changed.
///
/// With a mirror axis, a shape and its mirror image are painted together: with the label where the gesture is at home,
/// that is on the side of the axis where it began, and with the mirrored label (left eye ↔ right eye) on the other. So
/// no pixel gets two labels, and what comes of a symmetric map is symmetric. Pixels on the axis are their own mirror
/// image; they only get labels that are their own mirror image too. Each pixel is held against the rules by itself.
/// What a shape covers beside the map is mirrored onto it, too, where the axis lies so that its image is there.
pub(super) struct Painter<'a> {
    map: &'a mut LabelMap,
    rules: PaintRules,
    mirror: Option<Mirror<'a>>,
}

#[derive(Clone, Copy)]
struct Mirror<'a> {
    reflection: Reflection,
    labels: &'a [LabelId],
    home: Side,
}

impl<'a> Painter<'a> {
    /// `mirror` is the axis, and by label the label that it becomes on the other side (itself, beyond the end);
    /// `start` is where the gesture began.
    pub(super) fn new(
        map: &'a mut LabelMap,
        rules: PaintRules,
        mirror: Option<(MirrorAxis, &'a [LabelId])>,
        start: Point,
    ) -> Self {
        let mirror = mirror.map(|(axis, labels)| {
            let reflection = axis.reflection();
            Mirror { reflection, labels, home: reflection.side(start) }
        });
        Self { map, rules, mirror }
    }

    /// Everything within half of `diameter_px` of the segment between two points.
    pub(super) fn capsule(&mut self, from: Point, to: Point, diameter_px: f32, label: LabelId) -> bool {
        let size = self.map.size();
        let own = self.spans(Capsule::new(from, to, diameter_px).spans(size), label);
        let Some(other) = self.reflected() else { return own };
        own | self.reflected_spans(Capsule::new(other.point(from), other.point(to), diameter_px).spans(size), label)
    }

    /// The pixel under a point, as far as it lies on the map.
    pub(super) fn pixel(&mut self, at: Point, label: LabelId) -> bool {
        match self.map.pixel_at(at) {
            Some((x, y)) => {
                let places = self.places(x, y);
                self.runs(places.map(|(x, y)| (y, x..x + 1)), label)
            }
            None => {
                let image = self.mirror.and_then(|mirror| self.map.pixel_at(mirror.reflection.point(at)));
                self.reflected_spans(image.map(|(x, y)| (y, x..x + 1)).into_iter(), label)
            }
        }
    }

    /// The inside of a polygon, by the even-odd rule.
    pub(super) fn polygon(&mut self, corners: &[Point], label: LabelId) -> bool {
        let size = self.map.size();
        let own = self.spans(polygon_spans(corners.iter().copied(), size), label);
        let Some(other) = self.reflected() else { return own };
        own | self.reflected_spans(polygon_spans(corners.iter().map(|corner| other.point(*corner)), size), label)
    }

    /// A rectangle of whole pixels.
    pub(super) fn rectangle(&mut self, area: PixelBox, label: LabelId) -> bool {
        let size = self.map.size();
        let own = self.spans(area.rectangle_spans(size), label);
        let Some(other) = self.reflected() else { return own };
        own | match area.mirrored(&other) {
            Some(image) => self.reflected_spans(image.rectangle_spans(size), label),
            None => self.reflected_outline(&area.corners(), &other, label),
        }
    }

    /// The ellipse in a rectangle of whole pixels.
    pub(super) fn ellipse(&mut self, area: PixelBox, label: LabelId) -> bool {
        let size = self.map.size();
        let own = self.spans(area.ellipse_spans(size), label);
        let Some(other) = self.reflected() else { return own };
        own | match area.mirrored(&other) {
            Some(image) => self.reflected_spans(image.ellipse_spans(size), label),
            None => self.reflected_outline(&area.ellipse_outline(), &other, label),
        }
    }

    /// The pixels 4-connected to a pixel over pixels of its label. The mirrored half starts from the mirrored pixel, and
    /// both areas are found before either is painted. Beside an axis that is not in the middle, the mirrored pixel may lie
    /// beside the map, or the area hang together there: then the mirror image of every pixel of the area counts as a start,
    /// if it has the mirrored label.
    pub(super) fn flood(&mut self, x: u32, y: u32, label: LabelId) -> bool {
        let Some(old) = self.map.get(x, y) else { return false };
        let mut area = BitArea::empty(self.map.size());
        for (x, y) in self.places(x, y) {
            if self.can_change(x, y, label) && !area.contains(x, y) {
                area.add_all(&connected(self.map, x, y));
            }
        }
        if !area.is_empty() {
            self.complete(&mut area, old);
        }
        self.area(&area, label)
    }

    /// Adds to an area of pixels of label `old` and its mirrored label whatever hangs together with its mirror image.
    fn complete(&self, area: &mut BitArea, old: LabelId) {
        let size = self.map.size();
        let partial = self.mirror.filter(|mirror| mirror.reflection.is_exact() && mirror.reflection.leaves_map(size));
        let Some(mirror) = partial else { return };
        let twin = mirror.label(old);
        let (of_old, of_twin) = (BitArea::of_label(self.map, old), BitArea::of_label(self.map, twin));
        let ways = [(&of_old, &of_twin), (&of_twin, &of_old)];
        loop {
            let before = area.clone();
            for (from, to) in &ways[..if twin == old { 1 } else { 2 }] {
                let mut own = area.clone();
                own.keep(from);
                let mut starts = BitArea::empty(size);
                let images = own.runs().filter_map(|(y, columns)| mirror.reflection.span(y, &columns, size));
                images.for_each(|(y, columns)| starts.add_run(y, columns));
                starts.keep(to);
                starts.remove(area);
                if !starts.is_empty() {
                    area.add_all(&BitArea::clone(to).take_connected(&starts, false));
                }
            }
            if *area == before {
                return;
            }
        }
    }

    /// Any pixels, each side with its label.
    fn area(&mut self, area: &BitArea, label: LabelId) -> bool {
        let mut changed = false;
        for (y, word, bits) in area.words() {
            let Some(mirror) = self.mirror.filter(|mirror| mirror.label(label) != label) else {
                changed |= write_bits(self.map, self.rules, y, word, bits, label);
                continue;
            };
            for (side, label) in [(mirror.home, label), (mirror.home.opposite(), mirror.label(label))] {
                let columns = mirror.reflection.columns_on(side, y, self.map.width());
                changed |= write_bits(self.map, self.rules, y, word, bits & bits_in(word, &columns), label);
            }
        }
        changed
    }

    /// All pixels of a pixel's label, and all of its mirrored label.
    pub(super) fn replace(&mut self, x: u32, y: u32, label: LabelId) -> bool {
        let Some(old) = self.map.get(x, y) else { return false };
        let Some(mirror) = self.mirror else {
            return self.rules.allow(old, label) && self.map.replace(old, label);
        };
        let olds = [old, mirror.label(old)];
        let runs = self.map.runs_where(|id| olds.contains(&id));
        self.runs(runs, label)
    }

    /// The mirror image of an outline.
    fn reflected_outline(&mut self, outline: &[Point], reflection: &Reflection, label: LabelId) -> bool {
        let corners = outline.iter().map(|corner| reflection.point(*corner));
        self.reflected_spans(polygon_spans(corners, self.map.size()), label)
    }

    /// Runs of a reflected shape. Where whole pixels mirror each other, [`Painter::spans`] has painted the mirror images of
    /// what lies on the map, to the pixel; left are the images of what lies beside it.
    fn reflected_spans(&mut self, spans: impl Iterator<Item = Span>, label: LabelId) -> bool {
        let (size, reflection) = (self.map.size(), self.mirror.map(|mirror| mirror.reflection));
        let Some(exact) = reflection.filter(Reflection::is_exact) else { return self.runs(spans, label) };
        self.runs(
            spans.map(|(y, columns)| {
                let left = exact.columns_without_image(y, size);
                (y, columns.start.max(left.start)..columns.end.min(left.end))
            }),
            label,
        )
    }

    /// Runs and, when whole pixels mirror each other, their mirror images.
    fn spans(&mut self, spans: impl Iterator<Item = Span>, label: LabelId) -> bool {
        let (size, reflection) = (self.map.size(), self.mirror.map(|mirror| mirror.reflection));
        spans.fold(false, |changed, (y, columns)| {
            let image = reflection.and_then(|reflection| reflection.span(y, &columns, size));
            let own = self.run(y, columns, label);
            changed | own | image.is_some_and(|(y, columns)| self.run(y, columns, label))
        })
    }

    fn runs(&mut self, spans: impl IntoIterator<Item = Span>, label: LabelId) -> bool {
        spans.into_iter().fold(false, |changed, (y, columns)| changed | self.run(y, columns, label))
    }

    /// One run, each side with its label.
    fn run(&mut self, y: u32, columns: Range<u32>, label: LabelId) -> bool {
        let Some(mirror) = self.mirror.filter(|mirror| mirror.label(label) != label) else {
            return write(self.map, self.rules, y, columns, label);
        };
        [(mirror.home, label), (mirror.home.opposite(), mirror.label(label))].into_iter().fold(
            false,
            |changed, (side, label)| {
                let side = mirror.reflection.columns_on(side, y, self.map.width());
                let columns = columns.start.max(side.start)..columns.end.min(side.end);
                changed | write(self.map, self.rules, y, columns, label)
            },
        )
    }

    /// A pixel and its mirror image, as far as that lies on the map.
    fn places(&self, x: u32, y: u32) -> impl Iterator<Item = (u32, u32)> + use<> {
        let image = self.mirror.and_then(|mirror| mirror.reflection.pixel(x, y, self.map.size()));
        [Some((x, y)), image].into_iter().flatten()
    }

    /// Whether painting an area of this pixel's label, or one of the mirrored label that hangs together with its mirror
    /// image, could change anything: spares looking for the area.
    fn can_change(&self, x: u32, y: u32, label: LabelId) -> bool {
        let twins = |label| [label, self.mirror.map_or(label, |mirror| mirror.label(label))];
        let can_become = |old| twins(label).iter().any(|&new| new != old && self.rules.allow(old, new));
        self.map.get(x, y).is_some_and(|old| twins(old).into_iter().any(can_become))
    }

    /// The reflection, if shapes have to be reflected before they are rasterised: all that a tilted axis mirrors, and what
    /// an upright or level one mirrors from beside the map.
    fn reflected(&self) -> Option<Reflection> {
        let reflection = self.mirror?.reflection;
        (!reflection.is_exact() || reflection.leaves_map(self.map.size())).then_some(reflection)
    }
}

impl Mirror<'_> {
    fn label(&self, label: LabelId) -> LabelId {
        mirrored(self.labels, label)
    }
}

/// What a label becomes on the other side.
pub(super) fn mirrored(mirror_labels: &[LabelId], label: LabelId) -> LabelId {
    mirror_labels.get(usize::from(label)).copied().unwrap_or(label)
}

/// Gives the pixels of a run a label where the rules allow it. True when a pixel changed.
pub(super) fn write(map: &mut LabelMap, rules: PaintRules, y: u32, columns: Range<u32>, label: LabelId) -> bool {
    if rules.allow_all() {
        return map.fill_row(y, columns, label);
    }
    !rules.locked.contains(label) && map.fill_row_where(y, columns, label, |old| rules.allow(old, label))
}

/// As [`write`], for pixels of a word of a [`BitArea`].
fn write_bits(map: &mut LabelMap, rules: PaintRules, y: u32, word: u32, bits: u64, label: LabelId) -> bool {
    if rules.allow_all() {
        return map.fill_bits_where(y, word, bits, label, |_| true);
    }
    !rules.locked.contains(label) && map.fill_bits_where(y, word, bits, label, |old| rules.allow(old, label))
}

#[cfg(test)]
mod tests;
