//! What is shown of the events: views, columns, the order of the list, and their undoing.

use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

#[test]
fn views_are_saved_opened_renamed_and_deleted_by_keys() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("+aVsone<enter>XfDeleteTag<enter>Vstwo<enter>");
    assert_eq!(driver.views.len(), 2);
    driver.keys("V<enter>");
    let screen = driver.screen();
    assert!(screen.contains("FILTER  action==DeleteTag "), "{screen}");
    driver.keys("u");
    assert!(driver.screen().contains("FILTER  DeleteTag"), "undone");
    driver.keys("Vjr<ctrl-u>three<enter>");
    assert!(driver.views.contains_key("three") && !driver.views.contains_key("two"));
    driver.keys("gdjd");
    assert_eq!(driver.views.len(), 2, "another view in between");
    driver.keys("d");
    assert_eq!(driver.views.len(), 1);
}

#[test]
fn columns_are_picked_moved_and_widened_and_remembered() {
    let mut driver = Driver::sample(300, (120, 36));
    let heading = |driver: &Driver| {
        let screen = driver.screen();
        screen
            .lines()
            .find(|line| line.contains("TIME"))
            .unwrap_or_default()
            .to_owned()
    };
    driver.keys("cjJ<space>G<space><esc>");
    let titles = heading(&driver);
    assert!(
        titles
            .find("ST ")
            .is_some_and(|at| at > titles.find("USER").unwrap_or(0))
            || titles.contains("ST"),
        "{titles}"
    );
    assert!(!titles.contains("ACTION"), "{titles}");
    let remembered = driver
        .effects
        .iter()
        .filter(|effect| effect.starts_with("Columns { class: 1"))
        .count();
    assert_eq!(remembered, 3, "{:?}", driver.effects);
    driver.keys("cr+++<esc>");
    assert_eq!(driver.app.panes.list.columns().shown()[0].given, Some(18));
    driver.keys("<resize:80x24>");
    assert_eq!(
        driver.app.panes.list.columns().shown()[0].given,
        None,
        "another size, other columns"
    );
    driver.keys("<resize:120x36>");
    assert_eq!(driver.app.panes.list.columns().shown()[0].given, Some(18));
}

#[test]
fn scrolled_columns_stay_scrolled_as_events_come_in() {
    let mut driver = Driver::new(Fake::sample(200), SourceState::Live, (80, 24));
    driver.keys("lll");
    let titles = driver.screen().lines().nth(3).map(str::to_owned);
    driver.live(20);
    driver.keys("kj<pageup>G");
    assert_eq!(driver.screen().lines().nth(3).map(str::to_owned), titles);
}

#[test]
fn the_list_is_sorted_by_any_field_and_goes_back_to_time() {
    let mut driver = Driver::sample(500, (120, 36));
    let status = |driver: &Driver| {
        let row = driver.app.panes.list.focused().expect("an event");
        driver
            .app
            .panes
            .list
            .columns()
            .value(row, "http_response_status")
            .map(str::to_owned)
    };
    driver.keys("kkss");
    assert_eq!(status(&driver).as_deref(), Some("200"));
    driver.keys("s-");
    assert_eq!(status(&driver).as_deref(), Some("500"));
    assert!(driver.screen().contains("largest first") && driver.screen().contains("ST↓"));
    driver.keys("G");
    assert_eq!(status(&driver).as_deref(), Some("200"));
    let focused = driver.focused();
    driver.keys("ks<enter>k");
    assert!(driver.app.view.sort.is_none() && focused.is_some());
    assert_eq!(
        driver.app.panes.list.focused().and_then(|row| row.time),
        driver
            .fake
            .events
            .get(driver.focused().expect("an event") as usize)
            .map(|event| event.time)
    );
    driver.keys("s.networ<enter>");
    assert!(
        driver.screen().contains("sorted by network"),
        "{}",
        driver.screen()
    );
    driver.keys("s-");
    assert!(driver.screen().contains("sorted by network, largest first"));
}

#[test]
fn a_long_tag_leaves_something_of_the_repository() {
    let mut fake = Fake::sample(40);
    let tag = "release-2026.08.01-with-a-very-long-name-0b5af3a";
    fake.events[39].fields.insert("tag".into(), tag.into());
    let driver = Driver::new(fake, SourceState::Done, (80, 24));
    let screen = driver.screen();
    let line = screen
        .lines()
        .find(|line| line.starts_with('▸') && line.contains("0b5af3a"));
    assert!(
        line.is_some_and(|line| line.contains("…") && line.contains(":rel")),
        "{screen}"
    );
}

#[test]
fn undo_covers_tables_of_groups_views_and_columns() {
    let mut driver = Driver::sample(400, (120, 36));
    driver.keys("+a#u#s");
    assert!(driver.screen().contains("GROUP user × status"));
    driver.keys("<enter>");
    assert_eq!(driver.app.filters.current().picks.len(), 3);
    driver.keys("u");
    assert!(
        driver.screen().contains("GROUP user × status"),
        "undo of the way in"
    );
    assert_eq!(driver.app.filters.current().picks.len(), 1);
    driver.keys("u");
    assert!(
        driver.screen().contains("GROUP user  "),
        "undo of the second field"
    );
    driver.keys("u");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().picks.len() == 1);
    driver.keys("<ctrl-r><ctrl-r><ctrl-r>");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().picks.len() == 3);
    // A table that was only looked at is no step.
    driver.keys("#a<esc>u");
    assert!(driver.screen().contains("GROUP user × status"));
    driver.keys("<esc>u");
    assert!(driver.app.filters.current().is_all());
    driver.keys("C<ctrl-u>ip<enter>5xVsnarrow<enter>");
    let (columns, facets) = (
        driver.app.panes.list.columns().len(),
        driver.app.panes.facets.facets.len(),
    );
    driver.keys("uu");
    assert!(
        driver.app.panes.list.columns().len() > columns
            && driver.app.panes.facets.facets.len() > facets
    );
    driver.keys("V<enter>");
    assert_eq!(driver.app.panes.list.columns().len(), columns);
    assert_eq!(driver.app.panes.facets.facets.len(), facets);
    driver.keys("u");
    assert!(
        driver.app.panes.list.columns().len() > columns
            && driver.app.panes.facets.facets.len() > facets
    );
}
