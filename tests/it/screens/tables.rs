//! Rows of overlays leave the screen, by the same keys in every overlay.

use std::path::PathBuf;

use regtrail::engine::SourceState;
use regtrail::overlays::Overlay;

use super::driver::{Driver, start};
use super::recorded::divided;
use crate::fake::Fake;

/// Overlays without rows of data.
const NO_ROWS: [&str; 7] = [
    "About", "Columns", "Fields", "Help", "Palette", "Prompt", "Start",
];

fn recorded() -> Vec<PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let files = std::fs::read_dir(folder).expect("is there");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("readable").path()).collect();
    files.retain(|file| file.to_string_lossy().contains("_120x36"));
    files.sort();
    files
}

#[test]
fn every_overlay_with_rows_gives_them_to_copies_and_exports() {
    let mut seen = std::collections::BTreeMap::new();
    for file in recorded() {
        let case = std::fs::read_to_string(&file).expect("readable");
        let parts = divided(&case);
        let mut driver = start(&parts[0]);
        parts[1].lines().for_each(|line| driver.keys(line));
        let Some(overlay) = &driver.app.overlay else {
            continue;
        };
        let rows: &mut usize = seen.entry(overlay.name()).or_default();
        if let Some(table) = overlay.panel().table(&driver.app.scene()) {
            for row in &table.rows {
                assert_eq!(row.len(), table.headings.len(), "{}", file.display());
            }
            assert!(!table.title.is_empty());
            *rows = (*rows).max(table.rows.len());
        }
    }
    for name in Overlay::NAMES {
        let rows = seen.get(name).copied().unwrap_or_default();
        assert_eq!(rows == 0, NO_ROWS.contains(name), "{name}: {rows} rows");
    }
}

#[test]
fn the_rows_of_a_table_are_copied_one_or_all() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("#ajy");
    let copied = driver.effects.pop().expect("copied");
    let row = copied.contains("GetImageManifest\\t97\\t");
    assert!(row && !copied.contains("events"), "{copied}");
    driver.keys("Yt");
    let copied = driver.effects.pop().expect("copied");
    assert!(copied.contains("action\\tevents\\tfailed\\t"), "{copied}");
    assert_eq!(copied.matches("2024-04-12T").count(), 8, "{copied}");
    driver.keys("Ym");
    let copied = driver.effects.pop().expect("copied");
    assert!(copied.contains("| action | events |"), "{copied}");
    // What is below is neither copied nor told to be.
    driver.keys("Ys");
    assert!(driver.effects.is_empty() && driver.screen().contains("no effect here"));
    driver.keys("<esc>?y");
    assert!(driver.screen().contains("nothing to copy or export here"));
}

#[test]
fn an_export_over_a_table_writes_that_table() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("#aw");
    let screen = driver.screen();
    assert!(
        screen.contains("[this table]") && screen.contains("acr-access-log-group-"),
        "{screen}"
    );
    driver.keys("<enter>");
    let written = driver.effects.pop().expect("written");
    for part in [
        "Table(WriteTable",
        "format: \"csv\"",
        "all events, times Asia/Shanghai",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    assert!(written.contains("whole: None"), "{written}");
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("#aw<ctrl-u>x.raw<enter>");
    assert!(driver.screen().contains("a table has no records"));
}

#[test]
fn kinds_of_export_have_the_same_order_with_and_without_marks() {
    for (marks, keys) in [("", "w<tab>"), ("mkm", "w<tab>"), ("mkm", "#aw<tab><tab>")] {
        let mut driver = Driver::sample(300, (120, 36));
        driver.keys(&format!("{marks}{keys}"));
        let screen = driver.screen();
        assert!(screen.contains("[report]"), "{marks}{keys}: {screen}");
        driver.keys("<tab>");
        assert!(driver.screen().contains("[screen]"), "{marks}{keys}");
    }
}

/// As many addresses as events.
fn many(events: u64) -> Driver {
    let mut fake = Fake::sample(events);
    for event in &mut fake.events {
        let n = event.id.0;
        event
            .fields
            .insert("ip".into(), format!("10.0.{}.{}", n / 200, n % 200));
    }
    Driver::new(fake, SourceState::Done, (120, 36))
}

#[test]
fn rows_that_are_not_loaded_are_loaded_on_demand_and_exported() {
    let mut driver = many(1_300);
    driver.keys("#cG");
    let screen = driver.screen();
    assert!(screen.contains("GROUP ip  1,000 of 1,300"), "{screen}");
    assert!(screen.contains("… 300 more: enter loads 300"), "{screen}");
    driver.keys("w<enter>");
    let written = driver.effects.pop().expect("written");
    assert!(written.contains("whole: Some(GroupWant"), "{written}");
    driver.keys("<file:begun><file:written>");
    driver.keys("<enter>");
    let screen = driver.screen();
    assert!(screen.contains("GROUP ip  1,300 ·"), "{screen}");
    let Some(Overlay::Group(view)) = &driver.app.overlay else {
        panic!("{screen}");
    };
    assert!(view.focused().is_some(), "the first of the new rows");
    driver.keys("G");
    assert!(!driver.screen().contains("more"));
}

#[test]
fn the_column_of_the_sort_order_is_marked_and_chosen_by_its_letter() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("#a");
    assert!(driver.screen().contains("COUNT↓"));
    driver.keys("s");
    let screen = driver.screen();
    assert!(screen.contains("l sort by last seen"), "{screen}");
    driver.keys("l");
    assert!(driver.screen().contains("LAST↓") && driver.screen().contains("COUNT "));
    driver.keys("sl");
    assert!(driver.screen().contains("LAST↑"), "the same again reverses");
    driver.keys("sv");
    assert!(driver.screen().contains("ACTION↑"), "{}", driver.screen());
    driver.keys("ss");
    assert!(driver.screen().contains("COUNT↓"), "{}", driver.screen());
}

#[test]
fn a_table_of_a_few_rows_leaves_the_list_in_sight() {
    let mut driver = Driver::sample(300, (120, 36));
    let list = driver.screen();
    driver.keys("#a");
    let table = driver.screen();
    let below: Vec<&str> = table.lines().skip(9).take(20).collect();
    let before: Vec<&str> = list.lines().skip(9).take(20).collect();
    assert_eq!(below, before, "{table}");
}
