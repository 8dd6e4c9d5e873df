//! Pretty-printing of JSON without changing a token: numbers, escapes and repeated keys stay as written.

/// Splits JSON into lines, one for each member. Text that is not JSON is split too, without harm.
pub(super) fn lines(json: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut depth = 0usize;
    let (mut quoted, mut escaped) = (false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        let line = lines.last_mut().expect("starts with one and only grows");
        if quoted {
            line.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                line.push(c);
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    line.push(close);
                } else {
                    depth += 1;
                    lines.push(indent(depth));
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                lines.push(indent(depth) + c.encode_utf8(&mut [0; 4]));
            }
            ',' => {
                line.push(c);
                lines.push(indent(depth));
            }
            ':' => line.push_str(": "),
            c if c.is_whitespace() => {}
            c => {
                line.push(c);
                quoted = c == '"';
            }
        }
    }
    lines
}

/// Limits the indentation, so that deep nesting fits the screen.
fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(20))
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn what_stands_in_the_record_stays_as_it_was_written() {
        let json = r#"{"a":1.0, "a":12345678901234567890123,"b":["x,{\"}",{}],"c":{ }}"#;
        let expected = [
            "{",
            r#"  "a": 1.0,"#,
            r#"  "a": 12345678901234567890123,"#,
            r#"  "b": ["#,
            r#"    "x,{\"}","#,
            "    {}",
            "  ],",
            r#"  "c": {}"#,
            "}",
        ];
        assert_eq!(lines(json), expected);
    }

    #[test]
    fn ten_thousand_brackets_are_lines_of_bounded_length() {
        let lines = lines(&"[".repeat(10_000));
        assert!(lines.iter().all(|line| line.len() < 50));
    }
}
