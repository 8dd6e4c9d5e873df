//! The incident report: scope and filter, counts, and the events marked by the user. A self-contained Markdown text for
//! a ticket. The caller provides the content.

use std::io::{self, Write};

use super::{Sheet, markdown};

/// Content of a report.
#[derive(Debug)]
pub struct Report {
    pub title: String,
    /// The data analysed, as name and text.
    pub scope: Vec<(String, String)>,
    /// The conditions of the filter in words; empty for none.
    pub filter: Vec<String>,
    /// The command line that reproduces the view.
    pub command: String,
    /// Input files with their sizes and hashes; `None` if no source is a file.
    pub inputs: Option<Sheet<'static>>,
    /// Users and addresses that pulled the images in scope; `None` if the scope is not about images.
    pub exposure: Option<Exposure>,
    /// Counts, each table with its title.
    pub counts: Vec<Sheet<'static>>,
    /// Events over time; empty if no event has a time.
    pub over_time: Vec<Bin>,
    /// All events, if they are few.
    pub events: Option<Sheet<'static>>,
    pub marked: Sheet<'static>,
}

/// Users and addresses that pulled images.
#[derive(Debug)]
pub struct Exposure {
    /// Meaning of the tables, or the reason why there are none.
    pub note: String,
    /// One table per version of an image, with its title.
    pub versions: Vec<Sheet<'static>>,
}

/// A bar of the histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Start of the bucket, as text.
    pub from: String,
    pub count: u64,
    /// Events among them with a status of 400 or more.
    pub failed: u64,
}

/// Length of the longest bar in characters.
const BAR: u64 = 40;

/// Writes a report.
pub fn write(report: Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", markdown::text(&report.title))?;
    writeln!(out, "## Scope\n")?;
    for (name, text) in &report.scope {
        writeln!(out, "- {}: {}", markdown::text(name), markdown::text(text))?;
    }
    if report.filter.is_empty() {
        writeln!(out, "- filter: none, all events in the time range")?;
    } else {
        writeln!(out, "- filter, all of:")?;
        for condition in &report.filter {
            writeln!(out, "  - {}", markdown::line(condition))?;
        }
    }
    writeln!(out, "\nReproduce this view:\n")?;
    markdown::block("sh", &report.command, out)?;
    if let Some(inputs) = report.inputs {
        let when = "As they were when this report was generated.";
        writeln!(out, "## Input files\n\n{when}\n")?;
        table(inputs, out)?;
    }
    if let Some(exposure) = report.exposure {
        let note = markdown::text(&exposure.note);
        writeln!(out, "## Exposure\n\n{note}\n")?;
        for version in exposure.versions {
            table(version, out)?;
        }
    }
    writeln!(out, "## Counts\n")?;
    for sheet in report.counts {
        table(sheet, out)?;
    }
    if !report.over_time.is_empty() {
        writeln!(out, "## Over time\n")?;
        markdown::block("text", &bars(&report.over_time), out)?;
    }
    if let Some(events) = report.events {
        writeln!(out, "## Events\n")?;
        table(events, out)?;
    }
    writeln!(out, "## Marked events\n")?;
    let mut marked = report.marked.for_spreadsheet();
    let mut rows = marked.rows.peekable();
    if rows.peek().is_none() {
        return writeln!(out, "None.");
    }
    marked.rows = Box::new(rows);
    markdown::table(marked, out)
}

/// Writes a table. Tables of a ticket are pasted into spreadsheets.
fn table(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    markdown::table(sheet.for_spreadsheet(), out)
}

/// Draws the bars, one per line: `!` for failed events, `#` for the rest.
fn bars(bins: &[Bin]) -> String {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let wide =
        |count: u64| (u128::from(count) * u128::from(BAR)).div_ceil(u128::from(most)) as usize;
    let line = |bin: &Bin| {
        // Any count above zero stays visible.
        let (all, failed) = (wide(bin.count), wide(bin.failed).min(wide(bin.count)));
        let bar = "!".repeat(failed) + &"#".repeat(all - failed);
        let line = format!(
            "{}  {bar:<width$}  {:>9}",
            bin.from,
            bin.count,
            width = BAR as usize
        );
        match bin.failed {
            0 => line,
            failed => format!("{line}  {failed} failed"),
        }
    };
    let mut lines = Vec::new();
    for run in bins.chunk_by(|a, b| a.count == 0 && b.count == 0) {
        match run {
            // A long pause is one line.
            [first, .., last] if first.count == 0 => {
                let (from, last) = (&first.from, &last.from);
                lines.push(format!("{from}  no events until the end of {last}"));
            }
            run => lines.extend(run.iter().map(line)),
        }
    }
    lines.join("\n") + "\n\n! failed, # successful\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Cell;

    fn bin(from: &str, count: u64, failed: u64) -> Bin {
        Bin {
            from: from.into(),
            count,
            failed,
        }
    }

    #[test]
    fn bars_show_the_little_there_is_and_never_more_than_all() {
        let reported = bars(&[
            bin("08:00", 4_000, 1),
            bin("08:05", 1, 1),
            bin("08:10", 0, 0),
            bin("08:15", 2, 0),
            bin("08:20", 0, 0),
            bin("08:25", 0, 0),
            bin("08:30", 0, 0),
            bin("08:35", 1, 0),
        ]);
        let lines: Vec<&str> = reported.lines().collect();
        assert_eq!(
            lines[0],
            format!("08:00  !{}       4000  1 failed", "#".repeat(39))
        );
        assert!(lines[1].starts_with("08:05  ! ") && lines[1].ends_with("1  1 failed"));
        assert_eq!(lines[2], format!("08:10{}0", " ".repeat(52)));
        // A pause takes one line, however long it is.
        assert_eq!(lines[4], "08:20  no events until the end of 08:30");
        assert!(lines[5].starts_with("08:35  #"), "{reported}");
    }

    #[test]
    fn tables_of_a_report_hold_no_formula() {
        let sheet = || {
            Sheet::whole(
                String::new(),
                vec!["=a".into()],
                vec![vec![Cell::Text("=1+1".into())]],
            )
        };
        let report = Report {
            title: String::new(),
            scope: Vec::new(),
            filter: Vec::new(),
            command: String::new(),
            inputs: Some(sheet()),
            exposure: Some(Exposure {
                note: String::new(),
                versions: vec![sheet()],
            }),
            counts: vec![sheet()],
            over_time: Vec::new(),
            events: Some(sheet()),
            marked: sheet(),
        };
        let mut out = Vec::new();
        write(report, &mut out).expect("memory takes everything");
        let reported = String::from_utf8(out).expect("UTF-8");
        assert_eq!(reported.matches("| '=1+1 |").count(), 5, "{reported}");
        assert_eq!(reported.matches("| '=a |").count(), 5, "{reported}");
    }

    /// Hostile values, in every part of the report that can contain one.
    #[test]
    fn nothing_in_a_report_is_markup_or_an_escape() {
        let evil = "x](http://e)\u{1b}[2J\n# <b>`|";
        let sheet = || {
            Sheet::whole(
                evil.into(),
                vec!["a".into()],
                vec![vec![Cell::Text(evil.into())]],
            )
        };
        let report = Report {
            title: evil.into(),
            scope: vec![("source".into(), evil.into())],
            filter: vec![evil.into()],
            command: format!("regtrail '--user={evil}'"),
            inputs: Some(sheet()),
            exposure: Some(Exposure {
                note: evil.into(),
                versions: vec![sheet()],
            }),
            counts: vec![sheet()],
            over_time: vec![bin("08:00", 1, 0)],
            events: Some(sheet()),
            marked: sheet(),
        };
        let mut out = Vec::new();
        write(report, &mut out).expect("memory takes everything");
        let reported = String::from_utf8(out).expect("UTF-8");
        let (before, rest) = reported.split_once("```sh\n").expect("a block");
        let (command, after) = rest.split_once("\n```\n").expect("its end");
        assert_eq!(command.lines().count(), 2, "{command}");
        for (text, code) in [(before, false), (command, true), (after, false)] {
            assert!(!text.contains('\u{1b}'), "{text}");
            assert!(
                code || !(text.contains("\n# <") || text.contains("x](") || text.contains(" <b>")),
                "{text}"
            );
        }
        assert_eq!(
            after.lines().filter(|line| line.starts_with("# ")).count(),
            0
        );
    }
}
