//! Assembly of the explorer: options and configuration, the engine, the screen.

use std::cell::{OnceCell, RefCell};
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use crate::app;
use crate::app::layout::SIZE_CLASSES;
use crate::app::tour::Tour;
use crate::cli::{self, FilterArgs, Input, ScreenArgs};
use crate::config::{
    self, AmbiguousWidth, ColumnStore, Config, HintStore, History, MarkStore, Paths, Recent,
    ShapeStore, View, Views, local_problem, local_zone,
};
use crate::engine::{Ask, Engine, SourceAction, WriteWant, clock};
use crate::failure::{Failure, complain};
use crate::filter_args::{self, FilterFiles};
use crate::model::zone::Zone;
use crate::overlays::{About, Start, Wanted};
use crate::panes::list::columns::Columns;
use crate::query::Filter;
use crate::runtime::{self, EngineHandle, ExitStatus, Inbox};
use crate::setup::Setup;
use crate::source::{Spec, is_passing};
use crate::source_args::{Opened, Opening, pushable};

/// Engine, with the data needed to open more sources.
struct Host<'a> {
    engine: Engine,
    config: &'a Config,
    input: &'a Input,
    /// Part of the filter that a service can apply.
    filter: Filter,
    zone: Zone,
    recent: Option<Recent>,
    /// Command line that opens the current sources again.
    program: RefCell<Vec<OsString>>,
    /// Reason why the list of recent sources could not be updated.
    forgotten: OnceCell<String>,
}

impl EngineHandle for Host<'_> {
    fn ask(&self, ask: Ask) {
        self.engine.ask(ask);
    }

    fn act(&self, source: usize, action: SourceAction) {
        self.engine.act(source, action);
    }

    fn write(&self, mut want: WriteWant) {
        want.path = at_home(want.path.as_os_str()).into();
        self.engine.write(want);
    }

    fn stop_writing(&self) {
        self.engine.stop_writing();
    }

    fn open(&self, wanted: &Wanted) -> Result<Vec<OsString>, String> {
        match wanted {
            Wanted::Demo => {
                self.engine.open(demo_traffic(), true);
                self.program.borrow_mut().push("demo".into());
            }
            Wanted::Sources(arguments) => {
                let arguments: Vec<OsString> = arguments.iter().map(|text| at_home(text)).collect();
                let input = Input {
                    sources: arguments.clone(),
                    ..self.input.clone()
                };
                let specs = specs(&input, self.config, &self.filter, self.zone);
                for spec in specs.map_err(|error| error.to_string())?.0 {
                    let follow = self.input.follows(true);
                    self.engine.open_as(spec, follow, self.input.written());
                }
                self.remember(&arguments);
                self.program.borrow_mut().extend(again(&arguments));
            }
        }
        Ok(self.program.borrow().clone())
    }
}

impl Host<'_> {
    fn remember(&self, arguments: &[OsString]) {
        // A failure to store the sources does not prevent reading them; it is reported once, at the end.
        if let Some(Err(error)) = self
            .recent
            .as_ref()
            .map(|recent| recent.remember(arguments))
        {
            let _ = self.forgotten.set(error.to_string());
        }
    }
}

/// Traffic of `regtrail demo` without options.
fn demo_traffic() -> Spec {
    Spec::Demo {
        events: 60_000,
        rate: 20,
        seed: 1,
    }
}

/// Expands a path that starts with `~/`, as a shell does.
fn at_home(text: &OsStr) -> OsString {
    match (Path::new(text).strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest).into(),
        _ => text.to_owned(),
    }
}

/// Arguments that open the sources again: without sources that can be read only once, and protected from being parsed
/// as options.
fn again(sources: &[OsString]) -> Vec<OsString> {
    let word = |source: &OsString| {
        if source.as_encoded_bytes().starts_with(b"-") {
            return Path::new(".").join(source).into();
        }
        source.clone()
    };
    let lasting = sources.iter().filter(|source| !is_passing(source));
    lasting.map(word).collect()
}

/// Resolves the arguments to individual sources, with a notice about them. An invalid name is an error at once, not on
/// a screen that has to be closed first.
fn specs(
    input: &Input,
    config: &Config,
    filter: &Filter,
    zone: Zone,
) -> Result<(Vec<Spec>, Option<String>), Failure> {
    let opening = Opening {
        input,
        config,
        filter,
        follow: input.follows(true),
        resume: input.follows(true),
        waits: false,
        now: clock(),
        zone,
    };
    let Opened {
        specs,
        missing,
        again,
        ..
    } = opening.sources()?;
    if let Some(why) = missing.into_iter().next() {
        return Err(Failure::Usage(why));
    }
    for spec in &specs {
        if let Spec::File(path) = spec
            && let Err(error) = std::fs::metadata(path)
        {
            return Err(Failure::Usage(cli::unopened(path, &error)));
        }
    }
    let said = (!again.is_empty()).then(|| again.join("; "));
    Ok((specs, said))
}

/// Request of the user, from the options and the user's files.
struct Asked<'a> {
    setup: &'a Setup,
    config: &'a Config,
    view: View,
    filter: Filter,
    zone: Zone,
    /// The hints are shown although they were closed.
    is_guided: bool,
}

impl<'a> Asked<'a> {
    fn read(setup: &'a Setup, args: &FilterArgs) -> Result<Self, Failure> {
        let config = setup.config()?;
        let zone = zone(args, config, setup.paths.as_ref())?;
        let files = FilterFiles::read(args, setup.paths.as_ref())?;
        Ok(Self {
            filter: files.filter(args, &[], clock(), zone)?,
            view: files.view,
            setup,
            config,
            zone,
            is_guided: false,
        })
    }
}

/// Zone of the option, or of the configuration.
fn zone(args: &FilterArgs, config: &Config, paths: Option<&Paths>) -> Result<Zone, Failure> {
    let zone = filter_args::zone_of(args.tz.as_deref(), &config.timezone);
    zone.map_err(|error| match (&args.tz, paths) {
        (None, Some(paths)) => {
            let (path, name) = (config::shown(&paths.config_file()), &config.timezone);
            let known = "local, utc, source or an IANA name";
            Failure::Usage(format!(
                "{path}: timezone {name:?}: no such time zone; expected {known}"
            ))
        }
        _ => error,
    })
}

/// Opens the sources of the arguments in the explorer, or its start screen if there are none. Returns the exit code.
pub fn run(
    setup: &Setup,
    input: &Input,
    filter: &FilterArgs,
    screen: &ScreenArgs,
) -> Result<u8, Failure> {
    let asked = Asked::read(setup, filter)?;
    let pushed = pushable(&asked.filter, None);
    let (specs, said) = specs(input, asked.config, &pushed, asked.zone)?;
    if specs.is_empty() && !io::stdout().is_terminal() {
        return Err(Failure::Usage(cli::START.into()));
    }
    let mut program = vec!["regtrail".into()];
    program.extend(again(&input.sources));
    explore((specs, said), program, input, (asked, filter), screen)
}

/// Opens the demo with its hints from the first one, whether or not they were closed in an earlier session.
pub fn guide(setup: &Setup, screen: &ScreenArgs) -> Result<u8, Failure> {
    let args = FilterArgs::default();
    let mut asked = Asked::read(setup, &args)?;
    asked.is_guided = true;
    let (specs, input) = (vec![demo_traffic()], Input::default());
    let program = vec!["regtrail".into(), "demo".into()];
    explore((specs, None), program, &input, (asked, &args), screen)
}

/// Opens one source in the explorer. `program` is the command line that opens it again.
pub fn open(
    setup: &Setup,
    spec: Spec,
    program: Vec<OsString>,
    input: &Input,
    filter: &FilterArgs,
    screen: &ScreenArgs,
) -> Result<u8, Failure> {
    let asked = Asked::read(setup, filter)?;
    explore((vec![spec], None), program, input, (asked, filter), screen)
}

/// Opens sources in the explorer, with a notice about them.
fn explore(
    (specs, said): (Vec<Spec>, Option<String>),
    program: Vec<OsString>,
    input: &Input,
    (asked, args): (Asked<'_>, &FilterArgs),
    screen: &ScreenArgs,
) -> Result<u8, Failure> {
    if !io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "the explorer needs a terminal; use `regtrail query` to write to a pipe or a file"
                .into(),
        ));
    }
    let Asked {
        setup,
        config,
        view,
        filter,
        zone,
        is_guided,
    } = asked;
    let paths = &setup.paths;
    let local = local_zone();
    let is_local = args.tz.as_deref().unwrap_or(&config.timezone) == "local";
    let words = filter_args::range_words(args, &view);
    let history = paths
        .as_ref()
        .map(|paths| History::new(paths.history_file()));
    let recent = paths.as_ref().map(|paths| Recent::new(paths.recent_file()));
    let marks = paths
        .as_ref()
        .map(|paths| MarkStore::new(paths.marks_file()));
    let columns = paths
        .as_ref()
        .map(|paths| ColumnStore::new(paths.columns_file()));
    let shapes = paths
        .as_ref()
        .map(|paths| ShapeStore::new(paths.layout_file()));
    let hints = HintStore::of(paths.as_ref());
    let closed = !is_guided && hints.as_ref().is_some_and(HintStore::are_closed);
    let chosen = shapes.as_ref().map(ShapeStore::load).unwrap_or_default();
    let pushed = pushable(&filter, None);
    let wide = draw_wide(config);
    let (theme, light) = setup.theme(screen)?;
    let options = runtime::Options {
        app: app::Options {
            range: words.map(|words| (filter.range, words)),
            filter,
            zone,
            local,
            program: program.clone(),
            reading: input.options(),
            facets: or(&view.facets, &config.facets),
            columns: view.columns,
            keymap: setup.keymap()?,
            history: history.as_ref().map(History::load).unwrap_or_default(),
            about: About::new(paths.as_ref()),
            start: start(config, recent.as_ref(), specs.is_empty()),
            marks: marks.as_ref().map(MarkStore::load).unwrap_or_default(),
            columns_of: chosen_columns(config, columns.as_ref()),
            shape_of: std::array::from_fn(|class| chosen.get(class).copied().unwrap_or_default()),
            tour: Tour::new(Tour::fits(&specs), closed),
            notice: said
                .or_else(|| config::unread(paths.as_ref()?))
                .or_else(|| local_problem().filter(|_| is_local)),
        },
        theme,
        light,
        ascii: screen.ascii || config.ascii || wide,
        views: paths.as_ref().map(|paths| Views::new(paths.views())),
        marks,
        columns,
        shapes,
        history,
        hints,
    };
    let inbox = Inbox::default();
    let engine = Engine::start_below(input.memory_limit.max_memory, inbox.of_engine())
        .map_err(|error| Failure::threads(&error))?;
    let host = Host {
        engine,
        config,
        input,
        filter: pushed,
        zone,
        recent,
        program: RefCell::new(program),
        forgotten: OnceCell::new(),
    };
    host.remember(&input.sources);
    for spec in &specs {
        host.engine.announce(spec);
    }
    for spec in specs {
        host.engine
            .open_as(spec, input.follows(true), input.written());
    }
    let status = runtime::run(&host, inbox, options)
        .map_err(|error| Failure::System(format!("terminal error: {}", config::reason(&error))))?;
    if let Some(why) = host.forgotten.get() {
        complain(&format!("cannot save recent sources: {why}"));
    }
    Ok(match status {
        ExitStatus::Quit => 0,
        signal @ ExitStatus::Signal(_) => signal.code(),
    })
}

/// Makes drawing expect ambiguous characters of two cells, if the configuration says so. Returns true if it does.
fn draw_wide(config: &Config) -> bool {
    let wide = config.ambiguous_width == AmbiguousWidth::Two;
    if wide {
        crate::widgets::text::draw_ambiguous_wide();
    }
    wide
}

/// List columns per size class: those chosen in an earlier session, or else those of the configuration.
fn chosen_columns(config: &Config, store: Option<&ColumnStore>) -> [Columns; SIZE_CLASSES] {
    let chosen = store.map(ColumnStore::load).unwrap_or_default();
    let configured: Vec<Arc<str>> = config
        .columns
        .iter()
        .map(|name| app::full_name(name).into())
        .collect();
    std::array::from_fn(|class| match chosen.get(class) {
        Some(chosen) if !chosen.is_empty() => Columns::chosen_before(chosen),
        _ => Columns::of(&configured),
    })
}

/// Content of the start screen.
fn start(config: &Config, recent: Option<&Recent>, alone: bool) -> Start {
    let profiles = config.profiles.iter();
    Start {
        recent: recent.map(Recent::load).unwrap_or_default(),
        profiles: profiles
            .map(|(name, profile)| (name.clone(), profile.shown()))
            .collect(),
        alone,
    }
}

/// Returns the first list, or the second if the first is empty.
fn or(first: &[String], second: &[String]) -> Vec<String> {
    let list = if first.is_empty() { second } else { first };
    list.to_vec()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::app::App;
    use crate::cli::Cli;
    use crate::query::PickState;

    fn parse(words: &[OsString]) -> crate::cli::Explore {
        Cli::try_parse_from(words).expect("options").explore
    }

    #[test]
    fn what_is_gone_once_it_was_read_is_not_offered_again() {
        let words = ["a b", "-", "/dev/fd/63", "-x.log", "/proc/self/fd/12"].map(OsString::from);
        assert_eq!(super::again(&words), ["a b", "./-x.log"]);
    }

    /// A copied command line opens the same sources, with the same options, zone and filter.
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
        .map(OsString::from);
        let given = parse(&words);
        let zone = filter_args::zone_of(given.filter.tz.as_deref(), "utc").expect("a zone");
        let filter = FilterFiles::default()
            .filter(&given.filter, &[], 0, zone)
            .expect("reads");
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
        let same = filter_args::zone_of(again.filter.tz.as_deref(), "utc").expect("a zone");
        assert_eq!(same, zone);
        let filter = FilterFiles::default()
            .filter(&again.filter, &[], 99, same)
            .expect("reads");
        assert_eq!(filter.range, app.filters.current().range);
        let chips = |filter: &crate::query::Filter| filter.chips().len();
        // The tag, which has no option, is now part of the query.
        assert_eq!(chips(&filter) + 1, chips(app.filters.current()));
        assert_eq!(filter.text, r#"status>=400 and tag == "v 1""#);
        assert_eq!(filter.picks.len(), 2);
        app.clock.zone = Zone::Record;
        assert!(app.command_line().contains(&"--tz=source".into()));
    }
}
