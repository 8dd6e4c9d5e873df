//! Preview of the filter prompt: the number of matches of the typed filter, and completions at the cursor. Counting
//! waits for a pause in typing; a newer text makes older requests stale.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::Scene;
use super::examples::{self, Requested};
use super::query_input::{self, Names};
use crate::engine::{Answer, FacetOrder, FacetWant, SideQueryWant};
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;
use crate::query::{CompletionKind, Node, OPERATORS};
use crate::widgets::{LineEdit, text};

/// Pause in typing before anything is counted.
const REST: Nanos = SECOND / 20;

/// Maximum number of values requested.
const VALUES: usize = 40;

/// Preview of the text in the prompt.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Number of matches of the text; the flag is false while counting is incomplete.
    pub count: Option<(u64, bool)>,
    choices: Vec<Choice>,
    selected: Option<usize>,
    /// The choices are examples of complete queries, for an empty line.
    examples: bool,
    /// Time of the next request.
    due: Option<Nanos>,
    /// Field whose values complete the text at the cursor, and the prefix typed.
    value: Option<(Arc<str>, String)>,
    asked: Asked,
    /// Text whose watchlists are loaded, with its query.
    loaded: Option<Box<(String, Node)>>,
}

/// Content of the newest request.
#[derive(Clone, Debug, Default)]
struct Asked {
    id: u64,
    counted: bool,
    /// Number of side queries in the request.
    wants: usize,
    value: Option<(Arc<str>, String)>,
    /// The line was empty.
    examples: Option<Requested>,
}

/// Completion at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) text: Arc<str>,
    /// Number of occurrences, or meaning.
    pub(super) note: String,
    /// Text to insert into the line.
    insert: String,
}

impl Preview {
    /// Preview of a newly opened prompt: its text is counted immediately.
    pub(super) fn new() -> Self {
        Self {
            due: Some(0),
            ..Self::default()
        }
    }

    pub(super) fn choices(&self) -> (&[Choice], Option<usize>) {
        (&self.choices, self.selected)
    }

    pub fn is_choosing(&self) -> bool {
        self.selected.is_some()
    }

    /// Moves in the choices; the position before the first one is the text itself. Returns false if there are no
    /// choices.
    pub fn step(&mut self, down: bool) -> bool {
        let last = self.choices.len().saturating_sub(1);
        self.selected = match (self.selected, down) {
            (None, true) if !self.choices.is_empty() => Some(0),
            (Some(at), true) => Some((at + 1).min(last)),
            (Some(at), false) => at.checked_sub(1),
            (None, _) => None,
        };
        !self.choices.is_empty()
    }

    /// Inserts the selected choice at the cursor, or else the best one; examples are inserted only if selected. Returns
    /// true if there was a choice to insert.
    pub fn pick(&self, edit: &mut LineEdit, names: &Names) -> bool {
        if self.examples && self.selected.is_none() {
            return false;
        }
        let Some(choice) = self.choices.get(self.selected.unwrap_or(0)) else {
            return false;
        };
        let wanted = query_input::completion(edit, names);
        edit.replace(wanted.span, &choice.insert);
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
        self.choices.clear();
        self.selected = None;
        self.examples = false;
    }

    /// Handles a changed text. With `all`, field names are offered before any letter is typed.
    pub fn changed(&mut self, edit: &LineEdit, names: &Names, now: Nanos, all: bool) {
        self.due = Some(now + REST);
        self.selected = None;
        self.examples = false;
        let wanted = query_input::completion(edit, names);
        let prefix = wanted.prefix;
        self.value = None;
        match wanted.kind {
            CompletionKind::Field if prefix.is_empty() && !all => self.choices.clear(),
            CompletionKind::Field => self.choices = fields(&prefix, names),
            CompletionKind::Operator => self.choices = operators(&prefix),
            CompletionKind::Value { field } => {
                // Clear the choices: values of another field would mislead until the new ones arrive.
                if self.asked.value.as_ref().is_none_or(|(of, _)| *of != field) {
                    self.choices.clear();
                }
                self.value = Some((field, prefix));
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
        if let Some((field, prefix)) = &self.value {
            wants.push(SideQueryWant {
                // The text is incomplete: complete values with the rest of the filter.
                filter: Arc::new(scene.filter.without(&crate::query::Chip::Text)),
                facets: vec![FacetWant {
                    field: field.clone(),
                    order: FacetOrder::Count,
                    limit: VALUES,
                    find: Some(prefix.clone()).filter(|prefix| !prefix.is_empty()),
                }],
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
        let Some(table) = parts.next().and_then(|part| part.facets.first()) else {
            return;
        };
        // The text has changed: its own request follows.
        if self.value != self.asked.value || !answer.complete {
            return;
        }
        let about = |count: u64| text::grouped(count);
        let choice = |entry: &crate::engine::FacetValue| {
            let value = entry.value.clone()?;
            Some(Choice {
                note: about(entry.count),
                insert: query_input::spelled(&value),
                text: value,
            })
        };
        let chosen = self
            .selected
            .and_then(|at| self.choices.get(at))
            .map(|choice| choice.text.clone());
        self.choices = table.values.iter().filter_map(choice).collect();
        // A single value that is typed completely is not a choice.
        if let ([only], Some((_, typed))) = (self.choices.as_slice(), &self.value)
            && *only.text == **typed
        {
            self.choices.clear();
        }
        self.selected =
            chosen.and_then(|text| self.choices.iter().position(|choice| choice.text == text));
    }
}

impl Preview {
    /// Shows examples, unless something else has been requested since. The selected example stays selected.
    fn show_examples(&mut self, found: Vec<(String, u64)>) {
        if self.due.is_some() || !(self.choices.is_empty() || self.examples) {
            return;
        }
        let choice = |(text, count): (String, u64)| Choice {
            note: text::counted(count, "event"),
            insert: text.clone(),
            text: text.into(),
        };
        self.choices = found.into_iter().map(choice).collect();
        self.examples = true;
        let last = self.choices.len().checked_sub(1);
        self.selected = self.selected.and_then(|at| last.map(|last| at.min(last)));
    }
}

fn fields(prefix: &str, names: &Names) -> Vec<Choice> {
    let fuzzy = SkimMatcherV2::default().ignore_case();
    let mut hits: Vec<(bool, i64, Arc<str>)> = names
        .all()
        .into_iter()
        .filter_map(|name| {
            let score = fuzzy.fuzzy_match(&name, prefix)?;
            Some((!name.starts_with(prefix), -score, name))
        })
        .collect();
    hits.sort_by(|a, b| (a.0, a.1, a.2.len(), &a.2).cmp(&(b.0, b.1, b.2.len(), &b.2)));
    let choice = |(_, _, name): (bool, i64, Arc<str>)| Choice {
        note: String::new(),
        insert: format!("{}:", query_input::spelled(&name)),
        text: name,
    };
    hits.into_iter().map(choice).collect()
}

fn operators(prefix: &str) -> Vec<Choice> {
    let fits = OPERATORS.iter().filter(|(op, _)| op.starts_with(prefix));
    let choice = |(op, meaning): &(&str, &str)| Choice {
        text: (*op).into(),
        note: (*meaning).to_owned(),
        insert: if *op == "in" { "in " } else { op }.to_owned(),
    };
    fits.map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (LineEdit, Preview) {
        let edit = LineEdit::new(text);
        let mut preview = Preview::new();
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
    fn nothing_is_offered_before_a_letter_is_typed() {
        assert!(typed("").1.choices.is_empty());
        assert!(typed("action:x and ").1.choices.is_empty());
        assert!(!typed("").1.pick(&mut LineEdit::new(""), &Names::default()));
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
        assert!(preview.choices.iter().all(|choice| !choice.note.is_empty()));
    }
}
