//! Pictures of many states for a human look: set `SCGAN_SNAPSHOTS` to a folder to get them. They are not compared; `compared`
//! does that with a few.

use std::path::PathBuf;

use super::*;
use crate::document::Point;
use crate::document::tools::PointerEvent;
use crate::editor::{LabelCommand, LatentCommand, PointerModifiers, ThemeChoice};
use crate::engine::{AGREES, LiveFrame, Obedience, Picture, StepsRun};
use crate::metrics::Confusion;

/// A softened mask in the place of the result: the same on every machine.
pub(super) fn with_picture(state: &mut EditorState) {
    let mask = state.document.labels.to_image().to_rgb(&state.taxonomy);
    let result = image::imageops::blur(&image::imageops::thumbnail(&mask, 128, 128), 1.5);
    let rgba: Vec<u8> = result.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    let frame = LiveFrame {
        generation: state.live.wanted,
        width: 128,
        height: 128,
        picture: Picture::Pixels(rgba.into()),
        steps: StepsRun::default(),
        render_ms: 12.4,
    };
    apply(state, Command::FrameArrived(frame));
}

/// What a segmentor reads that takes hair for background and lips for skin, as far as they lie left of the middle.
pub(super) fn with_obedience(state: &mut EditorState) {
    with_picture(state);
    apply(state, Command::Do(Action::ToggleObedience));
    let mask = state.document.labels.to_image().resize_majority(128, 128);
    let mut confusion = Confusion::new(state.taxonomy.n_labels());
    let read: Vec<_> = (0..128 * 128)
        .map(|at| match mask.ids()[at] {
            8 if at % 128 < 56 => 0,
            6 | 7 if at % 128 < 64 => 1,
            0 if at / 128 > 100 && at % 128 < 30 => 9,
            other => other,
        })
        .collect();
    confusion.add(mask.ids(), &read);
    let pairs = mask.ids().iter().zip(&read);
    let obedience = Obedience {
        generation: state.live.wanted,
        side: 128,
        differences: pairs.map(|(asked, read)| if asked == read { AGREES } else { *read }).collect(),
        iou: confusion.iou(),
        pixel_accuracy: confusion.pixel_accuracy(),
    };
    apply(state, Command::ObedienceArrived(obedience));
}

/// A window with a picture in the place of the result.
pub(super) fn pictured(mut state: EditorState, size: [f32; 2], scale: f32, theme: Theme) -> Harness<'static, Window> {
    state.theme = if theme == Theme::Light { ThemeChoice::Light } else { ThemeChoice::Dark };
    with_picture(&mut state);
    let renderer = offscreen::renderer().expect("a graphics adapter, to take pictures with");
    let builder = Harness::builder().renderer(renderer).with_pixels_per_point(scale);
    let mut window = window_from(builder, state, size, theme);
    window.run_steps(6);
    window
}

pub(super) fn save(folder: &std::path::Path, name: &str, window: &mut Harness<'_, Window>) {
    window.run_steps(12);
    let picture = window.render().unwrap();
    picture.save(folder.join(format!("{name}.png"))).unwrap();
}

pub(super) fn busy() -> EditorState {
    let mut state = loaded_editor();
    let stroke = |state: &mut EditorState, from: (f32, f32), to: (f32, f32)| {
        let at = |(x, y)| Point::new(x, y);
        for event in [
            PointerEvent::Press { at: at(from), extend: false, constrain: false },
            PointerEvent::Move { at: at(to), constrain: false },
            PointerEvent::Release { at: at(to) },
        ] {
            apply(state, Command::Pointer(event, PointerModifiers::default()));
        }
    };
    apply(&mut state, Command::SelectLabel(8));
    stroke(&mut state, (110.0, 90.0), (140.0, 400.0));
    apply(&mut state, Command::ToggleAttribute(7));
    apply(&mut state, Command::SetStrength { attribute: 7, value: 0.7 });
    apply(&mut state, Command::FinishEdit);
    for command in [
        Command::Do(Action::RandomSeed),
        Command::SetOffset { direction: 0, sigma: 1.3 },
        Command::SetOffset { direction: 2, sigma: -0.9 },
        Command::FinishEdit,
        Command::Do(Action::PinA),
        Command::Do(Action::RandomSeed),
        Command::Do(Action::PinB),
        Command::Latent(LatentCommand::SetBlend(0.35)),
        Command::FinishEdit,
        Command::Latent(LatentCommand::BeginRename(0)),
        Command::Latent(LatentCommand::TypeName("Light from left".to_owned())),
        Command::Latent(LatentCommand::EndRename { keep: true }),
        Command::Label(LabelCommand::ToggleLock(2)),
        Command::Label(LabelCommand::ToggleHidden(9)),
    ] {
        apply(&mut state, command);
    }
    stroke(&mut state, (200.0, 90.0), (240.0, 120.0));
    apply(&mut state, Command::Do(Action::Undo));
    state
}

#[test]
fn main_states() {
    let Some(folder) = std::env::var_os("SCGAN_SNAPSHOTS").map(PathBuf::from) else {
        println!("skipped: SCGAN_SNAPSHOTS names no folder for the pictures");
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    let usual = [1360.0, 860.0];
    for (name, theme) in [("dark", Theme::Dark), ("light", Theme::Light)] {
        save(&folder, &format!("start-{name}"), &mut pictured(loaded_editor(), usual, 1.0, theme));
        let mut window = pictured(busy(), usual, 1.0, theme);
        let row = window.get_by_role_and_label(Role::RadioButton, "Brows").rect().center();
        window.hover_at(row);
        save(&folder, &format!("busy-{name}"), &mut window);
    }
    save(&folder, "outfit", &mut pictured(editor_of("outfit", "Drawn outfits"), usual, 1.0, Theme::Dark));
    for (name, size, scale) in
        [("small", [900.0, 600.0], 1.0), ("narrow", [700.0, 560.0], 1.0), ("4k", [1920.0, 1080.0], 2.0)]
    {
        save(&folder, name, &mut pictured(busy(), size, scale, Theme::Dark));
    }
    for (name, theme) in [("obedience-dark", Theme::Dark), ("obedience-light", Theme::Light)] {
        let mut state = busy();
        with_obedience(&mut state);
        let mut window = pictured(state, usual, 1.0, theme);
        let mask = window.get_by_role_and_label(Role::Canvas, "Mask").rect();
        window.hover_at(mask.center() - egui::vec2(150.0, 60.0));
        save(&folder, name, &mut window);
    }
    let mut state = busy();
    with_obedience(&mut state);
    state.canvas_view.mode = crate::editor::ViewMode::Overlay;
    save(&folder, "obedience-overlay", &mut pictured(state, [900.0, 600.0], 1.0, Theme::Dark));
    for (name, state) in super::names::states() {
        if !["start", "busy", "outfit"].contains(&name) {
            save(&folder, &format!("dialog-{}", name.replace(' ', "-")), &mut pictured(state, usual, 1.0, Theme::Dark));
        }
    }
    for (name, query) in [("palette-typed", "lat"), ("palette-light", "dress")] {
        let mut state = busy();
        apply(&mut state, Command::Do(Action::CommandPalette));
        apply(&mut state, Command::Search(crate::editor::SearchCommand::Type(query.to_owned())));
        let theme = if name.ends_with("light") { Theme::Light } else { Theme::Dark };
        save(&folder, name, &mut pictured(state, usual, 1.0, theme));
    }
    for (name, state) in super::training::states() {
        let name = format!("training-{}", name.replace(' ', "-"));
        save(&folder, &name, &mut pictured(state, usual, 1.0, Theme::Dark));
    }
    for (name, state) in super::training::states() {
        let name = format!("training-small-{}", name.replace(' ', "-"));
        save(&folder, &name, &mut pictured(state, [900.0, 600.0], 1.0, Theme::Light));
    }
    for title in ["View", "Templates", "Model", "Training"] {
        let mut window = pictured(loaded_editor(), usual, 1.0, Theme::Dark);
        window.get_by_role_and_label(Role::Button, title).click();
        save(&folder, &format!("menu-{}", title.to_lowercase()), &mut window);
    }
    let mut window = pictured(loaded_editor(), [1360.0, 1300.0], 1.0, Theme::Light);
    window.get_by_label_contains("coordinates of z").click();
    save(&folder, "coordinates-light", &mut window);
    for step in 0..3 {
        let mut state = loaded_editor();
        apply(&mut state, Command::Do(Action::ShowHints));
        (0..=step).for_each(|_| drop(apply(&mut state, Command::Hint(crate::editor::HintCommand::GotIt))));
        save(&folder, &format!("hint-{}", step + 2), &mut pictured(state, usual, 1.0, Theme::Dark));
    }
}
