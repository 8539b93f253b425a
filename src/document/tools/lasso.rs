//! A freehand area, closed and painted at the release.

use super::{OutlineKind, Overlay, PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::{LabelMap, Point};

/// Places nearer than this to the last one are left out, so that a slow hand makes no endless path.
const STEP_PX: f32 = 0.25;

#[derive(Clone, Debug, Default)]
pub(super) struct Lasso {
    /// Where the pointer has been since the press; empty at rest.
    path: Vec<Point>,
}

impl Tool for Lasso {
    fn is_active(&self) -> bool {
        !self.path.is_empty()
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        match event {
            // A second press means that the release was lost: the path goes on.
            PointerEvent::Press { at, .. } => self.add(at),
            PointerEvent::Move { at, .. } if self.is_active() => self.add(at),
            PointerEvent::Release { at } if self.is_active() => {
                self.add(at);
                let path = std::mem::take(&mut self.path);
                settings.painter(map, path[0]).polygon(&path, settings.label);
                return ToolOutput::Finished { label: "Lasso" };
            }
            PointerEvent::Cancel if self.is_active() => {
                self.path.clear();
                return ToolOutput::Cancelled;
            }
            PointerEvent::Move { .. } | PointerEvent::Release { .. } | PointerEvent::Cancel | PointerEvent::Confirm => {
            }
        }
        ToolOutput::Nothing
    }

    fn overlay(&self, settings: &ToolSettings<'_>) -> Overlay {
        let mut overlay = Overlay::default();
        if let [first, .., last] = self.path[..] {
            overlay.push(OutlineKind::Guide, vec![last, first], false);
        }
        overlay.push(OutlineKind::Shape, self.path.clone(), false);
        overlay.mirrored(settings.symmetry)
    }
}

impl Lasso {
    fn add(&mut self, at: Point) {
        let is_new = |last: &Point| (at.x - last.x).abs().max((at.y - last.y).abs()) >= STEP_PX;
        if at.is_finite() && self.path.last().is_none_or(is_new) {
            self.path.push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::MirrorAxis;

    fn settings() -> ToolSettings<'static> {
        ToolSettings { label: 1, ..ToolSettings::default() }
    }

    fn press(x: f32, y: f32) -> PointerEvent {
        PointerEvent::Press { at: Point::new(x, y), extend: false, constrain: false }
    }

    fn drag(x: f32, y: f32) -> PointerEvent {
        PointerEvent::Move { at: Point::new(x, y), constrain: false }
    }

    #[test]
    fn the_area_is_painted_at_the_release() {
        let (mut map, mut lasso) = (LabelMap::new(60, 60, 0), Lasso::default());
        for event in [press(10.0, 10.0), drag(30.0, 10.0), drag(30.0, 10.1), drag(30.0, 40.0)] {
            assert_eq!(lasso.handle(event, &mut map, &settings()), ToolOutput::Nothing);
        }
        let overlay = lasso.overlay(&settings());
        let guide = overlay.outlines.iter().find(|outline| outline.kind == OutlineKind::Guide);
        assert_eq!(guide.map(|guide| &guide.points[..]), Some(&[Point::new(30.0, 40.0), Point::new(10.0, 10.0)][..]));
        let shape = overlay.outlines.iter().find(|outline| outline.kind == OutlineKind::Shape);
        assert_eq!(shape.map(|shape| shape.points.len()), Some(3), "a step too small is left out");
        let release = PointerEvent::Release { at: Point::new(10.0, 40.0) };
        assert_eq!(lasso.handle(release, &mut map, &settings()), ToolOutput::Finished { label: "Lasso" });
        assert_eq!(map.counts()[1], 20 * 30);
        assert_eq!(lasso.overlay(&settings()), Overlay::default());
    }

    #[test]
    fn a_click_and_a_broken_off_lasso_paint_nothing() {
        let (mut map, mut lasso) = (LabelMap::new(60, 60, 0), Lasso::default());
        lasso.handle(press(10.0, 10.0), &mut map, &settings());
        let release = PointerEvent::Release { at: Point::new(10.0, 10.0) };
        assert_eq!(lasso.handle(release, &mut map, &settings()), ToolOutput::Finished { label: "Lasso" });
        for event in [press(10.0, 10.0), drag(50.0, 10.0), drag(50.0, 50.0), PointerEvent::Cancel] {
            lasso.handle(event, &mut map, &settings());
        }
        assert!(!lasso.is_active());
        assert_eq!(map, LabelMap::new(60, 60, 0));
    }

    #[test]
    fn the_overlay_shows_the_mirror_image() {
        let (mut map, mut lasso) = (LabelMap::new(60, 60, 0), Lasso::default());
        let settings = ToolSettings { symmetry: Some(MirrorAxis::centred(60, 60)), ..settings() };
        for event in [press(10.0, 10.0), drag(20.0, 10.0), drag(20.0, 40.0)] {
            lasso.handle(event, &mut map, &settings);
        }
        let overlay = lasso.overlay(&settings);
        let image = [Point::new(50.0, 10.0), Point::new(40.0, 10.0), Point::new(40.0, 40.0)];
        assert!(overlay.outlines.iter().any(|outline| outline.kind == OutlineKind::Guide && outline.points == image));
    }
}
