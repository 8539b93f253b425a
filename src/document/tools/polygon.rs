//! An area given by its corners, one click each.

use super::straight::in_steps_of_15_degrees;
use super::{OutlineKind, Overlay, PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::{LabelMap, Point};

/// A click this close to the first corner closes the polygon, in screen pixels.
const CLOSING_REACH_PX: f32 = 8.0;
/// The second click of a double click is the same corner, in screen pixels.
const SAME_CORNER_PX: f32 = 3.0;

/// Nothing is painted until the polygon is closed: by a click on its first corner, or by a confirmation (Enter, double
/// click). A confirmation with fewer than three corners is ignored, so that no corner is lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Polygon {
    /// Empty at rest.
    corners: Vec<Point>,
    /// Where the next corner would be.
    next: Option<Point>,
}

impl Tool for Polygon {
    fn is_active(&self) -> bool {
        !self.corners.is_empty()
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        match event {
            PointerEvent::Press { at, constrain, .. } if at.is_finite() => {
                if self.can_close() && self.is_near_first(at, settings) {
                    return self.close(map, settings);
                }
                self.add(self.snapped(at, constrain), settings);
            }
            PointerEvent::Move { at, constrain } if at.is_finite() && self.is_active() => {
                self.next = Some(self.snapped(at, constrain));
            }
            PointerEvent::Confirm if self.can_close() => return self.close(map, settings),
            PointerEvent::Cancel if self.is_active() => {
                *self = Self::default();
                return ToolOutput::Cancelled;
            }
            _ => {}
        }
        ToolOutput::Nothing
    }

    /// The edges so far, a guide along the edge to come and the one that would close the polygon, and a handle on the
    /// first corner as soon as a click there closes it.
    fn overlay(&self, settings: &ToolSettings<'_>) -> Overlay {
        let mut overlay = Overlay::default();
        let (Some(&first), Some(&last)) = (self.corners.first(), self.corners.last()) else { return overlay };
        let next = self.next.unwrap_or(last);
        let closing = self.can_close() && self.is_near_first(next, settings);
        overlay.push(OutlineKind::Shape, self.corners.clone(), closing);
        if !closing {
            overlay.push(OutlineKind::Guide, vec![last, next, first], false);
        }
        overlay.push_handles(self.can_close().then_some(first));
        overlay.mirrored(settings.symmetry)
    }
}

impl Polygon {
    fn can_close(&self) -> bool {
        self.corners.len() >= 3
    }

    fn close(&mut self, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let Self { corners, .. } = std::mem::take(self);
        settings.painter(map, corners[0]).polygon(&corners, settings.label);
        ToolOutput::Finished { label: "Polygon" }
    }

    fn add(&mut self, at: Point, settings: &ToolSettings<'_>) {
        let is_new = |last: &Point| distance(*last, at) > settings.mask_px(SAME_CORNER_PX);
        if self.corners.last().is_none_or(is_new) {
            self.corners.push(at);
        }
        self.next = Some(at);
    }

    fn snapped(&self, at: Point, constrain: bool) -> Point {
        let last = self.corners.last().filter(|_| constrain);
        last.map_or(at, |&last| in_steps_of_15_degrees(last, at))
    }

    fn is_near_first(&self, at: Point, settings: &ToolSettings<'_>) -> bool {
        self.corners.first().is_some_and(|&first| distance(first, at) <= settings.mask_px(CLOSING_REACH_PX))
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [(f32, f32); 4] = [(10.0, 10.0), (40.0, 10.0), (40.0, 50.0), (10.0, 50.0)];

    fn settings(px_per_mask_px: f32) -> ToolSettings<'static> {
        ToolSettings { label: 1, px_per_mask_px, ..ToolSettings::default() }
    }

    fn press((x, y): (f32, f32)) -> PointerEvent {
        PointerEvent::Press { at: Point::new(x, y), extend: false, constrain: false }
    }

    /// A polygon with the corners clicked on a map that did not change.
    fn clicked(corners: &[(f32, f32)], settings: &ToolSettings<'_>) -> (LabelMap, Polygon) {
        let (mut map, mut polygon) = (LabelMap::new(60, 60, 0), Polygon::default());
        for &corner in corners {
            let release = PointerEvent::Release { at: Point::new(corner.0, corner.1) };
            for event in [press(corner), release] {
                assert_eq!(polygon.handle(event, &mut map, settings), ToolOutput::Nothing);
            }
        }
        (map, polygon)
    }

    #[test]
    fn a_click_on_the_first_corner_closes() {
        let finished = ToolOutput::Finished { label: "Polygon" };
        for (scale, reach) in [(1.0, 7.0), (4.0, 1.9), (0.0, 7.0), (0.5, 14.0)] {
            let settings = settings(scale);
            let (mut map, mut polygon) = clicked(&CORNERS, &settings);
            let near = (10.0 - reach, 10.0);
            assert_eq!(polygon.handle(press(near), &mut map, &settings), finished, "at scale {scale}");
            assert_eq!((map.counts()[1], polygon.is_active()), (30 * 40, false));
        }
        let (mut map, mut polygon) = clicked(&CORNERS, &settings(4.0));
        assert_eq!(polygon.handle(press((10.0, 13.0)), &mut map, &settings(4.0)), ToolOutput::Nothing);
    }

    #[test]
    fn a_double_click_closes_with_its_corner_once() {
        let settings = settings(1.0);
        let (mut map, mut polygon) = clicked(&CORNERS, &settings);
        let corner = (10.5, 50.5);
        assert_eq!(polygon.handle(press(corner), &mut map, &settings), ToolOutput::Nothing);
        assert_eq!(polygon.corners.len(), 4);
        let output = polygon.handle(PointerEvent::Confirm, &mut map, &settings);
        assert_eq!(output, ToolOutput::Finished { label: "Polygon" });
        let late = PointerEvent::Release { at: Point::new(10.0, 50.0) };
        assert_eq!(polygon.handle(late, &mut map, &settings), ToolOutput::Nothing);
        assert_eq!(map.counts()[1], 30 * 40);
    }

    #[test]
    fn two_corners_are_no_polygon_yet() {
        let settings = settings(1.0);
        let (mut map, mut polygon) = clicked(&CORNERS[..2], &settings);
        assert_eq!(polygon.handle(PointerEvent::Confirm, &mut map, &settings), ToolOutput::Nothing);
        assert!(polygon.is_active());
        assert_eq!(polygon.handle(PointerEvent::Cancel, &mut map, &settings), ToolOutput::Cancelled);
        assert_eq!(polygon.handle(PointerEvent::Cancel, &mut map, &settings), ToolOutput::Nothing);
        assert_eq!(map, LabelMap::new(60, 60, 0));
    }

    #[test]
    fn the_overlay_hints_at_the_closing_edge() {
        let settings = settings(1.0);
        let (mut map, mut polygon) = clicked(&CORNERS, &settings);
        let mut overlay_at = |x, y| {
            polygon.handle(PointerEvent::Move { at: Point::new(x, y), constrain: false }, &mut map, &settings);
            polygon.overlay(&settings).outlines
        };
        let kinds = |outlines: &[super::super::Outline]| outlines.iter().map(|line| line.kind).collect::<Vec<_>>();
        let away = overlay_at(30.0, 55.0);
        assert_eq!(kinds(&away), [OutlineKind::Shape, OutlineKind::Guide, OutlineKind::Handle]);
        assert_eq!(away[1].points, [(10.0, 50.0), (30.0, 55.0), (10.0, 10.0)].map(|(x, y)| Point::new(x, y)));
        let near = overlay_at(12.0, 12.0);
        assert_eq!(kinds(&near), [OutlineKind::Shape, OutlineKind::Handle]);
        assert!(near[0].closed && !away[0].closed);
    }

    #[test]
    fn ctrl_turns_edges_in_steps() {
        let settings = settings(1.0);
        let (mut map, mut polygon) = clicked(&CORNERS[..1], &settings);
        let at = Point::new(30.0, 11.0);
        polygon.handle(PointerEvent::Press { at, extend: false, constrain: true }, &mut map, &settings);
        assert_eq!(polygon.corners[1], Point::new(30.0, 10.0));
    }
}
