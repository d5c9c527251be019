//! What flip-dns looks at.

use mmdr_core::ports::{
    DatabaseReads, DnsReads, FlagSeen, LedgerReads, NodeReads, NodeSeen, NodeState, RecordsSeen, ResolverSeen,
};
use mmdr_core::records::facts;
use mmdr_core::{Assumption, FlagLine, Look, Region, Run, Seen, Time, WriterEvidence};
use serde::{Deserialize, Serialize};

/// The last act changed something; a hint that saves a repeated call, never a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The Region to which the public name must point: the one in which the run runs.
    pub own: Region,
    /// Whether it can write; the own ledger is in it.
    pub writer: WriterEvidence,
    /// Its nodes.
    pub nodes: Seen<Vec<NodeSeen>>,
    /// The records; control plane in us-east-1, best effort.
    pub records: Seen<RecordsSeen>,
    /// The own Region's flag.
    pub flag_here: Seen<Option<FlagSeen>>,
    /// The other Region's flag, best effort; looked at only where PRIMARY is this Region and watches it.
    pub flag_there: Seen<Option<FlagSeen>>,
    /// What resolvers answer, asked from the own Region.
    pub resolvers: Seen<Vec<ResolverSeen>>,
    /// Whether the look before acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Receipt>,
}

impl Observed {
    /// The flag as this Region's ledger has decided it.
    pub fn flag_line(&self) -> Option<FlagLine> {
        self.writer.ledger.value().and_then(Option::as_ref).and_then(|ledger| ledger.flag)
    }

    /// How many resolvers give this Region's address, and how many answered.
    pub fn agreement(&self) -> (usize, usize) {
        let asked = self.resolvers.value().map_or(&[][..], Vec::as_slice);
        (asked.iter().filter(|answer| answer.region.as_ref() == Some(&self.own)).count(), asked.len())
    }

    /// Whether every resolver that answered, and at least one, gives this Region's address.
    pub fn resolvers_agree(&self) -> bool {
        let (agree, of) = self.agreement();
        of > 0 && agree == of
    }
}

/// Looks; only the own Region's answers can hold up a flip by flag.
pub(crate) async fn observe<R>(reads: &R, run: &Run, look: &Look<Receipt>) -> Observed
where
    R: DnsReads + DatabaseReads + NodeReads + LedgerReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let records = Seen::from_call(reads.records().await, now);
    // Nothing else depends on it, and each look at a lost Region costs a time-out.
    let watches = |it: &RecordsSeen| it.primary == *own && it.flag_region != *own;
    let flag_there = match records.value().is_some_and(watches) {
        true => Seen::from_call(reads.flag(other).await, now),
        false => Seen::unseen("PRIMARY does not depend on it"),
    };
    Observed {
        now,
        own: own.clone(),
        writer: WriterEvidence::look(reads, own, own, now).await,
        nodes: Seen::from_call(reads.nodes(own).await, now),
        records,
        flag_here: Seen::from_call(reads.flag(own).await, now),
        flag_there,
        resolvers: Seen::from_call(reads.resolvers(own).await, now),
        asked: look.hint.clone(),
    }
}

/// Dry run: what earlier steps would have made true.
pub(crate) fn assume(seen: &mut Observed, assumed: &[Assumption]) {
    seen.writer.assume(assumed, seen.now);
    // The promotion alone ends a standby's restart loop; start-here then had nothing left to do.
    let running = assumed.iter().any(|it| {
        matches!(it.fact.as_str(), facts::NODES_RUNNING | facts::WRITER) && it.value.as_str() == Some(seen.own.as_str())
    });
    if let (true, Seen::Seen { value, .. }) = (running, &mut seen.nodes) {
        for node in value {
            node.state = NodeState::Running;
            node.registered = true;
            node.healthy = true;
        }
    }
}
