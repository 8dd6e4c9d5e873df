//! Reads `~/.aliyun/config.json`, the profiles of the cloud's command-line tool, in the modes that need no browser.

use std::path::PathBuf;

use chrono::DateTime;
use serde::Deserialize;

use crate::source::small_file;

use super::{Context, Credentials, Keys, Miss, ecs, external, keys, named, oidc, sts, uri, word};

/// Profiles may name each other as sources; a longer chain than this is treated as circular.
const LONGEST_CHAIN: usize = 8;

pub(super) async fn load(context: &Context) -> Result<Credentials, Miss> {
    for switch in [
        "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
        "ALIBABA_CLOUD_IGNORE_PROFILE",
    ] {
        if context.env.is_on(switch) {
            return Err(Miss::Absent(format!("disabled by {switch}")));
        }
    }
    let path = match context.env.get("ALIBABA_CLOUD_CONFIG_FILE") {
        Some(path) => PathBuf::from(path),
        None => context
            .env
            .in_home(".aliyun/config.json")
            .ok_or_else(|| Miss::Absent("no home directory".to_owned()))?,
    };
    let text = small_file::read(&path).map_err(|e| Miss::Absent(e.to_string()))?;
    // Only the location of the error is reported: the message could repeat a value.
    let config: Config = serde_json::from_slice(&text).map_err(|e| {
        Miss::Broken(format!(
            "unexpected JSON at line {} column {}",
            e.line(),
            e.column()
        ))
    })?;
    let name = context
        .env
        .get("ALIBABA_CLOUD_PROFILE")
        .unwrap_or(&config.current)
        .to_owned();
    let exposed = small_file::exposed(&path);
    let from = format!("{} profile {name}{exposed}", path.display());
    let found = resolve(context, &config, &name, 0).await?;
    Ok(Credentials { from, ..found })
}

/// Returns the keys of a profile, which may first need those of another one.
async fn resolve(
    context: &Context,
    config: &Config,
    name: &str,
    depth: usize,
) -> Result<Credentials, Miss> {
    let broken = |what: String| Miss::Broken(format!("profile {}: {what}", named(name)));
    let profile = config
        .profiles
        .iter()
        .find(|p| p.name == name)
        .ok_or_else(|| broken("no such profile".to_owned()))?;
    let own = |token: &str| {
        keys(&profile.access_key_id, &profile.access_key_secret, token)
            .ok_or_else(|| broken("no access_key_id or no access_key_secret".to_owned()))
    };
    let fixed = |keys: Keys| Credentials {
        keys,
        expires: None,
        from: String::new(),
    };
    match profile.mode.as_str() {
        "" | "AK" => Ok(fixed(own("")?)),
        "StsToken" => Ok(fixed(own(&profile.sts_token)?)),
        "EcsRamRole" => ecs::of_role(context, &profile.ram_role_name).await,
        "External" => {
            let known = [&*profile.access_key_secret, &*profile.sts_token];
            external::from_command(&profile.process_command, name, known).await
        }
        "CredentialsURI" => uri::from_uri(context, &profile.credentials_uri).await,
        "OIDC" => {
            let (provider, file) = (&profile.oidc_provider_arn, &profile.oidc_token_file);
            oidc::with_file(context, &profile.role(), provider, file).await
        }
        "RamRoleArn" => sts::assume_role(context, &own(&profile.sts_token)?, &profile.role()).await,
        "ChainableRamRoleArn" => {
            if depth >= LONGEST_CHAIN {
                return Err(broken("circular source_profile chain".to_owned()));
            }
            let source = Box::pin(resolve(context, config, &profile.source, depth + 1)).await?;
            sts::assume_role(context, &source.keys, &profile.role()).await
        }
        mode @ ("CloudSSO" | "OAuth") => {
            let expires =
                DateTime::from_timestamp(profile.sts_expiration, 0).filter(|e| *e > context.now);
            let expires = expires.ok_or_else(|| {
                broken(format!("the {mode} login has expired; log in again with `aliyun configure --profile {name}`"))
            })?;
            Ok(Credentials {
                keys: own(&profile.sts_token)?,
                expires: Some(expires),
                from: String::new(),
            })
        }
        mode => Err(broken(format!("mode {} is not supported", word(mode)))),
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    name: String,
    mode: String,
    access_key_id: String,
    access_key_secret: String,
    sts_token: String,
    sts_region: String,
    sts_expiration: i64,
    ram_role_name: String,
    ram_role_arn: String,
    ram_session_name: String,
    external_id: String,
    expired_seconds: u32,
    #[serde(rename = "source_profile")]
    source: String,
    process_command: String,
    oidc_token_file: String,
    oidc_provider_arn: String,
    credentials_uri: String,
    region_id: String,
}

impl Profile {
    fn role(&self) -> sts::Role {
        let region = if self.sts_region.is_empty() {
            &self.region_id
        } else {
            &self.sts_region
        };
        sts::Role {
            arn: self.ram_role_arn.clone(),
            session: self.ram_session_name.clone(),
            external_id: self.external_id.clone(),
            seconds: self.expired_seconds,
            region: region.clone(),
        }
    }
}
