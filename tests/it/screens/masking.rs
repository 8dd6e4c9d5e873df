//! Screens to be shared: nothing that is to be hidden is on them, whatever they show.

use std::path::Path;

use super::driver::{Driver, start};

/// What the fixtures have of users, addresses and accounts, by parts long enough to be known by when they are cut.
const SECRETS: [&str; 11] = [
    "ci-bot",
    "li.wei",
    "release-b",
    "ease-bot",
    "k8s-p",
    "puller",
    "zhang.",
    "g.min",
    "10.12.",
    "203.0.113",
    "135668000",
];

fn secrets(screen: &str) -> Vec<&'static str> {
    let on_it = |secret: &&&str| screen.contains(**secret);
    SECRETS.iter().filter(on_it).copied().collect()
}

#[test]
fn no_recorded_screen_shows_what_is_masked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let (mut shown, mut wrong) = (0, Vec::new());
    for file in std::fs::read_dir(folder).expect("is there") {
        let file = file.expect("readable").path();
        let case = std::fs::read_to_string(&file).expect("readable");
        let mut parts = case.split("---\n");
        let (settings, keys) = (parts.next().expect("settings"), parts.next().expect("keys"));
        let mut driver = start(settings);
        keys.lines().for_each(|line| driver.keys(line));
        shown += usize::from(!secrets(&driver.screen()).is_empty());
        // Keys may be text here.
        driver.app.masking.on = true;
        driver.wait(0);
        let screen = driver.screen();
        let found = secrets(&screen);
        if !found.is_empty() {
            wrong.push(format!("{} {found:?}\n{screen}", file.display()));
        }
    }
    assert!(shown > 300, "only {shown} screens have something to hide");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_line_says_so_and_what_is_copied_is_masked_too() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+u@");
    assert!(driver.top().contains("masked"), "{}", driver.top());
    let screen = driver.screen();
    assert!(
        screen.contains("user-") && screen.contains("ip-"),
        "{screen}"
    );
    assert!(
        screen.contains("user==root/account-1"),
        "chips as well: {screen}"
    );
    for copy in ["yu", "yc", "yy", "ye", "Yc", "Ys", "Yj"] {
        driver.effects.clear();
        driver.keys(copy);
        let copied = driver.effects.join("\n");
        assert!(secrets(&copied).is_empty(), "{copy}: {copied}");
        assert!(copied.contains("masked"), "{copy}: {copied}");
    }
    // A selection reaches to rows that no pane has shown.
    driver.effects.clear();
    driver.keys("Xgv");
    driver.keys("GY");
    let copied = driver.effects.join("\n");
    assert!(
        copied.contains("user-") && secrets(&copied).is_empty(),
        "{copied}"
    );
    // Events that are written would not be masked; the screen is.
    driver.keys(":report.write<enter>");
    assert!(driver.app.overlay.is_none() && driver.screen().contains("exports are not masked"));
    driver.keys("w");
    let screen = driver.screen();
    assert!(
        screen.contains("[screen]") && screen.contains("only the screen"),
        "{screen}"
    );
    driver.keys("<tab>");
    let screen = driver.screen();
    let forms = screen.lines().find(|line| line.contains("[screen]"));
    assert!(
        forms.is_some_and(|line| !line.contains("report")),
        "{screen}"
    );
    driver.keys("<esc>");
    // The same value has the same pseudonym, and everything comes back.
    driver.keys("@");
    assert!(!driver.top().contains("masked"));
    assert!(driver.screen().contains("10.12."));
}

#[test]
fn a_filter_that_is_typed_is_masked_where_it_names_somebody() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("@fuser:li.wei and ip:10.12.1.1 or ip in 192.0.2.0/24");
    let screen = driver.screen();
    assert!(
        secrets(&screen).is_empty() && !screen.contains("192.0"),
        "{screen}"
    );
    assert!(screen.contains("user:user-0"), "{screen}");
    driver.keys("<esc>");
    assert!(
        driver.app.filters.current().is_all(),
        "what is typed is as typed"
    );
}
