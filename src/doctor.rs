//! `regtrail doctor`: checks a source step by step. A logstore is tested call by call; for other sources, the first
//! records are read. Changes nothing.

use std::io::{self, Write as _};

use crossbeam_channel::unbounded;

use crate::cli::Input;
use crate::config::local_zone;
use crate::engine::{Engine, EngineEvent, SourceState, clock};
use crate::failure::{Failure, code, complain};
use crate::model::visible;
use crate::query::Filter;
use crate::setup::Setup;
use crate::source::{Spec, Written};
use crate::source_args::{Opened, Opening};

/// Checks every source and prints the findings. Returns the exit code: 3 if a source cannot be read.
pub fn run(input: &Input, setup: &Setup) -> Result<u8, Failure> {
    let opening = Opening {
        input,
        config: setup.config()?,
        filter: &Filter::default(),
        follow: false,
        resume: false,
        waits: false,
        now: clock(),
        zone: local_zone(),
    };
    let Opened {
        specs,
        missing,
        again,
        ..
    } = opening.sources()?;
    for why in again.iter().chain(&missing) {
        complain(why);
    }
    if specs.is_empty() && missing.is_empty() {
        let what = "nothing to check: name a source, such as sls://UID@REGION";
        return Err(Failure::Usage(what.into()));
    }
    let mut good = missing.is_empty();
    for spec in specs {
        writeln!(io::stdout(), "{}", visible(&spec.to_string()))?;
        good &= match spec {
            #[cfg(feature = "http")]
            Spec::Sls(settings) => logstore(*settings)?,
            other => first_records(other, input.written())?,
        };
    }
    Ok(if good { code::MATCHED } else { code::SOURCE })
}

/// Prints one line for a step, and one for the advice.
fn print(verdict: &str, name: &str, found: &str, advice: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "  {verdict:<5} {name:<12} {}", visible(found))?;
    if !advice.is_empty() {
        writeln!(out, "  {:<5} {:<12} → {}", "", "", visible(advice))?;
    }
    Ok(())
}

#[cfg(feature = "http")]
fn logstore(settings: crate::source::sls::Settings) -> Result<bool, Failure> {
    use crate::source::sls::doctor::{self, Outcome};

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::threads(&error))?;
    let mut printed = Ok(());
    let steps = runtime.block_on(doctor::run(&settings.once(), |step| {
        let verdict = match step.outcome {
            Outcome::Good => "ok",
            Outcome::Doubtful => "note",
            Outcome::Bad => "bad",
            Outcome::Skipped => "-",
        };
        let result = print(verdict, step.name, &step.found, &step.advice);
        if printed.is_ok() {
            printed = result;
        }
    }));
    printed?;
    let missing: Vec<&str> = (steps.iter())
        .filter_map(|step| step.missing_action.as_deref())
        .collect();
    if !missing.is_empty() {
        print(
            "bad",
            "rights",
            &format!("missing: {}", missing.join(", ")),
            "",
        )?;
    }
    Ok(steps.iter().all(|step| step.outcome != Outcome::Bad))
}

/// Reads until the first events arrive, or until the source has ended.
fn first_records(spec: Spec, written: Written) -> Result<bool, Failure> {
    #[cfg(feature = "http")]
    let spec = match spec {
        Spec::Http(mut settings) => {
            // Report the first failure; do not retry.
            settings.retry.give_up = Some(1);
            Spec::Http(settings)
        }
        other => other,
    };
    let (to, events) = unbounded();
    let engine = Engine::start(move |event| {
        // The receiver lives as long as the engine.
        let _ = to.send(event);
    })
    .map_err(|error| Failure::threads(&error))?;
    engine.open_as(spec, false, written);
    let source = loop {
        let Ok(event) = events.recv() else {
            return Ok(false);
        };
        let EngineEvent::Status(status) = event else {
            continue;
        };
        let Some(source) = status.sources.first() else {
            continue;
        };
        let ended = matches!(
            source.state,
            SourceState::Done | SourceState::Stopped | SourceState::Failed { .. }
        );
        if ended || source.events > 0 {
            break source.clone();
        }
    };
    engine.stop_sources();
    if let SourceState::Failed { why } = &source.state {
        print("bad", "read", why, "")?;
        return Ok(false);
    }
    if source.events == 0 && source.defects == 0 {
        print("note", "read", "it contains no records", "")?;
        return Ok(true);
    }
    let readable = source.events > 0;
    let found = format!("{} events in {} bytes so far", source.events, source.bytes);
    print(if readable { "ok" } else { "bad" }, "read", &found, "")?;
    if let Some(defect) = engine.defects().first() {
        let found = format!(
            "{} records could not be fully read; the first: {} ({})",
            source.defects,
            defect.reason,
            defect.kind.name()
        );
        print("note", "records", &found, "")?;
    }
    Ok(readable)
}
