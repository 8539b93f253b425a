//! The text of a session file: RON, version 2.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::check::check;
use super::keyframes::TimelineSection;
use super::lenient::{self, FieldName};
use super::workspace::AnyCanvasValue;
use super::{CanvasSection, Loaded, MAX_BYTES, ModelIdentity, Session, SessionFormatError, View, Workspace, v1};
use crate::document::{LabelMap, LatentState, MirrorAxis, PaintRules, Snapshot, Timeline};
use crate::label_image::{decode_mask_png, encode_mask_png};
use crate::taxonomy::{LabelId, Taxonomy};

const VERSION: u32 = 2;
const HEADING: &str =
    "// A session of SCGAN Studio. The mask is a PNG in base64; its pixels index the taxonomy's labels.\n";
/// More warnings of a kind than this are not listed: they should be readable.
const MAX_WARNINGS: usize = 16;

/// The fields of the file. All but the taxonomy and the mask may be missing, so that files of newer versions have a
/// chance to be understood.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Session")]
pub(super) struct File {
    pub(super) version: u32,
    #[serde(default)]
    pub(super) model: ModelIdentity,
    pub(super) taxonomy: Taxonomy,
    pub(super) mask: Mask,
    /// By name, so that a session outlives a change of order.
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, f32>,
    #[serde(default)]
    pub(super) latent: LatentState,
    #[serde(default)]
    pub(super) view: View,
    #[serde(default)]
    pub(super) canvas: BTreeMap<String, AnyCanvasValue>,
    /// Labels by name.
    #[serde(default)]
    pub(super) locked: Vec<String>,
    #[serde(default)]
    pub(super) paint_only_over: Option<String>,
    #[serde(default)]
    pub(super) symmetry: Option<MirrorAxis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timeline: Option<TimelineSection>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Mask {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) png: String,
}

pub(super) fn write(session: &Session) -> Result<String, SessionFormatError> {
    let Session { model, taxonomy, document, view, workspace } = session;
    let count = document.attributes.len();
    if count != taxonomy.n_attributes() {
        return Err(wrong_count("attributes", count, taxonomy.n_attributes().to_string()));
    }
    let names = taxonomy.attribute_names().map(str::to_owned);
    let label = |id: LabelId| taxonomy.labels.get(usize::from(id)).map(|label| label.name.clone());
    let file = File {
        version: VERSION,
        model: model.clone(),
        taxonomy: taxonomy.clone(),
        mask: Mask::encode(&document.labels, taxonomy)?,
        attributes: names.zip(document.attributes.iter().copied()).collect(),
        latent: document.latent.clone(),
        view: *view,
        canvas: workspace
            .canvas
            .iter()
            .map(|(name, value)| (name.clone(), AnyCanvasValue(Some(value.clone()))))
            .collect(),
        locked: workspace.rules.locked.iter().filter_map(label).collect(),
        paint_only_over: workspace.rules.only_over.and_then(label),
        symmetry: workspace.symmetry,
        timeline: TimelineSection::of(&document.timeline, taxonomy)?,
    };
    check(&file)?;
    let text = options().to_string_pretty(&file, PrettyConfig::default().depth_limit(3))?;
    let text = format!("{HEADING}{text}\n");
    if text.len() > MAX_BYTES { Err(SessionFormatError::TooLong) } else { Ok(text) }
}

pub(super) fn parse(text: &str) -> Result<Loaded, SessionFormatError> {
    if text.len() > MAX_BYTES {
        return Err(SessionFormatError::TooLong);
    }
    // The version first: it says which fields to expect.
    let outline: Outline = options().from_str(text)?;
    match outline.version {
        None => Err(SessionFormatError::NoVersion),
        Some(1) => {
            let (file, unknown) = lenient::from_ron::<v1::File>(&options(), text)?;
            loaded(file.into(), &unknown)
        }
        Some(VERSION) => parse_current(text),
        Some(found) if found > VERSION => {
            let newer = |source| SessionFormatError::Newer { found, known: VERSION, source: Box::new(source) };
            let loaded = parse_current(text).map_err(newer)?;
            Ok(Loaded { newer_version: Some(found), ..loaded })
        }
        Some(found) => Err(SessionFormatError::Version { found, known: VERSION }),
    }
}

fn parse_current(text: &str) -> Result<Loaded, SessionFormatError> {
    let (file, unknown) = lenient::from_ron::<File>(&options(), text)?;
    loaded(file, &unknown)
}

fn loaded(file: File, unknown: &[String]) -> Result<Loaded, SessionFormatError> {
    check(&file)?;
    let mut warnings: Vec<_> =
        unknown.iter().map(|field| format!("The field `{field}` is unknown and was left out.")).collect();
    let attributes = attributes_in_order(&file.attributes, &file.taxonomy, &mut warnings);
    let rules = rules(&file, &mut warnings);
    let labels = file.mask.decode(&file.taxonomy)?;
    let canvas = canvas(file.canvas, &mut warnings);
    let timeline = match file.timeline {
        Some(section) => section.decode(&file.taxonomy, &mut warnings)?,
        None => Timeline::default(),
    };
    let session = Session {
        model: file.model,
        taxonomy: file.taxonomy,
        document: Snapshot { labels, attributes, latent: file.latent, timeline },
        view: file.view,
        workspace: Workspace { rules, symmetry: file.symmetry, canvas },
    };
    Ok(Loaded { session, warnings, newer_version: None })
}

/// Locks by name; a label that the taxonomy lacks is left out.
fn rules(file: &File, warnings: &mut Vec<String>) -> PaintRules {
    let mut id = |name: &String| {
        let id = file.taxonomy.label_id(name);
        if id.is_none() && warnings.len() < MAX_WARNINGS {
            let taxonomy = &file.taxonomy.name;
            warnings.push(format!("The label `{name}` is not in the taxonomy `{taxonomy}`; its lock was left out."));
        }
        id
    };
    PaintRules {
        locked: file.locked.iter().filter_map(&mut id).collect(),
        only_over: file.paint_only_over.as_ref().and_then(&mut id),
    }
}

fn canvas(found: BTreeMap<String, AnyCanvasValue>, warnings: &mut Vec<String>) -> CanvasSection {
    let mut known = CanvasSection::new();
    for (name, AnyCanvasValue(value)) in found {
        match value {
            Some(value) => drop(known.insert(name, value)),
            None => warnings.push(format!("The field `canvas.{name}` is unknown and was left out.")),
        }
    }
    known
}

/// Writes and reads `None` and `Some` like the taxonomy files do.
fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

impl Mask {
    pub(super) fn encode(labels: &LabelMap, taxonomy: &Taxonomy) -> Result<Self, SessionFormatError> {
        let png = encode_mask_png(&labels.to_image(), taxonomy).map_err(SessionFormatError::MaskWrite)?;
        Ok(Self { width: labels.width(), height: labels.height(), png: STANDARD.encode(png) })
    }

    pub(super) fn decode(&self, taxonomy: &Taxonomy) -> Result<LabelMap, SessionFormatError> {
        let image = decode_mask_png(&STANDARD.decode(&self.png)?, taxonomy).map_err(SessionFormatError::MaskRead)?;
        let (found, expected) = ((image.width(), image.height()), (self.width, self.height));
        if found != expected {
            return Err(SessionFormatError::MaskSize { found, expected });
        }
        Ok(LabelMap::from_image(&image))
    }
}

/// The attributes in the taxonomy's flat order. One that the file lacks is off.
pub(super) fn attributes_in_order(
    found: &BTreeMap<String, f32>,
    taxonomy: &Taxonomy,
    warnings: &mut Vec<String>,
) -> Vec<f32> {
    let unknown = found.keys().filter(|name| taxonomy.attribute_index(name).is_none());
    warnings.extend(
        unknown
            .take(MAX_WARNINGS)
            .map(|name| format!("The attribute `{name}` is not in the taxonomy `{}` and was left out.", taxonomy.name)),
    );
    let mut value_of = |name: &str| {
        found.get(name).copied().unwrap_or_else(|| {
            warnings.push(format!("The attribute `{name}` is missing and was turned off."));
            0.0
        })
    };
    taxonomy.attribute_names().map(&mut value_of).collect()
}

pub(super) fn wrong_count(what: &'static str, count: usize, expected: String) -> SessionFormatError {
    SessionFormatError::Count { what, count, expected }
}

/// A first look at the file: its version, whatever else it holds.
struct Outline {
    version: Option<u32>,
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Session", &["version"], OutlineVisitor)
    }
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the fields of a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        let mut version = None;
        while let Some(name) = map.next_key_seed(FieldName)? {
            if name == "version" {
                version = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Outline { version })
    }
}
