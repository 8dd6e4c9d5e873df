//! The topmost overlay: opening, closing, moving in it, and its view of the rest of the state.

use super::App;
use super::layout::PaneId;
use crate::overlays::{
    FieldPicker, MarkList, Overlay, Palette, Prompt, PromptKind, Scene, StartScreen,
};
use crate::widgets::Travel;

impl App {
    /// Opens an overlay and requests its data.
    pub fn open(&mut self, overlay: impl Into<Overlay>) {
        let overlay = overlay.into();
        self.need(overlay.panel().topics());
        self.overlay = Some(overlay);
    }

    /// Reopens the overlay below the topmost one, and requests the data it missed.
    pub fn uncover(&mut self, below: Option<Box<Overlay>>) {
        self.overlay = below.map(|below| *below);
        if self.overlay.is_some() {
            self.need(self.over());
        }
    }

    /// Active scopes of the key map, innermost first.
    pub fn scopes(&self) -> Vec<&'static str> {
        match &self.overlay {
            Some(overlay) => overlay.panel().spec().scopes.to_vec(),
            None if self.screen.focus == PaneId::List && self.panes.list.selected().is_some() => {
                vec!["selection", "list", "global"]
            }
            None => vec![self.screen.focus.scope(), "global"],
        }
    }

    /// State of the explorer that overlays can read.
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
        let by = travel.rows((overlay.panel().page(&scene) / 2).max(1) as i64);
        if let Some((cursor, places)) = overlay.panel_mut().cursor(&scene) {
            cursor.step(by, places);
        }
        // The position in these lists is kept while they are closed.
        match &overlay {
            Overlay::Marks(_) => self.session.marks.cursor.step(by, self.session.marks.len()),
            Overlay::Views(_) => self.session.views.step(by),
            _ => {}
        }
        self.overlay = Some(overlay);
    }

    /// Takes the open prompt out, so that the rest of the state can be borrowed; the caller puts it back.
    pub fn take_prompt(&mut self) -> Option<Prompt> {
        match self.overlay.take() {
            Some(Overlay::Prompt(prompt)) => Some(prompt),
            other => {
                self.overlay = other;
                None
            }
        }
    }

    /// Closes the overlay and discards typed text. Returns false if none was open.
    pub fn close(&mut self) -> bool {
        let closed = match self.overlay.take() {
            Some(Overlay::Prompt(prompt)) => {
                self.cancelled(prompt.kind);
                if prompt.below.is_some() {
                    self.uncover(prompt.below);
                }
                true
            }
            Some(
                Overlay::Fields(FieldPicker { below, .. })
                | Overlay::Palette(Palette { below, .. }),
            ) => {
                self.uncover(below);
                true
            }
            Some(Overlay::Help(mut help)) => {
                if help.clear() {
                    self.overlay = Some(help.into());
                } else {
                    self.uncover(help.below);
                }
                true
            }
            Some(Overlay::Card(card)) => {
                self.uncover(card.below);
                true
            }
            // There is nothing below it.
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

    /// Handles a prompt that was closed without Enter: restores the state it was opened over.
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
