//! Help: the keys of the focused pane first, then those that work everywhere, those of each overlay, the signs on the
//! screen, and what a filter can say. Made from the rows of commands, with their keys, and the table of the query language.

use ratatui::buffer::Buffer;

use super::{Panel, Scene, Spec, frame};
use crate::query::help::FORMS;
use crate::theme::Role;
use crate::widgets::{ListCursor, Look, text};

/// A line of help.
#[derive(Clone, Debug)]
enum Line {
    Title(String),
    Row {
        keys: String,
        doc: String,
        /// Of the command; empty on further lines of the same one.
        name: &'static str,
    },
    /// A form of the query language, and the first line of what it finds where that fits beside it.
    Form {
        form: &'static str,
        doc: String,
    },
    Blank,
}

/// Column where what a form finds begins, in a box wide enough for both.
const FINDS: u16 = 36;

/// Columns where the explanations start, and what the names of commands take where there is room for them.
const DOC: u16 = 21;
const NAME: u16 = 24;

fn name_width(width: u16) -> u16 {
    if width >= 90 { NAME } else { 0 }
}

/// A command as help tells it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub keys: String,
    pub doc: &'static str,
    pub name: &'static str,
}

/// The commands of each section, and how far down it is read.
#[derive(Clone, Debug)]
pub struct Help {
    sections: Vec<(String, Vec<Entry>)>,
    cursor: ListCursor,
}

impl Help {
    pub fn new(sections: Vec<(String, Vec<Entry>)>) -> Self {
        Self {
            sections,
            cursor: ListCursor::default(),
        }
    }

    /// All lines for a box so many cells wide.
    fn lines(&self, width: u16) -> Vec<Line> {
        let room = usize::from(width.saturating_sub(DOC + name_width(width)));
        let mut lines = Vec::new();
        for (title, entries) in &self.sections {
            lines.push(Line::Title(title.clone()));
            let row = |entry: &Entry| explained(&entry.keys, entry.doc, entry.name, room);
            lines.extend(entries.iter().flat_map(row));
            lines.push(Line::Blank);
        }
        lines.push(Line::Title("Symbols".into()));
        let sign = |(sign, doc): &(&str, &str)| explained(sign, doc, "", room);
        lines.extend(SIGNS.iter().flat_map(sign));
        lines.push(Line::Blank);
        lines.push(Line::Title("Filter syntax".into()));
        lines.extend(FORMS.iter().flat_map(|form| said(*form, width)));
        lines
    }
}

/// A form with what it finds: beside it in a wide box, below it in a narrow one.
fn said((form, doc): (&'static str, &str), width: u16) -> Vec<Line> {
    let beside = name_width(width) > 0;
    let start = if beside { FINDS } else { DOC };
    let mut docs = text::wrap(doc, usize::from(width.saturating_sub(start))).into_iter();
    let first = if beside { docs.next() } else { None };
    let head = Line::Form {
        form,
        doc: first.unwrap_or_default(),
    };
    let below = docs.map(|doc| Line::Form { form: "", doc });
    std::iter::once(head).chain(below).collect()
}

/// What stands on the screen without a word.
const SIGNS: &[(&str, &str)] = &[
    ("!", "List: failed event (status 400 or above)"),
    (
        "★",
        "List: first-seen user, address, client, repository or credential",
    ),
    ("m  n", "List: marked event; marked event with a note"),
    ("o", "Context: the event whose neighbours are shown"),
    ("5 ≠", "Facet heading: five distinct values"),
    ("+  -", "Facet value: included; excluded"),
    ("~12", "Count not final: loading or counting continues"),
    ("—  \"\"", "Detail: field missing; field empty"),
    ("user*", "Detail: derived field, not logged"),
];

fn explained(keys: &str, doc: &str, name: &'static str, room: usize) -> Vec<Line> {
    let row = |(at, doc): (usize, String)| Line::Row {
        keys: if at == 0 {
            keys.to_owned()
        } else {
            String::new()
        },
        doc,
        name: if at == 0 { name } else { "" },
    };
    text::wrap(doc, room)
        .into_iter()
        .enumerate()
        .map(row)
        .collect()
}

impl Panel for Help {
    fn spec(&self) -> Spec {
        Spec::of_text("HELP")
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.tops(self.lines(scene.room().0).len());
        Some((&mut self.cursor, places))
    }

    fn draw(&self, _scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let mut canvas = frame::draw("HELP", look, buf);
        let width = canvas.width();
        let lines = self.lines(width);
        for (y, line) in (0..canvas.height()).zip(lines.iter().skip(self.cursor.at)) {
            match line {
                Line::Title(title) => {
                    canvas.text(0, y, title, Role::TitleFocused);
                }
                Line::Row { keys, doc, name } => {
                    canvas.text(1, y, &text::clip(keys, 18), Role::HintKey);
                    canvas.text(DOC, y, doc, Role::Overlay);
                    if name_width(width) > 0 {
                        canvas.text(width - NAME + 1, y, name, Role::Dim);
                    }
                }
                Line::Form { form, doc } => {
                    canvas.text(1, y, form, Role::HintKey);
                    let start = if name_width(width) > 0 { FINDS } else { DOC };
                    canvas.text(start, y, doc, Role::Overlay);
                }
                Line::Blank => {}
            }
        }
        None
    }
}
