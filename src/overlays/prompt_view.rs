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
    let start = text::width(&label) as u16 + 3;
    let room = usize::from(width.saturating_sub(start + 1));
    let trouble = prompt.problem.as_ref().map(|problem| {
        // The caret stands under the trouble as long as the text is not scrolled to the side.
        let head = prompt.edit.text().get(..problem.at).unwrap_or_default();
        trouble(
            &problem.text,
            text::width(head).min(room.saturating_sub(1)),
            room,
        )
    });
    let high = trouble.as_ref().map_or(1, |lines| 1 + lines.len() as u16);
    let y = if prompt.kind == PromptKind::Filter {
        1
    } else {
        height.saturating_sub(high + 1)
    };
    let mut whole = Canvas::whole(buf, look);
    let mut canvas = whole.part(Area {
        x: 0,
        y,
        width,
        height: high,
    });
    canvas.clear();
    canvas.text(1, 0, &label, Role::Prompt);
    let (shown, cursor) = prompt.edit.visible(room);
    canvas.text(start, 0, &shown, Role::Text);
    for (y, line) in (1..).zip(trouble.iter().flatten()) {
        canvas.text(start, y, line, Role::Error);
    }
    Some((start + cursor as u16, y))
}

/// The caret with what is wrong beside it where that fits, else on lines of its own below.
fn trouble(told: &str, at: usize, room: usize) -> Vec<String> {
    let caret = format!("{:at$}^", "");
    let wide = text::width(told);
    if at + 2 + wide <= room {
        vec![format!("{caret} {told}")]
    } else if wide < at {
        vec![format!("{told:>width$} ^", width = at - 1)]
    } else {
        let mut lines = vec![caret];
        lines.extend(text::wrap(told, room));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_long_queries_are_not_cut_and_their_caret_stays_in_place() {
        let told = "column 13: did you mean `not outcome`? expected `not` before what is left out, found `-`";
        for (at, room) in [(0, 70), (12, 70), (69, 70), (12, 40), (90, 200), (99, 110)] {
            let lines = trouble(told, at, room);
            assert!(
                lines.iter().all(|line| text::width(line) <= room),
                "{lines:?}"
            );
            assert_eq!(lines[0].find('^'), Some(at), "{lines:?}");
            let words: Vec<&str> = lines
                .iter()
                .flat_map(|line| line.split_whitespace())
                .collect();
            assert_eq!(words.join(" ").replace('^', "").trim(), told);
        }
    }
}
