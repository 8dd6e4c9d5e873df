//! Text cut to a number of cells: at the end, in the middle, or as `repo:tag`.
//!
//! None of these looks at more than a few characters a cell, however long the value is.

use std::borrow::Cow;

use super::cluster::clusters;
use super::masking::hidden;
use super::sanitise::{is_simple, sanitise};

const ELLIPSIS: &str = "…";

/// Characters looked at for each cell asked for: a base and its marks.
const CHARS_A_CELL: usize = 9;

/// Cells the sanitised text takes when drawn. Reads the whole text.
pub fn width(text: &str) -> usize {
    cells(&hidden(text))
}

/// Cells of a text that was sanitised before, as it is drawn.
pub fn cells(text: &str) -> usize {
    if is_simple(text) {
        return text.len();
    }
    clusters(text).map(|c| c.width()).sum()
}

/// The text in at most `max` cells; what does not fit is replaced by `…`.
pub fn clip(text: &str, max: usize) -> Cow<'_, str> {
    clip_with(text, max, ELLIPSIS)
}

/// [`clip`] with the mark that stands for what was cut, such as `..`; a mark wider than `max` is left out.
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

/// The whole text made safe if that takes at most `max` cells, else as much of its start as can matter.
fn whole(text: &str, max: usize) -> Result<Cow<'_, str>, &str> {
    let (head, rest) = split_head(text, max);
    if rest.is_empty() && cells(head) <= max {
        Ok(sanitise(head))
    } else {
        Err(head)
    }
}

/// The text in at most `max` cells; what does not fit is cut out of the middle, where `…` stands for it.
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
    if max < 3 {
        return cut_end(text, max, ELLIPSIS);
    }
    let room = max - 1;
    // Where nothing was skipped the two ends are both looked for in the whole text.
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
    out.push_str(ELLIPSIS);
    out.extend(end.into_iter().rev());
    Cow::Owned(out)
}

/// The text in exactly `width` cells: clipped, or followed by blanks.
pub fn fit(text: &str, width: usize) -> String {
    let mut out = clip(text, width).into_owned();
    let used = self::width(&out);
    out.extend(std::iter::repeat_n(' ', width - used));
    out
}

/// The text in exactly `width` cells: clipped, or preceded by blanks.
pub fn fit_right(text: &str, width: usize) -> String {
    let clipped = clip(text, width);
    let mut out = " ".repeat(width - self::width(&clipped));
    out.push_str(&clipped);
    out
}

/// Cells of the repository that a long tag leaves it.
const REPO: usize = 6;

/// Cells from which on a long tag leaves some to the repository.
const WIDE: usize = 16;

/// `repo:tag` in at most `max` cells. The repository is shortened in the middle; the tag only where nothing
/// would be left of the repository, and then in the middle as well: tags end in what tells them apart.
pub fn image(repo: &str, tag: Option<&str>, max: usize) -> String {
    let Some(tag) = tag else {
        return clip_middle(repo, max).into_owned();
    };
    // Fewer cells than a column of the list has are the tag's alone.
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

/// Clusters from the front in at most `room` cells, and the cells they take.
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

/// As many characters from the front as `cells` cells can need, and the rest.
fn split_head(text: &str, cells: usize) -> (&str, &str) {
    match text.char_indices().nth((cells + 2) * CHARS_A_CELL) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    }
}

/// What is left of the text, and as many characters from its end as `cells` cells can need.
fn split_tail(text: &str, cells: usize) -> (&str, &str) {
    match text.char_indices().nth_back((cells + 2) * CHARS_A_CELL) {
        Some((at, _)) => text.split_at(at),
        None => ("", text),
    }
}
