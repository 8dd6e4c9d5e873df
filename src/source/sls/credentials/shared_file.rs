//! Reads `~/.alibabacloud/credentials`, the file shared by the cloud's libraries.

use super::{Context, Credentials, Miss, ecs, ini, keys, named, oidc, sts, word};
use crate::source::small_file;

pub(super) async fn load(context: &Context) -> Result<Credentials, Miss> {
    let path: std::path::PathBuf = match context.env.get("ALIBABA_CLOUD_CREDENTIALS_FILE") {
        Some(path) => path.into(),
        None => context
            .env
            .in_home(".alibabacloud/credentials")
            .ok_or_else(|| Miss::Absent("no home directory".to_owned()))?,
    };
    let text = small_file::read_text(&path).map_err(|e| Miss::Absent(e.to_string()))?;
    let name = context
        .env
        .get("ALIBABA_CLOUD_PROFILE")
        .unwrap_or("default");
    let ini = ini::parse(&text);
    let section = ini
        .get(name)
        .ok_or_else(|| Miss::Absent(format!("no section [{}]", named(name))))?;
    let value = |key: &str| section.get(key).map_or("", String::as_str);
    let long_lived = || {
        keys(
            value("access_key_id"),
            value("access_key_secret"),
            value("security_token"),
        )
        .ok_or_else(|| {
            Miss::Broken(format!(
                "section [{}] has no access_key_id or no access_key_secret",
                named(name)
            ))
        })
    };
    let role = || sts::Role {
        arn: value("role_arn").to_owned(),
        session: value("role_session_name").to_owned(),
        region: value("sts_region").to_owned(),
        ..sts::Role::default()
    };
    let found = match value("type") {
        "" | "access_key" | "sts" => Credentials {
            keys: long_lived()?,
            expires: None,
            from: String::new(),
        },
        "ecs_ram_role" => ecs::of_role(context, value("role_name")).await?,
        "ram_role_arn" => sts::assume_role(context, &long_lived()?, &role()).await?,
        "oidc_role_arn" => {
            oidc::with_file(
                context,
                &role(),
                value("oidc_provider_arn"),
                value("oidc_token_file_path"),
            )
            .await?
        }
        other => {
            return Err(Miss::Broken(format!(
                "section [{}] has type {}, which is not supported",
                named(name),
                word(other)
            )));
        }
    };
    Ok(Credentials {
        from: format!("{} [{name}]", path.display()),
        ..found
    })
}
