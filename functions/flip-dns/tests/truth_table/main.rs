//! Holds `truth-table.toml` against the model of Route 53's answer, and both against the safety property: because of
//! us, traffic never goes to a Region that cannot write.

#![expect(clippy::expect_used, reason = "a table that does not read fails its test")]

mod truth;

use std::collections::BTreeSet;

use mmdr_core::Region;
use serde::Deserialize;
use truth::{Arming, Health, Signal, WithoutData, primary_health, where_traffic_goes};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    writer: String,
    trouble: String,
    flip: String,
    primary: String,
    watches: String,
    signal: String,
    last: String,
    traffic: String,
    served: bool,
}

fn table() -> Vec<Row> {
    let table: Table = toml::from_str(include_str!("../../truth-table.toml")).expect("truth-table.toml");
    table.row
}

fn other(region: &str) -> &'static str {
    if region == "A" { "B" } else { "A" }
}

fn arming(row: &Row, without_data: WithoutData) -> Arming {
    let (primary, secondary) = (Region::new(&row.primary), Region::new(other(&row.primary)));
    Arming { primary, secondary, without_data }
}

fn traffic(row: &Row, without_data: WithoutData) -> String {
    let signal: Signal = row.signal.parse().expect("signal");
    let last: Health = row.last.parse().expect("last");
    where_traffic_goes(&arming(row, without_data), signal, last).to_string()
}

#[test]
fn the_table_has_every_combination_exactly_once() {
    let mut expected = BTreeSet::new();
    for writer in ["A", "B"] {
        for trouble in ["A dark", "B dark", "flag unreadable", "no data"] {
            for flip in ["before", "after"] {
                expected.insert((writer.to_owned(), trouble.to_owned(), flip.to_owned()));
            }
        }
    }
    let rows: Vec<_> = table().into_iter().map(|row| (row.writer, row.trouble, row.flip)).collect();
    assert_eq!(rows.len(), expected.len());
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_row_is_what_the_model_answers() {
    for row in table() {
        assert_eq!(traffic(&row, WithoutData::LastKnownStatus), row.traffic, "{row:?}");
    }
}

#[test]
fn traffic_never_goes_to_a_region_that_cannot_write_because_of_us() {
    for row in table() {
        assert_eq!(traffic(&row, WithoutData::LastKnownStatus), row.writer, "{row:?}");
        // A dark writer serves nobody, and pointing at the standby would not help: it cannot write.
        let dark = row.trouble == format!("{} dark", row.writer);
        assert_eq!(row.served, !dark, "{row:?}");
    }
}

#[test]
fn every_row_is_armed_as_the_design_says() {
    for row in table() {
        let standby = other(&row.writer);
        let before = row.flip == "before";
        assert_eq!(row.primary, if before { row.writer.as_str() } else { standby }, "{row:?}");
        assert_eq!(row.watches, other(&row.primary), "the flag lies in the Region that may take over: {row:?}");
        assert_eq!(row.last, if before { "healthy" } else { "unhealthy" }, "{row:?}");
        let silent = row.trouble == "no data" || row.trouble == format!("{} dark", row.watches);
        let said = if before { "not-taken-over" } else { "taken-over" };
        assert_eq!(row.signal, if silent { "no-data" } else { said }, "{row:?}");
    }
}

#[test]
fn either_other_setting_for_missing_data_would_send_traffic_to_a_region_that_cannot_write() {
    for setting in [WithoutData::Healthy, WithoutData::Unhealthy] {
        let wrong = table().iter().filter(|row| traffic(row, setting) != row.writer).count();
        assert!(wrong > 0, "{setting:?}");
    }
}

/// After a move from A to B: PRIMARY is A, B's flag says "taken over". arm-dns exchanges the roles in four changes.
#[test]
fn no_moment_of_arming_points_at_the_passive_region() {
    let a_primary = |without_data| Arming { primary: Region::new("A"), secondary: Region::new("B"), without_data };
    let b_primary = |without_data| Arming { primary: Region::new("B"), secondary: Region::new("A"), without_data };
    let last = WithoutData::LastKnownStatus;
    // A's flag is watched by nobody while it is cleared, and long enough before anybody watches it.
    let watched_next = primary_health(Signal::NotTakenOver, Health::Unhealthy, last);
    let moments = [
        where_traffic_goes(&a_primary(last), Signal::TakenOver, Health::Unhealthy).clone(),
        where_traffic_goes(&b_primary(last), Signal::NotTakenOver, watched_next).clone(),
        where_traffic_goes(&b_primary(last), Signal::NoData, watched_next).clone(),
    ];
    assert_eq!(moments, [Region::new("B"), Region::new("B"), Region::new("B")]);
    // The wrong order: records exchanged while A's old flag still counts as "taken over".
    let too_early = where_traffic_goes(&b_primary(last), Signal::NoData, Health::Unhealthy).clone();
    assert_eq!(too_early, Region::new("A"));
    // And the other wrong order: B's flag cleared while a name server still has the old records.
    let too_soon = where_traffic_goes(&a_primary(last), Signal::NotTakenOver, Health::Unhealthy).clone();
    assert_eq!(too_soon, Region::new("A"));
}
