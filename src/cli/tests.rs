//! Tests of the command line definitions.

use super::*;
use clap::CommandFactory as _;

#[test]
fn definitions_are_sound() {
    Cli::command().debug_assert();
}

#[test]
fn short_help_is_shorter_and_long_help_has_examples_and_exit_codes() {
    for name in ["regtrail", "query"] {
        let mut program = Cli::command();
        let command = match name {
            "query" => program.find_subcommand_mut(name).expect("a command"),
            _ => &mut program,
        };
        let (short, long) = (command.render_help(), command.render_long_help());
        let (short, long) = (short.to_string(), long.to_string());
        assert!(short.len() * 3 < long.len() * 2, "{name}: {short}");
        for part in ["Examples:", "Exit codes:", "--encoding"] {
            assert!(long.contains(part), "{part} in {name}");
            assert!(!short.contains(part), "{part} in -h of {name}");
        }
    }
}

#[test]
fn a_negative_time_is_no_option() {
    let cli = Cli::parse_from([
        "regtrail", "query", "a", "--since", "-2h", "--sort", "-time",
    ]);
    let Some(Command::Query(query)) = cli.command else {
        panic!("a query")
    };
    assert_eq!(query.filter.since.as_deref(), Some("-2h"));
    assert!(!query.input.follows(false));
}
