//! `scgan dataset`: look at training data before training, convert it, render some.

mod convert;
mod inspect;
mod render;
mod templates;

use std::ops::ControlFlow;

use indicatif::{ProgressBar, ProgressStyle};

use super::report::Report;
use super::stop::StopSignal;
use crate::gpu::DeviceChoice;

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "\
Examples:
  scgan dataset inspect photos/
  scgan dataset convert photos/ packed/ --format shards --size 128")]
pub(super) enum Command {
    /// Say what a data set holds: format, sizes, labels, attributes, unreadable files, duplicates
    Inspect(inspect::Arguments),
    /// Write a data set as a plain folder or as packed shards
    Convert(convert::Arguments),
    /// Render people with exact masks and attributes from MakeHuman's data
    Render(render::Arguments),
    /// Render the masks of the bundled templates
    #[command(hide = true)]
    Templates(templates::Arguments),
}

pub(super) fn run(command: &Command, device: DeviceChoice) -> anyhow::Result<Report> {
    match command {
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Render(arguments) => render::run(arguments, device),
        Command::Templates(arguments) => templates::run(arguments, device),
    }
}

/// A bar for work on samples, which Ctrl-C breaks off.
pub(in crate::cli) struct Progress {
    bar: ProgressBar,
    stop: StopSignal,
}

impl Progress {
    pub(in crate::cli) fn new(message: &'static str) -> anyhow::Result<Self> {
        let bar = ProgressBar::new(0).with_message(message);
        // The default style stands in if the template should ever be wrong.
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {per_sec}, {eta} left") {
            bar.set_style(style);
        }
        Ok(Self { bar, stop: StopSignal::install(None)? })
    }

    pub(in crate::cli) fn show(&self, done: usize, of: usize) -> ControlFlow<()> {
        self.bar.set_length(of as u64);
        self.bar.set_position(done as u64);
        if self.stop.reason().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
