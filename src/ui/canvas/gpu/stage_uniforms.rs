//! What the shader is told about one stage.

use eframe::egui::Color32;

use crate::document::LabelSet;
use crate::editor::GuidePhoto;
use crate::taxonomy::{LabelId, MAX_LABELS, Taxonomy};

/// Size of the shader's `Stage`.
pub(super) const UNIFORM_BYTES: usize = 4 * (24 + 4 * MAX_LABELS);
/// A column that no screen has.
const BEYOND_PX: f32 = 1e9;
/// How far labels without solo turn into the surroundings.
const DIMMED: f32 = 0.82;
/// Only hidden labels are exactly transparent: the shader draws no lines between them.
const FAINTEST: f32 = 1.0 / 512.0;

/// How a stage's labels look.
#[derive(Clone, Debug)]
pub(in crate::ui::canvas) struct StageLook<'a> {
    /// Label colours.
    pub(in crate::ui::canvas) taxonomy: &'a Taxonomy,
    /// Opacity of the mask, 0–1.
    pub(in crate::ui::canvas) mask_opacity: f32,
    /// Labels left out.
    pub(in crate::ui::canvas) hidden: LabelSet,
    /// The label that is not dimmed.
    pub(in crate::ui::canvas) solo: Option<LabelId>,
    /// What dimmed labels turn into.
    pub(in crate::ui::canvas) surround: Color32,
    /// The two colours of the checkerboard.
    pub(in crate::ui::canvas) checker: [Color32; 2],
}

/// The shader's `Stage`. Places are in physical pixels of the frame buffer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui::canvas) struct StageUniforms {
    /// The mask's top left corner.
    pub(in crate::ui::canvas) origin_px: [f32; 2],
    /// Physical pixels per mask pixel.
    pub(in crate::ui::canvas) zoom: f32,
    /// The mask is drawn left of this column; `None`: everywhere.
    pub(in crate::ui::canvas) mask_until_px: Option<f32>,
    /// The result is drawn from this column on; `None`: nowhere.
    pub(in crate::ui::canvas) result_from_px: Option<f32>,
    /// Whether the result's pixels are squares.
    pub(in crate::ui::canvas) result_pixels: bool,
    /// Opacity of the lines between labels, 0–1.
    pub(in crate::ui::canvas) outline_opacity: f32,
    /// Opacity of the guide, 0–1.
    pub(in crate::ui::canvas) guide_opacity: f32,
    /// Where the guide lies, in mask pixels: x, y, width, height.
    pub(in crate::ui::canvas) guide_place: [f32; 4],
    /// Colours of the checkerboard, each with the squares' side in physical pixels.
    pub(in crate::ui::canvas) checker: [[f32; 4]; 2],
    /// Opacity of the stripes where the picture disobeys, 0–1.
    pub(in crate::ui::canvas) stripe_opacity: f32,
    /// From stripe to stripe.
    pub(in crate::ui::canvas) stripe_px: f32,
    /// Premultiplied colours by label; exactly transparent are hidden ones only.
    pub(in crate::ui::canvas) palette: Vec<[f32; 4]>,
}

impl StageUniforms {
    /// A stage with nothing but the mask, at 100 %, in the frame buffer's corner.
    pub(in crate::ui::canvas) fn new(look: &StageLook<'_>, checker_px: f32) -> Self {
        let checker = look.checker.map(|color| {
            let [red, green, blue] = rgb(color);
            [red, green, blue, checker_px]
        });
        Self {
            origin_px: [0.0; 2],
            zoom: 1.0,
            mask_until_px: None,
            result_from_px: None,
            result_pixels: false,
            outline_opacity: 0.0,
            guide_opacity: 0.0,
            guide_place: [0.0, 0.0, 1.0, 1.0],
            checker,
            stripe_opacity: 0.0,
            stripe_px: 8.0,
            palette: look.palette(),
        }
    }

    /// The same with a photo under a mask of this width and height.
    pub(in crate::ui::canvas) fn with_guide(mut self, guide: Option<&GuidePhoto>, mask: [f32; 2]) -> Self {
        if let Some(guide) = guide {
            self.guide_opacity = guide.opacity();
            self.guide_place = guide.place_on(mask);
        }
        self
    }

    /// In the shader's layout.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let [x, y] = self.origin_px;
        let mask_until_px = self.mask_until_px.unwrap_or(BEYOND_PX);
        let result_from_px = self.result_from_px.unwrap_or(BEYOND_PX);
        let head = [x, y, self.zoom, mask_until_px, result_from_px, f32::from(u8::from(self.result_pixels))];
        let opacities = [self.guide_opacity, self.outline_opacity];
        let stripes = [self.stripe_opacity, self.stripe_px, 0.0, 0.0];
        let places = std::iter::once(&self.guide_place).chain(&self.checker).chain([&stripes]);
        let vectors = places.chain(&self.palette).flatten();
        let floats = head.iter().chain(&opacities).chain(vectors);
        floats.flat_map(|float| float.to_ne_bytes()).collect()
    }
}

impl StageLook<'_> {
    /// Premultiplied colours by label; numbers that are no labels are transparent.
    fn palette(&self) -> Vec<[f32; 4]> {
        let mut palette = vec![[0.0; 4]; MAX_LABELS];
        for (id, (label, entry)) in (0..).zip(self.taxonomy.labels.iter().zip(&mut palette)) {
            if !self.hidden.contains(id) {
                *entry = self.color(id, label.color);
            }
        }
        palette
    }

    fn color(&self, id: LabelId, [red, green, blue]: [u8; 3]) -> [f32; 4] {
        let own = rgb(Color32::from_rgb(red, green, blue));
        let surround = rgb(self.surround);
        let dimmed = if self.solo.is_some_and(|solo| solo != id) { DIMMED } else { 0.0 };
        let alpha = (self.mask_opacity * (1.0 - dimmed / 2.0)).max(FAINTEST);
        let [red, green, blue] = [0, 1, 2].map(|i| (own[i] + (surround[i] - own[i]) * dimmed) * alpha);
        [red, green, blue, alpha]
    }
}

fn rgb(color: Color32) -> [f32; 3] {
    let [red, green, blue, _] = color.to_array();
    [red, green, blue].map(|channel| f32::from(channel) / 255.0)
}
