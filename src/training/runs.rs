//! The trainer thread's real backend: a device, and a run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::active_run::{ActiveRun, Claim, Records};
use super::background;
use super::event::{RunFacts, TrainEvent};
use super::handle::TrainerOptions;
use super::probe::{self, Probe};
use super::protocol::TrainProgress;
use super::rates::Rates;
use super::worker::{Advanced, Backend};
use crate::data::{OpenOptions, doctor};
use crate::gpu::{self, ComputeDevice};
use crate::train::{CheckpointInfo, Phase, Run, RunSpec, open_data, read_log};

/// A device and, while one goes on, a run.
pub(super) struct Runs {
    options: TrainerOptions,
    records: Option<Records>,
    compute: Option<ComputeDevice>,
    active: Option<Active>,
    probes: Vec<Arc<Probe>>,
}

/// A run that goes on.
struct Active {
    run: Run,
    rates: Rates,
    claim: Option<Claim>,
    checkpoints: Vec<CheckpointInfo>,
}

impl Runs {
    /// Opens nothing yet.
    pub(super) fn new(options: TrainerOptions) -> Self {
        let records = options.state.as_deref().map(Records::new);
        Self { options, records, compute: None, active: None, probes: Vec::new() }
    }

    /// The device, opened when it is first needed. Training without a GPU is slow but possible.
    fn compute(&mut self) -> ComputeDevice {
        if let Some(compute) = &self.compute {
            return compute.clone();
        }
        // Never the device that draws the live picture.
        let TrainerOptions { device, window_has_gpu, .. } = self.options;
        let opened = if window_has_gpu { gpu::open(device) } else { gpu::open_second(device) };
        let compute = opened.unwrap_or_else(|error| {
            tracing::warn!("training on the CPU: {error}");
            ComputeDevice::cpu()
        });
        if !compute.is_gpu {
            background::use_own_pool();
        }
        self.compute = Some(compute.clone());
        compute
    }

    fn claim(&self, folder: &Path) -> Result<Option<Claim>, String> {
        self.records.as_ref().map(|records| records.claim(folder)).transpose()
    }

    fn begin(&mut self, run: Run, claim: Option<Claim>) -> Vec<TrainEvent> {
        let trainer = run.trainer();
        let spec = run.spec();
        let facts = RunFacts {
            folder: spec.folder.clone(),
            name: spec.name.clone(),
            title: spec.title.clone(),
            data: spec.data.clone(),
            device: trainer.compute().description.clone(),
            step: run.step(),
            steps: run.steps(),
            config: trainer.config().clone(),
            taxonomy: trainer.taxonomy().clone(),
            log: read_log(&spec.folder),
            checkpoints: run.checkpoints(),
            notes: run.notes().to_vec(),
        };
        let rates = Rates::new(Instant::now(), run.step(), trainer.images_seen());
        let checkpoints = facts.checkpoints.clone();
        let active = Active { run, rates, claim, checkpoints };
        let noted = active.note();
        self.active = Some(active);
        let mut events = vec![TrainEvent::Started(Box::new(facts))];
        events.extend(noted.err().map(|message| TrainEvent::Trouble { message }));
        events.extend(self.render_all());
        events
    }

    /// Every probe with every checkpoint's model that is still there.
    fn render_all(&self) -> Vec<TrainEvent> {
        let Some(active) = &self.active else { return Vec::new() };
        active.checkpoints.iter().flat_map(|checkpoint| self.render(checkpoint)).collect()
    }

    fn render(&self, checkpoint: &CheckpointInfo) -> Vec<TrainEvent> {
        let Some(active) = &self.active else { return Vec::new() };
        if self.probes.is_empty() || !checkpoint.model.is_file() {
            return Vec::new();
        }
        let compute = active.run.trainer().compute();
        match probe::render(&checkpoint.model, checkpoint.step, &self.probes, compute) {
            Ok(pictures) => vec![TrainEvent::Pictures(pictures)],
            Err(message) => {
                vec![TrainEvent::Trouble { message: format!("The pinned canvases could not be rendered: {message}") }]
            }
        }
    }

    /// What follows from a checkpoint that was written.
    fn checkpointed(&mut self, written: &CheckpointInfo) -> Vec<TrainEvent> {
        let Some(active) = &mut self.active else { return Vec::new() };
        active.checkpoints = active.run.checkpoints();
        let noted = active.note();
        let mut events = vec![TrainEvent::Checkpoints(active.checkpoints.clone())];
        events.extend(noted.err().map(|message| TrainEvent::Trouble { message }));
        events.extend(self.render(written));
        events
    }
}

impl Active {
    /// Remembers how far the run is, for the next start of the program.
    fn note(&self) -> Result<(), String> {
        let Some(claim) = &self.claim else { return Ok(()) };
        let spec = self.run.spec();
        claim.note(&ActiveRun {
            folder: spec.folder.clone(),
            name: spec.name.clone(),
            data: spec.data.clone(),
            step: self.checkpoints.last().map_or(0, |checkpoint| checkpoint.step),
            steps: self.run.steps(),
        })
    }
}

impl Backend for Runs {
    fn open(&mut self) -> Vec<TrainEvent> {
        let left = self.records.as_ref().and_then(Records::interrupted);
        left.map(TrainEvent::Interrupted).into_iter().collect()
    }

    fn start(&mut self, spec: RunSpec) -> Result<Vec<TrainEvent>, String> {
        let compute = self.compute();
        let claim = self.claim(&spec.folder)?;
        let options = OpenOptions { seed: spec.config.seed, ..spec.options.clone() };
        let source = open_data(&spec.data, &options, &spec.start).map_err(|error| error.to_string())?;
        let run = Run::create(spec, source, &compute).map_err(|error| error.to_string())?;
        Ok(self.begin(run, claim))
    }

    fn resume(&mut self, folder: &Path) -> Result<Vec<TrainEvent>, String> {
        let compute = self.compute();
        let claim = self.claim(folder)?;
        let run = Run::resume(folder, None, &compute).map_err(|error| error.to_string())?;
        Ok(self.begin(run, claim))
    }

    fn advance(&mut self) -> Result<Advanced, String> {
        let Some(active) = &mut self.active else { return Ok(Advanced { complete: true, ..Advanced::default() }) };
        let advance = active.run.advance().map_err(|error| error.to_string())?;
        if advance.phase == Phase::Generator {
            active.rates.mark(Instant::now(), active.run.step(), active.run.trainer().images_seen());
        }
        let complete = advance.phase == Phase::Done;
        let mut events = Vec::new();
        events.extend(advance.logged.map(|row| TrainEvent::Logged(Box::new(row))));
        events.extend(advance.samples.map(TrainEvent::Samples));
        if let Some(written) = advance.checkpoint {
            events.extend(self.checkpointed(&written));
            self.rested();
        }
        Ok(Advanced { events, complete })
    }

    fn checkpoint(&mut self) -> Result<Vec<TrainEvent>, String> {
        let Some(active) = &mut self.active else { return Ok(Vec::new()) };
        let written = active.run.checkpoint().map_err(|error| error.to_string())?;
        Ok(self.checkpointed(&written))
    }

    fn set_probes(&mut self, probes: Vec<Arc<Probe>>) -> Vec<TrainEvent> {
        let known: Vec<u64> = self.probes.iter().map(|probe| probe.id).collect();
        let new = probes.iter().filter(|probe| !known.contains(&probe.id)).cloned().collect();
        self.probes = new;
        let events = self.render_all();
        self.probes = probes;
        events
    }

    fn delete_checkpoint(&mut self, step: u64) -> Result<Vec<TrainEvent>, String> {
        let Some(active) = &mut self.active else { return Err("there is no run; continue it first".to_owned()) };
        let newest = active.checkpoints.last().map(|checkpoint| checkpoint.step);
        if newest == Some(step) {
            return Err("the newest checkpoint stays: the run continues from it".to_owned());
        }
        let doomed = active.checkpoints.iter().filter(|checkpoint| checkpoint.step == step);
        for path in doomed.flat_map(|checkpoint| [&checkpoint.path, &checkpoint.model]) {
            remove(path).map_err(|error| format!("{}: {error}; remove it by hand", path.display()))?;
        }
        active.checkpoints = active.run.checkpoints();
        Ok(vec![TrainEvent::Checkpoints(active.checkpoints.clone())])
    }

    fn reports(&self) -> Option<PathBuf> {
        self.options.state.as_deref().map(doctor::cache_folder)
    }

    fn progress(&self) -> Option<TrainProgress> {
        let active = self.active.as_ref()?;
        let (step, steps) = (active.run.step(), active.run.steps());
        let (steps_per_s, images_per_s) = active.rates.per_second();
        Some(TrainProgress {
            step,
            steps,
            steps_per_s,
            images_per_s,
            eta_s: active.rates.seconds_for(steps.saturating_sub(step)),
            memory_bytes: memory_stats::memory_stats().map(|memory| memory.physical_mem as u64),
            warm_up: active.run.warm_up(),
            disk_bytes: active.checkpoints.iter().map(|checkpoint| checkpoint.bytes).sum(),
        })
    }

    fn rested(&mut self) {
        if let Some(active) = &mut self.active {
            active.rates = Rates::new(Instant::now(), active.run.step(), active.run.trainer().images_seen());
        }
    }

    fn end(&mut self, offer: bool) {
        if let Some(Active { claim: Some(claim), .. }) = self.active.take()
            && !offer
        {
            claim.finish();
        }
    }

    fn forget(&mut self, folder: &Path) {
        if let Some(records) = &self.records {
            records.forget(folder);
        }
    }
}

/// A file or a folder, or nothing.
fn remove(path: &PathBuf) -> std::io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
