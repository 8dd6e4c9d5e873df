//! Markdown on hostile values: in every field, in names of fields and files, in notes and in the filter. Nothing of it
//! is markup, a link or an escape, and every table stays one.

use std::fs;

use crate::e2e::Place;
use crate::pty::{Home, Terminal};

/// A value that would be markup, an escape, a link, a formula, a command.
const EVIL: &str = "=<img src=x onerror=1>[a](http://evil.example)|`b`$(touch pwned)\u{1b}[2J\u{202e}\u{200b}\n# www.evil.example";

#[test]
fn a_report_on_hostile_values_holds_no_markup_no_link_and_no_escape() {
    let home = Home::new();
    let mut record = serde_json::Map::new();
    for field in regtrail::model::CATALOGUE.fields() {
        record.insert(field.name.clone(), EVIL.into());
    }
    record.insert("time".to_owned(), "2024-04-12T00:00:00Z".into());
    record.insert(EVIL.to_owned(), EVIL.into());
    let name = "x](javascript:1)|<b>`c`\u{202e}$(touch pwned)www.evil.example.ndjson";
    let line = serde_json::Value::Object(record).to_string() + "\n";
    fs::write(home.path().join(name), line.repeat(3)).expect("written");
    let filter = "not action:\"<img src=y>|`z`[q](http://evil.example) # www.evil.example\"";
    let mut terminal = Terminal::explorer(&home, &[name, "-f", filter]);
    terminal.wait_for("3/3");
    terminal.keys("i<b>|[n](http://evil.example)`www.evil.example\r");
    terminal.wait_for("note saved");
    terminal.keys("w\t");
    terminal.wait_for("[report]");
    terminal.keys("\x15evil.report.md\r");
    terminal.wait_for("wrote a report");
    terminal.quit();
    let report = fs::read_to_string(home.path().join("evil.report.md")).expect("written");
    assert!(!home.path().join("pwned").exists());
    let hidden = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
    assert_eq!(report.chars().find(hidden), None, "{report}");
    let mut text = String::new();
    let (mut fence, mut rows) = (None, None);
    for line in report.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            // Within a block of code everything is text.
            Some(length) if ticks >= length => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                let plain = line.replace("\\\\", "").replace("\\|", "");
                if plain.starts_with('|') {
                    let bars = plain.matches('|').count();
                    assert_eq!(*rows.get_or_insert(bars), bars, "{line}");
                } else {
                    rows = None;
                }
                text += &plain;
                text.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "every block ends");
    for active in ["http://", "www."] {
        assert!(!text.contains(active), "{active:?} in {text}");
    }
    for (at, c) in text
        .char_indices()
        .filter(|(_, c)| matches!(c, '<' | '[' | '`'))
    {
        assert!(text[..at].ends_with('\\'), "{c:?} at {at} in {text}");
    }
    let headings: Vec<&str> = text
        .lines()
        .filter(|line| line.trim_start_matches([' ', '-']).starts_with('#'))
        .collect();
    let own = [
        "# Audit report",
        "## Scope",
        "## Counts",
        "### ",
        "## Over time",
        "## Events",
        "## Marked events",
    ];
    assert!(
        headings
            .iter()
            .all(|line| own.iter().any(|own| line.starts_with(own))),
        "{headings:?}"
    );
    assert!(
        text.contains("\\<b\\>") && text.contains("onerror"),
        "the values are there: {text}"
    );
}

#[test]
fn tables_in_markdown_stay_tables_whatever_names_and_values_are() {
    let place = Place::new();
    let field = "x|<b>`y`";
    let mut record = serde_json::Map::new();
    record.insert("time".to_owned(), "2024-04-12T00:00:00Z".into());
    record.insert("action".to_owned(), EVIL.into());
    record.insert("http_request_useragent".to_owned(), EVIL.into());
    record.insert(field.to_owned(), EVIL.into());
    let path = place.file("log", serde_json::Value::Object(record).to_string() + "\n");
    for args in [
        &["--columns", "action,http_request_useragent"][..],
        &["--facet", "action"],
        &["--group-by", "action,client"],
        &["--facet", field],
    ] {
        let run = place.run(&[&["query", &path, "-o", "markdown"], args].concat());
        if run.code == 2 {
            // A name that cannot be written is refused in words that obey nothing.
            assert!(
                !run.err.contains('\u{1b}') && args.contains(&field),
                "{}",
                run.err
            );
            continue;
        }
        let text = run.text();
        assert!(text.contains("onerror"), "{text}");
        let mut rows = None;
        for line in text.lines() {
            let plain = line.replace("\\\\", "").replace("\\|", "");
            if plain.starts_with('|') {
                let bars = plain.matches('|').count();
                assert_eq!(*rows.get_or_insert(bars), bars, "{line}");
            } else {
                rows = None;
            }
            for active in ["http://", "www.", " <", "=<"] {
                assert!(!plain.contains(active), "{active:?} in {plain}");
            }
        }
    }
}
