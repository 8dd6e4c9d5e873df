//! Groups of events as rows of a sheet.

use std::sync::Arc;

use super::Cell;
use crate::aggregate::{Group, USERS};
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;

/// Headings for the groups of some fields.
pub fn headings(fields: &[Arc<str>]) -> Vec<String> {
    let sums = ["events", "failed", "users", "403", "2xx after 403"];
    let fields = fields.iter().map(ToString::to_string);
    fields
        .chain(sums.map(str::to_owned))
        .chain(["first", "last"].map(str::to_owned))
        .collect()
}

/// Cells of a group, one per heading.
pub fn cells(group: &Group, zone: Zone) -> Vec<Cell> {
    let key = group.key.iter().map(|value| Cell::from(value.as_deref()));
    let users = if group.users >= USERS {
        // More are not counted.
        Cell::Text(format!("{USERS}+"))
    } else {
        Cell::Number(u64::from(group.users))
    };
    let admitted = if group.admitted { "yes" } else { "no" };
    let rest = [
        Cell::Number(group.count),
        Cell::Number(group.failed),
        users,
        Cell::Number(group.forbidden),
        Cell::Text(admitted.to_owned()),
        time(group.first, zone),
        time(group.last, zone),
    ];
    key.chain(rest).collect()
}

/// A time in RFC 3339, to the second.
pub fn time(time: Option<Nanos>, zone: Zone) -> Cell {
    time.map_or(Cell::Missing, |time| Cell::Text(second(time, zone)))
}

/// Formats a time in RFC 3339, to the second.
pub fn second(time: Nanos, zone: Zone) -> String {
    zone.rfc3339(time - time.rem_euclid(SECOND), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_of_groups_has_a_cell() {
        let group = Group {
            key: vec![Some("10.0.0.1".into()), None],
            count: 3,
            failed: 1,
            users: USERS,
            forbidden: 1,
            admitted: true,
            first: Some(1_500_000_000),
            last: None,
            over_time: Vec::new(),
        };
        let fields: [Arc<str>; 2] = ["ip".into(), "user".into()];
        let cells = cells(&group, Zone::Utc);
        assert_eq!(headings(&fields).len(), cells.len());
        assert_eq!(cells[1], Cell::Missing);
        assert_eq!(cells[4], Cell::Text("10+".into()));
        assert_eq!(cells[7], Cell::Text("1970-01-01T00:00:01Z".into()));
    }
}
