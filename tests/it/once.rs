//! The files of the user are read once, however many parts of the program ask what is in them: what changes in between
//! cannot make them disagree, and a pipe gives what it holds only once.

use std::collections::BTreeMap;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::pty::{Home, PROGRAM, Terminal};

/// Files of the configuration that are named below.
const FILES: [(&str, &str); 4] = [
    ("config.toml", "theme = \"dark\"\n"),
    ("keymap.toml", "[global]\n"),
    ("known", "10.0.0.0/8\n192.0.2.0/24\n"),
    ("other", "nobody\n"),
];

/// A home with every kind of file, and what the kernel tells of their being opened.
struct Watched {
    home: Home,
    opened: OwnedFd,
}

impl Watched {
    fn new() -> Self {
        let home = Home::new();
        home.log(200);
        for (name, text) in FILES {
            home.configure(name, text);
        }
        let directory = home.path().join("config/regtrail");
        let known = directory.join("known");
        let view = format!("filter = 'not ip in @\"{}\"'\n", known.display());
        fs::create_dir(directory.join("views")).expect("a directory");
        home.configure("views/mine.toml", &view);
        let opened = inotify::init(CreateFlags::NONBLOCK).expect("inotify");
        // With what is closed between them, two openings of one file are never told as one.
        let events = WatchFlags::OPEN | WatchFlags::CLOSE;
        for directory in [&directory, &directory.join("views")] {
            inotify::add_watch(&opened, directory, events).expect("watched");
        }
        Self { home, opened }
    }

    fn path(&self, name: &str) -> String {
        let path = self.home.path().join("config/regtrail").join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Runs a query on a log that comes through a pipe, so that a query that follows it ends.
    fn query(&self, log: &str, words: &[&str]) -> Output {
        let mut cat = Command::new("cat");
        cat.arg(self.home.path().join(log)).stdout(Stdio::piped());
        let mut cat = cat.spawn().expect("cat runs");
        let mut command = Command::new(PROGRAM);
        command.args(["query", "-"]).args(words);
        command.env("HOME", self.home.path());
        command.env("XDG_CONFIG_HOME", self.home.path().join("config"));
        command.env("XDG_STATE_HOME", self.home.path().join("state"));
        command.stdin(cat.stdout.take().expect("piped"));
        let output = command.output().expect("the program runs");
        // It ends by a closed pipe where the query has enough.
        let _ = cat.wait().expect("ends");
        output
    }

    /// How often each file has been opened since the last call.
    fn openings(&self) -> BTreeMap<String, usize> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.opened, &mut buffer);
        let mut found = BTreeMap::new();
        loop {
            let event = match reader.next() {
                Err(Errno::WOULDBLOCK) => return found,
                event => event.expect("events of files"),
            };
            let name = event.file_name().and_then(|name| name.to_str().ok());
            if event.events().contains(inotify::ReadFlags::OPEN)
                && let Some(name) = name.filter(|name| Path::new(name) != Path::new("views"))
            {
                *found.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
}

fn once(names: &[&str]) -> BTreeMap<String, usize> {
    names.iter().map(|name| ((*name).to_owned(), 1)).collect()
}

#[test]
fn a_query_reads_each_file_of_the_user_once() {
    let watched = Watched::new();
    let filter = format!("not user in @\"{}\"", watched.path("other"));
    let all = once(&["config.toml", "known", "mine.toml", "other"]);
    let diagnostics = format!("--log-file={}/log", watched.home.path().display());
    let forms: [&[&str]; 6] = [
        &["--count"],
        &["--limit=3"],
        &["--count", &diagnostics],
        &["--count", "--follow"],
        &["--follow"],
        &["--follow", "--since=now"],
    ];
    for form in forms {
        let words = [&["--view=mine", "-f", &filter], form].concat();
        let output = watched.query("audit.ndjson", &words);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{form:?}");
        assert_eq!(watched.openings(), all, "{form:?}");
    }
}

#[test]
fn a_name_that_only_the_data_knows_makes_no_file_be_read_again() {
    let watched = Watched::new();
    // Nearly a name of the catalogue, so that it is decided only once everything is loaded.
    let record = "{\"time\":\"2026-01-01T00:00:00Z\",\"action\":\"GetBlob\",\"actio\":\"x\"}\n";
    fs::write(watched.home.path().join("odd.ndjson"), record).expect("written");
    let filter = format!("actio:x and not ip in @\"{}\"", watched.path("known"));
    let output = watched.query("odd.ndjson", &["--view=mine", "-f", &filter, "--count"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        watched.openings(),
        once(&["config.toml", "known", "mine.toml"])
    );
}

#[test]
fn the_explorer_reads_each_file_of_the_user_once() {
    let watched = Watched::new();
    let filter = format!("not user in @\"{}\"", watched.path("other"));
    let arguments = ["audit.ndjson", "--view=mine", "-f", &filter];
    let mut terminal = Terminal::explorer(&watched.home, &arguments);
    terminal.wait("events", |screen| screen.contains("GetBlob"));
    let all = ["config.toml", "keymap.toml", "known", "mine.toml", "other"];
    assert_eq!(watched.openings(), once(&all));
    terminal.quit();
}

#[test]
fn a_watchlist_may_come_through_a_pipe_which_gives_it_once() {
    let home = Home::new();
    home.log(200);
    let script = "mkfifo list; printf '0.0.0.0/0\\n::/0\\n' > list & \
        exec \"$0\" query audit.ndjson --count -o json -f 'ip in @list or user in @list'";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, PROGRAM])
        .current_dir(home.path());
    let output = command.output().expect("a shell");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
