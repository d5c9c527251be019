//! The decision cases, and what they cannot show.

use mmdr_cases::Nobody;
use mmdr_core::Time;

use crate::VerifyFiles;
use crate::observed::stopping_look;

#[test]
fn every_case_is_decided_as_an_operator_would() {
    mmdr_cases::check::<VerifyFiles<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

#[test]
fn the_time_of_the_stop_is_read_from_the_evidence_of_that_part_alone() {
    let prefix = "runs/sw-1/evidence/";
    let at = |name: &str| stopping_look(&format!("{prefix}{name}"), prefix);
    assert_eq!(at("001795255200000-roll-nodes-stop-there-0004.json"), Some(Time(1_795_255_200_000)));
    assert_eq!(at("001795255200000-roll-nodes-start-there-0004.json"), None);
    assert_eq!(at("001795255200000-toggle-scheduler-quiesce-0001.json"), None);
    assert_eq!(at("nonsense"), None);
}
