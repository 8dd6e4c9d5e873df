//! Text to tree.
//!
//! The grammar, in EBNF; `…` are pieces of text, blanks may stand between any two pieces:
//!
//! ```text
//! query     = [ or ] ;
//! or        = and , { OR , and } ;
//! and       = unary , { [ AND ] , unary } ;             (* juxtaposition is AND; "a not b" is a AND NOT b *)
//! unary     = { NOT } , primary ;
//! primary   = "(" , or , ")" | "*" | condition | phrase | word | quoted ;
//! condition = field , ":" , ( "*" | '""' | value | phrase )
//!           | field , ( "<" | "<=" | ">" | ">=" | "=" ) , ( number | time )
//!           | field , ( "==" | "!=" | "~" ) , value
//!           | field , "=~" , ( "/" , regex , "/" | quoted )
//!           | field , "in" , ( interval | list | "@" , value | network ) ;
//! interval  = ( "[" | "(" ) , end , [ "," ] , end , ( "]" | ")" ) ;       (* "(a, b)" is a list *)
//! end       = number | time ;
//! list      = "(" , entry , { "," , entry } , ")" ;
//! phrase    = "#" , quoted ;
//! field     = quoted | name | "__tag__:" , name ;
//! value     = quoted | word ;
//! entry     = value ;                                    (* unquoted, it also ends at "," *)
//! quoted    = '"' , { character | '\"' | '\\' } , '"' ;
//! network   = an address, or a CIDR block ;
//! name      = characters other than blanks and ( ) " | : = < > ~ ;
//! word      = characters other than blanks and ( ) " |   (* '\"' stands for a quote *)
//! AND, OR, NOT are case-blind; "in" is not.
//! ```
//!
//! A bare word ends at an operator like a name, a value does not: `tag:a=b` is the value `a=b`. In unquoted
//! values after `:` and in unquoted bare words, `*` is any run of characters of a word and `?` any one.
//! A bare value of several words (`"a b"`, `ns/repo`) is sought word by word, each in any field. Times are
//! the absolute forms of [`super::time_words`]; without an offset they are UTC.

use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Lexer, Until, is_keyword, unescape};
use super::names::nearest;
use super::{
    Comparison, Interval, List, Names, Network, Node, Number, Pattern, Phrase, QueryError,
    Substring, Test, TestOp, TimeRange, Watchlist, Words, edit, time_words,
};
use crate::model::{CATALOGUE, id};

/// Parentheses that may stand within one another.
pub const MAX_DEPTH: usize = 64;
/// Bytes a query may have.
pub const MAX_LEN: usize = 64 * 1024;

/// Reads a query. Blank text is [`Node::All`]. Linear in the length of the text.
pub fn parse(text: &str, names: &dyn Names) -> Result<Node, QueryError> {
    Parser::new(text, names).query()
}

/// Whether a text joins conditions with `or` outside parentheses, so that it needs parentheses to be joined
/// with another condition. False for text that cannot be read.
pub(super) fn is_alternative(text: &str) -> bool {
    let mut parser = Parser::new(text, &super::names::AnyName);
    parser.query().is_ok() && parser.alternative
}

/// What the values of a field are, as far as comparisons go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Time,
    Unknown,
}

/// A field name that was read.
struct Field {
    name: Arc<str>,
    span: Range<usize>,
    kind: Kind,
}

/// An entry of a list or an end of an interval.
struct Item {
    text: String,
    span: Range<usize>,
    quoted: bool,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    names: &'a dyn Names,
    depth: usize,
    /// Whether `or` was seen outside parentheses.
    alternative: bool,
}

const CONDITION: &str = "a word or a condition";

impl<'a> Parser<'a> {
    fn new(text: &'a str, names: &'a dyn Names) -> Self {
        Self {
            lexer: Lexer::new(text),
            names,
            depth: 0,
            alternative: false,
        }
    }

    fn query(&mut self) -> Result<Node, QueryError> {
        let text = self.lexer.text;
        if text.len() > MAX_LEN {
            let from = text.floor_char_boundary(MAX_LEN);
            return Err(self.lexer.error(
                from..text.len(),
                format!("a query of at most {MAX_LEN} bytes"),
            ));
        }
        if text.trim().is_empty() {
            return Ok(Node::All);
        }
        let node = self.or()?;
        match self.lexer.peek() {
            None => Ok(node),
            Some(')') => Err(self.lexer.unexpected("a `(` before it")),
            Some(_) => Err(self.lexer.unexpected(CONDITION)),
        }
    }

    fn or(&mut self) -> Result<Node, QueryError> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            self.alternative |= self.depth == 0;
            parts.push(self.and()?);
        }
        Ok(Node::or(parts))
    }

    fn and(&mut self) -> Result<Node, QueryError> {
        let mut parts = vec![self.unary()?];
        loop {
            self.lexer.blanks();
            let ends = matches!(self.lexer.peek(), None | Some(')'));
            if ends || self.lexer.word(Until::Operator).eq_ignore_ascii_case("or") {
                return Ok(Node::and(parts));
            }
            self.keyword("and");
            parts.push(self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Node, QueryError> {
        let mut negated = false;
        while self.keyword("not") {
            negated = !negated;
        }
        let node = self.primary()?;
        Ok(if negated { node.negate() } else { node })
    }

    /// Takes a keyword if it stands here, in any case.
    fn keyword(&mut self, keyword: &str) -> bool {
        self.lexer.blanks();
        let word = self.lexer.word(Until::Operator);
        let found = word.eq_ignore_ascii_case(keyword);
        if found {
            self.lexer.at += word.len();
        }
        found
    }

    fn primary(&mut self) -> Result<Node, QueryError> {
        self.lexer.blanks();
        let start = self.lexer.at;
        match self.lexer.peek() {
            Some('(') => self.group(),
            Some('|') => {
                let rest = start..self.lexer.text.len();
                let expected = "a search without `|` (count with --group-by, --facet or --histogram; \
                                analytics run in the service with --sls-mode remote)";
                Err(self.lexer.error(rest, expected))
            }
            Some('#') if self.lexer.rest().starts_with("#\"") => {
                let op = TestOp::Phrase(self.phrase()?);
                Ok(Node::Test(Test { field: None, op }))
            }
            Some('"') => {
                let text = self.lexer.quoted()?;
                self.named_or_bare(start, text, true)
            }
            Some(_) => {
                let word = self.lexer.word(Until::Operator);
                if word.is_empty() || is_keyword(word) {
                    return Err(self.lexer.unexpected(CONDITION));
                }
                self.lexer.at += word.len();
                let mut name = unescape(word);
                if word == "__tag__" && self.lexer.eat(":") {
                    name.push(':');
                    name.push_str(self.lexer.take_word(Until::Operator));
                    self.lexer.blanks();
                    if self.lexer.operator().is_none() && !self.at_in() {
                        return Err(self
                            .lexer
                            .unexpected("`:` and a value after the name of a tag"));
                    }
                }
                self.named_or_bare(start, name, false)
            }
            None => Err(self.lexer.unexpected(CONDITION)),
        }
    }

    fn group(&mut self) -> Result<Node, QueryError> {
        let start = self.lexer.at;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let expected = format!("at most {MAX_DEPTH} parentheses within one another");
            return Err(self.lexer.error(start..start + 1, expected));
        }
        self.lexer.eat("(");
        let node = self.or()?;
        if !self.lexer.eat(")") {
            return Err(self.lexer.unexpected("a closing `)`"));
        }
        self.depth -= 1;
        Ok(node)
    }

    /// Whether `in` stands here as a word, lower-case.
    fn at_in(&self) -> bool {
        let word = self.lexer.word(Until::Operator);
        word == "in" || word.starts_with("in[") || word.starts_with("in@")
    }

    /// After a word or quoted text: a condition on the field of that name, or the text itself.
    fn named_or_bare(
        &mut self,
        start: usize,
        text: String,
        quoted: bool,
    ) -> Result<Node, QueryError> {
        let span = start..self.lexer.at;
        self.lexer.blanks();
        if self.lexer.operator().is_some() || self.at_in() {
            let field = self.field(text, span, quoted)?;
            let op = self.condition(&field)?;
            return Ok(Node::Test(Test {
                field: Some(field.name),
                op,
            }));
        }
        if !quoted && text == "in" {
            return Err(self
                .lexer
                .error(span, "a field name before `in`")
                .suggest("\"in\""));
        }
        self.lexer.at = span.end;
        if !quoted && text.bytes().all(|b| b == b'*') {
            return Ok(Node::All);
        }
        let words = if quoted {
            Words::literal(&text)
        } else {
            Words::typed(&text)
        };
        let words = words.ok_or_else(|| self.lexer.error(span, "a word"))?;
        let tests = words.split().map(|word| {
            Node::Test(Test {
                field: None,
                op: TestOp::Words(word),
            })
        });
        Ok(Node::and(tests))
    }

    fn field(&self, name: String, span: Range<usize>, quoted: bool) -> Result<Field, QueryError> {
        let resolved = match self.names.resolve(&name) {
            Some(known) => known,
            None if name.starts_with("__tag__:") => name.into(),
            None => {
                self.refuse_slip(&name, &span, quoted)?;
                name.into()
            }
        };
        let known = CATALOGUE.fields().iter().find(|f| *f.name == *resolved);
        let kind = match known {
            None => Kind::Unknown,
            Some(info) if CATALOGUE.find(&info.name) == Some(id::TIME) => Kind::Time,
            Some(info) if info.number => Kind::Number,
            Some(_) => Kind::Text,
        };
        Ok(Field {
            name: resolved,
            span,
            kind,
        })
    }

    /// An unknown name is a field that was not seen yet, unless it looks like a slip.
    fn refuse_slip(&self, name: &str, span: &Range<usize>, quoted: bool) -> Result<(), QueryError> {
        let error = |expected: &str| self.lexer.error(span.clone(), expected);
        if name.is_empty() || (!quoted && name.contains('*')) {
            return Err(error("the name of a field"));
        }
        if let Some(plain) = name
            .strip_prefix(['-', '!'])
            .filter(|plain| self.names.resolve(plain).is_some())
        {
            return Err(error("`not` before what is not wanted").suggest(format!("not {plain}")));
        }
        if name == "sha256" {
            return Err(
                error("quotes around a digest, or the field it is in").suggest("digest:sha256")
            );
        }
        nearest(name, self.names).map_or(Ok(()), |known| {
            Err(error("the name of a field").suggest(known))
        })
    }

    /// What follows the name of a field, an operator or `in` standing here.
    fn condition(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        let Some(operator) = self.lexer.operator() else {
            self.lexer.eat("in");
            return self.membership(field);
        };
        self.lexer.eat(operator);
        self.lexer.blanks();
        let how = match operator {
            ":" => return self.value(field),
            "==" => return Ok(TestOp::Exact(self.literal("==")?.into())),
            "!=" => return Ok(TestOp::NotExact(self.literal("!=")?.into())),
            "~" => return self.substring(),
            "=~" => return self.regex(),
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => Comparison::Equal,
        };
        let item = self.item(Until::Blank)?;
        match field.kind {
            Kind::Text => {
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

    /// After `field:`.
    fn value(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        if self.lexer.rest().starts_with("#\"") {
            return Ok(TestOp::Phrase(self.phrase()?));
        }
        let quoted = self.lexer.peek() == Some('"');
        let text = if quoted {
            self.lexer.quoted()?
        } else {
            unescape(self.lexer.take_word(Until::Blank))
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
        if *field.name == *"ip" && text.contains('/') && Network::parse(&text).is_some() {
            return Err(self
                .lexer
                .error(span, "`in` before a network")
                .suggest(format!("{name} in {text}")));
        }
        if field.kind == Kind::Number
            && let Some(number) = Number::parse(&text)
        {
            return Ok(TestOp::Compare(Comparison::Equal, number));
        }
        let words = if quoted {
            Words::literal(&text)
        } else {
            Words::typed(&text)
        };
        let error = || {
            self.lexer
                .error(span, "a word (`~` seeks other characters)")
        };
        words
            .map(TestOp::Words)
            .ok_or_else(|| error().suggest(format!("{name} ~ {}", edit::in_quotes(&text))))
    }

    fn phrase(&mut self) -> Result<Phrase, QueryError> {
        let start = self.lexer.at;
        self.lexer.eat("#");
        let text = self.lexer.quoted()?;
        Phrase::new(&text)
            .ok_or_else(|| self.lexer.error(start..self.lexer.at, "a phrase of words"))
    }

    /// Text that is compared as it is.
    fn literal(&mut self, operator: &str) -> Result<String, QueryError> {
        let item = self.item(Until::Blank)?;
        if !item.quoted && item.text.contains('*') {
            let expected = format!("quotes: `{operator}` compares exactly, wildcards go with `:`");
            return Err(self
                .lexer
                .error(item.span, expected)
                .suggest(edit::in_quotes(&item.text)));
        }
        Ok(item.text)
    }

    fn substring(&mut self) -> Result<TestOp, QueryError> {
        let item = self.item(Until::Blank)?;
        let text = Substring::new(&item.text);
        text.map(TestOp::Substring)
            .ok_or_else(|| self.lexer.error(item.span, "a shorter text"))
    }

    fn regex(&mut self) -> Result<TestOp, QueryError> {
        let start = self.lexer.at;
        let text = match self.lexer.peek() {
            Some('/') => self.lexer.slashed()?.to_owned(),
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

    /// A quoted text or a word that is not empty.
    fn item(&mut self, until: Until) -> Result<Item, QueryError> {
        let start = self.lexer.at;
        let quoted = self.lexer.peek() == Some('"');
        let text = if quoted {
            self.lexer.quoted()?
        } else {
            unescape(self.lexer.take_word(until))
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
        Number::parse(&item.text).ok_or_else(|| self.lexer.error(item.span.clone(), "a number"))
    }

    /// The start and length of a time.
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

    /// After `in`.
    fn membership(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        self.lexer.blanks();
        match self.lexer.peek() {
            Some('[' | '(') => self.interval_or_list(field),
            Some('@') => {
                self.lexer.eat("@");
                let item = self.item(Until::Blank)?;
                Ok(TestOp::InFile(Watchlist::new(&item.text)))
            }
            _ => {
                let word = self.lexer.word(Until::Blank);
                let expected = "`[`, `(`, `@file` or a network such as 10.0.0.0/8 after `in`";
                let network = Network::parse(word).ok_or_else(|| {
                    if word.is_empty() {
                        return self.lexer.unexpected(expected);
                    }
                    self.lexer
                        .error(self.lexer.at..self.lexer.at + word.len(), expected)
                })?;
                self.lexer.at += word.len();
                Ok(TestOp::InNetwork(network))
            }
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
            // Two entries without a comma can be an interval still; a third cannot.
            if items.len() > 1 && gap > 0 {
                return Err(self.lexer.unexpected("`,` or a closing bracket"));
            }
            items.push(self.item(Until::Comma)?);
        };
        let span = start..self.lexer.at;
        let is_interval = low_in || high_in || (items.len() == 2 && commas == 0);
        if !is_interval {
            return Ok(TestOp::InList(List::new(
                items.into_iter().map(|item| item.text.into()).collect(),
            )));
        }
        let [low, high] = &items[..] else {
            return Err(self
                .lexer
                .error(span, "two ends of a range, as in [200 299]"));
        };
        match field.kind {
            Kind::Text => {
                let name = &self.lexer.text[field.span.clone()];
                let expected = format!("a list with commas: {name} is text and has no ranges");
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

/// The times that compare so with a time of this start and length: a day or a minute counts as a whole.
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
