//! Sums over the matching events: count, facets, histogram, groups.

use std::io::Write;
use std::sync::Arc;

use super::Loaded;
use super::events::disarmed;
use super::options::{facet_arg, step_of};
use super::order;
use crate::aggregate::{self, Bins, FacetCounts, Group, Matches, Part, UNWATCHED, Without};
use crate::cli::Output;
use crate::export::{Cell, Sheet, find};
use crate::failure::Failure;
use crate::model::time::Nanos;
use crate::model::{CATALOGUE, Value};
use crate::query::Filter;

/// Bins of a histogram whose step is `auto`, and the most that are printed.
const AUTO_BINS: usize = 60;
const MOST_BINS: usize = 1_000_000;

/// Values of a facet and groups that are printed at most.
const MOST_PRINTED: usize = 1_000_000;

/// A histogram with its edges; without counts where there is no time to count over.
#[derive(Default)]
pub(super) struct Histogram {
    pub(super) bins: Bins,
    pub(super) counts: Vec<u64>,
    failed: Vec<u64>,
}

pub(super) struct Facet {
    pub(super) field: Arc<str>,
    pub(super) distinct: u64,
    pub(super) missing: u64,
    pub(super) values: Vec<(Value, u64)>,
}

pub(super) struct Summary {
    pub(super) total: u64,
    pub(super) matched: u64,
    pub(super) defects: u64,
    pub(super) skipped: u64,
    pub(super) complete: bool,
    pub(super) range: Option<(Nanos, Nanos)>,
    pub(super) facets: Vec<Facet>,
    pub(super) histogram: Option<Histogram>,
    pub(super) groups: Option<Vec<Group>>,
}

/// Prints the sums; returns the number of matches.
pub(super) fn print(
    loaded: &mut Loaded,
    filter: &Filter,
    output: &Output,
    terminal: bool,
    out: &mut impl Write,
) -> Result<u64, Failure> {
    let summary = sum(loaded, filter, output).map_err(Failure::Usage)?;
    match output
        .output
        .as_deref()
        .unwrap_or(if terminal { "table" } else { "json" })
    {
        "json" | "ndjson" => {
            summary.write(loaded, output, out)?;
        }
        name => {
            let export = find(name).expect("the command line admits rows of EXPORTS");
            for (n, sheet) in summary.sheets(loaded, output).into_iter().enumerate() {
                if n > 0 && name != "markdown" {
                    out.write_all(b"\n")?;
                }
                (export.write)(disarmed(sheet, output), out)?;
            }
        }
    }
    Ok(summary.matched)
}

pub(super) fn sum(
    loaded: &mut Loaded,
    filter: &Filter,
    output: &Output,
) -> Result<Summary, String> {
    let snapshot = loaded.snapshot.clone();
    let plan = loaded.planner.plan(filter, &snapshot);
    let each = if output.facet.is_empty() {
        Without::Nothing
    } else {
        Without::EachPart
    };
    let mut matches = Matches::all(&snapshot, &plan, each);
    if let Some(history) = &loaded.history {
        matches = history.later(&snapshot, matches);
    }
    let args = output
        .facet
        .iter()
        .map(|text| facet_arg(text))
        .collect::<Result<Vec<_>, _>>()?;
    // An alias is shown and counted under the field's own name.
    let resolve = |name: &Arc<str>| {
        let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
        info.map_or_else(|| name.clone(), |info| info.name.as_str().into())
    };
    let fields: Vec<Arc<str>> = args.iter().map(|arg| resolve(&arg.field)).collect();
    let counts = aggregate::count_facets(&snapshot, &plan, &matches, &fields);
    let facets = args
        .iter()
        .zip(&fields)
        .zip(counts)
        .map(|((arg, field), counts)| {
            let (shown, name) = (counts.distinct().min(arg.limit as u64), &arg.field);
            if shown > MOST_PRINTED as u64 {
                return Err(format!(
                    "--facet {name}: {shown} values, of which {MOST_PRINTED} at most are printed; name a number, as in {name}:1000, or narrow the filter"
                ));
            }
            let values = facet_values(&counts, loaded, arg.limit, output.sort.as_deref());
            Ok(Facet {
                field: field.clone(),
                distinct: counts.distinct(),
                missing: counts.missing(),
                values,
            })
        });
    let facets = facets.collect::<Result<_, String>>()?;
    let failed = loaded.planner.part(&aggregate::failed(), &snapshot);
    let histogram = match &output.histogram {
        None => None,
        Some(text) => Some(bins(loaded, &matches, &failed, step_of(text)?, filter)?),
    };
    let groups = (!output.group_by.is_empty()).then(|| -> Result<Vec<Group>, String> {
        let fields: Vec<Arc<str>> = output
            .group_by
            .iter()
            .map(|name| resolve(&name.as_str().into()))
            .collect();
        let groups = aggregate::group(
            &snapshot,
            &matches,
            &fields,
            &failed,
            None,
            MOST_PRINTED,
            UNWATCHED,
        );
        let mut groups = groups.map_err(|_| {
            let names = output.group_by.join(",");
            format!(
                "--group-by {names}: more than {MOST_PRINTED} groups; narrow the filter, or group by fields with fewer values"
            )
        })?;
        order::groups(
            &mut groups,
            output.sort.as_deref(),
            &fields,
            &snapshot.vocabulary,
        );
        groups.truncate(output.limit.unwrap_or(usize::MAX));
        Ok(groups)
    });
    let groups = groups.transpose()?;
    Ok(Summary {
        total: snapshot.events,
        matched: matches.matched,
        defects: loaded.defects,
        skipped: loaded.skipped,
        complete: loaded.complete,
        range: matches.span,
        facets,
        histogram,
        groups,
    })
}

fn facet_values(
    counts: &FacetCounts,
    loaded: &Loaded,
    limit: usize,
    sort: Option<&str>,
) -> Vec<(Value, u64)> {
    let mut places = counts.by_count(&loaded.snapshot);
    let text = |place: &usize| counts.text(&loaded.snapshot, *place);
    match sort {
        Some("value" | "name") => places.sort_by(|a, b| text(a).cmp(&text(b))),
        Some("-value" | "-name") => places.sort_by(|a, b| text(b).cmp(&text(a))),
        Some("count") => places.sort_by(|a, b| {
            counts.counts[*a]
                .cmp(&counts.counts[*b])
                .then(text(a).cmp(&text(b)))
        }),
        _ => {}
    }
    places.truncate(limit);
    places
        .iter()
        .map(|place| (text(place).map(Arc::from), counts.counts[*place]))
        .collect()
}

fn bins(
    loaded: &Loaded,
    matches: &Matches,
    failed: &Part,
    step: Option<i64>,
    filter: &Filter,
) -> Result<Histogram, String> {
    // A range that was asked for is covered whole, empty bins included.
    let since = filter.range.since.or(matches.span.map(|span| span.0));
    let until = filter.range.until.map(|until| until - 1);
    let until = until.or(matches.span.map(|span| span.1));
    let Some((since, until)) = since.zip(until) else {
        return Ok(Histogram::default());
    };
    let zone = loaded.zone;
    let bins = match step {
        Some(step) => Bins::of_step((since, until), step, MOST_BINS, zone).ok_or_else(|| {
            format!(
                "--histogram: more than {MOST_BINS} bins; choose a wider step or a narrower time range"
            )
        })?,
        None => Bins::fit((since, until), AUTO_BINS, zone),
    };
    let (counts, failed) = aggregate::histogram(&loaded.snapshot, matches, &bins, failed);
    Ok(Histogram {
        bins,
        counts,
        failed,
    })
}

impl Summary {
    /// The sums as tables, one a question.
    fn sheets(&self, loaded: &Loaded, output: &Output) -> Vec<Sheet<'static>> {
        let text = |value: &Value| Cell::from(value.as_deref());
        let time = |time: Option<Nanos>| {
            time.map_or(Cell::Missing, |t| Cell::Text(loaded.zone.rfc3339(t, 0)))
        };
        let mut sheets = Vec::new();
        if output.count {
            sheets.push(Sheet::whole(
                String::new(),
                ["matched", "total", "defects"].map(String::from).to_vec(),
                vec![vec![
                    Cell::Number(self.matched),
                    Cell::Number(self.total),
                    Cell::Number(self.defects),
                ]],
            ));
        }
        for Facet {
            field,
            distinct,
            missing,
            values,
        } in &self.facets
        {
            let shown = values.len() as u64;
            let more = if shown < *distinct {
                format!(", {shown} shown")
            } else {
                String::new()
            };
            let lacking = if *missing > 0 {
                format!(", {missing} events without")
            } else {
                String::new()
            };
            sheets.push(Sheet::whole(
                format!("{field}: {distinct} values{more}{lacking}"),
                vec!["count".into(), field.to_string()],
                values
                    .iter()
                    .map(|(value, count)| vec![Cell::Number(*count), text(value)])
                    .collect(),
            ));
        }
        if let Some(histogram) = &self.histogram {
            let row = |(n, (count, failed)): (usize, (&u64, &u64))| {
                let start = time(Some(histogram.bins.start_of(n)));
                vec![start, Cell::Number(*count), Cell::Number(*failed)]
            };
            sheets.push(Sheet::whole(
                String::new(),
                ["from", "count", "failed"].map(String::from).to_vec(),
                histogram
                    .counts
                    .iter()
                    .zip(&histogram.failed)
                    .enumerate()
                    .map(row)
                    .collect(),
            ));
        }
        if let Some(groups) = &self.groups {
            let sums = ["count", "failed", "first", "last"].map(String::from);
            sheets.push(Sheet::whole(
                String::new(),
                output.group_by.iter().cloned().chain(sums).collect(),
                groups
                    .iter()
                    .map(|group| {
                        let sums = [
                            Cell::Number(group.count),
                            Cell::Number(group.failed),
                            time(group.first),
                            time(group.last),
                        ];
                        group.key.iter().map(text).chain(sums).collect()
                    })
                    .collect(),
            ));
        }
        sheets.extend(loaded.stats.iter().flat_map(super::stats::Stats::sheets));
        sheets
    }
}
