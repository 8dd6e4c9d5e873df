//! The prompt for the name of a file: what is to be written, turned by tab, and what the ending of the name means.

use super::prompt::{Prompt, PromptKind};
use super::{Overlay, prompt};
use crate::app::writing::{Written, format_of};
use crate::app::{App, Effect};
use crate::export;
use crate::overlays::names::Problem;
use crate::theme::Role;
use crate::widgets::{Canvas, text};

/// Opens the prompt.
pub fn ask_for_file(app: &mut App, what: Written) {
    let name = app.name_of_file(what);
    app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Write(what), &name)));
}

/// Goes on to the next thing that can be written; the ending of the name goes along where it was a usual one.
pub(super) fn turn(app: &App, prompt: &mut Prompt) {
    let PromptKind::Write(what) = prompt.kind else {
        return;
    };
    let next = match what {
        Written::All if app.marks.is_empty() => Written::Report,
        Written::All => Written::Marked,
        Written::Marked => Written::Report,
        Written::Report => Written::All,
    };
    prompt.kind = PromptKind::Write(next);
    let usual = app.name_of_file(next);
    let typed = prompt.edit.text();
    let ending = |name: &str| match name.strip_suffix(REPORT) {
        Some(_) => Some(REPORT.to_owned()),
        None => format_of(name).ok().map(|(_, ending)| format!(".{ending}")),
    };
    if (what == Written::Report) != (next == Written::Report)
        && let Some((old, new)) = ending(typed).zip(ending(&usual))
    {
        let stem = &typed[..typed.len() - old.len()];
        prompt.edit.set(&format!("{stem}{new}"));
    }
    prompt.problem = None;
    prompt.replaces = false;
}

/// What names of reports end in where nobody says otherwise.
const REPORT: &str = ".report.md";

/// Has the file written; the prompt stays until it could be begun.
pub(super) fn accept(app: &mut App, prompt: &mut Prompt, effects: &mut Vec<Effect>) {
    let (PromptKind::Write(what), path) = (prompt.kind, prompt.edit.text().trim().to_owned())
    else {
        return;
    };
    let replaces = std::mem::take(&mut prompt.replaces);
    let asked = app.write(what, &path, replaces, effects);
    prompt.problem = asked.err().map(problem);
}

fn problem(text: String) -> Problem {
    Problem {
        at: 0,
        text,
        slip: false,
    }
}

/// The file could be begun: there is nothing more to say to it.
pub fn begun(app: &mut App) {
    if let Some(open) = prompt::take(app)
        && !matches!(open.kind, PromptKind::Write(_))
    {
        app.overlay = Some(Overlay::Prompt(open));
    }
}

/// The file could not be begun. With `exists`, enter replaces what is there.
pub fn refused(app: &mut App, path: &str, why: String, exists: bool) {
    let Some(mut open) = prompt::take(app) else {
        return app.tell(why);
    };
    if matches!(open.kind, PromptKind::Write(_)) && open.edit.text().trim() == path {
        open.problem = Some(problem(why));
        open.replaces = exists;
    } else {
        app.tell(why);
    }
    app.overlay = Some(Overlay::Prompt(open));
}

/// Draws what can be written, the chosen thing marked, and the endings there are.
pub(super) fn draw(app: &App, what: Written, canvas: &mut Canvas<'_>) {
    let about = if app.is_provisional() { "~" } else { "" };
    let all = format!("all {about}{} shown", text::grouped(app.counts.matched));
    let marked = format!("{} marked", text::grouped(app.marks.len() as u64));
    let mut x = 1;
    for (kind, says) in [
        (Written::All, all.as_str()),
        (Written::Marked, &marked),
        (Written::Report, "report"),
    ] {
        if kind == Written::Marked && app.marks.is_empty() {
            continue;
        }
        let (role, says) = if kind == what {
            (Role::Selection, format!("[{says}]"))
        } else {
            (Role::Dim, format!(" {says} "))
        };
        x = canvas.text(x, 0, &says, role) + 1;
    }
    let endings: Vec<String> = match what {
        Written::Report => vec![".md".to_owned()],
        _ => export::formats()
            .map(|(_, ending, _)| format!(".{ending}"))
            .collect(),
    };
    let endings = endings.join(" ");
    if usize::from(x) + 2 + text::width(&endings) < usize::from(canvas.width()) {
        let end = canvas.width().saturating_sub(1);
        canvas.text_before(end, 0, &endings, Role::Dim);
    }
}
