//! Keys that act on one place only: overlays cover the panes, pinned columns stay, numbers of facets are keys.

use regtrail::app::layout::PaneId;
use regtrail::overlays::Overlay;

use super::driver::Driver;

#[test]
fn keys_for_the_panes_do_nothing_through_an_overlay() {
    for open in ["I", "?", "D", "#u", "L", "S", "V", "M", "R", "c"] {
        let mut driver = Driver::sample(300, (120, 36));
        driver.keys("+a");
        driver.keys(open);
        let title = driver.app.overlay.as_ref().map(Overlay::name);
        assert!(title.is_some(), "{open}");
        let before = (driver.app.filters.current().clone(), driver.app.clock.zone);
        for key in ["X", "z", "T", "p", "f", "F", "H", "~", "3"] {
            let own = (open == "?" && key == "f") || (open == "S" && key == "p");
            if own {
                continue;
            }
            driver.keys(key);
            let screen = driver.screen();
            assert!(screen.contains("closes this"), "{open} {key}: {screen}");
            let now = (driver.app.filters.current().clone(), driver.app.clock.zone);
            assert_eq!(now, before, "{open} {key}");
            assert_eq!(
                driver.app.overlay.as_ref().map(Overlay::name),
                title,
                "{open} {key}"
            );
            assert!(!driver.app.view.paused && driver.app.screen.focus == PaneId::List);
        }
    }
}

#[test]
fn columns_are_not_scrolled_behind_an_overlay() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("Dlll");
    assert!(driver.screen().contains("l: no effect here"));
    driver.keys("<esc>");
    assert_eq!(driver.app.panes.list.skip, 0);
}

#[test]
fn a_sequence_for_the_panes_is_refused_at_its_first_key() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("I<ctrl-w>");
    assert!(driver.app.keyboard.pending.is_empty());
    assert!(
        driver.screen().contains("ctrl-w: no effect here"),
        "{}",
        driver.screen()
    );
}

#[test]
fn the_palette_still_opens_and_runs_commands_over_an_overlay() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+aI:filter.clear<enter>");
    assert!(driver.app.filters.current().is_all());
    driver.keys("<esc>I:<esc>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Card(_))));
}

#[test]
fn undo_in_the_group_table_ends_with_closing_it() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+a#u#s");
    let filter = driver.app.filters.current().clone();
    driver.keys("u");
    assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
    driver.keys("u");
    assert!(driver.app.overlay.is_none(), "{}", driver.screen());
    assert_eq!(*driver.app.filters.current(), filter);
}

#[test]
fn scrolled_columns_are_counted_while_time_and_action_stay() {
    let mut driver = Driver::sample(300, (80, 24));
    let head = |driver: &Driver| {
        let screen = driver.screen();
        let head = screen.lines().find(|line| line.contains("TIME"));
        head.expect("the heading").to_owned()
    };
    let before = head(&driver);
    assert!(!before.contains('‹') && before.ends_with(" ›4"), "{before}");
    driver.keys("ll");
    let after = head(&driver);
    assert!(
        after.starts_with("▸‹2") && after.contains("ACTION"),
        "{after}"
    );
    assert!(
        !after.contains("USER") && after.contains("CLIENT"),
        "{after}"
    );
    driver.keys(&"l".repeat(30));
    assert!(head(&driver).contains("INSTANCE"), "{}", head(&driver));
    driver.keys(&"h".repeat(7));
    assert_eq!(
        head(&driver),
        before,
        "a scroll past the last column is not counted"
    );
}

#[test]
fn every_numbered_facet_has_its_key() {
    let mut driver = Driver::sample(300, (120, 36));
    for at in 0..9 {
        driver.keys(&(at + 1).to_string());
        assert_eq!(driver.app.screen.focus, PaneId::Facets);
        assert_eq!(driver.app.panes.facets.focused(), at);
    }
}

#[test]
fn pivot_keeps_the_time_range_only_and_undo_brings_the_rest_back() {
    for key in ["*u", "<enter>*", "4j*"] {
        let mut driver = Driver::sample(300, (120, 36));
        driver.keys("z+a-r");
        let before = driver.app.filters.current().clone();
        driver.keys(key);
        let now = driver.app.filters.current().clone();
        assert_eq!(now.range, before.range, "{key}");
        assert_eq!((now.picks.len(), before.picks.len()), (1, 2), "{key}");
        driver.keys("u");
        assert_eq!(*driver.app.filters.current(), before, "{key}");
    }
}

#[test]
fn enter_on_the_values_left_out_opens_the_table_of_all() {
    let mut driver = Driver::sample(3_000, (120, 36));
    driver.keys("2");
    for _ in 0..40 {
        driver.keys("j");
        if driver.app.panes.facets.is_on_more() {
            break;
        }
    }
    assert!(driver.app.panes.facets.is_on_more(), "{}", driver.screen());
    let screen = driver.screen();
    let more = screen.lines().find(|line| line.contains("more"));
    assert!(more.is_some_and(|line| line.starts_with('▸')), "{screen}");
    driver.keys("<enter>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
}

#[test]
fn escape_leads_back_along_the_trail_on_the_status_line() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("I<enter>");
    assert!(driver.screen().contains("› LIST"), "{}", driver.screen());
    driver.keys("<esc>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Card(_))));
    driver.keys("<esc>");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().is_all());
    assert!(!driver.screen().contains("› LIST"), "{}", driver.screen());
}

#[test]
fn text_cut_in_ascii_does_not_look_like_data() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.ascii = true;
    driver.keys("2");
    let screen = driver.screen();
    assert!(screen.contains("base/alpine..-long-name"), "{screen}");
    assert!(screen.contains("prod/p..s-api:v1.35"), "{screen}");
}
