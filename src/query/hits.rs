//! Matches of a query within a value, for highlighting.

use std::ops::Range;

use super::words::is_delimiter;
use super::{Node, Test, TestOp, Words};

impl Node {
    /// Returns the parts of `value`, a value of `field`, that the query searches for: byte ranges in ascending order,
    /// without overlap. Negated conditions (`not …`) and numeric comparisons have no ranges.
    pub fn hits(&self, field: &str, value: &str) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        self.collect(field, value, &mut hits);
        hits.sort_by_key(|hit| (hit.start, hit.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for hit in hits {
            match merged.last_mut() {
                Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
                _ => merged.push(hit),
            }
        }
        merged
    }

    fn collect(&self, field: &str, value: &str, hits: &mut Vec<Range<usize>>) {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.collect(field, value, hits);
                }
            }
            Self::Test(test) => test.collect(field, value, hits),
            Self::All | Self::Not(_) => {}
        }
    }
}

impl Test {
    fn collect(&self, field: &str, value: &str, hits: &mut Vec<Range<usize>>) {
        if self.field.as_ref().is_some_and(|name| **name != *field) || !self.matches(value) {
            return;
        }
        match &self.op {
            TestOp::Words(words) => hits.extend(words.ranges(value)),
            TestOp::Phrase(phrase) => hits.extend(phrase.ranges(value)),
            TestOp::Substring(text) => hits.extend(text.ranges(value)),
            TestOp::Regex(pattern) => hits.extend(pattern.ranges(value)),
            TestOp::Exact(_)
            | TestOp::InNetwork(_)
            | TestOp::Address(_)
            | TestOp::InList(_)
            | TestOp::InFile(_) => {
                hits.push(0..value.len());
            }
            TestOp::Exists
            | TestOp::Empty
            | TestOp::Compare(..)
            | TestOp::Within(_)
            | TestOp::NotExact(_)
            | TestOp::Time(_) => {}
        }
    }
}

impl Words {
    /// Returns the ranges of the matching words of a value.
    fn ranges<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut start = 0;
        // Every delimiter is one byte.
        let pieces = value.split(is_delimiter).map(move |piece| {
            let range = start..start + piece.len();
            start = range.end + 1;
            range
        });
        let needle = |range: &Range<usize>| {
            let token = &value[range.clone()];
            !token.is_empty() && self.words().iter().any(|word| word.matches(token))
        };
        pieces.filter(needle)
    }
}

#[cfg(test)]
mod tests {
    use crate::query::{CatalogueNames, parse};

    fn hits(query: &str, field: &str, value: &str) -> Vec<String> {
        let node = parse(query, &CatalogueNames::default()).expect("a query");
        let hits = node.hits(field, value).into_iter();
        hits.map(|hit| value[hit].to_owned()).collect()
    }

    #[test]
    fn what_is_sought_is_found_where_it_stands() {
        let agent = "docker/24.0.2 go/go1.20 Docker-Client";
        for (query, found) in [
            ("docker", vec!["docker"]),
            ("dock*", vec!["docker", "Docker-Client"]),
            ("http_request_useragent ~ \"ock\"", vec!["ock", "ock"]),
            ("http_request_useragent =~ /go\\d/", vec!["go1"]),
            ("docker or go", vec!["docker", "go"]),
            ("not docker", vec![]),
            ("docker and not go", vec!["docker"]),
            ("tag:docker", vec![]),
            ("skopeo", vec![]),
            ("http_request_useragent:#\"24.0.2 go\"", vec!["24.0.2 go"]),
        ] {
            assert_eq!(
                hits(query, "http_request_useragent", agent),
                found,
                "{query}"
            );
        }
        assert_eq!(hits("status>=400", "http_response_status", "403"), [""; 0]);
        assert_eq!(hits("ip in 10.0.0.0/8", "ip", "10.1.2.3"), ["10.1.2.3"]);
        assert_eq!(
            hits("测试 or 镜像", "namespace_repo", "测试/镜像"),
            ["测试", "镜像"]
        );
    }

    #[test]
    fn ranges_that_overlap_are_one() {
        assert_eq!(
            hits("tag ~ \"aba\" or tag ~ \"bab\"", "tag", "xababx"),
            ["abab"]
        );
    }
}
