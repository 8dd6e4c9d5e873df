//! Command palette: fuzzy search for a command to run.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use ratatui::buffer::Buffer;

use super::{CLOSE, Overlay, Panel, Scene, Spec, frame};
use crate::theme::Role;
use crate::widgets::{EditOp, LineEdit, ListCursor, Look, text};

/// Command that can be run in the current context.
#[derive(Clone, Debug)]
pub struct Offer {
    pub name: &'static str,
    pub doc: &'static str,
    /// Keys bound to it in this context.
    pub keys: String,
    /// Description of its argument, if it needs one.
    pub wants: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Palette {
    offers: Vec<Offer>,
    edit: LineEdit,
    cursor: ListCursor,
    /// Overlay that was open before.
    pub below: Option<Box<Overlay>>,
}

/// Matching command, with the matched characters of its row.
#[derive(Debug)]
struct Hit<'a> {
    offer: &'a Offer,
    score: i64,
    matched: Vec<usize>,
}

impl Palette {
    pub fn new(offers: Vec<Offer>, below: Option<Box<Overlay>>) -> Self {
        Self {
            offers,
            edit: LineEdit::default(),
            cursor: ListCursor::default(),
            below,
        }
    }

    pub fn edit(&mut self, op: EditOp) {
        if self.edit.apply(op) {
            self.cursor = ListCursor::default();
        }
    }

    /// Command under the cursor with its argument. The error is an instruction to type the missing argument.
    pub fn accept(&mut self) -> Result<(&'static str, Option<String>), String> {
        let hits = self.hits();
        let hit = hits.get(self.cursor.at).ok_or("no command matches")?;
        let Offer { name, wants, .. } = *hit.offer;
        let argument = self.parts().1.map(str::to_owned);
        match wants {
            Some(what) if argument.is_none() => {
                self.edit.set(&format!("{name} "));
                self.cursor = ListCursor::default();
                Err(format!("type {what}, then press enter"))
            }
            _ => Ok((name, argument)),
        }
    }

    /// Splits the typed text into the pattern and, after a complete command name, its argument.
    fn parts(&self) -> (&str, Option<&str>) {
        let text = self.edit.text().trim_start();
        match text.split_once(' ') {
            Some((name, rest)) if self.offers.iter().any(|offer| offer.name == name) => {
                (name, Some(rest.trim()).filter(|rest| !rest.is_empty()))
            }
            _ => (text.trim_end(), None),
        }
    }

    /// Commands that match, best first; without a pattern all of them, in table order.
    fn hits(&self) -> Vec<Hit<'_>> {
        let (pattern, _) = self.parts();
        let fuzzy = SkimMatcherV2::default().smart_case();
        let hits = self.offers.iter().filter_map(|offer| {
            let name = offer.name;
            let (score, matched) = fuzzy.fuzzy_indices(&row(offer), pattern)?;
            // A match in the name counts more than one in the description.
            let named = fuzzy
                .fuzzy_match(name, pattern)
                .map_or(0, |score| score * 2);
            let exact = if name == pattern { 10_000 } else { 0 };
            Some(Hit {
                offer,
                score: score + named + exact,
                matched,
            })
        });
        let mut hits: Vec<Hit<'_>> = hits.collect();
        if !pattern.is_empty() {
            hits.sort_by_key(|hit| -hit.score);
        }
        hits
    }
}

/// Width of the names in cells.
const NAME: usize = 25;

/// Text of a command that is matched and displayed.
fn row(offer: &Offer) -> String {
    format!("{:NAME$}{}", offer.name, offer.doc)
}

impl Panel for Palette {
    fn spec(&self) -> Spec {
        Spec {
            title: "COMMANDS",
            scopes: &["prompt"],
            hints: &[("enter", "run"), ("up down", "choose"), CLOSE],
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.hits().len();
        Some((&mut self.cursor, places))
    }

    fn draw(&self, _scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let mut canvas = frame::draw("COMMANDS", look, buf);
        let width = canvas.width();
        let (shown, cursor) = self.edit.visible(usize::from(width.saturating_sub(3)));
        canvas.text(0, 0, ":", Role::Prompt);
        canvas.text(2, 0, &shown, Role::Text);
        let place = (canvas.origin().0 + 2 + cursor as u16, canvas.origin().1);
        let rows = usize::from(canvas.height().saturating_sub(2));
        let hits = self.hits();
        let top = self.cursor.top(rows);
        for (y, (at, hit)) in (2..).zip(hits.iter().enumerate().skip(top).take(rows)) {
            let end = canvas.text_before(width, y, &hit.offer.keys, Role::HintKey);
            let row = text::clip(&row(hit.offer), usize::from(end.saturating_sub(4))).into_owned();
            canvas.text(2, y, &row, Role::Overlay);
            for (x, _) in row
                .chars()
                .enumerate()
                .filter(|(x, _)| hit.matched.contains(x))
            {
                canvas.tint(2 + x as u16, y, 1, Role::PaletteMatch);
            }
            if at == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        Some(place)
    }
}
