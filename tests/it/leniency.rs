//! What is no clean JSON but a log all the same, and what looks like a log and is none: records within other text,
//! answers of endpoints, slips of writers, texts of other programs. Through the real program.

use serde_json::{Value, json};

use crate::e2e::{Place, Run};

const ACTIONS: [&str; 3] = ["GetImageManifest", "PutImageManifest", "DeleteTag"];

fn record(n: usize) -> Value {
    json!({
        "time": format!("2024-04-12T16:3{n}:30.855892463+08:00"), "action": ACTIONS[n], "namespace_repo": "shop/cart",
        "tag": format!("v{n}"), "user_name": "ann@acme", "http_response_status": "200",
        "http_request_useragent": "docker/24.0.2",
    })
}

fn records() -> Vec<Value> {
    (0..ACTIONS.len()).map(record).collect()
}

/// Each record as text in some surroundings.
fn each(surround: impl Fn(&str) -> String) -> String {
    records()
        .iter()
        .map(|record| surround(&record.to_string()))
        .collect()
}

/// A query of a file with a content; its sums with the actions.
fn sums(content: impl AsRef<[u8]>) -> Run {
    let place = Place::new();
    let path = place.file("log", content);
    place.run(&["query", &path, "--count", "--facet", "action"])
}

fn counts(run: &Run) -> [u64; 3] {
    let sums = run.json();
    ["total", "defects", "skipped"].map(|name| sums[name].as_u64().expect("a number"))
}

/// All records were read, from a file and from a pipe, and printed as they were written.
fn are_read(content: &str, skipped: u64, said: &[&str]) {
    let run = sums(content);
    assert_eq!(
        (run.code, counts(&run)),
        (0, [3, 0, skipped]),
        "{content}\n{}",
        run.err
    );
    assert_eq!(run.json()["facets"][0]["distinct"], 3, "{content}");
    for words in said {
        assert_eq!(
            run.err.matches(words).count(),
            1,
            "{words:?} once for {content}\n{}",
            run.err
        );
    }
    assert_eq!(
        run.err.is_empty(),
        said.is_empty(),
        "{content}\n{}",
        run.err
    );
    let place = Place::new();
    for format in ["raw", "ndjson"] {
        let run = place.piped(&["query", "-", "-o", format], content.as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        let read = run
            .lines()
            .into_iter()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        assert_eq!(read.collect::<Vec<_>>(), records(), "{format} of {content}");
    }
}

/// Nothing was read, and one line says why.
fn is_refused(content: impl AsRef<[u8]>, words: &[&str]) {
    let run = sums(&content);
    let shown = String::from_utf8_lossy(content.as_ref()).into_owned();
    assert_eq!((run.code, counts(&run)[0]), (3, 0), "{shown}\n{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{shown}\n{}", run.err);
    for word in words {
        assert!(run.err.contains(word), "{word:?} of {shown}\n{}", run.err);
    }
    assert!(!run.err.contains("without a header"), "{}", run.err);
    assert!(!run.err.contains('\u{1b}'), "{:?}", run.err);
}

#[test]
fn records_in_the_answers_of_endpoints_are_read_as_from_the_endpoint() {
    let all = json!(records());
    let hits: Vec<Value> = records()
        .iter()
        .map(|r| json!({"_index": "x", "_id": "1", "_source": r}))
        .collect();
    let pairs: Vec<Value> = records()
        .iter()
        .map(|r| json!(["1712912310000000000", r.to_string()]))
        .collect();
    for (answer, said) in [
        (json!({"value": all, "nextLink": null}), &[][..]),
        (json!({"items": all}), &[]),
        (json!({"Items": all, "RequestId": "x"}), &[]),
        (
            json!({"headers": {"x-log-requestid": "1"}, "statusCode": 200, "body": all}),
            &[],
        ),
        (json!({"results": all, "count": 3}), &[]),
        (
            json!({"code": 200, "message": "success", "data": {"total": 3, "list": all}}),
            &[],
        ),
        (json!({"RequestId": "x", "Data": {"Logs": all}}), &[]),
        (json!({"anything": all}), &["inside \"anything\""]),
        (
            json!({"hits": {"total": {"value": 3}, "hits": hits}}),
            &["3 records inside \"_source\""],
        ),
        (
            json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {}, "values": pairs}]}}),
            &[],
        ),
    ] {
        are_read(&answer.to_string(), 0, said);
        are_read(&format!("{answer:#}\n"), 0, said);
    }
}

#[test]
fn records_of_another_service_in_a_list_are_events_with_fields_of_their_own() {
    let event = |n: u32| json!({"eventTime": format!("2024-04-12T08:5{n}:30Z"), "eventName": "GetObject", "id": n});
    let run = sums(json!({"Records": [event(0), event(1), event(2)]}).to_string());
    assert_eq!((run.code, counts(&run)), (0, [3, 0, 0]), "{}", run.err);
    assert_eq!(run.json()["range"]["to"], "2024-04-12T08:52:30.000000000Z");
}

#[test]
fn records_within_strings_and_objects_are_read() {
    let lines = |wrap: &dyn Fn(&Value) -> Value| -> String {
        let lines: Vec<String> = records()
            .iter()
            .map(|record| wrap(record).to_string() + "\n")
            .collect();
        lines.concat()
    };
    let at = "2024-04-12T08:58:31.1Z";
    for (content, name) in [
        (
            lines(&|r| json!({"log": format!("{r}\n"), "stream": "stdout", "time": at})),
            "log",
        ),
        (
            lines(
                &|r| json!({"__tag__:__path__": "/a", "content": r.to_string(), "__time__": "1712912310"}),
            ),
            "content",
        ),
        (
            lines(
                &|r| json!({"topic": "t", "partition": 0, "ts": 1_712_912_310_000_u64, "payload": r.to_string()}),
            ),
            "payload",
        ),
        (
            lines(&|r| json!({"labels": {"app": "acr"}, "line": r.to_string(), "timestamp": at})),
            "line",
        ),
        (
            lines(&|r| json!({"@timestamp": at, "message": r.to_string(), "host": {"name": "n"}})),
            "message",
        ),
        (
            lines(&|r| json!({"_index": "x", "_id": "1", "_source": r})),
            "_source",
        ),
        (
            lines(&|r| json!({"timestamp": 1_712_912_310, "event": {"record": r}})),
            "event",
        ),
    ] {
        are_read(&content, 0, &[&format!("3 records inside \"{name}\"")]);
    }
    are_read(&each(|record| format!("{}\n", json!(record))), 0, &[]);
    are_read(
        &json!(records().iter().map(Value::to_string).collect::<Vec<_>>()).to_string(),
        0,
        &[],
    );
}

/// What a line of the log happens to hold must not decide how later ones are read.
#[test]
fn a_line_of_plain_text_before_does_not_hide_the_records_in_the_same_member() {
    let line = |log: &str| {
        format!(
            "{}\n",
            json!({"log": log, "stream": "stdout", "time": "2024-04-12T08:58:31.1Z"})
        )
    };
    let run = sums(
        [
            line("starting up\n"),
            line(&record(1).to_string()),
            line("done\n"),
        ]
        .concat(),
    );
    assert_eq!(counts(&run), [3, 0, 0], "{}", run.err);
    let values = &run.json()["facets"][0];
    assert_eq!(
        (&values["distinct"], &values["missing"]),
        (&1.into(), &2.into())
    );
}

#[test]
fn records_behind_a_prefix_are_read_and_the_prefix_is_said_once() {
    for prefix in [
        "audit-1  | ",
        "2024-04-12T08:58:30.123456789Z stdout F ",
        "2024-04-12T08:58:30.123Z ",
        "3:",
        "audit.ndjson:17:",
        "./logs/audit-1.ndjson-4-",
        "[pod/audit-0/main] ",
        "[2024-04-12 08:58:30] INFO ",
        "audit-0 main ",
        "Apr 12 16:30:30 host audit[12]: ",
        "<14>1 2024-04-12T16:30:30Z host audit 12 - - ",
        "I0412 16:58:30.123456       1 audit.go:12] ",
        "2024-04-12T16:58:30+08:00 {app=\"acr\", pod=\"x\"} ",
    ] {
        are_read(
            &each(|record| format!("{prefix}{record}\n")),
            0,
            &["3 records after a prefix"],
        );
    }
    // What a terminal showed.
    let content = each(|record| format!("\u{1b}[36maudit-1  | \u{1b}[0m{record}\r\n"));
    are_read(
        &content,
        0,
        &["after a prefix", "terminal escape sequences"],
    );
}

#[test]
fn a_record_that_the_container_runtime_cut_is_said_to_be_cut() {
    let [first, second] = [record(0).to_string(), record(1).to_string()];
    let (head, tail) = second.split_at(80);
    let at = "2024-04-12T08:58:30.1Z stdout";
    let run = sums(format!("{at} F {first}\n{at} P {head}\n{at} F {tail}\n"));
    assert_eq!((run.code, counts(&run)), (0, [1, 2, 0]), "{}", run.err);
    assert!(
        run.err
            .contains("log:2: record split over several lines by the container runtime"),
        "{}",
        run.err
    );
}

#[test]
fn text_sequences_and_saved_event_streams_are_read() {
    are_read(&each(|record| format!("\u{1e}{record}\n")), 0, &[]);
    let pretty: Vec<String> = records()
        .iter()
        .map(|record| format!("\u{1e}{record:#}\n"))
        .collect();
    let pretty = pretty.concat();
    are_read(&pretty, 0, &[]);
    let stream = each(|record| format!("event: audit\nid: 7\ndata: {record}\n\n"));
    are_read(
        &format!(": hello\nretry: 100\n\n{stream}"),
        8,
        &["8 event stream lines"],
    );
    are_read(&each(|record| format!("data:{record}\n\n")), 0, &[]);
}

#[test]
fn colours_are_taken_off_and_escapes_in_the_data_stay() {
    are_read(
        &each(|record| {
            format!(
                "{}\n",
                record.replace("cart", "\u{1b}[01;31m\u{1b}[Kcart\u{1b}[m\u{1b}[K")
            )
        }),
        0,
        &["3 records with terminal escape sequences"],
    );
    let coloured = each(|record| {
        let tokens = record
            .replace("\",\"", "\"\u{1b}[0m,\u{1b}[34;1m\"")
            .replace('{', "\u{1b}[1;39m{\n  \u{1b}[0m");
        format!("{}\u{1b}[0m\n", tokens.replace('}', "\u{1b}[1;39m\n}"))
    });
    are_read(&coloured, 0, &["3 records with terminal escape sequences"]);
    let data = r#"{"time":"2024-04-12T16:58:30Z","action":"x","tag":"\u001b[31mred"}"#;
    let run = sums(data);
    assert_eq!((counts(&run), run.err.as_str()), ([1, 0, 0], ""));
    let place = Place::new();
    assert_eq!(
        place
            .piped(&["query", "-o", "raw"], data.as_bytes())
            .lines(),
        [data]
    );
}

#[test]
fn bulk_lines_and_heartbeats_are_skipped_counted_and_said() {
    let content = each(|record| format!("{}\n{record}\n", r#"{"index":{"_index":"x"}}"#));
    are_read(&content, 3, &["3 Elasticsearch bulk action lines skipped"]);
    let updates = each(|record| {
        format!(
            "{}\n{{\"doc\":{record},\"doc_as_upsert\":true}}\n",
            r#"{"update":{"_id":"1","_index":"x"}}"#
        )
    });
    let content = format!(
        "{updates}{}\n{}\n",
        r#"{"delete":{"_id":"9"}}"#, r#"{"create":{}}"#
    );
    are_read(
        &content,
        5,
        &["5 Elasticsearch", "3 records inside \"doc\""],
    );
    are_read(
        &each(|record| format!("{{}}\n{record}\n")),
        3,
        &["3 empty objects skipped"],
    );
    // In sums always, in the figures too.
    let place = Place::new();
    let path = place.file("log", content);
    let stats = place.run(&["query", &path, "--stats", "-o", "json"]).json();
    assert_eq!(
        (&stats["skipped"], &stats["stats"]["skipped"]),
        (&5.into(), &5.into())
    );
}

/// What is broken, a field with the value that it is read as, the defects that makes, and what is said.
const BROKEN: &[(&str, &str, &str, u64, &str)] = &[
    (
        r#""tag":"\udc00x""#,
        "tag",
        "\u{fffd}x",
        1,
        "tag: unpaired surrogate",
    ),
    (
        r#""tag":"x\ud83d""#,
        "tag",
        "x\u{fffd}",
        1,
        "tag: unpaired surrogate",
    ),
    (r#""tag":"a\qb""#, "tag", "a\\qb", 1, "tag: invalid escape"),
    (r#""tag":"it\'s \x41""#, "tag", "it's A", 0, ""),
    (r#""tag":NaN"#, "tag", "NaN", 0, "1 record with NaN"),
    (
        r#""tag":-Infinity"#,
        "tag",
        "-Infinity",
        0,
        "1 record with NaN",
    ),
    (
        "\"tag\":\"a\tb\u{1}\"",
        "tag",
        "a\tb\u{1}",
        0,
        "1 record with control characters",
    ),
    (
        r#""tag":"v1","#,
        "tag",
        "v1",
        0,
        "1 record with missing or extra",
    ),
    (
        r#""tag":"v1","x":"#,
        "tag",
        "v1",
        0,
        "1 record with missing or extra",
    ),
    (
        r#""tag":"v1","k\ud800":"y""#,
        "k\u{fffd}",
        "y",
        1,
        "unpaired surrogate",
    ),
];

#[test]
fn a_broken_value_costs_the_value_and_not_the_event() {
    let line = |text: &str| {
        format!(
            "{{\"time\":\"2024-04-12T16:30:30Z\",\"action\":\"GetBlob\",\"namespace_repo\":\"a/b\",{text}}}\n"
        )
    };
    for &(text, field, value, defects, said) in BROKEN {
        let place = Place::new();
        let path = place.file("log", line(text).repeat(2));
        let run = place.run(&["query", &path, "-o", "json", "--columns", field]);
        assert_eq!(run.code, 0, "{text}: {}", run.err);
        assert_eq!(run.json()[1][field], value, "{text}: {}", run.text());
        let run = place.run(&["query", &path, "--count"]);
        assert_eq!(counts(&run), [2, defects * 2, 0], "{text}: {}", run.err);
        assert!(
            run.err.contains(&said.replace("1 record", "2 records")),
            "{text}: {}",
            run.err
        );
        assert!(run.err.lines().count() <= 1, "once a cause: {}", run.err);
        // As it was read, and as JSON.
        let raw = place.run(&["query", &path, "-o", "raw"]);
        assert_eq!(raw.text(), line(text).repeat(2));
        for format in ["ndjson", "json"] {
            let run = place.run(&["query", &path, "-o", format]);
            let read: Vec<Value> = if format == "json" {
                serde_json::from_slice(&run.out).expect("JSON")
            } else {
                run.lines()
                    .iter()
                    .map(|line| serde_json::from_str(line).expect("JSON"))
                    .collect()
            };
            assert_eq!(
                (read.len(), &read[1][field]),
                (2, &value.into()),
                "{format} of {text}"
            );
            assert_eq!(
                run.err.contains("printed with U+FFFD"),
                value.contains('\u{fffd}') || defects > 0,
                "{}",
                run.err
            );
        }
    }
}

#[test]
fn json_output_is_json_whatever_bytes_were_read() {
    let mut content = each(|record| format!("{record}\n")).into_bytes();
    let at = content
        .windows(4)
        .position(|bytes| bytes == b"cart")
        .expect("it is there");
    content.splice(at..at, *b"\xff\xfe\xc3");
    let place = Place::new();
    let path = place.path("log");
    std::fs::write(&path, &content).expect("written");
    let path = path.to_str().expect("UTF-8");
    let raw = place.run(&["query", path, "-o", "raw"]);
    assert!(raw.out == content, "{}", raw.err);
    assert_eq!(raw.err.lines().count(), 1, "{}", raw.err);
    assert!(raw.err.contains("is not UTF-8, likely"), "{}", raw.err);
    let run = place.run(&["query", path, "-o", "ndjson"]);
    let first: Value = serde_json::from_str(run.lines()[0]).expect("JSON");
    assert_eq!(first["namespace_repo"], "shop/\u{fffd}\u{fffd}\u{fffd}cart");
    assert!(
        run.err.contains("1 value with invalid UTF-8"),
        "{}",
        run.err
    );
    let run = place.run(&["query", path, "-o", "json"]);
    assert_eq!(run.json().as_array().map(Vec::len), Some(3));
    // What is printed gives the same answers.
    let printed = place.run(&["query", path, "-o", "ndjson"]).out;
    let again = place
        .piped(&["query", "--facet", "namespace_repo"], &printed)
        .json();
    assert_eq!(
        again["facets"],
        place
            .run(&["query", path, "--facet", "namespace_repo"])
            .json()["facets"]
    );
}

#[test]
fn everything_on_a_line_is_read_or_said() {
    let [a, b, c] = [record(0), record(1), record(2)].map(|record| record.to_string());
    are_read(&format!("{a}{b}\n{c},\n"), 0, &[]);
    are_read(&format!("{a},{b},\n{c}\n"), 0, &[]);
    are_read(
        &format!("{{\"data\":[{a}],\"more\":{{}},\"logs\":[{b},{c}]}}"),
        0,
        &[],
    );
    let run = sums(format!("{{\"data\":[{a}]\n{b}\n{c}\n"));
    assert_eq!(counts(&run), [3, 1, 0], "{}", run.err);
    let run = sums(format!("a title\n\n{a}\n{b} and more\n{c}\n"));
    assert_eq!((run.code, counts(&run)), (0, [3, 2, 0]), "{}", run.err);
    let run = sums(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[\n{a},\n{b},{c}]\n"
    ));
    assert_eq!((run.code, counts(&run)), (0, [3, 2, 0]), "{}", run.err);
}

#[test]
fn an_error_answer_is_no_event_and_its_words_are_said() {
    let expired = "The security token you provided has expired.";
    for (answer, words) in [
        (
            json!({"errorCode": "Unauthorized", "errorMessage": expired, "requestId": "66AC"}),
            "Unauthorized: The security token",
        ),
        (
            json!({"error": {"code": "AccessDenied", "message": "no grant"}}),
            "AccessDenied: no grant",
        ),
        (
            json!({"Code": "Forbidden.RAM", "Message": "not authorized", "RequestId": "x", "HostId": "h"}),
            "Forbidden.RAM: not authorized",
        ),
        (
            json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}),
            "UNAUTHORIZED: authentication",
        ),
        (
            json!({"timestamp": "2024-04-12T08:00:00Z", "status": 404, "error": "Not Found", "path": "/logs"}),
            "404: Not Found",
        ),
        (
            json!({"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "no token"}),
            "401: no token",
        ),
        (
            json!({"code": 401, "msg": "token expired", "data": []}),
            "401: token expired",
        ),
        (
            json!({"code": 401, "msg": "token expired", "data": null}),
            "401: token expired",
        ),
        (
            json!({"success": false, "message": "quota\u{1b}[2J used up"}),
            "quota\\u{1b}[2J used up",
        ),
        (
            json!({"message": "Missing Authentication Token"}),
            "Missing Authentication Token",
        ),
        (
            json!({"error": "invalid_token", "error_description": "it has expired"}),
            "invalid_token: it has expired",
        ),
        (
            json!({"Response": {"Error": {"Code": "AuthFailure", "Message": "bad"}, "RequestId": "x"}}),
            "AuthFailure: bad",
        ),
        (
            json!({"kind": "Status", "status": "Failure", "message": "forbidden", "code": 403}),
            "403: forbidden",
        ),
    ] {
        is_refused(
            answer.to_string(),
            &["an error response instead of records", words],
        );
        is_refused(format!("{answer:#}"), &[words]);
        let run = sums(format!("{}\n{answer}\n{}\n", record(0), record(1)));
        assert_eq!(
            (run.code, counts(&run)),
            (3, [2, 1, 0]),
            "{answer}\n{}",
            run.err
        );
        assert!(run.err.contains(words), "{}", run.err);
    }
    is_refused(
        "<!DOCTYPE html>\n<html><head><title>Sign in</title>\n</head></html>\n",
        &["an HTML page", "Sign in"],
    );
    is_refused(
        "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>",
        &["NoSuchKey: gone"],
    );
    let run = sums(format!(
        "{}\n<html><body>502</body></html>\n{}\n",
        record(0),
        record(1)
    ));
    assert_eq!((run.code, counts(&run)), (3, [2, 1, 0]), "{}", run.err);
}

#[test]
fn answers_that_went_well_are_no_errors() {
    for answer in [
        json!({"code": 200, "message": "success", "data": records()}),
        json!({"code": "OK", "msg": "", "items": records(), "errors": []}),
        json!({"status": "success", "error": null, "results": records()}),
    ] {
        are_read(&answer.to_string(), 0, &[]);
    }
    let run = sums(json!({"code": 0, "message": "ok", "data": []}).to_string());
    assert_eq!((run.code, counts(&run)), (1, [0, 0, 0]), "{}", run.err);
}

#[test]
fn an_object_without_known_field_and_time_is_no_event() {
    is_refused(
        "{\"id\":1,\"name\":\"x\"}\n{\"id\":2,\"na\\u001b[2Jme\":\"y\"}\n",
        &["time, action, namespace_repo", "found id, name"],
    );
    is_refused(
        json!({"name": "x", "dependencies": {"a": "1"}}).to_string(),
        &["its only record", "found name, dependencies"],
    );
    is_refused(
        format!("{:#}", json!([{"a": 1}, {"b": 2}])),
        &["none of its 2 records", "found a"],
    );
    let others = "{\"id\":1}\n".repeat(20);
    let run = sums(format!("{}{others}", each(|record| format!("{record}\n"))));
    assert_eq!((run.code, counts(&run)), (0, [3, 20, 0]), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "once a cause: {}", run.err);
    assert!(
        run.err.contains("log:4: not an event") && run.err.contains("and 19 more like it"),
        "{}",
        run.err
    );
    // With a time they are events with fields of their own.
    for line in [
        r#"{"@timestamp":"2024-04-12T08:00:00Z","level":"info"}"#,
        r#"{"ts":1712912310.5,"level":"info"}"#,
        r#"{"eventTime":"2024-04-12T08:00:00Z"}"#,
        r#"{"created_at":1712912310000}"#,
        r#"{"__time__":"1712912310","level":"info"}"#,
        r#"{"time":"2024-04-12T08:00:00Z"}"#,
    ] {
        let run = sums(line);
        assert_eq!(
            (run.code, counts(&run)),
            (0, [1, 0, 0]),
            "{line}: {}",
            run.err
        );
        assert_ne!(run.json()["range"], Value::Null, "{line}");
    }
}

#[test]
fn texts_of_other_programs_are_refused_by_name() {
    for (content, words) in [
        (
            "{'time': '2024-04-12T16:30:30Z', 'action': 'GetBlob'}\n".repeat(3),
            "Python dicts",
        ),
        (
            "[{'time': '2024-04-12T16:30:30Z', 'tag': None}]\n".to_owned(),
            "json.dumps",
        ),
        ("{u'time': u'2024'}\n".to_owned(), "--format-output=json"),
        (
            "{ time: '2024-04-12', action: 'GetBlob' }\n".repeat(2),
            "JSON.stringify",
        ),
        (
            "{\"time\"=>\"2024\", \"action\"=>\"x\"}\n".to_owned(),
            "Ruby",
        ),
        (
            "{time=2024-04-12T16:30:30Z, action=GetBlob, tag=null}\n".repeat(2),
            "NAME=VALUE",
        ),
        ("map[action:GetBlob time:2024]\n".to_owned(), "Go"),
        (
            "time=2024-04-12T16:30:30Z action=GetBlob status=200\n".repeat(2),
            "logfmt",
        ),
        ("level=info ts=2024 msg=\"a, b\"\n".repeat(2), "logfmt"),
        ("---\ntime: 2024\naction: GetBlob\n".to_owned(), "YAML"),
        ("- time: 2024\n  action: GetBlob\n".to_owned(), "YAML"),
        (
            "<log>\n<event time=\"2024\" action=\"x\"/>\n</log>\n".to_owned(),
            "XML",
        ),
    ] {
        is_refused(content, &[words]);
    }
    // Only where there is nothing to be read.
    let run = sums(format!("{{'time': '2024'}}\n{}\n", record(0)));
    assert_eq!((run.code, counts(&run)), (0, [1, 1, 0]), "{}", run.err);
    assert!(
        run.err.contains("log:1: Python dicts, not JSON"),
        "{}",
        run.err
    );
}

#[test]
fn damage_is_told_in_plain_words() {
    for (text, words) in [
        (
            r#"{"time":"2024","action":"x" "tag":1}"#,
            "not JSON: expected `,` or `}` at byte 29 of the record",
        ),
        (
            r#"{"time":"2024","action":"x","tag":'1'}"#,
            "not JSON: expected value at byte 35 of the record",
        ),
        (r#"{"time":"2024","action":"x""#, "inside an object"),
    ] {
        let run = sums(format!("{}\n{text}\n{}\n", record(0), record(1)));
        assert_eq!(
            (run.code, counts(&run)),
            (0, [2, 1, 0]),
            "{text}: {}",
            run.err
        );
        assert!(
            run.err.contains(words) && run.err.contains("log:2: "),
            "{text}: {}",
            run.err
        );
    }
}

/// In Shift JIS and GBK a character may end in the byte of the backslash, which then escapes nothing.
#[test]
fn a_character_that_ends_in_a_backslash_costs_no_record() {
    let place = Place::new();
    for double in [b"\x95\x5c".as_slice(), b"\xd5\x5c"] {
        let line = |name: &[u8]| {
            [
                b"{\"time\":\"2024-04-12T16:58:30Z\",\"action\":\"GetBlob\",\"user_name\":\"",
                name,
                b"\"}\n",
            ]
            .concat()
        };
        let content = [line(b"ann"), line(double), line(b"bob")].concat();
        let path = place.path("log");
        std::fs::write(&path, &content).expect("written");
        let path = path.to_str().expect("UTF-8");
        let run = place.run(&["query", path, "--count"]);
        assert_eq!(
            (&run.json()["total"], &run.json()["defects"]),
            (&3.into(), &0.into()),
            "{}",
            run.err
        );
        assert!(run.err.contains("not UTF-8"), "{}", run.err);
        assert_eq!(place.run(&["query", path, "-o", "raw"]).out, content);
    }
}

/// Each byte may be a flaw of its own: they are counted, and only some are kept.
#[test]
fn defects_without_number_are_counted_and_take_no_memory() {
    let place = Place::new();
    let good = record(0).to_string();
    for (name, content, defects) in [
        ("lines", format!("{good}\n{}", "x\n".repeat(30_000)), 30_000),
        (
            "brackets",
            format!("[{good}]{}", "{".repeat(30_000)),
            30_000,
        ),
        (
            "table",
            format!(
                "time,action,tag\n2024-04-12T16:58:30Z,GetBlob,v1\n{}",
                "x,y,z\n".repeat(30_000)
            ),
            30_000,
        ),
    ] {
        let path = place.path(name);
        std::fs::write(&path, content).expect("written");
        let run = place.run(&["query", path.to_str().expect("UTF-8"), "--count"]);
        assert_eq!(
            run.json()["defects"].as_u64(),
            Some(defects),
            "{name}: {}",
            run.err
        );
        assert!(run.err.lines().count() < 8, "{name}: {}", run.err);
    }
}
