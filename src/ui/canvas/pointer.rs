//! Pointer, pen and fingers on the main stage: painting, panning, and what ends a gesture.

use eframe::egui::{Event, Id, Key, Modifiers, PointerButton, Pos2, Response, TouchPhase, Ui};

use super::gpu::StageSlot;
use super::navigation;
use super::stage::Stage;
use crate::document::tools::PointerEvent;
use crate::editor::{Command, EditorState, PointerModifiers};

/// What the pressed button, or the first finger, is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Grip {
    /// Nothing is pressed.
    #[default]
    Free,
    /// It paints.
    Painting,
    /// It moves the mask; where it was last.
    Panning(Pos2),
    /// It began something that was broken off, and does nothing more until it is let go.
    Spent,
}

/// Turns the frame's events into commands, every one of them, so that a fast stroke stays smooth.
pub(super) fn input(
    ui: &Ui,
    stage: &mut Stage,
    state: &EditorState,
    response: &Response,
    handles: &[&Response],
    commands: &mut Vec<Command>,
) {
    let id = Id::unique("canvas_grip");
    let grip = ui.data(|data| data.get_temp::<Grip>(id)).unwrap_or_default();
    let over = response.contains_pointer() && !ui.ctx().any_popup_open() && state.dialog.is_none();
    let mut gesture = Gesture {
        stage,
        state,
        grip,
        over,
        typing: ui.ctx().text_edit_focused(),
        elsewhere: state.dialog.is_some()
            || ui.ctx().any_popup_open()
            || state.latent_view.renaming.is_some()
            || state.controls.naming().is_some(),
        focused_elsewhere: ui.memory(|memory| memory.focused().is_some_and(|focused| focused != response.id)),
        space: false,
        held: handles.iter().any(|handle| handle.is_pointer_button_down_on()),
        handles,
        modifiers: Modifiers::NONE,
        commands,
    };
    ui.input(|input| {
        gesture.space = input.key_down(Key::Space) && !gesture.typing;
        gesture.modifiers = input.modifiers;
        if let Some(touch) = input.multi_touch().filter(|_| over || grip != Grip::Free) {
            gesture.second_finger();
            navigation::two_fingers(gesture.stage, StageSlot::Main, touch, gesture.commands);
        }
        for event in &input.events {
            if over {
                let pointer = input.pointer.latest_pos();
                navigation::wheel(gesture.stage, StageSlot::Main, state, event, pointer, gesture.commands);
            }
            gesture.event(event, input.pointer.latest_pos());
        }
        if over && input.pointer.button_double_clicked(PointerButton::Primary) {
            gesture.confirm();
        }
    });
    let (grip, held) = (gesture.grip, gesture.held);
    ui.data_mut(|data| data.insert_temp(id, grip));
    let shown = state.canvas_view.mode.shows_mask() && over && !held;
    let hover = response.hover_pos().filter(|_| shown).map(|at| {
        let place = stage.mask_point(at);
        [place.x, place.y]
    });
    if hover != state.hover {
        commands.push(Command::Hover(hover));
    }
}

/// Whether the mask is being moved rather than painted on.
pub(super) fn is_panning(ui: &Ui) -> bool {
    matches!(ui.data(|data| data.get_temp::<Grip>(Id::unique("canvas_grip"))), Some(Grip::Panning(_)))
}

struct Gesture<'a> {
    stage: &'a mut Stage,
    state: &'a EditorState,
    grip: Grip,
    /// Whether the pointer is over the stage and nothing covers it.
    over: bool,
    typing: bool,
    /// Whether a menu, a dialog or a name being typed has the keys.
    elsewhere: bool,
    /// Whether another control would take Enter.
    focused_elsewhere: bool,
    space: bool,
    /// Whether a handle on the stage has the pointer.
    held: bool,
    handles: &'a [&'a Response],
    modifiers: Modifiers,
    commands: &'a mut Vec<Command>,
}

impl Gesture<'_> {
    fn event(&mut self, event: &Event, pointer: Option<Pos2>) {
        match *event {
            Event::PointerButton { pos, button, pressed: true, modifiers } => self.press(pos, button, modifiers),
            Event::PointerButton { pos, button, pressed: false, modifiers } => self.release(pos, button, modifiers),
            Event::PointerMoved(pos) => self.moved(pos),
            // The system took the finger away, for a gesture of its own.
            Event::Touch { phase: TouchPhase::Cancel, .. } => {
                self.cancel();
                self.stop_panning();
            }
            Event::Key { key: Key::Escape, pressed: true, .. } if !self.elsewhere => self.cancel(),
            Event::Key { key: Key::Enter, pressed: true, repeat: false, .. } if !self.keys_elsewhere() => {
                self.confirm()
            }
            Event::WindowFocused(false) if matches!(self.grip, Grip::Panning(_)) => self.stop_panning(),
            // The release will go elsewhere, so the stroke ends here.
            Event::WindowFocused(false) if self.grip == Grip::Painting => {
                self.grip = Grip::Spent;
                match pointer {
                    Some(at) => self.push(PointerEvent::Release { at: self.stage.mask_point(at) }, Modifiers::NONE),
                    None => self.push(PointerEvent::Cancel, Modifiers::NONE),
                }
            }
            _ => {}
        }
    }

    /// Whether Enter is meant for something else.
    fn keys_elsewhere(&self) -> bool {
        self.typing || self.elsewhere || self.focused_elsewhere
    }

    fn press(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        // A press proves that the button was let go, wherever its release went.
        if button == PointerButton::Primary && self.grip == Grip::Spent {
            self.grip = Grip::Free;
        }
        let on_handle = self.handles.iter().any(|handle| handle.rect.contains(pos));
        let may_begin = self.grip == Grip::Free && self.over && !on_handle && self.stage.area().contains(pos);
        if !may_begin {
            return;
        }
        let draws = self.state.canvas_view.mode.shows_mask() || self.state.controls.is_choosing();
        let paints = draws && !self.space;
        match button {
            PointerButton::Primary if paints => {
                self.grip = Grip::Painting;
                let at = self.stage.mask_point(pos);
                self.push(PointerEvent::Press { at, extend: modifiers.shift, constrain: modifiers.command }, modifiers);
            }
            PointerButton::Primary | PointerButton::Middle => self.grip = Grip::Panning(pos),
            _ => {}
        }
    }

    fn moved(&mut self, pos: Pos2) {
        match self.grip {
            Grip::Panning(last) => {
                navigation::pan(self.stage, StageSlot::Main, pos - last, self.commands);
                self.grip = Grip::Panning(pos);
            }
            Grip::Painting => self.follow(pos),
            // Tools of several clicks follow the pointer between them.
            Grip::Free if self.state.painting.is_active() => self.follow(pos),
            Grip::Free | Grip::Spent => {}
        }
    }

    fn follow(&mut self, pos: Pos2) {
        let at = self.stage.mask_point(pos);
        self.push(PointerEvent::Move { at, constrain: self.modifiers.command }, self.modifiers);
    }

    fn release(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        match (self.grip, button) {
            (Grip::Painting, PointerButton::Primary) => {
                self.grip = Grip::Free;
                self.push(PointerEvent::Release { at: self.stage.mask_point(pos) }, modifiers);
            }
            (Grip::Panning(_) | Grip::Spent, PointerButton::Primary | PointerButton::Middle) => self.grip = Grip::Free,
            _ => {}
        }
    }

    /// What the first finger began goes away, and the fingers move the mask from here on.
    fn second_finger(&mut self) {
        if self.grip == Grip::Painting {
            self.push(PointerEvent::Cancel, Modifiers::NONE);
        }
        self.grip = Grip::Spent;
        self.over = false;
    }

    fn cancel(&mut self) {
        let chooses = self.state.controls.is_choosing();
        if self.grip == Grip::Painting || self.state.painting.is_active() || chooses {
            self.push(PointerEvent::Cancel, Modifiers::NONE);
        }
        if self.grip == Grip::Painting {
            self.grip = Grip::Spent;
        }
    }

    fn stop_panning(&mut self) {
        if matches!(self.grip, Grip::Panning(_)) {
            self.grip = Grip::Free;
        }
    }

    /// Closes a polygon or applies a transform.
    fn confirm(&mut self) {
        if self.state.painting.is_active() && self.grip == Grip::Free {
            self.push(PointerEvent::Confirm, Modifiers::NONE);
        }
    }

    fn push(&mut self, event: PointerEvent, modifiers: Modifiers) {
        let modifiers = PointerModifiers { alt: modifiers.alt, shift: modifiers.shift, ctrl: modifiers.command };
        self.commands.push(Command::Pointer(event, modifiers));
    }
}
