//! Conditions on the logged address. Its port is a column of its own, so neither column decides alone. The hosts and
//! the ports that can match are computed separately. Only rows with one of them are formatted in full, and only if the
//! condition requires it.

use std::sync::OnceLock;

use super::row_set::{RowSet, with_ordinals};
use super::seek::Needle;
use crate::index::{
    Bitmap, ColumnId, DictionaryView, MISSING, Ordinal, Segment, Vocabulary, address_text,
};
use crate::model::id;

/// Addresses that match a condition, for one vocabulary.
#[derive(Debug)]
pub(super) struct Addresses {
    /// Per ordinal of the host: true if the host matches without a port.
    bare: Vec<bool>,
    /// Text that every matching address contains.
    needle: Option<Needle>,
    /// Computed for the first segment that has ports.
    places: OnceLock<Places>,
}

/// Possible positions of a needle, each by ordinal.
#[derive(Debug)]
struct Places {
    /// Hosts that contain it.
    hosts: Vec<bool>,
    /// Ports that contain it; `None` if it cannot be part of a port.
    ports: Option<Vec<bool>>,
    /// Matches across the colon: hosts that end with the part before the needle's last colon, and ports that start with
    /// the part after it.
    across: Option<(Vec<bool>, Vec<bool>)>,
}

impl Addresses {
    pub(super) fn new(bare: Vec<bool>, needle: Option<Needle>) -> Self {
        Self {
            bare,
            needle,
            places: OnceLock::new(),
        }
    }

    /// Returns the matching rows of a segment. `passes` tests a whole address.
    pub(super) fn rows(
        &self,
        segment: &Segment,
        vocabulary: &Vocabulary,
        passes: impl Fn(&str) -> bool,
    ) -> RowSet {
        if segment.column(ColumnId::PORT).is_none() {
            return with_ordinals(segment, ColumnId::ADDRESS, &self.bare);
        }
        let hosts = vocabulary.values(id::ADDRESS);
        let mut text = String::new();
        let mut test = |row: usize| {
            let host = segment.ordinal(ColumnId::ADDRESS, row);
            match (segment.ordinal(ColumnId::PORT, row), hosts.get(host)) {
                (MISSING, _) | (_, None) => self.bare[host as usize],
                (port, Some(host)) => {
                    text.clear();
                    address_text(host, port, &mut text);
                    passes(&text)
                }
            }
        };
        let Some(needle) = &self.needle else {
            return RowSet::from(Bitmap::from_fn(segment.rows, test));
        };
        let places = self
            .places
            .get_or_init(|| Places::of(needle, hosts, &self.bare));
        let can = places.rows(segment);
        if needle.decides {
            return can;
        }
        let mut rows = Bitmap::none(segment.rows);
        can.for_each(segment.rows, |row| {
            if test(row) {
                rows.insert(row);
            }
        });
        RowSet::from(rows)
    }
}

impl Places {
    fn of(needle: &Needle, hosts: &DictionaryView, bare: &[bool]) -> Self {
        let by_host = |is: &dyn Fn(&[u8]) -> bool| -> Vec<bool> {
            let of = |at: Ordinal| hosts.get(at).is_some_and(|host| is(host.as_bytes()));
            (0..hosts.len()).map(of).collect()
        };
        let mut holding = by_host(&|host| needle.find(host, 0).is_some());
        // A matching host that is not ASCII need not contain the needle byte for byte.
        holding
            .iter_mut()
            .zip(bare)
            .for_each(|(all, one)| *all |= one);
        let is_port = |text: &[u8]| text.len() <= 5 && text.iter().all(u8::is_ascii_digit);
        let text = needle.text();
        let across = text.iter().rposition(|b| *b == b':').and_then(|colon| {
            let (end, begin) = (&text[..colon], &text[colon + 1..]);
            is_port(begin).then(|| {
                (
                    by_host(&|host| needle.is_end_of(end, host)),
                    by_port(|port| port.starts_with(begin)),
                )
            })
        });
        Self {
            hosts: holding,
            ports: is_port(text)
                .then(|| by_port(|port| port.windows(text.len()).any(|w| w == text))),
            across,
        }
    }

    fn rows(&self, segment: &Segment) -> RowSet {
        let mut rows = with_ordinals(segment, ColumnId::ADDRESS, &self.hosts);
        if let Some(ports) = &self.ports {
            rows = rows.or(with_ordinals(segment, ColumnId::PORT, ports));
        }
        if let Some((hosts, ports)) = &self.across {
            let hosts = with_ordinals(segment, ColumnId::ADDRESS, hosts);
            rows = rows.or(hosts.and(with_ordinals(segment, ColumnId::PORT, ports)));
        }
        rows
    }
}

/// Tests the digits of every port, by ordinal. A missing port never matches.
fn by_port(is: impl Fn(&[u8]) -> bool) -> Vec<bool> {
    let mut text = String::new();
    let ports = 1..=Ordinal::from(u16::MAX) + 1;
    let of = ports.map(|port| {
        text.clear();
        address_text("", port, &mut text);
        is(&text.as_bytes()[1..])
    });
    std::iter::once(false).chain(of).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::aggregate::facet::addresses as count;
    use crate::aggregate::{Matches, Planner, Without};
    use crate::decode::Decoder;
    use crate::index::{Interner, Publisher, Snapshot};
    use crate::query::{CatalogueNames, Filter, Node, parse};
    use proptest::prelude::*;

    fn snapshot(addresses: &[String]) -> Snapshot {
        let interner = Arc::new(Interner::default());
        let mut decoder = Decoder::new(interner.clone());
        for address in addresses {
            let line =
                serde_json::json!({"http_request_remoteaddr": address, "__time__": "1712908800"});
            decoder.lines(line.to_string().as_bytes(), 0);
        }
        let (segments, _) = decoder.finish();
        Snapshot {
            events: addresses.len() as u64,
            segments: segments.into_iter().map(Arc::new).collect(),
            vocabulary: interner.publish(&mut Publisher::default()),
            ..Snapshot::default()
        }
    }

    proptest! {
        #[test]
        fn ports_apart_from_their_addresses_change_no_answer(
            addresses in proptest::collection::vec(
                prop_oneof!["[12.]{1,4}(:[12]{1,3})?", r"\[(::1|a::1|B::12)\](:[012]{1,2})?", "[1a:\u{212a}]{0,4}"],
                1..30,
            ),
            needle in prop_oneof!["[12:.]{1,4}", r"[:1\[\]AbB]{1,4}", "[1ak]{1,2}"],
            kind in 0..4,
        ) {
            let needle = needle.replace('\\', "\\\\");
            let query = match kind {
                0 => format!("http_request_remoteaddr ~ \"{needle}\""),
                1 => format!("http_request_remoteaddr == \"{needle}\""),
                2 => format!("http_request_remoteaddr:\"{needle}\""),
                _ => format!("http_request_remoteaddr != \"{needle}\""),
            };
            let Ok(Node::Test(test)) = parse(&query, &CatalogueNames::default()) else {
                return Ok(());
            };
            let snapshot = snapshot(&addresses);
            let filter = Filter { query: Node::Test(test.clone()), ..Filter::default() };
            let plan = Planner::default().plan(&filter, &snapshot);
            let rows = plan.parts[0].rows(&snapshot.segments[0], &snapshot.vocabulary);
            for (row, address) in addresses.iter().enumerate() {
                prop_assert_eq!(rows.contains(row), test.matches(address), "{} {}", address, query);
            }
            let matches = Matches::all(&snapshot, &plan, Without::Nothing);
            let (texts, counts) = count(&snapshot, &matches, None);
            for (text, n) in texts.iter().zip(counts).skip(1) {
                let same = addresses.iter().filter(|a| ***a == **text && test.matches(a));
                prop_assert_eq!(n, same.count() as u64, "{}", text);
            }
        }
    }
}
