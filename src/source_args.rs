//! Resolution of arguments, options and profiles to the sources to open, shared by the explorer, `query` and `doctor`.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::cli::Input;
use crate::config::{Config, Paths, shown};
#[cfg(feature = "http")]
use crate::config::{Profile, SlsMode};
use crate::diagnostics;
use crate::failure::Failure;
use crate::model::time::Nanos;
#[cfg(feature = "http")]
use crate::model::time::SECOND;
use crate::model::zone::Zone;
use crate::query::Filter;
#[cfg(feature = "http")]
use crate::query::{time_words, to_sls};
#[cfg(feature = "http")]
use crate::source::sls::checkpoint::FileCheckpoints;
#[cfg(feature = "http")]
use crate::source::sls::{Mode, Settings};
use crate::source::{Spec, SpecError, expand, is_passing};

/// Settings that affect the opening of sources, in addition to their names.
#[derive(Debug)]
pub struct Opening<'a> {
    pub input: &'a Input,
    pub config: &'a Config,
    /// Initial filter; a service applies the part that [`pushable`] returns.
    pub filter: &'a Filter,
    /// Continue after the current end of a source.
    pub follow: bool,
    /// Continue at the position of an earlier run, unless a start is given.
    pub resume: bool,
    /// Accept a pattern without a match as a source: the caller waits for a match.
    pub waits: bool,
    pub now: Nanos,
    pub zone: Zone,
}

/// Individual sources, arguments that were not found, and notes about the others.
#[derive(Debug, Default)]
pub struct Opened {
    pub specs: Vec<Spec>,
    pub missing: Vec<String>,
    pub notes: Vec<String>,
    /// Notes about sources that were named twice and are read once.
    pub again: Vec<String>,
}

/// Removes the picks of `fields` (of all fields if `None`) from the filter, since facets also show values that are not
/// picked.
pub fn pushable(filter: &Filter, fields: Option<&[&str]>) -> Filter {
    let mut filter = filter.clone();
    let shown = |field: &str| fields.is_none_or(|fields| fields.contains(&field));
    filter.picks.retain(|pick| !shown(&pick.field));
    filter
}

/// Parses the arguments and resolves profiles; skips arguments that are not sources.
pub fn named(arguments: &[OsString], config: &Config) -> Vec<Spec> {
    let default = config.default_profile.iter();
    let default = default.map(|name| OsString::from(format!("@{name}")));
    let default = default.chain(["-".into()]);
    let all = arguments.iter().cloned();
    let all = all.chain(default.filter(|_| arguments.is_empty()));
    all.filter_map(|argument| match Spec::parse(&argument).ok()? {
        Spec::Profile(name) => Spec::parse(&config.profiles.get(&name)?.source).ok(),
        spec => Some(spec),
    })
    .collect()
}

impl Opened {
    /// Removes files that a followed directory or pattern among the sources includes.
    fn drop_files_of_directories(&mut self) {
        let grows = |spec: &&Spec| matches!(spec, Spec::Directory(_) | Spec::Glob(_));
        let growing: Vec<Spec> = self.specs.iter().filter(grows).cloned().collect();
        let again = &mut self.again;
        self.specs.retain(|spec| {
            let Spec::File(path) = spec else { return true };
            let Some(other) = growing.iter().find(|other| other.reads(path)) else {
                return true;
            };
            again.push(format!("{spec}: named twice, read once as part of {other}"));
            false
        });
    }
}

impl Opening<'_> {
    /// Resolves the arguments to sources. Without arguments: standard input if it is a pipe, otherwise the default
    /// profile, otherwise nothing.
    pub fn sources(&self) -> Result<Opened, Failure> {
        let mut opened = Opened::default();
        let default: Option<OsString> = match &self.config.default_profile {
            _ if !self.input.sources.is_empty() => None,
            Some(name) if !is_fed() => Some(format!("@{name}").into()),
            _ => (!io::stdin().is_terminal()).then(|| "-".into()),
        };
        let mut seen = Seen::default();
        for argument in self.input.sources.iter().chain(&default) {
            let spec = self.spec(argument)?;
            if let Some(why) =
                diagnostics::file().and_then(|file| diagnostics::refused(&spec, file))
            {
                return Err(Failure::Usage(why));
            }
            opened.notes.extend(note(&spec));
            let written = spec.clone();
            // A followed directory or pattern stays a source of its own, because new files may appear in it.
            let grows = self.follow && matches!(spec, Spec::Directory(_) | Spec::Glob(_));
            match expand(spec.clone()) {
                Ok(_) | Err(SpecError::Empty(_)) if grows => opened.specs.push(spec),
                Err(SpecError::NoMatch(_)) if grows && self.waits => opened.specs.push(spec),
                Ok(found) => {
                    let again = seen.add(found, &mut opened.specs, self.follow);
                    opened.again.extend(again.said(&written));
                }
                Err(error) => opened.missing.push(error.to_string()),
            }
        }
        opened.drop_files_of_directories();
        let named = [
            ("--sls-mode", self.input.sls_mode.is_some()),
            ("--sls-endpoint", self.input.sls_endpoint.is_some()),
        ];
        let pointless = !opened.specs.iter().any(Spec::is_logstore);
        if let Some((option, _)) = named.iter().find(|(_, given)| *given && pointless) {
            let what = format!("{option} requires an sls:// source");
            return Err(Failure::Usage(what));
        }
        Ok(opened)
    }

    fn spec(&self, argument: &OsStr) -> Result<Spec, Failure> {
        let spec = Spec::parse(argument).map_err(|e| Failure::Usage(e.to_string()))?;
        match spec {
            Spec::Profile(name) => {
                let profile = self.config.profiles.get(&name).ok_or_else(|| {
                    let known: Vec<&str> =
                        self.config.profiles.keys().map(String::as_str).collect();
                    let known = match known.as_slice() {
                        [] => "the configuration has no profiles".to_owned(),
                        names => format!("expected one of {}", names.join(", ")),
                    };
                    let what = format!("@{name}: no such profile; {known}");
                    Failure::Usage(what + &configured())
                })?;
                let wrong = |what: &str| Failure::Usage(format!("@{name}: {what}{}", configured()));
                let source = Spec::parse(&profile.source)
                    .map_err(|error| wrong(&format!("its source: {error}")))?;
                match source {
                    Spec::Profile(_) => Err(wrong("its source must not be another profile")),
                    #[cfg(feature = "http")]
                    Spec::Http(mut settings) if !profile.is_for_sls() => {
                        settings.profile = profile.http.clone();
                        settings.profile.origin = format!("@{name}{}", configured());
                        Ok(Spec::Http(settings))
                    }
                    #[cfg(feature = "http")]
                    Spec::Sls(settings) => self.sls(settings, Some(profile)),
                    _ if profile.is_for_sls() => {
                        let what = "since, sls-mode and sls-endpoint require an sls:// source";
                        Err(wrong(what))
                    }
                    other => Ok(other),
                }
            }
            #[cfg(feature = "http")]
            Spec::Sls(settings) => self.sls(settings, None),
            other => Ok(other),
        }
    }
}

/// Regular files to read, by device and inode: each is read once, under any of its names.
#[derive(Debug, Default)]
struct Seen(HashMap<(u64, u64), usize>);

/// Files of one argument that were named before.
#[derive(Debug, Default)]
struct Again {
    count: usize,
    first: Option<PathBuf>,
}

impl Seen {
    /// Adds sources, without the files that are present already. A symbolic link replaces the file behind it: it may
    /// point to another file later.
    fn add(&mut self, found: Vec<Spec>, specs: &mut Vec<Spec>, follow: bool) -> Again {
        let mut again = Again::default();
        for spec in found {
            let place = match &spec {
                Spec::File(path) if !is_passing(path.as_os_str()) => place(path),
                _ => None,
            };
            let before = place.and_then(|place| self.0.get(&place).copied());
            if let (Some(at), Spec::File(path)) = (before, &spec) {
                let other = matches!(&specs[at], Spec::File(path) if !path.is_symlink());
                again.count += 1;
                again.first.get_or_insert_with(|| path.clone());
                if follow && other && path.is_symlink() {
                    specs[at] = spec;
                }
                continue;
            }
            if let Some(place) = place {
                self.0.insert(place, specs.len());
            }
            specs.push(spec);
        }
        again
    }
}

impl Again {
    /// Note about these files, one per argument.
    fn said(self, argument: &Spec) -> Option<String> {
        match (self.count, self.first) {
            (1, Some(path)) => Some(format!("{}: named twice, read once", shown(&path))),
            (0, _) | (_, None) => None,
            (count, _) => {
                let what = format!("{count} of its files are named twice, read once");
                Some(format!("{argument}: {what}"))
            }
        }
    }
}

/// Device and inode of a regular file.
fn place(path: &Path) -> Option<(u64, u64)> {
    let meta = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some((meta.dev(), meta.ino()))
}

/// Path of the configuration file with the profiles, as the end of a message.
fn configured() -> String {
    Paths::find().map_or(String::new(), |paths| {
        format!(" ({})", shown(&paths.config_file()))
    })
}

/// Note about a source that readers of the results need.
fn note(spec: &Spec) -> Option<String> {
    match spec {
        #[cfg(feature = "http")]
        Spec::Sls(settings) if settings.mode == Mode::Search && settings.since.is_none() => {
            let what = "no --since given: loading the last hour; use --since to load more";
            Some(format!("{settings}: {what}"))
        }
        _ => None,
    }
}

/// Returns true if standard input is a pipe, file or socket, and not a terminal or the null device.
fn is_fed() -> bool {
    rustix::fs::fstat(io::stdin()).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) != rustix::fs::FileType::CharacterDevice
    })
}

/// Maximum difference in seconds between the time under which a log is stored and the time of its event. The filter is
/// applied again to the results, so a wider range does no harm.
#[cfg(feature = "http")]
const APART: i64 = 300;

#[cfg(feature = "http")]
impl Opening<'_> {
    fn sls(&self, mut settings: Box<Settings>, profile: Option<&Profile>) -> Result<Spec, Failure> {
        let of_profile = profile.and_then(|profile| profile.sls_mode);
        settings.mode = match self.input.sls_mode.or(of_profile) {
            None | Some(SlsMode::Search) => Mode::Search,
            Some(SlsMode::Tail) => Mode::Tail,
            Some(SlsMode::Remote) => {
                let what = "--sls-mode remote is not supported in this version; use search, which loads what the filter matches";
                return Err(Failure::Usage(what.into()));
            }
        };
        let of_profile = || profile.and_then(|profile| profile.sls_endpoint.clone());
        settings.endpoint = self.input.sls_endpoint.clone().or_else(of_profile);
        let pushed = to_sls(self.filter);
        let since = match (pushed.from, profile.and_then(|p| p.since.as_ref())) {
            (Some(from), _) => Some(from - APART),
            (None, Some(text)) => Some(self.instant(text)?),
            (None, None) => None,
        };
        settings.since = since;
        settings.until = pushed.to.map(|to| to + APART);
        if settings.mode == Mode::Search {
            if pushed.query != "*" || !pushed.beyond.is_empty() {
                settings.query = pushed.query;
                settings.filter = Some(Box::new(self.filter.clone()));
            }
        } else if self.resume && since.is_none() && settings.until.is_none() {
            let (host, logstore) = (settings.address.host(), &settings.address.logstore);
            settings.checkpoints = Paths::find().map(|paths| {
                let file = FileCheckpoints::in_directory(paths.state(), &host, logstore);
                std::sync::Arc::new(file) as _
            });
        }
        Ok(Spec::Sls(settings))
    }

    /// Parses the start in a profile, in Unix seconds.
    fn instant(&self, text: &str) -> Result<i64, Failure> {
        let local = |civil| self.zone.instant(civil, 0);
        let time = time_words::instant(text, self.now, &local)
            .map_err(|error| Failure::Usage(format!("since in a profile: {error}")))?;
        Ok(time.div_euclid(SECOND))
    }
}
