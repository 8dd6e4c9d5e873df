//! The filter language on one page, for the help screen and the manual.

/// Forms of the language with what they find. Every form is a query that can be read.
pub const FORMS: &[(&str, &str)] = &[
    (
        "GetBlob 404",
        "both words, each in any logged or unknown field, ignoring case",
    ),
    (
        "action:GetBlob or action:DeleteTag",
        "either one; `and` (or just a space) binds tighter than `or`",
    ),
    (
        "not action:GetBlob",
        "everything else; `a not b` is `a and not b`",
    ),
    (
        "repository:team/app",
        "the words team and app in that field, in any order",
    ),
    (
        "repository == team/app",
        "exactly this value; != is the opposite and also matches missing fields",
    ),
    (
        "#\"app/v1\"",
        "a phrase: these words in this order, with exactly these separators",
    ),
    (
        "tag:v1.* action:*Manifest",
        "* any characters within a word, ? exactly one; complete, where the service samples 100 words",
    ),
    (
        "tag:\"v1*\"",
        "in quotes, * and ? are literal; \\\" is a quote",
    ),
    (
        "tag:* or tag:\"\"",
        "the field is present; the field is present but empty",
    ),
    ("status >= 400", "numeric comparison with < <= > >= = or :"),
    (
        "status in [400 500)",
        "a range; a square bracket includes that bound",
    ),
    (
        "agent ~ \"docker/2\"",
        "contains the text; case-sensitive if the text has an upper-case letter",
    ),
    (
        "agent =~ /^containerd\\/1\\.[0-6]/",
        "matches the regular expression",
    ),
    (
        "ip:2001:db8::1 or ip:10.0.0.0/8 or ip:192.0.*",
        "this address, in any notation; in the network; with this prefix",
    ),
    (
        "ip in 10.0.0.0/8",
        "the address is in the network, as with : or ==; != is the opposite",
    ),
    (
        "user in (\"role/ci\", \"user/alice\")",
        "one of these values; for addresses, also networks and ranges",
    ),
    (
        "ip in @watchlist.txt",
        "the same from a file, one entry per line; # starts a comment",
    ),
    (
        "time >= 2024-04-12T16:00:00+08:00",
        "from this time on; UTC if no offset is given",
    ),
    ("time in [2024-04-12 2024-04-14)", "two days"),
    (
        "__tag__:__client_ip__:192.0.2.1",
        "a tag of Simple Log Service",
    ),
    (
        "\"request method\":PUT",
        "quote names with spaces, colons or dashes",
    ),
    (
        "detail.error.status_code>=500",
        "a member of a JSON value, by its path",
    ),
    (
        "raw.user:alice",
        "the record's own field, if a built-in field has the same name",
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
