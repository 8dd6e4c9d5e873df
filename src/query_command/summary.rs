//! Summaries of the matching events: count, facets, histogram, groups. They are requested like those of the panes.

use std::io::Write;
use std::sync::Arc;

use super::Read;
use super::events::disarmed;
use super::options::{facet_arg, step_of};
use super::order;
use super::stats::Stats;
use crate::cli::Output;
use crate::engine::{
    Answer, Arrivals, Ask, Engine, FacetTable, FacetWant, GroupWant, Histogram, HistogramWant,
    MOST_GROUPS, Wants,
};
use crate::export::{Cell, Sheet, find};
use crate::failure::Failure;
use crate::index::Vocabulary;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{CATALOGUE, Value};
use crate::query::Filter;
use crate::widgets::text::{counted, grouped};

/// Number of bins of a histogram with step `auto`; `MOST_BINS` is the limit for all histograms.
const AUTO_BINS: usize = 60;
const MOST_BINS: usize = 1_000_000;

/// Maximum number of values printed per facet.
const MOST_VALUES: usize = 1_000_000;

/// Request for a summary.
pub(super) struct Question<'a> {
    pub(super) output: &'a Output,
    pub(super) filter: Arc<Filter>,
    pub(super) zone: Zone,
    /// If set, only events that arrived after the start are counted.
    pub(super) later: Option<Arc<Arrivals>>,
    /// Number of requests sent; the id of the last one.
    asked: u64,
}

/// Summary, ready for printing.
pub(super) struct Summary<'a> {
    pub(super) output: &'a Output,
    pub(super) zone: Zone,
    pub(super) answer: Answer,
    pub(super) read: Read,
    /// Set for `--stats`.
    pub(super) stats: Option<Stats>,
}

impl<'a> Question<'a> {
    pub(super) fn new(output: &'a Output, filter: Filter, zone: Zone) -> Self {
        Self {
            output,
            filter: Arc::new(filter),
            zone,
            later: None,
            asked: 0,
        }
    }

    /// Computes the summary for the data loaded now.
    pub(super) fn ask(&mut self, engine: &Engine, read: Read) -> Result<Summary<'a>, Failure> {
        self.asked += 1;
        let wants = self.wants(&engine.snapshot().vocabulary);
        let wants = wants.map_err(Failure::Usage)?;
        let answer = engine.answer(Ask {
            later: self.later.clone(),
            ..Ask::new(self.asked, self.filter.clone(), wants)
        });
        let answer = answer
            .ok_or_else(|| Failure::System("internal error: the query returned no result".into()));
        Ok(Summary {
            output: self.output,
            zone: self.zone,
            answer: self.printed(answer?).map_err(Failure::Usage)?,
            read,
            stats: None,
        })
    }

    fn wants(&self, vocabulary: &Vocabulary) -> Result<Wants, String> {
        let output = self.output;
        let sort = output.sort.as_deref();
        // An alias is printed and counted under the field's own name.
        let resolve = |name: &str| -> Arc<str> {
            let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
            info.map_or(name, |info| &info.name).into()
        };
        let facet = |text: &String| {
            let arg = facet_arg(text)?;
            Ok(FacetWant {
                field: resolve(&arg.field),
                order: order::facet(sort),
                limit: arg.limit.min(MOST_VALUES),
                find: None,
            })
        };
        let histogram = |text: &String| {
            let step = step_of(text)?;
            Ok::<_, String>(HistogramWant {
                bins: step.map_or(AUTO_BINS, |_| MOST_BINS),
                step,
                // A requested range is covered completely, including empty bins.
                range: Some(self.filter.range),
                zone: self.zone,
            })
        };
        let group = (!output.group_by.is_empty()).then(|| {
            let fields: Vec<_> = output.group_by.iter().map(|name| resolve(name)).collect();
            let (order, ascending) = order::groups(sort, &fields, vocabulary);
            GroupWant {
                fields,
                order,
                ascending,
                limit: output.limit.unwrap_or(usize::MAX),
                bins: 0,
                facet: false,
            }
        });
        Ok(Wants {
            facets: output
                .facet
                .iter()
                .map(facet)
                .collect::<Result<_, String>>()?,
            histogram: output.histogram.as_ref().map(histogram).transpose()?,
            group,
            usage: output.stats,
            ..Wants::default()
        })
    }

    /// Prepares the answer for printing. Fails if a list is too long.
    fn printed(&self, mut answer: Answer) -> Result<Answer, String> {
        for (text, table) in self.output.facet.iter().zip(&mut answer.facets) {
            let arg = facet_arg(text)?;
            let (shown, name) = (table.distinct.min(arg.limit as u64), &arg.field);
            // Missing values are counted separately. Values listed only because they are picked come before the others.
            table.values.retain(|value| value.value.is_some());
            let picked = table.values.len().saturating_sub(shown as usize);
            table.values.drain(..picked);
            if shown > MOST_VALUES as u64 {
                return Err(format!(
                    "--facet {name}: {shown} values, more than the limit of {MOST_VALUES}; give a number, as in {name}:1000, or narrow the filter"
                ));
            }
        }
        if answer
            .histogram
            .as_ref()
            .is_some_and(|found| found.bins.count == 0)
        {
            return Err(format!(
                "--histogram: more than {MOST_BINS} bins; choose a wider step or a narrower time range"
            ));
        }
        if answer.group.as_ref().is_some_and(|groups| groups.is_over) {
            let names = self.output.group_by.join(",");
            return Err(format!(
                "--group-by {names}: more than {MOST_GROUPS} groups; narrow the filter, or group by fields with fewer values"
            ));
        }
        Ok(answer)
    }
}

impl Summary<'_> {
    /// Prints the summary; returns the number of matches.
    pub(super) fn print(&self, terminal: bool, out: &mut impl Write) -> Result<u64, Failure> {
        let name = self.output.output.as_deref();
        match name.unwrap_or(if terminal { "table" } else { "json" }) {
            "json" | "ndjson" => self.write(out)?,
            name => {
                let export = find(name).expect("the command line admits rows of EXPORTS");
                for (n, sheet) in self.sheets().into_iter().enumerate() {
                    if n > 0 && name != "markdown" {
                        out.write_all(b"\n")?;
                    }
                    (export.write)(disarmed(sheet, self.output), out)?;
                }
            }
        }
        Ok(self.answer.matched)
    }

    /// Summary as tables, one per requested part.
    fn sheets(&self) -> Vec<Sheet<'static>> {
        let Self { output, answer, .. } = self;
        let text = |value: &Value| Cell::from(value.as_deref());
        let time = |time: Option<Nanos>| {
            time.map_or(Cell::Missing, |t| Cell::Text(self.zone.rfc3339(t, 0)))
        };
        let mut sheets = Vec::new();
        if output.count {
            sheets.push(Sheet::whole(
                String::new(),
                ["matched", "total", "defects"].map(String::from).to_vec(),
                vec![vec![
                    Cell::Number(answer.matched),
                    Cell::Number(answer.total),
                    Cell::Number(self.read.defects),
                ]],
            ));
        }
        for FacetTable {
            field,
            distinct,
            missing,
            values,
            ..
        } in &answer.facets
        {
            let shown = values.len() as u64;
            let more = if shown < *distinct {
                format!(", {} shown", grouped(shown))
            } else {
                String::new()
            };
            let lacking = if *missing > 0 {
                format!(", missing in {}", counted(*missing, "event"))
            } else {
                String::new()
            };
            sheets.push(Sheet::whole(
                format!("{field}: {}{more}{lacking}", counted(*distinct, "value")),
                vec!["count".into(), field.to_string()],
                values
                    .iter()
                    .map(|one| vec![Cell::Number(one.count), text(&one.value)])
                    .collect(),
            ));
        }
        if output.histogram.is_some() {
            let none = Histogram::default();
            let histogram = answer.histogram.as_ref().unwrap_or(&none);
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
        if let Some(groups) = &answer.group {
            let sums = ["count", "failed", "first", "last"].map(String::from);
            sheets.push(Sheet::whole(
                String::new(),
                output.group_by.iter().cloned().chain(sums).collect(),
                groups
                    .rows
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
        sheets.extend(self.stats.iter().flat_map(Stats::sheets));
        sheets
    }
}
