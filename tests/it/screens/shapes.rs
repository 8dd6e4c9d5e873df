//! What a person changes about the layout, for screens of one class of size and the sessions to come.

use regtrail::app::Options;
use regtrail::app::layout::PaneId;
use regtrail::config::{DetailPlace, Shape};
use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

const SIZES: [&str; 3] = ["<resize:80x24>", "<resize:120x36>", "<resize:200x60>"];

#[test]
fn any_pane_is_maximised_and_the_same_key_and_escape_lead_back() {
    for (size, pane) in [(80, 24), (120, 36), (200, 60)]
        .into_iter()
        .flat_map(|size| PaneId::ALL.map(|pane| (size, pane)))
    {
        let mut driver = Driver::sample(500, size);
        driver.app.focus(pane);
        driver.keys("<ctrl-w>o");
        let layout = driver.app.screen.layout();
        let shown = PaneId::ALL.map(|pane| layout.area(pane).is_some());
        assert_eq!(shown.iter().filter(|shown| **shown).count(), 1);
        let area = layout.area(pane).expect("the focused pane");
        assert_eq!((area.width, area.height), (size.0, size.1 - 3));
        let named = format!("{} MAXIMISED", pane.scope().to_uppercase());
        assert!(driver.screen().contains(&named), "{}", driver.screen());
        driver.keys("<ctrl-w>o");
        assert!(!driver.app.screen.shape.maximised);
        driver.keys("<ctrl-w>o<esc>");
        assert!(!driver.app.screen.shape.maximised);
        assert_eq!(driver.app.screen.focus, pane, "Esc leads back by one step");
    }
}

#[test]
fn changes_of_the_layout_belong_to_a_class_of_size_and_are_remembered() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("<ctrl-w>f<ctrl-w>d<ctrl-w>+<ctrl-w>+");
    let changed = Shape {
        maximised: false,
        facets: Some(false),
        detail: Some(DetailPlace::Brief),
        histogram: Some(9),
    };
    assert_eq!(driver.app.screen.shape, changed);
    let remembered = driver.effects.last().expect("an effect").clone();
    assert_eq!(
        remembered,
        format!("Shape {{ class: 1, shape: {changed:?} }}")
    );
    for (class, size) in SIZES.iter().enumerate() {
        driver.keys(size);
        let expected = if class == 1 {
            changed
        } else {
            Shape::default()
        };
        assert_eq!(driver.app.screen.shape, expected, "{size}");
    }
    driver.keys("<ctrl-w>h");
    let wide = driver.app.screen.shape;
    assert_eq!(wide.histogram, Some(0));
    driver.keys("<resize:120x36><resize:201x60>");
    assert_eq!(driver.app.screen.shape, wide);
    // Another session begins with them.
    let options = Options {
        shape_of: [Shape::default(), changed, wide],
        ..Options::default()
    };
    let mut driver = Driver::with(Fake::sample(300), SourceState::Done, (120, 36), options);
    assert_eq!(driver.app.screen.shape, changed);
    assert!(driver.app.screen.layout().facets.is_none());
    driver.keys("<ctrl-w>=");
    assert_eq!(driver.app.screen.shape, Shape::default());
}

#[test]
fn the_detail_goes_round_its_places_and_comes_back_to_the_usual_one() {
    for (size, places) in [(80, 3), (120, 4), (200, 4)] {
        let mut driver = Driver::sample(300, (size, 40));
        for _ in 0..places {
            driver.keys("<ctrl-w>d");
            driver.draw();
        }
        assert_eq!(driver.app.screen.shape, Shape::default(), "at {size}");
    }
}

/// It is not counted while it is not shown, and was shown as "no events" until the next change.
#[test]
fn a_histogram_that_was_hidden_shows_what_the_filter_of_now_leaves() {
    let mut driver = Driver::sample(500, (120, 36));
    driver.keys("<ctrl-w>h+a");
    assert!(driver.app.screen.layout().histogram.is_none());
    driver.keys("<ctrl-w>h");
    let screen = driver.screen();
    assert!(!screen.contains("no events with a time"), "{screen}");
    driver.keys("O-u");
    driver.keys("O");
    assert!(!driver.screen().contains("no events with a time"));
}

#[test]
fn a_facet_that_is_gone_to_on_a_small_screen_shows_many_values() {
    let mut fake = Fake::sample(400);
    for (n, event) in fake.events.iter_mut().enumerate() {
        event
            .fields
            .insert("user".into(), format!("user/number-{:02}", n % 30));
    }
    let mut driver = Driver::new(fake, SourceState::Done, (80, 24));
    driver.keys("4");
    let screen = driver.screen();
    let users = screen.matches("user/number-").count();
    let in_drawer = screen
        .lines()
        .filter(|line| {
            line.chars()
                .take(34)
                .collect::<String>()
                .contains("user/number-")
        })
        .count();
    assert!(users >= in_drawer && in_drawer >= 14, "{screen}");
    assert!(
        screen
            .lines()
            .nth(3)
            .is_some_and(|line| line.starts_with("▸ 4 USER")),
        "{screen}"
    );
    // Whether it was there before its values or not.
    driver.keys("<esc>4");
    assert_eq!(driver.screen(), screen);
    driver.keys("<esc>2");
    assert!(
        driver
            .screen()
            .lines()
            .nth(3)
            .is_some_and(|line| line.starts_with("▸ 2 REPO"))
    );
}
