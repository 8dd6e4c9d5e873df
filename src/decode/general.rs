//! The general way: one record through `serde_json`, whatever it looks like.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::index::shape::Slot;
use crate::model::{DefectKind, FieldId, id};

/// A record's members in the order in which they stand, values still raw.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value::<&'de RawValue>()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A key that borrows from the input where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Why a record did not parse.
pub(super) fn diagnose(error: &serde_json::Error) -> (DefectKind, String) {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => DefectKind::Truncated,
        _ if error.to_string().contains("recursion limit") => DefectKind::Depth,
        _ => DefectKind::Syntax,
    };
    (kind, error.to_string())
}

/// A member's value as text, how it stands, and where the text (still escaped) lies in the raw value.
pub(super) struct Member<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) slot: Slot,
    /// Bytes of the raw value before the text: a quote, or the bracket of a one-element array.
    pub(super) before: usize,
    /// The text as it stands.
    pub(super) raw: &'a str,
}

/// Takes a value apart. `__time__` and its fraction may stand alone in an array (domain.md 2b).
pub(super) fn member(field: FieldId, value: &RawValue) -> Result<Member<'_>, serde_json::Error> {
    let raw = value.get();
    if raw.starts_with('"') {
        let inside = &raw[1..raw.len() - 1];
        // Parsed even without an escape: it may hold a control character, which JSON forbids.
        let text: Cow<'_, str> = match serde_json::from_str::<Key<'_>>(raw)? {
            Key(Cow::Borrowed(text)) => Cow::Borrowed(text),
            Key(Cow::Owned(text)) => Cow::Owned(text),
        };
        return Ok(Member {
            text,
            slot: Slot::Text,
            before: 1,
            raw: inside,
        });
    }
    if matches!(field, id::LOG_TIME | id::LOG_TIME_NS)
        && let Some(inside) = raw.strip_prefix('[').and_then(|r| r.strip_suffix(']'))
        && !inside.is_empty()
        && inside.bytes().all(|b| b.is_ascii_digit())
    {
        return Ok(Member {
            text: Cow::Borrowed(inside),
            slot: Slot::Literal,
            before: 1,
            raw: inside,
        });
    }
    Ok(Member {
        text: Cow::Borrowed(raw),
        slot: Slot::Literal,
        before: 0,
        raw,
    })
}
