#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod touch;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Shape, StrokeKind, Theme, TouchPhase,
    Vec2, pos2, vec2,
};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use image::{Rgba, RgbaImage};

use crate::document::MirrorAxis;
use crate::document::tools::{PointerEvent, ToolKind};
use crate::editor::{Action, CanvasCommand, Command, EditorState, GuidePhoto, ViewMode, apply};
use crate::engine::{LiveFrame, Picture, StepsRun};
use crate::session::View;
use crate::ui::tests::loaded_editor;
use crate::ui::{offscreen, theme};

pub(super) struct Window {
    pub(super) state: EditorState,
    commands: Vec<Command>,
}

pub(super) type Screen = Harness<'static, Window>;

/// The window without a graphics card: commands are kept and carried out, effects dropped.
pub(super) fn screen(state: EditorState, scale: f32, setup: impl FnOnce(&mut EditorState)) -> Screen {
    built(Harness::builder(), state, scale, setup)
}

/// The window with a graphics card, so that it can be looked at; `None` where there is none.
pub(super) fn seen_screen(state: EditorState, scale: f32, setup: impl FnOnce(&mut EditorState)) -> Option<Screen> {
    Some(built(Harness::builder().renderer(offscreen::renderer()?), state, scale, setup))
}

fn built(
    builder: HarnessBuilder<Window>,
    mut state: EditorState,
    scale: f32,
    setup: impl FnOnce(&mut EditorState),
) -> Screen {
    setup(&mut state);
    let draw = |ui: &mut eframe::egui::Ui, window: &mut Window| {
        let mut commands = Vec::new();
        crate::ui::show(ui, &window.state, &mut commands);
        for command in commands {
            apply(&mut window.state, command.clone());
            window.commands.push(command);
        }
    };
    let builder = builder
        .with_size([1200.0, 760.0])
        .with_theme(Theme::Dark)
        .with_pixels_per_point(scale)
        .with_render_cursor(false)
        .with_context_setup(theme::install);
    let mut screen = builder.build_ui_state(draw, Window { state, commands: Vec::new() });
    screen.run_steps(3);
    screen.state_mut().commands.clear();
    screen
}

pub(super) fn with_mode(mode: ViewMode) -> impl FnOnce(&mut EditorState) {
    move |state| state.canvas_view.mode = mode
}

pub(super) fn with_picture(state: &mut EditorState) {
    let picture = RgbaImage::from_fn(64, 64, |x, y| Rgba([(x * 4) as u8, (y * 4) as u8, 120, 255]));
    let frame = LiveFrame {
        generation: state.live.wanted,
        width: 64,
        height: 64,
        picture: Picture::Pixels(picture.into_raw().into()),
        steps: StepsRun::default(),
        render_ms: 1.0,
    };
    apply(state, Command::FrameArrived(frame));
}

pub(super) fn mask_middle(screen: &Screen) -> Pos2 {
    screen.get_by_role_and_label(Role::Canvas, "Mask").rect().center()
}

/// Events that arrive within one frame.
pub(super) fn frame_of(screen: &mut Screen, events: impl IntoIterator<Item = Event>) {
    screen.input_mut().events.extend(events);
    screen.step();
}

pub(super) fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

pub(super) fn click(screen: &mut Screen, at: Pos2) {
    frame_of(screen, [Event::PointerMoved(at)]);
    frame_of(screen, [button(at, true)]);
    frame_of(screen, [button(at, false)]);
    screen.run_steps(2);
}

fn wheel(unit: MouseWheelUnit, delta: Vec2, modifiers: Modifiers) -> Event {
    Event::MouseWheel { unit, delta, phase: TouchPhase::Move, source: MouseWheelSource::Unknown, modifiers }
}

fn pointer_events(screen: &Screen) -> Vec<PointerEvent> {
    let commands = screen.state().commands.iter();
    commands.filter_map(|command| if let Command::Pointer(event, _) = command { Some(*event) } else { None }).collect()
}

/// Draws, clicks with a one-pixel brush, and looks which screen pixels changed: the one under the pointer is among
/// them, and the others are its mask pixel's.
#[test]
fn a_click_paints_the_mask_pixel_that_is_shown_under_the_pointer() {
    for (scale, zoom) in [(1.0, 9.0), (1.25, 7.5), (1.5, 6.3), (2.0, 11.25)] {
        let screen = seen_screen(loaded_editor(), scale, |state| {
            state.view = View::Free { zoom, center: [101.3, 97.8] };
            apply(state, Command::SelectLabel(9));
            apply(state, Command::SetBrushSize(1.0));
            apply(state, Command::Do(Action::ViewMaskOnly));
        });
        let Some(mut screen) = screen else { return };
        // The label list counts pixels, and the bars tell of undo: only the canvas is compared.
        let canvas = screen.get_by_role_and_label(Role::Canvas, "Mask").rect();
        let middle = canvas.center();
        for offset in [vec2(0.0, 0.0), vec2(41.0, -77.0), vec2(-63.0, 18.0), vec2(8.0, 90.0)] {
            // A mouse is on whole physical pixels.
            let px = ((middle + offset).to_vec2() * scale).round();
            let at = (px / scale).to_pos2();
            let before = screen.render().unwrap();
            click(&mut screen, at);
            frame_of(&mut screen, [Event::PointerGone]);
            screen.run_steps(2);
            let after = screen.render().unwrap();
            let changed: Vec<(u32, u32)> = before
                .enumerate_pixels()
                .filter(|(x, y, pixel)| {
                    let place = pos2((*x as f32 + 0.5) / scale, (*y as f32 + 0.5) / scale);
                    canvas.contains(place) && after.get_pixel(*x, *y) != *pixel
                })
                .map(|(x, y, _)| (x, y))
                .collect();
            let pointed = (px.x as u32, px.y as u32);
            assert!(changed.contains(&pointed), "at {scale}: {pointed:?} is not among {changed:?}");
            let side = zoom.ceil() as u32;
            let near = |&(x, y): &(u32, u32)| x.abs_diff(pointed.0) < side && y.abs_diff(pointed.1) < side;
            assert!(changed.iter().all(near), "at {scale}: {pointed:?} also changed {changed:?}");
            apply(&mut screen.state_mut().state, Command::Do(Action::Undo));
            screen.run_steps(2);
        }
    }
}

#[test]
fn every_pointer_event_of_a_frame_is_used() {
    let mut screen = screen(loaded_editor(), 1.5, |_| {});
    let middle = mask_middle(&screen);
    frame_of(&mut screen, [Event::PointerMoved(middle)]);
    let path: Vec<Pos2> = (0..25).map(|step| middle + vec2(step as f32 * 3.0, (step % 5) as f32)).collect();
    let moves = path.iter().map(|&at| Event::PointerMoved(at));
    let all: Vec<Event> = [button(middle, true)].into_iter().chain(moves).chain([button(path[24], false)]).collect();
    frame_of(&mut screen, all);
    let events = pointer_events(&screen);
    assert_eq!(events.len(), 27);
    assert!(matches!(events[0], PointerEvent::Press { .. }) && matches!(events[26], PointerEvent::Release { .. }));
    assert_eq!(screen.state().state.history.entries().count(), 1);
}

#[test]
fn the_mask_is_painted_on_in_every_view_that_shows_it() {
    for mode in ViewMode::ALL {
        let mut screen = screen(loaded_editor(), 1.25, with_mode(mode));
        let before = screen.state().state.document.labels.clone();
        let role = if mode.shows_mask() { (Role::Canvas, "Mask") } else { (Role::Image, "Result") };
        let middle = screen.get_by_role_and_label(role.0, role.1).rect().center();
        // Beside the wipe's divider.
        click(&mut screen, middle - vec2(60.0, 0.0));
        let changed = screen.state().state.document.labels != before;
        assert_eq!(changed, mode.shows_mask(), "{mode:?}");
    }
}

#[test]
fn the_divider_is_dragged_without_painting() {
    let mut screen = screen(loaded_editor(), 1.5, with_mode(ViewMode::Wipe));
    let before = screen.state().state.document.labels.clone();
    let grip = screen.get_by_role_and_label(Role::Slider, "Divider between mask and result").rect();
    let area = screen.get_by_role_and_label(Role::Canvas, "Mask").rect();
    let (from, to) = (grip.center(), pos2(area.left() + 0.25 * area.width(), grip.center().y + 5.0));
    frame_of(&mut screen, [Event::PointerMoved(from)]);
    frame_of(&mut screen, [button(from, true)]);
    for part in [0.3, 0.6, 1.0] {
        frame_of(&mut screen, [Event::PointerMoved(from + (to - from) * part)]);
    }
    frame_of(&mut screen, [button(to, false)]);
    screen.run_steps(2);
    let state = &screen.state().state;
    assert!((state.canvas_view.wipe - 0.25).abs() < 0.01, "{}", state.canvas_view.wipe);
    assert!(state.document.labels == before && pointer_events(&screen).is_empty());
}

#[test]
fn linked_views_move_in_the_same_frame() {
    let mut screen = screen(loaded_editor(), 1.0, |state| {
        with_mode(ViewMode::SideBySide)(state);
        with_picture(state);
    });
    // The lines around mask and picture.
    let framed = |screen: &Screen| {
        let line = theme::palette(&screen.ctx.global_style().visuals).line;
        let shapes = screen.output().shapes.iter();
        let framed = shapes.filter_map(|clipped| match &clipped.shape {
            Shape::Rect(shape) if shape.stroke.color == line && shape.stroke_kind == StrokeKind::Outside => {
                Some(shape.rect.size())
            }
            _ => None,
        });
        framed.filter(|size| size.min_elem() > 100.0).collect::<Vec<_>>()
    };
    // One of the panes may be a pixel wider.
    let alike = |sizes: &[Vec2]| sizes.len() == 2 && (sizes[0] - sizes[1]).abs().max_elem() < 2.0;
    assert!(alike(&framed(&screen)), "{:?}", framed(&screen));
    for role in [(Role::Canvas, "Mask"), (Role::Image, "Result")] {
        let at = screen.get_by_role_and_label(role.0, role.1).rect().center();
        let from = framed(&screen)[0];
        frame_of(&mut screen, [Event::PointerMoved(at)]);
        frame_of(&mut screen, [wheel(MouseWheelUnit::Line, vec2(0.0, 1.0), Modifiers::NONE)]);
        let after = framed(&screen);
        assert!(after[0].x > 1.1 * from.x, "{role:?}: {from} {}", after[0]);
        assert!(alike(&after), "{role:?}: {after:?}");
    }
}

#[test]
fn the_wheel_zooms_a_touchpad_pans_and_ctrl_sizes_the_brush() {
    let mut screen = screen(loaded_editor(), 1.5, |_| {});
    let at = mask_middle(&screen) + vec2(50.0, -30.0);
    frame_of(&mut screen, [Event::PointerMoved(at)]);
    let hover = screen.state().state.hover.unwrap();
    frame_of(&mut screen, [wheel(MouseWheelUnit::Line, vec2(0.0, 2.0), Modifiers::NONE)]);
    screen.run_steps(2);
    let state = &screen.state().state;
    assert!(state.view.zoom(&state.canvas()) > 1.2 * View::Fit.zoom(&state.canvas()));
    let now = state.hover.unwrap();
    assert!((now[0] - hover[0]).abs() < 0.6 && (now[1] - hover[1]).abs() < 0.6, "{hover:?} became {now:?}");

    let zoom = state.view.zoom(&state.canvas());
    frame_of(&mut screen, [wheel(MouseWheelUnit::Point, vec2(-30.0, 12.0), Modifiers::NONE)]);
    screen.run_steps(2);
    let state = &screen.state().state;
    let panned = state.hover.unwrap();
    assert_eq!(state.view.zoom(&state.canvas()), zoom);
    let expected = [now[0] + 45.0 / zoom, now[1] - 18.0 / zoom];
    assert!((panned[0] - expected[0]).abs() < 0.6 && (panned[1] - expected[1]).abs() < 0.6, "{panned:?} {expected:?}");

    let size = state.painting.diameter_px();
    frame_of(&mut screen, [wheel(MouseWheelUnit::Line, vec2(0.0, 1.0), Modifiers::COMMAND | Modifiers::CTRL)]);
    assert!(screen.state().state.painting.diameter_px() > size);
    frame_of(&mut screen, [Event::Zoom(0.5)]);
    let state = &screen.state().state;
    assert!(state.view.zoom(&state.canvas()) < 0.6 * zoom);
}

#[test]
fn tab_cycles_views_over_the_mask_and_walks_the_controls_elsewhere() {
    let mut screen = screen(loaded_editor(), 1.0, |_| {});
    screen.key_press(Key::Tab);
    screen.run_steps(2);
    assert_eq!(screen.state().state.canvas_view.mode, ViewMode::SideBySide);
    assert!(screen.ctx.memory(|memory| memory.focused().is_some()), "Tab reached a control");
    screen.key_press(Key::Escape);
    screen.run_steps(2);
    let at = mask_middle(&screen);
    frame_of(&mut screen, [Event::PointerMoved(at)]);
    screen.run_steps(1);
    screen.key_press(Key::Tab);
    screen.run_steps(2);
    assert_eq!(screen.state().state.canvas_view.mode, ViewMode::Overlay);
    assert!(screen.ctx.memory(|memory| memory.focused().is_none()), "and no control took the focus");
}

#[test]
fn space_and_the_middle_button_pan_without_painting() {
    let mut screen = screen(loaded_editor(), 1.5, |_| {});
    let before = screen.state().state.document.labels.clone();
    let at = mask_middle(&screen);
    let zoomed = Command::ZoomAt { factor: 2.0, at_px: [300.0, 300.0] };
    apply(&mut screen.state_mut().state, zoomed);
    let key = |pressed| Event::Key {
        key: Key::Space,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    for middle in [false, true] {
        frame_of(&mut screen, [Event::PointerMoved(at)]);
        screen.run_steps(1);
        let hover = screen.state().state.hover.unwrap();
        let press = |pos, pressed| Event::PointerButton {
            pos,
            button: if middle { PointerButton::Middle } else { PointerButton::Primary },
            pressed,
            modifiers: Modifiers::NONE,
        };
        if !middle {
            frame_of(&mut screen, [key(true)]);
        }
        frame_of(&mut screen, [press(at, true)]);
        let to = at + vec2(40.0, -24.0);
        frame_of(&mut screen, [Event::PointerMoved(at + vec2(3.0, -3.0)), Event::PointerMoved(to)]);
        frame_of(&mut screen, [press(to, false), key(false)]);
        screen.run_steps(2);
        let now = screen.state().state.hover.unwrap();
        assert!((now[0] - hover[0]).abs() < 0.6 && (now[1] - hover[1]).abs() < 0.6, "it sticks to the pointer");
        frame_of(&mut screen, [Event::PointerMoved(at)]);
    }
    assert!(screen.state().state.document.labels == before);
}

#[test]
fn tab_leaves_every_view() {
    let mut screen = screen(loaded_editor(), 1.0, |_| {});
    let at = mask_middle(&screen);
    frame_of(&mut screen, [Event::PointerMoved(at)]);
    for _ in ViewMode::ALL {
        screen.run_steps(2);
        screen.key_press(Key::Tab);
    }
    screen.run_steps(2);
    assert_eq!(screen.state().state.canvas_view.mode, ViewMode::SideBySide);
}

#[test]
fn a_polygon_closes_by_enter_and_by_a_double_click() {
    for double_click in [false, true] {
        let mut screen = screen(loaded_editor(), 1.5, |state| state.painting.tool = ToolKind::Polygon);
        let before = screen.state().state.document.labels.clone();
        let middle = mask_middle(&screen);
        for corner in [vec2(-50.0, 0.0), vec2(60.0, -40.0), vec2(40.0, 70.0)] {
            // Far enough apart in time not to be double clicks.
            screen.run_steps(4);
            click(&mut screen, middle + corner);
        }
        assert!(screen.state().state.document.labels == before, "nothing is painted before the polygon is closed");
        assert!(!screen.state().state.tool_overlay().outlines.is_empty());
        if double_click {
            screen.run_steps(4);
            let at = middle + vec2(0.0, 60.0);
            let twice = [button(at, true), button(at, false), button(at, true), button(at, false)];
            frame_of(&mut screen, [Event::PointerMoved(at)].into_iter().chain(twice));
        } else {
            screen.key_press(Key::Enter);
        }
        screen.run_steps(2);
        let state = &screen.state().state;
        assert!(!state.painting.is_active(), "double click: {double_click}");
        assert_ne!(state.document.labels, before);
        assert_eq!(state.history.entries().count(), 1);
    }
}

#[test]
fn the_axis_is_dragged_without_painting() {
    let mut screen = screen(loaded_editor(), 1.5, |state| {
        let labels = &state.document.labels;
        state.painting.symmetry = Some(MirrorAxis::centred(labels.width(), labels.height()));
    });
    let before = screen.state().state.document.labels.clone();
    for name in ["Move the axis of symmetry", "Tilt the axis of symmetry"] {
        let axis = screen.state().state.painting.symmetry;
        let from = screen.get_by_label(name).rect().center();
        frame_of(&mut screen, [Event::PointerMoved(from)]);
        frame_of(&mut screen, [button(from, true)]);
        for step in 1..=4 {
            frame_of(&mut screen, [Event::PointerMoved(from + vec2(10.0 * step as f32, 0.0))]);
        }
        frame_of(&mut screen, [button(from + vec2(40.0, 0.0), false)]);
        screen.run_steps(2);
        assert_ne!(screen.state().state.painting.symmetry, axis, "{name}");
    }
    let state = &screen.state().state;
    let axis = state.painting.symmetry.unwrap();
    assert!(axis.through.x > 260.0 && axis.angle_rad.abs() > 0.05, "{axis:?}");
    assert!(state.document.labels == before && pointer_events(&screen).is_empty());
}

/// Each view mode, with a picture and a guide, looks different, and none fails to draw.
#[test]
fn every_view_draws_what_it_promises() {
    let mut seen: Vec<RgbaImage> = Vec::new();
    for mode in ViewMode::ALL {
        let screen = seen_screen(loaded_editor(), 1.0, |state| {
            with_picture(state);
            with_mode(mode)(state);
        });
        let Some(mut screen) = screen else { return };
        let picture = screen.render().unwrap();
        assert!(seen.iter().all(|other| *other != picture), "{mode:?} looks like another view");
        seen.push(picture);
        let guide = GuidePhoto::new(RgbaImage::from_pixel(9, 9, Rgba([250, 0, 250, 255])));
        apply(&mut screen.state_mut().state, Command::Canvas(CanvasCommand::SetGuide(guide)));
        screen.run_steps(2);
        let guided = screen.render().unwrap();
        assert_eq!(guided != *seen.last().unwrap(), mode.shows_mask(), "{mode:?}");
    }
}
