//! Export of the view to a file: the request to the engine, its progress and its result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{App, Effect};
use crate::engine::{WriteContent, WriteStep, WriteTable, WriteWant, Writing};
use crate::export;
use crate::model::name;
use crate::model::time::Nanos;
use crate::overlays::query_input::Problem;
use crate::overlays::{Overlay, Prompt, PromptKind, Table, Written};
use crate::widgets::{Picture, text};

/// The export in progress, and defaults taken from the last one.
#[derive(Debug, Default)]
pub struct Output {
    last: u64,
    open: Option<Open>,
    /// Directory of the last export, with a trailing slash.
    directory: String,
    /// File extension of the last export that was not a report.
    extension: Option<&'static str>,
    /// File extension of the last table of an overlay.
    table: Option<&'static str>,
    /// File extension of the last picture.
    picture: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Open {
    id: u64,
    /// Path as the user typed it.
    path: String,
    what: Written,
    since: Nanos,
    percent: u8,
    /// Set once the engine has started writing; until then the prompt stays open.
    begun: bool,
}

/// Error text for a missing or unknown file extension; lists the valid ones.
fn unfit(extension: &str) -> String {
    let known: Vec<String> = export::formats()
        .map(|(_, ending, _)| format!(".{ending}"))
        .collect();
    let known = known.join(" ");
    if extension.is_empty() {
        format!("add a file extension to choose the format: {known}")
    } else {
        format!("unknown format .{extension}; use one of {known}")
    }
}

/// Returns the name and extension of the format that a path's extension selects. The error lists the valid extensions.
pub fn format_of(path: &str) -> Result<(&'static str, &'static str), String> {
    let extension = Path::new(path).extension().unwrap_or_default();
    let extension = extension.to_string_lossy().to_lowercase();
    let found = export::formats().find(|(_, ending, _)| *ending == extension);
    let found = found.map(|(name, ending, _)| (name, ending));
    found.ok_or_else(|| unfit(&extension))
}

/// Returns the format and extension of a picture that a path's extension selects. The error lists the valid extensions.
pub fn picture_of(path: &str) -> Result<(Picture, &'static str), String> {
    let extension = Path::new(path).extension().unwrap_or_default();
    let extension = extension.to_string_lossy().to_lowercase();
    let found = Picture::ENDINGS
        .iter()
        .find(|(ending, _)| *ending == extension);
    let found = found.map(|(ending, form)| (*form, *ending));
    found.ok_or_else(|| "a picture of the screen must be a .svg or .html file".to_owned())
}

impl App {
    /// Returns a default file name, made of the source, the picks and the current time; for a table also of its title.
    pub fn name_of_file(&self, what: Written, over: Option<&Overlay>) -> String {
        let clean = |text: &str| -> String {
            let plain = |c: char| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '-'
                }
            };
            let text: String = text.chars().take(24).map(plain).collect();
            text.trim_matches(['-', '.']).to_owned()
        };
        let source = match &*self.status.sources {
            [source] => {
                let name = source.name.rsplit('/').find(|part| !part.is_empty());
                clean(
                    name.unwrap_or_default()
                        .split('.')
                        .next()
                        .unwrap_or_default(),
                )
            }
            _ => String::new(),
        };
        let picks = self.filters.effective().picks.iter();
        let picked = picks
            .filter_map(|pick| match pick.include.as_slice() {
                [Some(value)] => Some(clean(value)),
                _ => None,
            })
            .take(2);
        let now = self
            .clock
            .zone
            .second(self.clock.now)
            .replace(['-', ':'], "");
        let now: String = now.replacen(' ', "-", 1).chars().take(15).collect();
        let source = if source.is_empty() {
            "events".to_owned()
        } else {
            source
        };
        // Sources and picks may be masked, so a picture is not named after them.
        let table = over.filter(|_| what == Written::Table);
        let table = table.map(|over| over.panel().spec().title.to_lowercase());
        let parts: Vec<String> = if what == Written::Screen {
            vec!["screen".to_owned(), now]
        } else {
            let source = [source].into_iter().chain(table);
            source.chain(picked).chain([now]).collect()
        };
        let name = parts
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("-");
        let ending = match what {
            Written::Report => "report.md",
            Written::Screen => self.output.picture.unwrap_or("svg"),
            Written::Table => self.output.table.unwrap_or("csv"),
            Written::All | Written::Marked => self.output.extension.unwrap_or("csv"),
        };
        format!("{}{name}.{ending}", self.output.directory)
    }

    /// Returns true if an export is being written; false while it has not started yet.
    pub fn is_writing(&self) -> bool {
        self.output.open.as_ref().is_some_and(|open| open.begun)
    }

    /// Progress of the export in percent, once it takes longer than [`super::progress::SLOW`].
    pub(super) fn slow_writing(&self) -> Option<u8> {
        let open = self.output.open.as_ref().filter(|open| open.begun)?;
        (self.clock.now >= open.since + super::progress::SLOW).then_some(open.percent)
    }

    /// Time from which the export in progress counts as slow.
    pub(super) fn slow_writing_from(&self) -> Option<Nanos> {
        let open = self.output.open.as_ref();
        open.map(|open| open.since + super::progress::SLOW)
    }

    /// Stops the export in progress. Returns false if there is none.
    pub fn stop_writing(&mut self, effects: &mut Vec<Effect>) -> bool {
        let running = self.is_writing();
        if running {
            effects.push(Effect::StopWriting);
        }
        running
    }

    /// Starts an export of the view, or of the rows of an overlay. The error says why the path cannot be used.
    pub fn write(
        &mut self,
        (what, table): (Written, Option<Table>),
        path: &str,
        overwrite: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        if let Some(open) = &self.output.open {
            // A second Enter before the export has started does nothing.
            return if open.begun {
                Err(format!(
                    "still writing {}: wait, or press esc to stop",
                    open.path
                ))
            } else {
                Ok(())
            };
        }
        let mut picture = None;
        let content = match what {
            Written::Screen => {
                let (form, ending) = picture_of(path)?;
                self.output.picture = Some(ending);
                picture = Some(form);
                // The picture is drawn when the effect is performed.
                WriteContent::Text(String::new())
            }
            Written::Report if format_of(path)?.0 == "markdown" => {
                WriteContent::Report(self.report_words())
            }
            Written::Report => return Err("a report must be a .md file (Markdown)".into()),
            Written::Table => {
                let (format, extension) = format_of(path)?;
                if format == export::RAW {
                    return Err("a table has no records: use .csv, .md, .txt or .json".into());
                }
                let table = table.ok_or("the table is closed")?;
                self.output.table = Some(extension);
                WriteContent::Table(Arc::new(self.written_table(table, format)))
            }
            Written::All | Written::Marked => {
                let (format, extension) = format_of(path)?;
                self.output.extension = Some(extension);
                WriteContent::Events {
                    format,
                    columns: self.written_columns(),
                    title: self.title_of(what),
                    marked: what == Written::Marked,
                }
            }
        };
        let directory = path.rfind('/').map_or(0, |at| at + 1);
        path[..directory].clone_into(&mut self.output.directory);
        self.output.last += 1;
        self.output.open = Some(Open {
            id: self.output.last,
            path: path.to_owned(),
            what,
            since: self.clock.now,
            percent: 0,
            begun: false,
        });
        let want = Box::new(WriteWant {
            id: self.output.last,
            path: PathBuf::from(path),
            overwrite,
            filter: Arc::clone(self.filters.effective()),
            order: self.view.sort.clone(),
            zone: self.clock.zone,
            marked: self.session.marks.noted(),
            content,
        });
        effects.push(match picture {
            Some(form) => Effect::Picture { form, want },
            None => Effect::Write(want),
        });
        Ok(())
    }

    /// Removes the export prompt, so that a picture shows the screen below it. [`Self::put_prompt_back`] restores it.
    pub fn lift_prompt(&mut self) -> Option<Prompt> {
        let mut prompt = self.take_prompt()?;
        self.overlay = prompt.below.take().map(|below| *below);
        Some(prompt)
    }

    pub fn put_prompt_back(&mut self, mut prompt: Prompt) {
        prompt.below = self.overlay.take().map(Box::new);
        self.overlay = Some(prompt.into());
    }

    /// Applies a progress report of the engine.
    pub(crate) fn written(&mut self, news: Writing) {
        let Some(open) = self.output.open.take_if(|open| open.id == news.id) else {
            return;
        };
        let path = &open.path;
        match news.step {
            WriteStep::Begun => {
                // The prompt is no longer needed: close it.
                let is_asked = |over: &mut Overlay| match over {
                    Overlay::Prompt(prompt) => matches!(prompt.kind, PromptKind::Write(_)),
                    _ => false,
                };
                if self.overlay.as_mut().is_some_and(is_asked)
                    && let Some(prompt) = self.take_prompt()
                {
                    self.uncover(prompt.below);
                }
                self.output.open = Some(Open {
                    begun: true,
                    ..open
                });
            }
            WriteStep::Done(percent) => self.output.open = Some(Open { percent, ..open }),
            WriteStep::Exists(bytes) => {
                let bytes = text::grouped(bytes);
                let why =
                    format!("file already exists ({bytes} bytes): press enter again to replace it");
                self.refused(path, why, true);
            }
            WriteStep::Failed(why) if open.begun => self.tell(why),
            WriteStep::Failed(why) => self.refused(path, why, false),
            WriteStep::Stopped => self.tell(format!("stopped: {path} not written")),
            WriteStep::Written {
                events,
                bytes,
                missing,
            } => {
                let many = match open.what {
                    Written::Table => text::counted(events, "row"),
                    Written::All => text::counted(events, "event"),
                    Written::Marked => text::counted(events, "marked event"),
                    Written::Report => format!("a report on {}", text::counted(events, "event")),
                    Written::Screen => "the screen".to_owned(),
                };
                let missing = match missing {
                    0 => String::new(),
                    n => format!("; {} not loaded", text::counted(n, "marked event")),
                };
                let bytes = text::grouped(bytes);
                self.tell(format!("wrote {many} to {path} ({bytes} bytes){missing}"));
            }
        }
    }

    /// Reports that the export could not start. With `exists`, the next Enter replaces the existing file.
    fn refused(&mut self, path: &str, why: String, exists: bool) {
        match &mut self.overlay {
            Some(Overlay::Prompt(prompt))
                if matches!(prompt.kind, PromptKind::Write(_))
                    && prompt.edit.text().trim() == path =>
            {
                prompt.problem = Some(Problem::whole(why));
                prompt.replaces = exists;
            }
            _ => self.tell(why),
        }
    }

    fn written_table(&self, table: Table, format: &'static str) -> WriteTable {
        let zone = self.clock.zone.name();
        let title = if table.filtered {
            format!("{} · {}", table.title, self.title_of(Written::Table))
        } else {
            format!("{}, times {zone}", table.title)
        };
        WriteTable {
            format,
            title,
            headings: table.headings,
            rows: table.rows,
            whole: table.whole,
        }
    }

    /// Fields of the list's columns, as export columns; a list column that combines several fields is split.
    fn written_columns(&self) -> Vec<String> {
        let names = self.panes.list.columns().names().into_iter();
        let fields = names.flat_map(|name| match &*name {
            name::IMAGE => vec![name::NAMESPACE_REPO.to_owned(), name::TAG.to_owned()],
            name => vec![name.to_owned()],
        });
        let mut all = Vec::new();
        fields.for_each(|field| {
            if !all.contains(&field) {
                all.push(field);
            }
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_name_says_what_is_written() {
        assert_eq!(format_of("x/a.csv"), Ok(("csv", "csv")));
        assert_eq!(format_of("a.report.MD"), Ok(("markdown", "md")));
        assert_eq!(format_of("a.raw"), Ok(("raw", "raw")));
        let known = ".txt .json .ndjson .csv .md .raw";
        assert_eq!(
            format_of("a.xlsx"),
            Err(format!("unknown format .xlsx; use one of {known}"))
        );
        for name in ["a", "", "dir.csv/", ".csv"] {
            if let Err(why) = format_of(name) {
                assert!(why.ends_with(known), "{name}: {why}");
            }
        }
        assert!(format_of("a").is_err() && format_of(".csv").is_err());
    }
}
