//! A scenario: a story in operator words, and how it must end.
//!
//! `home` is the Region that writes when the story begins, `away` the other one. Times are `minutes:seconds` of
//! virtual time, from the beginning or from the end of a run (`after`).

mod acts;
mod read;

pub use acts::{Act, CallFaultWord, FormWord, FunctionFaultWord, HandWord, Side};
pub use read::BadScenario;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::setup::Setup;

/// One story.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name: the file's, without the ending.
    pub name: String,
    /// One line.
    pub title: String,
    /// A few sentences: what happens, and what is being shown.
    pub story: String,
    /// How many virtual minutes it may take.
    pub minutes: i64,
    /// Sizes, speeds, and what AWS happens to do.
    pub setup: Setup,
    /// A merge patch on the deployment document's policy.
    pub policy: serde_json::Value,
    /// A merge patch on the whole deployment document.
    pub deployment: serde_json::Value,
    /// What happens, in order.
    pub then: Vec<Entry>,
    /// How it must end.
    pub expect: Expect,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Entry {
    /// After the end of which run: kind, and the how-manieth of that kind.
    pub after: Option<(String, u32)>,
    /// Seconds from the beginning, or from that run's end.
    pub at_s: i64,
    /// What.
    pub act: Act,
}

/// How a story must end. What is not said is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Each run that ended, in order, as `kind: ending`.
    pub runs: Option<Vec<String>>,
    /// Who writes.
    pub writer: Option<Side>,
    /// Where the public name leads.
    pub public_name: Option<Side>,
    /// Greatest number of acknowledged messages that are not at the writer.
    pub lost_at_most: Option<u32>,
    /// Smallest number of acknowledged messages that are not at the writer.
    pub lost_at_least: Option<u32>,
    /// Words that the transcript must hold.
    pub told: Vec<String>,
    /// Words that it must not hold.
    pub not_told: Vec<String>,
    /// Most seconds that people may be without service.
    pub without_service_s_at_most: Option<i64>,
    /// How often each call must have been made at most, by port method.
    pub calls_at_most: BTreeMap<String, u32>,
    /// The judge that must fail the run; a story with a saboteur says so.
    pub judge_fails: Option<String>,
}

impl Scenario {
    /// Every start becomes a dry one, and what only a real move would bring is no longer expected.
    pub fn make_dry(&mut self) {
        for entry in &mut self.then {
            if let Act::Start { dry_run, .. } = &mut entry.act {
                *dry_run = true;
            }
        }
        self.expect = Expect::default();
    }
}
