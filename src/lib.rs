//! SCGAN Studio: paint a semantic mask, tick attributes, drag latent sliders, and a generator draws the picture live.
//!
//! The method is SCGAN (FG 2021): a generator that takes its inputs step by step, spatial layout first, then the
//! latent, then attributes. The modules below are in layer order; a module imports only from those above it
//! (`tests/layers.rs` enforces this), and `docs/ARCHITECTURE.md` draws the picture.

#[cfg(test)]
pub(crate) mod hostile;

pub mod atomic_file;
pub mod cielab;
pub(crate) mod dice;
pub mod panic_message;
pub mod taxonomy;

pub mod label_image;
pub mod templates;

pub mod document;
pub mod gpu;
pub mod kernels;
pub mod model;

pub mod characters;

pub mod data;
pub mod influence;
pub mod metrics;

pub mod evaluation;
pub mod train;

pub mod engine;
pub mod training;

pub mod photo;

pub mod export;
pub mod timeline;

pub mod session;

pub mod editor;
pub mod ui;

pub mod app;
pub mod cli;
