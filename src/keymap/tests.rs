//! Tests of the default key map and of merging a user's file.

use super::*;

const COMMANDS: [&str; 4] = ["list.open", "list.raw", "view.follow", "event.include"];

fn press(map: &Keymap, scopes: &[&str], keys: &str) -> Resolution {
    map.resolve(scopes, &Key::parse_sequence(keys).expect(keys))
}

fn run(command: &str) -> Resolution {
    let Binding { command, argument } = Binding::parse(command);
    Resolution::Run { command, argument }
}

fn problems(text: &str) -> Vec<String> {
    let (_, problems) = Keymap::with_user(text, &COMMANDS);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn files_of_the_program_have_no_problems() {
    let mut map = Keymap::empty();
    assert_eq!(
        map.merge(include_str!("../../assets/keymap.toml"), None),
        []
    );
    assert_eq!(map, Keymap::builtin());
    for (name, text) in PRESETS {
        assert_eq!(Keymap::builtin().merge(text, None), [], "{name}");
    }
}

#[test]
fn every_line_of_the_default_file_is_reached_in_its_scope() {
    let map = Keymap::builtin();
    for (scope, keys, binding) in map.bindings() {
        assert_eq!(
            press(&map, &[scope], &keys),
            run(&binding.to_string()),
            "{scope} {keys}"
        );
    }
    assert!(map.bindings().count() > 150);
}

#[test]
fn verbs_take_the_same_letters_for_the_same_fields() {
    let map = Keymap::builtin();
    let letters = |verb: &str| -> Vec<(Key, Option<String>)> {
        let Resolution::Pending(next) = press(&map, &["list", "global"], verb) else {
            panic!("{verb} waits for a letter");
        };
        let fields = next
            .into_iter()
            .map(|(key, hint)| (key, Binding::parse(&hint).argument));
        fields.filter(|(_, argument)| argument.is_some()).collect()
    };
    assert_eq!(letters("+").len(), 12);
    for verb in ["-", "*", "y", "#"] {
        assert_eq!(letters(verb), letters("+"), "{verb}");
    }
    for (_, field) in letters("+") {
        let field = field.expect("filtered");
        assert!(crate::model::CATALOGUE.find(&field).is_some(), "{field}");
    }
}

#[test]
fn inner_scopes_win() {
    let map = Keymap::builtin();
    assert_eq!(
        press(&map, &["facets", "global"], "h"),
        run("facet.collapse")
    );
    assert_eq!(press(&map, &["list", "global"], "h"), run("move.left"));
    assert_eq!(
        press(&map, &["detail", "global"], "+"),
        run("detail.include")
    );
    assert_eq!(
        press(&map, &["list", "global"], "+ u"),
        run("event.include user")
    );
    assert_eq!(press(&map, &["list", "global"], "+ x"), Resolution::Unbound);
    assert_eq!(press(&map, &["prompt"], "j"), Resolution::Unbound);
    assert_eq!(press(&map, &["no-such-scope"], "j"), Resolution::Unbound);
    assert_eq!(press(&map, &["list", "global"], "5"), run("facet.focus 5"));
}

#[test]
fn the_start_of_a_sequence_in_an_inner_scope_hides_the_key_outside() {
    let (map, problems) = Keymap::with_user("[list]\n\"u l\" = \"list.open\"\n", &COMMANDS);
    assert_eq!(problems, []);
    let Resolution::Pending(next) = press(&map, &["list", "global"], "u") else {
        panic!("u waits");
    };
    assert_eq!(
        next,
        [(Key::plain(KeyCode::Char('l')), "list.open".to_owned())]
    );
    assert_eq!(press(&map, &["facets", "global"], "u"), run("filter.undo"));
    assert_eq!(
        map.keys_for("filter.undo", &["list", "global"]),
        Vec::<String>::new()
    );
}

#[test]
fn keys_are_found_for_help_and_palette() {
    let map = Keymap::builtin();
    assert_eq!(map.keys_for("app.help", &["list", "global"]), ["?", "f1"]);
    assert_eq!(map.keys_for("facet.focus 3", &["global"]), ["3"]);
    assert_eq!(map.keys_for("facet.focus", &["global"]).len(), 9);
    assert_eq!(map.keys_for("event.copy-line", &["list"]), ["y y"]);
    assert_eq!(
        map.keys_for("move.left", &["facets", "global"]),
        Vec::<String>::new()
    );
    assert_eq!(map.keys_for("no.such", &["global"]), Vec::<String>::new());
}

#[test]
fn a_user_rebinds_and_unbinds() {
    let text = "[list]\n\"ctrl-o\" = \"list.open\"\n\"enter\" = \"\"\n\"r\" = \"view.follow\"\n";
    let (map, problems) = Keymap::with_user(text, &COMMANDS);
    assert_eq!(problems, []);
    assert_eq!(map.keys_for("list.open", &["list"]), ["ctrl-o"]);
    assert_eq!(
        press(&map, &["list", "global"], "enter"),
        Resolution::Unbound
    );
    assert_eq!(press(&map, &["list"], "r"), run("view.follow"));
    assert_eq!(
        press(&map, &["list"], "e"),
        run("list.next-failure"),
        "the rest stays"
    );
}

#[test]
fn a_user_frees_the_start_of_a_sequence_and_uses_it() {
    let text = "[global]\n\"g o\" = \"list.open\"\n\"g\" = \"\"\n";
    let (map, problems) = Keymap::with_user(text, &COMMANDS);
    assert_eq!(problems, []);
    assert_eq!(press(&map, &["global"], "g o"), run("list.open"));
}

#[test]
fn unbinding_the_last_of_a_sequence_leaves_nothing_pending() {
    let (one, _) = Keymap::with_user("[list]\n\"q q\" = \"list.raw\"\n", &COMMANDS);
    let mut two = one.clone();
    assert_eq!(two.merge("[list]\n\"q q\" = \"\"\n", None), []);
    assert_eq!(press(&two, &["list"], "q"), Resolution::Unbound);
    assert_eq!(two, Keymap::builtin());
}

#[test]
fn what_is_wrong_is_told_by_line() {
    let text = "\
[list]
\"entr\" = \"list.open\"
\"o\" = \"list.opn\"
\"x\" = 3
\"w\" = \"\"
\"ctrl-r\" = \"list.raw\"
\"<c-r>\" = \"list.raw\"
\"+\" = \"event.include user\"
[global]
\"g o\" = \"list.open\"
[lst]
\"a\" = \"list.open\"
";
    assert_eq!(
        problems(text),
        [
            "line 2: unknown key `entr`; did you mean `enter`?",
            "line 3: unknown command `list.opn`; did you mean `list.open`?",
            "line 4: a key is bound to the name of a command, as text",
            "line 5: `w` is not bound in list, so there is nothing to unbind",
            "line 7: `ctrl-r` is bound twice",
            "line 8: `+` takes the place of 13 longer bindings that begin with it",
            "line 10: `g o` takes the place of `g` = `move.first`; unbind it by `g` = \"\" if that is meant",
            "line 11: unknown scope `lst`; did you mean `list`?",
        ]
    );
}

#[test]
fn a_file_with_a_syntax_error_counts_as_far_as_it_can_be_read() {
    let text = "[list]\n\"o\" = \"list.open\"\n\"w\" = list.raw\n\"e\" = \"list.raw\"\n";
    let (map, problems) = Keymap::with_user(text, &COMMANDS);
    assert!(problems.iter().all(|p| p.line == 3), "{problems:?}");
    assert!(!problems.is_empty());
    assert_eq!(press(&map, &["list"], "o"), run("list.open"));
    assert_eq!(press(&map, &["list"], "e"), run("list.raw"));
}

#[test]
fn a_preset_is_asked_for_in_the_file() {
    let (map, problems) = Keymap::with_user("preset = \"less\"\n", &COMMANDS);
    assert_eq!(problems, []);
    assert_eq!(Some(map), Keymap::preset("less"));
    assert_eq!(
        self::problems("preset = \"lss\"\n"),
        ["line 1: unknown preset `lss`; did you mean `less`?"]
    );
    for name in Keymap::presets() {
        let map = Keymap::preset(name).expect(name);
        for (_, _, binding) in map.bindings() {
            let known = Keymap::builtin()
                .bindings()
                .any(|(_, _, b)| b.command == binding.command);
            assert!(
                known,
                "{name} binds {binding}, which the default keys do not know"
            );
        }
    }
}

#[test]
fn former_names_lead_to_the_present_ones() {
    assert_eq!(
        problems("[lineage]\n[list]\n\"x\" = \"news.show\""),
        [
            "line 1: unknown scope `lineage`; it is now `history`",
            "line 3: unknown command `news.show`; it is now `changes.show`",
        ]
    );
    assert!(RENAMED.is_sorted(), "they are searched");
    for (old, new) in RENAMED {
        assert_eq!(renamed(old), Some(new));
        assert_eq!(renamed(new), None, "{new} is the present name");
        let map = Keymap::builtin();
        let mut names = map.bindings().map(|(scope, _, binding)| {
            if new.contains('.') {
                binding.command.clone()
            } else {
                scope.to_owned()
            }
        });
        assert!(names.any(|name| name == new), "{new}");
    }
}
