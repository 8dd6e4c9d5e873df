//! Sums as JSON, a line each.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::Loaded;
use super::summary::{Histogram, Summary};
use crate::aggregate::Group;
use crate::cli::Output;
use crate::model::Value;
use crate::model::time::{Nanos, SECOND};

impl Summary {
    /// The sums as one line of JSON. Lists, which may be long, are never held as text or as a tree.
    pub(super) fn write(
        &self,
        loaded: &Loaded,
        output: &Output,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let head = self.head(loaded);
        for (n, (name, value)) in head.iter().enumerate() {
            out.write_all(if n == 0 { b"{" } else { b"," })?;
            serde_json::to_writer(&mut *out, name)?;
            out.write_all(b":")?;
            match name.as_str() {
                "facets" => self.write_facets(out)?,
                "groups" => {
                    let groups = self.groups.iter().flatten();
                    list(groups.map(|group| group_json(group, loaded, output)), out)?;
                }
                _ => serde_json::to_writer(&mut *out, value)?,
            }
        }
        out.write_all(b"}\n")
    }

    fn write_facets(&self, out: &mut impl Write) -> io::Result<()> {
        for (n, facet) in self.facets.iter().enumerate() {
            let head = json!({"field": &*facet.field, "distinct": facet.distinct, "missing": facet.missing});
            let head = head.to_string();
            out.write_all(if n == 0 { b"[" } else { b"," })?;
            write!(out, "{},\"values\":", head.trim_end_matches('}'))?;
            list(facet.values.iter().map(value_json), out)?;
            out.write_all(b"}")?;
        }
        out.write_all(b"]")
    }

    /// The sums as JSON.
    pub(super) fn json(&self, loaded: &Loaded, output: &Output) -> Json {
        let mut text = Vec::new();
        self.write(loaded, output, &mut text)
            .expect("memory takes everything");
        serde_json::from_slice(&text).expect("written as JSON")
    }

    /// The members of the sums; null in place of the lists of facets and groups.
    fn head(&self, loaded: &Loaded) -> Map<String, Json> {
        let time = |time: Nanos| Json::String(stamp(loaded, time));
        let mut object = Map::new();
        object.insert("total".into(), self.total.into());
        object.insert("matched".into(), self.matched.into());
        object.insert("defects".into(), self.defects.into());
        object.insert("skipped".into(), self.skipped.into());
        object.insert("complete".into(), self.complete.into());
        let range = self.range.map_or(
            Json::Null,
            |(from, to)| json!({"from": time(from), "to": time(to)}),
        );
        object.insert("range".into(), range);
        if !self.facets.is_empty() {
            object.insert("facets".into(), Json::Null);
        }
        if let Some(Histogram { bins, counts, .. }) = &self.histogram {
            let seconds = if bins.step % SECOND == 0 {
                Json::from(bins.step / SECOND)
            } else {
                Json::from(bins.step as f64 / SECOND as f64)
            };
            let mut histogram = Json::Null;
            if !counts.is_empty() {
                histogram =
                    json!({"step_seconds": seconds, "from": time(bins.start), "counts": counts});
                // Where clocks are set, the step does not say where bins begin.
                if !bins.is_even() {
                    let starts = (0..bins.count).map(|bin| time(bins.start_of(bin)));
                    histogram["starts"] = starts.collect();
                }
            }
            object.insert("histogram".into(), histogram);
        }
        if self.groups.is_some() {
            object.insert("groups".into(), Json::Null);
        }
        object.extend(loaded.stats.iter().map(|s| ("stats".into(), s.json())));
        object
    }
}

/// Writes a list of JSON values one by one.
fn list(values: impl Iterator<Item = Json>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (n, value) in values.enumerate() {
        if n > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut *out, &value)?;
    }
    out.write_all(b"]")
}

fn value_json((value, count): &(Value, u64)) -> Json {
    json!({"value": value.as_deref(), "count": count})
}

fn group_json(group: &Group, loaded: &Loaded, output: &Output) -> Json {
    let time = |time: Nanos| Json::String(stamp(loaded, time));
    let values = group
        .key
        .iter()
        .map(|value| value.as_deref().map_or(Json::Null, Json::from));
    let key: Map<String, Json> = output.group_by.iter().cloned().zip(values).collect();
    json!({
        "key": key,
        "count": group.count,
        "failed": group.failed,
        "first": group.first.map(time),
        "last": group.last.map(time),
    })
}

/// RFC 3339 with nine digits: `Z` for UTC, else the zone's offset.
fn stamp(loaded: &Loaded, time: Nanos) -> String {
    use crate::model::time::{Style, Zone as Written, render};
    let offset = loaded.zone.offset(time, 0);
    let zone = if offset == 0 {
        Written::Zulu
    } else {
        Written::Offset((offset / 60) as i16)
    };
    let mut text = String::new();
    render(
        time,
        Style {
            separator: b'T',
            digits: 9,
            zone,
        },
        &mut text,
    );
    text
}
