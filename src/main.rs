//! Program entry: parses the command line, runs the command, turns errors into text and exit codes.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use regtrail::cli::{self, Cli, Command, ConfigWhat, Demo, Input, Listed};
use regtrail::config::{self, Config, Paths};
use regtrail::diagnostics;
use regtrail::doctor;
use regtrail::explore;
use regtrail::failure::{Failure, code, complain, printable};
use regtrail::manual::{self, Page};
use regtrail::model::CATALOGUE;
use regtrail::model::time::SECOND;
use regtrail::query_command;
use regtrail::runtime::keeper;
use regtrail::setup::Setup;
use regtrail::source::{self, Spec, demo};
use regtrail::source_args::named;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == keeper::ARGUMENT)
    {
        return keeper::keep();
    }
    source::silence_contained_panics();
    allow_open_files();
    let words = cli::arrange(std::env::args_os().collect());
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        // Help and version were requested, but printing them may fail.
        Err(help) if !help.use_stderr() => {
            return ended(printable().and_then(|()| print_help(&help)));
        }
        Err(error) => {
            if error.kind() == ErrorKind::UnknownArgument
                && let Some(typo) = cli::typo(&words)
            {
                complain(&typo);
                return code::USAGE.into();
            }
            error.exit()
        }
    };
    let setup = Setup::find();
    let level = cli.diagnostics.log_level;
    if level.is_some() && cli.diagnostics.log_file.is_none() {
        complain("--log-level needs a log file: add --log-file PATH");
        return code::USAGE.into();
    }
    if let Some(path) = &cli.diagnostics.log_file
        && let Err(error) =
            diagnostics::start(path, level.unwrap_or_default(), &sources(&cli, &setup))
    {
        complain(&error);
        return code::USAGE.into();
    }
    let code = finish(cli, &setup);
    if let Some(problem) = diagnostics::problem() {
        complain(&problem);
    }
    code
}

/// Raises the limit of open files to its maximum: a followed file needs two descriptors, and the default limit is meant
/// for programs that use `select`.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // If that is refused, the current limit applies.
    let _ = setrlimit(Resource::Nofile, raised);
}

/// Valid sources of the arguments; errors in the others are reported when they are opened.
fn sources(cli: &Cli, setup: &Setup) -> Vec<Spec> {
    let input = match &cli.command {
        None => &cli.explore.input,
        Some(Command::Query(query)) => &query.input,
        Some(Command::Doctor { input }) => input,
        Some(_) => return Vec::new(),
    };
    match setup.config() {
        Ok(config) => named(&input.sources, config),
        Err(_) => named(&input.sources, &Config::default()),
    }
}

/// Runs the command, and reports a failure.
fn finish(cli: Cli, setup: &Setup) -> ExitCode {
    let result = match cli {
        Cli {
            command: None,
            explore,
            ..
        } => explore::run(setup, &explore.input, &explore.filter, &explore.screen),
        Cli {
            command: Some(command),
            ..
        } => printable().and_then(|()| run(command, setup)),
    };
    ended(result)
}

/// Prints the help or version text made by clap.
fn print_help(help: &clap::Error) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        help.print()?;
    } else {
        out.write_all(help.render().to_string().as_bytes())?;
    }
    out.flush()?;
    Ok(code::MATCHED)
}

/// Prints the manual page of a topic, or the help of a command; without a topic, the help of the program.
fn help(topic: Option<&str>) -> Result<u8, Failure> {
    if let Some(page) = topic.and_then(Page::find) {
        io::stdout().lock().write_all(page.text().as_bytes())?;
        return Ok(code::MATCHED);
    }
    let known = |name: &str| Cli::command().find_subcommand(name).is_some();
    if let Some(topic) = topic.filter(|topic| !known(topic)) {
        return Err(Failure::Usage(format!(
            "no help topic or command {topic:?}; topics are {}",
            manual::topics()
        )));
    }
    let words = ["regtrail"].into_iter().chain(topic).chain(["--help"]);
    Cli::try_parse_from(words).map_or_else(|help| print_help(&help), |_| Ok(code::MATCHED))
}

fn ended(result: Result<u8, Failure>) -> ExitCode {
    let code = result.unwrap_or_else(|error| {
        error.tell();
        error.code()
    });
    code.into()
}

fn run(command: Command, setup: &Setup) -> Result<u8, Failure> {
    match command {
        Command::Demo(demo) => run_demo(&demo, setup),
        Command::Tour { screen } => explore::guide(setup, &screen),
        Command::Query(query) => query_command::run(&query, setup),
        Command::Doctor { input } => doctor::run(&input, setup),
        Command::Fields { json } => fields(json),
        Command::Keys => keys(setup),
        Command::Config { what } => show_config(&what, setup),
        Command::Completions { shell, values } => completions(shell, values, setup),
        Command::Man => {
            cli::man_pages(&mut io::stdout().lock())?;
            Ok(code::MATCHED)
        }
        Command::Help { topic } => help(topic.as_deref()),
    }
}

/// Prints a completion script, or the names that the scripts request.
fn completions(
    shell: Option<clap_complete::Shell>,
    values: Option<Listed>,
    setup: &Setup,
) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    if let Some(listed) = values {
        for name in listed.names(setup.paths.as_ref(), setup.config()?) {
            writeln!(out, "{name}")?;
        }
    } else if let Some(shell) = shell {
        out.write_all(cli::script(shell).as_bytes())?;
    }
    Ok(code::MATCHED)
}

/// End of the history that is written to a file: fixed, so that the same seed produces the same bytes.
const HISTORY_END: i64 = 1_785_542_400 * SECOND; // 2026-08-01T00:00:00Z

fn run_demo(options: &Demo, setup: &Setup) -> Result<u8, Failure> {
    if options.output.is_some() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        demo::write(options.events, options.seed, HISTORY_END, &mut out)?;
        out.flush()?;
        return Ok(code::MATCHED);
    }
    let spec = Spec::Demo {
        events: options.events,
        rate: options.rate,
        seed: options.seed,
    };
    let program = [
        "regtrail".to_owned(),
        "demo".to_owned(),
        format!("--events={}", options.events),
        format!("--rate={}", options.rate),
        format!("--seed={}", options.seed),
    ];
    explore::open(
        setup,
        spec,
        program.map(Into::into).to_vec(),
        &Input {
            memory_limit: options.memory_limit,
            ..Input::default()
        },
        &options.filter,
        &options.screen,
    )
}

fn fields(json: bool) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    for field in CATALOGUE.fields() {
        if json {
            let row = serde_json::json!({
                "name": field.name, "title": field.title, "group": field.group,
                "kind": format!("{:?}", field.kind).to_lowercase(),
                "aliases": field.aliases, "values": field.values, "meaning": field.meaning,
            });
            writeln!(out, "{row}")?;
            continue;
        }
        let aliases = if field.aliases.is_empty() {
            String::new()
        } else {
            format!(" (also {})", field.aliases.join(", "))
        };
        writeln!(out, "{}{aliases}", field.name)?;
        writeln!(out, "    {}", field.meaning)?;
        if !field.values.is_empty() {
            writeln!(out, "    values: {}", field.values.join(", "))?;
        }
    }
    Ok(code::MATCHED)
}

fn keys(setup: &Setup) -> Result<u8, Failure> {
    let keymap = setup.keymap()?;
    let mut out = io::stdout().lock();
    for (scope, keys, binding) in keymap.bindings() {
        writeln!(out, "{scope:<10} {keys:<14} {binding}")?;
    }
    Ok(code::MATCHED)
}

fn show_config(what: &ConfigWhat, setup: &Setup) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    if what.default {
        out.write_all(config::DEFAULT.as_bytes())?;
    } else if what.effective {
        out.write_all(setup.config()?.effective().as_bytes())?;
    } else {
        let path = setup.paths.as_ref().map(Paths::config_file);
        let path = path
            .ok_or_else(|| Failure::Usage("no home directory: there is no configuration".into()))?;
        writeln!(out, "{}", path.display())?;
        if io::stdout().is_terminal() && !what.path && !path.exists() {
            writeln!(
                out,
                "(not there yet; `regtrail config --default` prints a template)"
            )?;
        }
    }
    Ok(code::MATCHED)
}
