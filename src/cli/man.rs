//! Man pages: sections made from the options, and those that options do not have.

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::Cli;
use super::texts::{EXAMPLES, EXIT_STATUS, QUERY_EXAMPLES};

const FILES: &str = "\
$XDG_CONFIG_HOME/regtrail/config.toml
  Configuration and source profiles; regtrail config --default prints a template
$XDG_CONFIG_HOME/regtrail/keymap.toml
  Changes to the built-in keys
$XDG_CONFIG_HOME/regtrail/themes/NAME.toml
  Themes for --theme NAME
$XDG_CONFIG_HOME/regtrail/views/NAME.toml
  Saved views for --view NAME
$XDG_STATE_HOME/regtrail/
  History of filters, recent sources, marks, layout, read positions of logstores";

const ENVIRONMENT: &str = "\
XDG_CONFIG_HOME, XDG_STATE_HOME, HOME
  Directories of the files above; without XDG variables ~/.config and ~/.local/state
TZ
  Local time zone
NO_COLOR, TERM, COLORFGBG
  Colours of the screen; NO_COLOR and TERM=dumb turn colour off
HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
  Proxies for network sources
ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN
  Credentials for sls:// sources; regtrail help sls lists all places that are searched";

/// Prints the man page of the program, then one for each command.
pub fn man_pages(out: &mut impl Write) -> io::Result<()> {
    let mut program = Cli::command();
    program.build();
    let page = Man::new(program.clone());
    begin(&page, out)?;
    page.render_subcommands_section(out)?;
    section("EXIT STATUS", EXIT_STATUS, Form::Tagged, out)?;
    section("FILES", FILES, Form::Tagged, out)?;
    section("ENVIRONMENT", ENVIRONMENT, Form::Tagged, out)?;
    section("EXAMPLES", EXAMPLES, Form::Lines, out)?;
    let manual =
        "Manual pages in the program: regtrail help\nHelp of a command: regtrail help COMMAND";
    section("SEE ALSO", manual, Form::Lines, out)?;
    page.render_version_section(out)?;
    for command in program.get_subcommands() {
        command_page(command, out)?;
    }
    Ok(())
}

fn command_page(command: &Command, out: &mut impl Write) -> io::Result<()> {
    let name = command.get_name();
    let title = format!("regtrail-{name}");
    let page = Man::new(command.clone().display_name(title.clone())).title(title);
    begin(&page, out)?;
    if name == "query" {
        section("EXIT STATUS", EXIT_STATUS, Form::Tagged, out)?;
        section("EXAMPLES", QUERY_EXAMPLES, Form::Lines, out)?;
    }
    section("SEE ALSO", "regtrail(1)", Form::Lines, out)
}

/// Prints the sections before those of this file.
fn begin(page: &Man, out: &mut impl Write) -> io::Result<()> {
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Lines as they are.
    Lines,
    /// Terms, each with indented lines that explain it.
    Tagged,
}

/// Prints a section of plain text.
fn section(title: &str, text: &str, form: Form, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, ".SH \"{title}\"")?;
    if form == Form::Lines {
        writeln!(out, ".nf")?;
    }
    for line in text.lines().filter(|line| *line != "Examples:") {
        let bare = line.trim_start();
        match form {
            Form::Lines => writeln!(out, "{}", escaped(bare))?,
            Form::Tagged if bare.len() < line.len() => writeln!(out, "{}", escaped(bare))?,
            Form::Tagged => writeln!(out, ".TP\n{}", escaped(bare))?,
        }
    }
    if form == Form::Lines {
        writeln!(out, ".fi")?;
    }
    Ok(())
}

/// Escapes what roff would interpret.
fn escaped(line: &str) -> String {
    let text = line
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq");
    if text.starts_with(['.', '\\']) {
        format!("\\&{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_man_page_has_the_sections_a_reader_looks_for() {
        let mut page = Vec::new();
        man_pages(&mut page).expect("written");
        let page = String::from_utf8(page).expect("UTF-8");
        for title in [
            "EXIT STATUS",
            "FILES",
            "ENVIRONMENT",
            "EXAMPLES",
            "SEE ALSO",
        ] {
            assert!(page.contains(&format!(".SH \"{title}\"")), "{title}");
        }
        assert!(!page.contains("EXTRA"), "no section of leftovers");
        let query = page
            .split(".TH regtrail\\-query")
            .nth(1)
            .or_else(|| page.split(".TH regtrail-query").nth(1));
        let query = query
            .and_then(|rest| rest.split(".TH ").next())
            .expect("a page");
        assert!(query.contains("EXIT STATUS") && query.contains("EXAMPLES"));
    }

    #[test]
    fn text_is_escaped_for_roff() {
        assert_eq!(escaped(".a \\b -c 'd'"), "\\&.a \\eb \\-c \\(aqd\\(aq");
        assert_eq!(escaped("-x"), "\\&\\-x");
    }
}
