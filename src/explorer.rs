//! The explorer put together: options and configuration, the engine, the screen.

use std::io::{self, IsTerminal as _};

use crossbeam_channel::unbounded;

use crate::app;
use crate::cli::{FilterArgs, Input, ScreenArgs, When};
use crate::command;
use crate::config::{Config, History, Paths, Views, local_zone};
use crate::engine::{Ask, Engine, SourceAction};
use crate::filtering;
use crate::headless::{self, QueryFailure, complain};
use crate::keymap::Keymap;
use crate::model::zone::Zone;
use crate::opening::{Opened, Opening, pushable};
use crate::runtime::{self, EngineHandle, ExitStatus};
use crate::source::Spec;
use crate::theme::Theme;

impl EngineHandle for Engine {
    fn ask(&self, ask: Ask) {
        Self::ask(self, ask);
    }

    fn act(&self, source: usize, action: SourceAction) {
        Self::act(self, source, action);
    }
}

/// Opens the sources of the arguments in the explorer. Returns the exit code.
pub fn run(input: &Input, filter: &FilterArgs, screen: &ScreenArgs) -> Result<u8, QueryFailure> {
    let config = configuration(Paths::find().as_ref())?;
    let zone = headless::zone_of(filter.tz.as_deref(), &config.timezone)?;
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap_or(0);
    let follow = input.follows(true);
    let opening = Opening {
        input,
        config: &config,
        filter: &pushable(&filtering::filter(filter, &[], now, zone)?, None),
        follow,
        resume: follow,
        now,
        zone,
    };
    let Opened { specs, missing, .. } = opening.sources()?;
    if let Some(why) = missing.into_iter().next() {
        return Err(QueryFailure::Usage(why));
    }
    if specs.is_empty() {
        return Err(QueryFailure::Usage(START.into()));
    }
    for spec in &specs {
        // A name that is nothing is told at once, not on a screen that has to be left first.
        if let Spec::File(path) = spec
            && let Err(error) = std::fs::metadata(path)
        {
            let why = crate::source::SourceError::io(path, &error);
            return Err(QueryFailure::Usage(why.to_string()));
        }
    }
    let mut program = vec!["regtrail".to_owned()];
    program.extend(input.sources.iter().cloned());
    explore(specs, program, input, filter, screen)
}

/// What is said where there is nothing to open.
const START: &str = "nothing to open.\n  \
    regtrail FILE…            a log file, a directory, or a pattern such as 'audit-*.ndjson'\n  \
    … | regtrail              a log from a pipe\n  \
    regtrail sls://UID@REGION the log where the registry delivers it (`regtrail doctor` says what is missing)\n  \
    regtrail demo             synthetic registry traffic, to try it out\n\
    Logs come out of Simple Log Service with its console (download as JSON) or its command line:\n  \
    aliyunlog log pull_log_dump --project_name=… --logstore_name=acr_access_log --from_time=… --to_time=… --file_path=dump_{}.ndjson";

/// Opens sources in the explorer. `program` are the words that would open them again.
pub fn explore(
    specs: Vec<Spec>,
    program: Vec<String>,
    input: &Input,
    filter: &FilterArgs,
    screen: &ScreenArgs,
) -> Result<u8, QueryFailure> {
    if !io::stdout().is_terminal() {
        return Err(QueryFailure::Usage(
            "the explorer needs a terminal; for output into a pipe or a file use `regtrail query`"
                .into(),
        ));
    }
    let paths = Paths::find();
    let config = configuration(paths.as_ref())?;
    let local = local_zone();
    let zone_name = filter.tz.as_deref().unwrap_or(&config.timezone);
    let zone = Zone::parse(zone_name, local)
        .ok_or_else(|| QueryFailure::Usage(format!("{zone_name}: no such time zone")))?;
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap_or(0);
    let view = filtering::view(filter)?;
    let words = filtering::range_words(filter, &view);
    let filter = filtering::filter(filter, &[], now, zone)?;
    let history = paths
        .as_ref()
        .map(|paths| History::new(paths.history_file()));
    let options = runtime::Options {
        app: app::Options {
            range: words.map(|words| (filter.range, words)),
            filter,
            zone,
            local,
            program,
            reading: input.options(),
            facets: or(&view.facets, &config.facets),
            columns: view.columns,
            keymap: keymap(paths.as_ref())?,
            history: history.as_ref().map(History::load).unwrap_or_default(),
        },
        theme: theme(screen, &config, paths.as_ref())?,
        ascii: screen.ascii || config.ascii,
        views: paths.as_ref().map(|paths| Views::new(paths.views())),
    };
    let (to, events) = unbounded();
    let engine = Engine::start_below(input.ceiling.max_memory, move |event| {
        // The screen may be gone already; then nobody wants to know.
        let _ = to.send(event);
    })?;
    for spec in specs {
        engine.open_as(spec, input.follows(true), input.format());
    }
    let (status, lines) = runtime::run(&engine, events, options)?;
    if let Some(history) = history
        && let Err(error) = history.save(&lines)
    {
        complain(&format!(
            "the history of the filter prompt was not saved: {error}"
        ));
    }
    Ok(match status {
        ExitStatus::Quit => 0,
        signal @ ExitStatus::Signal(_) => signal.code(),
    })
}

/// The first list, or the second where the first says nothing.
fn or(first: &[String], second: &[String]) -> Vec<String> {
    let list = if first.is_empty() { second } else { first };
    list.to_vec()
}

/// The user's configuration over the defaults.
pub fn configuration(paths: Option<&Paths>) -> Result<Config, QueryFailure> {
    let Some(path) = paths.map(Paths::config_file).filter(|path| path.exists()) else {
        return Ok(Config::default());
    };
    let text = std::fs::read_to_string(&path)?;
    Config::with(&text).map_err(|error| QueryFailure::Usage(format!("{}: {error}", path.display())))
}

/// The user's key map over the built-in one.
pub fn keymap(paths: Option<&Paths>) -> Result<Keymap, QueryFailure> {
    let Some(path) = paths.map(Paths::keymap_file).filter(|path| path.exists()) else {
        return Ok(Keymap::builtin());
    };
    let text = std::fs::read_to_string(&path)?;
    let names: Vec<&str> = command::all().map(|command| command.name).collect();
    let (keymap, problems) = Keymap::with_user(&text, &names);
    match problems.first() {
        None => Ok(keymap),
        Some(problem) => Err(QueryFailure::Usage(format!(
            "{}: {problem}",
            path.display()
        ))),
    }
}

fn theme(
    screen: &ScreenArgs,
    config: &Config,
    paths: Option<&Paths>,
) -> Result<Theme, QueryFailure> {
    let plain = match screen.color {
        Some(When::Never) => true,
        Some(When::Always) => false,
        Some(When::Auto) | None => {
            std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
                || std::env::var("TERM").is_ok_and(|t| t == "dumb")
        }
    };
    let named = screen.theme.as_deref();
    let name = if plain && named.is_none() {
        "mono"
    } else {
        named.unwrap_or(&config.theme)
    };
    if let Some(path) = paths
        .map(|paths| paths.theme_file(name))
        .filter(|path| path.exists())
    {
        let (theme, problems) = Theme::parse(&std::fs::read_to_string(&path)?);
        return match problems.first() {
            None => Ok(theme),
            Some(problem) => Err(QueryFailure::Usage(format!(
                "{}: {problem}",
                path.display()
            ))),
        };
    }
    Theme::builtin(name).ok_or_else(|| {
        let known: Vec<_> = Theme::names().collect();
        QueryFailure::Usage(format!(
            "{name}: no such theme; there are {}",
            known.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::app::App;
    use crate::cli::Cli;
    use crate::query::PickState;

    fn parse(words: &[String]) -> crate::cli::Explore {
        Cli::try_parse_from(words).expect("options").explore
    }

    /// What is copied reads back as the same sources, read the same way, in the same zone, by the same filter.
    #[test]
    fn a_copied_command_line_reproduces_the_view() {
        let words = [
            "regtrail",
            "sls://1@cn-hangzhou",
            "a b.json",
            "--format=ndjson",
            "--sls-mode=tail",
            "--sls-endpoint=http://127.0.0.1:9/",
            "--no-follow",
            "--tz=Asia/Shanghai",
            "--since=2024-04-12",
            "--user=!x",
            "-fstatus>=400",
        ]
        .map(str::to_owned);
        let given = parse(&words);
        let zone = headless::zone_of(given.filter.tz.as_deref(), "utc").expect("a zone");
        let filter = filtering::filter(&given.filter, &[], 0, zone).expect("reads");
        let mut app = App::new(app::Options {
            filter,
            zone,
            program: [&words[..1], &given.input.sources].concat(),
            reading: given.input.options(),
            ..app::Options::default()
        });
        app.refine(|filter| filter.set("tag", &Some("v 1".into()), PickState::Include));
        app.refine(|filter| filter.set("ip", &Some("::1".into()), PickState::Include));
        let again = parse(&app.command_line());
        assert_eq!(format!("{:?}", again.input), format!("{:?}", given.input));
        let same = headless::zone_of(again.filter.tz.as_deref(), "utc").expect("a zone");
        assert_eq!(same, zone);
        let filter = filtering::filter(&again.filter, &[], 99, same).expect("reads");
        assert_eq!(filter.range, app.filters.current().range);
        let chips = |filter: &crate::query::Filter| filter.chips().len();
        // The tag, which no option picks, is part of the query now.
        assert_eq!(chips(&filter) + 1, chips(app.filters.current()));
        assert_eq!(filter.text, r#"status>=400 and tag == "v 1""#);
        assert_eq!(filter.picks.len(), 2);
        app.zone = Zone::Record;
        assert!(app.command_line().contains(&"--tz=source".to_owned()));
    }
}
