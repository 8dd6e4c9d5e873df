//! Files and answers that hold credentials: what they hold is never said, whatever is wrong with them.

use std::fs;
use std::path::Path;

use regtrail::source::sls::Settings;
use regtrail::source::sls::address::Address;
use regtrail::source::sls::client::Client;
use regtrail::source::sls::credentials::Places;
use regtrail::source::{Environment, Failure};
use serde_json::json;

use super::{SECRET, assert_clean, mebibytes, run, runtime};
use crate::chance::{Chance, fuzz};
use crate::loopback::{Reply, Server};

const NO_METADATA: (&str, &str) = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");

fn write(home: &Path, name: &str, content: &[u8]) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().expect("below home")).expect("made");
    fs::write(path, content).expect("written");
}

/// Looks for keys; what is said is clean, and what is found has a secret and an id.
async fn find(home: &Path, variables: &[(&str, &str)], places: Places, what: &str) -> bool {
    let address = Address::parse("sls://1@cn-hangzhou").expect("good");
    let mut settings = Settings::new(
        address,
        Environment::of(variables.iter().copied(), Some(home.to_owned())),
    );
    settings.endpoint = Some("http://127.0.0.1:1".to_owned());
    settings.places = places;
    let client = match Client::new(&settings) {
        Ok(client) => client,
        Err(failure) => panic!("{what}: {failure}"),
    };
    match client.credentials().await {
        Ok(found) => {
            assert!(
                !found.keys.id.is_empty() && !found.keys.secret.is_empty(),
                "{what}"
            );
            assert!(
                !found.from.contains(SECRET) && !format!("{found:?}").contains(SECRET),
                "{what}: {}",
                found.from
            );
            true
        }
        Err(error) => {
            assert_clean(&Failure::from(error).to_string());
            false
        }
    }
}

const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"=",
    b"\n",
    b"\n[main]\n",
    b"#",
    b";",
    b"\xff",
    b"\0",
    b"\x1b[2J",
    b"null",
    b"1",
    b"AK",
    b"StsToken",
    b"RamRoleArn",
    b"ChainableRamRoleArn",
    b"EcsRamRole",
    b"CredentialsURI",
    b"OIDC",
    b"CloudSSO",
    b"-1",
    b"99999999999999999999",
];

/// A file of the command line tool, of the cloud's libraries, and of the log service's own tool.
fn files() -> [(&'static str, String); 3] {
    let own = json!({"access_key_id": "id", "access_key_secret": SECRET, "sts_token": SECRET, "sts_expiration": 1, "expired_seconds": 900,
        "ram_role_arn": "acs:ram::1:role/r", "source_profile": "a", "external_id": SECRET, "region_id": "cn-hangzhou"});
    let profile = |name: &str, mode: &str| {
        let mut profile = own.clone();
        profile["name"] = name.into();
        profile["mode"] = mode.into();
        profile
    };
    let config = json!({"current": "a", "profiles": [profile("a", "AK"), profile("b", "StsToken"), profile("c", "CloudSSO")]});
    [
        (".aliyun/config.json", config.to_string()),
        (
            ".alibabacloud/credentials",
            format!(
                "# c\n[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = {SECRET}\nsecurity_token={SECRET}\n\n[x]\ntype=sts\n"
            ),
        ),
        (
            ".aliyunlogcli",
            format!(
                "[main]\naccess-id = id\naccess-key = {SECRET}\nsts-token = {SECRET}\nregion-id=cn-hangzhou\n[__option__]\ndefault-client = main\n"
            ),
        ),
    ]
}

#[test]
fn files_of_credentials_are_read_or_refused_without_what_they_hold() {
    let threads = runtime();
    let files = files();
    let home = tempfile::tempdir().expect("a directory");
    fuzz("files of credentials", 300, |chance| {
        let (name, text) = chance.pick(&files);
        let mut content = text.clone().into_bytes();
        let damaged = chance.below(8) > 0;
        if damaged {
            chance.damage(&mut content, 0, PIECES);
        }
        for (other, _) in &files {
            let _ = fs::remove_file(home.path().join(other));
        }
        write(home.path(), name, &content);
        let nowhere = Places {
            sts: Some("http://127.0.0.1:1".to_owned()),
            metadata: "http://127.0.0.1:1".to_owned(),
        };
        let shown = String::from_utf8_lossy(&content);
        let found = threads.block_on(find(home.path(), &[NO_METADATA], nowhere, &shown));
        assert!(found || damaged, "{shown}");
    });
}

/// What services answer that hand out keys.
fn issued(kind: &str) -> String {
    let keys = json!({"Code": "Success", "AccessKeyId": "STS.1", "AccessKeySecret": SECRET, "SecurityToken": SECRET,
        "Expiration": "2999-01-01T00:00:00Z"});
    match kind {
        "sts" => json!({"RequestId": "R1", "Credentials": keys}).to_string(),
        "refused" => json!({"Code": "SignatureDoesNotMatch", "Message": format!("signed was x&SecurityToken={SECRET}"), "RequestId": "R"}).to_string(),
        "external" => json!({"mode": "StsToken", "access_key_id": "id", "access_key_secret": SECRET, "sts_token": SECRET}).to_string(),
        _ => keys.to_string(),
    }
}

/// A place where keys are handed out, with an answer from it that is damaged by chance.
fn answered(chance: &mut Chance) -> (&'static str, Vec<u8>, bool) {
    let kind = *chance.pick(&["sts", "refused", "ecs", "role", "uri", "external"]);
    let mut body = if kind == "role" {
        b"my-role\n".to_vec()
    } else {
        issued(kind).into_bytes()
    };
    let damaged = chance.below(8) > 0;
    if damaged {
        chance.damage(&mut body, 0, PIECES);
        if chance.below(4) == 0 {
            let at = chance.below(body.len() + 1);
            body.splice(at..at, "x".repeat(5_000).into_bytes());
        }
    }
    (kind, body, damaged || kind == "refused")
}

#[test]
fn answers_with_credentials_are_read_or_refused_without_what_they_hold() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    fuzz("answers with credentials", 150, |chance| {
        let (kind, body, may_fail) = answered(chance);
        let status = if chance.below(4) == 0 && may_fail {
            *chance.pick(&[400, 403, 404, 500])
        } else {
            200
        };
        let printed = home.path().join("printed");
        fs::write(&printed, &body).expect("written");
        let (sent, shown) = (body.clone(), String::from_utf8_lossy(&body).into_owned());
        let found = threads.block_on(async {
            let server = Server::start(move |request| match (kind, request.method.as_str()) {
                ("ecs" | "role", "PUT") => Reply::new(200, "text/plain", "token"),
                ("ecs", _) if request.path().ends_with("security-credentials/") => Reply::new(200, "text/plain", "r"),
                ("role", _) if !request.path().ends_with("security-credentials/") => Reply::new(200, "application/json", issued("ecs")),
                _ => Reply::new(status, "application/json", sent.clone()),
            })
            .await;
            let mode = match kind {
                "sts" | "refused" => "RamRoleArn",
                "uri" => "CredentialsURI",
                "external" => "External",
                _ => "EcsRamRole",
            };
            let profile = json!({"name": "a", "mode": mode, "access_key_id": "id", "access_key_secret": SECRET, "sts_token": SECRET,
                "ram_role_arn": "acs:ram::1:role/r", "credentials_uri": server.url, "process_command": format!("cat {}", printed.display())});
            let config = json!({"current": "a", "profiles": [profile]});
            write(home.path(), ".aliyun/config.json", config.to_string().as_bytes());
            let places = Places { sts: Some(server.url.clone()), metadata: server.url.clone() };
            find(home.path(), &[NO_METADATA], places, &format!("{kind}: {shown}")).await
        });
        assert!(found || may_fail, "{kind}: {shown}");
    });
}

#[test]
fn what_is_repeated_in_credentials_is_bounded() {
    let home = tempfile::tempdir().expect("a directory");
    for (name, start, unit) in [
        (".aliyun/config.json", "", "["),
        (".aliyun/config.json", "", "{\"profiles\":"),
        (".aliyun/config.json", "{\"current\":\"", "x"),
        (".aliyun/config.json", "{\"profiles\":[", "{},"),
        (".alibabacloud/credentials", "", "[default]\n"),
        (
            ".alibabacloud/credentials",
            "[default]\n",
            "access_key_id = id\n",
        ),
        (".alibabacloud/credentials", "[default]\ntype = ", "x"),
        (".aliyunlogcli", "", "="),
        (".aliyunlogcli", "", "\u{1b}"),
        (".aliyunlogcli", "[__option__]\ndefault-client = ", "x"),
    ] {
        // The largest that is read, and more.
        for len in [1_000_000, (1 + mebibytes()) << 20] {
            for (other, _) in files() {
                let _ = fs::remove_file(home.path().join(other));
            }
            write(
                home.path(),
                name,
                format!("{start}{}", unit.repeat(len / unit.len())).as_bytes(),
            );
            let arguments = [
                "query",
                "sls://p.cn-hangzhou.log.aliyuncs.com/l",
                "--sls-endpoint",
                "http://127.0.0.1:1",
                "--since",
                "-1m",
                "--count",
            ];
            let ended = run(&arguments, home.path(), &[NO_METADATA]);
            ended.assert_well(&[1, 3], &format!("{name} {start}{unit:?}"));
        }
    }
}
