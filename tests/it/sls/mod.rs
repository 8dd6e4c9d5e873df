//! The Simple Log Service source against a loopback service that verifies signatures: nothing is lost,
//! nothing comes twice, whatever goes wrong.

mod doctor;
mod faults;
mod search;
mod tail;

use std::time::Duration;

use chrono::Utc;
use regtrail::source::Environment;
use regtrail::source::retry::Policy;
use regtrail::source::sls::address::Address;
use regtrail::source::sls::{self, Mode, Settings, Tuning};

use crate::loopback::sls::{ENDPOINT, KEY_ID, LOGSTORE, PROJECT, SECRET, Sls};
use crate::loopback::watch::Running;

fn keys(more: &[(&str, &str)]) -> Environment {
    let own = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
    ];
    Environment::of(own.iter().chain(more).copied(), None)
}

/// Settings with intervals so short that tests need no patience.
fn settings(server: &Sls, mode: Mode) -> Settings {
    let address = Address::parse(&format!("sls://{PROJECT}.{ENDPOINT}/{LOGSTORE}")).expect("good");
    let mut settings = Settings::new(address, keys(&[]));
    settings.endpoint = Some(server.server.url.clone());
    settings.mode = mode;
    settings.retry = Policy {
        first: Duration::from_millis(4),
        cap: Duration::from_millis(20),
        give_up: None,
        on_request: false,
    };
    settings.tuning = Tuning {
        poll: Duration::from_millis(5),
        recount: Duration::from_millis(30),
        relist: Duration::from_millis(10),
        save: Duration::from_millis(5),
        incomplete: Duration::from_millis(2),
        ..Tuning::default()
    };
    settings
}

fn once(server: &Sls, mode: Mode) -> Settings {
    let mut settings = settings(server, mode);
    settings.follow = false;
    settings.retry.give_up = Some(8);
    settings
}

fn start(settings: Settings) -> Running {
    Running::start(|feed| sls::run(feed, settings))
}

fn ids(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{prefix}{i}")).collect()
}

/// `n` logs spread over the last `seconds`, dense at the end.
fn fill(server: &Sls, shard: i64, prefix: &str, n: usize, seconds: i64) -> Vec<String> {
    let now = Utc::now().timestamp();
    for (i, id) in ids(prefix, n).iter().enumerate() {
        let back = seconds * (i * i) as i64 / (n * n) as i64;
        server.world().log(shard, now - 2 - back, id);
    }
    ids(prefix, n)
}
