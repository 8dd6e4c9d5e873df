//! Command line definitions. `query_command`, `explore` and `doctor` run them.

mod arrange;
mod known;
mod man;
mod script;
mod texts;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{SlsMode, size};
use crate::decode::formats::{FORMATS, FormatId};
use crate::diagnostics::Level;
use crate::export;
use crate::manual;
use crate::source::Written;
use crate::source::encoding::{self, Encoding};

pub use arrange::{arrange, typo, unopened};
pub use known::{GROUP_SORTS, Listed};
pub use man::man_pages;
pub use script::script;
pub use texts::START;
use texts::{EXAMPLES, QUERY_EXAMPLES, exit_codes};

/// Explore container registry audit logs in the terminal.
#[derive(Debug, Parser)]
#[command(
    name = "regtrail",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples and all options: regtrail --help. Manual: regtrail help.",
    after_long_help = format!("{}\n\n{EXAMPLES}\n\n{}", manual::list(), exit_codes())
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub explore: Explore,
    #[command(flatten)]
    pub diagnostics: DiagnosticsArgs,
}

/// Diagnostics of the program itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnostics")]
pub struct DiagnosticsArgs {
    /// Write diagnostics to this file (never log contents)
    #[arg(long, value_name = "PATH", global = true, hide_short_help = true)]
    pub log_file: Option<PathBuf>,
    /// Set the detail of --log-file
    #[arg(
        long,
        value_name = "LEVEL",
        value_enum,
        global = true,
        hide_short_help = true
    )]
    pub log_level: Option<Level>,
}

/// Options of the explorer.
#[derive(Debug, Args)]
pub struct Explore {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub screen: ScreenArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Explore synthetic registry traffic: history and a live tail
    Demo(Demo),
    /// Learn regtrail in two minutes: the demo, with hints through its incident
    Tour {
        #[command(flatten)]
        screen: ScreenArgs,
    },
    /// Print events, counts or groups without a screen
    #[command(
        after_help = "Examples, exit codes and all options: regtrail query --help",
        after_long_help = format!("{QUERY_EXAMPLES}\n\n{}", exit_codes())
    )]
    Query(Query),
    /// Check a source step by step and suggest fixes
    Doctor {
        #[command(flatten)]
        input: Input,
    },
    /// Print the field catalogue
    Fields {
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Print the key map in effect
    Keys,
    /// Print the configuration: path, template or settings in effect
    Config {
        #[command(flatten)]
        what: ConfigWhat,
    },
    /// Print a shell completion script
    Completions {
        #[arg(required_unless_present = "values")]
        shell: Option<clap_complete::Shell>,
        /// Print names from the user's files, for the scripts
        #[arg(long, value_name = "NAMES", value_enum, hide = true)]
        values: Option<Listed>,
    },
    /// Print the man page
    Man,
    /// Print a manual page or the help of a command; without TOPIC, list both
    Help { topic: Option<String> },
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ConfigWhat {
    /// Print the path of the configuration file (default)
    #[arg(long)]
    pub path: bool,
    /// Print a commented template with all defaults
    #[arg(long)]
    pub default: bool,
    /// Print the settings in effect
    #[arg(long)]
    pub effective: bool,
}

/// Sources and how to read them.
#[derive(Clone, Debug, Args, Default)]
pub struct Input {
    /// File, directory, pattern, - (standard input), http(s)://…, sls://… or @PROFILE
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,
    /// Follow sources as they grow (default in the explorer)
    #[arg(short = 'F', long, overrides_with = "no_follow")]
    pub follow: bool,
    /// Stop at the end of each source (default in query)
    #[arg(long, overrides_with = "follow")]
    pub no_follow: bool,
    /// Input format, if auto-detection is wrong
    #[arg(long, value_name = "FORMAT", value_parser = format_names())]
    pub format: Option<String>,
    /// Text encoding, if not UTF-8 or UTF-16: gb18030, euc-kr, windows-1252, …
    #[arg(long, value_name = "NAME", value_parser = encoding::label, hide_short_help = true)]
    pub encoding: Option<&'static Encoding>,
    /// Set the mode of reading a logstore [default: search]
    #[arg(long, value_name = "MODE", value_enum, hide_short_help = true)]
    pub sls_mode: Option<SlsMode>,
    /// Connect to this address instead of the project's host
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub sls_endpoint: Option<String>,
    #[command(flatten)]
    pub memory_limit: MemoryArgs,
}

/// Memory limit of the index.
#[derive(Clone, Copy, Debug, Args, Default)]
pub struct MemoryArgs {
    /// Limit the index, e.g. 512MB or 2GiB; the oldest events are evicted
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    pub max_memory: Option<u64>,
}

/// Accepts a filter. One that starts with a dash must have a condition, since it is an option otherwise.
fn filter_text(text: &str) -> Result<String, String> {
    let is_option = text.starts_with("--") || !text.contains([':', '=', '<', '>', '~', ' ']);
    if text.starts_with('-') && is_option {
        return Err(format!(
            "a filter is missing before {text} (write --filter={text} to search for it)"
        ));
    }
    Ok(text.to_owned())
}

/// Parses the name of an input format.
fn format_names() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}

impl Input {
    /// Returns true to follow sources; `default` is that of the command.
    pub fn follows(&self, default: bool) -> bool {
        self.follow || (default && !self.no_follow)
    }

    /// Returns the options, without sources, as words that parse to the same values.
    pub fn options(&self) -> Vec<String> {
        let Self {
            sources: _,
            follow,
            no_follow,
            format,
            encoding,
            sls_mode,
            sls_endpoint,
            memory_limit,
        } = self;
        let flags = [("--follow", *follow), ("--no-follow", *no_follow)];
        let flags = flags.iter().filter(|(_, given)| *given);
        let mut words: Vec<String> = flags.map(|(word, _)| (*word).to_owned()).collect();
        let mode = sls_mode.and_then(|mode| mode.to_possible_value());
        let mode = mode.map(|mode| mode.get_name().to_owned());
        let encoding = encoding.map(|encoding| encoding.name().to_owned());
        let memory_limit = memory_limit.max_memory.map(|bytes| bytes.to_string());
        for (name, value) in [
            ("max-memory", &memory_limit),
            ("format", format),
            ("encoding", &encoding),
            ("sls-mode", &mode),
            ("sls-endpoint", sls_endpoint),
        ] {
            words.extend(value.iter().map(|value| format!("--{name}={value}")));
        }
        words
    }

    /// Returns format and encoding, if given.
    pub fn written(&self) -> Written {
        Written {
            format: self.format.as_deref().and_then(FormatId::find),
            encoding: self.encoding,
        }
    }
}

/// Filter options.
#[derive(Clone, Debug, Args, Default)]
#[command(next_help_heading = "Filter")]
pub struct FilterArgs {
    /// Filter, e.g. 'action:PutImageManifest and not status:201' (see regtrail help query)
    #[arg(short = 'f', long = "filter", value_name = "QUERY", allow_hyphen_values = true, value_parser = filter_text)]
    pub query: Option<String>,
    /// Start time: 2024-04-12T16:00:00+08:00, 2024-04-12, 13:20, -2h, yesterday
    #[arg(long, value_name = "T", allow_hyphen_values = true, hide_possible_values = true, value_parser = known::times())]
    pub since: Option<String>,
    /// End time (exclusive)
    #[arg(long, value_name = "T", allow_hyphen_values = true, hide_possible_values = true, value_parser = known::times())]
    pub until: Option<String>,
    /// Instance id; repeat for any of several, !V to exclude
    #[arg(long, value_name = "V")]
    pub instance: Vec<String>,
    /// Repository, e.g. team/app; repeat and ! as above
    #[arg(long, value_name = "V")]
    pub repo: Vec<String>,
    #[arg(long, value_name = "V", help = "Action, e.g. DeleteTag", hide_possible_values = true, value_parser = known::actions())]
    pub action: Vec<String>,
    /// User, e.g. role/ci-builder
    #[arg(long, value_name = "V")]
    pub user: Vec<String>,
    /// HTTP status or class, e.g. 403 or 4xx
    #[arg(long, value_name = "V", hide_possible_values = true, value_parser = known::statuses())]
    pub status: Vec<String>,
    /// Client address or network, e.g. 10.0.0.0/8
    #[arg(long, value_name = "V")]
    pub ip: Vec<String>,
    /// Saved view to start from; other options refine it
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Time zone: utc, local, source (as recorded), an IANA name, or +08:00
    #[arg(long, value_name = "ZONE", hide_possible_values = true, value_parser = known::zones())]
    pub tz: Option<String>,
}

/// Appearance of the screen.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Screen")]
pub struct ScreenArgs {
    /// Theme: auto, dark, light, high-contrast, mono, slate, or your own
    #[arg(long, value_name = "NAME", hide_possible_values = true, value_parser = known::themes())]
    pub theme: Option<String>,
    /// Control the use of colour
    #[arg(long, value_name = "WHEN", value_enum)]
    pub color: Option<When>,
    /// Use ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Live events per second
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rate: u32,
    /// Number of past events
    #[arg(long, value_name = "N", default_value_t = 60_000)]
    pub events: u64,
    /// Random seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write past events to standard output and exit
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = ["ndjson"])]
    pub output: Option<String>,
    #[command(flatten)]
    pub memory_limit: MemoryArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub screen: ScreenArgs,
}

#[derive(Debug, Args)]
pub struct Query {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub output: Output,
}

/// Output options.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Print the number of matching events
    #[arg(long)]
    pub count: bool,
    /// Count values of a field, top N (default 10) or all; repeatable
    #[arg(long, value_name = "FIELD[:N|:all]", hide_possible_values = true, value_parser = known::fields())]
    pub facet: Vec<String>,
    /// Count events per bucket: 10s, 1m, 1h, auto
    #[arg(long, value_name = "STEP", hide_possible_values = true, value_parser = known::steps())]
    pub histogram: Option<String>,
    /// Print one row per combination of values
    #[arg(long, value_name = "FIELD[,FIELD]", value_delimiter = ',', hide_possible_values = true, value_parser = known::fields())]
    pub group_by: Vec<String>,
    /// Print load time and memory use
    #[arg(long, hide_short_help = true)]
    pub stats: bool,
    /// Sort by a field; groups by count, failed, users, admitted, first, last; -FIELD descends
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true, hide_possible_values = true, value_parser = known::sorts())]
    pub sort: Option<String>,
    /// Print at most N events or groups; with --follow, exit after N events
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = most)]
    pub limit: Option<usize>,
    /// With --follow, print changed summaries this often, e.g. 2s, 1m [default: 10s]
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub every: Option<String>,
    /// Fields to print, in order
    #[arg(long, value_name = "A,B", value_delimiter = ',', hide_possible_values = true, value_parser = known::fields())]
    pub columns: Vec<String>,
    /// Output format [default: table on a terminal; in a pipe ndjson, json for summaries]
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = formats())]
    pub output: Option<String>,
    /// With -o csv, put ' before cells that a spreadsheet would run as formulas
    #[arg(long, hide_short_help = true)]
    pub for_spreadsheet: bool,
}

/// Parses `--limit`.
fn most(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 0 or more".to_owned())
}

/// Parses `-o`: names of export formats, with help.
fn formats() -> PossibleValuesParser {
    let value = |(name, _, meaning)| PossibleValue::new(name).help(meaning);
    export::formats().map(value).collect::<Vec<_>>().into()
}

impl Output {
    /// Returns true if summaries are requested rather than events.
    pub fn is_summary(&self) -> bool {
        self.count
            || !self.facet.is_empty()
            || self.histogram.is_some()
            || !self.group_by.is_empty()
            || self.stats
    }
}

#[cfg(test)]
mod tests;
