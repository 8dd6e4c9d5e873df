//! Draws a prompt: the filter in its own line with the caret of an error below it, the others at the bottom.

use ratatui::buffer::Buffer;

use super::preview::Choice;
use super::prompt::{Prompt, PromptKind};
use crate::app::App;
use crate::app::layout::Area;
use crate::panes::{Canvas, Look};
use crate::theme::Role;
use crate::widgets::text;

pub(super) fn draw(
    app: &App,
    prompt: &Prompt,
    look: &Look<'_>,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    let (width, height) = (buf.area.width, buf.area.height);
    if width < 12 || height < 4 {
        return None;
    }
    let label = match prompt.kind {
        PromptKind::Find(at) => format!(
            "FIND {}",
            app.facets.facets.get(at).map_or("", |facet| &facet.title)
        ),
        kind => kind.title().to_owned(),
    };
    let (choices, _) = prompt.preview.choices();
    // What is not finished is no mistake while it is shown how it can go on.
    let end = prompt.edit.text().trim_end().len();
    let problem = prompt
        .problem
        .as_ref()
        .filter(|problem| choices.is_empty() || problem.at < end);
    let below = problem.is_some();
    let high = if below { 2 } else { 1 };
    let y = if prompt.kind == PromptKind::Filter {
        1
    } else {
        height - high - 1
    };
    let mut whole = Canvas::whole(buf, look);
    let mut canvas = whole.part(Area {
        x: 0,
        y,
        width,
        height: high,
    });
    canvas.clear();
    let start = canvas.text(1, 0, &label, Role::Prompt) + 2;
    let mut end = width;
    if let Some((count, whole)) = prompt.preview.count {
        let about = if whole { "" } else { "~" };
        let says = format!("{about}{} would match", text::grouped(count));
        let from = width.saturating_sub(text::width(&says) as u16 + 1);
        if from > start + 20 {
            canvas.text(from, 0, &says, Role::Count);
            end = from - 1;
        }
    }
    let room = usize::from(end.saturating_sub(start + 1));
    let (shown, cursor) = prompt.edit.visible(room);
    canvas.text(start, 0, &shown, Role::Text);
    if let Some(problem) = problem {
        // The caret stands under the trouble as long as the text is not scrolled to the side.
        let head = prompt.edit.text().get(..problem.at).unwrap_or_default();
        let at = text::width(head).min(room.saturating_sub(1)) as u16;
        canvas.text(start + at, 1, "^", Role::Error);
        let wide = text::width(&problem.text) as u16;
        let after = start + at + 2;
        if after + wide < width {
            canvas.text(after, 1, &problem.text, Role::Error);
        } else if wide + 2 < start + at {
            canvas.text_before(start + at - 1, 1, &problem.text, Role::Error);
        } else {
            canvas.text(
                after.min(width.saturating_sub(40)),
                1,
                &problem.text,
                Role::Error,
            );
        }
    }
    if prompt.kind == PromptKind::Filter {
        let area = Area {
            x: start.saturating_sub(2),
            y: y + high,
            width: width.saturating_sub(start),
            height: height.saturating_sub(y + high + 1).min(CHOICES),
        };
        draw_choices(prompt, area, &mut whole);
    }
    Some((start + cursor as u16, y))
}

/// Rows for what could stand at the cursor.
const CHOICES: u16 = 10;

fn draw_choices(prompt: &Prompt, area: Area, whole: &mut Canvas<'_>) {
    let (choices, selected) = prompt.preview.choices();
    let rows = usize::from(area.height).min(choices.len());
    let top = selected.map_or(0, |at| (at + 1).saturating_sub(rows));
    let shown = &choices[top..top + rows];
    let widest = |of: fn(&Choice) -> usize| shown.iter().map(of).max().unwrap_or(0);
    let name = widest(|choice| text::width(&choice.text)).min(48);
    let note = widest(|choice| text::width(&choice.note));
    let width = (name + note + 6).min(usize::from(area.width)) as u16;
    let mut canvas = whole.part(Area {
        width,
        height: rows as u16,
        ..area
    });
    canvas.clear();
    for (y, (at, choice)) in (0..).zip(choices.iter().enumerate().skip(top).take(rows)) {
        let end = canvas.text_before(width.saturating_sub(1), y, &choice.note, Role::Count);
        let room = usize::from(end.saturating_sub(3)).min(name);
        canvas.text(2, y, &text::clip_middle(&choice.text, room), Role::Overlay);
        if selected == Some(at) {
            canvas.text(0, y, canvas.glyphs().cursor, Role::Text);
            canvas.tint(0, y, width, Role::Cursor);
        }
    }
}
