#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use std::path::PathBuf;

/// MakeHuman's data, or a word about its absence.
fn studio() -> Option<Studio> {
    let data = std::env::var_os("SCGAN_DATA").map_or_else(|| "../shared/data".into(), PathBuf::from);
    let folder = data.join("makehuman/data");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    match Studio::open(&folder, DeviceChoice::Auto) {
        Err(CharacterError::Device(why)) => {
            eprintln!("skipped: {why}");
            None
        }
        opened => Some(opened.unwrap()),
    }
}

/// Writes pictures over their masks into the file that SCGAN_SHEET names.
#[test]
fn look() {
    let Some(path) = std::env::var_os("SCGAN_SHEET") else { return };
    let Some(studio) = studio() else { return };
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (size, count, seed) = (number("SIZE", 256) as u32, number("COUNT", 16), number("SEED", 1));
    let kind = std::env::var("KIND").ok().and_then(|name| Kind::from_name(&name)).unwrap_or(Kind::Face);
    let taxonomy = Taxonomy::builtin(kind.taxonomy()).unwrap();
    let columns = number("COLUMNS", 4) as u32;
    let masks = number("MASKS", 1) as u32;
    let rows = (count as u32).div_ceil(columns);
    let mut sheet = RgbImage::new(columns * size, rows * size * (1 + masks));
    let began = std::time::Instant::now();
    for index in 0..count {
        let picture = studio.picture(kind, seed, number("FROM", 0) + index, size, &taxonomy).unwrap();
        let (x, y) = (index as u32 % columns * size, index as u32 / columns * size * (1 + masks));
        image::imageops::replace(&mut sheet, &picture.image, i64::from(x), i64::from(y));
        if masks > 0 {
            let labels = crate::label_image::LabelImage::from_ids(size, size, picture.labels).unwrap();
            image::imageops::replace(&mut sheet, &labels.to_rgb(&taxonomy), i64::from(x), i64::from(y + size));
        }
    }
    eprintln!("{} ms each on {}", began.elapsed().as_millis() as u64 / count, studio.device());
    sheet.save(path).unwrap();
}
