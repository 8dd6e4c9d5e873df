//! Formatting of a tree as text that parses to the same tree.

use std::fmt;

use chrono::{DateTime, SecondsFormat};

use super::edit::{in_quotes, quote};
use super::lexer::is_reserved;
use super::{Comparison, Interval, Node, Test, TestOp, TimeRange, Word, Words};
use crate::model::CATALOGUE;

/// Formats a query in the filter language; [`Node::All`] is the empty text. For a tree in normal form whose field names
/// resolve to themselves, `parse(format(node)) == node` (watchlists come back unloaded).
pub fn format(node: &Node) -> String {
    match node {
        Node::All => String::new(),
        other => part(other),
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format(self))
    }
}

fn part(node: &Node) -> String {
    match node {
        Node::All => "*".to_owned(),
        Node::And(parts) => parts.iter().map(tight).collect::<Vec<_>>().join(" and "),
        Node::Or(parts) => parts.iter().map(part).collect::<Vec<_>>().join(" or "),
        Node::Not(inner) if matches!(**inner, Node::And(_)) => format!("not ({})", part(inner)),
        Node::Not(inner) => format!("not {}", tight(inner)),
        Node::Test(condition) => test(condition),
    }
}

/// Formats a part of an AND.
fn tight(node: &Node) -> String {
    if matches!(node, Node::Or(_)) {
        format!("({})", part(node))
    } else {
        part(node)
    }
}

/// Formats a field name, quoted if necessary.
pub(super) fn name(field: &str) -> String {
    let plain = field.strip_prefix("__tag__:").unwrap_or(field);
    // Unquoted, `__tag__` begins the name of a tag.
    let safe = !plain.is_empty()
        && !matches!(field, "__tag__" | "since" | "until" | "sha256")
        && !plain.starts_with(|c: char| c.is_ascii_digit())
        && plain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        && !is_reserved(plain);
    if safe {
        field.to_owned()
    } else {
        in_quotes(field)
    }
}

fn test(test: &Test) -> String {
    let Some(field) = &test.field else {
        return match &test.op {
            TestOp::Words(words) => words_text(words),
            TestOp::Phrase(phrase) => format!("#{}", in_quotes(phrase.text())),
            // No other condition is searched for across fields.
            _ => "*".to_owned(),
        };
    };
    let name = name(CATALOGUE.short(field));
    match &test.op {
        TestOp::Exists => format!("{name}:*"),
        TestOp::Empty => format!("{name}:\"\""),
        TestOp::Words(words) if is_number(field) && !words.words().iter().any(Word::is_wild) => {
            // Without quotes, a number is expected there.
            let texts: Vec<&str> = words.words().iter().map(Word::text).collect();
            format!("{name}:{}", in_quotes(&texts.join(" ")))
        }
        TestOp::Words(words) => format!("{name}:{}", words_text(words)),
        TestOp::Phrase(phrase) => format!("{name}:#{}", in_quotes(phrase.text())),
        TestOp::Compare(Comparison::Equal, number) if is_number(field) => {
            format!("{name}:{number}")
        }
        TestOp::Compare(how, number) => format!("{name} {} {number}", how.symbol()),
        TestOp::Within(Interval {
            low,
            low_in,
            high,
            high_in,
        }) => {
            let (open, close) = (
                if *low_in { '[' } else { '(' },
                if *high_in { ']' } else { ')' },
            );
            format!("{name} in {open}{low} {high}{close}")
        }
        TestOp::Exact(value) => format!("{name} == {}", in_quotes(value)),
        TestOp::NotExact(value) => format!("{name} != {}", in_quotes(value)),
        TestOp::Substring(part) => format!("{name} ~ {}", in_quotes(part.text())),
        TestOp::Regex(pattern) => format!("{name} =~ /{}/", pattern.text().replace('/', "\\/")),
        TestOp::InNetwork(network) => format!("{name} in {network}"),
        TestOp::Address(pattern) => format!("{name}:{}", pattern.text()),
        TestOp::InList(list) => {
            let items: Vec<String> = list.items().iter().map(|item| in_quotes(item)).collect();
            format!("{name} in ({})", items.join(", "))
        }
        TestOp::InFile(list) => format!("{name} in @{}", in_quotes(&list.path)),
        TestOp::Time(range) => time(&name, *range),
    }
}

/// Formats words as a value. It is quoted as a whole unless a word has a wildcard, which quotes would make literal.
fn words_text(words: &Words) -> String {
    let texts: Vec<&str> = words.words().iter().map(super::Word::text).collect();
    match texts[..] {
        _ if words.words().iter().any(super::Word::is_wild) => {
            let text = texts.join("/");
            // A lone `*` means "present", and `~` would be parsed as an operator.
            let apart = text.starts_with('~') || text.bytes().all(|b| b == b'*');
            if apart { format!("/{text}") } else { text }
        }
        [one] => quote(one),
        _ => in_quotes(&texts.join(" ")),
    }
}

fn is_number(field: &str) -> bool {
    CATALOGUE
        .fields()
        .iter()
        .any(|info| info.number && info.name == field)
}

fn time(name: &str, range: TimeRange) -> String {
    let text =
        |nanos| DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::AutoSi, true);
    match (range.since, range.until) {
        (Some(since), Some(until)) => format!("{name} in [{} {})", text(since), text(until)),
        (Some(since), None) => format!("{name} >= {}", text(since)),
        (None, Some(until)) => format!("{name} < {}", text(until)),
        (None, None) => format!("{name}:*"),
    }
}
