//! The command line: global options, and one file per subcommand.

mod bench;
mod controls;
mod data_options;
mod dataset;
mod evaluate;
mod fit;
mod generate;
mod grid;
mod import;
mod interpolate;
mod looks;
mod models;
mod report;
mod stop;
mod train;

use std::env;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::{Parser, Subcommand};

use crate::app::{self, AppOptions};
use crate::gpu::DeviceChoice;
use crate::panic_message::panic_message;
use report::Report;

/// Paint a semantic mask, tick attributes, and a generator draws the picture. Without a command the editor opens.
#[derive(Debug, Parser)]
#[command(
    name = "scgan",
    version,
    after_help = "\
Examples:
  scgan                                              open the editor
  scgan generate --mask template:front --output face.png
  scgan COMMAND --help                               more about a command, with an example"
)]
struct Arguments {
    /// Where to compute: auto (a GPU if there is one), cpu, gpu, or gpu:N (counted from 0)
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Print one JSON object on standard output; progress and messages go to standard error
    #[arg(long, global = true)]
    json: bool,
    /// A session, mask or model to open in the editor
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model, or go on with a run
    Train(Box<train::Arguments>),
    /// Score a model on a data set: FID, agreement of masks and attributes, diversity
    Evaluate(Box<evaluate::Arguments>),
    /// Turn a mask into a picture
    Generate(generate::Arguments),
    /// Turn a photo into a session: mask, attributes and the latent that comes nearest
    Fit(fit::Arguments),
    /// Turn keyframes into an animation or a strip
    Interpolate(interpolate::Arguments),
    /// Draw masks against latents or attributes in one picture
    Grid(grid::Arguments),
    /// Rank the latent directions and attributes that change a region of the picture
    Controls(controls::Arguments),
    /// Turn a PyTorch checkpoint of the authors' code into a model
    Import(import::Arguments),
    /// Look at training data, convert it
    #[command(subcommand)]
    Dataset(dataset::Command),
    /// List the bundled models
    Models(models::Arguments),
    /// Measure what this machine can do
    Bench(bench::Arguments),
}

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => execute(arguments),
        // Arguments that do not parse still say whether a machine reads the answer.
        Err(error) => report::usage(&error, env::args_os().any(|argument| argument == "--json")),
    }
}

fn execute(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    // A tensor library panics where a device fails; whoever reads the answer is still told in one line.
    let outcome = catch_unwind(|| dispatch(arguments)).unwrap_or_else(|panic| {
        let message = panic_message(panic.as_ref());
        Err(anyhow!("the program failed: {message}; try --device cpu, or report this with the command you gave"))
    });
    report::finish(outcome, json)
}

fn dispatch(Arguments { device, file, command, .. }: Arguments) -> anyhow::Result<Report> {
    match command {
        None => edit(device, file),
        Some(Command::Train(arguments)) => train::run(&arguments, device),
        Some(Command::Evaluate(arguments)) => evaluate::run(&arguments, device),
        Some(Command::Generate(arguments)) => generate::run(&arguments, device),
        Some(Command::Fit(arguments)) => fit::run(&arguments),
        Some(Command::Interpolate(arguments)) => interpolate::run(&arguments, device),
        Some(Command::Grid(arguments)) => grid::run(&arguments, device),
        Some(Command::Controls(arguments)) => controls::run(&arguments, device),
        Some(Command::Import(arguments)) => import::run(&arguments),
        Some(Command::Dataset(command)) => dataset::run(&command, device),
        Some(Command::Models(arguments)) => models::run(&arguments),
        Some(Command::Bench(arguments)) => bench::run(&arguments, device),
    }
}

fn edit(device: DeviceChoice, file: Option<PathBuf>) -> anyhow::Result<Report> {
    if let Some(file) = file.as_ref().filter(|file| !file.exists()) {
        bail!("{}: neither a command nor a file to open; see `scgan --help`", file.display());
    }
    app::run(AppOptions { device, open: file })?;
    Ok(Report::silent())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Arguments::command().debug_assert();
    }
}
