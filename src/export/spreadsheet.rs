//! Cells that a spreadsheet would evaluate as formulas. Any client that pulls an image chooses its user agent and tag.

use super::{Cell, Sheet};

/// Prefix that makes a spreadsheet treat a cell as text, and that it does not display.
const TEXT: char = '\'';

/// Returns true if a spreadsheet treats a text as a formula: it begins like one, after ignored blanks, quotes and
/// marks, in ASCII or full width. A plain number is not a formula.
fn is_formula(text: &str) -> bool {
    let passed =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '\u{feff}');
    let begins = text.trim_start_matches(passed).chars().next();
    let is_sign = |c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '−');
    begins.is_some_and(is_sign) && text.parse::<f64>().is_err()
}

/// Prefixes formulas, so that a spreadsheet treats them as text.
fn text(text: String) -> String {
    if is_formula(&text) || text.starts_with(['\t', '\r', '\n']) {
        format!("{TEXT}{text}")
    } else {
        text
    }
}

impl Cell {
    /// Converts formulas to text for a spreadsheet.
    pub(super) fn disarmed(self) -> Self {
        match self {
            // Spreadsheets cannot use data that is not UTF-8.
            Self::Text(text) | Self::Bytes(text, _) => Self::Text(self::text(text)),
            other => other,
        }
    }
}

impl Sheet<'_> {
    /// Disarms the formulas in all cells.
    #[must_use]
    pub fn for_spreadsheet(self) -> Self {
        let disarmed = |row: Vec<Cell>| row.into_iter().map(Cell::disarmed).collect();
        Self {
            title: self.title,
            headings: self.headings.into_iter().map(text).collect(),
            rows: Box::new(self.rows.map(disarmed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_numbers_stay_numbers() {
        for text in [
            "=1+1",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "=cmd|' /C calc'!A0",
            "\t=1",
            " =1",
            "\"=1",
            "'=1",
            "\u{feff}=1",
            "＝1+1",
            "＠x",
            "\r=1",
            "\n=1",
            "\tx",
            "-",
            "+a",
        ] {
            assert_eq!(super::text(text.to_owned()), format!("'{text}"));
        }
        for text in [
            "",
            "-5",
            "+3.2",
            "-1e9",
            "docker/24.0 (=x)",
            "a=b",
            "2024-04-12",
            "'quoted'",
            "上海",
        ] {
            assert_eq!(super::text(text.to_owned()), text);
        }
        assert_eq!(
            Cell::Bytes("=\u{fffd}".into(), vec![b'=', 0xff]).disarmed(),
            Cell::Text("'=\u{fffd}".into())
        );
        assert_eq!(Cell::Number(7).disarmed(), Cell::Number(7));
    }
}
