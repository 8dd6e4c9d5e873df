//! Requests verified by the documented recipe, from what came over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::super::{Reply, Request};
use super::{ENDPOINT, KEY_ID, PROJECT, SECRET, World, refuse};

/// Checks host, time, token, digest and signature.
pub(super) fn verify(world: &mut World, request: &Request, now: i64) -> Result<(), Reply> {
    if request.header("host") != format!("{PROJECT}.{ENDPOINT}") {
        return Err(refuse(400, "InvalidHost", request.header("host")));
    }
    let authorization = request.header("authorization").to_owned();
    let stamp = if authorization.starts_with("LOG ") {
        request.header("date")
    } else {
        request.header("x-log-date")
    };
    let sent = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ")
        .or_else(|_| NaiveDateTime::parse_from_str(stamp, "%a, %d %b %Y %H:%M:%S GMT"));
    let Ok(sent) = sent else {
        return Err(refuse(401, "Unauthorized", "no time"));
    };
    if (sent.and_utc().timestamp() - now).abs() > 900 {
        let message = format!("Request time {stamp} has been expired while server time is {now}.");
        return Err(refuse(400, "RequestTimeExpired", &message));
    }
    if world.token != request.header("x-acs-security-token") {
        return Err(refuse(
            401,
            "Unauthorized",
            "The security token you provided has expired.",
        ));
    }
    let expected = if authorization.starts_with("LOG ") {
        v1(request)
    } else {
        v4(request, stamp)
    };
    if authorization != expected {
        world
            .bad_signatures
            .push(format!("{authorization} instead of {expected}"));
        return Err(refuse(401, "SignatureNotMatch", "Signature not matched."));
    }
    Ok(())
}

fn own_headers(request: &Request) -> impl Iterator<Item = (&String, &String)> {
    request
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-log-") || name.starts_with("x-acs-"))
}

fn v4(request: &Request, stamp: &str) -> String {
    let mut query: Vec<String> = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.strip_suffix('=').unwrap_or(pair).to_owned())
        .collect();
    query.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
    let mut headers: Vec<(&str, &str)> = own_headers(request)
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    headers.push(("host", request.header("host")));
    if !request.header("content-type").is_empty() {
        headers.push(("content-type", request.header("content-type")));
    }
    headers.sort_unstable();
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    let body = hex(&Sha256::digest(&request.body));
    let canonical = [
        &request.method,
        request.path(),
        &query.join("&"),
        &lines,
        &names.join(";"),
        &body,
    ]
    .join("\n");
    let scope = format!("{}/cn-hangzhou/sls/aliyun_v4_request", &stamp[..8]);
    let text = format!(
        "SLS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let hash = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let key = hash(format!("aliyun_v4{SECRET}").as_bytes(), &stamp[..8]);
    let key = hash(
        &hash(&hash(&key, "cn-hangzhou"), "sls"),
        "aliyun_v4_request",
    );
    format!(
        "SLS4-HMAC-SHA256 Credential={KEY_ID}/{scope},Signature={}",
        hex(&hash(&key, &text))
    )
}

fn v1(request: &Request) -> String {
    let md5 = match request.body.as_slice() {
        [] => String::new(),
        body => hex(&Md5::digest(body)).to_uppercase(),
    };
    let mut params = request.params();
    params.sort();
    let pairs: Vec<_> = params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let joint = if pairs.is_empty() { "" } else { "?" };
    let headers: String = own_headers(request)
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    let (kind, date) = (request.header("content-type"), request.header("date"));
    let text = format!(
        "{}\n{md5}\n{kind}\n{date}\n{headers}{}{joint}{}",
        request.method,
        request.path(),
        pairs.join("&")
    );
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    format!(
        "LOG {KEY_ID}:{}",
        BASE64.encode(mac.finalize().into_bytes())
    )
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}
