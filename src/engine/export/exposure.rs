//! Section of the report on who pulled the images in its scope.
//!
//! The scope is about images if it has successful pushes, or if its filter names a repository, a tag or an image. A
//! pushed version is exposed from its push to the next change of its tag; without a push in the scope, all pulls of the
//! image count. The pulls are those of all loaded data, whatever else the filter says.

use std::collections::HashSet;
use std::sync::Arc;

use super::pulse::{Pulse, Stopped};
use super::report::Data;
use crate::aggregate::{self, Group, Matches, Part, Planner, Step, StepKind, Without};
use crate::engine::request::MOST_GROUPS;
use crate::export::report::Exposure;
use crate::export::{Cell, Sheet, groups};
use crate::index::Snapshot;
use crate::model::{Value, name};
use crate::query::{Filter, Node, Test, TestOp, TimeRange, format};

/// Most images and most consumers of one version that are listed.
const IMAGES: usize = 20;
const CONSUMERS: usize = 500;

/// Fields of a filter that name an image.
const NAMING: [&str; 4] = [name::IMAGE, name::TAG, name::NAMESPACE_REPO, name::DIGEST];

const NOTE: &str = "Requests for the manifest by tag, while the tag was the pushed version. Requests by digest have no \
                    tag and are not counted.";

/// An image: repository and tag.
type Image = (Arc<str>, Arc<str>);

/// Builds the section; `None` if the scope is not about images.
pub(super) fn exposure(
    data: &Data<'_>,
    planner: &mut Planner,
    failed: &Part,
    pulse: &Pulse<'_>,
) -> Result<Option<Exposure>, Stopped> {
    let filter = &data.want.filter;
    let pushes = Filter {
        query: Node::and([filter.query.clone(), is(name::OPERATION, "push")]),
        ..(**filter).clone()
    };
    let pushes = matches(planner, data.snapshot, spelled(pushes));
    let pushed = images(data.snapshot, &pushes, failed);
    let found = if !pushed.is_empty() {
        pushed
    } else if names_an_image(filter) {
        images(data.snapshot, data.matches, failed)
    } else {
        return Ok(None);
    };
    if found.len() > IMAGES {
        let note = format!(
            "{} images in the scope: narrow the filter to {IMAGES} or fewer to list who pulled them.",
            found.len()
        );
        return Ok(Some(Exposure {
            note,
            versions: Vec::new(),
        }));
    }
    let mut versions = Vec::new();
    for image in &found {
        pulse.at(super::report::AFTER)?;
        let steps = steps(data, planner, failed, &pushes, image);
        if steps.is_empty() {
            versions.push(consumers(data, planner, failed, image, None));
        }
        for step in &steps {
            versions.push(consumers(data, planner, failed, image, Some(step)));
        }
    }
    Ok(Some(Exposure {
        note: NOTE.to_owned(),
        versions,
    }))
}

fn is(field: &str, value: &str) -> Node {
    Node::Test(Test::new(field, TestOp::Exact(value.into())))
}

/// The filter with the text of its query.
fn spelled(mut filter: Filter) -> Filter {
    filter.text = format(&filter.query);
    filter
}

fn matches(planner: &mut Planner, snapshot: &Snapshot, filter: Filter) -> Matches {
    let plan = planner.plan(&Arc::new(filter), snapshot);
    Matches::all(snapshot, &plan, Without::Nothing)
}

fn names_an_image(filter: &Filter) -> bool {
    let picked = filter
        .picks
        .iter()
        .any(|pick| NAMING.contains(&&*pick.field) && !pick.include.is_empty());
    let typed = filter.query.tests().into_iter().any(|test| {
        let named = test
            .field
            .as_deref()
            .is_some_and(|field| NAMING.contains(&field));
        named && !matches!(test.op, TestOp::NotExact(_))
    });
    picked || typed
}

/// Images with a tag among the matches that did not only fail.
fn images(snapshot: &Snapshot, matches: &Matches, failed: &Part) -> Vec<Image> {
    let groups = grouped(
        snapshot,
        matches,
        failed,
        &[name::NAMESPACE_REPO, name::TAG],
    );
    let image = |group: Group| {
        let [repository, tag] = <[Value; 2]>::try_from(group.key).ok()?;
        let (repository, tag) = (repository?, tag.filter(|tag| !tag.is_empty())?);
        (group.count > group.failed).then_some((repository, tag))
    };
    groups.into_iter().filter_map(image).collect()
}

fn grouped(snapshot: &Snapshot, matches: &Matches, failed: &Part, fields: &[&str]) -> Vec<Group> {
    let fields: Vec<Arc<str>> = fields.iter().map(|&field| field.into()).collect();
    let watch = aggregate::UNWATCHED;
    let groups = aggregate::group(snapshot, matches, &fields, failed, None, MOST_GROUPS, watch);
    groups.unwrap_or_default()
}

/// Pushes of the image in the scope, oldest first, each with the end of its version.
fn steps(
    data: &Data<'_>,
    planner: &mut Planner,
    failed: &Part,
    pushes: &Matches,
    (repository, tag): &Image,
) -> Vec<Step> {
    let mut filter = Filter::default();
    filter.only(name::NAMESPACE_REPO, &Some(repository.clone()));
    // Deleting a repository deletes all its tags.
    filter.query = Node::or([is(name::TAG, tag), is(name::ACTION, "DeleteRepository")]);
    let all = matches(planner, data.snapshot, spelled(filter));
    let lineage = aggregate::lineage(data.snapshot, &all, failed);
    let in_scope = |step: &Step| {
        let pushed = matches!(step.deed, StepKind::Pushed | StepKind::Overwritten);
        let place = data.snapshot.find(step.event).filter(|_| pushed);
        place.is_some_and(|place| {
            let segment = pushes.segments.get(place.segment);
            let found = segment.and_then(Option::as_ref);
            found.is_some_and(|found| found.rows.contains(place.row))
        })
    };
    let mut steps: Vec<Step> = lineage.steps.into_iter().filter(in_scope).collect();
    steps.reverse();
    steps
}

/// Table of who pulled an image: the version that a push started, or in all data.
fn consumers(
    data: &Data<'_>,
    planner: &mut Planner,
    failed: &Part,
    (repository, tag): &Image,
    push: Option<&Step>,
) -> Sheet<'static> {
    let mut filter = Filter::default();
    filter.only(name::NAMESPACE_REPO, &Some(repository.clone()));
    filter.only(name::TAG, &Some(tag.clone()));
    filter.only(name::OPERATION, &Some("pull".into()));
    if let Some(push) = push {
        filter.range = TimeRange {
            since: push.since,
            until: push.until,
        };
    }
    let zone = data.want.zone;
    let pulls = matches(planner, data.snapshot, filter);
    let mut found = grouped(
        data.snapshot,
        &pulls,
        failed,
        &[name::USER, name::IP, name::CLIENT],
    );
    let of = match push {
        None => "all loaded data".to_owned(),
        Some(push) => {
            let text = |value: &Value| value.as_deref().unwrap_or("unknown").to_owned();
            let time = |time| groups::second(time, zone);
            let from = push.since.map_or_else(|| "at no time".to_owned(), time);
            let until = push.until.map_or_else(
                || "still live at the end".to_owned(),
                |at| format!("live until {}", time(at)),
            );
            let (user, ip) = (text(&push.user), text(&push.ip));
            format!("pushed {from} by {user} from {ip}, {until}")
        }
    };
    let count: u64 = found.iter().map(|group| group.count - group.failed).sum();
    let distinct = |at: usize| {
        let good = found.iter().filter(|group| group.count > group.failed);
        good.map(|group| group.key.get(at))
            .collect::<HashSet<_>>()
            .len()
    };
    let counted =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let sums = format!(
        "{} by {} from {}",
        counted(count as usize, "pull", "pulls"),
        counted(distinct(0), "user", "users"),
        counted(distinct(1), "address", "addresses")
    );
    let more = if found.len() > CONSUMERS {
        format!(", {CONSUMERS} of {} rows", found.len())
    } else {
        String::new()
    };
    found.truncate(CONSUMERS);
    let row = |group: Group| {
        let key = group.key.iter().map(|value| Cell::from(value.as_deref()));
        let rest = [
            Cell::Number(group.count - group.failed),
            Cell::Number(group.failed),
            groups::time(group.first, zone),
            groups::time(group.last, zone),
        ];
        key.chain(rest).collect()
    };
    let headings = ["user", "ip", "client", "pulls", "failed", "first", "last"];
    Sheet::whole(
        format!("{repository}:{tag} · {of} · {sums}{more}"),
        headings.map(str::to_owned).to_vec(),
        found.into_iter().map(row).collect(),
    )
}
