//! Text of an empty list: the reason, and the keys that help.

use super::list::GUTTER;
use crate::app::App;
use crate::app::request::near_line;
use crate::engine::SourceState;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::panes::condition;
use crate::query::TimeRange;
use crate::theme::Role;
use crate::widgets::chips::chip_text;
use crate::widgets::{Canvas, text};

/// Maximum width of a chip in a sentence.
const CHIP: usize = 60;

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let room = usize::from(canvas.width().saturating_sub(GUTTER + 1));
    let lines = lines(app);
    let lines = lines.iter().flat_map(|(line, role)| {
        text::wrap(line, room)
            .into_iter()
            .map(move |line| (line, *role))
    });
    for (y, (line, role)) in (1..).zip(lines) {
        canvas.text(GUTTER, y, &line, role);
    }
}

fn lines(app: &App) -> Vec<(String, Role)> {
    let total = app.results.counts.total;
    let mut lines = Vec::new();
    if total == 0 && (app.status.is_loading() || app.status.sources.is_empty()) {
        let mut sources = app.status.sources.iter();
        let text = match sources.find(|source| source.state == SourceState::Awaiting) {
            Some(source) => format!("{} to open {}", condition::AWAITS, source.name),
            None => "loading: no events yet".into(),
        };
        lines.push((text, Role::Loading));
    } else if total == 0 {
        for source in &app.status.sources {
            if let Some(why) = condition::reason(source) {
                lines.push((format!("{}: {why}", source.name), Role::Error));
            }
        }
        let text = if app.status.is_live() {
            "No events yet. New events appear here."
        } else {
            "No events."
        };
        lines.push((text.into(), Role::Text));
        if app.status.defects > 0 {
            let what = text::counted(app.status.defects, "record");
            let mut text = format!("{what} rejected");
            if let Some(way) = key_of(app, "rejected.show", "shows them") {
                text = format!("{text} · {way}");
            }
            lines.push((text, Role::Warning));
        }
    } else if app.results.counts.matched == 0 {
        lines.push((missed(app).unwrap_or_else(|| hidden(app)), Role::Text));
        lines.extend(near_line(&app.results.near).map(|line| (line, Role::Text)));
    }
    lines
}

/// Formats `No events in 13:00–14:00. Loaded data spans 2026-08-01 00:00 – 12:58. t time range, :sources`, if the range
/// is outside the loaded data.
fn missed(app: &App) -> Option<String> {
    let range = app.filters.effective().range;
    let (oldest, newest) = app.status.span?;
    let misses = range.since.is_some_and(|since| since > newest)
        || range.until.is_some_and(|until| until <= oldest);
    if !misses {
        return None;
    }
    let spans = span(oldest, newest, " – ", app.clock.zone);
    let ways = [
        key_of(app, "time.edit", "time range"),
        palette(app, "sources"),
    ];
    let ways = ways.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let asked = asked(range, newest, app.clock.zone);
    Some(format!(
        "No events {asked}. Loaded data spans {spans}. {ways}"
    ))
}

/// Formats `0 of 1,284,302. Drop status>=400 → 312 · drop -user:ci-bot → 9,870 · X clears, u undoes`.
fn hidden(app: &App) -> String {
    let filter = app.filters.effective();
    let drop = |dropped: &crate::engine::Dropped| {
        let chip = chip_text(filter, &dropped.chip, app.clock.zone);
        let chip = text::clip_middle(&chip, CHIP).into_owned();
        format!("drop {chip} → {}", text::grouped(dropped.matched))
    };
    let mut parts: Vec<String> = app.results.dropped.iter().map(drop).collect();
    if let Some(first) = parts.first_mut() {
        first.replace_range(..1, "D");
    }
    let ways = [
        key_of(app, "filter.clear", "clears"),
        key_of(app, "filter.undo", "undoes"),
    ];
    parts.push(ways.into_iter().flatten().collect::<Vec<_>>().join(", "));
    let total = text::grouped(app.results.counts.total);
    format!("0 of {total}. {}", parts.join(" · "))
}

/// Formats a range; omits the date if it is that of the newest event.
fn asked(range: TimeRange, newest: Nanos, zone: Zone) -> String {
    match (range.since, range.until) {
        (Some(since), Some(until)) => {
            let words = span(since, until, "–", zone);
            let today = format!("{} ", zone.date_only(newest));
            format!("in {}", words.strip_prefix(&today).unwrap_or(&words))
        }
        (Some(since), None) => format!("since {}", zone.minute(since)),
        (None, Some(until)) => format!("until {}", zone.minute(until)),
        (None, None) => String::new(),
    }
}

/// Formats two times; the date appears once if both have the same.
fn span(from: Nanos, until: Nanos, dash: &str, zone: Zone) -> String {
    let (first, last) = (zone.minute(from), zone.minute(until));
    let day = zone.date_only(from);
    let last = last.strip_prefix(&format!("{day} ")).unwrap_or(&last);
    format!("{first}{dash}{last}")
}

/// Formats `X clears`, if the command has a key.
fn key_of(app: &App, command: &str, does: &str) -> Option<String> {
    let keys = app.keyboard.keymap.keys_for(command, &["list", "global"]);
    keys.first().map(|key| format!("{key} {does}"))
}

/// Formats `:sources`, if the palette has a key.
fn palette(app: &App, command: &str) -> Option<String> {
    let keys = app
        .keyboard
        .keymap
        .keys_for("app.palette", &["list", "global"]);
    keys.first().map(|key| format!("{key}{command}"))
}
