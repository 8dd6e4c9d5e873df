//! The palette and help: what they offer depends on where they are opened, and what lay below comes back.

use regtrail::engine::SourceState;
use regtrail::keymap::Keymap;
use regtrail::overlays::Overlay;

use super::driver::Driver;
use crate::fake::Fake;

fn sample() -> Driver {
    Driver::new(Fake::sample(300), SourceState::Live, (120, 36))
}

#[test]
fn the_palette_offers_what_works_where_it_is_opened() {
    let mut driver = sample();
    driver.keys(":group.reverse");
    assert!(!driver.screen().contains("Reverse sort order"));
    driver.keys("<esc>#u:detail.raw");
    assert!(driver.screen().contains("COMMANDS"));
    assert!(!driver.screen().contains("Cycle: fields, formatted JSON"));
    driver.keys("<esc>:group.reverse");
    let screen = driver.screen();
    let row = screen
        .lines()
        .find(|line| line.contains("Reverse sort order"));
    assert!(row.is_some_and(|row| row.contains(" r ")), "{screen}");
}

#[test]
fn a_command_from_the_palette_finds_the_overlay_it_was_opened_over() {
    let mut keyed = sample();
    keyed.keys("#ur");
    let mut driver = sample();
    driver.keys("#u");
    let unlike = driver.screen();
    driver.keys(":group.reverse<enter>");
    assert_eq!(driver.screen(), keyed.screen());
    assert_ne!(driver.screen(), unlike);
}

#[test]
fn what_lies_below_the_palette_comes_back_with_what_it_missed() {
    let table = |driver: &Driver| {
        driver
            .screen()
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n")
    };
    for above in [":", "#."] {
        let mut open = sample();
        open.keys("#u<live:40><due>");
        let mut driver = sample();
        driver.keys("#u");
        let before = table(&driver);
        driver.keys(above);
        driver.keys("<live:40><due><esc>");
        assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
        assert_eq!(table(&driver), table(&open), "{above}");
        assert_ne!(table(&driver), before, "{above}");
    }
}

#[test]
fn help_lists_commands_of_overlays_with_their_keys_there() {
    let mut driver = Driver::new(Fake::sample(30), SourceState::Done, (200, 400));
    driver.keys("??");
    let screen = driver.screen();
    let mut lines = screen.lines().map(|line| line.trim_matches(['│', ' ']));
    assert!(lines.any(|line| line == "Group table"), "{screen}");
    let row = lines.find(|line| line.contains("group.reverse"));
    assert!(
        row.is_some_and(|row| row.starts_with("s -  r ")),
        "{screen}"
    );
}

#[test]
fn the_hints_of_a_table_name_the_keys_that_a_user_gave() {
    let mut driver = sample();
    let bottom = |driver: &Driver| driver.screen().lines().last().map(str::to_owned);
    driver.keys("#u");
    let usual = bottom(&driver).expect("a line");
    assert!(
        usual.contains("+ - pick  s sort  # add field  w export  y copy row  esc close"),
        "{usual}"
    );
    let user = "[group]\n\"s\" = \"\"\n\"z\" = \"group.sort\"\n";
    let commands: Vec<&str> = regtrail::command::all()
        .map(|command| command.name)
        .collect();
    let (keymap, problems) = Keymap::with_user(user, &commands);
    assert!(problems.is_empty(), "{problems:?}");
    driver.app.keyboard.keymap = keymap;
    let own = bottom(&driver).expect("a line");
    assert!(
        own.contains("+ - pick  z sort  # add field  w export"),
        "{own}"
    );
}

/// Descriptions of the first commands that the palette offers for a text.
fn offered(driver: &mut Driver, typed: &str) -> Vec<String> {
    driver.keys(":");
    for c in typed.chars() {
        driver.keys(&c.to_string());
    }
    let screen = driver.screen();
    driver.keys("<esc>");
    let rows = screen.lines().skip(4).take(5);
    let row = |line: &str| line.trim_matches(['│', '▸', ' ']).to_owned();
    rows.map(row).collect()
}

#[test]
fn the_palette_finds_a_command_by_the_word_that_other_programs_use() {
    let mut driver = sample();
    for (word, command) in [
        ("bookmark", "Mark or unmark the event"),
        ("export", "Export events, a report or the screen to a file"),
        ("save", "Save this view"),
        ("tail", "Toggle follow"),
        ("follow", "Toggle follow"),
        ("theme", "Switch to the next theme"),
        ("colour", "Switch to the next theme"),
        ("quit", "Close the top view, or quit"),
        ("exit", "Close the top view, or quit"),
        ("timezone", "Cycle times: UTC"),
        ("redact", "Toggle masking"),
        ("screenshot", "Export the screen"),
        ("copy json", "Copy the event's raw record"),
        ("copyjson", "Copy the event's raw record"),
        ("regex", "Search for text"),
    ] {
        let rows = offered(&mut driver, word);
        assert!(rows[0].starts_with(command), "{word}: {rows:?}");
    }
    let who = offered(&mut driver, "who");
    let has = |text: &str| who[..2].iter().any(|row| row.starts_with(text));
    assert!(has("Group by a field") && has("Show the card"), "{who:?}");
    assert!(
        !who.iter()
            .any(|row| row.contains("Clear the filter") || row.contains("saved views")),
        "{who:?}"
    );
}

#[test]
fn a_word_is_found_before_letters_that_happen_to_be_in_its_order() {
    let mut driver = sample();
    let rows = offered(&mut driver, "time");
    assert!(rows[0].starts_with("Set the time range"), "{rows:?}");
    let rows = offered(&mut driver, "zoom");
    assert!(rows[..2].iter().all(|row| row.contains("Zoom")), "{rows:?}");
    // Letters alone still find a command by its name.
    let rows = offered(&mut driver, "histfin");
    assert!(rows[0].starts_with("Use smaller buckets"), "{rows:?}");
}

#[test]
fn a_command_that_cannot_run_is_last_with_the_reason_and_stays_unrun() {
    let mut driver = sample();
    driver.keys(":mark");
    let screen = driver.screen();
    let at = |text: &str| screen.lines().position(|line| line.contains(text));
    let (can, cannot) = (
        at("Mark or unmark the event"),
        at("Compare with the last marked event"),
    );
    assert!(can < cannot && can.is_some(), "{screen}");
    assert!(screen.contains("mark another event first"), "{screen}");
    driver.keys("<esc>:mark.compare<enter>");
    assert!(
        driver
            .screen()
            .contains("mark.compare: mark another event first")
    );
    assert!(matches!(driver.app.overlay, Some(Overlay::Palette(_))));
    driver.keys("<esc>mk:mark.compare");
    assert!(!driver.screen().contains("mark another event first"));
    // The cursor of another pane is not shown: its commands need its focus.
    driver.keys("<esc>:facet.exclude");
    assert!(driver.screen().contains("only in the facets"));
}

#[test]
fn a_pattern_without_commands_is_answered_in_words() {
    let mut driver = sample();
    driver.keys(":xyzzy");
    let screen = driver.screen();
    assert!(screen.contains("No command matches \"xyzzy\"."), "{screen}");
    driver.keys("<enter>");
    assert!(driver.screen().contains("no command matches"));
}

#[test]
fn no_text_of_the_palette_is_cut_on_a_wide_screen() {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Live, (200, 300));
    driver.keys(":");
    let screen = driver.screen();
    let rows = screen.lines().skip(2).take(260);
    assert!(rows.clone().count() > 100);
    for row in rows {
        let inner = row.split('│').max_by_key(|part| part.len()).unwrap_or("");
        assert!(!inner.contains('…'), "{row}");
    }
}
