//! Help: a page for each place, the list of all commands, searching, and running what is selected.

use regtrail::app::Options;
use regtrail::engine::SourceState;
use regtrail::keymap::Keymap;
use regtrail::overlays::Overlay;

use super::driver::Driver;
use crate::fake::Fake;

/// Keys that lead to a place where help can be opened, with the key that opens it there.
const PLACES: [(&str, &str, &str); 17] = [
    ("list", "", "?"),
    ("selection", "vkk", "?"),
    ("facets", "3", "?"),
    ("detail", "<enter>", "?"),
    ("histogram", "H", "?"),
    ("group", "#u", "?"),
    ("marks", "mM", "?"),
    ("views", "V", "?"),
    ("columns", "c", "?"),
    ("sources", "S", "?"),
    ("compare", "mk=", "?"),
    ("changes", "D", "?"),
    ("history", "L", "?"),
    ("text", "R", "?"),
    ("filter", "f", "<f1>"),
    ("search", "/", "<f1>"),
    ("palette", ":", "<f1>"),
];

fn at(keys: &str) -> Driver {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Live, (80, 24));
    driver.keys(keys);
    driver
}

fn is_help(driver: &Driver) -> bool {
    matches!(driver.app.overlay, Some(Overlay::Help(_)))
}

/// The lines inside of the box.
fn inside(driver: &Driver) -> String {
    let screen = driver.screen();
    let lines = screen.lines().skip(2).take(20);
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn the_page_of_every_place_fits_eighty_columns_without_scrolling() {
    for (place, keys, help) in PLACES {
        let mut driver = at(keys);
        driver.keys(help);
        assert!(is_help(&driver), "{place}");
        let first = inside(&driver);
        // An ellipsis of its own says that the letter of a field follows.
        let cut = |(a, b): (char, char)| b == '…' && a != ' ';
        assert!(
            !first.chars().zip(first.chars().skip(1)).any(cut),
            "{place}\n{first}"
        );
        driver.keys("G");
        let last = inside(&driver).replace('▸', " ");
        assert_eq!(last, first.replace('▸', " "), "{place}");
    }
}

#[test]
fn the_page_of_a_pane_shows_its_own_keys_by_task() {
    let mut driver = at("?");
    let screen = inside(&driver);
    for text in [
        "Move",
        "Find",
        "Filter",
        "Look closer",
        "Copy and export",
        "View",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    for text in [
        "f        edit the filter",
        "★ first seen",
        "~12 still counting",
        "user* derived",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    driver.keys("<esc>3?");
    let screen = inside(&driver);
    assert!(screen.contains("find a value") && !screen.contains("next, previous failure"));
}

#[test]
fn what_lay_below_help_comes_back() {
    for (place, keys, help) in PLACES {
        let before = at(keys);
        let mut driver = at(keys);
        driver.keys(help);
        driver.keys("<esc>");
        let bare = |driver: &Driver| {
            driver
                .screen()
                .lines()
                .skip(1)
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(bare(&driver), bare(&before), "{place}");
    }
}

#[test]
fn the_keys_of_a_user_are_shown() {
    let mut driver = at("");
    let user = "[list]\n\"e\" = \"\"\n\"!\" = \"list.next-failure\"\n[global]\n\"t\" = \"\"\n";
    let commands: Vec<&str> = regtrail::command::all()
        .map(|command| command.name)
        .collect();
    let (keymap, problems) = Keymap::with_user(user, &commands);
    assert!(problems.is_empty(), "{problems:?}");
    driver.app.keyboard.keymap = keymap;
    driver.keys("?");
    let screen = inside(&driver);
    assert!(screen.contains("! E"), "{screen}");
    assert!(!screen.contains("time range"), "no key, no line\n{screen}");
}

#[test]
fn the_same_key_turns_to_all_commands_and_back() {
    let mut driver = at("?");
    let page = driver.screen();
    assert!(
        page.lines()
            .last()
            .is_some_and(|line| line.contains("? all commands")),
        "{page}"
    );
    driver.keys("?");
    assert!(
        driver.screen().contains("This pane (list)"),
        "{}",
        driver.screen()
    );
    driver.keys("?");
    assert_eq!(driver.screen(), page);
    driver.keys("<esc>");
    assert!(driver.app.overlay.is_none());
}

#[test]
fn words_narrow_the_rows_and_escape_shows_all_again() {
    for (help, found, missing) in [
        ("?", "next, previous failure", "half a page"),
        ("??", "Go to the next failure", "Move down one row"),
    ] {
        let mut driver = at(help);
        let all = driver.screen();
        driver.keys("/failure next");
        let screen = inside(&driver);
        assert!(
            screen.contains(found) && !screen.contains(missing),
            "{screen}"
        );
        driver.keys("<enter>");
        assert!(is_help(&driver), "the first enter goes to the rows");
        driver.keys("<esc>");
        assert_eq!(driver.screen(), all);
        driver.keys("/zzz");
        assert!(inside(&driver).contains("matches"));
        driver.keys("<esc><esc>");
        assert!(driver.app.overlay.is_none());
    }
}

#[test]
fn enter_runs_the_command_of_a_row_where_it_can_run() {
    // Of the pane, of a prompt, one that asks for a field.
    let mut driver = at("?/edit the filter<enter><enter>");
    assert!(driver.screen().contains("FILTER"), "{}", driver.screen());
    driver.keys("<esc>?/group by<enter><enter>");
    assert!(
        driver.screen().contains("SELECT A FIELD"),
        "{}",
        driver.screen()
    );
    // Of the overlay that help was opened over.
    let mut driver = at("#u");
    let before = driver.screen();
    driver.keys("??/group.reverse<enter><enter>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
    assert_ne!(driver.screen(), before);
    // What cannot run there says where it can, and help stays open.
    let mut driver = at("??/group.reverse<enter><enter>");
    assert!(is_help(&driver) && driver.screen().contains("works in Group table only"));
    driver.keys("<esc>/facet.focus<enter><enter>");
    assert!(is_help(&driver) && driver.screen().contains("press 1"));
}

#[test]
fn left_and_right_change_the_column() {
    let mut driver = at("?");
    let first = driver.screen();
    driver.keys("l");
    let cursor = |driver: &Driver| driver.place("▸", 0);
    assert!(cursor(&driver).0 > 30, "{}", driver.screen());
    driver.keys("h");
    assert_eq!(driver.screen(), first);
    assert_eq!(driver.app.panes.list.skip, 0, "the list is not scrolled");
}

#[test]
fn the_start_screen_has_a_page_of_its_own() {
    let mut options = Options::default();
    options.start.alone = true;
    let mut driver = Driver::with(Fake::sample(5), SourceState::Done, (80, 24), options);
    driver.keys("?");
    let screen = inside(&driver);
    assert!(
        screen.contains("open a source") && !screen.contains("edit the filter"),
        "{screen}"
    );
    driver.keys("/demo<enter><enter>");
    assert_eq!(driver.effects, ["Open(Demo)"]);
    assert!(matches!(driver.app.overlay, Some(Overlay::Start(_))));
}
