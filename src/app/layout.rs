//! Placement of the panes on a screen of a given size. Pure arithmetic, no drawing.
//!
//! Width and height are judged separately. Narrow screens show the list alone, with the facets as a drawer at its left
//! and the detail in place of the list. Medium screens put the facets left and the detail below. Wide screens put the
//! detail to the right. A [`Shape`] overrides this: a pane that it hides is shown while it has the focus. [`layout`] is
//! the only place that knows these classes.

use crate::config::{DetailPlace, Shape};
use crate::widgets::Area;

/// Minimum width and height; smaller screens show nothing.
pub const LEAST: (u16, u16) = (60, 15);

/// Number of size classes: narrow, medium, wide. Layout changes by the user are stored per class.
pub const SIZE_CLASSES: usize = 3;

/// Width from which the facets stay: the list next to them still has all of its main columns.
pub const MEDIUM: u16 = 110;

/// Width from which the detail is at the right of the list, for the same reason.
const WIDE: u16 = 180;

/// Size class of a width.
pub fn size_class(width: u16) -> usize {
    match width {
        0..MEDIUM => 0,
        MEDIUM..WIDE => 1,
        _ => 2,
    }
}

/// Panes that can have the focus, in Tab order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    Facets,
    Histogram,
    List,
    Detail,
}

impl PaneId {
    pub const ALL: [Self; 4] = [Self::List, Self::Detail, Self::Facets, Self::Histogram];

    /// Name of the pane in the key map and on the status line.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Facets => "facets",
            Self::Histogram => "histogram",
            Self::List => "list",
            Self::Detail => "detail",
        }
    }
}

/// Layout requested by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub focus: PaneId,
    pub shape: Shape,
    /// Rows for hints above the status line.
    pub strip: u16,
}

/// Areas of one frame; `None` for a pane that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Layout {
    pub top: Area,
    pub filter: Area,
    pub histogram: Option<Area>,
    pub facets: Option<Area>,
    /// The facets cover part of the list.
    pub drawer: bool,
    pub list: Option<Area>,
    pub detail: Option<Area>,
    /// The detail has only one or two lines.
    pub brief: bool,
    /// The detail is at the right of the list.
    pub side: bool,
    /// Hints above the status line.
    pub strip: Area,
    pub bottom: Area,
}

/// Computes the areas for a screen of `size`; `None` if it is smaller than [`LEAST`].
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
    let (rest, strip) = rest.split_bottom(wish.strip);
    let mut layout = Layout {
        top,
        filter,
        strip,
        bottom,
        ..Layout::default()
    };
    if wish.shape.maximised {
        *layout.slot(wish.focus) = Some(rest);
        return Some(layout);
    }
    let (histogram, body) = rest.split_top(histogram_rows(size, wish));
    layout.histogram = (histogram.height > 0).then_some(histogram);
    let stays = facets_stay(width, wish.shape);
    let wide = if width >= WIDE { 39 } else { 31 };
    let column = if width < MEDIUM { DRAWER } else { wide };
    // A drawer ends above the detail; fixed facets reach to the bottom.
    let body = if stays {
        let (facets, body) = body.split_left(column);
        layout.facets = Some(facets);
        body
    } else {
        body
    };
    let body = layout.place_detail(size, wish, body);
    layout.list = body;
    if !stays
        && wish.focus == PaneId::Facets
        && let Some(list) = layout.list
    {
        // The list gets the width that the drawer leaves: its columns are laid out again, not cut.
        let (facets, list) = list.split_left(column.max(DRAWER));
        layout.facets = Some(facets);
        layout.list = Some(list);
        layout.drawer = true;
    }
    Some(layout)
}

/// Width of the drawer, including its rule.
const DRAWER: u16 = 35;

/// Returns true if the facets are always shown next to the list.
pub fn facets_stay(width: u16, shape: Shape) -> bool {
    shape.facets.unwrap_or(width >= MEDIUM)
}

/// Position of the detail while it does not have the focus.
pub fn detail_place(size: (u16, u16), shape: Shape) -> DetailPlace {
    let usual = match size {
        (WIDE.., _) => DetailPlace::Beside,
        (MEDIUM.., 28..) => DetailPlace::Below,
        _ => DetailPlace::Brief,
    };
    match shape.detail {
        // A narrow list has no room next to it.
        Some(DetailPlace::Beside) if size.0 < MEDIUM => DetailPlace::Below,
        chosen => chosen.unwrap_or(usual),
    }
}

/// Rows of the histogram, limited so that the list keeps enough room.
pub fn histogram_rows((width, height): (u16, u16), wish: Wish) -> u16 {
    let usual = match height {
        0..20 => 0,
        20..30 => 1,
        30..45 => 3,
        _ if width >= WIDE => 5,
        _ => 3,
    };
    let rows = wish.shape.histogram.unwrap_or(usual);
    let rows = rows.min(height.saturating_sub(15));
    if wish.focus == PaneId::Histogram {
        rows.max(3)
    } else {
        rows
    }
}

impl Layout {
    /// Places the detail in `body` and returns the rest, which is the list's; `None` if the detail replaces the list.
    fn place_detail(&mut self, size: (u16, u16), wish: Wish, body: Area) -> Option<Area> {
        let (width, height) = size;
        let focused = wish.focus == PaneId::Detail;
        let place = detail_place(size, wish.shape);
        let small = matches!(place, DetailPlace::Brief | DetailPlace::Hidden);
        let place = match place {
            _ if !small || !focused => place,
            _ if width >= WIDE => DetailPlace::Beside,
            _ if width >= MEDIUM => DetailPlace::Below,
            _ => {
                self.detail = Some(body);
                return None;
            }
        };
        self.brief = place == DetailPlace::Brief;
        self.side = place == DetailPlace::Beside;
        let (list, detail) = match place {
            DetailPlace::Hidden => return Some(body),
            DetailPlace::Beside => {
                body.split_right((body.width * 7 / 20).clamp(48, 90).min(body.width / 2))
            }
            DetailPlace::Below if height < 28 => body.split_bottom(body.height * 3 / 5),
            DetailPlace::Below => body.split_bottom(body.height * 9 / 20),
            DetailPlace::Brief => body.split_bottom(match height {
                _ if width >= MEDIUM => 2,
                0..20 => 0,
                20..26 => 2,
                _ => 3,
            }),
        };
        self.detail = (detail.height > 0).then_some(detail);
        Some(list)
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panes::list::columns::{Columns, place};

    fn at(width: u16, height: u16, focus: PaneId) -> Option<Layout> {
        shaped(width, height, focus, Shape::default())
    }

    fn shaped(width: u16, height: u16, focus: PaneId, shape: Shape) -> Option<Layout> {
        let strip = 0;
        layout(
            (width, height),
            Wish {
                focus,
                shape,
                strip,
            },
        )
    }

    fn every_shape() -> Vec<Shape> {
        let places = [
            None,
            Some(DetailPlace::Beside),
            Some(DetailPlace::Below),
            Some(DetailPlace::Brief),
            Some(DetailPlace::Hidden),
        ];
        let mut shapes = Vec::new();
        for maximised in [false, true] {
            for facets in [None, Some(false), Some(true)] {
                for detail in places {
                    for histogram in [None, Some(0), Some(1), Some(5), Some(13)] {
                        shapes.push(Shape {
                            maximised,
                            facets,
                            detail,
                            histogram,
                        });
                    }
                }
            }
        }
        shapes
    }

    #[test]
    fn list_keeps_fifteen_rows_on_the_smallest_common_screen() {
        let layout = at(80, 24, PaneId::List).expect("large enough");
        // The header and the line with the number of newer events do not count as rows.
        assert!(layout.list.expect("always there").height >= 15 + 2);
    }

    #[test]
    fn hints_leave_the_list_fifteen_rows() {
        let wish = Wish {
            focus: PaneId::List,
            shape: Shape::default(),
            strip: 1,
        };
        let layout = layout((80, 24), wish).expect("large enough");
        assert_eq!((layout.strip.y, layout.strip.height), (22, 1));
        assert!(layout.list.expect("always there").height >= 15 + 2);
    }

    #[test]
    fn a_wide_screen_has_facets_list_and_detail_side_by_side_and_a_tall_histogram() {
        let layout = at(200, 60, PaneId::List).expect("large enough");
        let width = |pane| layout.area(pane).map(|area| area.width);
        // Rules take one column of the facets and one of the detail.
        assert_eq!(width(PaneId::Facets), Some(38 + 1));
        assert_eq!(width(PaneId::Detail), Some(56));
        assert_eq!(width(PaneId::List), Some(105));
        assert_eq!(layout.histogram.map(|area| area.height), Some(5));
    }

    #[test]
    fn what_is_hidden_comes_with_the_focus_and_goes_with_it() {
        let shape = Shape {
            facets: Some(false),
            detail: Some(DetailPlace::Hidden),
            histogram: Some(0),
            ..Shape::default()
        };
        for (width, height) in [(80, 24), (120, 36), (200, 60)] {
            let list = shaped(width, height, PaneId::List, shape).expect("large enough");
            let area = list.list.expect("always there");
            assert_eq!((area.width, area.height), (width, height - 3));
            for pane in [PaneId::Facets, PaneId::Detail, PaneId::Histogram] {
                assert_eq!(list.area(pane), None);
                let shown = shaped(width, height, pane, shape).expect("large enough");
                assert!(shown.area(pane).is_some(), "{pane:?} at {width}x{height}");
            }
        }
    }

    #[test]
    fn too_small_has_no_layout() {
        assert_eq!(at(59, 15, PaneId::List), None);
        assert_eq!(at(60, 14, PaneId::List), None);
        assert!(at(60, 15, PaneId::List).is_some());
    }

    #[test]
    fn every_area_lies_on_the_screen_apart_from_the_others_and_the_focused_pane_is_shown() {
        let shapes = every_shape();
        for width in (60..400).step_by(9) {
            for height in (15..120).step_by(4) {
                for focus in PaneId::ALL {
                    for &shape in &shapes {
                        let layout = shaped(width, height, focus, shape).expect("large enough");
                        let area = layout.area(focus).expect("shown when focused");
                        assert!(area.width > 0 && area.height > 0);
                        let shown = PaneId::ALL.into_iter().filter_map(|pane| layout.area(pane));
                        let mut cells = 0;
                        for pane in shown {
                            assert!(pane.x + pane.width <= width && pane.y + pane.height < height);
                            cells += u32::from(pane.width) * u32::from(pane.height);
                        }
                        // The whole screen except the first two lines and the last.
                        assert_eq!(cells, u32::from(width) * u32::from(height - 3));
                        if let Some(list) = layout.list {
                            assert!(list.height >= 4 && list.width >= 20, "{layout:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_wider_screen_never_drops_a_main_column() {
        let columns = Columns::default();
        for height in [24, 36, 60] {
            let mut before = 0;
            for width in 60..400 {
                let layout = at(width, height, PaneId::List).expect("large enough");
                let list = layout.list.expect("always there").width;
                let placed = place(columns.shown(), list - 3, 0);
                let main = placed
                    .iter()
                    .filter(|placed| placed.column.rank < 4)
                    .count();
                assert!(main >= before, "{width}x{height}: {main} of {before}");
                before = main;
                let user = placed.iter().find(|placed| placed.column.title == "USER");
                let user = user.expect("a main column").width;
                assert!(user >= 18 || width < 120, "{width}x{height}: {user}");
            }
        }
    }
}
