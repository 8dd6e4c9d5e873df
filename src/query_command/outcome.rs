//! Final report on standard error: failed sources, and records that were rejected or skipped.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::{SourceState, SourceStatus, Status};
use crate::failure::complain;
use crate::model::{Defect, DefectKind};
use crate::widgets::text::grouped;

/// Maximum number of causes of rejected records, and of empty sources, reported individually; the rest is a number.
const TOLD: usize = 5;

/// Reports missing data. Returns true if a source failed.
pub(super) fn tell(status: &Status, defects: &[Arc<Defect>]) -> bool {
    let mut failed: Vec<&str> = Vec::new();
    for source in &status.sources {
        if let Some(why) = failure(source, defects) {
            failed.push(&*source.name);
            complain(&why);
        }
    }
    remarks(status);
    // Do not repeat the message of a failure as a rejected record.
    let source_of = |defect: &Defect| status.sources.iter().find(|s| s.name == defect.source);
    let is_refused = |source: &SourceStatus| failed.contains(&&*source.name) && source.events == 0;
    let is_said = |defect: &&Arc<Defect>| {
        source_of(defect).is_some_and(|source| {
            is_refused(source)
                || defect.kind == DefectKind::Answer && failed.contains(&&*source.name)
        })
    };
    let (said, others): (Vec<_>, Vec<_>) = defects.iter().partition(is_said);
    // All defects of a refused source are covered by its failure, including those that were only counted.
    let refused = status.sources.iter().filter(|source| is_refused(source));
    let refused: u64 = refused.map(|source| source.defects).sum();
    let is_answer = |defect: &&&Arc<Defect>| source_of(defect).is_some_and(|s| !is_refused(s));
    let answers = said.iter().filter(is_answer).count() as u64;
    let count = status.defects.saturating_sub(refused + answers);
    report(&others, count, status.defects);
    !failed.is_empty()
}

/// Reports the sources without any records, if no source has one. A logstore without matches is not one of them. A
/// summary does not need it: it prints a total of 0.
pub(super) fn empty(sources: &[SourceStatus]) {
    if sources.iter().any(|source| source.events > 0) {
        return;
    }
    let is_empty = |source: &&SourceStatus| {
        source.state == SourceState::Done
            && source.events + source.defects + source.remarks.skipped() == 0
            && !source.name.starts_with("sls://")
    };
    let empty: Vec<&SourceStatus> = sources.iter().filter(is_empty).collect();
    for source in empty.iter().take(TOLD) {
        complain(&match (&*source.name, source.bytes) {
            ("stdin", 0) => {
                "standard input is empty; pipe a log in, or name a file, directory or pattern"
                    .to_owned()
            }
            (name, 0) if name.contains("://") => format!("{name}: the response contains no events"),
            (name, _) => format!("{name}: empty, no events to read"),
        });
    }
    if empty.len() > TOLD {
        let more = grouped((empty.len() - TOLD) as u64);
        complain(&format!("{more} more sources contain no events"));
    }
}

/// Reports the remarks on the records of each source, once each.
pub(super) fn remarks(status: &Status) {
    for source in &status.sources {
        for sentence in source.remarks.sentences() {
            complain(&format!("{}: {sentence}", source.name));
        }
    }
}

/// Reason why a source that has ended was read only in part or not at all.
pub(super) fn failure(source: &SourceStatus, defects: &[Arc<Defect>]) -> Option<String> {
    match &source.state {
        SourceState::Failed { why } => Some(why.clone()),
        _ if source.events == 0 && source.defects > 0 => Some(refusal(source, defects)),
        _ => None,
    }
}

/// Formats position and reason of a rejected record.
pub(super) fn described(defect: &Defect) -> String {
    let place = match defect.line {
        Some(line) => format!("{}:{line}", defect.source),
        None => format!("{}: byte {}", defect.source, defect.offset),
    };
    let (reason, kind) = (&defect.reason, defect.kind.name());
    format!("{place}: {reason} ({kind}): {}", defect.sample)
}

/// Reason why no record of a source could be read, from its first defect.
fn refusal(source: &SourceStatus, defects: &[Arc<Defect>]) -> String {
    let name = &source.name;
    let Some(first) = defects.iter().find(|defect| defect.source == *name) else {
        return format!("{name}: not an audit log: none of its records could be read");
    };
    let sample = match first.kind {
        // The reason lists the names found.
        DefectKind::Shape => String::new(),
        _ => format!(": {}", first.sample),
    };
    let what = match source.defects {
        1 => "its only record could not be read".to_owned(),
        count => format!(
            "none of its {} records could be read; the first",
            grouped(count)
        ),
    };
    format!("{name}: not an audit log: {what}: {}{sample}", first.reason)
}

/// Reports the first rejected record of each cause, and the number of others.
fn report(defects: &[&Arc<Defect>], count: u64, all: u64) {
    let mut causes: HashMap<(&str, &str), usize> = HashMap::new();
    let mut groups: Vec<(&Defect, u64)> = Vec::new();
    for defect in defects {
        let at = *causes
            .entry((&*defect.source, &*defect.reason))
            .or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, like)) => *like += 1,
            None => groups.push((defect, 1)),
        }
    }
    let mut rest = count;
    for (defect, like) in groups.iter().take(TOLD) {
        let more = match like {
            1 => String::new(),
            _ => format!(" (and {} more like it)", grouped(like - 1)),
        };
        complain(&format!("{}{more}", described(defect)));
        rest = rest.saturating_sub(*like);
    }
    if rest > 0 {
        complain(&format!(
            "{} more records could not be fully read; {} in total",
            grouped(rest),
            grouped(all)
        ));
    }
}
