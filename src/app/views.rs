//! Saved views: how the present view is written down, and how a saved one becomes the filter.

use chrono::NaiveDateTime;

use super::App;
use crate::config::{SavedView, View};
use crate::model::time::utc;
use crate::query::TimeRange;

/// The saved views as they were listed last, and the one the cursor is on.
#[derive(Clone, Debug, Default)]
pub struct ViewList {
    pub saved: Vec<SavedView>,
    pub cursor: usize,
    /// They have been read.
    pub known: bool,
    /// Delete was pressed once on the view of this name.
    pub deleting: Option<String>,
}

impl ViewList {
    pub fn focused(&self) -> Option<&SavedView> {
        self.saved.get(self.cursor)
    }

    pub fn arrive(&mut self, saved: Vec<SavedView>) {
        let name = self.focused().map(|saved| saved.name.clone());
        let same = name.and_then(|name| saved.iter().position(|saved| saved.name == name));
        self.cursor = same
            .unwrap_or(self.cursor)
            .min(saved.len().saturating_sub(1));
        self.saved = saved;
        self.known = true;
    }
}

impl App {
    /// The present view, as its file says it. A range that was typed relative to now stays so.
    pub fn view(&self) -> View {
        let filter = self.filters.current();
        let typed = self
            .range_typed
            .as_ref()
            .filter(|(range, text)| *range == filter.range && is_relative(text));
        View {
            filter: filter.text.trim().to_owned(),
            time: typed.map_or_else(|| words(filter.range), |(_, text)| text.clone()),
            picks: filter.picks.clone(),
        }
    }

    /// Puts the filter of a saved view in force; undoable.
    pub fn open_view(&mut self, view: &View) -> Result<(), String> {
        let zone = self.zone;
        let local = move |civil: NaiveDateTime| zone.instant(civil, 0);
        let filter = view.filter(self.names.known(), self.clock, &local)?;
        if !view.time.is_empty() {
            self.range_typed = Some((filter.range, view.time.clone()));
        }
        self.refine(|current| *current = filter);
        Ok(())
    }
}

/// Whether words name a range that moves along with the present time.
fn is_relative(text: &str) -> bool {
    text.split("..").map(str::trim).all(|end| {
        let first = end.chars().next();
        first.is_none_or(|c| c == '-' || c.is_alphabetic())
    })
}

/// A range in words that always mean the same.
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
        app.clock = 1_000_000_000_000_000;
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
        app.open_view(&view).expect("its own output");
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
        app.open_view(&view).expect("reads");
        let since = app.filters.current().range.since;
        assert_eq!(app.view(), view);
        app.clock += 5;
        app.open_view(&view).expect("reads");
        assert_eq!(
            app.filters.current().range.since,
            since.map(|time| time + 5)
        );
        app.refine(|filter| filter.range.until = Some(i64::MAX));
        assert_ne!(app.view().time, "-2h");
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
            assert!(app.open_view(&view).is_err());
            assert!(app.filters.current().is_all());
        }
    }
}
