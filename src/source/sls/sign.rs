//! Request signatures of Simple Log Service: v4 (`SLS4-HMAC-SHA256`) and v1 (`LOG`). Pure: time and keys are
//! parameters. Header names are lower case throughout.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::credentials::Keys;

/// Signature version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    V1,
    V4 { region: String },
}

/// The parts of a request that signatures cover.
#[derive(Clone, Debug)]
pub struct Signable<'a> {
    pub method: &'a str,
    /// Encoded, as in the request.
    pub path: &'a str,
    /// Names and values before percent-encoding.
    pub params: &'a [(String, String)],
    /// Headers to be sent; v4 requires `host`.
    pub headers: &'a BTreeMap<String, String>,
    pub body: &'a [u8],
}

/// Returns the headers to add, including the signature.
pub fn sign(
    scheme: &Scheme,
    keys: &Keys,
    time: DateTime<Utc>,
    request: &Signable<'_>,
) -> BTreeMap<String, String> {
    let mut added = BTreeMap::new();
    if let Some(token) = &keys.token {
        added.insert("x-acs-security-token".to_owned(), token.reveal().to_owned());
    }
    let authorization = match scheme {
        Scheme::V1 => v1(keys, time, request, &mut added),
        Scheme::V4 { region } => v4(keys, region, time, request, &mut added),
    };
    added.insert("authorization".to_owned(), authorization);
    added
}

fn v1(
    keys: &Keys,
    time: DateTime<Utc>,
    request: &Signable<'_>,
    added: &mut BTreeMap<String, String>,
) -> String {
    let date = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let md5 = if request.body.is_empty() {
        String::new()
    } else {
        hex(&Md5::digest(request.body)).to_uppercase()
    };
    if !md5.is_empty() {
        added.insert("content-md5".to_owned(), md5.clone());
    }
    added.insert("date".to_owned(), date.clone());
    added.insert("x-log-signaturemethod".to_owned(), "hmac-sha1".to_owned());

    let kind = request
        .headers
        .get("content-type")
        .map_or("", String::as_str);
    let mut text = format!("{}\n{md5}\n{kind}\n{date}\n", request.method);
    for (name, value) in covered(request, added).filter(|(name, _)| is_own(name)) {
        let _ = writeln!(text, "{name}:{}", value.trim());
    }
    text.push_str(request.path);
    for (i, (name, value)) in sorted(request.params).into_iter().enumerate() {
        let _ = write!(text, "{}{name}={value}", if i == 0 { '?' } else { '&' });
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(keys.secret.reveal().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    format!(
        "LOG {}:{}",
        keys.id,
        BASE64.encode(mac.finalize().into_bytes())
    )
}

fn v4(
    keys: &Keys,
    region: &str,
    time: DateTime<Utc>,
    request: &Signable<'_>,
    added: &mut BTreeMap<String, String>,
) -> String {
    let date = time.format("%Y%m%d").to_string();
    let stamp = time.format("%Y%m%dT%H%M%SZ").to_string();
    let body = hex(&Sha256::digest(request.body));
    added.insert("x-log-content-sha256".to_owned(), body.clone());
    added.insert("x-log-date".to_owned(), stamp.clone());

    let signed: BTreeMap<&str, &str> = covered(request, added)
        .filter(|(name, _)| is_own(name) || matches!(*name, "host" | "content-type"))
        .collect();
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        request.method,
        request.path,
        query(request.params)
    );
    for (name, value) in &signed {
        let _ = writeln!(canonical, "{name}:{}", value.trim());
    }
    let names = signed.keys().copied().collect::<Vec<_>>().join(";");
    let _ = write!(canonical, "\n{names}\n{body}");

    let scope = format!("{date}/{region}/sls/aliyun_v4_request");
    let text = format!(
        "SLS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let mut key = format!("aliyun_v4{}", keys.secret.reveal()).into_bytes();
    for part in [&date, region, "sls", "aliyun_v4_request"] {
        key = hmac_sha256(&key, part.as_bytes());
    }
    format!(
        "SLS4-HMAC-SHA256 Credential={}/{scope},Signature={}",
        keys.id,
        hex(&hmac_sha256(&key, text.as_bytes()))
    )
}

/// Canonical query of v4: sorted, values percent-encoded, an empty value without its `=`.
fn query(params: &[(String, String)]) -> String {
    let one = |(name, value): (&str, &str)| {
        if value.is_empty() {
            name.to_owned()
        } else {
            format!("{name}={}", percent_encode(value))
        }
    };
    sorted(params)
        .into_iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("&")
}

/// Percent-encodes according to RFC 3986: everything but unreserved characters becomes `%XX`.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn sorted(params: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    pairs.sort_unstable();
    pairs
}

/// All headers, ordered by name.
fn covered<'a>(
    request: &'a Signable<'_>,
    added: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let all: BTreeMap<&str, &str> = request
        .headers
        .iter()
        .chain(added)
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.into_iter()
}

/// Returns true for headers of the service, which are always signed.
fn is_own(name: &str) -> bool {
    name.starts_with("x-acs-") || (name.starts_with("x-log-") && !name.starts_with("x-log-meta-"))
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::source::Secret;

    fn vectors(kind: &str) -> Vec<Value> {
        let all: Value =
            serde_json::from_str(include_str!("../../../tests/sls/vectors.json")).expect("vectors");
        all[kind].as_array().expect("a list").clone()
    }

    fn text(value: &Value) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn pairs(value: &Value, lower: bool) -> Vec<(String, String)> {
        let name = |name: &String| {
            if lower {
                name.to_lowercase()
            } else {
                name.clone()
            }
        };
        value
            .as_object()
            .expect("an object")
            .iter()
            .map(|(k, v)| (name(k), text(v)))
            .collect()
    }

    /// Signs a vector's request and compares every added header with the vector's.
    fn check(vector: &Value, scheme: &Scheme, time: DateTime<Utc>) {
        let name = text(&vector["name"]);
        let keys = Keys {
            id: text(&vector["access_key_id"]),
            secret: Secret::new(text(&vector["secret"])),
            token: vector["sts"].as_str().map(Secret::new),
        };
        let params = pairs(&vector["params"], false);
        let headers = pairs(&vector["headers_in"], true).into_iter().collect();
        let body = BASE64.decode(text(&vector["body_b64"])).expect("base64");
        let request = Signable {
            method: vector["method"].as_str().expect("method"),
            path: vector["path"].as_str().expect("path"),
            params: &params,
            headers: &headers,
            body: &body,
        };
        let added = sign(scheme, &keys, time, &request);
        let expected: BTreeMap<String, String> =
            pairs(&vector["headers_out"], true).into_iter().collect();
        for (header, value) in &added {
            assert_eq!(Some(value), expected.get(header), "{name}: {header}");
        }
        assert!(added.contains_key("authorization"), "{name}");
    }

    #[test]
    fn v1_signs_as_the_official_client_does() {
        let vectors = vectors("v1");
        assert_eq!(vectors.len(), 7);
        for vector in vectors {
            let time =
                DateTime::parse_from_rfc2822(&text(&vector["headers_out"]["Date"])).expect("date");
            check(&vector, &Scheme::V1, time.with_timezone(&Utc));
        }
    }

    #[test]
    fn v4_signs_as_the_official_client_does() {
        let vectors = vectors("v4");
        assert_eq!(vectors.len(), 4);
        for vector in vectors {
            let time =
                chrono::NaiveDateTime::parse_from_str(&text(&vector["time"]), "%Y%m%dT%H%M%SZ")
                    .expect("time");
            check(
                &vector,
                &Scheme::V4 {
                    region: text(&vector["region"]),
                },
                time.and_utc(),
            );
        }
    }

    #[test]
    fn percent_encoding_leaves_only_unreserved_characters() {
        assert_eq!(percent_encode("a/b *~+测"), "a%2Fb%20%2A~%2B%E6%B5%8B");
    }
}
