//! History of an image, or of all tags of a repository, over all loaded data, independent of the filter: pushes,
//! overwrites and deletes, in the order of the list, with the pulls of each version between them. The engine computes it
//! ([`crate::aggregate::lineage`]); each line leads to its events, a line of pulls to exactly those it counts.

mod view;

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CHOOSE, CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, Topics, table};
use crate::aggregate::{PULLS, failed};
use crate::engine::{Answer, LineageTable, LineageWant, Pulls, Step, Version, Wants};
use crate::export::Cell;
use crate::model::{EventId, Value, name};
use crate::query::{Filter, Node, PickState, Test, TestOp, TimeRange, format};
use crate::widgets::{ListCursor, Look};

/// Maximum number of steps requested; the number of older ones is shown.
const LIMIT: usize = 1_000;

/// Open overlay.
#[derive(Clone, Debug)]
pub struct LineageView {
    repository: Arc<str>,
    /// `None` for all tags of the repository.
    tag: Option<Arc<str>>,
    cursor: ListCursor,
    asked: u64,
    known: Option<LineageTable>,
}

#[derive(Clone, Copy, Debug)]
enum Line<'a> {
    Step(&'a Step),
    /// Pulls of a version, and failed attempts to pull it.
    Pulls(&'a Version),
    Failed(&'a Version),
}

impl LineageView {
    pub fn new(repository: Arc<str>, tag: Option<Arc<str>>) -> Self {
        Self {
            repository,
            tag,
            cursor: ListCursor::default(),
            asked: 0,
            known: None,
        }
    }

    /// Filter for the events of the line under the cursor: those that a line of pulls counts, or for a step those from
    /// the change that starts the version to the one that ends it, and the event to place the cursor on.
    pub fn events(&self) -> Option<(Filter, Option<EventId>)> {
        let line = *self.lines().get(self.cursor.at)?;
        let mut filter = Filter::default();
        let tag = match line {
            Line::Step(step) => &step.tag,
            Line::Pulls(version) | Line::Failed(version) => &version.tag,
        };
        match tag {
            Some(tag) => {
                let image = format!("{}:{tag}", self.repository);
                filter.only(name::IMAGE, &Some(image.into()));
            }
            None => filter.only(name::NAMESPACE_REPO, &Some(self.repository.clone())),
        }
        let version = match line {
            Line::Step(step) => {
                filter.range = TimeRange {
                    since: step.since,
                    // Include the change that ends it.
                    until: step.until.map(|until| until + 1),
                };
                return Some((filter, Some(step.event)));
            }
            Line::Pulls(version) | Line::Failed(version) => version,
        };
        for action in PULLS {
            filter.set(name::ACTION, &Some(action.into()), PickState::Include);
        }
        filter.query = match line {
            Line::Failed(_) => failed(),
            _ => Node::negate(failed()),
        };
        filter.text = format(&filter.query);
        filter.range = TimeRange {
            since: version.since,
            until: version.until,
        };
        Some((filter, None))
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let Some(LineageTable { lineage, .. }) = &self.known else {
            return Vec::new();
        };
        let mut versions = lineage.versions.iter().peekable();
        let mut lines = Vec::new();
        let before = [None].into_iter();
        for at in before.chain((0..lineage.steps.len()).map(Some)) {
            lines.extend(at.map(|at| Line::Step(&lineage.steps[at])));
            while let Some(version) = versions.next_if(|version| version.step == at) {
                let of = [
                    (version.pulls.count, Line::Pulls(version)),
                    (version.pulls.failed, Line::Failed(version)),
                ];
                let some = of.into_iter().filter(|(count, _)| *count > 0);
                lines.extend(some.map(|(_, line)| line));
            }
        }
        lines
    }
}

impl Panel for LineageView {
    fn spec(&self) -> Spec {
        Spec {
            title: "HISTORY",
            scopes: &["history", "overlay", "global"],
            hints: &[("image.open", "show events"), EXPORT, COPY, CHOOSE, CLOSE],
        }
    }

    fn topics(&self) -> Topics {
        Topics::LINEAGE
    }

    /// User of the step.
    fn value(&self) -> Option<(Arc<str>, Value)> {
        match *self.lines().get(self.cursor.at)? {
            Line::Step(step) => Some((name::USER.into(), step.user.clone())),
            Line::Pulls(_) | Line::Failed(_) => None,
        }
    }

    fn want(&mut self, id: u64, _scene: &Scene<'_>, wants: &mut Wants) {
        self.asked = id;
        let mut filter = Filter::default();
        filter.only(name::NAMESPACE_REPO, &Some(self.repository.clone()));
        if let Some(tag) = &self.tag {
            let is = |field: &str, text: &Arc<str>| {
                Node::Test(Test::new(field, TestOp::Exact(text.clone())))
            };
            // Deleting a repository deletes all its tags.
            filter.query = Node::or([
                is(name::TAG, tag),
                is(name::ACTION, &"DeleteRepository".into()),
            ]);
            filter.text = format(&filter.query);
        }
        wants.lineage = Some(LineageWant {
            filter: Arc::new(filter),
            limit: LIMIT,
        });
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if self.asked == answer.id
            && let Some(table) = &answer.lineage
        {
            // As in the list, the newest line comes last and is selected first.
            let by = if self.known.is_none() { i64::MAX } else { 0 };
            self.known = Some(table.clone());
            self.cursor.step(by, self.lines().len());
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.lines().len();
        Some((&mut self.cursor, places))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        self.known.as_ref()?;
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}"));
        let title = format!("History of {}{}", self.repository, tag.unwrap_or_default());
        let headings = [
            "time",
            "change",
            "tag",
            "status",
            "user",
            "ip",
            "events",
            "users",
            "addresses",
        ];
        Some(Table {
            rows: self
                .lines()
                .iter()
                .map(|line| cells(*line, scene))
                .collect(),
            at: Some(self.cursor.at),
            ..Table::new(title, &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        view::draw(self, scene, look, buf);
        None
    }
}

/// Cells of a line in the table of the history. A line of pulls has the time of the change that starts its version.
fn cells(line: Line<'_>, scene: &Scene<'_>) -> Vec<Cell> {
    let (at, change, values, counts) = match line {
        Line::Step(step) => {
            let values = [&step.tag, &step.status, &step.user, &step.ip];
            let values = values.map(|value| Cell::from(value.as_deref()));
            (step.time, view::deed(step).0, values, [None; 3])
        }
        Line::Pulls(version) | Line::Failed(version) => {
            let Pulls {
                count,
                users,
                addresses,
                failed,
            } = version.pulls;
            let (change, counts) = match line {
                Line::Failed(_) => ("pulls failed", [Some(failed), None, None]),
                _ => ("pulled", [count, users, addresses].map(Some)),
            };
            let tag = Cell::from(version.tag.as_deref());
            let values = [tag, Cell::Missing, Cell::Missing, Cell::Missing];
            (version.since, change, values, counts)
        }
    };
    let counts = counts.map(|count| count.map_or(Cell::Missing, Cell::Number));
    let cells = [table::instant(at, scene.zone, 0), table::text(change)].into_iter();
    cells.chain(values).chain(counts).collect()
}
