//! Interval of summaries, and validation of the options allowed with `--follow`, before anything is read.

use std::time::Duration;

use super::super::options::duration;
use crate::cli;
use crate::model::name;

/// Default interval between summary lines.
const EVERY: Duration = Duration::from_secs(10);

/// Returns the interval between summary lines if the query follows. The error is for invalid combinations of options.
pub(in crate::query_command) fn pace(query: &cli::Query) -> Result<Option<Duration>, String> {
    let output = &query.output;
    let format = output.output.as_deref();
    if !query.input.follows(false) {
        return match &output.every {
            Some(_) => Err("--every requires --follow".into()),
            None => Ok(None),
        };
    }
    if output.stats {
        return Err(
            "--stats cannot be used with --follow, because loading never ends; drop one of them"
                .into(),
        );
    }
    if output.is_summary() {
        if let Some(format) = format.filter(|format| !matches!(*format, "json" | "ndjson")) {
            return Err(format!(
                "-o {format} cannot be used with summaries and --follow, which print one JSON object per line; drop -o"
            ));
        }
        let Some(text) = &output.every else {
            return Ok(Some(EVERY));
        };
        let nanos = duration(text).and_then(|nanos| u64::try_from(nanos).ok());
        let nanos = nanos.ok_or_else(|| {
            format!("--every {text}: expected a duration such as 500ms, 2s, 1m or 1h")
        })?;
        return Ok(Some(Duration::from_nanos(nanos)));
    }
    if output.every.is_some() {
        return Err(
            "--every requires --count, --facet, --histogram or --group-by; events are printed as they arrive".into(),
        );
    }
    if let Some(format @ ("json" | "markdown")) = format {
        return Err(format!(
            "-o {format} cannot be used with --follow, because its output never ends; use -o ndjson, csv, raw or table"
        ));
    }
    if let Some(sort) = output.sort.as_deref().filter(|sort| *sort != name::TIME) {
        return Err(format!(
            "--sort {sort} cannot be used with --follow, which prints events as they arrive; drop one of them"
        ));
    }
    Ok(Some(EVERY))
}
