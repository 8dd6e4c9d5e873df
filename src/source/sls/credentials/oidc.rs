//! A role assumed with an OIDC token from a file, as in pods of a managed cluster.

use super::{Context, Credentials, Miss, sts};
use crate::source::small_file;

pub(super) async fn load(context: &Context) -> Result<Credentials, Miss> {
    let value = |name: &str| context.env.get(name).unwrap_or_default().to_owned();
    let file = value("ALIBABA_CLOUD_OIDC_TOKEN_FILE");
    let provider = value("ALIBABA_CLOUD_OIDC_PROVIDER_ARN");
    let role = sts::Role {
        arn: value("ALIBABA_CLOUD_ROLE_ARN"),
        session: value("ALIBABA_CLOUD_ROLE_SESSION_NAME"),
        region: value("ALIBABA_CLOUD_STS_REGION"),
        ..sts::Role::default()
    };
    if file.is_empty() || provider.is_empty() || role.arn.is_empty() {
        return Err(Miss::Absent(
            "ALIBABA_CLOUD_OIDC_TOKEN_FILE, _OIDC_PROVIDER_ARN, _ROLE_ARN not all set".to_owned(),
        ));
    }
    with_file(context, &role, &provider, &file).await
}

/// The token is read again each time: its file is replaced before it expires.
pub(super) async fn with_file(
    context: &Context,
    role: &sts::Role,
    provider: &str,
    file: &str,
) -> Result<Credentials, Miss> {
    let token = small_file::read_text(std::path::Path::new(file))
        .map_err(|e| Miss::Broken(format!("{file}: {e}")))?;
    if token.trim().is_empty() {
        return Err(Miss::Broken(format!("{file}: it contains no token")));
    }
    sts::with_oidc(context, role, provider, &token).await
}
