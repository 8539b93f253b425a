//! Damaged, incomplete and hostile checkpoints: one precise message, and never a panic or an absurd allocation.

use std::fs;
use std::io::Write;

use super::stream::{Stored, state_dict, write};
use super::{fixture, import_stored};
use crate::gpu::ComputeDevice;
use crate::hostile::survives;
use crate::model::import::checkpoint::Checkpoint;
use crate::model::import::classes::{GeneratorClass, SegmentorClass};
use crate::model::import::{ImportOptions, ImportProblem, import, is_checkpoint};

/// Everything that can be read of a file.
fn read_all(path: &std::path::Path) -> Result<(), ImportProblem> {
    let checkpoint = Checkpoint::open(path)?;
    if let Some(generator) = GeneratorClass::find(&checkpoint, None)? {
        generator.read(&checkpoint, &generator.config(5)?)?;
    }
    if let Some(segmentor) = SegmentorClass::find(&checkpoint, None)? {
        segmentor.read(&checkpoint)?;
    }
    Ok(())
}

#[test]
fn cut_off_and_garbled_files_of_every_form_are_survived() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.pth");
    for (seed, name) in [(31, "generator_sc_2.pth"), (32, "stream_module.pth"), (33, "segmentor_tar.pth")] {
        read_all(&fixture(name)).unwrap();
        survives(&fs::read(fixture(name)).unwrap(), seed, |bytes| {
            is_checkpoint(bytes);
            fs::write(&path, bytes).unwrap();
            let _ = read_all(&path);
            // Some file systems wait for the disk when a file is truncated and written again, but not for a new one.
            fs::remove_file(&path).unwrap();
        });
    }
}

fn message(stored: &[Stored]) -> String {
    let message = import_stored(stored, &ImportOptions::default()).unwrap_err();
    assert!(message.contains("made.pth: ") && message.lines().count() == 1, "{message}");
    message
}

fn changed(name: &str, change: impl Fn(&mut Stored)) -> Vec<Stored> {
    let mut stored = state_dict("generator_sc_2.pth");
    let tensor = stored.iter_mut().find(|tensor| tensor.name == name).unwrap();
    change(tensor);
    stored
}

#[test]
fn what_is_wrong_with_a_state_dict_is_named() {
    let all = state_dict("generator_sc_2.pth");
    import_stored(&all, &ImportOptions::default()).unwrap();

    let missing: Vec<Stored> = all
        .iter()
        .filter(|tensor| !["model1.2.bias", "model2.0.weight"].contains(&tensor.name.as_str()))
        .cloned()
        .collect();
    let said = message(&missing);
    // Without `model2.0.weight` it looks like the other class, whose first block is not there.
    assert!(said.contains("Generator_SC_3") && said.contains("model1.0.model.0.weight"), "{said}");
    let missing: Vec<Stored> = all.iter().filter(|tensor| tensor.name != "model1.2.bias").cloned().collect();
    assert!(message(&missing).contains("without `model1.2.bias`"));

    // One of two names is enough, but two must agree.
    let once: Vec<Stored> = all.iter().filter(|tensor| !tensor.name.contains("conv_sc")).cloned().collect();
    import_stored(&once, &ImportOptions::default()).unwrap();
    let said = message(&changed("model2.5.weight", |tensor| tensor.values[3] += 0.5));
    assert!(said.contains("`final.weight` and `model2.5.weight`") && said.contains("differ"), "{said}");

    let said =
        message(&changed("model2.2.model.1.bias", |tensor| *tensor = Stored::new(&tensor.name, &[1], vec![0.0])));
    assert!(said.contains("`model2.2.model.1.bias` is [1]") && said.contains("[2]"), "{said}");
    let said = message(&changed("model_s.3.bias", |tensor| tensor.values[0] = f32::NAN));
    assert!(said.contains("`model_s.3.bias`") && said.contains("not numbers"), "{said}");
    let said = message(&changed("model_s.3.bias", |tensor| tensor.storage = "IntStorage"));
    assert!(said.contains("`model_s.3.bias` is stored as I32"), "{said}");
    let said = message(&changed("dense.weight", |tensor| *tensor = Stored::new("dense.weight", &[1, 9], vec![0.0; 9])));
    assert!(said.contains("older Generator_SC_2"), "{said}");

    // Statistics that old versions kept change nothing; another layer would.
    let more = |name: &str| [&all[..], &[Stored::new(name, &[8], vec![0.5; 8])]].concat();
    let (_, imported) = import_stored(&more("model1.2.running_mean"), &ImportOptions::default()).unwrap();
    assert!(imported.unused.contains(&"model1.2.running_mean".to_owned()));
    let said = message(&more("model2.9.weight"));
    assert!(said.contains("Generator_SC_2") && said.contains("also has `model2.9.weight`"), "{said}");

    let said = message(&[Stored::new("conv1.weight", &[2], vec![0.0; 2])]);
    assert!(said.contains("Generator_SC_2") && said.contains("`conv1.weight`"), "{said}");
    assert!(message(&[]).contains("no tensors"));
}

#[test]
fn claims_are_held_against_the_file_before_anything_is_read() {
    // A view that repeats one value ten thousand million times.
    let endless = |tensor: &mut Stored| {
        tensor.shape = vec![50_000, 50_000, 1, 1];
        tensor.stride = vec![0; 4];
    };
    let without_dense: Vec<Stored> =
        changed("model_s.0.weight", endless).into_iter().filter(|tensor| !tensor.name.starts_with("dense")).collect();
    let said = message(&without_dense);
    assert!(said.contains("50000 labels"), "{said}");
    let said = message(&changed("model1.0.weight", |tensor| {
        tensor.shape = vec![16, 4_000_000, 3, 3];
        tensor.stride = vec![0; 4];
    }));
    assert!(said.contains("n_z") || said.contains("dense"), "{said}");
    let widest = |tensor: &mut Stored| {
        tensor.shape = vec![256, 7, 4, 4];
        tensor.stride = vec![0; 4];
    };
    assert!(import_stored(&changed("model_s.0.weight", widest), &ImportOptions::default()).is_err());

    // Small enough for any network, and still more than the file has.
    let repeated = Stored { stride: vec![0; 2], values: vec![0.5], ..Stored::new("a", &[100, 100], vec![]) };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("repeated.pth");
    fs::write(&path, write(&[repeated])).unwrap();
    let said = Checkpoint::open(&path).unwrap().read("a").unwrap_err().to_string();
    assert!(said.contains("tensor `a` claims 40000 bytes"), "{said}");
}

fn refused(bytes: &[u8], words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.pth");
    fs::write(&path, bytes).unwrap();
    let error = import(&path, None, &ImportOptions::default(), &ComputeDevice::cpu()).unwrap_err().to_string();
    assert!(error.contains("hostile.pth: ") && error.contains(words), "{error}");
}

#[test]
fn bombs_are_refused() {
    // A pickle of many instructions, each an object.
    let mut bytes = write(&[]);
    let at = bytes.windows(6).position(|window| window == b"\x80\x02}(u.").unwrap();
    bytes.splice(at + 2..at + 2, std::iter::repeat_n(b']', 2 << 20));
    refused(&bytes, "too many instructions");

    // A sparse part of a tar file: a terabyte of zeros in one block.
    let mut header = tar::Header::new_gnu();
    header.set_path("pickle").unwrap();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(512);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.set_real_size(1 << 40);
    gnu.sparse[0].set_offset((1 << 40) - 512);
    gnu.sparse[0].set_length(512);
    header.set_cksum();
    let bytes = [&header.as_bytes()[..], &[0; 1536]].concat();
    refused(&bytes, "no plain files");

    // A part of a zip file that unpacks to a thousand times its size.
    refused(&deflated_zip(), "compressed");
    refused(b"PK\x03\x04 but no more", "no PyTorch checkpoint");
    refused(b"", "cut off");
    refused(b"\x80\x02}q\x00.", "without tensors");
    refused(b"{\"not\": \"a pickle\"}", "no PyTorch checkpoint");
}

/// A zip file with one compressed part, written by hand: the zip crate is built here without compression.
fn deflated_zip() -> Vec<u8> {
    let zeros = vec![0; 1 << 20];
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&zeros).unwrap();
    let packed = encoder.finish().unwrap();
    let mut checksum = flate2::Crc::new();
    checksum.update(&zeros);
    let name = b"a/data.pkl";
    let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    for number in [checksum.sum(), packed.len() as u32, zeros.len() as u32] {
        common.extend(number.to_le_bytes());
    }
    common.extend((name.len() as u16).to_le_bytes());
    common.extend([0, 0]);
    let local = [b"PK\x03\x04", &common[..], name, &packed].concat();
    let central = [b"PK\x01\x02\x14\x00", &common[..], &[0; 14], name].concat();
    let mut bytes = local.clone();
    bytes.extend(&central);
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend((central.len() as u32).to_le_bytes());
    bytes.extend((local.len() as u32).to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}
