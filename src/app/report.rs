//! Description of the view for exports and reports: sources and their completeness, the filter in words, and the
//! command line that shows the same view.

use std::ffi::OsString;

use super::App;
use crate::engine::{ReportWords, SourceState, SourceStatus};
use crate::export::groups;
use crate::model::time::Nanos;
use crate::model::{Row, Value};
use crate::overlays::Written;
use crate::query::{Chip, Filter, TimeRange, shell};
use crate::widgets::chips::{chip_text, field_name, value_text};
use crate::widgets::text;

/// Maximum number of sources listed individually in a report.
const SOURCES: usize = 20;

impl App {
    /// Formats an event as a line: its time and the values of its row, separated by tabs.
    pub(crate) fn line_of(&self, row: &Row) -> String {
        let time = row
            .time
            .map(|time| self.clock.zone.rfc3339(time, row.offset));
        let values = row.values.iter();
        let values = values.map(|value| value.as_deref().unwrap_or("-").to_owned());
        let parts: Vec<String> = time.into_iter().chain(values).collect();
        parts.join("\t")
    }

    /// Title of an exported table.
    pub(super) fn title_of(&self, what: Written) -> String {
        if what == Written::Marked {
            return "Marked events".into();
        }
        let filter = self.filters.effective();
        let chips: Vec<String> = filter
            .chips()
            .iter()
            .map(|chip| chip_text(filter, chip, self.clock.zone))
            .collect();
        let chips = match chips.join("  ") {
            chips if chips.is_empty() => "all events".to_owned(),
            chips => crate::model::visible(&chips).into_owned(),
        };
        format!("{chips}, times {}", self.clock.zone.name())
    }

    pub(super) fn report_words(&self) -> ReportWords {
        let sources = &self.status.sources;
        let title = match sources.as_slice() {
            [one] => format!("Audit report: {}", one.name),
            all => format!("Audit report: {} sources", all.len()),
        };
        let mut scope: Vec<(String, String)> = sources
            .iter()
            .take(SOURCES)
            .map(|source| ("source".to_owned(), source_words(source)))
            .collect();
        if let Some(more) = sources.len().checked_sub(SOURCES).filter(|more| *more > 0) {
            scope.push(("sources".to_owned(), format!("{more} more")));
        }
        let mut fact = |name: &str, text: String| scope.push((name.to_owned(), text));
        if sources.iter().any(|source| &*source.name == "demo") {
            fact(
                "note",
                "demo traffic ends at the time of the start: another start shows other times"
                    .into(),
            );
        }
        fact(
            "generated",
            format!(
                "{} by regtrail {}",
                groups::second(self.clock.now, self.clock.zone),
                env!("CARGO_PKG_VERSION")
            ),
        );
        fact("times", self.clock.zone.name().into_owned());
        if self.status.defects > 0 {
            fact("rejected", format!("{} records", self.status.defects));
        }
        let filter = self.filters.effective();
        let time = |time: Nanos| groups::second(time, self.clock.zone);
        let TimeRange { since, until } = filter.range;
        fact(
            "time range",
            match (since.map(time), until.map(time)) {
                (None, None) => "all".to_owned(),
                (Some(since), None) => format!("from {since} (open-ended)"),
                (None, Some(until)) => format!("until {until} (exclusive)"),
                (Some(since), Some(until)) => format!("from {since} until {until} (exclusive)"),
            },
        );
        let command = self.command_line_of(filter);
        let safe = |word: OsString| match word.to_str() {
            Some(text) => without_secrets(text).into(),
            None => word,
        };
        let command: Vec<OsString> = command.into_iter().map(safe).collect();
        ReportWords {
            title,
            scope,
            sources: sources
                .iter()
                .map(|source| source.name.to_string())
                .collect(),
            filter: conditions(filter),
            command: shell(&command),
        }
    }
}

/// Describes a source and its completeness.
fn source_words(source: &SourceStatus) -> String {
    let state = match &source.state {
        SourceState::Connecting => "connecting, nothing read yet".to_owned(),
        SourceState::Awaiting => "waiting for a writer, nothing read yet".to_owned(),
        SourceState::Loading => "still loading, incomplete".to_owned(),
        SourceState::Live => "live".to_owned(),
        SourceState::Done => "complete".to_owned(),
        SourceState::Stopped if source.whole => "complete, then stopped".to_owned(),
        SourceState::Stopped => "stopped, incomplete".to_owned(),
        SourceState::Paused => "paused".to_owned(),
        SourceState::Missing { why } => format!("{why}; reading resumes when it returns"),
        SourceState::Retrying { why, .. } => format!("interrupted: {why}"),
        SourceState::Failed { why } => format!("failed: {why}"),
    };
    let lost = match source.losses {
        0 => String::new(),
        n => format!(", {}", text::counted(n, "known gap")),
    };
    let events = text::counted(source.events, "event");
    format!("{}, {events}, {state}{lost}", source.name)
}

/// Conditions of a filter in words, without the time range.
fn conditions(filter: &Filter) -> Vec<String> {
    let list = |values: &[Value]| {
        values
            .iter()
            .map(value_text)
            .collect::<Vec<_>>()
            .join(" or ")
    };
    let mut reported = Vec::new();
    for chip in filter.chips() {
        match chip {
            Chip::Text | Chip::Term(_) => reported.push(format!(
                "query: {}",
                chip_text(filter, &chip, crate::model::zone::Zone::Utc)
            )),
            Chip::Picks(field) => {
                let Some(pick) = filter.pick(&field) else {
                    continue;
                };
                let name = field_name(&field);
                if !pick.include.is_empty() {
                    reported.push(format!("{name} is {}", list(&pick.include)));
                }
                if !pick.exclude.is_empty() {
                    reported.push(format!("{name} is not {}", list(&pick.exclude)));
                }
            }
            Chip::Range => {}
        }
    }
    reported
}

/// Removes the secret parts of a URL from a word of the command line: user, password and query.
fn without_secrets(word: &str) -> String {
    let (before, rest) = match word.split_once("://") {
        Some((scheme, rest)) if scheme.ends_with("http") || scheme.ends_with("https") => {
            (format!("{scheme}://"), rest)
        }
        _ => return word.to_owned(),
    };
    let (address, query) = match rest.split_once(['?', '#']) {
        Some((address, _)) => (address, "?…"),
        None => (rest, ""),
    };
    let (host, path) = address
        .find('/')
        .map_or((address, ""), |at| address.split_at(at));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{before}{host}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_in_a_report_has_no_secrets() {
        for (word, reported) in [
            (
                "https://me:pw@h.example:8/logs/x?token=abc#f",
                "https://h.example:8/logs/x?…",
            ),
            ("--sls-endpoint=http://a@h/", "--sls-endpoint=http://h/"),
            ("https://h/a@b", "https://h/a@b"),
            ("sls://1@cn-hangzhou", "sls://1@cn-hangzhou"),
            ("--filter=a ? b", "--filter=a ? b"),
        ] {
            assert_eq!(without_secrets(word), reported);
        }
    }
}
