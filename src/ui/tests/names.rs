//! Everything that can be operated has a name, in every state of the window.

use super::*;
use crate::editor::LatentCommand;
use crate::engine::{LiveFrame, Picture, StepsRun};

/// What a screen reader would offer to operate, with its name.
pub(super) fn controls(window: &Harness<'_, Window>) -> Vec<(Role, String)> {
    use eframe::egui::accesskit::Action::{Click, Decrement, Focus, Increment, SetValue};
    let nodes = window.root().children_recursive().filter(|node| {
        let node = node.accesskit_node();
        let acts = [Click, Focus, Increment, Decrement, SetValue];
        let data = node.data();
        let passive = matches!(
            node.role(),
            Role::Window | Role::Label | Role::GenericContainer | Role::Tooltip | Role::ScrollBar
        );
        acts.into_iter().any(|action| data.supports_action(action)) && !passive
    });
    nodes.map(|node| (node.accesskit_node().role(), node.accesskit_node().label().unwrap_or_default())).collect()
}

pub(super) fn assert_named(window: &Harness<'_, Window>, what: &str) {
    for (role, name) in controls(window) {
        let icon_only = name.chars().all(|c| ('\u{e000}'..='\u{f8ff}').contains(&c));
        assert!(!name.trim().is_empty() && !icon_only, "{what}: a {role:?} is called {name:?}");
    }
}

/// States that show every kind of control.
pub(super) fn states() -> Vec<(&'static str, EditorState)> {
    let plain = loaded_editor();
    let mut busy = loaded_editor();
    for command in [
        Command::Do(Action::RandomSeed),
        Command::SetOffset { direction: 2, sigma: 1.5 },
        Command::Do(Action::PinA),
        Command::Do(Action::RandomSeed),
        Command::Do(Action::PinB),
        Command::Latent(LatentCommand::SetBlend(0.4)),
        Command::Do(Action::ToggleOverdrive),
        Command::Do(Action::MoreDirections),
        Command::Latent(LatentCommand::BeginRename(1)),
        Command::SetStrength { attribute: 6, value: 0.3 },
        Command::FrameArrived(LiveFrame {
            generation: 1,
            width: 1,
            height: 1,
            picture: Picture::Pixels(vec![0, 0, 0, 255].into()),
            steps: StepsRun::default(),
            render_ms: 9.0,
        }),
    ] {
        apply(&mut busy, command);
    }
    let mut states = vec![("start", plain), ("busy", busy), ("outfit", editor_of("outfit", "Drawn outfits"))];
    for (name, dialog) in [
        ("shortcuts", Dialog::Shortcuts),
        ("edit shortcuts", Dialog::EditShortcuts),
        ("preferences", Dialog::Preferences),
        ("model card", Dialog::ModelCard),
        ("about", Dialog::About),
        ("templates", Dialog::Templates),
        ("unsaved", Dialog::Unsaved(crate::editor::Intent::Quit)),
    ] {
        let mut state = loaded_editor();
        state.dialog = Some(dialog);
        states.push((name, state));
    }
    let mut palette = loaded_editor();
    apply(&mut palette, Command::Do(Action::CommandPalette));
    states.push(("palette", palette));
    let mut hints = loaded_editor();
    apply(&mut hints, Command::Do(Action::ShowHints));
    states.push(("hints", hints));
    states
}

#[test]
fn every_control_has_a_name_in_every_size_and_theme() {
    for size in [[760.0, 600.0], [900.0, 600.0], [1360.0, 860.0], [2560.0, 1400.0]] {
        for theme in [Theme::Dark, Theme::Light] {
            let mut window = window(loaded_editor(), size, theme);
            window.run_steps(3);
            assert!(controls(&window).len() > 80, "{:?}", controls(&window));
            assert_named(&window, &format!("{size:?}"));
        }
    }
}

#[test]
fn every_control_has_a_name_in_every_state() {
    for (name, state) in states() {
        let mut window = window(state, [1360.0, 860.0], Theme::Dark);
        window.run_steps(4);
        assert_named(&window, name);
    }
}

#[test]
fn menus_and_folds_have_names_too() {
    for title in ["File", "Edit", "View", "Templates", "Model", "Training", "Help", "Seeds seen"] {
        let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
        window.run_steps(2);
        let before = controls(&window).len();
        window.get_by_role_and_label(Role::Button, title).click();
        window.run_steps(4);
        assert!(controls(&window).len() > before, "{title} did not open");
        assert_named(&window, title);
    }
    let mut window = window(loaded_editor(), [1360.0, 1600.0], Theme::Dark);
    window.run_steps(2);
    let before = controls(&window).len();
    window.get_by_label_contains("coordinates of z").click();
    window.run_steps(12);
    assert!(controls(&window).len() > before + 10, "the coordinates did not unfold");
    assert_named(&window, "coordinates");
}

/// Tab goes through the whole window and comes back; nothing on the way is nameless.
#[test]
fn tab_reaches_every_control() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
    window.run_steps(2);
    let mut reached = std::collections::HashSet::new();
    for _ in 0..260 {
        window.key_press(egui::Key::Tab);
        window.run_steps(1);
        let focused = window.root().children_recursive().find(|node| node.accesskit_node().is_focused());
        if let Some(node) = focused {
            reached.insert(node.accesskit_node().label().unwrap_or_default());
        }
    }
    for name in
        ["File", "Brush", "Brush size", "Lock Hair", "Hair", "Smiling", "Smiling strength", "Seed", "Direction 1"]
    {
        assert!(reached.contains(name), "{name} is out of the keyboard's reach: {reached:?}");
    }
    for name in ["Width of Labels", "Height of Attributes", "Labels", "Pin A", "Command palette…", "Start"] {
        assert!(reached.contains(name), "{name} is out of the keyboard's reach: {reached:?}");
    }
}
