//! A photo in the window: framing it and watching the fit.

use std::sync::Arc;

use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::names::assert_named;
use super::*;
use crate::editor::PhotoCommand;
use crate::photo::{Fit, FitProgress, PhotoEvent, Proposal};

fn photo() -> Arc<RgbaImage> {
    Arc::new(RgbaImage::from_fn(200, 300, |x, y| Rgba([x as u8, (y / 2) as u8, 120, 255])))
}

/// An editor in which a photo is being framed.
pub(super) fn framing(mut state: EditorState) -> EditorState {
    let opened = PhotoCommand::Opened { name: "me.jpg".to_owned(), photo: photo() };
    apply(&mut state, Command::Photo(opened));
    state
}

/// An editor in which a photo's look is being found.
pub(super) fn fitting(state: EditorState) -> EditorState {
    let mut state = framing(state);
    apply(&mut state, Command::Photo(PhotoCommand::Read));
    let labels = state.document.labels.to_image();
    let proposal = Proposal { labels, attributes: None };
    let framed = RgbImage::from_fn(128, 128, |x, y| Rgb([x as u8, y as u8, 90]));
    apply(
        &mut state,
        Command::Photo(PhotoCommand::Event(1, PhotoEvent::Proposed { framed: framed.clone(), proposal })),
    );
    let best = Fit { z: vec![0.0; 64], loss: 0.31, start_loss: 0.45, picture: framed };
    let progress = FitProgress { step: 40, steps: 120, best };
    apply(&mut state, Command::Photo(PhotoCommand::Progress(2, progress)));
    state
}

fn frame(window: &Harness<'_, Window>) -> crate::photo::Framing {
    window.state().state.photo.framing.as_ref().unwrap().frame
}

#[test]
fn the_frame_follows_pointer_and_keys_and_everything_has_a_name() {
    for taxonomy in ["portrait", "outfit"] {
        let mut window = window(framing(editor_of(taxonomy, "Model")), [1360.0, 860.0], Theme::Dark);
        window.run_steps(4);
        assert_named(&window, taxonomy);
        let before = frame(&window);
        window.key_press(egui::Key::ArrowRight);
        window.run_steps(2);
        assert!(frame(&window).x > before.x, "{before:?}");
        window.key_press(egui::Key::Minus);
        window.run_steps(2);
        assert!(frame(&window).side < before.side);
        let middle = window.get_by_label("Frame on the photo").rect().center();
        let before = frame(&window);
        window.hover_at(middle);
        window.run_steps(1);
        window.drag_at(middle);
        window.run_steps(1);
        for step in 1..=4 {
            window.hover_at(middle + egui::vec2(0.0, 5.0 * step as f32));
            window.run_steps(1);
        }
        window.drop_at(middle + egui::vec2(0.0, 20.0));
        window.run_steps(2);
        assert!(frame(&window).y > before.y, "{before:?}");
        window.get_by_role_and_label(Role::Button, "Whole photo").click();
        window.run_steps(2);
        assert_eq!(frame(&window), crate::photo::Framing::whole(200, 300));
        window.get_by_role_and_label(Role::Button, "Read photo").click();
        window.run_steps(2);
        assert!(window.state().state.photo.framing.as_ref().unwrap().is_reading());
        window.key_press(egui::Key::Escape);
        window.run_steps(2);
        assert!(window.state().state.photo.framing.is_none());
    }
}

#[test]
fn the_fit_is_used_or_left_and_everything_has_a_name() {
    let mut window = window(fitting(loaded_editor()), [1360.0, 860.0], Theme::Light);
    window.run_steps(4);
    assert_named(&window, "fit");
    window.get_by_role_and_label(Role::Button, "Use fitted look").click();
    window.run_steps(2);
    assert_eq!(window.state().state.document.latent.fitted.len(), 64);
    assert!(window.query_by_label("Nearest picture so far").is_none());
    window.get_by_role_and_label(Role::Button, "Back to the seed").click();
    window.run_steps(2);
    assert!(window.state().state.document.latent.fitted.is_empty());
}

#[test]
fn a_pasted_picture_is_framed() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
    window.run_steps(2);
    let picture = egui::ColorImage::filled([30, 40], egui::Color32::from_rgb(1, 2, 3));
    window.event(egui::Event::PasteImage(Arc::new(picture)));
    window.run_steps(2);
    let framing = window.state().state.photo.framing.as_ref().unwrap();
    assert_eq!((framing.photo.dimensions(), framing.photo.get_pixel(3, 3).0), ((30, 40), [1, 2, 3, 255]));
    assert_eq!(window.state().state.dialog, Some(Dialog::FramePhoto));
}
