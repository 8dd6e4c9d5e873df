//! What people come to do, done by keys in a pseudo-terminal: the program itself, from the command line to the
//! screen. And the terminal between the explorer and a shell with job control.

use base64::Engine as _;
use serde_json::Value;

use crate::pty::{Home, PROGRAM, Terminal};

const EVENTS: u64 = 600;

/// The explorer on a log of its own, loaded.
fn explorer(home: &Home) -> Terminal {
    let log = home.log(EVENTS);
    let mut terminal = Terminal::explorer(home, &[log.to_str().expect("UTF-8")]);
    terminal.wait_for("600/600");
    terminal
}

/// Number of records of the log that pass a test.
fn count(home: &Home, test: impl Fn(&Value) -> bool) -> usize {
    records(home, test).len()
}

/// Those records of the log, as they come.
fn records(home: &Home, test: impl Fn(&Value) -> bool) -> Vec<Value> {
    let text = std::fs::read_to_string(home.path().join("audit.ndjson")).expect("written before");
    let records = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    records.filter(test).collect()
}

#[test]
fn a_log_is_opened_from_the_start_screen_and_offered_the_next_time() {
    let home = Home::new();
    home.log(EVENTS);
    let mut terminal = Terminal::explorer(&home, &[]);
    terminal.wait_for("GET LOGS FROM SIMPLE LOG SERVICE");
    terminal.keys("onothing.ndjson\r");
    terminal.wait_for("no such file");
    terminal.keys("\x15~/audit.ndjson\r"); // The text stays for mending.
    terminal.wait_for("600/600");
    terminal.quit();
    let mut terminal = Terminal::explorer(&home, &[]);
    terminal.wait_for("RECENT");
    terminal.keys("1");
    terminal.wait_for("600/600");
    terminal.quit();
}

#[test]
fn a_tour_begins_at_its_first_step_although_the_hints_were_closed() {
    let home = Home::new();
    let mut terminal = Terminal::explorer(&home, &["demo"]);
    terminal.wait_for("DEMO 1/5");
    terminal.keys("\x18");
    terminal.wait_without("DEMO 1/5");
    terminal.quit();
    let mut terminal = Terminal::explorer(&home, &["demo"]);
    terminal.wait_for("LIVE");
    assert!(!terminal.text().contains("DEMO 1/5"), "{}", terminal.text());
    terminal.quit();
    let mut terminal = Terminal::explorer(&home, &["tour"]);
    terminal.wait_for("DEMO 1/5");
    terminal.quit();
}

#[test]
fn the_list_is_filtered_by_a_facet() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    let blobs = count(&home, |record| record["action"] == "GetBlob");
    terminal.keys("3/getblob\r\r");
    terminal.wait_for("action==GetBlob");
    terminal.wait_for(&format!("{blobs} of 600"));
    terminal.quit();
}

#[test]
fn a_user_is_excluded() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("-");
    terminal.wait_for("esc cancel");
    terminal.keys("u");
    terminal.wait_for("-user==");
    terminal.wait(" of 600", |screen| {
        screen.contains(" of 600") && !screen.contains("600 of 600")
    });
    terminal.quit();
}

#[test]
fn a_verb_and_a_letter_drill_down_to_a_repository() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("*r");
    terminal.wait_for("repository==");
    let screen = terminal.text();
    let chips = screen.lines().nth(1).expect("a line of chips");
    let repository = chips.split("repository==").nth(1).expect("a chip");
    let repository = repository.split(' ').next().expect("a name").to_owned();
    let all = count(&home, |record| record["namespace_repo"] == repository);
    terminal.wait_for(&format!("{all} of 600"));
    terminal.keys("u");
    terminal.wait_for("600 events");
    terminal.quit();
}

#[test]
fn the_histogram_is_zoomed_into() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("H^vww\r");
    terminal.wait_for("since:");
    terminal.wait(" of 600", |screen| screen.contains(" of 600"));
    terminal.keys("u");
    terminal.wait_for("600 events");
    terminal.quit();
}

#[test]
fn the_range_is_moved_and_given_up() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    let text = std::fs::read_to_string(home.path().join("audit.ndjson")).expect("written before");
    let mut times: Vec<_> = text
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).expect("JSON");
            let time = record["time"].as_str().expect("a time");
            chrono::DateTime::parse_from_rfc3339(time).expect("RFC 3339")
        })
        .collect();
    times.sort();
    let (since, until) = (times[250], times[380]);
    let within = |ways: i32| {
        let by = (until - since) * ways;
        let count = times
            .iter()
            .filter(|time| (since + by..until + by).contains(time));
        format!("{} of 600", count.count())
    };
    let (before, first, after) = (within(-1), within(0), within(1));
    assert!(before != first && first != after);
    terminal.keys(&format!(
        "t{}..{}\r",
        since.to_rfc3339(),
        until.to_rfc3339()
    ));
    terminal.wait_for(&first);
    terminal.keys("<");
    terminal.wait_for(&before);
    terminal.keys(">>");
    terminal.wait_for(&after);
    // From the histogram by a key, from anywhere by a word; both are undone.
    terminal.keys("Ha");
    terminal.wait_for("600 events");
    terminal.keys("u");
    terminal.wait_for(&after);
    terminal.keys("tall\r");
    terminal.wait_for("600 events");
    terminal.quit();
}

#[test]
fn a_filter_is_offered_again_in_the_next_session() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    let deletes = count(&home, |record| record["action"] == "DeleteTag");
    terminal.keys("faction:DeleteTag\x1b[B\r");
    terminal.wait_for(&format!("{deletes} of 600"));
    terminal.keys("X");
    terminal.wait_for("600 events");
    terminal.quit();
    let mut terminal = Terminal::explorer(&home, &["audit.ndjson"]);
    terminal.wait_for("600/600");
    // Up with nothing typed: the last filter of the session before.
    terminal.keys("f\x1b[A");
    terminal.wait_for("action:DeleteTag");
    terminal.keys("\r");
    terminal.wait_for(&format!("{deletes} of 600"));
    terminal.quit();
}

#[test]
fn an_event_is_marked_with_a_note_that_is_there_the_next_time() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("kkm");
    terminal.wait_for("marked; 1 marked in total");
    terminal.keys("iasked li.wei\r");
    terminal.wait_for("note saved");
    terminal.keys("M");
    terminal.wait_for("MARKS  1");
    terminal.wait_for("asked li.wei");
    terminal.quit();
    // The same events in another file, and in another session.
    std::fs::copy(
        home.path().join("audit.ndjson"),
        home.path().join("copy.ndjson"),
    )
    .expect("copied");
    let mut terminal = Terminal::explorer(&home, &["copy.ndjson"]);
    terminal.wait_for("600/600");
    terminal.keys("M\r");
    terminal.wait_for("598/600");
    terminal.quit();
}

#[test]
fn a_value_is_copied_through_the_terminal() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("yq");
    terminal.wait_for("copied request");
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    let sent = raw.split("\x1b]52;c;").nth(1).expect("a copy");
    let sent = sent.split('\x07').next().expect("an end");
    let copied = base64::engine::general_purpose::STANDARD
        .decode(sent)
        .expect("base64");
    let copied = String::from_utf8(copied).expect("UTF-8");
    assert_eq!(
        count(&home, |record| record["http_request_id"] == copied),
        1
    );
    terminal.quit();
}

#[test]
fn the_context_of_an_event_is_seen_and_left() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    let mut blobs = records(&home, |record| record["action"] == "GetBlob");
    blobs.sort_by_key(|record| record["time"].as_str().map(str::to_owned));
    terminal.keys("fGetBlob\r");
    terminal.wait_for(&format!("{} of 600", blobs.len()));
    terminal.keys("kkk");
    terminal.wait_for("F to follow");
    // There may be a frame for each of the keys, and one more for the event under the cursor.
    let id = blobs[blobs.len() - 4]["http_request_id"].as_str();
    terminal.wait_for(&id.expect("an id")[..12]);
    let before = terminal.text();
    terminal.keys("o");
    terminal.wait_for("CONTEXT of");
    terminal.wait_for("/600 ");
    terminal.keys("\x1b");
    terminal.wait_without("CONTEXT");
    terminal.wait("the screen of before", |screen| screen == before);
    terminal.quit();
}

#[test]
fn a_view_is_saved_and_opened_again() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("fGetBlob\r");
    terminal.wait_for(" of 600");
    terminal.keys("Vsblobs\r");
    terminal.wait_for("saved as");
    terminal.keys("X");
    terminal.wait_for("600 events");
    terminal.keys("V\r");
    terminal.wait_for(" of 600");
    terminal.quit();
    let mut terminal = Terminal::explorer(&home, &["audit.ndjson", "--view", "blobs"]);
    terminal.wait_for(" of 600");
    terminal.wait_for("GetBlob");
    terminal.quit();
}

#[test]
fn what_is_shown_is_written_to_a_file_and_never_over_another_unasked() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    let blobs = count(&home, |record| record["action"] == "GetBlob");
    terminal.keys("fGetBlob\r");
    terminal.wait_for(&format!("{blobs} of 600"));
    // ctrl-u: the whole name is another one.
    terminal.keys("w\x15~/blobs.xlsx\r");
    terminal.wait_for("unknown format .xlsx");
    terminal.keys("\x15~/blobs.ndjson\r");
    terminal.wait_for(&format!("wrote {blobs} events"));
    let path = home.path().join("blobs.ndjson");
    let text = std::fs::read_to_string(&path).expect("written");
    let log = std::fs::read_to_string(home.path().join("audit.ndjson")).expect("written before");
    let log: std::collections::HashSet<&str> = log.lines().collect();
    assert_eq!(text.lines().count(), blobs);
    assert!(
        text.lines().all(|line| log.contains(line)),
        "as they were read"
    );
    terminal.keys("X");
    terminal.wait_for("600 events");
    terminal.keys("w\x15~/blobs.ndjson\r");
    terminal.wait_for("press enter again to replace it");
    assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
    terminal.keys("\r");
    terminal.wait_for("wrote 600 events");
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(text.lines().count(), 600);
    terminal.quit();
}

#[test]
fn a_report_has_the_marked_event_with_its_note_and_the_command_that_shows_the_same() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.keys("kkiasked | li.wei\r");
    terminal.wait_for("note saved");
    terminal.keys("+a");
    terminal.wait_for(" of 600");
    // Tab once: all, report.
    terminal.keys("w\t");
    terminal.wait_for("[report]");
    terminal.keys("\x15incident.report.md\r");
    terminal.wait_for("wrote a report");
    let report = std::fs::read_to_string(home.path().join("incident.report.md"));
    let report = report.expect("written");
    let (_, marked) = report.split_once("## Marked events").expect("a part");
    assert!(marked.contains("asked \\| li.wei |"), "{marked}");
    let command = report.lines().find(|line| line.starts_with("regtrail "));
    assert!(
        command.expect("a command").contains("--action="),
        "{report}"
    );
    terminal.quit();
}

#[test]
fn a_key_is_bound_by_the_users_file() {
    let home = Home::new();
    home.configure("keymap.toml", "[list]\n\"ctrl-t\" = \"mark.toggle\"\n");
    let mut terminal = explorer(&home);
    terminal.keys("\x14");
    terminal.wait_for("marked; 1 marked in total");
    terminal.quit();
}

/// A shell with job control that runs the explorer. `None` where no such shell is at hand.
fn shell(home: &Home) -> Terminal {
    home.log(EVENTS);
    let mut shell = Terminal::start(home, &["sh", "-i"]);
    shell.wait_for("prompt>");
    shell.keys(&format!("'{PROGRAM}' audit.ndjson\r"));
    shell.wait_for("600/600");
    shell
}

/// The explorer has the whole screen and every key.
fn assert_whole(shell: &mut Terminal, raw: &str) {
    shell.wait("the whole screen", |screen| {
        let top = screen.lines().next().unwrap_or_default();
        top.trim_start().starts_with("regtrail") && !screen.contains("prompt>")
    });
    shell.keys("k");
    shell.wait_for("599/600");
    assert_eq!(shell.modes(), raw, "keys come one by one and unseen");
    shell.keys("G");
    shell.wait_for("600/600");
}

#[test]
fn suspending_gives_the_terminal_to_the_shell_and_fg_gives_it_back() {
    let home = Home::new();
    let mut shell = shell(&home);
    let raw = shell.modes();
    for round in 0..3 {
        shell.keys("\x1a");
        // The prompt that the shell writes now, not the one before the program's name: until then the keys are the
        // explorer's.
        shell.wait("a new prompt", |screen| {
            screen.trim_end().ends_with("prompt>")
        });
        shell.keys(&format!("echo round $(({round}+40))\n"));
        shell.wait_for(&format!("round {}", round + 40));
        shell.keys("fg\n");
        assert_whole(&mut shell, &raw);
    }
    shell.keys("Q");
    shell.wait_for("prompt>");
}

#[cfg(target_os = "linux")]
#[test]
fn a_stop_from_outside_leaves_nothing_garbled_after_fg() {
    let home = Home::new();
    let mut shell = shell(&home);
    let raw = shell.modes();
    let parent = shell.child.process_id().expect("is running");
    let children = format!("/proc/{parent}/task/{parent}/children");
    let children = std::fs::read_to_string(children).expect("Linux tells");
    let explorer = children
        .split_whitespace()
        .next()
        .expect("one child")
        .to_owned();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill")
            .args([name, &explorer])
            .status();
        assert!(sent.expect("kill is there").success());
    };
    for background in [false, true] {
        signal("-STOP");
        shell.wait_for("prompt>");
        // What a shell does that sets the terminal to rights.
        shell.keys("stty sane; echo sane $((1+1))\n");
        shell.wait_for("sane 2");
        if background {
            // It may not touch the terminal while the shell has it.
            signal("-CONT");
            shell.keys("echo mine $((2+2))\n");
            shell.wait_for("mine 4");
        }
        shell.keys("fg\n");
        assert_whole(&mut shell, &raw);
    }
    shell.keys("Q");
    shell.wait_for("prompt>");
}
