//! Judges: they watch every moment and fail the run by name. Each has a saboteur in [`crate::saboteurs`] that proves
//! that it can.

mod accounted_messages;
mod declared_calls;
mod dry_run_changes_nothing;
mod ends_well;
mod job_region;
mod newest_epoch;
mod nothing_destroyed;
mod one_writer;
mod own_region_only;
mod public_name;
mod true_reports;

use std::fmt;

use mmdr_core::Deployment;

use crate::model::Model;
use crate::network::Network;
use crate::news::News;

/// What a judge sees beside the news.
pub struct View<'a> {
    /// Milliseconds since the epoch.
    pub now: i64,
    /// The model as it is right after the news.
    pub model: &'a Model,
    /// Who reaches whom.
    pub network: &'a Network,
    /// The Deployment that moves.
    pub deployment: &'a Deployment,
}

/// One judge.
pub trait Judge: fmt::Debug {
    /// Its name, as reports and saboteurs call it.
    fn name(&self) -> &'static str;

    /// Hears one thing that happened; gives a sentence if it must not have.
    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String>;

    /// The end: gives a sentence if things must not stay like this.
    fn end(&mut self, view: &View<'_>) -> Option<String> {
        let _ = view;
        None
    }
}

/// What a judge found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The judge.
    pub judge: &'static str,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// What.
    pub what: String,
}

/// Every judge, and what they found.
#[derive(Debug)]
pub struct Judges {
    list: Vec<Box<dyn Judge>>,
    /// What they found, each judge's first finding only: the first is the cause, the rest follow from it.
    pub violations: Vec<Violation>,
}

impl Default for Judges {
    fn default() -> Self {
        let list: Vec<Box<dyn Judge>> = vec![
            Box::<one_writer::OneWriter>::default(),
            Box::<job_region::JobRegion>::default(),
            Box::<public_name::PublicName>::default(),
            Box::<nothing_destroyed::NothingDestroyed>::default(),
            Box::<newest_epoch::NewestEpoch>::default(),
            Box::<declared_calls::DeclaredCalls>::default(),
            Box::<own_region_only::OwnRegionOnly>::default(),
            Box::<accounted_messages::AccountedMessages>::default(),
            Box::<true_reports::TrueReports>::default(),
            Box::<dry_run_changes_nothing::DryRunChangesNothing>::default(),
            Box::<ends_well::EndsWell>::default(),
        ];
        Self { list, violations: Vec::new() }
    }
}

impl Judges {
    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.list.iter().map(|judge| judge.name()).collect()
    }

    /// Every judge hears the news.
    pub fn hear(&mut self, news: &News, view: &View<'_>) {
        for judge in &mut self.list {
            if let Some(what) = judge.hear(news, view) {
                note(&mut self.violations, judge.name(), view.now, what);
            }
        }
    }

    /// Every judge looks at how things end.
    pub fn end(&mut self, view: &View<'_>) {
        for judge in &mut self.list {
            if let Some(what) = judge.end(view) {
                note(&mut self.violations, judge.name(), view.now, what);
            }
        }
    }
}

fn note(violations: &mut Vec<Violation>, judge: &'static str, at: i64, what: String) {
    if violations.iter().all(|known| known.judge != judge) {
        violations.push(Violation { judge, at, what });
    }
}
