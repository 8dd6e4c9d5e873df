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
