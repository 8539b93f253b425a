#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::import::test_checkpoints::{Stored, write};

/// Features 0, 256, 512, … of the two test pictures, from `tests/fixtures/inception/make_reference.py` (PyTorch, f32).
const EXPECTED: [[f32; 8]; 2] = [
    [0.7815232, 0.02477431, 0.002583432, 1.896081, 0.00240717, 0.6762947, 0.07702556, 0.6287112],
    [0.8905618, 0.03041259, 0.002863442, 2.491598, 0.06066565, 0.5018771, 0.1469121, 0.6641027],
];
/// Lengths of all features, from the same place.
const EXPECTED_NORMS: [f64; 2] = [66.53182535830695, 78.70843080234772];

/// `count` values in [−1, 1): the script's hash.
fn hashed(seed: u32, count: usize) -> Vec<f32> {
    let value = |index: u32| {
        let mut h = index.wrapping_mul(0x9E37_79B1).wrapping_add(seed);
        h = (h ^ h >> 16).wrapping_mul(0x85EB_CA6B);
        h = (h ^ h >> 13).wrapping_mul(0xC2B2_AE35);
        h ^= h >> 16;
        (h >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count as u32).map(value).collect()
}

fn seed_of(name: &str) -> u32 {
    name.bytes().fold(0x811C_9DC5, |h, byte| (h ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The script's weights.
fn from_hash(name: &str, shape: &[usize]) -> HostTensor {
    let count: usize = shape.iter().product();
    let (offset, scale) = match name {
        _ if shape.len() > 1 => (0.0, (6.0 / (count / shape[0]) as f32).sqrt()),
        _ if name.ends_with("bn.weight") => (1.0, 0.25),
        _ if name.ends_with("running_var") => (1.0, 0.5),
        _ => (0.0, 0.25),
    };
    let values = hashed(seed_of(name), count).into_iter().map(|u| offset + scale * u).collect();
    HostTensor { shape: shape.to_vec(), values }
}

/// A network with the script's weights.
pub(crate) fn test_inception(compute: &ComputeDevice) -> Inception {
    let steps = build(&compute.device, &mut |name, shape| Ok(from_hash(name, shape))).unwrap();
    Inception { steps, device: compute.device.clone(), sha256: "0".repeat(64) }
}

/// The script's pictures.
fn test_pictures() -> Vec<RgbImage> {
    const SIDE: u32 = 40;
    let noise = hashed(7, 2 * 3 * 40 * 40);
    let value = |picture: u32, channel: u32, x: u32, y: u32| {
        let noise = noise[(((picture * 3 + channel) * SIDE + y) * SIDE + x) as usize];
        let slope = [2 * x + y, 3 * y, 100 - x - y][channel as usize] as f64;
        let slope = if picture == 0 { slope } else { slope / 2.0 };
        (f64::from((noise + 1.0) * 40.0) + slope).clamp(0.0, 255.0) as u8
    };
    let picture = |k| RgbImage::from_fn(SIDE, SIDE, |x, y| image::Rgb([0, 1, 2].map(|c| value(k, c, x, y))));
    vec![picture(0), picture(1)]
}

#[test]
fn features_equal_those_of_pytorch() {
    let pictures = test_pictures();
    let bytes: u64 = pictures.iter().flat_map(|picture| picture.as_raw()).map(|byte| u64::from(*byte)).sum();
    assert_eq!(bytes, 807_476);
    let features = test_inception(&ComputeDevice::cpu()).features(&pictures).unwrap();
    assert_eq!(features.len(), 2 * FEATURES);
    for ((row, expected), expected_norm) in features.chunks_exact(FEATURES).zip(EXPECTED).zip(EXPECTED_NORMS) {
        for (found, expected) in row.iter().step_by(FEATURES / 8).zip(expected) {
            assert!((found - expected).abs() < 1e-3 * (1.0 + expected), "{found} {expected}");
        }
        let norm = row.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        println!("norm {norm} {expected_norm}");
        assert!((norm / expected_norm - 1.0).abs() < 1e-4);
    }
}

#[test]
fn the_layers_are_those_of_the_file() {
    let mut names = Vec::new();
    for_each_unit(&layout(), &mut |unit| names.push(unit.name.clone()));
    assert_eq!(names.len(), 94);
    assert_eq!(names[7], "Mixed_5b.branch5x5_2");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 94);
}

fn refused(stored: &[Stored]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), write(stored)).unwrap();
    let error = Inception::load(file.path(), &ComputeDevice::cpu()).unwrap_err().to_string();
    assert!(error.starts_with(&*file.path().to_string_lossy()) && !error.contains('\n'), "{error}");
    error
}

#[test]
fn other_networks_and_damaged_files_are_refused_before_they_are_read() {
    let first = || Stored::new("Conv2d_1a_3x3.conv.weight", &[32, 3, 3, 3], vec![0.5; 864]);
    assert!(refused(&[Stored::new("main.0.weight", &[1], vec![1.0])]).contains("holds no Inception network"));
    assert!(refused(&[first()]).contains("without `Conv2d_1a_3x3.bn.weight`"));
    let imagenet = Stored::new("fc.weight", &[1000, 1], vec![0.0; 1000]);
    assert!(refused(&[first(), imagenet]).contains("not for 1008 classes"));

    // All there but for one shape; the values are views of one number.
    let mut wanted = Vec::new();
    for_each_unit(&layout(), &mut |unit| wanted.extend(unit.tensors()));
    let view = |(name, shape): &(String, Vec<usize>)| Stored {
        stride: vec![0; shape.len()],
        ..Stored::new(name, shape, vec![1.0])
    };
    let mut stored: Vec<Stored> = wanted.iter().map(view).collect();
    stored[4].shape = vec![31];
    assert!(refused(&stored).contains("`Conv2d_1a_3x3.bn.running_var` is [31]"));
    stored[4].shape = vec![32];
    // What views claim is held against the length of the file.
    assert!(refused(&stored).contains("are allowed"));

    let whole = write(&[first()]);
    let file = tempfile::NamedTempFile::new().unwrap();
    crate::hostile::survives(&whole, 51, |bytes| {
        std::fs::write(file.path(), bytes).unwrap();
        assert!(Inception::load(file.path(), &ComputeDevice::cpu()).is_err());
    });
}
