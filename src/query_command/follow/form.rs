//! Output form; chosen once the data present at the start is loaded, because only then are all field names known.

use std::io::{self, IsTerminal as _};

use super::super::refuse_typos;
use super::super::summary::Question;
use super::events::{Printer, Wanted};
use super::sums::Sums;
use super::{Asked, Follow};
use crate::cli;
use crate::engine::Arrivals;
use crate::failure::Failure;

/// Form of the output.
pub(super) enum Form<'a> {
    Events(Box<Printer<'a>>),
    Sums(Box<Sums<'a>>),
}

impl<'a> Follow<'a> {
    /// Chooses the output form for the known fields.
    pub(super) fn begin(&self) -> Result<Form<'a>, Failure> {
        let Asked {
            query,
            files,
            every,
            now,
            zone,
        } = *self.asked;
        let output = &query.output;
        let vocabulary = self.engine.snapshot().vocabulary.clone();
        let filter = |args: &cli::FilterArgs| files.filter(args, &vocabulary.unknown(), now, zone);
        refuse_typos(output, &vocabulary)?;
        let whole = filter(&query.filter)?;
        let skips = query.filter.since.as_deref().map(str::trim) == Some("now");
        let any_time = cli::FilterArgs {
            since: None,
            ..query.filter.clone()
        };
        if output.is_summary() {
            let counted = if skips { filter(&any_time)? } else { whole };
            let mut question = Question::new(output, counted, zone);
            question.later = skips.then(|| Arrivals::new(now, self.engine.opened()).into());
            return Ok(Form::Sums(Box::new(Sums::new(question, every))));
        }
        let wanted = if skips {
            Wanted {
                filter: filter(&any_time)?,
                only_new: Some(whole),
                at_start: self.engine.opened(),
            }
        } else {
            Wanted {
                filter: whole,
                only_new: None,
                at_start: 0,
            }
        };
        let terminal = io::stdout().is_terminal();
        let default = if terminal { "table" } else { "ndjson" };
        let format = output.output.as_deref().unwrap_or(default);
        let columns = files.view.columns.clone();
        let printer = Printer::new(output, format, columns, zone, wanted);
        Ok(Form::Events(Box::new(printer)))
    }
}
