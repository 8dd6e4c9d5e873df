//! Keys from environment variables.

use super::{Context, Credentials, Miss, keys};

/// Names of the id, the secret and the token: first those of this service, then the current ones, then two older
/// spellings.
const NAMES: [[&str; 3]; 4] = [
    [
        "ALIYUN_LOG_CLI_ACCESSID",
        "ALIYUN_LOG_CLI_ACCESSKEY",
        "ALIYUN_LOG_CLI_STS_TOKEN",
    ],
    [
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ],
    [
        "ALIBABACLOUD_ACCESS_KEY_ID",
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
        "ALIBABACLOUD_SECURITY_TOKEN",
    ],
    [
        "ALICLOUD_ACCESS_KEY_ID",
        "ALICLOUD_ACCESS_KEY_SECRET",
        "ALICLOUD_SECURITY_TOKEN",
    ],
];

pub(super) fn load(context: &Context) -> Result<Credentials, Miss> {
    let value = |name| context.env.get(name).unwrap_or_default();
    for [id, secret, token] in NAMES {
        if let Some(keys) = keys(value(id), value(secret), value(token)) {
            return Ok(Credentials {
                keys,
                expires: None,
                from: format!("environment ({id})"),
            });
        }
        if context.env.get(id).is_some() {
            return Err(Miss::Broken(format!("{id} is set without {secret}")));
        }
    }
    Err(Miss::Absent(
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set".to_owned(),
    ))
}
