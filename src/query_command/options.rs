//! Parsing and validation of the output options of `query`. Nothing is computed here.

use std::sync::Arc;

use crate::cli::{self, Output};
use crate::index::Vocabulary;
use crate::model::CATALOGUE;
use crate::model::time::SECOND;

/// Default number of values printed per facet.
const VALUES: usize = 10;

/// Returns true for a sort key of summaries that is not a field.
pub(super) fn is_sort(name: &str) -> bool {
    cli::GROUP_SORTS.contains(&name) || matches!(name, "value" | "name")
}

/// Parsed `--facet`.
pub(super) struct FacetArg {
    pub(super) field: Arc<str>,
    pub(super) limit: usize,
}

/// Fields named by output options, with the option; independent of the data.
pub(super) fn named(output: &Output) -> impl Iterator<Item = (&'static str, Arc<str>)> {
    let facets = output.facet.iter().filter_map(|text| facet_arg(text).ok());
    facets.map(|arg| ("facet", arg.field)).chain(
        output
            .group_by
            .iter()
            .map(|name| ("group-by", name.as_str().into())),
    )
}

/// Validates the output options.
pub(super) fn check(output: &Output) -> Result<(), String> {
    output
        .facet
        .iter()
        .try_for_each(|text| facet_arg(text).map(|_| ()))?;
    output
        .histogram
        .iter()
        .try_for_each(|text| step_of(text).map(|_| ()))?;
    let facets: Vec<String> = named(output)
        .filter(|(option, _)| *option == "facet")
        .map(|(_, name)| name.to_string())
        .collect();
    each_once("facet", &facets)?;
    each_once("group-by", &output.group_by)?;
    each_once("columns", &output.columns)?;
    if output.for_spreadsheet && output.output.as_deref() != Some("csv") {
        return Err("--for-spreadsheet requires -o csv: add -o csv".into());
    }
    if output.is_summary() && output.output.as_deref() == Some("raw") {
        return Err(
            "-o raw prints events; it cannot be used with --count, --facet, --histogram, --group-by or --stats"
                .into(),
        );
    }
    Ok(())
}

/// Validates a list of names: none is empty, and none appears twice, also as an alias.
fn each_once(option: &str, names: &[String]) -> Result<(), String> {
    let same = |a: &String, b: &String| {
        a == b
            || CATALOGUE
                .find(a)
                .is_some_and(|field| CATALOGUE.find(b) == Some(field))
    };
    for (at, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            let list = names.join(",");
            return Err(format!(
                "--{option} {list}: empty field name; expected fields separated by commas"
            ));
        }
        if let Some(first) = names[..at].iter().find(|first| same(first, name)) {
            return Err(if first == name {
                format!("--{option} {name}: field given twice")
            } else {
                format!("--{option} {name}: same field as {first}")
            });
        }
    }
    Ok(())
}

/// Validates the field names in the options against the fields of the records.
pub(super) fn check_names(output: &Output, vocabulary: &Vocabulary) -> Result<(), String> {
    for text in &output.facet {
        let arg = facet_arg(text)?;
        if own(&arg.field).contains(':') && vocabulary.field(&arg.field).is_none() {
            return Err(facet_form(text));
        }
        if arg.field.contains(',') && vocabulary.field(&arg.field).is_none() {
            let each: Vec<String> = text
                .split(',')
                .map(|one| format!("--facet {one}"))
                .collect();
            return Err(format!(
                "--facet {text}: a facet has one field; write {}",
                each.join(" ")
            ));
        }
    }
    for (option, names) in [("columns", &output.columns), ("group-by", &output.group_by)] {
        for name in names.iter().filter(|name| vocabulary.field(name).is_none()) {
            let parts: Vec<&str> = name.split_whitespace().collect();
            if parts.len() > 1 && parts.iter().all(|part| vocabulary.field(part).is_some()) {
                let list = parts.join(",");
                return Err(format!(
                    "--{option} '{name}': separate fields with commas: --{option} {list}"
                ));
            }
        }
    }
    let Some(sort) = &output.sort else {
        return Ok(());
    };
    let name = sort.strip_prefix('-').unwrap_or(sort);
    if vocabulary.field(name).is_none() && (name.contains(',') || name.starts_with('-')) {
        let first = name
            .trim_start_matches('-')
            .split(',')
            .next()
            .unwrap_or_default();
        return Err(format!(
            "--sort {sort}: expected one field, with one leading - for descending, as in --sort {first}"
        ));
    }
    let field = vocabulary.field(name);
    let grouped = |names: &[String]| {
        let is_it =
            |other: &String| other == name || field.is_some() && vocabulary.field(other) == field;
        names.iter().any(is_it)
    };
    let (groups, facets) = (!output.group_by.is_empty(), !output.facet.is_empty());
    let fits = match name {
        "" => false,
        "count" | "value" | "name" if groups || facets => true,
        "failed" | "users" | "admitted" | "first" | "last" if groups => true,
        _ if groups => grouped(&output.group_by),
        _ if facets => false,
        name => output.is_summary() || field.is_some() || !is_sort(name),
    };
    if fits {
        return Ok(());
    }
    if name.is_empty() {
        return Err(format!(
            "--sort {sort}: expected a field, with a leading - for descending"
        ));
    }
    Err(match (groups, facets) {
        (true, _) => format!(
            "--sort {sort}: groups can be sorted by count, failed, users, admitted, first, last or one of their fields"
        ),
        (false, true) => format!("--sort {sort}: facet values can be sorted by count or value"),
        (false, false) => {
            format!("--sort {sort}: events can be sorted by a field; {name} requires --group-by")
        }
    })
}

fn facet_form(text: &str) -> String {
    format!("--facet {text}: expected FIELD, FIELD:N or FIELD:all, where N is at least 1")
}

/// Removes the prefix of tag names, whose colon is part of the name.
fn own(name: &str) -> &str {
    name.strip_prefix("__tag__:").unwrap_or(name)
}

/// Parses `FIELD`, `FIELD:N` or `FIELD:all`. The part after the last colon may belong to the name of a field that only
/// the records have: [`check_names`] decides that.
pub(super) fn facet_arg(text: &str) -> Result<FacetArg, String> {
    let tag = text.len() - own(text).len();
    let (field, limit) = match own(text).rsplit_once(':') {
        Some((name, number)) => {
            let field = &text[..tag + name.len()];
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            match number {
                "all" => (field, usize::MAX),
                _ if digits => match number.parse() {
                    Ok(0) => return Err(facet_form(text)),
                    Ok(limit) => (field, limit),
                    Err(_) => return Err(format!("--facet {text}: {number} is too large")),
                },
                _ if number.is_empty() || CATALOGUE.find(field).is_some() => {
                    return Err(facet_form(text));
                }
                _ => (text, VALUES),
            }
        }
        None => (text, VALUES),
    };
    if own(field).trim().is_empty() {
        return Err(facet_form(text));
    }
    Ok(FacetArg {
        field: field.into(),
        limit,
    })
}

/// Parses a step in nanoseconds; `None` for `auto`.
pub(super) fn step_of(text: &str) -> Result<Option<i64>, String> {
    if text == "auto" {
        return Ok(None);
    }
    duration(text).map(Some).ok_or_else(|| {
        format!("--histogram {text}: expected a step such as 10s, 1m, 1h, 1d, or auto")
    })
}

/// Parses a duration in nanoseconds: a positive number with a unit; seconds without one.
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
        for (text, limit) in [("__tag__:x", VALUES), ("__tag__:x:5", 5), ("a:b", VALUES)] {
            let field = text.trim_end_matches(":5");
            assert_eq!(read(text), Some((field.into(), limit)));
        }
        for wrong in [
            "",
            ":3",
            ":",
            "action:",
            "action:0",
            "action:00",
            "action:0x",
            "action:-1",
            "action:abc",
            "action:+1",
            "action: 3",
            "status:x",
            "__tag__:",
            "__tag__:x:",
            "x:99999999999999999999",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_names_each_field_once() {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let said = |names: &[&str]| each_once("columns", &list(names)).expect_err("wrong");
        assert_eq!(each_once("columns", &list(&["status", "tag", "x"])), Ok(()));
        assert!(said(&["", "a"]).starts_with("--columns ,a: empty field name"));
        assert!(said(&["", ""]).contains("empty field name"));
        assert_eq!(said(&["x", "x"]), "--columns x: field given twice");
        assert_eq!(
            said(&["status", "http_response_status"]),
            "--columns http_response_status: same field as status"
        );
    }

    #[test]
    fn steps() {
        assert_eq!(step_of("10s"), Ok(Some(10 * SECOND)));
        assert_eq!(step_of("auto"), Ok(None));
        assert!(step_of("0s").is_err() && step_of("1y").is_err() && step_of("m").is_err());
    }
}
