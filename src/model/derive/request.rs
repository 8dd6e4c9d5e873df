//! `status_class`, `outcome`, `image` and `operation`: the request and its result.

use super::logged;

/// Class of an HTTP status: `1xx` to `5xx`; `none` if no status is logged or it is not a number from 100 to 599.
pub fn status_class(status: Option<&str>) -> &'static str {
    match number(status).map(|code| code / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(5) => "5xx",
        _ => "none",
    }
}

/// Result of a request: `ok` below 400, `denied` for 401 and 403, `missing` for 404, `throttled` for 429, `failed` for
/// every other status from 400. `None` if no status is logged or it is not a number.
pub fn outcome(status: Option<&str>) -> Option<&'static str> {
    Some(match number(status)? {
        ..400 => "ok",
        401 | 403 => "denied",
        404 => "missing",
        429 => "throttled",
        400.. => "failed",
    })
}

fn number(status: Option<&str>) -> Option<u32> {
    let text = status?.trim_ascii();
    // `parse` would accept a sign.
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// `ns/repo:tag`; `None` unless both are logged.
pub fn image(namespace_repo: Option<&str>, tag: Option<&str>) -> Option<String> {
    let (repository, tag) = (logged(namespace_repo)?, logged(tag)?);
    Some(format!("{repository}:{tag}"))
}

/// Actions of the registry by operation. Four are documented; the others are the handler names of the distribution
/// registry, which the four are taken from.
const OPERATIONS: &[(&str, &[&str])] = &[
    (
        "pull",
        &[
            "GetImageManifest",
            "HeadImageManifest",
            "GetBlob",
            "HeadBlob",
        ],
    ),
    (
        "push",
        &[
            "PutImageManifest",
            "StartBlobUpload",
            "GetUploadStatus",
            "PatchBlobData",
            "PutBlobUploadComplete",
            "CancelBlobUpload",
            "PutBlob",
        ],
    ),
    (
        "delete",
        &[
            "DeleteTag",
            "DeleteImageManifest",
            "DeleteBlob",
            "DeleteRepository",
        ],
    ),
];

/// Kind of an action: `pull`, `push`, `delete`, or `other` for everything else, including listings and a missing
/// action. The comparison is exact: the names are identifiers, and an action in another case is unknown.
pub fn operation(action: Option<&str>) -> &'static str {
    let Some(action) = action else { return "other" };
    OPERATIONS
        .iter()
        .find(|(_, actions)| actions.contains(&action))
        .map_or("other", |(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_class_and_outcome() {
        for (status, class, what) in [
            (Some("100"), "1xx", Some("ok")),
            (Some("200"), "2xx", Some("ok")),
            (Some("201"), "2xx", Some("ok")),
            (Some("307"), "3xx", Some("ok")),
            (Some("400"), "4xx", Some("failed")),
            (Some("401"), "4xx", Some("denied")),
            (Some("403"), "4xx", Some("denied")),
            (Some("404"), "4xx", Some("missing")),
            (Some("405"), "4xx", Some("failed")),
            (Some("429"), "4xx", Some("throttled")),
            (Some("499"), "4xx", Some("failed")),
            (Some("503"), "5xx", Some("failed")),
            (Some("600"), "none", Some("failed")),
            (Some(" 200 "), "2xx", Some("ok")),
            (Some("0"), "none", Some("ok")),
            (Some("+200"), "none", None),
            (Some("-200"), "none", None),
            (Some("OK"), "none", None),
            (Some("99999999999"), "none", None),
            (Some(""), "none", None),
            (Some("-"), "none", None),
            (None, "none", None),
        ] {
            assert_eq!(status_class(status), class, "{status:?}");
            assert_eq!(outcome(status), what, "{status:?}");
        }
    }

    #[test]
    fn image_needs_repository_and_tag() {
        assert_eq!(
            image(Some("ns/repo"), Some("v1")).as_deref(),
            Some("ns/repo:v1")
        );
        for (repository, tag) in [
            (Some("ns/repo"), None),
            (Some("ns/repo"), Some("")),
            (Some("ns/repo"), Some("-")),
            (Some(""), Some("v1")),
            (None, Some("v1")),
            (Some("null"), Some("null")),
        ] {
            assert_eq!(image(repository, tag), None, "{repository:?} {tag:?}");
        }
    }

    #[test]
    fn operation_of_documented_and_likely_actions() {
        for (action, kind) in [
            ("GetImageManifest", "pull"),
            ("HeadImageManifest", "pull"),
            ("GetBlob", "pull"),
            ("HeadBlob", "pull"),
            ("PutImageManifest", "push"),
            ("StartBlobUpload", "push"),
            ("PutBlobUploadComplete", "push"),
            ("DeleteTag", "delete"),
            ("DeleteImageManifest", "delete"),
            ("GetTags", "other"),
            ("GetCatalog", "other"),
            ("getblob", "other"),
            ("", "other"),
        ] {
            assert_eq!(operation(Some(action)), kind, "{action:?}");
        }
        assert_eq!(operation(None), "other");
    }
}
