//! Reads RON and lists the fields that nobody asked for, at any depth, instead of dropping them without a word or
//! refusing the file.
//!
//! A deserializer wrapped around RON's own: wherever a struct is read, fields that it does not have are skipped and
//! their paths (`latent.foo`, `taxonomy.labels[3].bar`) noted. The struct never sees them, so even types that deny
//! unknown fields can be read from a file of a newer version.

use std::cell::RefCell;
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer as _, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};

/// More paths than this are not listed: a warning should be readable.
const MAX_PATHS: usize = 16;
/// Longer names are cut.
const MAX_NAME_CHARS: usize = 64;

/// What the text holds, and the paths of the fields that `T` does not have.
pub(super) fn from_ron<T: DeserializeOwned>(
    options: &ron::Options,
    text: &str,
) -> Result<(T, Vec<String>), ron::error::SpannedError> {
    let unknown = RefCell::new(Vec::new());
    let seed = std::marker::PhantomData::<T>;
    let value =
        options.from_str_seed(text, Watch { inner: seed, path: &Path::Root, unknown: &unknown, fields: None })?;
    Ok((value, unknown.into_inner()))
}

/// Where in the file something lies.
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Any part of serde's machinery, watched.
struct Watch<'p, T> {
    inner: T,
    path: &'p Path<'p>,
    unknown: &'p RefCell<Vec<String>>,
    /// The fields of the struct that is about to be read, if it is one.
    fields: Option<&'static [&'static str]>,
}

impl<'p, T> Watch<'p, T> {
    /// The same place, with another part of the machinery.
    fn with<U>(&self, inner: U) -> Watch<'p, U> {
        Watch { inner, path: self.path, unknown: self.unknown, fields: None }
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Watch<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        let (path, unknown) = (self.path, self.unknown);
        self.inner.deserialize(Watch { inner: deserializer, path, unknown, fields: None })
    }
}

macro_rules! forward_deserialize {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.with(visitor);
            self.inner.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Watch<'_, D> {
    type Error = D::Error;

    forward_deserialize! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = Watch { fields: Some(fields), ..self.with(visitor) };
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! forward_visit {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watch<'_, V> {
    type Value = V::Value;

    forward_visit! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(formatter)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<V::Value, A::Error> {
        let watch = self.with(sequence);
        self.inner.visit_seq(Items { watch, index: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let watch = Watch { fields: self.fields, ..self.with(map) };
        self.inner.visit_map(Fields { watch, name: String::new(), index: 0 })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.with(access);
        self.inner.visit_enum(access)
    }
}

/// A list being read.
struct Items<'p, A> {
    watch: Watch<'p, A>,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let path = Path::Item(self.watch.path, self.index);
        self.index += 1;
        let unknown = self.watch.unknown;
        self.watch.inner.next_element_seed(Watch { inner: seed, path: &path, unknown, fields: None })
    }

    fn size_hint(&self) -> Option<usize> {
        self.watch.inner.size_hint()
    }
}

/// A struct or map being read.
struct Fields<'p, A> {
    watch: Watch<'p, A>,
    /// Of the struct's field whose value comes next.
    name: String,
    /// Of the map's entry whose value comes next.
    index: usize,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(fields) = self.watch.fields else {
            self.index += 1;
            return self.watch.inner.next_key_seed(seed);
        };
        while let Some(name) = self.watch.inner.next_key_seed(FieldName)? {
            if fields.contains(&name.as_str()) {
                self.name = name;
                return seed.deserialize(self.name.as_str().into_deserializer()).map(Some);
            }
            self.watch.inner.next_value::<IgnoredAny>()?;
            let mut unknown = self.watch.unknown.borrow_mut();
            if unknown.len() < MAX_PATHS {
                let short: String = name.chars().take(MAX_NAME_CHARS).collect();
                unknown.push(Path::Field(self.watch.path, &short).to_string());
            }
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let path = match self.watch.fields {
            Some(_) => Path::Field(self.watch.path, &self.name),
            None => Path::Item(self.watch.path, self.index - 1),
        };
        let unknown = self.watch.unknown;
        self.watch.inner.next_value_seed(Watch { inner: seed, path: &path, unknown, fields: None })
    }

    fn size_hint(&self) -> Option<usize> {
        self.watch.inner.size_hint()
    }
}

impl<'de, 'p, A: EnumAccess<'de>> EnumAccess<'de> for Watch<'p, A> {
    type Error = A::Error;
    type Variant = Watch<'p, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let (path, unknown) = (self.path, self.unknown);
        let (value, variant) = self.inner.variant_seed(seed)?;
        Ok((value, Watch { inner: variant, path, unknown, fields: None }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Watch<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = Watch { fields: Some(fields), ..self.with(visitor) };
        self.inner.struct_variant(fields, visitor)
    }
}

/// The name of any field; RON hands names out only to those who ask for an identifier.
pub(super) struct FieldName;

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        value: u32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Plain,
        Rich { inner: Inner },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        inner: Inner,
        list: Vec<Inner>,
        maybe: Option<Inner>,
        kinds: Vec<Kind>,
    }

    #[test]
    fn unknown_fields_are_named_with_their_place_and_left_out() {
        let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let text = "(new: {1: [Some(2)]}, inner: (value: 1, deep: (a: 1)), list: [(value: 2), (x: \"y\", value: 3)],
            maybe: (value: 4, odd: None), kinds: [Plain, Rich(inner: (value: 5, z: 1.5), w: Fancy)])";
        let (outer, unknown) = from_ron::<Outer>(&options, text).unwrap();
        assert_eq!(unknown, ["new", "inner.deep", "list[1].x", "maybe.odd", "kinds[1].inner.z", "kinds[1].w"]);
        let inner = |value| Inner { value };
        let kinds = vec![Kind::Plain, Kind::Rich { inner: inner(5) }];
        assert_eq!(outer, Outer { inner: inner(1), list: vec![inner(2), inner(3)], maybe: Some(inner(4)), kinds });
        assert!(from_ron::<Outer>(&options, "(inner: (value: -1))").is_err());
    }
}
