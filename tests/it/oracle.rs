//! The index against plain loops over parsed records: random events, random filters, everything that is
//! asked of a snapshot.
//!
//! The naive side knows nothing of columns, ordinals and segments. It parses each record with `serde_json`,
//! derives with its own few lines, and evaluates queries with `naive.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::select;
use regtrail::aggregate::{
    self, Anchor, Bins, FacetSums, Matches, Memory, Part, Plan, Planner, UNWATCHED, Ungrouped,
    Without, count_facets, facet_counts, group, histogram, seek, window,
};
use regtrail::index::Snapshot;
use regtrail::model::{EventId, FieldId, Value as Text};
use regtrail::query::{CatalogueNames, Filter, Node, PickState, TimeRange, parse};
use serde_json::{Map, Value, json};

use crate::naive;
use crate::world::World;

pub(crate) type Event = Map<String, Value>;

/// Of an address: its users, how often it got 403, and the times of the first 403 and of the last 2xx.
type Told = (BTreeSet<Text>, u64, Option<i64>, Option<i64>);

/// Text fields with few values, so that filters hit.
const TEXTS: [(&str, &[&str]); 12] = [
    (
        "user_identity_user_type",
        &["root-account", "ram-user", "assumed-role", "saml-user"],
    ),
    (
        "user_identity_account_id",
        &["1356680000000001", "1491340000000002", ""],
    ),
    (
        "user_identity_principal_id",
        &["300786:Alice", "300786:Bob", "27001144", "-"],
    ),
    ("user_identity_role_name", &["teststs", "ci-builder", ""]),
    (
        "user_name",
        &["sub_user@acme", "cr_temp_user", "张敏", "null"],
    ),
    (
        "action",
        &[
            "GetBlob",
            "GetImageManifest",
            "PutImageManifest",
            "DeleteTag",
            "GetTags",
        ],
    ),
    (
        "http_response_status",
        &[
            "200", "201", "307", "401", "403", "404", "429", "500", "-", "abc",
        ],
    ),
    ("instance_id", &["cri-a", "cri-b", "cri-c"]),
    (
        "namespace_repo",
        &[
            "prod/web",
            "prod/payments-api",
            "test-ns/test-repo",
            "上海/网站",
            "web/prod",
        ],
    ),
    ("tag", &["v1", "v1.41", "latest", "", "2026.8.1"]),
    (
        "http_request_remoteaddr",
        &[
            "10.12.4.31",
            "10.12.4.31:40122",
            "[2001:db8::1]:5000",
            "2001:DB8:0::1",
            "140.xx.xx.xx",
        ],
    ),
    (
        "http_request_useragent",
        &[
            "docker/24.0.2 go/1.20 (\\(linux\\))",
            "containerd/1.7",
            "curl/8 \"x\"",
            "weird\u{202e}\u{1}",
        ],
    ),
];

/// A record of few values: fields missing, empty, null, numbers, escapes, and times of every kind.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let ids = [
        json!("718e09d1-aab5-4c1e-9f00-0123456789ab"),
        json!("REQ-7"),
        json!(null),
        json!(12),
    ];
    let extras = [
        json!(5),
        json!("5"),
        json!({"a": [1]}),
        json!(true),
        json!("x y"),
    ];
    let texts =
        proptest::collection::vec(proptest::option::weighted(0.85, 0usize..100), TEXTS.len());
    let extra = proptest::option::weighted(0.2, select(extras.to_vec()));
    (
        texts,
        select(ids.to_vec()),
        extra,
        0u8..8,
        0i64..400,
        0i64..3,
    )
        .prop_map(|(texts, id, extra, kind, second, nanos)| {
            let mut event = Event::new();
            for ((name, values), choice) in TEXTS.iter().zip(texts) {
                if let Some(choice) = choice {
                    event.insert((*name).into(), values[choice % values.len()].into());
                }
            }
            event.insert("http_request_id".into(), id);
            if let Some(extra) = extra {
                event.insert("owner_id".into(), extra);
            }
            put_time(&mut event, kind, 1_712_912_000 + second, nanos as u32 * 5);
            event
        })
}

/// A time that can be read from `time`, from `__time__`, or not at all.
fn put_time(event: &mut Event, kind: u8, seconds: i64, nanos: u32) {
    let at = DateTime::from_timestamp(seconds, nanos).expect("in range");
    let (time, log_time) = match kind {
        0 => (None, Some(json!(seconds))),
        1 => (None, Some(json!(seconds.to_string()))),
        2 => (Some("no time at all".to_owned()), None),
        3 => (Some(at.to_rfc3339()), None),
        _ => {
            let log_time = (seconds + i64::from(kind == 4)).to_string();
            (
                Some(at.format("%Y-%m-%dT%H:%M:%S%.9f+00:00").to_string()),
                Some(json!(log_time)),
            )
        }
    };
    event.extend(time.map(|time| ("time".to_owned(), json!(time))));
    event.extend(log_time.map(|time| ("__time__".to_owned(), time)));
}

fn logged<'e>(event: &'e Event, field: &str) -> Option<&'e str> {
    event.get(field)?.as_str()
}

/// The derived fields by the rules of the command line contract.
pub(crate) fn derived(event: &Event, field: &str) -> Option<String> {
    let given = |name: &str| logged(event, name).filter(|v| !matches!(*v, "" | "-" | "null"));
    match field {
        "user" => Some(regtrail::model::derive::user(
            &regtrail::model::derive::Identity {
                user_type: logged(event, "user_identity_user_type"),
                role_name: logged(event, "user_identity_role_name"),
                role_id: logged(event, "user_identity_role_id"),
                user_name: logged(event, "user_name"),
                principal_id: logged(event, "user_identity_principal_id"),
                account_id: logged(event, "user_identity_account_id"),
            },
        )),
        "session" => (logged(event, "user_identity_user_type")? == "assumed-role").then(|| {
            logged(event, "user_identity_principal_id")?
                .split_once(':')
                .map(|(_, s)| s.to_owned())
        })?,
        "ip" => {
            let address = given("http_request_remoteaddr")?;
            Some(match address {
                "10.12.4.31:40122" => "10.12.4.31".into(),
                "[2001:db8::1]:5000" | "2001:DB8:0::1" => "2001:db8::1".into(),
                other => other.to_owned(),
            })
        }
        "client" => regtrail::model::derive::client(logged(event, "http_request_useragent")?)
            .to_owned()
            .into(),
        "status_class" => Some(
            match given("http_response_status").and_then(|s| s.parse::<u32>().ok()) {
                Some(status) => format!("{}xx", status / 100),
                None => "none".into(),
            },
        ),
        "outcome" => match given("http_response_status")?.parse::<u32>().ok()? {
            401 | 403 => Some("denied".into()),
            404 => Some("missing".into()),
            429 => Some("throttled".into()),
            status => Some(if status < 400 { "ok" } else { "failed" }.into()),
        },
        "image" => Some(format!("{}:{}", given("namespace_repo")?, given("tag")?)),
        "operation" => Some(
            match logged(event, "action") {
                Some("GetBlob" | "GetImageManifest") => "pull",
                Some("PutImageManifest") => "push",
                Some("DeleteTag") => "delete",
                _ => "other",
            }
            .into(),
        ),
        _ => None,
    }
}

pub(crate) fn time_of(event: &Event) -> Option<i64> {
    let logged = logged(event, "time").and_then(|t| DateTime::parse_from_rfc3339(t).ok());
    let log_time = || match event.get("__time__")? {
        Value::Number(n) => Some(n.as_i64()? * 1_000_000_000),
        Value::String(s) => Some(s.parse::<i64>().ok()? * 1_000_000_000),
        _ => None,
    };
    logged
        .and_then(|t| t.timestamp_nanos_opt())
        .or_else(log_time)
}

/// Text of any field of an event; numbers and nested values as they stand, null as nothing.
pub(crate) fn value_of(event: &Event, field: &str) -> Text {
    match derived(event, field) {
        Some(value) => Some(value.into()),
        None => match event.get(field)? {
            Value::Null => None,
            Value::String(text) => Some(text.as_str().into()),
            other => Some(other.to_string().into()),
        },
    }
}

/// The same events twice: in an index of several sources and segments, and as a list in the total order.
pub(crate) struct Both {
    snapshot: Arc<Snapshot>,
    /// Sorted by time, source and position, with the ids the index must have given.
    pub(crate) sorted: Vec<(EventId, Event)>,
}

/// `carried`: before this block everything so far is carried over to new dictionaries.
pub(crate) fn build(blocks: &[(u32, Vec<Event>)], carried: Option<usize>) -> Both {
    let mut world = World::new();
    let mut all = Vec::new();
    let mut next = 0;
    for (n, (source, events)) in blocks.iter().enumerate() {
        if carried == Some(n) {
            world.carry();
        }
        let mut text = Vec::new();
        for (row, event) in events.iter().enumerate() {
            serde_json::to_writer(&mut text, event).expect("text");
            text.push(b'\n');
            all.push((
                (time_of(event), *source, n, row),
                EventId(next),
                event.clone(),
            ));
            next += 1;
        }
        world.add(*source, n as u64 * 1_000_000, &text);
    }
    all.sort_by_key(|(key, ..)| *key);
    Both {
        snapshot: world.snapshot(),
        sorted: all.into_iter().map(|(_, id, event)| (id, event)).collect(),
    }
}

pub(crate) fn any_blocks() -> impl Strategy<Value = Vec<(u32, Vec<Event>)>> {
    proptest::collection::vec(
        (0u32..3, proptest::collection::vec(any_event(), 1..25)),
        1..6,
    )
}

const FACETS: [&str; 11] = [
    "action",
    "instance_id",
    "namespace_repo",
    "user",
    "http_response_status",
    "ip",
    "outcome",
    "image",
    "session",
    "http_request_id",
    "owner_id",
];

/// Picks by number, so that they come from what occurs: field, value, exclude.
pub(crate) fn any_picks() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    proptest::collection::vec((0..FACETS.len(), 0usize..500, any::<bool>()), 0..4)
}

pub(crate) fn filter_of(
    both: &Both,
    text: &str,
    picks: &[(usize, usize, bool)],
    range: (Option<i64>, Option<i64>),
) -> Option<Filter> {
    let names = CatalogueNames::with([Arc::from("owner_id")]);
    let mut query = parse(text, &names).ok()?;
    naive::load(&mut query);
    let mut filter = Filter {
        text: text.to_owned(),
        query,
        ..Filter::default()
    };
    for (field, event, exclude) in picks {
        let value = value_of(&both.sorted[event % both.sorted.len()].1, FACETS[*field]);
        let state = if *exclude {
            PickState::Exclude
        } else {
            PickState::Include
        };
        filter.set(FACETS[*field], &value, state);
    }
    let nanos = |s: i64| (1_712_912_000 + s) * 1_000_000_000;
    filter.range = TimeRange {
        since: range.0.map(nanos),
        until: range.1.map(nanos),
    };
    Some(filter)
}

/// Whether an event passes a filter, the picks of one field left out.
pub(crate) fn passes(filter: &Filter, event: &Event, but: Option<&str>) -> bool {
    let time = time_of(event);
    let in_range = filter.range.is_all() || time.is_some_and(|t| filter.range.contains(t));
    let picked = filter
        .picks
        .iter()
        .filter(|p| Some(&*p.field) != but)
        .all(|pick| {
            let value = value_of(event, &pick.field);
            (pick.include.is_empty() || pick.include.contains(&value))
                && !pick.exclude.contains(&value)
        });
    in_range && picked && naive::matches(&filter.query, event, &|field| derived(event, field), time)
}

/// A question with both answers to it.
struct Case<'a> {
    both: &'a Both,
    filter: &'a Filter,
    plan: Plan,
    matches: Matches,
    expected: Vec<&'a (EventId, Event)>,
}

fn check(both: &Both, filter: &Filter, planner: &mut Planner) -> Result<(), TestCaseError> {
    let plan = planner.plan(filter, &both.snapshot);
    let failed = planner.part(&aggregate::failed(), &both.snapshot);
    let case = Case {
        matches: Matches::all(&both.snapshot, &plan, Without::EachPart),
        expected: both
            .sorted
            .iter()
            .filter(|(_, e)| passes(filter, e, None))
            .collect(),
        both,
        filter,
        plan,
    };
    case.list()?;
    case.facets()?;
    case.sums(&failed)
}

impl Case<'_> {
    fn list(&self) -> Result<(), TestCaseError> {
        let Self {
            matches, expected, ..
        } = self;
        let snapshot = &self.both.snapshot;
        // Which events, and in which order.
        let ids = |around, before, after| -> Vec<EventId> {
            window(snapshot, matches, around, before, after)
                .places
                .iter()
                .map(|p| snapshot.id(*p))
                .collect()
        };
        let expected_ids: Vec<EventId> = expected.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(&ids(Anchor::Oldest, 0, 1000), &expected_ids);
        prop_assert_eq!(&ids(Anchor::Newest, 1000, 1), &expected_ids);
        for rank in [0, 1, 7, 40, 1 << 40] {
            let at = (rank as usize).min(expected_ids.len().saturating_sub(1));
            let found = ids(Anchor::Rank(rank), 0, 1);
            prop_assert_eq!(&found[..], expected_ids.get(at..=at).unwrap_or_default());
        }
        prop_assert_eq!(matches.matched, expected.len() as u64);
        let times = expected.iter().filter_map(|(_, e)| time_of(e));
        prop_assert_eq!(matches.span, times.clone().min().zip(times.max()));

        // Pieces of the list around each match, and its rank.
        for (rank, (id, _)) in expected.iter().enumerate().step_by(5) {
            for by in [0i64, 1, -1, 7, -1000] {
                let at = (rank as i64 + by).clamp(0, expected.len() as i64 - 1) as usize;
                let found = window(snapshot, matches, Anchor::Event { id: *id, by }, 3, 4);
                let (start, end) = (at.saturating_sub(3), (at + 4).min(expected.len()));
                prop_assert_eq!(found.first, start as u64);
                prop_assert_eq!(found.anchor, Some(at - start));
                let found: Vec<EventId> = found.places.iter().map(|p| snapshot.id(*p)).collect();
                prop_assert_eq!(&found, &expected_ids[start..end]);
            }
            let place = snapshot.find(*id).expect("there");
            prop_assert_eq!(
                aggregate::rank_of(snapshot, matches, place),
                Some(rank as u64)
            );
            prop_assert_eq!(
                seek(snapshot, matches, *id, true),
                expected_ids.get(rank + 1).copied()
            );
            prop_assert_eq!(
                seek(snapshot, matches, *id, false),
                rank.checked_sub(1).map(|r| expected_ids[r])
            );
        }
        self.firsts()
    }

    /// Values first seen: in which events, and the way from one to the next among the matches.
    fn firsts(&self) -> Result<(), TestCaseError> {
        let snapshot = &self.both.snapshot;
        let mut firsts = aggregate::FirstSeen::default();
        firsts.look(snapshot);
        let fields = aggregate::FIRST_SEEN;
        let name = |field| snapshot.vocabulary.name(field);
        let mut seen = BTreeSet::new();
        let mut with_first = BTreeSet::new();
        for (id, event) in &self.both.sorted {
            let is_new = |field: &FieldId| {
                value_of(event, &name(*field)).is_some_and(|value| seen.insert((*field, value)))
            };
            let expected: Vec<FieldId> = match time_of(event) {
                Some(_) => fields.into_iter().filter(is_new).collect(),
                None => Vec::new(),
            };
            let found: Vec<FieldId> = firsts
                .of(snapshot, snapshot.find(*id).expect("there"))
                .collect();
            prop_assert_eq!(&found, &expected);
            if !expected.is_empty() {
                with_first.insert(*id);
            }
        }
        let shown: Vec<EventId> = self.expected.iter().map(|(id, _)| *id).collect();
        for (rank, id) in shown.iter().enumerate().step_by(7) {
            let next = shown[rank + 1..].iter().find(|id| with_first.contains(id));
            let previous = shown[..rank]
                .iter()
                .rev()
                .find(|id| with_first.contains(id));
            let found = |forward| firsts.seek(snapshot, &self.matches, *id, forward);
            prop_assert_eq!(
                (found(true), found(false)),
                (next.copied(), previous.copied())
            );
        }
        Ok(())
    }

    fn facets(&self) -> Result<(), TestCaseError> {
        let Self {
            both,
            filter,
            plan,
            matches,
            ..
        } = self;
        let snapshot = &both.snapshot;
        // Facets, each without its own picks.
        let fields: Vec<Arc<str>> = FACETS.iter().map(|f| Arc::from(*f)).collect();
        for (field, counts) in FACETS
            .iter()
            .zip(count_facets(snapshot, plan, matches, &fields))
        {
            let mut expected: BTreeMap<Text, u64> = BTreeMap::new();
            for (_, event) in both
                .sorted
                .iter()
                .filter(|(_, e)| passes(filter, e, Some(field)))
            {
                *expected.entry(value_of(event, field)).or_default() += 1;
            }
            let missing = expected.remove(&None).unwrap_or(0);
            let found: BTreeMap<Text, u64> = (1..counts.counts.len())
                .filter(|place| counts.counts[*place] > 0)
                .map(|place| {
                    (
                        counts.text(snapshot, place).map(Arc::from),
                        counts.counts[place],
                    )
                })
                .collect();
            prop_assert_eq!(&found, &expected, "{}", field);
            prop_assert_eq!(
                (counts.missing(), counts.distinct()),
                (missing, expected.len() as u64),
                "{}",
                field
            );
        }

        Ok(())
    }

    /// Histogram and groups.
    fn sums(&self, failed: &Part) -> Result<(), TestCaseError> {
        let Self {
            matches, expected, ..
        } = self;
        let snapshot = &self.both.snapshot;
        let is_failed = |e: &Event| {
            logged(e, "http_response_status")
                .and_then(|s| s.parse::<u32>().ok())
                .is_some_and(|s| s >= 400)
        };
        if let Some(span) = matches.span {
            let bins = Bins::fit(span, 10, regtrail::model::zone::Zone::Utc);
            let (start, step) = (bins.start, bins.step);
            let mut all = vec![0u64; bins.count];
            let mut bad = vec![0u64; bins.count];
            for (_, event) in expected {
                let Some(time) = time_of(event) else { continue };
                all[((time - start) / step) as usize] += 1;
                bad[((time - start) / step) as usize] += u64::from(is_failed(event));
            }
            prop_assert_eq!(histogram(snapshot, matches, &bins, failed), (all, bad));
        }
        let by: [Arc<str>; 3] = ["user".into(), "http_request_id".into(), "nothing".into()];
        let mut groups: BTreeMap<Vec<Text>, (u64, u64)> = BTreeMap::new();
        for (_, event) in expected {
            let tally = groups
                .entry(by.iter().map(|f| value_of(event, f)).collect())
                .or_default();
            *tally = (tally.0 + 1, tally.1 + u64::from(is_failed(event)));
        }
        let found: BTreeMap<Vec<Text>, (u64, u64)> =
            group(snapshot, matches, &by, failed, None, usize::MAX, UNWATCHED)
                .expect("few")
                .into_iter()
                .map(|g| (g.key, (g.count, g.failed)))
                .collect();
        // Threads count the same groups apart: only those of all together are too many.
        let up_to = |most| group(snapshot, matches, &by, failed, None, most, UNWATCHED);
        let all = found.len();
        prop_assert_eq!(up_to(all).map(|groups| groups.len()), Ok(all));
        prop_assert!(all == 0 || up_to(all - 1) == Err(Ungrouped::TooMany));
        prop_assert_eq!(found, groups);
        // How many users an address has, how often it got 403, and whether 2xx came later.
        let by: [Arc<str>; 1] = ["ip".into()];
        let mut reported: BTreeMap<Text, Told> = BTreeMap::new();
        for (_, event) in expected {
            let time = time_of(event);
            let reported = reported.entry(value_of(event, "ip")).or_default();
            reported.0.insert(value_of(event, "user"));
            match logged(event, "http_response_status") {
                Some("403") => {
                    reported.1 += 1;
                    reported.2 = reported.2.into_iter().chain(time).min();
                }
                Some("200" | "201") => reported.3 = reported.3.max(time),
                _ => {}
            }
        }
        let reported: BTreeMap<Text, (usize, u64, bool)> = reported
            .into_iter()
            .map(|(ip, (users, forbidden, first, last))| {
                let users = users.len().min(usize::from(aggregate::USERS));
                let admitted = first.is_some_and(|first| last > Some(first));
                (ip, (users, forbidden, admitted))
            })
            .collect();
        let found: BTreeMap<Text, (usize, u64, bool)> =
            group(snapshot, matches, &by, failed, None, usize::MAX, UNWATCHED)
                .expect("few")
                .into_iter()
                .filter_map(|mut g| {
                    Some((
                        g.key.pop()?,
                        (usize::from(g.users), g.forbidden, g.admitted),
                    ))
                })
                .collect();
        prop_assert_eq!(found, reported);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn answers_equal_plain_loops(
        (blocks, carried) in (any_blocks(), proptest::option::of(0usize..6)),
        questions in proptest::collection::vec(
            (naive::any_query(), any_picks(), proptest::option::of(0i64..400), proptest::option::of(0i64..400)), 1..5),
    ) {
        let both = build(&blocks, carried);
        // One planner for all questions: what it remembers must not change an answer.
        let mut planner = Planner::default();
        for (text, picks, since, until) in &questions {
            if let Some(filter) = filter_of(&both, text, picks, (*since, *until)) {
                check(&both, &filter, &mut planner)?;
            }
        }
    }

    #[test]
    fn records_come_back_byte_for_byte(blocks in any_blocks(), carried in proptest::option::of(0usize..6)) {
        let both = build(&blocks, carried);
        for (id, event) in &both.sorted {
            let mut record = Vec::new();
            both.snapshot.record(both.snapshot.find(*id).expect("there"), &mut record);
            prop_assert_eq!(String::from_utf8(record).expect("text"), serde_json::to_string(event).expect("text"));
        }
    }
}

/// Records of few values, so that segments keep totals of their columns, and filters let most of them through.
fn any_dense_event() -> impl Strategy<Value = Event> {
    let field =
        |values: &'static [&'static str]| proptest::option::weighted(0.9, select(values.to_vec()));
    (
        field(&["GetBlob", "GetImageManifest"]),
        field(&["200", "404"]),
        field(&["cri-a", "cri-a", "cri-a", "cri-b"]),
        field(&["prod/web", "test-ns/test-repo", "web/prod"]),
        field(&["300786:Alice", "300786:Bob"]),
        0i64..400,
    )
        .prop_map(|(action, status, instance, repo, principal, second)| {
            let mut event = Event::new();
            for (name, value) in [
                ("action", action),
                ("http_response_status", status),
                ("instance_id", instance),
                ("namespace_repo", repo),
                ("user_identity_principal_id", principal),
            ] {
                event.extend(value.map(|value| (name.to_owned(), value.into())));
            }
            event.insert("http_request_id".into(), "REQ-7".into());
            put_time(&mut event, 0, 1_712_912_000 + second, 0);
            event
        })
}

fn any_dense_blocks() -> impl Strategy<Value = Vec<(u32, Vec<Event>)>> {
    let events = proptest::collection::vec(any_dense_event(), 1..250);
    proptest::collection::vec((0u32..3, events), 1..5)
}

/// Queries of conditions on one column and on several, joined in every way.
const DENSE: [&str; 8] = [
    "",
    "action == GetBlob",
    "not action == GetBlob",
    "action == GetBlob and http_response_status < 400",
    "action == GetBlob or http_response_status >= 400",
    "not (action == GetBlob and instance_id == cri-a) or namespace_repo != prod/web",
    "http_response_status == 200 and namespace_repo != prod/web and instance_id == cri-a",
    "not user:Bob and not (instance_id == cri-b or namespace_repo == web/prod)",
];

/// Facets as the query worker counts them: what is known of segments goes from one snapshot to the next.
struct Going {
    snapshot: Arc<Snapshot>,
    plan: Plan,
    matches: Matches,
    sums: FacetSums,
}

impl Going {
    fn on(&mut self, snapshot: Arc<Snapshot>, filter: &Filter, planner: &mut Planner) {
        self.sums
            .keep_only(&snapshot, &self.snapshot, &self.plan, &self.matches);
        self.matches = std::mem::take(&mut self.matches).carried(&self.snapshot, &snapshot);
        self.plan = planner.plan(filter, &snapshot);
        self.snapshot = snapshot;
        let all: Vec<usize> = (0..self.snapshot.segments.len()).collect();
        // In two steps, and some segments twice.
        for part in [&all[all.len() / 2..], &all] {
            self.matches
                .extend(&self.snapshot, &self.plan, part, Without::EachPart);
            self.sums
                .add(&self.snapshot, &self.plan, &self.matches, part);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn totals_of_segments_give_the_counts_of_plain_loops(
        (blocks, carried) in (any_dense_blocks(), proptest::option::of(0usize..4)),
        questions in proptest::collection::vec(
            (select(DENSE.to_vec()), any_picks(), proptest::option::of(0i64..400)), 1..4),
    ) {
        let both = build(&blocks, carried);
        let mut planner = Planner::default();
        for (text, picks, since) in &questions {
            let filter = filter_of(&both, text, picks, (*since, None)).expect("the queries are right");
            check(&both, &filter, &mut planner)?;
        }
    }

    #[test]
    fn counts_that_go_from_snapshot_to_snapshot_are_those_of_a_fresh_look(
        blocks in any_dense_blocks(), text in select(DENSE.to_vec()), picks in any_picks(),
        present in proptest::collection::vec(0u8..16, 1..6),
    ) {
        let both = build(&blocks, None);
        let filter = filter_of(&both, text, &picks, (None, None)).expect("the queries are right");
        let fields: Vec<Arc<str>> = FACETS.iter().map(|f| Arc::from(*f)).collect();
        let mut planner = Planner::default();
        let plan = planner.plan(&filter, &both.snapshot);
        // In memory that others have counted in.
        let (mut memory, mut used, mut sums) = (Memory::default(), FacetSums::default(), FacetSums::default());
        used.become_of(&both.snapshot, &plan, &fields, &mut memory);
        let all: Vec<usize> = (0..both.snapshot.segments.len()).collect();
        used.add(&both.snapshot, &plan, &Matches::all(&both.snapshot, &plan, Without::EachPart), &all);
        memory.keep(used);
        sums.become_of(&both.snapshot, &plan, &fields, &mut memory);
        let mut going = Going {
            snapshot: Arc::default(),
            matches: Matches::default(),
            sums,
            plan,
        };
        for present in present {
            let mut snapshot = (*both.snapshot).clone();
            let mut at = 0;
            snapshot.segments.retain(|_| { at += 1; present >> (at - 1) & 1 == 1 });
            let snapshot = Arc::new(snapshot);
            going.on(snapshot.clone(), &filter, &mut planner);
            let matches = Matches::all(&snapshot, &going.plan, Without::EachPart);
            prop_assert_eq!(
                (going.matches.matched, going.matches.span),
                (matches.matched, matches.span)
            );
            let counted = facet_counts(&snapshot, &going.plan, &going.matches, &fields, &going.sums);
            let fresh = count_facets(&snapshot, &going.plan, &matches, &fields);
            for ((field, counted), fresh) in FACETS.iter().zip(counted).zip(fresh) {
                prop_assert_eq!(counted.counts, fresh.counts, "{}", field);
            }
        }
    }
}

#[test]
fn a_planner_that_grew_with_its_snapshots_answers_as_a_new_one() {
    let mut world = World::new();
    let mut planner = Planner::default();
    let filter = {
        let query = parse("user:role or Alice", &CatalogueNames::default()).expect("a query");
        Filter {
            text: "user:role or Alice".into(),
            query,
            ..Filter::default()
        }
    };
    for round in 0..20u64 {
        let line = format!(
            "{{\"user_identity_user_type\":\"assumed-role\",\"user_identity_role_name\":\"r{round}\",\
             \"user_identity_principal_id\":\"{round}:Alice\",\"time\":\"2024-04-12T16:58:{round:02}Z\"}}\n\
             {{\"user_name\":\"bob{round}\",\"x{round}\":\"1\"}}\n"
        );
        world.add((round % 3) as u32, round * 1000, line.as_bytes());
        let snapshot = world.snapshot();
        let plan = planner.plan(&filter, &snapshot);
        let matches = Matches::all(&snapshot, &plan, Without::Nothing);
        assert_eq!(matches.matched, round + 1);
        let plan = Planner::default().plan(&filter, &snapshot);
        assert_eq!(
            Matches::all(&snapshot, &plan, Without::Nothing).matched,
            round + 1
        );
        planner.tidy(&snapshot);
    }
    assert!(filter.query != Node::All);
}

/// What is first seen follows the data: older events that come late, and events that are let go.
#[test]
fn first_seen_moves_to_older_events_and_away_from_those_let_go() {
    let line = |user: &str, second: i64| {
        let time = DateTime::from_timestamp(1_785_542_400 + second, 0).expect("in range");
        let event = json!({"user_name": user, "user_identity_user_type": "ram-user", "time": time.to_rfc3339()});
        format!("{event}\n")
    };
    let mut world = World::new();
    world.add(
        0,
        0,
        (line("a", 5) + &line("b", 6) + &line("a", 7)).as_bytes(),
    );
    let mut firsts = aggregate::FirstSeen::default();
    let first = |snapshot: &Snapshot, firsts: &aggregate::FirstSeen| -> Vec<u64> {
        let is_first = |id: &u64| {
            let place = snapshot.find(EventId(*id));
            place.is_some_and(|place| firsts.of(snapshot, place).next().is_some())
        };
        (0..10).filter(is_first).collect()
    };
    let snapshot = world.snapshot();
    firsts.look(&snapshot);
    assert_eq!(first(&snapshot, &firsts), [0, 1]);
    world.add(
        1,
        0,
        (line("b", 1) + &line("c", 2) + &line("b", 5)).as_bytes(),
    );
    let mut snapshot = (*world.snapshot()).clone();
    snapshot.generation = 2;
    firsts.look(&snapshot);
    assert_eq!(first(&snapshot, &firsts), [0, 3, 4]);
    snapshot.segments.remove(1);
    snapshot.generation = 3;
    snapshot.evicted.events = 3;
    firsts.look(&snapshot);
    assert_eq!(first(&snapshot, &firsts), [0, 1]);
}

#[test]
fn an_anonymous_user_is_first_seen_where_no_event_around_has_an_identity() {
    let mut world = World::new();
    world.add(0, 0, b"{\"time\":\"2024-04-12T16:58:00Z\"}\n");
    let snapshot = world.snapshot();
    let mut firsts = aggregate::FirstSeen::default();
    firsts.look(&snapshot);
    let place = snapshot.find(EventId(0)).expect("the event");
    let fields: Vec<FieldId> = firsts.of(&snapshot, place).collect();
    let names: Vec<Arc<str>> = fields
        .into_iter()
        .map(|field| snapshot.vocabulary.name(field))
        .collect();
    assert_eq!(names, ["user".into()]);
}

/// One busy instance with a pause, another that is always calm, and late events of the busy one in a segment of
/// their own that fill a second pause.
#[test]
fn gaps_are_those_of_an_instance_and_late_events_fill_them() {
    let start = 1_785_542_400_i64;
    let line = |instance: &str, second: i64| {
        let time = DateTime::from_timestamp(start + second, 0).expect("in range");
        let event = json!({"instance_id": instance, "time": time.to_rfc3339()});
        format!("{event}\n")
    };
    let busy = (0..600).filter(|s| !(100..200).contains(s) && !(300..400).contains(s));
    let mut seconds: Vec<(i64, &str)> = busy.map(|s| (s, "busy")).collect();
    seconds.extend((0..20).map(|n| (n * 30, "calm")));
    seconds.sort_unstable();
    let text = |seconds: &[(i64, &str)]| -> String {
        seconds
            .iter()
            .map(|(second, instance)| line(instance, *second))
            .collect()
    };
    let mut world = World::new();
    world.add(0, 0, text(&seconds).as_bytes());
    let mut gaps = aggregate::Gaps::default();
    let spans = |gaps: &[aggregate::Gap]| -> Vec<(Option<String>, i64, i64)> {
        let second = |time: i64| time / 1_000_000_000 - start;
        let span = |gap: &aggregate::Gap| {
            let instance = gap.instance.as_ref().map(ToString::to_string);
            (instance, second(gap.from), second(gap.until))
        };
        gaps.iter().map(span).collect()
    };
    let busy = Some("busy".to_owned());
    let found = gaps.find(&world.snapshot());
    assert_eq!(
        spans(&found),
        [(busy.clone(), 99, 200), (busy.clone(), 299, 400)]
    );
    let late: Vec<(i64, &str)> = (300..400).map(|second| (second, "busy")).collect();
    world.add(1, 0, text(&late).as_bytes());
    let mut snapshot = (*world.snapshot()).clone();
    snapshot.generation = 2;
    assert_eq!(spans(&gaps.find(&snapshot)), [(busy, 99, 200)]);
}

#[test]
fn words_that_no_time_and_no_id_can_hold_are_not_sought_there_and_others_are() {
    let line = r#"{"time":"2024-04-12T16:58:07.123456789+08:00","http_request_id":"718e09d1-aab5-4c1e-9f00-0123456789ab"}"#;
    let mut world = World::new();
    world.add(0, 0, line.as_bytes());
    let snapshot = world.snapshot();
    let event: Event = serde_json::from_str(line).expect("a record");
    for (query, holds) in [
        ("58", true),
        ("00", true),
        ("16", false),
        ("404", false),
        ("2024", false),
        ("2024-04-12T16", true),
        ("2024-04-12t16", true),
        ("07.123456789+08", true),
        ("07*", true),
        ("718e09d1-aab5-4c1e-9f00-0123456789ab", true),
        ("718e09d1", false),
        ("718e*", true),
    ] {
        let node = parse(query, &CatalogueNames::default()).expect("a query");
        assert_eq!(
            naive::matches(&node, &event, &|_| None, None),
            holds,
            "naive: {query}"
        );
        let filter = Filter {
            text: query.into(),
            query: node,
            ..Filter::default()
        };
        let plan = Planner::default().plan(&filter, &snapshot);
        let matches = Matches::all(&snapshot, &plan, Without::Nothing);
        assert_eq!(matches.matched == 1, holds, "{query}");
    }
}
