//! What the types alone cannot promise.
//!
//! Each check looks at the document as far as its structure fits and says nothing about a field that the structural
//! pass has already reported; so both kinds of mistakes come out in one pass, and none twice.

mod address;
mod arn;
mod forms;
mod pair;
mod policy;
mod region;
mod sections;

use crate::mistake::Mistake;
use crate::place::{Findings, Place};
use crate::tree::Tree;

/// Every mistake beyond the structure.
pub(crate) fn check(document: &Tree) -> Vec<Mistake> {
    let root = Place::root(document);
    let mut findings = Findings::default();
    sections::check(&root, &mut findings);
    pair::check(&root, &mut findings);
    for index in 0..root.field("regions").count().unwrap_or_default().min(pair::REGIONS) {
        region::check(&root, &root.field("regions").element(index), &mut findings);
    }
    policy::check(&root, &mut findings);
    findings.into_mistakes()
}
