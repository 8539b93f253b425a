//! Documents put aside while a model with another taxonomy is in use.

use std::path::PathBuf;

use super::autosave::Autosave;
use super::files::{DEFAULT_SIDE_PX, default_snapshot};
use super::{Chore, EditorState, LatentView, Painting, SeedTrail};
use crate::document::{History, Snapshot};
use crate::session::{ModelIdentity, Session, View, Workspace};
use crate::taxonomy::Taxonomy;

/// A document put aside.
#[derive(Debug)]
pub(super) struct Parked {
    taxonomy: Taxonomy,
    model: ModelIdentity,
    pub(super) document: Snapshot,
    pub(super) saved: Option<Snapshot>,
    history: History,
    painting: Painting,
    seeds: SeedTrail,
    workspace: Workspace,
    pub(super) path: Option<PathBuf>,
    pub(super) autosave: Autosave,
}

impl Parked {
    pub(super) fn is_dirty(&self) -> bool {
        self.saved.as_ref() != Some(&self.document)
    }

    pub(super) fn autosave_chore(&self) -> Chore {
        let session = Session {
            model: self.model.clone(),
            taxonomy: self.taxonomy.clone(),
            document: self.document.clone(),
            view: View::Fit,
            workspace: self.workspace.clone(),
        };
        Chore::Autosave { document: self.autosave.document, original: self.path.clone(), session: Box::new(session) }
    }
}

impl EditorState {
    /// A taxonomy's first document.
    fn fresh(&mut self, taxonomy: Taxonomy) -> Parked {
        let document = default_snapshot(&taxonomy, DEFAULT_SIDE_PX);
        Parked {
            model: ModelIdentity::default(),
            saved: Some(document.clone()),
            history: self.new_history(),
            painting: Painting::new(taxonomy.n_labels(), DEFAULT_SIDE_PX),
            seeds: SeedTrail::new(document.latent.seed),
            workspace: Workspace::default(),
            path: None,
            autosave: Autosave::new(self.files.number_document()),
            document,
            taxonomy,
        }
    }

    /// Puts the present document aside and takes out the new taxonomy's, or makes one.
    pub(super) fn switch_taxonomy(&mut self, taxonomy: Taxonomy) {
        self.finish_edit();
        // Its label ids would mean something else.
        self.clipboard = None;
        let aside = self.parked.iter().position(|parked| parked.taxonomy == taxonomy);
        let next = match aside {
            Some(index) => self.parked.remove(index),
            None => self.fresh(taxonomy),
        };
        let Session { model, workspace, .. } = self.session();
        self.files.made_with = next.model;
        self.parked.push(Parked {
            model,
            taxonomy: std::mem::replace(&mut self.taxonomy, next.taxonomy),
            document: std::mem::replace(&mut self.document, next.document),
            saved: std::mem::replace(&mut self.saved, next.saved),
            history: std::mem::replace(&mut self.history, next.history),
            painting: std::mem::replace(&mut self.painting, next.painting),
            seeds: std::mem::replace(&mut self.seeds, next.seeds),
            workspace,
            path: std::mem::replace(&mut self.path, next.path),
            autosave: std::mem::replace(&mut self.files.autosave, next.autosave),
        });
        self.adopt_workspace(&next.workspace);
        self.view = View::Fit;
        self.latent_view = LatentView::default();
        self.pixel_counts = self.document.labels.counts();
        self.forget_picture();
        self.ask_again_about_mask();
    }

    /// The session files that are open, or about to be.
    pub(super) fn open_paths(&self) -> Vec<PathBuf> {
        let parked = self.parked.iter().filter_map(|parked| parked.path.clone());
        self.path.clone().into_iter().chain(parked).chain(self.pending_path()).collect()
    }

    /// Whether a document of this taxonomy was put aside.
    pub(super) fn has_parked(&self, taxonomy: &Taxonomy) -> bool {
        self.parked.iter().any(|parked| parked.taxonomy == *taxonomy)
    }

    /// Brings a document with unsaved changes to the fore, if the present one has none. True when there is one. What the
    /// user gave up does not count.
    pub(super) fn show_unsaved(&mut self) -> bool {
        let given_up = |autosave: &Autosave| self.files.given_up.contains(&autosave.document);
        if self.is_dirty() && !given_up(&self.files.autosave) {
            return true;
        }
        let unsaved = self.parked.iter().find(|parked| parked.is_dirty() && !given_up(&parked.autosave));
        let Some(taxonomy) = unsaved.map(|parked| parked.taxonomy.clone()) else { return false };
        self.switch_taxonomy(taxonomy);
        self.touch();
        true
    }

    /// Documents of this process that may have recovery files.
    pub(super) fn recovery_files(&self) -> Vec<u64> {
        let all = self.parked.iter().map(|parked| &parked.autosave).chain([&self.files.autosave]);
        let with_file = all.filter(|autosave| autosave.has_file()).map(|autosave| autosave.document);
        with_file.chain(self.files.forsaken.iter().copied()).collect()
    }
}
