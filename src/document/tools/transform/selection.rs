//! A part lifted off the map, shown wherever it has been brought so far.

use super::placement::{Placement, draw, rasterised};
use crate::document::{LabelMap, PaintRules, PixelSet, Point, Region, fill_with_nearest};
use crate::taxonomy::LabelId;

/// Every change draws the region anew, from how it was taken onto the map as it was with the hole filled: however many
/// steps lead to a place, the outcome is the same.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    before: LabelMap,
    /// The map without the region.
    filled: LabelMap,
    region: Region,
    /// Border of the region where it was taken.
    border: Vec<Vec<Point>>,
    /// The pixels that it was taken from; none when it came from elsewhere.
    pixels: Option<PixelSet>,
    rules: PaintRules,
    pub(super) placement: Placement,
    /// Whether left and right labels have been exchanged.
    mirrored: bool,
    /// What the map showed last. Another map means that somebody else has changed it.
    shown: LabelMap,
}

impl Selection {
    /// Selects pixels of the map, as far as the rules let them go; `None` when they let none go. Changes nothing yet.
    pub(super) fn lift(map: &LabelMap, pixels: &PixelSet, rules: PaintRules) -> Option<Self> {
        let pixels = pixels.changeable(map, rules)?;
        let mut filled = map.clone();
        fill_with_nearest(&mut filled, &pixels, |id| !rules.locked.contains(id));
        let region = Region::copy(map, &pixels);
        Some(Self::new(map, filled, region, Some(pixels), rules))
    }

    /// A region from elsewhere that lies above the map where it was taken.
    pub(super) fn float(map: &LabelMap, region: Region, rules: PaintRules) -> Self {
        Self::new(map, map.clone(), region, None, rules)
    }

    fn new(map: &LabelMap, filled: LabelMap, region: Region, pixels: Option<PixelSet>, rules: PaintRules) -> Self {
        let (placement, border) = (Placement::at_rest(&region), region.outline());
        let (before, shown) = (map.clone(), map.clone());
        Self { before, filled, region, border, pixels, rules, placement, mirrored: false, shown }
    }

    /// The pixels that it was taken from, as long as it lies there as it was.
    pub(super) fn untouched_pixels(&self) -> Option<&PixelSet> {
        let is_untouched = self.placement == Placement::at_rest(&self.region) && !self.mirrored;
        self.pixels.as_ref().filter(|_| is_untouched)
    }

    /// Whether the map is the one that it showed last.
    pub(super) fn is_shown_by(&self, map: &LabelMap) -> bool {
        self.shown == *map
    }

    /// Draws it. True when that changed the map.
    pub(super) fn show(&mut self, map: &mut LabelMap) -> bool {
        let drawn = draw(&self.region, &self.placement, &self.filled, &self.before, self.rules);
        let changed = drawn != *map;
        if changed {
            *map = drawn;
            self.shown = map.clone();
        }
        changed
    }

    /// Shows the map without it: what is left when it is cut.
    pub(super) fn hide(&self, map: &mut LabelMap) {
        *map = self.filled.clone();
    }

    /// Shows the map as it was.
    pub(super) fn undo(&self, map: &mut LabelMap) {
        *map = self.before.clone();
    }

    /// Exchanges left and right labels.
    pub(super) fn mirror_labels(&mut self, mirror_labels: &[LabelId]) {
        self.region.mirror_labels(mirror_labels);
        self.mirrored = !self.mirrored;
    }

    /// A copy of what it brings to the map where it lies now; `None` when it lies outside.
    pub(super) fn as_it_lies(&self) -> Option<Region> {
        rasterised(&self.region, &self.placement, self.before.width(), self.before.height())
    }

    /// Its border where it lies now, as closed lines.
    pub(super) fn border(&self) -> impl Iterator<Item = Vec<Point>> {
        self.border.iter().map(|line| line.iter().map(|&at| self.placement.forward_point(at)).collect())
    }

    /// What has been done to it, for the history list.
    pub(super) fn name(&self) -> &'static str {
        match () {
            () if self.pixels.is_none() => "Paste part",
            () if self.placement.is_upright() && !self.mirrored => "Move part",
            () => "Transform part",
        }
    }
}
