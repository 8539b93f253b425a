//! The program from outside: every subcommand, its JSON, its errors and its exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

const SUBCOMMANDS: [&[&str]; 13] = [
    &["train"],
    &["evaluate"],
    &["generate"],
    &["interpolate"],
    &["grid"],
    &["controls"],
    &["import"],
    &["dataset"],
    &["dataset", "inspect"],
    &["dataset", "convert"],
    &["dataset", "render"],
    &["models"],
    &["bench"],
];

fn scgan(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scgan"))
        .args(arguments)
        .env("SCGAN_STATE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn succeed(arguments: &[&str]) -> String {
    let output = scgan(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// Runs with `--json` and returns the one object on standard output.
fn json(arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json", "--device", "cpu"]].concat();
    serde_json::from_str(&succeed(&arguments)).unwrap()
}

/// A message without the random part of the name of a file under way.
fn steady(message: &str) -> String {
    let words = message.split_inclusive(".scgan-").enumerate();
    words.map(|(at, part)| if at == 0 { part } else { part.get(6..).unwrap_or(part) }).collect()
}

/// Expects one clear line that contains each of `words`, with and without `--json`.
fn fail(arguments: &[&str], words: &[&str]) {
    let output = scgan(&[arguments, &["--device", "cpu"]].concat());
    assert!(!output.status.success(), "{arguments:?} succeeded: {}", stdout(&output));
    assert_eq!(stdout(&output), "", "{arguments:?}");
    let message = stderr(&output);
    assert_eq!(message.trim_end().lines().count(), 1, "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word} is not in: {message}");
    }
    let output = scgan(&[arguments, &["--device", "cpu", "--json"]].concat());
    assert!(!output.status.success(), "{arguments:?} --json");
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(format!("error: {}", steady(answer["error"].as_str().unwrap())), steady(message.trim_end()));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_subcommand_has_help_with_an_example() {
    for subcommand in SUBCOMMANDS {
        let help = succeed(&[subcommand, &["--help"]].concat());
        let example = format!("  scgan {}", subcommand.join(" "));
        let example_line = help.lines().skip_while(|line| !line.starts_with("Example")).nth(1);
        assert!(example_line.is_some_and(|line| line.starts_with(&example)), "{subcommand:?}: {help}");
        assert!(help.contains("--device") && help.contains("--json"), "{help}");
    }
    let help = succeed(&["--help"]);
    for subcommand in SUBCOMMANDS {
        assert!(help.contains(subcommand[0]), "{help}");
    }
}

#[test]
fn generate_is_a_function_of_its_seed() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |name: &str, seed: &str| {
        let path = folder.path().join(name);
        let arguments = ["generate", "--mask", "template:front", "--seed", seed, "--output", text(&path)];
        let answer = json(&arguments);
        assert_eq!(answer["output"], text(&path));
        assert_eq!((answer["width"].as_u64(), answer["height"].as_u64()), (Some(128), Some(128)));
        let image = image::open(&path).unwrap();
        assert_eq!((image.width(), image.height()), (128, 128));
        fs::read(&path).unwrap()
    };
    let first = picture("first.png", "1");
    assert_eq!(first, picture("again.png", "1"), "the same seed gave another picture");
    assert_ne!(first, picture("other.png", "2"), "another seed gave the same picture");
}

#[test]
fn attributes_and_templates_change_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |arguments: &[&str]| {
        let path = folder.path().join("picture.png");
        let answer = json(&[&["generate", "--output", text(&path)], arguments].concat());
        (fs::read(&path).unwrap(), answer)
    };
    let (blond, answer) = picture(&["--mask", "template:front", "--attributes", "Blond_Hair"]);
    assert_eq!(answer["attributes"], serde_json::json!(["Blond_Hair"]));
    let (black, _) = picture(&["--mask", "template:front", "--attributes", "Black_Hair"]);
    assert_ne!(blond, black);
    let (outfit, answer) = picture(&["--mask", "template:standing"]);
    assert_eq!(answer["model"], "outfit", "a template finds its model");
    assert_ne!(outfit, black);
}

#[test]
fn a_mask_file_of_any_size_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (mask, picture) = (folder.path().join("mask.png"), folder.path().join("picture.png"));
    image::GrayImage::from_fn(200, 150, |x, y| image::Luma([u8::from(x > 60 && y > 40)])).save(&mask).unwrap();
    json(&["generate", "--mask", text(&mask), "--output", text(&picture)]);
    assert_eq!(image::open(&picture).unwrap().width(), 128);
}

#[test]
fn bad_input_gives_one_line_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        text(&path).to_owned()
    };
    let output = text(&folder.path().join("out.png")).to_owned();
    let generate = |extra: &[&str], words: &[&str]| {
        fail(&[&["generate", "--output", &output], extra].concat(), words);
        assert!(!Path::new(&output).exists(), "{extra:?} wrote a picture");
    };
    let damaged = file("damaged.png", b"\x89PNG\r\n\x1a\n but no more");
    generate(&["--mask", &damaged], &["damaged.png"]);
    generate(&["--mask", text(&folder.path().join("missing.png"))], &["missing.png"]);
    let foreign = folder.path().join("foreign.png");
    image::GrayImage::from_pixel(32, 32, image::Luma([63])).save(&foreign).unwrap();
    generate(&["--mask", text(&foreign)], &["foreign.png", "63"]);
    generate(&["--mask", "template:nobody"], &["nobody", "front"]);
    generate(&["--mask", "template:front", "--attributes", "Smilling"], &["Smilling", "Smiling"]);
    generate(&["--mask", "template:front", "--attributes", "Black_Hair,Blond_Hair"], &["Black_Hair,Blond_Hair"]);
    generate(&["--mask", "template:front", "--model", "nothing"], &["nothing", "portrait"]);
    generate(&["--mask", "template:front", "--model", "outfit"], &["front", "outfit"]);
    let no_model = file("no.safetensors", &[7; 300]);
    generate(&["--mask", "template:front", "--model", &no_model], &["no.safetensors"]);
    generate(&[], &["--mask"]);
    fail(&["generate", "--mask", "template:front", "--output", "/nowhere/at/all.png"], &["/nowhere/at/all.png"]);
    fail(&["generate", "--mask", "template:front", "--output", "picture.jpg"], &["picture.jpg", "PNG"]);
    fail(&["dataset", "inspect", "/nowhere"], &["/nowhere"]);
    fail(&["dataset", "inspect", text(folder.path())], &[text(folder.path())]);
    fail(&["no-such-command"], &["no-such-command", "--help"]);
}

#[test]
fn a_checkpoint_becomes_a_model_that_draws() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = |name: &str| format!("{}/tests/fixtures/pytorch/{name}", env!("CARGO_MANIFEST_DIR"));
    let (generator, segmentor) = (fixture("generator_sc_2.pth"), fixture("segmentor_types.pth"));
    let (model, mask, picture) =
        (folder.path().join("m.safetensors"), folder.path().join("mask.png"), folder.path().join("p.png"));
    let import = ["import", &generator, "--segmentor", &segmentor, "--output", text(&model), "--license", "MIT"];
    let answer = json(&import);
    assert_eq!(answer["generator"]["class"], "Generator_SC_2");
    let sizes = ["width", "n_z", "n_labels", "n_attributes"].map(|name| answer["generator"][name].as_u64().unwrap());
    assert_eq!(sizes, [2, 4, 7, 5]);
    assert_eq!(answer["segmentor"]["blocks"], 2);
    assert_eq!((answer["taxonomy"].as_str(), answer["license"].as_str()), (Some("celeba-7"), Some("MIT")));
    assert_eq!(answer["unused"], serde_json::json!(["dense.bias", "dense.weight"]));
    let told = succeed(&["import", &fixture("stream_module.pth"), "--output", text(&model)]);
    for words in ["Generator_SC_3", "all at once", "segmentor: none", "celeba-7", "Blond_Hair"] {
        assert!(told.contains(words), "{told}");
    }

    image::GrayImage::from_fn(128, 128, |x, _| image::Luma([u8::from(x > 60)])).save(&mask).unwrap();
    json(&import);
    let draw = |attributes: &str| {
        let chosen = ["--attributes", attributes, "--output", text(&picture)];
        json(&[&["generate", "--model", text(&model), "--mask", text(&mask)], &chosen[..]].concat());
        fs::read(&picture).unwrap()
    };
    assert_ne!(draw("Male"), draw("Young"), "attributes change the picture");

    fail(&["generate", "--model", &generator, "--mask", text(&mask), "--output", text(&picture)], &["scgan import"]);
    let refuse = |file: &str, extra: &[&str], words: &[&str]| {
        let output = folder.path().join("none.safetensors");
        fail(&[&["import", file, "--output", text(&output)], extra].concat(), words);
        assert!(!output.exists(), "{extra:?} wrote a model");
    };
    refuse(&segmentor, &[], &["segmentor_types.pth", "--segmentor"]);
    refuse(&generator, &["--segmentor", &generator], &["generator_sc_2.pth", "no segmentor"]);
    refuse(&generator, &["--taxonomy", "portrait"], &["7 labels", "portrait"]);
    refuse(&generator, &["--taxonomy", "fashion-7"], &["5 attributes", "--numbered-attributes"]);
    refuse(&generator, &["--taxonomy", "nobody"], &["nobody", "celeba-7"]);
    refuse(&generator, &["--key", "G"], &["--key"]);
    refuse(text(&mask), &[], &["mask.png"]);
    refuse("/nowhere.pth", &[], &["/nowhere.pth"]);
    fail(&["import", &generator, "--output", "model.pth"], &["model.pth", ".safetensors"]);
    let numbered = ["import", &generator, "--taxonomy", "fashion-7", "--numbered-attributes", "--output", text(&model)];
    assert_eq!(json(&numbered)["attributes"][4], "attribute_5");
}

#[test]
fn an_unknown_device_says_what_there_is() {
    let output = scgan(&["models", "--device", "abacus"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("abacus") && stderr(&output).contains("gpu:N"), "{}", stderr(&output));
}

#[test]
fn keyframes_become_strips_and_animations() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (strip, gif) = (file("strip.png"), file("loop.gif"));
    let keyframes = ["interpolate", "template:front", "template:smiling", "--frames", "3", "--seeds", "1,2"];
    let answer = json(&[&keyframes[..], &["--output", text(&strip)]].concat());
    assert_eq!((answer["frames"].as_u64(), answer["side_px"].as_u64()), (Some(3), Some(128)));
    let picture = image::open(&strip).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (3 * 128, 128));
    // The ends are what `generate` makes of them, attributes and all; only the masks are drawn at another fineness.
    let last = image::imageops::crop_imm(&picture, 256, 0, 128, 128).to_image();
    let [same, other] = ["smiling", "left"].map(|template| {
        let (mask, path) = (format!("template:{template}"), file(&format!("{template}.png")));
        succeed(&["generate", "--mask", &mask, "--seed", "2", "--output", text(&path)]);
        let whole = image::open(path).unwrap().into_rgb8();
        let differences = whole.as_raw().iter().zip(last.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b)));
        differences.sum::<u64>() as f64 / whole.as_raw().len() as f64
    });
    assert!(same < 8.0 && same < other / 3.0, "{same} from its own picture, {other} from another");

    let looped = ["--loop", "--size", "64", "--ease", "linear", "--output", text(&gif)];
    assert_eq!(json(&[&keyframes[..], &looped].concat())["loop"], true);
    let mut decoder = gif::DecodeOptions::new().read_info(fs::File::open(&gif).unwrap()).unwrap();
    let mut frames = 0;
    while decoder.read_next_frame().unwrap().is_some() {
        frames += 1;
    }
    assert_eq!(frames, 3);
    succeed(&[
        "interpolate",
        "--preset",
        "left-to-right",
        "--frames",
        "2",
        "--show",
        "mask",
        "--output",
        text(&file("m.png")),
    ]);

    fail(&["interpolate", "template:front", "--output", text(&gif)], &["one keyframe"]);
    fail(&["interpolate", "template:frnt", "template:left", "--output", text(&gif)], &["template:frnt", "front"]);
    fail(&["interpolate", "template:front", "template:dress", "--output", text(&gif)], &["template:dress", "portrait"]);
    fail(&["interpolate", "template:front", "template:left", "--output", "film.avi"], &["film.avi", ".gif"]);
    fail(&["interpolate", "template:front", "nowhere.scgan", "--output", text(&gif)], &["nowhere.scgan"]);
    fail(&["interpolate", "--preset", "left-to-right", "--size", "9", "--output", text(&gif)], &["--size 9", "16"]);
    let nowhere = file("missing/film.gif");
    fail(&["interpolate", "--preset", "left-to-right", "--frames", "2", "--output", text(&nowhere)], &["film.gif"]);
}

#[test]
fn grids_are_drawn_with_a_column_for_each_mask() {
    let folder = tempfile::tempdir().unwrap();
    let grid = folder.path().join("grid.png");
    let masks = ["grid", "template:front", "template:left", "--output", text(&grid)];
    let answer = json(&[&masks[..], &["--seeds", "4,5", "--size", "32"]].concat());
    assert_eq!((answer["columns"].as_u64(), answer["rows"].as_u64()), (Some(2), Some(2)));
    assert!(image::open(&grid).unwrap().height() > 3 * 32);
    let answer = json(&[&masks[..], &["--vary", "Black_Hair,Blond_Hair,Smiling", "--size", "32"]].concat());
    assert_eq!(answer["rows"].as_u64(), Some(4));
    fail(&[&masks[..], &["--vary", "Smilling"]].concat(), &["Smilling", "Smiling"]);
    fail(&["grid", "template:front", "--output", "grid.jpg"], &["grid.jpg", ".png"]);
}

#[test]
fn controls_of_a_region_are_ranked() {
    let folder = tempfile::tempdir().unwrap();
    let answer = json(&["controls", "template:front", "--label", "Lips,nose", "--top", "3"]);
    let controls = answer["controls"].as_array().unwrap();
    let score = |at: usize| controls[at]["score"].as_f64().unwrap();
    assert!(controls.len() == 3 && score(0) >= score(1) && score(1) >= score(2) && score(0) > 0.0, "{answer}");
    assert!(controls[0]["region_delta_e"].as_f64() > controls[0]["rest_delta_e"].as_f64(), "{answer}");
    assert_eq!(controls[0]["latents"].as_u64(), Some(4));

    fail(&["controls", "template:front", "--label", "tail"], &["tail", "nose"]);
    fail(&["controls", "template:front", "--label", "inner_mouth"], &["inner_mouth", "no pixel"]);
    let dark = folder.path().join("dark.png");
    image::GrayImage::new(20, 20).save(&dark).unwrap();
    fail(&["controls", "template:front", "--region", text(&dark)], &["dark.png", "white"]);
    fail(&["controls", "template:front", "--region", "nowhere.png"], &["nowhere.png"]);
}

#[test]
fn models_are_listed() {
    let answer = json(&["models"]);
    let models = answer["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["portrait", "outfit"]);
    for model in models {
        assert_eq!(model["resolution"], 128);
        assert!(model["labels"].as_array().unwrap().len() > 5);
        assert_eq!(model["hash"].as_str().unwrap().len(), 64);
    }
    let listed = succeed(&["models"]);
    assert!(listed.contains("portrait") && listed.contains("outfit"), "{listed}");
}

#[test]
fn a_model_is_evaluated_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, pictures] = ["a.json", "b.json", "drawn"].map(|name| folder.path().join(name));
    let evaluate = ["evaluate", "portrait", "--data", "procedural:portrait", "--count", "6"];
    let answer = json(&[&evaluate[..], &["--output", text(&first), "--pictures", text(&pictures)]].concat());
    assert_eq!((answer["samples"].as_u64(), answer["own_judge"].as_bool()), (Some(6), Some(true)));
    let iou = answer["segmentation"]["mean_iou"]["generated"].as_f64().unwrap();
    assert!(iou > 0.3 && iou < 1.0, "{iou}");
    assert_eq!(fs::read_dir(&pictures).unwrap().count(), 6);
    assert_eq!(serde_json::from_slice::<Value>(&fs::read(&first).unwrap()).unwrap()["samples"], 6);

    // The same again; then another seed, which is said to be incomparable.
    let again = json(&[&evaluate[..], &["--compare", text(&first)]].concat());
    assert_eq!(again["compared_with"]["scores"]["mean_iou"]["difference"], 0.0);
    assert_eq!(again["compared_with"]["not_comparable"].as_array().unwrap().len(), 0);
    let shown = succeed(
        &[&evaluate[..], &["--seed", "1", "--compare", text(&first), "--output", text(&second), "--device", "cpu"]]
            .concat(),
    );
    for words in
        ["mean IoU", "real to real", "its own segmentor", "not comparable: seed: 1 here, 0 there", "IoU of hair"]
    {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }
}

#[test]
fn evaluation_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let (no_json, no_weights) = (file("other.json", b"{}"), file("weights.pth", b"no weights"));
    let evaluate = |more: &[&'static str]| [&["evaluate", "portrait", "--data", "procedural:portrait"], more].concat();
    let with = |option: &'static str, path: &Path, words: &[&str]| {
        let arguments = [&evaluate(&[])[..], &[option, text(path)]].concat();
        fail(&arguments, words);
    };
    with("--compare", &no_json, &["other.json", "no result"]);
    with("--inception", &no_weights, &["weights.pth", "no PyTorch checkpoint"]);
    with("--pictures", folder.path(), &["is there already"]);
    fail(&evaluate(&["--judge", "outfit"]), &["the judge outfit reads other labels"]);
    fail(&evaluate(&["--judge", "nobody"]), &["--judge nobody", "portrait, outfit"]);
    fail(&evaluate(&["--stats", "a.npz"]), &["--inception"]);
    fail(&["evaluate", "portrait", "--data", "procedural:outfit"], &["procedural:outfit"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_interrupted_evaluation_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let [result, pictures] = ["result.json", "drawn"].map(|name| folder.path().join(name));
    let child = Command::new(env!("CARGO_BIN_EXE_scgan"))
        .args(["evaluate", "portrait", "--data", "procedural:portrait", "--device", "cpu"])
        .args(["--output", text(&result), "--pictures", text(&pictures)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    let drawn = || {
        let staged = fs::read_dir(folder.path()).unwrap().flatten().find(|entry| entry.path().is_dir());
        staged.is_some_and(|folder| fs::read_dir(folder.path()).is_ok_and(|entries| entries.count() > 0))
    };
    while !drawn() {
        assert!(Instant::now() < deadline, "no picture in two minutes");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("interrupted; nothing was written"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn datasets_are_inspected() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, color) in [("images", [200, 90, 30]), ("masks", [0, 0, 0])] {
        fs::create_dir(folder.path().join(kind)).unwrap();
        for name in ["a.png", "b.png"] {
            let path = folder.path().join(kind).join(name);
            if kind == "images" {
                image::RgbImage::from_pixel(40, 30, image::Rgb(color)).save(path).unwrap();
            } else {
                image::GrayImage::from_fn(40, 30, |x, _| image::Luma([u8::from(x >= 20)])).save(path).unwrap();
            }
        }
    }
    let taxonomy = scgan::taxonomy::Taxonomy::builtin("portrait").unwrap();
    let taxonomy = scgan::taxonomy::Taxonomy { groups: Vec::new(), ..taxonomy };
    fs::write(folder.path().join("taxonomy.ron"), taxonomy.to_ron().unwrap()).unwrap();

    let answer = json(&["dataset", "inspect", text(folder.path())]);
    assert_eq!((answer["samples"].as_u64(), answer["readable"].as_u64()), (Some(2), Some(2)));
    assert_eq!(answer["sizes"], serde_json::json!([{ "width": 40, "height": 30, "images": 2 }]));
    let shares = answer["labels"].as_array().unwrap().iter().map(|label| label["share"].as_f64().unwrap());
    let sum: f64 = shares.sum();
    assert!((sum - 1.0).abs() < 1e-9, "label shares add up to {sum}");

    fs::write(folder.path().join("images/b.png"), "no image").unwrap();
    let told = succeed(&["dataset", "inspect", text(folder.path())]);
    assert!(told.contains("readable: 1 of 2") && told.contains("b.png"), "{told}");
    fs::write(folder.path().join("images/a.png"), "no image").unwrap();
    fail(&["dataset", "inspect", text(folder.path())], &[text(folder.path()), "a.png"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scgan"))
        .args(["models", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

#[test]
fn the_profile_says_where_the_time_goes() {
    let answer = json(&["bench", "--quick", "--profile"]);
    for size in ["bundled", "full_size"] {
        let parts = answer[size].as_array().unwrap();
        assert_eq!(parts.len(), 5, "three changes and two updates");
        for part in parts {
            let kernels = part["kernels"].as_object().unwrap();
            let sum: f64 = kernels.values().map(|kernel| kernel["ms"].as_f64().unwrap()).sum();
            let whole = part["ms"].as_f64().unwrap();
            assert!(0.0 < sum && sum <= whole, "{size}, {}: {sum} of {whole} ms", part["part"]);
        }
        assert!(parts[0]["kernels"].as_object().unwrap().keys().any(|name| name.contains("conv 3×3")));
    }
}

#[test]
fn the_bench_measures_both_sizes() {
    let answer = json(&["bench", "--quick"]);
    for subject in ["bundled", "full_size"] {
        for key in ["full_ms", "latent_ms", "attribute_ms", "training_images_per_s"] {
            let value = answer[subject][key].as_f64();
            assert!(value.is_some_and(|value| value > 0.0), "{subject}.{key}: {answer}");
        }
    }
}

const TINY: &str = "(resolution: 64, generator_width: 4, discriminator_width: 4, segmentor_width: 4, n_z: 8, batch: 2, \
                    critic_updates: 1, steps: 3, loader_threads: 1)";

#[test]
fn a_run_stops_resumes_and_leaves_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let (run, config) = (folder.path().join("run"), folder.path().join("tiny.ron"));
    fs::write(&config, TINY).unwrap();
    let train = |extra: &[&str]| {
        let fixed = ["train", "--data", "procedural:portrait", "--out", text(&run), "--log-every", "1"];
        json(&[&fixed, extra].concat())
    };
    let stopped = train(&["--config", text(&config), "--seed", "5", "--time-limit", "0"]);
    assert_eq!((stopped["complete"].as_bool(), stopped["ended_by"].as_str()), (Some(false), Some("time limit")));

    let again = ["train", "--data", "procedural:portrait", "--out", text(&run), "--config", text(&config)];
    fail(&again, &[text(&run), "--resume"]);

    let complete = train(&["--resume"]);
    assert_eq!((complete["complete"].as_bool(), complete["step"].as_u64()), (Some(true), Some(3)));
    assert!(complete["losses"]["generator"].as_f64().unwrap().is_finite());
    let longer = train(&["--resume", "--steps", "4"]);
    assert_eq!(longer["step"], 4);

    // Without --data: the run knows its own.
    let fixed = ["train", "--out", text(&run), "--resume", "--steps", "5", "--title", "Five", "--tensorboard"];
    assert_eq!(json(&fixed)["step"], 5);
    assert!(fs::read_dir(run.join("tensorboard")).unwrap().count() > 0);
    let record = fs::read_to_string(run.join("run.ron")).unwrap();
    for words in ["procedural:portrait", "seed: 5", "steps: 5", "title: \"Five\"", "--config", "fingerprint"] {
        assert!(record.contains(words), "{words}: {record}");
    }

    assert!(fs::read_to_string(run.join("config.ron")).unwrap().contains("seed: 5"));
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
    let steps: Vec<u64> =
        log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5]);
    assert!(image::open(run.join("samples/step-5.png")).unwrap().width() >= 64);
    let (model, picture) = (run.join("model.safetensors"), folder.path().join("picture.png"));
    json(&["generate", "--model", text(&model), "--mask", "template:front", "--output", text(&picture)]);
    assert_eq!(image::open(&picture).unwrap().width(), 64);
}

#[test]
fn a_run_starts_from_a_model_and_leaves_parts_out() {
    let folder = tempfile::tempdir().unwrap();
    let (base, tuned, config) =
        (folder.path().join("base"), folder.path().join("tuned"), folder.path().join("tiny.ron"));
    fs::write(&config, TINY).unwrap();
    let data = ["train", "--data", "procedural:portrait", "--config", text(&config)];
    let ablate = ["--steps", "1", "--ablate", "all-at-once", "--ablate", "no-segmentor", "--ablate", "no-classifier"];
    let answer = json(&[&data[..], &["--out", text(&base)], &ablate].concat());
    assert_eq!(answer["losses"]["segmentation_fake"], 0.0);
    let settings = fs::read_to_string(base.join("config.ron")).unwrap();
    for setting in ["generator: AllAtOnce", "lambda_seg: 0.0", "lambda_cls: 0.0", "held_out: 16"] {
        assert!(settings.contains(setting), "{setting}: {settings}");
    }

    let model = base.join("model.safetensors");
    let from = ["--out", text(&tuned), "--steps", "1", "--from", text(&model), "--critic-warmup", "2"];
    let answer = json(&[&data[..], &from, &["--map-label", "brows=", "--held-out", "4"]].concat());
    assert_eq!((answer["step"].as_u64(), answer["images_seen"].as_u64()), (Some(1), Some(2 * 4)));
    let notes = answer["notes"].to_string();
    assert!(notes.contains("model.safetensors") && notes.contains("new: brows"), "{notes}");
    let settings = fs::read_to_string(tuned.join("config.ron")).unwrap();
    // What the file leaves out is as fine-tuning needs it; the shapes are the model's.
    for setting in ["generator: AllAtOnce", "augment_cutout: 1.0", "generator_rate: 2e-5", "n_z: 8", "critic_warmup: 2"]
    {
        assert!(settings.contains(setting), "{setting}: {settings}");
    }
    assert_eq!(json(&["train", "--resume", "--out", text(&tuned), "--steps", "2"])["step"], 2);
}

#[test]
#[cfg(unix)]
fn an_interrupt_saves_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (run, config) = (folder.path().join("run"), folder.path().join("tiny.ron"));
    fs::write(&config, TINY).unwrap();
    let arguments = ["train", "--data", "procedural:portrait", "--out", text(&run), "--config", text(&config)];
    let child = Command::new(env!("CARGO_BIN_EXE_scgan"))
        .args([&arguments[..], &["--steps", "1000000", "--log-every", "1", "--json", "--device", "cpu"]].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !run.join("log.jsonl").exists() {
        assert!(Instant::now() < deadline, "no step in two minutes");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((answer["ended_by"].as_str(), answer["complete"].as_bool()), (Some("interrupt"), Some(false)));
    assert!(run.join("model.safetensors").exists());
    assert!(fs::read_dir(run.join("checkpoints")).unwrap().count() > 0);
}

#[test]
fn training_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (run, config) = (folder.path().join("run"), folder.path().join("wrong.ron"));
    let train = |data: &str, extra: &[&str], words: &[&str]| {
        fail(&[&["train", "--data", data, "--out", text(&run)], extra].concat(), words);
    };
    train("/nowhere", &[], &["/nowhere"]);
    train("procedural:cat", &[], &["procedural:cat"]);
    train("procedural:portrait", &["--resume"], &[text(&run)]);
    fail(&["train", "--out", text(&run)], &["--data"]);
    fail(&["train", "--out", text(&run), "--resume"], &[text(&run)]);
    train("procedural:portrait", &["--from", "nothing"], &["nothing"]);
    train("procedural:portrait", &["--from", "portrait", "--map-label", "beak=nose"], &["beak", "lips"]);
    train("procedural:portrait", &["--ablate", "everything"], &["everything", "no-segmentor"]);
    train("procedural:portrait", &["--held-out", "20000"], &["held_out", "30000"]);
    train("procedural:portrait", &["--config", text(&config)], &["wrong.ron"]);
    fs::write(&config, "(batches: 3)").unwrap();
    train("procedural:portrait", &["--config", text(&config)], &["wrong.ron", "batches"]);
    fs::write(&config, "(resolution: 100)").unwrap();
    train("procedural:portrait", &["--config", text(&config)], &["resolution", "100"]);
    assert!(!run.join("checkpoints").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_scgan")).arg("models").stdout(full).output().unwrap();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("standard output"), "{}", stderr(&output));
}
