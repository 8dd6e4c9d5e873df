//! The single filter model behind typed text, facet picks, command-line options, saved views and undo.

use std::sync::Arc;

use super::{Names, Node, QueryError, Test, TestOp, TimeRange, format, parse, picks};
use crate::model::Value;

/// Complete filter of the events. All parts must hold.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Filter {
    /// The query as typed; empty for none.
    pub text: String,
    /// `text` parsed; always in sync with it.
    pub query: Node,
    /// Facet picks, in the order in which their fields were first picked; at most one per field.
    pub picks: Vec<Pick>,
    pub range: TimeRange,
}

/// The picked values of one field: any of `include` (unless empty), none of `exclude`. A value of `None` picks the
/// events without the field. A value of `ip` may be a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// Name of the field, with aliases resolved.
    pub field: Arc<str>,
    pub include: Vec<Value>,
    pub exclude: Vec<Value>,
}

/// State of one value of a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PickState {
    None,
    Include,
    Exclude,
}

/// A part of a filter that can be shown, excluded from counts, and removed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Chip {
    /// The typed query as a whole.
    Text,
    /// A term of the typed query, by index. Terms are joined by "and".
    Term(usize),
    /// All picks of one field.
    Picks(Arc<str>),
    /// The time range.
    Range,
}

impl Pick {
    /// Returns a value that is both included and excluded, so that the pick matches nothing.
    pub fn contradiction(&self) -> Option<&Value> {
        self.include
            .iter()
            .find(|value| self.exclude.contains(value))
    }

    /// Converts the pick to a condition.
    pub fn node(&self) -> Node {
        let field = &self.field;
        let within = |value: &Value| {
            let network = picks::network(field, value)?;
            Some(Node::Test(Test::new(field, TestOp::InNetwork(network))))
        };
        let is = |value: &Value| match value {
            _ if let Some(within) = within(value) => within,
            Some(text) => Node::Test(Test::new(field, TestOp::Exact(text.clone()))),
            None => Node::Test(Test::new(field, TestOp::Exists)).negate(),
        };
        let is_not = |value: &Value| match value {
            _ if let Some(within) = within(value) => within.negate(),
            Some(text) => Node::Test(Test::new(field, TestOp::NotExact(text.clone()))),
            None => Node::Test(Test::new(field, TestOp::Exists)),
        };
        let include = if self.include.is_empty() {
            Node::All
        } else {
            Node::or(self.include.iter().map(is))
        };
        Node::and([include].into_iter().chain(self.exclude.iter().map(is_not)))
    }
}

impl Filter {
    pub fn is_all(&self) -> bool {
        self.query == Node::All && self.picks.is_empty() && self.range.is_all()
    }

    /// Replaces the typed text. On a parse error the filter does not change.
    pub fn set_text(&mut self, text: &str, names: &dyn Names) -> Result<(), QueryError> {
        self.query = parse(text, names)?;
        text.clone_into(&mut self.text);
        Ok(())
    }

    pub fn pick(&self, field: &str) -> Option<&Pick> {
        self.picks.iter().find(|p| &*p.field == field)
    }

    pub fn state(&self, field: &str, value: &Value) -> PickState {
        match self.pick(field) {
            Some(pick) if pick.exclude.contains(value) => PickState::Exclude,
            Some(pick) if pick.include.contains(value) => PickState::Include,
            _ => PickState::None,
        }
    }

    /// Sets the state of one value of one field. An empty pick is removed.
    pub fn set(&mut self, field: &str, value: &Value, state: PickState) {
        let at = self
            .picks
            .iter()
            .position(|p| &*p.field == field)
            .unwrap_or_else(|| {
                self.picks.push(Pick {
                    field: field.into(),
                    include: Vec::new(),
                    exclude: Vec::new(),
                });
                self.picks.len() - 1
            });
        let pick = &mut self.picks[at];
        pick.include.retain(|v| v != value);
        pick.exclude.retain(|v| v != value);
        match state {
            PickState::None => {}
            PickState::Include => pick.include.push(value.clone()),
            PickState::Exclude => pick.exclude.push(value.clone()),
        }
        if pick.include.is_empty() && pick.exclude.is_empty() {
            self.picks.remove(at);
        }
    }

    /// Picks a value in addition to existing picks. A value that is both included and excluded matches nothing.
    pub fn add(&mut self, field: &str, value: &Value, state: PickState) {
        let opposite = match state {
            PickState::None => return,
            PickState::Include => PickState::Exclude,
            PickState::Exclude => PickState::Include,
        };
        let both = self.pick(field).is_some_and(|pick| match opposite {
            PickState::Include => pick.include.contains(value),
            _ => pick.exclude.contains(value),
        });
        self.set(field, value, state);
        let Some(pick) = self.picks.iter_mut().find(|p| both && &*p.field == field) else {
            return;
        };
        match opposite {
            PickState::Include => pick.include.push(value.clone()),
            _ => pick.exclude.push(value.clone()),
        }
    }

    /// Replaces the field's picks by this one value ("only this").
    pub fn only(&mut self, field: &str, value: &Value) {
        self.clear(field);
        self.set(field, value, PickState::Include);
    }

    /// Removes all picks of a field.
    pub fn clear(&mut self, field: &str) {
        self.picks.retain(|p| &*p.field != field);
    }

    /// Returns the chips of this filter, in display order.
    pub fn chips(&self) -> Vec<Chip> {
        let text = (self.query != Node::All).then_some(Chip::Text);
        let picks = self.picks.iter().map(|p| Chip::Picks(p.field.clone()));
        let range = (!self.range.is_all()).then_some(Chip::Range);
        text.into_iter().chain(picks).chain(range).collect()
    }

    /// Returns the smallest parts that can be removed by themselves: the chips, with a typed query split into the terms
    /// it joins by "and".
    pub fn terms(&self) -> Vec<Chip> {
        let terms = match &self.query {
            Node::And(parts) => (0..parts.len()).map(Chip::Term).collect(),
            Node::All => Vec::new(),
            _ => vec![Chip::Text],
        };
        let rest = self.chips().into_iter().filter(|chip| *chip != Chip::Text);
        terms.into_iter().chain(rest).collect()
    }

    /// Returns a term of the typed query, by index.
    pub fn term(&self, at: usize) -> Option<&Node> {
        match &self.query {
            Node::And(parts) => parts.get(at),
            _ => None,
        }
    }

    /// Returns the filter without one of its chips.
    #[must_use]
    pub fn without(&self, chip: &Chip) -> Self {
        let mut rest = self.clone();
        match chip {
            Chip::Text => {
                rest.text.clear();
                rest.query = Node::All;
            }
            Chip::Term(at) => {
                if let Node::And(parts) = &self.query {
                    let left = parts.iter().enumerate().filter(|(place, _)| place != at);
                    rest.query = Node::and(left.map(|(_, part)| part.clone()));
                    rest.text = format(&rest.query);
                }
            }
            Chip::Picks(field) => rest.clear(field),
            Chip::Range => rest.range = TimeRange::default(),
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::from(Arc::<str>::from(text))
    }

    #[test]
    fn a_value_that_is_added_both_ways_matches_nothing() {
        for states in [
            [PickState::Include, PickState::Exclude],
            [PickState::Exclude, PickState::Include],
        ] {
            let mut filter = Filter::default();
            for state in states {
                filter.add("action", &value("GetBlob"), state);
                filter.add("action", &value("GetBlob"), state);
            }
            let pick = filter.pick("action").expect("picked");
            assert_eq!(pick.contradiction(), Some(&value("GetBlob")));
            assert_eq!((pick.include.len(), pick.exclude.len()), (1, 1));
            let Node::And(parts) = pick.node() else {
                panic!("both must hold");
            };
            assert_eq!(parts.len(), 2);
            assert_eq!(
                filter.state("action", &value("GetBlob")),
                PickState::Exclude
            );
            filter.set("action", &value("GetBlob"), PickState::None);
            assert!(filter.is_all());
        }
    }

    #[test]
    fn a_value_has_one_state_and_an_empty_pick_goes() {
        let mut filter = Filter::default();
        filter.set("action", &value("GetBlob"), PickState::Include);
        filter.set("action", &value("GetBlob"), PickState::Exclude);
        assert_eq!(
            filter.state("action", &value("GetBlob")),
            PickState::Exclude
        );
        assert_eq!(filter.picks.len(), 1);
        filter.set("action", &value("GetBlob"), PickState::None);
        assert!(filter.is_all());
    }

    #[test]
    fn only_replaces_what_was_picked_in_that_field_alone() {
        let mut filter = Filter::default();
        filter.set("user", &value("a"), PickState::Exclude);
        filter.set("action", &value("GetBlob"), PickState::Include);
        filter.only("action", &None);
        assert_eq!(filter.state("action", &None), PickState::Include);
        assert_eq!(filter.state("action", &value("GetBlob")), PickState::None);
        assert_eq!(filter.state("user", &value("a")), PickState::Exclude);
    }

    #[test]
    fn without_drops_one_chip() {
        let mut filter = Filter {
            range: TimeRange {
                since: Some(1),
                until: None,
            },
            ..Filter::default()
        };
        filter.set("user", &value("a"), PickState::Include);
        assert_eq!(filter.chips().len(), 2);
        assert_eq!(
            filter.without(&Chip::Range).chips(),
            [Chip::Picks("user".into())]
        );
    }

    #[test]
    fn each_term_of_a_typed_query_can_be_dropped_alone() {
        let names = crate::query::CatalogueNames::default();
        let mut filter = Filter::default();
        filter.set("user", &value("a"), PickState::Include);
        let text = "action:x and not (tag:v1 or tag:v2) status>=400";
        filter.set_text(text, &names).expect("reads");
        let terms = filter.terms();
        assert_eq!(terms[..3], [0, 1, 2].map(Chip::Term));
        assert_eq!(terms[3..], [Chip::Picks("user".into())]);
        let rest = filter.without(&Chip::Term(1));
        assert_eq!(rest.terms().len(), 3);
        assert_eq!(crate::query::parse(&rest.text, &names), Ok(rest.query));
        filter.set_text("a or b", &names).expect("reads");
        assert_eq!(filter.terms()[0], Chip::Text);
    }

    #[test]
    fn a_text_that_cannot_be_read_leaves_the_filter_alone() {
        let names = crate::query::CatalogueNames::default();
        let mut filter = Filter::default();
        filter.set("user", &value("a"), PickState::Include);
        filter.set_text("status >= 400", &names).expect("reads");
        let before = filter.clone();
        assert!(filter.set_text("status >=", &names).is_err());
        assert_eq!(filter, before);
        assert_eq!(filter.chips().len(), 2);
    }

    #[test]
    fn a_pick_is_a_condition() {
        let mut filter = Filter::default();
        for (text, state) in [
            (value("a"), PickState::Include),
            (None, PickState::Include),
            (value("b"), PickState::Exclude),
        ] {
            filter.set("tag", &text, state);
        }
        let node = filter.pick("tag").expect("picked").node();
        assert_eq!(
            node.to_string(),
            "(tag == \"a\" or not tag:*) and tag != \"b\""
        );
        filter.set("ip", &value("10.0.0.0/8"), PickState::Include);
        filter.set("ip", &value("2001:db8::1"), PickState::Include);
        filter.set("ip", &value("10.1.0.0/16"), PickState::Exclude);
        let node = filter.pick("ip").expect("picked").node();
        assert_eq!(
            node.to_string(),
            "(ip in 10.0.0.0/8 or ip == \"2001:db8::1\") and not ip in 10.1.0.0/16"
        );
    }
}
