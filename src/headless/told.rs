//! What is said on standard error of what was read: sources that failed, records that could not be read or were skipped.

use std::collections::HashMap;
use std::sync::Arc;

use super::complain;
use crate::engine::{SourceState, SourceStatus, Status};
use crate::model::{Defect, DefectKind};

/// Kinds of defects that are told one by one; the rest as a number.
const TOLD: usize = 5;

/// Says what is missing of what was asked for. Returns whether a source failed.
pub(super) fn tell(status: &Status, defects: &[Arc<Defect>]) -> bool {
    let mut failed = false;
    let mut refused: Vec<&str> = Vec::new();
    for source in &status.sources {
        if let SourceState::Failed { why } = &source.state {
            failed = true;
            complain(why);
        } else if source.events == 0 && source.defects > 0 {
            failed = true;
            refused.push(&*source.name);
            complain(&refusal(source, defects));
        }
    }
    for source in &status.sources {
        for sentence in source.remarks.sentences() {
            complain(&format!("{}: {sentence}", source.name));
        }
    }
    // What a source that failed or was refused has been told of is not told again.
    let is_told = |defect: &Defect| {
        let same = |source: &&SourceStatus| source.name == defect.source;
        let failed = |source: &SourceStatus| matches!(source.state, SourceState::Failed { .. });
        refused.contains(&&*defect.source)
            || defect.kind == DefectKind::Answer
                && status.sources.iter().find(same).is_some_and(failed)
    };
    let (told, left): (Vec<_>, Vec<_>) = defects.iter().partition(|defect| is_told(defect));
    let refused_whole = status
        .sources
        .iter()
        .filter(|source| refused.contains(&&*source.name));
    let refused_whole: u64 = refused_whole.map(|source| source.defects).sum();
    let answers = told
        .iter()
        .filter(|defect| !refused.contains(&&*defect.source))
        .count() as u64;
    let count = status.defects.saturating_sub(refused_whole + answers);
    report(&left, count, status.defects);
    failed
}

/// Why nothing of a source could be read: its first defect says it.
fn refusal(source: &SourceStatus, defects: &[Arc<Defect>]) -> String {
    let name = &source.name;
    let Some(first) = defects.iter().find(|defect| defect.source == *name) else {
        return format!("{name}: not an audit log: none of its records could be read");
    };
    let sample = match first.kind {
        // The names found say it.
        DefectKind::Shape => String::new(),
        _ => format!(": {}", first.sample),
    };
    let what = match source.defects {
        1 => "its only record could not be read".to_owned(),
        count => format!("none of its {count} records could be read; the first"),
    };
    format!("{name}: not an audit log: {what}: {}{sample}", first.reason)
}

/// Tells the first defects of each cause, and how many more there are.
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
        let place = match defect.line {
            Some(line) => format!("{}:{line}", defect.source),
            None => format!("{}: byte {}", defect.source, defect.offset),
        };
        let more = match like {
            1 => String::new(),
            _ => format!(" (and {} more like it)", like - 1),
        };
        let (reason, kind) = (&defect.reason, defect.kind.name());
        complain(&format!(
            "{place}: {reason} ({kind}): {}{more}",
            defect.sample
        ));
        rest = rest.saturating_sub(*like);
    }
    if rest > 0 {
        complain(&format!(
            "{rest} more records could not be read whole; {all} in all"
        ));
    }
}
