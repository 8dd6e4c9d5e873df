//! A second evaluator of the filter language, written from the documents and not from the program, for tests
//! that hold the two against each other: slow, plain, one event at a time. Reads the tree, asks no test.

use std::net::IpAddr;

use chrono::DateTime;
use proptest::prelude::*;
use regtrail::model::{CATALOGUE, FieldKind};
use regtrail::query::{Comparison, Node, Number, Test, TestOp};
use serde_json::{Map, Value};

/// Whether an event passes. `derived` gives the derived fields by name; `time` is the event's time in
/// nanoseconds, `None` where none could be read.
pub(crate) fn matches(
    node: &Node,
    event: &Map<String, Value>,
    derived: &dyn Fn(&str) -> Option<String>,
    time: Option<i64>,
) -> bool {
    match node {
        Node::All => true,
        Node::And(parts) => parts.iter().all(|part| matches(part, event, derived, time)),
        Node::Or(parts) => parts.iter().any(|part| matches(part, event, derived, time)),
        Node::Not(inner) => !matches(inner, event, derived, time),
        Node::Test(test) => test_matches(test, event, derived, time),
    }
}

fn test_matches(
    test: &Test,
    event: &Map<String, Value>,
    derived: &dyn Fn(&str) -> Option<String>,
    time: Option<i64>,
) -> bool {
    if let TestOp::Time(range) = &test.op {
        return time.is_some_and(|t| {
            range.since.is_none_or(|s| t >= s) && range.until.is_none_or(|u| t < u)
        });
    }
    match &test.field {
        Some(field) => {
            let value = match kind(field) {
                Some(FieldKind::Derived) => derived(field),
                _ => event.get(&**field).and_then(text),
            };
            value_matches(&test.op, value.as_deref())
        }
        // All logged and unknown fields: neither reserved nor derived ones.
        None => event
            .iter()
            .filter(|(name, _)| matches!(kind(name), None | Some(FieldKind::Logged)))
            .any(|(_, value)| {
                text(value).is_some_and(|value| value_matches(&test.op, Some(&value)))
            }),
    }
}

fn kind(field: &str) -> Option<FieldKind> {
    CATALOGUE
        .fields()
        .iter()
        .find(|info| info.name == field)
        .map(|info| info.kind)
}

/// A JSON value as text: a number and its text are one value; null is no value.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether a value (`None`: the field is missing) passes a condition.
pub(crate) fn value_matches(op: &TestOp, value: Option<&str>) -> bool {
    let Some(value) = value else {
        return matches!(op, TestOp::NotExact(_));
    };
    match op {
        TestOp::Exists => true,
        TestOp::Empty => value.is_empty(),
        TestOp::Words(needle) => needle.words().iter().all(|word| {
            let pattern: Vec<char> = word.text().to_lowercase().chars().collect();
            words(value).iter().any(|found| {
                let found: Vec<char> = found.to_lowercase().chars().collect();
                if word.is_wild() {
                    wild(&pattern, &found)
                } else {
                    pattern == found
                }
            })
        }),
        TestOp::Phrase(phrase) => {
            let (phrase, value): (Vec<char>, Vec<char>) = (
                phrase.text().to_lowercase().chars().collect(),
                value.to_lowercase().chars().collect(),
            );
            (0..value.len()).any(|start| {
                let end = start + phrase.len();
                let edge = |inside: char, outside: Option<&char>| {
                    delimits(inside) || outside.is_none_or(|&c| delimits(c))
                };
                value.get(start..end) == Some(&phrase[..])
                    && edge(phrase[0], start.checked_sub(1).map(|i| &value[i]))
                    && edge(phrase[phrase.len() - 1], value.get(end))
            })
        }
        TestOp::Compare(how, number) => value.parse::<f64>().is_ok_and(|v| {
            v.is_finite() && {
                let n = float(*number);
                match how {
                    Comparison::Less => v < n,
                    Comparison::LessOrEqual => v <= n,
                    Comparison::Greater => v > n,
                    Comparison::GreaterOrEqual => v >= n,
                    Comparison::Equal => (v - n).abs() == 0.0,
                }
            }
        }),
        TestOp::Within(span) => value.parse::<f64>().is_ok_and(|v| {
            let (low, high) = (float(span.low), float(span.high));
            v.is_finite()
                && if span.low_in { v >= low } else { v > low }
                && if span.high_in { v <= high } else { v < high }
        }),
        TestOp::Exact(text) => *value == **text,
        TestOp::NotExact(text) => *value != **text,
        TestOp::Substring(needle) => {
            let needle = needle.text();
            if needle.chars().any(char::is_uppercase) {
                value.contains(needle)
            } else {
                value.to_lowercase().contains(&needle.to_lowercase())
            }
        }
        TestOp::Regex(pattern) => regex::Regex::new(pattern.text())
            .expect("it was compiled before")
            .is_match(value),
        TestOp::InNetwork(network) => in_network(&network.to_string(), value),
        TestOp::Address(pattern) => host(value).is_some_and(|ip| {
            let pattern = pattern.text().to_lowercase();
            let text = match ip {
                IpAddr::V4(v4) => v4.to_string(),
                // Written out, so that the start of an address is the start of its text.
                IpAddr::V6(v6) => v6.segments().map(|part| format!("{part:x}")).join(":"),
            };
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            wild(&chars(&pattern), &chars(&text))
        }),
        TestOp::InList(list) => list
            .items()
            .iter()
            .any(|item| **item == *value || in_network(item, value)),
        TestOp::InFile(list) => {
            list.set.is_some()
                && WATCHED
                    .iter()
                    .chain(&WATCHED_ADDRESSES)
                    .filter(|item| (*list.path == *"addresses") == WATCHED_ADDRESSES.contains(item))
                    .any(|item| *item == value || in_network(item, value))
        }
        TestOp::Time(range) => DateTime::parse_from_rfc3339(value)
            .ok()
            .and_then(|t| t.timestamp_nanos_opt())
            .is_some_and(|t| {
                range.since.is_none_or(|s| t >= s) && range.until.is_none_or(|u| t < u)
            }),
    }
}

fn float(number: Number) -> f64 {
    number.to_string().parse().expect("a number reads back")
}

fn delimits(c: char) -> bool {
    " ,'\";=()[]{}?@&<>/:\n\t\r".contains(c)
}

fn words(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for c in value.chars() {
        if delimits(c) {
            all.push(String::new());
        } else {
            all.last_mut().expect("never empty").push(c);
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

fn wild(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skip| wild(rest, &text[skip..])),
        ['?', rest @ ..] => !text.is_empty() && wild(rest, &text[1..]),
        [c, rest @ ..] => text.first() == Some(c) && wild(rest, &text[1..]),
    }
}

/// Whether the text is an address inside a block (or equal to an address), by comparing bits.
fn in_network(network: &str, value: &str) -> bool {
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, prefix.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(base), Some(prefix), Some(ip)) = (base.parse::<IpAddr>(), prefix, host(value)) else {
        return false;
    };
    if base.to_canonical().is_ipv4() != ip.is_ipv4() {
        return false;
    }
    // A block of IPv4 addresses counts its prefix from bit 96 of the mapped form.
    let prefix = if network.contains('/') && base.is_ipv4() {
        prefix + 96
    } else {
        prefix
    };
    let differ = bits(base) ^ bits(ip);
    differ.leading_zeros() >= prefix
}

/// An address as 128 bits, IPv4 in its mapped form.
fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The address in `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80`.
fn host(value: &str) -> Option<IpAddr> {
    let bracketed = value
        .strip_prefix('[')
        .and_then(|rest| rest.split(']').next());
    let without_port = value
        .split_once(':')
        .filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()))
        .map(|(h, _)| h);
    [Some(value), bracketed, without_port]
        .into_iter()
        .flatten()
        .find_map(|text| text.parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical())
}

/// The lines of the one watchlist there is; tests that load lists load these.
const WATCHED: [&str; 6] = [
    "GetBlob",
    "404",
    "10.1.0.0/16",
    "2001:db8::/48",
    "user/alice",
    "上海",
];
const WATCHED_ADDRESSES: [&str; 3] = ["10.0.0.0/8", "2001:db8::7", "192.0.2.1"];

/// Fills the watchlists of a query.
pub(crate) fn load(query: &mut Node) {
    let list = |items: &[&str]| format!("# watched\n\n{}\n", items.join(" # one\n"));
    query
        .load(&mut |path| {
            Ok(match path {
                "addresses" => list(&WATCHED_ADDRESSES),
                _ => list(&WATCHED),
            })
        })
        .expect("nothing fails");
}

/// Texts of queries over the audit fields that parse, of every form of the language.
pub(crate) fn any_query() -> impl Strategy<Value = String> {
    any_condition().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            4 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} {b}")),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) OR {b}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} not ({b})")),
            2 => inner.clone().prop_map(|a| format!("not {a}")),
            1 => inner.prop_map(|a| format!("( {a} )")),
        ]
    })
}

/// Values that events of the tests are likely to have, or nearly.
const VALUES: [&str; 28] = [
    "GetBlob",
    "GetImageManifest",
    "PutImageManifest",
    "DeleteTag",
    "GET",
    "PUT",
    "200",
    "404",
    "403",
    "500",
    "200.0",
    "ns-1/repo-1",
    "ns-1",
    "repo-1",
    "repo",
    "v1",
    "latest",
    "docker/24.0.2",
    "containerd",
    "192.0.2.1",
    "10.0.0.7:4711",
    "2001:db8::7",
    "role/ci",
    "user/alice",
    "300786:Alice",
    "sha256:abc",
    "上海",
    "Caf\u{e9}",
];
const WILD: [&str; 10] = [
    "Get*",
    "*",
    "v?",
    "ns*",
    "*anifest",
    "d*r",
    "19?.0.2.*",
    "2*",
    "repo-?",
    "上*",
];
const TEXT_FIELDS: [&str; 14] = [
    "action",
    "method",
    "repo",
    "namespace",
    "repository",
    "tag",
    "agent",
    "instance_id",
    "user_identity_principal_id",
    "user",
    "session",
    "client",
    "image",
    "trace_id",
];
const NUMBERS: [&str; 10] = [
    "0",
    "200",
    "399.5",
    "400",
    "403",
    "404",
    "500",
    "-1",
    "1712912310",
    "1e3",
];
const NETWORKS: [&str; 6] = [
    "10.0.0.0/8",
    "192.0.2.0/24",
    "192.0.2.1",
    "2001:db8::/32",
    "::ffff:10.0.0.0/104",
    "0.0.0.0/0",
];
const ADDRESSES: [&str; 6] = [
    "192.0.2.1",
    "10.0.0.7",
    "2001:DB8::7",
    "[2001:db8:0:0::7]:80",
    "::ffff:10.1.1.1",
    "10.0.0.7:4711",
];
const STARTS: [&str; 6] = [
    "10.*",
    "10.0.0.*",
    "192.0.2.?",
    "1*.1",
    "2001:db8:*",
    "2001:DB8:0:*",
];
const TIMES: [&str; 5] = [
    "2024-04-12",
    "2024-04-12T16:58:30.855892463+08:00",
    "2024-04-12T09:00Z",
    "2024-04-13T00:00:00Z",
    "1712912310",
];

fn any_condition() -> impl Strategy<Value = String> {
    let quoted = || pick(&VALUES).prop_map(|v| format!("\"{v}\""));
    let value = || prop_oneof![2 => pick(&VALUES).prop_map(str::to_owned), 1 => quoted()];
    let field = || pick(&TEXT_FIELDS);
    let number_field = || pick(&["status", "http_response_status", "__time__", "latency_ms"]);
    let compare = || pick(&["<", "<=", ">", ">=", "="]);
    let address = || pick(&["ip", "http_request_remoteaddr", "trace_id"]);
    prop_oneof![
        4 => (field(), value()).prop_map(|(f, v)| format!("{f}:{v}")),
        2 => (field(), pick(&WILD)).prop_map(|(f, v)| format!("{f}:{v}")),
        2 => value().prop_filter("a bare value ends at a colon", |v| v.starts_with('"') || !v.contains(':')),
        1 => pick(&WILD).prop_map(str::to_owned),
        1 => field().prop_map(|f| format!("{f}:*")),
        1 => field().prop_map(|f| format!("{f}:\"\"")),
        1 => (field(), quoted()).prop_map(|(f, v)| format!("{f} : #{v}")),
        1 => quoted().prop_map(|v| format!("#{v}")),
        2 => (field(), pick(&["==", "!=", "~"]), quoted()).prop_map(|(f, op, v)| format!("{f} {op} {v}")),
        1 => (field(), pick(&["^Get", "(?i)get.*", "[0-9]+$", "a|b", "\\/", "^$"])).prop_map(|(f, r)| format!("{f} =~ /{r}/")),
        3 => (number_field(), compare(), pick(&NUMBERS)).prop_map(|(f, op, n)| format!("{f}{op}{n}")),
        1 => (number_field(), pick(&NUMBERS)).prop_map(|(f, n)| format!("{f}:{n}")),
        2 => (number_field(), pick(&["[", "("]), pick(&NUMBERS), pick(&NUMBERS), pick(&["]", ")"]))
            .prop_filter("something is in it", |(_, _, low, high, _)| {
                low.parse::<f64>().expect("a number") < high.parse::<f64>().expect("a number")
            })
            .prop_map(|(f, open, a, b, close)| format!("{f} in {open}{a} {b}{close}")),
        2 => (field(), proptest::collection::vec(value(), 1..4)).prop_map(|(f, v)| format!("{f} in ({})", v.join(", "))),
        2 => (address(), pick(&NETWORKS)).prop_map(|(f, n)| format!("{f} in {n}")),
        1 => field().prop_map(|f| format!("{f} in @watched")),
        2 => prop_oneof![pick(&ADDRESSES), pick(&NETWORKS), pick(&STARTS)].prop_map(|a| format!("ip:{a}")),
        1 => pick(&ADDRESSES).prop_map(|a| format!("http_request_remoteaddr:\"{a}\"")),
        1 => (pick(&["==", "!="]), prop_oneof![pick(&VALUES[19..22]), pick(&NETWORKS)]).prop_map(|(op, a)| format!("ip {op} {a}")),
        1 => (pick(&["ip", "http_request_remoteaddr"]), pick(&ADDRESSES[..3]), pick(&NETWORKS)).prop_map(|(f, a, n)| format!("{f} in ({a}, \"{n}\")")),
        1 => pick(&["ip", "http_request_remoteaddr"]).prop_map(|f| format!("{f} in @addresses")),
        1 => (pick(&["outcome:", "outcome == ", "outcome != "]), pick(&["ok", "denied", "missing", "failed"])).prop_map(|(f, v)| format!("{f}{v}")),
        1 => (pick(&["<", "<=", ">", ">=", "="]), pick(&TIMES)).prop_map(|(op, t)| format!("time {op} {t}")),
        1 => (pick(&TIMES), pick(&TIMES[3..4])).prop_filter("goes on", |(a, b)| a != b).prop_map(|(a, b)| format!("time in [{a} {b})")),
    ]
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

/// Values to hold against conditions: the likely ones, pieces of them, and anything.
pub(crate) fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => pick(&VALUES).prop_map(str::to_owned),
        1 => (pick(&VALUES), pick(&[" ", "/", ":", ""]), pick(&VALUES)).prop_map(|(a, by, b)| format!("{a}{by}{b}")),
        1 => pick(&["", "2024-04-12T16:58:30.855892463+08:00", "1712912310", "[2001:db8::7]:80", "::ffff:10.1.1.1"]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9 /:.é上\"*?-]{0,12}",
    ]
}
