//! Tools on the mask: from pointer events to undo entries.

use super::Action;
use super::command::PointerModifiers;
use super::state::{EditKey, EditorState};
use crate::document::tools::{DIAMETER_RANGE_PX, Overlay, PointerEvent, ToolKind, ToolOutput, ToolSettings, ToolState};
use crate::document::{MirrorAxis, PaintRules, Side, copy_half};
use crate::taxonomy::LabelId;

const BACKGROUND: LabelId = 0;
/// A step of the size keys.
const SIZE_STEP: f32 = 1.2;
/// A fresh brush covers this part of the mask's side.
const SIZE_OF_SIDE: f32 = 0.05;

/// Tool, label and brush sizes.
#[derive(Debug)]
pub struct Painting {
    /// The chosen tool.
    pub tool: ToolKind,
    /// The chosen label.
    pub label: LabelId,
    /// Which pixels the tools may change.
    pub rules: PaintRules,
    /// The axis that mirrors what the tools do, if any.
    pub symmetry: Option<MirrorAxis>,
    /// Whether fill takes every area of a label, rather than one; Shift does the other.
    pub fill_everywhere: bool,
    /// Brush diameter per label, in mask pixels.
    sizes_px: Vec<f32>,
    /// The tools' own memory, such as where the last stroke ended.
    pub(super) tools: ToolState,
    /// The picker while Alt lends it to another tool.
    lent_picker: Option<ToolState>,
}

impl Painting {
    /// The brush for a fresh mask of this side and number of labels.
    pub(super) fn new(n_labels: usize, side_px: u32) -> Self {
        let size_px = (side_px as f32 * SIZE_OF_SIDE).round();
        Self {
            tool: ToolKind::Brush,
            label: LabelId::from(n_labels > 1),
            rules: PaintRules::default(),
            symmetry: None,
            fill_everywhere: false,
            sizes_px: vec![size_px.clamp(*DIAMETER_RANGE_PX.start(), *DIAMETER_RANGE_PX.end()); n_labels],
            tools: ToolState::default(),
            lent_picker: None,
        }
    }

    /// The label that brush and eraser put down.
    pub fn painted_label(&self) -> LabelId {
        if self.tool == ToolKind::Eraser { BACKGROUND } else { self.label }
    }

    /// Diameter of the brush, in mask pixels.
    pub fn diameter_px(&self) -> f32 {
        self.sizes_px.get(usize::from(self.painted_label())).copied().unwrap_or(*DIAMETER_RANGE_PX.start())
    }

    /// Whether a gesture on the mask is under way. A polygon's lasts from its first corner until it is closed.
    pub fn is_active(&self) -> bool {
        self.tools.is_active() || self.lent_picker.is_some()
    }

    fn settings<'a>(&self, mirror_labels: &'a [LabelId], px_per_mask_px: f32) -> ToolSettings<'a> {
        ToolSettings {
            label: self.label,
            diameter_px: self.diameter_px(),
            fill_everywhere: false,
            rules: self.rules,
            symmetry: self.symmetry,
            mirror_labels,
            px_per_mask_px,
        }
    }
}

impl EditorState {
    pub(super) fn select_label(&mut self, label: LabelId) {
        if usize::from(label) < self.taxonomy.n_labels() {
            self.painting.label = label;
        }
    }

    /// Choosing a label while erasing or picking means wanting to paint it.
    pub(super) fn choose_label(&mut self, label: LabelId) {
        self.select_label(label);
        if matches!(self.painting.tool, ToolKind::Eraser | ToolKind::Picker) {
            self.painting.tool = ToolKind::Brush;
        }
    }

    pub(super) fn set_brush_size(&mut self, diameter_px: f32) {
        let label = usize::from(self.painting.painted_label());
        if let Some(size_px) = self.painting.sizes_px.get_mut(label)
            && diameter_px.is_finite()
        {
            *size_px = diameter_px.clamp(*DIAMETER_RANGE_PX.start(), *DIAMETER_RANGE_PX.end());
        }
    }

    /// At least a pixel per step, so that small brushes grow too.
    pub(super) fn step_brush_size(&mut self, larger: bool) {
        let size = self.painting.diameter_px();
        let next = if larger { (size * SIZE_STEP).max(size + 1.0) } else { (size / SIZE_STEP).min(size - 1.0) };
        self.set_brush_size(next.round());
    }

    /// What the canvas draws above the mask for the gesture under way.
    pub fn tool_overlay(&self) -> Overlay {
        self.painting.tools.overlay(&self.painting.settings(&[], self.view.zoom(&self.canvas())))
    }

    pub(super) fn pointer(&mut self, event: PointerEvent, modifiers: PointerModifiers) {
        if let PointerEvent::Press { .. } = event {
            self.press(modifiers.alt);
        }
        // Looked up only where they are needed, since this runs for every movement of the pointer.
        let mirror_labels = self.painting.symmetry.map_or_else(Vec::new, |_| self.taxonomy.mirror_labels());
        let settings = self.painting.settings(&mirror_labels, self.view.zoom(&self.canvas()));
        let settings = ToolSettings { fill_everywhere: modifiers.shift != self.painting.fill_everywhere, ..settings };
        let painting = &mut self.painting;
        let tool = painting.lent_picker.as_mut().unwrap_or(&mut painting.tools);
        let output = tool.handle(event, &mut self.document.labels, &settings);
        self.take_output(output);
        if matches!(event, PointerEvent::Release { .. } | PointerEvent::Cancel) {
            self.painting.lent_picker = None;
        }
        if !matches!(event, PointerEvent::Move { .. }) && !self.painting.is_active() {
            self.finish_edit();
        }
    }

    /// What a tool did to the mask becomes part of the open edit, or ends it.
    pub(super) fn take_output(&mut self, output: ToolOutput) {
        match output {
            ToolOutput::Nothing => {}
            ToolOutput::Editing | ToolOutput::Cancelled => self.touch(),
            ToolOutput::Finished { label } => {
                let name = self.stroke_entry(label);
                self.rename_edit(name);
                self.touch();
                if !self.painting.is_active() {
                    self.finish_edit();
                }
            }
            ToolOutput::Picked(label) => self.select_label(label),
        }
    }

    /// Begins a gesture, or goes on with one of several clicks. Another tool chosen meanwhile breaks it off.
    fn press(&mut self, picks: bool) {
        let painting = &self.painting;
        if !painting.tools.is_active() || painting.tools.kind() != painting.tool {
            self.finish_edit();
            self.open_edit(EditKey::Stroke);
        }
        self.painting.lent_picker = picks.then(|| ToolState::new(ToolKind::Picker));
        self.painting.tools.select(self.painting.tool);
    }

    /// A gesture of another tool is broken off.
    pub(super) fn choose_tool(&mut self, action: Action) {
        self.stop_choosing();
        if let Some(tool) = action.tool().filter(|&tool| tool != self.painting.tool) {
            self.finish_edit();
            self.painting.tool = tool;
        }
    }

    pub(super) fn toggle_symmetry(&mut self) {
        self.painting.symmetry = match self.painting.symmetry {
            Some(_) => None,
            None => Some(self.middle_axis()),
        };
    }

    /// Copies one half of the mask to the other, at the axis in use or in the middle.
    pub(super) fn copy_half(&mut self, from: Side) {
        let axis = self.painting.symmetry.unwrap_or_else(|| self.middle_axis());
        let (rules, mirror_labels) = (self.painting.rules, self.taxonomy.mirror_labels());
        let name = match from {
            Side::Left => "Copy left half",
            Side::Right => "Copy right half",
        };
        self.edit_once(
            |document| {
                copy_half(&mut document.labels, axis, from, rules, &mirror_labels);
            },
            |_| name.to_owned(),
        );
    }

    fn middle_axis(&self) -> MirrorAxis {
        MirrorAxis::centred(self.document.labels.width(), self.document.labels.height())
    }

    /// What the history calls a tool's change: what it did, and the label it painted.
    fn stroke_entry(&self, done: &str) -> String {
        match self.painting.tool {
            ToolKind::Eraser | ToolKind::Picker | ToolKind::Transform | ToolKind::Warp => done.to_owned(),
            _ => format!("{done} {}", self.label_title(self.painting.label)),
        }
    }

    /// Ends a gesture that another command interrupts. What it painted so far goes; what was done to a selected part
    /// stays.
    pub(super) fn cancel_gesture(&mut self) {
        self.painting.lent_picker = None;
        if self.painting.tools.is_active() {
            let settings = self.painting.settings(&[], 1.0);
            let output = self.painting.tools.interrupt(&mut self.document.labels, &settings);
            if let ToolOutput::Finished { label } = output {
                self.rename_edit(label);
            }
            self.touch();
        }
    }
}

#[cfg(test)]
mod tests;
