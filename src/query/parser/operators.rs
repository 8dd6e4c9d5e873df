//! Operators of other languages. Each would be parsed as one of ours plus a word that begins with the rest of it, and
//! match nothing or the opposite. They are rejected with the condition that was meant.

use super::super::QueryError;
use super::super::lexer::{Lexer, Until};
use super::{Field, Parser};

impl Parser<'_> {
    /// Rejects an operator that continues after the part parsed as one of ours.
    pub(super) fn refuse_operator(&self, field: &Field, operator: &str) -> Result<(), QueryError> {
        let name = self.name(field);
        let from = self.lexer.at;
        let after = &self.lexer.rest()[operator.len()..];
        let (rest, negated, instead) = match (operator, after.chars().next()) {
            ("!=", Some('~')) => ("~", true, "=~"),
            ("==", Some('=')) => ("=", false, "=="),
            ("!=", Some('=')) => ("=", false, "!="),
            ("=", Some('>')) => (">", false, ">="),
            ("=", Some('<')) => ("<", false, "<="),
            ("=", Some('!')) => ("!", false, "!="),
            ("<", Some('>')) => (">", false, "!="),
            ("~", Some('=')) => ("=", false, "=~"),
            ("~", Some('~')) => ("~", false, "~"),
            ("~", Some('*')) => ("*", false, "~"),
            (":" | "==", _) if after.trim_start().starts_with('!') => {
                let blanks = after.len() - after.trim_start().len();
                (&after[..=blanks], true, operator)
            }
            (":", _) if after.trim_start().starts_with(['[', '{']) => {
                return self.refuse_range(field, from + operator.len());
            }
            _ => return Ok(()),
        };
        let end = from + operator.len() + rest.len();
        let operand = operand(self.lexer.text, end);
        if operand.is_empty() {
            return Ok(());
        }
        Err(self.operator_meant(name, negated, instead, from..end, operand))
    }

    /// Rejects `NAME !~ x` and similar forms: a name that was read at `span`, and the text after it.
    pub(super) fn refuse_negated(
        &self,
        text: &str,
        span: &std::ops::Range<usize>,
    ) -> Result<(), QueryError> {
        let attached = text.strip_suffix('!').filter(|_| self.lexer.at == span.end);
        let name = attached.unwrap_or(text);
        let mut lexer = self.lexer.clone();
        if attached.is_none() {
            let bang = lexer.rest().starts_with('!') && !lexer.rest().starts_with("!=");
            if !bang {
                return Ok(());
            }
            lexer.eat("!");
        }
        let start = lexer.at - 1;
        let Some(operator) = lexer
            .operator()
            .filter(|_| self.names.resolve(name).is_some())
        else {
            return Ok(());
        };
        lexer.eat(operator);
        let operand = operand(lexer.text, lexer.at);
        let typed = &lexer.text[span.start..span.end - usize::from(attached.is_some())];
        Err(self.operator_meant(typed, true, operator, start..lexer.at, operand))
    }

    fn operator_meant(
        &self,
        name: &str,
        negated: bool,
        operator: &str,
        span: std::ops::Range<usize>,
        operand: &str,
    ) -> QueryError {
        let slashed = operand.len() > 1 && operand.starts_with('/') && operand.ends_with('/');
        let (not, operator) = match operator {
            "==" if negated => ("", "!="),
            "~" if negated && slashed => ("not ", "=~"),
            "=~" if !slashed && !operand.starts_with('"') => {
                (if negated { "not " } else { "" }, "~")
            }
            _ => (if negated { "not " } else { "" }, operator),
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let inner = operand
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let operand = inner
            .filter(|inner| operator == "~" && !inner.is_empty() && inner.chars().all(plain))
            .unwrap_or(operand);
        let meant = if operator == ":" {
            format!("{not}{name}:{operand}")
        } else {
            format!("{not}{name} {operator} {operand}")
        };
        let error = self.lexer.error(span, "an operator of the filter language");
        if operand.is_empty() {
            error
        } else {
            error.suggest(meant)
        }
    }

    /// Rejects `NAME:[400 TO 500]`.
    fn refuse_range(&self, field: &Field, from: usize) -> Result<(), QueryError> {
        let text = &self.lexer.text[from..];
        let start = from + text.len() - text.trim_start().len();
        let Some(len) = self.lexer.text[start..].find([']', '}']) else {
            return Ok(());
        };
        let span = start..start + len + 1;
        let inner = &self.lexer.text[start + 1..start + len];
        let parts: Vec<&str> = inner.split_whitespace().collect();
        let [low, to, high] = parts[..] else {
            return Ok(());
        };
        if !to.eq_ignore_ascii_case("to") {
            return Ok(());
        }
        let name = self.name(field);
        let meant = match (low, high) {
            ("*", "*") => format!("{name}:*"),
            ("*", high) => format!("{name} <= {high}"),
            (low, "*") => format!("{name} >= {low}"),
            (low, high) => {
                let exclusive = |at: usize, sign: &str| self.lexer.text[at..].starts_with(sign);
                let open = if exclusive(span.start, "{") { '(' } else { '[' };
                let close = if exclusive(span.end - 1, "}") {
                    ')'
                } else {
                    ']'
                };
                format!("{name} in {open}{low} {high}{close}")
            }
        };
        let error = self.lexer.error(span, "`in` before a range");
        Err(error.suggest(meant))
    }

    /// Rejects letters after the closing slash of a regular expression, which would become a separate word.
    pub(super) fn refuse_flags(&self, field: &Field, pattern: &str) -> Result<(), QueryError> {
        let word = self.lexer.word(Until::Blank);
        if word.is_empty() {
            return Ok(());
        }
        let error = self.lexer.error(
            self.lexer.at..self.lexer.at + word.len(),
            "a space after the expression (flags go inside it, as in (?i))",
        );
        let flags = word.len() <= 4 && word.chars().all(|c| "imsxgu".contains(c));
        let known: String = word.chars().filter(|c| !"gu".contains(*c)).collect();
        let set = if known.is_empty() {
            String::new()
        } else {
            format!("(?{known})")
        };
        Err(if flags {
            error.suggest(format!("{} =~ /{set}{pattern}/", self.name(field)))
        } else {
            error
        })
    }
}

/// Returns the operand of an operator that ends here, as written.
fn operand(text: &str, at: usize) -> &str {
    let mut lexer = Lexer { text, at };
    lexer.blanks();
    let start = lexer.at;
    let read = match lexer.peek() {
        Some('"') => lexer.quoted().is_ok(),
        Some('/') => lexer.slashed().is_ok(),
        _ => false,
    };
    if !read {
        lexer.at = start;
        lexer.take_word(Until::Blank);
    }
    &text[start..lexer.at]
}
