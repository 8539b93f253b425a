//! The editor in a real window: it opens with a picture, and painting changes the picture.
//!
//! Needs Xvfb, xdotool and a Vulkan driver (a software one will do); `test.sh` installs them. Where they are missing the
//! test says so and passes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const WIDTH: usize = 1408;
const HEIGHT: usize = 896;
/// Generous, because a shared two-core machine draws this window in software.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with its test.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display in memory.
struct Display {
    _server: Guarded,
    name: String,
    framebuffer: PathBuf,
}

impl Display {
    /// `None` where Xvfb is not installed.
    fn open(folder: &Path) -> Option<Self> {
        let screen = format!("{WIDTH}x{HEIGHT}x24");
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &screen, "-fbdir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.is_empty(), "Xvfb started but opened no display");
        Some(Self {
            _server: Guarded(server),
            name: format!(":{}", number.trim()),
            framebuffer: folder.join("Xvfb_screen0"),
        })
    }

    fn xdotool(&self, arguments: &[&str]) -> bool {
        let status = Command::new("xdotool").args(arguments).env("DISPLAY", &self.name).stdout(Stdio::null()).status();
        status.unwrap().success()
    }

    /// What the screen shows, as rows of `[r, g, b]`. Xvfb keeps it in a file in the format of xwd.
    fn screenshot(&self) -> Vec<[u8; 3]> {
        let bytes = fs::read(&self.framebuffer).unwrap();
        let header = |at: usize| u32::from_be_bytes(bytes[4 * at..4 * at + 4].try_into().unwrap()) as usize;
        let (header_size, width, height, row_bytes, colors) = (header(0), header(4), header(5), header(12), header(19));
        assert_eq!((width, height, header(11)), (WIDTH, HEIGHT, 32), "an unexpected framebuffer");
        let pixels = &bytes[header_size + 12 * colors..];
        let rows = (0..height).map(|y| &pixels[y * row_bytes..y * row_bytes + 4 * width]);
        rows.flat_map(|row| row.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]])).collect()
    }
}

/// Squares of the screen, told apart by what they show.
const BLOCK: usize = 16;

type Screen = Vec<[u8; 3]>;

fn block(screen: &Screen, column: usize, row: usize) -> Vec<[u8; 3]> {
    let rows = row * BLOCK..(row + 1) * BLOCK;
    rows.flat_map(|y| screen[y * WIDTH + column * BLOCK..][..BLOCK].iter().copied()).collect()
}

/// The blocks that are full of different colours: the generated picture, and nothing else in this window.
fn picture_blocks(screen: &Screen) -> Vec<(usize, usize)> {
    let blocks = (0..HEIGHT / BLOCK).flat_map(|row| (0..WIDTH / BLOCK).map(move |column| (column, row)));
    blocks
        .filter(|&(column, row)| {
            let mut colors = block(screen, column, row);
            colors.sort_unstable();
            colors.dedup();
            colors.len() > BLOCK * BLOCK / 4
        })
        .collect()
}

fn changed(blocks: &[(usize, usize)], before: &Screen, after: &Screen) -> usize {
    blocks.iter().filter(|&&(column, row)| block(before, column, row) != block(after, column, row)).count()
}

/// The middle of the longest horizontal run of a colour: where the mask shows it on the canvas.
fn middle_of(screen: &Screen, color: [u8; 3]) -> (usize, usize) {
    let mut best = (0, 0, 0);
    for (y, row) in screen.chunks(WIDTH).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == color && run.len() > best.0 {
                best = (run.len(), x + run.len() / 2, y);
            }
            x += run.len();
        }
    }
    assert!(best.0 > 40, "the colour {color:?} is nowhere on the screen: no mask is shown");
    (best.1, best.2)
}

/// Waits for a screen that `accept`s and that stands still; fails with `what` when none comes.
fn settled(display: &Display, what: &str, mut accept: impl FnMut(&Screen) -> bool) -> Screen {
    let deadline = Instant::now() + PATIENCE;
    let mut last = display.screenshot();
    while Instant::now() < deadline {
        thread::sleep(Duration::from_millis(400));
        let screen = display.screenshot();
        if screen == last && accept(&screen) {
            return screen;
        }
        last = screen;
    }
    keep(&last, "window-test-failure");
    panic!("{what} within {} s; what the screen showed is in {}", PATIENCE.as_secs(), shots().display());
}

fn shots() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn keep(screen: &Screen, name: &str) {
    let pixels = screen.iter().flatten().copied().collect();
    let image = image::RgbImage::from_raw(WIDTH as u32, HEIGHT as u32, pixels).unwrap();
    image.save(shots().join(name).with_extension("png")).unwrap();
}

fn start_editor(display: &Display, home: &Path) -> Guarded {
    let child = Command::new(env!("CARGO_BIN_EXE_scgan"))
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .envs(
            ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"]
                .map(|name| (name, home)),
        )
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    Guarded(child)
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[test]
fn the_window_shows_a_picture_that_follows_the_brush() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::open(folder.path()).filter(|_| installed("xdotool"));
    let Some(display) = display else {
        eprintln!("skipped: Xvfb or xdotool is not installed; ./test.sh installs them on Debian");
        return;
    };
    let mut editor = start_editor(&display, folder.path());
    assert!(
        display.xdotool(&["search", "--sync", "--onlyvisible", "--name", "SCGAN"]),
        "no window: {:?}",
        editor.0.try_wait()
    );
    let opened = Instant::now();
    let has_picture = |screen: &Screen| picture_blocks(screen).len() > 30;
    while !has_picture(&display.screenshot()) && opened.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(20));
    }
    eprintln!("picture {} ms after the window", opened.elapsed().as_millis());
    let before = settled(&display, "the window showed no picture", has_picture);
    keep(&before, "window-before");

    let skin = scgan::taxonomy::Taxonomy::builtin("portrait").unwrap();
    let skin = skin.labels[usize::from(skin.label_id("skin").unwrap())].color;
    let (x, y) = middle_of(&before, skin);
    let at = |dx: isize, dy: isize| [x.saturating_add_signed(dx).to_string(), y.saturating_add_signed(dy).to_string()];
    let moved = |[x, y]: [String; 2]| assert!(display.xdotool(&["mousemove", &x, &y]));
    moved(at(-120, -60));
    assert!(display.xdotool(&["mousedown", "1"]));
    for step in -12..=12 {
        moved(at(10 * step, 5 * step));
        thread::sleep(Duration::from_millis(15));
    }
    assert!(display.xdotool(&["mouseup", "1"]));
    let picture = picture_blocks(&before);
    let painted = settled(&display, "painting changed no picture", |screen| {
        changed(&picture, &before, screen) > picture.len() / 4
    });
    keep(&painted, "window-painted");
    // The brush's ring over the picture would count as a change.
    assert!(display.xdotool(&["mousemove", "5", &(HEIGHT - 5).to_string()]));

    // Without a window manager nobody else hands the keyboard to the window.
    assert!(display.xdotool(&["search", "--onlyvisible", "--name", "SCGAN", "windowfocus", "--sync"]));
    assert!(display.xdotool(&["key", "ctrl+z"]));
    let undone = settled(&display, "undo did not bring the picture back", |screen| {
        changed(&picture, &before, screen) <= picture.len() / 50
    });
    keep(&undone, "window-undone");
    assert!(editor.0.try_wait().unwrap().is_none(), "the editor ended by itself");
}

#[test]
fn without_a_display_the_editor_says_so_and_names_generate() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_scgan"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(message.contains("display") && message.contains("scgan generate"), "{message}");
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
}
