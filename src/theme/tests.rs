//! Built-in themes are complete; a user's theme is always complete too.

use std::collections::HashSet;

use ratatui::style::{Color, Modifier};

use super::*;

fn theme(name: &str) -> Theme {
    Theme::builtin(name).expect(name)
}

#[test]
fn builtin_themes_have_no_problems() {
    for (name, text) in BUILTIN {
        assert_eq!(Theme::parse(text).1, [], "{name}");
    }
}

#[test]
fn the_base_and_mono_style_every_role_themselves() {
    for name in [BASE, "mono"] {
        let text = source(name).expect(name);
        let draft = Draft::read(text, Draft::default(), &mut Vec::new());
        for role in Role::ALL {
            assert!(draft.has(*role), "{name} lacks {}", role.name());
        }
    }
}

#[test]
fn roles_are_named_once_and_documented() {
    let names: HashSet<_> = Role::ALL.iter().map(|role| role.name()).collect();
    assert_eq!(names.len(), Role::ALL.len());
    for role in Role::ALL {
        assert_eq!(Role::find(role.name()), Some(*role));
        assert!(role.doc().ends_with('.'));
    }
}

#[test]
fn without_colour_the_meanings_still_differ() {
    let mono = theme("mono");
    for role in Role::ALL {
        let style = mono.style(*role);
        assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
    }
    assert_eq!(user_hue("li.wei", &mono), Style::new());
    assert!(
        mono.style(Role::Cursor)
            .add_modifier
            .contains(Modifier::REVERSED)
    );
    assert_eq!(mono.style(Role::StatusFailed), Style::new().bold());
    assert_eq!(
        mono.style(Role::ActionDelete),
        Style::new().bold().underlined()
    );
}

#[test]
fn what_must_stand_out_does_in_every_theme() {
    for name in Theme::names() {
        let theme = theme(name);
        let text = theme.style(Role::Text);
        for role in [
            Role::Cursor,
            Role::CursorUnfocused,
            Role::StatusDenied,
            Role::StatusFailed,
            Role::StatusMissing,
            Role::ActionDelete,
            Role::Match,
            Role::TitleFocused,
            Role::Held,
            Role::Error,
        ] {
            assert_ne!(theme.style(role), text, "{name}: {}", role.name());
        }
        assert_ne!(
            theme.style(Role::Cursor),
            theme.style(Role::CursorUnfocused),
            "{name}"
        );
        assert_ne!(
            theme.style(Role::Title),
            theme.style(Role::TitleFocused),
            "{name}"
        );
        assert_ne!(
            theme.style(Role::Match),
            theme.style(Role::MatchCurrent),
            "{name}"
        );
        assert_ne!(
            theme.style(Role::FacetInclude),
            theme.style(Role::FacetExclude),
            "{name}"
        );
    }
}

#[test]
fn no_theme_paints_the_terminals_background() {
    for name in Theme::names() {
        for role in [Role::Text, Role::Overlay, Role::Dim] {
            assert_eq!(theme(name).style(role).bg, None, "{name}");
        }
    }
}

#[test]
fn sixteen_colour_themes_use_no_others() {
    for name in ["dark", "light", "high-contrast"] {
        let theme = theme(name);
        for style in &theme.styles {
            for colour in [style.fg, style.bg].into_iter().flatten() {
                assert!(
                    !matches!(colour, Color::Rgb(..) | Color::Indexed(_)),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn a_user_keeps_the_hue() {
    let dark = theme("dark");
    assert_eq!(
        user_hue("user/li.wei", &dark),
        user_hue("user/li.wei", &dark)
    );
    let hues: HashSet<_> = (0..100)
        .map(|n| user_hue(&format!("user/bot-{n}"), &dark).fg)
        .collect();
    assert_eq!(
        hues.len(),
        dark.hues.len(),
        "near names spread over all hues"
    );
    for name in ["dark", "light", "slate"] {
        assert!((6..=8).contains(&theme(name).hues.len()), "{name}");
    }
}

#[test]
fn no_hue_of_a_user_is_a_colour_of_meaning() {
    for name in Theme::names() {
        let theme = theme(name);
        let meanings: HashSet<_> = theme.styles.iter().filter_map(|style| style.fg).collect();
        for hue in &theme.hues {
            assert!(
                hue.fg.is_some_and(|fg| !meanings.contains(&fg)),
                "{name}: {hue:?}"
            );
        }
        let few = theme.for_colours(16).hues;
        assert!(few.is_empty(), "{name}: 16 colours have none to spare");
    }
}

#[test]
fn a_palette_alone_recolours_what_is_inherited() {
    let (theme, problems) = Theme::parse("inherits = \"dark\"\n[palette]\naccent = \"#112233\"\n");
    assert_eq!(problems, []);
    assert_eq!(
        theme.style(Role::Bar).fg,
        Some(Color::Rgb(0x11, 0x22, 0x33))
    );
    assert_eq!(
        theme.style(Role::Error),
        self::theme("dark").style(Role::Error)
    );
}

#[test]
fn a_role_takes_the_place_of_the_inherited_one() {
    let text = "[palette]\na = \"b\"\nb = 200\n[roles]\ntext = { fg = \"default\" }\n\
                \"error\" = { fg = \"a\", italic = true }\n\"cursor\" = { reverse = false }\n";
    let (theme, problems) = Theme::parse(text);
    assert_eq!(problems, []);
    assert_eq!(
        theme.style(Role::Error),
        Style::new().fg(Color::Indexed(200)).italic()
    );
    assert_eq!(theme.style(Role::Cursor), Style::new());
    assert_eq!(theme.style(Role::Text).fg, Some(Color::Reset));
}

#[test]
fn what_is_wrong_is_told_by_line_and_the_theme_is_whole() {
    let text = "\
inherits = \"drak\"
colour = 3
hues = [\"blue\", \"bleu\"]
[palette]
accent = \"#12\"
loop = \"pool\"
pool = \"loop\"
[roles]
\"eror\" = { fg = \"red\" }
\"error\" = { fg = \"acent\", bld = true, dim = 1 }
\"live\" = 3
";
    let (theme, problems) = Theme::parse(text);
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 1: there is no built-in theme `drak` to inherit from; did you mean `dark`?",
            "line 2: unknown key `colour`",
            "line 3: unknown colour `bleu`",
            "line 5: unknown colour `#12`",
            "line 6: colour `pool` refers to itself",
            "line 7: colour `loop` refers to itself",
            "line 9: unknown role `eror`; did you mean `error`?",
            "line 10: unknown key `bld`; did you mean `bold`?",
            "line 10: true or false is wanted here",
            "line 10: unknown colour `acent`; did you mean `accent`?",
            "line 11: a table is wanted here",
        ]
    );
    assert_eq!(
        theme.style(Role::Warning),
        self::theme("dark").style(Role::Warning)
    );
}

/// Red, green and blue of a colour in xterm's default palette, which many other terminals follow.
fn rgb(colour: Color) -> Option<[u8; 3]> {
    Some(match colour {
        Color::Black => [0, 0, 0],
        Color::Red => [205, 0, 0],
        Color::Green => [0, 205, 0],
        Color::Yellow => [205, 205, 0],
        Color::Blue => [0, 0, 238],
        Color::Magenta => [205, 0, 205],
        Color::Cyan => [0, 205, 205],
        Color::Gray => [229, 229, 229],
        Color::DarkGray => [127, 127, 127],
        Color::LightRed => [255, 0, 0],
        Color::LightGreen => [0, 255, 0],
        Color::LightYellow => [255, 255, 0],
        Color::LightBlue => [92, 92, 255],
        Color::LightMagenta => [255, 0, 255],
        Color::LightCyan => [0, 255, 255],
        Color::White => [255, 255, 255],
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Reset | Color::Indexed(_) => return None,
    })
}

/// Relative luminance of a colour, 0 to 1, as defined by the Web Content Accessibility Guidelines.
fn light([red, green, blue]: [u8; 3]) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
}

/// Cyan, green and yellow are faint on white, dark blue on black.
#[test]
fn every_colour_can_be_read_on_the_background_it_is_made_for() {
    for name in Theme::names() {
        let ground = if name == "light" { 1.0 } else { 0.0 };
        let theme = theme(name);
        let roles = Role::ALL
            .iter()
            .map(|role| (role.name(), theme.style(*role)));
        let hues = theme.hues.iter().map(|hue| ("a hue", *hue));
        for (what, style) in roles.chain(hues) {
            let own = style.bg.and_then(rgb).map_or(ground, light);
            let Some(colour) = style.fg.and_then(rgb) else {
                continue;
            };
            let (more, less) = (own.max(light(colour)), own.min(light(colour)));
            let contrast = (more + 0.05) / (less + 0.05);
            assert!(contrast >= 3.0, "{name}: {what} has {contrast:.1}");
            let faded = style.add_modifier.contains(Modifier::DIM);
            assert!(!faded, "{name}: {what} is a colour that is dimmed as well");
        }
    }
}
