//! The decision cases.

use mmdr_cases::Nobody;

use crate::VerifyBackups;

#[test]
fn every_case_is_decided_as_an_operator_would() {
    mmdr_cases::check::<VerifyBackups<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
