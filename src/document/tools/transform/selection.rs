//! A part lifted off the map, shown wherever it has been brought so far.

use super::placement::{Placement, draw, rasterised, sampler};
use super::twin::Twin;
use crate::document::{LabelMap, MirrorAxis, PaintRules, PixelSet, Point, Region, fill_with_nearest};
use crate::taxonomy::LabelId;

/// Which pixels shall go the mirrored way, and what mirrors them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Across<'a> {
    pub(super) pixels: &'a PixelSet,
    pub(super) axis: MirrorAxis,
    /// By label, the one that it becomes on the other side.
    pub(super) labels: &'a [LabelId],
}

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
    /// What goes the mirrored way on the other side of an axis.
    twin: Option<Twin>,
    pub(super) placement: Placement,
    /// Whether left and right labels have been exchanged.
    mirrored: bool,
    /// What the map showed last. Another map means that somebody else has changed it.
    shown: LabelMap,
}

impl Selection {
    /// Selects pixels of the map, as far as the rules let them go; `None` when they let none go. Changes nothing yet.
    ///
    /// `across` are the pixels that shall go the mirrored way; when they and the others have a pixel in common, as parts
    /// on the axis do, there is no going two ways, and only the others move.
    pub(super) fn lift(
        map: &LabelMap,
        pixels: &PixelSet,
        across: Option<Across<'_>>,
        rules: PaintRules,
    ) -> Option<Self> {
        let pixels = pixels.changeable(map, rules)?;
        let twin = across.and_then(|across| Twin::lift(map, &pixels, across, rules));
        let mut filled = map.clone();
        let hole = twin.as_ref().map_or_else(|| pixels.clone(), |twin| pixels.union(twin.pixels()));
        fill_with_nearest(&mut filled, &hole, |id| !rules.locked.contains(id));
        if let Some(twin) = &twin {
            twin.fill_alike(&mut filled, &pixels, |id| !rules.locked.contains(id));
        }
        let region = Region::copy(map, &pixels);
        Some(Self { twin, ..Self::new(map, filled, region, Some(pixels), rules) })
    }

    /// A region from elsewhere that lies above the map where it was taken.
    pub(super) fn float(map: &LabelMap, region: Region, rules: PaintRules) -> Self {
        Self::new(map, map.clone(), region, None, rules)
    }

    fn new(map: &LabelMap, filled: LabelMap, region: Region, pixels: Option<PixelSet>, rules: PaintRules) -> Self {
        let (placement, border) = (Placement::at_rest(&region), region.outline());
        let (before, shown) = (map.clone(), map.clone());
        Self { before, filled, region, border, pixels, rules, twin: None, placement, mirrored: false, shown }
    }

    /// Whether something goes the mirrored way.
    pub(super) fn has_twin(&self) -> bool {
        self.twin.is_some()
    }

    /// The pixels that go the mirrored way, as long as they lie where they were taken.
    pub(super) fn untouched_twin(&self) -> Option<&PixelSet> {
        self.untouched_pixels().and(self.twin.as_ref()).map(Twin::pixels)
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
        let (mut drawn, size) = (self.filled.clone(), self.before.size());
        let own = sampler(&self.region, &self.placement);
        let reach = self.placement.reach(size);
        match &self.twin {
            None => draw(&mut drawn, &reach, &self.before, self.rules, own),
            Some(twin) => {
                let both = twin.sampler(&self.placement, own);
                draw(&mut drawn, &reach, &self.before, self.rules, &both);
                let reach = twin.reach(&self.placement, size);
                draw(&mut drawn, &reach, &self.before, self.rules, &both);
            }
        }
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
        if let Some(twin) = &mut self.twin {
            twin.mirror_labels(mirror_labels);
        }
        self.mirrored = !self.mirrored;
    }

    /// A copy of what it brings to the map where it lies now; `None` when it lies outside.
    pub(super) fn as_it_lies(&self) -> Option<Region> {
        let own = sampler(&self.region, &self.placement);
        let (size, reach) = (self.before.size(), self.placement.reach(self.before.size()));
        match &self.twin {
            None => rasterised(&reach, own),
            Some(twin) => {
                let reach = reach.union(&twin.reach(&self.placement, size));
                rasterised(&reach, twin.sampler(&self.placement, own))
            }
        }
    }

    /// Its border where it lies now, as closed lines.
    pub(super) fn border(&self) -> impl Iterator<Item = Vec<Point>> {
        let own = self.border.iter().map(|line| line.iter().map(|&at| self.placement.forward_point(at)).collect());
        own.chain(self.twin.iter().flat_map(|twin| twin.border(&self.placement)))
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
