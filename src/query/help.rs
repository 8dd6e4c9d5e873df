//! Summary of the filter language, for the help screen and the manual.

/// Forms of the language with what they match. Every form parses.
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
        "all other events; `a not b` means `a and not b`",
    ),
    (
        "repository:team/app",
        "both words in that field, in any order",
    ),
    (
        "repository == team/app",
        "exactly that value; != is the opposite and matches missing fields",
    ),
    (
        "#\"app/v1\"",
        "the phrase: these words in order, with exactly this between them",
    ),
    (
        "tag:v1.* action:*Manifest",
        "* is any characters of a word, ? any one (SLS samples 100 words)",
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
        "range; a square bracket includes its end",
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
        "that address in any spelling; in the network; with that prefix",
    ),
    (
        "ip in 10.0.0.0/8",
        "in the network; same as : and ==, and != negates it",
    ),
    (
        "user in (\"role/ci\", \"user/alice\")",
        "one of the values; addresses also in networks and ranges",
    ),
    (
        "ip in @watchlist.txt",
        "the same from a file, one entry per line; # starts a comment",
    ),
    (
        "time >= 2024-04-12T16:00:00+08:00",
        "from that time on; UTC unless an offset is given",
    ),
    ("time in [2024-04-12 2024-04-14)", "two days"),
    (
        "__tag__:__client_ip__:192.0.2.1",
        "a tag of Simple Log Service",
    ),
    (
        "\"request method\":PUT",
        "quotes for names with spaces, colons or dashes",
    ),
    (
        "detail.error.status_code>=500",
        "member of a JSON value, by path",
    ),
    (
        "raw.user:alice",
        "the record's own field, if its name clashes with one of ours",
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
