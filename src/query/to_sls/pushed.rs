//! Conditions in the syntax of the service, joined by AND and OR, up to its limit.

/// Maximum number of conditions in a search, as the service recommends. A list of more values is left out as a whole,
/// since a part of it would select less.
pub const MAX_CONDITIONS: usize = 30;

/// Selects the parts of an AND to push down, as many as the limit allows.
pub(super) fn within_limit<'a>(parts: impl Iterator<Item = Option<&'a Pushed>>) -> Vec<bool> {
    let sizes: Vec<usize> = parts.map(|part| part.map_or(0, |p| p.conditions)).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|at| sizes[*at]);
    let mut kept = vec![false; sizes.len()];
    let mut room = MAX_CONDITIONS;
    for at in order {
        let Some(left) = room.checked_sub(sizes[at]) else {
            break;
        };
        room = left;
        kept[at] = true;
    }
    kept
}

/// A condition in the syntax of the service. It selects every event that ours does.
pub(super) struct Pushed {
    pub(super) text: String,
    /// True if it selects no other events.
    pub(super) exact: bool,
    pub(super) is_or: bool,
    /// Number of comparisons of a field with a value.
    pub(super) conditions: usize,
    /// True if parts were left out because of the limit.
    pub(super) is_cut: bool,
}

impl Pushed {
    pub(super) fn new(text: String, exact: bool) -> Self {
        Self {
            text,
            exact,
            is_or: false,
            conditions: 1,
            is_cut: false,
        }
    }

    /// Formats it as a part of an AND, or under NOT.
    pub(super) fn tight(&self) -> String {
        if self.is_or {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }

    pub(super) fn all(parts: &[Self], exact: bool) -> Option<Self> {
        let text = match parts {
            [] => return None,
            [one] => one.text.clone(),
            many => {
                let texts: Vec<String> = many.iter().map(Self::tight).collect();
                texts.join(" and ")
            }
        };
        Some(Self {
            text,
            exact: exact && parts.iter().all(|p| p.exact),
            is_or: parts.len() == 1 && parts[0].is_or,
            conditions: parts.iter().map(|p| p.conditions).sum(),
            is_cut: parts.iter().any(|p| p.is_cut),
        })
    }

    pub(super) fn any(parts: &[Self]) -> Option<Self> {
        let texts: Vec<&str> = parts.iter().map(|p| p.text.as_str()).collect();
        let exact = parts.iter().all(|p| p.exact);
        (!parts.is_empty()).then(|| Self {
            text: texts.join(" or "),
            exact,
            is_or: parts.len() > 1 || parts[0].is_or,
            conditions: parts.iter().map(|p| p.conditions).sum(),
            is_cut: parts.iter().any(|p| p.is_cut),
        })
    }
}
