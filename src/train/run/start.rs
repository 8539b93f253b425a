//! How a run begins: anew, from a model, or where it stopped.

use std::path::Path;
use std::sync::Arc;

use super::base::Base;
use super::channels::ChannelMap;
use super::clock::Clock;
use super::error::RunError;
use super::part::{Split, split};
use super::record::{BaseRecord, DataRecord, RunRecord};
use super::scores::ScoreBook;
use super::spec::{Cadence, FineTune, RunSpec, RunStart};
use super::{Run, create_folders, log, retention};
use crate::data::{self, OpenOptions, SampleSource};
use crate::gpu::ComputeDevice;
use crate::taxonomy::Taxonomy;
use crate::train::checkpoint;
use crate::train::config::TrainConfig;
use crate::train::trainer::{TrainError, Trainer};

/// Opens the data of a run. A folder that does not say what its labels mean has those of the model that is fine-tuned.
///
/// # Errors
/// The data cannot be opened.
pub fn open_data(data: &str, options: &OpenOptions, start: &RunStart) -> Result<Arc<dyn SampleSource>, TrainError> {
    let taxonomy = || match start {
        RunStart::Scratch => None,
        RunStart::FineTune(fine_tune) => Base::open(&fine_tune.model).ok().map(|base| base.taxonomy),
    };
    open_as(data, options, taxonomy)
}

/// Opens data in its own taxonomy, or in another one where it has none; without its attributes if it lists none at all.
fn open_as(
    data: &str,
    options: &OpenOptions,
    taxonomy: impl FnOnce() -> Option<Taxonomy>,
) -> Result<Arc<dyn SampleSource>, TrainError> {
    data::open(data, options).or_else(|error| {
        let Some(taxonomy) = taxonomy().filter(|_| options.taxonomy.is_none()) else { return Err(error.into()) };
        let lists_attributes = Path::new(data).join("attributes.csv").exists();
        let plain = (!lists_attributes).then(|| Taxonomy { groups: Vec::new(), ..taxonomy.clone() });
        let opened = [Some(taxonomy), plain]
            .into_iter()
            .flatten()
            .find_map(|taxonomy| data::open(data, &OpenOptions { taxonomy: Some(taxonomy), ..options.clone() }).ok());
        Ok(opened.ok_or(error)?)
    })
}

impl Run {
    /// Starts a run in a folder that has none, on `compute` (without autodiff).
    ///
    /// # Errors
    /// A run is there already, the configuration or the data cannot train, the model to start from cannot be read, or
    /// the folder cannot be written.
    pub fn create(
        mut spec: RunSpec,
        source: Arc<dyn SampleSource>,
        compute: &ComputeDevice,
    ) -> Result<Self, TrainError> {
        if !checkpoint::list(&spec.folder).is_empty()
            || !retention::list(&spec.folder, &ScoreBook::default(), 0).is_empty()
        {
            return Err(RunError::Exists(spec.folder.display().to_string()).into());
        }
        check_data(source.as_ref())?;
        let (trainer, base, judged) = match spec.start.clone() {
            RunStart::Scratch => {
                let Split { training, judged } = split(&source, spec.config.held_out)?;
                (Trainer::new(spec.config.clone(), training, compute)?, None, judged)
            }
            RunStart::FineTune(fine_tune) => {
                let base = Base::open(&fine_tune.model)?;
                spec.config = base.shape(spec.config, &fine_tune);
                let Split { training, judged } = split(&source, spec.config.held_out)?;
                let (trainer, base) = fine_tuned(&spec.config, &fine_tune, &base, training, compute)?;
                (trainer, Some(base), judged)
            }
        };
        create_folders(&spec.folder)?;
        // What a run without a checkpoint left.
        log::remove(&spec.folder)?;
        let notes = base.as_ref().map(|base| base.mapping.clone()).unwrap_or_default();
        let record = RunRecord::new(&spec, source.as_ref(), &compute.description, base);
        let mut run = Self {
            clock: Clock::at(0.0, 0),
            scores: ScoreBook::default(),
            events: None,
            saved_phases: None,
            logged_step: None,
            failure: None,
            spec,
            record,
            trainer,
            judged,
            notes,
        };
        run.write_description()?;
        run.open_events()?;
        Ok(run)
    }

    /// The seed of the run in a folder, which its data may need when it is opened.
    ///
    /// # Errors
    /// There is no run, or its description cannot be read.
    pub fn seed_in(folder: &Path) -> Result<u64, TrainError> {
        if let Some(record) = RunRecord::load(folder)? {
            return Ok(record.spec.config.seed);
        }
        let path = folder.join("config.ron");
        if !path.exists() {
            return Err(RunError::Missing(folder.display().to_string()).into());
        }
        Ok(TrainConfig::load(&path)?.seed)
    }

    /// Continues the newest readable checkpoint of a run folder, exactly as if it had not stopped. Without a `source` the
    /// data that the run was started with is opened.
    ///
    /// # Errors
    /// There is no run, none of its checkpoints can be read, or its data cannot be opened or has another taxonomy.
    pub fn resume(
        folder: &Path,
        source: Option<Arc<dyn SampleSource>>,
        compute: &ComputeDevice,
    ) -> Result<Self, TrainError> {
        let record = RunRecord::load(folder)?;
        if record.is_none() && checkpoint::list(folder).is_empty() {
            return Err(RunError::Missing(folder.display().to_string()).into());
        }
        let (_, mut state, tensors) = checkpoint::load_newest(folder)?;
        let source = match (source, &record) {
            (Some(source), _) => source,
            (None, Some(record)) => {
                let options = OpenOptions { seed: state.config.seed, ..record.spec.options.clone() };
                open_as(&record.spec.data, &options, || Some(record.taxonomy.clone()))?
            }
            (None, None) => return Err(RunError::NoData(folder.display().to_string()).into()),
        };
        let spec = match &record {
            // The steps may have been changed since the checkpoint.
            Some(record) => {
                state.config.steps = record.spec.config.steps;
                RunSpec { config: state.config.clone(), ..record.spec.clone() }
            }
            None => old_spec(folder, state.config.clone()),
        };
        let mut notes = Vec::new();
        let record = match record {
            Some(record) => {
                notes.extend(record.data.changed_to(&DataRecord::of(source.as_ref())));
                record
            }
            None => RunRecord::new(&spec, source.as_ref(), &compute.description, None),
        };
        let Split { training, judged } = split(&source, spec.config.held_out)?;
        let trainer = Trainer::restore(state, &tensors, training, compute)?;
        drop(tensors);
        create_folders(folder)?;
        let rows = log::cut_after(folder, trainer.step())?;
        let mut scores = ScoreBook::load(folder);
        scores.cut_after(trainer.step());
        let mut run = Self {
            clock: Clock::at(rows.last().map_or(0.0, |row| row.seconds), trainer.images_seen()),
            logged_step: rows.last().map(|row| row.step),
            events: None,
            saved_phases: None,
            failure: None,
            spec,
            record,
            trainer,
            judged,
            scores,
            notes,
        };
        run.record.spec = run.spec.clone();
        run.write_description()?;
        run.open_events()?;
        Ok(run)
    }
}

/// A trainer that starts with the weights of a base, and what is written down about it.
fn fine_tuned(
    config: &TrainConfig,
    fine_tune: &FineTune,
    base: &Base,
    training: Arc<dyn SampleSource>,
    compute: &ComputeDevice,
) -> Result<(Trainer, BaseRecord), TrainError> {
    let channels = ChannelMap::new(training.taxonomy(), &base.taxonomy, fine_tune)?;
    let mut trainer = Trainer::new(config.clone(), training, compute)?;
    let tensors = channels.apply(base, trainer.tensors()?);
    trainer.start_from(&tensors)?;
    let mut mapping = vec![format!("starting from {}", base.description)];
    mapping.extend(channels.describe());
    Ok((trainer, BaseRecord { description: base.description.clone(), hash: base.hash.clone(), mapping }))
}

/// What a run folder without `run.ron` was asked to be, as far as can be told.
fn old_spec(folder: &Path, config: TrainConfig) -> RunSpec {
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    RunSpec {
        folder: folder.to_owned(),
        data: String::new(),
        options: OpenOptions::default(),
        config,
        start: RunStart::Scratch,
        title: name.clone(),
        name,
        license: "unspecified".to_owned(),
        cadence: Cadence::default(),
    }
}

/// The place where data is looked at before a new run writes anything. What is amiss is an error here.
fn check_data(source: &dyn SampleSource) -> Result<(), TrainError> {
    if source.is_empty() {
        return Err(RunError::NoSamples(source.describe()).into());
    }
    Ok(())
}
