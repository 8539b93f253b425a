//! Adding what is on the canvas to a data set.

use crate::document::LabelMap;
use crate::editor::exports::Awaited;
use crate::editor::{EditorState, Effect, GuidePhoto, IoJob, IoTask};
use crate::engine::{EngineCommand, PicturePixels};
use crate::taxonomy::Taxonomy;

/// The picture of a pair.
#[derive(Clone, Debug)]
pub enum PairPicture {
    /// The tracing photo; the part of the mask over it belongs to it.
    Guide(GuidePhoto),
    /// The result; the whole mask belongs to it.
    Result(PicturePixels),
}

/// A mask with attributes, waiting for its picture.
#[derive(Debug)]
pub(in crate::editor) struct AwaitedPair {
    labels: LabelMap,
    attributes: Vec<f32>,
    taxonomy: Box<Taxonomy>,
}

impl EditorState {
    /// The tracing photo with the mask painted over it; without one, the mask with its result.
    pub(super) fn add_pair(&mut self, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let pair = AwaitedPair {
            labels: self.document.labels.clone(),
            attributes: self.document.attributes.clone(),
            taxonomy: Box::new(self.taxonomy.clone()),
        };
        if let Some(guide) = self.canvas_view.guide.clone() {
            return self.write_pair(pair, PairPicture::Guide(guide), effects);
        }
        match self.picture_request() {
            Some(request) => {
                self.exports.push_back(Awaited::Pair(pair));
                effects.push(Effect::Engine(EngineCommand::ReadPicture(Box::new(request))));
            }
            None => effects.push(Effect::info("There is neither a picture nor a tracing photo to add.")),
        }
    }

    pub(in crate::editor) fn write_pair(&mut self, pair: AwaitedPair, picture: PairPicture, effects: &mut Vec<Effect>) {
        let AwaitedPair { labels, attributes, taxonomy } = pair;
        let name = self.path.as_ref().and_then(|path| path.file_stem());
        let name = name.map_or_else(|| "pair".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let task = IoTask::AddPair { name, picture, labels: labels.to_image(), attributes, taxonomy };
        effects.push(Effect::Io(IoJob { path: self.training.pairs_folder.clone(), task }));
    }
}
