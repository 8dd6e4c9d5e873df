//! Texts that only the screen shows: typed in the prompt, they also find the events that show them.
//!
//! A bare word searches logged values only, as in Simple Log Service. Nearly every word of a derived value is a word of
//! a logged one, since a derived value is cut out of logged values or joined from them at delimiters: `user/ci@acme`
//! consists of `ci` and `acme`. Only a closed set of texts is shown and not logged: the values of closed fields, client
//! families, the kinds of user, and the start of an address. The prompt spells them out: `push` becomes `(push or
//! operation:push)`. The filter stays a query that means the same everywhere, and shows where it differs from a search
//! of the service. A phrase (`#"push"`) and a word with wildcards stay as typed.

use std::ops::Range;

use super::parser::all_values;
use super::{Word, Words, edit};
use crate::model::{CATALOGUE, name};

/// Kinds of user, the first words of the field `user`.
const USERS: [&str; 4] = ["root", "user", "role", "anonymous"];

/// Fields with values of their own, in the order of the catalogue.
const FIELDS: [&str; 5] = [
    name::USER,
    name::CLIENT,
    name::STATUS_CLASS,
    name::OUTCOME,
    name::OPERATION,
];

/// Replacement of a part of a query.
pub(super) type Edit = (Range<usize>, String);

/// Applies replacements, given in the order of the text.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut replaced = text.to_owned();
    for (span, with) in edits.iter().rev() {
        replaced.replace_range(span.clone(), with);
    }
    replaced
}

/// Returns the replacement of a bare text at a place of a query, if a derived field may show it.
pub(super) fn bare(query: &str, span: Range<usize>, words: &Words) -> Option<Edit> {
    let typed = &query[span.clone()];
    let text = typed.trim_matches('"');
    let kind = text.split_once('/').map(|(kind, _)| kind);
    let spelled = if kind.is_some_and(|kind| USERS[..3].contains(&kind)) {
        either(typed, &[format!("{}:{typed}", name::USER)])
    } else {
        let parts: Vec<String> = words.words().iter().map(one).collect();
        if parts.iter().all(|part| !part.starts_with('(')) {
            return None;
        }
        match parts.as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" ")),
        }
    };
    replacement(query, span, &spelled)
}

/// Returns the replacement of a condition that a logged field has words which the screen shows in a derived field:
/// `action:delete`, `repo:ns/repo`, `repo:ns/repo:tag`.
pub(super) fn condition(query: &str, span: Range<usize>, field: &str, value: &str) -> Option<Edit> {
    let text = value.trim_matches('"');
    let is_image = text.contains('/') && text.contains(':');
    let derived = match field {
        name::ACTION => {
            let is = |name: &&str| *name != "other" && name.eq_ignore_ascii_case(text);
            let operation = all_values(name::OPERATION)?.into_iter().find(is)?;
            format!("{}:{operation}", name::OPERATION)
        }
        name::REPO | name::NAMESPACE_REPO if is_image => format!("{}:{value}", name::IMAGE),
        name::REPO if text.contains('/') => format!("{}:{value}", name::NAMESPACE_REPO),
        _ => return None,
    };
    let spelled = either(&query[span.clone()], &[derived]);
    let (mut span, mut spelled) = replacement(query, span, &spelled)?;
    if query[..span.start].ends_with('-') {
        // The dash negates a condition, but no parentheses.
        span.start -= 1;
        spelled.insert_str(0, "not ");
    }
    Some((span, spelled))
}

/// Replaces a part of a query, unless it is part of the same alternatives already.
fn replacement(query: &str, span: Range<usize>, spelled: &str) -> Option<Edit> {
    let rest = spelled.strip_prefix('(');
    let rest = rest.and_then(|rest| rest.strip_prefix(&query[span.clone()]));
    let is_spelled = query[..span.start].ends_with('(')
        && rest.is_some_and(|rest| query[span.end..].starts_with(rest));
    (!is_spelled).then(|| (span, spelled.to_owned()))
}

/// Formats a word with the derived values it may stand for.
fn one(word: &Word) -> String {
    let text = if edit::is_plain(word.text()) {
        word.text().to_owned()
    } else {
        edit::quote(word.text())
    };
    let derived: Vec<String> = also_in(word).collect();
    if word.is_wild() || derived.is_empty() {
        text
    } else {
        either(&text, &derived)
    }
}

fn either(text: &str, others: &[String]) -> String {
    format!("({text} or {})", others.join(" or "))
}

/// Returns conditions on derived fields that a word may stand for.
fn also_in(word: &Word) -> impl Iterator<Item = String> {
    let text = word.text();
    let is = |value: &str| value.eq_ignore_ascii_case(text);
    let fits = move |field: &&str| match *field {
        name::USER => USERS.into_iter().any(is),
        name::CLIENT => {
            let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
            info.is_some_and(|info| info.values.iter().any(|value| is(value)))
        }
        field => all_values(field).is_some_and(|all| all.into_iter().any(is)),
    };
    let closed = FIELDS.iter().copied().filter(fits);
    let closed = closed.map(|field| format!("{field}:{}", text.to_ascii_lowercase()));
    let start = is_start(text).then(|| format!("{}:{text}.*", name::IP));
    closed.chain(start)
}

/// Returns true for the first three numbers of an IPv4 address. Fewer are more often a version; of a whole address the
/// logged value has the word.
fn is_start(text: &str) -> bool {
    let octet = |part: &str| {
        (1..=3).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse::<u8>().is_ok()
    };
    text.split('.').count() == 3 && text.split('.').all(octet)
}

#[cfg(test)]
mod tests {
    use crate::query::{CatalogueNames, as_shown, parse};

    #[test]
    fn only_texts_that_are_shown_and_not_logged_are_spelled_out() {
        for (typed, spelled) in [
            ("role/ci-infra", "(role/ci-infra or user:role/ci-infra)"),
            (
                "not user/ci@acme",
                "not (user/ci@acme or user:user/ci@acme)",
            ),
            ("payment/gateway:v1.8.3", "payment/gateway:v1.8.3"),
            ("push", "(push or operation:push)"),
            (
                "status >= 400 Denied",
                "status >= 400 (Denied or outcome:denied)",
            ),
            ("4XX", "(4XX or status_class:4xx)"),
            ("\"other\"", "(other or client:other or operation:other)"),
            ("go-http", "(go-http or client:go-http)"),
            ("203.0.113", "(203.0.113 or ip:203.0.113.*)"),
            ("203.0.113.7", "203.0.113.7"),
            ("1.24", "1.24"),
            ("300.1.1", "300.1.1"),
            ("pus*", "pus*"),
            ("#\"push\"", "#\"push\""),
            ("operation:push", "operation:push"),
            ("action:delete", "(action:delete or operation:delete)"),
            ("action:DeleteTag", "action:DeleteTag"),
            ("-repo:a/b", "not (repo:a/b or namespace_repo:a/b)"),
            ("repository:a/b", "repository:a/b"),
            ("repository:a/b:v1", "(repository:a/b:v1 or image:a/b:v1)"),
            ("GetBlob 404", "GetBlob 404"),
        ] {
            let names = CatalogueNames::default();
            let once = as_shown(typed, &names).expect(typed);
            assert_eq!(once, spelled, "{typed}");
            parse(&once, &names).expect(typed);
            assert_eq!(as_shown(&once, &names).expect(typed), once, "again");
        }
    }
}
