//! From options to one [`Filter`]: what the explorer and `query` share.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::cli::FilterArgs;
use crate::model::Value;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::query::{CatalogueNames, Filter, Node, PickState, TimeRange, parse, time_words};

/// Why options make no filter. Displays what to do, with the place in the query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("--filter: {line}\n{caret}")]
    Query { line: String, caret: String },
    /// The query names a field that may yet be found in the data.
    #[error("--filter: {line}\n{caret}")]
    Name { line: String, caret: String },
    #[error("--{option}: {reason}")]
    Time {
        option: &'static str,
        reason: String,
    },
    #[error("--since is not before --until: nothing can match")]
    Backwards,
    #[error("--filter: {path}: {reason}")]
    Watchlist { path: String, reason: String },
}

/// The filter that options ask for. `seen` are the names of fields found in the data so far.
pub fn filter(
    args: &FilterArgs,
    seen: &[Arc<str>],
    now: Nanos,
    zone: Zone,
) -> Result<Filter, FilterError> {
    let text = args.query.clone().unwrap_or_default();
    let names = CatalogueNames::with(seen.iter().cloned());
    let mut query = parse(&text, &names).map_err(|error| {
        let (line, caret) = (error.to_string(), error.caret(&text));
        if error.suggestion.is_some() {
            FilterError::Name { line, caret }
        } else {
            FilterError::Query { line, caret }
        }
    })?;
    load_watchlists(&mut query)?;
    let local = |civil: NaiveDateTime| zone.instant(civil, 0);
    let time = |option: &'static str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => time_words::instant(text, now, &local)
            .map(Some)
            .map_err(|error| FilterError::Time {
                option,
                reason: error.to_string(),
            }),
    };
    let range = TimeRange {
        since: time("since", &args.since)?,
        until: time("until", &args.until)?,
    };
    if range
        .since
        .zip(range.until)
        .is_some_and(|(since, until)| since >= until)
    {
        return Err(FilterError::Backwards);
    }
    let mut filter = Filter {
        text,
        query,
        picks: Vec::new(),
        range,
    };
    for (field, values) in [
        ("instance_id", &args.instance),
        ("namespace_repo", &args.repo),
        ("action", &args.action),
        ("user", &args.user),
        ("http_response_status", &args.status),
        ("ip", &args.ip),
    ] {
        for value in values {
            let (value, state) = match value.strip_prefix('!') {
                Some(rest) => (rest, PickState::Exclude),
                None => (value.as_str(), PickState::Include),
            };
            let value: Value = Some(value.into());
            filter.set(field, &value, state);
        }
    }
    Ok(filter)
}

/// Reads the files that `field in @file` names.
pub fn load_watchlists(query: &mut Node) -> Result<(), FilterError> {
    query
        .load(&mut |path| {
            std::fs::read_to_string(Path::new(path)).map_err(|error| error.to_string())
        })
        .map_err(|(path, reason)| FilterError::Watchlist {
            path: path.to_string(),
            reason,
        })
}
