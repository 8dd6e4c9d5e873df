//! Conversion of terminal key events to [`Key`]s; the only file of the key map that depends on crossterm.

use crossterm::event::{KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers};

use super::key::{Key, KeyCode};

/// Converts an event; `None` for releases, modifiers alone and keys that cannot be bound.
pub fn from_crossterm(event: &KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let code = match event.code {
        Code::Char(c) if c.is_control() => return None,
        Code::Char(c) => KeyCode::Char(c),
        Code::F(number) => KeyCode::F(number),
        Code::BackTab => {
            shift = true;
            KeyCode::Tab
        }
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event
        .modifiers
        .intersects(KeyModifiers::ALT | KeyModifiers::META);
    Some(Key::new(code, ctrl, alt, shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_old_and_new_give_the_same_key() {
        let none = KeyModifiers::NONE;
        for (code, modifiers, shown) in [
            (Code::BackTab, KeyModifiers::SHIFT, "shift-tab"),
            (Code::BackTab, none, "shift-tab"),
            (Code::Tab, KeyModifiers::SHIFT, "shift-tab"),
            (Code::Char('G'), KeyModifiers::SHIFT, "G"),
            (Code::Char('g'), KeyModifiers::SHIFT, "G"),
            (Code::Char('G'), none, "G"),
            (Code::Char('?'), KeyModifiers::SHIFT, "?"),
            (Code::Char('h'), KeyModifiers::CONTROL, "backspace"),
            (Code::Char('R'), KeyModifiers::CONTROL, "ctrl-r"),
            (Code::Char('7'), KeyModifiers::CONTROL, "ctrl-_"),
            (Code::Char(' '), KeyModifiers::CONTROL, "ctrl-space"),
            (Code::Char('b'), KeyModifiers::ALT, "alt-b"),
            (Code::F(5), none, "f5"),
        ] {
            let key = from_crossterm(&KeyEvent::new(code, modifiers)).expect(shown);
            assert_eq!(key.to_string(), shown);
        }
    }

    #[test]
    fn releases_and_lone_modifiers_are_no_keys() {
        let mut event = KeyEvent::new(Code::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(from_crossterm(&event), None);
        assert_eq!(
            from_crossterm(&KeyEvent::new(Code::CapsLock, KeyModifiers::NONE)),
            None
        );
    }
}
