//! What the screen says, and how it is left.

use regtrail::app::layout::PaneId;
use regtrail::app::{Message, Options};
use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

#[test]
fn a_source_that_failed_is_seen_at_eighty_columns_and_says_why_where_there_is_nothing() {
    let why = "logs/acr_access_log.ndjson: not an audit log: expected JSON records";
    let state = SourceState::Failed { why: why.into() };
    let driver = Driver::new(Fake::sample(0), state, (80, 24));
    let screen = driver.screen();
    let top = screen.lines().next().unwrap_or_default();
    assert!(top.contains("FAILED"), "{screen}");
    assert!(screen.contains("not an audit log"), "{screen}");
}

#[test]
fn a_view_that_is_held_is_seen_on_the_narrowest_screen() {
    let mut driver = Driver::new(Fake::sample(500), SourceState::Live, (60, 15));
    driver.keys("kkk");
    driver.live(7);
    let top = driver.top();
    assert!(top.contains("HELD +7"), "{top}");
}

#[test]
fn rows_below_the_window_do_not_count_as_arrivals() {
    let mut driver = Driver::new(Fake::sample(500), SourceState::Live, (120, 36));
    driver.keys("g");
    let top = driver.top();
    assert!(top.contains("HELD") && !top.contains("new "), "{top}");
    driver.live(7);
    let top = driver.top();
    assert!(top.contains("HELD, 7 new"), "{top}");
    driver.keys("G");
    assert!(!driver.top().contains("HELD"), "{}", driver.top());
}

#[test]
fn help_is_never_cut_at_eighty_columns() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("??");
    let mut seen = String::new();
    for _ in 0..40 {
        let screen = driver.screen();
        seen.push_str(&screen);
        let help: Vec<&str> = screen.lines().skip(1).take(21).collect();
        assert!(!help.iter().any(|line| line.contains("… │")), "{screen}");
        driver.keys("<pagedown>");
    }
    // To its end: the signs, then the language, with what is ours and not the service's.
    for text in [
        "Symbols",
        "distinct values",
        "exact, while",
        "request method",
    ] {
        assert!(seen.contains(text), "{text}");
    }
}

#[test]
fn unbound_keys_say_so_once() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("x");
    assert!(driver.screen().contains("x: not bound — ? for help"));
    driver.keys("j");
    assert!(!driver.screen().contains("not bound"));
}

#[test]
fn escape_closes_and_never_quits() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("4<esc>?<esc>:<esc>f<esc>+<esc><enter><esc><esc><esc><esc>");
    assert!(driver.effects.is_empty(), "{:?}", driver.effects);
    assert_eq!(driver.app.screen.focus, PaneId::List);
    driver.keys("<ctrl-c>");
    assert!(driver.effects.is_empty());
    driver.keys("<ctrl-c>");
    assert_eq!(driver.effects, ["Quit"]);
}

#[test]
fn the_start_screen_opens_what_is_chosen_and_is_not_left_by_escape() {
    let options = || {
        let mut options = Options::default();
        options.start.alone = true;
        options.start.recent = vec![vec!["/a.log".into(), "/b c.log".into()]];
        options.start.profiles = vec![("prod".into(), "sls://1@cn-hangzhou".into())];
        options
    };
    let driver = || Driver::with(Fake::sample(5), SourceState::Done, (80, 24), options());
    for (keys, opened) in [
        ("<enter>", r#"Sources(["/a.log", "/b c.log"])"#),
        ("2", r#"Sources(["@prod"])"#),
        ("j<enter>", r#"Sources(["@prod"])"#),
        ("G<enter>", "Demo"),
        ("d", "Demo"),
        ("o/c.log<enter>", r#"Sources(["/c.log"])"#),
        ("jj<enter><esc>d", "Demo"),
    ] {
        let mut driver = driver();
        driver.keys("<esc>?<esc>");
        driver.keys(keys);
        driver.effects.retain(|effect| !effect.starts_with("List("));
        assert_eq!(driver.effects, [format!("Open({opened})")], "{keys}");
        assert!(driver.screen().contains("RECENT"), "{}", driver.screen());
        driver.send(Message::Opened(Err("no such file".into())));
        assert!(driver.screen().contains("no such file"));
        driver.send(Message::Opened(Ok(vec![
            "regtrail".into(),
            "/a.log".into(),
        ])));
        driver.tell_status();
        assert!(driver.app.overlay.is_none() && driver.screen().contains("5 events"));
    }
}

#[test]
fn a_verb_and_a_full_stop_act_on_any_field() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+.netw<enter>");
    assert_eq!(
        &*driver.app.filters.current().picks[0].field,
        "network_type"
    );
    driver.keys("*.<esc>");
    assert!(driver.app.overlay.is_none());
    driver.keys("#.client<enter>");
    assert!(driver.screen().contains("CLIENT"), "{}", driver.screen());
    driver.keys("<esc>:event.copy<enter>digest<enter>");
    assert!(
        driver.screen().contains("this event has no"),
        "{}",
        driver.screen()
    );
}

#[test]
fn a_view_is_copied_in_three_dialects() {
    let mut driver = Driver::sample(200, (120, 36));
    driver.keys("fstatus>=400<enter>+uYcYsYj");
    let copied = driver.effects.join("\n");
    for part in [
        "regtrail --tz=Asia/Shanghai --filter='status>=400' --user=user/",
        "the SLS query without status >= 400",
        "jq -c ",
        "the jq filter without user == ",
    ] {
        assert!(copied.contains(part), "{part} in {copied}");
    }
}

/// The words of states that are to be read the same way in every version.
#[test]
fn states_are_told_in_the_words_that_were_promised() {
    let screen = |fake: Fake, state: SourceState, size, keys: &str| {
        let mut driver = Driver::new(fake, state, size);
        driver.keys(keys);
        // Sentences may be broken over lines.
        driver
            .screen()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let retrying = || SourceState::Retrying {
        seconds: 3_009,
        why: "SLS 401 Unauthorized: key expired?".into(),
    };
    let silent = Fake {
        // And the second that passes before the screen is drawn.
        silent: 246,
        ..Fake::sample(200)
    };
    let middle = (120, 36);
    for (screen, words) in [
        (
            screen(Fake::sample(100), SourceState::Loading, middle, ""),
            "loading acr_access_log.ndjson 43% 100 rec 14/s ETA 4s · Esc stops",
        ),
        (
            screen(Fake::sample(100), SourceState::Loading, middle, ""),
            "PutImageManifest ██ ~34",
        ),
        (
            screen(
                Fake::sample(900),
                SourceState::Done,
                middle,
                "t18:00..19:00<enter>O",
            ),
            "No events in 18:00–19:00. Loaded data spans 2024-04-12 16:00 – 17:44. t time range, :sources",
        ),
        (
            screen(
                Fake::sample(1_000),
                SourceState::Done,
                middle,
                "fstatus>=600<enter>O",
            ),
            "0 of 1,000. Drop status>=600 → 1,000 · X clears, u undoes",
        ),
        (
            screen(silent, SourceState::Live, middle, ""),
            "ago (usually 14/s)",
        ),
        (
            screen(Fake::sample(200), SourceState::Live, middle, ""),
            "lag 36m48s",
        ),
        (
            screen(Fake::sample(20), retrying(), middle, "S"),
            "SLS 401 Unauthorized: key expired? retry in 8s · Enter retries · data kept",
        ),
        (
            screen(Fake::sample(10), SourceState::Done, (48, 12), ""),
            "Needs 60×15, have 48×12",
        ),
    ] {
        assert!(screen.contains(words), "{words}\nis not in\n{screen}");
    }
}

#[test]
fn what_a_state_points_to_is_found_by_that_name() {
    for (typed, title) in [
        (":rejects<enter>", "REJECTED"),
        (":sources<enter>", "SOURCES"),
    ] {
        let mut driver = Driver::sample(50, (80, 24));
        driver.keys(typed);
        assert!(driver.screen().contains(title), "{}", driver.screen());
    }
}

#[test]
fn the_id_of_a_principal_is_explained_by_its_parts() {
    for (kind, id, words) in [
        (
            "root-account",
            "1356680000000001",
            "the account 1356680000000001 itself",
        ),
        (
            "ram-user",
            "283790769360308177",
            "the RAM user with ID 283790769360308177",
        ),
        (
            "assumed-role",
            "3246:i-bp1:x",
            "session i-bp1:x of the role with ID 3246",
        ),
    ] {
        let mut fake = Fake::sample(3);
        let fields = &mut fake.events[2].fields;
        fields.insert("user_identity_user_type".into(), kind.into());
        fields.insert("user_identity_principal_id".into(), id.into());
        let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
        driver.keys("<enter>O/principal<enter>i");
        let screen = driver.screen();
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}
