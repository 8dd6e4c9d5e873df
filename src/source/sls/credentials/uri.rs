//! A local service that returns keys, named by `ALIBABA_CLOUD_CREDENTIALS_URI` or by a profile.

use serde::Deserialize;

use super::{Context, Credentials, Miss, keys, refused, text, time, unreached};

pub(super) async fn load(context: &Context) -> Result<Credentials, Miss> {
    let uri = context
        .env
        .get("ALIBABA_CLOUD_CREDENTIALS_URI")
        .ok_or_else(|| Miss::Absent("ALIBABA_CLOUD_CREDENTIALS_URI is not set".to_owned()))?;
    from_uri(context, uri).await
}

pub(super) async fn from_uri(context: &Context, uri: &str) -> Result<Credentials, Miss> {
    // The URI may contain a secret, so errors do not repeat it.
    let failed = |e: reqwest::Error| unreached("", &e, context);
    let answer = context.http.get(uri).send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(refused("", answer.status()));
    }
    let answer: Answer = serde_json::from_str(&text(answer).await.map_err(failed)?)
        .map_err(|_| Miss::Broken("unexpected response".to_owned()))?;
    let keys = keys(
        &answer.access_key_id,
        &answer.access_key_secret,
        &answer.security_token,
    )
    .ok_or_else(|| Miss::Broken("no keys in the response".to_owned()))?;
    Ok(Credentials {
        keys,
        expires: time(&answer.expiration),
        from: "credentials URI".to_owned(),
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    expiration: String,
}
