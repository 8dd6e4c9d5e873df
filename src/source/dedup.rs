//! Remembers recent records, to drop repeated ones.
//!
//! Two records are equal if all fields are equal, in any order. Digests are cryptographic: log content is hostile, and
//! a forged collision would hide an event.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::mem;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// Digest of one record.
pub(super) type Digest = [u8; 16];

/// Returns a record's digest. Bytes that are not a JSON object are hashed unchanged.
pub(super) fn digest(record: &[u8]) -> Digest {
    digest_of_object(record).unwrap_or_else(|| digest_of_bytes(record))
}

/// Returns the digest of a JSON object; `None` for anything else, including invalid JSON.
fn digest_of_object(record: &[u8]) -> Option<Digest> {
    let mut hash = Sha256::new();
    for (name, value) in fields(record)? {
        for part in [name.as_bytes(), value.get().as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Some(short(hash))
}

/// Returns the digest of bytes that are not a record.
pub(super) fn digest_of_bytes(bytes: &[u8]) -> Digest {
    short(Sha256::new_with_prefix(bytes))
}

fn short(hash: Sha256) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

/// Returns the fields of a JSON object, sorted by name; repeated names are kept.
fn fields(record: &[u8]) -> Option<Vec<(String, &RawValue)>> {
    struct Fields;
    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some(field) = map.next_entry()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }
    let mut json = serde_json::Deserializer::from_slice(record);
    let mut fields = json.deserialize_map(Fields).ok()?;
    json.end().ok()?;
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    Some(fields)
}

/// Records seen recently, by the time they were last seen. Bounded: a [`RecentRecords::turn`] with at least `cap`
/// current records forgets those not seen since the previous such turn, but never one seen since the last turn.
#[derive(Debug)]
pub(super) struct RecentRecords {
    cap: usize,
    current: HashSet<Digest>,
    previous: HashSet<Digest>,
}

impl RecentRecords {
    pub(super) fn new(cap: usize) -> Self {
        Self {
            cap,
            current: HashSet::new(),
            previous: HashSet::new(),
        }
    }

    /// Returns true if the record is new; it is remembered either way.
    pub(super) fn is_new(&mut self, digest: Digest) -> bool {
        self.current.insert(digest) && !self.previous.remove(&digest)
    }

    /// Ends a round (one poll, one response): records not seen for a whole capacity may be forgotten.
    pub(super) fn turn(&mut self) {
        if self.current.len() >= self.cap {
            self.previous = mem::take(&mut self.current);
        }
    }
}

/// Records by the second of their log time, forgotten by time.
#[derive(Debug, Default)]
pub(super) struct RecordsByTime {
    seconds: BTreeMap<i64, HashSet<Digest>>,
}

impl RecordsByTime {
    pub(super) fn is_new(&mut self, second: i64, digest: Digest) -> bool {
        self.seconds.entry(second).or_default().insert(digest)
    }

    /// Forgets the records of `[from, to)`.
    pub(super) fn forget(&mut self, from: i64, to: i64) {
        self.seconds
            .retain(|second, _| !(from..to).contains(second));
    }

    /// Number of records held of `[from, to)`.
    pub(super) fn count(&self, from: i64, to: i64) -> u64 {
        self.seconds
            .range(from..to)
            .map(|(_, held)| held.len() as u64)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_fields_in_another_order_are_the_same_record() {
        assert_eq!(
            digest(br#"{"a":"1","b":"2"}"#),
            digest(br#"{ "b": "2", "a": "1" }"#)
        );
        assert_ne!(
            digest(br#"{"a":"1","b":"2"}"#),
            digest(br#"{"a":"2","b":"1"}"#)
        );
        assert_ne!(digest(br#"{"a":"1"}"#), digest(br#"{"a":"1","a":"2"}"#));
        assert_ne!(digest(br#"{"ab":"1"}"#), digest(br#"{"a":"b1"}"#));
        assert_eq!(digest(b"not json"), digest(b"not json"));
    }

    #[test]
    fn what_the_last_round_met_is_never_forgotten() {
        let mut seen = RecentRecords::new(2);
        for round in 0..5 {
            for n in 0..10u8 {
                assert_eq!(seen.is_new([n; 16]), round == 0);
            }
            seen.turn();
        }
    }

    #[test]
    fn the_window_is_bounded() {
        let mut seen = RecentRecords::new(10);
        for n in 0..1000u16 {
            let mut digest = Digest::default();
            digest[..2].copy_from_slice(&n.to_le_bytes());
            seen.is_new(digest);
            seen.turn();
        }
        assert!(seen.current.len() + seen.previous.len() <= 20);
    }

    #[test]
    fn seconds_are_forgotten_by_range() {
        let mut seen = RecordsByTime::default();
        assert!(seen.is_new(5, [0; 16]) && seen.is_new(9, [0; 16]) && !seen.is_new(9, [0; 16]));
        seen.forget(0, 9);
        assert_eq!(seen.count(0, 100), 1);
    }
}
