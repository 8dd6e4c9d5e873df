//! Splits a time range into parts that need few pages each. Pure.

use super::model::Part;

/// `[from, to)` in unix seconds, and the number of records, if known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) count: Option<u64>,
}

impl Span {
    /// Returns true if it can be read page by page: it has few records, or cannot be split any further.
    pub(super) fn is_small(&self, limit: u64) -> bool {
        self.to - self.from <= 1 || self.count.is_some_and(|count| count <= limit)
    }

    /// Splits into spans of about `limit` records by the counts of its parts, oldest first; parts without records are
    /// left out. A span that the counts do not divide is halved.
    pub(super) fn cut(&self, parts: &[Part], limit: u64) -> Vec<Self> {
        let mut spans: Vec<Self> = Vec::new();
        // The overlap of two parts is read with the first.
        let mut read = self.from;
        for part in parts.iter().filter(|part| part.count > 0) {
            let span = Self {
                from: part.from.max(read),
                to: part.to.min(self.to),
                count: Some(part.count),
            };
            if span.from >= span.to {
                continue;
            }
            read = span.to;
            match spans.last_mut() {
                Some(last) if last.count.unwrap_or(0) + part.count <= limit => {
                    last.to = span.to;
                    last.count = last.count.map(|count| count + part.count);
                }
                _ => spans.push(span),
            }
        }
        let whole = self.to - self.from;
        let is_undivided = |span: &Self| !span.is_small(limit) && (span.to - span.from) * 2 > whole;
        let halved = spans.into_iter().map(|span| {
            if is_undivided(&span) {
                span.halves()
            } else {
                vec![span]
            }
        });
        halved.flatten().collect()
    }

    fn halves(self) -> Vec<Self> {
        let middle = i64::midpoint(self.from, self.to);
        vec![
            Self {
                to: middle,
                count: None,
                ..self
            },
            Self {
                from: middle,
                count: None,
                ..self
            },
        ]
    }

    /// Splits into at most `n` spans of about equal length, oldest first, for use without counts.
    pub(super) fn slices(self, n: i64) -> Vec<Self> {
        let step = ((self.to - self.from) / n).max(1);
        let mut spans = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = if self.to - from < 2 * step {
                self.to
            } else {
                from + step
            };
            spans.push(Self {
                from,
                to,
                count: None,
            });
            from = to;
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64, count: u64) -> Span {
        Span {
            from,
            to,
            count: Some(count),
        }
    }

    fn parts(list: &[(i64, i64, u64)]) -> Vec<Part> {
        list.iter()
            .map(|&(from, to, count)| Part { from, to, count })
            .collect()
    }

    #[test]
    fn neighbours_join_up_to_the_limit_and_empty_parts_go() {
        let whole = span(0, 60, 26);
        let cut = whole.cut(
            &parts(&[
                (0, 10, 4),
                (10, 20, 5),
                (20, 30, 0),
                (30, 40, 9),
                (40, 50, 8),
                (50, 60, 0),
            ]),
            10,
        );
        assert_eq!(cut, [span(0, 20, 9), span(30, 40, 9), span(40, 50, 8)]);
    }

    #[test]
    fn a_span_that_counts_do_not_divide_is_halved_until_a_second() {
        let cut = span(0, 9, 100).cut(&parts(&[(0, 9, 100)]), 10);
        assert_eq!(
            cut,
            [
                Span {
                    from: 0,
                    to: 4,
                    count: None
                },
                Span {
                    from: 4,
                    to: 9,
                    count: None
                }
            ]
        );
        assert!(span(3, 4, 100).is_small(10));
        assert_eq!(
            span(3, 4, 100).cut(&parts(&[(3, 4, 100)]), 10),
            [span(3, 4, 100)]
        );
    }

    #[test]
    fn counts_that_overlap_or_run_backwards_still_divide_the_span() {
        let all = [
            (i64::MIN, i64::MAX, i64::MAX as u64),
            (0, 100, 500),
            (1, 100, 500),
            (60, 40, 500),
        ];
        let mut open = vec![span(0, 100, u64::MAX)];
        let mut cuts = 0;
        while let Some(next) = open.pop() {
            if !next.is_small(10) {
                open.extend(next.cut(&parts(&all), 10));
                cuts += 1;
            }
            assert!(cuts < 200, "no end");
        }
    }

    #[test]
    fn parts_are_clipped_to_the_span() {
        assert_eq!(
            span(5, 15, 3).cut(&parts(&[(0, 10, 1), (10, 20, 2)]), 10),
            [span(5, 15, 3)]
        );
        assert_eq!(span(5, 15, 0).cut(&[], 10), []);
    }

    #[test]
    fn slices_cover_everything_once() {
        for (from, to) in [(0, 100), (0, 3), (7, 8), (0, 1001)] {
            let slices = Span {
                from,
                to,
                count: None,
            }
            .slices(16);
            assert!(slices.len() <= 17);
            assert_eq!((slices[0].from, slices[slices.len() - 1].to), (from, to));
            assert!(slices.windows(2).all(|w| w[0].to == w[1].from));
        }
    }
}
