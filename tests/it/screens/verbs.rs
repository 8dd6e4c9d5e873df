//! Verbs of the list and what they lead to: values first seen, selections, counts, the card of a user.

use regtrail::app::Options;
use regtrail::config::MarksWork;
use regtrail::engine::SourceState;
use regtrail::overlays::{CardLine, Overlay};

use super::driver::Driver;
use crate::fake::Fake;

/// The sample with an address that comes for the first time after the others.
fn with_a_newcomer(at: usize) -> Fake {
    let mut fake = Fake::sample(300);
    for event in &mut fake.events[at..] {
        if event.id.0.is_multiple_of(11) {
            event.fields.insert("ip".into(), "140.205.11.9".into());
        }
    }
    fake
}

#[test]
fn what_is_first_seen_is_gone_to_and_said() {
    let mut driver = Driver::new(with_a_newcomer(250), SourceState::Done, (120, 36));
    driver.keys("[n");
    assert_eq!(driver.focused(), Some(253));
    let screen = driver.screen();
    assert!(
        screen.contains("first in loaded data (29m31s): ip 140.205.11.9"),
        "{screen}"
    );
    assert_eq!(screen.matches('★').count(), 1, "{screen}");
    driver.keys(&"J".repeat(27));
    assert!(driver.screen().contains("140.205.11.9  ★ 1st seen"));
    driver.keys("]n");
    assert!(
        driver
            .screen()
            .contains("no first-seen value after this event")
    );
    driver.keys("[n");
    assert!(
        driver.focused() < Some(33),
        "the beginning, where all is new"
    );
    // The filter decides which events are gone to, not what is first seen.
    driver.keys("fnot ip:140.205.11.9<enter>G[n");
    assert!(driver.focused() < Some(33));
    driver.keys("<resize:80x24>G");
    assert!(!driver.screen().contains('★'), "{}", driver.screen());
    driver.keys("XG[n");
    let screen = driver.screen();
    let reported = "first in loaded data (29m31s): ip 140.205.11.9";
    assert!(
        screen.contains(reported) && screen.contains("140.205.11.9★"),
        "{screen}"
    );
}

#[test]
fn nothing_is_first_seen_before_all_is_loaded() {
    let mut driver = Driver::new(with_a_newcomer(250), SourceState::Loading, (120, 36));
    driver.keys("[n");
    assert!(
        driver
            .screen()
            .contains("are known once loading is complete")
    );
    driver.keys("k".repeat(47).as_str());
    assert_eq!(driver.focused(), Some(252));
    assert!(!driver.screen().contains('★'));
    driver.state = SourceState::Done;
    driver.tell_status();
    assert!(driver.screen().contains('★'), "without a key");
}

#[test]
fn a_selection_is_marked_and_copied_wherever_it_reaches() {
    let mut driver = Driver::sample(6_000, (120, 36));
    driver.keys("v");
    for _ in 0..12 {
        driver.keys("<pageup>");
    }
    let from = driver.focused().expect("an event");
    let many = 6_000 - from;
    assert!(many > 150 && driver.screen().contains(&format!("{many} selected")));
    driver.keys("m");
    assert_eq!(driver.app.session.marks.len() as u64, many);
    let works: Vec<usize> = driver
        .marks
        .iter()
        .map(|work| match work {
            MarksWork::Put(marks) => marks.len(),
            MarksWork::Drop(_) => 0,
        })
        .collect();
    assert_eq!(works, [many as usize], "one change of the file for all");
    driver.keys("gvjjy");
    let copied = driver.effects.pop().expect("copied");
    assert_eq!(copied.matches("2024-04-12T").count(), 3, "{copied}");
    assert!(copied.contains("3 events"), "{copied}");
    driver.keys("gjvkY");
    let copied = driver.effects.pop().expect("copied");
    assert_eq!(copied.matches("http_request_id").count(), 2, "{copied}");
    // As many as there are is more than a person can look at.
    driver.keys("gvGm");
    assert!(
        driver
            .screen()
            .contains("6,000 events selected; the limit is 1,000")
    );
}

#[test]
fn a_selection_is_dropped_by_esc_by_v_and_by_a_filter_that_hides_its_beginning() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("kkvkk");
    assert!(driver.screen().contains("3 selected"));
    driver.keys("<esc>");
    assert!(driver.app.panes.list.selected().is_none() && !driver.screen().contains("selected"));
    driver.keys("vkv");
    assert!(driver.app.panes.list.selected().is_none());
    driver.keys("gvfaction:Nothing<enter>");
    assert!(driver.app.panes.list.selected().is_none());
    assert!(driver.screen().contains("selection cleared"));
}

#[test]
fn a_selection_in_another_order_is_what_lies_between_in_that_order() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("ssvjjjjjjjjY");
    let copied = driver.effects.pop().expect("copied");
    let status = r#"http_response_status\":\"200\""#;
    assert_eq!(
        copied.matches(status).count(),
        9,
        "by time a 403 is among them: {copied}"
    );
}

#[test]
fn a_user_is_shown_over_everything_loaded_and_each_line_leads_to_its_events() {
    let mut fake = Fake::sample(300);
    for event in &mut fake.events {
        let failed = event.fields["http_response_status"].as_str() >= "400";
        let outcome = if failed { "failed" } else { "ok" };
        event.fields.insert("outcome".into(), outcome.into());
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    // The filter in force neither hides anything of the user nor is in the way of a line.
    driver.keys("fnot action:GetBlob<enter>g");
    let at = driver.focused().expect("an event") as usize;
    let user = driver.fake.events[at].fields["user"].clone();
    driver.keys("I");
    let screen = driver.screen();
    let own = |event: &&crate::fake::Event| event.fields["user"] == user;
    let all = driver.fake.events.iter().filter(own).count();
    let failed =
        |event: &&crate::fake::Event| event.fields["http_response_status"].as_str() >= "400";
    let failures = driver.fake.events.iter().filter(own).filter(failed).count();
    assert!(screen.contains(&format!("USER  {user}")), "{screen}");
    assert!(
        screen.contains(&format!("{all} events in all loaded data")),
        "{screen}"
    );
    let reported = format!("{failures} failed");
    assert!(
        failures > 0 && screen.contains(&reported),
        "{reported}: {screen}"
    );
    driver.keys("<enter>");
    let filter = driver.app.filters.current();
    let picks: Vec<&str> = filter.picks.iter().map(|pick| &*pick.field).collect();
    assert!(
        filter.text.is_empty() && picks == ["user", "ip"],
        "{picks:?}"
    );
    assert!(driver.app.overlay.is_none() && driver.app.results.counts.matched > 0);
    driver.keys("u");
    assert_eq!(driver.app.filters.current().text, "not action:GetBlob");
    // From the facet of users it is the one under the cursor; what has no line is found in a table.
    driver.keys("4jI");
    let card = driver.screen();
    assert!(card.contains("USER  user/"), "{card}");
    loop {
        match &driver.app.overlay {
            Some(Overlay::Card(card)) if matches!(card.focused(), Some(CardLine::More { .. })) => {
                break;
            }
            Some(Overlay::Card(_)) => driver.keys("j"),
            other => panic!("{other:?}"),
        }
    }
    driver.keys("<enter>");
    let picks = &driver.app.filters.current().picks;
    let table = matches!(driver.app.overlay, Some(Overlay::Group(_)));
    assert!(table && picks.len() == 1 && &*picks[0].field == "user");
}

/// Field and value of the open card.
fn subject(driver: &Driver) -> (String, String) {
    match &driver.app.overlay {
        Some(Overlay::Card(card)) => {
            let (field, value) = card.subject();
            (field.to_string(), value.as_deref().unwrap_or("?").into())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_card_is_that_of_the_value_under_the_cursor_and_not_of_an_unrelated_user() {
    let mut driver = Driver::sample(300, (120, 36));
    for (keys, field) in [
        ("2jI", "namespace_repo"),
        ("3jI", "action"),
        ("6jI", "ip"),
        ("7jI", "client"),
    ] {
        driver.keys(keys);
        let focused = driver.app.panes.facets.focused_value();
        let (focused, value) = focused.expect("a value");
        let (of, shown) = subject(&driver);
        assert_eq!((&*of, &*focused), (field, field));
        assert_eq!(shown, value.as_deref().unwrap_or("?"));
        driver.keys("<esc>");
    }
    driver.keys("0<enter>jI");
    let entry = driver.app.panes.detail.focused().expect("a field").clone();
    assert_eq!(subject(&driver).0, &*entry.name);
    driver.keys("<esc>");
    // A row of a table leads to a card, and escape back to the table.
    driver.keys("0#cI");
    assert_eq!(subject(&driver).0, "ip");
    driver.keys("<esc>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
}

#[test]
fn a_card_leads_from_value_to_value_and_back() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("I");
    let (_, user) = subject(&driver);
    let screen = driver.screen();
    let first = screen.lines().find(|line| line.contains('▸'));
    assert!(first.is_some_and(|line| line.contains("ip ")), "{screen}");
    driver.keys("I");
    assert_eq!(subject(&driver).0, "ip");
    let screen = driver.screen();
    let first = screen.lines().find(|line| line.contains('▸'));
    assert!(
        first.is_some_and(|line| line.contains("user ")),
        "who used an address comes first: {screen}"
    );
    driver.keys("<esc>");
    assert_eq!(subject(&driver), ("user".into(), user.clone()));
    // What a line leads to comes back to the card of the value.
    driver.keys("I<enter><esc><esc>");
    assert_eq!(subject(&driver), ("user".into(), user));
    driver.keys("<esc>");
    assert!(driver.app.overlay.is_none());
}

#[test]
fn a_card_says_whether_its_value_is_new_and_since_when() {
    let mut fake = Fake::sample(300);
    for event in &mut fake.events[200..] {
        if event.fields["user"] == "user/li.wei" {
            event.fields.insert("ip".into(), "203.0.113.66".into());
            event.fields.remove("access_credential_type");
        }
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    // An event of the user.
    while driver
        .app
        .panes
        .list
        .focused()
        .map(|row| row.id.0 as usize)
        .is_some_and(|at| driver.fake.events[at].fields["user"] != "user/li.wei")
    {
        driver.keys("k");
    }
    driver.keys("I");
    let card = driver.screen();
    assert!(
        card.contains("known since the data begins (2024-04-12 16:00)"),
        "{card}"
    );
    let line = |text: &str| {
        let found = card.lines().find(|line| line.contains(text));
        found
            .unwrap_or_else(|| panic!("{text} is not on\n{card}"))
            .to_owned()
    };
    assert!(line("203.0.113.66").contains("★ 203.0.113.66"), "{card}");
    assert!(!line("10.12.0.").contains('★'), "{card}");
    driver.keys("I");
    let card = driver.screen();
    assert!(card.contains("IP  203.0.113.66"), "{card}");
    assert!(card.contains("★ new: first seen 16:2"), "{card}");
    assert!(
        card.contains("after the data begins (2024-04-12 16:00)"),
        "{card}"
    );
}

#[test]
fn the_columns_of_a_card_are_crossed_by_their_keys() {
    let mut driver = Driver::sample(3_000, (120, 24));
    driver.keys("I");
    let at = |driver: &Driver| {
        let screen = driver.screen();
        let line = screen.lines().find(|line| line.contains('▸'));
        let line = line.expect("a cursor").to_owned();
        line.chars().position(|c| c == '▸').expect("there")
    };
    let left = at(&driver);
    for (there, back) in [("l", "h"), ("<right>", "<left>"), ("<tab>", "<s-tab>")] {
        driver.keys(there);
        assert!(at(&driver) > left + 40, "{there}: {}", driver.screen());
        driver.keys(back);
        assert_eq!(at(&driver), left, "{back}: {}", driver.screen());
    }
}

#[test]
fn counts_of_the_less_preset_move_so_many_times_or_to_a_row() {
    let options = Options {
        keymap: regtrail::keymap::Keymap::preset("less").expect("there"),
        ..Options::default()
    };
    let fake = Fake::sample(6_000);
    let mut driver = Driver::with(fake, SourceState::Done, (80, 24), options);
    driver.keys("g5j");
    assert_eq!(driver.focused(), Some(5));
    driver.keys("10");
    assert!(driver.screen().contains("10  LIST"));
    driver.keys("j3k");
    assert_eq!(driver.focused(), Some(12));
    driver.keys("4321G");
    assert_eq!(driver.focused(), Some(4_320));
    driver.keys("99999999999999999999G");
    assert_eq!(driver.focused(), Some(5_999));
    driver.keys("7g");
    assert_eq!(driver.focused(), Some(6));
    // What is no movement has no use for a count.
    driver.keys("5Tj");
    assert_eq!(driver.focused(), Some(7));
    driver.keys("g<space>");
    assert!(driver.focused() > Some(10), "space pages, as in less");
    // In the default keys digits lead to the facets, so a count is typed with alt.
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("<alt-1><alt-2>G<alt-3>j");
    assert_eq!(driver.focused(), Some(14));
}

#[test]
fn what_is_below_in_another_order_is_not_called_newer() {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Live, (120, 36));
    driver.keys("ss");
    assert!(driver.screen().contains("below") && !driver.screen().contains("newer"));
    driver.keys("G");
    assert!(!driver.app.panes.list.is_following() && driver.app.view.sort.is_some());
    driver.keys("F");
    assert!(driver.app.view.sort.is_none() && driver.focused() == Some(299));
}
