#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::label_image::LabelImage;
use image::RgbImage;

const BACKGROUND: u8 = 0;

fn draw(kind: Kind, seed: u64, index: u64, resolution: u32) -> (Taxonomy, RgbImage, LabelImage) {
    let taxonomy = taxonomy_of(kind);
    let scene = Drawing::sample(kind, seed, index).scene(&taxonomy);
    (taxonomy, scene.image(resolution), scene.labels(resolution))
}

fn share_equal(a: &LabelImage, b: &LabelImage) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let equal = a.ids().iter().zip(b.ids()).filter(|(a, b)| a == b).count();
    equal as f64 / a.ids().len() as f64
}

fn count(labels: &LabelImage, taxonomy: &Taxonomy, name: &str) -> u64 {
    labels.histogram()[usize::from(taxonomy.label_id(name).expect(name))]
}

fn mean_color(image: &RgbImage, labels: &LabelImage, id: u8) -> Option<[f32; 3]> {
    let mut sum = [0.0; 3];
    let mut pixels = 0.0;
    for (pixel, &label) in image.pixels().zip(labels.ids()) {
        if label == id {
            pixels += 1.0;
            (0..3).for_each(|c| sum[c] += f32::from(pixel[c]));
        }
    }
    (pixels > 30.0).then(|| sum.map(|value| value / pixels))
}

#[test]
fn samples_depend_on_seed_and_index_only() {
    for kind in Kind::ALL {
        let one = source(kind, 11);
        let other = source(kind, 11);
        let late = one.sample(4097, 64).unwrap();
        one.sample(3, 64).unwrap();
        assert_eq!(late, other.sample(4097, 64).unwrap());
        assert_eq!(late.image.dimensions(), (64, 64));
        assert_ne!(late.image, one.sample(4098, 64).unwrap().image);
        assert_ne!(late.image, source(kind, 12).sample(4097, 64).unwrap().image);
        assert_eq!(late.attributes.len(), one.taxonomy().n_attributes());
    }
}

#[test]
fn an_index_past_the_end_is_an_error() {
    let short = source(Kind::Portrait, 1).with_len(5);
    assert!(short.sample(4, 16).is_ok());
    assert!(matches!(short.sample(5, 16), Err(DataError::Index { index: 5, len: 5 })));
}

#[test]
fn geometry_is_the_same_at_every_resolution() {
    for kind in Kind::ALL {
        for index in 0..20 {
            let (_, _, small) = draw(kind, 21, index, 128);
            let (_, _, large) = draw(kind, 21, index, 256);
            let agreement = share_equal(&small, &large.resize_majority(128, 128));
            assert!(agreement > 0.97, "{kind} {index}: {agreement}");
        }
    }
}

#[test]
fn every_label_appears_and_none_is_out_of_range() {
    for kind in Kind::ALL {
        let mut seen = [0; 256];
        let taxonomy = taxonomy_of(kind);
        for index in 0..200 {
            let (_, _, labels) = draw(kind, 31, index, 64);
            assert!(usize::from(labels.max_id()) < taxonomy.n_labels());
            labels.histogram().iter().zip(&mut seen).for_each(|(&pixels, seen)| *seen += i32::from(pixels > 0));
        }
        for (id, label) in taxonomy.labels.iter().enumerate() {
            assert!(seen[id] > 10, "{kind}: {} in {} of 200", label.name, seen[id]);
        }
    }
}

#[test]
fn attributes_are_balanced_and_truthful_in_their_groups() {
    for kind in Kind::ALL {
        let taxonomy = taxonomy_of(kind);
        let mut on = vec![0.0; taxonomy.n_attributes()];
        let pictures = 4000;
        for index in 0..pictures {
            let attributes = Drawing::sample(kind, 41, index).attributes(&taxonomy);
            attributes.iter().zip(&mut on).for_each(|(&value, on)| *on += value);
            for (range, group) in taxonomy.group_ranges() {
                let set = attributes[range].iter().sum::<f32>();
                match group {
                    crate::taxonomy::GroupKind::ExactlyOne => assert_eq!(set, 1.0),
                    crate::taxonomy::GroupKind::AtMostOne => assert!(set <= 1.0),
                    crate::taxonomy::GroupKind::Independent => {}
                }
            }
        }
        for (name, on) in taxonomy.attribute_names().zip(on) {
            let share = on / pictures as f32;
            let expected = match name {
                "Male" | "Young" | "Smiling" | "Patterned" => 0.40..0.60,
                "Beard" => 0.15..0.40,
                _ => 0.12..0.22,
            };
            assert!(expected.contains(&share), "{name}: {share}");
        }
    }
}

#[test]
fn hair_pixels_have_the_colour_of_the_hair_attribute() {
    let taxonomy = taxonomy_of(Kind::Portrait);
    let hair = taxonomy.label_id("hair").unwrap();
    let mut checked = 0;
    for index in 0..150 {
        let attributes = Drawing::sample(Kind::Portrait, 51, index).attributes(&taxonomy);
        let (_, image, labels) = draw(Kind::Portrait, 51, index, 64);
        let Some([r, g, b]) = mean_color(&image, &labels, hair) else { continue };
        let name = taxonomy.attribute_names().zip(attributes).take(5).find(|&(_, on)| on > 0.5);
        let ok = match name.map(|(name, _)| name) {
            Some("Black_Hair") => r.max(g).max(b) < 75.0,
            Some("Brown_Hair") => r > b + 20.0 && (55.0..150.0).contains(&r),
            Some("Blond_Hair") => r > 165.0 && g > 125.0 && r > b + 50.0,
            Some("Red_Hair") => r > 125.0 && r > g + 40.0 && g < 135.0,
            Some("Grey_Hair") => (r - b).abs() < 24.0 && r > 95.0,
            _ => continue,
        };
        assert!(ok, "{index}: {name:?} {r} {g} {b}");
        checked += 1;
    }
    assert!(checked > 80);
}

#[test]
fn garments_have_the_colour_of_their_attribute() {
    let taxonomy = taxonomy_of(Kind::Outfit);
    let reference = |name: &str| {
        let colors = outfit::TOP_COLORS.iter().chain(&outfit::BOTTOM_COLORS);
        let &(_, rgb) = colors.clone().find(|(n, _)| *n == name).unwrap();
        [rgb >> 16, (rgb >> 8) & 255, rgb & 255].map(|value| value as f32)
    };
    for index in 0..80 {
        let drawing = Drawing::sample(Kind::Outfit, 61, index);
        let attributes = drawing.attributes(&taxonomy);
        let (_, image, labels) = draw(Kind::Outfit, 61, index, 128);
        if attributes[taxonomy.attribute_index("Patterned").unwrap()] > 0.5 {
            continue;
        }
        for (label, from) in [("upper", 0), ("full_body", 0), ("lower", 6)] {
            let Some(mean) = mean_color(&image, &labels, taxonomy.label_id(label).unwrap()) else { continue };
            let distance =
                |name: &str| reference(name).iter().zip(mean).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
            let names: Vec<&str> = taxonomy.attribute_names().skip(from).take(6).collect();
            let nearest = names.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap();
            let says = names.iter().find(|name| attributes[taxonomy.attribute_index(name).unwrap()] > 0.5).unwrap();
            assert_eq!(nearest, says, "{index} {label}: {mean:?}");
        }
    }
}

#[test]
fn mask_and_image_share_their_edges() {
    // Along the outline of the figure the picture must change: the mean step across a label boundary is far larger
    // than inside a label.
    for kind in Kind::ALL {
        let (mut across, mut inside) = ((0.0, 0.0), (0.0, 0.0));
        for index in 0..12 {
            let (_, image, labels) = draw(kind, 71, index, 128);
            for y in 0..128 {
                for x in 0..126 {
                    let (a, b) = (labels.get(x, y), labels.get(x + 2, y));
                    let step: f32 = (0..3)
                        .map(|c| (f32::from(image.get_pixel(x, y)[c]) - f32::from(image.get_pixel(x + 2, y)[c])).abs())
                        .sum();
                    let sum = if (a == BACKGROUND) != (b == BACKGROUND) { &mut across } else { &mut inside };
                    *sum = (sum.0 + step, sum.1 + 1.0);
                }
            }
        }
        let (across, inside) = (across.0 / across.1, inside.0 / inside.1);
        assert!(across > 8.0 * inside, "{kind}: {across} across, {inside} inside");
    }
}

#[test]
fn smiling_changes_the_mouth_and_nothing_far_from_it() {
    let taxonomy = taxonomy_of(Kind::Portrait);
    let mut dice = Dice::new(81, 0, 1);
    let neutral = Portrait { smiling: false, smile: 0.0, mouth_gap: 0.0, ..Portrait::sample(&mut dice) };
    let smiling = Portrait { smiling: true, smile: 0.9, mouth_gap: 4.0, ..neutral.clone() };
    let labels = |portrait: &Portrait| portrait.draw(&PortraitLabels::of(&taxonomy)).labels(128);
    let (neutral, smiling) = (labels(&neutral), labels(&smiling));
    assert_eq!(count(&neutral, &taxonomy, "inner_mouth"), 0);
    assert!(count(&smiling, &taxonomy, "inner_mouth") > 15);
    assert_eq!(count(&neutral, &taxonomy, "hair"), count(&smiling, &taxonomy, "hair"));
    assert_eq!(count(&neutral, &taxonomy, "clothes"), count(&smiling, &taxonomy, "clothes"));
}

#[test]
fn a_beard_is_seen_but_stays_skin() {
    let taxonomy = taxonomy_of(Kind::Portrait);
    let labels = PortraitLabels::of(&taxonomy);
    for index in 0..20 {
        let bare = Portrait { beard: false, male: true, ..Portrait::sample(&mut Dice::new(91, index, 1)) };
        let bearded = Portrait { beard: true, ..bare.clone() };
        let (bare, bearded) = (bare.draw(&labels), bearded.draw(&labels));
        assert_eq!(bare.labels(96), bearded.labels(96));
        let changed = bare.image(96).pixels().zip(bearded.image(96).pixels()).filter(|(a, b)| a != b).count();
        assert!(changed > 60, "{changed}");
    }
}

#[test]
fn looks_leave_the_mask_alone() {
    let taxonomy = taxonomy_of(Kind::Portrait);
    let labels = PortraitLabels::of(&taxonomy);
    let one = Portrait::sample(&mut Dice::new(101, 0, 1));
    let other = Portrait { looks: Portrait::sample(&mut Dice::new(101, 1, 1)).looks, ..one.clone() };
    assert_eq!(one.draw(&labels).labels(128), other.draw(&labels).labels(128));
    assert_ne!(one.draw(&labels).image(128), other.draw(&labels).image(128));
}

#[test]
fn no_picture_is_blank_or_out_of_frame() {
    for kind in Kind::ALL {
        for index in 0..100 {
            let (_, _, labels) = draw(kind, 111, index, 64);
            let background = labels.histogram()[0] as f64 / (64.0 * 64.0);
            let range = if kind == Kind::Portrait { 0.15..0.75 } else { 0.55..0.95 };
            assert!(range.contains(&background), "{kind} {index}: {background}");
        }
    }
}

/// Writes a sheet of samples beside their masks to the PNG named by `SCGAN_SHEET` and prints the drawing speed:
/// `SCGAN_SHEET=sheet.png SCGAN_SHEET_KIND=outfit cargo test --release --lib contact_sheet -- --ignored --nocapture`
#[test]
#[ignore = "writes a picture for people to look at"]
fn contact_sheet() {
    let path = std::env::var("SCGAN_SHEET").expect("SCGAN_SHEET names the PNG to write");
    let kind = std::env::var("SCGAN_SHEET_KIND").ok().and_then(|name| Kind::from_name(&name)).unwrap_or(Kind::Portrait);
    let number = |name: &str, default: u32| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (side, columns, rows) = (number("SCGAN_SHEET_SIDE", 128), 8, 6);
    let source = source(kind, u64::from(number("SCGAN_SHEET_SEED", 7)));
    let mut sheet = RgbImage::new(columns * side * 2, rows * side);
    let started = std::time::Instant::now();
    let samples: Vec<Sample> = (0..(columns * rows) as usize).map(|i| source.sample(i, side).unwrap()).collect();
    println!("{:.0} images/s", samples.len() as f64 / started.elapsed().as_secs_f64());
    for (i, sample) in samples.iter().enumerate() {
        let (column, row) = (i as u32 % columns, i as u32 / columns);
        let at = (i64::from(column * side * 2), i64::from(row * side));
        image::imageops::replace(&mut sheet, &sample.image, at.0, at.1);
        image::imageops::replace(&mut sheet, &sample.labels.to_rgb(source.taxonomy()), at.0 + i64::from(side), at.1);
    }
    sheet.save(path).expect("the sheet is written");
}
