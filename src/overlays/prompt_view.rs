//! Drawing of prompts: the filter in its own line with its error below it, all others at the bottom.

use std::borrow::Cow;

use ratatui::buffer::Buffer;

use super::{Panel as _, Prompt, PromptKind, Scene, Written, choice_box};
use crate::export;
use crate::theme::Role;
use crate::widgets::{Area, Canvas, LineEdit, Look, Picture, text};

pub(super) fn draw(
    scene: &Scene<'_>,
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
            scene.facets.facets.get(at).map_or("", |facet| &facet.title)
        ),
        _ => prompt.spec().title.to_owned(),
    };
    let start = text::width(&label) as u16 + 3;
    let count = prompt.preview.count.map(|(count, whole)| {
        let about = if whole { "" } else { "~" };
        format!("{about}{} would match", text::grouped(count))
    });
    // The count is shown at the right if there is enough room for the text.
    let count =
        count.filter(|says| usize::from(start) + 22 + text::width(says) < usize::from(width));
    let taken = count.as_ref().map_or(0, |says| text::width(says) + 2);
    let room = usize::from(width.saturating_sub(start + 1)) - taken;
    // An error at the end of the text is hidden while completions are shown: the text is merely incomplete.
    let end = prompt.edit.text().trim_end().len();
    let problem = prompt
        .problem
        .as_ref()
        .filter(|problem| !prompt.preview.has_choices() || problem.at < end);
    let trouble = problem.map(|problem| {
        // The caret points at the error unless the text is scrolled.
        let head = prompt.edit.text().get(..problem.at).unwrap_or_default();
        trouble(
            &problem.text,
            text::width(head).min(room.saturating_sub(1)),
            room,
        )
    });
    let below = u16::from(matches!(prompt.kind, PromptKind::Write(_)));
    let high = trouble.as_ref().map_or(1, |lines| 1 + lines.len() as u16) + below;
    let is_on_top = matches!(prompt.kind, PromptKind::Filter | PromptKind::Time);
    let y = if is_on_top {
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
    if let Some(says) = &count {
        canvas.text_before(width.saturating_sub(1), 0, says, Role::Count);
    }
    let (shown, cursor) = match text::hidden(prompt.edit.text()) {
        Cow::Borrowed(_) => prompt.edit.visible(room),
        // The text cursor is at the end: its real position has no meaning in masked text.
        Cow::Owned(text) => LineEdit::new(&text).visible(room),
    };
    canvas.text(start, 0, &shown, Role::Text);
    for (y, line) in (1..).zip(trouble.iter().flatten()) {
        canvas.text(start, y, line, Role::Error);
    }
    if let PromptKind::Write(what) = prompt.kind {
        let wide = canvas.width();
        draw_written(scene, prompt, what, &mut canvas.inset(0, high - 1, wide, 1));
    }
    // The box is below a line at the top, and above a line at the bottom.
    let room = if is_on_top {
        Area {
            x: 0,
            y: y + high,
            width,
            height: height.saturating_sub(y + high + 1),
        }
    } else {
        let high = y.saturating_sub(1).min(HIGH);
        Area {
            x: 0,
            y: y - high,
            width,
            height: high,
        }
    };
    let (title, (rows, selected)) = match prompt.kind {
        PromptKind::Filter => ("SUGGESTIONS", prompt.preview.rows()),
        PromptKind::Time => ("TIME RANGES", prompt.presets.rows(scene.zone)),
        PromptKind::Open => ("SOURCES", prompt.paths.rows()),
        _ => ("", (Vec::new(), None)),
    };
    choice_box::draw(title, (&rows, selected), room, is_on_top, look, buf);
    Some((start + cursor as u16, y))
}

/// Maximum height of a box above the line: the rest of the screen stays visible.
const HIGH: u16 = 14;

/// Draws the kinds of export, the selected one highlighted, and the valid file extensions.
fn draw_written(scene: &Scene<'_>, prompt: &Prompt, what: Written, canvas: &mut Canvas<'_>) {
    let about = if scene.provisional { "~" } else { "" };
    let all = format!("all {about}{} shown", text::grouped(scene.matched));
    let marked = format!("{} marked", text::grouped(scene.marks.len() as u64));
    let mut x = 1;
    for kind in prompt.kinds(scene) {
        if text::is_hiding() && kind != Written::Screen {
            continue;
        }
        let says = match kind {
            Written::Table => "this table",
            Written::All => &all,
            Written::Report => "report",
            Written::Screen => "screen",
            Written::Marked => &marked,
        };
        let (role, says) = if kind == what {
            (Role::Selection, format!("[{says}]"))
        } else {
            (Role::Dim, format!(" {says} "))
        };
        x = canvas.text(x, 0, &says, role) + 1;
    }
    let endings: Vec<String> = match what {
        Written::Report => vec![".md".to_owned()],
        Written::Screen => Picture::ENDINGS
            .iter()
            .map(|(ending, _)| format!(".{ending}"))
            .collect(),
        Written::Table => export::EXPORTS
            .iter()
            .map(|export| format!(".{}", export.extension))
            .collect(),
        Written::All | Written::Marked => export::formats()
            .map(|(_, ending, _)| format!(".{ending}"))
            .collect(),
    };
    let endings = endings.join(" ");
    if usize::from(x) + 2 + text::width(&endings) < usize::from(canvas.width()) {
        let end = canvas.width().saturating_sub(1);
        canvas.text_before(end, 0, &endings, Role::Dim);
    }
}

/// Caret line of an error: the message is next to the caret if it fits, or else on separate lines below.
fn trouble(reported: &str, at: usize, room: usize) -> Vec<String> {
    let caret = format!("{:at$}^", "");
    let wide = text::width(reported);
    if at + 2 + wide <= room {
        vec![format!("{caret} {reported}")]
    } else if wide < at {
        vec![format!("{reported:>width$} ^", width = at - 1)]
    } else {
        let mut lines = vec![caret];
        lines.extend(text::wrap(reported, room));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_long_queries_are_not_cut_and_their_caret_stays_in_place() {
        let reported = "column 13: did you mean `not outcome`? expected `not` before what is left out, found `-`";
        for (at, room) in [(0, 70), (12, 70), (69, 70), (12, 40), (90, 200), (99, 110)] {
            let lines = trouble(reported, at, room);
            assert!(
                lines.iter().all(|line| text::width(line) <= room),
                "{lines:?}"
            );
            assert_eq!(lines[0].find('^'), Some(at), "{lines:?}");
            let words: Vec<&str> = lines
                .iter()
                .flat_map(|line| line.split_whitespace())
                .collect();
            assert_eq!(words.join(" ").replace('^', "").trim(), reported);
        }
    }
}
