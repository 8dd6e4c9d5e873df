//! What lies over the panes for a while: help, the palette, prompts, and the lists of sources and defects.
//!
//! An overlay keeps its own state here and is drawn by [`draw`]; keys reach it before the panes.

mod card;
mod columns;
mod compare;
mod editing;
mod fields;
mod frame;
mod group;
mod help;
mod lineage;
mod lists;
mod marks;
pub mod names;
mod news;
mod palette;
mod preview;
mod prompt;
mod prompt_view;
mod sources;
mod start;
mod stats;
mod views;
mod write;

pub use card::{Card, Line as CardLine, arrived as card_arrived};
pub use columns::{fields as column_fields, width_now as column_width};
pub use compare::Compare;
pub use fields::FieldPicker;
pub use group::GroupView;
pub use lineage::{LineageView, arrived as lineage_arrived};
pub use news::{NewsStep, NewsView, arrived as news_arrived};
pub use palette::Palette;
pub use preview::{
    arrived as preview_arrived, asking as preview_asked, due as preview_due, wants as preview_wants,
};
pub use prompt::{Prompt, PromptKind, loaded};
pub use sources::SourceList;
pub use start::{Choice, Start};
pub use stats::StatsView;
pub use write::{ask_for_file, begun as write_begun, refused as write_refused};

use ratatui::buffer::Buffer;

use crate::app::{App, Effect};
use crate::keymap::Key;
use crate::widgets::{Look, Travel};

/// The overlay on top; there is at most one.
#[derive(Clone, Debug)]
pub enum Overlay {
    Help(Scroll),
    Palette(Palette),
    Prompt(Prompt),
    Defects(Scroll),
    Sources(SourceList),
    Stats(StatsView),
    Group(GroupView),
    /// The marked events; they are [`App::marks`].
    Marks,
    /// The saved views; the list itself is [`App::views`].
    Views,
    /// The start screen with its cursor; what it offers is [`App::start`].
    Start(usize),
    /// The columns of the list, with the cursor.
    Columns(usize),
    /// Two events side by side.
    Compare(Compare),
    /// What is known of a user.
    Card(Card),
    /// What is new in a window of time.
    News(NewsView),
    /// What became of an image.
    Lineage(LineageView),
    /// A field is picked for a command.
    Fields(FieldPicker),
}

/// Place in a list that is longer than its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub top: usize,
}

impl Overlay {
    /// Scopes of the key map that hold while the overlay is open.
    pub fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Palette(_) | Self::Prompt(_) | Self::Fields(_) => &["prompt"],
            Self::Columns(_) => &["columns", "overlay", "global"],
            Self::Compare(_) => &["compare", "overlay", "global"],
            Self::Card(_) => &["card", "overlay", "global"],
            Self::News(_) => &["news", "overlay", "global"],
            Self::Lineage(_) => &["lineage", "overlay", "global"],
            Self::Group(_) => &["group", "overlay", "global"],
            Self::Views => &["views", "overlay", "global"],
            Self::Marks => &["marks", "overlay", "global"],
            Self::Sources(_) => &["sources", "overlay", "global"],
            Self::Start(_) => &["start", "overlay", "global"],
            Self::Help(_) | Self::Defects(_) | Self::Stats(_) => &["overlay", "global"],
        }
    }

    /// Whether keys are text unless they are bound.
    pub fn takes_text(&self) -> bool {
        matches!(self, Self::Palette(_) | Self::Prompt(_) | Self::Fields(_))
    }

    pub fn title(&self) -> &'static str {
        match self {
            Self::Help(_) => "HELP",
            Self::Palette(_) => "COMMANDS",
            Self::Prompt(prompt) => prompt.kind.title(),
            Self::Defects(_) => "REJECTED",
            Self::Sources(_) => "SOURCES",
            Self::Stats(_) => "STATS",
            Self::Group(_) => "GROUP",
            Self::Views => "VIEWS",
            Self::Marks => "MARKS",
            Self::Start(_) => "START",
            Self::Columns(_) => "COLUMNS",
            Self::Compare(_) => "COMPARE",
            Self::Card(_) => "USER",
            Self::News(_) => "NEW",
            Self::Lineage(_) => "LINEAGE",
            Self::Fields(_) => "FIELDS",
        }
    }
}

/// Moves within the overlay.
pub fn travel(app: &mut App, travel: Travel) {
    let inner = frame::inner(app.size).unwrap_or_default();
    let page = usize::from(inner.height).max(1);
    let rows = match &app.overlay {
        Some(Overlay::Help(_)) => help::lines(app, inner.width).len(),
        Some(Overlay::Defects(_)) => lists::defect_lines(app, inner.width).len(),
        Some(Overlay::Compare(compare)) => compare::height(compare, inner.width),
        Some(Overlay::Stats(stats)) => stats.lines(app).len(),
        _ => 0,
    };
    let by = travel.rows((page / 2).max(1) as i64);
    match app.overlay {
        Some(Overlay::Start(cursor)) => {
            app.overlay = Some(Overlay::Start(start::step(app, cursor, by)));
            return;
        }
        Some(Overlay::Columns(cursor)) => {
            app.overlay = Some(Overlay::Columns(columns::step(app, cursor, by)));
            return;
        }
        _ => {}
    }
    match &mut app.overlay {
        Some(
            Overlay::Help(scroll)
            | Overlay::Defects(scroll)
            | Overlay::Stats(StatsView { scroll, .. }),
        ) => {
            let last = rows.saturating_sub(page) as i64;
            scroll.top = (scroll.top as i64).saturating_add(by).clamp(0, last) as usize;
        }
        Some(Overlay::Compare(compare)) => {
            let last = rows.saturating_sub(page) as i64;
            compare.scroll.top = (compare.scroll.top as i64)
                .saturating_add(by)
                .clamp(0, last) as usize;
        }
        Some(Overlay::Fields(_)) => fields::step(app, by),
        Some(Overlay::Palette(palette)) => palette.step(by),
        Some(Overlay::Group(group)) => group.step(by),
        Some(Overlay::Card(card)) => card.step(by),
        Some(Overlay::News(view)) => view.step(by),
        Some(Overlay::Lineage(view)) => view.step(by),
        Some(Overlay::Sources(list)) => list.step(by, app.status.sources.len()),
        Some(Overlay::Views) => views::step(app, by),
        Some(Overlay::Marks) => marks::step(app, by),
        Some(Overlay::Prompt(_) | Overlay::Start(_) | Overlay::Columns(_)) | None => {}
    }
}

/// A key that is bound to nothing, for the overlay that takes text.
pub fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    match app.overlay {
        Some(Overlay::Palette(_)) => palette::key(app, key, effects),
        Some(Overlay::Fields(_)) => fields::key(app, key, effects),
        Some(Overlay::Prompt(_)) => prompt::key(app, key, effects),
        _ => {}
    }
}

/// Text that came in one piece.
pub fn paste(app: &mut App, text: &str) {
    match &mut app.overlay {
        Some(Overlay::Palette(palette)) => palette.paste(text),
        Some(Overlay::Fields(picker)) => picker.paste(text),
        Some(Overlay::Prompt(_)) => prompt::paste(app, text),
        _ => {}
    }
}

/// Opens what lay below the one that was on top, and asks for what it has missed meanwhile.
fn uncover(app: &mut App, below: Option<Box<Overlay>>) {
    app.overlay = below.map(|below| *below);
    if app.overlay.is_some() {
        app.need(app.over());
    }
}

/// Closes the overlay without taking over what was typed. Says whether there was one.
pub fn cancel(app: &mut App) -> bool {
    let closed = match app.overlay.take() {
        Some(Overlay::Prompt(prompt)) => {
            prompt::cancelled(app, &prompt);
            prompt::put_back(app, prompt.kind);
            true
        }
        Some(
            Overlay::Fields(FieldPicker { below, .. }) | Overlay::Palette(Palette { below, .. }),
        ) => {
            uncover(app, below);
            true
        }
        // There is nothing below it to go back to.
        Some(Overlay::Start(_)) => !app.start.alone,
        Some(Overlay::Group(_)) => {
            app.filters.forget_group();
            true
        }
        Some(_) => true,
        None => false,
    };
    if app.start.alone && app.overlay.is_none() {
        app.overlay = Some(Overlay::Start(0));
    }
    closed
}

/// Draws the overlay over the panes. Gives the cell of the text cursor, if there is one.
pub fn draw(app: &App, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
    match app.overlay.as_ref()? {
        Overlay::Help(scroll) => help::draw(app, *scroll, look, buf),
        Overlay::Palette(palette) => return Some(palette::draw(app, palette, look, buf)),
        Overlay::Fields(picker) => return Some(fields::draw(app, picker, look, buf)),
        Overlay::Columns(cursor) => columns::draw(app, *cursor, look, buf),
        Overlay::Compare(compare) => compare::draw(app, compare, look, buf),
        Overlay::Card(card) => card::draw(app, card, look, buf),
        Overlay::News(view) => news::draw(app, view, look, buf),
        Overlay::Lineage(view) => lineage::draw(app, view, look, buf),
        Overlay::Prompt(prompt) => return prompt_view::draw(app, prompt, look, buf),
        Overlay::Defects(scroll) => lists::draw_defects(app, *scroll, look, buf),
        Overlay::Sources(list) => sources::draw(app, *list, look, buf),
        Overlay::Stats(stats) => stats::draw(app, stats, look, buf),
        Overlay::Group(group) => group::draw(app, group, look, buf),
        Overlay::Views => views::draw(app, look, buf),
        Overlay::Marks => marks::draw(app, look, buf),
        Overlay::Start(cursor) => start::draw(app, *cursor, look, buf),
    }
    None
}
