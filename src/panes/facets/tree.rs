//! Facets whose values expand: a status class into statuses, a role into its sessions.
//!
//! Counts of nested values ignore the facet's picks, outer and nested, like the count of the outer value. The engine
//! ignores the picks of one field only, so these tables are requested as side queries with their own filters, built
//! here.

use std::sync::Arc;

use super::FacetsState;
use super::facet::Facet;
use super::line::Line;
use crate::engine::{FacetTable, FacetValue, FacetWant, SideQueryWant};
use crate::model::{Value, name};
use crate::query::{Chip, Filter, PickState};

/// Outer field, nested field, and title of the facet.
const TREES: [(&str, &str, &str); 2] = [
    (name::STATUS_CLASS, name::STATUS, "status"),
    (name::USER, name::SESSION, "user"),
];

/// Number of nested values listed initially.
const FEW: usize = 8;

/// Nested level of a facet whose values expand.
#[derive(Debug)]
pub struct Inner {
    pub field: Arc<str>,
    pub(super) title: &'static str,
    pub(super) branches: Vec<Branch>,
    /// Picked nested values, including those in no branch.
    pub picked: Vec<FacetValue>,
}

/// Expanded value.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) value: Value,
    pub(super) table: Option<FacetTable>,
    more: usize,
}

/// Side query for a nested table.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeWant {
    facet: Arc<str>,
    role: TreeRole,
    pub want: SideQueryWant,
}

#[derive(Clone, Debug, PartialEq)]
enum TreeRole {
    /// The facet itself, while nested values are picked.
    Outer,
    /// Nested values of an outer value.
    Branch(Value),
    /// Picked nested values.
    Picked,
}

impl Inner {
    pub(super) fn of(field: &str) -> Option<Self> {
        let (_, inner, title) = TREES.iter().find(|(outer, ..)| *outer == field)?;
        Some(Self {
            field: (*inner).into(),
            title,
            branches: Vec::new(),
            picked: Vec::new(),
        })
    }

    pub(super) fn branch(&self, value: &Value) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.value == *value)
    }

    /// Indices of the picked values that no branch lists.
    pub(super) fn strays(&self) -> impl Iterator<Item = usize> {
        let listed = |value: &Value| {
            let tables = self
                .branches
                .iter()
                .filter_map(|branch| branch.table.as_ref());
            tables
                .flat_map(|table| &table.values)
                .any(|entry| entry.value == *value)
        };
        (0..self.picked.len()).filter(move |&at| !listed(&self.picked[at].value))
    }
}

impl Branch {
    fn limit(&self) -> usize {
        FEW + self.more
    }
}

impl Facet {
    /// Returns true if a value has nested values.
    pub fn unfolds(&self, value: &Value) -> bool {
        self.inner.is_some()
            && value
                .as_deref()
                .is_some_and(|value| &*self.field != name::USER || value.starts_with("role/"))
    }

    /// Returns true if a value is expanded.
    pub fn is_unfolded(&self, value: &Value) -> bool {
        self.inner
            .as_ref()
            .is_some_and(|inner| inner.branch(value).is_some())
    }
}

impl FacetsState {
    /// Adds the lines for the nested values of a value.
    pub(super) fn inner_lines(&self, at: usize, index: usize, lines: &mut Vec<Line>) {
        let (Some(entry), Some(inner)) = (self.entry(at, index), &self.facets[at].inner) else {
            return;
        };
        let Some(branch) = inner.branch(&entry.value) else {
            return;
        };
        let Some(table) = &branch.table else {
            return;
        };
        let shown = table.values.len().min(branch.limit());
        lines.extend((0..shown).map(|inner| Line::Inner(at, index, inner)));
        if table.found > shown as u64 {
            lines.push(Line::InnerMore(at, index));
        }
    }

    /// Nested value by its index.
    pub fn inner_entry(&self, at: usize, index: usize, inner: usize) -> Option<&FacetValue> {
        let outer = &self.entry(at, index)?.value;
        let branch = self.facets[at].inner.as_ref()?.branch(outer)?;
        branch.table.as_ref()?.values.get(inner)
    }

    /// Number of nested values that are not listed.
    pub fn inner_more(&self, at: usize, index: usize) -> u64 {
        let branch = || {
            let outer = &self.entry(at, index)?.value;
            self.facets[at].inner.as_ref()?.branch(outer)
        };
        branch().map_or(0, |branch| {
            let table = branch.table.as_ref();
            table.map_or(0, |table| table.found.saturating_sub(branch.limit() as u64))
        })
    }

    /// Side queries needed for the expanded values, for a filter.
    pub fn trees(&self, filter: &Filter) -> Vec<TreeWant> {
        let mut wants = Vec::new();
        for at in self.near() {
            let facet = &self.facets[at];
            let Some(inner) = &facet.inner else {
                continue;
            };
            let inner_picks = filter.pick(&inner.field);
            let mut want = |role, filter: Filter, want| {
                wants.push(TreeWant {
                    facet: facet.field.clone(),
                    role,
                    want: SideQueryWant {
                        filter: Arc::new(filter),
                        facets: vec![want],
                        histogram: None,
                        seen: false,
                    },
                });
            };
            let without_inner = filter.without(&Chip::Picks(inner.field.clone()));
            let inside = |limit| FacetWant {
                field: inner.field.clone(),
                order: facet.order,
                limit,
                find: None,
            };
            if inner_picks.is_some() {
                want(TreeRole::Outer, without_inner.clone(), self.want(at));
                want(TreeRole::Picked, filter.clone(), inside(1));
            }
            for branch in &inner.branches {
                let mut within = without_inner.clone();
                within.only(&facet.field, &branch.value);
                want(
                    TreeRole::Branch(branch.value.clone()),
                    within,
                    inside(branch.limit()),
                );
            }
        }
        wants
    }

    /// Returns true if the facet's own table needs a side query.
    pub(super) fn is_side(&self, at: usize, filter: &Filter) -> bool {
        let inner = self.facets[at].inner.as_ref();
        inner.is_some_and(|inner| filter.pick(&inner.field).is_some())
    }

    /// Applies the table of a side query from [`Self::trees`], with the filter in effect.
    pub fn arrive_tree(&mut self, want: &TreeWant, table: FacetTable, filter: &Filter) {
        if want.role == TreeRole::Outer {
            return self.arrive(table);
        }
        self.keeping_cursor(|state| {
            let facet = state
                .facets
                .iter_mut()
                .find(|facet| facet.field == want.facet);
            let Some(inner) = facet.and_then(|facet| facet.inner.as_mut()) else {
                return;
            };
            match &want.role {
                TreeRole::Branch(value) => {
                    let branch = inner.branches.iter_mut().find(|b| b.value == *value);
                    if let Some(branch) = branch {
                        branch.table = Some(table);
                    }
                }
                _ => {
                    let picked = |entry: &FacetValue| {
                        filter.state(&inner.field, &entry.value) != PickState::None
                    };
                    inner.picked = table.values.into_iter().filter(picked).collect();
                }
            }
        });
    }

    /// Drops picked nested values that the filter no longer has.
    pub fn forget_strays(&mut self, filter: &Filter) {
        for inner in self
            .facets
            .iter_mut()
            .filter_map(|facet| facet.inner.as_mut())
        {
            if filter.pick(&inner.field).is_none() {
                inner.picked.clear();
            }
        }
    }

    /// Expands the focused value, or shows more of its nested values. Returns false if it has none.
    pub fn unfold(&mut self) -> bool {
        match self.focused_line() {
            Some(Line::Value(at, index)) => {
                let Some(value) = self.entry(at, index).map(|entry| entry.value.clone()) else {
                    return false;
                };
                let facet = &mut self.facets[at];
                if !facet.unfolds(&value) || facet.is_unfolded(&value) {
                    return false;
                }
                if let Some(inner) = &mut facet.inner {
                    inner.branches.push(Branch {
                        value,
                        table: None,
                        more: 0,
                    });
                }
                true
            }
            Some(Line::InnerMore(at, index)) => {
                let Some(value) = self.entry(at, index).map(|entry| entry.value.clone()) else {
                    return false;
                };
                let branches = self.facets[at]
                    .inner
                    .iter_mut()
                    .flat_map(|i| &mut i.branches);
                for branch in branches.filter(|branch| branch.value == value) {
                    branch.more += 25;
                }
                true
            }
            _ => false,
        }
    }

    /// Collapses the expanded value at the cursor. Returns false if there is none.
    pub fn fold(&mut self) -> bool {
        let Some(Line::Value(at, index) | Line::Inner(at, index, _) | Line::InnerMore(at, index)) =
            self.focused_line()
        else {
            return false;
        };
        let Some(value) = self.entry(at, index).map(|entry| entry.value.clone()) else {
            return false;
        };
        if !self.facets[at].is_unfolded(&value) {
            return false;
        }
        let lines = self.lines();
        let place = lines
            .iter()
            .position(|line| *line == Line::Value(at, index));
        if let Some(inner) = &mut self.facets[at].inner {
            inner.branches.retain(|branch| branch.value != value);
        }
        self.go_to(place.unwrap_or(0));
        true
    }

    /// Outer value of the focused nested value, with its field.
    pub fn focused_outer(&self) -> Option<(Arc<str>, Value)> {
        let Line::Inner(at, index, _) = self.focused_line()? else {
            return None;
        };
        let outer = self.entry(at, index)?.value.clone();
        Some((self.facets[at].field.clone(), outer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(field: &str, values: &[&str]) -> FacetTable {
        let values: Vec<FacetValue> = values
            .iter()
            .map(|value| FacetValue {
                value: Some((*value).into()),
                count: 1,
            })
            .collect();
        FacetTable {
            field: field.into(),
            distinct: values.len() as u64,
            missing: 0,
            found: values.len() as u64,
            values,
            kept: 0,
        }
    }

    fn state() -> FacetsState {
        let mut state = FacetsState::of(["user"]);
        state.resize(20, false);
        state.arrive(table("user", &["role/a", "user/b"]));
        state.focus(0);
        state
    }

    #[test]
    fn a_role_unfolds_into_its_sessions_and_a_user_does_not() {
        let mut state = state();
        assert!(state.unfold() && !state.unfold());
        let wants = state.trees(&Filter::default());
        assert_eq!(wants.len(), 1);
        let pick = wants[0]
            .want
            .filter
            .pick("user")
            .cloned()
            .expect("the role");
        assert_eq!(pick.include, [Some("role/a".into())]);
        state.arrive_tree(
            &wants[0],
            table("session", &["s1", "s2"]),
            &Filter::default(),
        );
        state.step(1);
        assert_eq!(
            state.focused_value(),
            Some(("session".into(), Some("s1".into())))
        );
        assert_eq!(
            state.focused_outer(),
            Some(("user".into(), Some("role/a".into())))
        );
        state.step(1);
        assert!(state.fold());
        assert_eq!(
            state.focused_value(),
            Some(("user".into(), Some("role/a".into())))
        );
        state.step(1);
        assert!(!state.unfold() && !state.fold());
    }

    #[test]
    fn counts_of_a_facet_ignore_its_inner_picks_too() {
        let mut state = state();
        state.unfold();
        let mut filter = Filter::default();
        filter.set("session", &Some("s9".into()), PickState::Include);
        filter.set("user", &Some("user/b".into()), PickState::Include);
        filter.set("action", &Some("x".into()), PickState::Include);
        assert!(state.wants(&filter).is_empty(), "asked for beside");
        let wants = state.trees(&filter);
        let filters: Vec<String> = wants
            .iter()
            .map(|want| {
                let picks = want.want.filter.picks.iter();
                picks
                    .map(|pick| pick.node().to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        let expected = [
            r#"user == "user/b" action == "x""#,
            r#"session == "s9" user == "user/b" action == "x""#,
            r#"action == "x" user == "role/a""#,
        ];
        assert_eq!(filters, expected);
    }

    #[test]
    fn a_picked_inner_value_stays_in_view_when_its_value_is_folded() {
        let mut state = state();
        let mut filter = Filter::default();
        filter.set("session", &Some("s1".into()), PickState::Include);
        let wants = state.trees(&filter);
        state.arrive_tree(&wants[1], table("session", &["s1", "s2"]), &filter);
        assert_eq!(state.lines()[..2], [Line::Head(0), Line::Stray(0, 0)]);
        state.step(-9);
        state.step(2);
        assert!(state.unfold());
        let wants = state.trees(&filter);
        state.arrive_tree(&wants[2], table("session", &["s1"]), &filter);
        assert_eq!(
            state.lines()[1..3],
            [Line::Value(0, 0), Line::Inner(0, 0, 0)]
        );
        state.forget_strays(&Filter::default());
        state.fold();
        assert!(!state.lines().contains(&Line::Stray(0, 0)));
    }
}
