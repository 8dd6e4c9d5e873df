//! `regtrail query`: the engine without a screen.

mod events;
mod follow;
mod json;
mod near;
mod notices;
mod options;
mod order;
mod outcome;
mod stats;
mod summary;

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::unbounded;

use crate::cli;
use crate::engine::{Engine, EngineEvent, SourceState, Status, clock};
use crate::failure::{Failure, code, complain};
use crate::filter_args::{self, FilterError, FilterFiles};
use crate::index::{Evicted, Snapshot, Vocabulary};
use crate::model::CATALOGUE;
use crate::model::zone::Zone;
use crate::query::{CatalogueNames, Names as _, has_lookalikes, nearest};
use crate::setup::Setup;
use crate::source::Spec;
use crate::source_args::{Opened, Opening, pushable};
use crate::widgets::text::grouped;
use notices::Notices;
use stats::Stats;
use summary::Question;

/// Loaded data for the printer of events.
struct Loaded {
    snapshot: Arc<Snapshot>,
    zone: Zone,
    /// Default columns of a table: those of the saved view.
    columns: Vec<String>,
}

/// Numbers about the data read, in addition to the answer.
#[derive(Clone, Copy, PartialEq)]
struct Read {
    defects: u64,
    /// Records that are neither events nor rejected.
    skipped: u64,
    /// True if no source failed.
    complete: bool,
}

impl Read {
    fn of(status: &Status, complete: bool) -> Self {
        Self {
            defects: status.defects,
            skipped: status.skipped,
            complete,
        }
    }
}

/// Runs a query and prints its results. Returns the exit code.
pub fn run(query: &cli::Query, setup: &Setup) -> Result<u8, Failure> {
    let zone = filter_args::zone_of(query.filter.tz.as_deref(), "utc")?;
    let now = clock();
    // All errors of the command line are found before any source is read.
    let files = FilterFiles::read(&query.filter, setup.paths.as_ref())?;
    let early = match files.filter(&query.filter, &[], now, zone) {
        Err(FilterError::Name(_)) => None,
        other => Some(other?),
    };
    options::check(&query.output).map_err(Failure::Usage)?;
    let pace = follow::pace(query).map_err(Failure::Usage)?;
    let config = setup.config()?;
    let asked = match &early {
        Some(filter) => filter.clone(),
        None => files.filter(&without_text(&query.filter), &[], now, zone)?,
    };
    // A facet's own picks do not narrow its values.
    let facets: Vec<&str> = options::named(&query.output)
        .filter(|(option, _)| *option == "facet")
        .filter_map(|(_, name)| Some(CATALOGUE.get(CATALOGUE.find(&name)?)?.name.as_ref()))
        .collect();
    let opening = Opening {
        input: &query.input,
        config,
        filter: &pushable(&asked, Some(&facets)),
        follow: query.input.follows(false),
        resume: false,
        waits: true,
        now,
        zone,
    };
    let Opened {
        specs,
        missing,
        notes,
        again,
    } = opening.sources()?;
    if specs.is_empty() && missing.is_empty() {
        return Err(Failure::Usage(
            "nothing to read: name a file, directory or pattern, or pipe a log in".into(),
        ));
    }
    let mut notices = Notices::default();
    for note in notes.into_iter().chain(again) {
        notices.once(note);
    }
    if let Some(every) = pace {
        let asked = follow::Asked {
            query,
            files: &files,
            every,
            now,
            zone,
        };
        return follow::run(&asked, specs, &missing, notices);
    }
    let started = Instant::now();
    let (engine, status, failed) = load(specs, &query.input, &mut notices)?;
    let snapshot = engine.snapshot();
    let seconds = started.elapsed().as_secs_f64();
    for why in &missing {
        complain(why);
    }
    // Field names that only the data contains are known now.
    let filter = match early.filter(|filter| !has_lookalikes(&filter.text)) {
        Some(filter) => filter,
        None => files.filter(&query.filter, &snapshot.vocabulary.unknown(), now, zone)?,
    };
    refuse_typos(&query.output, &snapshot.vocabulary)?;
    let succeeded = !failed && missing.is_empty();
    report_evicted(snapshot.evicted, zone);
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let mut out = io::BufWriter::with_capacity(1 << 16, stdout.lock());
    let output = &query.output;
    let (wanted, held) = (filter.clone(), snapshot.clone());
    let matched = if output.is_summary() {
        let read = Read::of(&status, succeeded && snapshot.evicted.events == 0);
        let mut summary = Question::new(output, filter, zone).ask(&engine, read)?;
        summary.stats = Stats::of(&summary.answer, &status, seconds);
        summary.print(terminal, &mut out)?
    } else {
        // Frees the memory used for reading before printing.
        drop(engine);
        let columns = files.view.columns;
        let loaded = Loaded {
            snapshot,
            zone,
            columns,
        };
        events::print(&loaded, &filter, output, terminal, &mut out)?
    };
    out.flush()?;
    if matched == 0 && !output.is_summary() {
        // A summary prints a total of 0.
        outcome::empty(&status.sources);
    }
    if matched == 0 {
        near::report(&wanted, &held);
    }
    Ok(exit_code(succeeded, matched))
}

fn exit_code(succeeded: bool, matched: u64) -> u8 {
    match (succeeded, matched) {
        (false, _) => code::SOURCE,
        (true, 0) => code::NOTHING,
        (true, _) => code::MATCHED,
    }
}

/// Options without the query and the view, which may name fields that only the data has.
fn without_text(args: &cli::FilterArgs) -> cli::FilterArgs {
    cli::FilterArgs {
        query: None,
        view: None,
        ..args.clone()
    }
}

/// Rejects unknown names that look like a typo, as the query language does; other unknown names are fields that no
/// record happens to have.
fn refuse_typos(output: &cli::Output, vocabulary: &Vocabulary) -> Result<(), Failure> {
    options::check_names(output, vocabulary).map_err(Failure::Usage)?;
    let sort = output.sort.iter().map(|name| name.trim_start_matches('-'));
    let sort = sort.filter(|name| !options::is_sort(name));
    let columns = output.columns.iter().map(String::as_str);
    let wanted = (columns.map(|name| ("columns", name.into())))
        .chain(sort.map(|name| ("sort", name.into())))
        .chain(options::named(output));
    let mut known = None;
    for (option, name) in wanted {
        if vocabulary.field(&name).is_some() {
            continue;
        }
        let known = known.get_or_insert_with(|| CatalogueNames::with(vocabulary.unknown()).all());
        if let Some(meant) = nearest(&name, known) {
            let text = format!("--{option} {name}: no such field; did you mean `{meant}`?");
            return Err(Failure::Usage(text));
        }
    }
    Ok(())
}

/// Loads all sources. Returns the engine, the final status, and true if a source failed. Messages go to standard error.
fn load(
    specs: Vec<Spec>,
    input: &cli::Input,
    notices: &mut Notices,
) -> Result<(Engine, Arc<Status>, bool), Failure> {
    let (to, events) = unbounded();
    let engine = Engine::start_below(input.memory_limit.max_memory, move |event| {
        // The receiver lives as long as the engine.
        let _ = to.send(event);
    })
    .map_err(|error| Failure::threads(&error))?;
    let count = specs.len();
    for spec in &specs {
        engine.announce(spec);
    }
    for spec in specs {
        engine.open_as(spec, input.follows(false), input.written());
    }
    let over = |status: &Status| {
        let ended = |state: &SourceState| {
            matches!(
                state,
                SourceState::Done | SourceState::Stopped | SourceState::Failed { .. }
            )
        };
        status.sources.len() == count && status.sources.iter().all(|s| ended(&s.state))
    };
    let mut last = Arc::new(Status::default());
    while count > 0 && !over(&last) {
        match events.recv() {
            Ok(EngineEvent::Status(status)) => {
                notices.hear(&status);
                last = status;
            }
            Ok(EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_)) => {
            }
            Err(_) => break,
        }
    }
    let failed = outcome::tell(&last, &engine.defects());
    Ok((engine, last, failed))
}

/// Reports the data that the results do not cover because of `--max-memory`.
fn report_evicted(gone: Evicted, zone: Zone) {
    if gone.events > 0 {
        let from = gone.newest.map_or_else(String::new, |time| {
            format!("; data is complete from {}", zone.rfc3339(time, 0))
        });
        complain(&format!(
            "{} of the oldest events were evicted to stay below --max-memory{from}",
            grouped(gone.events)
        ));
    }
}
