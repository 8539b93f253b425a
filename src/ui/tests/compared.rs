//! The main states against pictures in `tests/snapshots`, so that a change of their look is seen before users see it.
//!
//! After a change that is meant, look at what comes of
//! `UPDATE_SNAPSHOTS=1 cargo test --release --lib ui::tests::compared` (`git diff` shows which pictures changed) and
//! commit it with the change. A difference writes `NAME.new.png` and `NAME.diff.png` beside the picture. Dialogs are taken
//! without the window around them, so a new panel changes three pictures only.

use std::path::Path;

use egui_kittest::{SnapshotOptions, try_image_snapshot_options};
use image::DynamicImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use super::snapshots::{busy, with_picture};
use super::*;
use crate::document::{MirrorAxis, Point};
use crate::editor::{SearchCommand, ThemeChoice, ViewMode};
use crate::session::FIRST_SAMPLE;
use crate::ui::{dialogs, offscreen};

const SIZE: [f32; 2] = [900.0, 600.0];
/// Of colour, squared and weighted: a few of 255 levels, as edges differ between drivers. Another text or colour differs
/// by hundreds to thousands.
const TOLERANCE: f32 = 12.0;
/// Pixels beyond the tolerance. A widget that moves by a point changes more.
const MOST_PIXELS: usize = 24;

type Draw = fn(&mut Ui, &EditorState, &mut Vec<Command>);

/// The window on a software adapter where there is one. `None`, with a word about it, without any.
fn seen(state: EditorState, theme: Theme, draw: Draw) -> Option<Harness<'static, Window>> {
    let draw = move |ui: &mut Ui, window: &mut Window| {
        let mut commands = Vec::new();
        draw(ui, &window.state, &mut commands);
        commands.into_iter().for_each(|command| drop(apply(&mut window.state, command)));
    };
    let builder = Harness::builder()
        .renderer(offscreen::renderer()?)
        // Keys are written in another way on a Mac.
        .with_os(egui::os::OperatingSystem::Nix)
        .with_size(SIZE)
        .with_theme(theme)
        .with_context_setup(theme::install);
    Some(builder.build_ui_state(draw, Window { state, commands: Vec::new() }))
}

/// Compares, and says every difference at the end so that one run shows them all.
#[derive(Default)]
struct Comparison {
    differences: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, name: &str, window: &mut Harness<'_, Window>) {
        // A thumbnail a frame is made, and animations come to their end.
        window.run_steps(40);
        // Without the transparency at the edge, which only makes files larger.
        let picture = DynamicImage::from(window.render().unwrap()).into_rgb8();
        let picture = DynamicImage::from(picture).into_rgba8();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
        let options = SnapshotOptions::new().threshold(TOLERANCE).max_failed_pixels(MOST_PIXELS).output_path(folder);
        if let Err(difference) = try_image_snapshot_options(&picture, name, &options) {
            self.differences.push(difference.to_string());
        }
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            shrink(&Path::new(folder).join(format!("{name}.png")));
        }
    }
}

/// Writes a picture again, in fewer bytes: it stays in the repository for ever.
fn shrink(path: &Path) {
    let picture = image::open(path).unwrap().into_rgb8();
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).unwrap();
    std::fs::write(path, bytes).unwrap();
}

impl Drop for Comparison {
    fn drop(&mut self) {
        assert!(self.differences.is_empty() || std::thread::panicking(), "{}", self.differences.join("\n\n"));
    }
}

/// A small window shows the lists' beginnings only, so that they are the same whatever is at their ends.
#[test]
fn the_window_looks_as_it_did() {
    let mut comparison = Comparison::default();
    let mut first = loaded_editor();
    apply(&mut first, Command::OpenSample(FIRST_SAMPLE));
    apply(&mut first, Command::Do(Action::ShowHints));
    let mut overlay = busy();
    overlay.canvas_view.mode = ViewMode::Overlay;
    overlay.painting.symmetry = Some(MirrorAxis { through: Point::new(256.0, 256.0), angle_rad: 0.0 });
    apply(&mut overlay, Command::SetBrushSize(60.0));
    let mut light = editor_of("outfit", "Drawn outfits");
    light.theme = ThemeChoice::Light;
    let states = [
        ("first-run", first, Theme::Dark),
        ("overlay", overlay, Theme::Dark),
        ("side-by-side-light", light, Theme::Light),
    ];
    for (name, mut state, theme) in states {
        with_picture(&mut state);
        let Some(mut window) = seen(state, theme, show) else { return };
        window.run_steps(4);
        if name == "overlay" {
            let mask = window.get_by_role_and_label(Role::Canvas, "Mask").rect();
            window.hover_at(mask.center() + egui::vec2(-60.0, 20.0));
        }
        comparison.compare(name, &mut window);
    }
}

#[test]
fn dialogs_look_as_they_did() {
    let mut comparison = Comparison::default();
    let with = |command: Command| {
        let mut state = loaded_editor();
        apply(&mut state, command);
        state
    };
    let asking = |dialog: Dialog| {
        let mut state = loaded_editor();
        state.dialog = Some(dialog);
        state
    };
    let mut palette = with(Command::Do(Action::CommandPalette));
    apply(&mut palette, Command::Search(SearchCommand::Type("brush".to_owned())));
    let states = [
        ("unsaved", asking(Dialog::Unsaved(Intent::New)), Theme::Dark),
        ("preferences", with(Command::Do(Action::ShowPreferences)), Theme::Dark),
        ("palette", palette, Theme::Light),
        ("shortcuts", with(Command::Do(Action::EditShortcuts)), Theme::Light),
        ("templates", with(Command::Do(Action::ShowTemplates)), Theme::Dark),
    ];
    for (name, state, theme) in states {
        let Some(mut window) = seen(state, theme, dialogs::show) else { return };
        comparison.compare(name, &mut window);
    }
}
