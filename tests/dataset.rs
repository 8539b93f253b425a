//! `scgan dataset` from outside: converting, looking at the result, and breaking off.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The program, with a state folder of the test's own.
fn scgan(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scgan"));
    command.args(arguments).env("SCGAN_STATE_DIR", state).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

fn json(state: &Path, arguments: &[&str]) -> Value {
    let Output { status, stdout, stderr } = scgan(state, arguments).arg("--json").output().unwrap();
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

fn error(state: &Path, arguments: &[&str]) -> String {
    let output = scgan(state, arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn drawn_data_becomes_shards_and_those_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let (state, shards, folder) = (place.path().join("state"), place.path().join("packed"), place.path().join("plain"));
    let convert = ["dataset", "convert", "procedural:portrait", text(&shards), "--format", "shards", "--size", "64"];
    let packed = json(&state, &[&convert[..], &["--limit", "12", "--seed", "7"]].concat());
    assert_eq!((packed["samples"].as_u64(), packed["files"].as_u64()), (Some(12), Some(1)));
    let taken = error(&state, &convert);
    assert!(taken.contains(text(&shards)) && taken.contains("already"), "{taken}");
    let convert = ["dataset", "convert", text(&shards), text(&folder), "--format", "folder", "--size", "64"];
    assert_eq!(json(&state, &convert)["files"].as_u64(), Some(12 * 2 + 2));

    // Both hold the same, and the sheet shows it.
    let sheet = place.path().join("sheet.png");
    let [one, other] =
        [&shards, &folder].map(|data| json(&state, &["dataset", "inspect", text(data), "--sheet", text(&sheet)]));
    for key in ["labels", "attributes", "samples", "readable", "sizes", "n_problems", "samples_shown"] {
        assert_eq!(one[key], other[key], "{key}");
    }
    assert_eq!((one["readable"].as_u64(), one["n_problems"].as_u64()), (Some(12), Some(0)));
    assert!(one["blocking"].is_null());
    let sheet = image::open(&sheet).unwrap();
    assert!(sheet.width() > 4 * 128 && sheet.height() > 4 * 128);
}

#[test]
fn a_look_is_kept_until_something_changes() {
    let place = tempfile::tempdir().unwrap();
    let (state, data) = (place.path().join("state"), place.path().join("data"));
    let convert = ["dataset", "convert", "procedural:outfit", text(&data), "--format", "folder", "--size", "32"];
    json(&state, &[&convert[..], &["--limit", "3"]].concat());
    let inspect = |extra: &[&str]| json(&state, &[&["dataset", "inspect", text(&data)], extra].concat());
    let kept = state.join("data-set-reports");
    let first = inspect(&["--no-cache"]);
    assert!(!kept.exists());
    assert_eq!(inspect(&[]), first);
    let report = kept.read_dir().unwrap().next().unwrap().unwrap().path();

    // The kept report is what the next look shows.
    let changed = fs::read_to_string(&report).unwrap().replace("readable:3", "readable:2");
    fs::write(&report, changed).unwrap();
    assert_eq!(inspect(&[])["readable"].as_u64(), Some(2));
    assert_eq!(inspect(&["--no-cache"]), first);
    fs::write(data.join("images/outfit-00001.png"), "damaged").unwrap();
    let damaged = inspect(&[]);
    assert_eq!((damaged["readable"].as_u64(), damaged["problem_kinds"]["unreadable"].as_u64()), (Some(2), Some(1)));
    assert!(damaged["blocking"].as_str().unwrap().contains("outfit-00001.png"), "{damaged}");
    assert!(error(&state, &["dataset", "inspect", text(&data), "--sheet", "sheet.jpg"]).contains("PNG"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_conversion_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let destination = place.path().join("packed");
    let convert =
        ["dataset", "convert", "procedural:outfit", text(&destination), "--format", "shards", "--size", "512"];
    let child =
        scgan(&place.path().join("state"), &convert).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    // The hidden folder comes after the program has begun to listen for Ctrl-C.
    while place.path().read_dir().unwrap().next().is_none() {
        assert!(std::time::Instant::now() < deadline, "nothing is written");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("interrupted") && message.lines().count() == 1, "{message}");
    assert_eq!(place.path().read_dir().unwrap().count(), 0);
}
