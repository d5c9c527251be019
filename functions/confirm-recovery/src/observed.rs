//! What confirm-recovery looks at.

use mmdr_core::ports::{ApplicationReads, DnsReads, JobSeen, LedgerReads, NodeReads, NodeSeen, PingSeen, ResolverSeen};
use mmdr_core::records::facts;
use mmdr_core::{Assumption, Look, Region, Run, Seen, Time};
use serde::{Deserialize, Serialize};

use crate::words::Part;

/// Type of the canary: its worker is always on, and it only removes expired keys of plugins.
pub(crate) const CANARY: &str = "plugins";

/// Which probe was made last, and whether it was refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was made.
    pub made: Probe,
    /// Why it was refused, where going on is better than asking again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// What a probe creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// A post.
    Post,
    /// A file.
    File,
    /// A job.
    Job,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The Region that is confirmed.
    pub region: Region,
    /// The tag of this run's probes; run and epoch are in it.
    pub tag: String,
    /// Deep ping at the Region's own address.
    pub ping: Seen<PingSeen>,
    /// Whether the probe post is there.
    pub post: Seen<bool>,
    /// Whether the probe file comes back whole.
    pub file: Seen<bool>,
    /// Whether search finds the probe post.
    pub search: Seen<bool>,
    /// Open WebSocket connections in the Region.
    pub sockets: Seen<u32>,
    /// The Region that answers at the public name, asked from the own Region.
    pub public: Seen<Region>,
    /// What resolvers answer, asked from the own Region.
    pub resolvers: Seen<Vec<ResolverSeen>>,
    /// Canary jobs.
    pub jobs: Seen<Vec<JobSeen>>,
    /// A job counts as proof if it was created after this.
    pub moved_at: Time,
    /// The old Region's nodes.
    pub old_nodes: Seen<Vec<NodeSeen>>,
    /// What the look before made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Receipt>,
}

impl Observed {
    fn blank(run: &Run, part: Part, look: &Look<Receipt>) -> Self {
        let tag = format!("mmdr-{}-{}-{part}", run.id, run.epoch);
        let nothing = "not needed here";
        Self {
            now: look.now,
            region: part.region(run).clone(),
            tag,
            ping: Seen::unseen(nothing),
            post: Seen::unseen(nothing),
            file: Seen::unseen(nothing),
            search: Seen::unseen(nothing),
            sockets: Seen::unseen(nothing),
            public: Seen::unseen(nothing),
            resolvers: Seen::unseen(nothing),
            jobs: Seen::unseen(nothing),
            moved_at: run.opened_at,
            old_nodes: Seen::unseen(nothing),
            asked: look.hint.clone(),
        }
    }
}

/// Looks at what the part is about.
pub(crate) async fn observe<R>(reads: &R, run: &Run, part: Part, look: &Look<Receipt>) -> Observed
where
    R: ApplicationReads + DnsReads + NodeReads + LedgerReads,
{
    let mut seen = Observed::blank(run, part, look);
    match part {
        Part::Inside | Part::CalledOff => working(reads, part, &mut seen).await,
        Part::Outside => {
            seen.public = Seen::from_call(reads.public_name_answers_from(run.own()).await, look.now);
            seen.resolvers = Seen::from_call(reads.resolvers(run.own()).await, look.now);
            seen.sockets = Seen::from_call(reads.open_sockets(run.own()).await, look.now);
        }
        Part::Jobs => {
            seen.moved_at = moved_at(reads, run).await;
            seen.jobs = Seen::from_call(reads.jobs(run.own(), CANARY).await, look.now);
            seen.old_nodes = Seen::from_call(reads.nodes(run.other()).await, look.now);
        }
    }
    seen
}

/// Ping first: where nobody answers, every further question only costs its time-out.
async fn working<R: ApplicationReads>(reads: &R, part: Part, seen: &mut Observed) {
    let (now, region, tag) = (seen.now, seen.region.clone(), seen.tag.clone());
    seen.ping = Seen::from_call(reads.ping(&region).await, now);
    if !seen.ping.value().is_some_and(|ping| ping.answers && ping.database_ok) {
        return;
    }
    seen.post = Seen::from_call(reads.post_exists(&region, &tag).await, now);
    if part == Part::CalledOff || seen.post.value().is_none() {
        return;
    }
    seen.file = Seen::from_call(reads.file_exists(&region, &tag).await, now);
    seen.search = Seen::from_call(reads.search_finds(&region, &tag).await, now);
    seen.sockets = Seen::from_call(reads.open_sockets(&region).await, now);
}

/// When the database was proven to write here; before that, jobs of the old side are in the same table.
async fn moved_at<R: LedgerReads>(reads: &R, run: &Run) -> Time {
    let settled = reads.ledger(run.own()).await.ok().flatten().and_then(|seen| seen.ledger.settled);
    settled.filter(|settled| settled.writer == *run.own()).map_or(run.opened_at, |settled| settled.at)
}

/// Dry run: nodes that would run answer, and a public name that would be flipped has been.
pub(crate) fn assume(seen: &mut Observed, assumed: &[Assumption]) {
    let now = seen.now;
    for assumption in assumed {
        if assumption.value.as_str() != Some(seen.region.as_str()) {
            continue;
        }
        match assumption.fact.as_str() {
            // The promotion alone ends a standby's restart loop; start-here then had nothing left to do.
            facts::NODES_RUNNING | facts::WRITER => {
                let ping = PingSeen {
                    answers: true,
                    database_ok: true,
                    filestore_ok: true,
                    search_backend: "assumed".into(),
                    version: "assumed".into(),
                };
                seen.ping = Seen::seen(ping, now);
                seen.post = Seen::seen(false, now);
                seen.jobs = Seen::seen(Vec::new(), now);
            }
            facts::DNS_AT => {
                seen.public = Seen::seen(seen.region.clone(), now);
                seen.resolvers = Seen::unseen("dry run: the flip is assumed");
            }
            _ => {}
        }
    }
}
