//! The command line: definitions only. What the options mean is done by `headless` and `explorer`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{SlsMode, size};
use crate::decode::formats::{FORMATS, FormatId};
use crate::diagnostics::Level;
use crate::export;
use crate::manual;
use crate::source::Written;
use crate::source::encoding::{self, Encoding};

const EXAMPLES: &str = "Examples:
  regtrail audit.ndjson                             explore a log and follow it
  kubectl logs … | regtrail -                       explore a stream
  regtrail sls://UID@REGION --since -2h             explore the log where the registry delivers it
  regtrail query audit/ --status 403 --facet user   list users that were refused
  regtrail demo                                     try it on synthetic traffic";

/// Explore container-registry audit trails in the terminal.
#[derive(Debug, Parser)]
#[command(
    name = "regtrail",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = format!("{}\n\n{EXAMPLES}", manual::list())
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub explore: Explore,
    #[command(flatten)]
    pub diagnostics: DiagnosticsArgs,
}

/// What the program tells of itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnostics")]
pub struct DiagnosticsArgs {
    /// Write what the program does, how long that takes and what fails to this file; never values of a log
    #[arg(long, value_name = "PATH", global = true)]
    pub log_file: Option<PathBuf>,
    /// How much of that
    #[arg(long, value_name = "LEVEL", value_enum, global = true)]
    pub log_level: Option<Level>,
}

/// The explorer.
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
    /// Explore synthetic registry traffic, history and a live tail; or write it with -o ndjson
    Demo(Demo),
    /// Answer a question without a screen
    Query(Query),
    /// Check a source step by step, and say what to do about what is wrong
    Doctor {
        #[command(flatten)]
        input: Input,
    },
    /// Print the field catalogue
    Fields {
        /// One object a line instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Print the key map in effect
    Keys,
    /// Print where the configuration is, what it can hold, or what is in effect
    Config {
        #[command(flatten)]
        what: ConfigWhat,
    },
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the man page
    Man,
    /// Print a manual page or the help of a command; without TOPIC, list both
    Help { topic: Option<String> },
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ConfigWhat {
    /// The path of the configuration file
    #[arg(long)]
    pub path: bool,
    /// The built-in configuration, commented: a template
    #[arg(long)]
    pub default: bool,
    /// What is in effect
    #[arg(long)]
    pub effective: bool,
}

/// Where events come from.
#[derive(Clone, Debug, Args, Default)]
pub struct Input {
    /// Files, directories, patterns, - for standard input, http(s)://…, sls://…, or @PROFILE
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,
    /// Keep reading what is appended (the explorer's default)
    #[arg(short = 'F', long, overrides_with = "no_follow")]
    pub follow: bool,
    /// Stop at the end of each source (the default of query)
    #[arg(long, overrides_with = "follow")]
    pub no_follow: bool,
    /// What the sources are written in, where it is not found out rightly: ndjson, json, csv, tsv or parquet
    #[arg(long, value_name = "FORMAT", value_parser = format_names())]
    pub format: Option<String>,
    /// The encoding of text that is neither UTF-8 nor UTF-16: gb18030, euc-kr, windows-1252, …
    #[arg(long, value_name = "NAME", value_parser = encoding::label)]
    pub encoding: Option<&'static Encoding>,
    /// How a logstore is read (default: search)
    #[arg(long, value_name = "MODE", value_enum)]
    pub sls_mode: Option<SlsMode>,
    /// Connect there instead of to the project's host; plain http:// only when written in full
    #[arg(long, value_name = "URL")]
    pub sls_endpoint: Option<String>,
    #[command(flatten)]
    pub ceiling: Ceiling,
}

/// What the index may take.
#[derive(Clone, Copy, Debug, Args, Default)]
pub struct Ceiling {
    /// Limit the index, e.g. to 512MB or 2GiB: past it the oldest events are dropped. Loading takes up to 150 MB more
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    pub max_memory: Option<u64>,
}

/// The names of all formats.
fn format_names() -> impl clap::builder::TypedValueParser<Value = String> {
    clap::builder::PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}

impl Input {
    /// Whether to follow, given what the command does by itself.
    pub fn follows(&self, default: bool) -> bool {
        self.follow || (default && !self.no_follow)
    }

    /// The options, without the sources, as words that read back as the same.
    pub fn options(&self) -> Vec<String> {
        let Self {
            sources: _,
            follow,
            no_follow,
            format,
            encoding,
            sls_mode,
            sls_endpoint,
            ceiling,
        } = self;
        let flags = [("--follow", *follow), ("--no-follow", *no_follow)];
        let flags = flags.iter().filter(|(_, given)| *given);
        let mut words: Vec<String> = flags.map(|(word, _)| (*word).to_owned()).collect();
        let mode = sls_mode.and_then(|mode| mode.to_possible_value());
        let mode = mode.map(|mode| mode.get_name().to_owned());
        let encoding = encoding.map(|encoding| encoding.name().to_owned());
        let ceiling = ceiling.max_memory.map(|bytes| bytes.to_string());
        for (name, value) in [
            ("max-memory", &ceiling),
            ("format", format),
            ("encoding", &encoding),
            ("sls-mode", &mode),
            ("sls-endpoint", sls_endpoint),
        ] {
            words.extend(value.iter().map(|value| format!("--{name}={value}")));
        }
        words
    }

    /// How the sources are written, as far as that was said.
    pub fn written(&self) -> Written {
        Written {
            format: self.format.as_deref().and_then(FormatId::find),
            encoding: self.encoding,
        }
    }
}

/// Which events.
#[derive(Clone, Debug, Args, Default)]
#[command(next_help_heading = "Filter")]
pub struct FilterArgs {
    /// A query, e.g. 'action:PutImageManifest and not status:201'
    #[arg(short = 'f', long = "filter", value_name = "QUERY")]
    pub query: Option<String>,
    /// From this time on: 2024-04-12T16:00:00+08:00, 2024-04-12, 13:20, -2h, yesterday
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// Instance id; repeated: any of them; !V: not this one
    #[arg(long, value_name = "V")]
    pub instance: Vec<String>,
    /// Repository as namespace/repo; repeated and ! as above
    #[arg(long, value_name = "V")]
    pub repo: Vec<String>,
    /// Action, e.g. `DeleteTag`
    #[arg(long, value_name = "V")]
    pub action: Vec<String>,
    /// User, e.g. role/ci-builder
    #[arg(long, value_name = "V")]
    pub user: Vec<String>,
    /// HTTP status
    #[arg(long, value_name = "V")]
    pub status: Vec<String>,
    /// Address of the client
    #[arg(long, value_name = "V")]
    pub ip: Vec<String>,
    /// A saved view; the options above refine it
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// utc, local, source (each record's own; sums over time in UTC), an IANA name, or hours such as +08:00
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
}

/// How the screen looks.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Screen")]
pub struct ScreenArgs {
    /// auto, dark, light, high-contrast, mono or slate
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Whether to use colour
    #[arg(long, value_name = "WHEN", value_enum)]
    pub color: Option<When>,
    /// Draw with ASCII characters only
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
    /// Live events a second
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rate: u32,
    /// Events of history
    #[arg(long, value_name = "N", default_value_t = 60_000)]
    pub events: u64,
    /// Another number, another world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write the history to standard output instead of exploring it
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = ["ndjson"])]
    pub output: Option<String>,
    #[command(flatten)]
    pub ceiling: Ceiling,
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

/// What to print.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The number of matching events
    #[arg(long)]
    pub count: bool,
    /// Values of a field with counts, N of them (default 10) or all; repeatable
    #[arg(long, value_name = "FIELD[:N|:all]")]
    pub facet: Vec<String>,
    /// Counts per step: 10s, 1m, 1h, auto
    #[arg(long, value_name = "STEP")]
    pub histogram: Option<String>,
    /// One row a combination of values
    #[arg(long, value_name = "FIELD[,FIELD]", value_delimiter = ',', value_parser = listed())]
    pub group_by: Vec<String>,
    /// What loading took, and what the events take in memory
    #[arg(long)]
    pub stats: bool,
    /// Order: a field, or count, failed, users, admitted (403 and later 2xx), first, last for groups; - in front: descending
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// At most this many events or groups; with --follow it ends after so many events
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = most)]
    pub limit: Option<usize>,
    /// With --follow, how often sums are printed where something changed, e.g. 500ms, 2s, 1m (default 10s)
    #[arg(long, value_name = "DURATION")]
    pub every: Option<String>,
    /// Fields of a table
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = listed())]
    pub columns: Vec<String>,
    /// Default: table on a terminal; in a pipe ndjson for events, json for sums
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = formats())]
    pub output: Option<String>,
    /// With -o csv: put ' before cells that a spreadsheet would run as formulas
    #[arg(long)]
    pub for_spreadsheet: bool,
}

/// A name of a list with commas, without the blanks around it.
fn listed() -> impl TypedValueParser<Value = String> {
    StringValueParser::new().map(|text| text.trim().to_owned())
}

/// How many, for `--limit`.
fn most(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 0 or more".to_owned())
}

/// Names for `-o`: those of sheets, and the records as they are.
fn formats() -> PossibleValuesParser {
    let value = |(name, _, meaning)| PossibleValue::new(name).help(meaning);
    export::formats().map(value).collect::<Vec<_>>().into()
}

impl Output {
    /// Whether sums are asked for rather than events.
    pub fn is_summary(&self) -> bool {
        self.count
            || !self.facet.is_empty()
            || self.histogram.is_some()
            || !self.group_by.is_empty()
            || self.stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_negative_time_is_no_option() {
        let cli = Cli::parse_from([
            "regtrail", "query", "a", "--since", "-2h", "--sort", "-time",
        ]);
        let Some(Command::Query(query)) = cli.command else {
            panic!("a query")
        };
        assert_eq!(query.filter.since.as_deref(), Some("-2h"));
        assert!(!query.input.follows(false));
    }
}
