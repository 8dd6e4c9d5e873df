//! What the doctor finds.

use regtrail::source::Environment;
use regtrail::source::sls::Mode;
use regtrail::source::sls::doctor::{self, Outcome};

use super::{fill, settings};
use crate::loopback::sls::{SECRET, Sls};

#[tokio::test]
async fn the_doctor_names_what_is_missing() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "r", 3, 10);
    server.world().denied = vec!["log:GetIndex", "log:GetCursorOrData"];
    let mut heard = 0;
    let steps = doctor::run(&settings(&server, Mode::Search), |_| heard += 1).await;
    assert_eq!(heard, steps.len());
    let step = |name: &str| steps.iter().find(|s| s.name == name).expect("a step");
    assert_eq!(
        step("index").missing_action.as_deref(),
        Some("log:GetIndex")
    );
    assert_eq!(
        step("pull").missing_action.as_deref(),
        Some("log:GetCursorOrData")
    );
    for name in [
        "address",
        "name",
        "connection",
        "credentials",
        "counts",
        "events",
        "shards",
    ] {
        assert_eq!(step(name).outcome, Outcome::Good, "{:?}", step(name));
    }
    assert!(!format!("{steps:?}").contains(SECRET));
}

#[tokio::test]
async fn the_doctor_lists_what_was_tried_for_credentials() {
    let server = Sls::start([0]).await;
    let mut settings = settings(&server, Mode::Search);
    settings.env = Environment::of([("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")], None);
    let steps = doctor::run(&settings, |_| {}).await;
    let credentials = steps
        .iter()
        .find(|s| s.name == "credentials")
        .expect("a step");
    assert_eq!(credentials.outcome, Outcome::Bad);
    for tried in [
        "environment",
        "OIDC",
        "~/.aliyun/config.json",
        "~/.aliyunlogcli",
        "ECS metadata",
        "credentials URI",
    ] {
        assert!(
            credentials.found.contains(tried),
            "{tried} in {}",
            credentials.found
        );
    }
    assert_eq!(steps.last().map(|s| s.outcome), Some(Outcome::Skipped));
}
