//! Every table of the program is complete: a row that lacks its other half fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regtrail::command::{self, Run, Scope, Task};
use regtrail::config::{Config, DEFAULT};
use regtrail::export::{Cell, EXPORTS, Sheet};
use regtrail::keymap::{Key, Keymap, SCOPES};
use regtrail::model::{CATALOGUE, FieldId, FieldKind, name};
use regtrail::overlays::Overlay;
use regtrail::query::{CatalogueNames, parse};
use regtrail::source::{SCHEMES, Spec};
use regtrail::theme::{Role, Theme};
use serde_json::Value;

use crate::screens::overlay_of;

fn path(under: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(under)
}

fn stems(under: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(path(under)).expect("a directory of the project");
    entries
        .map(|entry| {
            let path = entry.expect("readable").path();
            path.file_stem()
                .expect("a name")
                .to_str()
                .expect("UTF-8")
                .to_owned()
        })
        .collect()
}

// Fields.

#[test]
fn every_id_is_the_row_of_its_name() {
    assert_eq!(CATALOGUE.fields().len(), FieldId::FIRST_UNKNOWN.index());
    for (at, field) in CATALOGUE.fields().iter().enumerate() {
        assert_eq!(
            CATALOGUE.find(&field.name),
            Some(FieldId(at as u16)),
            "{}",
            field.name
        );
        assert!(
            field.meaning.ends_with('.') && !field.title.is_empty() && !field.group.is_empty(),
            "{}",
            field.name
        );
    }
    assert_eq!(name::ALL.len(), CATALOGUE.fields().len());
    for (at, &(field, name)) in name::ALL.iter().enumerate() {
        assert_eq!(field, FieldId(at as u16), "{name}");
        assert_eq!(CATALOGUE.find(name), Some(field), "{name}");
        let derived = CATALOGUE.get(field).expect("a row").kind == FieldKind::Derived;
        assert_eq!(field.is_derived(), derived, "{field:?}");
    }
}

#[test]
fn every_field_occurs_in_a_sample() {
    let names: Vec<&str> = CATALOGUE
        .fields()
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let facets = names.iter().flat_map(|name| ["--facet", name]);
    let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .args(["query", "assets/samples/*json", "-o", "json"])
        .args(facets)
        .current_dir(path(""))
        .output()
        .expect("the binary runs");
    let sums: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (name, facet) in names
        .iter()
        .zip(sums["facets"].as_array().expect("an array"))
    {
        assert_eq!(facet["field"], **name);
        assert!(
            facet["missing"].as_u64() < sums["total"].as_u64(),
            "{name} is in no sample"
        );
    }
}

// Sources and formats.

#[test]
fn every_scheme_parses_its_example() {
    let mut forms = BTreeSet::new();
    for scheme in SCHEMES {
        assert!(forms.insert(scheme.form), "{} twice", scheme.form);
        assert!(!scheme.meaning.is_empty());
        let spec = Spec::parse(scheme.example);
        assert!(spec.is_ok(), "{}: {spec:?}", scheme.form);
    }
}

/// Cells with everything that a format must do something about.
fn sheet() -> Sheet<'static> {
    let text = |text: &str| Cell::Text(text.to_owned());
    Sheet::whole(
        "a | title".to_owned(),
        ["user", "count", "a|b"].map(str::to_owned).to_vec(),
        vec![
            vec![text("role/ci"), Cell::Number(12), text("plain")],
            vec![text("a \"quoted\", comma"), Cell::Number(3), Cell::Missing],
            vec![
                text("two\nlines\r\n"),
                Cell::Number(0),
                text("\u{1b}[31mred\u{7} \u{202e}back|"),
            ],
            vec![text("城市"), Cell::Number(u64::MAX), text("")],
        ],
    )
}

#[test]
fn every_export_has_its_golden_file() {
    let mut listed = BTreeSet::new();
    for export in EXPORTS {
        let mut out = Vec::new();
        (export.write)(sheet(), &mut out).expect("memory takes everything");
        assert!(!export.meaning.is_empty());
        listed.insert(export.name.to_owned());
        let golden = path("tests/export").join(format!("{}.txt", export.name));
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(path("tests/export")).expect("a directory");
            fs::write(&golden, &out).expect("written");
        }
        let wanted = fs::read(&golden).unwrap_or_default();
        assert!(
            out == wanted,
            "{}:\n{}",
            golden.display(),
            String::from_utf8_lossy(&out)
        );
    }
    assert_eq!(stems("tests/export"), listed);
}

// Commands and keys.

#[test]
fn every_command_has_a_name_of_its_own_and_a_line_of_help() {
    let mut names = BTreeMap::new();
    for command in command::all() {
        assert!(
            names.insert(command.name, command.doc).is_none(),
            "{} twice",
            command.name
        );
        assert!(
            !command.doc.is_empty() && !command.doc.contains('\n'),
            "{}",
            command.name
        );
        assert_eq!(
            command::find(command.name).map(|found| found.doc),
            Some(command.doc)
        );
    }
}

#[test]
fn every_command_is_reached_by_a_key_or_the_palette() {
    // The palette lists all commands but those of overlays, which have keys there (below).
    let keymap = Keymap::builtin();
    assert!(!keymap.keys_for("app.palette", &["global"]).is_empty());
    assert!(!keymap.keys_for("app.help", &["global"]).is_empty());
}

#[test]
fn every_command_of_an_overlay_has_a_key_there() {
    let keymap = Keymap::builtin();
    for command in command::all() {
        if let Scope::Overlay(scope, title) = command.scope {
            let keys = keymap.keys_for(command.name, &[scope]);
            assert!(!keys.is_empty(), "{}: no key in [{scope}]", command.name);
            assert!(!title.is_empty(), "{}", command.name);
        }
    }
}

/// Scopes of the key map in a place of the page of help.
fn scopes_in(place: &str) -> Vec<Vec<&'static str>> {
    let inner = |scope| SCOPES.into_iter().find(|known| *known == scope);
    let panes = ["list", "facets", "detail", "histogram"];
    match place {
        "panes" => panes.map(|pane| vec![pane, "global"]).to_vec(),
        "overlays" | "text" => vec![vec!["overlay", "global"]],
        "selection" => vec![vec!["selection", "list", "global"]],
        "filter" | "search" | "open" | "export" | "line" | "prompts" | "typed" | "commands"
        | "fields" => vec![vec!["prompt"]],
        place if panes.contains(&place) => vec![vec![inner(place).expect(place), "global"]],
        place => vec![vec![
            inner(place).unwrap_or_else(|| panic!("{place}: no such place")),
            "overlay",
            "global",
        ]],
    }
}

#[test]
fn every_line_of_the_page_of_help_has_its_keys_where_it_is_shown() {
    let keymap = Keymap::builtin();
    for (task, rows) in command::ROWS {
        for (places, words, does) in *rows {
            assert!((3..=24).contains(&does.chars().count()), "{does}");
            for place in places.split(' ') {
                for word in words.split(' ') {
                    let at = format!("{place}: {word}");
                    let Some(command) = command::find(word) else {
                        assert!(word.parse::<Key>().is_ok(), "{at}");
                        assert_eq!(scopes_in(place), [["prompt"]], "{at} is bound by nobody");
                        continue;
                    };
                    assert_eq!(command.task, *task, "{at}");
                    let bound = |scopes: &Vec<&str>| !keymap.keys_for(word, scopes).is_empty();
                    assert!(scopes_in(place).iter().any(bound), "{at}: no key");
                }
            }
        }
    }
}

#[test]
fn every_task_has_commands_and_lines_on_the_page_of_help() {
    let tasks: Vec<Task> = command::ROWS.iter().map(|(task, _)| *task).collect();
    assert_eq!(tasks, Task::ALL);
    for task in Task::ALL {
        assert!(command::all().any(|command| command.task == task));
        assert!(!task.title().is_empty());
    }
}

#[test]
fn every_form_on_the_page_of_help_can_be_read() {
    for (form, finds) in command::LANGUAGE {
        assert!(parse(form, &CatalogueNames::default()).is_ok(), "{form}");
        assert!(form.len() <= 20 && !finds.is_empty(), "{form}");
    }
}

#[test]
fn every_binding_runs_a_command_that_takes_its_argument() {
    let presets = Keymap::presets().map(|name| Keymap::preset(name).expect("a name from the list"));
    for keymap in presets.chain([Keymap::builtin()]) {
        let mut scopes = BTreeSet::new();
        for (scope, keys, binding) in keymap.bindings() {
            let at = format!("[{scope}] {keys} = {binding}");
            let command =
                command::find(&binding.command).unwrap_or_else(|| panic!("{at}: no such command"));
            match (command.run, binding.argument.as_deref()) {
                // Without a field the command asks for one.
                (Run::Do(_) | Run::Try(_) | Run::Field(_), None) => {}
                (Run::Number(_), Some(number)) => assert!(number.parse::<usize>().is_ok(), "{at}"),
                (Run::Field(_), Some(field)) => assert!(CATALOGUE.find(field).is_some(), "{at}"),
                _ => panic!("{at}: the argument does not fit"),
            }
            scopes.insert(scope);
        }
        assert_eq!(
            scopes.len(),
            SCOPES.len(),
            "every scope has keys: {scopes:?}"
        );
    }
}

#[test]
fn the_users_file_may_say_everything_the_built_in_ones_say() {
    let names: Vec<&str> = command::all().map(|command| command.name).collect();
    for file in ["keymap.toml", "keymap-less.toml", "keymap-arrows.toml"] {
        let text = fs::read_to_string(path("assets").join(file)).expect("a file of the project");
        let (_, problems) = Keymap::with_user(&text, &names);
        assert!(problems.is_empty(), "{file}: {problems:?}");
    }
}

// Overlays.

/// The sizes that every overlay is recorded at.
const SIZES: [&str; 3] = ["80x24", "120x36", "200x60"];

#[test]
fn every_overlay_has_keys_hints_and_recorded_screens() {
    let keymap = Keymap::builtin();
    let mut recorded = BTreeSet::new();
    for stem in stems("tests/screens") {
        let Some(name) = stem.strip_suffix(&format!("_{}", SIZES[0])) else {
            continue;
        };
        let file = |size: &str| path("tests/screens").join(format!("{name}_{size}.txt"));
        let Some(overlay) = overlay_of(&file(SIZES[0])) else {
            continue;
        };
        if SIZES.iter().all(|size| file(size).exists()) {
            recorded.insert(overlay.name());
        }
        let spec = overlay.panel().spec();
        assert!(!spec.title.is_empty() && !spec.hints.is_empty(), "{name}");
        assert!(
            spec.scopes.iter().all(|scope| SCOPES.contains(scope)),
            "{name}"
        );
        for word in spec.hints.iter().flat_map(|(keys, _)| keys.split(' ')) {
            // Only the key that starts the sequence is shown.
            let word = word.trim_end_matches('…');
            let has_key = match command::find(word) {
                Some(command) => !keymap.keys_for(command.name, spec.scopes).is_empty(),
                None => word.parse::<Key>().is_ok(),
            };
            assert!(has_key, "{name}: {word}");
        }
    }
    let all: BTreeSet<&str> = Overlay::NAMES.iter().copied().collect();
    let missing: Vec<_> = all.difference(&recorded).collect();
    assert!(missing.is_empty(), "not recorded: {missing:?}");
}

#[test]
fn every_part_of_an_answer_has_a_rule_for_masking() {
    let code = fs::read_to_string(path("src/app/masking.rs")).expect("a file of the project");
    let rules = code.split_once("fn learn_answer(").expect("is there").1;
    let rules = rules.split_once("\n    }\n").expect("ends").0;
    assert!(rules.contains("let Answer {") && rules.contains("} = answer;"));
    assert!(!rules.contains(".."), "nothing is left out unnamed");
}

// Themes and configuration.

#[test]
fn every_theme_is_built_in_and_has_no_problems() {
    let names: BTreeSet<String> = Theme::names().map(str::to_owned).collect();
    assert_eq!(stems("assets/themes"), names);
    for name in &names {
        let text = fs::read_to_string(path("assets/themes").join(format!("{name}.toml")))
            .expect("listed above");
        let (theme, problems) = Theme::parse(&text);
        assert!(problems.is_empty(), "{name}: {problems:?}");
        assert_eq!(Theme::builtin(name), Some(theme), "{name}");
    }
    let base = fs::read_to_string(path("assets/themes/dark.toml")).expect("listed above");
    for role in Role::ALL {
        let name = role.name();
        assert!(
            base.contains(&format!("\"{name}\"")) || base.contains(&format!("\n{name} ")),
            "the base theme does not give {name}"
        );
    }
}

#[test]
fn the_template_of_the_configuration_is_the_default() {
    let default = Config::default();
    assert_eq!(Config::with(DEFAULT).as_ref(), Ok(&default));
    assert_eq!(Config::with(""), Ok(default.clone()));
    let keys = |text: &str| {
        text.parse::<toml::Table>()
            .expect("TOML")
            .into_iter()
            .map(|(key, _)| key)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        keys(DEFAULT),
        keys(&default.effective()),
        "the template names every key"
    );
    // Which of two it is depends on the terminal.
    assert_eq!(default.theme, "auto");
}
