//! Preview of the filter prompt: the number of matches of the typed filter, and completions at the cursor. Counting
//! waits for a pause in typing; a newer text makes older requests stale.

use std::sync::Arc;

use super::Scene;
use super::choice_box::{self, Row};
use super::examples::{self, Requested};
use super::query_input::{self, Names};
use super::rank;
use super::suggest::{self, Choice, Section};
use crate::engine::{Answer, FacetOrder, FacetWant, SideQuery, SideQueryWant};
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;
use crate::query::{Chip, CompletionKind, Node};
use crate::widgets::{LineEdit, text};

/// Pause in typing before anything is counted.
const REST: Nanos = SECOND / 20;

/// Maximum number of values requested of one field.
const VALUES: usize = 40;

/// Number of letters from which the values of all fields are searched.
const WORD: usize = 2;

/// Maximum number of earlier filters shown.
const RECENT: usize = 3;

/// Preview of the text in the prompt.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Number of matches of the text; the flag is false while counting is incomplete.
    pub count: Option<(u64, bool)>,
    choices: Vec<Choice>,
    selected: Option<usize>,
    /// Earlier filters, newest first.
    recent: Vec<String>,
    /// The choices are those for an empty line.
    is_teaching: bool,
    /// Time of the next request.
    due: Option<Nanos>,
    /// Values that complete the text at the cursor.
    value: Option<Wanted>,
    asked: Asked,
    /// Text whose watchlists are loaded, with its query.
    loaded: Option<Box<(String, Node)>>,
}

/// Values to request: of a field or of all common fields, with the text that they contain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    field: Option<Arc<str>>,
    text: String,
}

/// Content of the newest request.
#[derive(Clone, Debug, Default)]
struct Asked {
    id: u64,
    counted: bool,
    /// Number of side queries in the request.
    wants: usize,
    value: Option<Wanted>,
    /// The line was empty.
    examples: Option<Requested>,
}

impl Preview {
    /// Preview of a newly opened prompt: its text is counted immediately. `recent` are earlier filters, newest first.
    pub(super) fn new(text: &str, recent: Vec<String>) -> Self {
        let mut preview = Self {
            due: Some(0),
            recent,
            ..Self::default()
        };
        if text.trim().is_empty() {
            preview.teach();
        }
        preview
    }

    /// Shows the choices for an empty line: earlier filters and the common fields.
    fn teach(&mut self) {
        self.is_teaching = true;
        let recent = self.recent.iter().take(RECENT);
        let recent = recent.map(|text| Choice::line(Section::Recent, text, String::new()));
        self.choices = recent.chain(suggest::common_fields()).collect();
    }

    /// Returns true if there is something to choose from.
    pub(super) fn has_choices(&self) -> bool {
        !self.choices.is_empty()
    }

    /// Rows to show, and the selected one.
    pub(super) fn rows(&self) -> (Vec<Row>, Option<usize>) {
        suggest::rows(&self.choices, self.selected)
    }

    pub fn is_choosing(&self) -> bool {
        self.selected.is_some()
    }

    /// Moves in the choices; the position before the first one is the text itself. Returns false if there are no
    /// choices.
    pub fn step(&mut self, down: bool) -> bool {
        self.selected = choice_box::step(self.selected, self.choices.len(), down);
        !self.choices.is_empty()
    }

    /// Inserts the selected choice at the cursor, or else the first one that continues the text. Returns true if there
    /// was a choice to insert.
    pub fn pick(&self, edit: &mut LineEdit, names: &Names) -> bool {
        let choice = match self.selected {
            Some(at) => self.choices.get(at),
            // In an empty line, there is nothing to continue.
            None if edit.text().trim().is_empty() => None,
            None => self.choices.iter().find(|choice| choice.continues),
        };
        let Some(choice) = choice else {
            return false;
        };
        if choice.section.is_whole_line() {
            edit.set(&choice.insert);
        } else {
            let wanted = query_input::completion(edit, names);
            edit.replace(wanted.span, &choice.insert);
        }
        true
    }

    /// Stores the query of a text whose watchlists are loaded, and requests its count.
    pub fn loaded(&mut self, text: String, query: Node, now: Nanos) {
        self.loaded = Some(Box::new((text, query)));
        self.due = Some(now);
    }

    /// Query of a text whose watchlists are loaded.
    fn query_of(&self, text: &str) -> Option<&Node> {
        let (of, query) = &**self.loaded.as_ref()?;
        (of == text).then_some(query)
    }

    /// Closes the choices.
    pub fn close(&mut self) {
        self.is_teaching = false;
        self.choices.clear();
        self.selected = None;
    }

    /// Handles a changed text. With `all`, field names are offered before any letter is typed.
    pub fn changed(&mut self, edit: &LineEdit, names: &Names, now: Nanos, all: bool) {
        self.due = Some(now + REST);
        self.selected = None;
        self.is_teaching = false;
        let wanted = query_input::completion(edit, names);
        let prefix = wanted.prefix;
        let before = self.value.take();
        match wanted.kind {
            CompletionKind::Field if edit.text().trim().is_empty() && !all => self.teach(),
            CompletionKind::Field if prefix.is_empty() && !all => self.choices.clear(),
            CompletionKind::Field => {
                // Values of the word so far stay until the new ones arrive, if they still contain it.
                let values = std::mem::take(&mut self.choices).into_iter();
                let stays = |choice: &Choice| {
                    choice.section == Section::Values
                        && rank::inside(&choice.text, &prefix).is_some()
                };
                self.choices = suggest::fields(&prefix, names);
                self.choices.extend(values.filter(stays));
                self.choices.sort_by_key(|choice| choice.section);
                if prefix.chars().count() >= WORD {
                    self.value = Some(Wanted {
                        field: None,
                        text: prefix,
                    });
                }
            }
            CompletionKind::Operator => self.choices = suggest::operators(&prefix),
            CompletionKind::Value { field } => {
                // Clear the choices: values of another field would mislead until the new ones arrive.
                let field = Some(field);
                if before.is_none_or(|before| before.field != field) {
                    self.choices.clear();
                }
                self.value = Some(Wanted {
                    field,
                    text: prefix,
                });
            }
        }
    }

    /// Time of the next request, if one is needed.
    pub fn due(&self) -> Option<Nanos> {
        self.due
    }

    /// Clears the due time, as the request is about to be sent. If the text uses watchlists that are not loaded,
    /// returns its query: they must be read first.
    pub fn asking(&mut self, text: &str, names: &Names) -> Option<Node> {
        self.due = None;
        let known = self.query_of(text).is_some();
        let (query, _) = query_input::filter(text, names, 0, Zone::Utc).ok()?;
        (!known && query.wants_files()).then_some(query)
    }

    /// Side queries for a text, in the request with this id.
    pub(super) fn want(&mut self, id: u64, text: &str, scene: &Scene<'_>) -> Vec<SideQueryWant> {
        let mut wants = Vec::new();
        let loaded = self.query_of(text).cloned();
        let parsed = query_input::filter(text, scene.names, scene.clock, scene.zone).ok();
        let parsed = parsed.map(|(query, typed)| (loaded.unwrap_or(query), typed));
        self.asked = Asked {
            id,
            counted: parsed.is_some(),
            wants: usize::from(parsed.is_some()) + usize::from(self.value.is_some()),
            value: self.value.clone(),
            examples: None,
        };
        if let Some((query, typed)) = parsed {
            let mut candidate = (**scene.filter).clone();
            candidate.query = query;
            candidate.text = typed.text;
            if !typed.range.is_all() {
                candidate.range = typed.range;
            }
            wants.push(SideQueryWant {
                filter: Arc::new(candidate),
                facets: Vec::new(),
                histogram: None,
                seen: false,
            });
        } else {
            self.count = None;
        }
        if let Some(Wanted { field, text }) = &self.value {
            // The text is incomplete: complete values with the rest of the filter.
            let filter = scene.filter.without(&Chip::Text);
            let facets = match field {
                Some(field) => vec![FacetWant {
                    field: field.clone(),
                    order: FacetOrder::Count,
                    limit: VALUES,
                    find: Some(text.clone()).filter(|text| !text.is_empty()),
                }],
                None => suggest::wants(text, &filter.picks),
            };
            wants.push(SideQueryWant {
                filter: Arc::new(filter),
                facets,
                histogram: None,
                seen: false,
            });
        }
        if text.trim().is_empty() {
            let (requested, queries) = examples::wants(scene);
            self.asked.wants += requested.len();
            self.asked.examples = Some(requested);
            wants.extend(queries);
        }
        wants
    }

    /// Applies the parts of an answer that belong to the text.
    pub(super) fn arrive(&mut self, answer: &Answer) {
        if self.asked.wants == 0 || answer.id != self.asked.id {
            return;
        }
        let own = answer.side.get(..self.asked.wants);
        let mut parts = own.unwrap_or(&answer.side).iter();
        if self.asked.counted
            && let Some(part) = parts.next()
        {
            self.count = Some((part.matched, answer.complete));
        }
        if let Some(requested) = &self.asked.examples {
            if answer.complete && parts.len() == requested.len() {
                self.show_examples(examples::choose(requested, parts.as_slice()));
            }
            return;
        }
        let Some(part) = parts.next() else {
            return;
        };
        // If the text has changed, its own request follows.
        if self.value == self.asked.value && answer.complete {
            self.take_values(part);
        }
    }

    fn take_values(&mut self, part: &SideQuery) {
        let Some(Wanted { field, text }) = &self.value else {
            return;
        };
        let chosen = self.selected.and_then(|at| self.choices.get(at)).cloned();
        if field.is_some() {
            self.choices = part
                .facets
                .first()
                .map(suggest::values_of)
                .unwrap_or_default();
            // A single value that is typed completely is not a choice.
            if self.choices.len() == 1 && *self.choices[0].text == **text {
                self.choices.clear();
            }
        } else {
            self.choices
                .retain(|choice| choice.section != Section::Values);
            self.choices.extend(suggest::values(text, &part.facets));
            self.choices.sort_by_key(|choice| choice.section);
        }
        self.keep(chosen);
    }

    /// Keeps a choice selected if it is still there.
    fn keep(&mut self, chosen: Option<Choice>) {
        let is_it = |choice: &Choice, chosen: &Choice| {
            (choice.section, &choice.text) == (chosen.section, &chosen.text)
        };
        let at = |chosen| {
            self.choices
                .iter()
                .position(|choice| is_it(choice, &chosen))
        };
        self.selected = chosen.and_then(at);
    }

    /// Shows examples, unless something was typed since.
    fn show_examples(&mut self, found: Vec<(String, u64)>) {
        if self.due.is_some() || !self.is_teaching {
            return;
        }
        let chosen = self.selected.and_then(|at| self.choices.get(at)).cloned();
        let example = |(text, count): (String, u64)| {
            Choice::line(Section::Examples, &text, text::counted(count, "event"))
        };
        self.choices
            .retain(|choice| choice.section != Section::Examples);
        self.choices.extend(found.into_iter().map(example));
        self.choices.sort_by_key(|choice| choice.section);
        self.keep(chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (LineEdit, Preview) {
        let edit = LineEdit::new(text);
        let mut preview = Preview::new("", Vec::new());
        preview.changed(&edit, &Names::default(), 0, false);
        (edit, preview)
    }

    #[test]
    fn names_are_found_by_some_of_their_letters_those_that_begin_so_first() {
        let (mut edit, mut preview) = typed("not ac");
        assert!(preview.choices.len() > 2);
        assert!(preview.choices[0].text.starts_with("ac"));
        let at = preview.choices.iter().position(|c| &*c.text == "action");
        for _ in 0..=at.expect("is one") {
            preview.step(true);
        }
        assert!(preview.pick(&mut edit, &Names::default()));
        assert_eq!(edit.text(), "not action:");
        let (_, preview) = typed("rmtaddr");
        assert_eq!(&*preview.choices[0].text, "http_request_remoteaddr");
    }

    #[test]
    fn an_empty_line_offers_earlier_filters_and_fields_with_their_meanings() {
        let recent = vec!["status:404".to_owned(), "action:DeleteTag".to_owned()];
        let mut preview = Preview::new("", recent);
        let (rows, _) = preview.rows();
        assert!(rows[0].is_heading && rows[1].text == "status:404");
        let action = rows.iter().find(|row| row.text == "action");
        assert_eq!(
            action.map(|row| row.meaning.as_str()),
            Some("Registry operation")
        );
        assert!(!preview.pick(&mut LineEdit::new(""), &Names::default()));
        preview.step(true);
        let mut edit = LineEdit::new("");
        assert!(preview.pick(&mut edit, &Names::default()));
        assert_eq!(edit.text(), "status:404");
        assert!(typed("action:x and ").1.choices.is_empty());
    }

    #[test]
    fn tab_never_replaces_a_word_by_a_name_that_does_not_begin_with_it() {
        for word in ["del", "dl", "entia"] {
            let (mut edit, preview) = typed(word);
            assert!(!preview.pick(&mut edit, &Names::default()), "{word}");
            assert_eq!(edit.text(), word);
        }
        let (mut edit, preview) = typed("AC");
        assert!(preview.pick(&mut edit, &Names::default()));
        assert_eq!(edit.text(), "action:");
    }

    #[test]
    fn up_from_the_first_choice_is_the_text_itself() {
        let (_, mut preview) = typed("ac");
        assert!(preview.step(true) && preview.is_choosing());
        assert!(preview.step(false) && !preview.is_choosing());
        assert!(preview.step(false) && !preview.is_choosing());
    }

    #[test]
    fn operators_say_what_they_mean() {
        let (_, preview) = typed("action =");
        assert!(
            preview
                .choices
                .iter()
                .all(|choice| !choice.meaning.is_empty())
        );
    }
}
