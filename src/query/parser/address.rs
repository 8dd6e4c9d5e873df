//! Conditions on addresses. The operand is a whole address, a network, or a prefix of an address.

use std::ops::Range;

use super::super::address::{FORMS, looks_like, meant, needle};
use super::super::lexer::Until;
use super::super::{
    AddressPattern, Addresses, List, Network, Node, QueryError, Test, TestOp, edit,
};
use super::condition::Item;
use super::lookalikes::plain;
use super::{Field, Kind, Parser};
use crate::model::{CATALOGUE, derive, name};

impl Parser<'_> {
    /// Parses `:`, `==` or `!=` and an address after the name of an address field.
    pub(super) fn on_address(&mut self, field: &Field, operator: &str) -> Result<Node, QueryError> {
        let test = |op| Ok(Node::Test(Test::new(&field.name, op)));
        self.lexer.eat(operator);
        self.lexer.blanks();
        if operator == ":" && self.lexer.rest().starts_with("#\"") {
            return test(TestOp::Phrase(self.phrase()?));
        }
        let item = self.item(Until::Blank)?;
        let text = &item.text;
        match operator {
            ":" if text.is_empty() => return test(TestOp::Empty),
            ":" if !item.quoted && text.bytes().all(|b| b == b'*') => return test(TestOp::Exists),
            ":" => {
                let pattern = AddressPattern::new(text).filter(|_| !item.quoted);
                let network = needle(text).map(TestOp::InNetwork);
                return match network.or(pattern.map(TestOp::Address)) {
                    Some(op) => test(op),
                    None => Err(self.no_address(field, &item)),
                };
            }
            _ => {}
        }
        let not = |node: Node| {
            if operator == "!=" {
                node.negate()
            } else {
                node
            }
        };
        if text.contains('/')
            && let Some(network) = needle(text)
        {
            return test(TestOp::InNetwork(network)).map(not);
        }
        if !item.quoted && text.starts_with('@') {
            return Err(self.no_address(field, &item));
        }
        let literal = item.quoted && !(text.contains('/') && looks_like(text));
        if needle(text).is_none() && !literal && (looks_like(text) || text.contains('*')) {
            return Err(self.no_address(field, &item));
        }
        // Canonical form, as in the field's values.
        let text = derive::ip(text).unwrap_or_else(|| text.as_str().into());
        test(match operator {
            "==" => TestOp::Exact(text.as_ref().into()),
            _ => TestOp::NotExact(text.as_ref().into()),
        })
    }

    /// Parses a network after `in`.
    pub(super) fn in_network(&mut self, field: &Field) -> Result<TestOp, QueryError> {
        let expected = "`[`, `(`, `@file` or a network such as 10.0.0.0/8 after `in`";
        let word = self.lexer.word(Until::Blank);
        if word.is_empty() && self.lexer.peek() != Some('"') {
            return Err(self.lexer.unexpected(expected));
        }
        self.refuse_lookalikes(self.lexer.at, word, Until::Comma)?;
        let item = self.item(Until::Blank)?;
        let network = match field.kind {
            Kind::Address => needle(&item.text),
            _ => Network::parse(&item.text),
        };
        if network.is_some() {
            self.refuse_network(field, &item.text, item.span.clone())?;
        }
        network.map(TestOp::InNetwork).ok_or_else(|| {
            let name = self.name(field);
            let suggestion = match Addresses::of(&field.name) {
                Addresses::No => None,
                _ => meant(name, &item.text).filter(|text| !text.contains("==")),
            };
            let error = self.lexer.error(item.span, expected);
            match suggestion {
                Some(text) => error.suggest(text),
                None => error,
            }
        })
    }

    /// Builds the list of the parsed entries.
    pub(super) fn list(&self, field: &Field, items: Vec<Item>) -> Result<TestOp, QueryError> {
        let kind = Addresses::of(&field.name);
        for item in &items {
            if !item.quoted {
                self.refuse_file(field, item)?;
                self.refuse_no_number(field, ":", item)?;
                if item.text.contains('/') && Network::parse(&item.text).is_some() {
                    self.refuse_network(field, &item.text, item.span.clone())?;
                }
            }
            if kind.entry(&item.text, item.quoted).is_none() {
                return Err(self.wrong_entry(item));
            }
        }
        let items = items.into_iter().map(|item| item.text.into()).collect();
        Ok(TestOp::InList(List::of(kind, items)))
    }

    /// Creates the error for a numeric range on an address field.
    pub(super) fn no_interval(
        &self,
        field: &Field,
        span: Range<usize>,
        [low, high]: [&Item; 2],
    ) -> QueryError {
        let error = self
            .lexer
            .error(span, "a list with commas, or a range with a dash");
        let name = self.name(field);
        let range = format!("{}-{}", low.text, high.text);
        let list = format!("{}, {}", low.text, high.text);
        let reads = |text: &str| Addresses::Whole.entry(text.trim(), false).is_some();
        if reads(&range) {
            error.suggest(format!("{name} in ({range})"))
        } else if list.split(',').all(reads) {
            error.suggest(format!("{name} in ({list})"))
        } else {
            error
        }
    }

    /// Rejects a network on a catalogue field that contains no addresses.
    pub(super) fn refuse_network(
        &self,
        field: &Field,
        text: &str,
        span: Range<usize>,
    ) -> Result<(), QueryError> {
        // A registry may be requested by its address.
        let may = Addresses::of(&field.name) != Addresses::No
            || matches!(&*field.name, name::HOST | name::LOG_SOURCE);
        if may || !CATALOGUE.fields().iter().any(|f| *f.name == *field.name) {
            return Ok(());
        }
        let name = self.name(field);
        let expected = format!("a value of {name}, which is not an address field");
        let error = self.lexer.error(span, expected);
        Err(error.suggest(format!("ip in {text}")))
    }

    /// Rejects a watchlist file inside a list.
    fn refuse_file(&self, field: &Field, item: &Item) -> Result<(), QueryError> {
        if item.text.len() < 2 || !item.text.starts_with('@') {
            return Ok(());
        }
        let error = self
            .lexer
            .error(item.span.clone(), "a watchlist file without parentheses");
        Err(error.suggest(format!("{} in {}", self.name(field), item.text)))
    }

    fn wrong_entry(&self, item: &Item) -> QueryError {
        let error = self.lexer.error(item.span.clone(), FORMS);
        let text = &item.text;
        match meant(name::IP, text) {
            Some(condition) if looks_like(text) => match condition.strip_prefix("ip:") {
                Some(prefix) => error.suggest(prefix),
                None => match condition.strip_prefix("ip in ") {
                    Some(network) if !item.quoted => error.suggest(network),
                    _ => error,
                },
            },
            Some(_) if !item.quoted => error.suggest(edit::in_quotes(text)),
            _ => error,
        }
    }

    fn no_address(&self, field: &Field, item: &Item) -> QueryError {
        let span: Range<usize> = item.span.clone();
        let error = self.lexer.error(span, FORMS);
        let text = plain(&item.text);
        if needle(&text).is_some() {
            return error.suggest(format!("{}:{text}", self.name(field)));
        }
        match meant(self.name(field), &item.text) {
            Some(text) => error.suggest(text),
            None => error,
        }
    }

    /// Returns the name of a field as typed.
    pub(super) fn name(&self, field: &Field) -> &str {
        &self.lexer.text[field.span.clone()]
    }
}
