//! The `scgan` program: the editor without arguments, the command line with them.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use scgan::app::LogFile;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

fn main() -> ExitCode {
    // Our warnings matter to users; those of window and graphics libraries are about their own affairs.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,scgan=warn"));
    let colors = io::stderr().is_terminal();
    let console = fmt::layer().with_writer(io::stderr).with_ansi(colors).with_filter(filter);
    let file = fmt::layer().with_writer(LogFile).with_ansi(false).with_filter(EnvFilter::new("warn,scgan=info"));
    tracing_subscriber::registry().with(console).with(file).init();
    scgan::cli::run()
}
