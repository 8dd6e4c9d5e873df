//! The line on top: which source, how it is, the view, the clock. States are words, never colours alone.

use std::fmt::Write as _;

use super::Canvas;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus, Status};
use crate::theme::Role;
use crate::widgets::text;

/// A part of the line; the highest rank goes first when space is short.
struct Part {
    text: String,
    role: Role,
    rank: u8,
}

pub fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let mut parts = parts(app, canvas.glyphs().live, canvas.width().into());
    let name = source_name(&app.status);
    let least = 12 + text::width(&name).min(12);
    loop {
        let used: usize = parts.iter().map(|part| text::width(&part.text) + 2).sum();
        if used + least <= usize::from(canvas.width()) {
            break;
        }
        match parts
            .iter()
            .map(|part| part.rank)
            .max()
            .filter(|rank| *rank > 0)
        {
            Some(rank) => parts.retain(|part| part.rank != rank),
            None => break,
        }
    }
    let used: usize = parts.iter().map(|part| text::width(&part.text) + 2).sum();
    let start = usize::from(canvas.width()).saturating_sub(used);
    let end = canvas.text(1, 0, "regtrail", Role::Title);
    let room = start.saturating_sub(usize::from(end) + 4);
    canvas.text(end + 3, 0, &text::clip_middle(&name, room), Role::Text);
    let mut x = start as u16 + 1;
    for part in &parts {
        x = canvas.text(x, 0, &part.text, part.role) + 2;
    }
}

fn parts(app: &App, live: &str, width: usize) -> Vec<Part> {
    let status = &app.status;
    let mut parts = Vec::new();
    let mut add = |text: String, role, rank| parts.push(Part { text, role, rank });
    for (text, role) in troubles(status, width * 2 / 5) {
        add(text, role, 1);
    }
    if let Some(text) = loading(status) {
        add(text, Role::Loading, 0);
    } else if status.is_live() {
        add(format!("{live} LIVE"), Role::Live, 0);
    } else if status
        .sources
        .iter()
        .any(|source| source.state == SourceState::Stopped)
    {
        add("stopped, not all is loaded".into(), Role::Warning, 0);
    } else if !status.sources.is_empty()
        && status.sources.iter().all(|s| s.state == SourceState::Done)
    {
        add("loaded".into(), Role::Dim, 3);
    }
    if app.paused {
        add("PAUSED".into(), Role::Held, 0);
    } else if !app.list.is_following() && (status.is_live() || status.is_loading()) {
        let newer = app.list.newer(app.counts.matched);
        let text = if newer == 0 {
            "view held".into()
        } else {
            format!("view held, {} newer", text::grouped(newer))
        };
        add(text, Role::Held, 2);
    }
    if status.is_live() && !status.is_loading() {
        let rate: u64 = status.sources.iter().map(|source| source.rate).sum();
        add(format!("{}/s", text::short(rate)), Role::Dim, 4);
    }
    if status.defects > 0 {
        add(
            format!("{} rejected", text::grouped(status.defects)),
            Role::Warning,
            1,
        );
    }
    let at = app
        .list
        .focused()
        .and_then(|row| row.time)
        .unwrap_or(app.clock);
    add(app.zone.title(at), Role::Dim, 0);
    parts
}

fn source_name(status: &Status) -> String {
    match status.sources.as_slice() {
        [] => String::new(),
        [source] => base(&source.name).to_owned(),
        [first, rest @ ..] => format!("{} +{}", base(&first.name), rest.len()),
    }
}

/// The last part of a path; the whole of anything else.
fn base(name: &str) -> &str {
    if name.contains("://") {
        name
    } else {
        name.rsplit('/')
            .find(|part| !part.is_empty())
            .unwrap_or(name)
    }
}

/// Sources that need attention, each with as much of its reason as there is room for; `:sources` has the whole.
fn troubles(status: &Status, room: usize) -> Vec<(String, Role)> {
    let several = status.sources.len() > 1;
    let named = |source: &SourceStatus, text: String| {
        if several {
            format!("{}: {text}", base(&source.name))
        } else {
            text
        }
    };
    let trouble = |source: &SourceStatus| match &source.state {
        SourceState::Failed { why } => {
            let text = format!("failed: {}", text::clip(why, room));
            Some((named(source, text), Role::Error))
        }
        SourceState::Retrying { seconds, why } => Some((
            named(
                source,
                format!("{}, retry in {seconds}s, data kept", text::clip(why, room)),
            ),
            Role::Warning,
        )),
        _ => None,
    };
    status.sources.iter().filter_map(trouble).take(1).collect()
}

/// `loading audit.jsonl 43% 6.1M rec 1.9M/s ETA 4s · Esc stops`.
fn loading(status: &Status) -> Option<String> {
    let busy: Vec<&SourceStatus> = status
        .sources
        .iter()
        .filter(|source| source.state.is_busy())
        .collect();
    let [first, ..] = busy.as_slice() else {
        return None;
    };
    if busy
        .iter()
        .all(|source| source.state == SourceState::Connecting)
    {
        return Some("connecting · Esc stops".into());
    }
    let mut text = String::from("loading");
    if busy.len() == 1 && status.sources.len() > 1 {
        text = format!("loading {}", base(&first.name));
    } else if busy.len() > 1 {
        text = format!("loading {} sources", busy.len());
    }
    let read: u64 = busy.iter().map(|source| source.bytes).sum();
    let total: Option<u64> = busy.iter().map(|source| source.bytes_total).sum();
    if let Some(total) = total.filter(|total| *total > 0) {
        let _ = write!(
            text,
            " {}%",
            (u128::from(read) * 100 / u128::from(total)).min(99)
        );
    }
    let events: u64 = busy.iter().map(|source| source.events).sum();
    let rate: u64 = busy.iter().map(|source| source.rate).sum();
    let _ = write!(text, " {} rec {}/s", text::short(events), text::short(rate));
    if let Some(eta) = busy.iter().filter_map(|source| source.eta).max() {
        let _ = write!(text, " ETA {}", text::duration(eta as i64));
    }
    Some(text + " · Esc stops")
}
