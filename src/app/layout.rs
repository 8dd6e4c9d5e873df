//! Where each pane stands on a screen of a given size: pure arithmetic, no drawing.
//!
//! Width and height are judged apart. Narrow screens show the list alone with facets as a drawer at its
//! left and the detail in its place; middle ones put facets left and the detail below; wide ones put the
//! detail to the right. [`layout`] is the only place that knows these classes.

/// Least width and height anything is drawn at.
pub const LEAST: (u16, u16) = (60, 15);

/// Screens are narrow, middle or wide; what a person changes is remembered for each.
pub const SIZE_CLASSES: usize = 3;

/// The class of a width.
pub fn size_class(width: u16) -> usize {
    match width {
        0..100 => 0,
        100..160 => 1,
        _ => 2,
    }
}

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

/// The panes that can have the focus, in the order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    Facets,
    Histogram,
    List,
    Detail,
}

impl PaneId {
    pub const ALL: [Self; 4] = [Self::List, Self::Detail, Self::Facets, Self::Histogram];

    /// Name of the pane in the key map and on the bottom line.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Facets => "facets",
            Self::Histogram => "histogram",
            Self::List => "list",
            Self::Detail => "detail",
        }
    }
}

/// What the person asked of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub focus: PaneId,
    pub maximised: bool,
}

/// Areas of one frame; a pane that is not shown has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Layout {
    pub top: Area,
    pub filter: Area,
    pub histogram: Option<Area>,
    pub facets: Option<Area>,
    /// The facets cover a part of the list.
    pub drawer: bool,
    pub list: Option<Area>,
    pub detail: Option<Area>,
    /// The detail has room for a line or two only.
    pub brief: bool,
    pub bottom: Area,
}

/// Areas for a screen of `size`; `None` where the screen is too small for any.
pub fn layout(size: (u16, u16), wish: Wish) -> Option<Layout> {
    let (width, height) = size;
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let whole = Area {
        x: 0,
        y: 0,
        width,
        height,
    };
    let (top, rest) = whole.split_top(1);
    let (filter, rest) = rest.split_top(1);
    let (rest, bottom) = rest.split_bottom(1);
    let mut layout = Layout {
        top,
        filter,
        bottom,
        ..Layout::default()
    };
    if wish.maximised {
        *layout.slot(wish.focus) = Some(rest);
        return Some(layout);
    }
    let tall = match height {
        0..20 => 0,
        20..30 => 1,
        30..45 => 3,
        _ if width >= 160 => 5,
        _ => 3,
    };
    let tall = if wish.focus == PaneId::Histogram {
        tall.max(3)
    } else {
        tall
    };
    let (histogram, body) = rest.split_top(tall);
    layout.histogram = (tall > 0).then_some(histogram);
    if width >= 160 {
        let (facets, body) = body.split_left(39);
        let (list, detail) = body.split_right(body.width * 2 / 5);
        layout.facets = Some(facets);
        layout.list = Some(list);
        layout.detail = Some(detail);
    } else if width >= 100 {
        let (facets, body) = body.split_left(31);
        layout.facets = Some(facets);
        layout.brief = height < 28 && wish.focus != PaneId::Detail;
        let low = match () {
            () if layout.brief => 2,
            () if height < 28 => body.height * 3 / 5,
            () => body.height * 9 / 20,
        };
        let (list, detail) = body.split_bottom(low);
        layout.list = Some(list);
        layout.detail = Some(detail);
    } else if wish.focus == PaneId::Detail {
        layout.detail = Some(body);
    } else {
        layout.brief = true;
        let low = match height {
            0..20 => 0,
            20..26 => 2,
            _ => 3,
        };
        let (list, detail) = body.split_bottom(low);
        layout.list = Some(list);
        layout.detail = (low > 0).then_some(detail);
        if wish.focus == PaneId::Facets {
            // The list keeps to what the drawer leaves: its columns are laid out anew, not cut.
            let (facets, list) = list.split_left(35);
            layout.facets = Some(facets);
            layout.list = Some(list);
            layout.drawer = true;
        }
    }
    Some(layout)
}

impl Layout {
    fn slot(&mut self, pane: PaneId) -> &mut Option<Area> {
        match pane {
            PaneId::Facets => &mut self.facets,
            PaneId::Histogram => &mut self.histogram,
            PaneId::List => &mut self.list,
            PaneId::Detail => &mut self.detail,
        }
    }

    pub fn area(&self, pane: PaneId) -> Option<Area> {
        match pane {
            PaneId::Facets => self.facets,
            PaneId::Histogram => self.histogram,
            PaneId::List => self.list,
            PaneId::Detail => self.detail,
        }
    }
}

impl Area {
    fn split_top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        let top = Self {
            height: rows,
            ..self
        };
        let rest = Self {
            y: self.y + rows,
            height: self.height - rows,
            ..self
        };
        (top, rest)
    }

    fn split_bottom(self, rows: u16) -> (Self, Self) {
        self.split_top(self.height.saturating_sub(rows))
    }

    fn split_left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        let left = Self {
            width: columns,
            ..self
        };
        let rest = Self {
            x: self.x + columns,
            width: self.width - columns,
            ..self
        };
        (left, rest)
    }

    fn split_right(self, columns: u16) -> (Self, Self) {
        self.split_left(self.width.saturating_sub(columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16, focus: PaneId) -> Option<Layout> {
        layout(
            (width, height),
            Wish {
                focus,
                maximised: false,
            },
        )
    }

    #[test]
    fn list_keeps_fifteen_rows_on_the_smallest_common_screen() {
        let layout = at(80, 24, PaneId::List).expect("large enough");
        // The header and the line that counts newer events are no rows.
        assert!(layout.list.expect("always there").height >= 15 + 2);
    }

    #[test]
    fn too_small_has_no_layout() {
        assert_eq!(at(59, 15, PaneId::List), None);
        assert_eq!(at(60, 14, PaneId::List), None);
        assert!(at(60, 15, PaneId::List).is_some());
    }

    #[test]
    fn every_area_lies_on_the_screen_and_the_focused_pane_is_shown() {
        for width in (60..400).step_by(7) {
            for height in 15..120 {
                for focus in PaneId::ALL {
                    for maximised in [false, true] {
                        let wish = Wish { focus, maximised };
                        let layout = layout((width, height), wish).expect("large enough");
                        let area = layout.area(focus).expect("shown when focused");
                        assert!(area.width > 0 && area.height > 0);
                        for pane in PaneId::ALL.into_iter().filter_map(|pane| layout.area(pane)) {
                            assert!(pane.x + pane.width <= width && pane.y + pane.height < height);
                        }
                    }
                }
            }
        }
    }
}
