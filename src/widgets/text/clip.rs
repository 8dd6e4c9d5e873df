//! Text cut to a number of cells: at the end, in the middle, or as `repo:tag`.
//!
//! The functions read only a few characters per cell, no matter the length of the value.

use std::borrow::Cow;
use std::cell::Cell;

use super::cluster::clusters;
use super::masking::hidden;
use super::sanitise::{is_simple, sanitise};

/// Mark of cut text, unless another is set.
const ELLIPSIS: &str = "…";

thread_local! {
    static MARK: Cell<&'static str> = const { Cell::new(ELLIPSIS) };
}

/// Calls `draw` with another mark of cut text, such as `..`, on this thread.
pub fn cutting_with<T>(mark: &'static str, draw: impl FnOnce() -> T) -> T {
    /// Restores the mark, also on a panic.
    struct Back(&'static str);
    impl Drop for Back {
        fn drop(&mut self) {
            MARK.set(self.0);
        }
    }
    let _back = Back(MARK.replace(mark));
    draw()
}

/// Maximum number of characters read per requested cell: a base and its marks.
const CHARS_A_CELL: usize = 9;

/// Returns the width in cells of the sanitised text. Reads the whole text.
pub fn width(text: &str) -> usize {
    cells(&hidden(text))
}

/// Returns the width in cells of text that is already sanitised, as it is drawn.
pub fn cells(text: &str) -> usize {
    if is_simple(text) {
        return text.len();
    }
    clusters(text).map(|c| c.width()).sum()
}

/// Clips the text to at most `max` cells; `…` replaces the rest.
pub fn clip(text: &str, max: usize) -> Cow<'_, str> {
    clip_with(text, max, MARK.get())
}

/// Clips with a custom mark, such as `..`, see [`clip`]. A mark wider than `max` is left out.
pub fn clip_with<'a>(text: &'a str, max: usize, mark: &str) -> Cow<'a, str> {
    match hidden(text) {
        Cow::Borrowed(text) => cut_end(text, max, mark),
        Cow::Owned(text) => cut_end(&text, max, mark).into_owned().into(),
    }
}

fn cut_end<'a>(text: &'a str, max: usize, mark: &str) -> Cow<'a, str> {
    match whole(text, max) {
        Ok(whole) => whole,
        Err(head) => {
            let mark = if cells(mark) <= max { mark } else { "" };
            let (mut out, _) = take(clusters(head), max - cells(mark));
            out.push_str(mark);
            Cow::Owned(out)
        }
    }
}

/// Returns the whole text sanitised if it takes at most `max` cells, else the part of its start that can be visible.
fn whole(text: &str, max: usize) -> Result<Cow<'_, str>, &str> {
    let (head, rest) = split_head(text, max);
    if rest.is_empty() && cells(head) <= max {
        Ok(sanitise(head))
    } else {
        Err(head)
    }
}

/// Clips the text to at most `max` cells; `…` replaces its middle.
pub fn clip_middle(text: &str, max: usize) -> Cow<'_, str> {
    match hidden(text) {
        Cow::Borrowed(text) => cut_middle(text, max),
        Cow::Owned(text) => cut_middle(&text, max).into_owned().into(),
    }
}

fn cut_middle(text: &str, max: usize) -> Cow<'_, str> {
    let (head, rest) = split_head(text, max);
    let (gap, tail) = split_tail(rest, max);
    if gap.is_empty() && cells(text) <= max {
        return sanitise(text);
    }
    let mark = MARK.get();
    if max < cells(mark) + 2 {
        return cut_end(text, max, mark);
    }
    let room = max - cells(mark);
    // If nothing was skipped, both ends are searched for in the whole text.
    let (head, tail) = if gap.is_empty() {
        (text, text)
    } else {
        (head, tail)
    };
    let (mut out, left) = take(clusters(head), room.div_ceil(2));
    let mut end = Vec::new();
    let mut right = room - left;
    for cluster in clusters(tail).rev() {
        let cells = cluster.width();
        if cells > right {
            break;
        }
        right -= cells;
        end.push(cluster.text);
    }
    out.push_str(mark);
    out.extend(end.into_iter().rev());
    Cow::Owned(out)
}

/// Fits the text into exactly `width` cells: clipped, or padded at the end.
pub fn fit(text: &str, width: usize) -> String {
    let mut out = clip(text, width).into_owned();
    let used = self::width(&out);
    out.extend(std::iter::repeat_n(' ', width - used));
    out
}

/// Fits the text into exactly `width` cells: clipped, or padded at the start.
pub fn fit_right(text: &str, width: usize) -> String {
    let clipped = clip(text, width);
    let mut out = " ".repeat(width - self::width(&clipped));
    out.push_str(&clipped);
    out
}

/// Number of cells that a long tag leaves to the repository.
const REPO: usize = 6;

/// Width from which a long tag leaves cells to the repository.
const WIDE: usize = 16;

/// Formats `repo:tag` in at most `max` cells. The repository is shortened in the middle. The tag is shortened only if
/// nothing would be left of the repository, and also in the middle, because tags differ at their ends.
pub fn image(repo: &str, tag: Option<&str>, max: usize) -> String {
    let Some(tag) = tag else {
        return clip_middle(repo, max).into_owned();
    };
    // In less than the width of a list column, the tag gets all cells.
    let left = if max < WIDE {
        0
    } else {
        width(&clip_middle(repo, REPO)) + 1
    };
    let tag = clip_middle(tag, max - left);
    let tag_width = width(&tag);
    if tag_width + 2 > max {
        return tag.into_owned();
    }
    let mut out = clip_middle(repo, max - tag_width - 1).into_owned();
    out.push(':');
    out.push_str(&tag);
    out
}

/// Takes clusters from the front that fit in `room` cells, and returns them with their width.
fn take<'a>(
    clusters: impl Iterator<Item = super::cluster::Cluster<'a>>,
    room: usize,
) -> (String, usize) {
    let (mut out, mut used) = (String::new(), 0);
    for cluster in clusters {
        let cells = cluster.width();
        if used + cells > room {
            break;
        }
        used += cells;
        out.push_str(&cluster.text);
    }
    (out, used)
}

/// Splits off as many characters at the front as `cells` cells can need.
fn split_head(text: &str, cells: usize) -> (&str, &str) {
    match text.char_indices().nth((cells + 2) * CHARS_A_CELL) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    }
}

/// Splits off as many characters at the end as `cells` cells can need.
fn split_tail(text: &str, cells: usize) -> (&str, &str) {
    match text.char_indices().nth_back((cells + 2) * CHARS_A_CELL) {
        Some((at, _)) => text.split_at(at),
        None => ("", text),
    }
}
