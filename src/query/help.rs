//! The filter language on one page, for the help screen and the manual.

/// Forms of the language with their meaning. Every form is a valid query.
pub const FORMS: &[(&str, &str)] = &[
    (
        "GetBlob 404",
        "both words, in any logged or unknown field, ignoring case",
    ),
    (
        "action:GetBlob or action:DeleteTag",
        "either; `and` (or a space) binds tighter than `or`",
    ),
    (
        "not action:GetBlob",
        "all others; `a not b` means `a and not b`",
    ),
    ("-user:ci-bot", "the same as `not user:ci-bot`"),
    (
        "repository:team/app",
        "the words team and app in that field, in any order",
    ),
    (
        "repository == team/app",
        "exact value; != negates it and also matches missing fields",
    ),
    (
        "#\"app/v1\"",
        "phrase: these words in this order, with this punctuation",
    ),
    (
        "tag:v1.* action:*Manifest",
        "* any characters of a word, ? one; exact, while SLS samples 100 words",
    ),
    (
        "tag:\"v1*\"",
        "in quotes, * and ? are literal; \\\" is a quote",
    ),
    (
        "tag:* or tag:\"\"",
        "field present; field present and empty",
    ),
    ("status >= 400", "numeric comparison with < <= > >= = or :"),
    (
        "status in [400 500)",
        "range; a square bracket includes the bound",
    ),
    (
        "agent ~ \"docker/2\"",
        "contains the text; case-sensitive if it has an upper-case letter",
    ),
    (
        "agent =~ /^containerd\\/1\\.[0-6]/",
        "matches the regular expression",
    ),
    (
        "ip:2001:db8::1 or ip:10.0.0.0/8 or ip:192.0.*",
        "address in any notation; network; prefix",
    ),
    (
        "ip in 10.0.0.0/8",
        "address in the network, as with : or ==; != negates it",
    ),
    (
        "user in (\"role/ci\", \"user/alice\")",
        "one of the values; for addresses also networks and ranges",
    ),
    (
        "ip in @watchlist.txt",
        "values from a file, one per line; # starts a comment",
    ),
    (
        "time >= 2024-04-12T16:00:00+08:00",
        "at that time or later; UTC if no offset is given",
    ),
    ("time in [2024-04-12 2024-04-14)", "two days"),
    (
        "__tag__:__client_ip__:192.0.2.1",
        "a Simple Log Service tag",
    ),
    (
        "\"request method\":PUT",
        "quoted field name with spaces, colons or dashes",
    ),
    (
        "detail.error.status_code>=500",
        "a member of a JSON value, by path",
    ),
    (
        "raw.user:alice",
        "the record's own field, if its name is also one of regtrail's",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{CatalogueNames, parse};

    #[test]
    fn every_form_can_be_read() {
        for (form, _) in FORMS {
            assert!(parse(form, &CatalogueNames::default()).is_ok(), "{form}");
        }
    }
}
