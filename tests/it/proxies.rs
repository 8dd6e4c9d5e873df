//! Proxies of the environment: which requests go through one, what a proxy gets to see, and what is said of one that does
//! not work.

use std::time::Duration;

use regtrail::source::Environment;
use regtrail::source::http::connect::{self, Connection};
use regtrail::source::http::proxy::Proxies;
use regtrail::source::http::{Profile, Settings};
use regtrail::source::sls::credentials::{Chain, Places};

use crate::e2e::{Place, Run};
use crate::http::{ids, once, records, start};
use crate::loopback::proxy::{Does, Proxy};
use crate::loopback::tls::{Manner, Tls};
use crate::loopback::{Reply, Server};

const TOKEN: &str = "hidden-token";
const PASSWORD: &str = "hidden-password";

/// An endpoint with a token, asked for in an environment.
fn settings(url: &str, variables: &[(&str, &str)]) -> Settings {
    let profile: Profile =
        toml::from_str("token-env = 'TOKEN'\nca-file = 'tests/tls/wrong-ca.pem'")
            .expect("a profile");
    let all = [&[("TOKEN", TOKEN)], variables].concat();
    let mut settings = once(url);
    settings.env = Environment::of(all, None);
    settings.profile = profile;
    settings.connection.connect_timeout = Duration::from_millis(500);
    settings.connection.read_timeout = Duration::from_millis(500);
    settings
}

fn at(port: u16) -> String {
    format!("http://user:{PASSWORD}@127.0.0.1:{port}")
}

fn answer() -> String {
    let body = records(0, 3).join("\n");
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_target_with_tls_is_reached_by_a_tunnel_and_the_proxy_sees_no_token() {
    let target = Tls::start(Manner::Certified("other-host"), records(0, 3).join("\n")).await;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::start(Does::Tunnels(target.port)).await;
        let set = [
            (variable, &*at(proxy.port)),
            ("HTTP_PROXY", "http://127.0.0.1:1"),
        ];
        let mut run = start(settings("https://audit.example.com/log?key=hidden", &set));
        run.end().await.expect(variable);
        run.seen.assert_each_once("id", ids(0, 3));
        let came = proxy.came();
        assert_eq!(came.len(), 1, "{came:?}");
        assert!(
            came[0].starts_with("CONNECT audit.example.com:443 HTTP/1.1\r\n"),
            "{came:?}"
        );
        let head = came[0].to_lowercase();
        assert!(head.contains("proxy-authorization: basic "), "{head}");
        assert!(
            !came[0].contains("hidden") && !came[0].contains("/log"),
            "{came:?}"
        );
    }
    for asked in target.asked() {
        let asked = String::from_utf8_lossy(&asked).to_lowercase();
        assert!(
            asked.contains(TOKEN) && !asked.contains("proxy-authorization"),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn a_target_in_plain_text_is_asked_for_by_its_whole_address() {
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::start(Does::Says(answer())).await;
        // Without a scheme it is a proxy of HTTP, too.
        let value = at(proxy.port).replace("http://", "");
        let set = [(variable, &*value), ("HTTPS_PROXY", "http://127.0.0.1:1")];
        let mut run = start(settings("http://audit.invalid/log", &set));
        run.end().await.expect(variable);
        run.seen.assert_each_once("id", ids(0, 3));
        let came = proxy.came();
        assert!(
            came[0].starts_with("GET http://audit.invalid/log HTTP/1.1\r\n"),
            "{came:?}"
        );
        assert!(
            came[0]
                .to_lowercase()
                .contains("proxy-authorization: basic "),
            "{came:?}"
        );
    }
}

#[tokio::test]
async fn a_proxy_of_socks_is_given_the_name_of_the_target() {
    let proxy = Proxy::start(Does::Socks(answer())).await;
    let value = format!("socks5h://127.0.0.1:{}", proxy.port);
    let mut run = start(settings(
        "http://audit.invalid/log",
        &[("ALL_PROXY", &value)],
    ));
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids(0, 3));
    assert!(
        proxy.came()[0].starts_with("audit.invalid\nGET /log"),
        "{:?}",
        proxy.came()
    );
}

#[tokio::test]
async fn excepted_hosts_and_this_machine_are_not_asked_for_through_a_proxy() {
    let proxy = Proxy::start(Does::Says(answer())).await;
    let value = at(proxy.port);
    let server =
        Server::start(|_| Reply::new(200, "application/x-ndjson", records(0, 3).join("\n"))).await;
    for host in ["127.0.0.1", "localhost"] {
        let url = server.url.replace("127.0.0.1", host);
        let mut run = start(settings(&url, &[("ALL_PROXY", &value)]));
        run.end().await.expect(host);
        run.seen.assert_each_once("id", ids(0, 3));
    }
    for list in ["audit.invalid", ".invalid", "other.example, invalid", "*"] {
        let set = [("ALL_PROXY", &*value), ("NO_PROXY", list)];
        let error = start(settings("http://audit.invalid/log", &set))
            .end()
            .await;
        let error = error.expect_err("there is no such host").to_string();
        assert!(
            !error.contains("proxy") && error.contains("audit.invalid"),
            "{list}: {error}"
        );
    }
    assert_eq!(proxy.came(), [""; 0]);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn keys_that_this_machine_hands_out_are_not_asked_for_through_a_proxy() {
    let proxy = Proxy::start(Does::Says(answer())).await;
    let server = Server::start(|_| {
        let body = r#"{"AccessKeyId":"id","AccessKeySecret":"s","SecurityToken":"t"}"#;
        Reply::new(200, "application/json", body)
    })
    .await;
    let value = at(proxy.port);
    let set = [
        ("ALIBABA_CLOUD_CREDENTIALS_URI", &*server.url),
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
        ("ALL_PROXY", &value),
    ];
    let env = Environment::of(set, None);
    let proxies = Proxies::of(&env).expect("good");
    let far = "https://cn-hangzhou.log.aliyuncs.com";
    let http = connect::client(&Connection::default(), &proxies, far).expect("a client");
    let chain = Chain::new(env, Places::default(), http, proxies);
    let found = chain.get(chrono::Utc::now()).await.expect("keys");
    assert_eq!(found.keys.id, "id");
    assert_eq!(proxy.came(), [""; 0]);
}

#[tokio::test]
async fn a_proxy_that_does_not_work_is_named_without_its_password() {
    let asks = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n";
    let refuses = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    for (does, is_lasting, words) in [
        (Does::Says(asks.to_owned()), true, "407"),
        (Does::Says(refuses.to_owned()), false, ""),
        (Does::Says("SSH-2.0-OpenSSH_9.6\r\n".to_owned()), false, ""),
        (Does::Says(String::new()), false, ""),
        (Does::Hangs, false, "timed out waiting for a response"),
    ] {
        let proxy = Proxy::start(does.clone()).await;
        for (scheme, variable) in [("https", "HTTPS_PROXY"), ("http", "HTTP_PROXY")] {
            let url = format!("{scheme}://audit.invalid/log?key=hidden");
            let mut run = start(settings(&url, &[(variable, &at(proxy.port))]));
            let error = run.end().await.expect_err("it does not work").to_string();
            let named = format!("the proxy 127.0.0.1:{} ({variable})", proxy.port);
            for part in [&*named, words, "audit.invalid"] {
                assert!(error.contains(part), "{does:?}: {part:?} not in {error}");
            }
            assert!(!error.contains("hidden"), "{error}");
            assert_eq!(
                error.contains("gave up after 4 tries"),
                !is_lasting,
                "{error}"
            );
            let asks_for_password = error.contains(&format!("set {variable} to http://USER"));
            assert_eq!(asks_for_password, is_lasting, "{error}");
            if scheme == "https" {
                let came = proxy.came().concat();
                assert!(
                    !came.contains(TOKEN) && came.contains("CONNECT audit.invalid:443"),
                    "{came}"
                );
            }
        }
    }
}

/// The program with a variable.
fn run(variable: &str, value: &str, source: &str) -> Run {
    let place = Place::new();
    let mut command = place.command(&["query", source, "--since", "-1h", "--count"]);
    if !source.starts_with("sls") {
        command = place.command(&["query", source, "--count"]);
    }
    command
        .env(variable, value)
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", TOKEN);
    let run = Run::of(command.output().expect("it runs"));
    assert!(!run.err.contains("hidden"), "{}", run.err);
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_says_what_the_proxy_wants_and_does_not_go_around_it() {
    let asks = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let proxy = Proxy::start(Does::Says(asks.to_owned())).await;
    for source in ["https://audit.invalid/log", "sls://1@cn-hangzhou"] {
        let run = run("HTTPS_PROXY", &at(proxy.port), source);
        assert_eq!((run.code, run.matched()), (3, 0), "{}", run.err);
        let said = format!(
            "the proxy 127.0.0.1:{} (HTTPS_PROXY): it requires a user and password",
            proxy.port
        );
        assert!(run.err.contains(&said), "{}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    assert_eq!(proxy.came().len(), 2, "one try each");
    for source in ["https://audit.invalid/log", "sls://1@cn-hangzhou"] {
        let run = run("HTTPS_PROXY", "ftp://user:hidden@h", source);
        assert_eq!((run.code, run.matched()), (3, 0), "{}", run.err);
        let said = "HTTPS_PROXY is not a proxy URL; write http://HOST:PORT";
        assert!(run.err.contains(said), "{}", run.err);
    }
}
