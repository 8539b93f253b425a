//! What a rendered person costs the processor: sampling, morphs, fitting, skinning and normals, without drawing.
//!
//! `cargo bench --profile release --bench characters -- DIR` prints milliseconds per picture on one core; DIR is MakeHuman's `data`
//! folder. Nothing here fails on a slow machine.

use scgan::characters::{Kind, Library, triangles};
use scgan::taxonomy::Taxonomy;
use std::path::PathBuf;
use std::time::Instant;

const PICTURES: u64 = 200;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = PathBuf::from(folder.unwrap_or_else(|| "../shared/data/makehuman/data".to_owned()));
    let library = match Library::open(&folder) {
        Ok(library) => library,
        Err(error) => return println!("{error}"),
    };
    for kind in Kind::ALL {
        let Some(taxonomy) = Taxonomy::builtin(kind.taxonomy()) else { continue };
        let began = Instant::now();
        let sum: usize = (0..PICTURES).map(|index| triangles(&library, kind, 1, index, &taxonomy)).sum();
        let each_ms = 1e3 * began.elapsed().as_secs_f64() / PICTURES as f64;
        println!("{kind}: {each_ms:.2} ms a picture, {} triangles on average", sum as u64 / PICTURES);
    }
}
