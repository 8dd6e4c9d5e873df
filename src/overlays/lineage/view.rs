//! Drawing of the history of an image: sums, then steps in aligned columns with the pulls between them.

use ratatui::buffer::Buffer;

use super::{Line, LineageView};
use crate::engine::{Lineage, LineageTable, Pulls, Step, StepKind, Version};
use crate::model::Value;
use crate::overlays::{Scene, frame};
use crate::theme::Role;
use crate::widgets::chips::value_text;
use crate::widgets::{Canvas, Look, text};

/// Lines above the steps: loaded data, sums, headings.
const HEAD: u16 = 3;

/// Cells of a line before the time: cursor, and sign of a new value.
const GUTTER: u16 = 2;

/// Cells between columns.
const GAP: u16 = 2;

/// Least width for times with their year.
const DATED: u16 = 96;

/// Widths to which tags and users are cut.
const LEAST_TAG: u16 = 12;
const LEAST_USER: u16 = 14;

pub(super) fn draw(view: &LineageView, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) {
    let tag = view.tag.as_ref().map(|tag| format!(":{tag}"));
    let tag = tag.unwrap_or_default();
    let title = format!("IMAGE HISTORY  {}{tag}", view.repository);
    let mut canvas = frame::draw(&title, look, buf);
    if let Some((oldest, newest)) = scene.status.span {
        let (oldest, newest) = (scene.zone.second(oldest), scene.zone.second(newest));
        let span = format!("loaded data: {oldest} – {newest}");
        canvas.text(0, 0, &span, Role::Dim);
    }
    let Some(known) = &view.known else {
        canvas.text(0, 1, "counting", Role::Loading);
        return;
    };
    let about = if scene.status.is_loading() { "~" } else { "" };
    canvas.text(0, 1, &sums(known, about), Role::Count);
    let (width, height) = (canvas.width(), canvas.height().saturating_sub(HEAD));
    let columns = Columns::of(view, scene, &known.lineage.steps, width);
    let lines = view.lines();
    if lines.is_empty() {
        canvas.text(0, HEAD, "No push, delete or pull by tag.", Role::Dim);
        return;
    }
    if !known.lineage.steps.is_empty() {
        columns.heading(&mut canvas.inset(0, HEAD - 1, width, 1));
    }
    let rows = usize::from(height);
    let top = view.cursor.top(rows);
    for (at, line) in lines.iter().enumerate().skip(top).take(rows) {
        let mut cells = canvas.inset(0, HEAD + (at - top) as u16, width, 1);
        match line {
            Line::Step(step) => columns.step(scene, step, &mut cells),
            Line::Pulls(version) | Line::Failed(version) => {
                cells.text(GUTTER, 0, cells.glyphs().vline, Role::Dim);
                let of = version.tag.as_ref().filter(|_| view.tag.is_none());
                let of = of.map(|tag| format!("{tag}: ")).unwrap_or_default();
                let (reported, role) = match line {
                    Line::Failed(_) => (failed_text(version.pulls, about), Role::Dim),
                    _ => (pulls_text(version.pulls, about), Role::ActionPull),
                };
                let reported = format!("{of}{reported}{}", place(version));
                cells.text(GUTTER + 3, 0, &reported, role);
            }
        }
        if at == view.cursor.at {
            cells.cursor_row(0);
        }
    }
}

/// Formats `3 pushes · 2 overwritten · 1 delete · 412 pulls · 2 failed`.
fn sums(LineageTable { lineage, more }: &LineageTable, about: &str) -> String {
    let Lineage { steps, versions } = lineage;
    let of = |deeds: &[StepKind]| {
        let steps = steps.iter().filter(|step| deeds.contains(&step.deed));
        steps.count() as u64
    };
    let each = versions.iter().map(|version| version.pulls);
    let (pulls, failed) = each.fold((0, 0), |(pulls, failed), each| {
        (pulls + each.count, failed + each.failed)
    });
    let count = |n: u64, one: &str, many: &str| {
        let thing = if n == 1 { one } else { many };
        format!("{about}{} {thing}", text::grouped(n))
    };
    let failed = failed + of(&[StepKind::PushFailed, StepKind::DeleteFailed]);
    let pushes = of(&[StepKind::Pushed, StepKind::Overwritten]);
    let deletes = of(&[StepKind::Deleted, StepKind::Dropped]);
    let overwritten = of(&[StepKind::Overwritten]);
    let mut parts = vec![
        count(pushes, "push", "pushes"),
        count(overwritten, "overwritten", "overwritten"),
        count(deletes, "delete", "deletes"),
        count(pulls, "pull", "pulls"),
        count(failed, "failed", "failed"),
    ];
    if *more > 0 {
        let (one, many) = ("older step not shown", "older steps not shown");
        parts.push(count(*more, one, many));
    }
    parts.join(" · ")
}

/// Formats `412 pulls by 12 users from 31 addresses`.
fn pulls_text(pulls: Pulls, about: &str) -> String {
    let addresses = match pulls.addresses {
        1 => "1 address".to_owned(),
        many => format!("{} addresses", text::grouped(many)),
    };
    let (count, users) = (
        text::counted(pulls.count, "pull"),
        text::counted(pulls.users, "user"),
    );
    format!("{about}{count} by {users} from {addresses}")
}

/// Formats `3 failed pulls`.
fn failed_text(pulls: Pulls, about: &str) -> String {
    format!("{about}{}", text::counted(pulls.failed, "failed pull"))
}

/// Place of a version that no step starts.
fn place(version: &Version) -> &'static str {
    match (version.step, version.until) {
        (Some(_), _) => "",
        (None, Some(_)) => " · before the first change",
        (None, None) => " · no push loaded",
    }
}

/// Name of what a step did, and its role.
pub(super) fn deed(step: &Step) -> (&'static str, Role) {
    match step.deed {
        StepKind::Pushed => ("pushed", Role::ActionPush),
        StepKind::Overwritten => ("overwritten", Role::Warning),
        StepKind::Deleted => ("deleted", Role::ActionDelete),
        StepKind::Dropped => ("repository deleted", Role::ActionDelete),
        // Attempts changed nothing; their status has a colour.
        StepKind::PushFailed => ("push failed", Role::Dim),
        StepKind::DeleteFailed => ("delete failed", Role::Dim),
    }
}

fn tag_text(step: &Step) -> &str {
    step.tag.as_deref().unwrap_or("no tag")
}

/// Widths of the columns; 0 for one that is left out.
struct Columns {
    /// Times have their year.
    dated: bool,
    time: u16,
    deed: u16,
    tag: u16,
    user: u16,
    ip: u16,
    network: u16,
}

impl Columns {
    fn of(view: &LineageView, scene: &Scene<'_>, steps: &[Step], width: u16) -> Self {
        let widest = |of: &dyn Fn(&Step) -> usize| steps.iter().map(of).max().unwrap_or(0) as u16;
        let value = |value: &Value| text::width(&value_text(value));
        let dated = width >= DATED;
        let mut columns = Self {
            dated,
            time: widest(&|step| text::width(&time_text(scene, step, dated))),
            deed: widest(&|step| deed(step).0.len()),
            tag: widest(&|step| text::width(tag_text(step))),
            user: widest(&|step| value(&step.user)).max(4),
            ip: widest(&|step| value(&step.ip)).max(2),
            network: widest(&|step| value(&step.network)).max(7),
        };
        if view.tag.is_some() {
            columns.tag = 0;
        }
        // Tags and users are cut as far as they stay readable; only if that is not enough, the network is left out.
        let cut_tag = columns.tag.saturating_sub(LEAST_TAG);
        let cut_user = columns.user.saturating_sub(LEAST_USER);
        if columns.width() > width + cut_tag + cut_user {
            columns.network = 0;
        }
        let over = columns.width().saturating_sub(width);
        columns.user -= over.min(cut_user);
        columns.tag -= over.saturating_sub(cut_user).min(cut_tag);
        columns
    }

    /// Columns between the time and the end, with the status.
    fn rest(&self) -> [u16; 6] {
        [self.deed, 3, self.tag, self.user, self.ip, self.network]
    }

    fn width(&self) -> u16 {
        let rest = self.rest().into_iter().filter(|width| *width > 0);
        GUTTER + self.time + rest.map(|width| GAP + width).sum::<u16>()
    }

    /// Start of each column after the time.
    fn starts(&self) -> [u16; 6] {
        let mut at = GUTTER + self.time + GAP;
        self.rest().map(|width| {
            let start = at;
            at += if width > 0 { width + GAP } else { 0 };
            start
        })
    }

    fn heading(&self, canvas: &mut Canvas<'_>) {
        canvas.text(GUTTER, 0, "TIME", Role::Header);
        let titles = ["EVENT", "ST", "TAG", "USER", "IP", "NETWORK"];
        for ((start, width), title) in self.starts().into_iter().zip(self.rest()).zip(titles) {
            if width > 0 {
                let title = text::clip(title, usize::from(width));
                canvas.text(start, 0, &title, Role::Header);
            }
        }
    }

    fn step(&self, scene: &Scene<'_>, step: &Step, canvas: &mut Canvas<'_>) {
        let [deed_at, status_at, tag_at, user_at, ip_at, network_at] = self.starts();
        if step.new.any() {
            let sign = canvas.glyphs().first_seen;
            canvas.text(1, 0, sign, Role::FirstSeen);
        }
        let time = time_text(scene, step, self.dated);
        canvas.text(GUTTER, 0, &time, Role::Text);
        let (name, role) = deed(step);
        canvas.text(deed_at, 0, name, role);
        let status = value_text(&step.status);
        let role = Role::of_status(step.status.as_deref().unwrap_or_default());
        canvas.text(status_at, 0, &text::clip(&status, 3), role);
        if self.tag > 0 {
            let tag = text::clip_middle(tag_text(step), self.tag.into());
            canvas.text(tag_at, 0, &tag, Role::Text);
        }
        let user = value_text(&step.user);
        let user = text::clip_middle(&user, self.user.into());
        canvas.user(user_at, 0, &user, step.user.as_deref().unwrap_or_default());
        let ip = value_text(&step.ip);
        canvas.text(ip_at, 0, &text::clip(&ip, self.ip.into()), Role::Text);
        let mut tints = vec![
            (step.new.user, user_at, self.user),
            (step.new.ip, ip_at, self.ip),
        ];
        if self.network > 0 {
            let role = match step.network.as_deref() {
                Some("Internet") => Role::Text,
                _ => Role::Dim,
            };
            canvas.text(network_at, 0, &value_text(&step.network), role);
            tints.push((step.new.network, network_at, self.network));
        }
        for (_, at, width) in tints.into_iter().filter(|(new, ..)| *new) {
            canvas.tint(at, 0, width, Role::FirstSeen);
        }
    }
}

fn time_text(scene: &Scene<'_>, step: &Step, dated: bool) -> String {
    let Some(time) = step.time else {
        return "no time".to_owned();
    };
    let second = scene.zone.second(time);
    match second.split_once('-') {
        Some((_, rest)) if !dated => rest.to_owned(),
        _ => second,
    }
}
