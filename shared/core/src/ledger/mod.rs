//! The ledger: one small durable record per Region, written only under a condition.
//!
//! `claimed` is the highest epoch given out and says nothing about who writes. `settled` names the writer and
//! is written only when the database's completion test held, or when RDS was observed at rest.

mod lines;
mod marks;

use serde::{Deserialize, Serialize};

use crate::{Epoch, Region, Time};

pub use lines::{ArmedLine, Ending, FlagLine, Hold, How, LastMove, Phase, RunLine, Settled};
pub use marks::LedgerMark;

/// One Region's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The Region whose ledger this is.
    pub region: Region,
    /// Highest epoch given out, as far as this ledger knows.
    pub claimed: Epoch,
    /// Who writes, as proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// The run that holds or last held the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunLine>,
    /// The hold.
    #[serde(default)]
    pub hold: Hold,
    /// The last move that reached its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_move: Option<LastMove>,
    /// The take-over flag of this Region, published again each minute as [`Ledger::flag_to_publish`] says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagLine>,
    /// The last exchange of the DNS records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub armed: Option<ArmedLine>,
}

impl Ledger {
    /// An empty ledger for a Region that has none yet.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            claimed: Epoch(0),
            settled: None,
            run: None,
            hold: Hold::default(),
            last_move: None,
            flag: None,
            armed: None,
        }
    }

    /// The open run, if any.
    pub fn open_run(&self) -> Option<&RunLine> {
        self.run.as_ref().filter(|run| run.phase != Phase::Closed)
    }

    /// When the newest database call was sent that this ledger knows of, whoever sent it.
    pub fn newest_call(&self) -> Option<Time> {
        self.last_move.as_ref().map(|last| last.at)
    }

    /// The settlement of a move that somebody made past this product, above every move of its own, while no run has done
    /// the rest of it.
    pub fn moved_by_hand(&self) -> Option<&Settled> {
        let last = self.last_move.as_ref().map(|last| last.epoch);
        let changed = |settled: &&Settled| settled.before.as_ref().is_some_and(|before| *before != settled.writer);
        self.settled
            .as_ref()
            .filter(|settled| settled.how == How::Observed && Some(settled.epoch) > last)
            .filter(changed)
    }

    /// What this Region's take-over flag must say each minute: "taken over" only while a step decided so and this
    /// Region is the settled writer. A Region that lost the writer since then can never pull traffic back.
    pub fn flag_to_publish(&self) -> bool {
        let decided = self.flag.is_some_and(|flag| flag.taken_over);
        decided && self.settled.as_ref().is_some_and(|settled| settled.writer == self.region)
    }

    /// Takes over what `other` knows better: a higher claimed epoch, a higher settled one, a later hold, a later move.
    /// The run is left alone: who holds the lease is only ever said by a claim.
    pub fn learn(&mut self, other: &Self) {
        self.claimed = self.claimed.max(other.claimed);
        let epoch = |settled: &Option<Settled>| settled.as_ref().map(|settled| settled.epoch);
        if epoch(&other.settled) > epoch(&self.settled) {
            self.settled.clone_from(&other.settled);
        }
        if other.hold.number > self.hold.number {
            self.hold = other.hold.clone();
        }
        let sent_at = |last: &Option<LastMove>| last.as_ref().map(|last| last.at);
        if sent_at(&other.last_move) > sent_at(&self.last_move) {
            self.last_move.clone_from(&other.last_move);
        }
    }
}

/// The highest epoch above `line`'s under which the writer went elsewhere: another Region is settled under it, or another
/// run sent its call. An epoch that was only given out, to a run that came to nothing, takes nothing over.
pub fn taken_over<'a>(line: &RunLine, readable: impl IntoIterator<Item = &'a Ledger>) -> Option<Epoch> {
    let above = |ledger: &'a Ledger| {
        let settled = ledger.settled.as_ref().filter(|settled| settled.writer != line.region).map(|it| it.epoch);
        let called = ledger.run.as_ref().filter(|other| other.id != line.id && other.reached_call()).map(|it| it.epoch);
        settled.max(called)
    };
    readable.into_iter().filter_map(above).max().filter(|epoch| *epoch > line.epoch)
}

/// The epoch of the next run: one above the highest that any readable ledger has given out or settled.
pub fn next_epoch<'a>(readable: impl IntoIterator<Item = &'a Ledger>) -> Epoch {
    let highest = readable
        .into_iter()
        .map(|ledger| ledger.claimed.0.max(ledger.settled.as_ref().map_or(0, |settled| settled.epoch.0)))
        .max();
    Epoch(highest.unwrap_or(0) + 1)
}

/// The hold that counts: the one with the highest number among the readable ledgers.
pub fn highest_hold<'a>(readable: impl IntoIterator<Item = &'a Ledger>) -> Option<&'a Hold> {
    readable.into_iter().map(|ledger| &ledger.hold).max_by_key(|hold| hold.number)
}
