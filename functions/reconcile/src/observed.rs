//! What reconcile looks at: both ledgers, the last run's execution, its own memory, and the witnesses.

use mmdr_core::ports::{ClusterSeen, ExecutionReads, ExecutionSeen, GlobalClusterSeen, LedgerReads, LedgerSeen};
use mmdr_core::{
    Ending, Lease, Ledger, Phase, Region, Run, RunLine, Seen, Settled, StepError, Time, highest_settled, records,
    settled_outside,
};
use mmdr_diagnosis::{Witnesses, look};
use serde::{Deserialize, Serialize};

use crate::memory::{MEMORY_KEY, Memory};

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The own ledger; none before the first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<LedgerSeen>,
    /// The other Region's ledger.
    pub other: Seen<Option<Ledger>>,
    /// The execution of the last run that ran here and has not ended well.
    pub execution: Seen<Option<ExecutionSeen>>,
    /// What the looks before handed on.
    #[serde(default)]
    pub memory: Memory,
    /// What the witnesses say of the other Region, with what RDS shows here.
    pub witnesses: Witnesses,
    /// The global cluster as the other Region's RDS shows it; asked only where a ledger contradicts the own RDS.
    #[serde(default = "not_asked", skip_serializing_if = "is_unseen")]
    pub global_there: Seen<Option<GlobalClusterSeen>>,
    /// The other Region's cluster; asked only where the own flag is about to be lowered for it.
    #[serde(default = "not_looked_at", skip_serializing_if = "is_not_seen")]
    pub cluster_there: Seen<Option<ClusterSeen>>,
}

fn not_looked_at() -> Seen<Option<ClusterSeen>> {
    Seen::unseen("not asked")
}

fn is_not_seen(cluster: &Seen<Option<ClusterSeen>>) -> bool {
    cluster.value().is_none()
}

fn not_asked() -> Seen<Option<GlobalClusterSeen>> {
    Seen::unseen("not asked")
}

fn is_unseen(global: &Seen<Option<GlobalClusterSeen>>) -> bool {
    global.value().is_none()
}

/// Looks. The own ledger and the memory are essential: without them reconcile would start twice what it started once.
pub(crate) async fn observe<R>(reads: &R, run: &Run, now: Time) -> Result<Observed, StepError>
where
    R: crate::AllReads,
{
    let (own_name, other_name) = (run.own(), run.other());
    let own = LedgerReads::ledger(reads, own_name).await.map_err(StepError::ReadFailed)?;
    // A record that is not understood is one that was never written: the rows begin anew.
    let memory = records::read_tolerant(reads, own_name, MEMORY_KEY).await?.unwrap_or_default();
    let other = reads.ledger(other_name).await.map(|seen| seen.map(|seen| seen.ledger));
    let line = own.as_ref().and_then(|seen| seen.ledger.run.as_ref());
    let execution = match line.filter(|line| line.region == *own_name && is_unfinished(line)) {
        Some(line) => Seen::from_call(ExecutionReads::execution(reads, own_name, &line.execution).await, now),
        None => Seen::unseen("no run here is unfinished"),
    };
    // A run that has died explains nothing of what the witnesses see.
    let dead = line.filter(|_| lease_of(&execution, line).ended_at().is_some()).map(|line| &line.id);
    let witnesses = look(reads, &run.deployment, own_name, dead, now).await;
    let (other, global_there, cluster_there) = (Seen::from_call(other, now), not_asked(), not_looked_at());
    let mut seen = Observed { now, other, execution, memory, witnesses, own, global_there, cluster_there };
    if seen.contradicting().is_some() {
        seen.global_there = Seen::from_call(reads.global_cluster(other_name).await, now);
    }
    if seen.lowers_the_flag() {
        seen.cluster_there = Seen::from_call(reads.cluster(other_name).await, now);
    }
    Ok(seen)
}

/// A run that is open, or that ended without knowing what became of its database call.
pub(crate) fn is_unfinished(line: &RunLine) -> bool {
    line.phase != Phase::Closed || matches!(line.ending, Some(Ending::StoppedAskAurora | Ending::Unfinished))
}

fn lease_of(execution: &Seen<Option<ExecutionSeen>>, line: Option<&RunLine>) -> Lease {
    let opened_at = line.map_or(Time(0), |line| line.opened_at);
    execution.value().map_or(Lease::Unknown, |execution| Lease::of(execution.as_ref(), opened_at))
}

impl Observed {
    /// The own ledger.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        self.own.as_ref().map(|seen| &seen.ledger)
    }

    /// The other Region's ledger, where it was read and exists.
    pub(crate) fn other_ledger(&self) -> Option<&Ledger> {
        self.other.value().and_then(Option::as_ref)
    }

    /// Every readable ledger, the own one first.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &Ledger> {
        self.ledger().into_iter().chain(self.other_ledger())
    }

    /// The last run that ran here and is unfinished.
    pub(crate) fn unfinished(&self) -> Option<&RunLine> {
        let line = self.ledger()?.run.as_ref()?;
        (line.region == self.witnesses.own && is_unfinished(line)).then_some(line)
    }

    /// Whether that run is still at work.
    pub(crate) fn lease(&self) -> Lease {
        lease_of(&self.execution, self.unfinished())
    }

    /// What this Region's flag must say: as its ledger decided, unless a readable ledger has settled another writer above
    /// that. The own ledger learns it only once no run is at work here, and until then it would pull the traffic back.
    pub(crate) fn taken_over(&self) -> bool {
        let elsewhere = highest_settled(self.readable()).is_some_and(|settled| settled.writer != self.witnesses.own);
        !elsewhere && self.ledger().is_some_and(Ledger::flag_to_publish)
    }

    /// Whether the two ledgers have settled two writers at one epoch, as both sides of a cut can.
    pub(crate) fn is_contested(&self) -> bool {
        let own = self.ledger().and_then(|ledger| ledger.settled.as_ref());
        let other = self.other_ledger().and_then(|ledger| ledger.settled.as_ref());
        own.zip(other).is_some_and(|(own, other)| own.epoch == other.epoch && own.writer != other.writer)
    }

    /// Whether this Region's flag was raised by a step, and its Region has lost the writer since.
    pub(crate) fn lowers_the_flag(&self) -> bool {
        let raised = self.ledger().and_then(|ledger| ledger.flag).is_some_and(|flag| flag.taken_over);
        raised && !self.taken_over()
    }

    /// The highest `settled`, where it names another writer than the own RDS shows at rest.
    pub(crate) fn contradicting(&self) -> Option<&Settled> {
        let writer = self.writer_at_rest()?;
        highest_settled(self.readable()).filter(|settled| settled.writer != *writer)
    }

    /// Whether RDS in the other Region lets `settled` be undone by `writer`. A Region that comes back may be shown its own
    /// past: what only the other ledger has settled was proven while this Region was dark, and its RDS must agree. What
    /// this ledger knows, too, is undone unless that RDS answers and names somebody else, or no global cluster at all.
    pub(crate) fn undone_there(&self, settled: &Settled, writer: &Region) -> bool {
        let known = self.ledger().and_then(|ledger| ledger.settled.as_ref()).map(|settled| settled.epoch);
        let at_rest = |global: &GlobalClusterSeen| global.at_rest().then(|| global.only_writer()).flatten().cloned();
        match self.global_there.value() {
            Some(global) => global.as_ref().and_then(at_rest).is_some_and(|there| there.region == *writer),
            None => known >= Some(settled.epoch),
        }
    }

    /// The writer Region that RDS shows at rest: nothing scheduled or running, one writer, and the own cluster an
    /// available member. A cluster that stands alone says nothing here: after a detach it is judged by `settled`.
    pub(crate) fn writer_at_rest(&self) -> Option<&Region> {
        let cluster = self.witnesses.own_cluster.value()?.as_ref()?;
        let global = self.witnesses.global.value()?.as_ref()?;
        let member = cluster.global_cluster.as_ref().is_some_and(|id| *id == global.id);
        if !member || !global.at_rest() || cluster.status != "available" {
            return None;
        }
        let writer = &global.only_writer()?.region;
        if settled_outside(global, self.readable()).is_some() {
            return None;
        }
        let is_pair = *writer == self.witnesses.own || *writer == self.witnesses.subject;
        let can_write = *writer != self.witnesses.own || cluster.writable();
        (is_pair && can_write).then_some(writer)
    }
}
