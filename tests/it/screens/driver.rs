//! The explorer on an engine of a few made-up events, driven by keys in the small language of the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use regtrail::app::tour::Tour;
use regtrail::app::{App, Effect, Message, Options, Pointer};
use regtrail::config::{MarksWork, SavedView, View, ViewsWork};
use regtrail::engine::{Answer, Ask, EngineEvent, SourceState, WriteStep, Writing};
use regtrail::index::Evicted;
use regtrail::keymap::Key;
use regtrail::model::time::{Nanos, SECOND};
use regtrail::model::zone::Zone;
use regtrail::model::{Defect, DefectKind, Mark};
use regtrail::overlays::About;
use regtrail::theme::Theme;
use regtrail::views;
use regtrail::widgets::{Glyphs, Look, text};

use crate::fake::{Fake, START};

/// An explorer on the fake engine.
pub(super) struct Driver {
    pub(super) app: App,
    pub(super) fake: Fake,
    pub(super) state: SourceState,
    /// What was asked of the terminal, as text.
    pub(super) effects: Vec<String>,
    /// Number of the next event that comes in.
    pub(super) next: u64,
    pub(super) views: BTreeMap<String, View>,
    /// What was to be remembered of marks.
    pub(super) marks: Vec<MarksWork>,
    pub(super) theme: Theme,
    pub(super) ascii: bool,
    /// Answers look at so many segments of so many, and no further.
    pub(super) slow: Option<(usize, usize)>,
}

impl Driver {
    pub(super) fn new(fake: Fake, state: SourceState, size: (u16, u16)) -> Self {
        Self::with(fake, state, size, Options::default())
    }

    pub(super) fn with(fake: Fake, state: SourceState, size: (u16, u16), options: Options) -> Self {
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
            theme: Theme::default(),
            ascii: false,
            slow: None,
        };
        // An hour after the first event.
        driver.send(Message::Clock(START + 3_600_000_000_000));
        driver.send(Message::Resize(size.0, size.1));
        if !starts {
            driver.tell_status();
        }
        driver
    }

    pub(super) fn sample(events: u64, size: (u16, u16)) -> Self {
        Self::new(Fake::sample(events), SourceState::Done, size)
    }

    pub(super) fn tell_status(&mut self) {
        let status = self.fake.status(self.state.clone());
        self.send(Message::Engine(EngineEvent::Status(Arc::new(status))));
        // Whatever waits for its time has it now: the list, and then facets and histogram, but not the next second.
        let soon = self.app.clock.now + 3 * SECOND / 4;
        if let Some(due) = self.app.deadline() {
            self.send(Message::Clock(due));
        }
        if let Some(due) = self.app.deadline().filter(|due| *due < soon) {
            self.send(Message::Clock(due));
        }
    }

    /// Events that come in.
    pub(super) fn live(&mut self, count: u64) {
        for _ in 0..count {
            self.fake.push(self.next);
            self.next += 1;
        }
        self.fake.generation += 1;
        self.tell_status();
    }

    pub(super) fn send(&mut self, message: Message) {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in regtrail::input::update(&mut self.app, message) {
                match effect {
                    Effect::Ask(ask) => {
                        let mut answer = self.fake.answer(&ask);
                        if let Some(looked_at) = self.slow {
                            answer.looked_at = looked_at;
                            answer.complete = false;
                        }
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
                        let reported = |error: regtrail::query::WatchlistError| error.to_string();
                        let query = query.load(&mut { read }).map_err(reported).map(|()| query);
                        messages.push(Message::Loaded { query, purpose });
                    }
                    other => self.effects.push(format!("{other:?}")),
                }
            }
        }
    }

    /// Keys in the small language of the files.
    pub(super) fn keys(&mut self, script: &str) {
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
                    // From here on the engine gets no further; `due` lets so much time pass that it is slow.
                    Some(("slow", looked_at)) => {
                        let (done, all) = looked_at.split_once('/').expect("a part of all");
                        let number = |text: &str| text.parse().expect("a number");
                        self.slow = Some((number(done), number(all)));
                    }
                    // News of the file that is being written.
                    Some(("file", news)) => self.file(news),
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

    /// News of the first file that is written: `begun`, `exists`, so many per cent, or `written`.
    pub(super) fn file(&mut self, news: &str) {
        let step = match news {
            "begun" => WriteStep::Begun,
            "exists" => WriteStep::Exists(12_345),
            "stopped" => WriteStep::Stopped,
            "written" => WriteStep::Written {
                events: 1_204,
                bytes: 345_678,
                missing: 0,
            },
            percent => WriteStep::Done(percent.parse().expect("per cent")),
        };
        let news = Writing { id: 1, step };
        self.send(Message::Engine(EngineEvent::Writing(news)));
    }

    /// What one message asks the engine, unanswered.
    pub(super) fn asks(&mut self, message: Message) -> Vec<Ask> {
        let effects = regtrail::input::update(&mut self.app, message).into_iter();
        let ask = |effect| match effect {
            Effect::Ask(ask) => Some(*ask),
            _ => None,
        };
        effects.filter_map(ask).collect()
    }

    /// Presses keys the last of which asks something that is not answered yet. Gives the newest question.
    pub(super) fn ask(&mut self, script: &str, last: &str) -> Ask {
        self.keys(script);
        let key = Message::Key(last.parse().expect("a key"));
        self.asks(key).pop().expect("a question")
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, time: Nanos) {
        self.send(Message::Clock(self.app.clock.now + time));
    }

    /// Answers a question, in part where only some segments of all were looked at.
    pub(super) fn answer(&mut self, ask: &Ask, looked_at: (usize, usize)) {
        let answer = Answer {
            complete: looked_at.0 == looked_at.1,
            looked_at,
            ..self.fake.answer(ask)
        };
        self.send(Message::Engine(EngineEvent::Answer(Box::new(answer))));
    }

    /// The first button pressed at one cell and let go at another.
    pub(super) fn drag(&mut self, from: (u16, u16), to: (u16, u16)) {
        self.send(Message::Pointer(Pointer::Down, from.0, from.1));
        if from != to {
            self.send(Message::Pointer(Pointer::Drag, to.0, to.1));
        }
        self.send(Message::Pointer(Pointer::Up, to.0, to.1));
    }

    /// The cell where a text begins on the screen, the `nth` time from 0.
    pub(super) fn place(&self, text: &str, nth: usize) -> (u16, u16) {
        let screen = self.screen();
        let mut found = screen.lines().enumerate().filter_map(|(y, line)| {
            let at = line.find(text)?;
            Some((text::width(&line[..at]) as u16, y as u16))
        });
        let place = found.nth(nth);
        place.unwrap_or_else(|| panic!("no {text} on\n{screen}"))
    }

    pub(super) fn draw(&self) -> Buffer {
        let look = Look {
            theme: &self.theme,
            glyphs: if self.ascii {
                Glyphs::ascii()
            } else {
                Glyphs::unicode()
            },
        };
        let mut buf = Buffer::empty(Rect::new(
            0,
            0,
            self.app.screen.size.0,
            self.app.screen.size.1,
        ));
        views::draw(&self.app, &look, &mut buf);
        if self.ascii {
            Glyphs::asciify(&mut buf);
        }
        buf
    }

    /// The top line of the screen.
    pub(super) fn top(&self) -> String {
        self.screen().lines().next().unwrap_or_default().to_owned()
    }

    pub(super) fn screen(&self) -> String {
        lines(&self.draw())
    }

    /// Number of the event under the cursor.
    pub(super) fn focused(&self) -> Option<u64> {
        self.app.panes.list.focused().map(|row| row.id.0)
    }
}

/// The text of a screen, without blanks at the ends of lines.
pub(super) fn lines(buf: &Buffer) -> String {
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

pub(super) fn size_of(text: &str) -> (u16, u16) {
    let (width, height) = text.split_once('x').expect("a size");
    (
        width.parse().expect("a width"),
        height.parse().expect("a height"),
    )
}

pub(super) fn start(settings: &str) -> Driver {
    let (mut size, mut fake, mut state) = ((80, 24), Fake::sample(200), SourceState::Done);
    let mut options = Options::default();
    let (mut theme, mut ascii) = (Theme::default(), false);
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
                    "stopped" => SourceState::Stopped,
                    "connecting" => SourceState::Connecting,
                    "deleted" => SourceState::Missing {
                        why: "deleted".into(),
                    },
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
            "news" => fake = super::news::with_news(),
            "versions" => fake = super::lineage::with_versions(),
            "theme" => theme = Theme::builtin(value).expect("a theme"),
            "build" => {
                let file = |name, file| (name, format!("/home/me/{file}"));
                let files = vec![
                    file("configuration", ".config/regtrail/config.toml"),
                    file("state", ".local/state/regtrail"),
                ];
                options.about = About::of("1.2.3", value, files);
            }
            "ascii" => ascii = value == "yes",
            "name" => fake.name = value.into(),
            "demo" => options.tour = Tour::new(value == "yes", false),
            "silent" => fake.silent = value.parse().expect("seconds"),
            "polled" => fake.polled = Some(value.parse().expect("seconds")),
            "gaps" => fake.losses = value.parse().expect("a number"),
            "part" => fake.parts.push(value.to_owned()),
            "let-go" => {
                fake.evicted = Evicted {
                    events: value.parse().expect("a number"),
                    printed: 0,
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
                let words = value.split(' ').map(Into::into).collect();
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
    Driver {
        theme,
        ascii,
        ..Driver::with(fake, state, size, options)
    }
}
