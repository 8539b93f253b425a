//! eframe glue: drains the worker threads, draws the panels, applies their commands, carries out the effects.

mod icon;
mod io;
mod log;
mod window;

pub use io::{IoFolders, IoThread};
pub use log::LogFile;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow};
use eframe::egui;
use egui_notify::{Anchor, Toasts};

use crate::atomic_file::{read_capped, write_atomic};
use crate::editor::{
    Command, ControlsCommand, EditorState, Effect, FilesCommand, ModelSummary, Notice, NoticeKind,
    PREFERENCES_MAX_BYTES, PhotoCommand, PhotoOrder, PreferenceChange, Preferences, TrainingCommand, VariationCommand,
    apply,
};
use crate::engine::{EngineDevice, EngineEvent, EngineHandle, ModelRef, PicturePixels, WindowGpu};
use crate::gpu::{self, DeviceChoice};
use crate::photo::PhotoHandle;
use crate::session::FIRST_SAMPLE;
use crate::taxonomy::Taxonomy;
use crate::training::{TrainerHandle, TrainerOptions};
use crate::ui;

const TITLE: &str = "SCGAN Studio";
const APP_ID: &str = "scgan-studio";
const FIRST_MODEL: &str = "portrait";
const SIZE: [f32; 2] = [1360.0, 860.0];
const SIZE_MIN: [f32; 2] = [900.0, 600.0];
const NOTICE_TIME: Duration = Duration::from_secs(4);
const ERROR_TIME: Duration = Duration::from_secs(12);

const HEADLESS: &str = "To render without one, use the command line: \
    `scgan generate --mask template:front --output face.png` (see `scgan generate --help`)";

/// Longest line of a notice, in characters.
const NOTICE_COLUMNS: usize = 64;

/// After so many frames the clipboard has nothing.
const PASTE_FRAMES: u64 = 2;

/// How the editor starts.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// Where the generator computes.
    pub device: DeviceChoice,
    /// A session, mask or model to open.
    pub open: Option<PathBuf>,
}

/// Opens the editor's window and returns when it is closed.
///
/// # Errors
/// There is no display, or no graphics adapter can draw the window. The message names `scgan generate` as the way
/// without one.
pub fn run(options: AppOptions) -> anyhow::Result<()> {
    let taxonomy = Taxonomy::builtin(FIRST_MODEL).context("the portrait taxonomy is missing from this build")?;
    let _log = log::start();
    let folders = IoFolders::of_this_system();
    // Before there is a window that could wait for it.
    let first_run = folders.preferences.as_ref().is_some_and(|path| !path.exists());
    let (preferences, complaint) = read_preferences(&folders);
    let options = AppOptions { device: preferred(options.device, &preferences), ..options };
    let device = options.device;
    let mut viewport = egui::ViewportBuilder::default()
        .with_title(TITLE)
        .with_app_id(APP_ID)
        .with_inner_size(preferences.window_size.unwrap_or(SIZE))
        .with_min_inner_size(SIZE_MIN)
        .with_drag_and_drop(true);
    if let Some(icon) = icon::icon() {
        viewport = viewport.with_icon(icon);
    }
    let create = move |creation: &eframe::CreationContext<'_>, gpu: Option<WindowGpu>| {
        if options.device != DeviceChoice::Cpu {
            // On this thread, which made the window's graphics instance, and before the engine's thread wants a GPU: the
            // Vulkan loader crashes when instances are made on two threads at once.
            gpu::adapters();
        }
        let mut app = App::new(creation, taxonomy.clone(), options.clone(), folders.clone(), gpu);
        app.state.use_preferences(preferences.clone());
        if first_run && options.open.is_none() {
            app.commands.push(Command::OpenSample(FIRST_SAMPLE));
        }
        app.start(creation, complaint.clone());
        app
    };
    window::open(&viewport, device, create).map_err(|error| match error {
        eframe::Error::WinitEventLoop(_) => anyhow!("there is no display to open a window on. {HEADLESS}"),
        error => anyhow!("cannot open a window: {error}. {HEADLESS}"),
    })
}

/// The command line's device, or else the preferred one.
fn preferred(device: DeviceChoice, preferences: &Preferences) -> DeviceChoice {
    if device == DeviceChoice::Auto { preferences.device } else { device }
}

/// The preferences, and what is wrong with their file. A file that can't be understood is kept under another name, since
/// the next change would overwrite it.
fn read_preferences(folders: &IoFolders) -> (Preferences, Option<String>) {
    let Some(path) = folders.preferences.as_ref().filter(|path| path.exists()) else {
        return (Preferences::default(), None);
    };
    let read = read_capped(path, PREFERENCES_MAX_BYTES)
        .map_err(|error| error.to_string())
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no text".to_owned()))
        .and_then(|text| Preferences::parse(&text).map_err(|error| error.to_string()));
    match read {
        Ok((preferences, bad)) if bad.is_empty() => (preferences, None),
        Ok((preferences, bad)) => {
            let complaint = format!("{}: these values cannot be used: {}", path.display(), bad.join(", "));
            (preferences, Some(complaint))
        }
        Err(error) => {
            let kept = path.with_extension("ron.damaged");
            let copied = std::fs::read(path).and_then(|bytes| write_atomic(&kept, &bytes));
            let place = copied.map_or_else(|_| String::new(), |()| format!("; it was kept as {}", kept.display()));
            let complaint = format!("{}: not the preferences: {error}{place}", path.display());
            (Preferences::default(), Some(complaint))
        }
    }
}

struct App {
    state: EditorState,
    engine: EngineHandle,
    trainer: TrainerHandle,
    io: IoThread,
    photo: PhotoHandle,
    toasts: Toasts,
    commands: Vec<Command>,
    title: String,
    render_wanted: bool,
    quitting: bool,
    started: Instant,
    was_focused: bool,
    /// The frame in which the clipboard was asked for a photo, until it has answered.
    pasting_since: Option<u64>,
}

impl App {
    /// `gpu` is one that window and engine can share.
    fn new(
        creation: &eframe::CreationContext<'_>,
        taxonomy: Taxonomy,
        options: AppOptions,
        folders: IoFolders,
        gpu: Option<WindowGpu>,
    ) -> Self {
        let window_has_gpu = gpu.is_some();
        let device = gpu.map_or(EngineDevice::Own(options.device), EngineDevice::from);
        let ctx = creation.egui_ctx.clone();
        ui::theme::install(&ctx);
        if let Some(render_state) = &creation.wgpu_render_state {
            ui::canvas::install(render_state);
        }
        let wake = {
            let ctx = ctx.clone();
            move || ctx.request_repaint()
        };
        let trainer = TrainerOptions { device: options.device, window_has_gpu, state: folders.state.clone() };
        let mut commands = vec![Command::LoadModel(ModelRef::Bundled(FIRST_MODEL.to_owned()))];
        commands.extend(options.open.map(Command::OpenPath));
        Self {
            state: EditorState::new(taxonomy, entropy()),
            engine: EngineHandle::start(device, wake.clone()),
            trainer: TrainerHandle::start(trainer, wake.clone()),
            photo: PhotoHandle::new(wake.clone()),
            io: IoThread::start(folders, wake),
            toasts: Toasts::default()
                .with_anchor(Anchor::BottomRight)
                .with_margin(egui::vec2(12.0, 36.0))
                .with_shadow(ui::theme::SHADOW),
            commands,
            title: TITLE.to_owned(),
            render_wanted: false,
            quitting: false,
            started: Instant::now(),
            was_focused: true,
            pasting_since: None,
        }
    }

    /// What is to be done before anything else.
    fn start(&mut self, creation: &eframe::CreationContext<'_>, complaint: Option<String>) {
        self.commands.push(Command::Files(FilesCommand::Started));
        if let Some(render_state) = &creation.wgpu_render_state {
            let info = render_state.adapter.get_info();
            let graphics = format!("{} ({:?}, {})", info.name, info.backend, info.driver_info);
            self.commands.push(Command::Files(FilesCommand::WindowDrawnBy(graphics)));
        }
        if let Some(text) = complaint {
            tracing::warn!("{text}");
            self.notify(&creation.egui_ctx, Notice { kind: NoticeKind::Error, text });
        }
    }

    /// What the worker threads said since the last frame.
    fn drain(&mut self) {
        while let Some(event) = self.engine.poll_event() {
            self.commands.push(command_from(event));
        }
        self.commands.extend(self.engine.poll_frame().map(Command::FrameArrived));
        self.commands.extend(self.engine.poll_obedience().map(Command::ObedienceArrived));
        while let Some(event) = self.trainer.poll_event() {
            self.commands.push(Command::Training(TrainingCommand::Event(Box::new(event))));
        }
        let progress = self.trainer.poll_progress().map(TrainingCommand::Progress);
        let check = self.trainer.poll_check().map(TrainingCommand::CheckProgress);
        self.commands.extend(progress.into_iter().chain(check).map(Command::Training));
        let progress = self.photo.poll_progress().map(|(job, progress)| PhotoCommand::Progress(job, progress));
        self.commands.extend(progress.map(Command::Photo));
        while let Some((job, event)) = self.photo.poll_event() {
            self.commands.push(Command::Photo(PhotoCommand::Event(job, event)));
        }
        while let Some(done) = self.io.poll() {
            self.commands.push(Command::Io(done));
        }
    }

    /// Lets time pass in the editor, and comes back when the next thing is due.
    fn tick(&mut self, ctx: &egui::Context) {
        self.commands.push(Command::Files(FilesCommand::Tick(self.started.elapsed())));
        self.apply_commands(ctx);
        if let Some(wait) = self.state.next_tick() {
            ctx.request_repaint_after(wait);
        }
    }

    fn apply_commands(&mut self, ctx: &egui::Context) {
        for command in std::mem::take(&mut self.commands) {
            for effect in apply(&mut self.state, command) {
                self.carry_out(ctx, effect);
            }
        }
        // Many commands of one frame make one request.
        if std::mem::take(&mut self.render_wanted)
            && let Some(request) = self.state.live_request()
        {
            self.engine.submit(request);
        }
    }

    fn carry_out(&mut self, ctx: &egui::Context, effect: Effect) {
        match effect {
            Effect::Render => self.render_wanted = true,
            Effect::Engine(command) => self.engine.send(command),
            Effect::DrawWall(wall) => self.engine.draw_wall(*wall),
            Effect::MeasureInfluence(request) => self.engine.measure_influence(*request),
            Effect::Train(command) => self.trainer.send(command),
            Effect::Photo(PhotoOrder::Start(number, job)) => self.photo.start(number, *job),
            Effect::Photo(PhotoOrder::Cancel) => self.photo.cancel(),
            Effect::Paste => {
                ctx.send_viewport_cmd(egui::ViewportCommand::RequestPaste);
                self.pasting_since = Some(ctx.cumulative_frame_nr());
            }
            Effect::Io(job) => self.io.send(job),
            Effect::Chore(chore) => self.io.send_chore(chore),
            Effect::CopyText(text) => ctx.copy_text(text),
            Effect::Notify(notice) => self.notify(ctx, notice),
            Effect::Quit => {
                self.quitting = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    fn notify(&mut self, ctx: &egui::Context, notice: Notice) {
        let text = wrapped(&notice.text, NOTICE_COLUMNS);
        let (icon, color) = ui::theme::notice_mark(notice.kind, ui::theme::palette(&ctx.global_style().visuals));
        let time = if notice.kind == NoticeKind::Error { ERROR_TIME } else { NOTICE_TIME };
        self.toasts.custom(text, icon.codepoint.to_owned(), color).duration(time).closable(false);
    }

    /// What the clipboard was asked for comes as an event of the next frame or the one after, or not at all.
    fn await_paste(&mut self, ctx: &egui::Context) {
        let Some(asked) = self.pasting_since else { return };
        let frames = ctx.cumulative_frame_nr().saturating_sub(asked);
        match ctx.input_mut(|input| photo_pasted(&mut input.events)) {
            Pasted::Picture => self.pasting_since = None,
            Pasted::Nothing if frames < PASTE_FRAMES => ctx.request_repaint(),
            pasted => {
                self.pasting_since = None;
                let is_text = pasted == Pasted::Text;
                self.commands.push(Command::Photo(PhotoCommand::NothingToPaste { is_text }));
            }
        }
    }

    /// The window's close button asks first when there is something to lose.
    fn window_events(&mut self, ctx: &egui::Context) {
        if ctx.input(|input| input.viewport().close_requested()) && !self.quitting {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.commands.push(Command::CloseRequested);
        }
        let dropped: Vec<PathBuf> =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if !dropped.is_empty() {
            self.commands.push(Command::Files(FilesCommand::Dropped(dropped)));
        }
        let focused = ctx.input(|input| input.focused);
        if focused && !self.was_focused {
            self.commands.push(Command::Files(FilesCommand::Focused));
        }
        self.was_focused = focused;
    }

    /// Noted as it changes, so that it is there at the next start however this one ends.
    fn note_window_size(&mut self, ctx: &egui::Context) {
        let scale = ctx.zoom_factor();
        let size = ctx.input(|input| {
            let viewport = input.viewport();
            let usual = viewport.maximized != Some(true) && viewport.fullscreen != Some(true);
            viewport.inner_rect.filter(|_| usual).map(|rect| [rect.width() * scale, rect.height() * scale])
        });
        // While it is being dragged there is a new size every frame; the last one counts.
        let held = ctx.input(|input| input.pointer.any_down());
        if let Some(size) = size.map(|size| size.map(f32::round))
            && !held
            && self.state.preferences.window_size != Some(size)
        {
            self.commands.push(Command::Files(FilesCommand::Prefer(PreferenceChange::WindowSize(size))));
        }
    }

    fn update_title(&mut self, ctx: &egui::Context) {
        let name = self.state.path.as_ref().and_then(|path| path.file_stem());
        let name = name.map_or_else(|| "Untitled".into(), |name| name.to_string_lossy());
        let mark = if self.state.is_dirty() { "• " } else { "" };
        let title = format!("{mark}{name} — {TITLE}");
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.drain();
        self.apply_commands(ctx);
        self.tick(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        ctx.set_theme(ui::theme::preference(self.state.theme));
        ctx.set_zoom_factor(self.state.preferences.ui_scale);
        self.await_paste(&ctx);
        ui::show(ui, &self.state, &mut self.commands);
        self.window_events(&ctx);
        self.note_window_size(&ctx);
        if !self.commands.is_empty() {
            self.apply_commands(&ctx);
            ctx.request_repaint();
        }
        self.update_title(&ctx);
        self.toasts.show(&ctx);
    }
}

fn command_from(event: EngineEvent) -> Command {
    match event {
        EngineEvent::DeviceReady { description, .. } => Command::DeviceReady(description),
        EngineEvent::MovedToCpu { reason } => Command::EngineTrouble(format!("Computing on the CPU now: {reason}")),
        EngineEvent::ModelLoaded { model, card, directions } => {
            Command::ModelLoaded(Box::new(ModelSummary::new(model, *card, directions)))
        }
        EngineEvent::LoadFailed { message } => Command::ModelFailed(message),
        EngineEvent::PictureRead { width, height, rgba, .. } => {
            Command::PictureRead(PicturePixels { width, height, rgba })
        }
        EngineEvent::PictureNotRead { message } => {
            Command::PictureNotRead(format!("The picture was not exported: {message}"))
        }
        EngineEvent::WallDrawn { number, pictures } => Command::Variation(VariationCommand::Drawn { number, pictures }),
        EngineEvent::WallFailed { number, message } => Command::Variation(VariationCommand::Failed { number, message }),
        EngineEvent::InfluenceMeasured { number, measured } => {
            Command::Controls(ControlsCommand::Measured { number, measured })
        }
        EngineEvent::InfluenceFailed { number, message } => {
            Command::Controls(ControlsCommand::Failed { number, message })
        }
        EngineEvent::Panicked { message } => Command::EngineTrouble(format!("A job failed: {message}")),
        EngineEvent::RenderFailed { generation, message } => Command::RenderFailed { generation, message },
    }
}

/// What came from the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pasted {
    Picture,
    Text,
    Nothing,
}

/// Looks for a picture. A text is taken away: who asks for a photo does not mean the part of a mask that was copied.
fn photo_pasted(events: &mut Vec<egui::Event>) -> Pasted {
    let before = events.len();
    events.retain(|event| !matches!(event, egui::Event::Paste(_)));
    if events.iter().any(|event| matches!(event, egui::Event::PasteImage(_))) {
        Pasted::Picture
    } else if events.len() < before {
        Pasted::Text
    } else {
        Pasted::Nothing
    }
}

/// Lines of at most `columns` characters where words allow; toasts don't wrap by themselves.
fn wrapped(text: &str, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// For the randomise button only; nothing that has to be repeatable.
fn entropy() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(test)]
mod blocked_engine_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_pasted_and_a_text_is_not() {
        use egui::Event;
        let text = || Event::Paste("text".to_owned());
        let picture = || Event::PasteImage(std::sync::Arc::new(egui::ColorImage::example()));
        for (mut events, pasted, left) in [
            (vec![Event::Copy, picture()], Pasted::Picture, 2),
            (vec![text(), Event::Copy], Pasted::Text, 1),
            (vec![text(), picture()], Pasted::Picture, 1),
            (vec![Event::Copy], Pasted::Nothing, 1),
        ] {
            assert_eq!((photo_pasted(&mut events), events.len()), (pasted, left));
        }
    }

    #[test]
    fn long_notices_wrap_between_words() {
        let text = "The file /a/very/long/path/that/does/not/fit could not be read; choose another one";
        let lines = wrapped(text, 20);
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        assert!(lines.lines().all(|line| line.chars().count() <= 20 || !line.contains(' ')), "{lines}");
    }
}
