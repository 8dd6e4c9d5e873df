//! The filter language as a whole: the official examples of Simple Log Service on audit fields, error texts,
//! properties.

use std::sync::Arc;

use proptest::prelude::*;
use regtrail::query::{
    CatalogueNames, Comparison, Filter, Interval, List, Network, Node, Number, Pattern, Phrase,
    QueryError, Substring, Test, TestOp, TimeRange, Watchlist, Words, complete, edit, format,
    parse, to_sls,
};
use serde_json::{Map, Value};

use crate::naive;

fn names() -> CatalogueNames {
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

fn read(text: &str) -> Result<Node, QueryError> {
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
    let query = line.replace("\\e", "\u{1b}").replace("\\u202e", "\u{202e}");
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
    assert!(message(&"(".repeat(60_000)).contains("at most 64 parentheses"));
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
            "time in (1712880000 1712880000]",
            Some(START + 1),
            Some(START + 1),
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
    assert_eq!(failed, Err(("people".into(), "gone".into())));
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

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_.*?/:|()\\[\\]{}<>=!~#@,;'\"\\\\ \n\t-]{0,12}",
        "\\PC{0,8}",
        any::<String>().prop_map(|s| s.chars().take(8).collect()),
    ]
}

fn any_number() -> impl Strategy<Value = Number> {
    let float = any::<f64>().prop_filter_map("finite", |f| Number::parse(&format!("{f:?}")));
    prop_oneof![
        any::<i128>().prop_map(Number::Int),
        (0..1000_i128).prop_map(Number::Int),
        float
    ]
}

fn any_test() -> impl Strategy<Value = Node> {
    let text_fields = prop_oneof![
        Just("action"),
        Just("namespace_repo"),
        Just("user"),
        Just("城市"),
        Just("request method"),
        Just("__source__"),
        Just("__tag__:__client_ip__"),
        Just("__tag__:a b"),
        Just("http_response_status"),
        Just("time"),
    ];
    let number_fields = prop_oneof![
        Just("http_response_status"),
        Just("__time__"),
        Just("owner_id")
    ];
    let how = prop_oneof![
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
        Just(Comparison::Equal),
    ];
    let quoted = || any_text().prop_filter_map("words", |t| Words::literal(&t));
    // Unquoted text as the parser would have cut it out of a query.
    let typed = || {
        "[a-z0-9é~#!\\\\*?/:|'-]{1,10}".prop_filter_map("words", |t| {
            Words::typed(&t.replace('|', ""))
                .filter(|w| !w.words().iter().any(|w| w.text().ends_with('\\')))
        })
    };
    let words = || prop_oneof![quoted(), typed()];
    let network = (any::<u32>(), 0..=32_u8)
        .prop_map(|(ip, len)| format!("{}/{len}", std::net::Ipv4Addr::from(ip)));
    let network6 = (any::<u128>(), 0..=128_u8)
        .prop_map(|(ip, len)| format!("{}/{len}", std::net::Ipv6Addr::from(ip)));
    let time = (any::<Option<i64>>(), any::<Option<i64>>())
        .prop_filter("an end", |(since, until)| {
            since.is_some() || until.is_some()
        })
        .prop_map(|(since, until)| TestOp::Time(TimeRange { since, until }));
    let op = prop_oneof![
        Just(TestOp::Exists),
        Just(TestOp::Empty),
        any_text()
            .prop_filter_map("a word", |t| Phrase::new(&t))
            .prop_map(TestOp::Phrase),
        any_text().prop_map(|t| TestOp::Exact(t.into())),
        any_text().prop_map(|t| TestOp::NotExact(t.into())),
        any_text().prop_map(|t| TestOp::Substring(Substring::new(&t).expect("short"))),
        any_text()
            .prop_filter_map("compiles", |t| Pattern::new(&t).ok())
            .prop_map(TestOp::Regex),
        prop_oneof![network, network6]
            .prop_map(|n| TestOp::InNetwork(Network::parse(&n).expect("a network"))),
        proptest::collection::vec(any_text().prop_map(Arc::from), 1..4)
            .prop_map(|v| TestOp::InList(List::new(v))),
        any_text().prop_map(|path| TestOp::InFile(Watchlist::new(&path))),
    ];
    let interval = (any_number(), any::<bool>(), any_number(), any::<bool>()).prop_map(
        |(low, low_in, high, high_in)| {
            TestOp::Within(Interval {
                low,
                low_in,
                high,
                high_in,
            })
        },
    );
    let numeric = prop_oneof![
        (how, any_number()).prop_map(|(how, n)| TestOp::Compare(how, n)),
        interval
    ];
    let bare = |w: &Words| {
        !w.words()
            .iter()
            .any(|w| w.is_wild() && w.text().contains('~'))
    };
    // On a numeric field a single number after `:` is a comparison, not a word.
    let no_number =
        |w: &Words| !(w.words().len() == 1 && Number::parse(w.words()[0].text()).is_some());
    prop_oneof![
        2 => (text_fields.clone(), op).prop_map(|(f, op)| Node::Test(Test::new(f, op))),
        2 => (text_fields, words().prop_filter("no number", no_number)).prop_map(|(f, w)| Node::Test(Test::new(f, TestOp::Words(w)))),
        1 => (number_fields, numeric).prop_map(|(f, op)| Node::Test(Test::new(f, op))),
        1 => time.prop_map(|op| Node::Test(Test::new("time", op))),
        1 => words().prop_filter("bare words end at `~`", bare).prop_map(|w| Node::and(w.split().map(|w| Node::Test(Test { field: None, op: TestOp::Words(w) })))),
        1 => any_text().prop_filter_map("a word", |t| Phrase::new(&t)).prop_map(|p| Node::Test(Test { field: None, op: TestOp::Phrase(p) })),
    ]
}

fn any_node() -> impl Strategy<Value = Node> {
    prop_oneof![20 => any_test(), 1 => Just(Node::All)].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::and),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::or),
            inner.prop_map(Node::negate),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn format_reads_back_as_the_same_tree(node in any_node()) {
        let text = format(&node);
        prop_assert_eq!(read(&text), Ok(node), "{}", text);
    }

    #[test]
    fn generated_queries_read_and_read_back(text in naive::any_query()) {
        let node = read(&text);
        prop_assert!(node.is_ok(), "{}: {:?}", text, node);
        let node = node.expect("just asserted");
        prop_assert_eq!(read(&format(&node)), Ok(node.clone()));
        let more = edit::append(&text, "tag:v1 or tag:v2");
        let both = Node::and([node, read("tag:v1 or tag:v2").expect("reads")]);
        prop_assert_eq!(read(&more), Ok(both), "{}", more);
    }

    #[test]
    fn tests_on_values_agree_with_the_naive_evaluator(
        query in naive::any_query(),
        values in proptest::collection::vec(naive::any_value(), 1..8),
    ) {
        let node = read(&query).expect("generated queries read");
        for test in node.tests() {
            prop_assert_eq!(test.matches_missing(), naive::value_matches(&test.op, None));
            for value in &values {
                prop_assert_eq!(test.matches(value), naive::value_matches(&test.op, Some(value)), "{:?} {:?}", test, value);
            }
        }
    }

    #[test]
    fn quoted_values_are_found_by_the_value(text in any_text()) {
        let query = format!("action == {}", edit::quote(&text));
        prop_assert_eq!(read(&query), Ok(Node::Test(Test::new("action", TestOp::Exact(text.into())))));
    }

    /// What the service would select, by the official meaning of the text, holds everything that ours does.
    #[test]
    fn an_sls_search_selects_no_fewer_events(
        query in naive::any_query(),
        values in proptest::collection::vec(proptest::option::of(naive::any_value()), 9),
    ) {
        const FIELDS: [&str; 9] = [
            "action", "http_request_method", "namespace_repo", "tag", "http_request_useragent", "instance_id",
            "http_request_remoteaddr", "repo", "namespace",
        ];
        let event: Map<String, Value> = FIELDS.into_iter().zip(values)
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect();
        let derived = |name: &str| {
            let value = |name: &str| event.get(name).and_then(Value::as_str);
            match name {
                "image" => Some(format!("{}:{}", value("namespace_repo")?, value("tag")?)),
                _ => None,
            }
        };
        let node = read(&query).expect("generated queries read");
        let sls = to_sls(&Filter { query: node.clone(), ..Filter::default() });
        let theirs = read(&sls.query);
        prop_assert!(theirs.is_ok(), "{}", sls.query);
        let theirs = theirs.expect("just asserted");
        prop_assert!(sls.left_out.is_empty() || !query.is_empty());
        let time = Some(1_712_912_310_000_000_000);
        let selected = naive::matches(&theirs, &event, &derived, time);
        let ours = naive::matches(&node, &event, &derived, time);
        prop_assert!(selected || !ours, "{} -> {}", query, sls.query);
        if sls.left_out.is_empty() && sls.from.is_none() && sls.to.is_none() {
            prop_assert_eq!(selected, ours, "{} -> {}", query, sls.query);
        }
    }
}

/// Cheap random numbers for the fuzz run below, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Whatever the text, reading it, completing in it and showing the error comes to an end without a panic; and
/// what reads, reads back.
#[test]
fn no_text_makes_the_language_panic() {
    const PIECES: [&str; 44] = [
        "and",
        "or",
        "not",
        "in",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "\\",
        "\\\"",
        "#",
        "#\"",
        "*",
        "?",
        ":",
        "=",
        "==",
        "!=",
        "~",
        "=~",
        "/",
        "<",
        ">=",
        "|",
        "@",
        ",",
        " ",
        "\n",
        "action",
        "status",
        "time",
        "ip",
        "__tag__",
        "200",
        "-1",
        "1e9",
        "10.0.0.0/8",
        "2024-04-12",
        "é",
        "城",
        "\u{202e}",
        "\u{1b}",
        "\u{3000}",
    ];
    let names = names();
    let mut random = Random(7);
    for _ in 0..20_000 {
        let text: String = (0..random.below(14))
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect();
        match parse(&text, &names) {
            Ok(node) => {
                let formatted = format(&node);
                assert_eq!(
                    parse(&formatted, &names),
                    Ok(node.clone()),
                    "{text:?} -> {formatted:?}"
                );
                to_sls(&Filter {
                    query: node,
                    ..Filter::default()
                });
            }
            Err(error) => {
                let shown = format!("{error}{}", error.caret(&text).replace('\n', ""));
                assert!(
                    !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
                    "{shown:?}"
                );
            }
        }
        let cursor = random.below(text.len() + 3);
        let found = complete(&text, cursor, &names);
        assert!(text.get(found.span.clone()).is_some(), "{text:?} {found:?}");
        edit::append(&text, "x");
    }
}
