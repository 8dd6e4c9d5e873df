//! The names a query may use, and a query parsed with what is to be said where it cannot be.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::Detail;
use crate::model::CATALOGUE;
use crate::query::{self, CatalogueNames, Completion, CompletionKind, Node, QueryError};
use crate::widgets::LineEdit;

/// Fields outside the catalogue that have been seen, beside those inside.
#[derive(Debug, Default)]
pub struct Names {
    seen: BTreeSet<Arc<str>>,
    all: CatalogueNames,
}

impl Names {
    /// Remembers the fields of an event.
    pub fn learn(&mut self, detail: &Detail) {
        let known = |name: &str| CATALOGUE.fields().iter().any(|field| field.name == name);
        let before = self.seen.len();
        let new = detail
            .fields
            .iter()
            .map(|field| &field.name)
            .filter(|name| !known(name));
        self.seen.extend(new.cloned());
        if self.seen.len() > before {
            self.all = CatalogueNames::with(self.seen.iter().cloned());
        }
    }

    /// The names, for the parser.
    pub fn known(&self) -> &CatalogueNames {
        &self.all
    }

    /// Every name a query may use.
    pub fn all(&self) -> Vec<Arc<str>> {
        query::Names::all(&self.all)
    }
}

/// Why a query cannot be used, for the line under the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset in the text where the trouble starts.
    pub at: usize,
    pub text: String,
}

/// Parses a query.
pub fn parse(text: &str, names: &Names) -> Result<Node, Problem> {
    query::parse(text, &names.all).map_err(|error| Problem {
        at: error.span.start,
        text: told(&error),
    })
}

/// The field a name means. The error names the nearest there is.
pub fn resolve(name: &str, names: &Names) -> Result<Arc<str>, String> {
    query::Names::resolve(&names.all, name).ok_or_else(|| {
        let near = query::nearest(name, &names.all());
        let meant = near.map(|near| format!("; did you mean `{near}`?"));
        format!("no field {name}{}", meant.unwrap_or_default())
    })
}

/// The error in one line, the suggestion first: the end of the line is what narrow screens cut.
fn told(error: &QueryError) -> String {
    let meant = error
        .suggestion
        .as_ref()
        .map(|text| format!("did you mean `{text}`? "))
        .unwrap_or_default();
    format!(
        "column {}: {meant}expected {}, found {}",
        error.column, error.expected, error.found
    )
}

/// What can stand at the cursor.
pub fn completion(edit: &LineEdit, names: &Names) -> Completion {
    query::complete(edit.text(), edit.cursor(), &names.all)
}

/// A name or a value as it can be typed.
pub fn spelled(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let word = text.strip_prefix("__tag__:").unwrap_or(text);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        text.to_owned()
    } else {
        query::edit::quote(text)
    }
}

/// Completes what stands before the cursor as far as it is certain. Gives the choices where there are
/// several.
pub fn complete(
    edit: &mut LineEdit,
    names: &Names,
    values: &dyn Fn(&str) -> Vec<Arc<str>>,
) -> Vec<Arc<str>> {
    let wanted = completion(edit, names);
    let mut choices: Vec<Arc<str>> = match &wanted.kind {
        CompletionKind::Field => names.all(),
        CompletionKind::Value { field } => values(field),
        CompletionKind::Operator => return Vec::new(),
    };
    choices.retain(|choice| choice.starts_with(&wanted.prefix));
    choices.sort_unstable();
    choices.dedup();
    let Some(common) = choices
        .iter()
        .map(|choice| &**choice)
        .reduce(common_start)
        .map(str::to_owned)
    else {
        return Vec::new();
    };
    if common.len() > wanted.prefix.len() || choices.len() == 1 {
        edit.replace(wanted.span, &spelled(&common));
    }
    choices
}

fn common_start<'a>(one: &'a str, other: &str) -> &'a str {
    let mut end = 0;
    for (a, b) in one.chars().zip(other.chars()) {
        if a != b {
            break;
        }
        end += a.len_utf8();
    }
    &one[..end]
}
