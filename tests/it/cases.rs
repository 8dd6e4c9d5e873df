//! Inputs as people have them, with the answer that is right for each: `tests/cases/NAME` holds files, the shell
//! commands that read them (`cmd`, where `{BIN}` stands for the program) and what these print (`want`).
//!
//! Each case runs in a copy of its folder, standard error and standard output together. `BLESS=1` records the answers
//! again; read the difference before you commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = fs::read_dir(directory).expect("the project's cases");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    cases.sort();
    cases
}

/// Runs the commands of a case in a copy of its folder; what they print.
fn run(case: &Path) -> String {
    let copy = tempfile::tempdir().expect("a directory");
    for entry in fs::read_dir(case).expect("a case") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name");
        if name != "cmd" && name != "want" {
            fs::copy(&path, copy.path().join(name)).expect("copied");
        }
    }
    let cmd = fs::read_to_string(case.join("cmd")).expect("its commands");
    let script = cmd.replace("{BIN}", env!("CARGO_BIN_EXE_regtrail"));
    let home = tempfile::tempdir().expect("a directory");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(copy.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let text = String::from_utf8(output.stdout).expect("no bytes of the log reach the output raw");
    // Where the copy lies says nothing.
    let directory = copy.path().to_str().expect("UTF-8");
    let mut text = text.replace(directory, "DIR");
    let code = output.status.code().expect("no signal");
    writeln!(text, "[exit {code}]").expect("memory");
    text
}

#[test]
fn every_case_gets_its_right_answer() {
    let mut wrong = String::new();
    let cases = cases();
    assert!(cases.len() > 30, "cases are missing");
    for case in &cases {
        let found = run(case);
        let want = case.join("want");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&want, &found).expect("written");
            continue;
        }
        let wanted = fs::read_to_string(&want).unwrap_or_default();
        if found != wanted {
            let name = case.file_name().expect("a name").display();
            write!(wrong, "== {name}\n-- wanted\n{wanted}-- found\n{found}").expect("memory");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
