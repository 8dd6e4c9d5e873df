//! History of an image, or of all tags of a repository, over all loaded data, independent of the filter: pushes,
//! overwrites and deletes, newest first, with the pulls of each version between them. The engine computes it
//! ([`crate::aggregate::lineage`]); each line leads to its events.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CHOOSE, CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, Topics, frame, table};
use crate::engine::{Answer, Lineage, LineageTable, LineageWant, Pulls, Step, StepKind, Wants};
use crate::export::Cell;
use crate::model::{EventId, Value, name};
use crate::query::{Filter, Node, Test, TestOp, TimeRange, format};
use crate::theme::Role;
use crate::widgets::chips::value_text;
use crate::widgets::{Canvas, ListCursor, Look, text};

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
    /// Pulls after a step; `None` for those before all steps.
    Pulls(Option<&'a Step>, Pulls),
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

    /// Filter for the events of the line under the cursor, from the change that starts it to the one that ends it; and
    /// for a step the event to place the cursor on.
    pub fn events(&self) -> Option<(Filter, Option<EventId>)> {
        let line = *self.lines().get(self.cursor.at)?;
        let step = match line {
            Line::Step(step) => Some(step),
            Line::Pulls(step, _) => step,
        };
        let mut filter = Filter::default();
        match step.map_or(&self.tag, |step| &step.tag) {
            Some(tag) => {
                let image = format!("{}:{tag}", self.repository);
                filter.only(name::IMAGE, &Some(image.into()));
            }
            None => filter.only(name::NAMESPACE_REPO, &Some(self.repository.clone())),
        }
        if let Line::Pulls(..) = line {
            filter.only(name::OPERATION, &Some("pull".into()));
        }
        let oldest = || self.steps().last().and_then(|step| step.time);
        let ends = step.map_or_else(|| (None, oldest()), |step| (step.since, step.until));
        filter.range = TimeRange {
            since: ends.0,
            // Include the change that ends it.
            until: ends.1.map(|until| until + 1),
        };
        let event = match line {
            Line::Step(step) => Some(step.event),
            Line::Pulls(..) => None,
        };
        Some((filter, event))
    }

    fn steps(&self) -> &[Step] {
        self.known
            .as_ref()
            .map_or(&[], |known| &known.lineage.steps)
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let some = |pulls: Pulls| pulls.count + pulls.failed > 0;
        let mut lines = Vec::new();
        for step in self.steps() {
            if some(step.pulls) {
                lines.push(Line::Pulls(Some(step), step.pulls));
            }
            lines.push(Line::Step(step));
        }
        let before = self.known.as_ref().map(|known| known.lineage.before);
        if let Some(before) = before.filter(|before| some(*before)) {
            lines.push(Line::Pulls(None, before));
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
            Line::Pulls(..) => None,
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
            self.known = Some(table.clone());
            self.cursor.step(0, self.lines().len());
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.lines().len();
        Some((&mut self.cursor, places))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        self.known.as_ref()?;
        let row = |line: &Line<'_>| match line {
            Line::Step(step) => {
                let values = [&step.tag, &step.status, &step.user, &step.ip];
                let values = values.map(|value| Cell::from(value.as_deref()));
                let changes = [
                    table::instant(step.time, scene.zone, 0),
                    table::text(deed(step.deed).0),
                ];
                let none = std::iter::repeat_n(Cell::Missing, 4);
                changes.into_iter().chain(values).chain(none).collect()
            }
            Line::Pulls(step, pulls) => {
                let tag = step.map_or(&self.tag, |step| &step.tag);
                let after = match step {
                    Some(step) => table::instant(step.time, scene.zone, 0),
                    None => Cell::Missing,
                };
                let what = match step {
                    Some(_) => "pulled after",
                    None => "pulled before",
                };
                let none = [Cell::Missing, Cell::Missing, Cell::Missing];
                let counts = [pulls.count, pulls.users, pulls.addresses, pulls.failed];
                [after, table::text(what), Cell::from(tag.as_deref())]
                    .into_iter()
                    .chain(none)
                    .chain(counts.map(Cell::Number))
                    .collect::<Vec<_>>()
            }
        };
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}"));
        let title = format!("History of {}{}", self.repository, tag.unwrap_or_default());
        let headings = [
            "time",
            "change",
            "tag",
            "status",
            "user",
            "ip",
            "pulls",
            "users",
            "addresses",
            "failed pulls",
        ];
        Some(Table {
            rows: self.lines().iter().map(row).collect(),
            at: Some(self.cursor.at),
            ..Table::new(title, &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}"));
        let title = format!(
            "IMAGE HISTORY  {}{}",
            self.repository,
            tag.unwrap_or_default()
        );
        let mut canvas = frame::draw(&title, look, buf);
        if let Some((oldest, newest)) = scene.status.span {
            let (oldest, newest) = (scene.zone.second(oldest), scene.zone.second(newest));
            let span = format!("loaded data: {oldest} – {newest}");
            canvas.text(0, 0, &span, Role::Dim);
        }
        let Some(known) = &self.known else {
            canvas.text(0, 1, "counting", Role::Loading);
            return None;
        };
        let about = if scene.status.is_loading() { "~" } else { "" };
        canvas.text(0, 1, &sums(known, about), Role::Count);
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(3));
        let mut body = canvas.inset(0, 3, width, height);
        let lines = self.lines();
        if lines.is_empty() {
            body.text(0, 0, "No push, delete or pull by tag.", Role::Dim);
        }
        let rows = usize::from(height);
        let top = self.cursor.top(rows);
        for (at, line) in lines.iter().enumerate().skip(top).take(rows) {
            let mut cells = body.inset(0, (at - top) as u16, width, 1);
            match line {
                Line::Step(step) => draw_step(scene, step, self.tag.is_none(), &mut cells),
                Line::Pulls(step, pulls) => {
                    let of = step.filter(|_| self.tag.is_none());
                    let of = of.and_then(|step| step.tag.as_deref());
                    let reported = pulls_text(*pulls, about, of, step.is_none());
                    cells.text(2, 0, cells.glyphs().vline, Role::Dim);
                    cells.text(5, 0, &reported, Role::ActionPull);
                }
            }
            if at == self.cursor.at {
                cells.cursor_row(0);
            }
        }
        None
    }
}

/// Formats `3 pushes, 2 of them overwrote, 1 delete · 412 pulls · 2 failed`.
fn sums(LineageTable { lineage, more }: &LineageTable, about: &str) -> String {
    let Lineage { steps, before } = lineage;
    let of = |deeds: &[StepKind]| {
        let steps = steps.iter().filter(|step| deeds.contains(&step.deed));
        steps.count() as u64
    };
    let each = steps.iter().map(|step| step.pulls).chain([*before]);
    let (pulls, failed) = each.fold((0, 0), |(pulls, failed), each| {
        (pulls + each.count, failed + each.failed)
    });
    let count = |n: u64, one: &str, many: &str| {
        format!(
            "{about}{} {}",
            text::grouped(n),
            if n == 1 { one } else { many }
        )
    };
    let failed = failed + of(&[StepKind::PushFailed, StepKind::DeleteFailed]);
    let mut parts = vec![
        count(
            of(&[StepKind::Pushed, StepKind::Overwritten]),
            "push",
            "pushes",
        ),
        count(of(&[StepKind::Overwritten]), "overwritten", "overwritten"),
        count(
            of(&[StepKind::Deleted, StepKind::Dropped]),
            "delete",
            "deletes",
        ),
        count(pulls, "pull", "pulls"),
        count(failed, "failed", "failed"),
    ];
    if *more > 0 {
        parts.push(count(
            *more,
            "older step not shown",
            "older steps not shown",
        ));
    }
    parts.join(" · ")
}

/// Formats `412 pulls by 12 users from 31 addresses · 3 failed`.
fn pulls_text(pulls: Pulls, about: &str, of: Option<&str>, before: bool) -> String {
    let mut reported = match pulls.count {
        0 => "not pulled".to_owned(),
        count => format!(
            "{about}{} by {} from {}",
            text::counted(count, "pull"),
            text::counted(pulls.users, "user"),
            if pulls.addresses == 1 {
                "1 address".to_owned()
            } else {
                format!("{} addresses", text::grouped(pulls.addresses))
            }
        ),
    };
    if let Some(tag) = of {
        reported = format!("{tag}: {reported}");
    }
    if pulls.failed > 0 {
        let failed = text::grouped(pulls.failed);
        reported = format!("{reported} · {about}{failed} failed");
    }
    if before {
        reported += " · before the first push";
    }
    reported
}

/// Name of a kind of step, and its role.
fn deed(kind: StepKind) -> (&'static str, Role) {
    match kind {
        StepKind::Pushed => ("pushed", Role::ActionPush),
        StepKind::Overwritten => ("overwritten", Role::Warning),
        StepKind::Deleted => ("deleted", Role::ActionDelete),
        StepKind::Dropped => ("repository deleted", Role::ActionDelete),
        StepKind::PushFailed => ("push failed", Role::StatusFailed),
        StepKind::DeleteFailed => ("delete failed", Role::StatusFailed),
    }
}

fn draw_step(scene: &Scene<'_>, step: &Step, tags: bool, canvas: &mut Canvas<'_>) {
    let (deed, role) = deed(step.deed);
    let time = step
        .time
        .map_or("no time".into(), |time| scene.zone.second(time));
    let end = canvas.text(2, 0, &time, Role::Text);
    canvas.text(end + 2, 0, deed, role);
    let after = end + 2 + 15;
    let status_role = if step.deed.changes() {
        Role::StatusOk
    } else {
        Role::StatusFailed
    };
    let shown = |value: &Value| value_text(value).into_owned();
    canvas.text(after, 0, &shown(&step.status), status_role);
    let start = after + 5;
    let room = usize::from(canvas.width().saturating_sub(start));
    let ip = shown(&step.ip);
    let ip_start = canvas.text_before(canvas.width(), 0, &ip, Role::Text);
    let room = room.saturating_sub(text::width(&ip) + 2);
    let user = shown(&step.user);
    let mut x = start;
    if tags {
        let most = room.saturating_sub(text::width(&user) + 2).max(room / 2);
        let tag = step.tag.as_deref().unwrap_or("no tag");
        x = canvas.text(x, 0, &text::clip_middle(tag, most), Role::Text) + 2;
    }
    let room = usize::from(ip_start.saturating_sub(x + 1));
    let user = text::clip_middle(&user, room);
    canvas.user(x, 0, &user, step.user.as_deref().unwrap_or_default());
}
