//! Texts and conditions as the screen shows them, where the language would otherwise report an error or search for a
//! field that no record has: `ns/repo:tag` and addresses without a field, `-field:value`, `status:4xx`.

use super::super::lexer::{Lexer, Until, unescape};
use super::super::set::address as as_address;
use super::super::{Network, Node, QueryError, Test, TestOp, address};
use super::possible::all_values;
use super::{Field, Kind, Parser};
use crate::model::name;

impl Parser<'_> {
    /// Consumes the `-` of `-field:value`, which means `not`. A bare word may begin with a dash.
    pub(super) fn dash(&mut self) -> bool {
        let mut lexer = self.lexer.clone();
        if !lexer.eat("-") {
            return false;
        }
        let from = lexer.clone();
        let name = match lexer.peek() {
            Some('"') => lexer.quoted().is_ok(),
            Some(c) if c.is_alphabetic() || c == '_' => {
                let name = lexer.take_word(Until::Operator);
                let whole = format!("-{name}");
                self.is_any || self.names.resolve(&whole).is_none()
            }
            _ => false,
        };
        lexer.blanks();
        let follows = lexer.operator().is_some() || lexer.rest().starts_with("in ");
        if name && follows {
            self.lexer = from;
        }
        name && follows
    }

    /// Parses an address or a network without a field name, if a word of this position is one: a condition on `ip`.
    pub(super) fn bare_address(&mut self, start: usize) -> Option<Node> {
        let from = Lexer {
            text: self.lexer.text,
            at: start,
        };
        let word = from.word(Until::Blank);
        let network = word.contains('/').then(|| Network::parse(word)).flatten();
        let is_v6 = word.matches(':').count() > 1 && as_address(word).is_some();
        let network = network.or_else(|| address::needle(word).filter(|_| is_v6))?;
        self.lexer.at = start + word.len();
        Some(Node::Test(Test::new(name::IP, TestOp::InNetwork(network))))
    }

    /// Extends a word that ends at a colon, if it is no field name but the start of a value: an image, a digest, an
    /// address with a port, a principal or a time.
    pub(super) fn value_with_colon(
        &mut self,
        start: usize,
        text: &str,
    ) -> Result<Option<String>, QueryError> {
        if !self.lexer.rest().starts_with(':') || self.names.resolve(text).is_some() {
            return Ok(None);
        }
        let after = &self.lexer.rest()[1..];
        let digits = text.starts_with(|c: char| c.is_ascii_digit());
        let digest = text == "sha256" && after.starts_with(|c: char| c.is_ascii_hexdigit());
        if !digits && !digest && !text.contains(['/', '@']) {
            return Ok(None);
        }
        let from = Lexer {
            text: self.lexer.text,
            at: start,
        };
        let word = from.word(Until::Blank);
        // Written out, a word with `~` and a wildcard would be read as an operator.
        if word.contains('~') {
            return Ok(None);
        }
        if text.len() <= 2 && digits && after.starts_with(|c: char| c.is_ascii_digit()) {
            let error = self.lexer.error(
                start..start + word.len(),
                "`since:` or `until:` before a time",
            );
            return Err(error.suggest(format!("since:{word}")));
        }
        self.lexer.at = start + word.len();
        self.refuse_lookalikes(start, word, Until::Blank)?;
        Ok(Some(unescape(word)))
    }

    /// Returns the field `status_class` for a condition that a status has a value of it: no number is `4xx`.
    pub(super) fn status_class(&self, field: &Field) -> Option<Field> {
        let mut lexer = self.lexer.clone();
        if *field.name != *name::STATUS || !lexer.eat(":") {
            return None;
        }
        lexer.blanks();
        let text = match lexer.peek() {
            Some('"') => lexer.quoted().ok()?,
            _ => unescape(lexer.take_word(Until::Blank)),
        };
        let classes = all_values(name::STATUS_CLASS)?;
        let is = |class: &&str| *class != "none" && class.eq_ignore_ascii_case(&text);
        classes.iter().any(is).then(|| Field {
            name: name::STATUS_CLASS.into(),
            span: field.span.clone(),
            kind: Kind::Text,
        })
    }
}
