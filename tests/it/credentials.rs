//! Credentials from every provider of the chain, with loopback servers for those on the network.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use regtrail::source::Environment;
use regtrail::source::http::connect::{self, Connection};
use regtrail::source::http::proxy::Proxies;
use regtrail::source::sls::Settings;
use regtrail::source::sls::address::Address;
use regtrail::source::sls::client::Client;
use regtrail::source::sls::credentials::{Chain, Credentials, Places};
use serde_json::json;
use sha1::Sha1;

use crate::loopback::{Reply, Request, Server};

const NO_METADATA: (&str, &str) = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");

fn client(variables: &[(&str, &str)], home: &Path, places: Places) -> Client {
    let address = Address::parse("sls://1@cn-hangzhou").expect("good");
    let env = Environment::of(variables.iter().copied(), Some(home.to_owned()));
    let mut settings = Settings::new(address, env);
    settings.endpoint = Some("http://127.0.0.1:1".to_owned());
    settings.places = places;
    Client::new(&settings).expect("good")
}

/// What the chain finds.
async fn find(
    variables: &[(&str, &str)],
    home: &Path,
    places: Places,
) -> Result<Arc<Credentials>, String> {
    client(variables, home, places)
        .credentials()
        .await
        .map_err(|e| e.to_string())
}

fn shown(credentials: &Credentials) -> (&str, &str, &str) {
    let keys = &credentials.keys;
    (
        &keys.id,
        keys.secret.reveal(),
        keys.token.as_ref().map_or("", |token| token.reveal()),
    )
}

fn write(home: &Path, name: &str, text: &str) {
    let path = home.join(name);
    std::fs::create_dir_all(path.parent().expect("below home")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn issued(n: usize, seconds: i64) -> serde_json::Value {
    let expiration = (Utc::now() + TimeDelta::seconds(seconds))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    json!({"Code": "Success", "AccessKeyId": format!("STS.{n}"), "AccessKeySecret": "s", "SecurityToken": "t",
           "Expiration": expiration})
}

#[tokio::test]
async fn the_environment_wins_and_its_newest_names_first() {
    let home = tempfile::tempdir().expect("a directory");
    write(
        home.path(),
        ".aliyunlogcli",
        "[main]\naccess-id = file\naccess-key = s\n",
    );
    let own = [
        ("ALIYUN_LOG_CLI_ACCESSID", "own"),
        ("ALIYUN_LOG_CLI_ACCESSKEY", "s"),
    ];
    let cloud = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "cloud"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "t"),
    ];
    let legacy = [
        ("ALICLOUD_ACCESS_KEY_ID", "legacy"),
        ("ALICLOUD_ACCESS_KEY_SECRET", "s"),
    ];
    let all = [&own[..], &cloud[..], &legacy[..], &[NO_METADATA]].concat();
    for (skip, expected) in [
        (0, ("own", "s", "")),
        (2, ("cloud", "s", "t")),
        (5, ("legacy", "s", "")),
        (7, ("file", "s", "")),
    ] {
        let found = find(&all[skip..], home.path(), Places::default())
            .await
            .expect("keys");
        assert_eq!(shown(&found), expected);
    }
}

#[tokio::test]
async fn profiles_of_the_command_line_tool() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(|request| {
        let role = form(request).into_iter().find(|(n, _)| n == "RoleArn").map_or(String::new(), |(_, v)| v);
        let id = format!("STS.{role}");
        Reply::new(200, "application/json", json!({"Credentials": {"AccessKeyId": id, "AccessKeySecret": "s",
            "SecurityToken": "t", "Expiration": "2999-01-01T00:00:00Z"}, "AccessKeyId": "uri", "AccessKeySecret": "s"}).to_string())
    })
    .await;
    let script = home.path().join("keys.sh");
    std::fs::write(&script, r#"echo '{"mode":"StsToken","access_key_id":"ext","access_key_secret":"s","sts_token":"t"}'"#)
        .expect("written");
    write(home.path(), "oidc-token", "token\n");
    let own = json!({"access_key_id": "id", "access_key_secret": "s", "sts_token": "t"});
    let mut profiles = vec![
        json!({"name": "ak", "mode": "AK"}),
        json!({"name": "sts", "mode": "StsToken"}),
        json!({"name": "role", "mode": "RamRoleArn", "ram_role_arn": "one"}),
        json!({"name": "chain", "mode": "ChainableRamRoleArn", "ram_role_arn": "two", "source_profile": "role"}),
        json!({"name": "circle", "mode": "ChainableRamRoleArn", "source_profile": "circle"}),
        json!({"name": "ext", "mode": "External", "process_command": format!("sh {}", script.display())}),
        json!({"name": "endless", "mode": "External", "process_command": "yes"}),
        json!({"name": "uri", "mode": "CredentialsURI", "credentials_uri": server.url}),
        json!({"name": "oidc", "mode": "OIDC", "ram_role_arn": "three", "oidc_provider_arn": "p",
               "oidc_token_file": home.path().join("oidc-token")}),
        json!({"name": "sso", "mode": "CloudSSO", "sts_expiration": Utc::now().timestamp() + 3600}),
        json!({"name": "old", "mode": "CloudSSO", "sts_expiration": 1}),
        json!({"name": "odd", "mode": "RsaKeyPair"}),
    ];
    for profile in &mut profiles {
        let profile = profile.as_object_mut().expect("an object");
        profile.extend(own.as_object().expect("an object").clone());
    }
    let config = json!({"current": "ak", "profiles": profiles, "meta_path": ""});
    write(home.path(), ".aliyun/config.json", &config.to_string());
    let places = || Places {
        sts: Some(server.url.clone()),
        ..Places::default()
    };
    for (profile, expected) in [
        ("", Ok(("id", "s", ""))),
        ("sts", Ok(("id", "s", "t"))),
        ("role", Ok(("STS.one", "s", "t"))),
        ("chain", Ok(("STS.two", "s", "t"))),
        ("ext", Ok(("ext", "s", "t"))),
        ("uri", Ok(("uri", "s", ""))),
        ("oidc", Ok(("STS.three", "s", "t"))),
        ("sso", Ok(("id", "s", "t"))),
        ("endless", Err("yes printed more than 64 KiB")),
        ("circle", Err("circle")),
        ("old", Err("aliyun configure")),
        ("odd", Err("RsaKeyPair is not supported")),
        ("none", Err("no such profile")),
    ] {
        let variables = [("ALIBABA_CLOUD_PROFILE", profile), NO_METADATA];
        let found = find(&variables, home.path(), places()).await;
        match expected {
            Ok(keys) => assert_eq!(
                shown(&found.unwrap_or_else(|e| panic!("{profile}: {e}"))),
                keys,
                "{profile}"
            ),
            Err(part) => {
                let error = found.expect_err(profile);
                assert!(error.contains(part), "{profile}: {error}");
            }
        }
    }
    for request in server.asked().iter().filter(|r| r.method == "POST") {
        verify_rpc(request);
    }
}

#[tokio::test]
async fn what_a_command_complains_of_is_shown_without_its_keys() {
    let home = tempfile::tempdir().expect("a directory");
    for (name, script, parts) in [
        (
            "fails",
            "printf '\\033[2Jlog on first: own-hidden\\nat https://login\\n' >&2; exit 3",
            &[
                "failed with exit status: 3; its output: \\u{1b}[2Jlog on first: *** / at https://login",
            ][..],
        ),
        (
            "endless",
            "yes 'token=hidden no use' | head -c 5000000 >&2; exit 1",
            &["its output: token=*** no use / token=*** no use / token=*** no use"],
        ),
        (
            "long",
            "head -c 5000000 /dev/zero | tr '\\0' - >&2; exit 1",
            &["failed with exit status: 1"],
        ),
        (
            "broken",
            r#"echo '{"access_key_secret": "printed-hidden",'; echo no printed-hidden >&2"#,
            &["did not print the expected JSON; its output: no ***"],
        ),
        (
            "empty",
            r#"echo '{"access_key_secret": "hidden", "sts_token": "hidden2"}'; echo got hidden2 hidden >&2"#,
            &["printed no keys; its output: got *** ***"],
        ),
        (
            "held",
            "echo no >&2; sleep 5 >&2 & exit 1",
            &["failed with exit status: 1; its output: no"],
        ),
        ("silent", "exit 1", &["failed with exit status: 1"]),
    ] {
        let path = home.path().join("keys.sh");
        std::fs::write(&path, script).expect("written");
        let command = format!("sh {}", path.display());
        let profile = json!({"name": name, "mode": "External", "process_command": command,
            "access_key_secret": "own-hidden"});
        let config = json!({"current": name, "profiles": [profile], "meta_path": ""});
        write(home.path(), ".aliyun/config.json", &config.to_string());
        let error = find(&[NO_METADATA], home.path(), Places::default())
            .await
            .expect_err(name);
        for part in parts {
            assert!(error.contains(part), "{name}: {error}");
        }
        assert!(!error.contains("hidden"), "{name}: {error}");
        assert!(error.chars().all(|c| !c.is_control()), "{name}: {error:?}");
        assert!(error.len() < 1000, "{name}: {error}");
    }
}

fn form(request: &Request) -> Vec<(String, String)> {
    let body = String::from_utf8(request.body.clone()).expect("a form");
    Request {
        target: format!("/?{body}"),
        ..request.clone()
    }
    .params()
}

/// The signature of `AssumeRole`, from what came over the wire; `AssumeRoleWithOIDC` must have none.
fn verify_rpc(request: &Request) {
    let body = String::from_utf8(request.body.clone()).expect("a form");
    let mut pairs: Vec<&str> = body.split('&').collect();
    let signature = form(request)
        .into_iter()
        .find(|(name, _)| name == "Signature");
    if body.contains("Action=AssumeRoleWithOIDC") {
        assert!(
            signature.is_none()
                && body.contains("OIDCToken=token&") | body.ends_with("OIDCToken=token"),
            "{body}"
        );
        return;
    }
    pairs.retain(|pair| !pair.starts_with("Signature="));
    pairs.sort_unstable();
    let joined = pairs.join("&");
    let text = format!(
        "POST&%2F&{}",
        joined
            .replace('%', "%25")
            .replace('=', "%3D")
            .replace('&', "%26")
    );
    let mut mac = Hmac::<Sha1>::new_from_slice(b"s&").expect("any length");
    mac.update(text.as_bytes());
    assert_eq!(
        signature.expect("signed").1,
        BASE64.encode(mac.finalize().into_bytes())
    );
}

#[tokio::test]
async fn the_shared_file_and_the_file_of_the_log_tool() {
    let home = tempfile::tempdir().expect("a directory");
    let text = "[default]\ntype = access_key\naccess_key_id = shared\naccess_key_secret = s\n";
    write(home.path(), ".alibabacloud/credentials", text);
    write(
        home.path(),
        ".aliyunlogcli",
        "[main]\naccess-id = main\naccess-key = s\n[other]\naccess-id = other\naccess-key = s\nsts-token = t\n\
         [__option__]\ndefault-client = other\n",
    );
    let find = async |more: &[(&str, &str)]| {
        let variables = [&[NO_METADATA], more].concat();
        let found = find(&variables, home.path(), Places::default())
            .await
            .expect("keys");
        found.keys.id.clone()
    };
    assert_eq!(find(&[]).await, "shared");
    std::fs::remove_file(home.path().join(".alibabacloud/credentials")).expect("removed");
    assert_eq!(find(&[]).await, "other");
    assert_eq!(
        find(&[("ALIYUN_LOG_CLI_CLIENT_NAME", "main")]).await,
        "main"
    );
}

/// A metadata service of version 2 or only 1.
async fn metadata(version: u8) -> Server {
    Server::start(
        move |request| match (request.method.as_str(), request.path()) {
            ("PUT", "/latest/api/token") if version == 2 => {
                Reply::new(200, "text/plain", "meta-token")
            }
            ("PUT", _) => Reply::new(404, "text/plain", ""),
            _ if version == 2 && request.header("x-aliyun-ecs-metadata-token") != "meta-token" => {
                Reply::new(403, "text/plain", "")
            }
            (_, "/latest/meta-data/ram/security-credentials/") => {
                Reply::new(200, "text/plain", "my-role\n")
            }
            (_, "/latest/meta-data/ram/security-credentials/my-role") => {
                Reply::new(200, "application/json", issued(1, 3600).to_string())
            }
            _ => Reply::new(404, "text/plain", ""),
        },
    )
    .await
}

#[tokio::test]
async fn a_server_in_the_cloud_has_its_role_by_version_2_then_1() {
    let home = tempfile::tempdir().expect("a directory");
    for version in [2, 1] {
        let server = metadata(version).await;
        let places = || Places {
            sts: None,
            metadata: server.url.clone(),
        };
        for role in ["", "my-role"] {
            let found = find(
                &[("ALIBABA_CLOUD_ECS_METADATA", role)],
                home.path(),
                places(),
            )
            .await
            .expect("keys");
            assert_eq!(shown(&found), ("STS.1", "s", "t"));
            assert!(found.from.contains("my-role") && found.expires.is_some());
        }
        let error = find(
            &[("ALIBABA_CLOUD_ECS_METADATA", "no-role")],
            home.path(),
            places(),
        )
        .await;
        assert!(error.expect_err("no such role").contains("no-role"));
    }
    let server = metadata(1).await;
    let places = Places {
        sts: None,
        metadata: server.url.clone(),
    };
    let error = find(
        &[("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")],
        home.path(),
        places,
    )
    .await;
    assert!(
        error
            .expect_err("version 1 is forbidden")
            .contains("metadata version 2 returned 404")
    );
}

/// A chain whose time the test tells.
fn chain(variables: &[(&str, &str)], home: &Path, places: Places) -> Chain {
    let env = Environment::of(variables.iter().copied(), Some(home.to_owned()));
    let proxies = Proxies::of(&env).expect("good");
    let http = connect::client(&Connection::default(), &proxies, "http://127.0.0.1");
    Chain::new(env, places, http.expect("a client"), proxies)
}

/// Keys by number, good for so many seconds from `start` on; `None` for a service that is broken.
fn numbered(start: DateTime<Utc>, n: usize, until: Option<i64>) -> Reply {
    let Some(until) = until else {
        return Reply::new(503, "text/plain", "");
    };
    let expiration = (start + TimeDelta::seconds(until)).format("%Y-%m-%dT%H:%M:%SZ");
    let keys = json!({"AccessKeyId": format!("STS.{n}"), "AccessKeySecret": format!("hidden-{n}"),
        "SecurityToken": format!("hidden-token-{n}"), "Expiration": expiration.to_string()});
    let mut answer = keys.clone();
    answer["Credentials"] = keys;
    answer["Code"] = "Success".into();
    Reply::new(200, "application/json", answer.to_string())
}

/// Each kind of keys that expire, with a service of its own that has these to give, one after the other.
async fn expiring(
    kind: &str,
    home: &Path,
    start: DateTime<Utc>,
    gives: &'static [Option<i64>],
) -> (Chain, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = Server::start(move |request| match request.path() {
        "/latest/api/token" => Reply::new(200, "text/plain", "meta"),
        "/latest/meta-data/ram/security-credentials/" => Reply::new(200, "text/plain", "role"),
        _ => {
            let n = counter.fetch_add(1, Ordering::Relaxed);
            numbered(start, n, gives[n.min(gives.len() - 1)])
        }
    })
    .await;
    let url = server.url.clone();
    // It serves as long as the test runs.
    std::mem::forget(server);
    write(home, "token", "oidc-hidden");
    let token = home.join("token").display().to_string();
    let places = Places {
        sts: Some(url.clone()),
        metadata: url.clone(),
    };
    let variables: Vec<(&str, &str)> = match kind {
        "uri" => vec![("ALIBABA_CLOUD_CREDENTIALS_URI", url.as_str()), NO_METADATA],
        "ecs" => vec![],
        "oidc" => vec![
            ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token.as_str()),
            ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
            ("ALIBABA_CLOUD_ROLE_ARN", "r"),
        ],
        _ => {
            let profile = json!({"name": "x", "mode": kind, "ram_role_arn": "r", "access_key_id": "id",
                "access_key_secret": "hidden-own"});
            let config = json!({"current": "x", "profiles": [profile]});
            write(home, ".aliyun/config.json", &config.to_string());
            vec![]
        }
    };
    (chain(&variables, home, places), count)
}

#[tokio::test]
async fn keys_that_expire_are_renewed_in_time_and_once() {
    for kind in ["uri", "ecs", "oidc", "RamRoleArn"] {
        let home = tempfile::tempdir().expect("a directory");
        let start = Utc::now();
        let gives = &[Some(3600), Some(7200), Some(7200 + 3600)];
        let (chain, count) = expiring(kind, home.path(), start, gives).await;
        let mut ids = Vec::new();
        for second in [0, 1, 1800, 3419, 3421, 3422, 3600, 7000, 7021, 7022] {
            // Calls that run beside each other.
            let now = start + TimeDelta::seconds(second);
            let (one, other) = tokio::join!(chain.get(now), chain.get(now));
            let one = one.expect(kind).keys.id.clone();
            assert_eq!(one, other.expect(kind).keys.id, "{kind}");
            ids.push(one);
        }
        let wanted = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2].map(|n| format!("STS.{n}"));
        assert_eq!(ids, wanted, "{kind}");
        assert_eq!(count.load(Ordering::Relaxed), 3, "{kind}");
        assert!(chain.trouble().borrow().is_none());
    }
}

#[tokio::test]
async fn a_renewal_that_fails_is_told_and_tried_again_but_not_for_every_request() {
    let home = tempfile::tempdir().expect("a directory");
    let start = Utc::now();
    let gives = &[Some(900), None, None, Some(3600), None];
    let (chain, count) = expiring("oidc", home.path(), start, gives).await;
    let trouble = chain.trouble();
    let at = async |second: i64| {
        let found = chain.get(start + TimeDelta::seconds(second)).await;
        found.map(|found| found.keys.id.clone())
    };
    assert_eq!(at(0).await.as_deref(), Ok("STS.0"));
    for second in [721, 722, 725, 730] {
        assert_eq!(at(second).await.as_deref(), Ok("STS.0"), "bridged");
    }
    assert_eq!(count.load(Ordering::Relaxed), 2, "not for every request");
    let reported = trouble.borrow().clone().expect("told");
    assert!(
        reported.contains("cannot renew the keys")
            && reported.contains("OIDC token: security token service returned 503"),
        "{reported}"
    );
    assert!(
        !reported.contains("hidden") && !reported.contains("ECS"),
        "{reported}"
    );
    assert_eq!(at(731).await.as_deref(), Ok("STS.0"));
    assert_eq!(at(741).await.as_deref(), Ok("STS.3"));
    assert!(trouble.borrow().is_none(), "all is well");
    // Once they have expired there is nothing to go on with, and no other identity takes their place.
    let error = at(3600).await.expect_err("expired");
    assert!(
        error.passing && !error.to_string().contains("hidden"),
        "{error}"
    );
    assert_eq!(error.tried.len(), 1, "{error}");
}

#[tokio::test]
async fn keys_that_last_a_moment_are_not_asked_for_at_every_request() {
    let home = tempfile::tempdir().expect("a directory");
    let start = Utc::now();
    // The service gives the same until they expire, as the metadata of a cloud server may; then ones that have expired.
    let gives = &[
        Some(100),
        Some(100),
        Some(100),
        Some(100),
        Some(100),
        Some(100),
        Some(100),
        Some(100),
    ];
    let (chain, count) = expiring("ecs", home.path(), start, gives).await;
    for tenth in 0..1000 {
        let now = start + TimeDelta::milliseconds(tenth * 100);
        chain.get(now).await.expect("keys");
    }
    let asked = count.load(Ordering::Relaxed);
    assert!((2..=12).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_command_that_prints_keys_is_run_again_before_they_expire() {
    let home = tempfile::tempdir().expect("a directory");
    let start = Utc::now();
    let runs = home.path().join("runs");
    let script = home.path().join("keys.sh");
    let expiration = |seconds: i64| {
        let time = start + TimeDelta::seconds(seconds);
        time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let text = format!(
        "echo run >> {runs}\nn=$(grep -c run {runs})\ncase $n in 1) e={};; 2) exit 7;; *) e={};; esac\n         echo '{{\"mode\":\"StsToken\",\"access_key_id\":\"ext-'$n'\",\"access_key_secret\":\"hidden\",\"sts_token\":\"hidden\",\"expiration\":\"'$e'\"}}'\n",
        expiration(600),
        expiration(6000),
        runs = runs.display()
    );
    std::fs::write(&script, text).expect("written");
    let profile = json!({"name": "x", "mode": "External", "process_command": format!("sh {}", script.display())});
    let config = json!({"current": "x", "profiles": [profile]});
    write(home.path(), ".aliyun/config.json", &config.to_string());
    let chain = chain(&[NO_METADATA], home.path(), Places::default());
    let trouble = chain.trouble();
    let mut ids = Vec::new();
    for second in [0, 300, 421, 425, 432, 500] {
        let found = chain.get(start + TimeDelta::seconds(second)).await;
        ids.push(found.expect("keys").keys.id.clone());
        if second == 425 {
            let reported = trouble.borrow().clone().expect("told");
            assert!(
                reported.contains("sh failed with exit status: 7"),
                "{reported}"
            );
        }
    }
    assert_eq!(ids, ["ext-1", "ext-1", "ext-1", "ext-1", "ext-3", "ext-3"]);
    let runs = std::fs::read_to_string(runs).expect("it ran");
    assert_eq!(runs.lines().count(), 3);
}

#[tokio::test]
async fn a_token_file_is_read_anew_and_what_is_wrong_with_it_is_told() {
    let home = tempfile::tempdir().expect("a directory");
    let start = Utc::now();
    let server = Server::start(move |request| {
        let token = form(request).into_iter().find(|(name, _)| name == "OIDCToken");
        let token = token.map_or(String::new(), |(_, token)| token);
        if token.starts_with("stale") {
            let body = json!({"Code": "AuthenticationFail.OIDCToken.Expired", "RequestId": "R1",
                "Message": format!("This JWT has expired: {token}")});
            return Reply::new(400, "application/json", body.to_string());
        }
        let keys = json!({"AccessKeyId": format!("STS.{token}"), "AccessKeySecret": "s", "SecurityToken": "t",
            "Expiration": "2999-01-01T00:00:00Z"});
        Reply::new(200, "application/json", json!({"Credentials": keys}).to_string())
    })
    .await;
    let file = home.path().join("token");
    let name = file.display().to_string();
    let variables = [
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", name.as_str()),
        (
            "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
            "acs:ram::1:oidc-provider/p",
        ),
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        NO_METADATA,
    ];
    let places = Places {
        sts: Some(server.url.clone()),
        ..Places::default()
    };
    let chain = chain(&variables, home.path(), places);
    let why = async || chain.get(start).await.expect_err("none").to_string();
    let said = why().await;
    assert!(
        said.contains(&format!("OIDC token: {name}: No such file")),
        "{said}"
    );
    let most = vec![b'x'; (1 << 20) + 1];
    for (content, wanted) in [
        (&b" \n"[..], "it contains no token"),
        (b"\xff\xfe", "it is not UTF-8"),
        (&most, "it is larger than 1 MiB"),
        (
            b"stale-hidden",
            "400 Bad Request AuthenticationFail.OIDCToken.Expired",
        ),
    ] {
        std::fs::write(&file, content).expect("written");
        let said = why().await;
        assert!(said.contains(wanted) && !said.contains("hidden"), "{said}");
    }
    std::fs::remove_file(&file).expect("there");
    std::fs::create_dir(&file).expect("made");
    let said = why().await;
    assert!(said.contains("it is a directory"), "{said}");
    std::fs::remove_dir(&file).expect("there");
    for token in ["one", "two"] {
        std::fs::write(&file, format!("{token}\n")).expect("written");
        let found = chain.get(start).await.expect("keys");
        assert_eq!(found.keys.id, format!("STS.{token}"));
        // As where the service refuses them.
        chain.discard(&found).await;
    }
}

#[tokio::test]
async fn what_the_token_service_repeats_is_not_shown() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(|request| {
        let body = String::from_utf8(request.body.clone()).expect("a form");
        let message = format!("server string to sign is: {body}");
        let body = json!({"Code": "SignatureDoesNotMatch", "Message": message, "RequestId": "R1"});
        Reply::new(400, "application/json", body.to_string())
    })
    .await;
    let profile = json!({"name": "x", "mode": "RamRoleArn", "ram_role_arn": "one", "access_key_id": "id",
        "access_key_secret": "hidden-secret", "sts_token": "hidden+token=="});
    let config = json!({"current": "x", "profiles": [profile]});
    write(home.path(), ".aliyun/config.json", &config.to_string());
    let places = Places {
        sts: Some(server.url.clone()),
        ..Places::default()
    };
    let error = find(&[NO_METADATA], home.path(), places)
        .await
        .expect_err("refused");
    assert!(
        error.contains("SignatureDoesNotMatch") && error.contains("SecurityToken=***"),
        "{error}"
    );
    assert!(!error.contains("hidden"), "{error}");
}

#[tokio::test]
async fn what_is_broken_is_listed_without_its_secrets() {
    let home = tempfile::tempdir().expect("a directory");
    write(
        home.path(),
        ".aliyun/config.json",
        r#"{"current":"x","profiles":[{"name":"x","access_key_secret":hidden}]}"#,
    );
    write(
        home.path(),
        ".aliyunlogcli",
        "[main]\naccess-key = hidden\n",
    );
    let error = find(&[NO_METADATA], home.path(), Places::default())
        .await
        .expect_err("nothing works");
    for part in [
        "line 1 column",
        "[main] has no access-id",
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("hidden"), "{error}");
}
