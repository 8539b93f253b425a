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
    let copies = program("copies", "for last; do :; done; cat > \"$last\"");
    let fails = program("fails", "echo 'Unknown encoder' >&2; exit 1");
    let (animation, settings) = (animation(3), SETTINGS);
    let frames = Frames { animation: &animation, settings: &settings };
    let film = folder.path().join("film.mp4");
    mp4::write(&film, &frames, copies.as_os_str(), &mut |_, _| CONTINUE).unwrap();
    assert_eq!(fs::read(&film).unwrap().len(), 3 * 48 * 32 * 3);
    fs::remove_file(&film).unwrap();

    let error = mp4::write(&film, &frames, fails.as_os_str(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(&error, ExportError::Ffmpeg { message, .. } if message == "Unknown encoder"), "{error}");
    let error = mp4::write(&film, &frames, "no-such-ffmpeg".as_ref(), &mut |_, _| CONTINUE).unwrap_err();
    assert!(matches!(error, ExportError::NoFfmpeg { .. }), "{error}");
    let error = mp4::write(&film, &frames, copies.as_os_str(), &mut |done, _| stop_at(done, 2)).unwrap_err();
    assert!(matches!(error, ExportError::Cancelled { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "only the two programs are left");
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
