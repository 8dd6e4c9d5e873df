//! The security token service: keys for a role, requested with other keys or with an OIDC token.

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha1::Sha1;

use super::super::sign::percent_encode;
use super::{Context, Credentials, Keys, Miss, keys, refused, scrubbed, text, time, unreached};

const SERVICE: &str = "security token service";

/// A role to assume.
#[derive(Clone, Debug, Default)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: String,
    pub(super) external_id: String,
    /// Lifetime in seconds; the service's minimum is 900, and 0 means an hour.
    pub(super) seconds: u32,
    /// Region of the service; empty for the global one.
    pub(super) region: String,
}

impl Role {
    fn parameters(&self, action: &str, context: &Context) -> Vec<(String, String)> {
        let session = if self.session.is_empty() {
            "regtrail"
        } else {
            &self.session
        };
        let seconds = if self.seconds == 0 {
            3600
        } else {
            self.seconds.max(900)
        };
        let mut parameters = vec![
            ("Action", action.to_owned()),
            ("Version", "2015-04-01".to_owned()),
            ("Format", "JSON".to_owned()),
            (
                "Timestamp",
                context.now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            ),
            ("SignatureNonce", nonce()),
            ("RoleArn", self.arn.clone()),
            ("RoleSessionName", session.to_owned()),
            ("DurationSeconds", seconds.to_string()),
        ];
        if !self.external_id.is_empty() {
            parameters.push(("ExternalId", self.external_id.clone()));
        }
        parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// `AssumeRole`, signed with `keys`.
pub(super) async fn assume_role(
    context: &Context,
    with: &Keys,
    role: &Role,
) -> Result<Credentials, Miss> {
    let mut parameters = role.parameters("AssumeRole", context);
    let mut add = |name: &str, value: &str| parameters.push((name.to_owned(), value.to_owned()));
    add("AccessKeyId", &with.id);
    add("SignatureMethod", "HMAC-SHA1");
    add("SignatureVersion", "1.0");
    if let Some(token) = &with.token {
        add("SecurityToken", token.reveal());
    }
    let signature = signature(&mut parameters, with.secret.reveal());
    parameters.push(("Signature".to_owned(), signature));
    post(context, role, &parameters).await
}

/// `AssumeRoleWithOIDC`, which is not signed: the token is the proof.
pub(super) async fn with_oidc(
    context: &Context,
    role: &Role,
    provider: &str,
    token: &str,
) -> Result<Credentials, Miss> {
    let mut parameters = role.parameters("AssumeRoleWithOIDC", context);
    parameters.push(("OIDCProviderArn".to_owned(), provider.to_owned()));
    parameters.push(("OIDCToken".to_owned(), token.trim().to_owned()));
    post(context, role, &parameters).await
}

/// Signature of the RPC style: over the sorted, encoded parameters, encoded again.
fn signature(parameters: &mut [(String, String)], secret: &str) -> String {
    parameters.sort();
    let text = format!("POST&%2F&{}", percent_encode(&encode(parameters)));
    let key = format!("{secret}&");
    let mut mac =
        Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

fn encode(parameters: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in parameters {
        let joint = if out.is_empty() { "" } else { "&" };
        let _ = write!(
            out,
            "{joint}{}={}",
            percent_encode(name),
            percent_encode(value)
        );
    }
    out
}

fn nonce() -> String {
    let part = || std::hash::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", part(), part())
}

async fn post(
    context: &Context,
    role: &Role,
    parameters: &[(String, String)],
) -> Result<Credentials, Miss> {
    let base = context.places.sts.clone().unwrap_or_else(|| {
        let vpc = if context.env.is_on("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
            "-vpc"
        } else {
            ""
        };
        match role.region.as_str() {
            "" => "https://sts.aliyuncs.com".to_owned(),
            region => format!("https://sts{vpc}.{region}.aliyuncs.com"),
        }
    });
    let failed = |e: reqwest::Error| unreached(&format!("{SERVICE}: "), &e, context);
    let answer = context
        .http
        .post(format!("{base}/"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encode(parameters))
        .send()
        .await
        .map_err(failed)?;
    let status = answer.status();
    let answer: Answer = serde_json::from_str(&text(answer).await.map_err(failed)?)
        .map_err(|_| refused(&format!("{SERVICE} "), status))?;
    let Some(found) = answer.credentials else {
        let Answer {
            code,
            message,
            request_id,
            ..
        } = answer;
        let said = format!(
            "{status} {code} {message} (request {request_id}), role {}",
            role.arn
        );
        // The service may repeat signed content, including tokens.
        let is_token = |name: &str| matches!(name, "SecurityToken" | "OIDCToken");
        let tokens = parameters
            .iter()
            .filter(|(name, _)| is_token(name))
            .map(|(_, value)| value.as_str());
        let why = format!("{SERVICE}: {}", scrubbed(&said, tokens));
        let passes = status.is_server_error() || code.starts_with("Throttling");
        return Err(if passes {
            Miss::Passing(why)
        } else {
            Miss::Broken(why)
        });
    };
    let keys = keys(
        &found.access_key_id,
        &found.access_key_secret,
        &found.security_token,
    )
    .ok_or_else(|| Miss::Broken(format!("{SERVICE}: no keys in the response")))?;
    Ok(Credentials {
        keys,
        expires: time(&found.expiration),
        from: format!("role {}", role.arn),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    credentials: Option<Found>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    #[serde(default)]
    expiration: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected text to sign is written out by hand.
    #[test]
    fn parameters_are_sorted_and_encoded_twice() {
        let mut parameters =
            [("b", "x y*"), ("a", "1~/")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed = signature(&mut parameters, "secret");
        assert_eq!(encode(&parameters), "a=1~%2F&b=x%20y%2A");
        let mut mac = Hmac::<Sha1>::new_from_slice(b"secret&").expect("any length");
        mac.update(b"POST&%2F&a%3D1~%252F%26b%3Dx%2520y%252A");
        assert_eq!(signed, BASE64.encode(mac.finalize().into_bytes()));
    }
}
