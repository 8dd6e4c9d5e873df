//! Values that the matches of a filter must have, for suggestions when there are none.

use super::{Filter, Node, Test, TestOp, Word};
use crate::model::name;

/// Fields whose values are compared with a word without a field.
pub const WORD_FIELDS: [&str; 6] = [
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::ACTION,
    name::IP,
    name::CLIENT,
];

/// A value that a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The condition by itself. Its field is `None` for a bare word.
    pub test: Test,
    /// Text of the value, or of the word.
    pub text: String,
}

impl Filter {
    /// Returns the values that its conditions and picks ask for, in the order of the text. Negated conditions are left
    /// out, and so are wildcards, expressions and comparisons.
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut found = Vec::new();
        collect(&self.query, &mut found);
        for pick in &self.picks {
            found.extend(pick.include.iter().flatten().map(|value| Wanted {
                test: Test::new(&pick.field, TestOp::Exact(value.clone())),
                text: value.to_string(),
            }));
        }
        found
    }
}

fn collect(node: &Node, found: &mut Vec<Wanted>) {
    match node {
        Node::And(parts) | Node::Or(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Node::Test(test) => {
            let text = match &test.op {
                TestOp::Exact(value) => value.to_string(),
                TestOp::InNetwork(network) => network.to_string(),
                TestOp::Words(words) if !words.words().iter().any(Word::is_wild) => {
                    let texts: Vec<&str> = words.words().iter().map(Word::text).collect();
                    // Most values of several words are paths.
                    texts.join("/")
                }
                _ => return,
            };
            found.push(Wanted {
                test: test.clone(),
                text,
            });
        }
        Node::All | Node::Not(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::query::{CatalogueNames, Filter};

    #[test]
    fn a_negated_condition_and_a_wildcard_ask_for_no_value() {
        let mut filter = Filter::default();
        let text =
            "user:ci-deplyo not tag:v1 Mani* (status >= 400 or repository:a/b) ip:10.0.0.0/8 x";
        let names = CatalogueNames::default();
        filter.set_text(text, &names).expect("reads");
        let wanted = filter.wanted();
        let found: Vec<(Option<&str>, &str)> = wanted
            .iter()
            .map(|one| (one.test.field.as_deref(), one.text.as_str()))
            .collect();
        let expected = [
            (Some("user"), "ci-deplyo"),
            (Some("namespace_repo"), "a/b"),
            (Some("ip"), "10.0.0.0/8"),
            (None, "x"),
        ];
        assert_eq!(found, expected);
    }
}
