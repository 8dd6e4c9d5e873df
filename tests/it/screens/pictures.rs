//! The screen as a file: the form by the name's ending, what is on it, and that nothing of a log is live in it.

use regtrail::engine::SourceState;
use regtrail::overlays::Overlay;
use regtrail::widgets::Picture;

use super::driver::Driver;
use crate::fake::Fake;

/// The pictures of what the export prompt is about to write.
fn pictures(driver: &mut Driver) -> [String; 2] {
    let prompt = driver.app.lift_prompt().expect("a prompt");
    let buf = driver.draw();
    driver.app.put_prompt_back(prompt);
    Picture::ENDINGS.map(|(_, form)| form.of(&buf, false))
}

#[test]
fn the_ending_of_the_name_chooses_the_form() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys(":screen.export<enter>");
    let screen = driver.screen();
    assert!(
        screen.contains("[screen]") && screen.contains(".svg .html"),
        "{screen}"
    );
    for (name, form) in [("a.svg", "form: Svg"), ("b.HTML", "form: Html")] {
        let mut driver = Driver::sample(300, (120, 36));
        driver.keys(":screen.export<enter><ctrl-u>");
        driver.keys(name);
        driver.keys("<enter>");
        let effects = driver.effects.join("\n");
        assert!(
            effects.contains(form) && effects.contains(name),
            "{effects}"
        );
        driver.keys("<file:begun><file:written>");
        assert!(driver.app.overlay.is_none());
        assert!(
            driver.screen().contains("wrote the screen to"),
            "{}",
            driver.screen()
        );
        // The next one has the form of the last.
        driver.keys(":screen.export<enter>");
        assert!(
            driver.screen().contains(&name.to_lowercase()[1..]),
            "{}",
            driver.screen()
        );
    }
    driver.keys("<ctrl-u>a.png<enter>");
    assert!(
        driver.screen().contains("must be a .svg or .html file"),
        "{}",
        driver.screen()
    );
    assert!(driver.effects.is_empty());
}

#[test]
fn the_export_prompt_offers_the_screen_and_its_endings() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("w<tab>");
    assert!(driver.screen().contains("[report]") && driver.screen().contains(".report.md"));
    driver.keys("<tab>");
    let screen = driver.screen();
    assert!(
        screen.contains("[screen]") && screen.contains(".svg .html"),
        "{screen}"
    );
    let line = screen
        .lines()
        .find(|line| line.contains("EXPORT"))
        .expect("a prompt");
    assert!(line.contains(".svg") && !line.contains("report"), "{line}");
    driver.keys("<tab>");
    assert!(driver.screen().contains("[all 300 shown]"));
    assert!(driver.screen().contains(".csv"));
}

#[test]
fn a_picture_shows_what_is_below_the_prompt_which_comes_back() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("#u");
    let before = driver.draw();
    driver.keys(":screen.export<enter>");
    assert!(driver.screen().contains("EXPORT"));
    let [_, page] = pictures(&mut driver);
    assert_eq!(page, Picture::Html.of(&before, false));
    assert!(
        driver.screen().contains("EXPORT"),
        "the prompt is still open"
    );
    driver.keys("<esc>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Group(_))));
}

#[test]
fn a_masked_screen_is_masked_in_its_picture() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("@w");
    for picture in pictures(&mut driver) {
        for secret in ["ci-bot", "li.wei", "zhang", "10.12."] {
            assert!(!picture.contains(secret), "{secret}");
        }
        assert!(picture.contains("user-01"));
    }
}

#[test]
fn what_a_log_holds_is_inert_in_a_picture() {
    let mut fake = Fake::sample(40);
    let hostile = [
        "<script>alert(1)</script>",
        "</pre></text><img src=x onerror=alert(1)>",
        "\u{1b}]0;title\u{7}\u{1b}[31mred",
        "\u{202e}gnp.exe\u{2066}",
        "&lt;b&gt; \"quoted\" 'text'",
        "a\u{200b}\u{feff}\u{0}b",
    ];
    for (event, value) in fake.events.iter_mut().zip(hostile.iter().cycle()) {
        for field in ["user", "namespace_repo", "tag", "client"] {
            event.fields.insert(field.into(), (*value).into());
        }
    }
    let mut driver = Driver::new(fake, SourceState::Done, (200, 60));
    for keys in ["", "<enter>", "#u"] {
        driver.keys(keys);
        driver.keys(":screen.export<enter>");
        for picture in pictures(&mut driver) {
            for live in [
                "<script",
                "<img",
                "</pre></text>",
                "onerror=\"",
                "javascript:",
            ] {
                assert!(!picture.contains(live), "{live}");
            }
            let odd = |c: char| {
                c.is_control() && c != '\n'
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
            };
            assert_eq!(picture.find(odd), None);
            assert!(picture.contains("&lt;"), "the text itself is shown");
        }
        driver.keys("<esc>");
    }
}
