//! The region in question, drawn round with the lasso or taken from a label. The mask stays as it is.

use std::sync::Arc;

use crate::document::tools::{
    Outline, OutlineKind, Overlay, PointerEvent, ToolKind, ToolOutput, ToolSettings, ToolState,
};
use crate::document::{LabelMap, PixelSet, Point};
use crate::editor::{EditorState, Effect, Panel};
use crate::taxonomy::LabelId;

/// A drawn region within so many screen pixels is a click.
const CLICK_PX: f32 = 5.0;
/// What the lasso paints on a sheet of its own.
const DRAWN: LabelId = 1;

/// A part of the picture.
#[derive(Clone, Debug)]
pub struct ControlRegion {
    pixels: Arc<PixelSet>,
    /// Width and height of the mask that it is a part of.
    mask: (u32, u32),
    outlines: Arc<[Outline]>,
    label: Option<(LabelId, String)>,
}

impl ControlRegion {
    fn new(pixels: PixelSet, mask: &LabelMap, label: Option<(LabelId, String)>) -> Self {
        let outline = |points: Vec<Point>| Outline { points, closed: true, kind: OutlineKind::Selection };
        let outlines = pixels.outlines().into_iter().map(outline).collect();
        Self { pixels: Arc::new(pixels), mask: (mask.width(), mask.height()), outlines, label }
    }

    pub(super) fn pixels(&self) -> &Arc<PixelSet> {
        &self.pixels
    }

    pub(super) fn outlines(&self) -> &[Outline] {
        &self.outlines
    }

    /// Whether it is a part of a mask of this size.
    pub(super) fn fits(&self, mask: &LabelMap) -> bool {
        self.mask == (mask.width(), mask.height())
    }

    /// The region on a mask that may have changed: a label is looked up again, what was drawn stays where it is.
    ///
    /// # Errors
    /// The mask has no such region; why, and what to do.
    pub(super) fn on(self, mask: &LabelMap) -> Result<Self, String> {
        match self.label {
            None if self.fits(mask) => Ok(self),
            None => Err("The mask has another size than the region was drawn on: draw round it again.".to_owned()),
            Some((id, name)) => match PixelSet::of_label(mask, id) {
                Some(pixels) => Ok(Self::new(pixels, mask, Some((id, name)))),
                None => Err(format!("No pixel of the mask is {name}: choose another label, or draw round a region.")),
            },
        }
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        self.label.as_ref().map_or("Drawn region", |(_, name)| name)
    }

    /// Its part of the picture, above 0 and up to 1.
    pub fn part(&self) -> f32 {
        self.pixels.count() as f32 / (self.mask.0 as f32 * self.mask.1 as f32)
    }
}

/// The lasso on a sheet of its own, as large as the mask.
#[derive(Debug)]
pub(super) struct Choosing {
    lasso: ToolState,
    sheet: LabelMap,
    pressed: Option<Point>,
}

/// What became of choosing.
enum Chosen {
    /// It goes on.
    Nothing,
    /// Given up.
    Cancelled,
    /// These pixels.
    Drawn(PixelSet),
    /// Whatever label is here.
    Clicked(Point),
}

impl Choosing {
    fn new(mask: &LabelMap) -> Self {
        let sheet = LabelMap::new(mask.width(), mask.height(), 0);
        Self { lasso: ToolState::new(ToolKind::Lasso), sheet, pressed: None }
    }

    pub(super) fn overlay(&self) -> Overlay {
        self.lasso.overlay(&ToolSettings::default())
    }

    fn handle(&mut self, event: PointerEvent, zoom: f32) -> Chosen {
        if let PointerEvent::Press { at, .. } = event {
            self.pressed = self.pressed.or(Some(at));
        }
        let settings = ToolSettings { label: DRAWN, px_per_mask_px: zoom, ..ToolSettings::default() };
        let output = self.lasso.handle(event, &mut self.sheet, &settings);
        match output {
            ToolOutput::Cancelled => Chosen::Cancelled,
            ToolOutput::Finished { .. } => {
                let pressed = self.pressed.take();
                let large = |pixels: &PixelSet| {
                    let rect = pixels.rect();
                    rect.width.max(rect.height) as f32 * zoom > CLICK_PX
                };
                match (PixelSet::of_label(&self.sheet, DRAWN).filter(large), pressed) {
                    (Some(pixels), _) => Chosen::Drawn(pixels),
                    (None, Some(at)) => Chosen::Clicked(at),
                    (None, None) => Chosen::Nothing,
                }
            }
            _ if event == PointerEvent::Cancel => Chosen::Cancelled,
            _ => Chosen::Nothing,
        }
    }
}

impl EditorState {
    /// From here on the pointer draws round a region, or clicks a label; once more gives that up.
    pub(super) fn choose_region(&mut self) {
        self.show_panel(Panel::Controls);
        self.finish_edit();
        self.controls.choosing = match self.controls.choosing {
            Some(_) => None,
            None => Some(Choosing::new(&self.document.labels)),
        };
    }

    /// Whether a pointer event was taken by choosing a region.
    pub(in crate::editor) fn choosing_takes(&mut self, event: PointerEvent, effects: &mut Vec<Effect>) -> bool {
        let zoom = self.view.zoom(&self.canvas());
        let Some(choosing) = &mut self.controls.choosing else { return false };
        let mask = &self.document.labels;
        if (choosing.sheet.width(), choosing.sheet.height()) != (mask.width(), mask.height()) {
            // Another document came meanwhile.
            *choosing = Choosing::new(mask);
        }
        let chosen = choosing.handle(event, zoom);
        if !matches!(chosen, Chosen::Nothing) {
            self.controls.choosing = None;
        }
        match chosen {
            Chosen::Nothing | Chosen::Cancelled => {}
            Chosen::Drawn(pixels) => self.look_at(ControlRegion::new(pixels, &self.document.labels, None), effects),
            Chosen::Clicked(at) => {
                let labels = &self.document.labels;
                if let Some(label) = labels.pixel_at(at).and_then(|(x, y)| labels.get(x, y)) {
                    self.choose_label_region(label, effects);
                }
            }
        }
        true
    }

    /// The pointer paints again.
    pub(in crate::editor) fn stop_choosing(&mut self) {
        self.controls.choosing = None;
    }

    pub(super) fn choose_label_region(&mut self, label: LabelId, effects: &mut Vec<Effect>) {
        self.show_panel(Panel::Controls);
        self.controls.choosing = None;
        let name = self.label_title(label);
        match PixelSet::of_label(&self.document.labels, label) {
            Some(pixels) => {
                self.look_at(ControlRegion::new(pixels, &self.document.labels, Some((label, name))), effects);
            }
            None => effects.push(Effect::info(format!(
                "No pixel of the mask is {name}: choose another label, or draw round a region."
            ))),
        }
    }

    fn look_at(&mut self, region: ControlRegion, effects: &mut Vec<Effect>) {
        self.controls.region = Some(region);
        self.look(effects);
    }
}
