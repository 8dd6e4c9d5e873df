//! What the engine answers beside the window: groups, counts under other filters, orders of values.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, unbounded};
use regtrail::aggregate::{self, Matches, Planner, Progress, Without};
use regtrail::engine::{
    Answer, Ask, Change, Changed, Engine, EngineEvent, FacetOrder, FacetWant, GroupOrder,
    GroupWant, HitsWant, Lineage, LineageWant, NewsWant, Pulls, SideQueryWant, SourceState, Span,
    StepKind, Wants,
};
use regtrail::model::Value;
use regtrail::query::{CatalogueNames, Chip, Filter, PickState, TimeRange, parse};
use regtrail::source::{Spec, demo};

/// An engine that has loaded the demo's history.
struct Loaded {
    engine: Engine,
    events: Receiver<EngineEvent>,
    asked: u64,
}

impl Loaded {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().expect("a file");
        demo::write(8_000, 3, 1_785_542_400_000_000_000, &mut file.as_file()).expect("written");
        Self::of(&[file.path().to_owned()])
    }

    /// An engine that has loaded some files to their ends.
    fn of(files: &[PathBuf]) -> Self {
        let (to, events) = unbounded();
        let engine = Engine::start(move |event| {
            // The test may be over.
            let _ = to.send(event);
        })
        .expect("threads");
        for file in files {
            engine.open(Spec::File(file.clone()), false);
        }
        let is_done = |event: &EngineEvent| match event {
            EngineEvent::Status(status) => {
                let sources = status.sources.iter();
                let done = sources.filter(|source| source.state == SourceState::Done);
                done.count() == files.len()
            }
            EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_) => {
                false
            }
        };
        while !is_done(&events.recv().expect("the engine lives")) {}
        Self {
            engine,
            events,
            asked: 0,
        }
    }

    fn ask(&mut self, filter: &Filter, wants: Wants) -> Answer {
        self.asked += 1;
        let filter = Arc::new(filter.clone());
        self.engine.ask(Ask::new(self.asked, filter, wants));
        loop {
            match self.events.recv().expect("the engine lives") {
                EngineEvent::Answer(answer) if answer.complete && answer.id == self.asked => {
                    return *answer;
                }
                _ => {}
            }
        }
    }
}

fn group(fields: &[&str], order: GroupOrder, ascending: bool, limit: usize) -> Wants {
    Wants {
        group: Some(GroupWant {
            fields: fields.iter().map(|name| Arc::from(*name)).collect(),
            order,
            ascending,
            limit,
            bins: 0,
            facet: false,
        }),
        ..Wants::default()
    }
}

fn facet(field: &str, order: FacetOrder, limit: usize) -> FacetWant {
    FacetWant {
        field: field.into(),
        order,
        limit,
        find: None,
    }
}

/// The last passes of a question cannot be answered in part: whoever stops waiting has to get through to them.
#[test]
fn sorting_and_grouping_tell_how_far_they_are_and_stop_when_told() {
    let loaded = Loaded::new();
    let snapshot = loaded.engine.snapshot();
    let mut planner = Planner::default();
    let plan = planner.plan(&Filter::default(), &snapshot);
    let matches = Matches::all(&snapshot, &plan, Without::Nothing);
    let failed = planner.part(&aggregate::failed(), &snapshot);
    let pass = |what: &str, watch: Progress<'_>| match what {
        "group" => {
            let fields = [Arc::from("user")];
            let most = usize::MAX;
            let groups = aggregate::group(&snapshot, &matches, &fields, &failed, None, most, watch);
            let groups = groups.ok();
            groups.map(|groups| groups.iter().map(|group| group.count).sum())
        }
        field => {
            let field = snapshot.vocabulary.field(&Arc::from(field)).expect("known");
            let sorted = aggregate::sorted(&snapshot, &matches, field, false, watch);
            sorted.map(|sorted| sorted.len() as u64)
        }
    };
    for what in ["group", "user", "http_request_id", "time"] {
        let reported = Mutex::new(Vec::new());
        let watch = |done: usize, all: usize| {
            reported.lock().expect("no panic before").push((done, all));
            true
        };
        assert_eq!(pass(what, &watch), Some(snapshot.events), "{what}");
        let reported = reported.into_inner().expect("no panic before");
        assert!(
            reported.iter().all(|(done, all)| done <= all && *all > 0),
            "{reported:?}"
        );
        assert!(
            reported.iter().any(|(done, all)| done == all),
            "{reported:?}"
        );
        for at in 0..reported.len() {
            let beats = AtomicUsize::new(0);
            let stop = |_, _| beats.fetch_add(1, Ordering::Relaxed) < at;
            assert_eq!(pass(what, &stop), None, "{what} at {at}");
        }
    }
}

#[test]
fn groups_add_up_are_ordered_and_say_how_many_there_are() {
    let mut loaded = Loaded::new();
    let filter = Filter::default();
    let fields = ["user", "action"];
    let all = loaded.ask(
        &filter,
        group(&fields, GroupOrder::Count, false, usize::MAX),
    );
    let table = all.group.expect("asked for");
    assert_eq!(table.total, table.rows.len() as u64);
    assert_eq!(
        table.rows.iter().map(|row| row.count).sum::<u64>(),
        all.matched
    );
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.first <= row.last && row.failed <= row.count)
    );
    assert!(table.rows.is_sorted_by(|a, b| a.count >= b.count));
    let few = loaded.ask(&filter, group(&fields, GroupOrder::First, true, 3));
    let few = few.group.expect("asked for");
    assert_eq!((few.rows.len(), few.total), (3, table.total));
    assert_eq!(
        few.rows[0].first,
        table.rows.iter().filter_map(|row| row.first).min()
    );
}

#[test]
fn counts_beside_are_those_of_the_other_filter() {
    let mut loaded = Loaded::new();
    let mut other = Filter::default();
    other.set("action", &Some("DeleteTag".into()), PickState::Include);
    let alone = loaded.ask(&other, Wants::default()).matched;
    let wants = Wants {
        side: vec![
            SideQueryWant {
                filter: Arc::new(other),
                facets: Vec::new(),
                histogram: None,
                seen: false,
            },
            SideQueryWant {
                filter: Arc::default(),
                facets: vec![FacetWant {
                    find: Some("dltg".into()),
                    ..facet("action", FacetOrder::Count, 5)
                }],
                histogram: None,
                seen: false,
            },
        ],
        ..Wants::default()
    };
    let mut main = Filter::default();
    main.set("action", &Some("GetBlob".into()), PickState::Include);
    let answer = loaded.ask(&main, wants);
    assert!(alone > 0 && answer.matched != alone);
    assert_eq!(answer.side[0].matched, alone);
    let values = &answer.side[1].facets[0].values;
    assert_eq!(values[0].value.as_deref(), Some("DeleteTag"));
    assert_eq!(values[0].count, alone);
}

/// Of the main filter everything is known from the question before, of the other one nothing: the answer is not whole
/// before that is looked at everywhere, too. More segments than are looked at in one step, and so more than one file.
#[test]
fn counts_beside_are_whole_when_the_main_filter_was_asked_before() {
    const FILES: usize = 80;
    let directory = tempfile::tempdir().expect("a directory");
    let file = |n: usize| {
        let path = directory.path().join(format!("{n}.ndjson"));
        let text = "{\"time\":\"2024-04-12T16:00:00Z\",\"action\":\"GetBlob\"}\n";
        std::fs::write(&path, text).expect("written");
        path
    };
    let mut loaded = Loaded::of(&(0..FILES).map(file).collect::<Vec<_>>());
    assert_eq!(loaded.engine.snapshot().segments.len(), FILES);
    let mut other = Filter::default();
    other.set("action", &Some("GetBlob".into()), PickState::Include);
    let all = Filter::default();
    assert_eq!(loaded.ask(&all, Wants::default()).matched, FILES as u64);
    let wants = Wants {
        side: vec![SideQueryWant {
            filter: Arc::new(other),
            facets: Vec::new(),
            histogram: None,
            seen: false,
        }],
        ..Wants::default()
    };
    let answer = loaded.ask(&all, wants);
    assert_eq!(answer.side[0].matched, FILES as u64);
    assert_eq!(answer.looked_at, (FILES, FILES));
}

#[test]
fn a_find_does_not_hide_what_is_picked() {
    let mut loaded = Loaded::new();
    let mut filter = Filter::default();
    for value in ["GetBlob", "NoSuchAction"] {
        filter.set("action", &Some(value.into()), PickState::Include);
    }
    let blobs = loaded.ask(&filter, Wants::default()).matched;
    let wants = Wants {
        facets: vec![FacetWant {
            find: Some("deltag".into()),
            ..facet("action", FacetOrder::Count, 5)
        }],
        ..Wants::default()
    };
    let answer = loaded.ask(&filter, wants);
    let table = &answer.facets[0];
    let values = table.values.iter();
    let values: Vec<_> = values
        .map(|entry| (entry.value.as_deref().expect("there"), entry.count))
        .collect();
    assert_eq!(values[0].0, "DeleteTag");
    assert_eq!(values[1..], [("GetBlob", blobs), ("NoSuchAction", 0)]);
    assert_eq!((table.found, table.kept), (1, 2));
}

#[test]
fn values_by_first_seen_are_in_the_order_of_the_groups() {
    let mut loaded = Loaded::new();
    let mut filter = Filter::default();
    let user = loaded.ask(&filter, group(&["user"], GroupOrder::Count, false, 1));
    let user = user.group.expect("asked for").rows[0].key[0].clone();
    // The field's own pick is left aside, in this order as in the others.
    filter.set("user", &user, PickState::Exclude);
    let everything = Filter::default();
    for (by, order) in [
        (FacetOrder::First, GroupOrder::First),
        (FacetOrder::Last, GroupOrder::Last),
    ] {
        let groups = loaded.ask(&everything, group(&["user"], order, false, usize::MAX));
        let groups = groups.group.expect("asked for").rows;
        let wants = Wants {
            facets: vec![facet("user", by, usize::MAX)],
            ..Wants::default()
        };
        let facet = loaded.ask(&filter, wants).facets.remove(0);
        let values: Vec<_> = facet
            .values
            .into_iter()
            .map(|v| (v.value, v.count))
            .collect();
        let groups: Vec<_> = groups
            .into_iter()
            .map(|g| (g.key[0].clone(), g.count))
            .collect();
        assert_eq!(values, groups);
    }
}

#[test]
fn groups_over_time_add_up_to_their_counts_and_a_facet_leaves_its_picks_aside() {
    let mut loaded = Loaded::new();
    let mut filter = Filter::default();
    filter.set("action", &Some("DeleteTag".into()), PickState::Include);
    let mut wants = group(&["action"], GroupOrder::Count, false, 100);
    let want = wants.group.as_mut().expect("just set");
    want.bins = 7;
    let table = loaded.ask(&filter, wants.clone()).group.expect("asked for");
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0].over_time.len(), 7);
    assert_eq!(
        table.rows[0].over_time.iter().sum::<u64>(),
        table.rows[0].count
    );
    wants.group.as_mut().expect("just set").facet = true;
    let whole = loaded.ask(&filter, wants.clone()).group.expect("asked for");
    let unfiltered = loaded
        .ask(&Filter::default(), wants)
        .group
        .expect("asked for");
    assert_eq!(whole, unfiltered);
    let sum = |row: &regtrail::engine::Group| row.over_time.iter().sum::<u64>() == row.count;
    assert!(whole.rows.len() > 2 && whole.rows.iter().all(sum));
}

#[test]
fn hits_are_counted_and_the_event_has_its_place_among_them() {
    let mut loaded = Loaded::new();
    let query = Arc::new(parse("status>=400", &CatalogueNames::default()).expect("reads"));
    let ask = |at| Wants {
        hits: Some(HitsWant {
            query: Arc::clone(&query),
            at,
        }),
        seek: at.map(|from| regtrail::engine::SeekWant {
            from,
            forward: true,
            what: regtrail::engine::SeekTarget::Query(Arc::clone(&query)),
        }),
        window: Some(regtrail::engine::WindowWant {
            anchor: regtrail::engine::Anchor::Oldest,
            before: 0,
            after: 1,
            order: None,
            firsts: false,
            also: None,
            columns: Vec::new(),
        }),
        ..Wants::default()
    };
    let first = loaded.ask(&Filter::default(), ask(None));
    let mut filter = Filter::default();
    filter
        .set_text("status>=400", &CatalogueNames::default())
        .expect("reads");
    let failed = loaded.ask(&filter, Wants::default()).matched;
    assert_eq!(
        first.hits.map(|hits| (hits.total, hits.rank)),
        Some((failed, None))
    );
    let mut at = first.window.expect("asked for").rows[0].id;
    for rank in 0..5 {
        let found = loaded.ask(&Filter::default(), ask(Some(at))).seek;
        at = found.flatten().expect("there are more");
        let hits = loaded.ask(&Filter::default(), ask(Some(at))).hits;
        assert_eq!(hits.and_then(|hits| hits.rank), Some(rank));
    }
}

#[test]
fn an_empty_result_is_explained_term_by_term() {
    let mut loaded = Loaded::new();
    let mut filter = Filter::default();
    let text = "action:DeleteTag and status:200 and not tag:* and tag:*";
    filter
        .set_text(text, &CatalogueNames::default())
        .expect("reads");
    filter.set("user", &Some("nobody".into()), PickState::Include);
    let wants = Wants {
        explain: true,
        ..Wants::default()
    };
    let answer = loaded.ask(&filter, wants);
    assert_eq!(answer.matched, 0);
    let chips: Vec<&Chip> = answer.dropped.iter().map(|dropped| &dropped.chip).collect();
    assert_eq!(
        chips[..4],
        [0, 1, 2, 3].map(Chip::Term).iter().collect::<Vec<_>>()
    );
    for dropped in &answer.dropped {
        let rest = filter.without(&dropped.chip);
        assert_eq!(loaded.ask(&rest, Wants::default()).matched, dropped.matched);
    }
}

#[test]
fn what_is_first_seen_comes_with_the_list_and_is_sought() {
    use regtrail::engine::{Anchor, SeekTarget, SeekWant, WindowWant};
    let mut loaded = Loaded::new();
    let fields = [
        "user",
        "ip",
        "client",
        "namespace_repo",
        "access_credential_type",
    ];
    let window = |from: Option<regtrail::model::EventId>| Wants {
        window: Some(WindowWant {
            anchor: Anchor::Oldest,
            before: 0,
            after: 10_000,
            columns: fields.iter().map(|name| Arc::from(*name)).collect(),
            order: None,
            firsts: true,
            also: None,
        }),
        seek: from.map(|from| SeekWant {
            from,
            forward: true,
            what: SeekTarget::FirstSeen,
        }),
        ..Wants::default()
    };
    let list = loaded
        .ask(&Filter::default(), window(None))
        .window
        .expect("asked for");
    let mut seen = std::collections::HashSet::new();
    let mut expected = Vec::new();
    for (at, row) in list
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.time.is_some())
    {
        for (field, value) in fields.iter().zip(&row.values) {
            if value.is_some() && seen.insert((field, value.clone())) {
                expected.push((at, Arc::from(*field)));
            }
        }
    }
    assert_eq!(list.firsts, expected);
    assert!(expected.len() > 50, "the demo has many addresses");
    let mut at = list.rows[expected[0].0].id;
    for (next, _) in expected
        .iter()
        .skip_while(|(at, _)| *at == expected[0].0)
        .take(3)
    {
        let next = list.rows[*next].id;
        if next == at {
            continue;
        }
        at = loaded
            .ask(&Filter::default(), window(Some(at)))
            .seek
            .flatten()
            .expect("more");
        assert_eq!(at, next);
    }
}

#[test]
fn a_range_is_what_lies_between_two_events_in_the_order_of_the_list() {
    use regtrail::engine::{Anchor, RangeWant, Sort, WindowWant};
    let mut loaded = Loaded::new();
    let mut filter = Filter::default();
    filter
        .set_text("status>=400", &CatalogueNames::default())
        .expect("reads");
    let by_user = Sort {
        field: "user".into(),
        descending: true,
    };
    for order in [None, Some(by_user)] {
        let mut wants = Wants {
            window: Some(WindowWant {
                anchor: Anchor::Rank(20),
                before: 5,
                after: 30,
                columns: vec!["user".into()],
                order: order.clone(),
                firsts: false,
                also: None,
            }),
            ..Wants::default()
        };
        let list = loaded
            .ask(&filter, wants.clone())
            .window
            .expect("asked for");
        assert_eq!((list.first, list.anchor), (15, Some(5)));
        let (a, b) = (list.rows[4].id, list.rows[9].id);
        wants.window.as_mut().expect("there").also = Some(a);
        wants.range = Some(RangeWant {
            ends: (b, a),
            most: 4,
            columns: vec!["user".into()],
            order,
            records: true,
        });
        let answer = loaded.ask(&filter, wants);
        assert_eq!(answer.window.expect("asked for").also, Some(19));
        let range = answer.range.expect("asked for");
        assert_eq!(range.rows, list.rows[4..8]);
        assert_eq!(range.records.len(), 4);
        assert!(
            range
                .records
                .iter()
                .all(|record| record.contains("http_request_id"))
        );
    }
}

#[test]
fn a_user_is_counted_beside_the_filter_with_first_and_last_time() {
    use regtrail::engine::HistogramWant;
    let mut loaded = Loaded::new();
    let users = loaded.ask(
        &Filter::default(),
        group(&["user"], GroupOrder::Count, false, 3),
    );
    let user = users.group.expect("asked for").rows[1].clone();
    let mut of_user = Filter::default();
    of_user.only("user", &user.key[0]);
    let wants = Wants {
        side: vec![SideQueryWant {
            filter: Arc::new(of_user),
            facets: vec![facet("outcome", FacetOrder::Count, 10)],
            histogram: Some(HistogramWant {
                bins: 40,
                step: None,
                range: None,
                zone: regtrail::model::zone::Zone::Utc,
            }),
            seen: false,
        }],
        ..Wants::default()
    };
    let mut hidden = Filter::default();
    hidden
        .set_text("action:Nothing", &CatalogueNames::default())
        .expect("reads");
    let answer = loaded.ask(&hidden, wants);
    let side = &answer.side[0];
    assert_eq!((answer.matched, side.matched), (0, user.count));
    assert_eq!(side.span, user.first.zip(user.last));
    let histogram = side.histogram.as_ref().expect("asked for");
    assert_eq!(histogram.counts.iter().sum::<u64>(), user.count);
    let is_failed = |value: &&regtrail::engine::FacetValue| value.value.as_deref() != Some("ok");
    let values = side.facets[0].values.iter();
    let failed: u64 = values.filter(is_failed).map(|value| value.count).sum();
    assert_eq!(failed, user.failed);
}

/// Every change is that of a plain count of the same filters, and nothing else changed.
#[test]
fn what_is_new_is_what_counts_of_both_sides_say() {
    let mut loaded = Loaded::new();
    let all = loaded.ask(&Filter::default(), Wants::default());
    let (oldest, newest) = all.span.expect("times");
    let since = newest - (newest - oldest) / 4;
    let filter = Filter {
        query: parse("operation:pull", &CatalogueNames::default()).expect("a query"),
        text: "operation:pull".into(),
        ..Filter::default()
    };
    let fields = ["user", "ip", "namespace_repo"].map(Arc::from);
    let want = NewsWant {
        filter: Arc::new(filter.clone()),
        window: Span { since, until: None },
        from: oldest,
        fields: fields.to_vec(),
        pairs: vec![["user", "ip"].map(Arc::from)],
        limit: usize::MAX,
    };
    let wants = Wants {
        news: Some(want.clone()),
        ..Wants::default()
    };
    let news = loaded
        .ask(&Filter::default(), wants)
        .news
        .expect("asked for");
    let mut count = |range: TimeRange, fields: &[Arc<str>]| {
        let filter = Filter {
            range,
            ..filter.clone()
        };
        let fields: Vec<&str> = fields.iter().map(|field| &**field).collect();
        let wants = group(&fields, GroupOrder::Count, false, usize::MAX);
        let rows = loaded.ask(&filter, wants).group.expect("asked for").rows;
        let known = rows
            .into_iter()
            .filter(|row| row.key.iter().all(Option::is_some));
        known
            .map(|row| (row.key, row.count))
            .collect::<HashMap<_, _>>()
    };
    let window = TimeRange {
        since: Some(since),
        until: None,
    };
    let before = TimeRange {
        since: None,
        until: Some(since),
    };
    let scale = (newest - since) as f64 / (since - oldest) as f64;
    let mut changes = HashSet::new();
    for table in &news.tables {
        let (now, all) = (count(window, &table.fields), count(before, &table.fields));
        let known: Vec<_> = table
            .fields
            .iter()
            .map(|field| count(before, std::slice::from_ref(field)))
            .collect();
        let is_known = |key: &[Value]| {
            let mut each = key.iter().zip(&known);
            each.all(|(value, known)| known.contains_key(&vec![value.clone()]))
        };
        let pair = table.fields.len() == 2;
        let mut reported = 0;
        for row in &table.rows {
            let (n, b) = (now.get(&row.key).copied(), all.get(&row.key).copied());
            assert_eq!(
                (n.unwrap_or(0), b.unwrap_or(0)),
                (row.now, row.before),
                "{row:?}"
            );
            assert!((row.usual - row.before as f64 * scale).abs() < 1e-6);
            changes.insert((pair, row.change));
            reported += usize::from(row.change == Change::New);
        }
        let is_new = |key: &&Vec<Value>| !all.contains_key(*key) && (!pair || is_known(key));
        assert_eq!(
            reported,
            now.keys().filter(is_new).count(),
            "{:?}",
            table.fields
        );
        let gone = |row: &Changed| row.change == Change::Gone;
        assert!(
            table
                .rows
                .iter()
                .filter(|row| gone(row))
                .all(|row| row.usual >= 10.0)
        );
    }
    assert!(changes.contains(&(false, Change::New)) && changes.contains(&(true, Change::New)));
    assert!(changes.contains(&(false, Change::Surged)) || changes.contains(&(false, Change::Gone)));
}

#[test]
fn new_values_with_failures_pushes_and_deletes_come_first() {
    let mut loaded = Loaded::new();
    let (oldest, newest) = loaded
        .ask(&Filter::default(), Wants::default())
        .span
        .expect("times");
    let since = newest - (newest - oldest) / 4;
    let wants = Wants {
        news: Some(NewsWant {
            filter: Arc::default(),
            window: Span { since, until: None },
            from: oldest,
            fields: vec!["ip".into()],
            pairs: Vec::new(),
            limit: usize::MAX,
        }),
        ..Wants::default()
    };
    let news = loaded.ask(&Filter::default(), wants).news;
    let table = news.expect("asked for").tables.remove(0);
    let new = table.rows.iter().filter(|row| row.change == Change::New);
    let new: Vec<_> = new.collect();
    assert!(
        new.is_sorted_by_key(|row| std::cmp::Reverse(row.deeds.kinds())),
        "{new:?}"
    );
    assert!(new.first().is_some_and(|row| row.deeds.kinds() > 0));
    let filter = Filter {
        range: TimeRange {
            since: Some(since),
            until: None,
        },
        ..Filter::default()
    };
    let wants = group(&["ip", "operation"], GroupOrder::Count, false, usize::MAX);
    let groups = loaded.ask(&filter, wants).group.expect("asked for").rows;
    for row in new {
        let of = |operation: &str| {
            let same = groups.iter().filter(|group| {
                group.key[0] == row.key[0] && group.key[1].as_deref() == Some(operation)
            });
            same.map(|group| group.count - group.failed).sum::<u64>()
        };
        assert_eq!(of("push"), row.deeds.pushes, "{row:?}");
        assert_eq!(of("delete"), row.deeds.deletes, "{row:?}");
    }
}

/// Records of one repository, one a minute: action, tag, status, user.
fn image_events(events: &[(&str, &str, u16, &str)]) -> tempfile::NamedTempFile {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    for (minute, (action, tag, status, user)) in events.iter().enumerate() {
        writeln!(
            file,
            r#"{{"time":"2026-07-01T10:{minute:02}:00Z","action":"{action}","namespace_repo":"a/b","tag":"{tag}","http_response_status":"{status}","user_identity_user_type":"ram-user","user_name":"{user}","http_request_remoteaddr":"10.0.0.{minute}"}}"#
        )
        .expect("written");
    }
    file
}

/// The lineage of the events that match a query.
fn lineage(loaded: &mut Loaded, query: &str) -> Lineage {
    let wants = Wants {
        lineage: Some(LineageWant {
            filter: Arc::new(Filter {
                query: parse(query, &CatalogueNames::default()).expect("a query"),
                text: query.into(),
                ..Filter::default()
            }),
            limit: 100,
        }),
        ..Wants::default()
    };
    let answer = loaded.ask(&Filter::default(), wants);
    answer.lineage.expect("asked for").lineage
}

#[test]
fn a_lineage_tells_overwrites_from_pushes_and_what_failed_changes_nothing() {
    let (push, pull, delete) = ("PutImageManifest", "GetImageManifest", "DeleteTag");
    let file = image_events(&[
        (pull, "v1", 200, "early"),
        (push, "v1", 201, "ci"),
        (pull, "v1", 200, "a"),
        (pull, "v1", 200, "b"),
        (pull, "v1", 200, "a"),
        (push, "v1", 403, "eve"),
        (pull, "v1", 404, "c"),
        (push, "v1", 201, "ci"),
        (push, "v2", 201, "ci"),
        (pull, "v2", 200, "a"),
        (delete, "v1", 202, "eve"),
        (pull, "v1", 404, "a"),
        (delete, "v1", 404, "eve"),
        (push, "v1", 201, "ci"),
        ("GetBlob", "", 200, "a"),
        ("DeleteRepository", "", 202, "root"),
        (push, "v1", 201, "ci"),
    ]);
    let mut loaded = Loaded::of(&[file.path().to_owned()]);
    let mut ask = |query: &str| lineage(&mut loaded, query);
    let lineage = ask("repository == a/b and (tag == v1 or action == DeleteRepository)");
    let pulls = |count, users, addresses, failed| Pulls {
        count,
        users,
        addresses,
        failed,
    };
    let none = pulls(0, 0, 0, 0);
    let minutes = |time: Option<i64>| time.map(|time| time / 60_000_000_000 % 60);
    let pulled = |step: Option<usize>| {
        let mut versions = lineage.versions.iter();
        let version = versions.find(|version| version.step == step);
        version.map_or(none, |version| version.pulls)
    };
    let reported: Vec<_> = lineage
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            (
                minutes(step.time),
                step.deed,
                minutes(step.since),
                minutes(step.until),
                pulled(Some(at)),
            )
        })
        .collect();
    let expected = [
        (
            Some(1),
            StepKind::Pushed,
            Some(1),
            Some(7),
            pulls(3, 2, 3, 1),
        ),
        (Some(5), StepKind::PushFailed, Some(1), Some(7), none),
        (Some(7), StepKind::Overwritten, Some(7), Some(10), none),
        (
            Some(10),
            StepKind::Deleted,
            Some(10),
            Some(13),
            pulls(0, 0, 0, 1),
        ),
        (Some(12), StepKind::DeleteFailed, Some(10), Some(13), none),
        (Some(13), StepKind::Pushed, Some(13), Some(15), none),
        (Some(15), StepKind::Dropped, Some(15), None, none),
        (Some(16), StepKind::Pushed, Some(16), None, none),
    ];
    assert_eq!(reported, expected);
    assert_eq!(pulled(None), pulls(1, 1, 1, 0));
    // All tags of the repository, in the order of the list.
    let all = ask("repository == a/b");
    assert_eq!(all.steps.len(), expected.len() + 1);
    let other = all
        .versions
        .iter()
        .find(|version| version.tag.as_deref() == Some("v2"))
        .expect("v2");
    assert_eq!(
        (minutes(other.until), other.pulls.count),
        (Some(15), 1),
        "it went with the repository"
    );
    let steps = all.steps.len();
    assert_eq!(minutes(all.steps[steps - 1].time), Some(16));
    // Without the oldest steps, the versions that they start are gone.
    let mut few = all.clone();
    assert_eq!(few.keep_newest(2), steps - 2);
    assert_eq!(few.steps[..], all.steps[steps - 2..]);
    assert!(few.versions.iter().all(|version| version.step.is_none()));
}

#[test]
fn times_of_the_values_of_a_card_are_those_of_groups() {
    let mut loaded = Loaded::new();
    let mut groups = |filter: &Filter, field: &str| {
        let wants = group(&[field], GroupOrder::Count, false, usize::MAX);
        let table = loaded.ask(filter, wants).group.expect("asked for");
        let rows = table.rows.into_iter();
        rows.map(|row| (row.key[0].clone(), row.first.zip(row.last)))
            .collect::<HashMap<_, _>>()
    };
    let users = groups(&Filter::default(), "user");
    let user = users
        .keys()
        .find(|user| user.as_deref() == Some("anonymous"));
    let mut filter = Filter::default();
    filter.only("user", user.expect("occurs"));
    let fields = [
        "ip",
        "user_type",
        "access_credential_type",
        "http_response_status",
    ];
    let expected = fields.map(|field| (groups(&filter, field), groups(&Filter::default(), field)));
    let wants = Wants {
        side: vec![SideQueryWant {
            filter: Arc::new(filter),
            facets: fields
                .iter()
                .map(|field| facet(field, FacetOrder::Count, 10_000))
                .collect(),
            histogram: None,
            seen: true,
        }],
        ..Wants::default()
    };
    let side = loaded.ask(&Filter::default(), wants).side.remove(0);
    let tables = side.facets.iter().zip(&side.seen);
    let mut later = 0;
    for ((table, seen), (own, all)) in tables.zip(&expected) {
        assert_eq!(seen.len(), table.values.len());
        assert_eq!(seen.len(), own.len(), "{}", table.field);
        for (entry, seen) in table.values.iter().zip(seen) {
            let seen = seen.expect("the demo writes times");
            assert_eq!(own[&entry.value], Some((seen.first, seen.last)));
            assert_eq!(all[&entry.value].map(|span| span.0), Some(seen.loaded));
            later += usize::from(seen.loaded < seen.first);
        }
    }
    assert!(
        later > 0,
        "every value first occurs in the events of the card"
    );
}
