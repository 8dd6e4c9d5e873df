//! What a package needs beside the program: the manual and the completions, as tools read them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::pty::{Home, PROGRAM};

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a tool on a text; `None` where the machine has it not. Gives what it said of it.
fn said(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().expect("piped");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("ends");
    // A tool that stops reading has seen enough.
    let _ = writer.join().expect("no panic");
    let said = [output.stdout, output.stderr].concat();
    let reported = String::from_utf8_lossy(&said).into_owned();
    Some(if output.status.success() {
        reported
    } else {
        format!("{}\n{reported}", output.status)
    })
}

/// Long options that the help of a command names.
fn options(command: &[&str]) -> BTreeSet<String> {
    let help = printed(&[command, &["--help"]].concat());
    let words =
        help.split(|c: char| c.is_whitespace() || matches!(c, ',' | '=' | '[' | ']' | '`' | '\''));
    let options = words.filter(|word| word.starts_with("--") && word.len() > 3);
    let whole = |word: &&str| {
        word[2..]
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    options.filter(whole).map(str::to_owned).collect()
}

const COMMANDS: [&[&str]; 6] = [
    &[],
    &["query"],
    &["demo"],
    &["doctor"],
    &["config"],
    &["fields"],
];

#[test]
fn the_manual_has_every_command_with_every_option_and_no_slip_of_the_language() {
    let manual = printed(&["man"]);
    let plain = manual.replace("\\-", "-");
    for command in COMMANDS {
        for option in options(command) {
            assert!(plain.contains(&option), "{option} of {command:?}");
        }
        if let [name] = command {
            let page = format!(".TH regtrail-{name} 1");
            assert!(plain.contains(&page), "the page of {name}");
        }
    }
    // Where there is groff, what it warns of is a slip.
    if let Some(said) = said("groff", &["-K", "utf8", "-man", "-ww", "-z"], &manual) {
        assert_eq!(said, "");
    }
}

#[test]
fn completions_are_scripts_that_shells_read_and_that_know_every_option() {
    for (shell, check) in [
        ("bash", &["-n"][..]),
        ("zsh", &["-n"]),
        ("fish", &["--no-execute"]),
    ] {
        let script = printed(&["completions", shell]);
        for command in COMMANDS {
            for option in options(command) {
                let name = option.trim_start_matches('-');
                assert!(script.contains(name), "{option} of {command:?} in {shell}");
            }
        }
        if let Some(said) = said(shell, check, &script) {
            assert_eq!(said, "", "{shell}");
        }
    }
    // What bash offers after a few letters.
    let script = printed(&["completions", "bash"])
        + "\nCOMP_WORDS=(regtrail query --gr)\nCOMP_CWORD=2\n_regtrail regtrail --gr query\necho \"${COMPREPLY[@]}\"\n";
    if let Some(said) = said("bash", &["--norc"], &script) {
        assert!(said.contains("--group-by"), "{said}");
    }
}

/// Names that a shell would run where they are not quoted.
const HOSTILE: [&str; 6] = [
    "$(touch pwned)",
    "`touch pwned`",
    "a b; touch pwned",
    "'\"; touch pwned; \"'",
    "x\ntouch pwned",
    "\u{1b}[2J$(touch${IFS}pwned)",
];

#[test]
fn completing_hostile_names_runs_nothing_and_breaks_nothing() {
    let home = Home::new();
    let profiles: String = HOSTILE
        .iter()
        .map(|name| {
            format!("[profiles.{name:?}]\nsource = {name:?}\n").replace("\\u{1b}", "\\u001b")
        })
        .collect();
    home.configure("config.toml", &profiles);
    for name in HOSTILE {
        std::fs::write(home.path().join(name), "").expect("written");
    }
    let script = |shell: &str| {
        let output = Command::new(PROGRAM)
            .args(["completions", shell])
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .output()
            .expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    // What is completed is known when the script is made: options and their values, and no name of the user's.
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(shell);
        assert!(script.len() > 1_000 && !script.contains("pwned"), "{shell}");
        let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!script.contains(hidden), "{shell}");
    }
    let bash = script("bash");
    // These words are expanded by the shell where they are offered.
    for line in bash.lines().map(str::trim) {
        let words = line.strip_prefix("opts=\"").or_else(|| {
            let from = line.find("compgen -W \"")?;
            line[from + 12..]
                .split('"')
                .next()
                .filter(|words| *words != "${opts}")
        });
        let is_live = words.is_some_and(|words| words.contains(['$', '`', '\\']));
        assert!(!is_live, "{line}");
    }
    let quoted: Vec<String> = HOSTILE
        .iter()
        .map(|name| format!("'{}'", name.replace('\'', "'\\''")))
        .collect();
    let mut calls = String::new();
    for name in &quoted {
        for words in [
            format!("regtrail {name}"),
            format!("regtrail query {name}"),
            format!("regtrail query --filter {name}"),
            format!("regtrail query --log-file {name}"),
            format!("regtrail query --facet {name}"),
            format!("regtrail doctor {name}"),
        ] {
            let call = format!(
                "COMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
                 _regtrail regtrail {name} \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
            );
            calls.push_str(&call);
        }
    }
    let whole = format!(
        "cd '{}'\n{bash}\n{calls}\necho done\n",
        home.path().display()
    );
    if let Some(said) = said("bash", &["--norc"], &whole) {
        assert_eq!(said.trim(), "done");
    }
    assert!(!home.path().join("pwned").exists());
}
