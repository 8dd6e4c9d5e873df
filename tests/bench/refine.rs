//! Questions about what is loaded. `cold`: nothing is remembered; `warm`: the same question once more, as when a
//! pick is taken back, or live events change a few segments only.

use std::sync::Arc;

use regtrail::aggregate::{
    self, Anchor, Bins, FacetCounts, FacetOrder, Matches, Plan, Planner, Without, count_facets,
    facet_table, window,
};
use regtrail::index::Snapshot;
use regtrail::model::{FieldId, Value};
use regtrail::query::{CatalogueNames, Filter, PickState};
use serde_json::{Map, json};

use crate::report::{Report, Work};

/// The facets of the cases.
const FACETS: [&str; 4] = [
    "instance_id",
    "namespace_repo",
    "action",
    "user_identity_principal_id",
];

/// The queries of the cases, by name.
pub(crate) const ALL: &str = "";
/// About one in twenty.
pub(crate) const NARROW: &str = "action == GetImageManifest and http_response_status >= 400";
pub(crate) const BROAD: &str = "action == GetBlob";
const AGENT: &str =
    r#"http_request_useragent ~ "containerd/1.6" or http_request_remoteaddr ~ "10.3""#;
/// In no field; and one that could be in request ids and digests, which have to be looked through.
const NOWHERE: &str = "*qzxwv*";
const HEXADECIMAL: &str = "*e5f0a1b*";

/// Segments that the query worker looks at in one step, the newest first.
const STEP: usize = 32;

/// Values of a facet that a pane shows.
const VALUES: usize = 10;

/// Rows of a list.
const ROWS: usize = 50;

/// Fields that the list shows.
const COLUMNS: [&str; 5] = [
    "action",
    "http_response_status",
    "user",
    "image",
    "http_request_remoteaddr",
];

pub(crate) fn filter(text: &str) -> Filter {
    let mut filter = Filter::default();
    let read = filter.set_text(text, &CatalogueNames::default());
    read.expect("the queries of the cases are right");
    filter
}

pub(crate) fn run(report: &mut Report, snapshot: &Snapshot) {
    let disjunctive = disjunctive(report, snapshot);
    let cases = [
        ("all", filter(ALL)),
        ("narrow", filter(NARROW)),
        ("broad", filter(BROAD)),
        ("disjunctive", disjunctive),
        ("substring", filter(AGENT)),
    ];
    for (name, filter) in &cases {
        both(report, &format!("facets/{name}"), |planner| {
            facets(planner, snapshot, filter)
        });
    }
    for (name, text) in [
        ("substring", AGENT),
        ("nowhere", NOWHERE),
        ("hexadecimal", HEXADECIMAL),
    ] {
        let filter = filter(text);
        both(report, &format!("count/{name}"), |planner| {
            matched(planner, snapshot, &filter, Without::Nothing)
                .1
                .matched
        });
    }
    let middle = snapshot
        .span()
        .map_or(0, |(oldest, newest)| oldest.midpoint(newest));
    for (name, text, around) in [
        ("newest", NARROW, Anchor::Newest),
        ("middle", NARROW, Anchor::Time(middle)),
        ("middle-of-all", ALL, Anchor::Time(middle)),
    ] {
        let filter = filter(text);
        both(report, &format!("window/{name}"), |planner| {
            rows(planner, snapshot, &filter, around)
        });
    }
    for (name, text) in [("all", ALL), ("broad", BROAD)] {
        let filter = filter(text);
        both(report, &format!("histogram/{name}"), |planner| {
            histogram(planner, snapshot, &filter)
        });
    }
}

/// Times a question with a planner that knows nothing, then with one that has answered it before. The answer is a
/// number that others can check.
fn both(report: &mut Report, name: &str, question: impl Fn(&mut Planner) -> u64) {
    if !report.wants(name) {
        return;
    }
    let answer = question(&mut Planner::default());
    let fields = Map::from_iter([("answer".to_owned(), json!(answer))]);
    report.fact(&format!("{name}/answer"), &fields);
    let fresh = Planner::default;
    report.time(&format!("{name}/cold"), Work::default(), fresh, |mut p| {
        (question(&mut p), p)
    });
    let mut planner = Planner::default();
    question(&mut planner);
    report.time(
        &format!("{name}/warm"),
        Work::default(),
        || (),
        |()| question(&mut planner),
    );
}

fn matched(
    planner: &mut Planner,
    snapshot: &Snapshot,
    filter: &Filter,
    without: Without,
) -> (Plan, Matches) {
    let plan = planner.plan(filter, snapshot);
    let mut left: Vec<usize> = (0..snapshot.segments.len()).collect();
    left.sort_by_key(|at| snapshot.segments[*at].span().map(|(_, newest)| newest));
    let mut matches = Matches::new(snapshot);
    while !left.is_empty() {
        let now = left.split_off(left.len().saturating_sub(STEP));
        matches.extend(snapshot, &plan, &now, without);
    }
    (plan, matches)
}

/// Counts, and the values that a pane would show. The answer is the number of matches.
fn facets(planner: &mut Planner, snapshot: &Snapshot, filter: &Filter) -> u64 {
    let (plan, matches) = matched(planner, snapshot, filter, Without::EachPart);
    let counted = count_facets(snapshot, &plan, &matches, &FACETS.map(Arc::from));
    for counts in &counted {
        std::hint::black_box(most(counts, snapshot));
    }
    matches.matched
}

fn most(counts: &FacetCounts, snapshot: &Snapshot) -> Vec<(Value, u64)> {
    facet_table(counts, snapshot, (FacetOrder::Count, VALUES), &[], None).0
}

/// Rows of the list with the text of its columns. The answer is the number of matches.
fn rows(planner: &mut Planner, snapshot: &Snapshot, filter: &Filter, around: Anchor) -> u64 {
    let (_, matches) = matched(planner, snapshot, filter, Without::Nothing);
    let (before, after) = match around {
        Anchor::Newest => (ROWS, 0),
        _ => (ROWS / 2, ROWS / 2),
    };
    let fields: Vec<FieldId> = COLUMNS
        .iter()
        .filter_map(|name| snapshot.vocabulary.field(name))
        .collect();
    let found = window(snapshot, &matches, around, before, after);
    for place in &found.places {
        for field in &fields {
            std::hint::black_box(snapshot.value(*place, *field).map(Arc::<str>::from));
        }
    }
    matches.matched
}

/// Counts over time in a hundred bins at most. The answer is their sum.
fn histogram(planner: &mut Planner, snapshot: &Snapshot, filter: &Filter) -> u64 {
    let (_, matches) = matched(planner, snapshot, filter, Without::Nothing);
    let failed = planner.part(&aggregate::failed(), snapshot);
    let Some((oldest, newest)) = matches.span else {
        return 0;
    };
    let bins = Bins::fit((oldest, newest), 100, regtrail::model::zone::Zone::Utc);
    let (counts, _) = aggregate::histogram(snapshot, &matches, &bins, &failed);
    counts.iter().sum()
}

/// Picks in three facets: the commonest instance, the three commonest repositories, and the action `GetBlob`.
/// Each facet ignores its own. The picks are told, so that others can ask for the same.
fn disjunctive(report: &mut Report, snapshot: &Snapshot) -> Filter {
    let mut planner = Planner::default();
    let (plan, matches) = matched(&mut planner, snapshot, &filter(ALL), Without::Nothing);
    let counted = count_facets(snapshot, &plan, &matches, &FACETS.map(Arc::from));
    let mut filter = Filter::default();
    let mut reported = Map::new();
    for ((field, number), counts) in FACETS.iter().zip([1, 3]).zip(&counted) {
        let values = most(counts, snapshot).into_iter().map(|(value, _)| value);
        let values: Vec<Arc<str>> = values.flatten().take(number).collect();
        for value in &values {
            filter.set(field, &Some(value.clone()), PickState::Include);
        }
        let texts: Vec<&str> = values.iter().map(|text| &**text).collect();
        reported.insert((*field).to_owned(), json!(texts));
    }
    filter.set("action", &Some("GetBlob".into()), PickState::Include);
    reported.insert("action".to_owned(), json!(["GetBlob"]));
    report.fact("picks", &reported);
    filter
}
