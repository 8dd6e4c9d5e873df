//! Whether there is colour and more than ASCII on the screen, as the environment and the options have it.

use crate::pty::{Home, PROGRAM, Terminal};

/// What the explorer writes to its terminal when it shows a log, started with some variables and options.
fn written(variables: &[&str], options: &[&str]) -> String {
    let home = Home::new();
    let log = home.log(600);
    let log = log.to_str().expect("UTF-8");
    let words = [&["/usr/bin/env"], variables, &[PROGRAM, log], options].concat();
    let mut terminal = Terminal::start(&home, &words);
    terminal.wait_for("600/600");
    terminal.keys("+a");
    terminal.wait_for(" of 600");
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    terminal.quit();
    raw
}

/// Whether any text has a colour of its own: `39` and `49` are the terminal's.
fn is_coloured(raw: &str) -> bool {
    let sequences = raw.split("\x1b[").skip(1);
    let styles = sequences.filter_map(|rest| rest.split_once('m').map(|(style, _)| style));
    styles
        .filter(|style| style.bytes().all(|b| b.is_ascii_digit() || b == b';'))
        .any(|style| style.contains("38;") || style.contains("48;"))
}

#[test]
fn colour_goes_by_no_color_the_terminal_and_the_option() {
    for (variables, options, coloured) in [
        (&[][..], &[][..], true),
        (&["NO_COLOR=1"], &[], false),
        (&["NO_COLOR="], &[], true),
        (&["TERM=dumb"], &[], false),
        (&[], &["--color=never"], false),
        (&[], &["--color=never", "--theme=dark"], false),
        (&["NO_COLOR=1"], &["--theme=dark"], true),
        (&["NO_COLOR=1"], &["--color=always"], true),
        (&[], &["--theme=mono"], false),
    ] {
        let raw = written(variables, options);
        assert_eq!(is_coloured(&raw), coloured, "{variables:?} {options:?}");
        // The background of the whole is the terminal's in any case.
        assert!(!raw.contains("\x1b[48;5;0m\x1b[2J"));
    }
}

#[test]
fn a_theme_of_true_colour_uses_it_and_a_wrong_one_is_told() {
    assert!(written(&[], &["--theme=slate"]).contains("38;2;"));
    assert!(!written(&[], &["--theme=light"]).contains("38;2;"));
}

#[test]
fn nothing_but_ascii_is_drawn_when_that_is_asked_for() {
    let raw = written(&[], &["--ascii"]);
    let other: String = raw.chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(other, "", "the values of this log are ASCII as well");
    assert!(written(&[], &[]).contains('─'));
    let home = Home::new();
    home.configure("config.toml", "ambiguous-width = 2\n");
    let log = home.log(600);
    let mut terminal = Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
    terminal.wait_for("600/600");
    assert!(!terminal.text().contains('─'), "signs of unsure width");
    terminal.quit();
}

/// A theme of one's own needs only what differs.
#[test]
fn a_theme_file_of_ones_own_inherits_the_rest() {
    let home = Home::new();
    std::fs::create_dir_all(home.path().join("config/regtrail/themes")).expect("a directory");
    home.configure(
        "themes/mine.toml",
        "inherits = \"mono\"\n[roles]\n\"title.focused\" = { fg = \"#123456\", bold = true }\n",
    );
    let log = home.log(600);
    let log = log.to_str().expect("UTF-8");
    let mut terminal = Terminal::explorer(&home, &[log, "--theme=mine"]);
    terminal.wait_for("600/600");
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    assert!(raw.contains("38;2;18;52;86"), "its own colour");
    assert!(!raw.contains("38;5;"), "and no other");
    terminal.quit();
}
