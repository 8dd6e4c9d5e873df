//! Reads `~/.aliyunlogcli`, the file of the service's own command-line tool.

use std::collections::BTreeMap;

use super::{Context, Credentials, Miss, ini, keys, named};
use crate::source::Environment;
use crate::source::small_file;

pub(super) fn load(context: &Context) -> Result<Credentials, Miss> {
    let (section, name) = section(&context.env)?;
    let value = |key: &str| section.get(key).map_or("", String::as_str);
    let keys =
        keys(value("access-id"), value("access-key"), value("sts-token")).ok_or_else(|| {
            Miss::Broken(format!(
                "section [{}] has no access-id or no access-key",
                named(&name)
            ))
        })?;
    Ok(Credentials {
        keys,
        expires: None,
        from: format!("~/.aliyunlogcli [{name}]"),
    })
}

/// Setting of the selected client.
pub(super) fn setting(env: &Environment, key: &str) -> Option<String> {
    section(env)
        .ok()?
        .0
        .get(key)
        .filter(|value| !value.is_empty())
        .cloned()
}

/// Section of the selected client, and its name.
fn section(env: &Environment) -> Result<(BTreeMap<String, String>, String), Miss> {
    let path = env
        .in_home(".aliyunlogcli")
        .ok_or_else(|| Miss::Absent("no home directory".to_owned()))?;
    let text = small_file::read_text(&path).map_err(|e| Miss::Absent(e.to_string()))?;
    let mut ini = ini::parse(&text);
    let default = ini
        .get("__option__")
        .and_then(|o| o.get("default-client"))
        .cloned();
    let name = env
        .get("ALIYUN_LOG_CLI_CLIENT_NAME")
        .map(str::to_owned)
        .or(default);
    let name = name.unwrap_or_else(|| "main".to_owned());
    let section = ini
        .remove(&name)
        .ok_or_else(|| Miss::Absent(format!("no section [{}]", named(&name))))?;
    Ok((section, name))
}
