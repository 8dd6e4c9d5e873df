//! A small engine for tests of the screen: answers from a list of events, at once and in one thread. It
//! follows the contract of `engine::request` by the plainest means, not by fast ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regtrail::aggregate::Bins;
use regtrail::engine::{
    Anchor, Answer, Ask, Change, Changed, Deeds, Detail, DetailField, Dropped, FacetOrder,
    FacetTable, FacetValue, FacetWant, Gap, Group, GroupOrder, GroupTable, GroupWant, Histogram,
    HistogramWant, Hits, Lineage, LineageTable, LineageWant, NewValues, News, NewsTable, NewsWant,
    Pulls, Range, RangeWant, SeekTarget, Seen, SideQuery, SideQueryWant, Sort, SourceState,
    SourceStatus, Span, Status, Step, StepKind, Version, Window, WindowWant, is_new,
};
use regtrail::index::{ColumnUsage, DictionaryUsage, Evicted, Usage};
use regtrail::model::time::SECOND;
use regtrail::model::{CATALOGUE, Defect, EventId, EventKey, FieldKind, Mark, Row, Value};
use regtrail::query::{Filter, Node, PickState};

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub id: EventId,
    pub time: i64,
    pub fields: BTreeMap<String, String>,
}

/// Events in time order, and what else an engine knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake {
    pub events: Vec<Event>,
    pub marks: Vec<Mark>,
    pub defects: Vec<Arc<Defect>>,
    pub generation: u64,
    /// Seconds since the newest event came in, and since the source was last answered.
    pub silent: i64,
    pub polled: Option<i64>,
    pub losses: u64,
    pub parts: Vec<String>,
    pub evicted: Evicted,
    /// The source's.
    pub name: Arc<str>,
}

/// 2024-04-12T08:00:00Z.
pub(crate) const START: i64 = 1_712_908_800 * SECOND;

const USERS: [&str; 6] = [
    "user/ci-bot",
    "user/li.wei",
    "user/release-bot",
    "role/k8s-puller",
    "user/zhang.min",
    "root/1356680000000001",
];
const REPOS: [(&str, &str); 5] = [
    ("prod", "payments-api"),
    ("prod", "ledger"),
    ("prod", "web"),
    ("base", "alpine-with-a-long-name"),
    ("测试", "镜像"),
];
const ACTIONS: [&str; 4] = [
    "GetBlob",
    "GetImageManifest",
    "PutImageManifest",
    "DeleteTag",
];

impl Fake {
    /// `count` events, one every seven seconds, always the same ones.
    pub(crate) fn sample(count: u64) -> Self {
        let mut fake = Self {
            generation: 1,
            name: "logs/acr_access_log.ndjson".into(),
            ..Self::default()
        };
        for n in 0..count {
            fake.push(n);
        }
        fake
    }

    /// Adds the event of a number.
    pub(crate) fn push(&mut self, n: u64) {
        // A fixed shuffle: every field moves at its own pace, so that values mix.
        let pick = |of: usize, pace: u64| ((n * pace + n / 7) % of as u64) as usize;
        let action = if n.is_multiple_of(37) {
            "DeleteTag"
        } else {
            ACTIONS[pick(3, 1)]
        };
        let (namespace, repo) = REPOS[pick(5, 3)];
        let status = match n % 23 {
            5 => "403",
            11 => "404",
            17 => "500",
            _ => "200",
        };
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |name: &str, value: String| fields.insert(name.into(), value);
        set("action", action.into());
        set("http_response_status", status.into());
        set("status_class", format!("{}xx", &status[..1]));
        set(
            "instance_id",
            format!("cri-prod-{}", ["hz01", "sh01"][pick(2, 5)]),
        );
        set("namespace", namespace.into());
        set("repo", repo.into());
        set("namespace_repo", format!("{namespace}/{repo}"));
        if action != "GetBlob" {
            set("tag", format!("v1.{}", n % 50));
        } else if n.is_multiple_of(2) {
            set("tag", String::new());
        }
        set("user", USERS[pick(6, 1)].into());
        set("ip", format!("10.12.{}.{}", n % 3, n % 11));
        set(
            "client",
            ["docker", "containerd", "skopeo"][pick(3, 2)].into(),
        );
        if !n.is_multiple_of(5) {
            set(
                "access_credential_type",
                ["Password", "TemporaryToken"][pick(2, 1)].into(),
            );
        }
        set("network_type", ["Internet", "VPC"][pick(2, 3)].into());
        set(
            "http_request_id",
            format!("718e09d1-aab5-4c1e-9f00-{n:012}"),
        );
        let (minute, second) = ((n * 7 / 60) % 60, (n * 7) % 60);
        set(
            "time",
            format!(
                "2024-04-12T{:02}:{minute:02}:{second:02}+08:00",
                16 + n * 7 / 3600
            ),
        );
        if n == 3 {
            set("odd", "\u{1b}[31mred\u{202e}".into());
        }
        self.events.push(Event {
            id: EventId(n),
            time: START + n as i64 * 7 * SECOND,
            fields,
        });
    }

    pub(crate) fn status(&self, state: SourceState) -> Status {
        let events = self.events.len() as u64;
        // As of an hour after the first event, which is the present time of the tests.
        let now = START + 3600 * SECOND;
        let source = SourceStatus {
            state,
            events,
            defects: self.defects.len() as u64,
            bytes: 43,
            bytes_total: Some(100),
            rate: if self.silent < 10 { 14 } else { 0 },
            newest: self.events.last().map(|event| event.time),
            eta: Some(4),
            since: now - 3000 * SECOND,
            received: Some(now - self.silent * SECOND),
            polled: self.polled.map(|ago| now - ago * SECOND),
            losses: self.losses,
            parts: self.parts.as_slice().into(),
            usual: 14.2,
            ..SourceStatus::new(self.name.clone())
        };
        let span = self
            .events
            .first()
            .zip(self.events.last())
            .map(|(a, b)| (a.time, b.time));
        Status {
            generation: self.generation,
            events,
            defects: self.defects.len() as u64,
            skipped: 0,
            span,
            memory: 1 << 20,
            loading: std::time::Duration::from_millis(730),
            evicted: self.evicted,
            sources: vec![source],
        }
    }

    pub(crate) fn answer(&self, ask: &Ask) -> Answer {
        let filter = &ask.filter;
        let found: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| passes(filter, event, None))
            .collect();
        let wants = &ask.wants;
        let dropped = |chip| {
            let rest = filter.without(&chip);
            let matched = self
                .events
                .iter()
                .filter(|event| passes(&rest, event, None))
                .count() as u64;
            Dropped { chip, matched }
        };
        Answer {
            id: ask.id,
            generation: self.generation,
            total: self.events.len() as u64,
            matched: found.len() as u64,
            complete: true,
            looked_at: (1, 1),
            span: found
                .first()
                .zip(found.last())
                .map(|(a, b)| (a.time, b.time)),
            window: wants.window.as_ref().map(|want| self.window(want, &found)),
            facets: wants
                .facets
                .iter()
                .map(|want| self.facet(want, filter))
                .collect(),
            histogram: wants
                .histogram
                .as_ref()
                .and_then(|want| histogram(want, &found)),
            detail: wants
                .detail
                .and_then(|id| self.events.iter().find(|event| event.id == id))
                .map(detail),
            seek: wants.seek.as_ref().map(|seek| {
                let from = self
                    .events
                    .iter()
                    .find(|event| event.id == seek.from)
                    .map_or(0, |event| event.time);
                let hit = |event: &&&Event| match &seek.what {
                    SeekTarget::Query(query) => holds(query, event),
                    SeekTarget::FirstSeen => !self.firsts(event).is_empty(),
                };
                let hit = if seek.forward {
                    found.iter().filter(|event| event.time > from).find(hit)
                } else {
                    found
                        .iter()
                        .rev()
                        .filter(|event| event.time < from)
                        .find(hit)
                };
                hit.map(|event| event.id)
            }),
            range: wants.range.as_ref().map(|want| range(want, &found)),
            dropped: if wants.explain {
                filter.terms().into_iter().map(dropped).collect()
            } else {
                Vec::new()
            },
            defects: wants.defects.then(|| self.defects.clone()),
            usage: wants.usage.then(|| Arc::new(self.usage())),
            hits: wants.hits.as_ref().map(|want| {
                let hits: Vec<_> = found
                    .iter()
                    .filter(|event| holds(&want.query, event))
                    .collect();
                Hits {
                    total: hits.len() as u64,
                    rank: hits
                        .iter()
                        .position(|event| Some(event.id) == want.at)
                        .map(|rank| rank as u64),
                }
            }),
            gaps: wants.gaps.map(|_| Arc::new(self.gaps())),
            group: wants.group.as_ref().map(|want| {
                let aside = want.fields.first().filter(|_| want.facet);
                let aside = aside.map(|field| &**field);
                let found = self.events.iter();
                let found = found.filter(|event| passes(filter, event, aside));
                group(want, &found.collect::<Vec<_>>())
            }),
            side: wants.side.iter().map(|want| self.side(want)).collect(),
            lineage: wants.lineage.as_ref().map(|want| self.lineage(want)),
            news: wants.news.as_ref().map(|want| self.news(want)),
            records: wants.records.iter().map(|key| self.record(key)).collect(),
        }
    }

    fn record(&self, key: &EventKey) -> Option<Detail> {
        let same = |event: &&Event| {
            Some(event.time) == key.time
                && event.fields.get("http_request_id").map(String::as_str) == Some(&*key.request)
        };
        self.events.iter().find(same).map(detail)
    }

    /// Pauses of an instance of more than five minutes: events come every seven seconds.
    fn gaps(&self) -> Vec<Gap> {
        let mut last: BTreeMap<Value, i64> = BTreeMap::new();
        let mut gaps = Vec::new();
        for event in &self.events {
            let instance = value(event, "instance_id");
            let before = last.insert(instance.clone(), event.time);
            if let Some(from) = before.filter(|from| event.time - from > 300 * SECOND) {
                gaps.push(Gap {
                    instance,
                    from,
                    until: event.time,
                });
            }
        }
        gaps
    }

    fn usage(&self) -> Usage {
        let events = self.events.len();
        Usage {
            columns: vec![ColumnUsage {
                name: "http_request_id".into(),
                fields: vec!["http_request_id".into()],
                bytes: events * 16,
            }],
            dictionaries: vec![DictionaryUsage {
                name: "user".into(),
                values: USERS.len() as u64,
                bytes: USERS.iter().map(|user| user.len()).sum(),
            }],
        }
    }

    fn side(&self, want: &SideQueryWant) -> SideQuery {
        let events = self.events.iter();
        let found: Vec<&Event> = events
            .filter(|event| passes(&want.filter, event, None))
            .collect();
        let facets = want.facets.iter();
        let facets: Vec<FacetTable> = facets
            .map(|facet| self.facet(facet, &want.filter))
            .collect();
        SideQuery {
            matched: found.len() as u64,
            span: found
                .first()
                .zip(found.last())
                .map(|(a, b)| (a.time, b.time)),
            histogram: want
                .histogram
                .as_ref()
                .and_then(|want| histogram(want, &found)),
            seen: facets
                .iter()
                .filter(|_| want.seen)
                .map(|table| self.seen(table, &found))
                .collect(),
            facets,
        }
    }

    /// When each value of a table occurs: among the events found, and first among all.
    fn seen(&self, table: &FacetTable, found: &[&Event]) -> Vec<Option<Seen>> {
        let seen = |entry: &FacetValue| {
            let has = |event: &Event| value(event, &table.field) == entry.value;
            let mut times = found.iter().filter(|event| has(event));
            let first = times.next()?.time;
            Some(Seen {
                first,
                last: times.next_back().map_or(first, |event| event.time),
                loaded: self.events.iter().find(|event| has(event))?.time,
            })
        };
        table.values.iter().map(seen).collect()
    }

    /// Whether the value of an event first occurs well after the first event.
    fn is_new(&self, field: &str, event: &Event) -> bool {
        let own = value(event, field);
        let first = self.events.iter().find(|e| value(e, field) == own);
        let span = (self.events[0].time, self.events[self.events.len() - 1].time);
        own.is_some() && first.is_some_and(|first| is_new(first.time, span))
    }

    /// What became of tags, by the rules of `aggregate::lineage`: every change looked for anew.
    fn lineage(&self, want: &LineageWant) -> LineageTable {
        let found = |event: &&Event| passes(&want.filter, event, None);
        let events: Vec<&Event> = self.events.iter().filter(found).collect();
        let step = |at: usize| {
            let event = events[at];
            let own = |other: &&&Event| tag(other) == tag(event) && changed(other);
            let last = events[..at].iter().rev().find(own);
            let next = events[at + 1..].iter().find(own);
            let push = action(event) == "PutImageManifest";
            let deed = match (push, failed(event)) {
                (true, true) => StepKind::PushFailed,
                (false, true) => StepKind::DeleteFailed,
                (false, false) => StepKind::Deleted,
                _ if last.is_some_and(|last| action(last) == "PutImageManifest") => {
                    StepKind::Overwritten
                }
                _ => StepKind::Pushed,
            };
            let since = if failed(event) {
                last.map(|last| last.time)
            } else {
                Some(event.time)
            };
            let until = next.map(|next| next.time);
            Step {
                event: event.id,
                time: Some(event.time),
                deed,
                tag: value(event, "tag"),
                user: value(event, "user"),
                ip: value(event, "ip"),
                status: value(event, "http_response_status"),
                network: value(event, "network_type"),
                new: NewValues {
                    user: self.is_new("user", event),
                    ip: self.is_new("ip", event),
                    network: self.is_new("network_type", event),
                },
                since,
                until,
            }
        };
        let steps: Vec<usize> = (0..events.len())
            .filter(|at| is_change(events[*at]))
            .collect();
        let lineage = Lineage {
            steps: steps.iter().map(|at| step(*at)).collect(),
            versions: versions(&events, &steps),
        };
        LineageTable { lineage, more: 0 }
    }

    /// What is new, by the rules of `aggregate::news`.
    fn news(&self, want: &NewsWant) -> News {
        let Span { since, until } = want.window;
        let events = || {
            self.events
                .iter()
                .filter(|event| passes(&want.filter, event, None))
        };
        let now: Vec<&Event> = events()
            .filter(|event| event.time >= since && until.is_none_or(|until| event.time < until))
            .collect();
        let before: Vec<&Event> = events().filter(|event| event.time < since).collect();
        let (first, last) = (self.events[0].time, self.events[self.events.len() - 1].time);
        let until = until.unwrap_or(last).min(last);
        let scale = (until - since).max(1) as f64 / (since - first).max(1) as f64;
        let counts = |events: &[&Event], fields: &[Arc<str>]| {
            let mut counts: BTreeMap<Vec<Value>, u64> = BTreeMap::new();
            for event in events {
                let key: Vec<Value> = fields.iter().map(|field| value(event, field)).collect();
                if key.iter().all(Option::is_some) {
                    *counts.entry(key).or_default() += 1;
                }
            }
            counts
        };
        let now_events = &now;
        let table = |fields: Vec<Arc<str>>| {
            let (now, all) = (counts(now_events, &fields), counts(&before, &fields));
            let quarter = |at: i64| {
                let cut = |at: i64| want.from + (since - want.from) / 4 * at;
                let within = |event: &&&Event| {
                    (at == 0 || event.time >= cut(at)) && (at == 3 || event.time < cut(at + 1))
                };
                counts(
                    &before.iter().filter(within).copied().collect::<Vec<_>>(),
                    &fields,
                )
            };
            let quarters: Vec<_> = (0..4).map(quarter).collect();
            let keys: BTreeSet<&Vec<Value>> = now.keys().chain(all.keys()).collect();
            let changed = |key: &Vec<Value>| {
                let of = |counts: &BTreeMap<Vec<Value>, u64>| counts.get(key).copied().unwrap_or(0);
                let (n, b) = (of(&now), of(&all));
                let usual = b as f64 * scale;
                let known = || {
                    key.iter()
                        .enumerate()
                        .all(|(at, value)| all.keys().any(|other| other[at] == *value))
                };
                let change = match key.len() {
                    2 if b == 0 && known() => Change::New,
                    2 => return None,
                    _ if b == 0 => Change::New,
                    _ if n >= 10 && n as f64 >= usual * 3.0 && scale <= 1.0 => Change::Surged,
                    _ if n == 0 && usual >= 10.0 && quarters.iter().all(|q| of(q) > 0) => {
                        Change::Gone
                    }
                    _ => return None,
                };
                let own = |event: &&&Event| {
                    let mut fields = fields.iter().zip(key);
                    change == Change::New && fields.all(|(field, key)| value(event, field) == *key)
                };
                Some(Changed {
                    key: key.clone(),
                    change,
                    now: n,
                    before: b,
                    usual,
                    deeds: deeds(now_events.iter().filter(own).copied()),
                })
            };
            let mut rows: Vec<Changed> = keys.into_iter().filter_map(changed).collect();
            rows.sort_by_key(|row| std::cmp::Reverse((row.deeds.kinds(), row.now)));
            NewsTable {
                fields,
                rows,
                more: [0; 3],
            }
        };
        let fields = want.fields.iter().map(|field| vec![field.clone()]);
        let pairs = want.pairs.iter().map(|pair| pair.to_vec());
        News {
            now: now.len() as u64,
            before: before.len() as u64,
            usual: before.len() as f64 * scale,
            tables: fields.chain(pairs).map(table).collect(),
        }
    }

    fn window(&self, want: &WindowWant, found: &[&Event]) -> Window {
        if found.is_empty() {
            return Window::default();
        }
        let found = in_order(found, want.order.as_ref());
        let last = found.len() - 1;
        let at_time = |time: i64| {
            found
                .iter()
                .position(|event| event.time >= time)
                .unwrap_or(last)
        };
        let anchor = match want.anchor {
            Anchor::Oldest => 0,
            Anchor::Newest => last,
            Anchor::Time(time) => at_time(time),
            Anchor::Rank(rank) => (rank as usize).min(last),
            Anchor::Event { id, by } => {
                let at = found
                    .iter()
                    .position(|event| event.id == id)
                    .unwrap_or_else(|| {
                        let time = self
                            .events
                            .iter()
                            .find(|event| event.id == id)
                            .map_or(0, |event| event.time);
                        (0..found.len())
                            .min_by_key(|&at| (found[at].time - time).abs())
                            .unwrap_or(0)
                    });
                (at as i64 + by).clamp(0, last as i64) as usize
            }
        };
        let first = anchor.saturating_sub(want.before);
        let end = (anchor + want.after.max(1)).min(found.len());
        let place = |mark: &Mark| {
            found[first..end]
                .iter()
                .position(|event| event.time > mark.time)
                .unwrap_or(end - first)
        };
        Window {
            first: first as u64,
            anchor: Some(anchor - first),
            rows: found[first..end]
                .iter()
                .map(|event| row(event, &want.columns))
                .collect(),
            also: want.also.and_then(|id| {
                let at = found.iter().position(|event| event.id == id)?;
                Some(at as u64)
            }),
            marks: self
                .marks
                .iter()
                .map(|mark| (place(mark), mark.clone()))
                .collect(),
            firsts: found[first..end]
                .iter()
                .enumerate()
                .filter(|_| want.firsts)
                .flat_map(|(at, event)| self.firsts(event).into_iter().map(move |f| (at, f)))
                .collect(),
        }
    }

    /// The fields whose value no event before this one has.
    fn firsts(&self, event: &Event) -> Vec<Arc<str>> {
        let names = [
            "user",
            "ip",
            "client",
            "namespace_repo",
            "access_credential_type",
        ];
        let first = |name: &&str| {
            let own = event.fields.get(*name);
            let mut same = self.events.iter().filter(|e| e.fields.get(*name) == own);
            own.is_some() && same.next().is_some_and(|first| first.id == event.id)
        };
        names.into_iter().filter(first).map(Into::into).collect()
    }

    fn facet(&self, want: &FacetWant, filter: &Filter) -> FacetTable {
        let mut counts: BTreeMap<Value, u64> = BTreeMap::new();
        for event in self
            .events
            .iter()
            .filter(|event| passes(filter, event, Some(&want.field)))
        {
            *counts.entry(value(event, &want.field)).or_default() += 1;
        }
        let all = counts.clone();
        let missing = counts.remove(&None).unwrap_or(0);
        let distinct = counts.len() as u64;
        let mut values: Vec<FacetValue> = counts
            .into_iter()
            .map(|(value, count)| FacetValue { value, count })
            .collect();
        if let Some(find) = &want.find {
            values.retain(|entry| {
                entry
                    .value
                    .as_ref()
                    .is_some_and(|value| value.to_lowercase().contains(&find.to_lowercase()))
            });
        }
        let found = values.len() as u64;
        let seen = |entry: &FacetValue| {
            let has = |event: &&Event| value(event, &want.field) == entry.value;
            let found = if want.order == FacetOrder::First {
                self.events.iter().find(has)
            } else {
                self.events.iter().rev().find(has)
            };
            std::cmp::Reverse(found.map(|event| event.time))
        };
        match want.order {
            FacetOrder::Count | FacetOrder::Fewest => {
                values.sort_by_key(|entry| std::cmp::Reverse(entry.count));
            }
            FacetOrder::Name | FacetOrder::Bytes { .. } => {}
            FacetOrder::First | FacetOrder::Last => values.sort_by_key(seen),
        }
        values.truncate(want.limit);
        let shown = values.len();
        let picks = filter
            .pick(&want.field)
            .into_iter()
            .flat_map(|pick| pick.include.iter().chain(&pick.exclude));
        for picked in picks {
            if !values.iter().any(|entry| entry.value == *picked) {
                let entry = FacetValue {
                    value: picked.clone(),
                    count: all.get(picked).copied().unwrap_or(0),
                };
                let at = if want.find.is_some() { values.len() } else { 0 };
                values.insert(at, entry);
            }
        }
        let kept = if want.find.is_some() {
            values.len() - shown
        } else {
            0
        };
        FacetTable {
            field: want.field.clone(),
            distinct,
            missing,
            found,
            values,
            kept,
        }
    }
}

fn action(event: &Event) -> &str {
    &event.fields["action"]
}

fn tag(event: &Event) -> Option<&str> {
    let tag = event.fields.get("tag")?;
    (!tag.is_empty()).then_some(tag)
}

fn failed(event: &Event) -> bool {
    event.fields["http_response_status"].as_str() >= "400"
}

fn is_change(event: &Event) -> bool {
    matches!(action(event), "PutImageManifest" | "DeleteTag") && tag(event).is_some()
}

fn changed(event: &Event) -> bool {
    is_change(event) && !failed(event)
}

/// The pulled versions of every tag; `steps` are the indexes of the changes.
fn versions(events: &[&Event], steps: &[usize]) -> Vec<Version> {
    let tags: BTreeSet<&str> = events.iter().filter_map(|event| tag(event)).collect();
    let of_tag = |of: &str| {
        let own = steps.iter().enumerate();
        let own = own.map(|(step, at)| (step, events[*at]));
        let own = own.filter(|(_, event)| tag(event) == Some(of) && changed(event));
        let own: Vec<(usize, i64)> = own.map(|(step, event)| (step, event.time)).collect();
        let version = |slot: usize| {
            let start = slot.checked_sub(1).map(|at| own[at]);
            let until = own.get(slot).map(|(_, time)| *time);
            let since = start.map(|(_, time)| time);
            Version {
                step: start.map(|(step, _)| step),
                tag: Some(of.into()),
                since,
                until,
                pulls: pulls(events, of, since.unwrap_or(i64::MIN), until),
            }
        };
        (0..=own.len()).map(version).collect::<Vec<_>>()
    };
    let some = |version: &Version| version.pulls.count + version.pulls.failed > 0;
    let versions = tags.into_iter().flat_map(of_tag);
    let mut versions: Vec<Version> = versions.filter(some).collect();
    versions.sort_by_key(|version| version.step);
    versions
}

fn pulls(events: &[&Event], of: &str, since: i64, until: Option<i64>) -> Pulls {
    let pulls = events.iter().filter(|event| {
        action(event) == "GetImageManifest"
            && tag(event) == Some(of)
            && event.time >= since
            && until.is_none_or(|until| event.time < until)
    });
    let (bad, good): (Vec<&Event>, Vec<&Event>) = pulls.partition(|event| failed(event));
    let distinct = |field: &str| {
        let values: BTreeSet<Value> = good.iter().map(|event| value(event, field)).collect();
        values.len() as u64
    };
    Pulls {
        count: good.len() as u64,
        users: distinct("user"),
        addresses: distinct("ip"),
        failed: bad.len() as u64,
    }
}

fn in_order<'a>(found: &[&'a Event], order: Option<&Sort>) -> Vec<&'a Event> {
    let mut found = found.to_vec();
    if let Some(sort) = order {
        let by = |a: &&Event, b: &&Event| value(a, &sort.field).cmp(&value(b, &sort.field));
        found.sort_by(|a, b| if sort.descending { by(b, a) } else { by(a, b) });
    }
    found
}

fn row(event: &Event, columns: &[Arc<str>]) -> Row {
    let values = columns.iter().map(|column| value(event, column));
    Row {
        id: event.id,
        time: Some(event.time),
        offset: 28_800,
        values: values.collect(),
    }
}

fn range(want: &RangeWant, found: &[&Event]) -> Range {
    let found = in_order(found, want.order.as_ref());
    let at = |id: EventId| found.iter().position(|event| event.id == id);
    let (Some(a), Some(b)) = (at(want.ends.0), at(want.ends.1)) else {
        return Range::default();
    };
    let found = found[a.min(b)..=a.max(b)].iter().take(want.most);
    let raw = |event: &&Event| detail(event).raw;
    Range {
        rows: found
            .clone()
            .map(|event| row(event, &want.columns))
            .collect(),
        records: found.filter(|_| want.records).map(raw).collect(),
    }
}

fn value(event: &Event, field: &str) -> Value {
    event.fields.get(field).map(|value| value.as_str().into())
}

/// Whether an event passes a filter, the picks of one field left aside.
fn passes(filter: &Filter, event: &Event, aside: Option<&str>) -> bool {
    let picked = |pick: &regtrail::query::Pick| {
        let value = value(event, &pick.field);
        aside == Some(&*pick.field)
            || ((pick.include.is_empty()
                || filter.state(&pick.field, &value) == PickState::Include)
                && filter.state(&pick.field, &value) != PickState::Exclude)
    };
    holds(&filter.query, event)
        && filter.picks.iter().all(picked)
        && (filter.range.is_all() || filter.range.contains(event.time))
}

fn holds(node: &Node, event: &Event) -> bool {
    match node {
        Node::All => true,
        Node::And(parts) => parts.iter().all(|part| holds(part, event)),
        Node::Or(parts) => parts.iter().any(|part| holds(part, event)),
        Node::Not(part) => !holds(part, event),
        Node::Test(test) => match &test.field {
            Some(field) => match event.fields.get(&**field) {
                Some(value) => test.matches(value),
                None => test.matches_missing(),
            },
            None => event.fields.values().any(|value| test.matches(value)),
        },
    }
}

/// Failures, and pushes and deletes that did not fail.
fn deeds<'a>(events: impl Iterator<Item = &'a Event>) -> Deeds {
    let mut deeds = Deeds::default();
    for event in events {
        let action = &event.fields["action"];
        if event.fields["http_response_status"].as_str() >= "400" {
            deeds.failed += 1;
        } else if action.starts_with("Put") {
            deeds.pushes += 1;
        } else if action.starts_with("Delete") {
            deeds.deletes += 1;
        }
    }
    deeds
}

fn group(want: &GroupWant, found: &[&Event]) -> GroupTable {
    let mut groups: BTreeMap<Vec<Value>, Group> = BTreeMap::new();
    for event in found {
        let key: Vec<Value> = want.fields.iter().map(|name| value(event, name)).collect();
        let row = groups.entry(key.clone()).or_insert(Group {
            key,
            count: 0,
            failed: 0,
            users: 1,
            forbidden: 0,
            admitted: false,
            first: Some(event.time),
            last: None,
            over_time: vec![0; want.bins],
        });
        row.count += 1;
        row.failed += u64::from(event.fields["http_response_status"].as_str() >= "400");
        row.last = Some(event.time);
        if let (Some(first), Some(last)) = (found.first(), found.last()) {
            let step = (last.time - first.time) / want.bins.max(1) as i64 + 1;
            let bin = ((event.time - first.time) / step) as usize;
            row.over_time
                .iter_mut()
                .skip(bin)
                .take(1)
                .for_each(|n| *n += 1);
        }
    }
    let mut rows: Vec<Group> = groups.into_values().collect();
    rows.sort_by_key(|row| match want.order {
        GroupOrder::Count => row.count as i64,
        GroupOrder::Failed => row.failed as i64,
        GroupOrder::First => row.first.unwrap_or(0),
        GroupOrder::Last => row.last.unwrap_or(0),
        _ => 0,
    });
    if !want.ascending {
        rows.reverse();
    }
    let total = rows.len() as u64;
    rows.truncate(want.limit);
    GroupTable {
        fields: want.fields.clone(),
        total,
        single: 0,
        admitted: 0,
        rows,
        is_over: false,
    }
}

fn histogram(want: &HistogramWant, found: &[&Event]) -> Option<Histogram> {
    let (first, last) = (found.first()?.time, found.last()?.time);
    let steps = [
        1, 2, 5, 10, 15, 30, 60, 120, 240, 600, 1200, 3600, 7200, 14_400, 86_400, 604_800,
    ];
    let fits =
        |step: &&i64| (last / (**step * SECOND) - first / (**step * SECOND)) < want.bins as i64;
    let step = steps.iter().find(fits).unwrap_or(&604_800) * SECOND;
    let start = first / step * step;
    let bins = ((last - start) / step + 1) as usize;
    let mut histogram = Histogram {
        bins: Bins::even(start, step, bins),
        counts: vec![0; bins],
        failed: vec![0; bins],
    };
    for event in found {
        let bin = ((event.time - start) / step) as usize;
        histogram.counts[bin] += 1;
        if event
            .fields
            .get("http_response_status")
            .is_some_and(|status| status.as_str() >= "400")
        {
            histogram.failed[bin] += 1;
        }
    }
    Some(histogram)
}

fn detail(event: &Event) -> Detail {
    let field = |name: &str| DetailField {
        name: name.into(),
        value: value(event, name),
    };
    let logged = CATALOGUE
        .fields()
        .iter()
        .filter(|info| info.kind == FieldKind::Logged)
        .map(|info| field(&info.name));
    let known = |name: &str| CATALOGUE.find(name).is_some();
    let unknown = event
        .fields
        .keys()
        .filter(|name| !known(name))
        .map(|name| field(name));
    let derived = CATALOGUE
        .fields()
        .iter()
        .filter(|info| info.kind == FieldKind::Derived)
        .map(|info| field(&info.name));
    Detail {
        id: event.id,
        time: Some(event.time),
        offset: 28_800,
        rank: None,
        source: "logs/acr_access_log.ndjson".into(),
        fields: logged.chain(unknown).chain(derived).collect(),
        raw: serde_json::to_string(&event.fields)
            .expect("strings are JSON")
            .into(),
    }
}
