//! Masking of values for shared screens: user names, roles, sessions, addresses and accounts are replaced by
//! pseudonyms. A value has the same pseudonym everywhere for the whole session.
//!
//! Values are learned from everything that can be shown, also while masking is off, so that switching it on hides all
//! of them at once. [`Mask`] does the replacing.

use std::collections::HashMap;
use std::sync::Arc;

use super::{App, Effect};
use crate::engine::{
    Answer, Detail, FacetTable, GroupTable, NewsTable, Range, SideQuery, Step, Window,
};
use crate::model::derive;
use crate::model::{CATALOGUE, Row, Value, name};
use crate::query::{Filter, TestOp};
use crate::widgets::text::Mask;

/// Fields whose values are masked.
const HIDDEN: [&str; 11] = [
    name::USER,
    name::USER_NAME,
    name::ROLE_NAME,
    name::ROLE_ID,
    name::SESSION,
    name::PRINCIPAL,
    name::ACCOUNT,
    name::PLAYER,
    name::IP,
    name::ADDRESS,
    name::LOG_SOURCE,
];

/// The mask, and the counters for new pseudonyms.
#[derive(Debug, Default)]
pub struct Masking {
    pub on: bool,
    mask: Arc<Mask>,
    /// Number of pseudonyms of each kind.
    numbers: HashMap<&'static str, usize>,
}

impl Masking {
    /// Mask to draw with; `None` while masking is off.
    pub fn worn(&self) -> Option<Arc<Mask>> {
        self.on.then(|| Arc::clone(&self.mask))
    }

    /// Adds a value to the mask, if its field is one of the masked ones.
    pub fn learn(&mut self, field: &str, value: &str) {
        // Anonymous values identify nobody.
        let nobody = matches!(value, "" | "-" | "anonymous");
        if !HIDDEN.contains(&field) || nobody || self.mask.get(value).is_some() {
            return;
        }
        match field {
            name::USER => match value.split_once('/') {
                Some(("root", account)) => self.hide("account", account, &[]),
                Some(("role", role)) => self.hide("role", value, &[role]),
                Some((_, name)) => self.hide_name(value, name),
                None => self.hide("user", value, &[]),
            },
            name::USER_NAME => self.hide_name(value, value),
            name::ROLE_NAME => self.hide("role", value, &[]),
            name::ROLE_ID => self.hide("role-id", value, &[]),
            name::SESSION => self.hide("session", value, &[]),
            name::PRINCIPAL => match value.split_once(':') {
                Some((role, session)) => {
                    self.hide("role-id", role, &[]);
                    self.hide("session", session, &[]);
                }
                None => self.hide("principal", value, &[]),
            },
            name::ACCOUNT | name::PLAYER => {
                self.hide("account", value, &[]);
            }
            name::ADDRESS => {
                let ip = derive::ip(value);
                self.hide("ip", ip.as_deref().unwrap_or(value), &[]);
            }
            _ => self.hide("ip", value, &[]),
        }
    }

    /// Masks a user name, and its short form without the account.
    fn hide_name(&mut self, value: &str, name: &str) {
        let short = name.split('@').next().unwrap_or(name);
        self.hide("user", value, &[name, short]);
    }

    fn hide(&mut self, kind: &'static str, value: &str, same: &[&str]) {
        let all = || [value].into_iter().chain(same.iter().copied());
        let known = all().find_map(|text| self.mask.get(text).cloned());
        let pseudonym = known.unwrap_or_else(|| {
            let number = self.numbers.entry(kind).or_default();
            *number += 1;
            match kind {
                "account" => format!("account-{number}").into(),
                _ => format!("{kind}-{number:02}").into(),
            }
        });
        let mask = Arc::make_mut(&mut self.mask);
        for text in all() {
            mask.hide(text, &pseudonym);
            for spelled in spellings(text) {
                mask.hide(&spelled, &pseudonym);
            }
        }
    }

    fn learn_value(&mut self, field: &str, value: &Value) {
        if let Some(text) = value {
            self.learn(field, text);
        }
    }

    /// Learns the values of rows, given the fields of their columns.
    fn learn_rows(&mut self, rows: &[Row], columns: &[Arc<str>]) {
        for row in rows {
            for (field, value) in columns.iter().zip(&row.values) {
                self.learn_value(field, value);
            }
        }
    }

    /// Learns the events of a selection, for copying: the values of its rows, and those of each record, which is
    /// parsed.
    pub(super) fn learn_range(&mut self, range: &Range, columns: &[Arc<str>]) {
        self.learn_rows(&range.rows, columns);
        for record in &range.records {
            self.learn_record(record);
        }
    }

    fn learn_facets(&mut self, tables: &[FacetTable]) {
        for table in tables {
            for entry in &table.values {
                self.learn_value(&table.field, &entry.value);
            }
        }
    }

    fn learn_detail(&mut self, detail: &Detail) {
        for field in &detail.fields {
            self.learn_value(&field.name, &field.value);
        }
    }

    /// Learns the field values of a raw record, if it is JSON.
    fn learn_record(&mut self, record: &str) {
        let fields: Option<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(record).ok();
        for (name, value) in fields.iter().flatten() {
            let known = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
            if let (Some(field), Some(value)) = (known, value.as_str()) {
                self.learn(&field.name, value);
            }
        }
    }

    fn learn_keys<'a>(&mut self, fields: &[Arc<str>], keys: impl Iterator<Item = &'a [Value]>) {
        for key in keys {
            for (field, value) in fields.iter().zip(key) {
                self.learn_value(field, value);
            }
        }
    }

    /// Learns every value of an answer that can be shown. `columns` are the columns of its rows, if known. The answer
    /// is destructured without `..`, so that the compiler demands a decision for every new part.
    pub(super) fn learn_answer(&mut self, answer: &Answer, columns: Option<&[Arc<str>]>) {
        let Answer {
            window,
            facets,
            detail,
            group,
            side,
            news,
            lineage,
            records,
            // Learned by `learn_range`, with the columns that were requested.
            range: _,
            // Conditions of the filter, learned by `learn_filter`.
            dropped: _,
            // Samples are not shown while masking is on.
            defects: _,
            // Instance names are not masked.
            gaps: _,
            // Numbers, times and field names.
            id: _,
            generation: _,
            total: _,
            matched: _,
            complete: _,
            looked_at: _,
            span: _,
            histogram: _,
            seek: _,
            usage: _,
            hits: _,
        } = answer;
        if let Some(window) = window {
            let Window {
                rows,
                first: _,
                anchor: _,
                // Source events: rotated, truncated, reconnected.
                marks: _,
                firsts: _,
                also: _,
            } = window;
            self.learn_rows(rows, columns.unwrap_or_default());
        }
        self.learn_facets(facets);
        for one in side {
            let SideQuery {
                facets,
                matched: _,
                span: _,
                histogram: _,
                seen: _,
            } = one;
            self.learn_facets(facets);
        }
        if let Some(table) = group {
            let GroupTable {
                fields,
                rows,
                total: _,
                single: _,
                admitted: _,
                is_over: _,
            } = table;
            self.learn_keys(fields, rows.iter().map(|row| &*row.key));
        }
        for table in news.iter().flat_map(|news| &news.tables) {
            let NewsTable {
                fields,
                rows,
                more: _,
            } = table;
            self.learn_keys(fields, rows.iter().map(|row| &*row.key));
        }
        for step in lineage.iter().flat_map(|table| &table.lineage.steps) {
            let Step {
                user,
                ip,
                // Tags, statuses and networks are not masked.
                tag: _,
                status: _,
                network: _,
                new: _,
                event: _,
                time: _,
                deed: _,
                since: _,
                until: _,
            } = step;
            self.learn_value(name::USER, user);
            self.learn_value(name::IP, ip);
        }
        let details = records.iter().flatten().chain(detail);
        details.for_each(|detail| self.learn_detail(detail));
    }

    /// Learns the values that a filter names, present in events or not.
    fn learn_filter(&mut self, filter: &Filter) {
        for pick in &filter.picks {
            for value in pick.include.iter().chain(&pick.exclude) {
                self.learn_value(&pick.field, value);
            }
        }
        for test in filter.query.tests() {
            if let (Some(field), TestOp::Exact(text) | TestOp::NotExact(text)) =
                (&test.field, &test.op)
            {
                self.learn(field, text);
            }
        }
    }
}

/// Alternative JSON spellings of a text, without the text itself.
fn spellings(text: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(text).to_string();
    let plain = quoted[1..quoted.len() - 1].to_owned();
    let escaped = |spell: fn(u16) -> String| -> String {
        let unit = |unit: u16| match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
            Some(c) => c.to_string(),
            None => spell(unit),
        };
        plain.encode_utf16().map(unit).collect()
    };
    let mut all = vec![
        plain.replace('/', "\\/"),
        escaped(|unit| format!("\\u{unit:04x}")),
        escaped(|unit| format!("\\u{unit:04X}")),
        plain,
    ];
    all.retain(|spelled| spelled != text);
    all.dedup();
    all
}

impl App {
    /// Learns the values that filters and marks name, and masks the text that is copied. Last step of an update.
    pub(crate) fn cover(&mut self, effects: &mut [Effect]) {
        if !self.masking.on {
            return;
        }
        let filters = [self.filters.current(), self.filters.effective()].map(Arc::clone);
        for filter in filters {
            self.masking.learn_filter(&filter);
        }
        for marked in self.session.marks.all() {
            for (field, value) in crate::config::MARK_FIELDS.iter().zip(&marked.values) {
                self.masking
                    .learn(field, value.as_deref().unwrap_or_default());
            }
        }
        for effect in effects {
            if let Effect::Copy { text, what } = effect {
                *text = self.masking.mask.text(text).into_owned();
                *what = format!("{}, masked", self.masking.mask.text(what));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_one_pseudonym_by_every_name() {
        let mut masking = Masking::default();
        for (field, value) in [
            ("user", "user/ci-bot@acme"),
            ("user_name", "ci-bot@acme"),
            ("user", "role/puller"),
            ("user_identity_role_name", "puller"),
            ("user_identity_account_id", "1356680000000001"),
            ("user", "root/1356680000000001"),
            ("user_identity_principal_id", "3000:s-1"),
            ("session", "s-1"),
            ("ip", "10.0.0.1"),
            ("user", "anonymous"),
            ("action", "GetBlob"),
            ("user_name", "王\"伟"),
        ] {
            masking.learn(field, value);
        }
        let shown = |text: &str| masking.mask.text(text).into_owned();
        for (text, expected) in [
            (
                "user/ci-bot@acme ci-bot@acme ci-bot",
                "user-01 user-01 user-01",
            ),
            ("role/puller puller", "role-01 role-01"),
            ("root/1356680000000001", "root/account-1"),
            ("3000:s-1 s-1", "role-id-01:session-01 session-01"),
            ("10.0.0.1 anonymous GetBlob", "ip-01 anonymous GetBlob"),
            (r#"{"user_name":"王\"伟"}"#, r#"{"user_name":"user-02"}"#),
            (
                r#"{"user_name":"\u738b\"\u4f1f"}"#,
                r#"{"user_name":"user-02"}"#,
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
