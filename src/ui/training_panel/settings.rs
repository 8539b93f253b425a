//! What to train, and how.

use std::ops::RangeInclusive;

use eframe::egui::emath::Numeric;
use eframe::egui::{Checkbox, CollapsingHeader, ComboBox, DragValue, Label, RichText, TextEdit, Ui};

use super::{WIDE, action, chip, empty, section, theme};
use crate::editor::{Action, Command, EditorState, Preset, StartMode, TrainingCommand};
use crate::model::{DiscriminatorConfig, GeneratorKind};
use crate::train::TrainConfig;

const RESOLUTIONS: [usize; 4] = [64, 128, 256, 512];
/// Width of a setting's name, in points.
const NAME: f32 = 140.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let settings = &state.training.settings;
    ui.horizontal_wrapped(|ui| {
        for mode in StartMode::ALL {
            if chip(ui, mode.title(), mode.hint(), settings.mode == mode) {
                commands.push(Command::Training(TrainingCommand::SetMode(mode)));
            }
        }
    });
    match settings.mode {
        StartMode::FineTune => open_model(ui, state),
        StartMode::Scratch => presets(ui, state, commands),
    }
    ui.add_space(theme::GAP_SMALL);
    start(ui, state, commands);
    ui.add_space(theme::GAP_SMALL);
    let mut config = settings.config.clone();
    let c = &mut config;
    let mut cadence = settings.cadence;
    let mut usual = |ui: &mut Ui| {
        number(ui, "Steps", "Updates of the generator in the whole run", &mut c.steps, 1..=10_000_000, 10.0);
        number(ui, "Batch", "Images per update; more take more memory", &mut c.batch, 1..=256, 0.1);
        let hint = "Steps between checkpoints: each is rendered for the pinned canvases, and is where a run goes on";
        number(ui, "Checkpoint every", hint, &mut cadence.checkpoint_every, 1..=1_000_000, 5.0);
    };
    if ui.available_width() > WIDE {
        ui.columns_const(|[left, right]| {
            usual(left);
            names(right, state, commands);
        });
    } else {
        usual(ui);
        names(ui, state, commands);
    }
    CollapsingHeader::new("Advanced").id_salt("training_advanced").show(ui, |ui| {
        advanced(ui, c, settings.mode);
        if settings.mode == StartMode::FineTune {
            let mut warmup = settings.critic_warmup;
            let hint = "Updates of the critics before the generator moves: model files carry no discriminator";
            number(ui, "Critics first", hint, &mut warmup, 0..=100_000, 1.0);
            if warmup != settings.critic_warmup {
                commands.push(Command::Training(TrainingCommand::SetCriticWarmup(warmup)));
            }
        }
        section::group(ui, "What is written");
        number(ui, "Log every", "Steps between lines of the log", &mut cadence.log_every, 1..=10_000, 0.2);
        number(
            ui,
            "Samples every",
            "Steps between sheets of samples; 0 for none",
            &mut cadence.sample_every,
            0..=1_000_000,
            5.0,
        );
        let hint = "Checkpoints at multiples of this are never thinned out; 0 for none";
        number(ui, "Keep every", hint, &mut cadence.keep_every, 0..=1_000_000, 10.0);
        switch(ui, "TensorBoard files", "Also write event files that TensorBoard reads", &mut cadence.tensorboard);
    });
    if config != settings.config {
        commands.push(Command::Training(TrainingCommand::Configure(Box::new(config))));
    }
    if cadence != settings.cadence {
        commands.push(Command::Training(TrainingCommand::SetCadence(cadence)));
    }
}

fn start(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        action(ui, state, Action::StartTraining, commands);
        action(ui, state, Action::ContinueRun, commands);
        if let Some(folder) = &state.training.runs_folder {
            let folder = folder.join(state.training.run_name()).display().to_string();
            ui.add(Label::new(RichText::new(format!("in {folder}")).small().weak()).truncate()).on_hover_text(folder);
        }
    });
}

fn open_model(ui: &mut Ui, state: &EditorState) {
    let Some(model) = &state.model.loaded else {
        return empty(ui, "No model is open. Choose one in the Model menu, or train from scratch.");
    };
    let text = format!("«{}», {} pixels, {}", model.title, model.resolution, model.taxonomy.title);
    ui.add(Label::new(RichText::new(text).weak()).wrap());
    let data = state.training.checked().and_then(|checked| checked.taxonomy.as_ref());
    if let Some(data) = data.filter(|data| !data.has_channels_of(&model.taxonomy)) {
        let text = format!(
            "The data set has other labels or attributes ({}): they go by name, and what has no counterpart is left out.",
            data.title
        );
        ui.add(Label::new(RichText::new(text).small().color(theme::palette(ui.visuals()).busy)).wrap());
    }
}

fn presets(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        for preset in Preset::ALL {
            if chip(ui, preset.title(), preset.hint(), state.training.settings.preset == Some(preset)) {
                commands.push(Command::Training(TrainingCommand::UsePreset(preset)));
            }
        }
        if state.training.settings.preset.is_none() {
            ui.label(RichText::new("own settings").small().weak());
        }
    });
}

fn names(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let settings = &state.training.settings;
    let name = state.training.run_name();
    type Typed = fn(String) -> TrainingCommand;
    let fields: [(&str, &str, &str, Typed); 3] = [
        ("Name", &settings.name, &name, TrainingCommand::TypeName),
        ("Title", &settings.title, &name, TrainingCommand::TypeTitle),
        ("Licence", &settings.license, "unspecified", TrainingCommand::TypeLicense),
    ];
    for (title, value, otherwise, command) in fields {
        row(ui, title, "As the model's card will say", |ui, label| {
            let mut text = value.to_owned();
            let field = TextEdit::singleline(&mut text).hint_text(otherwise).desired_width(220.0);
            if ui.add(field).labelled_by(label).changed() {
                commands.push(Command::Training(command(text)));
            }
        });
    }
}

fn advanced(ui: &mut Ui, c: &mut TrainConfig, mode: StartMode) {
    if mode == StartMode::Scratch {
        section::group(ui, "Networks");
        row(ui, "Resolution", "Side of the pictures, in pixels", |ui, label| {
            let combo = ComboBox::from_id_salt("training_resolution").selected_text(c.resolution.to_string());
            let response = combo.show_ui(ui, |ui| {
                for side in RESOLUTIONS {
                    ui.selectable_value(&mut c.resolution, side, side.to_string());
                }
            });
            response.response.labelled_by(label);
        });
        number(ui, "Width of G", "Channels of its first layer", &mut c.generator_width, 1..=256, 0.2);
        number(ui, "Width of D", "Channels of its first layer", &mut c.discriminator_width, 1..=256, 0.2);
        number(ui, "Width of S", "Channels of its first layer", &mut c.segmentor_width, 1..=256, 0.2);
        number(ui, "Latent numbers", "Length of z", &mut c.n_z, 1..=4096, 1.0);
    }
    section::group(ui, "Learning");
    rate(ui, "Rate of G", &mut c.generator_rate);
    rate(ui, "Rate of D", &mut c.discriminator_rate);
    rate(ui, "Rate of S", &mut c.segmentor_rate);
    number(ui, "Critics per step", "Updates of D and S before each of G", &mut c.critic_updates, 1..=50, 0.05);
    number(
        ui,
        "Decay",
        "Part of the run, at its end, over which the rates fall to zero",
        &mut c.decay,
        0.0..=1.0,
        0.01,
    );
    number(ui, "Average", "Decay of the moving average of G's weights", &mut c.average_decay, 0.0..=0.9999, 0.001);
    section::group(ui, "Losses");
    number(ui, "λ gradient penalty", "Weight of the gradient penalty", &mut c.lambda_gp, 0.0..=100.0, 0.1);
    number(ui, "λ segmentation", "Weight of the segmentation loss", &mut c.lambda_seg, 0.0..=100.0, 0.05);
    number(ui, "λ attributes", "Weight of the classification loss", &mut c.lambda_cls, 0.0..=100.0, 0.05);
    let hint = "How much pictures of one mask shall change with the latent; not in the paper";
    number(ui, "λ diversity", hint, &mut c.lambda_diversity, 0.0..=1000.0, 0.2);
    let hint = "How much the segmentation loss makes up for small labels such as brows: 0 not at all, as in the paper; 1 all labels \
        count the same";
    number(ui, "Label balance", hint, &mut c.label_balance, 0.0..=1.0, 0.01);
    section::group(ui, "Ablations");
    let paper = TrainConfig::default();
    ablation(ui, "Without segmentor", "Train without the segmentation loss", &mut c.lambda_seg, paper.lambda_seg);
    ablation(ui, "Without classifier", "Train without the attribute loss", &mut c.lambda_cls, paper.lambda_cls);
    if mode == StartMode::Scratch {
        let mut all_at_once = c.generator == GeneratorKind::AllAtOnce;
        switch(ui, "All inputs at once", "Give the generator mask, latent and attributes together", &mut all_at_once);
        c.generator = if all_at_once { GeneratorKind::AllAtOnce } else { GeneratorKind::StepByStep };
    }
    section::group(ui, "What D sees, real and generated alike");
    strength(ui, "Change colours", "Brightness, saturation and contrast", &mut c.augment_color);
    strength(ui, "Shift", "By up to an eighth of the side", &mut c.augment_translation);
    strength(ui, "Cut out", "A hole of up to half the side", &mut c.augment_cutout);
    let hint = "First convolutions of D that stay as they are once the warm-up is over";
    number(ui, "Frozen layers of D", hint, &mut c.freeze_discriminator_layers, 0..=DiscriminatorConfig::DEPTH, 0.05);
    section::group(ui, "Data");
    let hint = "Samples that are only judged by; 0 holds a tenth out where there are at least forty";
    number(ui, "Held out", hint, &mut c.held_out, 0..=10_000, 0.2);
    switch(ui, "Mirror half of the images", "Every image is as likely to be seen mirrored", &mut c.flip);
    number(ui, "Threads that read", "Threads that decode images", &mut c.loader_threads, 1..=32, 0.05);
    number(ui, "Seed", "Of weights, noise and order", &mut c.seed, 0..=u64::from(u32::MAX), 1.0);
}

/// A name, and something to change at its right.
fn row(ui: &mut Ui, title: &str, hint: &str, contents: impl FnOnce(&mut Ui, eframe::egui::Id)) {
    ui.horizontal(|ui| {
        let width = NAME.min(ui.available_width() * 0.45);
        let label = ui
            .allocate_ui(eframe::egui::vec2(width, ui.spacing().interact_size.y), |ui| {
                ui.set_min_width(width);
                ui.horizontal_centered(|ui| ui.add(Label::new(title).truncate())).inner
            })
            .inner
            .on_hover_text(hint);
        contents(ui, label.id);
    });
}

fn number<T: Numeric>(ui: &mut Ui, title: &str, hint: &str, value: &mut T, range: RangeInclusive<T>, speed: f64) {
    row(ui, title, hint, |ui, label| {
        ui.add(DragValue::new(value).range(range).speed(speed)).labelled_by(label).on_hover_text(hint);
    });
}

fn rate(ui: &mut Ui, title: &str, value: &mut f64) {
    let hint = "Learning rate, in millionths";
    row(ui, title, hint, |ui, label| {
        let mut millionths = *value * 1e6;
        let drag = DragValue::new(&mut millionths).range(0.0..=10_000.0).speed(0.2).suffix("e-6").max_decimals(2);
        if ui.add(drag).labelled_by(label).on_hover_text(hint).changed() {
            *value = millionths * 1e-6;
        }
    });
}

/// 0 for none, to 1.
fn strength(ui: &mut Ui, title: &str, hint: &str, value: &mut f64) {
    number(ui, title, &format!("{hint}; 0 for none"), value, 0.0..=1.0, 0.01);
}

fn switch(ui: &mut Ui, title: &str, hint: &str, value: &mut bool) {
    ui.add(Checkbox::new(value, title)).on_hover_text(hint);
}

/// A loss that counts nothing, or as much as in the paper.
fn ablation(ui: &mut Ui, title: &str, hint: &str, lambda: &mut f64, usual: f64) {
    let mut without = *lambda == 0.0;
    if ui.add(Checkbox::new(&mut without, title)).on_hover_text(hint).changed() {
        *lambda = if without { 0.0 } else { usual };
    }
}
