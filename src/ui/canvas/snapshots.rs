//! Pictures of the canvas for a human look: set `SCGAN_SNAPSHOTS` to a folder to get them. They are not compared, since
//! drivers draw a little differently on every machine.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use eframe::egui::{Event, vec2};
use image::{Rgba, RgbaImage};

use super::tests::{Screen, click, frame_of, mask_middle, seen_screen, with_mode, with_picture};
use crate::document::tools::ToolKind;
use crate::document::{MirrorAxis, Point};
use crate::editor::{CanvasCommand, Command, EditorState, GuidePhoto, LabelCommand, ViewMode, apply};
use crate::session::View;
use crate::ui::tests::loaded_editor;

fn save(folder: &Path, name: &str, screen: &mut Screen) {
    screen.run_steps(4);
    screen.render().unwrap().save(folder.join(format!("canvas-{name}.png"))).unwrap();
}

fn guide() -> GuidePhoto {
    let photo = RgbaImage::from_fn(400, 300, |x, y| {
        let ring = ((f64::from(x) - 200.0).hypot(f64::from(y) - 150.0) / 12.0) as u32;
        Rgba([(x / 2) as u8, 255 - (y / 2) as u8, if ring.is_multiple_of(2) { 60 } else { 200 }, 255])
    });
    GuidePhoto::new(photo).unwrap()
}

#[test]
fn canvas_states() {
    let Some(folder) = std::env::var_os("SCGAN_SNAPSHOTS").map(PathBuf::from) else {
        println!("skipped: SCGAN_SNAPSHOTS names no folder for the pictures");
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    let open = |scale: f32, setup: &dyn Fn(&mut EditorState)| {
        seen_screen(loaded_editor(), scale, |state| {
            with_picture(state);
            setup(state);
        })
    };
    for mode in ViewMode::ALL {
        let Some(mut screen) = open(1.0, &|state| with_mode(mode)(state)) else { return };
        save(&folder, &format!("{mode:?}").to_lowercase(), &mut screen);
    }
    let mut screen = open(1.5, &|state| {
        with_mode(ViewMode::MaskOnly)(state);
        state.canvas_view.outlines = true;
        apply(state, Command::Canvas(CanvasCommand::SetGuide(Some(guide()))));
        let axis = MirrorAxis { through: Point::new(256.0, 256.0), angle_rad: 0.15 };
        state.painting.symmetry = Some(axis);
        state.painting.tool = ToolKind::Polygon;
    })
    .unwrap();
    let middle = mask_middle(&screen);
    for corner in [vec2(-150.0, -40.0), vec2(-40.0, -120.0), vec2(-60.0, 60.0)] {
        screen.run_steps(4);
        click(&mut screen, middle + corner);
    }
    frame_of(&mut screen, [Event::PointerMoved(middle + vec2(-120.0, 90.0))]);
    save(&folder, "guide-axis-polygon", &mut screen);

    let hide = |state: &mut EditorState| {
        with_mode(ViewMode::Overlay)(state);
        apply(state, Command::Label(LabelCommand::ToggleHidden(8)));
        apply(state, Command::Label(LabelCommand::ToggleHidden(0)));
    };
    save(&folder, "hidden-over-result", &mut open(1.0, &hide).unwrap());
    let alone = |state: &mut EditorState| {
        apply(state, Command::Label(LabelCommand::ToggleSolo(1)));
        apply(state, Command::Label(LabelCommand::ToggleHidden(0)));
    };
    save(&folder, "solo", &mut open(1.0, &alone).unwrap());
    let far = |state: &mut EditorState| {
        with_mode(ViewMode::MaskOnly)(state);
        state.canvas_view.outlines = true;
        state.view = View::Free { zoom: 0.3, center: [256.0, 256.0] };
    };
    save(&folder, "reduced", &mut open(1.0, &far).unwrap());
    let near = |state: &mut EditorState| {
        state.canvas_view.outlines = true;
        state.view = View::Free { zoom: 12.5, center: [200.0, 250.0] };
        apply(state, Command::SetBrushSize(3.0));
    };
    let mut screen = open(1.25, &near).unwrap();
    let at = mask_middle(&screen);
    frame_of(&mut screen, [Event::PointerMoved(at)]);
    save(&folder, "enlarged", &mut screen);
}
