//! Screens as data: each file of `tests/screens` names a size, events and keys, then the screen that must
//! come of them, then the looks of some of its parts. `BLESS=1 cargo test` writes the screens anew.
//!
//! A file has five parts divided by lines of `---`: settings (`size 80x24`, `events 200`, `state live`), keys
//! one after the other (`kk4j<space>`, `<live:5>` lets five more events come in, `<resize:60x15>`), the
//! screen, looks that must be those of a role as `row:first-last role`, and the style of every cell: the same
//! screen with a letter for each style, `.` for none, and what the letters mean below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use regtrail::app::layout::PaneId;
use regtrail::app::{App, Effect, Message, Options};
use regtrail::config::{MarksWork, SavedView, View, ViewsWork};
use regtrail::engine::{Answer, EngineEvent, SourceState};
use regtrail::index::LetGo;
use regtrail::keymap::Key;
use regtrail::model::zone::Zone;
use regtrail::model::{Defect, DefectKind, Mark};
use regtrail::panes::{self, Look};
use regtrail::theme::{Role, Theme};
use regtrail::widgets::{Glyphs, text};

use crate::fake::{Fake, START};

/// An explorer on the fake engine.
struct Driver {
    app: App,
    fake: Fake,
    state: SourceState,
    /// What was asked of the terminal, as text.
    effects: Vec<String>,
    /// Number of the next event that comes in.
    next: u64,
    views: BTreeMap<String, View>,
    /// What was to be remembered of marks.
    marks: Vec<MarksWork>,
}

impl Driver {
    fn new(fake: Fake, state: SourceState, size: (u16, u16)) -> Self {
        Self::with(fake, state, size, Options::default())
    }

    fn with(fake: Fake, state: SourceState, size: (u16, u16), options: Options) -> Self {
        let shanghai = Zone::Place(chrono_tz::Asia::Shanghai);
        let options = Options {
            zone: shanghai,
            local: shanghai,
            ..options
        };
        let starts = options.start.alone;
        let next = fake.events.len() as u64;
        let mut driver = Self {
            app: App::new(options),
            fake,
            state,
            effects: Vec::new(),
            next,
            views: BTreeMap::new(),
            marks: Vec::new(),
        };
        // An hour after the first event.
        driver.send(Message::Clock(START + 3_600_000_000_000));
        driver.send(Message::Resize(size.0, size.1));
        if !starts {
            driver.tell_status();
        }
        driver
    }

    fn sample(events: u64, size: (u16, u16)) -> Self {
        Self::new(Fake::sample(events), SourceState::Done, size)
    }

    fn tell_status(&mut self) {
        let status = self.fake.status(self.state.clone());
        self.send(Message::Engine(EngineEvent::Status(Arc::new(status))));
        // Whatever waits for its time has it now.
        if let Some(due) = self.app.deadline() {
            self.send(Message::Clock(due));
        }
    }

    /// Events that come in.
    fn live(&mut self, count: u64) {
        for _ in 0..count {
            self.fake.push(self.next);
            self.next += 1;
        }
        self.fake.generation += 1;
        self.tell_status();
    }

    fn send(&mut self, message: Message) {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in self.app.update(message) {
                match effect {
                    Effect::Ask(ask) => {
                        let answer = self.fake.answer(&ask);
                        messages.push(Message::Engine(EngineEvent::Answer(Box::new(answer))));
                    }
                    Effect::Views(work) => {
                        match work {
                            ViewsWork::List => {}
                            ViewsWork::Save { name, view } => {
                                self.views.insert(name, view);
                            }
                            ViewsWork::Rename { from, to } => {
                                let view = self.views.remove(&from).expect("listed");
                                self.views.insert(to, view);
                            }
                            ViewsWork::Delete { name } => {
                                self.views.remove(&name);
                            }
                        }
                        let saved = |(name, view): (&String, &View)| SavedView {
                            name: name.clone(),
                            view: Ok(view.clone()),
                        };
                        messages.push(Message::Views(self.views.iter().map(saved).collect()));
                    }
                    Effect::Marks(work) => self.marks.push(work),
                    Effect::Load { mut query, purpose } => {
                        let read = |path: &str| match path {
                            "watch.txt" => Ok("user/li.wei\nuser/ci-bot\n".to_owned()),
                            _ => Err("no such file".to_owned()),
                        };
                        let told = |(path, why)| format!("watchlist {path}: {why}");
                        let query = query.load(&mut { read }).map_err(told).map(|()| query);
                        messages.push(Message::Loaded { query, purpose });
                    }
                    other => self.effects.push(format!("{other:?}")),
                }
            }
        }
    }

    /// Keys in the small language of the files.
    fn keys(&mut self, script: &str) {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let named = rest
                .strip_prefix('<')
                .and_then(|rest| rest.split_once('>'))
                .filter(|(name, _)| name.len() > 1);
            if let Some((name, after)) = named {
                rest = after;
                match name.split_once(':') {
                    // Whatever waits for its time has it.
                    None if name == "due" => {
                        if let Some(due) = self.app.deadline() {
                            self.send(Message::Clock(due));
                        }
                    }
                    Some(("live", count)) => self.live(count.parse().expect("a number")),
                    Some(("resize", size)) => {
                        let (width, height) = size_of(size);
                        self.send(Message::Resize(width, height));
                    }
                    _ => self.send(Message::Key(name.parse().expect(name))),
                }
            } else {
                rest = &rest[c.len_utf8()..];
                let key: Key = if c == ' ' {
                    "space".to_owned()
                } else {
                    c.to_string()
                }
                .parse()
                .expect("a key");
                self.send(Message::Key(key));
            }
        }
    }

    fn draw(&self) -> Buffer {
        let theme = Theme::default();
        let look = Look {
            theme: &theme,
            glyphs: Glyphs::unicode(),
        };
        let mut buf = Buffer::empty(Rect::new(0, 0, self.app.size.0, self.app.size.1));
        panes::draw(&self.app, &look, &mut buf);
        buf
    }

    fn screen(&self) -> String {
        lines(&self.draw())
    }

    /// Number of the event under the cursor.
    fn focused(&self) -> Option<u64> {
        self.app.list.focused().map(|row| row.id.0)
    }
}

/// The text of a screen, without blanks at the ends of lines.
fn lines(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            x += (text::width(symbol) as u16).max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn size_of(text: &str) -> (u16, u16) {
    let (width, height) = text.split_once('x').expect("a size");
    (
        width.parse().expect("a width"),
        height.parse().expect("a height"),
    )
}

#[test]
fn screens_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("is there")
        .map(|e| e.expect("readable").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        if let Err(difference) = check(&file) {
            let name = file.file_name().expect("a file").to_string_lossy();
            let _ = writeln!(wrong, "== {name}\n{difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn check(file: &Path) -> Result<(), String> {
    let case = std::fs::read_to_string(file).expect("readable");
    let parts: Vec<&str> = case.split("---\n").collect();
    let (settings, keys, expected, looks, styled) = match parts[..] {
        [settings, keys, expected, looks] => (settings, keys, expected, looks, None),
        [settings, keys, expected, looks, styled] => {
            (settings, keys, expected, looks, Some(styled))
        }
        _ => return Err(format!("has {} parts, not 5", parts.len())),
    };
    let mut driver = start(settings);
    keys.lines().for_each(|line| driver.keys(line));
    let screen = driver.screen();
    let styles = styles(&driver.draw());
    if std::env::var_os("BLESS").is_some() {
        let text = [settings, keys, &screen, looks, &styles].join("---\n");
        std::fs::write(file, text).expect("writable");
        return Ok(());
    }
    if screen != expected {
        let same = screen
            .lines()
            .zip(expected.lines())
            .take_while(|(a, b)| a == b)
            .count();
        return Err(format!(
            "line {} differs; the screen is\n{screen}",
            same + 1
        ));
    }
    // A file without styles does not say how they must be.
    if let Some(styled) = styled
        && styles != styled
    {
        let same = styles
            .lines()
            .zip(styled.lines())
            .take_while(|(a, b)| a == b)
            .count();
        return Err(format!(
            "line {} of the styles differs; they are\n{styles}",
            same + 1
        ));
    }
    let buf = driver.draw();
    looks
        .lines()
        .filter(|line| !line.is_empty())
        .try_for_each(|look| check_look(look, &buf))
}

/// The screen with a letter for the style of each cell, then what each letter stands for.
fn styles(buf: &Buffer) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        for x in 0..buf.area.width {
            let cell = &buf[(x, y)];
            let mut style = String::new();
            for (name, colour) in [("", cell.fg), ("on ", cell.bg)] {
                if colour != Color::Reset {
                    let _ = write!(style, "{name}{colour} ");
                }
            }
            if !cell.modifier.is_empty() {
                let _ = write!(style, "{:?}", cell.modifier);
            }
            line.push(match (style.is_empty(), cell.symbol()) {
                (true, " ") => ' ',
                (true, _) => '.',
                (false, _) => {
                    let style = style.trim_end().to_lowercase();
                    let at = known.iter().position(|other| *other == style);
                    let at = at.unwrap_or_else(|| {
                        known.push(style);
                        known.len() - 1
                    });
                    char::from(b'a' + u8::try_from(at).expect("few styles"))
                }
            });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for (at, style) in known.iter().enumerate() {
        let letter = char::from(b'a' + u8::try_from(at).expect("few styles"));
        let _ = writeln!(out, "{letter} = {style}");
    }
    out
}

fn start(settings: &str) -> Driver {
    let (mut size, mut fake, mut state) = ((80, 24), Fake::sample(200), SourceState::Done);
    let mut options = Options::default();
    for (name, value) in settings
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
    {
        match name {
            "size" => size = size_of(value),
            "events" => fake = Fake::sample(value.parse().expect("a number")),
            "state" => {
                state = match value {
                    "live" => SourceState::Live,
                    "loading" => SourceState::Loading,
                    "done" => SourceState::Done,
                    "paused" => SourceState::Paused,
                    why => match why.strip_prefix("retrying ") {
                        Some(why) => SourceState::Retrying {
                            seconds: 3008,
                            why: why.to_owned(),
                        },
                        None => SourceState::Failed {
                            why: why.to_owned(),
                        },
                    },
                }
            }
            "silent" => fake.silent = value.parse().expect("seconds"),
            "polled" => fake.polled = Some(value.parse().expect("seconds")),
            "gaps" => fake.losses = value.parse().expect("a number"),
            "part" => fake.parts.push(value.to_owned()),
            "let-go" => {
                fake.let_go = LetGo {
                    events: value.parse().expect("a number"),
                    newest: Some(START - 1_000_000_000),
                }
            }
            "gap" => {
                // Events from this one on come five minutes later.
                let from = value.parse::<usize>().expect("a number");
                for event in &mut fake.events[from..] {
                    event.time += 300_000_000_000;
                }
            }
            "mark" => {
                let (event, text) = value.split_once(' ').expect("an event and a text");
                let time = fake.events[event.parse::<usize>().expect("a number")].time;
                fake.marks.push(Mark {
                    time,
                    text: text.to_owned(),
                });
            }
            "defect" => fake.defects.push(Arc::new(Defect {
                kind: DefectKind::Syntax,
                source: "logs/acr_access_log.ndjson".into(),
                line: Some(17),
                offset: 8_210,
                reason: value.to_owned(),
                sample: r#"{"action":}"#.into(),
            })),
            "recent" => {
                let words = value.split(' ').map(str::to_owned).collect();
                options.start.recent.push(words);
                options.start.alone = true;
            }
            "profile" => {
                let (name, source) = value.split_once(' ').expect("a name and a source");
                let profile = (name.to_owned(), source.to_owned());
                options.start.profiles.push(profile);
                options.start.alone = true;
            }
            other => panic!("unknown setting {other}"),
        }
    }
    Driver::with(fake, state, size, options)
}

/// `row:first-last role`: every cell of the run has the looks of the role.
fn check_look(look: &str, buf: &Buffer) -> Result<(), String> {
    let (place, role) = look.split_once(' ').expect("a place and a role");
    let (row, run) = place.split_once(':').expect("a row");
    let (first, last) = run.split_once('-').expect("a run");
    let number = |text: &str| text.parse::<u16>().expect("a number");
    let style =
        Theme::default().style(Role::find(role).unwrap_or_else(|| panic!("no role {role}")));
    assert_ne!(
        style,
        ratatui::style::Style::default(),
        "the looks of {role} cannot be told"
    );
    for x in number(first)..=number(last) {
        let cell = buf[(x, number(row))].style();
        if cell.patch(style) != cell {
            return Err(format!("{look}: column {x} is {cell:?}"));
        }
    }
    Ok(())
}

#[test]
fn view_stands_still_while_events_come_in() {
    let mut driver = Driver::new(Fake::sample(500), SourceState::Live, (120, 36));
    driver.keys("kkkkkkkkk");
    let rows = |screen: &str| {
        screen
            .lines()
            .skip(6)
            .take(12)
            .map(|l| l.chars().skip(31).collect::<String>())
            .collect::<Vec<_>>()
    };
    let before = rows(&driver.screen());
    let focused = driver.focused();
    for _ in 0..30 {
        driver.live(7);
        assert_eq!(driver.focused(), focused);
    }
    assert_eq!(rows(&driver.screen()), before);
    assert!(driver.screen().contains("newer — G or F to follow"));
    driver.keys("G");
    assert_eq!(driver.focused(), Some(709));
    driver.live(1);
    assert_eq!(driver.focused(), Some(710), "following again");
}

#[test]
fn filter_changes_keep_the_event_or_the_nearest_on_the_same_row() {
    let mut driver = Driver::sample(1_000, (120, 36));
    // Far from both ends, where the view would be filled up rather than show empty rows.
    driver.keys("<pageup><pageup><pageup><pageup><pageup><pageup>jjjjjjkk");
    let row = |driver: &Driver| {
        let screen = driver.screen();
        screen
            .lines()
            .skip(6)
            .position(|line| line.chars().nth(31) == Some('▸'))
    };
    let (focused, place) = (driver.focused(), row(&driver));
    assert!(place.is_some());
    driver.keys("+a");
    assert_eq!(
        (driver.focused(), row(&driver)),
        (focused, place),
        "the event passes its own value"
    );
    driver.keys("~");
    assert_eq!(
        (driver.focused(), row(&driver)),
        (focused, place),
        "shown among all"
    );
    driver.keys("~u-a");
    assert_ne!(driver.focused(), focused, "hidden now");
    assert_eq!(row(&driver), place, "the nearest stands where it stood");
    let near = driver.focused().expect("some are left") as i64;
    assert!((near - focused.expect("was one") as i64).abs() < 4);
}

#[test]
fn an_empty_result_says_which_chip_to_drop_and_undo_comes_back_to_the_event() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("kkkk");
    let focused = driver.focused();
    driver.keys("faction:GetBlob<enter>f<ctrl-u>action:GetBlob and tag:v1.3<enter>");
    let screen = driver.screen();
    assert!(screen.contains("0 of 1,000."), "{screen}");
    assert!(screen.contains("drop action:GetBlob → 14"), "{screen}");
    assert!(screen.contains("drop tag:v1.3 → 323"), "{screen}");
    assert!(screen.contains("X clears · u undoes"), "{screen}");
    driver.keys("uu");
    assert_eq!(driver.focused(), focused);
}

#[test]
fn every_event_can_be_reached_by_any_way_of_moving() {
    let mut driver = Driver::sample(3_000, (80, 24));
    driver.keys("g");
    assert_eq!(driver.focused(), Some(0));
    for n in 1..400 {
        driver.keys("j");
        assert_eq!(driver.focused(), Some(n));
    }
    let mut last = 399;
    while last < 2_999 {
        driver.keys("<pagedown>");
        let now = driver.focused().expect("there are events");
        assert!(now > last);
        last = now;
    }
    driver.keys("<ctrl-u>");
    assert!(driver.focused() < Some(2_999));
    driver.keys("G");
    assert_eq!(driver.focused(), Some(2_999));
}

#[test]
fn keys_that_come_before_the_answer_are_not_lost() {
    let mut driver = Driver::sample(3_000, (80, 24));
    driver.keys("g");
    // The answers to these come late and in one piece.
    let mut asks = Vec::new();
    for _ in 0..40 {
        let key = "<pagedown>".parse().expect("a key");
        for effect in driver.app.update(Message::Key(key)) {
            if let Effect::Ask(ask) = effect {
                asks.push(ask);
            }
        }
    }
    for ask in asks {
        let answer = driver.fake.answer(&ask);
        driver.send(Message::Engine(EngineEvent::Answer(Box::new(answer))));
    }
    let room = driver.app.list.room() as u64;
    assert_eq!(driver.focused(), Some(40 * (room / 2) * 2));
}

/// Answers come in parts, the newest events first: an old event is not among those of the first part.
#[test]
fn parts_of_answers_never_move_the_view_and_never_end_a_search() {
    let mut driver = Driver::sample(3_000, (120, 36));
    let late = Fake {
        events: driver.fake.events[2_000..].to_vec(),
        ..Fake::default()
    };
    driver.keys("gjjjj");
    for keys in ["-a", "u", "e", "E"] {
        let mut asks = Vec::new();
        let keys: Vec<Key> = keys
            .chars()
            .map(|c| c.to_string().parse().expect("a key"))
            .collect();
        let effects: Vec<Effect> = keys
            .into_iter()
            .flat_map(|key| driver.app.update(Message::Key(key)))
            .collect();
        asks.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask),
            _ => None,
        }));
        for ask in asks {
            let before = (driver.focused(), driver.app.list.visible().len());
            let part = Answer {
                complete: false,
                ..late.answer(&ask)
            };
            driver.send(Message::Engine(EngineEvent::Answer(Box::new(part))));
            assert_eq!((driver.focused(), driver.app.list.visible().len()), before);
            assert_eq!(driver.app.notice, None);
            let whole = driver.fake.answer(&ask);
            driver.send(Message::Engine(EngineEvent::Answer(Box::new(whole))));
        }
        assert!(
            driver.focused().is_some_and(|event| event < 30),
            "{:?}",
            driver.focused()
        );
    }
}

#[test]
fn numbers_grow_while_a_new_filter_is_answered_and_stay_while_an_old_one_is() {
    let mut driver = Driver::new(Fake::sample(1_000), SourceState::Live, (120, 36));
    let part = |driver: &Driver, ask: &_| {
        let some = Fake {
            events: driver.fake.events[900..].to_vec(),
            ..Fake::default()
        };
        Message::Engine(EngineEvent::Answer(Box::new(Answer {
            complete: false,
            ..some.answer(ask)
        })))
    };
    let asks = |driver: &mut Driver, message: Message| -> Vec<_> {
        let effects = driver.app.update(message).into_iter();
        effects
            .filter_map(|effect| {
                if let Effect::Ask(ask) = effect {
                    Some(ask)
                } else {
                    None
                }
            })
            .collect()
    };
    driver.keys("+");
    for ask in asks(&mut driver, Message::Key("a".parse().expect("a key"))) {
        let first = part(&driver, &ask);
        let _ = driver.app.update(first);
        assert!(
            driver.screen().contains(" ~3 of 100 "),
            "{}",
            driver.screen()
        );
        driver.send(Message::Engine(EngineEvent::Answer(Box::new(
            driver.fake.answer(&ask),
        ))));
    }
    let whole = driver.app.counts;
    driver.fake.push(1_000);
    driver.fake.generation += 1;
    let status = Arc::new(driver.fake.status(SourceState::Live));
    let _ = driver.app.update(Message::Clock(START + 7_200_000_000_000));
    for ask in asks(&mut driver, Message::Engine(EngineEvent::Status(status))) {
        let first = part(&driver, &ask);
        let _ = driver.app.update(first);
        assert_eq!(
            driver.app.counts, whole,
            "what was known stays until all is known anew"
        );
    }
}

#[test]
fn a_source_that_failed_is_seen_at_eighty_columns_and_says_why_where_there_is_nothing() {
    let why = "logs/acr_access_log.ndjson: not an audit log: expected JSON records";
    let state = SourceState::Failed { why: why.into() };
    let driver = Driver::new(Fake::sample(0), state, (80, 24));
    let screen = driver.screen();
    let top = screen.lines().next().unwrap_or_default();
    assert!(top.contains("failed"), "{screen}");
    assert!(screen.contains("not an audit log"), "{screen}");
}

#[test]
fn a_view_that_is_held_is_seen_on_the_narrowest_screen() {
    let mut driver = Driver::new(Fake::sample(500), SourceState::Live, (60, 15));
    driver.keys("kkk");
    driver.live(7);
    let top = driver
        .screen()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    assert!(top.contains("held"), "{top}");
}

#[test]
fn help_is_never_cut_at_eighty_columns() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("?");
    let mut seen = String::new();
    for _ in 0..30 {
        let screen = driver.screen();
        seen.push_str(&screen);
        let help: Vec<&str> = screen.lines().skip(1).take(21).collect();
        assert!(!help.iter().any(|line| line.contains("… │")), "{screen}");
        driver.keys("<pagedown>");
    }
    // To its end: the signs, then the language, with what is ours and not the service's.
    for text in [
        "Signs",
        "different values",
        "exact, where",
        "request method",
    ] {
        assert!(seen.contains(text), "{text}");
    }
}

#[test]
fn unbound_keys_say_so_once() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("x");
    assert!(driver.screen().contains("x: not bound — ? for help"));
    driver.keys("j");
    assert!(!driver.screen().contains("not bound"));
}

#[test]
fn escape_closes_and_never_quits() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("4<esc>?<esc>:<esc>f<esc>+<esc><enter><esc><esc><esc><esc>");
    assert!(driver.effects.is_empty(), "{:?}", driver.effects);
    assert_eq!(driver.app.focus, PaneId::List);
    driver.keys("<ctrl-c>");
    assert!(driver.effects.is_empty());
    driver.keys("<ctrl-c>");
    assert_eq!(driver.effects, ["Quit"]);
}

#[test]
fn what_a_log_says_is_never_obeyed_by_the_terminal() {
    let mut driver = Driver::sample(10, (120, 36));
    driver.keys("gjjj<tab>");
    for _ in 0..3 {
        driver.keys("jjjjjjjjjjjjjjjjjjjjjjjjjjjj");
        let screen = driver.screen();
        assert!(
            !screen
                .chars()
                .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{screen:?}"
        );
        driver.keys("r");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_size_and_no_keys_make_drawing_panic(
        width in 1u16..400,
        height in 1u16..120,
        other in (1u16..130, 1u16..40),
        keys in prop::collection::vec(prop::sample::select(vec![
            "j", "k", "g", "G", "<pageup>", "<ctrl-d>", "<tab>", "<shift-tab>", "<enter>", "<esc>", "<space>", "1", "4", "6",
            "H", "v", "b", "+", "-", "*", "u", "a", "<ctrl-r>", "~", "X", "f", "t", "z", "Z", "<", ">", "T", "F", "p", "?", ":",
            "R", "S", "O", "/", "s", "c", "h", "l", "r", "i", "J", "K", "e", "E", "n", "<live:3>", "测", "\"",
        ]), 0..40),
    ) {
        let mut driver = Driver::new(Fake::sample(120), SourceState::Live, (width, height));
        driver.draw();
        for (at, key) in keys.iter().enumerate() {
            driver.keys(key);
            if at % 7 == 6 {
                driver.send(Message::Resize(other.0, other.1));
            }
            driver.draw();
        }
    }
}

#[test]
fn absurd_sizes_are_drawn() {
    for (width, height) in [
        (1, 1),
        (1, 120),
        (400, 1),
        (60, 15),
        (59, 15),
        (60, 14),
        (400, 120),
        (61, 16),
        (160, 15),
    ] {
        let mut driver = Driver::sample(100, (width, height));
        for keys in ["", "4", "<tab>", "H", "O", "?", ":", "f"] {
            driver.keys(keys);
            driver.draw();
        }
    }
    assert!(
        Driver::sample(10, (48, 12))
            .screen()
            .contains("Needs 60×15, have 48×12")
    );
}

#[test]
fn a_view_is_copied_in_three_dialects() {
    let mut driver = Driver::sample(200, (120, 36));
    driver.keys("fstatus>=400<enter>+uYcYsYj");
    let copied = driver.effects.join("\n");
    for part in [
        "regtrail --tz=Asia/Shanghai --filter='status>=400' --user=user/",
        "the SLS query without http_response_status >= 400",
        "jq -c ",
        "the jq filter without user == ",
    ] {
        assert!(copied.contains(part), "{part} in {copied}");
    }
}

#[test]
fn marks_are_set_listed_and_walked() {
    let mut driver = Driver::sample(1_000, (80, 24));
    driver.keys("gjjmjjjmG]m");
    assert!(driver.screen().contains("no further mark that way"));
    driver.keys("[m");
    assert_eq!(driver.focused(), Some(5));
    driver.keys("[m");
    assert_eq!(driver.focused(), Some(2));
    driver.keys("mGM<enter>");
    assert_eq!(driver.focused(), Some(5), "the only one that is left");
}

#[test]
fn views_are_saved_opened_renamed_and_deleted_by_keys() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("+aVsone<enter>XfDeleteTag<enter>Vstwo<enter>");
    assert_eq!(driver.views.len(), 2);
    driver.keys("V<enter>");
    let screen = driver.screen();
    assert!(screen.contains("FILTER  action:DeleteTag "), "{screen}");
    driver.keys("u");
    assert!(driver.screen().contains("FILTER  DeleteTag"), "undone");
    driver.keys("Vjr<ctrl-u>three<enter>");
    assert!(driver.views.contains_key("three") && !driver.views.contains_key("two"));
    driver.keys("gdjd");
    assert_eq!(driver.views.len(), 2, "another view in between");
    driver.keys("d");
    assert_eq!(driver.views.len(), 1);
}

#[test]
fn context_shows_the_neighbours_and_leads_back_to_the_very_place() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("fDeleteTag<enter>kkkkk");
    let (before, focused) = (driver.screen(), driver.focused());
    driver.keys("o");
    assert_eq!(driver.focused(), focused);
    assert_eq!(driver.app.counts.matched, 1_000, "nothing is filtered");
    for whose in ["user ", "repository ", "address ", "all events"] {
        driver.keys("jjo");
        assert!(
            driver.screen().contains(&format!("  {whose}")),
            "{}",
            driver.screen()
        );
        assert_eq!(driver.focused(), focused, "the event it is about");
    }
    driver.keys("gG<esc>");
    assert_eq!((driver.screen(), driver.focused()), (before, focused));
    driver.keys("<esc>");
    assert!(driver.screen().contains("q quits"), "one esc is enough");
}

#[test]
fn context_of_the_newest_event_follows_again_when_it_is_left() {
    let mut driver = Driver::new(Fake::sample(100), SourceState::Live, (80, 24));
    driver.keys("o");
    driver.live(5);
    assert_eq!(driver.focused(), Some(99));
    driver.keys("<esc>");
    assert!(driver.app.list.is_following());
    assert_eq!(driver.focused(), Some(104));
}

#[test]
fn a_pick_in_a_context_refines_the_filter_and_ends_it() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("+aokk+u");
    assert!(driver.app.context.is_none());
    assert_eq!(driver.app.filters.current().picks.len(), 2);
    driver.keys("uo~");
    assert!(driver.app.context.is_none() && !driver.app.filters.is_bypassed());
}

#[test]
fn notes_mark_events_and_are_remembered_by_request_id() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjjiwho is this?<enter>");
    let Some(MarksWork::Put(marked)) = driver.marks.last().cloned() else {
        panic!("{:?}", driver.marks)
    };
    assert_eq!(marked.note, "who is this?");
    assert_eq!(marked.request, "718e09d1-aab5-4c1e-9f00-000000000002");
    // Another session on another copy of the log.
    let mut fake = Fake::sample(300);
    for event in &mut fake.events {
        event.id.0 += 7_000;
    }
    let options = Options {
        marks: vec![marked],
        ..Options::default()
    };
    let mut driver = Driver::with(fake, SourceState::Done, (120, 36), options);
    driver.keys("M<enter>");
    assert_eq!(driver.focused(), Some(7_002));
    driver.keys("i?<esc>Mi<backspace>!<enter><esc>");
    assert!(matches!(driver.marks.last(), Some(MarksWork::Put(m)) if m.note == "who is this!"));
    driver.keys("MyMeMvM<esc>");
    let copied = driver.effects.join("\n");
    assert_eq!(copied.matches("who is this!").count(), 3, "{copied}");
    driver.keys("Mm");
    assert!(matches!(driver.marks.last(), Some(MarksWork::Drop(_))));
}

#[test]
fn a_mark_that_the_filter_hides_is_not_confused_with_another_event() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjjmG+uM<enter>");
    let hidden = driver.focused() != Some(2);
    assert!(
        hidden && driver.screen().contains("that event is not shown"),
        "{}",
        driver.screen()
    );
}

#[test]
fn a_verb_and_a_full_stop_act_on_any_field() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+.netw<enter>");
    assert_eq!(
        &*driver.app.filters.current().picks[0].field,
        "network_type"
    );
    driver.keys("*.<esc>");
    assert!(driver.app.overlay.is_none());
    driver.keys("#.client<enter>");
    assert!(driver.screen().contains("CLIENT"), "{}", driver.screen());
    driver.keys("<esc>:event.copy<enter>digest<enter>");
    assert!(
        driver.screen().contains("missing in this event"),
        "{}",
        driver.screen()
    );
}

#[test]
fn jumps_stop_where_a_field_or_the_day_changes() {
    let mut driver = Driver::sample(20_000, (80, 24));
    driver.keys("g");
    let user = |driver: &Driver| driver.app.detail.detail().map(|_| ());
    assert!(user(&driver).is_some() || driver.focused() == Some(0));
    driver.keys("]i");
    let at = driver.focused().expect("an event");
    let instance = |n: u64| driver.fake.events[n as usize].fields["instance_id"].clone();
    assert!((0..at).all(|n| instance(n) == instance(0)) && instance(at) != instance(0));
    driver.keys("[i");
    assert_eq!(driver.focused(), Some(at - 1));
    driver.keys("g]l");
    // Midnight in Shanghai is eight hours after the first event.
    assert_eq!(driver.focused(), Some(4_115));
    driver.keys("jjj[l");
    assert_eq!(driver.focused(), Some(4_115));
    driver.keys("[l");
    assert_eq!(driver.focused(), Some(0));
    driver.keys("G]l");
    assert!(driver.screen().contains("no later day"));
}

#[test]
fn two_events_are_compared_by_what_differs() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjmjj=");
    let screen = driver.screen();
    assert!(
        screen.contains("differences") && !screen.contains("network_type "),
        "{screen}"
    );
    driver.keys("a");
    assert!(
        driver.screen().contains("─ COMPARE ─"),
        "{}",
        driver.screen()
    );
    driver.keys("<esc>jmMcjc");
    assert!(
        driver.screen().contains("differences"),
        "{}",
        driver.screen()
    );
}

#[test]
fn the_start_screen_opens_what_is_chosen_and_is_not_left_by_escape() {
    let options = || {
        let mut options = Options::default();
        options.start.alone = true;
        options.start.recent = vec![vec!["/a.log".into(), "/b c.log".into()]];
        options.start.profiles = vec![("prod".into(), "sls://1@cn-hangzhou".into())];
        options
    };
    let driver = || Driver::with(Fake::sample(5), SourceState::Done, (80, 24), options());
    for (keys, opened) in [
        ("<enter>", r#"Sources(["/a.log", "/b c.log"])"#),
        ("2", r#"Sources(["@prod"])"#),
        ("j<enter>", r#"Sources(["@prod"])"#),
        ("G<enter>", "Demo"),
        ("d", "Demo"),
        ("o/c.log<enter>", r#"Sources(["/c.log"])"#),
        ("jj<enter><esc>d", "Demo"),
    ] {
        let mut driver = driver();
        driver.keys("<esc>?<esc>");
        driver.keys(keys);
        assert_eq!(driver.effects, [format!("Open({opened})")], "{keys}");
        assert!(
            driver.screen().contains("OPENED LAST"),
            "{}",
            driver.screen()
        );
        driver.send(Message::Opened(Err("no such file".into())));
        assert!(driver.screen().contains("no such file"));
        driver.send(Message::Opened(Ok(vec![
            "regtrail".into(),
            "/a.log".into(),
        ])));
        driver.tell_status();
        assert!(driver.app.overlay.is_none() && driver.screen().contains("5 events"));
    }
}

#[test]
fn columns_are_picked_moved_and_widened_and_remembered() {
    let mut driver = Driver::sample(300, (120, 36));
    let heading = |driver: &Driver| {
        let screen = driver.screen();
        screen
            .lines()
            .find(|line| line.contains("TIME"))
            .unwrap_or_default()
            .to_owned()
    };
    driver.keys("cjJ<space>G<space><esc>");
    let titles = heading(&driver);
    assert!(
        titles
            .find("ST ")
            .is_some_and(|at| at > titles.find("USER").unwrap_or(0))
            || titles.contains("ST"),
        "{titles}"
    );
    assert!(!titles.contains("ACTION"), "{titles}");
    let remembered = driver
        .effects
        .iter()
        .filter(|effect| effect.starts_with("Columns { class: 1"))
        .count();
    assert_eq!(remembered, 3, "{:?}", driver.effects);
    driver.keys("cr+++<esc>");
    assert_eq!(driver.app.list.columns().shown()[0].given, Some(18));
    driver.keys("<resize:80x24>");
    assert_eq!(
        driver.app.list.columns().shown()[0].given,
        None,
        "another size, other columns"
    );
    driver.keys("<resize:120x36>");
    assert_eq!(driver.app.list.columns().shown()[0].given, Some(18));
}

#[test]
fn scrolled_columns_stay_scrolled_as_events_come_in() {
    let mut driver = Driver::new(Fake::sample(200), SourceState::Live, (80, 24));
    driver.keys("lll");
    let titles = driver.screen().lines().nth(3).map(str::to_owned);
    driver.live(20);
    driver.keys("kj<pageup>G");
    assert_eq!(driver.screen().lines().nth(3).map(str::to_owned), titles);
}

#[test]
fn the_list_is_sorted_by_any_field_and_goes_back_to_time() {
    let mut driver = Driver::sample(500, (120, 36));
    let status = |driver: &Driver| {
        let row = driver.app.list.focused().expect("an event");
        driver
            .app
            .list
            .columns()
            .value(row, "http_response_status")
            .map(str::to_owned)
    };
    driver.keys("kkss");
    assert_eq!(status(&driver).as_deref(), Some("200"));
    driver.keys("s-");
    assert_eq!(status(&driver).as_deref(), Some("500"));
    assert!(driver.screen().contains("largest first") && driver.screen().contains("ST↓"));
    driver.keys("G");
    assert_eq!(status(&driver).as_deref(), Some("200"));
    let focused = driver.focused();
    driver.keys("ks<enter>k");
    assert!(driver.app.sort.is_none() && focused.is_some());
    assert_eq!(
        driver.app.list.focused().and_then(|row| row.time),
        driver
            .fake
            .events
            .get(driver.focused().expect("an event") as usize)
            .map(|event| event.time)
    );
    driver.keys("s.networ<enter>");
    assert!(
        driver.screen().contains("sorted by network"),
        "{}",
        driver.screen()
    );
    driver.keys("s-");
    assert!(driver.screen().contains("sorted by network, largest first"));
}

#[test]
fn a_long_tag_leaves_something_of_the_repository() {
    let mut fake = Fake::sample(40);
    let tag = "release-2026.08.01-with-a-very-long-name-0b5af3a";
    fake.events[39].fields.insert("tag".into(), tag.into());
    let driver = Driver::new(fake, SourceState::Done, (80, 24));
    let screen = driver.screen();
    let line = screen
        .lines()
        .find(|line| line.starts_with('▸') && line.contains("0b5af3a"));
    assert!(
        line.is_some_and(|line| line.contains("…") && line.contains(":rel")),
        "{screen}"
    );
}

#[test]
fn undo_covers_tables_of_groups_views_and_columns() {
    let mut driver = Driver::sample(400, (120, 36));
    driver.keys("+a#u#s");
    assert!(driver.screen().contains("GROUP user × status"));
    driver.keys("<enter>");
    assert_eq!(driver.app.filters.current().picks.len(), 3);
    driver.keys("u");
    assert!(
        driver.screen().contains("GROUP user × status"),
        "undo of the way in"
    );
    assert_eq!(driver.app.filters.current().picks.len(), 1);
    driver.keys("u");
    assert!(
        driver.screen().contains("GROUP user  "),
        "undo of the second field"
    );
    driver.keys("u");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().picks.len() == 1);
    driver.keys("<ctrl-r><ctrl-r><ctrl-r>");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().picks.len() == 3);
    // A table that was only looked at is no step.
    driver.keys("#a<esc>u");
    assert!(driver.screen().contains("GROUP user × status"));
    driver.keys("<esc>u");
    assert!(driver.app.filters.current().is_all());
    driver.keys("C<ctrl-u>ip<enter>5xVsnarrow<enter>");
    let (columns, facets) = (
        driver.app.list.columns().len(),
        driver.app.facets.facets.len(),
    );
    driver.keys("uu");
    assert!(driver.app.list.columns().len() > columns && driver.app.facets.facets.len() > facets);
    driver.keys("V<enter>");
    assert_eq!(driver.app.list.columns().len(), columns);
    assert_eq!(driver.app.facets.facets.len(), facets);
    driver.keys("u");
    assert!(driver.app.list.columns().len() > columns && driver.app.facets.facets.len() > facets);
}

#[test]
fn gaps_are_gone_to_wherever_they_are() {
    let mut fake = Fake::sample(6_000);
    for from in [1_000, 5_000] {
        for event in &mut fake.events[from..] {
            event.time += 900_000_000_000;
        }
    }
    let mut driver = Driver::new(fake, SourceState::Done, (80, 24));
    driver.keys("[z");
    assert!(
        driver
            .focused()
            .is_some_and(|event| (5_000..5_003).contains(&event))
    );
    // Each of the two instances had its own pauses.
    driver.keys("[z[z");
    assert!(
        driver
            .focused()
            .is_some_and(|event| (1_000..1_003).contains(&event))
    );
    let both = driver.focused();
    driver.keys("g]z");
    assert!(driver.focused() <= both && driver.focused() >= Some(1_000));
    driver.keys("G]z");
    assert!(driver.screen().contains("no pause that way"));
}
