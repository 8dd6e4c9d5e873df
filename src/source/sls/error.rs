//! Errors of calls and the reaction to each: the service's error codes as a table.

use std::fmt;

use super::credentials::NoCredentials;
use crate::source::Failure;

/// Purpose of a call; each needs its own permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    GetLogs,
    GetHistograms,
    ListShards,
    GetCursor,
    PullLogs,
    GetIndex,
}

impl Operation {
    pub fn name(self) -> &'static str {
        match self {
            Self::GetLogs => "GetLogsV2",
            Self::GetHistograms => "GetHistograms",
            Self::ListShards => "ListShards",
            Self::GetCursor => "GetCursor",
            Self::PullLogs => "PullLogs",
            Self::GetIndex => "GetIndex",
        }
    }

    /// RAM action that must be granted to the caller.
    pub fn action(self) -> &'static str {
        match self {
            Self::GetLogs => "log:GetLogStoreLogs",
            Self::GetHistograms => "log:GetLogStoreHistogram",
            Self::ListShards => "log:ListShards",
            Self::GetCursor | Self::PullLogs => "log:GetCursorOrData",
            Self::GetIndex => "log:GetIndex",
        }
    }
}

/// Reaction to an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A retry would fail in the same way.
    Never,
    /// Retry later.
    Backoff,
    /// Get new credentials, then retry once.
    Refresh,
    /// Correct the clock from the server's `Date`, then retry once.
    Skew,
    /// The cursor is invalid: get one for the last known time.
    Reseek,
}

/// Row of the error table. The first row whose code and message part match applies.
struct Row {
    code: &'static str,
    /// Part of the message, in lower case; empty matches any.
    message: &'static str,
    class: Class,
    advice: &'static str,
}

const fn row(code: &'static str, message: &'static str, class: Class, advice: &'static str) -> Row {
    Row {
        code,
        message,
        class,
        advice,
    }
}

const CLOCK: &str = "this machine's clock is more than 15 minutes off; set it";
const GRANT: &str = "grant {action} on {resource} to this identity, for example with the policy AliyunLogReadOnlyAccess";
const KEY: &str = "check the access key; `regtrail doctor` shows where it was found";
const TOKEN: &str = "get a new security token";
const PROJECT: &str = "check the project name, and that the endpoint matches its region";

const ROWS: &[Row] = &[
    row("RequestTimeExpired", "", Class::Skew, CLOCK),
    row("RequestTimeTooSkewed", "", Class::Skew, CLOCK),
    row("InvalidRequestTime", "", Class::Never, CLOCK),
    row(
        "SignatureNotMatch",
        "",
        Class::Never,
        "the secret does not match the access key ID, or the region is wrong; ALIYUN_LOG_CLI_SIGN_VERSION=v1 signs without a region",
    ),
    row("Unauthorized", "expired", Class::Refresh, TOKEN),
    row("Unauthorized", "security token", Class::Refresh, TOKEN),
    row("SecurityTokenExpired", "", Class::Refresh, TOKEN),
    row("Unauthorized", "denied by", Class::Never, GRANT),
    row(
        "Unauthorized",
        "not belong",
        Class::Never,
        "the project belongs to another account; check which credentials are used",
    ),
    row(
        "Unauthorized",
        "disabled",
        Class::Never,
        "enable the access key in RAM, or use another one",
    ),
    row("Unauthorized", "accesskeyid", Class::Never, KEY),
    row(
        "Unauthorized",
        "forbidden",
        Class::Never,
        "the account's log service is suspended; check its bills",
    ),
    row("Unauthorized", "", Class::Never, GRANT),
    row(
        "InvalidAccessKeyId",
        "not opened",
        Class::Never,
        "activate Simple Log Service for the account",
    ),
    row("InvalidAccessKeyId", "", Class::Never, KEY),
    row("ReadQuotaExceed", "", Class::Backoff, ""),
    row("ShardReadQuotaExceed", "", Class::Backoff, ""),
    row("WriteQuotaExceed", "", Class::Backoff, ""),
    row("MetaOperationQpsLimitExceeded", "", Class::Backoff, ""),
    row(
        "ProjectForbidden",
        "",
        Class::Never,
        "the project is suspended; check the account's bills",
    ),
    row("ProjectNotExist", "", Class::Never, PROJECT),
    row("ProjectNotExists", "", Class::Never, PROJECT),
    row(
        "LogStoreNotExist",
        "",
        Class::Never,
        "check the logstore name; for acr_access_log, enable Instance Audit in the registry's console",
    ),
    row(
        "IndexConfigNotExist",
        "",
        Class::Never,
        "create an index in the console, or use --sls-mode tail, which needs none",
    ),
    row("InvalidCursor", "", Class::Reseek, ""),
    row("ParameterInvalid", "invalid cursor", Class::Reseek, ""),
    row(
        "ShardNotExist",
        "",
        Class::Never,
        "the shard no longer exists; the shard list is refreshed",
    ),
    row(
        "LogStoreWithoutShard",
        "",
        Class::Never,
        "the logstore has no shards; split or create one in the console",
    ),
    row(
        "InvalidTimeRange",
        "",
        Class::Never,
        "--since must be before --until",
    ),
    row(
        "InvalidQueryString",
        "",
        Class::Never,
        "the service cannot parse the query; simplify the filter or use --sls-mode tail",
    ),
    row(
        "ParameterInvalid",
        "key value config",
        Class::Never,
        "quote text that contains a colon, or index the field",
    ),
    row(
        "ParameterInvalid",
        "",
        Class::Never,
        "the service rejects the request; simplify the filter",
    ),
    row("InternalServerError", "", Class::Backoff, ""),
    row("RequestTimeout", "", Class::Backoff, ""),
    row("ServerBusy", "", Class::Backoff, ""),
];

/// A response that refuses a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub operation: Operation,
    pub status: u16,
    /// Empty if the response is not the service's own, for example a proxy's page.
    pub code: String,
    pub message: String,
    pub request_id: String,
    /// `Date` header of the response.
    pub date: Option<chrono::DateTime<chrono::Utc>>,
    /// Wait requested by the response.
    pub retry_after: Option<std::time::Duration>,
}

impl Refusal {
    fn row(&self) -> Option<&'static Row> {
        let message = self.message.to_lowercase();
        ROWS.iter()
            .find(|row| row.code == self.code && message.contains(row.message))
    }

    pub fn class(&self) -> Class {
        match self.row() {
            Some(row) => row.class,
            None if self.status == 429
                || self.status >= 500
                || self.code.ends_with("QuotaExceed") =>
            {
                Class::Backoff
            }
            None => Class::Never,
        }
    }

    /// The missing permission, from the message if it names one.
    pub fn missing_action(&self) -> Option<String> {
        if self.row()?.advice != GRANT {
            return None;
        }
        let named = between(&self.message, "action: ");
        Some(
            named
                .filter(|a| a.starts_with("log:"))
                .unwrap_or_else(|| self.operation.action())
                .to_owned(),
        )
    }

    pub fn advice(&self) -> String {
        let advice = self.row().map_or("", |row| row.advice);
        let resource = between(&self.message, "resource: ").unwrap_or("the logstore");
        let action = self.missing_action().unwrap_or_default();
        advice
            .replace("{action}", &action)
            .replace("{resource}", resource)
    }
}

/// Returns the word after `label`, up to a comma or space.
fn between<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let rest = &text[text.find(label)? + label.len()..];
    let word = rest.split([',', ' ']).next()?.trim_end_matches('.');
    (!word.is_empty()).then_some(word)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SLS {}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        write!(f, " ({}", self.operation.name())?;
        if !self.request_id.is_empty() {
            write!(f, ", request {}", self.request_id)?;
        }
        f.write_str(")")
    }
}

/// Reason for the failure of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    Refused(Refusal),
    /// No response, or an incomplete one.
    Network {
        what: String,
        /// Empty if there is no better advice than to check the network.
        advice: String,
        permanent: bool,
    },
    /// A response that does not fit the request.
    Unreadable {
        operation: Operation,
        what: String,
    },
    Credentials(NoCredentials),
}

impl Error {
    pub fn class(&self) -> Class {
        match self {
            Self::Refused(refusal) => refusal.class(),
            Self::Network { permanent, .. } if *permanent => Class::Never,
            Self::Credentials(none) if !none.passing => Class::Never,
            Self::Network { .. } | Self::Unreadable { .. } | Self::Credentials(_) => Class::Backoff,
        }
    }

    /// Error code of the service, if the service responded.
    pub fn code(&self) -> &str {
        if let Self::Refused(refusal) = self {
            &refusal.code
        } else {
            ""
        }
    }

    pub fn advice(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.advice(),
            Self::Network { advice, .. } if !advice.is_empty() => advice.clone(),
            Self::Network { .. } => "check the network, the proxy variables and the endpoint".to_owned(),
            Self::Unreadable { .. } => "check whether a proxy or captive portal answers instead".to_owned(),
            Self::Credentials(_) => {
                "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`".to_owned()
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Network { what, .. } => f.write_str(what),
            Self::Unreadable { operation, what } => write!(f, "{}: {what}", operation.name()),
            Self::Credentials(none) => none.fmt(f),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.to_string(), error.advice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: &str, message: &str) -> Refusal {
        Refusal {
            operation: Operation::ListShards,
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: "6F2".to_owned(),
            date: None,
            retry_after: None,
        }
    }

    #[test]
    fn each_documented_error_has_its_class() {
        for (status, code, message, class) in [
            (
                400,
                "RequestTimeExpired",
                "Request time x has been expired",
                Class::Skew,
            ),
            (400, "RequestTimeTooSkewed", "", Class::Skew),
            (400, "ParameterInvalid", "Invalid cursor abc", Class::Reseek),
            (400, "InvalidCursor", "", Class::Reseek),
            (
                400,
                "ParameterInvalid",
                "ErrorType:OLSQueryParseError",
                Class::Never,
            ),
            (400, "IndexConfigNotExist", "", Class::Never),
            (
                401,
                "SignatureNotMatch",
                "Signature s not matched.",
                Class::Never,
            ),
            (
                401,
                "Unauthorized",
                "The security token you provided has expired.",
                Class::Refresh,
            ),
            (
                401,
                "Unauthorized",
                "The security token you provided is invalid.",
                Class::Refresh,
            ),
            (
                401,
                "Unauthorized",
                "AccessKeyId is disabled: x",
                Class::Never,
            ),
            (
                401,
                "Unauthorized",
                "denied by sts or ram, action: log:ListShards",
                Class::Never,
            ),
            (403, "ReadQuotaExceed", "", Class::Backoff),
            (403, "ShardReadQuotaExceed", "", Class::Backoff),
            (403, "MetaOperationQpsLimitExceeded", "", Class::Backoff),
            (403, "ProjectForbidden", "", Class::Never),
            (404, "ProjectNotExist", "", Class::Never),
            (404, "LogStoreNotExist", "", Class::Never),
            (405, "InvalidMethod", "", Class::Never),
            (413, "PostBodyTooLarge", "", Class::Never),
            (429, "", "", Class::Backoff),
            (500, "InternalServerError", "", Class::Backoff),
            (502, "", "<html>", Class::Backoff),
            (503, "ServerBusy", "", Class::Backoff),
        ] {
            assert_eq!(
                refusal(status, code, message).class(),
                class,
                "{status} {code} {message}"
            );
        }
    }

    #[test]
    fn a_missing_right_is_named_with_its_resource() {
        let named = refusal(
            401,
            "Unauthorized",
            "denied by sts or ram, action: log:GetIndex, resource: acs:log:cn-hangzhou:1:project/p/logstore/l",
        );
        assert_eq!(named.missing_action().as_deref(), Some("log:GetIndex"));
        assert!(
            named
                .advice()
                .contains("log:GetIndex on acs:log:cn-hangzhou:1:project/p/logstore/l")
        );
        assert_eq!(
            refusal(401, "Unauthorized", "no")
                .missing_action()
                .as_deref(),
            Some("log:ListShards")
        );
        assert_eq!(refusal(404, "LogStoreNotExist", "").missing_action(), None);
    }

    #[test]
    fn an_error_is_shown_with_code_message_and_request() {
        let shown = Failure::from(Error::Refused(refusal(
            404,
            "LogStoreNotExist",
            "logstore x\n does not exist.",
        )));
        assert_eq!(
            shown.what,
            "SLS 404 LogStoreNotExist: logstore x  does not exist. (ListShards, request 6F2)"
        );
        assert!(shown.advice.contains("Instance Audit"));
    }
}
