//! Frame of an overlay.

use ratatui::buffer::Buffer;

use crate::widgets::{Area, Canvas, Look};

/// Area inside the frame, for a screen of `size`; `None` if there is no room.
pub(super) fn inner(size: (u16, u16)) -> Option<Area> {
    inside(outer(size))
}

fn inside(outer: Area) -> Option<Area> {
    (outer.width > 4 && outer.height > 2).then(|| Area {
        x: outer.x + 2,
        y: outer.y + 1,
        width: outer.width - 4,
        height: outer.height - 2,
    })
}

fn outer((width, height): (u16, u16)) -> Area {
    // A box that nearly fills the screen takes all of its width; narrow strips of the content below would distract.
    let wide = if width < 132 { width } else { 116 };
    let high = height.saturating_sub(2);
    Area {
        x: (width - wide) / 2,
        y: 1.min(height),
        width: wide,
        height: high,
    }
}

/// Draws the empty frame with its title; returns the canvas for the inside.
pub(super) fn draw<'a>(title: &str, look: &'a Look<'a>, buf: &'a mut Buffer) -> Canvas<'a> {
    let size = (buf.area.width, buf.area.height);
    draw_in(outer(size), title, look, buf)
}

/// Like [`draw`], at a given area.
pub(super) fn draw_in<'a>(
    area: Area,
    title: &str,
    look: &'a Look<'a>,
    buf: &'a mut Buffer,
) -> Canvas<'a> {
    let mut whole = Canvas::whole(buf, look);
    whole.part(area).frame(title);
    whole.into_part(inside(area).unwrap_or_default())
}
