//! Decision cases.

use mmdr_cases::Nobody;

use super::*;

#[test]
fn every_decision_case_holds() {
    assert!(mmdr_cases::check::<Reconcile<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")) >= 20);
}
