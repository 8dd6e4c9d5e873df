//! Filter line: the current filter as chips, and the number of matches.

use crate::app::App;
use crate::app::context::{Around, Context};
use crate::theme::Role;
use crate::widgets::chips::{chip_text, is_exclusion};
use crate::widgets::{Canvas, text};

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let wide = canvas.width() >= 100;
    let counts = counts(app, wide);
    let end = canvas.width().saturating_sub(1);
    let start = canvas.text_before(end, 0, &counts, Role::Count);
    let mut x = canvas.text(1, 0, if wide { "FILTER  " } else { "" }, Role::Dim);
    let filter = app.filters.current();
    let room = start.saturating_sub(2);
    if let Some(context) = &app.view.context {
        context_line(
            app,
            context,
            &mut canvas.inset(0, 0, start.saturating_sub(1), 1),
        );
        return;
    }
    if app.filters.is_bypassed() {
        x = canvas.text(x, 0, "BYPASSED, ~ restores ", Role::Held);
    } else if filter.is_all() {
        canvas
            .inset(0, 0, room, 1)
            .text(x, 0, "all events; press f to filter", Role::Dim);
    }
    let mut chips = canvas.inset(0, 0, room, 1);
    for chip in filter.chips() {
        let (role, bypassed) = (Role::Chip, app.filters.is_bypassed());
        let role = if is_exclusion(filter, &chip) {
            Role::ChipExclude
        } else {
            role
        };
        let role = if bypassed { Role::Dim } else { role };
        x = chips.text(x, 0, &chip_text(filter, &chip, app.clock.zone), role) + 2;
    }
}

/// Draws the line for an open context: the kind of neighbours, the event, and the keys.
fn context_line(app: &App, context: &Context, canvas: &mut Canvas<'_>) {
    let time = context.row.time.map_or_else(
        || "an event".to_owned(),
        |time| app.clock.zone.clock(time, context.row.offset, 0),
    );
    let whose = match (context.around, context.value()) {
        (Around::All, _) => "all events".to_owned(),
        (Around::User, value) => format!("user {}", value.unwrap_or("(missing)")),
        (Around::Repository, value) => format!("repository {}", value.unwrap_or("(missing)")),
        (Around::Address, value) => format!("address {}", value.unwrap_or("(missing)")),
    };
    let next = app
        .keyboard
        .keymap
        .keys_for("event.context", &["list", "global"]);
    let next = next
        .first()
        .map_or_else(String::new, |key| format!("{key} next · "));
    let ways = format!("  {next}esc returns");
    let x = canvas.text(1, 0, &format!("CONTEXT of {time}  "), Role::Held);
    let room = usize::from(canvas.width().saturating_sub(x)).saturating_sub(text::width(&ways));
    let x = canvas.text(x, 0, &text::clip_middle(&whose, room.max(12)), Role::Chip);
    canvas.text(x, 0, &ways, Role::Dim);
}

/// Formats `1,204 of 1,284,302 (0.09%)`, shorter on narrow screens. `~` marks numbers that may still change.
fn counts(app: &App, wide: bool) -> String {
    let (matched, total) = (app.results.counts.matched, app.results.counts.total);
    if !app.results.counts.known {
        return String::new();
    }
    let about = if app.is_provisional() { "~" } else { "" };
    if app.filters.effective().is_all() {
        return format!("{about}{}", text::counted(total, "event"));
    }
    if !wide {
        return format!("{about}{}/{}", text::grouped(matched), text::short(total));
    }
    format!(
        "{about}{} of {} ({})",
        text::grouped(matched),
        text::grouped(total),
        share(matched, total)
    )
}

/// Formats a share in percent; never rounds a part to none or to everything.
fn share(part: u64, whole: u64) -> String {
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    match share {
        _ if part == 0 => "0%".into(),
        _ if part == whole => "100%".into(),
        ..0.01 => "<0.01%".into(),
        ..10.0 => format!("{share:.2}%"),
        99.0.. => ">99%".into(),
        _ => format!("{share:.0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_never_round_some_to_none_or_to_all() {
        assert_eq!(share(0, 200_000), "0%");
        assert_eq!(share(1, 200_000), "<0.01%");
        assert_eq!(share(199_999, 200_000), ">99%");
        assert_eq!(share(200_000, 200_000), "100%");
        assert_eq!(share(1_204, 1_284_302), "0.09%");
        assert_eq!(share(183_707, 200_000), "92%");
    }
}
