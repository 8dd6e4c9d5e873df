//! Help: a page of the most important keys for the current pane or overlay, and a list of all commands, symbols and
//! filter forms. Both can be searched, and both run the selected command. Their content comes from the command table;
//! this module contains search and navigation, and `help_view` the drawing.

use ratatui::buffer::Buffer;

use super::{CLOSE, Hint, Overlay, Panel, Scene, Spec, help_view};
use crate::query::help::FORMS;
use crate::widgets::{EditOp, LineEdit, ListCursor, Look};

/// Row of help.
#[derive(Clone, Debug)]
pub struct Entry {
    pub keys: String,
    pub doc: String,
    /// Name of the command in the list of all commands; empty on the page.
    pub name: &'static str,
    /// Command that the row runs, or the reason why it runs none, with the key to press.
    pub does: Result<&'static str, String>,
}

/// Rows under a heading.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub entries: Vec<Entry>,
}

/// Open help: the page, the list, the search text and the cursor.
#[derive(Clone, Debug)]
pub struct Help {
    /// Title of the pane or overlay that the page is about.
    pub(super) place: String,
    page: Vec<Section>,
    list: Vec<Section>,
    /// The list of all commands is shown, not the page.
    pub(super) whole: bool,
    /// The page ends with the legend of symbols.
    pub(super) signs: bool,
    /// Search words; they narrow the rows.
    pub(super) find: Option<LineEdit>,
    /// The search words are being edited.
    pub(super) typing: bool,
    pub(super) cursor: ListCursor,
    /// Overlay that was open before.
    pub below: Option<Box<Overlay>>,
}

impl Help {
    /// Creates help that shows the page; adds the symbols and the filter syntax to the end of `list`.
    pub fn new(
        place: &str,
        page: Vec<Section>,
        mut list: Vec<Section>,
        signs: bool,
        below: Option<Box<Overlay>>,
    ) -> Self {
        let sign = |(sign, doc): &(&str, &str)| explained(sign, doc, "a sign on the screen");
        list.push(Section {
            title: "Symbols".to_owned(),
            entries: SIGNS.iter().map(sign).collect(),
        });
        let form = |(form, doc): &(&str, &str)| explained(form, doc, "type it into the filter");
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

    /// Switches between the page and the list of all commands. Keeps the search words.
    pub fn turn(&mut self) {
        self.whole = !self.whole;
        self.cursor = ListCursor::default();
    }

    /// Starts editing the search words.
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

    /// Stops editing; the rows stay narrowed.
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

    /// Clears the search words. Returns true if there were any.
    pub fn clear(&mut self) -> bool {
        self.typing = false;
        self.cursor = ListCursor::default();
        self.find.take().is_some()
    }

    /// Command of the row under the cursor; the error is an instruction to the user.
    pub fn chosen(&self) -> Result<&'static str, String> {
        let shown = self.shown();
        let mut rows = shown.iter().flat_map(|(_, entries)| entries);
        let entry = rows.nth(self.cursor.at).ok_or("no row matches")?;
        entry.does.clone()
    }

    /// Headings with the rows that contain all search words.
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

    /// Moves to the row in the column at the left or the right.
    pub fn across(&mut self, scene: &Scene<'_>, by: isize) {
        if let Some(at) = help_view::across(self, scene.room(), by) {
            self.cursor.at = at;
        }
    }
}

/// Row that explains something and runs no command.
fn explained(keys: &str, doc: &str, why: &str) -> Entry {
    Entry {
        keys: keys.to_owned(),
        doc: doc.to_owned(),
        name: "",
        does: Err(why.to_owned()),
    }
}

/// Symbols on the screen, with explanations.
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
    ("app.help", "all commands"),
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
