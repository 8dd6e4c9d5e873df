//! Copies and exports of the rows of an overlay, the same for all overlays.

use super::Run::Try;
use super::{Command, Context, Outcome, Scope, Task, export, row};
use crate::export::{TSV, to_text};
use crate::overlays::{Overlay, Table, Written};
use crate::widgets::text;

const HERE: Scope = Scope::Overlay("overlay", "Tables");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("table.export", "export", Task::Copy, HERE, Try(write),
        "Export this table to a file")
            .also("write save"),
    row("table.copy-row", "copy row", Task::Copy, HERE, Try(copy_row),
        "Copy the selected row"),
    row("table.copy-markdown", "copy table as Markdown", Task::Copy, HERE, Try(|cx| copy(cx, "markdown")),
        "Copy this table as Markdown")
            .also("yank clipboard"),
    row("table.copy-tsv", "copy table as TSV", Task::Copy, HERE, Try(|cx| copy(cx, TSV)),
        "Copy this table as TSV, for spreadsheets")
            .also("yank clipboard"),
    row("table.copy-csv", "copy table as CSV", Task::Copy, HERE, Try(|cx| copy(cx, "csv")),
        "Copy this table as CSV")
            .also("yank clipboard"),
    row("table.copy-json", "copy table as NDJSON", Task::Copy, HERE, Try(|cx| copy(cx, "ndjson")),
        "Copy this table as NDJSON")
            .also("yank clipboard"),
];

/// Rows of the open overlay.
pub(super) fn table(cx: &Context<'_>) -> Result<Table, &'static str> {
    let Some(overlay) = &cx.app.overlay else {
        return Err("no table is open");
    };
    if cx.app.masking.on && matches!(overlay, Overlay::Defects(_)) {
        return Err("rejected records cannot be masked: turn off masking first");
    }
    let table = overlay.panel().table(&cx.app.scene());
    match table.ok_or("nothing to copy or export here")? {
        table if table.rows.is_empty() => Err("no rows to copy or export"),
        table => Ok(table),
    }
}

fn write(cx: &mut Context<'_>) -> Outcome {
    let what = match cx.app.overlay {
        // The events themselves, in all formats.
        Some(Overlay::Marks(_)) => Written::Marked,
        _ => Written::Table,
    };
    if !cx.app.masking.on {
        table(cx)?;
    }
    export::offer(cx, what)
}

fn copy_row(cx: &mut Context<'_>) -> Outcome {
    let row = table(cx)?.row().ok_or("no row under the cursor")?;
    cx.copy(row, "the row");
    Ok(())
}

fn copy(cx: &mut Context<'_>, format: &str) -> Outcome {
    let table = table(cx)?;
    let rows = text::counted(table.rows.len() as u64, "row");
    if table.whole.is_some() {
        cx.app
            .tell("copied the rows that are loaded; an export has all");
    }
    cx.copy(to_text(format, table.sheet()), rows);
    Ok(())
}
