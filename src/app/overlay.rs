//! The overlay on top: opening and closing it, moving in it, and what it sees of the rest.

use super::App;
use super::layout::PaneId;
use crate::overlays::{
    FieldPicker, MarkList, Overlay, Palette, Prompt, PromptKind, Scene, StartScreen,
};
use crate::widgets::Travel;

impl App {
    /// Opens an overlay and asks for what it shows.
    pub fn open(&mut self, overlay: impl Into<Overlay>) {
        let overlay = overlay.into();
        self.need(overlay.panel().topics());
        self.overlay = Some(overlay);
    }

    /// Opens what lay below the one that was on top, and asks for what it has missed meanwhile.
    pub fn uncover(&mut self, below: Option<Box<Overlay>>) {
        self.overlay = below.map(|below| *below);
        if self.overlay.is_some() {
            self.need(self.over());
        }
    }

    /// Scopes of the key map that hold, inner before outer.
    pub fn scopes(&self) -> Vec<&'static str> {
        match &self.overlay {
            Some(overlay) => overlay.panel().spec().scopes.to_vec(),
            None if self.screen.focus == PaneId::List && self.panes.list.selected().is_some() => {
                vec!["selection", "list", "global"]
            }
            None => vec![self.screen.focus.scope(), "global"],
        }
    }

    /// What overlays see of the explorer.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            size: self.screen.size,
            clock: self.clock.now,
            zone: self.clock.zone,
            status: &self.status,
            filter: self.filters.current(),
            matched: self.results.counts.matched,
            provisional: self.is_provisional(),
            names: &self.session.names,
            keymap: &self.keyboard.keymap,
            list: &self.panes.list,
            list_width: self.screen.layout().list.unwrap_or_default().width,
            sort: self.view.sort.as_ref(),
            facets: &self.panes.facets,
            detail: &self.panes.detail,
            defects: &self.results.defects,
            marks: &self.session.marks,
            views: &self.session.views,
            start: &self.session.start,
        }
    }

    /// Moves within the overlay.
    pub fn travel_over(&mut self, travel: Travel) {
        let Some(mut overlay) = self.overlay.take() else {
            return;
        };
        let scene = self.scene();
        let by = travel.rows((scene.room().1 / 2).max(1) as i64);
        if let Some((cursor, places)) = overlay.panel_mut().cursor(&scene) {
            cursor.step(by, places);
        }
        // Where these lists stand is remembered while they are closed.
        match &overlay {
            Overlay::Marks(_) => self.session.marks.cursor.step(by, self.session.marks.len()),
            Overlay::Views(_) => self.session.views.step(by),
            _ => {}
        }
        self.overlay = Some(overlay);
    }

    /// The open prompt; taken out and put back so that the rest of the state can be changed beside it.
    pub fn take_prompt(&mut self) -> Option<Prompt> {
        match self.overlay.take() {
            Some(Overlay::Prompt(prompt)) => Some(prompt),
            other => {
                self.overlay = other;
                None
            }
        }
    }

    /// Closes the overlay without taking over what was typed. Says whether there was one.
    pub fn close(&mut self) -> bool {
        let closed = match self.overlay.take() {
            Some(Overlay::Prompt(prompt)) => {
                self.cancelled(prompt.kind);
                true
            }
            Some(
                Overlay::Fields(FieldPicker { below, .. })
                | Overlay::Palette(Palette { below, .. }),
            ) => {
                self.uncover(below);
                true
            }
            // There is nothing below it to go back to.
            Some(Overlay::Start(_)) => !self.session.start.alone,
            Some(Overlay::Group(_)) => {
                self.filters.forget_group();
                true
            }
            Some(_) => true,
            None => false,
        };
        if self.session.start.alone && self.overlay.is_none() {
            self.overlay = Some(StartScreen::default().into());
        }
        closed
    }

    /// The prompt was closed without Enter: what it was opened over comes back.
    fn cancelled(&mut self, kind: PromptKind) {
        match kind {
            PromptKind::Find(at) => self.panes.facets.set_find(at, None),
            PromptKind::Field => self.panes.detail.find = None,
            _ => {}
        }
        self.prompts.filters.reset();
        self.prompts.searches.reset();
        let noting = self.session.marks.noting.take();
        let from_list = noting.is_some_and(|(_, from_list)| from_list);
        self.overlay = (kind == PromptKind::Note && from_list).then(|| MarkList.into());
    }
}
