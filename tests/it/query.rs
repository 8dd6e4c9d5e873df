//! The filter language as a whole: the official examples of Simple Log Service on audit fields, error texts,
//! properties.

use std::sync::Arc;

use regtrail::query::{CatalogueNames, Node, QueryError, Test, TestOp, TimeRange, format, parse};
use serde_json::{Map, Value};

use crate::naive;

pub(crate) fn names() -> CatalogueNames {
    CatalogueNames::with(
        [
            "城市",
            "owner_id",
            "latency",
            "request method",
            "error.code",
        ]
        .map(Arc::from),
    )
}

pub(crate) fn read(text: &str) -> Result<Node, QueryError> {
    parse(text, &names())
}

fn event(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("fixture is an object")
}

/// The program's own answer for one event: tests on values, combined the way the tree says.
fn holds(node: &Node, event: &Map<String, Value>) -> bool {
    let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    match node {
        Node::All => true,
        Node::And(parts) => parts.iter().all(|part| holds(part, event)),
        Node::Or(parts) => parts.iter().any(|part| holds(part, event)),
        Node::Not(inner) => !holds(inner, event),
        Node::Test(test) => match &test.field {
            Some(field) => event
                .get(&**field)
                .map_or(test.matches_missing(), |v| test.matches(&shown(v))),
            None => event.values().any(|v| test.matches(&shown(v))),
        },
    }
}

const EVENTS: [(char, &str); 8] = [
    (
        'a',
        r#"{"http_request_method":"GET","http_response_status":"200","instance_id":"cri-hangzhou-1","tag":"v1",
        "latency":60,"namespace_repo":"ns/repo","http_request_useragent":"Chrome/120 (Linux)","user_name":"null"}"#,
    ),
    (
        'b',
        r#"{"http_request_method":"GET","http_response_status":299,"instance_id":"cri-other","tag":"",
        "latency":"60.5","namespace_repo":"repo/ns","http_request_useragent":"Mozilla/5.0 Safari","user_name":""}"#,
    ),
    (
        'c',
        r#"{"http_request_method":"POST","http_response_status":"300","instance_id":"CRI-hangzhou-1",
        "latency":"200","namespace_repo":"ns/x/repo","城市":"上海"}"#,
    ),
    (
        'd',
        r#"{"http_request_method":"PUT","http_response_status":"404","latency":"none","request method":"PUT",
        "http_request_host":"www.example.com","__source__":"192.0.2.17","__topic__":"HTTPS"}"#,
    ),
    (
        'e',
        r#"{"http_request_method":"HEAD","http_response_status":"-","__tag__:__client_ip__":"192.0.2.1",
        "http_request_useragent":"this and that","blob_digest":"sha256:4f4fab"}"#,
    ),
    (
        'f',
        r#"{"error.code":"504","latency":"","http_request_useragent":"/apis/redo_index/1/x","owner_id":"101",
        "__topic__":"HTTP"}"#,
    ),
    (
        'g',
        r#"{"error.code":"cn*","http_request_useragent":"redo_index 1","user_name":"nginx\"01\"","owner_id":"99"}"#,
    ),
    (
        'h',
        r#"{"tag":"request/path-2","http_request_useragent":"cn-shanghai","http_request_host":"aliyundoc"}"#,
    ),
];

/// Table 4.6 of the domain facts on audit fields (`latency` stands for the numeric field that the audit log has
/// no second one of), then what the language adds.
const EXAMPLES: &[(&str, &str)] = &[
    ("method:GET and status in [200 299]", "ab"),
    ("method:GET not instance:cri-hangzhou-1", "b"),
    ("method:GET or method:POST", "abc"),
    ("not method:GET", "cdefgh"),
    ("(method:GET or method:POST) not status in [200 299]", "c"),
    ("method:GET and status in [200 299] not latency>60", "a"),
    ("status:404", "d"),
    ("status=404", "d"),
    ("latency=60", "a"),
    ("latency>=60 and latency<200", "ab"),
    ("latency in [60 200)", "ab"),
    ("latency in (60 200]", "bc"),
    ("latency in (60 200)", "b"),
    ("latency:*", "abcdf"),
    ("not tag:*", "cdefg"),
    ("(latency:\"\") or (not latency > -10000000000)", "defgh"),
    ("latency > -1000000000", "abc"),
    ("\"and\"", "e"),
    ("GET 200 cri-hangzhou-1", "a"),
    ("\"request method\":PUT", "d"),
    ("\"error.code\":cn*", "g"),
    ("\"agent\": \"Chrome 120\"", "a"),
    ("tag:\"\"", "b"),
    ("not tag:\"\"", "acdefgh"),
    ("not user_name:\"null\"", "bcdefgh"),
    ("user_name:\"null\"", "a"),
    ("cn*", "gh"),
    ("agent:cn*", "h"),
    ("error.code:\"cn*\"", "g"),
    ("mozi?la", "b"),
    ("mo*la", "b"),
    ("moz* and sa*", "b"),
    ("host:www*com", "d"),
    ("host:aliyund?c", "h"),
    ("__source__:192.0.2.*", "d"),
    ("source:192.0.2.*", "d"),
    ("agent:\"Linux Chrome\"", "a"),
    ("agent:Linux and agent:Chrome", "a"),
    ("repository:/ns/repo", "abc"),
    ("tag:/request* not tag:/file-0", "h"),
    ("tag:path-2/request", "h"),
    ("#\"redo_index/1\"", "f"),
    ("agent:#\"redo_index 1\"", "g"),
    ("user_name:nginx\\\"01\\\"", "g"),
    // Simple Log Service searches the words of this in a text field; numbers compare as numbers here.
    ("owner_id>100", "f"),
    ("__topic__:HTTPS or __topic__:HTTP", "df"),
    ("__tag__:__client_ip__:192.0.2.1", "e"),
    ("\"__tag__:__client_ip__\":192.0.2.1", "e"),
    ("agent:x and error.code :504", "f"),
    ("not 城市:上海", "abdefgh"),
    // Blanks and everything.
    ("", "abcdefgh"),
    (" \n", "abcdefgh"),
    ("*", "abcdefgh"),
    ("not *", ""),
    ("* method:GET", "ab"),
    // Precedence and case of operators.
    ("method:PUT OR method:GET tag:v1", "ad"),
    ("method:PUT or method:GET tag:v1", "ad"),
    ("(method:PUT or method:GET) tag:v1", "a"),
    ("not not method:PUT", "d"),
    ("method:GET and not tag:v1", "b"),
    ("method:GET AND NOT tag:v1", "b"),
    // Numbers by value, and the same text.
    ("status:200.0", "a"),
    ("status:\"299\"", "b"),
    ("status:4*", "d"),
    ("status:\"(404)\"", "d"),
    // A field of this very name, no tag.
    ("__tag__ :x", ""),
    ("status > 298", "bcd"),
    // Ours on top.
    ("repository == ns/repo", "a"),
    ("repository == \"NS/repo\"", ""),
    ("repository != \"ns/repo\"", "bcdefgh"),
    ("agent ~ safari", "b"),
    ("agent ~ \"SAFARI\"", ""),
    ("agent =~ /^Chrome\\/\\d+/", "a"),
    ("agent =~ \"(?i)^chrome/\"", "a"),
    ("source in 192.0.2.0/24", "d"),
    ("source in (\"10.0.0.0/8\", 192.0.2.16/28)", "d"),
    ("method in (PUT, \"HEAD\")", "de"),
    ("method in (PUT)", "d"),
    ("blob_digest:\"sha256:4f4fab\"", "e"),
    ("digest:4F4F*", "e"),
];

#[test]
fn official_examples_mean_what_they_mean_in_the_console() {
    for &(query, expect) in EXAMPLES {
        let node = read(query).unwrap_or_else(|e| panic!("{query}: {e}"));
        let events = EVENTS.map(|(id, json)| (id, event(json)));
        let found: String = events
            .iter()
            .filter(|(_, e)| holds(&node, e))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(found, expect, "{query}");
        let naive: String = events
            .iter()
            .filter(|(_, e)| naive_on_fields(&node, e))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(naive, expect, "naive: {query}");
        assert_eq!(
            read(&format(&node)).as_ref(),
            Ok(&node),
            "{query} -> {}",
            format(&node)
        );
    }
}

fn naive_on_fields(node: &Node, event: &Map<String, Value>) -> bool {
    naive::matches(node, event, &|_| None, None)
}

/// Blocks of `tests/query/errors.txt`: the query, the message, the text with carets. The query is given with
/// Rust's escapes where it has characters that cannot be seen. With `BLESS` set the file is written anew.
#[test]
fn errors_say_what_was_expected_and_where() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/query/errors.txt");
    let file = std::fs::read_to_string(path).expect("data file");
    let blocks: Vec<&str> = file
        .split("\n\n")
        .filter(|b| !b.starts_with("--"))
        .map(str::trim_end)
        .collect();
    let actual: Vec<String> = blocks.iter().map(|block| check(block)).collect();
    assert!(blocks.len() > 40);
    if std::env::var_os("BLESS").is_some() {
        let head = file.split("\n\n").next().expect("a first block");
        std::fs::write(path, format!("{head}\n\n{}\n", actual.join("\n\n"))).expect("writable");
        return;
    }
    for (expect, actual) in blocks.iter().zip(&actual) {
        assert_eq!(actual, expect);
    }
}

/// The block as it should be for the query in its first line.
fn check(block: &str) -> String {
    let line = block
        .lines()
        .next()
        .expect("a block has a query")
        .strip_prefix("query  ")
        .expect("query first");
    let query = line
        .replace("\\e", "\u{1b}")
        .replace("\\u202e", "\u{202e}")
        .replace("\\u200b", "\u{200b}");
    let outcome = match read(&query) {
        Ok(node) => format!("reads as {}", format(&node)),
        Err(error) => {
            assert!(
                query.is_char_boundary(error.span.start) && query.is_char_boundary(error.span.end)
            );
            let carets: Vec<String> = error
                .caret(&query)
                .lines()
                .map(|l| format!("       {l}"))
                .collect();
            format!("error  {error}\n{}", carets.join("\n"))
        }
    };
    format!("query  {line}\n{outcome}")
}

#[test]
fn hostile_queries_are_refused_before_they_hurt() {
    let message = |text: &str| read(text).expect_err("too much").to_string();
    assert!(message(&"(".repeat(60_000)).contains("at most 64 nested parentheses"));
    assert!(message(&"x ".repeat(40_000)).contains("at most 65536 bytes"));
    assert!(message("agent =~ /(x{999}){999}/").contains("too large"));
    let nested = format!("{}x{}", "(".repeat(64), ")".repeat(64));
    assert!(read(&nested).is_ok());
    let many_nots = format!("{}x", "not ".repeat(16_000));
    assert_eq!(read(&many_nots), read("x"));
    // A tree as deep as it gets, and then as wide.
    let deep = format!("{}x{}", "(a or not (b ".repeat(32), "))".repeat(32));
    assert_eq!(read(&format(&read(&deep).expect("deep"))), read(&deep));
    assert!(
        read(
            &"a or "
                .repeat(10_000)
                .replace("a or ", "a or b ")
                .trim_end_matches(' ')
                .to_owned()[..60_000]
        )
        .is_ok()
    );
}

/// A day in nanoseconds, and the start of 2024-04-12 in UTC.
const DAY: i64 = 86_400_000_000_000;
const START: i64 = 1_712_880_000_000_000_000;

#[test]
fn times_compare_as_instants_and_days_as_days() {
    let range = |text: &str| match read(text) {
        Ok(Node::Test(Test {
            op: TestOp::Time(range),
            ..
        })) => range,
        other => panic!("{text}: {other:?}"),
    };
    for (text, since, until) in [
        ("time >= 2024-04-12", Some(START), None),
        ("time > 2024-04-12", Some(START + DAY), None),
        ("time < 2024-04-12", None, Some(START)),
        ("time <= 2024-04-12", None, Some(START + DAY)),
        ("time = 2024-04-12", Some(START), Some(START + DAY)),
        ("time >= 2024-04-12T08:00:00+08:00", Some(START), None),
        ("time > 2024-04-12T08:00:00+08:00", Some(START + 1), None),
        ("time >= \"2024-04-12 00:00\"", Some(START), None),
        (
            "time in [2024-04-12 2024-04-13)",
            Some(START),
            Some(START + DAY),
        ),
        (
            "time in [2024-04-12, 2024-04-12]",
            Some(START),
            Some(START + DAY),
        ),
        (
            "time in (1712880000 2024-04-13)",
            Some(START + 1),
            Some(START + DAY),
        ),
    ] {
        assert_eq!(range(text), TimeRange { since, until }, "{text}");
    }
    let Ok(Node::Test(test)) = read("time >= 2024-04-12") else {
        panic!("a test")
    };
    assert!(
        test.matches("2024-04-12T08:00:00+08:00") && !test.matches("2024-04-12T07:59:59.9+08:00")
    );
    assert!(!test.matches("soon") && !test.matches_missing());
}

#[test]
fn a_watchlist_matches_once_it_is_loaded() {
    let mut node = read("ip in @\"lists/bad hosts.txt\" or not user in @people").expect("reads");
    let tests = |node: &Node| {
        node.tests()
            .iter()
            .map(|t| t.matches("10.1.1.1"))
            .collect::<Vec<_>>()
    };
    assert_eq!(tests(&node), [false, false]);
    let failed = node.load(&mut |path| {
        if path == "people" {
            Err("gone".into())
        } else {
            Ok("# x\n10.0.0.0/8".into())
        }
    });
    let failed = failed.expect_err("no such list").to_string();
    assert_eq!(failed, "watchlist people: gone");
    assert_eq!(tests(&node), [true, false]);
}

/// Values and a missing field, against every kind of condition.
#[test]
fn only_a_difference_holds_for_a_missing_field() {
    for (text, missing) in [
        ("tag:*", false),
        ("tag:\"\"", false),
        ("tag:a", false),
        ("tag:#\"a\"", false),
        ("status<1", false),
        ("status in [1 2]", false),
        ("tag == a", false),
        ("tag != a", true),
        ("tag ~ \"\"", false),
        ("tag =~ //", false),
        ("ip in 0.0.0.0/0", false),
        ("tag in (a)", false),
        ("tag in @f", false),
        ("time >= 1712880000", false),
    ] {
        let Ok(Node::Test(test)) = read(text) else {
            panic!("{text}")
        };
        assert_eq!(test.matches_missing(), missing, "{text}");
        assert_eq!(naive::value_matches(&test.op, None), missing, "{text}");
    }
}
