//! The run as numbers and lines, and its checkpoints.

use eframe::egui::{Align, Grid, Label, Layout, ProgressBar, RichText, Ui};

use super::{WIDE, action, bytes, curves, duration, empty, section, theme, titled_action};
use crate::editor::{Action, Command, EditorState, RunPhase, TrainingCommand};
use crate::train::{CheckpointInfo, Kept};
use crate::training::RunEnd;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let run = &state.training.run;
    if let RunPhase::Ended(RunEnd::Failed(message)) = &run.phase {
        ui.add(Label::new(RichText::new(message).color(theme::palette(ui.visuals()).error)).wrap());
    } else if let Some(trouble) = &run.trouble {
        ui.add(Label::new(RichText::new(trouble).color(theme::palette(ui.visuals()).busy)).wrap());
    }
    buttons(ui, state, commands);
    if run.facts.is_none() {
        return empty(
            ui,
            match run.phase {
                RunPhase::Starting => "The networks are being set up.",
                _ => "Nothing has been trained yet. Choose a data set, look at the settings, and start.",
            },
        );
    }
    ui.add_space(theme::GAP_SMALL);
    if ui.available_width() > WIDE {
        ui.horizontal_top(|ui| {
            let width = ui.available_width();
            ui.allocate_ui_with_layout(eframe::egui::vec2(width * 0.4, 0.0), Layout::top_down(Align::Min), |ui| {
                numbers(ui, state);
                checkpoints(ui, state, commands);
            });
            ui.vertical(|ui| curves::show(ui, state, commands));
        });
    } else {
        numbers(ui, state);
        curves::show(ui, state, commands);
        checkpoints(ui, state, commands);
    }
}

fn buttons(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let phase = &state.training.run.phase;
    ui.horizontal_wrapped(|ui| {
        match phase {
            RunPhase::Running => titled_action(ui, state, Action::PauseTraining, "Pause", commands),
            RunPhase::Paused => titled_action(ui, state, Action::PauseTraining, "Resume", commands),
            _ => {}
        }
        if phase.is_active() {
            titled_action(ui, state, Action::StopTraining, "Stop", commands);
            titled_action(ui, state, Action::SaveCheckpoint, "Checkpoint now", commands);
            titled_action(ui, state, Action::FollowTraining, "Follow in canvas", commands);
        } else {
            action(ui, state, Action::StartTraining, commands);
            if let Some(folder) = state.continuable() {
                let hint = format!("Go on from the newest checkpoint in {}", folder.display());
                if ui.button("Continue this run").on_hover_text(hint).clicked() {
                    commands.push(Command::Training(TrainingCommand::ContinueLast));
                }
            }
        }
    });
}

fn numbers(ui: &mut Ui, state: &EditorState) {
    let run = &state.training.run;
    let Some(facts) = &run.facts else { return };
    let progress = run.progress.unwrap_or_default();
    let part = if progress.steps == 0 { 0.0 } else { progress.step as f32 / progress.steps as f32 };
    let palette = theme::palette(ui.visuals());
    let bar = ProgressBar::new(part).desired_height(8.0).fill(palette.accent);
    ui.add(bar).on_hover_text(format!("{:.1} %", part * 100.0));
    let mut rows = vec![
        ("Run", format!("{}, {} pixels, batch {}", facts.name, facts.config.resolution, facts.config.batch)),
        ("Step", format!("{} of {}", progress.step, progress.steps)),
    ];
    rows.extend(progress.warm_up.map(|(done, of)| ("Critics first", format!("{done} of {of} updates"))));
    if run.phase == RunPhase::Running && progress.steps_per_s > 0.0 {
        rows.push(("Speed", format!("{:.2} steps/s, {:.1} images/s", progress.steps_per_s, progress.images_per_s)));
        rows.extend(progress.eta_s.map(|eta| ("Left", duration(eta))));
    }
    let memory = progress.memory_bytes.map(|memory| format!("{} of memory, ", bytes(memory))).unwrap_or_default();
    if progress.disk_bytes > 0 || !memory.is_empty() {
        rows.push(("Uses", format!("{memory}{} on disk", bytes(progress.disk_bytes))));
    }
    rows.push(("Device", facts.device.clone()));
    rows.push(("Data", facts.data.clone()));
    rows.extend(run.samples.as_ref().map(|path| ("Samples", path.display().to_string())));
    let grid = Grid::new("training_numbers").num_columns(2).spacing([12.0, 1.0]).min_row_height(17.0);
    ui.spacing_mut().interact_size.y = 17.0;
    grid.show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).small().weak());
            ui.add(Label::new(RichText::new(&value).small()).truncate()).on_hover_text(value);
            ui.end_row();
        }
    });
    for note in &facts.notes {
        ui.add(Label::new(RichText::new(note).small().weak()).wrap());
    }
    ui.add_space(theme::GAP_SMALL);
}

fn checkpoints(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let checkpoints = &state.training.run.checkpoints;
    section::group(ui, "Checkpoints");
    if checkpoints.is_empty() {
        let every = state.training.settings.cadence.checkpoint_every;
        return section::group(
            ui,
            &format!("The first one is written at step {every}, or at once with «Checkpoint now»."),
        );
    }
    let newest = checkpoints.last().map(|checkpoint| checkpoint.step);
    for checkpoint in checkpoints.iter().rev() {
        line(ui, checkpoint, newest == Some(checkpoint.step), commands);
    }
}

/// Why a checkpoint has not been thinned out, where that is worth saying.
const fn why_kept(kept: Kept) -> Option<&'static str> {
    match kept {
        Kept::Last => None,
        Kept::Best => Some("best"),
        Kept::EveryNth => Some("kept"),
        Kept::ModelOnly => Some("model only"),
    }
}

fn line(ui: &mut Ui, checkpoint: &CheckpointInfo, newest: bool, commands: &mut Vec<Command>) {
    let step = checkpoint.step;
    ui.horizontal(|ui| {
        let mut facts = vec![bytes(checkpoint.bytes)];
        facts.extend(checkpoint.score.map(|score| format!("score {score:.3}")));
        facts.extend(newest.then(|| "newest".to_owned()));
        facts.extend(why_kept(checkpoint.kept).filter(|_| !newest).map(str::to_owned));
        ui.label(RichText::new(format!("Step {step}")));
        ui.label(RichText::new(facts.join(" · ")).small().weak()).on_hover_text(checkpoint.path.display().to_string());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let buttons = [
                (theme::ICON_DELETE, "Delete", "Remove it from disk", TrainingCommand::DeleteCheckpoint(step), !newest),
                (
                    theme::ICON_KEEP_MODEL,
                    "Use as model",
                    "Keep its model in the Model menu",
                    TrainingCommand::UseAsModel(step),
                    true,
                ),
                (
                    theme::ICON_SHOWN,
                    "Show in canvas",
                    "Let it draw the picture",
                    TrainingCommand::ShowInCanvas(step),
                    true,
                ),
            ];
            for (icon, verb, hint, command, possible) in buttons {
                let name = format!("{verb}: step {step}");
                let hint = if possible { hint } else { "The run continues from the newest checkpoint, so it stays" };
                let clicked = ui
                    .add_enabled_ui(possible, |ui| section::small_button(ui, icon, &name, hint, false).clicked())
                    .inner;
                if clicked {
                    commands.push(Command::Training(command));
                }
            }
        });
    });
}
