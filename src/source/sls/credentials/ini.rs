//! INI dialect of credential files: `[section]`, `key = value`, comments with `#` or `;`. Nothing more.

use std::collections::BTreeMap;

/// Sections by name, values by key; lines before the first section are under the empty name.
pub(super) type Ini = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn parse(text: &str) -> Ini {
    let mut ini = Ini::new();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.trim().clone_into(&mut section);
        } else if !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            ini.entry(section.clone())
                .or_default()
                .insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    ini
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_comments() {
        let ini = parse("# c\n[main]\naccess-id = a=b \n;x=y\n\n[ other ]\nk=\n");
        assert_eq!(ini["main"]["access-id"], "a=b");
        assert_eq!(ini["other"]["k"], "");
        assert_eq!(ini["main"].len(), 1);
    }
}
