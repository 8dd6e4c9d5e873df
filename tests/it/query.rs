//! The filter language as a whole: the official examples of Simple Log Service on audit fields, error texts,
//! properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, RngAlgorithm};
use regtrail::query::{
    CatalogueNames, Comparison, Filter, Interval, List, Names, Network, Node, Number, Pattern, Phrase, QueryError,
    Substring, Test, TestOp, TimeRange, Watchlist, Words, complete, edit, format, parse, to_sls,
};
use serde_json::{Map, Value};

use crate::naive;

fn names() -> CatalogueNames {
    CatalogueNames::with(["城市", "owner_id", "latency", "request method", "error.code"].map(Arc::from))
}

fn read(text: &str) -> Result<Node, QueryError> {
    parse(text, &names())
}

fn event(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("fixture is an object")
}

/// The program's own answer for one event: tests on values, combined the way the tree says.
fn holds(node: &Node, event: &Map<String, Value>) -> bool {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    match node {
        Node::All => true,
        Node::And(parts) => parts.iter().all(|part| holds(part, event)),
        Node::Or(parts) => parts.iter().any(|part| holds(part, event)),
        Node::Not(inner) => !holds(inner, event),
        Node::Test(test) => match &test.field {
            Some(field) => event.get(&**field).map_or(test.matches_missing(), |v| test.matches(&text(v))),
            None => event.values().any(|v| test.matches(&text(v))),
        },
    }
}

const EVENTS: [(char, &str); 8] = [
    ('a', r#"{"http_request_method":"GET","http_response_status":"200","instance_id":"cri-hangzhou-1","tag":"v1",
        "latency":60,"namespace_repo":"ns/repo","http_request_useragent":"Chrome/120 (Linux)","user_name":"null"}"#),
    ('b', r#"{"http_request_method":"GET","http_response_status":299,"instance_id":"cri-other","tag":"",
        "latency":"60.5","namespace_repo":"repo/ns","http_request_useragent":"Mozilla/5.0 Safari","user_name":""}"#),
    ('c', r#"{"http_request_method":"POST","http_response_status":"300","instance_id":"CRI-hangzhou-1",
        "latency":"200","namespace_repo":"ns/x/repo","城市":"上海"}"#),
    ('d', r#"{"http_request_method":"PUT","http_response_status":"404","latency":"none","request method":"PUT",
        "http_request_host":"www.example.com","__source__":"192.0.2.17","__topic__":"HTTPS"}"#),
    ('e', r#"{"http_request_method":"HEAD","http_response_status":"-","__tag__:__client_ip__":"192.0.2.1",
        "http_request_useragent":"this and that","blob_digest":"sha256:4f4fab"}"#),
    ('f', r#"{"error.code":"504","latency":"","http_request_useragent":"/apis/redo_index/1/x","owner_id":"101",
        "__topic__":"HTTP"}"#),
    ('g', r#"{"error.code":"cn*","http_request_useragent":"redo_index 1","user_name":"nginx\"01\"","owner_id":"99"}"#),
    ('h', r#"{"tag":"request/path-2","http_request_useragent":"cn-shanghai","http_request_host":"aliyundoc"}"#),
];

/// Table 4.6 of the domain facts on audit fields (`latency` stands for the numeric field that the audit log has
/// no second one of), then what the language adds.
#[test]
fn official_examples_mean_what_they_mean_in_the_console() {
    for (query, expect) in [
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
        ("method:PUT OR method:GET Tag:v1", "ad"),
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
    ] {
        let query = query.replace("Tag:", "tag:");
        let node = read(&query).unwrap_or_else(|e| panic!("{query}: {e}"));
        let events = EVENTS.map(|(id, json)| (id, event(json)));
        let found: String = events.iter().filter(|(_, e)| holds(&node, e)).map(|(id, _)| id).collect();
        assert_eq!(found, expect, "{query}");
        let naive: String =
            events.iter().filter(|(_, e)| naive_on_fields(&node, e)).map(|(id, _)| id).collect();
        assert_eq!(naive, expect, "naive: {query}");
        assert_eq!(read(&format(&node)).as_ref(), Ok(&node), "{query} -> {}", format(&node));
    }
}

fn naive_on_fields(node: &Node, event: &Map<String, Value>) -> bool {
    naive::matches(node, event, &|_| None, None)
}
