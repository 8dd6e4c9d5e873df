//! Summaries as JSON, one per line.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::summary::Summary;
use crate::engine::{FacetValue, Group, Histogram};
use crate::model::time::{Nanos, SECOND, Style, Zone as Written, render};

impl Summary<'_> {
    /// Writes the summary as one line of JSON. Streams long lists; they are never held as text or as a tree.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let head = self.head();
        for (n, (name, value)) in head.iter().enumerate() {
            out.write_all(if n == 0 { b"{" } else { b"," })?;
            serde_json::to_writer(&mut *out, name)?;
            out.write_all(b":")?;
            match name.as_str() {
                "facets" => self.write_facets(out)?,
                "groups" => {
                    let groups = self.answer.group.iter().flat_map(|groups| &groups.rows);
                    list(groups.map(|group| self.group(group)), out)?;
                }
                _ => serde_json::to_writer(&mut *out, value)?,
            }
        }
        out.write_all(b"}\n")
    }

    fn write_facets(&self, out: &mut impl Write) -> io::Result<()> {
        for (n, facet) in self.answer.facets.iter().enumerate() {
            let head = json!({"field": &*facet.field, "distinct": facet.distinct, "missing": facet.missing});
            let head = head.to_string();
            out.write_all(if n == 0 { b"[" } else { b"," })?;
            write!(out, "{},\"values\":", head.trim_end_matches('}'))?;
            list(facet.values.iter().map(value), out)?;
            out.write_all(b"}")?;
        }
        out.write_all(b"]")
    }

    /// Summary as JSON.
    pub(super) fn json(&self) -> Json {
        let mut text = Vec::new();
        self.write(&mut text).expect("memory takes everything");
        serde_json::from_slice(&text).expect("written as JSON")
    }

    /// Members of the summary, with null in place of the lists of facets and groups.
    fn head(&self) -> Map<String, Json> {
        let Self { answer, read, .. } = self;
        let mut object = Map::new();
        object.insert("total".into(), answer.total.into());
        object.insert("matched".into(), answer.matched.into());
        object.insert("defects".into(), read.defects.into());
        object.insert("skipped".into(), read.skipped.into());
        let complete = read.complete && answer.complete;
        object.insert("complete".into(), complete.into());
        let range = answer.span.map_or(
            Json::Null,
            |(from, to)| json!({"from": self.stamp(from), "to": self.stamp(to)}),
        );
        object.insert("range".into(), range);
        if !answer.facets.is_empty() {
            object.insert("facets".into(), Json::Null);
        }
        if self.output.histogram.is_some() {
            let histogram = answer.histogram.as_ref();
            let histogram = histogram.map_or(Json::Null, |histogram| self.histogram(histogram));
            object.insert("histogram".into(), histogram);
        }
        if answer.group.is_some() {
            object.insert("groups".into(), Json::Null);
        }
        object.extend(self.stats.iter().map(|s| ("stats".into(), s.json())));
        object
    }

    fn histogram(&self, Histogram { bins, counts, .. }: &Histogram) -> Json {
        let seconds = if bins.step % SECOND == 0 {
            Json::from(bins.step / SECOND)
        } else {
            Json::from(bins.step as f64 / SECOND as f64)
        };
        let from = self.stamp(bins.start);
        let mut histogram = json!({"step_seconds": seconds, "from": from, "counts": counts});
        // If the zone's offset changes within the range, the step alone does not define the bins.
        if !bins.is_even() {
            let starts = (0..bins.count).map(|bin| self.stamp(bins.start_of(bin)));
            histogram["starts"] = starts.collect();
        }
        histogram
    }

    fn group(&self, group: &Group) -> Json {
        let values = group
            .key
            .iter()
            .map(|value| value.as_deref().map_or(Json::Null, Json::from));
        let names = self.output.group_by.iter().cloned();
        let key: Map<String, Json> = names.zip(values).collect();
        json!({
            "key": key,
            "count": group.count,
            "failed": group.failed,
            "first": group.first.map(|time| self.stamp(time)),
            "last": group.last.map(|time| self.stamp(time)),
        })
    }

    /// Formats RFC 3339 with nine fractional digits: `Z` for UTC, otherwise the zone's offset.
    fn stamp(&self, time: Nanos) -> String {
        let offset = self.zone.offset(time, 0);
        let zone = if offset == 0 {
            Written::Zulu
        } else {
            Written::Offset((offset / 60) as i16)
        };
        let mut text = String::new();
        let style = Style {
            separator: b'T',
            digits: 9,
            zone,
        };
        render(time, style, &mut text);
        text
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

fn value(value: &FacetValue) -> Json {
    json!({"value": value.value.as_deref(), "count": value.count})
}
