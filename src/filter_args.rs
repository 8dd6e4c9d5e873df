//! Conversion of options to one [`Filter`], shared by the explorer and `query`.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::cli::FilterArgs;
use crate::config::{Paths, View, Views, Watchlists, local_problem, local_zone, shown};
use crate::failure::{Failure, complain};
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{Value, name, visible};
use crate::query::edit::append;
use crate::query::picks::picked;
use crate::query::{
    CatalogueNames, Filter, Node, PICKS, PickState, QueryError, TimeRange, Typed, parse,
    split_range, time_words,
};

/// Reason why options do not form a filter. The text says what to do, with the position in the query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("{0}")]
    Query(String),
    /// The query or the view names a field that the data may still contain.
    #[error("{0}")]
    Name(String),
    #[error("--{option}: {reason}")]
    Time {
        option: &'static str,
        reason: String,
    },
    /// The saved view cannot be read.
    #[error("--view: {0}")]
    View(String),
    /// A value is both included and excluded.
    #[error("--{option} {value} and --{option} '!{value}': nothing can match; drop one of the two")]
    Contradiction { option: &'static str, value: String },
    #[error("--since is not before --until: nothing can match")]
    Backwards,
    #[error("--filter: {0}")]
    Watchlist(String),
    /// No event can have a picked value.
    #[error("--{option} {value}: {reason}")]
    Pick {
        option: &'static str,
        value: String,
        reason: String,
    },
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Files named by filter options, each read once: the saved view and the watchlists.
#[derive(Debug, Default)]
pub struct FilterFiles {
    /// Saved view; empty without `--view`.
    pub view: View,
    /// Path of the view's file for messages.
    file: String,
    lists: RefCell<Watchlists>,
}

impl FilterFiles {
    /// Reads the saved view. Watchlists are read when the first filter is built from them.
    pub fn read(args: &FilterArgs, paths: Option<&Paths>) -> Result<Self, FilterError> {
        let Some(name) = args.view.as_deref() else {
            return Ok(Self::default());
        };
        let homeless = || FilterError::View("no home directory, so no saved views".into());
        let views = Views::new(paths.ok_or_else(homeless)?.views());
        Ok(Self {
            view: views.load(name).map_err(FilterError::View)?,
            file: shown(&views.path(name)),
            lists: RefCell::default(),
        })
    }

    /// Combines the query of the view with the typed one, and loads its watchlists.
    fn query(
        &self,
        view: &View,
        typed: &Typed,
        names: &CatalogueNames,
    ) -> Result<(String, Node), FilterError> {
        // Other options refine a view.
        let text = append(&view.filter, &typed.text);
        // Parse each part alone first, so that errors have the position in the original text.
        let saved = read(&view.filter, names, &self.of_view("filter"))?;
        read(&typed.spaced, names, "--filter")?;
        let mut query = read(&text, names, "--filter")?;
        let mut lists = self.lists.borrow_mut();
        lists
            .load(&mut query)
            .map_err(|error| match lists.load(&mut saved.clone()) {
                Err(error) => FilterError::View(self.of_view(&format!("filter: {error}"))),
                Ok(()) => FilterError::Watchlist(error),
            })?;
        Ok((text, query))
    }

    fn of_view(&self, what: &str) -> String {
        format!("{}: {what}", self.file)
    }

    /// Builds the filter for the options. `seen` are the field names found in the data so far. Without `--view` the
    /// saved view is ignored.
    pub fn filter(
        &self,
        args: &FilterArgs,
        seen: &[Arc<str>],
        now: Nanos,
        zone: Zone,
    ) -> Result<Filter, FilterError> {
        let none = View::default();
        let view = args.view.as_ref().map_or(&none, |_| &self.view);
        let names = CatalogueNames::with(seen.iter().cloned());
        let local = |civil: NaiveDateTime| zone.instant(civil, 0);
        let typed = args.query.as_deref().unwrap_or_default();
        let typed =
            split_range(typed, now, &local).map_err(|error| reported(&error, typed, "--filter"))?;
        let (text, query) = self.query(view, &typed, &names)?;
        if let Some(typo) = view.typo(&names) {
            return Err(FilterError::Name(format!(
                "--view: {}",
                self.of_view(&typo)
            )));
        }
        let time = |option: &'static str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => time_words::instant(text, now, &local)
                .map(Some)
                .map_err(|error| FilterError::Time {
                    option,
                    reason: error.to_string(),
                }),
        };
        let saved = view.range(now, &local);
        let saved = saved.map_err(|error| FilterError::View(self.of_view(&error)))?;
        let (since, until) = (time("since", &args.since)?, time("until", &args.until)?);
        let earlier = |until: Option<Nanos>| until.into_iter().chain(typed.range.until).min();
        let range = TimeRange {
            since: since.max(typed.range.since).or(saved.since),
            until: earlier(until).or(saved.until),
        };
        if range
            .since
            .zip(range.until)
            .is_some_and(|(since, until)| since >= until)
        {
            return Err(FilterError::Backwards);
        }
        let mut filter = Filter {
            text,
            query,
            picks: Vec::new(),
            range,
        };
        view.pick(&mut filter, &names)
            .map_err(|error| FilterError::View(self.of_view(&error)))?;
        for (option, field) in PICKS {
            let values = match option {
                "instance" => &args.instance,
                "repo" => &args.repo,
                "action" => &args.action,
                "user" => &args.user,
                "status" => &args.status,
                _ => &args.ip,
            };
            let mut asked = Filter::default();
            for value in values {
                let (value, state) = match value.strip_prefix('!') {
                    Some(rest) => (rest, PickState::Exclude),
                    None => (value.as_str(), PickState::Include),
                };
                let wrong = |reason| FilterError::Pick {
                    option,
                    value: value.to_owned(),
                    reason,
                };
                let (field, value) = match status_class(field, value) {
                    Some(class) => (name::STATUS_CLASS, class),
                    None => (field, picked(option, value).map_err(wrong)?),
                };
                let value: Value = Some(value.into());
                asked.add(field, &value, state);
                filter.add(field, &value, state);
            }
            if let Some(error) = mixed(&asked, option) {
                return Err(error);
            }
            let mut picks = asked.picks.iter();
            if let Some(value) = picks.find_map(crate::query::Pick::contradiction) {
                return Err(FilterError::Contradiction {
                    option,
                    value: value.as_deref().map(visible).unwrap_or_default().into(),
                });
            }
        }
        Ok(filter)
    }
}

/// Returns the class that a picked status names, such as `4xx`.
fn status_class(field: &str, text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let is_class =
        field == name::STATUS && matches!(&*lower, "1xx" | "2xx" | "3xx" | "4xx" | "5xx");
    is_class.then_some(lower)
}

/// Rejects included classes next to included statuses: picks of different fields would have to match both.
fn mixed(asked: &Filter, option: &'static str) -> Option<FilterError> {
    let included = |field: &str| asked.pick(field)?.include.first()?.clone();
    let (status, class) = (included(name::STATUS)?, included(name::STATUS_CLASS)?);
    let query = format!("status_class:{class} or status:{status}");
    Some(FilterError::Pick {
        option,
        value: class.to_string(),
        reason: format!("cannot be combined with --{option} {status}; write -f '{query}' instead"),
    })
}

/// Parses a query; `of` names it in errors.
fn read(text: &str, names: &CatalogueNames, of: &str) -> Result<Node, FilterError> {
    parse(text, names).map_err(|error| reported(&error, text, of))
}

fn reported(error: &QueryError, text: &str, of: &str) -> FilterError {
    let of = if of.starts_with("--") {
        of.to_owned()
    } else {
        format!("--view: {of}")
    };
    let reported = format!("{of}: {error}\n{}", error.caret(text));
    if error.suggestion.is_some() {
        FilterError::Name(reported)
    } else {
        FilterError::Query(reported)
    }
}

/// Time range of the options, in the syntax of the time prompt; `None` if only a part of it can be written that way.
pub fn range_words(args: &FilterArgs, view: &View) -> Option<String> {
    match (&args.since, &args.until) {
        (None, None) if view.time.is_empty() => None,
        (None, None) => Some(view.time.clone()),
        _ if !view.time.is_empty() => None,
        (since, until) => {
            let end = |end: &Option<String>| end.clone().unwrap_or_default();
            Some(format!("{}..{}", end(since), end(until)))
        }
    }
}

/// Resolves a zone by name; without one, by the name `default`.
pub fn zone_of(name: Option<&str>, default: &str) -> Result<Zone, Failure> {
    let name = name.unwrap_or(default);
    if name == "local"
        && let Some(problem) = local_problem()
    {
        complain(&problem);
    }
    Zone::parse(name, local_zone()).ok_or_else(|| {
        let known =
            "utc, local, source, an IANA name such as Asia/Shanghai or an offset such as +08:00";
        Failure::Usage(format!("--tz {name}: no such time zone; expected {known}"))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;
    use crate::query::{shell, to_command};

    #[test]
    fn a_filter_written_as_a_command_line_reads_back_as_the_same() {
        let mut filter = Filter::default();
        let text = "(status>=400 or \"it's\") and not agent ~ \"a b\"";
        filter
            .set_text(text, &CatalogueNames::default())
            .expect("reads");
        for (field, value, state) in [
            ("action", "DeleteTag", PickState::Include),
            ("action", "-odd", PickState::Include),
            ("user", "role/ci builder", PickState::Exclude),
            ("ip", "::1", PickState::Include),
            ("user", "!bang", PickState::Exclude),
        ] {
            filter.set(field, &Some(value.into()), state);
        }
        filter.range = TimeRange {
            since: Some(1_712_908_800_123_456_789),
            until: Some(1_712_912_400_000_000_000),
        };
        let words = to_command(&filter);
        let line = [&["regtrail".to_owned(), "a.ndjson".to_owned()], &words[..]].concat();
        let cli = Cli::try_parse_from(&line).expect("options");
        assert_eq!(
            FilterFiles::default().filter(&cli.explore.filter, &[], 0, Zone::Utc),
            Ok(filter)
        );
        // A shell splits the line into the same words.
        let output = std::process::Command::new("sh")
            .args([
                "-c",
                &format!("printf '%s\\n' {}", shell(line.iter().map(String::as_str))),
            ])
            .output()
            .expect("a shell");
        let words: Vec<&str> = std::str::from_utf8(&output.stdout)
            .expect("text")
            .lines()
            .collect();
        assert_eq!(words, line);
    }

    #[test]
    fn classes_of_statuses_are_picked_like_statuses() {
        let filter = |line: &str| {
            let words = ["regtrail"].into_iter().chain(line.split(' '));
            let cli = Cli::try_parse_from(words).expect("options");
            FilterFiles::default().filter(&cli.explore.filter, &[], 0, Zone::Utc)
        };
        let mut meant = Filter::default();
        meant.set("status_class", &Some("4xx".into()), PickState::Include);
        meant.set("status_class", &Some("5xx".into()), PickState::Include);
        assert_eq!(filter("--status 4xx --status 5XX"), Ok(meant));
        let mut meant = Filter::default();
        meant.set("status_class", &Some("4xx".into()), PickState::Include);
        meant.set(
            "http_response_status",
            &Some("404".into()),
            PickState::Exclude,
        );
        assert_eq!(filter("--status 4xx --status !404"), Ok(meant));
        let error = filter("--status 4xx --status 500").expect_err("both cannot match");
        assert!(
            error
                .to_string()
                .contains("-f 'status_class:4xx or status:500'"),
            "{error}"
        );
        let error = filter("--status 4xx --status !4xx").expect_err("nothing can match");
        assert!(error.to_string().contains("nothing can match"), "{error}");
    }

    #[test]
    fn picks_without_an_option_select_the_same() {
        let mut filter = Filter::default();
        filter.set("tag", &None, PickState::Include);
        filter.set("tag", &Some("a\"b".into()), PickState::Include);
        filter.set("user", &None, PickState::Exclude);
        let line = [vec!["regtrail".to_owned()], to_command(&filter)].concat();
        let cli = Cli::try_parse_from(line).expect("options");
        let read = FilterFiles::default()
            .filter(&cli.explore.filter, &[], 0, Zone::Utc)
            .expect("reads");
        let picks = filter.picks.iter().map(crate::query::Pick::node);
        assert_eq!(read.query, Node::and(picks));
    }
}
