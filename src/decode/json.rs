//! General path: reads one record of any form through `serde_json`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::decoder::Decoder;
use super::lenient::has_lone_surrogate;
use super::nature;
use super::target::Target;
use super::time_cache::Unreadable;
use super::value_cache::{ASCII, MINIMAL, Styles};
use crate::index::template::{Part, Slot, Template, escape};
use crate::index::{ColumnId, Interner, MISSING, Typed, parse_uuid, spelling};
use crate::model::loose;
use crate::model::time::{self, Nanos};
use crate::model::{CATALOGUE, FieldId, FieldKind, id};

/// Members of a record in their order, with raw values.
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

/// Key that borrows from the input unless it has escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

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

/// Member of a record, parsed.
pub(super) struct Parsed<'a> {
    pub(super) key: Cow<'a, str>,
    /// Field of the catalogue, if the key is its name.
    pub(super) field: Option<FieldId>,
    pub(super) value: &'a RawValue,
    pub(super) member: Member<'a>,
}

/// Reason why a record did not parse.
#[derive(Debug)]
pub(super) enum Unread {
    Json(serde_json::Error),
    /// The value of a member is not valid JSON.
    Value(String, &'static str),
}

/// Parses a record into its members.
pub(super) fn parse(text: &str) -> Result<Vec<Parsed<'_>>, Unread> {
    let Members(members) = serde_json::from_str(text).map_err(Unread::Json)?;
    let mut parsed = Vec::with_capacity(members.len());
    for (key, value) in members {
        let field = recorded_field(&key);
        let broken = |_| Unread::Value(key.to_string(), "invalid escape");
        let member = member(field.unwrap_or(id::ACTION), value).map_err(broken)?;
        if member.slot == Slot::Literal && has_lone_surrogate(member.raw) {
            return Err(Unread::Value(key.to_string(), "unpaired surrogate"));
        }
        parsed.push(Parsed {
            key,
            field,
            value,
            member,
        });
    }
    Ok(parsed)
}

/// Value of a member: its text, the slot it fills, and the place of the escaped text in the raw value.
pub(super) struct Member<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) slot: Slot,
    /// Number of bytes of the raw value before the text: a quote, or the bracket of a one-element array.
    pub(super) before: usize,
    /// Text before unescaping.
    pub(super) raw: &'a str,
}

/// Parses a value. `__time__` and its fraction may be the only element of an array (domain.md 2b).
pub(super) fn member(field: FieldId, value: &RawValue) -> Result<Member<'_>, serde_json::Error> {
    let raw = value.get();
    if raw.starts_with('"') {
        let inside = &raw[1..raw.len() - 1];
        // Parsed even without an escape, because it may contain a control character, which JSON forbids.
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

impl Decoder {
    /// Reads a record on the general path; false if it is not an event and nothing is to be appended.
    pub(super) fn general(&mut self, record: &[u8], position: u64) -> bool {
        let text = String::from_utf8_lossy(record);
        if matches!(text, Cow::Owned(_)) {
            self.odd.foreign(record);
        }
        match parse(&text) {
            Ok(members) => {
                let whole = matches!(text, Cow::Borrowed(_));
                self.members(&text, &members, whole.then_some(record), record, position)
            }
            Err(why) => self.damaged(record, position, &why),
        }
    }

    /// Reads a parsed record. `whole`: the record, if `text` is its exact text. `kept`: the bytes to store if no
    /// template can reproduce the record.
    pub(super) fn members(
        &mut self,
        text: &str,
        members: &[Parsed<'_>],
        whole: Option<&[u8]>,
        kept: &[u8],
        position: u64,
    ) -> bool {
        let tells = self.is_row || members.iter().any(|m| m.field.is_some_and(nature::tells));
        if !tells && self.stranger(members, kept, whole.is_some(), position) {
            return false;
        }
        let mut shape = Template::default();
        let mut whole = whole.is_some();
        let mut unknown_seen = Vec::new();
        let mut done = 0;
        for Parsed {
            key,
            field,
            value,
            member,
        } in members
        {
            let Some(field) = field.or_else(|| self.memories.interner.unknown_field(key)) else {
                whole = false; // Too many different fields: only the stored record contains this one.
                continue;
            };
            // The last value under a name wins, as in most readers; the record is stored with both.
            if field >= FieldId::FIRST_UNKNOWN {
                whole &= !unknown_seen.contains(&field);
                self.scratch
                    .record
                    .unknown
                    .retain(|(column, _)| *column != ColumnId::of_unknown(field));
                unknown_seen.push(field);
            } else {
                whole &= self.scratch.seen >> field.0 & 1 == 0;
                self.scratch.seen |= 1 << field.0;
            }
            if member.slot == Slot::Text || member.raw.as_bytes() != NULL {
                self.general_value(field, &member.text, member.slot);
            } else {
                self.general_null(field);
            }
            if member.slot == Slot::Text {
                self.scratch.styles &= styles_of(&member.text, member.raw.as_bytes());
            }
            let start = value.get().as_ptr() as usize - text.as_ptr() as usize + member.before;
            let literal = text.as_bytes()[done..start].into();
            done = start + member.raw.len();
            shape.parts.push(Part {
                literal,
                field,
                slot: member.slot,
            });
        }
        if !tells
            && self.scratch.record.time.is_none()
            && !members.iter().any(|m| m.field.is_some())
        {
            self.scratch.record.time = nature::other_time(members);
        }
        shape.tail = text.as_bytes()[done..].into();
        shape.ascii = self.scratch.styles & MINIMAL == 0;
        let number = if whole && self.scratch.styles != 0 {
            self.memories.interner.shape(shape.clone())
        } else {
            None
        };
        if let Some(number) = number {
            // Without such a field the values decide, so the template alone does not make the next record an event.
            if tells {
                self.memories.templates.insert(&shape, number);
            }
            self.scratch.column(ColumnId::SHAPE, number);
        } else {
            self.scratch.record.kept = Some(kept.into());
        }
        true
    }

    /// Removes an earlier value of a name that occurs again with null.
    fn general_null(&mut self, field: FieldId) {
        let target = Target::of(field);
        let record = &mut self.scratch.record;
        match target {
            Target::Member { .. } | Target::Column { .. } => self.scratch.put(target, MISSING),
            Target::Address => {
                self.scratch.without_port(b"");
                self.scratch.put(target, MISSING);
            }
            // Already removed, as for every repeated name.
            Target::Unknown { .. } => {}
            Target::RequestId => record.request_id = Typed::Missing,
            Target::LogTime => {
                record.log_time = Typed::Missing;
                self.log_time = None;
            }
            Target::LogTimeNs => record.log_time_ns = Typed::Missing,
            Target::Time => {
                record.time = None;
                self.scratch.column(ColumnId::SPELLING, MISSING);
            }
        }
    }

    /// Stores an unescaped value in its column.
    fn general_value(&mut self, field: FieldId, text: &str, slot: Slot) {
        let target = Target::of(field);
        let record = &mut self.scratch.record;
        match target {
            Target::Member { .. } | Target::Column { .. } | Target::Unknown { .. } => {
                self.scratch
                    .put(target, self.memories.interner.value(field, text));
            }
            Target::Address => {
                let host = self.scratch.without_port(text.as_bytes()).len();
                let host = self.memories.interner.value(field, &text[..host]);
                self.scratch.put(target, host);
            }
            Target::RequestId => {
                record.request_id = match parse_uuid(text.as_bytes()).filter(|_| slot == Slot::Text)
                {
                    Some(uuid) => Typed::Value(uuid),
                    None => Typed::Text(self.memories.interner.value(field, text)),
                };
            }
            Target::LogTime => {
                record.log_time = general_number(&self.memories.interner, field, text);
                self.log_time = None;
                if matches!(record.log_time, Typed::Text(_)) {
                    let read = self.loosely(field, text);
                    self.log_time = read;
                }
            }
            Target::LogTimeNs => {
                record.log_time_ns = general_number(&self.memories.interner, field, text);
            }
            Target::Time => {
                let read = time::parse(text.as_bytes());
                let nanos = (read.map(|(nanos, _)| nanos)).or_else(|| self.loosely(field, text));
                self.scratch.record.time = nanos;
                let encoded = &mut self.scratch.text;
                encoded.clear();
                match read.filter(|(nanos, style)| {
                    slot == Slot::Text && is_canonical(text, *nanos, *style)
                }) {
                    Some((_, style)) => spelling::encode_style(style, encoded),
                    None => spelling::encode_text(text, encoded),
                }
                let spelling = self.memories.interner.spelling(encoded);
                self.scratch.column(ColumnId::SPELLING, spelling);
            }
        }
    }
}

impl Decoder {
    /// Parses a time in an unusual form, and records a failure or an assumed zone.
    #[cold]
    fn loosely(&mut self, field: FieldId, text: &str) -> Option<Nanos> {
        match loose::read(text.as_bytes()) {
            Ok(time) => {
                self.assumes_zone |= time.assumed;
                Some(time.nanos)
            }
            Err(why) => {
                // If both fail, report `time`, because that is the field users look at.
                if field == id::TIME || self.unreadable.is_none() {
                    self.unreadable = Some(Unreadable::new(field, text, why));
                }
                None
            }
        }
    }
}

/// JSON null, which stores no value: the template alone keeps it.
pub(super) const NULL: &[u8] = b"null";

/// Id of a field that a record may contain under its catalogue name. Aliases and derived fields have none.
pub(super) fn recorded_field(key: &str) -> Option<FieldId> {
    static NAMES: LazyLock<HashMap<&str, FieldId>> = LazyLock::new(|| {
        let fields = (0u16..).map(FieldId).zip(CATALOGUE.fields());
        let recorded = fields.filter(|(_, info)| info.kind != FieldKind::Derived);
        recorded.map(|(field, info)| (&*info.name, field)).collect()
    });
    NAMES.get(key).copied()
}

/// Parses a non-negative number, but only in the spelling that formatting it reproduces.
#[inline]
pub(super) fn canonical_number(raw: &[u8]) -> Option<i64> {
    if raw.is_empty() || raw.len() > 18 || (raw[0] == b'0' && raw.len() > 1) {
        return None;
    }
    raw.iter().try_fold(0i64, |all, b| {
        b.is_ascii_digit().then(|| all * 10 + i64::from(b - b'0'))
    })
}

fn general_number(interner: &Interner, field: FieldId, text: &str) -> Typed<i64> {
    match canonical_number(text.as_bytes()) {
        Some(number) => Typed::Value(number),
        None => Typed::Text(interner.value(field, text)),
    }
}

/// Returns true if an instant and a style reproduce the text.
fn is_canonical(text: &str, nanos: Nanos, style: time::Style) -> bool {
    let mut again = String::with_capacity(text.len());
    time::render(nanos, style, &mut again);
    again == text
}

/// Escape styles that turn a text into exactly these bytes.
pub(super) fn styles_of(text: &str, raw: &[u8]) -> Styles {
    let mut again = Vec::with_capacity(raw.len());
    escape(text, false, &mut again);
    let minimal = if again == raw { MINIMAL } else { 0 };
    again.clear();
    escape(text, true, &mut again);
    minimal | if again == raw { ASCII } else { 0 }
}
