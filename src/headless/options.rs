//! The output options of `query` taken apart: what they name, and what is wrong with them. Nothing is
//! computed here.

use std::sync::Arc;

use crate::cli::Output;
use crate::model::time::SECOND;

/// Values of a facet printed where no number is given.
const VALUES: usize = 10;

/// Orders of sums that are no field.
pub(super) const SORTS: [&str; 6] = ["count", "failed", "first", "last", "value", "name"];

/// One `--facet`.
pub(super) struct FacetArg {
    pub(super) field: Arc<str>,
    pub(super) limit: usize,
}

/// The fields that the output options name, with the option, before anything is known of the data.
pub(super) fn named(output: &Output) -> impl Iterator<Item = (&'static str, Arc<str>)> {
    let facets = output.facet.iter().filter_map(|text| facet_arg(text).ok());
    facets.map(|arg| ("facet", arg.field)).chain(
        output
            .group_by
            .iter()
            .map(|name| ("group-by", name.as_str().into())),
    )
}

/// What is wrong with the output options, if anything.
pub(super) fn check(output: &Output) -> Result<(), String> {
    output
        .facet
        .iter()
        .try_for_each(|text| facet_arg(text).map(|_| ()))?;
    output
        .histogram
        .iter()
        .try_for_each(|text| step_of(text).map(|_| ()))?;
    if output.is_summary() && output.output.as_deref() == Some("raw") {
        return Err(
            "-o raw prints events; it does not go with --count, --facet, --histogram, --group-by or --stats"
                .into(),
        );
    }
    Ok(())
}

pub(super) fn facet_arg(text: &str) -> Result<FacetArg, String> {
    let (field, limit) = match text.rsplit_once(':') {
        Some((field, "all")) => (field, usize::MAX),
        Some((field, n)) if n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty() => (
            field,
            n.parse()
                .map_err(|_| format!("--facet {text}: {n} is too large"))?,
        ),
        _ => (text, VALUES),
    };
    if field.is_empty() {
        return Err(format!(
            "--facet {text}: expected FIELD, FIELD:N or FIELD:all"
        ));
    }
    Ok(FacetArg {
        field: field.into(),
        limit,
    })
}

/// Nanoseconds of a step; `None` for `auto`.
pub(super) fn step_of(text: &str) -> Result<Option<i64>, String> {
    if text == "auto" {
        return Ok(None);
    }
    duration(text).map(Some).ok_or_else(|| {
        format!("--histogram {text}: expected a step such as 10s, 1m, 1h, 1d, or auto")
    })
}

/// Nanoseconds of a duration: a number above 0 with a unit, seconds without one.
pub(super) fn duration(text: &str) -> Option<i64> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let unit = match &text[split..] {
        "ms" => SECOND / 1000,
        "" | "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" => 86_400 * SECOND,
        "w" => 7 * 86_400 * SECOND,
        _ => return None,
    };
    let number = text[..split].parse::<i64>().ok()?;
    number.checked_mul(unit).filter(|nanos| *nanos > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facet_arguments() {
        let read = |text| {
            facet_arg(text)
                .map(|arg| (arg.field.to_string(), arg.limit))
                .ok()
        };
        assert_eq!(read("action"), Some(("action".into(), VALUES)));
        assert_eq!(read("action:3"), Some(("action".into(), 3)));
        assert_eq!(read("action:all"), Some(("action".into(), usize::MAX)));
        assert_eq!(read("__tag__:x"), Some(("__tag__:x".into(), VALUES)));
        assert_eq!(read(":3"), None);
    }

    #[test]
    fn steps() {
        assert_eq!(step_of("10s"), Ok(Some(10 * SECOND)));
        assert_eq!(step_of("auto"), Ok(None));
        assert!(step_of("0s").is_err() && step_of("1y").is_err() && step_of("m").is_err());
    }
}
