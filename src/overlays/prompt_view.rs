//! Draws a prompt: the filter in its own line with the caret of an error below it, the others at the bottom.

use ratatui::buffer::Buffer;

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
        PromptKind::Filter => "FILTER".to_owned(),
        PromptKind::Search => "SEARCH".to_owned(),
        PromptKind::Time => "TIME".to_owned(),
        PromptKind::Find(at) => format!(
            "FIND {}",
            app.facets.facets.get(at).map_or("", |facet| &facet.title)
        ),
    };
    let below = prompt.problem.is_some();
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
    let room = usize::from(width.saturating_sub(start + 1));
    let (shown, cursor) = prompt.edit.visible(room);
    canvas.text(start, 0, &shown, Role::Text);
    if let Some(problem) = &prompt.problem {
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
    Some((start + cursor as u16, y))
}
