//! What a subcommand leaves on standard output and standard error.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

/// The result of a subcommand, for people and for machines.
pub(super) struct Report {
    /// Lines for people.
    pub(super) text: String,
    /// One object for machines.
    pub(super) json: Value,
}

impl Report {
    /// Nothing to say: the editor was closed.
    pub(super) fn silent() -> Self {
        Self { text: String::new(), json: Value::Null }
    }
}

/// Prints a result and turns it into the exit code: 0, or 1 after an error.
pub(super) fn finish(outcome: anyhow::Result<Report>, json: bool) -> ExitCode {
    match outcome {
        Ok(report) if json && !report.json.is_null() => print(&as_text(&report.json)),
        Ok(report) => print(&report.text),
        Err(error) => {
            fail(&describe(&error), json);
            ExitCode::FAILURE
        }
    }
}

/// Prints help or version, or one line about wrong arguments, which give exit code 2.
pub(super) fn usage(error: &clap::Error, json: bool) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        fail(&usage_line(&text), json);
        ExitCode::from(2)
    } else {
        print(&text)
    }
}

/// clap's paragraphs as one line; its usage summary is left to `--help`.
fn usage_line(text: &str) -> String {
    let problem = text.split("\n\nUsage:").next().unwrap_or(text);
    let problem = problem.trim_start_matches("error:").replace("For more information, try '--help'.", "");
    format!("{}; see `scgan --help`, or `scgan COMMAND --help`", one_line(&problem))
}

/// Prints a line to standard error.
pub(super) fn note(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{line}");
}

fn fail(message: &str, json: bool) {
    if json {
        print(&as_text(&json!({ "error": message })));
    }
    note(&format!("error: {message}"));
}

fn as_text(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Prints to standard output. A reader that has gone away (`scgan models | head -1`) is no error.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            note(&format!("error: standard output cannot be written: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// An error and its causes in one line, outermost first, without saying anything twice.
fn describe(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(|cause| one_line(&cause.to_string())) {
        if line.contains(&cause) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&cause);
    }
    line
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn causes_follow_in_one_line_and_nothing_is_said_twice() {
        let error = anyhow!("the inner\n  cause").context("outer: the inner cause").context("mask.png");
        assert_eq!(describe(&error), "mask.png: outer: the inner cause");
        let error = Err::<(), _>(anyhow!("b")).context("a").unwrap_err();
        assert_eq!(describe(&error), "a: b");
    }

    #[test]
    fn usage_errors_become_one_line() {
        let text = "error: the following required arguments were not provided:\n  --mask <MASK>\n\nUsage: scgan generate\n\nFor more information, try '--help'.\n";
        let line = usage_line(text);
        assert!(line.starts_with("the following required arguments were not provided: --mask <MASK>; see"), "{line}");
    }
}
