//! The filter as short texts, one per chip, in terms of the query language if it can express them.

use std::borrow::Cow;

use crate::model::zone::Zone;
use crate::model::{CATALOGUE, Value};
use crate::query::{Chip, Filter, TimeRange, format};

/// Returns the short name of a field: its first alias, else its name.
pub fn field_name(field: &str) -> &str {
    let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
    info.and_then(|info| info.aliases.first())
        .map_or(field, String::as_str)
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

/// Formats one chip of a filter. Contains raw values of the log, so it must be sanitised when drawn.
pub fn chip_text(filter: &Filter, chip: &Chip, zone: Zone) -> String {
    match chip {
        Chip::Text => filter.text.trim().to_owned(),
        Chip::Term(at) => filter.term(*at).map(format).unwrap_or_default(),
        Chip::Picks(field) => {
            let name = field_name(field);
            let list =
                |values: &[Value]| values.iter().map(value_text).collect::<Vec<_>>().join(",");
            let pick = filter.pick(field);
            let include = pick
                .filter(|pick| !pick.include.is_empty())
                .map(|pick| format!("{name}:{}", list(&pick.include)));
            let exclude = pick
                .filter(|pick| !pick.exclude.is_empty())
                .map(|pick| format!("-{name}:{}", list(&pick.exclude)));
            include
                .into_iter()
                .chain(exclude)
                .collect::<Vec<_>>()
                .join(" ")
        }
        Chip::Range => range_text(filter.range, zone),
    }
}

fn range_text(range: TimeRange, zone: Zone) -> String {
    let end =
        |name: &str, time: Option<i64>| time.map(|time| format!("{name}:{}", zone.second(time)));
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
            "action:PutImageManifest,DeleteTag",
            "-user:ci-bot",
            "status:(missing)",
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
