//! The real binary against the project's own servers: `query`, `doctor` and the explorer in a pseudo-terminal on
//! Simple Log Service and HTTP. What single sources do when things go wrong is proved in `sls` and `http`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use chrono::Utc;
use portable_pty::{Child, CommandBuilder, MasterPty};
use serde_json::Value;
use tempfile::TempDir;

use crate::loopback::sls::{ENDPOINT, KEY_ID, LOGSTORE, PROJECT, SECRET, Sls, What};
use crate::loopback::{Reply, Server};
use crate::pty;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// A home of its own, with keys in the environment.
struct Place {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let path = |name: &str| home.path().join(name).display().to_string();
        let variables = vec![
            ("HOME", path("")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_STATE_HOME", path("state")),
            ("TERM", "xterm-256color".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET.to_owned()),
            ("AUDIT_TOKEN", SECRET.to_owned()),
        ];
        Self { home, variables }
    }

    fn configure(&self, text: &str) {
        let directory = self.home.path().join("config/regtrail");
        fs::create_dir_all(&directory).expect("a directory");
        fs::write(directory.join("config.toml"), text).expect("written");
    }

    fn run(&self, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args(args)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let run = Run {
            code: output.status.code().expect("no signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!run.out.contains(SECRET) && !run.err.contains(SECRET));
        run
    }

    /// Everything below the home but for the configuration, which the test wrote.
    fn assert_keeps_no_secret(&self) {
        fn look(directory: &Path) {
            for entry in fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    look(&path);
                } else {
                    let text =
                        String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
                    assert!(!text.contains(SECRET), "{}", path.display());
                }
            }
        }
        look(self.home.path());
    }
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }
}

fn source() -> String {
    format!("sls://{PROJECT}.{ENDPOINT}/{LOGSTORE}")
}

/// A service with `n` events of the last minutes, every tenth of which is a deletion.
async fn service(n: usize) -> Sls {
    let server = Sls::start([0, 1]).await;
    add(&server, 0..n);
    server
}

fn add(server: &Sls, numbers: std::ops::Range<usize>) {
    let (now, newest) = (Utc::now().timestamp(), numbers.end);
    for i in numbers {
        let mut world = server.world();
        let shard = i as i64 % 2;
        world.log(
            shard,
            now - 1 - (newest - i) as i64 / 10,
            &format!("event-{i}"),
        );
        if i % 10 == 0 {
            let shard = &mut world.shards[shard as usize];
            let log = shard.logs.last_mut().expect("just added");
            log.fields[1].1 = b"DeleteTag".to_vec();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_reads_a_logstore_by_search_and_by_shard() {
    let server = service(500).await;
    let place = Place::new();
    let at = ["--sls-endpoint", &server.server.url];
    let query = |args: &[&str]| {
        let source = source();
        place.run(&[&["query", &source], &at[..], args].concat())
    };
    let run = query(&["--count", "--facet", "action"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(
        (run.json()["total"].clone(), run.json()["complete"].clone()),
        (500.into(), true.into())
    );
    let said = run.err.matches("loading the last hour").count();
    assert_eq!(said, 1, "each note once: {}", run.err);
    for mode in ["tail", "search"] {
        let run = query(&["--sls-mode", mode, "--since", "-30m", "-o", "ndjson"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{mode}");
        let mut ids: Vec<String> = run
            .out
            .lines()
            .map(|line| {
                let record: Value = serde_json::from_str(line).expect("a record");
                record["id"].as_str().expect("text").to_owned()
            })
            .collect();
        ids.sort();
        let mut wanted: Vec<String> = (0..500).map(|i| format!("event-{i}")).collect();
        wanted.sort();
        assert_eq!(ids, wanted, "{mode}");
    }
    assert_eq!(server.world().bad_signatures, [""; 0]);
    place.assert_keeps_no_secret();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_is_pushed_down_but_not_the_picks_of_a_facet() {
    let server = service(500).await;
    let place = Place::new();
    let query = |args: &[&str]| {
        let at = [
            "query",
            &source(),
            "--sls-endpoint",
            &server.server.url,
            "--since",
            "-30m",
        ]
        .map(str::to_owned);
        let at: Vec<&str> = at
            .iter()
            .map(String::as_str)
            .chain(args.iter().copied())
            .collect();
        let run = place.run(&at);
        assert_eq!(run.code, 0, "{}", run.err);
        let json = run.json();
        let number = |name: &str| json[name].as_u64().expect("a number");
        (number("total"), number("matched"), json["facets"].clone())
    };
    let (total, matched, _) = query(&["-f", "action:DeleteTag", "--count"]);
    assert_eq!((total, matched), (50, 50));
    let (total, matched, _) = query(&["--action", "DeleteTag", "--count"]);
    assert_eq!((total, matched), (50, 50));
    let (total, matched, facets) = query(&["--action", "DeleteTag", "--facet", "action"]);
    assert_eq!((total, matched), (500, 50));
    assert_eq!(facets[0]["values"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_is_told_with_what_was_read() {
    let server = service(30).await;
    let place = Place::new();
    let sample = "assets/samples/ndjson.ndjson";
    server.world().denied = vec!["log:GetLogStoreLogs"];
    let (source, url) = (source(), server.server.url.clone());
    let run = place.run(&["query", &source, sample, "--sls-endpoint", &url, "--count"]);
    assert_eq!(
        (run.code, run.json()["matched"].clone()),
        (3, 24.into()),
        "{}",
        run.err
    );
    assert!(run.err.contains("log:GetLogStoreLogs"), "{}", run.err);
    let run = place.run(&["query", &source, "--sls-mode", "remote"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.contains("remote is not supported in this version"),
        "{}",
        run.err
    );
    for wrong in [
        &[sample, "--sls-mode", "tail"][..],
        &["@nobody"],
        &["sls://x"],
        &["http://"],
    ] {
        let run = place.run(&[&["query"], wrong].concat());
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{wrong:?}: {}",
            run.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_which_rights_are_missing() {
    let server = service(3).await;
    let place = Place::new();
    let (source, url) = (source(), server.server.url.clone());
    let doctor = || place.run(&["doctor", &source, "--sls-endpoint", &url]);
    let run = doctor();
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(
        run.out.contains("credentials") && !run.out.contains("bad"),
        "{}",
        run.out
    );
    server.world().denied = vec!["log:GetCursorOrData"];
    let run = doctor();
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(
        run.out.contains("missing: log:GetCursorOrData"),
        "{}",
        run.out
    );
    let run = place.run(&["doctor", "assets/samples/ndjson.ndjson"]);
    assert!(
        run.code == 0 && run.out.contains("24 events"),
        "{}",
        run.out
    );
    let run = place.run(&["doctor", "LICENSE"]);
    assert!(
        run.code == 3 && run.out.contains("not an audit log"),
        "{}",
        run.out
    );
    place.assert_keeps_no_secret();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_read_with_what_its_profile_says() {
    let server = Server::start(|request| {
        if request.header("authorization") != format!("Bearer {SECRET}") {
            return Reply::new(401, "text/plain", "who are you?");
        }
        let page: usize = request.param("page").parse().unwrap_or(1);
        let lines: Vec<String> = (0..if page < 3 { 10 } else { 0 })
            .map(|n| format!("{{\"time\":\"2024-04-12T16:58:{n:02}Z\",\"id\":\"{page}-{n}\"}}"))
            .collect();
        Reply::new(
            200,
            "application/json",
            format!("{{\"items\":[{}]}}", lines.join(",")),
        )
    })
    .await;
    let place = Place::new();
    let run = place.run(&["query", &server.url, "--count"]);
    assert_eq!(run.code, 3, "without the profile there is no token");
    assert!(run.err.contains("401"), "{}", run.err);
    place.configure(&format!(
        "default-profile = \"audit\"\n[profiles.audit]\nsource = \"{}/events?key={SECRET}\"\n[profiles.audit.http]\n\
         token-env = \"AUDIT_TOKEN\"\nrecords = \"/items\"\npage = {{ param = \"page\" }}\n",
        server.url
    ));
    for args in [&["query", "@audit", "--count"][..], &["query", "--count"]] {
        let run = place.run(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        assert_eq!(run.json()["matched"], 20);
    }
    let run = place.run(&["doctor", "@audit"]);
    assert!(
        run.code == 0 && run.out.contains("ok"),
        "{}{}",
        run.out,
        run.err
    );
    assert_eq!(place.run(&["config", "--effective"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_but_not_for_this_machine() {
    let server = Server::start(|_| {
        Reply::new(
            200,
            "application/x-ndjson",
            "{\"time\":\"2024-04-12T16:58:30Z\",\"id\":\"1\"}",
        )
    })
    .await;
    let mut place = Place::new();
    place.variables.push(("http_proxy", server.url.clone()));
    let run = place.run(&["query", "http://audit.invalid/events", "--count"]);
    assert_eq!(
        (run.code, run.json()["matched"].clone()),
        (0, 1.into()),
        "{}",
        run.err
    );
    assert_eq!(server.asked()[0].target, "http://audit.invalid/events");
    place.variables.retain(|(name, _)| *name != "http_proxy");
    place
        .variables
        .push(("http_proxy", "http://127.0.0.1:1".to_owned()));
    let run = place.run(&["query", &format!("{}/here", server.url), "--count"]);
    assert_eq!(run.code, 0, "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_written_has_the_secret_in_it_when_things_go_wrong() {
    let server = service(20).await;
    let mut place = Place::new();
    place.variables.push(("RUST_BACKTRACE", "1".to_owned()));
    place.variables.push(("RUST_LOG", "trace".to_owned()));
    let (source, url) = (source(), server.server.url.clone());
    for (code, message) in [
        ("SignatureNotMatch", "Signature abc not matched."),
        (
            "Unauthorized",
            "The security token you provided has expired.",
        ),
    ] {
        for mode in ["search", "tail"] {
            for call in ["", "", "", ""] {
                server.world().fault(call, What::Refuse(401, code, message));
            }
            let mut explorer = Explorer::start(
                &place,
                &[&source, "--sls-endpoint", &url, "--sls-mode", mode],
            );
            explorer.wait_for("FAILED");
            explorer.press("S");
            explorer.wait_for(code);
            // Trying again uses the keys once more; the service has calmed down.
            server.world().faults.clear();
            explorer.press("r");
            explorer.wait_for("live");
            explorer.press("q");
            explorer.wait_for("20/20");
            explorer.quit();
            server.world().fault("", What::Refuse(401, code, message));
            place.run(&[
                "query",
                &source,
                "--sls-endpoint",
                &url,
                "--sls-mode",
                mode,
                "--count",
            ]);
            server.world().faults.clear();
            place.run(&["doctor", &source, "--sls-endpoint", &url]);
        }
    }
    place.run(&["config", "--effective"]);
    place.assert_keeps_no_secret();
}

/// The explorer in a terminal of its own.
struct Explorer {
    /// Kept, since the terminal ends with it.
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Explorer {
    fn start(place: &Place, args: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_regtrail"));
        command.args(args);
        command.env_clear();
        for (name, value) in &place.variables {
            command.env(name, value);
        }
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        let spawned = pty::spawn(command);
        Self {
            writer: spawned.master.take_writer().expect("taken once"),
            _master: spawned.master,
            child: spawned.child,
            output: spawned.output,
            screen: spawned.screen,
            raw: Vec::new(),
        }
    }

    /// Takes in what is drawn next, if that is soon.
    fn look(&mut self, patience: Duration) -> bool {
        let block = self.output.recv_timeout(patience).unwrap_or_default();
        self.screen.process(&block);
        self.raw.extend_from_slice(&block);
        !block.is_empty()
    }

    /// Waits until the screen shows a text.
    fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(text) {
            let came = self.look(until.saturating_duration_since(Instant::now()));
            let shown = self.screen.screen().contents();
            assert!(came, "{text:?} never came:\n{shown}");
        }
    }

    fn press(&mut self, keys: &str) {
        let taken = self.writer.write_all(keys.as_bytes());
        taken.expect("the terminal takes keys");
    }

    fn quit(mut self) {
        self.press("q");
        assert_eq!(self.child.wait().expect("a child").exit_code(), 0);
        self.raw.extend(self.output.iter().flatten());
        assert!(!String::from_utf8_lossy(&self.raw).contains(SECRET));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explorer_follows_a_service_that_goes_and_comes_back() {
    for mode in ["search", "tail"] {
        let server = service(200).await;
        let place = Place::new();
        let (source, url) = (source(), server.server.url.clone());
        let args = [source.as_str(), "--sls-endpoint", &url, "--sls-mode", mode];
        let mut explorer = Explorer::start(&place, &args);
        explorer.wait_for("200/200");
        explorer.wait_for("dropped 0");
        add(&server, 200..210);
        explorer.wait_for("210/210");
        let (server, ()) = server
            .restart(async |_| {
                explorer.wait_for("retries · data kept");
            })
            .await;
        add(&server, 210..230);
        explorer.wait_for("230/230");
        explorer.wait_for("dropped 0");
        assert_eq!(server.world().bad_signatures, [""; 0]);
        explorer.quit();
        place.assert_keeps_no_secret();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_goes_on_where_the_explorer_was_left() {
    let server = service(40).await;
    let place = Place::new();
    let (source, url) = (source(), server.server.url.clone());
    let args = [
        source.as_str(),
        "--sls-endpoint",
        &url,
        "--sls-mode",
        "tail",
    ];
    let mut explorer = Explorer::start(&place, &args);
    explorer.wait_for("40/40");
    let kept = place.home.path().join("state/regtrail");
    let until = Instant::now() + PATIENCE;
    // The place is written every few seconds.
    while !fs::read_dir(&kept).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().ends_with(".json")))
    }) {
        assert!(Instant::now() < until, "no checkpoint was written");
        explorer.look(Duration::from_millis(50));
    }
    explorer.quit();
    add(&server, 40..47);
    let mut explorer = Explorer::start(&place, &args);
    explorer.wait_for("7/7");
    explorer.quit();
    // A start that is given means no resuming.
    let mut explorer = Explorer::start(&place, &[&args[..], &["--since", "-1h"]].concat());
    explorer.wait_for("47/47");
    explorer.quit();
    place.assert_keeps_no_secret();
}
