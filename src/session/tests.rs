#![allow(clippy::unwrap_used)]

use std::hash::{BuildHasher, RandomState};

use proptest::collection::vec;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

use super::*;
use crate::document::{
    Ease, LabelMap, LatentBlend, LatentPin, LatentState, Look, MirrorAxis, PaintRules, Point, Timeline,
};
use crate::hostile::survives;

fn session(width: u32, height: u32, seed: u64) -> Session {
    let taxonomies = Taxonomy::builtins();
    let mut rng = Pcg32::seed_from_u64(seed);
    let taxonomy = taxonomies[rng.next_u32() as usize % taxonomies.len()].clone();
    let mut labels = LabelMap::new(width, height, 0);
    for y in 0..height {
        let id = (rng.next_u32() as usize % taxonomy.n_labels()) as u8;
        labels.fill_row(y, rng.next_u32() % width..width, id);
    }
    let mut float = |low: f32, high: f32| low + (high - low) * (rng.next_u32() as f32 / u32::MAX as f32);
    let attributes = (0..taxonomy.n_attributes()).map(|_| float(-1.0, 2.0)).collect();
    let view = match seed % 2 {
        0 => View::Fit,
        _ => View::Free { zoom: float(0.1, 60.0), center: [float(-10.0, 500.0), float(-10.0, 500.0)] },
    };
    let mut code = || {
        let offsets = (0..12).map(|_| float(-4.0, 4.0)).collect();
        let raw = (0..3).map(|index| (index * 7, float(-3.0, 3.0))).collect();
        let fitted = if seed.is_multiple_of(3) { vec![0.25, -1.5] } else { Vec::new() };
        LatentPin { seed: seed.rotate_left(40), fitted, offsets, raw, between: None }
    };
    let (LatentPin { seed: z_seed, fitted, offsets, raw, .. }, pin) = (code(), code());
    let blend = seed.is_multiple_of(3).then(|| float(0.0, 1.0));
    let latent = LatentState { seed: z_seed, fitted, offsets, raw, pins: [(seed % 5 > 1).then_some(pin), None], blend };
    let mut document = Snapshot { labels, attributes, latent, timeline: Timeline::default() };
    if seed % 4 > 1 {
        let Snapshot { labels, attributes, latent, .. } = document.clone();
        let mut other = latent.clone();
        other.pins[1] = Some(LatentPin {
            between: Some(Box::new(LatentBlend { ends: [latent.as_pin(), latent.as_pin()], place: 0.25 })),
            ..LatentPin::default()
        });
        let looks =
            [latent, other].map(|latent| Look { labels: labels.clone(), attributes: attributes.clone(), latent });
        document.timeline = Timeline::evenly(looks.into(), 3.5, false).played(Ease::Snappy, seed.is_multiple_of(2));
    }
    let canvas = CanvasSection::from([
        ("mode".to_owned(), CanvasValue::Text("Wipe".to_owned())),
        ("wipe".to_owned(), CanvasValue::Number(float(0.0, 1.0))),
        ("mask_opacity".to_owned(), CanvasValue::Number(1.0)),
        ("outlines".to_owned(), CanvasValue::Flag(seed.is_multiple_of(2))),
        ("hidden".to_owned(), CanvasValue::Names(vec![taxonomy.labels[1].name.clone()])),
        ("none".to_owned(), CanvasValue::Names(Vec::new())),
    ]);
    let last = (taxonomy.n_labels() - 1) as u8;
    let rules = PaintRules {
        locked: [0, last].into_iter().filter(|_| !seed.is_multiple_of(4)).collect(),
        only_over: (seed % 3 == 1).then_some(last),
    };
    let symmetry =
        (seed % 2 == 1).then(|| MirrorAxis { through: Point::new(float(0.0, 99.0), 4.5), angle_rad: float(-1.0, 1.0) });
    let workspace = Workspace { rules, symmetry, canvas };
    let file = seed.is_multiple_of(2).then(|| "/models/«Gesicht».safetensors".to_owned());
    let model = ModelIdentity { name: "portrait".to_owned(), hash: "0f".repeat(32), file };
    Session { model, taxonomy, document, view, workspace }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_session_comes_back_as_it_was(width in 1u32..300, height in 1u32..200, seed: u64) {
        let session = session(width, height, seed);
        let loaded = Session::parse(&session.to_text().unwrap()).unwrap();
        prop_assert_eq!(loaded, Loaded { session, warnings: Vec::new(), newer_version: None });
    }

    #[test]
    fn any_text_is_an_answer(text in ".{0,200}", tokens in vec("version|mask|[(){}:,\\[\\]\"1a ]", 0..60)) {
        prop_assert!(Session::parse(&text).is_err());
        prop_assert!(Session::parse(&tokens.concat()).is_err());
    }
}

#[test]
fn damaged_files_are_errors_or_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let text = session(60, 40, 3).to_text().unwrap();
    assert!(text.len() > 4096 / 2, "long enough for cuts in the middle of everything");
    // Fresh damage every time; the seed is in the message of a failure.
    survives(text.as_bytes(), RandomState::new().hash_one(0), |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Ok(loaded) = Session::parse(text)
        {
            assert!(loaded.session.to_text().is_ok(), "what can be read can be written");
        }
    });
    let path = folder.path().join("binary.scgan");
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    let error = Session::load(&path).unwrap_err().to_string();
    assert!(error.contains("binary.scgan") && error.contains("not a session"), "{error}");
}

#[test]
fn a_saved_file_is_loaded_and_readable_by_people() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Sitzung 試.scgan");
    let session = session(64, 64, 5);
    session.save(&path).unwrap();
    assert_eq!(Session::load(&path).unwrap().session, session);
    let text = std::fs::read_to_string(&path).unwrap();
    for part in ["version: 2", "name: \"portrait\"", "offsets: [", "seed: "] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let missing = Session::load(&folder.path().join("missing.scgan")).unwrap_err().to_string();
    assert!(missing.contains("missing.scgan"), "{missing}");
}

/// The text of a session with one place exchanged, read.
fn parse_with(from: &str, to: &str) -> Result<Loaded, SessionFormatError> {
    let text = session(40, 30, 5).to_text().unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} in\n{text}");
    Session::parse(&text.replace(from, to))
}

#[test]
fn the_first_version_s_files_still_open() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = fixtures.join("version-1.scgan");
    let Loaded { session, warnings, newer_version } = Session::load(&path).unwrap();
    assert_eq!((warnings, newer_version), (Vec::<String>::new(), None));
    let mask = std::fs::read(fixtures.join("version-1-mask.png")).unwrap();
    let mask = crate::label_image::decode_mask_png(&mask, &session.taxonomy).unwrap();
    let attributes = vec![0.0, 1.0, 0.75, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let latent = LatentState { seed: 4711, offsets: vec![0.5, -1.25, 0.0, 3.0], ..LatentState::default() };
    assert_eq!(
        session.document,
        Snapshot { labels: LabelMap::from_image(&mask), attributes, latent, timeline: Timeline::default() }
    );
    assert_eq!(session.model, ModelIdentity { name: "portrait".to_owned(), hash: "0f".repeat(32), file: None });
    assert_eq!(session.view, View::Free { zoom: 2.5, center: [40.0, 51.5] });
    assert_eq!(session.workspace, Workspace::default());
    // Saved again it is a file of the present version.
    let text = session.to_text().unwrap();
    assert!(text.contains("version: 2"));
    assert_eq!(Session::parse(&text).unwrap().session, session);
    let old = std::fs::read_to_string(&path).unwrap();
    survives(old.as_bytes(), 77, |bytes| drop(std::str::from_utf8(bytes).map(Session::parse)));
    let loaded = Session::parse(&old.replace("seed: 4711,", "seed: 4711, future: [1],")).unwrap();
    assert!(loaded.warnings[0].contains("`latent.future`"), "{:?}", loaded.warnings);
}

#[test]
fn newer_versions_are_understood_as_far_as_possible() {
    let loaded = parse_with("version: 2,", "version: 3, storyboard: {\"a\": Some([1, 2.5])},").unwrap();
    assert_eq!((loaded.session, loaded.newer_version), (session(40, 30, 5), Some(3)));
    assert!(loaded.warnings[0].contains("`storyboard`"), "{:?}", loaded.warnings);
    for text in ["(version: 3)", "Session(version: 3, storyboard: {\"a\": Some([1, 2.5])}, mask: 7)"] {
        let error = Session::parse(text).unwrap_err();
        assert!(matches!(error, SessionFormatError::Newer { found: 3, known: 2, .. }), "{error}");
        assert!(error.to_string().contains("newer"), "{error}");
    }
    let error = Session::parse("(version: 0)").unwrap_err();
    assert!(matches!(error, SessionFormatError::Version { found: 0, .. }), "{error}");
    let error = Session::parse("(name: \"a taxonomy, say\")").unwrap_err();
    assert!(matches!(error, SessionFormatError::NoVersion), "{error}");
}

#[test]
fn unknown_fields_and_attributes_are_reported_and_left_out() {
    for (from, to, path) in [
        ("version: 2,", "version: 2, frames: [(a: 1), (b: \"x\")],", "`frames`"),
        ("seed: ", "foo: Bar(1), seed: ", "`latent.foo`"),
        ("title: ", "motto: \"x\", title: ", "`taxonomy.motto`"),
        ("canvas: {", "canvas: { \"grid\": (x: 1),", "`canvas.grid`"),
        ("zoom: ", "tilt: None, zoom: ", "`view.tilt`"),
    ] {
        let from = if from == "seed: " { "latent: (\n        seed: " } else { from };
        let to = if to.starts_with("foo") { "latent: (\n        foo: Bar(1), seed: " } else { to };
        let loaded = parse_with(from, to).unwrap();
        assert_eq!(loaded.session, session(40, 30, 5));
        assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
        assert!(loaded.warnings[0].contains(path), "{:?}", loaded.warnings);
    }
    let loaded = parse_with("attributes: {", "attributes: { \"Moustache\": 1.0,").unwrap();
    assert_eq!(loaded.session, session(40, 30, 5));
    assert!(loaded.warnings[0].contains("`Moustache`"), "{:?}", loaded.warnings);
    let loaded = parse_with("locked: [", "locked: [\"antlers\", ").unwrap();
    assert_eq!(loaded.session, session(40, 30, 5));
    assert!(loaded.warnings[0].contains("`antlers`"), "{:?}", loaded.warnings);
}

#[test]
fn a_missing_attribute_is_off_and_reported() {
    let original = session(40, 30, 5);
    let name = original.taxonomy.attribute_names().next().unwrap().to_owned();
    let text = original.to_text().unwrap();
    let start = text.rfind(&format!("\"{name}\":")).unwrap();
    let end = start + text[start..].find(',').unwrap() + 1;
    let loaded = Session::parse(&format!("{}{}", &text[..start], &text[end..])).unwrap();
    assert_eq!(loaded.session.document.attributes[0], 0.0);
    assert!(loaded.warnings[0].contains(&name), "{:?}", loaded.warnings);
}

#[test]
fn values_out_of_range_are_refused_in_reading_and_in_writing() {
    for bad in ["NaN", "inf", "-inf", "1e9", "1e999"] {
        let refused = |result: Result<Loaded, SessionFormatError>| {
            let error = result.unwrap_err();
            assert!(matches!(error, SessionFormatError::OutOfRange { .. }), "{bad}: {error}");
        };
        refused(parse_with("raw: {", &format!("raw: {{900: {bad}, ")));
        refused(parse_with("\"wipe\": ", &format!("\"slide\": {bad}, \"wipe\": ")));
        refused(parse_with("angle_rad: ", &format!("angle_rad: {bad}, unused: ")));
        refused(parse_with("zoom: ", &format!("zoom: {bad}, unused: ")));
        refused(parse_with("attributes: {", &format!("attributes: {{ \"Moustache\": {bad},")));
    }
    let mut session = session(40, 30, 5);
    session.document.attributes[0] = f32::NAN;
    assert!(matches!(session.to_text().unwrap_err(), SessionFormatError::OutOfRange { .. }));
    session.document.labels.set(3, 4, 63);
    session.document.attributes[0] = 0.0;
    assert!(matches!(session.to_text().unwrap_err(), SessionFormatError::MaskWrite(_)));
    session.document.attributes = vec![0.0];
    assert!(matches!(session.to_text().unwrap_err(), SessionFormatError::Count { .. }));
}

#[test]
fn a_taxonomy_that_breaks_its_rules_is_refused() {
    let error = parse_with("hotkey: '2'", "hotkey: '1'").unwrap_err();
    assert!(matches!(error, SessionFormatError::Taxonomy(_)), "{error}");
}

#[test]
fn a_mask_that_is_not_what_the_session_says_is_refused() {
    let error = parse_with("width: 40", "width: 41").unwrap_err();
    assert!(matches!(error, SessionFormatError::MaskSize { .. }), "{error}");
    let error = parse_with("png: \"", "png: \"!").unwrap_err();
    assert!(matches!(error, SessionFormatError::MaskText(_)), "{error}");
    let error = parse_with("png: \"", "png: \"AAAA").unwrap_err();
    assert!(matches!(error, SessionFormatError::MaskRead(_)), "{error}");
}

#[test]
fn long_lists_and_deep_nesting_are_refused() {
    let offsets = "0.5, ".repeat(5000);
    let error = parse_with("offsets: [", &format!("offsets: [{offsets}")).unwrap_err();
    assert!(matches!(error, SessionFormatError::Count { .. }), "{error}");
    let deep = format!("(version: 2, junk: {}{})", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(Session::parse(&deep).unwrap_err(), SessionFormatError::Syntax(_)));
    let error =
        parse_with("name: \"portrait\",\n        hash", &format!("name: \"{}\",\n        hash", "p".repeat(300)));
    assert!(matches!(error.unwrap_err(), SessionFormatError::Count { .. }));
}
