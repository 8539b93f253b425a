//! Exporting an animation: frame after frame is asked of the engine, one at a time so that a stroke never waits for more
//! than one, and then a thread of its own writes the file.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use image::RgbImage;

use crate::document::Timeline;
use crate::editor::exports::Awaited;
use crate::editor::{EditorState, Effect, IoJob, IoTask};
use crate::engine::{EngineCommand, LiveRequest, PicturePixels};
use crate::export::{Animation, AnimationFormat, Dither, ExportSettings, FPS_RANGE, FRAME_SIDE_RANGE, UpscaleFilter};
use crate::timeline::Player;

/// How an animation is exported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnimationOptions {
    /// As what.
    pub format: AnimationFormat,
    /// Longer side of a frame, in pixels.
    pub side_px: u32,
    /// Frames per second.
    pub fps: f32,
    /// How frames are enlarged.
    pub filter: UpscaleFilter,
    /// How a GIF's colours stand for more.
    pub dither: Dither,
}

impl Default for AnimationOptions {
    fn default() -> Self {
        Self {
            format: AnimationFormat::Gif,
            side_px: 512,
            fps: 16.0,
            filter: UpscaleFilter::Cubic,
            dither: Dither::Pattern,
        }
    }
}

impl AnimationOptions {
    pub(super) fn set_side(&mut self, side_px: u32) {
        self.side_px = side_px.clamp(*FRAME_SIDE_RANGE.start(), *FRAME_SIDE_RANGE.end());
    }

    pub(super) fn set_fps(&mut self, fps: f32) {
        if fps.is_finite() {
            self.fps = fps.clamp(*FPS_RANGE.start(), *FPS_RANGE.end());
        }
    }

    /// Number of frames of a timeline; at least two.
    pub fn frames(&self, timeline: &Timeline) -> usize {
        ((timeline.duration_s() * self.fps).round() as usize).max(2)
    }
}

/// Shared with the thread that writes.
#[derive(Debug, Default)]
pub struct ExportTicket {
    written: AtomicUsize,
    cancelled: AtomicBool,
}

impl ExportTicket {
    /// Notes how many frames are written; answers whether to go on.
    pub fn wrote(&self, frames: usize) -> std::ops::ControlFlow<()> {
        self.written.store(frames, Ordering::Relaxed);
        if self.cancelled.load(Ordering::Relaxed) {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    }

    /// How many frames are written.
    pub(in crate::editor) fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// Stops the thread that writes, at its next frame.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// An export under way.
#[derive(Debug)]
pub struct AnimationExport {
    number: u64,
    path: PathBuf,
    options: AnimationOptions,
    timeline: Timeline,
    player: Player,
    times: Vec<f32>,
    frames: Vec<RgbImage>,
    drawn: usize,
    ticket: Arc<ExportTicket>,
}

impl AnimationExport {
    /// How much is done, 0 to 1: half of it is drawing, half writing.
    pub fn progress(&self) -> f32 {
        let all = self.times.len().max(1) as f32;
        let written = self.ticket.written();
        ((self.drawn + written) as f32 / (2.0 * all)).min(1.0)
    }
}

impl EditorState {
    pub(super) fn choose_animation_file(&mut self, effects: &mut Vec<Effect>) {
        self.dialog = None;
        let format = self.timeline.options.format;
        effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChooseAnimation { format } }));
    }

    /// The file's own extension does not count: the dialog says what it becomes.
    pub(in crate::editor) fn export_animation(&mut self, path: PathBuf, effects: &mut Vec<Effect>) {
        if self.timeline.export.is_some() {
            return;
        }
        self.timeline.last_export += 1;
        let (options, timeline) = (self.timeline.options, self.document.timeline.clone());
        let times = timeline.frame_times(options.frames(&timeline));
        self.timeline.export = Some(AnimationExport {
            number: self.timeline.last_export,
            path,
            options,
            timeline,
            player: Player::default(),
            times,
            frames: Vec::new(),
            drawn: 0,
            ticket: Arc::default(),
        });
        self.ask_for_frame(effects);
    }

    fn ask_for_frame(&mut self, effects: &mut Vec<Effect>) {
        let generation = self.live.wanted;
        let Some(export) = &mut self.timeline.export else { return };
        let at_s = export.times.get(export.drawn);
        let Some(look) = at_s.and_then(|&at_s| export.player.look(&export.timeline, at_s)) else { return };
        let request =
            LiveRequest { generation, labels: look.labels, attributes: look.attributes.into(), latent: look.latent };
        self.exports.push_back(Awaited::Frame(export.number));
        effects.push(Effect::Engine(EngineCommand::ReadPicture(Box::new(request))));
    }

    pub(in crate::editor) fn frame_read(&mut self, number: u64, pixels: PicturePixels, effects: &mut Vec<Effect>) {
        let Some(export) = self.timeline.export.as_mut().filter(|export| export.number == number) else { return };
        let Some(frame) = pixels.to_rgb() else {
            self.timeline.export = None;
            return effects.push(Effect::error("The animation was not exported: a frame is no picture; try again."));
        };
        export.frames.push(frame);
        export.drawn += 1;
        if export.drawn < export.times.len() {
            return self.ask_for_frame(effects);
        }
        let options = export.options;
        let animation =
            Animation { frames: std::mem::take(&mut export.frames), fps: options.fps, looped: export.timeline.looped };
        let settings = ExportSettings { side_px: options.side_px, filter: options.filter, dither: options.dither };
        let task = IoTask::ExportAnimation {
            format: options.format,
            animation: Box::new(animation),
            settings,
            ticket: Arc::clone(&export.ticket),
        };
        effects.push(Effect::Io(IoJob { path: Some(export.path.clone()), task }));
    }

    /// A frame could not be drawn, so there is no animation.
    pub(in crate::editor) fn frame_not_read(&mut self, number: u64) {
        if self.timeline.export.as_ref().is_some_and(|export| export.number == number) {
            self.timeline.export = None;
        }
    }

    pub(super) fn cancel_animation(&mut self, effects: &mut Vec<Effect>) {
        if let Some(export) = self.timeline.export.take() {
            export.ticket.cancel();
            effects.push(Effect::info("The export was cancelled. No file was left."));
        }
    }

    /// The thread that writes is through with it; nothing is said about an export that was cancelled.
    pub(in crate::editor) fn animation_written(
        &mut self,
        ticket: &Arc<ExportTicket>,
        error: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(export) = self.timeline.export.take_if(|export| Arc::ptr_eq(&export.ticket, ticket)) else { return };
        effects.push(match error {
            Some(error) => Effect::error(error),
            None => Effect::success(format!("Saved {}", crate::editor::files::short(&export.path))),
        });
    }
}
