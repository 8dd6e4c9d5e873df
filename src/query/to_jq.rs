//! Conversion of a filter to a `jq` program that reads a sequence of records.
//!
//! It supports only the logged fields. Conditions on derived fields, networks and watchlists are left out and listed;
//! the program then selects more. jq's own engine evaluates regular expressions.

use super::{Comparison, Filter, Node, Pick, Test, TestOp, TimeRange, format};
use crate::model::time::{Nanos, SECOND};
use crate::model::{CATALOGUE, FieldKind};

/// A program for jq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JqFilter {
    pub program: String,
    /// Conditions, in the filter language, that the program does not apply in full.
    pub left_out: Vec<String>,
}

/// Definitions: `v(k)` is the text of a field, if present; `words` are the words of a text; `t` is the time in seconds.
const VALUE: &str = r"def v(k): .[k] | if . == null then empty else tostring end;";
const ANY: &str =
    r#"def words: splits("[ ,'\";=()\\[\\]{}?@&<>/:\n\t\r]") | select(. != "") | ascii_downcase;"#;
const TIME: &str = concat!(
    r#"def t: v("time") | capture("^(?<d>[0-9-]{10}).(?<c>[0-9:]{8})(?<f>[.][0-9]+)?(?<z>.*)$")"#,
    r#" | (.d + "T" + .c + "Z" | fromdate) + ("0" + (.f // ".0") | tonumber)"#,
    r#" - (if .z | test("^[Zz]") then 0 else (.z[1:3] | tonumber) * 3600 + (.z[4:6] | tonumber) * 60 end)"#,
    r#" * (if .z[0:1] == "-" then -1 else 1 end);"#,
);

/// Builds the program for a filter.
pub fn to_jq(filter: &Filter) -> JqFilter {
    let picks = filter.picks.iter().map(Pick::node);
    let parts = match Node::and([filter.query.clone()].into_iter().chain(picks)) {
        Node::All => Vec::new(),
        Node::And(parts) => parts,
        other => vec![other],
    };
    let mut conditions = Vec::new();
    let mut left_out = Vec::new();
    for part in &parts {
        let said = say(part);
        if said.as_ref().is_none_or(|said| !said.exact) {
            left_out.push(format(part));
        }
        conditions.extend(said.map(|said| said.text));
    }
    if !filter.range.is_all() {
        conditions.push(range(filter.range));
    }
    let body = if conditions.is_empty() {
        ".".to_owned()
    } else {
        format!("select({})", conditions.join(" and "))
    };
    let defined = [("v(\"", VALUE), ("words", ANY), ("any(t;", TIME)];
    let mut program = String::new();
    for (used, definition) in defined {
        // The time is computed from the text of a field.
        let needed = body.contains(used) || (used == "v(\"" && body.contains("any(t;"));
        if needed {
            program.push_str(definition);
            program.push(' ');
        }
    }
    program.push_str(&body);
    JqFilter { program, left_out }
}

struct Said {
    text: String,
    /// True if it does not select more than the condition does.
    exact: bool,
}

fn exactly(text: String) -> Said {
    Said { text, exact: true }
}

fn say(node: &Node) -> Option<Said> {
    match node {
        Node::All => Some(exactly("true".into())),
        Node::And(parts) => {
            let said: Vec<Said> = parts.iter().filter_map(say).collect();
            let exact = said.len() == parts.len() && said.iter().all(|said| said.exact);
            let texts: Vec<String> = said.into_iter().map(|said| said.text).collect();
            (!texts.is_empty()).then(|| Said {
                text: format!("({})", texts.join(" and ")),
                exact,
            })
        }
        Node::Or(parts) => {
            let said = parts.iter().map(say).collect::<Option<Vec<Said>>>()?;
            let exact = said.iter().all(|said| said.exact);
            let texts: Vec<String> = said.into_iter().map(|said| said.text).collect();
            Some(Said {
                text: format!("({})", texts.join(" or ")),
                exact,
            })
        }
        // Under "not", selecting more would exclude more, so only an exact part will do.
        Node::Not(inner) => {
            let inner = say(inner).filter(|said| said.exact)?;
            Some(exactly(format!("({} | not)", inner.text)))
        }
        Node::Test(test) => condition(test),
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn condition(test: &Test) -> Option<Said> {
    let values = match &test.field {
        None => ".[] | select(. != null) | tostring".to_owned(),
        Some(field) => {
            let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
            if info.is_some_and(|info| info.kind == FieldKind::Derived) {
                return None;
            }
            match field.strip_prefix("raw.") {
                // A path may also be a name with dots.
                _ if info.is_none()
                    && field.matches('.').count() > usize::from(field.starts_with("raw.")) =>
                {
                    return None;
                }
                Some(own) => format!("v({})", json(own)),
                None => format!("v({})", json(field)),
            }
        }
    };
    let any = |test: String| Some(exactly(format!("any({values}; {test})")));
    let number = |test: String| Some(exactly(format!("any({values} | tonumber?; {test})")));
    match &test.op {
        TestOp::Exists => any("true".into()),
        TestOp::Empty => any("length == 0".into()),
        TestOp::Exact(text) => any(format!(". == {}", json(text))),
        TestOp::NotExact(text) => Some(exactly(format!(
            "(any({values}; . == {}) | not)",
            json(text)
        ))),
        TestOp::Substring(part) => {
            let text = part.text();
            let flags = if text.chars().any(char::is_uppercase) {
                ""
            } else {
                r#"; "i""#
            };
            any(format!("test({}{flags})", json(&regex::escape(text))))
        }
        TestOp::Regex(pattern) => any(format!("test({})", json(pattern.text()))),
        TestOp::Words(words) => {
            let word = |word: &super::words::Word| {
                let text = word.text().to_ascii_lowercase();
                let test = if word.is_wild() {
                    let glob = regex::escape(&text)
                        .replace(r"\*", ".*")
                        .replace(r"\?", ".");
                    format!("test({})", json(&format!("^{glob}$")))
                } else {
                    format!(". == {}", json(&text))
                };
                format!("any({values} | words; {test})")
            };
            let texts: Vec<String> = words.words().iter().map(word).collect();
            Some(exactly(match texts.as_slice() {
                [one] => one.clone(),
                many => format!("({})", many.join(" and ")),
            }))
        }
        TestOp::Compare(how, bound) => {
            let sign = match how {
                Comparison::Equal => "==",
                other => other.symbol(),
            };
            number(format!(". {sign} {bound}"))
        }
        TestOp::Within(span) => {
            let low = if span.low_in { ">=" } else { ">" };
            let high = if span.high_in { "<=" } else { "<" };
            number(format!(". {low} {} and . {high} {}", span.low, span.high))
        }
        // A list can contain a network.
        TestOp::InList(list) if !list.items().iter().any(|item| item.contains('/')) => {
            let items: Vec<String> = list.items().iter().map(|item| json(item)).collect();
            any(format!("IN({})", items.join(", ")))
        }
        TestOp::Time(time) => Some(exactly(range(*time))),
        TestOp::Phrase(_)
        | TestOp::InNetwork(_)
        | TestOp::Address(_)
        | TestOp::InFile(_)
        | TestOp::InList(_) => None,
    }
}

fn range(range: TimeRange) -> String {
    let seconds = |time: Nanos| {
        let (whole, rest) = (time.div_euclid(SECOND), time.rem_euclid(SECOND));
        let text = format!("{whole}.{rest:09}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let since = range.since.map(|time| format!(". >= {}", seconds(time)));
    let until = range.until.map(|time| format!(". < {}", seconds(time)));
    let ends: Vec<String> = since.into_iter().chain(until).collect();
    format!("any(t; {})", ends.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{CatalogueNames, PickState};

    fn program(text: &str) -> JqFilter {
        let mut filter = Filter::default();
        filter
            .set_text(text, &CatalogueNames::default())
            .expect("reads");
        to_jq(&filter)
    }

    #[test]
    fn logged_fields_are_said() {
        let said = program(r#"status>=400 and not action:Get* and tag == "v\"1""#);
        assert!(said.left_out.is_empty());
        let body = said.program.split("select(any").nth(1).expect("a select");
        assert_eq!(
            body,
            concat!(
                r#"(v("http_response_status") | tonumber?; . >= 400) and "#,
                r#"(any(v("action") | words; test("^get.*$")) | not) and any(v("tag"); . == "v\"1"))"#
            )
        );
    }

    #[test]
    fn derived_fields_are_left_out_and_named() {
        let mut filter = Filter::default();
        filter.set("user", &Some("ci".into()), PickState::Include);
        filter.set("tag", &None, PickState::Include);
        filter.range.since = Some(1_500_000_000);
        let said = to_jq(&filter);
        assert_eq!(said.left_out, [r#"user == "ci""#]);
        let end = r#"select((any(v("tag"); true) | not) and any(t; . >= 1.5))"#;
        assert!(said.program.ends_with(end), "{}", said.program);
        // A name with dots may be a path.
        assert_eq!(program("detail.id:x").program, ".");
        assert_eq!(program("detail.id:x").left_out, ["detail.id:x"]);
        let own = program("raw.user == me").program;
        assert!(own.ends_with(r#"any(v("user"); . == "me"))"#), "{own}");
        // Under "or", an inexpressible part drops the other parts with it.
        assert_eq!(program("user:ci or status:403").program, ".");
        assert_eq!(program("not (user:ci and status:403)").program, ".");
    }
}
