//! The text of a session file: RON, version 1.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Loaded, MAX_BYTES, ModelIdentity, Session, SessionFormatError, View};
use crate::document::{LabelMap, LatentState, Snapshot};
use crate::label_image::{decode_mask_png, encode_mask_png};
use crate::taxonomy::Taxonomy;

const VERSION: u32 = 1;
const HEADING: &str =
    "// A session of SCGAN Studio. The mask is a PNG in base64; its pixels index the taxonomy's labels.\n";
const MAX_OFFSETS: usize = 4096;
const MAX_NAME_BYTES: usize = 256;
/// Beyond 0 (off) and 1 (on) lies the overdrive.
const ATTRIBUTE_RANGE: RangeInclusive<f32> = -1.0..=2.0;
const OFFSET_RANGE: RangeInclusive<f32> = -100.0..=100.0;
const ZOOM_RANGE: RangeInclusive<f32> = 1e-3..=1e3;
const CENTER_RANGE: RangeInclusive<f32> = -1e5..=1e5;

/// The fields of the file.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    model: ModelIdentity,
    taxonomy: Taxonomy,
    mask: Mask,
    /// By name, so that a session outlives a change of order.
    attributes: BTreeMap<String, f32>,
    latent: LatentState,
    view: View,
}

const FIELDS: [&str; 7] = ["version", "model", "taxonomy", "mask", "attributes", "latent", "view"];

#[derive(Serialize, Deserialize)]
struct Mask {
    width: u32,
    height: u32,
    png: String,
}

pub(super) fn write(session: &Session) -> Result<String, SessionFormatError> {
    let Session { model, taxonomy, document, view } = session;
    let count = document.attributes.len();
    if count != taxonomy.n_attributes() {
        return Err(wrong_count("attributes", count, taxonomy.n_attributes().to_string()));
    }
    let png = encode_mask_png(&document.labels.to_image(), taxonomy).map_err(SessionFormatError::MaskWrite)?;
    let names = taxonomy.attribute_names().map(str::to_owned);
    let file = File {
        version: VERSION,
        model: model.clone(),
        taxonomy: taxonomy.clone(),
        mask: Mask { width: document.labels.width(), height: document.labels.height(), png: STANDARD.encode(png) },
        attributes: names.zip(document.attributes.iter().copied()).collect(),
        latent: document.latent.clone(),
        view: *view,
    };
    file.check()?;
    let text = options().to_string_pretty(&file, PrettyConfig::default().depth_limit(3))?;
    let text = format!("{HEADING}{text}\n");
    if text.len() > MAX_BYTES { Err(SessionFormatError::TooLong) } else { Ok(text) }
}

pub(super) fn parse(text: &str) -> Result<Loaded, SessionFormatError> {
    if text.len() > MAX_BYTES {
        return Err(SessionFormatError::TooLong);
    }
    // The version first: a newer file need not have the fields of this one.
    let outline: Outline = options().from_str(text)?;
    match outline.version {
        Some(VERSION) => {}
        Some(found) => return Err(SessionFormatError::Version { found, known: VERSION }),
        None => return Err(SessionFormatError::NoVersion),
    }
    let file: File = options().from_str(text)?;
    file.check()?;
    let mut warnings: Vec<_> =
        outline.unknown.iter().map(|field| format!("the field `{field}` is unknown and was left out")).collect();
    let attributes = attributes_in_order(&file, &mut warnings);
    let labels = file.mask.decode(&file.taxonomy)?;
    let document = Snapshot { labels, attributes, latent: file.latent };
    let session = Session { model: file.model, taxonomy: file.taxonomy, document, view: file.view };
    Ok(Loaded { session, warnings })
}

/// Writes and reads `None` and `Some` like the taxonomy files do.
fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

impl File {
    /// Everything but the mask's pixels.
    fn check(&self) -> Result<(), SessionFormatError> {
        self.taxonomy.validate()?;
        check_length("bytes in the model's name", self.model.name.len(), MAX_NAME_BYTES)?;
        check_length("bytes in the model's hash", self.model.hash.len(), MAX_NAME_BYTES)?;
        check_length("latent offsets", self.latent.offsets.len(), MAX_OFFSETS)?;
        for (name, value) in &self.attributes {
            check_range(|| format!("the attribute `{name}`"), *value, ATTRIBUTE_RANGE)?;
        }
        for (number, value) in self.latent.offsets.iter().enumerate() {
            check_range(|| format!("latent offset {number}"), *value, OFFSET_RANGE)?;
        }
        if let View::Free { zoom, center } = self.view {
            check_range(|| "the zoom".to_owned(), zoom, ZOOM_RANGE)?;
            for place in center {
                check_range(|| "the view's centre".to_owned(), place, CENTER_RANGE)?;
            }
        }
        Ok(())
    }
}

impl Mask {
    fn decode(&self, taxonomy: &Taxonomy) -> Result<LabelMap, SessionFormatError> {
        let image = decode_mask_png(&STANDARD.decode(&self.png)?, taxonomy).map_err(SessionFormatError::MaskRead)?;
        let (found, expected) = ((image.width(), image.height()), (self.width, self.height));
        if found != expected {
            return Err(SessionFormatError::MaskSize { found, expected });
        }
        Ok(LabelMap::from_image(&image))
    }
}

/// The attributes in the taxonomy's flat order. One that the file lacks is off.
fn attributes_in_order(file: &File, warnings: &mut Vec<String>) -> Vec<f32> {
    let taxonomy = &file.taxonomy;
    let unknown = file.attributes.keys().filter(|name| taxonomy.attribute_index(name).is_none());
    warnings.extend(
        unknown
            .take(MAX_UNKNOWN)
            .map(|name| format!("the attribute `{name}` is not in the taxonomy `{}` and was left out", taxonomy.name)),
    );
    let mut value_of = |name: &str| {
        file.attributes.get(name).copied().unwrap_or_else(|| {
            warnings.push(format!("the attribute `{name}` is missing and was turned off"));
            0.0
        })
    };
    taxonomy.attribute_names().map(&mut value_of).collect()
}

fn check_range(
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

fn check_length(what: &'static str, count: usize, most: usize) -> Result<(), SessionFormatError> {
    if count > most { Err(wrong_count(what, count, format!("at most {most}"))) } else { Ok(()) }
}

fn wrong_count(what: &'static str, count: usize, expected: String) -> SessionFormatError {
    SessionFormatError::Count { what, count, expected }
}

/// More unknown names than this are not listed: a warning should be readable.
const MAX_UNKNOWN: usize = 16;

/// A first look at the file: its version and the names that are not [`FIELDS`], whatever they hold.
struct Outline {
    version: Option<u32>,
    unknown: Vec<String>,
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Session", &FIELDS, OutlineVisitor)
    }
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the fields of a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        let mut outline = Outline { version: None, unknown: Vec::new() };
        while let Some(FieldName(name)) = map.next_key()? {
            if name == "version" {
                outline.version = Some(map.next_value()?);
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            if !FIELDS.contains(&name.as_str()) && outline.unknown.len() < MAX_UNKNOWN {
                outline.unknown.push(name);
            }
        }
        Ok(outline)
    }
}

/// The name of any field; RON hands names out only to those who ask for an identifier.
struct FieldName(String);

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(FieldNameVisitor).map(FieldName)
    }
}

struct FieldNameVisitor;

impl Visitor<'_> for FieldNameVisitor {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }
}
