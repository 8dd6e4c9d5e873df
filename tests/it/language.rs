//! The filter language and its lists on the real binary: addresses, watchlists, signs that look like those of the
//! language, conditions and options that nothing can match, the order of equal events.

use regtrail::query::{CatalogueNames, as_shown};
use serde_json::Value;

use crate::e2e::{Place, Run};

/// Three events, the third refused, all of different addresses.
const AUDIT: &str = r#"{"time": "2024-04-12T16:30:30.855892463+08:00", "action": "GetImageManifest", "namespace_repo": "shop/cart", "tag": "v0", "user_name": "ann@acme", "http_response_status": "200", "http_request_remoteaddr": "198.51.100.1:40000", "http_request_useragent": "docker/24.0.2"}
{"time": "2024-04-12T16:31:30.855892463+08:00", "action": "PutImageManifest", "namespace_repo": "shop/cart", "tag": "v1", "user_name": "bob@acme", "http_response_status": "201", "http_request_remoteaddr": "198.51.100.2:40001", "http_request_useragent": "docker/24.0.2"}
{"time": "2024-04-12T16:32:30.855892463+08:00", "action": "DeleteTag", "namespace_repo": "shop/cart", "tag": "v2", "user_name": "ann@acme", "http_response_status": "403", "http_request_remoteaddr": "198.51.100.3:40002", "http_request_useragent": "docker/24.0.2"}
"#;

/// A log of its own.
struct Log {
    place: Place,
    path: String,
}

impl Log {
    fn new(content: &str) -> Self {
        let place = Place::new();
        let path = place.file("audit.ndjson", content);
        Self { place, path }
    }

    /// An event for each address as it is logged.
    fn of_addresses(addresses: &[&str]) -> Self {
        let event = |(at, address): (usize, &&str)| {
            format!(
                r#"{{"time":"2024-04-12T16:30:{at:02}+08:00","action":"GetBlob","http_request_remoteaddr":"{address}"}}"#
            )
        };
        Self::new(
            &addresses
                .iter()
                .enumerate()
                .map(event)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }

    fn query(&self, args: &[&str]) -> Run {
        self.place.run(&[&["query", &self.path], args].concat())
    }

    /// How many events match.
    fn count(&self, args: &[&str]) -> u64 {
        let run = self.query(&[args, &["--count"]].concat());
        // A pick of nothing comes with suggestions.
        let is_suggestion = run.code == 1 && run.err.starts_with("regtrail: no ");
        let is_quiet = run.err.is_empty() || is_suggestion;
        assert!(run.code < 2 && is_quiet, "{args:?}: {}", run.err);
        let answer: Value = serde_json::from_slice(&run.out).expect("an object");
        answer["matched"].as_u64().expect("a number")
    }

    fn matches(&self, query: &str) -> u64 {
        self.count(&["-f", query])
    }

    /// What is said of a command line that is wrong.
    fn refused(&self, args: &[&str]) -> String {
        let run = self.query(args);
        assert_eq!((run.code, run.out.len()), (2, 0), "{args:?}: {}", run.err);
        run.err
    }
}

#[test]
fn a_picked_network_is_no_value_that_nothing_has() {
    let log = Log::new(AUDIT);
    assert_eq!(log.count(&["--ip", "198.51.100.0/24"]), 3);
    assert_eq!(log.matches("ip == 198.51.100.0/24"), 3);
    assert_eq!(log.count(&["--ip", "!198.51.100.0/31"]), 2);
    assert_eq!(
        log.count(&["--ip", "198.51.100.0/31", "--ip", "198.51.100.3"]),
        2
    );
    assert_eq!(
        log.count(&["--ip", "198.51.100.0/24", "--ip", "!198.51.100.2"]),
        2
    );
    assert_eq!(log.count(&["--ip", "198.51.100.*"]), 3);
    assert_eq!(log.count(&["--ip", "[::ffff:198.51.100.1]:443"]), 1);
    assert_eq!(log.count(&["--ip", "10.0.0.0/8"]), 0);
    // A facet leaves out its own picks, networks as well.
    let run = log.query(&["--ip", "198.51.100.0/31", "--facet", "ip", "--count"]);
    let answer: Value = serde_json::from_slice(&run.out).expect("an object");
    assert_eq!(answer["matched"], 1);
    assert_eq!(answer["facets"][0]["distinct"], 3);
}

#[test]
fn an_address_is_found_in_any_spelling_and_as_a_whole() {
    let log = Log::of_addresses(&[
        "10.0.0.1:80",
        "10.0.0.10:80",
        "110.0.0.1",
        "[2001:DB8:0:0::1]:443",
        "2001:db8::10",
        "db8::2001:1",
        "::ffff:10.0.0.1",
        "140.xx.xx.xx",
    ]);
    for (query, found) in [
        ("ip:10.0.0.1", 2),
        ("ip:10.0.0.1:443", 2),
        ("ip:\"::FFFF:10.0.0.1\"", 2),
        ("ip:2001:db8::1", 1),
        ("ip:2001:0DB8:0000::0001", 1),
        ("ip:[2001:db8::1]:9", 1),
        ("ip == 2001:DB8::1", 1),
        ("not ip:2001:db8::1", 7),
        ("ip != 2001:DB8::1", 7),
        ("ip:2001:db8::", 0),
        ("ip:10.0.0.0/8", 3),
        ("ip in 10.0.0.0/8", 3),
        ("ip == 10.0.0.0/8", 3),
        ("ip == \"10.0.0.0/8\"", 3),
        ("ip != 10.0.0.0/8", 5),
        ("not ip:10.0.0.0/8", 5),
        ("ip:10.*", 3),
        ("ip:10.0.0.1*", 3),
        ("ip:2001:db8:*", 2),
        ("ip:2001:db8::/32", 2),
        ("ip in (10.0.0.0/31, \"2001:db8::10\")", 3),
        (
            "ip in (10.0.0.2-10.0.0.20, \"[2001:DB8::1]:443\", 110.*)",
            3,
        ),
        ("ip == \"140.xx.xx.xx\"", 1),
        ("ip:*", 8),
        ("http_request_remoteaddr in 10.0.0.0/8", 3),
        ("http_request_remoteaddr:10.0.0.1", 2),
        ("http_request_remoteaddr in (\"10.0.0.1:80\", 110.0.0.1)", 2),
    ] {
        assert_eq!(log.matches(query), found, "{query}");
    }
    assert_eq!(log.count(&["--ip", "2001:DB8::1"]), 1);
    assert_eq!(log.count(&["--ip", "140.xx.xx.xx"]), 1);
}

/// A server that listens on IPv6 writes the address of an IPv4 client so.
#[test]
fn an_address_mapped_into_ipv6_is_no_other_client() {
    let log = Log::of_addresses(&[
        "10.0.0.1:80",
        "::ffff:10.0.0.1",
        "::FFFF:a00:1",
        "[::ffff:10.0.0.1]:443",
        "::ffff:10.0.0.1:443",
        "0:0:0:0:0:ffff:10.0.0.1",
        "10.0.0.1:",
        "10.0.0.2",
    ]);
    for query in [
        "ip:10.0.0.1",
        "ip == 10.0.0.1",
        "ip == ::ffff:10.0.0.1",
        "ip == \"[::ffff:10.0.0.1]:80\"",
        "ip in (10.0.0.1)",
        "ip in 10.0.0.1/32",
        "not ip != 10.0.0.1",
    ] {
        assert_eq!(log.matches(query), 7, "{query}");
    }
    assert_eq!(log.count(&["--ip", "10.0.0.1"]), 7);
    assert_eq!(log.count(&["--ip", "::ffff:10.0.0.1"]), 7);
    assert_eq!(log.count(&["--ip", "::FFFF:a00:1"]), 7);
    assert_eq!(log.count(&["--ip", "!10.0.0.1"]), 1);
    let run = log.query(&["--facet", "ip"]);
    let answer: Value = serde_json::from_slice(&run.out).expect("an object");
    assert_eq!(answer["facets"][0]["distinct"], 2);
    assert_eq!(answer["facets"][0]["values"][0]["value"], "10.0.0.1");
}

#[test]
fn a_value_asked_for_and_left_out_is_not_the_last_of_the_two() {
    let log = Log::new(AUDIT);
    for (option, value) in [
        ("--action", "DeleteTag"),
        ("--status", "403"),
        ("--user", "user/ann@acme"),
        ("--repo", "shop/cart"),
        ("--instance", "cri-1"),
        ("--ip", "198.51.100.1"),
        ("--ip", "198.51.100.0/24"),
    ] {
        let no = format!("!{value}");
        for args in [[option, value, option, &no], [option, &no, option, value]] {
            let said = log.refused(&args);
            assert!(said.contains("nothing can match; drop one"), "{said}");
        }
    }
    let args = ["--ip", "198.51.100.*", "--ip", "!198.51.100.7/24"];
    assert!(log.refused(&args).contains("nothing can match"));
    // Of two networks, or an address in one, both conditions hold.
    let args = ["--ip", "198.51.100.1", "--ip", "!198.51.100.0/24"];
    assert_eq!(log.count(&args), 0);
}

#[test]
fn a_pick_of_a_view_is_not_undone_by_an_option_for_its_opposite() {
    let log = Log::new(AUDIT);
    let views = log.place.path("config/regtrail/views");
    std::fs::create_dir_all(views).expect("a directory");
    log.place.file(
        "config/regtrail/views/v.toml",
        "[[pick]]\nfield = \"action\"\ninclude = [\"DeleteTag\", \"PutImageManifest\"]\nexclude = [\"GetBlob\"]\n",
    );
    let view = |more: &[&str]| log.count(&[&["--view", "v"], more].concat());
    assert_eq!(view(&[]), 2);
    assert_eq!(view(&["--action", "!DeleteTag"]), 1);
    assert_eq!(
        view(&["--action", "!DeleteTag", "--action", "!PutImageManifest"]),
        0
    );
    assert_eq!(view(&["--action", "GetImageManifest"]), 3);
    let got = "{\"time\":\"2024-04-12T16:30:30+08:00\",\"action\":\"GetBlob\"}\n";
    log.place.file("audit.ndjson", got);
    assert_eq!(view(&["--action", "GetBlob"]), 0);
}

#[test]
fn comments_in_a_watchlist_hide_no_address() {
    let log = Log::new(AUDIT);
    let list = |name: &str, content: &[u8]| format!("ip in @\"{}\"", log.place.file(name, content));
    let commented = list("watch.txt", b"198.51.100.1  # scanner\n198.51.100.2\n");
    assert_eq!(log.matches(&commented), 2);
    assert_eq!(log.matches(&format!("not {commented}")), 1);
    let windows = list(
        "windows.txt",
        b"\xef\xbb\xbf198.51.100.1\t# scanner\r\n\r\n# all\r\n 198.51.100.2 \r\n",
    );
    assert_eq!(log.matches(&windows), 2);
    let utf16: Vec<u8> = "\u{feff}198.51.100.0/31\r\n198.51.100.3\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(log.matches(&list("utf16.txt", &utf16)), 2);
    let ranges = list(
        "ranges.txt",
        b"198.51.100.2-198.51.100.9\n[2001:DB8::1]:80\n",
    );
    assert_eq!(log.matches(&ranges), 2);
    let users = log
        .place
        .file("users.txt", "user/ann@acme # on leave\n\"user/bob@acme\"\n");
    assert_eq!(log.matches(&format!("user in @\"{users}\"")), 3);
}

#[test]
fn a_bad_entry_of_a_watchlist_is_named_by_its_line() {
    let log = Log::new(AUDIT);
    for entry in [
        "10.0.0.0/33",
        "10.0.0.9-10.0.0.1",
        "198.51.100.1,198.51.100.2",
        "198.51.100.1 198.51.100.2",
        "scanner.example",
        "address",
        "198.51.100",
        "300.1.1.1",
    ] {
        let file = log
            .place
            .file("watch.txt", format!("198.51.100.1\n\n{entry}\n"));
        let said = log.refused(&["-f", &format!("ip in @\"{file}\""), "--count"]);
        let wanted = format!("{file}:3: \"{entry}\" is not a valid address or network; ");
        assert!(
            said.starts_with(&format!("regtrail: --filter: {wanted}")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let empty = log.place.file("empty.txt", "# to do\n");
    let said = log.refused(&["-f", &format!("user in @\"{empty}\"")]);
    assert!(said.contains("empty.txt: contains no values"), "{said}");
}

#[test]
fn full_width_signs_are_pointed_at_and_not_sought() {
    let log = Log::new(AUDIT);
    for (query, meant) in [
        ("action：DeleteTag", "action:DeleteTag"),
        ("action:“DeleteTag”", "action:DeleteTag"),
        (
            "action:DeleteTag，status:403",
            "action:DeleteTag and status:403",
        ),
        (
            "action：“DeleteTag”，status：403",
            "action:DeleteTag and status:403",
        ),
        ("status＞＝400", "status>=400"),
        ("（action:DeleteTag）", "(action:DeleteTag)"),
        ("status≥400", "status>=400"),
        ("status ≤ 400", "status <= 400"),
        ("status≠403", "status!=403"),
        ("action:「DeleteTag」", "action:DeleteTag"),
        ("action:《DeleteTag》", "action:DeleteTag"),
        ("status in 【200 299】", "status in [200 299]"),
        ("action:DeleteTa？", "action:DeleteTa?"),
        ("status:４０４", "status:404"),
        ("action!＝GetBlob", "action!=GetBlob"),
        (
            "action:GetBlob＆status:403",
            "action:GetBlob and status:403",
        ),
        (
            "action:GetBlob ＆＆ status:403",
            "action:GetBlob and status:403",
        ),
        ("tag:＃\"v 1\"", "tag:#\"v 1\""),
        (
            "action:GetBlob ＡＮＤ status:403",
            "action:GetBlob AND status:403",
        ),
        ("action:GetBlob；", "action:GetBlob"),
        (
            "action:GetBlob， status:403",
            "action:GetBlob and status:403",
        ),
        ("ip:10.0.0.0／8", "ip:10.0.0.0/8"),
        ("ip:2001：db8::1", "ip:2001:db8::1"),
        ("action:ＧetBlob", "action:GetBlob"),
        (
            "action in （DeleteTag，GetBlob）",
            "action in (DeleteTag, GetBlob)",
        ),
        ("action:Delete＊", "action:Delete*"),
        ("action:\u{200b}DeleteTag", "action:DeleteTag"),
        (
            "action:DeleteTag,status:403",
            "action:DeleteTag and status:403",
        ),
    ] {
        let said = log.refused(&["-f", query, "--count"]);
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
        assert!(log.query(&["-f", meant]).code < 2, "{meant}");
    }
    assert_eq!(log.matches("action:DeleteTag\u{3000}status:403"), 1);
}

/// A field that only the records know is as good as any other, and text is text.
#[test]
fn chinese_names_and_values_keep_their_meaning() {
    let log = Log::new(
        "{\"time\":\"2024-04-12T16:30:30+08:00\",\"action\":\"a\",\"城市\":\"上海\"}\n\
         {\"time\":\"2024-04-12T16:30:31+08:00\",\"action\":\"b\",\"城市\":\"上海：浦东（新区）\"}\n\
         {\"time\":\"2024-04-12T16:30:32+08:00\",\"action\":\"错误：超时\"}\n",
    );
    for (query, found) in [
        ("城市:上海", 1),
        ("not 城市:上海", 2),
        ("城市:\"上海：浦东（新区）\"", 1),
        ("城市 == \"上海：浦东（新区）\"", 1),
        ("城市:上海：浦东（新区）", 1),
        ("错误：超时", 1),
        ("\"错误：超时\"", 1),
        ("上海*", 2),
    ] {
        assert_eq!(log.matches(query), found, "{query}");
    }
    let said = log.refused(&["-f", "城市：上海"]);
    assert!(said.contains("did you mean `城市:上海`?"), "{said}");
}

#[test]
fn what_can_never_match_is_not_taken_in_silence() {
    let log = Log::new(AUDIT);
    for (query, said) in [
        ("ip:10.0.0", "`ip:10.0.0.*`"),
        ("ip in 10.0.0.0/33", "a network such as"),
        ("ip:10.0.0.0/33", "a network such as"),
        ("ip in (10.0.0.0/33)", "a network such as"),
        ("outcome:fail", "`outcome:failed`"),
        ("outcome == Denied", "`outcome == denied`"),
        ("operation:upload", "`operation:push`"),
        ("status:403,404", "`status in (403, 404)`"),
        ("status:403,", "`status in (403)`"),
        ("13:20", "`since:13:20`"),
        ("status in [500 400]", "`status in [400 500]`"),
        ("status >= many", "a number"),
        ("status in ()", "a value"),
        ("user == 'root'", "`\"root\"`"),
        ("time in [2024-04-13 2024-04-12)", "starts before it ends"),
    ] {
        let answer = log.refused(&["-f", query]);
        assert!(answer.contains(said), "{query}: {answer}");
    }
    for (args, said) in [
        (
            ["--ip", "10.0.0.0/33"],
            "--ip 10.0.0.0/33: expected an address",
        ),
        (
            ["--ip", "!300.1.1.1"],
            "--ip 300.1.1.1: expected an address",
        ),
        (["--status", "4*"], "write -f 'status:4*' instead"),
        (["--status", "!denied"], "write -f 'outcome:denied' instead"),
        (["--action", "Delete*"], "write -f 'action:Delete*' instead"),
    ] {
        let answer = log.refused(&args);
        assert!(answer.contains(said), "{args:?}: {answer}");
    }
    let range = ["--since", "2024-04-13", "--until", "2024-04-12"];
    assert!(log.refused(&range).contains("nothing can match"));
    // Closed sets are compared as any field is.
    assert_eq!(log.matches("outcome:DENIED status_class:4XX"), 1);
    assert_eq!(log.matches("client:nothing_like_it"), 0);
}

#[test]
fn operators_of_other_languages_do_not_answer_something_else() {
    let log = Log::new(AUDIT);
    for (query, meant) in [
        ("agent !=~ /docker/", "not agent =~ /docker/"),
        ("agent !~ \"docker\"", "not agent ~ docker"),
        ("agent!~docker", "not agent ~ docker"),
        ("agent !~ /docker/", "not agent =~ /docker/"),
        ("agent =~ /docker/i", "agent =~ /(?i)docker/"),
        ("agent ~= docker", "agent ~ docker"),
        ("status === 200", "status == 200"),
        ("status<>200", "status != 200"),
        ("status => 400", "status >= 400"),
        ("status !> 400", "not status > 400"),
        ("action:!GetBlob", "not action:GetBlob"),
        ("action == !GetBlob", "action != GetBlob"),
        ("action !: GetBlob", "not action:GetBlob"),
        ("status:[400 TO 500]", "status in [400 500]"),
        ("status:{400 TO 500]", "status in (400 500]"),
        ("status:[400 TO *]", "status >= 400"),
    ] {
        let said = log.refused(&["-f", query]);
        assert!(
            said.contains(&format!("did you mean `{meant}`?")),
            "{query}: {said}"
        );
        assert!(log.query(&["-f", meant]).code < 2, "{meant}");
    }
    for (query, found) in [
        ("agent =~ /docker/ status:403", 1),
        ("(agent =~ /docker/)", 3),
        ("not agent =~ /(?i)DOCKER/", 0),
        ("action:\"!GetBlob\"", 0),
        ("action ! status:403", 0),
    ] {
        assert_eq!(log.matches(query), found, "{query}");
    }
}

#[test]
fn an_entry_of_a_watchlist_that_no_value_can_equal_is_named() {
    let log = Log::new(AUDIT);
    for (field, entry, said) in [
        ("status", "400-499", "not a valid number"),
        ("status", "4xx", "not a valid number"),
        ("status", "403,404", "not a valid number"),
        ("status", "denied", "not a valid number"),
        ("outcome", "refused", "not a valid field value"),
        ("outcome", "\"Denied\"", "not a valid field value"),
        ("status_class", "403", "not a valid field value"),
        ("operation", "upload", "not a valid field value"),
    ] {
        let good = match field {
            "status" => "403",
            "outcome" => "denied",
            "status_class" => "4xx",
            _ => "delete",
        };
        let file = log.place.file("list.txt", format!("{good}\n{entry}\n"));
        let query = format!("{field} in @\"{file}\"");
        let answer = log.refused(&["-f", &query]);
        assert!(
            answer.contains(&format!("{file}:2: ")) && answer.contains(said),
            "{answer}"
        );
        log.place.file("list.txt", format!("{good} # one\n"));
        assert_eq!(log.matches(&query), 1, "{query}");
    }
}

#[test]
fn a_network_on_a_field_without_addresses_is_not_sought_in_vain() {
    let log = Log::new(AUDIT);
    for (query, meant) in [
        ("user in 10.0.0.0/8", "ip in 10.0.0.0/8"),
        ("action in 10.0.0.0/8", "ip in 10.0.0.0/8"),
        ("user:10.0.0.0/8", "ip in 10.0.0.0/8"),
        ("user == 10.0.0.0/8", "ip in 10.0.0.0/8"),
        ("user in (10.0.0.0/8, \"x\")", "ip in 10.0.0.0/8"),
        ("raw.ip:10.0.0.0/8", "raw.ip in 10.0.0.0/8"),
        ("ip == @list.txt", "ip in @list.txt"),
        ("ip:@list.txt", "ip in @list.txt"),
        ("ip in (@list.txt)", "ip in @list.txt"),
        ("user in (@list.txt)", "user in @list.txt"),
    ] {
        let said = log.refused(&["-f", query]);
        assert!(
            said.contains(&format!("did you mean `{meant}`?")),
            "{query}: {said}"
        );
    }
    assert_eq!(log.matches("host in 10.0.0.0/8 or raw.ip in 10.0.0.0/8"), 0);
    assert_eq!(log.matches("user == \"10.0.0.0/8\""), 0);
}

#[test]
fn a_pick_in_the_form_of_something_else_says_what_to_write() {
    let log = Log::new(AUDIT);
    for (args, said) in [
        (["--ip", "@bom.txt"], "-f 'ip in @bom.txt'"),
        (["--ip", "(missing)"], "-f 'not ip:*'"),
        (["--ip", "!!10.0.0.1"], "--ip '!10.0.0.1'"),
        (
            ["--ip", "\"10.0.0.1\""],
            "remove the inner quotes: --ip 10.0.0.1",
        ),
        (["--status", ""], "-f 'status:\"\"'"),
        (["--action", ""], "-f 'action:\"\"'"),
        (["--since", "13:20..13:35"], "a single time is expected"),
        (["--sort", "time,action"], "as in --sort time"),
        (["--sort", "--time"], "as in --sort time"),
        (["--columns", "time action"], "--columns time,action"),
        (["--group-by", "user action"], "--group-by user,action"),
    ] {
        let answer = log.refused(&args);
        assert!(answer.contains(said), "{args:?}: {answer}");
    }
    let said = log.refused(&["--since", "13:20..13:35"]);
    assert!(!said.contains("or a range"), "{said}");
    let table = |columns: &str| log.query(&["--columns", columns, "-o", "csv"]).out;
    assert_eq!(table("time, action"), table("time,action"));
    let groups = |fields: &str| log.query(&["--group-by", fields]).out;
    assert_eq!(groups(" user , action"), groups("user,action"));
}

#[test]
fn equal_events_stay_in_order_in_both_directions() {
    // Two files of which each has every status twice, at times that tie across the files.
    let place = Place::new();
    let event = |second: usize, status: u32, id: &str| {
        format!(
            "{{\"time\":\"2024-04-12T16:30:{second:02}+08:00\",\"http_response_status\":\"{status}\",\"tag\":\"{id}\"}}\n"
        )
    };
    let log = |name: &str| -> String {
        (0..6)
            .map(|at| event(at / 2, [404, 200, 30][at % 3], &format!("{name}{at}")))
            .collect()
    };
    let (a, b) = (
        place.file("a.ndjson", log("a")),
        place.file("b.ndjson", log("b")),
    );
    let tags = |sort: &str| -> Vec<String> {
        let run = place.run(&["query", &a, &b, "--sort", sort, "-o", "ndjson"]);
        assert_eq!(run.code, 0, "{}", run.err);
        let tag = |line: &str| -> String {
            let event: Value = serde_json::from_str(line).expect("JSON");
            event["tag"].as_str().expect("a tag").to_owned()
        };
        String::from_utf8(run.out)
            .expect("UTF-8")
            .lines()
            .map(tag)
            .collect()
    };
    let time = tags("time");
    assert_eq!(
        time,
        [
            "a0", "a1", "b0", "b1", "a2", "a3", "b2", "b3", "a4", "a5", "b4", "b5"
        ]
    );
    let reverse: Vec<String> = time.iter().rev().cloned().collect();
    assert_eq!(tags("-time"), reverse);
    let (small, middle, large) = (
        ["a2", "b2", "a5", "b5"],
        ["a1", "b1", "a4", "b4"],
        ["a0", "b0", "a3", "b3"],
    );
    assert_eq!(tags("status"), [small, middle, large].concat());
    assert_eq!(tags("-status"), [large, middle, small].concat());
    let limited = place.run(&[
        "query", &a, &b, "--sort", "-status", "--limit", "2", "-o", "ndjson",
    ]);
    assert_eq!(limited.out.split(|b| *b == b'\n').count(), 3);
}

#[test]
fn groups_of_equal_size_go_by_their_values_in_both_directions() {
    let lines = ["b", "a", "c", "a", "b", "d"].map(|tag| {
        format!("{{\"time\":\"2024-04-12T16:30:00+08:00\",\"action\":\"x\",\"tag\":\"{tag}\"}}\n")
    });
    let log = Log::new(&lines.concat());
    let order = |args: &[&str], list: &str, key: &dyn Fn(&Value) -> String| -> String {
        let run = log.query(args);
        let answer: Value = serde_json::from_slice(&run.out).expect("an object");
        let at = answer.pointer(list).and_then(Value::as_array);
        at.expect("a list").iter().map(key).collect()
    };
    let group = |item: &Value| item["key"]["tag"].as_str().expect("a tag").to_owned();
    for (sort, wanted) in [
        ("-count", "abcd"),
        ("count", "cdab"),
        ("-tag", "dcba"),
        ("tag", "abcd"),
        ("-failed", "abcd"),
    ] {
        let found = order(&["--group-by", "tag", "--sort", sort], "/groups", &group);
        assert_eq!(found, wanted, "{sort}");
    }
    let value = |item: &Value| item["value"].as_str().expect("a value").to_owned();
    for (sort, wanted) in [("-count", "abcd"), ("count", "cdab"), ("-value", "dcba")] {
        let found = order(
            &["--facet", "tag", "--sort", sort],
            "/facets/0/values",
            &value,
        );
        assert_eq!(found, wanted, "{sort}");
    }
}

#[test]
fn groups_go_by_how_many_users_they_are_of_and_by_who_was_let_in_after_a_refusal() {
    let events = [
        "a ann 200",
        "a bob 200",
        "b ann 403",
        "b ann 403",
        "b ann 200",
        "c ann 403",
    ];
    let events = events
        .into_iter()
        .chain(["d ann 403", "d bob 200", "d cid 200", "d ann 200"]);
    let line = |(minute, event): (usize, &str)| {
        let [tag, user, status] = event.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{event}")
        };
        format!(
            "{{\"time\":\"2024-04-12T16:{minute:02}:00Z\",\"action\":\"x\",\"tag\":\"{tag}\",\"user_name\":\"{user}\",\"http_response_status\":\"{status}\"}}\n"
        )
    };
    let log = Log::new(&events.enumerate().map(line).collect::<String>());
    for (sort, wanted) in [
        ("users", "bcad"),
        ("-users", "dabc"),
        ("admitted", "acdb"),
        ("-admitted", "bdca"),
    ] {
        let run = log.query(&["--group-by", "tag", "--sort", sort]);
        let answer: Value = serde_json::from_slice(&run.out).expect("an object");
        let groups = answer["groups"].as_array().expect("groups").iter();
        let found: String = groups
            .filter_map(|group| group["key"]["tag"].as_str())
            .collect();
        assert_eq!(found, wanted, "{sort}");
    }
}

#[test]
fn output_options_that_ask_for_nothing_say_what_is_expected() {
    let log = Log::new(AUDIT);
    for wrong in [
        "action:0",
        "action:0x",
        "action:-1",
        "action:abc",
        "action:",
        ":5",
        "nope:1x",
        "__tag__:",
    ] {
        let said = log.refused(&["--facet", wrong]);
        assert!(
            said.contains(&format!(
                "--facet {wrong}: expected FIELD, FIELD:N or FIELD:all"
            )),
            "{said}"
        );
    }
    for (args, said) in [
        (
            ["--group-by", ",action"],
            "--group-by ,action: empty field name",
        ),
        (["--columns", ","], "--columns ,: empty field name"),
        (
            ["--columns", "tag,action,tag"],
            "--columns tag: field given twice",
        ),
        (
            ["--group-by", "status,http_response_status"],
            "same field as status",
        ),
        (["--histogram", "0s"], "expected a step"),
        (["--histogram", "5x"], "expected a step"),
        (["--limit", "-1"], "expected a whole number"),
        (["--limit", "abc"], "expected a whole number"),
        (["--sort", "count"], "requires --group-by"),
        (["--sort", "users"], "requires --group-by"),
        (["--sort", "-"], "expected a field"),
    ] {
        let answer = log.refused(&args);
        assert!(answer.contains(said), "{args:?}: {answer}");
    }
    let twice = log.refused(&["--facet", "tag", "--facet", "tag:3"]);
    assert!(twice.contains("--facet tag: field given twice"), "{twice}");
    let two = log.refused(&["--facet", "action,tag:3"]);
    assert!(
        two.contains("one field; write --facet action --facet tag:3"),
        "{two}"
    );
    let sort = log.refused(&["--group-by", "action", "--sort", "tag"]);
    assert!(sort.contains("groups can be sorted by"), "{sort}");
    let sort = log.refused(&["--facet", "action", "--sort", "time"]);
    assert!(sort.contains("sorted by count or value"), "{sort}");
    // Colons within a name.
    for facet in [
        "__tag__:__receive_time__",
        "__tag__:__receive_time__:5",
        "action:all",
        "action:1",
    ] {
        assert_eq!(log.query(&["--facet", facet]).code, 0, "{facet}");
    }
    let odd =
        Log::new("{\"time\":\"2024-04-12T16:30:00+08:00\",\"action\":\"x\",\"k8s:ns\":\"prod\"}\n");
    for facet in ["k8s:ns", "k8s:ns:5"] {
        let run = odd.query(&["--facet", facet]);
        assert!(
            String::from_utf8_lossy(&run.out).contains("prod"),
            "{facet}: {}",
            run.err
        );
    }
}

#[test]
fn what_the_screen_shows_finds_its_events_when_typed() {
    let log = Log::new(AUDIT);
    let names = CatalogueNames::default();
    for (typed, found, as_written) in [
        ("user/ann@acme", 2, 0),
        ("push", 1, 0),
        ("pull", 1, 0),
        ("denied", 1, 0),
        ("4xx", 1, 0),
        ("not 4xx", 2, 3),
        ("198.51.100", 3, 0),
        ("action:delete", 1, 0),
        ("repo:shop/cart", 3, 0),
        ("repo:shop/cart:v2", 1, 0),
        ("repository:shop/cart:v2", 1, 0),
        ("docker delete", 1, 0),
        ("#\"push\"", 0, 0),
        ("-user==user/ann@acme", 1, 1),
        ("-user:ann", 1, 1),
        ("shop/cart:v1", 1, 1),
        ("198.51.100.2", 1, 1),
        ("198.51.100.2:40001", 1, 1),
        ("198.51.100.0/31", 1, 1),
        ("status:4xx", 1, 1),
        ("-status:4xx", 2, 2),
    ] {
        let spelled = as_shown(typed, &names).expect(typed);
        assert_eq!(log.count(&["-f", &spelled]), found, "{typed} in the prompt");
        // A bare word searches logged fields only, and a logged name is the logged field.
        assert_eq!(log.count(&["-f", typed]), as_written, "{typed} in query");
        if as_written == 0 && found > 0 {
            let said = log.query(&["-f", typed, "--count"]).err;
            assert!(said.contains(&spelled), "{typed}: {said}");
        }
    }
    for (query, found) in [
        ("since:2024-04-12T16:31:00+08:00", 2),
        ("since:2024-04-12 08:31:00 until:2024-04-12 08:32:00", 1),
        ("action in (DeleteTag, PutImageManifest) -tag==v1", 1),
    ] {
        assert_eq!(log.count(&["--tz", "utc", "-f", query]), found, "{query}");
    }
    for (args, said) in [
        (["-f", "since:soon"], "a time, such as"),
        (["-f", "not since:-2h"], "outside of parentheses"),
        (["-f", "--count"], "a filter is missing"),
    ] {
        let answer = log.refused(&args);
        assert!(answer.contains(said), "{args:?}: {answer}");
    }
}
