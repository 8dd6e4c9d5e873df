//! Saved views: one file each in the `views` directory of the configuration, meant to be read and edited by hand,
//! replaced as a whole. [`View::filter`] turns one into a filter; [`crate::query`] parses its words.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use super::meant;
use super::store::write_whole;
use super::text::{Fault, read};
use crate::model::shown;
use crate::model::time::Nanos;
use crate::query::picks::spelled;
use crate::query::time_words::{self, Local};
use crate::query::{Filter, Names, Pick, PickState, TimeRange, nearest, typo};

/// Content of a view file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Query as typed.
    pub filter: String,
    /// Range in the syntax of the time prompt; empty for all time.
    pub time: String,
    pub picks: Vec<Pick>,
    /// Fields of the list columns and of the facets, in display order; empty to leave them unchanged.
    pub columns: Vec<String>,
    pub facets: Vec<String>,
}

/// View with its name, or the reason why its file is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    pub name: String,
    pub view: Result<View, String>,
}

/// Change of the saved views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewsWork {
    List,
    Save { name: String, view: View },
    Rename { from: String, to: String },
    Delete { name: String },
}

/// Format of a view file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    facets: Vec<String>,
    #[serde(default)]
    pick: Vec<PickTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PickTable {
    field: String,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    missing: Option<Missing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Missing {
    Include,
    Exclude,
}

impl View {
    /// Parses a view file.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let file: File = toml::from_str(text)
            .map_err(|error| Fault::at(text, error.span(), meant(error.message())))?;
        let values = |texts: Vec<String>, missing: bool| {
            let values = texts.into_iter().map(|text| Some(Arc::from(text)));
            values.chain(missing.then_some(None)).collect()
        };
        let pick = |table: PickTable| Pick {
            field: table.field.into(),
            include: values(table.include, table.missing == Some(Missing::Include)),
            exclude: values(table.exclude, table.missing == Some(Missing::Exclude)),
        };
        Ok(Self {
            filter: file.filter,
            time: file.time,
            picks: file.pick.into_iter().map(pick).collect(),
            columns: file.columns,
            facets: file.facets,
        })
    }

    /// Filter of the view at the time `now`.
    pub fn filter(
        &self,
        names: &dyn Names,
        now: Nanos,
        local: Local<'_>,
    ) -> Result<Filter, String> {
        let mut filter = Filter::default();
        filter
            .set_text(&self.filter, names)
            .map_err(|error| format!("filter: {error}"))?;
        self.typo(names).map_or(Ok(()), Err)?;
        filter.range = self.range(now, local)?;
        self.pick(&mut filter, names)?;
        Ok(filter)
    }

    /// First unknown field name that looks like a typo, as an error text.
    pub fn typo(&self, names: &dyn Names) -> Option<String> {
        let picks = self.picks.iter().map(|pick| ("pick: field", &*pick.field));
        let columns = self.columns.iter().map(|name| ("columns", name.as_str()));
        let facets = self.facets.iter().map(|name| ("facets", name.as_str()));
        picks.chain(columns).chain(facets).find_map(|(of, name)| {
            let near = typo(name, names)?;
            Some(format!(
                "{of} {name:?}: no such field; did you mean `{near}`?"
            ))
        })
    }

    /// Resolves the range at the time `now`.
    pub fn range(&self, now: Nanos, local: Local<'_>) -> Result<TimeRange, String> {
        if self.time.trim().is_empty() {
            return Ok(TimeRange::default());
        }
        time_words::range(&self.time, now, local).map_err(|error| format!("time: {error}"))
    }

    /// Adds its picks to a filter. The error names a value that no event can have.
    pub fn pick(&self, filter: &mut Filter, names: &dyn Names) -> Result<(), String> {
        for pick in &self.picks {
            let field = names.resolve(&pick.field);
            let field = field.as_deref().unwrap_or(&pick.field);
            for (values, state) in [
                (&pick.include, PickState::Include),
                (&pick.exclude, PickState::Exclude),
            ] {
                for value in values {
                    let value = spelled(field, value)
                        .map_err(|why| format!("pick on {}: {why}", pick.field))?;
                    filter.add(field, &value, state);
                }
            }
        }
        Ok(())
    }

    /// Formats the view file.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# A saved view. filter: the query language; time: as in the time prompt.\n",
        );
        for (key, value) in [("filter", &self.filter), ("time", &self.time)] {
            if !value.is_empty() {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        for (key, names) in [("columns", &self.columns), ("facets", &self.facets)] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                let _ = writeln!(text, "{key} = [{}]", wrapped(&names));
            }
        }
        for pick in &self.picks {
            let _ = writeln!(text, "\n[[pick]]\nfield = {}", quoted(&pick.field));
            for (key, values) in [("include", &pick.include), ("exclude", &pick.exclude)] {
                let texts: Vec<String> = values.iter().flatten().map(|text| quoted(text)).collect();
                if !texts.is_empty() {
                    let _ = writeln!(text, "{key} = [{}]", texts.join(", "));
                }
                if values.contains(&None) {
                    let _ = writeln!(text, "missing = \"{key}\"");
                }
            }
        }
        text
    }
}

/// Formats a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Formats a list, with one item per line if it does not fit on one.
fn wrapped(items: &[String]) -> String {
    let line = items.join(", ");
    if line.len() <= 90 {
        return line;
    }
    let mut lines = vec![String::new()];
    for item in items {
        let full = lines
            .last()
            .is_some_and(|line| line.len() + item.len() > 90);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let _ = write!(
                line,
                "{}{item},",
                if line.is_empty() { "    " } else { " " }
            );
        }
    }
    format!("\n{}\n", lines.join("\n"))
}

/// Directory of the views.
#[derive(Clone, Debug)]
pub struct Views {
    directory: PathBuf,
}

impl Views {
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// All views by name; unreadable files are listed with the reason.
    pub fn list(&self) -> Vec<SavedView> {
        let read = |name: String| SavedView {
            view: self.load(&name),
            name,
        };
        self.names().into_iter().map(read).collect()
    }

    /// Loads a view. The error names the file, and the line if known.
    pub fn load(&self, name: &str) -> Result<View, String> {
        check(name)?;
        let path = self.path(name);
        let Some(text) = read(&path)? else {
            let known: Vec<Arc<str>> = self.names().into_iter().map(Arc::from).collect();
            let near = nearest(name, &known);
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            return Err(format!("{name}: no such view ({}){near}", shown(&path)));
        };
        View::parse(&text).map_err(|fault| fault.of(&path))
    }

    /// Applies a change and returns a notice of it.
    pub fn work(&self, work: &ViewsWork) -> Result<String, String> {
        let reported = |name: &str, error: &io::Error| format!("view {name}: {error}");
        match work {
            ViewsWork::List => Ok(String::new()),
            ViewsWork::Save { name, view } => {
                check(name)?;
                write_whole(&self.path(name), view.text().as_bytes())
                    .map_err(|error| reported(name, &error))?;
                Ok(format!("saved as {}", self.path(name).display()))
            }
            ViewsWork::Rename { from, to } => {
                check(from)?;
                check(to)?;
                if self.path(to).exists() {
                    return Err(format!("view {to} already exists"));
                }
                fs::rename(self.path(from), self.path(to))
                    .map_err(|error| reported(from, &error))?;
                Ok(format!("view {from} renamed to {to}"))
            }
            ViewsWork::Delete { name } => {
                check(name)?;
                fs::remove_file(self.path(name)).map_err(|error| reported(name, &error))?;
                Ok(format!("view {name} deleted"))
            }
        }
    }

    /// Path of a view's file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.toml"))
    }
}

/// Rejects names that are not valid file names on every system.
fn check(name: &str) -> Result<(), String> {
    let bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || name.contains(bad) {
        return Err(format!(
            "invalid view name `{}`: use letters, digits, spaces, - and _",
            crate::model::visible(name)
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let values = |texts: &[&str]| texts.iter().map(|text| Some((*text).into())).collect();
        View {
            filter: "status>=400 and agent ~ \"a\\\"b\" or '\n'".into(),
            time: "-2h".into(),
            picks: vec![
                Pick {
                    field: "user".into(),
                    include: values(&["li wei", "城市"]),
                    exclude: Vec::new(),
                },
                Pick {
                    field: "tag".into(),
                    include: Vec::new(),
                    exclude: [values(&[""]), vec![None]].concat(),
                },
            ],
            columns: vec!["time".into(), "a \"b\"".into()],
            facets: (0..30).map(|n| format!("field_{n}")).collect(),
        }
    }

    #[test]
    fn a_view_reads_back_as_it_was_written() {
        assert_eq!(View::parse(&view().text()), Ok(view()));
        assert_eq!(View::parse(""), Ok(View::default()));
    }

    #[test]
    fn errors_name_the_line() {
        let error = View::parse("filter = \"x\"\nfliter = 1\n").expect_err("unknown key");
        assert_eq!(error.line, 2, "{error}");
        assert!(error.what.ends_with("did you mean `filter`?"), "{error}");
    }

    #[test]
    fn views_are_saved_renamed_and_deleted() {
        let directory = tempfile::tempdir().expect("a directory");
        let views = Views::new(directory.path().join("views"));
        let save = |name: &str| ViewsWork::Save {
            name: name.into(),
            view: view(),
        };
        assert!(views.list().is_empty());
        views.work(&save("b")).expect("saved");
        views.work(&save("a b")).expect("saved");
        let rename = |to: &str| ViewsWork::Rename {
            from: "b".into(),
            to: to.into(),
        };
        assert!(
            views.work(&rename("a b")).is_err(),
            "nothing is overwritten"
        );
        views.work(&rename("c")).expect("renamed");
        let names: Vec<String> = views.list().into_iter().map(|saved| saved.name).collect();
        assert_eq!(names, ["a b", "c"]);
        assert_eq!(views.load("c"), Ok(view()));
        views
            .work(&ViewsWork::Delete { name: "c".into() })
            .expect("deleted");
        assert!(views.load("c").expect_err("gone").contains("no such view"));
        for name in ["", "../x", ".hidden", "a/b", "a\nb"] {
            assert!(views.work(&save(name)).is_err(), "{name}");
        }
    }
}
