//! Tests of the list against a model that is a plain sequence of numbers: cursor and view are correct for every
//! sequence of windows.

use std::sync::Arc;

use super::{Line, ListState};
use crate::engine::{Anchor, Window};
use crate::model::time::SECOND;
use crate::model::zone::Zone;
use crate::model::{EventId, Mark, Row};

const DAY: i64 = 86_400;

/// Window of events, one per second, starting at `first`.
fn window(first: u64, count: u64, anchor: u64) -> Window {
    let row = |n: u64| Row {
        id: EventId(n),
        time: Some(n as i64 * SECOND),
        offset: 0,
        values: vec![Some(Arc::from("x"))],
    };
    Window {
        firsts: Vec::new(),
        also: None,
        first,
        anchor: Some((anchor - first) as usize),
        rows: (first..first + count).map(row).collect(),
        marks: Vec::new(),
    }
}

fn list(height: usize) -> ListState {
    let mut list = ListState::new(Zone::Utc);
    list.resize(height);
    list
}

fn focused(list: &ListState) -> Option<u64> {
    list.focused().map(|row| row.id.0)
}

/// Ranks of the visible events.
fn seen(list: &ListState) -> Vec<u64> {
    let rank = |line: &Line| match line {
        Line::Row(index) => Some(list.window().first + *index as u64),
        _ => None,
    };
    list.visible().iter().filter_map(rank).collect()
}

#[test]
fn following_stays_with_the_newest() {
    let mut list = list(10);
    list.arrive(window(0, 100, 99), Anchor::Newest);
    assert_eq!(
        (focused(&list), seen(&list)),
        (Some(99), (90..100).collect())
    );
    list.arrive(window(50, 100, 149), Anchor::Newest);
    assert_eq!((focused(&list), list.newer(150)), (Some(149), 0));
}

#[test]
fn ranks_beyond_ten_million_are_no_trouble() {
    let mut list = list(10);
    let first = 5_123_456_789;
    list.arrive(window(first, 100, first + 99), Anchor::Newest);
    assert!(!list.step(-1, first + 100));
    assert_eq!(list.rank(), Some(first + 98));
    assert_eq!(list.newer(first + 1_000), 901);
}

#[test]
fn an_anchored_view_stands_still_when_rows_come_in_before_it() {
    let mut list = list(10);
    list.arrive(window(0, 100, 99), Anchor::Newest);
    list.step(-30, 100);
    let before = list.visible().len();
    let at = list
        .visible()
        .iter()
        .position(|line| *line == Line::Row(list.cursor()));
    // Forty older events were merged in: every rank grows; the event and its screen row stay.
    let mut later = window(60, 80, 69);
    later.first = 100;
    list.arrive(
        later,
        Anchor::Event {
            id: EventId(69),
            by: 0,
        },
    );
    assert_eq!(
        (focused(&list), list.rank(), list.visible().len()),
        (Some(69), Some(109), before)
    );
    assert_eq!(
        list.visible()
            .iter()
            .position(|line| *line == Line::Row(list.cursor())),
        at
    );
}

#[test]
fn moving_past_the_window_asks_for_what_lies_there() {
    let mut list = list(10);
    list.arrive(
        window(500, 50, 525),
        Anchor::Event {
            id: EventId(525),
            by: 0,
        },
    );
    list.set_follow(false);
    assert!(list.step(-100, 1_000));
    assert!(list.step(-100, 1_000), "the second adds to the first");
    let first = list.fetch().anchor;
    assert!(
        matches!(first, Anchor::Event { by, .. } if by < -100),
        "{first:?}"
    );
    list.arrive(window(300, 70, 325), first);
    assert_eq!(focused(&list), Some(325));
}

#[test]
fn days_and_marks_have_lines_of_their_own() {
    let mut list = list(20);
    let mut two_days = window(DAY as u64 - 3, 6, DAY as u64);
    two_days.marks.push((
        4,
        Mark {
            time: 0,
            text: "rotated".into(),
        },
    ));
    list.arrive(two_days, Anchor::Newest);
    let lines = list.visible();
    let expected = [
        Line::Day(0),
        Line::Row(0),
        Line::Row(1),
        Line::Row(2),
        Line::Day(3),
        Line::Row(3),
        Line::Mark(0),
        Line::Row(4),
        Line::Row(5),
    ];
    assert_eq!(lines, expected);
    list.set_zone(Zone::Place(chrono_tz::Asia::Shanghai));
    assert!(
        !list.visible()[1..].contains(&Line::Day(3)),
        "one day by another clock"
    );
}

#[test]
fn a_mark_after_the_newest_event_is_in_view_while_following() {
    let mut list = list(10);
    let mut late = window(0, 100, 99);
    late.marks.push((
        100,
        Mark {
            time: 0,
            text: "truncated".into(),
        },
    ));
    list.arrive(late, Anchor::Newest);
    assert_eq!(list.visible().last(), Some(&Line::Mark(0)));
    assert_eq!(list.visible().len(), 10);
}

#[test]
fn an_empty_window_forgets_no_event() {
    let mut list = list(10);
    list.arrive(window(0, 100, 99), Anchor::Newest);
    list.step(-5, 100);
    list.arrive(
        Window::default(),
        Anchor::Event {
            id: EventId(94),
            by: 0,
        },
    );
    assert_eq!(
        (focused(&list), list.visible().len(), list.newer(0)),
        (None, 0, 0)
    );
    assert_eq!(
        list.fetch().anchor,
        Anchor::Event {
            id: EventId(94),
            by: 0
        }
    );
}

#[test]
fn every_height_shows_the_cursor() {
    for height in 0..40 {
        let mut list = list(height);
        list.arrive(window(0, 200, 199), Anchor::Newest);
        for by in [-1, -7, 3, -150, 20, 200] {
            list.step(by, 200);
            let cursor = Line::Row(list.cursor());
            assert!(list.visible().contains(&cursor), "height {height} by {by}");
        }
    }
}
