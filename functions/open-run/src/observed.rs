//! Everything that open-run looks at.

use std::collections::BTreeMap;

use mmdr_core::ports::{
    ClusterSeen, DatabaseReads, ExecutionReads, ExecutionSeen, GlobalClusterSeen, LedgerReads, LedgerSeen,
};
use mmdr_core::{
    Epoch, LONGEST_RUN_S, Lease, Ledger, Look, Phase, Region, Run, RunLine, Seen, Settled, StepError, Time,
    highest_settled, settled_outside,
};
use serde::{Deserialize, Serialize};

/// What open-run's act leaves: a hint for the next look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The epoch that this run claimed; none while it has only raised the other ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Epoch>,
    /// Why the other Region's ledger could not be written, where that does not stop the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_not_written: Option<String>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The own ledger; none where there is none yet. Nothing can be decided without this answer.
    pub own: Option<LedgerSeen>,
    /// The other Region's ledger.
    pub other: Seen<Option<LedgerSeen>>,
    /// The global cluster, as the own Region's RDS shows it.
    pub global: Seen<Option<GlobalClusterSeen>>,
    /// The own Region's cluster.
    pub cluster: Seen<Option<ClusterSeen>>,
    /// The executions of the runs in both ledgers, each asked in its own Region, by ARN.
    pub executions: BTreeMap<String, Seen<Option<ExecutionSeen>>>,
    /// What the last act left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// Whether this Region holds the writer, as far as can be told from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// This Region.
    Here,
    /// Not this Region.
    Elsewhere,
    /// Nobody can tell from here.
    Unknown,
}

/// Looks. The own ledger is the one read without which nothing can be decided.
pub(crate) async fn observe<R>(reads: &R, run: &Run, look: &Look<Receipt>) -> Result<Observed, StepError>
where
    R: LedgerReads + ExecutionReads + DatabaseReads,
{
    let now = look.now;
    let own = reads.ledger(run.own()).await.map_err(StepError::ReadFailed)?;
    let other = Seen::from_call(reads.ledger(run.other()).await, now);
    let global = Seen::from_call(reads.global_cluster(run.own()).await, now);
    let cluster = Seen::from_call(reads.cluster(run.own()).await, now);
    let mut seen =
        Observed { now, own, other, global, cluster, executions: BTreeMap::new(), receipt: look.hint.clone() };
    for line in leases(run, &seen) {
        let execution = Seen::from_call(reads.execution(&line.region, &line.execution).await, now);
        seen.executions.insert(line.execution, execution);
    }
    Ok(seen)
}

/// The runs whose lease must be looked up: not closed, and not this execution itself.
fn leases(run: &Run, seen: &Observed) -> Vec<RunLine> {
    let lines = seen.readable().filter_map(Ledger::open_run);
    lines.filter(|line| line.execution != run.execution).cloned().collect()
}

impl Observed {
    /// The own ledger.
    pub fn own_ledger(&self) -> Option<&Ledger> {
        self.own.as_ref().map(|seen| &seen.ledger)
    }

    /// The other ledger, where it was seen and exists.
    pub fn other_ledger(&self) -> Option<&Ledger> {
        self.other.value().and_then(Option::as_ref).map(|seen| &seen.ledger)
    }

    /// The ledgers that could be read, the own one first.
    pub fn readable(&self) -> impl Iterator<Item = &Ledger> {
        self.own_ledger().into_iter().chain(self.other_ledger())
    }

    /// Where the writer is. The highest readable `settled` comes first where it names a Region that the global cluster
    /// does not have: after a detach the abandoned shell still names the lost Region. Else the own RDS is the truth
    /// while this Region's cluster is a member of the global cluster; a cluster that is none (after a detach) is judged
    /// by `settled` and by itself. Where RDS is silent, the highest readable `settled` answers.
    /// `IsWriter` lags while a move runs (RDS API, GlobalClusterMember), so then a flag that says
    /// "here" proves nothing.
    pub fn writer(&self, own: &Region) -> Writes {
        let by = |settled: &Settled| if settled.writer == *own { Writes::Here } else { Writes::Elsewhere };
        let global = self.global.value().and_then(Option::as_ref);
        if let Some(settled) = global.and_then(|global| settled_outside(global, self.readable())) {
            return by(settled);
        }
        if let Some(global) = global
            && let Some(member) = global.member(own)
        {
            // A Region that returns may be shown its own past: against a higher settlement RDS is believed only once
            // reconcile has settled it, in two looks, and with the other Region's RDS.
            let contradicted = highest_settled(self.readable()).is_some_and(|settled| settled.writer != *own);
            return match (member.is_writer, global.at_rest() && global.only_writer().is_some() && !contradicted) {
                (false, _) => Writes::Elsewhere,
                (true, true) => Writes::Here,
                (true, false) => Writes::Unknown,
            };
        }
        if let Some(settled) = highest_settled(self.readable()) {
            return by(settled);
        }
        match self.cluster.value() {
            Some(Some(cluster)) if cluster.global_cluster.is_none() && cluster.writable() => Writes::Here,
            _ => Writes::Unknown,
        }
    }

    /// Whether RDS here shows that Aurora is at work on a move.
    pub fn is_moving(&self) -> bool {
        self.global.value().and_then(Option::as_ref).is_some_and(|global| !global.at_rest())
    }

    /// The Region to which a detach moved the writer, where the global cluster here is the shell that it left.
    pub fn abandoned(&self, own: &Region) -> Option<&Settled> {
        let global = self.global.value()?.as_ref()?;
        settled_outside(global, self.readable()).filter(|settled| settled.writer != *own)
    }

    /// Whether the own cluster stands alone and writes, and no ledger says that it is meant to.
    pub fn stands_alone(&self, own: &Region) -> bool {
        let alone = |cluster: &ClusterSeen| cluster.global_cluster.is_none() && cluster.writable();
        let settled_here = highest_settled(self.readable()).is_some_and(|settled| settled.writer == *own);
        self.cluster.value().and_then(Option::as_ref).is_some_and(alone)
            && !settled_here
            && self.readable().next().is_some()
    }

    /// Whether `line` still runs.
    pub fn lease(&self, line: &RunLine) -> Lease {
        match self.executions.get(&line.execution).and_then(Seen::value) {
            Some(execution) => Lease::of(execution.as_ref(), line.opened_at),
            None if self.now.since_s(line.opened_at) >= LONGEST_RUN_S => {
                Lease::Dead(line.opened_at.plus_s(LONGEST_RUN_S))
            }
            None => Lease::Unknown,
        }
    }

    /// The highest epoch that any readable ledger knows.
    pub fn highest_epoch(&self) -> Epoch {
        let known = |ledger: &Ledger| {
            let settled = ledger.settled.as_ref().map_or(Epoch(0), |settled| settled.epoch);
            ledger.claimed.max(settled)
        };
        self.readable().map(known).max().unwrap_or_default()
    }

    /// Runs that have not closed in any readable ledger and that no higher epoch has superseded, each once. The
    /// ledger of a run's own Region comes first: only there its phase is kept.
    pub fn open_runs(&self) -> Vec<&RunLine> {
        let highest = self.highest_epoch();
        let mut all: Vec<&RunLine> = self.readable().filter_map(|ledger| ledger.run.as_ref()).collect();
        let kept_at_home = |line: &RunLine| {
            self.readable()
                .any(|ledger| ledger.region == line.region && ledger.run.as_ref().is_some_and(|it| it == line))
        };
        all.sort_by_key(|line| !kept_at_home(line));
        let mut open: Vec<&RunLine> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for line in all {
            if seen.contains(&line.execution.as_str()) {
                continue;
            }
            seen.push(&line.execution);
            if line.phase != Phase::Closed && line.epoch >= highest {
                open.push(line);
            }
        }
        open
    }
}
