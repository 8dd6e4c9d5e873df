//! Drawing of the whole screen: the panes, and the overlay on top.

mod detail;
mod empty;
mod facets;
mod filter;
mod header;
mod highlight;
mod histogram;
mod list;
mod status_line;
mod tour;
mod which_key;

use ratatui::buffer::Buffer;

use crate::app::App;
use crate::app::layout::{LEAST, PaneId};
use crate::theme::Role;
use crate::widgets::{Canvas, Look, text};

/// Draws the whole screen. Returns the cell of the text cursor, if any.
pub fn draw(app: &App, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
    let draw = || text::hiding(app.masking.worn(), || draw_all(app, look, buf));
    text::cutting_with(look.glyphs.ellipsis, draw)
}

fn draw_all(app: &App, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
    let (width, height) = (buf.area.width, buf.area.height);
    if width < LEAST.0 || height < LEAST.1 {
        let text = format!("Needs {}×{}, have {width}×{height}", LEAST.0, LEAST.1);
        let middle = (height / 2).min(height.saturating_sub(1));
        let start = (usize::from(width).saturating_sub(text.chars().count()) / 2) as u16;
        Canvas::whole(buf, look).text(start, middle, &text, Role::Text);
        return None;
    }
    let layout = app.screen.layout();
    let mut canvas = Canvas::whole(buf, look);
    header::draw(app, &mut canvas.part(layout.top));
    filter::draw(app, &mut canvas.part(layout.filter));
    if let Some(area) = layout.histogram {
        histogram::draw(app, &mut canvas.part(area));
    }
    if let Some(area) = layout.list {
        list::draw(app, &mut canvas.part(area));
    }
    if let Some(area) = layout.detail {
        detail::draw(app, &layout, &mut canvas.part(area));
    }
    if let Some(area) = layout.facets {
        facets::draw(app, &mut canvas.part(area));
    }
    tour::draw(app, &mut canvas.part(layout.strip));
    status_line::draw(app, &mut canvas.part(layout.bottom));
    let overlay = app.overlay.as_ref();
    let cursor = overlay.and_then(|overlay| overlay.panel().draw(&app.scene(), look, buf));
    let mut canvas = Canvas::whole(buf, look);
    which_key::draw(app, &mut canvas.inset(0, 0, width, height - 1));
    cursor
}

/// Role of the rule between the list and a pane beside it, which belongs to both.
fn rule_beside(app: &App, pane: PaneId) -> Role {
    if [pane, PaneId::List].contains(&app.screen.focus) {
        Role::BorderFocused
    } else {
        Role::Border
    }
}
