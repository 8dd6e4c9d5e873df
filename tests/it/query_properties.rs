//! Properties of the filter language over random trees, queries, values and texts.

use std::sync::Arc;

use proptest::prelude::*;
use regtrail::query::{
    Addresses, Comparison, Filter, Interval, List, Network, Node, Number, Pattern, Phrase,
    Substring, Test, TestOp, TimeRange, Watchlist, Words, complete, edit, format, parse, to_sls,
};
use serde_json::{Map, Value};

use crate::naive;
use crate::query::{names, read};

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
        Just("__tag__"),
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
        // What begins with an exclamation mark is refused: a negation is written with `not`.
        "[a-z0-9é~#\\\\*?/:|'-][a-z0-9é~#!\\\\*?/:|'-]{0,9}".prop_filter_map("words", |t| {
            Words::typed(&t.replace('|', ""))
                .filter(|w| !w.words().iter().any(|w| w.text().ends_with('\\')))
                .filter(|w| !w.words()[0].text().starts_with('!'))
        })
    };
    let words = || prop_oneof![quoted(), typed()];
    let network = (any::<u32>(), 0..=32_u8)
        .prop_map(|(ip, len)| format!("{}/{len}", std::net::Ipv4Addr::from(ip)));
    let network6 = (any::<u128>(), 0..=128_u8)
        .prop_map(|(ip, len)| format!("{}/{len}", std::net::Ipv6Addr::from(ip)));
    let time = (any::<Option<i64>>(), any::<Option<i64>>())
        .prop_filter("an end", |(since, until)| match (since, until) {
            (Some(since), Some(until)) => since < until,
            _ => since.is_some() || until.is_some(),
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
        proptest::collection::vec(any_text().prop_map(Arc::from), 1..4)
            .prop_map(|v| TestOp::InList(List::new(v))),
        any_text().prop_map(|path| TestOp::InFile(Watchlist::new(&path))),
    ];
    // Networks are refused on fields of the log that hold no addresses.
    let networks = prop_oneof![network, network6]
        .prop_map(|n| TestOp::InNetwork(Network::parse(&n).expect("a network")));
    let ends = (any_number(), any::<bool>(), any_number(), any::<bool>())
        .prop_filter("something is in it", |(low, _, high, _)| {
            low.order(*high).is_lt()
        });
    let interval = ends.prop_map(|(low, low_in, high, high_in)| {
        TestOp::Within(Interval {
            low,
            low_in,
            high,
            high_in,
        })
    });
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
        1 => networks.prop_map(|op| Node::Test(Test::new("http_request_remoteaddr", op))),
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
        let mut node = read(&query).expect("generated queries read");
        naive::load(&mut node);
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
        let mut node = read(&query).expect("generated queries read");
        naive::load(&mut node);
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

/// An address that is not far from others, as a log or a person may write it.
fn any_address() -> impl Strategy<Value = (std::net::IpAddr, String)> {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    let v4 = (
        prop_oneof![Just(10_u8), Just(110), any::<u8>()],
        0..3_u8,
        0..3_u8,
        0..30_u8,
    )
        .prop_map(|(a, b, c, d)| Ipv4Addr::new(a, b, c, d));
    let v4 = (v4, 0..5_u8).prop_map(|(ip, how)| {
        let mapped = ip.to_ipv6_mapped();
        let text = match how {
            0 | 1 => ip.to_string(),
            2 => format!("{ip}:443"),
            3 => format!("::FFFF:{ip}"),
            _ => format!("[{mapped}]:80"),
        };
        (IpAddr::from(ip), text)
    });
    let groups = [0x2001_u16, 0xdb8, 0, 0, 0, 0, 0, 1];
    let v6 = (
        0..8_usize,
        prop_oneof![Just(0_u16), Just(0xdb8), any::<u16>()],
        0..5_u8,
    );
    let v6 = v6.prop_map(move |(at, group, how)| {
        let mut groups = groups;
        groups[at] = group;
        let ip = Ipv6Addr::from(groups);
        let long = groups.map(|group| format!("{group:04X}")).join(":");
        let text = match how {
            0 | 1 => ip.to_string(),
            2 => ip.to_string().to_uppercase(),
            3 => long,
            _ => format!("[{long}]:80"),
        };
        (IpAddr::from(ip).to_canonical(), text)
    });
    prop_oneof![v4, v6]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Addresses and networks, held against a library that knows them as numbers.
    #[test]
    fn addresses_match_as_numbers_do(
        (needle, spelled) in any_address(),
        (logged, value) in any_address(),
        prefix in 0..=128_u8,
        quoted in any::<bool>(),
    ) {
        let quote = |text: &str| if quoted { format!("\"{text}\"") } else { text.to_owned() };
        let canonical = regtrail::model::derive::ip(&value).expect("an address").into_owned();
        let holds = |query: &str, negated: bool| match read(query) {
            Ok(Node::Test(test)) if !negated => test.matches(&canonical),
            Ok(Node::Not(inner)) if negated => match &*inner {
                Node::Test(test) => !test.matches(&canonical),
                other => panic!("{query}: {other:?}"),
            },
            other => panic!("{query}: {other:?}"),
        };
        let same = needle == logged;
        prop_assert_eq!(holds(&format!("ip:{}", quote(&spelled)), false), same);
        prop_assert_eq!(holds(&format!("not ip:{}", quote(&spelled)), true), !same);
        prop_assert_eq!(holds(&format!("ip in (\"{spelled}\", 192.0.2.77)"), false), same);
        let list = regtrail::query::ValueSet::parse(&format!("{spelled} # x"), Addresses::Whole);
        prop_assert_eq!(list.expect("one entry").matches(&canonical), same);

        let prefix = if needle.is_ipv4() { prefix.min(32) } else { prefix };
        let net = ipnet::IpNet::new(needle, prefix).expect("fits");
        let inside = net.contains(&logged);
        for query in [format!("ip:{}", quote(&net.to_string())), format!("ip in {net}"), format!("ip == {net}"),
            format!("ip in (192.0.2.77, {net})")] {
            prop_assert_eq!(holds(&query, false), inside, "{} {}", query, value);
        }
        prop_assert_eq!(holds(&format!("ip != {}", quote(&net.to_string())), true), !inside);

        let (low, high) = (needle.min(logged), needle.max(logged));
        if low.is_ipv4() == high.is_ipv4() {
            let range = format!("ip in ({low}-{high})");
            prop_assert!(holds(&range, false), "{}", range);
        }
        // Whole parts and `*` are a network.
        let start = match needle {
            std::net::IpAddr::V4(v4) => v4.octets()[..=usize::from(prefix % 3)].iter()
                .map(u8::to_string).chain([String::new()]).collect::<Vec<_>>().join("."),
            std::net::IpAddr::V6(v6) => v6.segments()[..=usize::from(prefix % 7)].iter()
                .map(|part| format!("{part:x}")).chain([String::new()]).collect::<Vec<_>>().join(":"),
        };
        let parts = start.matches(['.', ':']).count() as u8;
        let bits = if needle.is_ipv4() { parts * 8 } else { parts * 16 };
        let net = ipnet::IpNet::new(needle, bits).expect("fits").trunc();
        prop_assert_eq!(holds(&format!("ip:{start}*"), false), net.contains(&logged), "{}* {}", start, value);
    }

    /// Whatever a watchlist holds, reading it ends: with a set, or with the line that is wrong.
    #[test]
    fn any_text_is_a_watchlist_or_names_a_line(lines in proptest::collection::vec(any_text(), 0..6)) {
        let text = lines.join("\n");
        for kind in [Addresses::No, Addresses::Logged, Addresses::Whole] {
            match regtrail::query::ValueSet::parse(&text, kind) {
                Ok(set) => prop_assert!(!set.is_empty()),
                Err((line, reason)) => {
                    prop_assert!(line.is_none_or(|line| line <= text.lines().count()));
                    prop_assert!(!reason.contains(char::is_control), "{:?}", reason);
                }
            }
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
