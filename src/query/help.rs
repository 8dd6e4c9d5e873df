//! The filter language on one page, for the help screen and the manual.

/// Forms of the language with what they find. Every form is a query that can be read.
pub const FORMS: &[(&str, &str)] = &[
    (
        "GetBlob 404",
        "both words, each in any logged or unknown field, in any case",
    ),
    (
        "action:GetBlob or action:DeleteTag",
        "either; `and` (or nothing between) binds tighter than `or`",
    ),
    (
        "not action:GetBlob",
        "all others; `a not b` is `a and not b`",
    ),
    (
        "repository:team/app",
        "the words team and app in that field, in any order",
    ),
    (
        "repository == team/app",
        "exactly that value; != is its opposite and holds for missing fields",
    ),
    (
        "#\"app/v1\"",
        "the phrase: these words in this order, with exactly this between them",
    ),
    (
        "tag:v1.* action:*Manifest",
        "* any characters of a word, ? any one; exact, where the service samples 100 words",
    ),
    (
        "tag:\"v1*\"",
        "in quotes * and ? are characters; \\\" is a quote",
    ),
    (
        "tag:* or tag:\"\"",
        "the field is present; it is present and empty",
    ),
    (
        "status >= 400",
        "numbers compare by size, with < <= > >= = or :",
    ),
    (
        "status in [400 500)",
        "a range; a square bracket includes its end",
    ),
    (
        "agent ~ \"docker/2\"",
        "contains the text; case counts if it has an upper-case letter",
    ),
    (
        "agent =~ /^containerd\\/1\\.[0-6]/",
        "matches the regular expression",
    ),
    (
        "ip:2001:db8::1 or ip:10.0.0.0/8 or ip:192.0.*",
        "that address, in any spelling; in the network; begins like that",
    ),
    (
        "ip in 10.0.0.0/8",
        "the address is in the network, as with :, == or, for all others, !=",
    ),
    (
        "user in (\"role/ci\", \"user/alice\")",
        "one of the values; for addresses, or in one of the networks or ranges",
    ),
    (
        "ip in @watchlist.txt",
        "the same from a file, an entry a line; # begins a comment",
    ),
    (
        "time >= 2024-04-12T16:00:00+08:00",
        "from that instant on; UTC where no offset is written",
    ),
    ("time in [2024-04-12 2024-04-14)", "two days"),
    (
        "__tag__:__client_ip__:192.0.2.1",
        "a tag of the log service",
    ),
    (
        "\"request method\":PUT",
        "quotes for names with blanks, colons or dashes",
    ),
    (
        "detail.error.status_code>=500",
        "a member of a value that holds JSON, by its path",
    ),
    (
        "raw.user:alice",
        "the record's own field, where its name is one of ours",
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
