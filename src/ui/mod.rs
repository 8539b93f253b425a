//! egui panels: they read the editor state and push commands.
