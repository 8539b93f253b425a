//! What crashed processes left.

use std::time::{Duration, SystemTime};

use eframe::egui::{Align, Button, Layout, RichText, ScrollArea, Ui};

use super::{answer, theme};
use crate::editor::{Command, DialogAnswer, EditorState, FilesCommand};
use crate::session::RecoveryEntry;

const MAX_HEIGHT: f32 = 320.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Recover your work?").strong());
    ui.label("The program ended without closing these sessions. Their files on disk are as you last saved them.");
    ScrollArea::vertical().max_height(MAX_HEIGHT).show(ui, |ui| {
        for entry in &state.files.recovery {
            ui.separator();
            row(ui, entry, commands);
        }
    });
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| answer(ui, "Later", DialogAnswer::Close, commands));
}

fn row(ui: &mut Ui, entry: &RecoveryEntry, commands: &mut Vec<Command>) {
    let name = entry.original.as_ref().and_then(|path| path.file_name());
    let name = name.map_or_else(|| "Untitled".into(), |name| name.to_string_lossy());
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.label(RichText::new(name.as_ref()).strong());
            let age = SystemTime::now().duration_since(entry.modified).unwrap_or_default();
            let kib = entry.bytes.div_ceil(1024);
            ui.label(RichText::new(format!("{} · {kib} KiB", ago(age))).small().weak());
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(Button::new("Recover")).clicked() {
                commands.push(Command::Files(FilesCommand::Recover(entry.id.clone())));
            }
            if ui.add(Button::new("Discard")).on_hover_text("Throws it away for good").clicked() {
                commands.push(Command::Files(FilesCommand::DiscardRecovery(entry.id.clone())));
            }
        });
    });
}

fn ago(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let count = |number: u64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    match minutes {
        0 => "Just now".to_owned(),
        1..60 => count(minutes, "minute"),
        60..2880 => count(minutes / 60, "hour"),
        _ => count(minutes / 1440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_as_people_do() {
        let said = |seconds| ago(Duration::from_secs(seconds));
        assert_eq!(said(59), "Just now");
        assert_eq!(said(60), "1 minute ago");
        assert_eq!(said(3600 * 47), "47 hours ago");
        assert_eq!(said(86_400 * 3), "3 days ago");
    }
}
