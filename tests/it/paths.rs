//! Dotted paths into nested values, and a record's own fields whose names are ours: the engine held against a plain
//! walk over the records, and the binary.

use std::sync::Arc;

use proptest::prelude::*;
use regtrail::aggregate::{self, Matches, Planner, Without};
use regtrail::index::{Place as At, Snapshot};
use regtrail::query::{CatalogueNames, Filter, PickState};
use serde_json::{Map, Value, json};

use crate::e2e::Place;
use crate::naive;
use crate::world::World;

/// A member by the rest of a path, the longest key first; text that holds JSON is that JSON.
fn walk(value: &Value, path: &str) -> Option<Value> {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
            keys.into_iter().find_map(|key| {
                let rest = path.strip_prefix(key.as_str())?;
                if rest.is_empty() {
                    return Some(members[key].clone()).filter(|found| !found.is_null());
                }
                walk(&members[key], rest.strip_prefix('.')?)
            })
        }
        Value::Array(elements) => {
            let (index, rest) = path.split_once('.').unwrap_or((path, ""));
            let at: usize = index.parse().ok()?;
            let found = elements.get(at).filter(|found| !found.is_null())?;
            match rest {
                "" => Some(found.clone()),
                rest => walk(found, rest),
            }
        }
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => walk(&inner, path),
            _ => None,
        },
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What a name means in one record.
fn expected(record: &Map<String, Value>, name: &str) -> Option<String> {
    let own = record.get(name).filter(|value| !value.is_null());
    let dots = name.match_indices('.').map(|(at, _)| at);
    let nested = dots
        .rev()
        .find_map(|dot| walk(record.get(&name[..dot])?, &name[dot + 1..]));
    own.cloned().or(nested).as_ref().map(text)
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!("x y")),
        Just(json!("a")),
        Just(json!("\"é\\")),
        (-2..3i64).prop_map(|n| json!(n)),
        Just(json!(1.5)),
        Just(json!(true)),
    ];
    let key = prop_oneof![Just("a"), Just("b"), Just("a.b"), Just("b.a"), Just("0")];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let members = prop::collection::vec((key.clone(), inner.clone()), 0..4);
        let object = members.prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value));
            Value::Object(members.collect())
        });
        prop_oneof![
            4 => object.clone(),
            1 => prop::collection::vec(inner, 0..3).prop_map(Value::Array),
            1 => object.prop_map(|object| Value::String(object.to_string())),
        ]
    })
}

fn any_record() -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof![
        4 => Just("d"),
        1 => Just("d.a"),
        1 => Just("d.a.b"),
        1 => Just("user_name"),
        1 => Just("tag"),
    ];
    prop::collection::vec((key, any_value()), 0..4).prop_map(|members| {
        members
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v))
            .collect()
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let base = prop_oneof![4 => Just("d"), 1 => Just("user_name"), 1 => Just("tag")];
    let part = prop_oneof![Just("a"), Just("b"), Just("0"), Just("1")];
    (base, prop::collection::vec(part, 1..5))
        .prop_map(|(base, parts)| format!("{base}.{}", parts.join(".")))
}

/// Records in blocks, and the snapshots after each block.
fn load(blocks: &[Vec<Map<String, Value>>]) -> (Vec<Map<String, Value>>, Vec<Arc<Snapshot>>) {
    let mut world = World::new();
    let mut records = Vec::new();
    let mut snapshots = Vec::new();
    for block in blocks {
        let mut lines = String::new();
        for record in block {
            let mut record = record.clone();
            let n = records.len();
            record.insert(
                "time".into(),
                json!(format!("2024-04-12T16:{:02}:{:02}Z", n / 60, n % 60)),
            );
            lines.push_str(&Value::Object(record.clone()).to_string());
            lines.push('\n');
            records.push(record);
        }
        world.add(0, snapshots.len() as u64, lines.as_bytes());
        snapshots.push(world.snapshot());
    }
    assert!(world.flaws.is_empty());
    (records, snapshots)
}

fn places(snapshot: &Snapshot) -> Vec<At> {
    let segments = snapshot.segments.iter().enumerate();
    segments
        .flat_map(|(segment, s)| (0..s.rows).map(move |row| At { segment, row }))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Values, matches, facets and groups by a path are those of a walk over each record, however the records come
    /// and whatever was asked before.
    #[test]
    fn a_path_means_what_a_walk_over_the_record_finds(
        blocks in prop::collection::vec(prop::collection::vec(any_record(), 0..6), 1..4),
        names in prop::collection::vec(any_name(), 1..4),
        condition in prop_oneof![
            Just(":*"), Just(":\"\""), Just(":a"), Just(">=0"), Just("<1.7"), Just("!=\"a\""), Just("==\"x y\""),
            Just(" in (\"a\", \"1.5\")"), Just(" =~ /^.$/"), Just(" ~ \"a\""), Just(":x*"), Just(" in [0 2)"),
        ],
    ) {
        let (records, snapshots) = load(&blocks);
        let mut planner = Planner::default();
        for snapshot in &snapshots {
            let places = places(snapshot);
            for name in &names {
                let values: Vec<Option<String>> =
                    records[..places.len()].iter().map(|record| expected(record, name)).collect();
                let field = snapshot.vocabulary.field(name);
                let found: Vec<Option<String>> = places
                    .iter()
                    .map(|at| snapshot.value(*at, field?).map(std::borrow::Cow::into_owned))
                    .collect();
                prop_assert_eq!(&found, &values, "{}", name);

                let mut filter = Filter::default();
                filter.set_text(&format!("{name}{condition}"), &CatalogueNames::default()).expect("reads");
                let plan = planner.plan(&filter, snapshot);
                let matches = Matches::all(snapshot, &plan, Without::Nothing);
                let tests = filter.query.tests();
                let holds = |value: &&Option<String>| naive::value_matches(&tests[0].op, value.as_deref());
                prop_assert_eq!(matches.matched, values.iter().filter(holds).count() as u64, "{}", filter.text);

                let plan = planner.plan(&Filter::default(), snapshot);
                let matches = Matches::all(snapshot, &plan, Without::Nothing);
                let counts = aggregate::count_facets(snapshot, &plan, &matches, &[name.as_str().into()]).remove(0);
                let failed = planner.part(&aggregate::failed(), snapshot);
                let fields = [Arc::from(name.as_str())];
                let groups = aggregate::group(snapshot, &matches, &fields, &failed, None, usize::MAX, &|_, _| true)
                    .expect("not stopped");
                for value in &values {
                    let many = values.iter().filter(|other| *other == value).count() as u64;
                    let value = value.as_deref().map(Arc::from);
                    prop_assert_eq!(counts.of(snapshot, &value), many);
                    let group = groups.iter().find(|group| group.key[0] == value).map(|group| group.count);
                    prop_assert_eq!(group, Some(many));
                    for (state, matched) in
                        [(PickState::Include, many), (PickState::Exclude, values.len() as u64 - many)]
                    {
                        let mut filter = Filter::default();
                        filter.set(name, &value, state);
                        let plan = planner.plan(&filter, snapshot);
                        let matches = Matches::all(snapshot, &plan, Without::Nothing);
                        prop_assert_eq!(matches.matched, matched);
                    }
                }
                if let Some(field) = field {
                    let sorted = aggregate::sorted(snapshot, &matches, field, false, &|_, _| true);
                    let sorted: Vec<Option<String>> = sorted
                        .expect("not stopped")
                        .into_iter()
                        .map(|id| snapshot.value(snapshot.find(id)?, field).map(std::borrow::Cow::into_owned))
                        .collect();
                    let mut expected = values.clone();
                    expected.sort_by_key(|value| {
                        let number = value.as_ref().and_then(|text| text.parse::<f64>().ok());
                        let number = number.map(|number| (number * 10.0) as i64);
                        (value.is_none(), number.is_none(), number, value.clone())
                    });
                    prop_assert_eq!(sorted, expected);
                }
            }
        }
    }
}

const RECORDS: &str = r#"
{"time":"2024-04-12T16:00:00Z","action":"GetBlob","http_response_status":"200","detail":{"id":"usr-9a2b","error":{"last_response":{"status_code":504}},"items":[{"id":"x1"}]},"user":"me","image":{"id":"img"},"agent":"own"}
{"time":"2024-04-12T16:01:00Z","action":"GetBlob","http_response_status":"404","detail":"{\"id\":\"usr-2\",\"error\":{\"last_response\":{\"status_code\":200}}}","user":"you"}
{"time":"2024-04-12T16:02:00Z","action":"GetBlob","http_response_status":"404","detail":"plain","detail.id":"literal"}
{"time":"2024-04-12T16:03:00Z","action":"GetBlob","http_response_status":"404","detail":{"id":"inner","none":null},"detail.id":"both"}
"#;

fn run(args: &[&str]) -> crate::e2e::Run {
    let place = Place::new();
    let file = place.file("a.ndjson", RECORDS.trim_start());
    place.run(&[&["query", &file], args].concat())
}

#[test]
fn a_nested_value_is_found_by_its_path() {
    for (query, matched) in [
        ("detail.id:usr-9a2b", 1),
        ("detail.error.last_response.status_code>=500", 1),
        ("detail.error.last_response.status_code in [200 505)", 2),
        ("detail.error.last_response.status_code:*", 2),
        ("not detail.error:*", 2),
        ("detail.id:usr*", 2),
        ("detail.id == inner", 0),
        ("detail.id in (both, literal)", 2),
        ("detail.none:*", 0),
        ("detail.items.0.id:x1", 1),
    ] {
        let run = run(&["--count", "-f", query]);
        assert_eq!(run.matched(), matched, "{query}: {}", run.err);
    }
}

#[test]
fn nested_values_are_counted_grouped_sorted_and_shown() {
    let code = "detail.error.last_response.status_code";
    let answer = run(&["--facet", code, "--group-by", code, "--facet", "image.id"]).json();
    let facet = &answer["facets"][0];
    assert_eq!(
        (&facet["field"], &facet["missing"]),
        (&json!(code), &json!(2))
    );
    assert_eq!(facet["values"][1], json!({"value": "504", "count": 1}));
    assert_eq!(answer["facets"][1]["field"], "image.id");
    assert_eq!(answer["facets"][1]["distinct"], 1);
    assert_eq!(answer["groups"][2]["key"][code], "504");
    let table = run(&[
        "--columns",
        "detail.id,detail.error",
        "--sort",
        "-detail.id",
        "-o",
        "csv",
    ]);
    let object = r#""{""last_response"":{""status_code"":504}}""#;
    assert_eq!(table.lines()[1], format!("usr-9a2b,{object}"));
    let typo = run(&["--facet", "detial.id"]);
    assert_eq!(typo.code, 2);
    assert!(
        typo.err.contains("did you mean `detail.id`?"),
        "{}",
        typo.err
    );
}

#[test]
fn a_field_of_the_records_own_is_reached_beside_ours() {
    let answer = run(&[
        "--facet",
        "raw.user",
        "--facet",
        "user",
        "--facet",
        "raw.agent",
        "--facet",
        "raw.time",
    ])
    .json();
    let values = |at: usize| {
        let values = answer["facets"][at]["values"].as_array().expect("a list");
        values
            .iter()
            .map(|value| value["value"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(values(0), ["me", "you"]);
    assert_eq!(values(1), ["anonymous"]);
    assert_eq!(values(2), ["own"]);
    assert_eq!(values(3).len(), 4);
    assert_eq!(answer["facets"][0]["field"], "raw.user");
    assert_eq!(run(&["--count", "-f", "raw.user:me"]).matched(), 1);
    assert_eq!(run(&["--count", "-f", "raw.image.id:img"]).matched(), 1);
    assert_eq!(run(&["--count", "-f", "raw.time ~ \"16:02\""]).matched(), 1);
    assert_eq!(
        run(&["--count", "-f", "agent:own"]).matched(),
        0,
        "an alias is ours"
    );
    let csv = run(&["-o", "csv", "--limit", "1"]);
    let header: Vec<&str> = csv.lines()[0].split(',').collect();
    assert!(header.contains(&"raw.user") && !header.contains(&"user"));
    assert!(csv.lines()[1].contains(",me,"), "{}", csv.text());
}

#[test]
fn hostile_nesting_costs_neither_stack_nor_time() {
    let place = Place::new();
    let deep = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let record = json!({"time": "2024-04-12T16:00:00Z", "action": "GetBlob", "detail": deep});
    let file = place.file("a.ndjson", format!("{record}\n"));
    let path = format!("detail{}", ".a".repeat(30));
    let query = format!("{path}:*");
    assert_eq!(
        place
            .run(&["query", &file, "--count", "-f", &query])
            .matched(),
        1
    );
    let query = format!("detail{}:*", ".a".repeat(20_000));
    let run = place.run(&["query", &file, "--count", "-f", &query]);
    assert_eq!((run.code, run.matched()), (1, 0));
}
