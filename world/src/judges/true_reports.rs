//! In the end every report that was filed tells the truth about the writer and about what was lost.
//!
//! The judge knows from the model which promotion left which rows behind, and complains only of what is certainly
//! untrue: a figure that says "at least" and a sentence that says "may" are never wrong by being careful.

use std::collections::BTreeMap;

use mmdr_core::records::LostMessages;
use mmdr_core::{Ending, Kind, Region, RunId, StepName};
use serde::Deserialize;

use super::{Judge, View};
use crate::model::Model;
use crate::model::database::{Promotion, Snapshot, Way};
use crate::network::Ix;
use crate::news::News;

/// The calls that ask Aurora for another writer.
const MOVES: [&str; 3] = ["database.switch_over", "database.fail_over", "database.detach"];

/// What is read of a report (`mmdr-report` has the whole of it, and nobody here may know that crate).
#[derive(Debug, Deserialize)]
struct Filed {
    run: RunId,
    kind: Kind,
    to: Region,
    ending: Ending,
    #[serde(default)]
    resumes: Option<RunId>,
    #[serde(default)]
    lost: Option<LostMessages>,
}

/// When a run was heard of. The true time, which a report's own Region may not know.
#[derive(Debug)]
struct Heard {
    /// Its first call, in milliseconds since the epoch.
    from_ms: i64,
    /// The last record that its close-run wrote, in milliseconds since the epoch.
    filed_ms: i64,
    /// When it asked Aurora for another writer, in milliseconds since the epoch, and was heard.
    sent_ms: Vec<i64>,
    /// The run that it continued, where its report says so.
    resumes: Option<RunId>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct TrueReports {
    runs: BTreeMap<RunId, Heard>,
}

impl Judge for TrueReports {
    fn name(&self) -> &'static str {
        "true-reports"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        let News::Called { method, step, run: Some((run, false)), .. } = news else { return None };
        let fresh = || Heard { from_ms: view.now, filed_ms: view.now, sent_ms: Vec::new(), resumes: None };
        let heard = self.runs.entry(run.clone()).or_insert_with(fresh);
        if MOVES.contains(method) {
            heard.sent_ms.push(view.now);
        }
        if *step == StepName::CloseRun && *method == "ledgers.put_record" {
            heard.filed_ms = view.now;
        }
        None
    }

    fn end(&mut self, view: &View<'_>) -> Option<String> {
        let mut reports = Vec::new();
        for report in view.model.objects.reports() {
            match Filed::deserialize(report) {
                Ok(filed) => reports.push(filed),
                Err(error) => return Some(format!("a report cannot be read: {error}")),
            }
        }
        for report in &reports {
            if let Some(heard) = self.runs.get_mut(&report.run) {
                heard.resumes.clone_from(&report.resumes);
            }
        }
        reports.iter().find_map(|report| self.untrue(report, view))
    }
}

impl TrueReports {
    /// What a report says and the model knows better.
    fn untrue(&self, report: &Filed, view: &View<'_>) -> Option<String> {
        let heard = self.runs.get(&report.run)?;
        let known = &view.model.database.promotions;
        let to = view.model.regions.iter().position(|region| *region == report.to)?;
        let (run, name) = (&report.run, &report.to);
        let moved = matches!(report.ending, Ending::Healthy | Ending::Findings) && report.kind.is_move();
        // Who began as the writer, and never lost it, can have been brought up by name.
        let first = known.first().map_or_else(|| view.model.database.writer(), |it| it.from);
        if moved && first != to && !known.iter().any(|it| it.to == to && it.at_ms <= heard.filed_ms) {
            return Some(format!("{run} ended {}, and the writer never came to {name}", report.ending));
        }
        let lost = report.lost.as_ref()?;
        let of_the_run = self.promotion(report, heard, to, known);
        let wrong = says_loss_for_nothing(lost, heard, of_the_run, view.model)
            .or_else(|| says_nothing_lost(lost, of_the_run?))
            .or_else(|| is_kept_elsewhere(lost, of_the_run, view))?;
        Some(format!("{run} ({}, {name}) says {:?}: {wrong}", report.kind, lost.sentence))
    }

    /// The promotion of which a report speaks, where that is certain.
    fn promotion<'a>(&self, report: &Filed, heard: &Heard, to: Ix, known: &'a [Promotion]) -> Option<&'a Promotion> {
        let last = known.iter().rev().find(|it| it.at_ms <= heard.filed_ms).filter(|it| it.to == to);
        if !report.kind.is_move() {
            // What protects speaks of the move that had made its Region the writer when it began.
            return last.filter(|it| it.at_ms <= heard.from_ms);
        }
        let sent = self.sent_ms(&report.run);
        let asked = known.iter().rev().find(|it| it.to == to && sent.contains(&it.asked_ms));
        // A person may have moved the database while the run waited for its turn: then that is the move it tells of.
        let found = matches!(report.ending, Ending::Healthy | Ending::Findings | Ending::Unfinished);
        asked.or_else(|| last.filter(|_| found))
    }

    /// When a run, or one that it continues, asked Aurora for another writer.
    fn sent_ms(&self, run: &RunId) -> Vec<i64> {
        let mut sent = Vec::new();
        let mut next = Some(run);
        // A run continues an older one, so the chain ends; the bound is for a report that says otherwise.
        for _ in 0..self.runs.len() {
            let Some(heard) = next.and_then(|run| self.runs.get(run)) else { break };
            sent.extend(&heard.sent_ms);
            next = heard.resumes.as_ref();
        }
        sent
    }
}

/// "Nothing was lost", where rows were.
fn says_nothing_lost(lost: &LostMessages, promotion: &Promotion) -> Option<String> {
    let careful = ["missing", "LOSS", "only the old writer had"].iter().any(|words| lost.sentence.contains(words));
    let nothing =
        lost.sentence.contains("othing was lost") || lost.at_least_s == Some(0) && lost.kept_in.is_none() && !careful;
    let rows = promotion.lost.len();
    (nothing && rows > 0)
        .then(|| format!("{rows} messages were acknowledged and had not arrived when the writer moved"))
}

/// "LOSS", where no move could lose anything, or where the rows lay before everybody's eyes.
fn says_loss_for_nothing(
    lost: &LostMessages,
    heard: &Heard,
    promotion: Option<&Promotion>,
    model: &Model,
) -> Option<String> {
    if !lost.sentence.starts_with("LOSS") {
        return None;
    }
    let database = &model.database;
    let may_lose = |it: &Promotion| it.at_ms <= heard.filed_ms && (it.way != Way::Switchover || !it.lost.is_empty());
    if !database.promotions.iter().any(may_lose) {
        return Some("no move has lost anything".into());
    }
    let promotion = promotion?;
    // Aurora never replaces the volume of a cluster that somebody cut loose.
    let loose = database.clusters.iter().any(|cluster| !cluster.in_global);
    if loose && !promotion.lost.is_empty() && promotion.lost.iter().all(|row| database.holds(promotion.from, *row)) {
        return Some(format!("the old cluster in {} still holds every lost message", model.name(promotion.from)));
    }
    let listed = |it: &&Snapshot| !it.manual && it.created_ms >= promotion.at_ms && it.listed_ms <= heard.from_ms;
    let there = database.snapshots.get(promotion.from)?.iter().find(listed)?;
    Some(format!("{} was there before the run began", there.id))
}

/// The place that the account names does not exist, or does not hold what was lost.
fn is_kept_elsewhere(lost: &LostMessages, promotion: Option<&Promotion>, view: &View<'_>) -> Option<String> {
    let place = lost.kept_in.as_deref()?;
    let database = &view.model.database;
    let named: Vec<&str> =
        place.split([' ', ',']).filter(|word| word.starts_with("rds:") || word.starts_with("mmdr-")).collect();
    let in_snapshots = place.starts_with("snapshot");
    if in_snapshots && named.is_empty() {
        return Some(format!("{place:?} names no snapshot"));
    }
    let all = || database.snapshots.iter().flatten();
    let there = |name: &str| all().any(|it| it.id == name && it.available_ms <= view.now);
    if let Some(missing) = named.iter().find(|name| !there(name)) {
        return Some(format!("there is no snapshot {missing}"));
    }
    let promotion = promotion?;
    let held = |row: u32| {
        let beside = all().any(|it| named.contains(&it.id.as_str()) && it.rows.binary_search(&row).is_ok());
        let old = if in_snapshots { database.orphaned } else { Some(promotion.from) };
        beside || database.holds(database.writer(), row) || old.is_some_and(|old| database.holds(old, row))
    };
    let rows = promotion.lost.iter().filter(|row| !held(**row)).count();
    (rows > 0).then(|| format!("{rows} of {} lost messages are not there", promotion.lost.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(at_least_s: Option<i64>, sentence: &str) -> LostMessages {
        LostMessages { from: None, until: None, at_least_s, kept_in: None, gone: false, sentence: sentence.into() }
    }

    fn promotion(lost: &[u32]) -> Promotion {
        Promotion { asked_ms: 0, at_ms: 1, from: 0, to: 1, way: Way::Failover, lost: lost.to_vec() }
    }

    #[test]
    fn who_says_that_nothing_was_lost_must_be_right_and_who_is_careful_always_is() {
        let certain = [
            account(Some(0), "the last move was a switchover: nothing was lost"),
            account(None, "Nothing was lost: the four stores were equal."),
            account(Some(0), "all is well"),
        ];
        for account in certain {
            assert!(says_nothing_lost(&account, &promotion(&[7])).is_some(), "{account:?}");
            assert_eq!(says_nothing_lost(&account, &promotion(&[])), None, "{account:?}");
        }
        let careful = [
            account(Some(0), "Writes made in us-west-1 since 2026-11-21T03:02:00Z may be missing; at least 0 s."),
            account(Some(0), "LOSS: Aurora made no snapshot of the old volume"),
        ];
        for account in careful {
            assert_eq!(says_nothing_lost(&account, &promotion(&[7])), None, "{account:?}");
        }
    }
}
