//! Numbers in queries and values: integers exactly (ids have more digits than a float holds), the rest as floats.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A finite number. A float without a fraction becomes the integer, so that `200.0` and `200` are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Int(i128),
    Float(f64),
}

/// A number is finite, so it equals itself.
impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Int(int) => int.hash(state),
            // The two zeros are equal.
            Self::Float(float) => (float + 0.0).to_bits().hash(state),
        }
    }
}

impl Number {
    /// Parses decimal text with optional sign, fraction and exponent; no blanks, no `inf`, no `nan`.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return None;
        }
        if let Ok(int) = text.parse::<i64>() {
            return Some(Self::Int(int.into()));
        }
        if let Ok(int) = text.parse::<i128>() {
            return Some(Self::Int(int));
        }
        let float = text.parse::<f64>().ok().filter(|f| f.is_finite())?;
        // Up to this size, every whole float is exactly an integer.
        let whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
        Some(if whole {
            Self::Int(float as i128)
        } else {
            Self::Float(float)
        })
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }

    /// Orders by value.
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            // Both are finite, so total order and numeric order differ only for the two zeros, and zero is `Int`.
            (a, b) => a.float().total_cmp(&b.float()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(int) => write!(f, "{int}"),
            Self::Float(float) => write!(f, "{float:?}"),
        }
    }
}

/// Comparison of a value with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Comparison {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "=",
        }
    }

    /// Returns true if the comparison holds for this order of the value to the number.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
        }
    }
}

/// Two numbers, and for each a flag that includes it in the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    pub low: Number,
    pub low_in: bool,
    pub high: Number,
    pub high_in: bool,
}

impl Interval {
    pub fn contains(&self, number: Number) -> bool {
        let (low, high) = (number.order(self.low), number.order(self.high));
        (low.is_gt() || self.low_in && low.is_eq())
            && (high.is_lt() || self.high_in && high.is_eq())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_number_is_none() {
        for text in [
            "", "-", "inf", "-inf", "nan", "+nan", "1e999", " 1", "1 ", "0x10", "1_000", "２",
        ] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        let number = |text| Number::parse(text).expect("a number");
        for same in ["200", "200.0", "+200", "0200", "2e2"] {
            assert_eq!(number(same), Number::Int(200), "{same}");
        }
        assert_eq!(number("-0.0"), Number::Int(0));
        assert!(
            number("300786000000000001")
                .order(number("300786000000000002"))
                .is_lt()
        );
        assert!(number("0.5").order(number("1")).is_lt());
        assert!(number("-1e300").order(number("-10000000000")).is_lt());
    }

    #[test]
    fn ends_belong_to_an_interval_by_bracket() {
        let span = Interval {
            low: Number::Int(1),
            low_in: true,
            high: Number::Int(3),
            high_in: false,
        };
        let inside: Vec<i128> = (0..5).filter(|&n| span.contains(Number::Int(n))).collect();
        assert_eq!(inside, [1, 2]);
    }
}
