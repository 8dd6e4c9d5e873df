//! The part of a condition after the field name: operator and operand.

use std::ops::Range;

use super::super::lexer::{Until, is_keyword, unescape};
use super::super::shown;
use super::super::{
    Comparison, Interval, Network, Node, Number, Pattern, Phrase, QueryError, Substring, Test,
    TestOp, TimeRange, Watchlist, Words, edit, time_words,
};
use super::lookalikes::plain;
use super::{Field, Kind, Parser};

/// An entry of a list or an end of an interval.
pub(super) struct Item {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    pub(super) quoted: bool,
}

impl Parser<'_> {
    /// Parses the condition on a field, from the operator or `in` after its name.
    pub(super) fn condition(&mut self, field: &Field) -> Result<Node, QueryError> {
        let class = self.status_class(field);
        let field = class.as_ref().unwrap_or(field);
        let operator = self.lexer.operator();
        let start = self.lexer.at + operator.map_or("in".len(), str::len);
        if let Some(operator) = operator {
            self.refuse_operator(field, operator)?;
        }
        let node = match operator {
            Some(operator @ (":" | "==" | "!=")) if field.kind == Kind::Address => {
                self.on_address(field, operator)?
            }
            _ => Node::Test(Test::new(&field.name, self.test(field)?)),
        };
        let operand = &self.lexer.text[start..self.lexer.at];
        let said = self.lexer.at - operand.trim_start().len()..self.lexer.at;
        self.refuse_impossible(field, &node, said)?;
        if let (Some(edits), Some(":")) = (&self.shown, operator) {
            let span = field.span.start..self.lexer.at;
            let edit = shown::condition(self.lexer.text, span, &field.name, operand.trim());
            edits.borrow_mut().extend(edit);
        }
        Ok(node)
    }

    fn test(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        let Some(operator) = self.lexer.operator() else {
            self.lexer.eat("in");
            return self.membership(field);
        };
        self.lexer.eat(operator);
        self.lexer.blanks();
        let how = match operator {
            ":" => return self.value(field),
            "==" => return Ok(TestOp::Exact(self.literal(field, "==")?.into())),
            "!=" => return Ok(TestOp::NotExact(self.literal(field, "!=")?.into())),
            "~" => return self.substring(),
            "=~" => return self.regex(field),
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => Comparison::Equal,
        };
        let item = self.item(Until::Blank)?;
        match field.kind {
            Kind::Text | Kind::Address => {
                let name = &self.lexer.text[field.span.clone()];
                let expected = format!("`:` or `==` after {name}, which is text, not a number");
                let error = self.lexer.error(start..start + operator.len(), expected);
                Err(error.suggest(format!("{name}:{}", edit::quote(&item.text))))
            }
            Kind::Time => self
                .time(&item)
                .map(|(from, len)| TestOp::Time(compared(how, from, len))),
            Kind::Number | Kind::Unknown => Ok(TestOp::Compare(how, self.number(&item)?)),
        }
    }

    /// Parses the value after `field:`.
    fn value(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        if self.lexer.rest().starts_with("#\"") {
            return Ok(TestOp::Phrase(self.phrase()?));
        }
        let quoted = self.lexer.peek() == Some('"');
        let text = if quoted {
            self.lexer.quoted()?
        } else {
            let word = self.lexer.take_word(Until::Blank);
            self.refuse_lookalikes(start, word, Until::Blank)?;
            unescape(word)
        };
        let span = start..self.lexer.at;
        let name = &self.lexer.text[field.span.clone()];
        if text.is_empty() {
            return if quoted {
                Ok(TestOp::Empty)
            } else {
                Err(self.lexer.unexpected("a value"))
            };
        }
        if !quoted && text.bytes().all(|b| b == b'*') {
            return Ok(TestOp::Exists);
        }
        if !quoted && text.starts_with(['<', '>', '=', '~']) {
            return Err(self
                .lexer
                .error(span, "a value")
                .suggest(format!("{name}{text}")));
        }
        if !quoted && is_keyword(&text) {
            return Err(self
                .lexer
                .error(span, "a value")
                .suggest(format!("{name}:\"{text}\"")));
        }
        let network = !quoted && text.contains('/') && Network::parse(&text).is_some();
        if network {
            self.refuse_network(field, &text, span.clone())?;
            return Err(self
                .lexer
                .error(span, "`in` before a network")
                .suggest(format!("{name} in {text}")));
        }
        let item = Item { text, span, quoted };
        if !quoted {
            self.refuse_no_number(field, ":", &item)?;
        }
        self.refuse_other_quotes(&item, '`')?;
        let Item { text, span, .. } = item;
        let words = if quoted {
            Words::literal(&text)
        } else {
            Words::typed(&text)
        };
        let Some(words) = words else {
            let error = self
                .lexer
                .error(span, "a word (use `~` to match other characters)");
            return Err(error.suggest(format!("{name} ~ {}", edit::in_quotes(&text))));
        };
        if field.kind == Kind::Number
            && let [word] = words.words()
            && let Some(number) = Number::parse(word.text())
        {
            return Ok(TestOp::Compare(Comparison::Equal, number));
        }
        Ok(TestOp::Words(words))
    }

    pub(super) fn phrase(&mut self) -> Result<Phrase, QueryError> {
        let start = self.lexer.at;
        self.lexer.eat("#");
        let text = self.lexer.quoted()?;
        Phrase::new(&text).ok_or_else(|| {
            self.lexer
                .error(start..self.lexer.at, "a phrase with at least one word")
        })
    }

    /// Parses text that is compared as it is.
    fn literal(&mut self, field: &Field, operator: &str) -> Result<String, QueryError> {
        let item = self.item(Until::Blank)?;
        let name = &self.lexer.text[field.span.clone()];
        let network =
            !item.quoted && item.text.contains('/') && Network::parse(&item.text).is_some();
        if network {
            self.refuse_network(field, &item.text, item.span.clone())?;
            let not = if operator == "!=" { "not " } else { "" };
            let error = self.lexer.error(item.span, "`in` before a network");
            return Err(error.suggest(format!("{not}{name} in {}", item.text)));
        }
        if !item.quoted {
            self.refuse_no_number(field, operator, &item)?;
        }
        for quote in ['\'', '`'] {
            self.refuse_other_quotes(&item, quote)?;
        }
        if !item.quoted && item.text.contains('*') {
            let expected = format!("quotes (`{operator}` compares exactly; use `:` for wildcards)");
            return Err(self
                .lexer
                .error(item.span, expected)
                .suggest(edit::in_quotes(&item.text)));
        }
        Ok(item.text)
    }

    /// Rejects quotes of other languages, which would be searched for as part of the value.
    fn refuse_other_quotes(&self, item: &Item, quote: char) -> Result<(), QueryError> {
        let inner = item
            .text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        match inner.filter(|inner| !item.quoted && !inner.is_empty()) {
            None => Ok(()),
            Some(inner) => {
                let error = self.lexer.error(item.span.clone(), "double quotes");
                Err(error.suggest(edit::in_quotes(inner)))
            }
        }
    }

    fn substring(&mut self) -> Result<TestOp, QueryError> {
        let item = self.item(Until::Blank)?;
        let text = Substring::new(&item.text);
        text.map(TestOp::Substring)
            .ok_or_else(|| self.lexer.error(item.span, "a shorter text"))
    }

    fn regex(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        let text = match self.lexer.peek() {
            Some('/') => {
                let pattern = self.lexer.slashed()?;
                self.refuse_flags(field, pattern)?;
                pattern.to_owned()
            }
            Some('"') => self.lexer.quoted()?,
            _ => {
                return Err(self
                    .lexer
                    .unexpected("a regular expression between slashes, /…/"));
            }
        };
        let span = start..self.lexer.at;
        Pattern::new(&text).map(TestOp::Regex).map_err(|reason| {
            self.lexer
                .error(span, format!("a regular expression ({reason})"))
        })
    }

    /// Parses a quoted text or a non-empty word.
    pub(super) fn item(&mut self, until: Until) -> Result<Item, QueryError> {
        let start = self.lexer.at;
        let quoted = self.lexer.peek() == Some('"');
        let text = if quoted {
            self.lexer.quoted()?
        } else {
            let word = self.lexer.take_word(until);
            self.refuse_lookalikes(start, word, until)?;
            unescape(word)
        };
        if text.is_empty() && !quoted {
            return Err(self.lexer.unexpected("a value"));
        }
        Ok(Item {
            text,
            span: start..self.lexer.at,
            quoted,
        })
    }

    fn number(&self, item: &Item) -> Result<Number, QueryError> {
        Number::parse(&item.text).ok_or_else(|| {
            let error = self.lexer.error(item.span.clone(), "a number");
            let meant = plain(&item.text);
            match Number::parse(&meant) {
                Some(_) => error.suggest(meant),
                None => error,
            }
        })
    }

    /// Parses a time and returns its start and length.
    fn time(&self, item: &Item) -> Result<(i64, i64), QueryError> {
        let utc = |local: chrono::NaiveDateTime| {
            local.and_utc().timestamp_nanos_opt().unwrap_or(i64::MAX)
        };
        time_words::absolute(&item.text, &utc).ok_or_else(|| {
            let expected =
                "a time, such as 2024-04-12T16:00:00+08:00, \"2024-04-12 16:00\" or 2024-04-12";
            self.lexer.error(item.span.clone(), expected)
        })
    }

    /// Parses the operand of `in`.
    fn membership(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        self.lexer.blanks();
        match self.lexer.peek() {
            Some('[' | '(') => self.interval_or_list(field),
            Some('@') => {
                self.lexer.eat("@");
                let item = self.item(Until::Blank)?;
                Ok(TestOp::InFile(Watchlist::new(&item.text)))
            }
            _ => self.in_network(field),
        }
    }

    fn interval_or_list(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        let low_in = self.lexer.eat("[");
        if !low_in {
            self.lexer.eat("(");
        }
        let mut items = Vec::new();
        let mut commas = 0;
        let high_in = loop {
            self.lexer.blanks();
            if !items.is_empty() && self.lexer.peek().is_some_and(|c| matches!(c, ']' | ')')) {
                break !self.lexer.eat(")") && self.lexer.eat("]");
            }
            let gap = items.len() - commas;
            if gap == 1 && self.lexer.eat(",") {
                commas += 1;
                continue;
            }
            // Two entries without a comma can still be an interval; a third cannot.
            if items.len() > 1 && gap > 0 {
                return Err(self.lexer.unexpected("`,` or a closing bracket"));
            }
            items.push(self.item(Until::Comma)?);
        };
        let span = start..self.lexer.at;
        let is_interval = low_in || high_in || (items.len() == 2 && commas == 0);
        if !is_interval {
            return self.list(field, items);
        }
        let [low, high] = &items[..] else {
            return Err(self.lexer.error(span, "two range bounds, as in [200 299]"));
        };
        match field.kind {
            Kind::Address => Err(self.no_interval(field, span, [low, high])),
            Kind::Text => {
                let name = &self.lexer.text[field.span.clone()];
                let expected = format!("a list with commas ({name} is text and has no ranges)");
                let list = format!(
                    "{name} in ({}, {})",
                    edit::quote(&low.text),
                    edit::quote(&high.text)
                );
                Err(self.lexer.error(span, expected).suggest(list))
            }
            Kind::Time => {
                let (low, low_len) = self.time(low)?;
                let (high, high_len) = self.time(high)?;
                let since = if low_in {
                    low
                } else {
                    low.saturating_add(low_len)
                };
                let until = if high_in {
                    high.saturating_add(high_len)
                } else {
                    high
                };
                Ok(TestOp::Time(TimeRange {
                    since: Some(since),
                    until: Some(until),
                }))
            }
            Kind::Number | Kind::Unknown => {
                let (low, high) = (self.number(low)?, self.number(high)?);
                Ok(TestOp::Within(Interval {
                    low,
                    low_in,
                    high,
                    high_in,
                }))
            }
        }
    }
}

/// Returns the times that compare as given with a time of this start and length. A day or a minute counts as a whole.
fn compared(how: Comparison, from: i64, len: i64) -> TimeRange {
    let end = from.saturating_add(len);
    let (since, until) = match how {
        Comparison::Less => (None, Some(from)),
        Comparison::LessOrEqual => (None, Some(end)),
        Comparison::Greater => (Some(end), None),
        Comparison::GreaterOrEqual => (Some(from), None),
        Comparison::Equal => (Some(from), Some(end)),
    };
    TimeRange { since, until }
}
