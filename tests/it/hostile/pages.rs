//! Pages: which one comes next by members and headers of any content, and how long to wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use regtrail::source::http::Settings;
use regtrail::source::retry::{Backoff, Policy, retry_after};

use super::{SECRET, read, runtime};
use crate::chance::{Chance, fuzz};
use crate::http::{ids, once, records};
use crate::loopback::{Reply, Request, Server};

/// Pieces of what a server may say of the next page.
const NEXT: &[&str] = &[
    "/p?n=1",
    "?n=1",
    "?n=2",
    "/",
    "//",
    "http://",
    "http://[",
    "https://",
    "ftp://x/",
    "javascript:1",
    "file:///etc/passwd",
    "\\u001b[2J",
    "\\u202e",
    "\\n",
    " ",
    "#",
    "%",
    "%zz",
    "\\ud800",
    "上海",
    "..",
    "@",
    ":",
    "x",
    "null",
    "0",
    "127.0.0.1",
];

fn number(request: &Request) -> usize {
    request.param("n").parse().unwrap_or(0)
}

fn items(n: usize) -> String {
    records(n * 5, n * 5 + 5).join(",")
}

/// Settings with a secret in every place for one.
fn with_secrets(url: &str, page: &str) -> Settings {
    let profile =
        format!("token = {SECRET:?}\nheaders = {{ X-Key = {SECRET:?} }}\npoll = 0.005\n{page}");
    Settings {
        profile: toml::from_str(&profile).expect("a profile"),
        ..once(url)
    }
}

#[test]
fn pages_lead_to_an_end_and_no_secret_to_others() {
    const MEMBERS: &[&str] = &[
        "next",
        "nextLink",
        "next_link",
        "next_url",
        "@odata.nextLink",
    ];
    const PAGES: &[&str] = &[
        "",
        "page = { next = \"/next\" }",
        "page = { cursor = \"/next\", param = \"n\" }",
        "page = { param = \"n\" }",
    ];
    let threads = runtime();
    fuzz("pages", 120, |chance| {
        let page = *chance.pick(PAGES);
        let member = if page.is_empty() {
            *chance.pick(MEMBERS)
        } else {
            "next"
        };
        let count = 1 + chance.below(4);
        let damaged = chance.below(2) == 0;
        let link: String = (0..=chance.below(3)).map(|_| *chance.pick(NEXT)).collect();
        let long = if chance.below(8) == 0 {
            "x".repeat(70_000)
        } else {
            String::new()
        };
        let strange = if chance.below(4) == 0 {
            chance.below(100).to_string()
        } else {
            format!("\"{link}{long}\"")
        };
        let at = chance.below(count);
        let (seen, end, asked, elsewhere) = threads.block_on(async {
            let other = Server::start(|_| Reply::new(200, "application/json", "[]")).await;
            let strange = strange.replace("127.0.0.1", &format!("http://{}/", other.address()));
            let by_cursor = page.contains("cursor");
            let by_count = page.contains("{ param");
            let server = Server::start(move |request| {
                // Pages that are counted begin with 1.
                let n = number(request).saturating_sub(usize::from(by_count));
                let next = match n + 1 {
                    _ if damaged && n == at => strange.clone(),
                    next if next >= count => "null".to_owned(),
                    next if by_cursor => format!("\"{next}\""),
                    next => format!("\"/p?n={next}\""),
                };
                let items = if n < count { items(n) } else { String::new() };
                let body = format!("{{\"items\":[{items}],\"{member}\":{next}}}");
                Reply::new(200, "application/json", body)
            })
            .await;
            let (seen, end) = read(with_secrets(&server.url, page)).await;
            (seen, end, server.asked(), other.asked())
        });
        assert!(asked.len() <= 250, "{} requests for {strange}", asked.len());
        for request in elsewhere {
            let all = format!("{request:?}");
            assert!(!all.contains("hid-Zq7"), "{all}");
        }
        if damaged {
            // What came before the strange page is kept.
            assert!(
                seen.records.len() >= 5 * (at + 1).min(count),
                "{page} {strange}: {end:?}"
            );
        } else {
            assert!(end.is_ok(), "{page} {member}: {end:?}");
            // A page without records may say why, and is looked at.
            let mut found = seen.values("id");
            found.retain(|id| !id.is_empty());
            assert_eq!(
                found,
                ids(0, count * 5).collect::<Vec<_>>(),
                "{page} {member}"
            );
        }
    });
}

/// A `Link` header by chance, and the link to the next page in it.
fn links(chance: &mut Chance) -> (String, Option<&'static str>) {
    const OTHERS: &[&str] = &[
        "rel=prev",
        "rel=\"last\"",
        "rel=\"first prev\"",
        "title=\"a\"",
        "title=\"a, b; c\"",
        "title=\"a; rel=next; b\"",
        "title=\"<x>\"",
        "title=\"say \\\"a\\\"; rel=next\"",
        "type=text/html",
        "hreflang=en",
        "title=\"rel=next\"",
        "nextrel=next",
        "title*=UTF-8''n%20ext",
        "title=\"上海\"",
        "crossorigin",
        "rev=next",
        "title=\"\"",
    ];
    const RELS: &[&str] = &[
        "rel=next",
        "rel=\"next\"",
        "REL=\"NEXT\"",
        "rel=\"prev next\"",
        "rel = \"next\"",
        "rel=\"next http://x/y\"",
    ];
    const TARGETS: &[&str] = &["/a", "/b?x=1,2;3", "?c=1", "/d#e"];
    let count = chance.below(4);
    let at = (chance.below(3) > 0 && count > 0).then(|| chance.below(count.max(1)));
    let (mut all, mut next) = (Vec::new(), None);
    for n in 0..count {
        let target = *chance.pick(TARGETS);
        let mut parameters: Vec<&str> =
            (0..chance.below(3)).map(|_| *chance.pick(OTHERS)).collect();
        if at == Some(n) {
            // The first of several counts.
            parameters.retain(|parameter| !parameter.to_ascii_lowercase().starts_with("rel"));
            let place = chance.below(parameters.len() + 1);
            parameters.insert(place, *chance.pick(RELS));
            next = Some(target);
        }
        let blank = *chance.pick(&["", " ", "  "]);
        let target = [format!("<{target}>")];
        let parameters = parameters
            .iter()
            .map(|parameter| format!("{blank};{blank}{parameter}"));
        all.push(
            target
                .into_iter()
                .chain(parameters)
                .collect::<Vec<_>>()
                .concat(),
        );
    }
    (all.join(*chance.pick(&[",", ", ", " , "])), next)
}

#[test]
fn the_next_page_of_a_link_header_is_the_one_that_it_says() {
    const PIECES: &[&[u8]] = &[
        b"<", b">", b"\"", b";", b",", b"=", b"rel", b"next", b"\\", b"\xff", b"\t", b" ",
    ];
    let threads = runtime();
    fuzz("link headers", 200, |chance| {
        let (header, expected) = links(chance);
        let mut text = header.clone().into_bytes();
        let damaged = chance.below(3) == 0;
        if damaged {
            chance.damage(&mut text, 0, PIECES);
            text.retain(|byte| *byte >= 0x20 && *byte != 0x7f);
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let sent = text.clone();
        let (_, end, asked) = threads.block_on(async {
            let server = Server::start(move |request| {
                let reply = Reply::new(200, "application/json", format!("[{}]", items(0)));
                if request.target == "/" {
                    reply.with("Link", sent.clone())
                } else {
                    reply
                }
            })
            .await;
            let (seen, end) = read(once(&server.url)).await;
            (seen, end, server.asked())
        });
        if damaged {
            return;
        }
        assert!(end.is_ok(), "{text}: {end:?}");
        let asked: Vec<&str> = asked
            .iter()
            .skip(1)
            .map(|request| request.target.as_str())
            .collect();
        // What stands behind a # is not sent.
        let expected = expected.map(|target| {
            target.split('#').next().unwrap_or_default().replacen(
                '?',
                "/?",
                usize::from(target.starts_with('?')),
            )
        });
        assert_eq!(
            asked,
            expected.iter().map(String::as_str).collect::<Vec<_>>(),
            "{text}"
        );
    });
}

#[test]
fn waits_that_a_server_asks_for_are_bounded() {
    const PIECES: &[&str] = &[
        "0",
        "1",
        "9",
        "120",
        "99999999999999999999",
        "18446744073709551615",
        "-",
        "+",
        ".",
        "e",
        " ",
        "Fri, 12 Apr 2024 08:58:30 GMT",
        "Fri, 31 Dec 262142 23:59:59 GMT",
        "Fri, ",
        "GMT",
        "+0800",
        "1994",
        "Nov",
        "\u{ff11}",
    ];
    let now = DateTime::<Utc>::from_timestamp(1_712_912_300, 0).expect("a time");
    fuzz("waits", 5_000, |chance| {
        let header: String = (0..=chance.below(3))
            .map(|_| *chance.pick(PIECES))
            .collect();
        let asked = retry_after(&header, now);
        if let Ok(seconds) = header.trim().parse::<u64>() {
            assert_eq!(asked, Some(Duration::from_secs(seconds)), "{header}");
        }
        for policy in [Policy::patient(), Policy::limited()] {
            let once = policy.give_up.is_some();
            let wait = Backoff::new(policy).next(asked);
            let most = Duration::from_secs(if once { 120 } else { 600 });
            assert!(
                wait.is_none_or(|wait| wait <= most) && (once || wait.is_some()),
                "{header}: {wait:?}"
            );
        }
    });
    let date = "Fri, 12 Apr 2024 08:58:30 GMT";
    assert_eq!(retry_after(date, now), Some(Duration::from_secs(10)));
}
