//! The filter as short texts, one per chip, in terms of the query language if it can express them.

use std::borrow::Cow;

use crate::model::zone::Zone;
use crate::model::{CATALOGUE, Value};
use crate::query::{Chip, Filter, Pick, TimeRange, edit, format};

/// Returns the short name of a field: its first alias, else its name.
pub fn field_name(field: &str) -> &str {
    CATALOGUE.short(field)
}

/// Formats a value shown on its own. Missing and empty values are named, and blanks at the ends are drawn.
pub fn value_text(value: &Value) -> Cow<'_, str> {
    let Some(text) = value.as_deref() else {
        return "(missing)".into();
    };
    let inner = text.trim();
    if text.is_empty() {
        return "(empty)".into();
    }
    if inner.len() == text.len() {
        return text.into();
    }
    let lead = text.len() - text.trim_start().len();
    let blanks = |text: &str| BLANK.repeat(text.chars().count());
    let trail = &text[(lead + inner.len()).min(text.len())..];
    format!("{}{inner}{}", blanks(&text[..lead]), blanks(trail)).into()
}

/// Glyph for an otherwise invisible blank.
const BLANK: &str = "\u{2423}";

/// Formats one chip of a filter in the filter language. All chips of a filter joined by blanks and typed in the prompt
/// give the same filter. Contains raw values of the log, so it must be sanitised when drawn.
pub fn chip_text(filter: &Filter, chip: &Chip, zone: Zone) -> String {
    match chip {
        Chip::Text if filter.picks.is_empty() && filter.range.is_all() => {
            filter.text.trim().to_owned()
        }
        Chip::Text => edit::part(filter.text.trim()),
        Chip::Term(at) => filter.term(*at).map(format).unwrap_or_default(),
        Chip::Picks(field) => filter.pick(field).map(pick_text).unwrap_or_default(),
        Chip::Range => range_text(filter.range, zone),
    }
}

/// Formats the picks of a field: `user==role/ci`, `action in (GetBlob, DeleteTag)`, `-user==root/1`, `-tag:*`.
fn pick_text(pick: &Pick) -> String {
    let name = edit::field(field_name(&pick.field));
    let is = |value: &Value| match value {
        Some(text) => format!("{name}=={}", edit::plain(&pick.field, text)),
        None => format!("-{name}:*"),
    };
    let is_not = |value: &Value| match value {
        Some(_) => format!("-{}", is(value)),
        None => format!("{name}:*"),
    };
    let include = match &*pick.include {
        [] => None,
        [only] => Some(is(only)),
        // A list would also match other spellings of an address.
        many if many
            .iter()
            .all(|v| v.as_deref().is_some_and(edit::is_plain)) =>
        {
            let items: Vec<&str> = many.iter().flatten().map(|text| &**text).collect();
            Some(format!("{name} in ({})", items.join(", ")))
        }
        many => {
            let parts: Vec<String> = many.iter().map(is).collect();
            Some(format!("({})", parts.join(" or ")))
        }
    };
    let exclude = pick.exclude.iter().map(is_not);
    include
        .into_iter()
        .chain(exclude)
        .collect::<Vec<_>>()
        .join(" ")
}

fn range_text(range: TimeRange, zone: Zone) -> String {
    let end = |name: &str, time: Option<i64>| {
        time.map(|time| format!("{name}:{}", zone.instant_text(time)))
    };
    let ends = [end("since", range.since), end("until", range.until)];
    ends.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns true if a chip only excludes events.
pub fn is_exclusion(filter: &Filter, chip: &Chip) -> bool {
    match chip {
        Chip::Picks(field) => filter
            .pick(field)
            .is_some_and(|pick| pick.include.is_empty()),
        Chip::Text | Chip::Term(_) | Chip::Range => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::PickState;

    #[test]
    fn chips_read_like_the_query_language() {
        let mut filter = Filter {
            range: TimeRange {
                since: Some(0),
                until: None,
            },
            ..Filter::default()
        };
        for value in ["PutImageManifest", "DeleteTag"] {
            filter.set("action", &Some(value.into()), PickState::Include);
        }
        filter.set("user", &Some("ci-bot".into()), PickState::Exclude);
        filter.set("http_response_status", &None, PickState::Include);
        let texts: Vec<String> = filter
            .chips()
            .iter()
            .map(|chip| chip_text(&filter, chip, Zone::Utc))
            .collect();
        let expected = [
            "action in (PutImageManifest, DeleteTag)",
            "-user==ci-bot",
            "-status:*",
            "since:1970-01-01 00:00:00",
        ];
        assert_eq!(texts, expected);
        assert!(is_exclusion(&filter, &Chip::Picks("user".into())));
    }

    #[test]
    fn blanks_at_the_ends_of_a_value_are_seen() {
        let shown = |text: &str| value_text(&Some(text.into())).into_owned();
        assert_eq!(shown(" a b\t "), "\u{2423}a b\u{2423}\u{2423}");
        assert_eq!(shown("  "), "\u{2423}\u{2423}");
        assert_eq!((shown("a"), shown("")), ("a".into(), "(empty)".into()));
    }
}
