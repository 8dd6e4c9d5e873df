//! Help: one page with the keys that matter most where it was opened, and the list of all commands, with the signs on the
//! screen and what a filter can say. Both can be searched, and run what is selected. What is in them comes from the rows of
//! commands; this knows how they are searched and walked through, `help_view` how they are drawn.

use ratatui::buffer::Buffer;

use super::{CLOSE, Hint, Overlay, Panel, Scene, Spec, help_view};
use crate::query::help::FORMS;
use crate::widgets::{EditOp, LineEdit, ListCursor, Look};

/// A row of help.
#[derive(Clone, Debug)]
pub struct Entry {
    pub keys: String,
    pub doc: String,
    /// Of the command, on the list of all; empty on the page.
    pub name: &'static str,
    /// The command that the row runs, or what to do instead.
    pub does: Result<&'static str, String>,
}

/// Rows under a heading.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub entries: Vec<Entry>,
}

/// The page and the list, which of them is shown, and what is searched for in it.
#[derive(Clone, Debug)]
pub struct Help {
    /// The pane or overlay that the page is about.
    pub(super) place: String,
    page: Vec<Section>,
    list: Vec<Section>,
    /// The list is shown.
    pub(super) whole: bool,
    /// The page ends with the signs on the screen.
    pub(super) signs: bool,
    /// Words that narrow the rows.
    pub(super) find: Option<LineEdit>,
    /// The words are being typed.
    pub(super) typing: bool,
    pub(super) cursor: ListCursor,
    /// What lay on top before.
    pub below: Option<Box<Overlay>>,
}

impl Help {
    /// The list gets the signs and the filter language at its end.
    pub fn new(
        place: &str,
        page: Vec<Section>,
        mut list: Vec<Section>,
        signs: bool,
        below: Option<Box<Overlay>>,
    ) -> Self {
        let sign = |(sign, doc): &(&str, &str)| reported(sign, doc, "a sign on the screen");
        list.push(Section {
            title: "Symbols".to_owned(),
            entries: SIGNS.iter().map(sign).collect(),
        });
        let form = |(form, doc): &(&str, &str)| reported(form, doc, "type it into the filter");
        list.push(Section {
            title: "Filter syntax".to_owned(),
            entries: FORMS.iter().map(form).collect(),
        });
        Self {
            place: place.to_owned(),
            page,
            list,
            whole: false,
            signs,
            find: None,
            typing: false,
            cursor: ListCursor::default(),
            below,
        }
    }

    /// Turns from the page to the list of all commands, and back. Words that are searched for stay.
    pub fn turn(&mut self) {
        self.whole = !self.whole;
        self.cursor = ListCursor::default();
    }

    /// Begins to search, or to edit the words.
    pub fn start_find(&mut self) {
        self.find.get_or_insert_default();
        self.typing = true;
    }

    pub fn edit(&mut self, op: EditOp) {
        if let Some(find) = &mut self.find
            && find.apply(op)
        {
            self.cursor = ListCursor::default();
        }
    }

    /// Ends typing; the rows stay narrowed.
    pub fn end_find(&mut self) {
        self.typing = false;
        if self
            .find
            .as_ref()
            .is_some_and(|find| find.text().is_empty())
        {
            self.find = None;
        }
    }

    /// Drops the words. Says whether there were any.
    pub fn clear(&mut self) -> bool {
        self.typing = false;
        self.cursor = ListCursor::default();
        self.find.take().is_some()
    }

    /// The command of the row under the cursor; an error says what to do instead.
    pub fn chosen(&self) -> Result<&'static str, String> {
        let shown = self.shown();
        let mut rows = shown.iter().flat_map(|(_, entries)| entries);
        let entry = rows.nth(self.cursor.at).ok_or("no row matches")?;
        entry.does.clone()
    }

    /// Headings with their rows that hold all the words.
    pub(super) fn shown(&self) -> Vec<(&str, Vec<&Entry>)> {
        let sections = if self.whole { &self.list } else { &self.page };
        let words = self.find.as_ref().map_or("", LineEdit::text).to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let fits = |title: &str, entry: &Entry| {
            let Entry {
                keys, doc, name, ..
            } = entry;
            let text = format!("{keys} {doc} {name} {title}").to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let narrowed = sections.iter().map(|section| {
            let title = section.title.as_str();
            let entries = section.entries.iter();
            (
                title,
                entries.filter(|e| fits(title, e)).collect::<Vec<_>>(),
            )
        });
        narrowed.filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Goes to the row at the left or the right.
    pub fn across(&mut self, scene: &Scene<'_>, by: isize) {
        if let Some(at) = help_view::across(self, scene.room(), by) {
            self.cursor.at = at;
        }
    }
}

/// A row that only explains.
fn reported(keys: &str, doc: &str, why: &str) -> Entry {
    Entry {
        keys: keys.to_owned(),
        doc: doc.to_owned(),
        name: "",
        does: Err(why.to_owned()),
    }
}

/// What is on the screen without a word.
const SIGNS: &[(&str, &str)] = &[
    ("▸", "The row under the cursor"),
    ("!", "List: failed event (status 400 or above)"),
    (
        "★",
        "List: first-seen user, address, client, repository or credential",
    ),
    ("m  n", "List: marked event; marked event with a note"),
    ("o", "Context: the event whose neighbours are shown"),
    ("····", "List: gap without events"),
    ("5 ≠", "Facet heading: five distinct values"),
    ("+  -", "Facet value: included; excluded"),
    ("~12", "Count not final: loading or counting continues"),
    ("—  \"\"", "Detail: field missing; field empty"),
    ("user*", "Detail: derived field, not logged"),
];

const RUN: Hint = ("help.run", "run");
const FIND: Hint = ("help.find", "find");
const PAGE: &[Hint] = &[("app.help", "all commands"), FIND, RUN, CLOSE];
const LIST: &[Hint] = &[("app.help", "first page"), FIND, RUN, CLOSE];
const NARROWED: &[Hint] = &[
    RUN,
    ("app.back", "all rows"),
    FIND,
    ("app.help", "page or all commands"),
];
const TYPING: &[Hint] = &[
    ("enter", "to the rows"),
    ("up down", "choose"),
    ("app.back", "all rows"),
];

impl Panel for Help {
    fn spec(&self) -> Spec {
        let scopes: &[&str] = if self.typing {
            &["prompt"]
        } else {
            &["help", "overlay", "global"]
        };
        Spec {
            title: "HELP",
            scopes,
            hints: match (self.typing, &self.find, self.whole) {
                (true, ..) => TYPING,
                (_, Some(_), _) => NARROWED,
                (_, None, false) => PAGE,
                (_, None, true) => LIST,
            },
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.shown().iter().map(|(_, rows)| rows.len()).sum();
        Some((&mut self.cursor, places))
    }

    fn page(&self, scene: &Scene<'_>) -> usize {
        help_view::page(self, scene.room())
    }

    fn draw(&self, _scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        help_view::draw(self, look, buf)
    }
}
