//! Readline keys, for every edited line of text.

use crate::keymap::{Key, KeyCode};
use crate::widgets::EditOp;

/// Operation of a key on a line of text; `None` for keys without one.
pub(super) fn operation(key: Key) -> Option<EditOp> {
    if let Some(c) = key.typed() {
        return Some(EditOp::Insert(c));
    }
    let op = match (key.code, key.ctrl, key.alt) {
        (KeyCode::Left, true, _) | (KeyCode::Left, _, true) | (KeyCode::Char('b'), false, true) => {
            EditOp::WordLeft
        }
        (KeyCode::Right, true, _)
        | (KeyCode::Right, _, true)
        | (KeyCode::Char('f'), false, true) => EditOp::WordRight,
        (KeyCode::Left, ..) | (KeyCode::Char('b'), true, _) => EditOp::Left,
        (KeyCode::Right, ..) | (KeyCode::Char('f'), true, _) => EditOp::Right,
        (KeyCode::Home, ..) | (KeyCode::Char('a'), true, _) => EditOp::Home,
        (KeyCode::End, ..) | (KeyCode::Char('e'), true, _) => EditOp::End,
        (KeyCode::Backspace, _, true) | (KeyCode::Char('w'), true, _) => EditOp::KillWord,
        (KeyCode::Backspace, ..) => EditOp::Backspace,
        (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, _) => EditOp::Delete,
        (KeyCode::Char('k'), true, _) => EditOp::KillToEnd,
        (KeyCode::Char('u'), true, _) => EditOp::KillToStart,
        (KeyCode::Char('y'), true, _) => EditOp::Yank,
        _ => return None,
    };
    Some(op)
}
