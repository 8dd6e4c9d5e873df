//! Names that a query may use, and parsing of queries with errors for display.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::Detail;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{CATALOGUE, name, nested};
use crate::query::{
    self, CatalogueNames, Completion, CompletionKind, Node, Pattern, QueryError, Substring, Test,
    TestOp, Typed,
};
use crate::widgets::LineEdit;

/// Maximum number of paths remembered, per value and in total.
const PATHS: usize = 100;
const MAX_SEEN: usize = 2_000;

/// Names of fields outside the catalogue seen in events, and paths into JSON values.
#[derive(Debug, Default)]
pub struct Names {
    seen: BTreeSet<Arc<str>>,
    all: CatalogueNames,
}

impl Names {
    /// Adds the fields of an event and the members of their values.
    pub fn learn(&mut self, detail: &Detail) {
        let known = |name: &str| CATALOGUE.fields().iter().any(|field| field.name == name);
        let before = self.seen.len();
        let new = detail
            .fields
            .iter()
            .map(|field| &field.name)
            .filter(|name| !known(name));
        self.seen.extend(new.cloned());
        for field in &detail.fields {
            let value = field.value.as_deref().unwrap_or_default();
            if self.seen.len() < MAX_SEEN {
                let paths = nested::paths(value, PATHS).into_iter();
                self.seen
                    .extend(paths.map(|path| format!("{}.{path}", field.name).into()));
            }
        }
        if self.seen.len() > before {
            self.all = CatalogueNames::with(self.seen.iter().cloned());
        }
    }

    /// Names in the form that the parser needs.
    pub fn known(&self) -> &CatalogueNames {
        &self.all
    }

    /// All names that a query may use.
    pub fn all(&self) -> Vec<Arc<str>> {
        query::Names::all(&self.all)
    }
}

/// Error in a prompt, for the line below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset of the error in the text.
    pub at: usize,
    pub text: String,
    /// The error is a name that looks like a typo of a known one.
    pub typo: bool,
}

impl Problem {
    /// Error in the text as a whole.
    pub fn whole(text: impl Into<String>) -> Self {
        Self {
            at: 0,
            text: text.into(),
            typo: false,
        }
    }
}

/// Parses a query.
pub fn parse(text: &str, names: &Names) -> Result<Node, Problem> {
    query::parse(text, &names.all).map_err(|error| Problem {
        at: error.span.start,
        text: message_of(&error),
        typo: error.suggestion.is_some(),
    })
}

/// Parses a typed filter: its query, with the time range that it sets apart. Texts that the screen shows and no record
/// has are spelled out.
pub fn filter(text: &str, names: &Names, now: Nanos, zone: Zone) -> Result<(Node, Typed), Problem> {
    let problem = |error: QueryError| Problem {
        at: error.span.start,
        text: message_of(&error),
        typo: error.suggestion.is_some(),
    };
    let local = |civil: chrono::NaiveDateTime| zone.instant(civil, 0);
    let mut typed = query::split_range(text, now, &local).map_err(problem)?;
    query::parse(&typed.spaced, &names.all).map_err(problem)?;
    typed.text = query::as_shown(&typed.text, &names.all).map_err(problem)?;
    let query = query::parse(&typed.text, &names.all).map_err(problem)?;
    Ok((query, typed))
}

/// Parses a search. It is text to find anywhere in an event (case-sensitive only if it contains an upper-case letter),
/// a regular expression as `/text/` with this rule for case, or a query, which is detected by a field name in it.
pub fn search(text: &str, names: &Names) -> Result<Node, Problem> {
    let text = text.trim();
    if let Some(expression) = text.strip_prefix('/') {
        let closed = expression.strip_suffix('/');
        let closed = closed.filter(|inner| !inner.ends_with('\\'));
        let expression = closed.unwrap_or(expression);
        if expression.is_empty() {
            return Ok(Node::All);
        }
        let smart = if expression.chars().any(char::is_uppercase) {
            ""
        } else {
            "(?i)"
        };
        let pattern = Pattern::new(&format!("{smart}{expression}"));
        let pattern = pattern.map_err(|text| Problem {
            at: 1,
            text,
            typo: false,
        })?;
        return Ok(anywhere(&TestOp::Regex(pattern)));
    }
    match parse(text, names) {
        Ok(query) if query == Node::All || is_query(&query) => Ok(query),
        // A probable typo of a field name is reported, not searched for as text.
        Err(problem) if problem.typo => Err(problem),
        _ => match Substring::new(text) {
            Some(substring) => Ok(anywhere(&TestOp::Substring(substring))),
            None => Err(Problem::whole("search text is too long")),
        },
    }
}

fn is_query(query: &Node) -> bool {
    query
        .tests()
        .iter()
        .any(|test| test.field.is_some() || matches!(test.op, TestOp::Phrase(_)))
}

/// Derived fields that are displayed and may differ from all logged values.
const SHOWN: [&str; 3] = [name::USER, name::IMAGE, name::CLIENT];

/// Condition on any value, logged or displayed.
fn anywhere(op: &TestOp) -> Node {
    let logged = Node::Test(Test {
        field: None,
        op: op.clone(),
    });
    let shown = SHOWN
        .iter()
        .map(|field| Node::Test(Test::new(field, op.clone())));
    Node::or([logged].into_iter().chain(shown))
}

/// Resolves a field name. An unknown name is a field of the data, unless it looks like a typo; the error then suggests
/// the known name.
pub fn resolve(name: &str, names: &Names) -> Result<Arc<str>, String> {
    if let Some(field) = query::Names::resolve(&names.all, name) {
        return Ok(field);
    }
    match query::nearest(name, &names.all()) {
        Some(near) => Err(format!("no field {name}; did you mean `{near}`?")),
        None => Ok(name.into()),
    }
}

/// Parses field names separated by commas or spaces; aliases are accepted.
pub fn columns(text: &str, names: &Names) -> Result<Vec<Arc<str>>, Problem> {
    let mut fields = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive([',', ' ']) {
        let name = word.trim_end_matches([',', ' ']);
        let problem = |text| Problem {
            at,
            text,
            typo: true,
        };
        if !name.is_empty() {
            fields.push(resolve(name, names).map_err(problem)?);
        }
        at += word.len();
    }
    Ok(fields)
}

/// Formats an error on one line. The suggestion is first, because narrow screens cut the end.
fn message_of(error: &QueryError) -> String {
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

/// Possible completions at the cursor.
pub fn completion(edit: &LineEdit, names: &Names) -> Completion {
    query::complete(edit.text(), edit.cursor(), &names.all)
}

/// Name or value in the form to type in a query, quoted if necessary.
pub fn spelled(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let word = text.strip_prefix("__tag__:").unwrap_or(text);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        text.to_owned()
    } else {
        query::edit::quote(text)
    }
}

/// Completes the text before the cursor as far as it is unambiguous. Returns the choices.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str, value: &str) -> bool {
        let node = search(text, &Names::default()).expect(text);
        node.tests().iter().any(|test| test.matches(value))
    }

    #[test]
    fn a_search_is_text_an_expression_or_a_query() {
        assert!(hits("ocker/24", "Docker/24.0"), "text is no list of words");
        assert!(hits("docker", "Docker/24.0") && !hits("DOcker", "docker/24.0"));
        assert!(hits("a b", "xa by") && !hits("a b", "b a"));
        assert!(hits("/^d.*4/", "Docker/24.0") && !hits("/^D.*4/", "docker/24.0"));
        assert!(hits("/^d", "docker"), "the last slash can be left out");
        assert!(hits("status>=400", "404") && !hits("status>=400", "status>=400"));
        assert!(hits("x:", "ax:b"), "what is no query is text");
        let typo = search("acton:DeleteTag", &Names::default()).expect_err("a typo");
        assert!(typo.text.contains("action"), "{}", typo.text);
        let problem = search("/a(/", &Names::default()).expect_err("no expression");
        assert_eq!(problem.at, 1);
        assert_eq!(search(" ", &Names::default()), Ok(Node::All));
    }
}
