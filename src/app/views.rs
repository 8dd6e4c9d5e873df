//! Saved views: conversion of the current view to its saved form, and back to a filter.

use std::ffi::OsString;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::request::Topics;
use super::{App, Effect};
use crate::config::View;
use crate::model::time::utc;
use crate::overlays::Purpose;
use crate::panes::list::columns::Columns;
use crate::query::{Filter, Node, TimeRange, to_command};

/// Query the user typed, with its watchlists read or the reason why they could not be.
type Loaded = Option<(Result<Node, String>, Purpose)>;

impl App {
    /// The current view in its saved form. A range typed relative to now stays relative.
    pub fn view(&self) -> View {
        let filter = self.filters.current();
        let typed = self
            .clock
            .typed
            .iter()
            .rev()
            .find(|(range, text)| *range == filter.range && is_relative(text));
        let names = |fields: Vec<Arc<str>>| fields.iter().map(|name| (**name).to_owned()).collect();
        let facets = self.panes.facets.fields().cloned();
        View {
            filter: filter.text.trim().to_owned(),
            time: typed.map_or_else(|| words(filter.range), |(_, text)| text.clone()),
            picks: filter.picks.clone(),
            columns: names(self.panes.list.columns().names()),
            facets: names(facets.collect()),
        }
    }

    /// Command line that reproduces the view: the program with its sources, their options, the zone and the filter.
    pub fn command_line(&self) -> Vec<OsString> {
        self.command_line_of(self.filters.current())
    }

    /// Like [`Self::command_line`], with another filter.
    pub fn command_line_of(&self, filter: &Filter) -> Vec<OsString> {
        let zone = format!("--tz={}", self.clock.zone.name());
        let options = to_command(filter);
        let said = self
            .session
            .reading
            .iter()
            .cloned()
            .chain([zone])
            .chain(options);
        let program = self.session.program.iter().cloned();
        program.chain(said.map(OsString::from)).collect()
    }

    /// Opens a saved view; undoable. If its filter uses watchlists, nothing changes yet: the returned effect reads
    /// them, and `loaded` opens the view.
    pub fn open_view(&mut self, name: &str, view: &View) -> Result<Option<Effect>, String> {
        let filter = self.filter_of(view)?;
        if filter.query.wants_files() {
            return Ok(Some(Effect::Load {
                query: filter.query,
                purpose: Purpose::View(name.to_owned(), Box::new(view.clone())),
            }));
        }
        self.put_view(name, view, filter);
        Ok(None)
    }

    fn filter_of(&self, view: &View) -> Result<Filter, String> {
        let zone = self.clock.zone;
        let local = move |civil: NaiveDateTime| zone.instant(civil, 0);
        view.filter(self.session.names.known(), self.clock.now, &local)
    }

    fn put_view(&mut self, name: &str, view: &View, filter: Filter) {
        if !view.time.is_empty() {
            self.clock.typed.push((filter.range, view.time.clone()));
        }
        let looks = self.shown_looks();
        self.refine_with(looks, |current| *current = filter);
        if !view.facets.is_empty() {
            self.panes.facets = super::panes::facets(&view.facets);
        }
        if !view.columns.is_empty() {
            let names = view
                .columns
                .iter()
                .map(|name| super::full_name(name).into());
            self.panes
                .list
                .set_columns(Columns::of(&names.collect::<Vec<_>>()));
            self.need(Topics::WINDOW);
        }
        self.overlay = None;
        self.tell(format!(
            "opened view {name}; undo restores the previous view"
        ));
    }

    /// Changes the list columns; undoable. Empty for the defaults.
    pub fn set_columns(&mut self, names: &[Arc<str>]) {
        let looks = self.shown_looks();
        self.filters.note(looks);
        self.panes.list.set_columns(Columns::of(names));
        self.need(Topics::WINDOW);
    }

    /// Continues with a query whose watchlists were read, or shows why one could not be read. Queries of saved views
    /// are applied here; typed queries are returned.
    pub(crate) fn loaded(&mut self, query: Result<Node, String>, purpose: Purpose) -> Loaded {
        if !self.wants_lists(&purpose) {
            return None;
        }
        match (purpose, query) {
            (Purpose::View(name, view), Ok(query)) => match self.filter_of(&view) {
                Ok(mut filter) => {
                    filter.query = query;
                    self.put_view(&name, &view, filter);
                }
                Err(why) => self.tell(format!("view {name}: {why}")),
            },
            (Purpose::View(name, _), Err(why)) => self.tell(format!("view {name}: {why}")),
            (purpose, query) => return Some((query, purpose)),
        }
        None
    }
}

/// Returns true if a range moves with the current time.
fn is_relative(text: &str) -> bool {
    // The end of one log means nothing for another: `1h` and `last 1h` stay what they were.
    text.split("..").map(str::trim).all(|end| {
        let words = ["-", "now", "today", "yesterday"];
        end.is_empty() || words.iter().any(|word| end.starts_with(word))
    })
}

/// Formats a range in absolute times.
fn words(range: TimeRange) -> String {
    if range.is_all() {
        return String::new();
    }
    let end = |time: Option<i64>| time.map(utc).unwrap_or_default();
    format!("{}..{}", end(range.since), end(range.until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;
    use crate::query::PickState;

    fn app() -> App {
        let mut app = App::new(Options::default());
        app.clock.now = 1_000_000_000_000_000;
        app
    }

    #[test]
    fn what_is_saved_comes_back_and_can_be_undone() {
        let mut app = app();
        app.refine(|filter| {
            filter.set("user", &Some("a".into()), PickState::Include);
            filter.range.since = Some(7);
        });
        let (before, view) = (app.filters.current().clone(), app.view());
        assert_eq!(view.time, "1970-01-01T00:00:00.000000007Z..");
        app.refine(|filter| *filter = crate::query::Filter::default());
        app.open_view("v", &view).expect("its own output");
        assert_eq!(*app.filters.current(), before);
        app.undo();
        assert!(app.filters.current().is_all());
    }

    #[test]
    fn a_relative_range_moves_along() {
        let mut app = app();
        let view = View {
            time: "-2h".into(),
            ..View::default()
        };
        app.open_view("v", &view).expect("reads");
        let since = app.filters.current().range.since;
        assert_eq!(app.view().time, view.time);
        app.clock.now += 5;
        app.open_view("v", &view).expect("reads");
        assert_eq!(
            app.filters.current().range.since,
            since.map(|time| time + 5)
        );
        app.refine(|filter| filter.range.until = Some(i64::MAX));
        assert_ne!(app.view().time, "-2h");
        assert!(is_relative("-2h..") && is_relative("yesterday 14:00..now"));
        assert!(!is_relative("last 1h") && !is_relative("$1h") && !is_relative("13:20.."));
        for text in ["hour", "1h", "+-1m", "±1m", "<1m"] {
            assert!(!is_relative(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_changes_nothing() {
        let mut app = app();
        for (filter, time) in [("status >=", ""), ("", "someday")] {
            let view = View {
                filter: filter.into(),
                time: time.into(),
                ..View::default()
            };
            assert!(app.open_view("v", &view).is_err());
            assert!(app.filters.current().is_all());
        }
    }

    #[test]
    fn columns_and_facets_come_back_in_their_order() {
        let mut app = app();
        app.set_columns(&["ip".into(), "odd".into()]);
        app.panes.facets = super::super::panes::facets(&["session".into(), "status".into()]);
        let view = app.view();
        assert_eq!(view.columns, ["ip", "odd"]);
        assert_eq!(view.facets, ["session", "http_response_status"]);
        let mut other = self::app();
        other.open_view("v", &view).expect("its own output");
        assert_eq!(other.view(), view);
        other.open_view("v", &View::default()).expect("reads");
        assert_eq!(
            other.view(),
            view,
            "a view that says nothing of them leaves them"
        );
    }

    #[test]
    fn the_words_of_a_range_survive_undo_and_come_from_the_command_line() {
        let range = TimeRange {
            since: Some(3),
            until: None,
        };
        let mut app = App::new(Options {
            filter: Filter {
                range,
                ..Filter::default()
            },
            range: Some((range, "-2h..".into())),
            ..Options::default()
        });
        assert_eq!(app.view().time, "-2h..");
        app.clock.typed.push((TimeRange::default(), "-1h".into()));
        app.set_range(TimeRange::default());
        app.undo();
        assert_eq!(app.view().time, "-2h..");
    }

    #[test]
    fn a_view_with_a_watchlist_comes_into_force_when_the_list_is_read() {
        let mut app = app();
        let view = View {
            filter: "ip in @bad.txt".into(),
            ..View::default()
        };
        let load = |app: &mut App| match app.open_view("v", &view) {
            Ok(Some(effect)) => {
                app.note_lists(std::slice::from_ref(&effect));
                match effect {
                    Effect::Load { query, purpose } => (query, purpose),
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("the list has to be read: {other:?}"),
        };
        let (_, purpose) = load(&mut app);
        assert!(app.filters.current().is_all());
        app.loaded(
            Err("watchlist bad.txt: no such file".into()),
            purpose.clone(),
        );
        assert!(app.filters.current().is_all());
        assert_eq!(
            app.keyboard.notice.as_deref(),
            Some("view v: watchlist bad.txt: no such file")
        );
        let (mut query, _) = load(&mut app);
        query.load(&mut |_| Ok("10.0.0.0/8".into())).expect("reads");
        app.loaded(Ok(query.clone()), purpose);
        assert_eq!(app.filters.current().query, query);
    }
}
