//! Start screen: sources to open, and ways to get logs from Simple Log Service. Shown if no source is given, and by
//! `start.show` at any time.

use std::ffi::OsString;

use ratatui::buffer::Buffer;

use super::{Panel, Scene, Spec};
use crate::query::shell;
use crate::theme::Role;
use crate::widgets::{Area, Canvas, ListCursor, Look, text};

/// Content of the start screen; constant while it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Arguments of recently opened sources, newest first.
    pub recent: Vec<Vec<OsString>>,
    /// Names of profiles with their sources.
    pub profiles: Vec<(String, String)>,
    /// No source is open, so there is nothing below the start screen.
    pub alone: bool,
}

/// Open start screen; its content is in [`Start`].
#[derive(Clone, Copy, Debug, Default)]
pub struct StartScreen {
    pub cursor: ListCursor,
}

/// Source to open from the start screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Sources, as arguments of the command line.
    Sources(Vec<OsString>),
    /// Synthetic traffic.
    Demo,
}

/// Selectable line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Open(Wanted),
    /// Prompt for a source.
    Type,
}

impl Start {
    /// All choices, in display order.
    pub fn choices(&self) -> Vec<Choice> {
        let sources = |words: Vec<OsString>| Choice::Open(Wanted::Sources(words));
        let recent = self.recent.iter().cloned().map(sources);
        let profile = |(name, _): &(String, String)| sources(vec![format!("@{name}").into()]);
        recent
            .chain(self.profiles.iter().map(profile))
            .chain([Choice::Type, Choice::Open(Wanted::Demo)])
            .collect()
    }

    /// Name and description of a choice.
    fn says(&self, at: usize) -> (String, String) {
        if let Some(words) = self.recent.get(at) {
            return (shell(words), String::new());
        }
        let at = at - self.recent.len();
        if let Some((name, source)) = self.profiles.get(at) {
            return (format!("@{name}"), source.clone());
        }
        let (name, what) = match at - self.profiles.len() {
            0 => (
                "Open a source",
                "file, directory, pattern, sls://… or https://…",
            ),
            _ => ("Demo", "synthetic registry traffic with an incident"),
        };
        (name.to_owned(), what.to_owned())
    }
}

/// Ways to get logs.
const WAYS: &[(&str, &[&str])] = &[
    (
        "Direct",
        &[
            "regtrail sls://UID@REGION",
            "regtrail doctor sls://UID@REGION   checks access",
        ],
    ),
    (
        "Console",
        &["open logstore acr_access_log, search, then Download Log as JSON"],
    ),
    (
        "Command line",
        &[
            "aliyunlog log pull_log_dump --logstore_name=acr_access_log",
            "    --project_name=aliyun-product-data-UID-REGION",
            "    --from_time=… --to_time=… --file_path='dump_{}.ndjson'",
        ],
    ),
    ("Pipe", &["ssh build-host cat audit.ndjson | regtrail"]),
];

impl Panel for StartScreen {
    fn spec(&self) -> Spec {
        Spec {
            title: "START",
            scopes: &["start", "overlay", "global"],
            hints: &[
                ("start.open", "open"),
                ("up down", "choose"),
                ("source.open", "open a source"),
                ("start.demo", "demo"),
                ("app.help", "help"),
                ("app.quit-now", "quit"),
            ],
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.start.choices().len();
        Some((&mut self.cursor, places))
    }

    /// Draws over all rows between the header and the status line.
    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let cursor = self.cursor.at;
        let (width, height) = (buf.area.width, buf.area.height);
        let mut whole = Canvas::whole(buf, look);
        let mut canvas = whole.part(Area {
            x: 0,
            y: 1,
            width,
            height: height.saturating_sub(2),
        });
        canvas.clear();
        let lines = lines(scene, cursor);
        let at = lines
            .iter()
            .position(|line| matches!(line, Line::Choice(index) if *index == cursor))
            .unwrap_or(0);
        // On a low screen, scroll only as far as needed to show the choice under the cursor.
        let room = usize::from(canvas.height());
        let top = (at + 2).saturating_sub(room);
        let margin = if width >= 100 { 4 } else { 2 };
        for (y, line) in (0..canvas.height()).zip(lines.iter().skip(top)) {
            match line {
                Line::Blank => {}
                Line::Text(text, role) => {
                    canvas.text(margin, y, text, *role);
                }
                Line::Title(title) => {
                    let end = canvas.text(margin, y, title, Role::Title);
                    let hline = canvas.glyphs().hline;
                    canvas.rule(end + 1, y, width.saturating_sub(margin), hline, Role::Dim);
                }
                Line::Way(name, way) => {
                    canvas.text(margin + 2, y, name, Role::FieldName);
                    canvas.text(margin + 15, y, way, Role::Text);
                }
                Line::Choice(index) => {
                    choice(scene, *index, *index == cursor, margin, y, &mut canvas);
                }
            }
        }
        None
    }
}

fn choice(
    scene: &Scene<'_>,
    index: usize,
    focused: bool,
    margin: u16,
    y: u16,
    canvas: &mut Canvas<'_>,
) {
    let (name, what) = scene.start.says(index);
    let key = keys(scene, index);
    let width = canvas.width();
    canvas.text(margin + 2, y, &key, Role::HintKey);
    let column = if what.is_empty() {
        usize::from(width)
    } else {
        24
    };
    let room = usize::from(width.saturating_sub(2 * margin + 5)).min(column);
    canvas.text(margin + 5, y, &text::clip_middle(&name, room), Role::Text);
    if !what.is_empty() {
        let room = usize::from(width.saturating_sub(margin + 30));
        let what = if what.contains(' ') {
            text::clip(&what, room)
        } else {
            text::clip_middle(&what, room)
        };
        canvas.text(margin + 30, y, &what, Role::Dim);
    }
    if focused {
        canvas.text(margin, y, canvas.glyphs().cursor, Role::Text);
        canvas.tint(margin, y, width.saturating_sub(2 * margin), Role::Cursor);
    }
}

/// Key that selects a choice directly.
fn keys(scene: &Scene<'_>, index: usize) -> String {
    let start = &scene.start;
    let named = start.recent.len() + start.profiles.len();
    let command = match index.checked_sub(named) {
        None => format!("start.pick {}", index + 1),
        Some(0) => "source.open".to_owned(),
        Some(_) => "start.demo".to_owned(),
    };
    let keys = scene.keymap.keys_for(&command, &["start"]);
    keys.into_iter().next().unwrap_or_default()
}

enum Line {
    Blank,
    Text(&'static str, Role),
    Title(&'static str),
    Choice(usize),
    Way(&'static str, &'static str),
}

fn lines(scene: &Scene<'_>, cursor: usize) -> Vec<Line> {
    let (recent, profiles) = (scene.start.recent.len(), scene.start.profiles.len());
    let mut lines = vec![
        Line::Blank,
        Line::Text(
            "Explore container registry audit logs in the terminal:",
            Role::Text,
        ),
        Line::Text(
            "who pulled, pushed or deleted which image, from where, with what result.",
            Role::Text,
        ),
        Line::Blank,
    ];
    for (title, from, count) in [("RECENT", 0, recent), ("PROFILES", recent, profiles)] {
        if count > 0 {
            lines.push(Line::Title(title));
            lines.extend((from..from + count).map(Line::Choice));
            lines.push(Line::Blank);
        }
    }
    lines.push(Line::Title("OPEN"));
    lines.extend((recent + profiles..recent + profiles + 2).map(Line::Choice));
    lines.push(Line::Blank);
    lines.push(Line::Title("GET LOGS FROM SIMPLE LOG SERVICE"));
    for (name, ways) in WAYS {
        for (at, way) in ways.iter().enumerate() {
            lines.push(Line::Way(if at == 0 { name } else { "" }, way));
        }
    }
    debug_assert!(cursor < recent + profiles + 2);
    lines
}
