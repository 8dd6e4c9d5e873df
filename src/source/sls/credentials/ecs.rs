//! The role of the cloud server that regtrail runs on, from its metadata service: version 2, then 1.

use serde::Deserialize;

use super::{Context, Credentials, Miss, keys, text, time};

const PATH: &str = "latest/meta-data/ram/security-credentials/";

pub(super) async fn load(context: &Context) -> Result<Credentials, Miss> {
    if context.env.is_on("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        return Err(Miss::Absent(
            "disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED".to_owned(),
        ));
    }
    of_role(
        context,
        context
            .env
            .get("ALIBABA_CLOUD_ECS_METADATA")
            .unwrap_or_default(),
    )
    .await
}

/// Returns the keys of the role; for an empty name the service is asked for the server's role.
pub(super) async fn of_role(context: &Context, role: &str) -> Result<Credentials, Miss> {
    let token = token(context).await?;
    let role = if role.is_empty() {
        get(context, token.as_deref(), "").await?
    } else {
        role.to_owned()
    };
    let role = role.trim();
    let answer: Answer = serde_json::from_str(&get(context, token.as_deref(), role).await?)
        .map_err(|_| Miss::Broken(format!("role {role}: unexpected response")))?;
    if answer.code != "Success" {
        return Err(Miss::Broken(format!("role {role}: {}", answer.code)));
    }
    let keys = keys(
        &answer.access_key_id,
        &answer.access_key_secret,
        &answer.security_token,
    )
    .ok_or_else(|| Miss::Broken(format!("role {role}: no keys in the response")))?;
    Ok(Credentials {
        keys,
        expires: time(&answer.expiration),
        from: format!("ECS metadata, role {role}"),
    })
}

/// Returns a token of metadata version 2; `None` if only version 1 responds and may be used.
async fn token(context: &Context) -> Result<Option<String>, Miss> {
    let request = context
        .near
        .put(format!("{}/latest/api/token", context.places.metadata))
        .header("x-aliyun-ecs-metadata-token-ttl-seconds", "21600");
    let why = match request.send().await {
        Ok(answer) if answer.status().is_success() => {
            return text(answer).await.map(Some).map_err(|e| absent(&e));
        }
        Ok(answer) => format!("metadata version 2 returned {}", answer.status()),
        // Nothing responds: version 1 would only cost another timeout.
        Err(e) => return Err(absent(&e)),
    };
    if context.env.is_on("ALIBABA_CLOUD_IMDSV1_DISABLED") {
        Err(Miss::Broken(why))
    } else {
        Ok(None)
    }
}

async fn get(context: &Context, token: Option<&str>, role: &str) -> Result<String, Miss> {
    let mut request = context
        .near
        .get(format!("{}/{PATH}{role}", context.places.metadata));
    if let Some(token) = token {
        request = request.header("x-aliyun-ecs-metadata-token", token);
    }
    let answer = request.send().await.map_err(|e| absent(&e))?;
    if !answer.status().is_success() {
        return Err(Miss::Absent(format!(
            "{} for role {role:?}",
            answer.status()
        )));
    }
    text(answer).await.map_err(|e| absent(&e))
}

fn absent(error: &reqwest::Error) -> Miss {
    Miss::Absent(if error.is_timeout() {
        "no response".to_owned()
    } else {
        "cannot connect".to_owned()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Answer {
    code: String,
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    expiration: String,
}
