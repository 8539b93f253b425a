//! The rules that the values of a session file obey, in reading and in writing.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::format::{File, wrong_count};
use super::keyframes::TimelineSection;
use super::workspace::AnyCanvasValue;
use super::{CanvasValue, SessionFormatError, View};
use crate::document::{LatentPin, LatentState};
use crate::taxonomy::MAX_LABELS;

const MAX_OFFSETS: usize = 4096;
/// More would double the work with each.
const MAX_BLENDS: usize = 6;
const MAX_NAME_BYTES: usize = 256;
const MAX_PATH_BYTES: usize = 4096;
const MAX_CANVAS_FIELDS: usize = 64;
/// Beyond 0 (off) and 1 (on) lies the overdrive.
const ATTRIBUTE_RANGE: RangeInclusive<f32> = -1.0..=2.0;
const OFFSET_RANGE: RangeInclusive<f32> = -100.0..=100.0;
const ZOOM_RANGE: RangeInclusive<f32> = 1e-3..=1e3;
const PLACE_RANGE: RangeInclusive<f32> = -1e5..=1e5;
const ANGLE_RANGE: RangeInclusive<f32> = -100.0..=100.0;
const NUMBER_RANGE: RangeInclusive<f32> = -1e6..=1e6;

/// Everything but the mask's pixels.
pub(super) fn check(file: &File) -> Result<(), SessionFormatError> {
    file.taxonomy.validate()?;
    at_most("bytes in the model's name", file.model.name.len(), MAX_NAME_BYTES)?;
    at_most("bytes in the model's hash", file.model.hash.len(), MAX_NAME_BYTES)?;
    at_most("bytes in the model's path", file.model.file.as_ref().map_or(0, String::len), MAX_PATH_BYTES)?;
    check_attributes(&file.attributes)?;
    check_latent(&file.latent)?;
    if let View::Free { zoom, center } = file.view {
        within(|| "the zoom".to_owned(), zoom, ZOOM_RANGE)?;
        center.into_iter().try_for_each(|place| within(|| "the view's centre".to_owned(), place, PLACE_RANGE))?;
    }
    if let Some(axis) = file.symmetry {
        within(|| "the mirror axis' angle".to_owned(), axis.angle_rad, ANGLE_RANGE)?;
        [axis.through.x, axis.through.y]
            .into_iter()
            .try_for_each(|at| within(|| "the mirror axis' place".to_owned(), at, PLACE_RANGE))?;
    }
    at_most("locked labels", file.locked.len(), MAX_LABELS)?;
    check_canvas(&file.canvas)?;
    file.timeline.as_ref().map_or(Ok(()), TimelineSection::check)
}

pub(super) fn check_attributes(attributes: &BTreeMap<String, f32>) -> Result<(), SessionFormatError> {
    attributes
        .iter()
        .try_for_each(|(name, value)| within(|| format!("the attribute `{name}`"), *value, ATTRIBUTE_RANGE))
}

pub(super) fn check_latent(latent: &LatentState) -> Result<(), SessionFormatError> {
    check_code(&latent.fitted, &latent.offsets, &latent.raw)?;
    latent.pins.iter().flatten().try_for_each(|pin| check_pin(pin, 0))?;
    latent.blend.map_or(Ok(()), |blend| within(|| "the latent blend".to_owned(), blend, 0.0..=1.0))
}

/// A pin may be a place between two others, but not without end.
fn check_pin(pin: &LatentPin, depth: usize) -> Result<(), SessionFormatError> {
    check_code(&pin.fitted, &pin.offsets, &pin.raw)?;
    let Some(blend) = &pin.between else { return Ok(()) };
    at_most("latent blends within each other", depth + 1, MAX_BLENDS)?;
    within(|| "the blend of a pinned latent".to_owned(), blend.place, 0.0..=1.0)?;
    blend.ends.iter().try_for_each(|end| check_pin(end, depth + 1))
}

fn check_code(fitted: &[f32], offsets: &[f32], raw: &BTreeMap<u16, f32>) -> Result<(), SessionFormatError> {
    at_most("values of a fitted latent", fitted.len(), MAX_OFFSETS)?;
    for (number, value) in fitted.iter().enumerate() {
        within(|| format!("value {number} of a fitted latent"), *value, OFFSET_RANGE)?;
    }
    at_most("latent offsets", offsets.len(), MAX_OFFSETS)?;
    at_most("latent coordinates", raw.len(), MAX_OFFSETS)?;
    for (number, value) in offsets.iter().enumerate() {
        within(|| format!("latent offset {number}"), *value, OFFSET_RANGE)?;
    }
    raw.iter().try_for_each(|(number, value)| within(|| format!("latent coordinate {number}"), *value, OFFSET_RANGE))
}

fn check_canvas(canvas: &BTreeMap<String, AnyCanvasValue>) -> Result<(), SessionFormatError> {
    at_most("settings of the canvas", canvas.len(), MAX_CANVAS_FIELDS)?;
    for (name, value) in canvas {
        at_most("bytes in the name of a canvas setting", name.len(), MAX_NAME_BYTES)?;
        match &value.0 {
            Some(CanvasValue::Number(number)) => within(|| format!("`canvas.{name}`"), *number, NUMBER_RANGE)?,
            Some(CanvasValue::Text(text)) => at_most("bytes in a canvas setting", text.len(), MAX_NAME_BYTES)?,
            Some(CanvasValue::Names(names)) => {
                at_most("names in a canvas setting", names.len(), MAX_LABELS)?;
                let longest = names.iter().map(String::len).max().unwrap_or(0);
                at_most("bytes in a canvas setting", longest, MAX_NAME_BYTES)?;
            }
            Some(CanvasValue::Flag(_)) | None => {}
        }
    }
    Ok(())
}

pub(super) fn within(
    what: impl FnOnce() -> String,
    value: f32,
    range: RangeInclusive<f32>,
) -> Result<(), SessionFormatError> {
    if range.contains(&value) {
        return Ok(());
    }
    let (low, high) = range.into_inner();
    Err(SessionFormatError::OutOfRange { what: what(), value, low, high })
}

fn at_most(what: &'static str, count: usize, most: usize) -> Result<(), SessionFormatError> {
    if count > most { Err(wrong_count(what, count, format!("at most {most}"))) } else { Ok(()) }
}
