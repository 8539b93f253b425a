//! Palettes under simulated colour blindness, and the rules of a taxonomy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::cielab::{Lab, difference, lab_from_linear, linear_from_srgb};
use crate::hostile;

type Matrix = [[f32; 3]; 3];

/// Full dichromacy after Machado, Oliveira & Fernandes 2009, on linear RGB.
const VISIONS: [(&str, Matrix); 4] = [
    ("normal vision", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn seen_as(color: [u8; 3], vision: &Matrix) -> Lab {
    let light = color.map(linear_from_srgb);
    lab_from_linear(vision.map(|row| row.iter().zip(light).map(|(w, l)| w * l).sum::<f32>().clamp(0.0, 1.0)))
}

/// The two labels hardest to tell apart, over all visions.
fn closest_pair(taxonomy: &Taxonomy) -> (f32, String) {
    let mut closest = (f32::INFINITY, String::new());
    for (vision, matrix) in &VISIONS {
        for (i, one) in taxonomy.labels.iter().enumerate() {
            for other in &taxonomy.labels[..i] {
                let delta = difference(seen_as(one.color, matrix), seen_as(other.color, matrix));
                if delta < closest.0 {
                    closest = (delta, format!("{} and {} under {vision}", one.name, other.name));
                }
            }
        }
    }
    closest
}

#[test]
fn labels_stay_apart_for_colour_blind_eyes() {
    // 2.3 is just noticeable side by side; these leave a wide margin for thin regions. Nineteen labels crowd more.
    for (name, least) in
        [("portrait", 17.0), ("outfit", 19.0), ("celeba-7", 21.0), ("fashion-7", 21.0), ("celebamask-19", 13.0)]
    {
        let (delta, pair) = closest_pair(&Taxonomy::builtin(name).unwrap());
        println!("{name}: ΔE {delta:.1} between {pair}");
        assert!(delta >= least, "{name}: {pair} are only ΔE {delta:.1} apart");
    }
}

#[test]
fn the_simulation_confuses_what_colour_blind_eyes_confuse() {
    let (red, green) = ([170, 60, 40], [110, 95, 40]);
    let apart = |vision: usize| difference(seen_as(red, &VISIONS[vision].1), seen_as(green, &VISIONS[vision].1));
    assert!(apart(0) > 3.0 * apart(2), "normal {} against deuteranopia {}", apart(0), apart(2));
}

#[test]
fn every_builtin_is_valid_and_round_trips() {
    let builtins = Taxonomy::builtins();
    assert_eq!(builtins.len(), BUILTINS.len());
    for taxonomy in builtins {
        assert_eq!(taxonomy.labels[0].name, "background");
        assert!(taxonomy.labels.iter().all(|label| label.hotkey.is_some_and(|key| !"beguvwlip".contains(key))));
        let text = taxonomy.to_ron().unwrap();
        assert_eq!(Taxonomy::from_ron(&text).unwrap(), taxonomy, "{text}");
        let json = serde_json::to_string(&taxonomy).unwrap();
        assert_eq!(serde_json::from_str::<Taxonomy>(&json).unwrap(), taxonomy);
    }
}

#[test]
fn counts_names_and_order_are_the_documented_ones() {
    let counts = |name: &str| Taxonomy::builtin(name).map(|t| (t.n_labels(), t.n_attributes()));
    assert_eq!(counts("portrait"), Some((11, 9)));
    assert_eq!(counts("outfit"), Some((9, 14)));
    assert_eq!(counts("celeba-7"), Some((7, 5)));
    assert_eq!(counts("celebamask-19"), Some((19, 12)));
    assert_eq!(counts("fashion-7"), Some((7, 17)));
    assert_eq!(counts("nothing"), None);
    let paper = Taxonomy::builtin("celeba-7").unwrap();
    assert_eq!(
        paper.attribute_names().collect::<Vec<_>>(),
        ["Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"]
    );
}

#[test]
fn flat_indices_follow_the_groups() {
    let outfit = Taxonomy::builtin("outfit").unwrap();
    let ranges: Vec<_> = outfit.group_ranges().collect();
    assert_eq!(
        ranges,
        [(0..6, GroupKind::ExactlyOne), (6..12, GroupKind::ExactlyOne), (12..14, GroupKind::Independent)]
    );
    assert_eq!(outfit.attribute_index("Bottom_Black"), Some(6));
    assert_eq!(outfit.attribute_index("Male"), Some(13));
    let on: Vec<usize> =
        outfit.default_attributes().iter().enumerate().filter(|(_, v)| **v == 1.0).map(|(i, _)| i).collect();
    assert_eq!(on, [0, 6]);
}

#[test]
fn mirrors_are_involutions() {
    for taxonomy in Taxonomy::builtins() {
        for id in 0..=u8::MAX {
            assert_eq!(taxonomy.mirror(taxonomy.mirror(id)), id);
        }
    }
    let paper = Taxonomy::builtin("celeba-7").unwrap();
    assert_eq!(paper.mirror(paper.label_id("left_eye").unwrap()), paper.label_id("right_eye").unwrap());
}

#[test]
fn broken_rules_are_named() {
    let good = Taxonomy::builtin("celeba-7").unwrap();
    let broken = |change: &dyn Fn(&mut Taxonomy)| {
        let mut taxonomy = good.clone();
        change(&mut taxonomy);
        taxonomy.validate().unwrap_err().to_string()
    };
    let has = |message: String, part: &str| assert!(message.contains(part), "{message} should say {part}");
    has(broken(&|t| t.labels.truncate(1)), "1 labels");
    has(broken(&|t| t.labels[2].name = "skin".into()), "`skin`");
    has(broken(&|t| t.labels[2].name = "a,b".into()), "a,b");
    has(broken(&|t| t.labels[2].color = t.labels[0].color), "colours");
    has(broken(&|t| t.labels[2].hotkey = Some('1')), "hotkeys");
    has(broken(&|t| t.labels[2].hotkey = Some('Ä')), "`Ä`");
    has(broken(&|t| t.labels[2].mirror = Some("nowhere".into())), "nowhere");
    has(broken(&|t| t.labels[2].mirror = None), "left_eye");
    has(broken(&|t| t.groups[0].attributes[1] = "Male".into()), "`Male`");
    has(broken(&|t| t.groups[0].attributes.clear()), "0 attributes");
    has(broken(&|t| t.groups[0].attributes = (0..200).map(|i| format!("a{i}")).collect()), "200 attributes");
}

#[test]
fn hostile_text_is_answered() {
    let text = Taxonomy::builtin("celeba-7").unwrap().to_ron().unwrap();
    hostile::survives(text.as_bytes(), 11, |bytes| {
        let read = Taxonomy::from_ron(&String::from_utf8_lossy(bytes));
        assert!(read.is_err() || read.unwrap().validate().is_ok());
    });
    assert!(Taxonomy::from_ron(&"(".repeat(100_000)).is_err());
    assert!(matches!(Taxonomy::from_ron(&" ".repeat(MAX_RON_BYTES + 1)), Err(TaxonomyError::TooLong { .. })));
}
