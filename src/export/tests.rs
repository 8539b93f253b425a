#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::BufReader;

use image::Rgb;

use super::*;

const CONTINUE: ControlFlow<()> = ControlFlow::Continue(());

fn stop_at(done: usize, last: usize) -> ControlFlow<()> {
    if done < last { CONTINUE } else { ControlFlow::Break(()) }
}

/// A disc of changing colour that moves over a gradient.
fn animation(frames: usize) -> Animation {
    let frame = |index: usize| {
        RgbImage::from_fn(24, 16, |x, y| {
            let away = (x as f32 - 4.0 - index as f32).hypot(y as f32 - 8.0);
            if away < 4.0 { Rgb([250, 40, index as u8 * 9]) } else { Rgb([x as u8 * 5, y as u8 * 7, 90]) }
        })
    };
    Animation { frames: (0..frames).map(frame).collect(), fps: 15.0, looped: true }
}

const SETTINGS: ExportSettings = ExportSettings { side_px: 48, filter: UpscaleFilter::Cubic, dither: Dither::Pattern };

fn export(name: &str, animation: &Animation, settings: &ExportSettings) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let format = AnimationFormat::of_path(&path).unwrap();
    let mut told = Vec::new();
    export_animation(&path, format, animation, settings, &mut |done, all| {
        told.push((done, all));
        CONTINUE
    })
    .unwrap();
    let all = animation.frames.len();
    assert_eq!(told, (1..=all).map(|done| (done, all)).collect::<Vec<_>>());
    (folder, path)
}

fn mean_difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

/// What a GIF shows, frame after frame, and how long it takes in hundredths of a second.
fn played(path: &Path) -> (Vec<RgbImage>, u32) {
    let mut options = ::gif::DecodeOptions::new();
    options.set_color_output(::gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(BufReader::new(File::open(path).unwrap())).unwrap();
    let mut shown = RgbImage::new(u32::from(decoder.width()), u32::from(decoder.height()));
    let (mut frames, mut total_cs) = (Vec::new(), 0);
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (index, pixel) in frame.buffer.chunks_exact(4).enumerate().filter(|(_, pixel)| pixel[3] > 0) {
            let (dx, dy) = (index as u32 % u32::from(frame.width), index as u32 / u32::from(frame.width));
            let (x, y) = (u32::from(frame.left) + dx, u32::from(frame.top) + dy);
            shown.put_pixel(x, y, Rgb([pixel[0], pixel[1], pixel[2]]));
        }
        total_cs += u32::from(frame.delay);
        frames.push(shown.clone());
    }
    (frames, total_cs)
}

#[test]
fn a_gif_plays_the_frames() {
    let animation = animation(9);
    for dither in Dither::ALL {
        let (_folder, path) = export("a.gif", &animation, &ExportSettings { dither, ..SETTINGS });
        let (frames, total_cs) = played(&path);
        assert_eq!((frames.len(), total_cs), (9, 60), "rounding does not add up");
        for (shown, wanted) in frames.iter().zip(&animation.frames) {
            let wanted = SETTINGS.filter.resized(wanted, 48, 32);
            assert!(mean_difference(shown, &wanted) < 6.0, "{dither:?}: {}", mean_difference(shown, &wanted));
        }
    }
}

#[test]
fn a_still_gif_and_a_single_frame_are_sound() {
    for frames in [1, 3] {
        let still = Animation { frames: vec![animation(1).frames[0].clone(); frames], ..animation(1) };
        let (_folder, path) = export("still.gif", &still, &SETTINGS);
        let shown = played(&path).0;
        assert_eq!(shown, vec![shown[0].clone(); frames]);
    }
}

#[test]
fn an_apng_has_every_frame_and_its_time() {
    let animation = animation(7);
    let (_folder, path) = export("a.apng", &animation, &SETTINGS);
    let mut reader = png::Decoder::new(BufReader::new(File::open(&path).unwrap())).read_info().unwrap();
    let control = *reader.info().animation_control().unwrap();
    assert_eq!((control.num_frames, control.num_plays), (7, 0));
    let mut total_ms = 0;
    for wanted in &animation.frames {
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, SETTINGS.filter.resized(wanted, 48, 32).into_raw());
        total_ms += u32::from(reader.info().frame_control().unwrap().delay_num);
    }
    assert_eq!(total_ms, 467);
}

#[test]
fn a_strip_and_a_sequence_hold_the_pixels() {
    let animation = animation(5);
    let settings = ExportSettings { filter: UpscaleFilter::Nearest, ..SETTINGS };
    let (_folder, path) = export("strip.png", &animation, &settings);
    let strip = image::open(path).unwrap().into_rgb8();
    assert_eq!(strip.dimensions(), (5 * 48, 32));
    assert_eq!(strip.get_pixel(2 * 48 + 13, 17), animation.frames[2].get_pixel(6, 8));

    let (_folder, path) = export("frames", &animation, &settings);
    let mut names: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 5);
    let last = image::open(path.join(&names[4])).unwrap().into_rgb8();
    assert_eq!(last, settings.filter.resized(&animation.frames[4], 48, 32));
    let again = export_animation(&path, AnimationFormat::Sequence, &animation, &settings, &mut |_, _| CONTINUE);
    assert!(matches!(again, Err(ExportError::FolderInUse { .. })), "{again:?}");
}

#[test]
fn what_is_cancelled_leaves_no_file_and_spoils_none() {
    let animation = animation(6);
    for (name, stop_after) in [("a.gif", 1), ("a.gif", 5), ("a.apng", 3), ("a.png", 2), ("frames", 4)].iter().copied() {
        for there_already in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            if there_already && name != "frames" {
                fs::write(&path, b"older").unwrap();
            }
            let format = AnimationFormat::of_path(&path).unwrap();
            let outcome =
                export_animation(&path, format, &animation, &SETTINGS, &mut |done, _| stop_at(done, stop_after));
            assert!(matches!(outcome, Err(ExportError::Cancelled { .. })), "{outcome:?}");
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
            if there_already && name != "frames" {
                assert_eq!(left, std::slice::from_ref(&path));
                assert_eq!(fs::read(&path).unwrap(), b"older");
            } else {
                assert!(left.is_empty(), "{left:?}");
            }
        }
    }
}

#[test]
fn impossible_wishes_are_errors_that_name_the_file() {
    let good = animation(2);
    let mut uneven = good.clone();
    uneven.frames.push(RgbImage::new(3, 3));
    let empty = Animation { frames: Vec::new(), ..good.clone() };
    let slow = Animation { fps: f32::NAN, ..good.clone() };
    let huge = ExportSettings { side_px: 5000, ..SETTINGS };
    let long = Animation { frames: vec![good.frames[0].clone(); 900], ..good.clone() };
    let wide = ExportSettings { side_px: 512, ..SETTINGS };
    for (animation, settings) in
        [(&uneven, SETTINGS), (&empty, SETTINGS), (&slow, SETTINGS), (&good, huge), (&long, wide)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.png");
        let error =
            export_animation(&path, AnimationFormat::Strip, animation, &settings, &mut |_, _| CONTINUE).unwrap_err();
        assert!(matches!(error, ExportError::Invalid { .. }) && error.to_string().contains("film.png"), "{error}");
        assert!(!path.exists());
    }
    let nowhere = tempfile::tempdir().unwrap().path().join("gone/film.gif");
    let error = export_animation(&nowhere, AnimationFormat::Gif, &good, &SETTINGS, &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(error, ExportError::Write { .. }), "{error}");
}

/// A program in ffmpeg's place: what arrives there, what its failure becomes, and that it does not outlive a cancellation.
#[cfg(unix)]
#[test]
fn a_film_goes_through_ffmpeg() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    // An empty index, and pictures up to the end.
    let boxes = r"printf '\000\000\000\010moov\000\000\000\000mdat'";
    let copies = program("copies", &format!("for last; do :; done; {{ {boxes}; cat; }} > \"$last\""));
    let loses = program("loses", &format!("for last; do :; done; cat > /dev/null; {boxes} | head -c 14 > \"$last\""));
    let fails = program("fails", "echo 'Unknown encoder' >&2; echo 'Conversion failed!' >&2; exit 1");
    let stops = program("stops", "for last; do :; done; head -c 1000 > \"$last\"");
    let waits = program("waits", "for last; do :; done; cat > \"$last\"; sleep 60");
    let (animation, settings) = (animation(3), SETTINGS);
    let frames = Frames { animation: &animation, settings: &settings };
    let film = folder.path().join("film.mp4");
    mp4::write(&film, &frames, copies.as_os_str(), &mut |_, _| CONTINUE).unwrap();
    assert_eq!(fs::read(&film).unwrap().len(), 16 + 3 * 48 * 32 * 3);
    fs::remove_file(&film).unwrap();

    let error = mp4::write(&film, &frames, fails.as_os_str(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(&error, ExportError::Ffmpeg { message, .. } if message == "Unknown encoder"), "{error}");
    let error = mp4::write(&film, &frames, "no-such-ffmpeg".as_ref(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(error, ExportError::NoFfmpeg { .. }), "{error}");
    let error = mp4::check(&film, "no-such-ffmpeg".as_ref()).unwrap_err();
    assert!(matches!(error, ExportError::NoFfmpeg { .. }), "{error}");
    let error = mp4::write(&film, &frames, folder.path().as_os_str(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(error, ExportError::Ffmpeg { .. }), "a folder is no program: {error}");
    let error = mp4::write(&film, &frames, copies.as_os_str(), &mut |done, _| stop_at(done, 2)).unwrap_err();
    assert!(matches!(error, ExportError::Cancelled { .. }), "{error}");

    // A film that lacks frames is none, whatever the program says.
    let many = Animation { frames: vec![animation.frames[0].clone(); 300], ..animation.clone() };
    let long = Frames { animation: &many, settings: &settings };
    let error = mp4::write(&film, &long, stops.as_os_str(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(error, ExportError::Ffmpeg { .. }), "{error}");
    let error = mp4::write(&film, &frames, loses.as_os_str(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(&error, ExportError::Ffmpeg { message, .. } if message.contains("not complete")), "{error}");
    // It can be called off while the last frames are being worked on.
    let mut asked = 0;
    let call_off = &mut |_, _| {
        asked += 1;
        stop_at(asked, 6)
    };
    let error = mp4::write(&film, &frames, waits.as_os_str(), call_off).unwrap_err();
    assert!(matches!(error, ExportError::Cancelled { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "only the five programs are left");
}

/// What ffprobe says of a film's only stream, by key.
fn probed(path: &Path) -> std::collections::HashMap<String, String> {
    let entries = "stream=codec_name,pix_fmt,width,height,nb_frames,duration,color_space,color_range,color_transfer";
    let said = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", entries, "-of", "default=noprint_wrappers=1"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The frames of a film, as ffmpeg decodes them.
fn decoded(path: &Path, width: u32, height: u32) -> Vec<RgbImage> {
    let said = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .unwrap();
    let frames = said.stdout.chunks_exact((3 * width * height) as usize);
    frames.map(|frame| RgbImage::from_raw(width, height, frame.to_vec()).unwrap()).collect()
}

/// With the real program, where there is one.
#[test]
fn a_film_can_be_played() {
    let has = |program: &str| std::process::Command::new(program).arg("-version").output().is_ok();
    if !has("ffmpeg") || !has("ffprobe") {
        println!("skipped: there is no ffmpeg with ffprobe on this machine");
        return;
    }
    for (side_px, size) in [(96, (96, 64)), (75, (76, 50))] {
        let animation = animation(12);
        let settings = ExportSettings { side_px, ..SETTINGS };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a film.mp4");
        export_animation(&path, AnimationFormat::Mp4, &animation, &settings, &mut |_, _| CONTINUE).unwrap();
        let said = probed(&path);
        let value = |key: &str| said.get(key).map_or("missing", String::as_str);
        assert_eq!((value("width"), value("height")), (&*size.0.to_string(), &*size.1.to_string()));
        assert_eq!((value("pix_fmt"), value("nb_frames"), value("duration")), ("yuv420p", "12", "0.800000"));
        assert_eq!((value("color_space"), value("color_range")), ("bt709", "tv"));
        // The index comes before the pictures, so that a film plays while it is still being fetched.
        let bytes = fs::read(&path).unwrap();
        let at = |name: &[u8]| bytes.windows(4).position(|four| four == name).unwrap();
        assert!(at(b"moov") < at(b"mdat"));
        let shown = decoded(&path, size.0, size.1);
        assert_eq!(shown.len(), 12);
        for (shown, wanted) in shown.iter().zip(&animation.frames) {
            let off = mean_difference(shown, &settings.filter.resized(wanted, size.0, size.1));
            assert!(off < 5.0, "{off}");
        }

        fs::remove_file(&path).unwrap();
        let stop = &mut |done, _| stop_at(done, 7);
        let error = export_animation(&path, AnimationFormat::Mp4, &animation, &settings, stop).unwrap_err();
        assert!(matches!(error, ExportError::Cancelled { .. }), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a cancelled film leaves nothing");
    }
}

#[test]
fn a_sheet_has_its_cells_and_captions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.png");
    let cell = |column, row, level: u8| SheetCell { column, row, picture: RgbImage::from_pixel(8, 8, Rgb([level; 3])) };
    let mut sheet = Sheet {
        columns: vec!["front".to_owned(), "left".to_owned()],
        rows: vec!["seed 1".to_owned()],
        cells: vec![cell(0, 0, 60), cell(1, 0, 120)],
    };
    write_sheet(&path, &sheet, 64, UpscaleFilter::Cubic, &mut |_, _| CONTINUE).unwrap();
    let picture = image::open(&path).unwrap().into_rgb8();
    let count = |level: u8| picture.pixels().filter(|pixel| pixel.0 == [level; 3]).count();
    assert_eq!((count(60), count(120)), (64 * 64, 64 * 64));
    let ink = picture.pixels().filter(|pixel| ![60, 120, 255].contains(&pixel.0[0])).count();
    assert!(ink > 60, "captions: {ink}");
    for problem in [0, 1] {
        let mut bad = sheet.clone();
        if problem == 0 {
            bad.cells.clear()
        } else {
            bad.cells[0].row = 1
        }
        assert!(write_sheet(&path, &bad, 64, UpscaleFilter::Cubic, &mut |_, _| CONTINUE).is_err());
    }
    sheet.columns = vec![String::new(); 90];
    let error = write_sheet(&path, &sheet, 4096, UpscaleFilter::Cubic, &mut |_, _| CONTINUE).unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}
