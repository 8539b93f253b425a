//! From a photograph to the document: framing, what the model reads in it, and the fit of the latent code.

use std::sync::Arc;

use image::{RgbImage, RgbaImage};

use super::files::{DEFAULT_SIDE_PX, default_snapshot};
use super::state::Dialog;
use super::{Action, CanvasCommand, EditorState, Effect, GUIDE_SIDE_MAX_PX, GuidePhoto};
use crate::document::LabelMap;
use crate::engine::ModelRef;
use crate::photo::{
    Fit, FitProgress, FitSettings, FitTarget, FrameGuides, Framing, GuideShape, PhotoEvent, PhotoJob, Proposal,
};
use crate::session::View;

/// Sides of the layout that guides are taken from, in pixels.
const GUIDE_LAYOUT_PX: u32 = 128;

/// What is going on with photos.
#[derive(Clone, Debug, Default)]
pub struct PhotoView {
    /// The photo being framed.
    pub framing: Option<PhotoFraming>,
    /// The fit of a code.
    fit: Option<PhotoFit>,
    /// The photo that the document was read off.
    framed: Option<FramedPhoto>,
    last_job: u64,
}

/// A photo being framed.
#[derive(Clone, Debug)]
pub struct PhotoFraming {
    /// The photo.
    pub photo: Arc<RgbaImage>,
    /// What it is called.
    pub name: String,
    /// What of it becomes the picture.
    pub frame: Framing,
    /// Where the model expects the person in the frame.
    pub guides: FrameGuides,
    /// The job that reads it, once it was asked for.
    reading: Option<u64>,
}

impl PhotoFraming {
    /// Whether mask and attributes are being read.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }
}

/// A framed photo, the model that reads it and the document it belongs to.
#[derive(Clone, Debug)]
struct FramedPhoto {
    picture: Arc<RgbImage>,
    model: ModelRef,
    document: u64,
}

/// A fit under way or done.
#[derive(Clone, Debug)]
pub struct PhotoFit {
    /// What is matched.
    pub framed: Arc<RgbImage>,
    /// The newest; none before the first random code was tried.
    pub progress: Option<Arc<FitProgress>>,
    /// Whether it is done.
    pub is_done: bool,
    job: u64,
    model: ModelRef,
    document: u64,
}

/// What happens about photos.
#[derive(Clone, Debug)]
pub enum PhotoCommand {
    /// A photo is there: frame it.
    Opened {
        /// What it is called.
        name: String,
        /// Its pixels.
        photo: Arc<RgbaImage>,
    },
    /// The clipboard was asked for a photo and has none; whether it has a text.
    NothingToPaste {
        /// A text is there.
        is_text: bool,
    },
    /// Frame it like this.
    Frame(Framing),
    /// Read mask and attributes in the frame.
    Read,
    /// Take the best code so far.
    UseFit,
    /// Call the fit off and forget it.
    CancelFit,
    /// A job ended; its number.
    Event(u64, PhotoEvent),
    /// A fit went on; its job's number.
    Progress(u64, FitProgress),
}

/// What the editor asks of the thread for photos.
#[derive(Clone, Debug)]
pub enum PhotoOrder {
    /// Start a job under this number, in the place of any other.
    Start(u64, Box<PhotoJob>),
    /// Call off what is running.
    Cancel,
}

impl EditorState {
    /// The fit of this document's photo.
    pub fn photo_fit(&self) -> Option<&PhotoFit> {
        let here = |fit: &&PhotoFit| fit.document == self.files.autosave.document && self.uses_model(&fit.model);
        self.photo.fit.as_ref().filter(here)
    }

    pub(super) fn photo_command(&mut self, command: PhotoCommand, effects: &mut Vec<Effect>) {
        match command {
            PhotoCommand::NothingToPaste { is_text } => {
                let what = if is_text { "a text, but no picture" } else { "no picture" };
                effects.push(Effect::info(format!(
                    "There is {what} on the clipboard. Copy a photo in another program first, or open a file with «Photo in…»."
                )));
            }
            PhotoCommand::Opened { name, photo } => self.photo_opened(name, photo, effects),
            PhotoCommand::Frame(frame) => {
                if let Some(framing) = self.photo.framing.as_mut().filter(|framing| !framing.is_reading()) {
                    let (width, height) = framing.photo.dimensions();
                    framing.frame = frame.within(width, height);
                }
            }
            PhotoCommand::Read => self.read_photo(effects),
            PhotoCommand::UseFit => self.use_fit(effects),
            PhotoCommand::CancelFit => self.cancel_fit(effects),
            PhotoCommand::Event(job, event) => self.photo_event(job, event, effects),
            PhotoCommand::Progress(job, progress) => self.fit_progress(job, progress, effects),
        }
    }

    /// Why a photo cannot be read now.
    pub(super) fn photo_disabled_reason(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::OpenPhoto | Action::PastePhoto => match &self.model.loaded {
                Some(model) if model.has_segmentor && self.can_render() => None,
                Some(_) if self.can_render() => Some("This model has no segmentor to read a photo with"),
                _ => Some("No model is loaded for this mask"),
            },
            Action::FitPhoto => {
                let framed =
                    self.photo.framed.as_ref().filter(|framed| {
                        framed.document == self.files.autosave.document && self.uses_model(&framed.model)
                    });
                if framed.is_none() {
                    Some("Read a photo first")
                } else if self.photo_fit().is_some_and(|fit| !fit.is_done) {
                    Some("The look is being fitted already")
                } else {
                    None
                }
            }
            Action::UseFit => {
                let found = self.photo_fit().is_some_and(|fit| fit.progress.is_some());
                (!found).then_some("No look has been fitted to a photo")
            }
            Action::CancelFit => self.photo_fit().is_none().then_some("No look is being fitted"),
            _ => None,
        }
    }

    fn frame_guides(&self) -> FrameGuides {
        let layout = default_snapshot(&self.taxonomy, GUIDE_LAYOUT_PX).labels.to_image();
        FrameGuides::of(&self.taxonomy, &layout)
    }

    fn uses_model(&self, model: &ModelRef) -> bool {
        self.can_render() && self.model.loaded.as_ref().is_some_and(|loaded| loaded.reference == *model)
    }

    fn photo_opened(&mut self, name: String, photo: Arc<RgbaImage>, effects: &mut Vec<Effect>) {
        // A photo may be given at the start, before there is a model.
        let waits = self.model.loading.is_some();
        if let Some(reason) = self.photo_disabled_reason(Action::OpenPhoto).filter(|_| !waits) {
            return effects.push(Effect::error(format!("{name}: a photo cannot be read now. {reason}.")));
        }
        if photo.width() == 0 || photo.height() == 0 {
            return effects.push(Effect::error(format!("{name}: the photo has no pixels; choose another one")));
        }
        self.finish_edit();
        let guides = self.frame_guides();
        let (width, height) = photo.dimensions();
        let frame = match guides.shape {
            GuideShape::Face => Framing::head(width, height),
            GuideShape::Figure | GuideShape::None => Framing::whole(width, height),
        };
        self.photo.framing = Some(PhotoFraming { photo, name, frame, guides, reading: None });
        self.ask(Dialog::FramePhoto);
    }

    /// Another model may expect the person elsewhere, and what the one before read is not wanted any more.
    pub(super) fn reframe_photo(&mut self, effects: &mut Vec<Effect>) {
        let guides = self.photo.framing.is_some().then(|| self.frame_guides());
        if let (Some(framing), Some(guides)) = (&mut self.photo.framing, guides) {
            framing.guides = guides;
            if framing.reading.take().is_some() {
                effects.push(Effect::Photo(PhotoOrder::Cancel));
            }
        }
        if self.photo_fit().is_none() {
            self.cancel_fit(effects);
        }
    }

    /// The dialog was closed: what was being read is not wanted any more.
    pub(super) fn drop_photo(&mut self, effects: &mut Vec<Effect>) {
        if self.photo.framing.take().is_some_and(|framing| framing.is_reading()) {
            effects.push(Effect::Photo(PhotoOrder::Cancel));
        }
    }

    fn read_photo(&mut self, effects: &mut Vec<Effect>) {
        let labels = &self.document.labels;
        let side_px = labels.width().max(labels.height()).max(DEFAULT_SIDE_PX);
        let model = self.model.loaded.as_ref().map(|model| model.reference.clone());
        let (Some(framing), Some(model)) = (&mut self.photo.framing, model) else { return };
        if framing.is_reading() {
            return;
        }
        // A fit that still runs would be called off by the thread: there is one job at a time.
        self.photo.fit = None;
        self.photo.last_job += 1;
        framing.reading = Some(self.photo.last_job);
        let job = PhotoJob::Propose {
            model,
            photo: Arc::clone(&framing.photo),
            framing: framing.frame,
            side_px,
            shown_px: GUIDE_SIDE_MAX_PX,
        };
        effects.push(Effect::Photo(PhotoOrder::Start(self.photo.last_job, Box::new(job))));
    }

    fn photo_event(&mut self, job: u64, event: PhotoEvent, effects: &mut Vec<Effect>) {
        let reading = self.photo.framing.as_ref().is_some_and(|framing| framing.reading == Some(job));
        let fitting = self.photo.fit.as_ref().is_some_and(|fit| fit.job == job);
        match event {
            PhotoEvent::Proposed { framed, proposal } if reading => self.proposed(framed, proposal, effects),
            PhotoEvent::Fitted(found) if fitting => self.fitted(found, effects),
            PhotoEvent::Failed(message) if reading || fitting => {
                if let Some(framing) = self.photo.framing.as_mut().filter(|_| reading) {
                    framing.reading = None;
                }
                self.photo.fit.take_if(|_| fitting);
                effects.push(Effect::error(message));
            }
            _ => {}
        }
    }

    /// Mask and attributes become one edit, the photo lies under the mask, and the fit begins.
    fn proposed(&mut self, framed: RgbImage, proposal: Proposal, effects: &mut Vec<Effect>) {
        let Some(framing) = self.photo.framing.take() else { return };
        if self.dialog == Some(Dialog::FramePhoto) {
            self.dialog = None;
        }
        let Some(model) = self.model.loaded.as_ref().map(|model| model.reference.clone()) else { return };
        let Proposal { labels, attributes } = proposal;
        let known = usize::from(labels.max_id()) < self.taxonomy.n_labels()
            && attributes.as_ref().is_none_or(|attributes| attributes.len() == self.taxonomy.n_attributes());
        if !known || !self.can_render() {
            let message = format!("{}: another model came while the photo was read; frame it again", framing.name);
            return effects.push(Effect::error(message));
        }
        let name = format!("Photo {}", framing.name);
        self.edit_once(
            |document| {
                document.labels = LabelMap::from_image(&labels);
                if let Some(attributes) = attributes {
                    document.attributes = attributes;
                }
            },
            |_| name,
        );
        let rgba = image::DynamicImage::ImageRgb8(framed.clone()).into_rgba8();
        self.change_canvas(CanvasCommand::SetGuide(GuidePhoto::new(rgba)));
        self.view = View::Fit;
        let document = self.files.autosave.document;
        self.photo.framed = Some(FramedPhoto { picture: Arc::new(framed), model, document });
        effects.push(Effect::Render);
        self.fit_photo(effects);
    }

    /// Looks for the code that comes nearest to the photo, with mask and attributes as they are now.
    pub(super) fn fit_photo(&mut self, effects: &mut Vec<Effect>) {
        if self.photo_disabled_reason(Action::FitPhoto).is_some() {
            return;
        }
        self.finish_edit();
        let Some(FramedPhoto { picture, model, document }) = self.photo.framed.clone() else { return };
        let target = FitTarget {
            photo: (*picture).clone(),
            labels: self.document.labels.to_image(),
            attributes: self.document.attributes.clone(),
        };
        self.photo.last_job += 1;
        let job = self.photo.last_job;
        let order = PhotoJob::Fit { model: model.clone(), target: Box::new(target), settings: FitSettings::default() };
        effects.push(Effect::Photo(PhotoOrder::Start(job, Box::new(order))));
        self.photo.fit = Some(PhotoFit { framed: picture, progress: None, is_done: false, job, model, document });
    }

    fn fit_progress(&mut self, job: u64, progress: FitProgress, effects: &mut Vec<Effect>) {
        if self.photo.fit.as_ref().is_none_or(|fit| fit.job != job) {
            return;
        }
        if self.photo_fit().is_none() {
            // Another document or model came.
            return self.cancel_fit(effects);
        }
        if let Some(fit) = &mut self.photo.fit {
            fit.progress = Some(Arc::new(progress));
        }
    }

    fn fitted(&mut self, found: Fit, effects: &mut Vec<Effect>) {
        if self.photo_fit().is_none() {
            return self.cancel_fit(effects);
        }
        if let Some(fit) = &mut self.photo.fit {
            let steps = fit.progress.as_ref().map_or(0, |progress| progress.steps);
            fit.progress = Some(Arc::new(FitProgress { step: steps, steps, best: found }));
            fit.is_done = true;
        }
    }

    /// The code is what is edited, and nothing else: whatever was painted meanwhile stays.
    pub(super) fn use_fit(&mut self, effects: &mut Vec<Effect>) {
        if self.latent_locked {
            return effects.push(Effect::info("The latent is locked. Unlock it to use the look of the photo."));
        }
        let Some(progress) = self.photo_fit().and_then(|fit| fit.progress.clone()) else { return };
        self.cancel_fit(effects);
        self.edit_latent_once("Look of the photo", |latent| {
            latent.fitted.clone_from(&progress.best.z);
            latent.offsets.clear();
            latent.raw.clear();
        });
        effects.push(Effect::Render);
    }

    pub(super) fn cancel_fit(&mut self, effects: &mut Vec<Effect>) {
        if self.photo.fit.take().is_some_and(|fit| !fit.is_done) {
            effects.push(Effect::Photo(PhotoOrder::Cancel));
        }
    }
}

#[cfg(test)]
mod tests;
