//! What arm-dns looks at.

use mmdr_core::ports::{DatabaseReads, DnsReads, FlagSeen, LedgerReads, RecordsSeen, ResolverSeen};
use mmdr_core::records::facts;
use mmdr_core::{Assumption, Look, Region, Run, Seen, Time, WriterEvidence};
use serde::{Deserialize, Serialize};

/// What the last act changed; a hint that saves a repeated call, never a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The Region whose flag was cleared; none where the records were exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Region>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The writer's Region, in which the run runs.
    pub own: Region,
    /// Whether it can write; both ledgers are in it.
    pub writer: WriterEvidence,
    /// The records and their health check.
    pub records: Seen<RecordsSeen>,
    /// The own Region's flag.
    pub flag_here: Seen<Option<FlagSeen>>,
    /// The standby's flag, which is to be watched.
    pub flag_there: Seen<Option<FlagSeen>>,
    /// What the standby's ledger makes it publish each minute.
    pub standby_publishes: Seen<bool>,
    /// What resolvers answer, asked from the own Region.
    pub resolvers: Seen<Vec<ResolverSeen>>,
    /// What the look before changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Receipt>,
}

/// Looks at both Regions and at us-east-1: peace time.
pub(crate) async fn observe<R>(reads: &R, run: &Run, look: &Look<Receipt>) -> Observed
where
    R: DnsReads + DatabaseReads + LedgerReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let standby = reads.ledger(other).await.map(|seen| seen.is_some_and(|seen| seen.ledger.flag_to_publish()));
    Observed {
        now,
        own: own.clone(),
        writer: WriterEvidence::look(reads, own, own, now).await.with_ledger_of(reads, other, now).await,
        records: Seen::from_call(reads.records().await, now),
        flag_here: Seen::from_call(reads.flag(own).await, now),
        flag_there: Seen::from_call(reads.flag(other).await, now),
        standby_publishes: Seen::from_call(standby, now),
        resolvers: Seen::from_call(reads.resolvers(own).await, now),
        asked: look.hint.clone(),
    }
}

/// Dry run: what earlier steps would have made true.
pub(crate) fn assume(seen: &mut Observed, assumed: &[Assumption]) {
    seen.writer.assume(assumed, seen.now);
    let here = |fact: &str| assumed.iter().any(|it| it.fact == fact && it.value.as_str() == Some(seen.own.as_str()));
    let (moved, flipped) = (here(facts::WRITER), here(facts::DNS_AT));
    if moved {
        // With the writer, the standby loses the right to say that it has taken over.
        seen.standby_publishes = Seen::seen(false, seen.now);
    }
    if let (true, Seen::Seen { value, .. }) = (flipped, &mut seen.resolvers) {
        for answer in value {
            answer.region = Some(seen.own.clone());
        }
    }
}
