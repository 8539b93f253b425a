//! What a session keeps beside the document: how the user set up the work. Undo does not cover it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{MirrorAxis, PaintRules};

/// How the user set up the work on a mask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workspace {
    /// Which pixels tools may change.
    pub rules: PaintRules,
    /// The mirror axis, when painting is mirrored.
    pub symmetry: Option<MirrorAxis>,
    /// How the canvas shows mask and result. What it means is the canvas's affair; a session only keeps it.
    pub canvas: CanvasSection,
}

/// Settings of the canvas by name.
pub type CanvasSection = BTreeMap<String, CanvasValue>;

/// A setting of the canvas.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CanvasValue {
    /// On or off.
    Flag(bool),
    /// A number, finite.
    Number(f32),
    /// A word or a label's name.
    Text(String),
    /// Names of labels.
    Names(Vec<String>),
}

/// A setting as found in a file; `None` for one of a kind that a newer program may have written.
#[derive(Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct AnyCanvasValue(pub(super) Option<CanvasValue>);

impl<'de> Deserialize<'de> for AnyCanvasValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor).map(Self)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Option<CanvasValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a flag, a number, a text or a list of names")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(CanvasValue::Flag(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(CanvasValue::Number(value as f32)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(CanvasValue::Number(value as f32)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(CanvasValue::Number(value as f32)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(CanvasValue::Text(value.to_owned())))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut names = Some(Vec::new());
        while let Some(AnyCanvasValue(item)) = sequence.next_element()? {
            match (item, &mut names) {
                (Some(CanvasValue::Text(name)), Some(names)) => names.push(name),
                _ => names = None,
            }
        }
        Ok(names.map(CanvasValue::Names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
