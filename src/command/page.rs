//! Content of the first page of help: the most important keys of each place, by task. The list of all commands is made
//! from the command table instead.

use super::Task;
use crate::overlays::{Overlay, PromptKind};

/// Line of the page: the places that show it, its commands (or keys of the line editor), and their effect in at most 24
/// characters. It is omitted if none of its commands has a key.
type Row = (&'static str, &'static str, &'static str);

/// Lines by task, in display order. A place is a word returned by [`places`], the name of a pane, or `panes`.
#[rustfmt::skip]
pub const ROWS: &[(Task, &[Row])] = &[
    (Task::Move, &[
        ("list facets detail overlays text", "move.down move.up", "down, up"),
        ("facets detail text", "move.half-page-down move.half-page-up", "half a page"),
        ("list", "move.first move.last", "oldest, newest"),
        ("facets detail overlays text", "move.first move.last", "first, last"),
        ("histogram", "histogram.left histogram.right", "one bucket"),
        ("histogram", "histogram.left-more histogram.right-more", "ten buckets"),
        ("histogram", "histogram.first histogram.last", "oldest, newest"),
        ("detail", "detail.scroll-down detail.scroll-up", "scroll"),
        ("panes", "facet.focus", "go to a facet"),
        ("facets detail histogram", "list.focus", "back to the list"),
        ("panes", "pane.next", "next pane"),
        ("typed", "up down", "choose"),
        ("filter", "down", "choose"),
        ("filter search", "up", "earlier lines"),
        ("prompts", "ctrl-a ctrl-e", "start, end of line"),
        ("overlays text prompts typed", "app.back", "close"),
    ]),
    (Task::Find, &[
        ("list", "search.edit", "search"),
        ("list", "search.next search.previous", "next, previous match"),
        ("list", "list.next-failure list.previous-failure", "next, previous failure"),
        ("facets", "facet.find", "find a value"),
        ("detail", "detail.find", "find a field"),
        ("detail", "detail.find-next detail.find-previous", "next, previous field"),
        ("typed", "ctrl-w ctrl-u", "delete a word, all"),
        ("panes overlays text", "app.palette", "find a command"),
    ]),
    (Task::Filter, &[
        ("filter search", "enter", "apply"),
        ("filter search", "tab", "complete"),
        ("filter search", "ctrl-w ctrl-u", "delete a word, all"),
        ("panes", "filter.edit", "edit the filter"),
        ("list", "event.include event.exclude event.only", "include, exclude, only"),
        ("facets", "facet.toggle facet.exclude", "include, exclude"),
        ("facets", "facet.only", "only this value"),
        ("facets", "facet.clear", "clear this facet"),
        ("detail", "detail.include detail.exclude", "include, exclude"),
        ("detail", "detail.only", "only this value"),
        ("histogram", "histogram.select", "select a time range"),
        ("histogram", "histogram.zoom", "zoom to it"),
        ("histogram", "time.all", "all time"),
        ("group", "group.include group.exclude", "include, exclude"),
        ("list histogram", "time.edit", "time range"),
        ("panes", "filter.undo filter.clear", "undo, clear"),
    ]),
    (Task::Look, &[
        ("list", "list.open", "all fields"),
        ("list detail", "event.context", "neighbouring events"),
        ("list facets detail", "card.show image.history", "card, image history"),
        ("list", "mark.toggle mark.note", "mark, write a note"),
        ("list", "group.by", "group by a field"),
        ("facets", "facet.table", "all values"),
        ("facets", "facet.expand facet.collapse", "expand, collapse"),
        ("detail", "detail.meaning", "what the field means"),
        ("detail", "detail.raw", "raw record"),
        ("detail", "detail.group", "group by the field"),
        ("detail", "mark.toggle", "mark"),
        ("histogram", "changes.show", "what's new in the range"),
        ("group", "group.open card.show", "events, card of the row"),
        ("group", "group.by", "add, remove a field"),
        ("card", "card.open card.show", "events, card of the line"),
        ("changes", "changes.open card.show", "events, card of the line"),
        ("history", "image.open card.show", "events, user card"),
        ("views", "views.open", "open the view"),
        ("marks", "mark.open", "go to the event"),
        ("marks", "mark.note", "write a note"),
        ("marks", "mark.compare", "compare two events"),
        ("marks", "mark.toggle", "remove the mark"),
        ("start", "start.open", "open"),
        ("start", "start.pick", "open by number"),
        ("start", "source.open", "open a source"),
        ("start", "start.demo", "open the demo"),
        ("commands", "enter", "run the command"),
        ("fields", "enter", "select the field"),
        ("open", "enter", "open the source"),
        ("open", "tab", "complete a path"),
    ]),
    (Task::Copy, &[
        ("selection", "select.copy select.copy-json", "lines, raw records"),
        ("selection", "select.mark", "mark the events"),
        ("list", "event.copy", "copy a value"),
        ("detail", "detail.copy", "copy the value"),
        ("group card changes history marks sources", "table.copy-row", "copy the row"),
        ("group card changes history marks compare", "table.copy-markdown table.copy-tsv", "table: Markdown, TSV"),
        ("group card changes history marks compare sources", "table.export", "export the table"),
        ("export", "enter", "export"),
        ("export", "tab", "next content"),
        ("panes", "view.write", "export to a file"),
    ]),
    (Task::View, &[
        ("line", "enter", "apply"),
        ("list", "view.follow", "follow the newest"),
        ("list", "columns.edit list.sort", "columns, sort"),
        ("facets", "facet.sort", "sort"),
        ("facets", "facet.hide", "hide the facet"),
        ("histogram", "histogram.finer histogram.coarser", "bucket size"),
        ("group", "group.sort-count group.reverse", "sort, reverse"),
        ("changes", "changes.hour changes.six-hours", "last hour, 6 hours"),
        ("changes", "changes.day changes.range", "last day, time range"),
        ("compare", "compare.all", "all or different fields"),
        ("views", "views.save", "save this view"),
        ("views", "views.rename views.delete", "rename, delete"),
        ("sources", "sources.retry", "retry now"),
        ("sources", "sources.pause sources.stop", "pause, stop"),
        ("columns", "columns.toggle", "show, hide"),
        ("columns", "columns.move-left columns.move-right", "move"),
        ("columns", "columns.wider columns.narrower", "wider, narrower"),
        ("columns", "columns.sort columns.reset", "sort, reset"),
        ("facets detail histogram", "pane.maximise", "maximise"),
        ("start", "app.quit-now", "quit"),
        ("panes", "app.quit", "quit"),
    ]),
];

/// Forms of the filter language with their meanings, for prompts that accept it. Each can be typed as it is.
pub const LANGUAGE: &[(&str, &str)] = &[
    ("GetBlob 404", "both words"),
    ("user:al or user:li", "either"),
    ("not action:GetBlob", "all others"),
    ("repository:team/app", "these words"),
    ("user == role/ci", "exact value"),
    ("tag:v1.*", "wildcard"),
    ("status>=400", "number"),
    ("status in [400 500)", "range"),
    ("agent ~ docker", "contains"),
    ("agent =~ /^docker/", "expression"),
    ("ip:10.0.0.0/8", "network"),
    ("time >= 2024-04-12", "from then on"),
];

/// Places of an overlay: its own, and that of its kind.
pub fn places(overlay: &Overlay) -> Vec<&'static str> {
    match overlay {
        Overlay::About(_) | Overlay::Defects(_) | Overlay::Stats(_) => vec!["text"],
        Overlay::Palette(_) => vec!["commands", "typed"],
        Overlay::Fields(_) => vec!["fields", "typed"],
        Overlay::Prompt(prompt) => {
            let kind = match prompt.kind {
                PromptKind::Filter => "filter",
                PromptKind::Search => "search",
                PromptKind::Open => "open",
                PromptKind::Write(_) => "export",
                _ => "line",
            };
            vec![kind, "prompts"]
        }
        _ => {
            let own = overlay.panel().spec().scopes.first().copied();
            own.into_iter().chain(["overlays"]).collect()
        }
    }
}
