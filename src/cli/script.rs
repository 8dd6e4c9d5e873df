//! Shell completion scripts: those of clap, which complete options and known values, with names of saved views and
//! profiles from the user's files.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;

/// Prints the names of saved views or profiles when the shell completes.
const VIEWS: &str = "regtrail completions --values views 2>/dev/null";
const PROFILES: &str = "regtrail completions --values profiles 2>/dev/null";

/// Returns the completion script of a shell.
pub fn script(shell: Shell) -> String {
    // Into memory first: the generator panics if its output closes.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "regtrail", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => bash(&script),
        Shell::Fish => fish(&script),
        Shell::Zsh => zsh(&script),
        _ => script,
    }
}

fn bash(script: &str) -> String {
    // `compgen -W` would expand the content of a name, such as `$(command)`.
    let names = |command: &str| {
        format!(
            "COMPREPLY=()\n                    while IFS= read -r name; do\n                        \
             [[ \"${{name}}\" == \"${{cur}}\"* ]] && COMPREPLY+=(\"$(printf '%q' \"${{name}}\")\")\n                    \
             done < <({command})"
        )
    };
    let files = "COMPREPLY=($(compgen -f \"${cur}\"))";
    let branch = format!("--view)\n                    {files}");
    let views = format!("--view)\n                    {}", names(VIEWS));
    let start = "    cmd=\"\"\n    opts=\"\"\n";
    let profiles = format!(
        "{start}\n    if [[ \"${{cur}}\" == @* ]]; then\n        {}\n        return 0\n    fi\n",
        names(PROFILES)
    );
    script
        .replace(&branch, &views)
        .replacen(start, &profiles, 1)
}

fn fish(script: &str) -> String {
    format!(
        "{script}complete -c regtrail -l view -x -a '({VIEWS})'\n\
         complete -c regtrail -n 'string match -q \"@*\" -- (commandline -ct)' -a '({PROFILES})'\n"
    )
}

fn zsh(script: &str) -> String {
    let views = format!(":NAME:{{compadd -- ${{(f)\"$({VIEWS})\"}}}}'");
    let script: String = script
        .lines()
        .map(|line| {
            let is_source = line.contains("::sources -- ");
            let line = if line.contains("--view=[") {
                line.replace(":NAME:_default'", &views)
            } else if is_source {
                line.replace(":_default'", ":_regtrail_sources'")
            } else {
                line.to_owned()
            };
            line + "\n"
        })
        .collect();
    let sources = format!(
        "_regtrail_sources() {{\n    if [[ \"$PREFIX\" == @* ]]; then\n        \
         compadd -- ${{(f)\"$({PROFILES})\"}}\n    else\n        _default\n    fi\n}}\n\n"
    );
    script.replacen("_regtrail() {", &format!("{sources}_regtrail() {{"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_saved_views_and_profiles() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            assert!(script.contains("completions --values views"), "{shell}");
            assert!(script.contains("completions --values profiles"), "{shell}");
            for value in ["high-contrast", "DeleteTag", "namespace_repo", "4xx"] {
                assert!(script.contains(value), "{value} in {shell}");
            }
        }
        // A view is never completed as a file.
        let bash = script(Shell::Bash);
        assert!(!bash.contains("--view)\n                    COMPREPLY=($(compgen -f"));
        let zsh = script(Shell::Zsh);
        let mut views = zsh.lines().filter(|line| line.contains("--view=["));
        assert!(views.all(|line| line.contains("compadd")), "{zsh}");
    }
}
