//! Tests of the search text and of the conditions left out.

use super::*;
use crate::query::{CatalogueNames, PickState, TimeRange, parse};

fn sls(text: &str) -> SlsQuery {
    let query = parse(text, &CatalogueNames::default()).expect(text);
    to_sls(&Filter {
        text: text.to_owned(),
        query,
        ..Filter::default()
    })
}

#[test]
fn what_the_service_has_goes_over_whole() {
    for (ours, theirs) in [
        ("", "*"),
        (
            "method:GET and status:200",
            "http_request_method:GET and http_response_status:200",
        ),
        (
            "method:GET or not status:200",
            "http_request_method:GET or not http_response_status:200",
        ),
        ("tag:a (repo:b or repo:c)", "tag:a and (repo:b or repo:c)"),
        ("not (repo:b or repo:c)", "not (repo:b or repo:c)"),
        ("not tag:* and not tag:\"\"", "not tag:* and not tag:\"\""),
        ("tag != \"\"", "not tag:\"\""),
        ("repository:ns/repo", "namespace_repo:\"ns repo\""),
        ("instance:cri-1", "instance_id:\"cri-1\""),
        ("tag:\"limit\"", "tag:\"limit\""),
    ] {
        let found = sls(ours);
        assert_eq!(
            (found.query.as_str(), &found.left_out[..]),
            (theirs, &[][..]),
            "{ours}"
        );
    }
}

#[test]
fn what_it_lacks_is_widened_and_named() {
    for (ours, theirs, left_out) in [
        ("tag:v* repo:a", "repo:a", &["tag:v*"][..]),
        ("agent ~ x", "*", &["agent ~ \"x\""]),
        ("tag:a or agent ~ x", "*", &["tag:a or agent ~ \"x\""]),
        (
            "repository == ns/repo",
            "namespace_repo:\"ns repo\"",
            &["repository == \"ns/repo\""],
        ),
        (
            "not repository == ns/repo",
            "*",
            &["not repository == \"ns/repo\""],
        ),
        ("not (tag:a tag:b*)", "*", &["not (tag:a and tag:b*)"]),
        (
            "not (tag:a or ip in 10.0.0.0/8)",
            "*",
            &["not (tag:a or ip in 10.0.0.0/8)"],
        ),
        ("status >= 400", "*", &["status >= 400"]),
        ("unknown_thing:x", "*", &["unknown_thing:x"]),
        ("GET #\"a b\"", "GET and \"a b\"", &["GET", "#\"a b\""]),
        ("not GET", "*", &["not GET"]),
        (
            "user == role/ci",
            "user_identity_role_name:ci or user_identity_role_id:ci",
            &["user == \"role/ci\""],
        ),
        (
            "ip == 192.0.2.1",
            "http_request_remoteaddr:192.0.2.1 or http_request_remoteaddr:ffff",
            &["ip == \"192.0.2.1\""],
        ),
        (
            "ip:192.0.2.1",
            "http_request_remoteaddr:192.0.2.1 or http_request_remoteaddr:ffff",
            &["ip in 192.0.2.1"],
        ),
        (
            "ip in (192.0.2.1, 192.0.2.2:80)",
            "*",
            &["ip in (\"192.0.2.1\", \"192.0.2.2:80\")"],
        ),
        (
            "ip in (192.0.2.1, 192.0.2.2)",
            "http_request_remoteaddr:192.0.2.1 or http_request_remoteaddr:192.0.2.2 \
             or http_request_remoteaddr:ffff",
            &["ip in (\"192.0.2.1\", \"192.0.2.2\")"],
        ),
        ("ip:192.0.2.*", "*", &["ip:192.0.2.*"]),
        ("ip:2001:db8::1", "*", &["ip in 2001:db8::1"]),
        ("not ip:192.0.2.1", "*", &["not ip in 192.0.2.1"]),
        (
            "tag in (a, \"b c\")",
            "tag:a or tag:\"b c\"",
            &["tag in (\"a\", \"b c\")"],
        ),
        (
            "address_x in (10.0.0.0/8)",
            "*",
            &["address_x in (\"10.0.0.0/8\")"],
        ),
        (
            "outcome == denied",
            "http_response_status:401 or http_response_status:403",
            &["outcome == \"denied\""],
        ),
        ("tag:É", "*", &["tag:É"]),
        ("tag:上海", "tag:上海", &["tag:上海"]),
    ] {
        let found = sls(ours);
        assert_eq!(
            (found.query.as_str(), &found.left_out[..]),
            (theirs, &left_out.map_owned()[..]),
            "{ours}"
        );
    }
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&s| s.to_owned()).collect()
    }
}

#[test]
fn picks_and_times_go_over_too() {
    let mut filter = Filter {
        range: TimeRange {
            since: Some(1_500_000_000),
            until: Some(2_500_000_000),
        },
        ..Filter::default()
    };
    filter.set("tag", &Some("v1".into()), PickState::Include);
    filter.set("tag", &None, PickState::Include);
    filter.set("action", &Some("GetBlob".into()), PickState::Exclude);
    let found = to_sls(&filter);
    assert_eq!(found.query, "tag:v1 or not tag:*");
    assert_eq!((found.from, found.to), (Some(1), Some(3)));
    assert_eq!(
        found.left_out,
        ["tag == \"v1\" or not tag:*", "action != \"GetBlob\""]
    );
    let timed = sls("tag:a and time in [2024-04-12 2024-04-13)");
    assert_eq!(
        (timed.from, timed.to, timed.left_out.len()),
        (Some(1_712_880_000), Some(1_712_966_400), 0)
    );
    let either = sls("tag:a or time >= 2024-04-12");
    assert_eq!((either.from, either.left_out.len()), (None, 1));
}

#[test]
fn what_an_index_does_not_find_is_left_out() {
    let within = |text: &str, index: &dyn Fn(Option<&str>) -> Indexed| {
        let query = parse(text, &CatalogueNames::default()).expect(text);
        let filter = Filter {
            query,
            ..Filter::default()
        };
        to_sls_within(&filter, &|field| index(field)).query
    };
    let status_is_a_number = |field: Option<&str>| match field {
        Some("http_response_status") => Indexed::Number,
        Some("action") => Indexed::Words,
        _ => Indexed::No,
    };
    for (ours, theirs) in [
        ("action:a tag:b", "action:a"),
        ("action:a or tag:b", "*"),
        ("not tag:b action:a", "action:a"),
        ("status:403", "http_response_status:403"),
        ("status:\"4xx\"", "*"),
        ("status:\"\"", "*"),
        ("status:403 or tag:b", "*"),
        (
            "outcome == denied",
            "http_response_status:401 or http_response_status:403",
        ),
        ("user == user/li", "*"),
        ("word action:a", "action:a"),
    ] {
        assert_eq!(within(ours, &status_is_a_number), theirs, "{ours}");
    }
    assert_eq!(within("word", &|_| Indexed::Words), "word");
}

#[test]
fn paths_and_own_fields_stay_here() {
    for text in [
        "detail.id:usr-9a2b",
        "not detail.error.code>=500",
        "raw.user:me",
        "tag.a:b",
    ] {
        let found = sls(text);
        assert_eq!(
            (found.query.as_str(), found.left_out.len()),
            ("*", 1),
            "{text}"
        );
    }
}

/// Counts the conditions of a search: fields with a value, and words.
fn conditions(query: &str) -> usize {
    query.split(" and ").flat_map(|p| p.split(" or ")).count()
}

#[test]
fn a_search_has_no_more_conditions_than_the_service_takes_and_never_selects_less() {
    let list = |n: usize| {
        (0..n)
            .map(|i| format!("v{i}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let all_of = |n: usize| {
        (0..n)
            .map(|i| format!("tag:v{i}"))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    for (ours, pushed, beyond) in [
        (format!("tag in ({})", list(30)), 30, 0),
        (format!("tag in ({})", list(31)), 1, 1),
        (format!("tag in ({}) action:a", list(200)), 1, 1),
        (format!("tag in ({}) action:a", list(30)), 1, 1),
        (format!("tag in ({}) action:a", list(29)), 30, 0),
        (format!("{} and action:a", all_of(40)), 30, 11),
        (format!("repo:r or ({})", all_of(40)), 1, 1),
        (format!("repo:r and not ({})", all_of(40)), 1, 0),
        (format!("not (tag in ({}))", list(31)), 1, 0),
        (
            format!(
                "user in (\"user/{}\")",
                list(40).replace(", ", "\", \"user/")
            ),
            1,
            1,
        ),
    ] {
        let found = sls(&ours);
        assert!(
            conditions(&found.query) <= MAX_CONDITIONS,
            "{ours}: {}",
            found.query
        );
        assert_eq!(conditions(&found.query), pushed, "{ours}: {}", found.query);
        assert_eq!(found.beyond.len(), beyond, "{ours}");
        let left_out = |text| found.left_out.contains(text);
        assert!(found.beyond.iter().all(left_out), "{ours}");
    }
}

#[test]
fn many_picks_are_one_condition_that_is_pushed_whole_or_not_at_all() {
    for (picks, pushed) in [(30, 30), (40, 1)] {
        let mut filter = Filter::default();
        for n in 0..picks {
            filter.set("tag", &Some(format!("v{n}").into()), PickState::Include);
        }
        let found = to_sls(&filter);
        assert_eq!(conditions(&found.query), pushed, "{}", found.query);
        assert_eq!(found.beyond.len(), usize::from(picks > 30));
    }
}
