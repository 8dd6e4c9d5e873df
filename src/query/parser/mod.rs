//! The parser of the filter language.
//!
//! The grammar, in EBNF. `…` are pieces of text; blanks are allowed between any two pieces:
//!
//! ```text
//! query     = [ or ] ;
//! or        = and , { OR , and } ;
//! and       = unary , { [ AND ] , unary } ;             (* juxtaposition is AND; "a not b" is a AND NOT b *)
//! unary     = { NOT } , primary | { NOT } , "-" , condition ;
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
//! name      = characters other than blanks and ( ) " | : = < > ~, up to "!=" ;
//! word      = characters other than blanks and ( ) " |   (* '\"' means a quote *)
//! AND, OR, NOT are case-blind; "in" is not.
//! ```
//!
//! A bare word ends at an operator, like a name; a value does not: `tag:a=b` is the value `a=b`. In unquoted values
//! after `:` and in unquoted bare words, `*` matches any run of characters of a word and `?` any one character.
//! Wildcards are exact: every word of every value is tested (the service uses at most 100 matching words). A
//! bare value of several words (`"a b"`, `ns/repo`) is searched for word by word, each in any field. Times are the
//! absolute forms of [`super::time_words`]; without an offset they are UTC. [`super::split_range`] handles `since:` and
//! `until:`, which set the time range of a filter. A bare word up to a colon that cannot be a field name continues to the
//! next blank: `ns/repo:tag`.

mod address;
mod condition;
mod lookalikes;
mod operators;
mod possible;
mod seen;

pub use lookalikes::has_lookalikes;
pub(super) use possible::all_values;

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Lexer, Until, is_keyword, unescape};
use super::names::{AnyName, nearest};
use super::shown::{self, Edit};
use super::{Addresses, Names, Node, QueryError, Test, TestOp, Words};
use crate::model::{CATALOGUE, id};
use lookalikes::plain;

/// Maximum nesting depth of parentheses.
pub const MAX_DEPTH: usize = 64;
/// Maximum length of a query in bytes.
pub const MAX_LEN: usize = 64 * 1024;

/// Parses a query. Blank text is [`Node::All`]. Linear in the length of the text.
pub fn parse(text: &str, names: &dyn Names) -> Result<Node, QueryError> {
    Parser::new(text, names).query()
}

/// Spells out texts of a query that the screen shows and no record has: `push` becomes `(push or operation:push)`. Of a
/// text that was spelled out already, the result is the same. Linear in the length of the text.
pub fn as_shown(text: &str, names: &dyn Names) -> Result<String, QueryError> {
    let mut parser = Parser::new(text, names);
    parser.shown = Some(RefCell::default());
    parser.query()?;
    let edits = parser.shown.take().unwrap_or_default();
    Ok(shown::apply(text, &edits.into_inner()))
}

/// Returns true if a text joins conditions with `or` outside parentheses, so that it needs parentheses to be joined
/// with another condition. False for text that cannot be parsed.
pub(super) fn is_alternative(text: &str) -> bool {
    let mut parser = Parser::new(text, &AnyName);
    parser.careful = false;
    parser.is_any = true;
    parser.query().is_ok() && parser.alternative
}

/// Type of a field's values, for comparisons.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// An address in canonical form.
    Address,
    Number,
    Time,
    Unknown,
}

/// A parsed field name.
struct Field {
    name: Arc<str>,
    span: Range<usize>,
    kind: Kind,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    names: &'a dyn Names,
    /// All known names, loaded on demand.
    known: OnceCell<Vec<Arc<str>>>,
    depth: usize,
    /// True if `or` was seen outside parentheses.
    alternative: bool,
    /// True if lookalikes of syntax characters are reported.
    careful: bool,
    /// True if every name resolves, so that nothing follows from it.
    is_any: bool,
    /// Replacements of texts that are shown and not logged, if they are wanted.
    shown: Option<RefCell<Vec<Edit>>>,
}

const CONDITION: &str = "a word or a condition";

impl<'a> Parser<'a> {
    fn new(text: &'a str, names: &'a dyn Names) -> Self {
        Self {
            lexer: Lexer::new(text),
            names,
            known: OnceCell::new(),
            depth: 0,
            alternative: false,
            careful: true,
            is_any: false,
            shown: None,
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
        negated ^= self.dash();
        let node = self.primary()?;
        Ok(if negated { node.negate() } else { node })
    }

    /// Consumes a keyword if it comes next, in any case.
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
                let expected = "a search without `|` (to count, use --group-by, --facet or --histogram; to run analytics in the service, use --sls-mode remote)";
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
                self.refuse_lookalikes(start, word, Until::Operator)?;
                let mut name = unescape(word);
                if word == "__tag__" && self.lexer.eat(":") {
                    name.push(':');
                    name.push_str(self.lexer.take_word(Until::Operator));
                    self.lexer.blanks();
                    if self.lexer.operator().is_none() && !self.at_in() {
                        return Err(self.lexer.unexpected("`:` and a value after the tag name"));
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
            let expected = format!("at most {MAX_DEPTH} nested parentheses");
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

    /// Returns true if lower-case `in` comes next as a word.
    fn at_in(&self) -> bool {
        let word = self.lexer.word(Until::Operator);
        word == "in" || word.starts_with("in[") || word.starts_with("in@")
    }

    /// Parses the rest after a word or quoted text: a condition on the field of that name, or the text itself.
    fn named_or_bare(
        &mut self,
        start: usize,
        text: String,
        quoted: bool,
    ) -> Result<Node, QueryError> {
        let span = start..self.lexer.at;
        if !quoted {
            if let Some(node) = self.bare_address(start) {
                return Ok(node);
            }
            if let Some(whole) = self.value_with_colon(start, &text)? {
                return self.bare(&whole, start..self.lexer.at, false);
            }
            self.refuse_negated(&text, &span)?;
        }
        self.lexer.blanks();
        self.refuse_negated(&text, &span)?;
        if self.lexer.operator().is_some() || self.at_in() {
            let field = self.field(text, span, quoted)?;
            return self.condition(&field);
        }
        let bracket = matches!(self.lexer.peek(), Some('[' | '('));
        if !quoted && bracket && text.eq_ignore_ascii_case("in") && text != "in" {
            return Err(self.lexer.error(span, "`in` in lower case").suggest("in"));
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
        self.bare(&text, span, quoted)
    }

    /// Searches for each word of a text in any field.
    fn bare(&self, text: &str, span: Range<usize>, quoted: bool) -> Result<Node, QueryError> {
        let words = if quoted {
            Words::literal(text)
        } else {
            Words::typed(text)
        };
        let words = words.ok_or_else(|| {
            let error = self.lexer.error(span.clone(), "a word");
            match text {
                "&" | "&&" => error.suggest("and"),
                _ => error,
            }
        })?;
        if let Some(edits) = &self.shown {
            edits
                .borrow_mut()
                .extend(shown::bare(self.lexer.text, span, &words));
        }
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
                self.refuse_typo(&name, &span, quoted)?;
                name.into()
            }
        };
        let known = CATALOGUE.fields().iter().find(|f| *f.name == *resolved);
        let kind = match known {
            None => Kind::Unknown,
            Some(info) if CATALOGUE.find(&info.name) == Some(id::TIME) => Kind::Time,
            Some(info) if info.number => Kind::Number,
            Some(info) if Addresses::of(&info.name) == Addresses::Whole => Kind::Address,
            Some(_) => Kind::Text,
        };
        Ok(Field {
            name: resolved,
            span,
            kind,
        })
    }

    /// Rejects an unknown name that looks like a typo. Other unknown names are fields that later data may contain.
    fn refuse_typo(&self, name: &str, span: &Range<usize>, quoted: bool) -> Result<(), QueryError> {
        let error = |expected: &str| self.lexer.error(span.clone(), expected);
        if name.is_empty() || (!quoted && name.contains('*')) {
            return Err(error("a field name"));
        }
        if !quoted && matches!(name, "since" | "until") {
            return Err(error(
                "a field name (since and until set the time range of a filter)",
            ));
        }
        if let Some(plain) = name
            .strip_prefix(['-', '!'])
            .filter(|plain| self.names.resolve(plain).is_some())
        {
            return Err(error("`not` before the condition").suggest(format!("not {plain}")));
        }
        let meant = plain(name);
        if meant != name && self.names.resolve(&meant).is_some() {
            return Err(error("a field name").suggest(meant));
        }
        if name == "sha256" {
            return Err(error("quotes around a digest, or its field name").suggest("digest:sha256"));
        }
        nearest(name, self.known.get_or_init(|| self.names.all()))
            .map_or(Ok(()), |known| Err(error("a field name").suggest(known)))
    }
}
