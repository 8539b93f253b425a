//! How the canvas shows mask and result: view modes, opacity, divider, outlines, hidden labels, tracing guide.

use std::fmt;
use std::sync::Arc;

use image::RgbaImage;
use image::imageops::{self, FilterType};

use super::{Canvas, EditorState};
use crate::document::{LabelSet, MirrorAxis, Point};
use crate::session::View;
use crate::taxonomy::LabelId;

/// Longest side of a tracing guide, in pixels; longer photos are reduced.
pub const GUIDE_SIDE_MAX_PX: u32 = 1024;
const GUIDE_OPACITY: f32 = 1.0;
/// Opacity of the mask over what lies beneath it.
const MASK_OPACITY: f32 = 0.5;
/// Neither side of the divider ever disappears, so that it can be taken hold of again.
const WIPE_RANGE: std::ops::RangeInclusive<f32> = 0.02..=0.98;

/// How mask and result share the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ViewMode {
    /// Beside each other.
    #[default]
    SideBySide,
    /// The mask, translucent, over the result.
    Overlay,
    /// The mask left of a divider and the result right of it.
    Wipe,
    /// The mask.
    MaskOnly,
    /// The result.
    ResultOnly,
}

impl ViewMode {
    /// Every mode, in the order in which they are cycled.
    pub const ALL: [Self; 5] = [Self::SideBySide, Self::Overlay, Self::Wipe, Self::MaskOnly, Self::ResultOnly];

    /// The mode after this one; the first follows the last.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|mode| *mode == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// Whether the mask is on the canvas, so that it can be painted on.
    pub fn shows_mask(self) -> bool {
        self != Self::ResultOnly
    }

    /// Whether the result is shown.
    pub fn shows_result(self) -> bool {
        self != Self::MaskOnly
    }
}

/// A photo under the mask, to trace.
#[derive(Clone)]
pub struct GuidePhoto {
    rgba: Arc<RgbaImage>,
    opacity: f32,
}

impl GuidePhoto {
    /// The photo, reduced to [`GUIDE_SIDE_MAX_PX`]: call it where time may pass, not on the window's thread. `None` when
    /// it has no pixels.
    pub fn new(photo: RgbaImage) -> Option<Self> {
        let (width, height) = photo.dimensions();
        let longest = width.max(height);
        if width == 0 || height == 0 {
            return None;
        }
        let photo = if longest > GUIDE_SIDE_MAX_PX {
            let reduced = |side: u32| (u64::from(side) * u64::from(GUIDE_SIDE_MAX_PX) / u64::from(longest)).max(1);
            imageops::resize(&photo, reduced(width) as u32, reduced(height) as u32, FilterType::Triangle)
        } else {
            photo
        };
        Some(Self { rgba: Arc::new(photo), opacity: GUIDE_OPACITY })
    }

    /// The photo's pixels.
    pub fn rgba(&self) -> &Arc<RgbaImage> {
        &self.rgba
    }

    /// 0 (not there) to 1.
    pub fn opacity(&self) -> f32 {
        self.opacity
    }

    /// Where it lies on a mask of this width and height: x, y, width, height in mask pixels. As large as fits, in the
    /// middle, undistorted.
    pub fn place_on(&self, mask: [f32; 2]) -> [f32; 4] {
        let size = [self.rgba.width() as f32, self.rgba.height() as f32];
        let scale = (mask[0] / size[0]).min(mask[1] / size[1]);
        let [width, height] = size.map(|side| side * scale);
        [(mask[0] - width) / 2.0, (mask[1] - height) / 2.0, width, height]
    }
}

impl fmt::Debug for GuidePhoto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuidePhoto({}×{}, {})", self.rgba.width(), self.rgba.height(), self.opacity)
    }
}

/// What the canvas shows of mask and result, and how.
#[derive(Clone, Debug)]
pub struct CanvasView {
    /// How mask and result share the canvas.
    pub mode: ViewMode,
    /// Opacity of the mask where something lies beneath it, 0–1.
    pub mask_opacity: f32,
    /// Where the divider of [`ViewMode::Wipe`] is, as a part of the canvas's width.
    pub wipe: f32,
    /// Whether a line separates labels.
    pub outlines: bool,
    /// Labels that are not drawn.
    pub hidden: LabelSet,
    /// The one label that is not dimmed.
    pub solo: Option<LabelId>,
    /// Whether the result beside the mask zooms and pans with it.
    pub link_views: bool,
    /// A photo under the mask.
    pub guide: Option<GuidePhoto>,
    /// The area that shows the result beside the mask, in physical pixels.
    pub result_px: [f32; 2],
    result_view: View,
}

impl Default for CanvasView {
    fn default() -> Self {
        Self {
            mode: ViewMode::default(),
            mask_opacity: MASK_OPACITY,
            wipe: 0.5,
            outlines: false,
            hidden: LabelSet::EMPTY,
            solo: None,
            link_views: true,
            guide: None,
            result_px: [600.0, 600.0],
            result_view: View::Fit,
        }
    }
}

/// A change of the [`CanvasView`]. Numbers that are not finite change nothing.
#[derive(Clone, Debug)]
pub enum CanvasCommand {
    /// Show mask and result like this.
    SetMode(ViewMode),
    /// Opacity of the mask over what lies beneath it; brought into 0–1.
    SetMaskOpacity(f32),
    /// Move the divider to this part of the canvas's width.
    SetWipe(f32),
    /// Put a photo under the mask, or take it away.
    SetGuide(Option<GuidePhoto>),
    /// Put the axis of symmetry here, if there is one; its point is brought onto the mask.
    MoveAxis(MirrorAxis),
    /// Opacity of the photo; brought into 0–1.
    SetGuideOpacity(f32),
    /// The area that shows the result beside the mask, in physical pixels.
    ResultResized([f32; 2]),
    /// Zoom the result beside the mask, and the mask with it while they are linked; `at_px` stays in place.
    ZoomResultAt {
        /// Above 1 zooms in.
        factor: f32,
        /// Fixed point, in physical pixels from the result's top left.
        at_px: [f32; 2],
    },
    /// Move the result beside the mask by physical pixels, and the mask with it while they are linked.
    PanResultBy([f32; 2]),
}

impl EditorState {
    /// Zoom and pan of the result beside the mask; the result lies where the mask of the document would.
    pub fn result_view(&self) -> View {
        if self.canvas_view.link_views { self.view } else { self.canvas_view.result_view }
    }

    /// The sizes that [`EditorState::result_view`] relates.
    pub fn result_canvas(&self) -> Canvas {
        Canvas { size_px: self.canvas_view.result_px, ..self.canvas() }
    }

    pub(super) fn change_canvas(&mut self, command: CanvasCommand) {
        let canvas_view = &mut self.canvas_view;
        match command {
            CanvasCommand::SetMode(mode) => self.set_view_mode(mode),
            CanvasCommand::SetMaskOpacity(opacity) => set_part(&mut canvas_view.mask_opacity, opacity, 0.0..=1.0),
            CanvasCommand::SetWipe(part) => set_part(&mut canvas_view.wipe, part, WIPE_RANGE),
            CanvasCommand::SetGuide(guide) => canvas_view.guide = guide,
            CanvasCommand::SetGuideOpacity(opacity) => {
                if let Some(guide) = &mut canvas_view.guide {
                    set_part(&mut guide.opacity, opacity, 0.0..=1.0);
                }
            }
            CanvasCommand::MoveAxis(axis) => self.move_axis(axis),
            CanvasCommand::ResultResized(size_px) => canvas_view.result_px = size_px.map(|side| side.max(1.0)),
            CanvasCommand::ZoomResultAt { factor, at_px } => {
                self.set_result_view(self.result_view().zoomed(&self.result_canvas(), factor, at_px));
            }
            CanvasCommand::PanResultBy(by_px) => {
                self.set_result_view(self.result_view().panned(&self.result_canvas(), by_px));
            }
        }
    }

    /// A gesture on a mask that is about to disappear is broken off.
    pub(super) fn set_view_mode(&mut self, mode: ViewMode) {
        if !mode.shows_mask() {
            self.finish_edit();
        }
        self.canvas_view.mode = mode;
    }

    /// Linking brings the result to the mask's place; unlinking leaves it where it is.
    pub(super) fn toggle_link_views(&mut self) {
        self.canvas_view.result_view = self.view;
        self.canvas_view.link_views = !self.canvas_view.link_views;
    }

    /// Shows everything.
    pub(super) fn fit_views(&mut self) {
        self.view = View::Fit;
        self.canvas_view.result_view = View::Fit;
    }

    /// Label numbers mean other labels from now on.
    pub(super) fn show_all_labels(&mut self) {
        self.canvas_view.hidden = LabelSet::EMPTY;
        self.canvas_view.solo = None;
    }

    fn move_axis(&mut self, axis: MirrorAxis) {
        let [width, height] = self.canvas().mask;
        let MirrorAxis { through, angle_rad } = axis;
        if let Some(present) = &mut self.painting.symmetry
            && through.is_finite()
            && angle_rad.is_finite()
        {
            let through = Point::new(through.x.clamp(0.0, width), through.y.clamp(0.0, height));
            *present = MirrorAxis { through, angle_rad };
        }
    }

    fn set_result_view(&mut self, view: View) {
        if self.canvas_view.link_views {
            self.view = view;
        } else {
            self.canvas_view.result_view = view;
        }
    }
}

fn set_part(part: &mut f32, wanted: f32, range: std::ops::RangeInclusive<f32>) {
    if wanted.is_finite() {
        *part = wanted.clamp(*range.start(), *range.end());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::editor::{Action, Command, LabelCommand, apply};
    use crate::taxonomy::Taxonomy;

    fn editor() -> EditorState {
        EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1)
    }

    fn change(state: &mut EditorState, command: CanvasCommand) {
        apply(state, Command::Canvas(command));
    }

    #[test]
    fn cycling_visits_every_mode_and_comes_back() {
        let mut state = editor();
        let mut seen = Vec::new();
        for _ in ViewMode::ALL {
            seen.push(state.canvas_view.mode);
            apply(&mut state, Command::Do(Action::CycleView));
        }
        assert_eq!(seen, ViewMode::ALL);
        assert_eq!(state.canvas_view.mode, ViewMode::SideBySide);
    }

    #[test]
    fn linked_views_move_together_and_unlinked_ones_do_not() {
        let mut state = editor();
        let zoom = CanvasCommand::ZoomResultAt { factor: 2.0, at_px: [100.0, 80.0] };
        change(&mut state, zoom.clone());
        assert_eq!(state.result_view(), state.view);
        assert_ne!(state.view, View::Fit);
        apply(&mut state, Command::Do(Action::ToggleLinkViews));
        let (mask, result) = (state.view, state.result_view());
        assert_eq!(mask, result, "unlinking moves nothing");
        change(&mut state, zoom);
        assert_eq!(state.view, mask);
        assert_ne!(state.result_view(), mask);
        apply(&mut state, Command::PanBy([9.0, 9.0]));
        apply(&mut state, Command::Do(Action::ToggleLinkViews));
        assert_eq!(state.result_view(), state.view);
    }

    #[test]
    fn another_taxonomy_shows_all_of_its_labels() {
        let mut state = editor();
        apply(&mut state, Command::Label(LabelCommand::ToggleHidden(3)));
        apply(&mut state, Command::Label(LabelCommand::ToggleSolo(2)));
        assert!(state.canvas_view.hidden.contains(3));
        state.switch_taxonomy(Taxonomy::builtin("outfit").unwrap());
        assert!(state.canvas_view.hidden.is_empty() && state.canvas_view.solo.is_none());
    }

    #[test]
    fn only_an_axis_that_is_there_moves_and_it_stays_on_the_mask() {
        let mut state = editor();
        let axis = MirrorAxis { through: Point::new(1e6, -3.0), angle_rad: 0.5 };
        change(&mut state, CanvasCommand::MoveAxis(axis));
        assert_eq!(state.painting.symmetry, None);
        state.painting.symmetry = Some(MirrorAxis::centred(256, 256));
        change(&mut state, CanvasCommand::MoveAxis(axis));
        let [width, _] = state.canvas().mask;
        let moved = MirrorAxis { through: Point::new(width, 0.0), angle_rad: 0.5 };
        assert_eq!(state.painting.symmetry, Some(moved));
        change(&mut state, CanvasCommand::MoveAxis(MirrorAxis { angle_rad: f32::NAN, ..axis }));
        assert_eq!(state.painting.symmetry, Some(moved));
    }

    #[test]
    fn a_guide_lies_in_the_middle_undistorted_and_is_never_huge() {
        assert!(GuidePhoto::new(RgbaImage::new(0, 5)).is_none());
        let guide = GuidePhoto::new(RgbaImage::new(3000, 1500)).unwrap();
        assert_eq!(guide.rgba().dimensions(), (GUIDE_SIDE_MAX_PX, GUIDE_SIDE_MAX_PX / 2));
        assert_eq!(guide.place_on([256.0, 256.0]), [0.0, 64.0, 256.0, 128.0]);
        assert_eq!(guide.place_on([100.0, 400.0]), [0.0, 175.0, 100.0, 50.0]);
        assert!(GuidePhoto::new(RgbaImage::new(1, 90_000)).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_view_stays_sensible(opacity: f32, wipe: f32, guide: f32, factor: f32, x: f32, y: f32) {
            let mut state = editor();
            apply(&mut state, Command::Do(Action::ToggleLinkViews));
            for command in [
                CanvasCommand::SetGuide(GuidePhoto::new(RgbaImage::new(2, 3))),
                CanvasCommand::SetMaskOpacity(opacity),
                CanvasCommand::SetWipe(wipe),
                CanvasCommand::SetGuideOpacity(guide),
                CanvasCommand::ResultResized([x, y]),
                CanvasCommand::ZoomResultAt { factor, at_px: [x, y] },
                CanvasCommand::PanResultBy([y, x]),
            ] {
                change(&mut state, command);
            }
            let view = &state.canvas_view;
            prop_assert!((0.0..=1.0).contains(&view.mask_opacity) && WIPE_RANGE.contains(&view.wipe));
            prop_assert!((0.0..=1.0).contains(&view.guide.as_ref().unwrap().opacity()));
            let canvas = state.result_canvas();
            prop_assert!(state.result_view().zoom(&canvas).is_finite(), "{:?}", state.result_view());
            prop_assert!(state.result_view().origin_px(&canvas).iter().all(|side| !side.is_nan()));
        }
    }
}
