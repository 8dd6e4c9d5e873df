//! TLS that is wrong: every fault of a certificate, what does not speak TLS, and connections that are reset. Each is said
//! in words, and nothing of a request leaves before the handshake is done.

use crate::e2e::{Place, Run};
use crate::following::{record, records};
use crate::http::{once, start};
use crate::loopback::tls::{Manner, Tls};

const SECRET: &str = "hidden-token";

/// What is wrong, and the words for it: why, and what to do.
const WRONG: [(&str, &str, &str); 5] = [
    (
        "self-signed",
        "self-signed, or signed by an untrusted CA",
        "SSL_CERT_FILE",
    ),
    (
        "server",
        "self-signed, or signed by an untrusted CA",
        "SSL_CERT_FILE",
    ),
    (
        "expired",
        "its certificate expired on 2021-01-01",
        "set this machine's clock",
    ),
    (
        "not-yet-valid",
        "its certificate is not valid before 2100-01-01",
        "set this machine's clock",
    ),
    (
        "other-host",
        "its certificate is for another host: audit.example.com",
        "use a name that the certificate covers",
    ),
];

fn authority() -> String {
    format!("{}/tests/tls/wrong-ca.pem", env!("CARGO_MANIFEST_DIR"))
}

/// An endpoint whose profile has a token and an authority; and a logstore.
fn ask(place: &Place, port: u16, is_logstore: bool) -> Run {
    let directory = place.path("config/regtrail");
    std::fs::create_dir_all(&directory).expect("made");
    let text = format!(
        "[profiles.audit]\nsource = 'https://127.0.0.1:{port}/log?key={SECRET}'\n\
         [profiles.audit.http]\ntoken-env = 'TOKEN'\nca-file = '{}'\n",
        authority()
    );
    std::fs::write(directory.join("config.toml"), text).expect("written");
    let endpoint = format!("https://127.0.0.1:{port}");
    let mut command = if is_logstore {
        place.command(&[
            "query",
            "sls://1@cn-hangzhou",
            "--sls-endpoint",
            &endpoint,
            "--since",
            "-1h",
            "--count",
        ])
    } else {
        place.command(&["query", "@audit", "--count"])
    };
    command
        .env("TOKEN", SECRET)
        .env("SSL_CERT_FILE", authority())
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET);
    let run = Run::of(command.output().expect("it runs"));
    assert!(!run.err.contains(SECRET) && !run.text().contains(SECRET));
    run
}

/// Whether it is the first message of a handshake and nothing in plain text.
fn is_hello(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    bytes.starts_with(&[0x16, 3]) && !text.contains(SECRET) && !text.contains("HTTP/1")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_wrong_is_told_and_gets_no_request() {
    for (name, why, advice) in WRONG {
        let server = Tls::start(Manner::Certified(name), record(0)).await;
        for is_logstore in [false, true] {
            let run = ask(&Place::new(), server.port, is_logstore);
            assert_eq!((run.code, run.matched()), (3, 0), "{name}: {}", run.err);
            let said = run.err.lines().collect::<Vec<_>>();
            let [said] = said[..] else {
                panic!("{name}: {}", run.err)
            };
            for part in ["127.0.0.1", why, advice] {
                assert!(said.contains(part), "{name}: {part:?} not in {said}");
            }
            if !is_logstore {
                let place = format!("https://127.0.0.1:{}/log: ", server.port);
                assert!(said.contains(&place), "{said}");
            }
        }
        assert_eq!(server.asked(), Vec::<Vec<u8>>::new(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_speak_tls_is_not_spoken_to_in_plain_text() {
    let server = Tls::start(Manner::Plain, String::new()).await;
    for is_logstore in [false, true] {
        let run = ask(&Place::new(), server.port, is_logstore);
        assert_eq!((run.code, run.matched()), (3, 0), "{}", run.err);
        let said = "the server does not speak TLS; check the port, or use http://";
        assert!(run.err.contains(said), "{}", run.err);
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "one try each");
    assert!(asked.iter().all(|came| is_hello(came)), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_is_reset_is_begun_again_and_nothing_else() {
    let manner = Manner::ResetsFirst(2, "named");
    let server = Tls::start(manner, records(0..3)).await;
    let run = ask(&Place::new(), server.port, false);
    assert_eq!((run.code, run.matched()), (0, 3), "{}", run.err);
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[..2].iter().all(|came| is_hello(came)), "{asked:?}");
    let head = String::from_utf8_lossy(&asked[2]);
    assert!(
        head.contains(&format!("Bearer {SECRET}")) || head.contains(&format!("bearer {SECRET}")),
        "{head}"
    );
}

#[tokio::test]
async fn a_handshake_that_is_reset_every_time_is_given_up() {
    let server = Tls::start(Manner::ResetsFirst(usize::MAX, "named"), String::new()).await;
    let url = format!("https://127.0.0.1:{}/log?key={SECRET}", server.port);
    let error = start(once(&url))
        .end()
        .await
        .expect_err("reset")
        .to_string();
    for part in ["127.0.0.1: cannot connect: ", "gave up after 4 tries"] {
        assert!(error.contains(part), "{part:?} not in {error}");
    }
    assert!(!error.contains(SECRET), "{error}");
    let asked = server.asked();
    assert!(
        asked.len() == 4 && asked.iter().all(|came| is_hello(came)),
        "{asked:?}"
    );
}
