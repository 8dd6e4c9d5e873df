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
    let floats = width >= FLOATS;
    let wide = if floats { 116 } else { width };
    // The line of the filter stays visible where there is room.
    let top = if floats && height >= TALL { 2 } else { 1 };
    Area {
        x: (width - wide) / 2,
        y: top.min(height),
        width: wide,
        height: height.saturating_sub(top + 1),
    }
}

/// Least width of a screen on which the frame does not cover all of the width.
const FLOATS: u16 = 132;

/// Least height of a screen on which such a frame leaves the line of the filter visible.
const TALL: u16 = 40;

/// Draws the empty frame with its title; returns the canvas for the inside.
pub(super) fn draw<'a>(title: &str, look: &'a Look<'a>, buf: &'a mut Buffer) -> Canvas<'a> {
    let size = (buf.area.width, buf.area.height);
    let area = outer(size);
    if area.width < size.0 {
        // Text cut off at the sides would distract; the lines above and below belong to the overlay.
        let behind = Area {
            x: 0,
            width: size.0,
            ..area
        };
        Canvas::whole(buf, look).part(behind).fade();
    }
    draw_in(area, title, look, buf)
}

/// Like [`draw`], as high as its number of lines needs.
pub(super) fn draw_fitting<'a>(
    lines: usize,
    title: &str,
    look: &'a Look<'a>,
    buf: &'a mut Buffer,
) -> Canvas<'a> {
    let whole = outer((buf.area.width, buf.area.height));
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    let area = Area {
        height: whole.height.min(lines.saturating_add(2)),
        ..whole
    };
    draw_in(area, title, look, buf)
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
