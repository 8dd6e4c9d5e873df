//! Tables and times as other programs write them, through the real binary.

use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with files of its own, which is also the home.
struct Place(TempDir);

/// What a run came to.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            std::fs::write(directory.path().join(name), content).expect("written");
        }
        Self(directory)
    }

    /// The program in the directory, with nothing in its environment but what is given.
    fn run_in(&self, environment: &[(&str, &str)], args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args(args)
            .env_clear()
            .env("HOME", self.0.path())
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        Run {
            code: output.status.code().expect("no signal"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn query(&self, args: &[&str]) -> Run {
        self.run_in(&[], &[&["query"], args].concat())
    }
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Events, matches and defects of a summary.
    fn sums(&self) -> (u64, u64) {
        let json = self.json();
        let number = |name: &str| json[name].as_u64().expect("a number");
        (number("total"), number("defects"))
    }

    /// The values of the first facet, sorted.
    fn values(&self) -> Vec<String> {
        let json = self.json();
        let values = json["facets"][0]["values"].as_array().expect("a facet");
        let text = |one: &Value| one["value"].as_str().expect("text").to_owned();
        let mut values: Vec<String> = values.iter().map(text).collect();
        values.sort();
        values
    }
}

/// A table read from a file: its sums, and what was said.
fn read(table: impl AsRef<[u8]>) -> ((u64, u64), String) {
    let run = Place::with(&[("audit.csv", table.as_ref())]).query(&["audit.csv", "--count"]);
    assert_eq!(run.code, 0, "{}", run.err);
    (run.sums(), run.err)
}

#[test]
fn times_of_other_spellings_are_times() {
    let table = "action,tag,user_name,time\n\
        GetBlob,v0,ann,2024-04-12 08:58:30.855892+00\n\
        GetBlob,v1,ann,2024-04-12T16:58:30.855+0800\n\
        GetBlob,v2,ann,2024-04-12T16:58:30+08\n\
        GetBlob,v3,ann,\"2024-04-12T16:58:30,855+08:00\"\n\
        GetBlob,v4,ann,2024-04-12 08:58:30\n\
        GetBlob,v5,ann,1712912310.855\n\
        GetBlob,v6,ann,1712912310855\n";
    let place = Place::with(&[("audit.csv", table.as_bytes())]);
    let run = place.query(&["audit.csv", "--count", "--histogram", "1m"]);
    assert_eq!((run.code, run.sums()), (0, (7, 0)), "{}", run.err);
    assert_eq!(run.json()["histogram"]["counts"], serde_json::json!([7]));
    // One of them has no zone: said once.
    let said: Vec<&str> = run.err.lines().collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("audit.csv: times without a time zone are read as UTC"));
    assert!(said[0].contains("+08:00"));
    // What is printed can be read again, as it was.
    let again = place.query(&["audit.csv", "-o", "ndjson"]);
    assert!(
        again
            .out
            .contains(r#""time":"2024-04-12T16:58:30,855+08:00""#)
    );
    let shown = place.query(&[
        "audit.csv",
        "-o",
        "table",
        "--columns",
        "tag,time",
        "--tz",
        "source",
    ]);
    assert!(
        shown.out.contains("2024-04-12T16:58:30.855+08:00"),
        "{}",
        shown.out
    );
}

#[test]
fn records_with_other_times_come_back_as_they_were() {
    let records = [
        r#"{"time":1712912310.855,"action":"GetBlob","tag":"a"}"#,
        r#"{"time":1712912310855,"action":"GetBlob","tag":"b"}"#,
        r#"{"time":"1712912310855892463","action":"GetBlob","tag":"c"}"#,
        r#"{"time":"12/Apr/2024:16:58:30 +0800","action":"GetBlob","tag":"d"}"#,
        r#"{"__time__":1712912310855,"action":"GetBlob","tag":"e"}"#,
        r#"{"__time__":"1712912310.855","action":"GetBlob","tag":"f"}"#,
        r#"{"__time__":"2024-04-12T16:58:30+08:00","action":"GetBlob","tag":"g"}"#,
    ];
    let place = Place::with(&[("audit.ndjson", records.join("\n").as_bytes())]);
    let run = place.query(&["audit.ndjson", "--count", "--histogram", "1s"]);
    assert_eq!((run.sums(), &*run.err), ((7, 0), ""));
    assert_eq!(run.json()["histogram"]["counts"], serde_json::json!([7]));
    let mut printed: Vec<String> = place
        .query(&["audit.ndjson", "-o", "raw"])
        .out
        .lines()
        .map(str::to_owned)
        .collect();
    printed.sort_by_key(|line| line[line.len() - 3..].to_owned());
    assert_eq!(printed, records);
}

#[test]
fn a_time_that_is_not_read_is_quoted_with_an_example() {
    let (sums, said) =
        read("action,time\nGetBlob,12.04.2024 16:58\nGetBlob,9999-01-01T00:00:00Z\n");
    assert_eq!(sums, (2, 2));
    let said: Vec<&str> = said.lines().collect();
    assert!(said[0].contains(r#"audit.csv:2: time "12.04.2024 16:58" is not a valid time; expected e.g. 2024-04-12T16:58:30+08:00"#), "{said:?}");
    assert!(
        said[1].contains(r#"audit.csv:3: time "9999-01-01T00:00:00Z" is out of range"#),
        "{said:?}"
    );
}

/// Ten rows; the fourth is for damage.
fn ten(fourth: &str) -> String {
    let row = |n: usize| match n {
        3 => format!("GetBlob,2024-04-12T16:58:33+08:00,v3,{fourth}\n"),
        _ => format!("GetBlob,2024-04-12T16:58:3{n}+08:00,v{n},ann,docker/24\n"),
    };
    let rows: String = (0..10).map(row).collect();
    format!("action,time,tag,user_name,http_request_useragent\n{rows}")
}

#[test]
fn a_stray_quote_swallows_no_row() {
    for fourth in [
        "ann,\"Mozilla/5.0 (x",
        "\"ann,docker/24",
        "ann,\"Mozilla/5.0 \"x\" (y",
        "ann,\"a\"\"",
    ] {
        let table = ten(fourth);
        // The same from a file, from a pipe, and with a second stray quote that pairs up with the first.
        let pair = table.replace("v6,ann,docker/24", "v6,ann,docker/24\"");
        let place = Place::with(&[
            ("audit.csv", table.as_bytes()),
            ("pair.csv", pair.as_bytes()),
        ]);
        for name in ["audit.csv", "pair.csv"] {
            let run = place.query(&[name, "--count", "--facet", "tag:all"]);
            assert_eq!(run.code, 0, "{}", run.err);
            let tags: Vec<String> = (0..10).map(|n| format!("v{n}")).collect();
            assert_eq!(run.values(), tags, "{fourth}: {}", run.err);
            assert!(run.sums().1 <= 1, "{}", run.err);
            assert!(
                run.err.lines().all(|line| line.contains(":5: ")),
                "{}",
                run.err
            );
        }
    }
}

#[test]
fn cells_of_several_lines_stay_whole() {
    let (sums, said) = read(ten("ann,\"Mozilla/5.0\n(a,b,c,d,e)\nx\""));
    assert_eq!((sums, &*said), ((10, 0), ""));
}

const ROW: &str = "2024-04-12T16:30:30+08:00,GetImageManifest,shop/cart,v0\n";

#[test]
fn what_spreadsheets_and_reports_put_before_the_header_is_passed_over() {
    let header = "time,action,namespace_repo,tag\n";
    let semicolons = format!("sep=;\n{header}{ROW}").replace(',', ";");
    for table in [
        semicolons.clone(),
        semicolons.replace('\n', "\r\n"),
        format!("\u{feff}\"sep=,\"\n{header}{ROW}"),
        format!("# exported by ann\n# April\n{header}{ROW}"),
        format!("Audit log, April, all regions\n\n{header}{ROW}"),
        format!("{}{ROW}", header.to_uppercase()),
        format!("Time,Action,Namespace_Repo,Tag\n{ROW}{header}{ROW}").replacen(ROW, "", 1),
        format!("{header}{ROW}").replace(',', ", "),
        format!("{header}{ROW}").replace('\n', "\r"),
    ] {
        let place = Place::with(&[("audit.csv", table.as_bytes())]);
        let run = place.query(&[
            "audit.csv",
            "--count",
            "-f",
            "action:GetImageManifest tag:v0",
        ]);
        assert_eq!(
            (run.code, run.sums()),
            (0, (1, 0)),
            "{table:?}: {}",
            run.err
        );
        assert_eq!(run.json()["matched"], 1, "{table:?}");
        assert_eq!(run.err, "", "{table:?}");
    }
}

#[test]
fn a_table_of_something_else_is_refused_by_its_header() {
    let refused = |name: &str, table: &str| {
        let run = Place::with(&[(name, table.as_bytes())]).query(&[name, "--count"]);
        assert_eq!(run.code, 3, "{}", run.err);
        run.err
    };
    let azure = refused(
        "azure.csv",
        "\"TimeGenerated [UTC]\",OperationName,Repository,Tag,Identity,CallerIpAddress,ResultType\n\
        \"4/12/2024, 8:58:30.855 AM\",Pull,shop/cart,v1,ann,203.0.113.5,200\n",
    );
    assert!(azure.contains("azure.csv: its header (TimeGenerated [UTC], OperationName, Repository, Tag, …) has no audit log fields; expected names such as time, action, namespace_repo"), "{azure}");
    let people = refused("people.csv", "id;name;city\n1;ann;berlin\n2;bob;paris\n");
    assert!(
        people.contains("people.csv: its header (id, name, city) has no audit log fields"),
        "{people}"
    );
    let rows = refused("rows.csv", &ROW.repeat(3));
    assert!(
        rows.contains("rows.csv: a table without a header"),
        "{rows}"
    );
    for text in [
        "one, two and three\nfour, five\n",
        "dear all,\n\nyours, ann\n",
    ] {
        let prose = refused("x.txt", text);
        assert!(prose.contains("x.txt: not an audit log"), "{text}: {prose}");
    }
}

#[test]
fn quotes_escaped_by_backslashes_are_part_of_their_cells() {
    let table = "time,tag,http_request_useragent\n\
        \"2024-04-12 08:58:30Z\",\"v1\",\"say \\\"hi\\\", then\"\n\
        \"2024-04-12 08:58:31Z\",\"v2\",\"x\\\"\"\n\
        \"2024-04-12 08:58:32Z\",\"v3\",\"C:\\\\\"\n";
    let place = Place::with(&[("audit.csv", table.as_bytes())]);
    let run = place.query(&[
        "audit.csv",
        "--count",
        "--facet",
        "http_request_useragent:all",
    ]);
    assert_eq!(run.sums().0, 3, "{}", run.err);
    assert_eq!(
        run.values(),
        ["C:\\\\", "say \"hi\", then", "x\""],
        "{}",
        run.err
    );
}

/// Events at times, one a line.
fn at(times: &[&str]) -> String {
    let line = |time: &&str| format!("{{\"time\":\"{time}\",\"action\":\"GetBlob\"}}\n");
    times.iter().map(line).collect::<Vec<_>>().concat()
}

#[test]
fn days_of_a_histogram_begin_at_the_midnight_that_is_shown() {
    let days = at(&[
        "2024-04-12T00:30:00+08:00",
        "2024-04-12T07:30:00+08:00",
        "2024-04-12T09:00:00+08:00",
        "2024-04-12T23:30:00+08:00",
        "2024-04-13T00:30:00+08:00",
        "2024-04-13T07:00:00+08:00",
    ]);
    let clocks = at(&[
        "2024-03-30T12:00:00+01:00",
        "2024-03-31T23:30:00+02:00",
        "2024-04-01T00:30:00+02:00",
    ]);
    let place = Place::with(&[
        ("days.ndjson", days.as_bytes()),
        ("clocks.ndjson", clocks.as_bytes()),
    ]);
    let table = |name: &str, zone: &str, step: &str| -> Vec<(String, String)> {
        let run = place.query(&[name, "--tz", zone, "--histogram", step, "-o", "table"]);
        let rows = run.out.lines().skip(1).map(|line| {
            let mut words = line.split_whitespace();
            (
                words.next().unwrap_or_default().to_owned(),
                words.next().unwrap_or_default().to_owned(),
            )
        });
        rows.collect()
    };
    let own = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter()
            .map(|(from, count)| ((*from).to_owned(), (*count).to_owned()))
            .collect()
    };
    assert_eq!(
        table("days.ndjson", "Asia/Shanghai", "1d"),
        own(&[
            ("2024-04-12T00:00:00+08:00", "4"),
            ("2024-04-13T00:00:00+08:00", "2")
        ])
    );
    assert_eq!(
        table("days.ndjson", "Asia/Shanghai", "7d"),
        own(&[("2024-04-08T00:00:00+08:00", "6")])
    );
    assert_eq!(
        table("days.ndjson", "Asia/Kolkata", "1h")[0].0,
        "2024-04-11T22:00:00+05:30"
    );
    assert_eq!(
        table("days.ndjson", "utc", "1d")[0].0,
        "2024-04-11T00:00:00Z"
    );
    assert_eq!(
        table("clocks.ndjson", "Europe/Berlin", "1d"),
        own(&[
            ("2024-03-30T00:00:00+01:00", "1"),
            ("2024-03-31T00:00:00+01:00", "1"),
            ("2024-04-01T00:00:00+02:00", "1")
        ])
    );
    let json = place
        .query(&[
            "clocks.ndjson",
            "--tz",
            "Europe/Berlin",
            "--histogram",
            "1d",
        ])
        .json();
    let histogram = &json["histogram"];
    assert_eq!(histogram["step_seconds"], 86_400);
    assert_eq!(histogram["counts"], serde_json::json!([1, 1, 1]));
    assert_eq!(
        histogram["starts"][2],
        "2024-04-01T00:00:00.000000000+02:00"
    );
    let json = place
        .query(&["days.ndjson", "--tz", "Asia/Shanghai", "--histogram", "1d"])
        .json();
    assert_eq!(json["histogram"].get("starts"), None);
    assert_eq!(
        json["histogram"]["from"],
        "2024-04-12T00:00:00.000000000+08:00"
    );
}

#[test]
fn the_machine_s_clock_is_read_as_other_programs_read_it_or_said() {
    let place = Place::with(&[("x.ndjson", at(&["2024-04-12T08:58:30Z"]).as_bytes())]);
    let from = |variable: &str| {
        let args = ["query", "x.ndjson", "--tz", "local", "--histogram", "1d"];
        let run = place.run_in(&[("TZ", variable)], &args);
        (
            run.json()["histogram"]["from"]
                .as_str()
                .expect("a time")
                .to_owned(),
            run.err,
        )
    };
    let midnight = |offset: &str| format!("2024-04-12T00:00:00.000000000{offset}");
    for variable in ["CST-8", ":Asia/Shanghai", "<+08>-8"] {
        assert_eq!(
            from(variable),
            (midnight("+08:00"), String::new()),
            "{variable}"
        );
    }
    assert_eq!(from("UTC+3"), (midnight("-03:00"), String::new()));
    let (start, said) = from("Mars/Olympus");
    assert_eq!(start, midnight("Z"));
    assert_eq!(said.lines().count(), 1);
    assert!(
        said.contains("TZ=Mars/Olympus: unknown time zone, using UTC"),
        "{said}"
    );
    let fixed = place.query(&["x.ndjson", "--tz", "+08:00", "--histogram", "1d"]);
    assert_eq!(fixed.json()["histogram"]["from"], midnight("+08:00"));
    for half in ["+05:30", "UTC+5:30"] {
        let run = place.query(&["x.ndjson", "--tz", half, "--histogram", "1d"]);
        assert_eq!(run.json()["histogram"]["from"], midnight("+05:30"));
    }
    let refused = place.query(&["x.ndjson", "--tz", "08:00"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("an offset such as +08:00"),
        "{}",
        refused.err
    );
}

#[test]
fn tables_strung_together_are_read_under_their_own_headers() {
    let place = Place::with(&[(
        "x.csv",
        b"time,action,tag\n2024-04-12T16:58:30Z,GetBlob,one\ntag,region,action,time\ntwo,hz,GetBlob,2024-04-12T16:58:31Z\n\"tag\";\"time\"\nthree;2024-04-12T16:58:32Z\nfour;soon\n",
    )]);
    let run = place.query(&["x.csv", "--facet", "tag"]);
    assert_eq!(run.sums(), (4, 1), "{}{}", run.out, run.err);
    assert_eq!(run.values(), ["four", "one", "three", "two"]);
    assert!(run.err.contains("x.csv:7"), "{}", run.err);
    // What stands in a quoted cell is no header.
    let quoted = b"time,action,tag\n2024-04-12T16:58:30Z,GetBlob,\"a\ntag,time\nb\"\n2024-04-12T16:58:31Z,GetBlob,c\n";
    let place = Place::with(&[("x.csv", quoted)]);
    assert_eq!(place.query(&["x.csv", "--facet", "tag"]).sums(), (2, 0));
}

#[test]
fn rows_that_are_no_records_are_skipped_and_said() {
    let row = "2024-04-12T16:58:30Z , GetBlob , one\n";
    let text = format!(
        "sep=;\ntime , action , tag\n-----+-----\n{row},,\n# page 2, of 2\n{row}(2 rows)\n"
    );
    let place = Place::with(&[("x.csv", text.as_bytes())]);
    let run = place.query(&["x.csv", "--facet", "tag"]);
    assert_eq!(run.sums(), (2, 1), "{}{}", run.out, run.err);
    assert_eq!(run.values(), ["one"]);
    assert_eq!(run.json()["skipped"], 3, "{}", run.out);
    for said in [
        "1 blank row skipped",
        "1 comment row skipped",
        "1 table border row skipped",
    ] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    assert!(
        run.err.contains("1 cell for 3 columns; not an event"),
        "{}",
        run.err
    );
}

#[test]
fn numbers_that_may_be_dates_are_no_times_of_another_decade() {
    for time in ["202404121658", "2024041216", "240412165830"] {
        let rows = format!("time,action\n{time},GetBlob\n");
        let json = format!(
            "{{\"time\":\"{time}\",\"action\":\"GetBlob\"}}\n{{\"__time__\":{time},\"action\":\"GetBlob\"}}\n"
        );
        let place = Place::with(&[("x.csv", rows.as_bytes()), ("x.ndjson", json.as_bytes())]);
        for (file, events) in [("x.csv", 1), ("x.ndjson", 2)] {
            let run = place.query(&[file, "--facet", "action"]);
            assert_eq!(run.sums(), (events, events), "{time}: {}", run.out);
            assert!(
                run.err.contains(&format!("\"{time}\" is not a valid time")),
                "{}",
                run.err
            );
        }
    }
}
