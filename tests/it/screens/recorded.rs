//! Screens as data: each file of `tests/screens` names a size, events and keys, then the screen that must
//! come of them, then the looks of some of its parts. `BLESS=1 cargo test` writes the screens anew.
//!
//! A file has five parts divided by lines of `---`: settings (`size 80x24`, `events 200`, `state live`), keys
//! one after the other (`kk4j<space>`, `<live:5>` lets five more events come in, `<resize:60x15>`,
//! `<file:43>` is news of a file that is written, `<slow:43/100>` keeps the engine from getting any further, `<due>` lets the time pass that is waited for), the
//! screen, looks that must be those of a role as `row:first-last role`, and the style of every cell: the same
//! screen with a letter for each style, `.` for none, and what the letters mean below it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ratatui::buffer::Buffer;
use ratatui::style::Color;
use regtrail::overlays::Overlay;
use regtrail::theme::{Role, Theme};
use regtrail::widgets::svg;

use super::driver::start;

#[test]
fn screens_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("is there")
        .map(|e| e.expect("readable").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        if let Err(difference) = check(&file) {
            let name = file.file_name().expect("a file").to_string_lossy();
            let _ = writeln!(wrong, "== {name}\n{difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The parts of a file, divided by lines of three dashes; screens may have lines of more.
pub(super) fn divided(case: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in case.lines() {
        if line == "---" {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

/// The overlay that a recorded screen shows.
pub(crate) fn overlay_of(file: &Path) -> Option<Overlay> {
    let case = std::fs::read_to_string(file).expect("readable");
    let parts = divided(&case);
    let mut driver = start(&parts[0]);
    parts[1].lines().for_each(|line| driver.keys(line));
    driver.app.overlay
}

fn check(file: &Path) -> Result<(), String> {
    let case = std::fs::read_to_string(file).expect("readable");
    let parts = divided(&case);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (settings, keys, expected, looks, styled) = match parts[..] {
        [settings, keys, expected, looks] => (settings, keys, expected, looks, None),
        [settings, keys, expected, looks, styled] => {
            (settings, keys, expected, looks, Some(styled))
        }
        _ => return Err(format!("has {} parts, not 5", parts.len())),
    };
    let mut driver = start(settings);
    keys.lines().for_each(|line| driver.keys(line));
    let screen = driver.screen();
    let styles = styles(&driver.draw());
    if std::env::var_os("BLESS").is_some() {
        let text = [settings, keys, &screen, looks, &styles].join("---\n");
        std::fs::write(file, text).expect("writable");
        return Ok(());
    }
    if screen != expected {
        let line = first_difference(&screen, expected);
        return Err(format!("line {line} differs; the screen is\n{screen}"));
    }
    // A file without styles does not say how they must be.
    if let Some(styled) = styled
        && styles != styled
    {
        let line = first_difference(&styles, styled);
        return Err(format!(
            "line {line} of the styles differs; they are\n{styles}"
        ));
    }
    let buf = driver.draw();
    looks
        .lines()
        .filter(|line| !line.is_empty())
        .try_for_each(|look| check_look(look, &buf))
}

/// The screen with a letter for the style of each cell, then what each letter stands for.
fn styles(buf: &Buffer) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        for x in 0..buf.area.width {
            let cell = &buf[(x, y)];
            let mut style = String::new();
            for (name, colour) in [("", cell.fg), ("on ", cell.bg)] {
                if colour != Color::Reset {
                    let _ = write!(style, "{name}{colour} ");
                }
            }
            if !cell.modifier.is_empty() {
                let _ = write!(style, "{:?}", cell.modifier);
            }
            line.push(match (style.is_empty(), cell.symbol()) {
                (true, " ") => ' ',
                (true, _) => '.',
                (false, _) => {
                    let style = style.trim_end().to_lowercase();
                    let at = known.iter().position(|other| *other == style);
                    let at = at.unwrap_or_else(|| {
                        known.push(style);
                        known.len() - 1
                    });
                    char::from(b'a' + u8::try_from(at).expect("few styles"))
                }
            });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for (at, style) in known.iter().enumerate() {
        let letter = char::from(b'a' + u8::try_from(at).expect("few styles"));
        let _ = writeln!(out, "{letter} = {style}");
    }
    out
}

/// `row:first-last role`: every cell of the run has the looks of the role.
fn check_look(look: &str, buf: &Buffer) -> Result<(), String> {
    let (place, role) = look.split_once(' ').expect("a place and a role");
    let (row, run) = place.split_once(':').expect("a row");
    let (first, last) = run.split_once('-').expect("a run");
    let number = |text: &str| text.parse::<u16>().expect("a number");
    let style =
        Theme::default().style(Role::find(role).unwrap_or_else(|| panic!("no role {role}")));
    assert_ne!(
        style,
        ratatui::style::Style::default(),
        "the looks of {role} cannot be told"
    );
    for x in number(first)..=number(last) {
        let cell = buf[(x, number(row))].style();
        if cell.patch(style) != cell {
            return Err(format!("{look}: column {x} is {cell:?}"));
        }
    }
    Ok(())
}

/// Number of the first line, from 1, in which two texts differ.
fn first_difference(a: &str, b: &str) -> usize {
    let lines = a.lines().zip(b.lines());
    lines.take_while(|(a, b)| a == b).count() + 1
}

/// The README shows a recorded screen, as `screen.export` writes it.
#[test]
fn the_picture_of_the_readme_is_a_recorded_screen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let case = std::fs::read_to_string(root.join("tests/screens/live_120x36.txt"));
    let parts = divided(&case.expect("readable"));
    let mut driver = start(&parts[0]);
    parts[1].lines().for_each(|line| driver.keys(line));
    let drawn = svg(&driver.draw(), false);
    let path = root.join("assets/pictures/explorer.svg");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, drawn).expect("writable");
        return;
    }
    let picture = std::fs::read_to_string(path).expect("readable");
    assert!(
        picture == drawn,
        "outdated: run BLESS=1 cargo test --test it recorded"
    );
}
