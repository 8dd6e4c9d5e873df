//! Guarantees of the drawing boundary, tested on hostile text.

use std::borrow::Cow;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::*;

/// Returns the number of cells that ratatui fills with the text, measured by overwriting a row of sentinels.
fn drawn(text: &str) -> usize {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 500, 1));
    let (x, _) = buffer.set_stringn(0, 0, text, 500, Style::new());
    usize::from(x)
}

fn acts_on_a_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'
            ..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text with a high density of problematic characters.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9/:._-]{1,6}",
        2 => "[\u{4e00}-\u{4e20}ｱ-ﾟ한글]{1,4}",
        2 => "[\u{5d0}-\u{5ea}\u{621}-\u{64a}]{1,4}",
        2 => "[\u{300}-\u{320}\u{200d}\u{fe0f}\u{fe0e}\u{20e3}]{1,12}",
        2 => "[👩💻👨🏻🏿❤🏴\u{1f1e6}-\u{1f1ff}]{1,4}",
        2 => "[\u{915}-\u{94d}\u{1100}-\u{11ff}\u{e01}-\u{e3a}]{1,6}",
        2 => "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}]{1,3}",
        1 => "[\u{e0000}-\u{e007f}\u{feff}\u{61c}\u{ad}]{1,3}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn fitted_text_takes_exactly_the_cells_asked_for(text in hostile(), room in 0usize..60) {
        for shown in [fit(&text, room), fit_right(&text, room)] {
            prop_assert_eq!(drawn(&shown), room, "{:?}", shown);
            prop_assert_eq!(width(&shown), room);
        }
    }

    #[test]
    fn ratatui_measures_the_same_where_graphemes_do_not_join(
        text in hostile(),
        room in 0usize..60,
    ) {
        let joins = |c| matches!(c, '\u{600}'..='\u{8ff}' | '\u{a4f8}'..='\u{a4fd}' | 'ﾞ' | 'ﾟ');
        prop_assume!(!text.contains(joins));
        prop_assert_eq!(Span::raw(fit(&text, room)).width(), room);
    }

    #[test]
    fn clipped_text_is_safe_and_no_wider_than_asked(text in hostile(), room in 0usize..60) {
        let image = image(&text, Some(&text), room);
        for shown in [clip(&text, room), clip_middle(&text, room), Cow::Owned(image)] {
            prop_assert!(drawn(&shown) <= room, "{:?}", shown);
            prop_assert!(!shown.contains(acts_on_a_terminal), "{:?}", shown);
        }
    }

    #[test]
    fn sanitised_text_is_safe_and_stays_as_it_is(text in hostile()) {
        let safe = sanitise(&text).into_owned();
        prop_assert!(!safe.contains(acts_on_a_terminal), "{:?}", safe);
        prop_assert_eq!(sanitise(&safe), safe.as_str());
        let ascii = sanitise_ascii(&text).into_owned();
        prop_assert!(!ascii.contains(acts_on_a_terminal), "{:?}", ascii);
    }

    #[test]
    fn text_that_fits_is_not_clipped(text in hostile()) {
        let all = width(&text);
        prop_assume!(text.chars().count() < 9 * all);
        prop_assert_eq!(clip(&text, all), sanitise(&text));
        prop_assert_eq!(clip_middle(&text, all), sanitise(&text));
    }
}

#[test]
fn what_a_terminal_obeys_is_spelled_out() {
    for (text, pictures, ascii) in [
        (
            "plain prod/web:1.0",
            "plain prod/web:1.0",
            "plain prod/web:1.0",
        ),
        ("\x1b]0;x\x07", "␛]0;x␇", "\\x1b]0;x\\x07"),
        (
            "a\rb\nc\r\nd\te\0\x7f",
            "a␍b␊c␍␊d␉e␀␡",
            "a\\x0db\\x0ac\\x0d\\x0ad\\x09e\\x00\\x7f",
        ),
        ("\u{9b}2J", "\\u{9b}2J", "\\u{9b}2J"),
        ("ci\u{202e}gpj", "ci\\u{202e}gpj", "ci\\u{202e}gpj"),
        (
            "a\u{200b}b\u{feff}\u{2060}",
            "a\\u{200b}b\\u{feff}\\u{2060}",
            "a\\u{200b}b\\u{feff}\\u{2060}",
        ),
        (
            "x\u{2028}y\u{e0041}",
            "x\\u{2028}y\\u{e0041}",
            "x\\u{2028}y\\u{e0041}",
        ),
        (
            "账单 e\u{301} ❤\u{fe0f}",
            "账单 e\u{301} ❤\u{fe0f}",
            "账单 e\u{301} ❤\u{fe0f}",
        ),
    ] {
        assert_eq!(sanitise(text), pictures);
        assert_eq!(sanitise_ascii(text), ascii);
    }
    assert!(matches!(
        sanitise("账单 한글 👩\u{200d}💻"),
        Cow::Borrowed(_)
    ));
}

#[test]
fn joiners_stay_only_inside_a_sequence() {
    assert_eq!(sanitise("👩\u{200d}💻"), "👩\u{200d}💻");
    assert_eq!(sanitise("👩\u{200d}"), "👩\\u{200d}");
    assert_eq!(sanitise("li\u{200d}wei"), "li\\u{200d}wei");
    assert_eq!(sanitise("0\u{200d}🏻"), "0\\u{200d}🏻");
    assert_eq!(sanitise("li\u{200c}wei"), "li\\u{200c}wei");
    assert_eq!(sanitise("li\u{fe0f}wei"), "li\\u{fe0f}wei");
}

#[test]
fn a_mark_without_a_base_does_not_change_the_cell_before() {
    assert_eq!(sanitise("\u{301}a"), "\\u{301}a");
    assert_eq!(sanitise("\u{202e}\u{301}"), "\\u{202e}\\u{301}");
}

#[test]
fn a_heap_of_combining_marks_is_cut_where_one_can_see_it() {
    let heap = format!("a{}b", "\u{301}".repeat(1000));
    assert_eq!(sanitise(&heap), format!("a{}…b", "\u{301}".repeat(8)));
    assert_eq!(
        sanitise(&"\u{1100}".repeat(1000)),
        format!("{}…", "\u{1100}".repeat(16))
    );
}

#[test]
fn clipping() {
    assert_eq!(clip("prod/payments", 20), "prod/payments");
    assert_eq!(clip("prod/payments", 13), "prod/payments");
    assert_eq!(clip("prod/payments", 12), "prod/paymen…");
    assert_eq!(clip("prod/payments", 1), "…");
    assert_eq!(clip("prod/payments", 0), "");
    assert_eq!(clip("账单服务", 8), "账单服务");
    assert_eq!(clip("账单服务", 7), "账单服…");
    assert_eq!(clip("账单服务", 6), "账单…");
    assert_eq!(clip_with("prod/payments", 8, ".."), "prod/p..");
    assert_eq!(clip_with("prod/payments", 1, ".."), "p");
    assert_eq!(fit("账单服务", 6), "账单… ");
    assert_eq!(fit_right("204", 5), "  204");
    assert_eq!(clip_middle("prod/payments-api", 11), "prod/…s-api");
    assert_eq!(clip_middle("账单服务账单服务", 8), "账单…务");
    assert_eq!(clip_middle("prod/payments-api", 2), "p…");
}

#[test]
fn a_tag_is_kept_while_the_repository_gives_way() {
    assert_eq!(image("prod/web", Some("1.0"), 12), "prod/web:1.0");
    assert_eq!(
        image("prod/payments-api", Some("v1.42"), 17),
        "prod/…s-api:v1.42"
    );
    assert_eq!(image("prod/web", Some("v1.42"), 7), "…:v1.42");
    assert_eq!(image("prod/web", Some("v1.42"), 6), "v1.42");
    assert_eq!(image("prod/web", Some("v1.42"), 5), "v1.42");
    assert_eq!(image("prod/web", Some("v1.42"), 4), "v1…2");
    let long = "release-2026.08.01-0b5af3a";
    assert_eq!(
        image("prod/payments-api", Some(long), 40),
        "prod/p…ts-api:release-2026.08.01-0b5af3a"
    );
    assert_eq!(
        image("prod/payments-api", Some(long), 24),
        "pro…pi:release-…-0b5af3a"
    );
    assert_eq!(image("prod/payments-api", None, 9), "prod…-api");
}

#[test]
fn a_value_of_megabytes_costs_no_more_than_its_start() {
    let started = std::time::Instant::now();
    for unit in [
        "x",
        "账",
        "\u{301}",
        "\u{202e}",
        "👩\u{200d}",
        "\u{1100}",
        "\u{1f1e9}",
        "\r",
    ] {
        let value = unit.repeat(4_000_000 / unit.len());
        for _ in 0..100 {
            assert_eq!(width(&fit(&value, 40)), 40);
            assert!(width(&clip_middle(&value, 40)) <= 40);
            assert!(width(&image(&value, Some(&value), 40)) <= 40);
        }
    }
    // 2,400 calls of a few microseconds; reading the values would take over a minute.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn cut_text_has_the_mark_of_the_glyphs() {
    let cut = || {
        let image = image("team/registry/gateway", Some("v1"), 14);
        (
            clip("abcdefgh", 5).into_owned(),
            clip_middle("abcdefgh", 5).into_owned(),
            image,
        )
    };
    let ascii = cutting_with("..", cut);
    assert_eq!(
        ascii,
        ("abc..".into(), "ab..h".into(), "team/..eway:v1".into())
    );
    let (end, middle, _) = cut();
    assert_eq!((&*end, &*middle), ("abcd…", "ab…gh"));
    for max in 0..9 {
        let wide = cutting_with("..", || width(&clip_middle("abcdefgh", max)));
        assert!(wide <= max, "{max}");
    }
}
