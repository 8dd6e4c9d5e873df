//! Command palette: search for a command by words.

use ratatui::buffer::Buffer;

use super::rank::{self, Found};
use super::{CLOSE, Overlay, Panel, Scene, Spec, frame};
use crate::theme::Role;
use crate::widgets::{Canvas, EditOp, LineEdit, ListCursor, Look, text};

/// Command that can be run in the current context.
#[derive(Clone, Debug)]
pub struct Offer {
    pub name: &'static str,
    pub doc: &'static str,
    /// Short label, and other words for the command.
    pub hint: &'static str,
    pub also: &'static str,
    /// Keys bound to it in this context.
    pub keys: String,
    /// Description of its argument, if it needs one.
    pub wants: Option<&'static str>,
    /// Reason why it cannot run now.
    pub unless: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Palette {
    offers: Vec<Offer>,
    edit: LineEdit,
    cursor: ListCursor,
    /// Overlay that was open before.
    pub below: Option<Box<Overlay>>,
}

/// Matching command.
#[derive(Debug)]
struct Hit<'a> {
    offer: &'a Offer,
    cost: i64,
    /// Matched characters of the description and of the name.
    in_doc: Vec<usize>,
    in_name: Vec<usize>,
    /// Other words that match.
    also: Vec<&'static str>,
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

    /// Command under the cursor with its argument. The error says why it cannot run, or to type the missing argument.
    pub fn accept(&mut self) -> Result<(&'static str, Option<String>), String> {
        let hits = self.hits();
        let hit = hits.get(self.cursor.at).ok_or("no command matches")?;
        let Offer {
            name,
            wants,
            unless,
            ..
        } = *hit.offer;
        if let Some(reason) = unless {
            return Err(format!("{name}: {reason}"));
        }
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

    /// Commands that match every word, best first; without a pattern all of them, in the given order. Commands that
    /// cannot run are last.
    fn hits(&self) -> Vec<Hit<'_>> {
        let (pattern, _) = self.parts();
        let mut hits: Vec<Hit<'_>> = self
            .offers
            .iter()
            .filter_map(|offer| hit(offer, pattern))
            .collect();
        // Scattered letters are a way to type a name, not to search: they count only where no word matches.
        if hits.iter().any(|hit| hit.cost < rank::SCATTERED) {
            hits.retain(|hit| hit.cost < rank::SCATTERED);
        }
        hits.sort_by_key(|hit| (hit.offer.unless.is_some(), hit.cost));
        hits
    }
}

/// Costs of the texts of a command, added to the cost of the match: a part of label or name, the description, and the
/// other words.
const PART: i64 = 1;
const DESCRIPTION: i64 = 2;
const ALSO: i64 = 4;

fn hit<'a>(offer: &'a Offer, pattern: &str) -> Option<Hit<'a>> {
    let mut hit = Hit {
        offer,
        cost: 0,
        in_doc: Vec::new(),
        in_name: Vec::new(),
        also: Vec::new(),
    };
    if offer.name == pattern {
        hit.cost = -1;
        hit.in_name = (0..pattern.len()).collect();
        return Some(hit);
    }
    pattern
        .split_whitespace()
        .all(|word| hit.add(word))
        .then_some(hit)
}

impl Hit<'_> {
    /// Adds the cheapest match of a word. Returns false if there is none.
    fn add(&mut self, word: &str) -> bool {
        let Offer {
            name,
            doc,
            hint,
            also,
            ..
        } = *self.offer;
        let label = rank::prefix(hint, word);
        let in_name = rank::prefix(name, word);
        let in_doc = rank::prefix(doc, word);
        let mut words = also.split(' ');
        let other = words.find_map(|also| {
            let found = rank::prefix(also, word)?;
            (found.at[0] == 0).then_some((found.cost, also))
        });
        let cost = |found: &Option<Found>, more| found.as_ref().map(|found| found.cost + more);
        // The first word of a description is the action of the command.
        let more = match &in_doc {
            Some(found) if found.at.first() == Some(&0) => 0,
            _ => DESCRIPTION,
        };
        let costs = [
            cost(&label, i64::from(!hint.eq_ignore_ascii_case(word)) * PART),
            cost(&in_name, PART),
            cost(&in_doc, more),
            other.map(|(cost, _)| cost + ALSO),
        ];
        if let Some(best) = costs.into_iter().flatten().min() {
            self.cost += best;
            if in_name.is_none() && in_doc.is_none() && label.is_none() {
                self.also.extend(other.map(|(_, also)| also));
            }
            self.in_name
                .extend(in_name.into_iter().flat_map(|found| found.at));
            self.in_doc
                .extend(in_doc.into_iter().flat_map(|found| found.at));
            return true;
        }
        if let Some(found) = rank::inside(doc, word) {
            self.cost += found.cost;
            self.in_doc.extend(found.at);
            return true;
        }
        match rank::inside(name, word).or_else(|| rank::letters_of(name, word)) {
            Some(found) => {
                self.cost += found.cost;
                self.in_name.extend(found.at);
                true
            }
            None => false,
        }
    }
}

/// Widths of the descriptions and of the names in cells.
const DOC: u16 = 52;
const NAME: u16 = 25;

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
        let hits = self.hits();
        // On a narrow screen, only the name of the selected command is shown, next to the pattern.
        let names = width >= 2 + DOC + NAME + 12;
        let name = hits.get(self.cursor.at).map_or("", |hit| hit.offer.name);
        let end = match name {
            name if !names && usize::from(width) > name.len() + 30 => {
                canvas.text_before(width, 0, name, Role::Dim)
            }
            _ => width,
        };
        let (shown, cursor) = self.edit.visible(usize::from(end.saturating_sub(3)));
        canvas.text(0, 0, ":", Role::Prompt);
        canvas.text(2, 0, &shown, Role::Text);
        let place = (canvas.origin().0 + 2 + cursor as u16, canvas.origin().1);
        let rows = usize::from(canvas.height().saturating_sub(2));
        if hits.is_empty() {
            self.draw_nothing(&mut canvas);
        }
        let top = self.cursor.top(rows);
        for (y, (at, hit)) in (2..).zip(hits.iter().enumerate().skip(top).take(rows)) {
            draw_hit(hit, names, y, &mut canvas);
            if at == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        Some(place)
    }
}

impl Palette {
    fn draw_nothing(&self, canvas: &mut Canvas<'_>) {
        let (pattern, _) = self.parts();
        let lines = [
            (format!("No command matches \"{pattern}\"."), Role::Overlay),
            (
                "Try another word for it, such as copy, time or mark.".to_owned(),
                Role::Dim,
            ),
            (
                "To find events instead, press esc, then f or /.".to_owned(),
                Role::Dim,
            ),
        ];
        for (y, (line, role)) in (2..).zip(lines) {
            let line = text::clip(&line, usize::from(canvas.width().saturating_sub(2)));
            canvas.text(2, y, &line, role);
        }
    }
}

/// Draws a command: its description, its name if there is room, and its keys or the reason why it cannot run.
fn draw_hit(hit: &Hit<'_>, names: bool, y: u16, canvas: &mut Canvas<'_>) {
    let offer = hit.offer;
    let role = match offer.unless {
        Some(_) => Role::Dim,
        None => Role::Overlay,
    };
    let end = match offer.unless {
        Some(reason) => canvas.text_before(canvas.width(), y, reason, Role::Dim),
        None => canvas.text_before(canvas.width(), y, &offer.keys, Role::HintKey),
    };
    let mut show = |x: u16, end: u16, says: &str, role, matched: &[usize]| {
        let shown = text::clip(says, usize::from(end.saturating_sub(x + 1)));
        let after = canvas.text(x, y, &shown, role);
        let count = shown.chars().count();
        for at in matched.iter().filter(|at| **at < count) {
            canvas.tint(x + *at as u16, y, 1, Role::PaletteMatch);
        }
        after
    };
    let limit = if names { end.min(2 + DOC) } else { end };
    let after = show(2, limit, offer.doc, role, &hit.in_doc);
    if !hit.also.is_empty() {
        show(
            after + 1,
            end,
            &format!("({})", hit.also.join(", ")),
            Role::Dim,
            &[],
        );
    } else if names {
        show(2 + DOC, end, offer.name, Role::Dim, &hit.in_name);
    }
}
