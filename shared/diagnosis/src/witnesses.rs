//! The witnesses: each with the time at which it spoke, or the reason why it did not.

use mmdr_core::ports::{
    ApplicationReads, Called, ClusterSeen, DatabaseReads, DnsReads, DomainSeen, FileReads, GlobalClusterSeen,
    LedgerReads, NodeReads, NodeState, PingSeen, ProbeSeen, ResolverSeen, SearchReads, WitnessReads,
};
use mmdr_core::{Deployment, Ledger, Phase, Region, RunId, Sample, Seen, Time};
use serde::{Deserialize, Serialize};

/// Everything that the witnesses said of `subject`, the other Region of the Deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witnesses {
    /// Now.
    pub now: Time,
    /// The Region that looks.
    pub own: Region,
    /// The Region that is looked at.
    pub subject: Region,
    /// The own Region's probe of the subject's address, from outside: whether the application answered and said that it is well.
    pub own_probe: Seen<bool>,
    /// The third Region's probe of the same address.
    pub third_probe: Seen<bool>,
    /// Whether a Regional AWS endpoint of the subject answers: the Region's front door.
    pub front_door: Seen<bool>,
    /// The newest heartbeat that the subject's stack sent to the own Region.
    pub heartbeat: Seen<Time>,
    /// The global cluster, as the own Region's RDS shows it.
    pub global: Seen<Option<GlobalClusterSeen>>,
    /// The own Region's cluster.
    pub own_cluster: Seen<Option<ClusterSeen>>,
    /// Newest replication lag in milliseconds, measured in the own Region; none where 15 minutes gave no value.
    pub lag: Seen<Option<Sample>>,
    /// Deep ping of the subject's application, from the own Region.
    pub ping: Seen<PingSeen>,
    /// How many of the own Region's nodes can be started, and how many there are.
    pub own_nodes: Seen<(usize, usize)>,
    /// What resolvers answer for the public name.
    pub resolvers: Seen<Vec<ResolverSeen>>,
    /// The subject's search domain.
    pub search: Seen<DomainSeen>,
    /// File operations on their way from the subject.
    pub pending_files: Seen<Option<Sample>>,
    /// Whether a move of ours, other than the run that looks, is open in a readable ledger.
    pub our_move: Seen<bool>,
    /// Whether the run that asks has pre-empted the move that Aurora may still show: it explains nothing any more.
    #[serde(default)]
    pub pre_empts: bool,
    /// How often the diagnosis came back to one that it had left, within the looks that belong together.
    #[serde(default)]
    pub returns: u32,
}

impl Witnesses {
    /// Nobody was asked, for this reason: a lost Region makes every question a time-out, and there is nothing to decide.
    pub fn not_asked(deployment: &Deployment, own: &Region, why: &str, now: Time) -> Self {
        fn unseen<T>(why: &str) -> Seen<T> {
            Seen::unseen(why)
        }
        Self {
            now,
            own: own.clone(),
            subject: deployment.other(own).cloned().unwrap_or_else(|| own.clone()),
            own_probe: unseen(why),
            third_probe: unseen(why),
            front_door: unseen(why),
            heartbeat: unseen(why),
            global: unseen(why),
            own_cluster: unseen(why),
            lag: unseen(why),
            ping: unseen(why),
            own_nodes: unseen(why),
            resolvers: unseen(why),
            search: unseen(why),
            pending_files: unseen(why),
            our_move: unseen(why),
            pre_empts: false,
            returns: 0,
        }
    }
}

/// Looks at every witness, from `own`, once each. Every read is best effort: what does not answer is `Unseen`.
///
/// `run` is the run that looks, where one does: its own open line in the ledger is no other move.
pub async fn look<R>(reads: &R, deployment: &Deployment, own: &Region, run: Option<&RunId>, now: Time) -> Witnesses
where
    R: WitnessReads + DatabaseReads + ApplicationReads + NodeReads + DnsReads + SearchReads + FileReads + LedgerReads,
{
    let subject = deployment.other(own).cloned().unwrap_or_else(|| own.clone());
    let third_probe = match &deployment.witnesses.third_region {
        Some(third) => probe(reads.third_probe(third, &subject).await),
        None => Seen::unseen("the document names no third Region"),
    };
    Witnesses {
        now,
        own: own.clone(),
        own_probe: probe(reads.own_probe(own, &subject).await),
        third_probe,
        front_door: front_door(reads.region_answers(&subject).await, now),
        heartbeat: heartbeat(reads.heartbeat(own, &subject).await, now),
        global: Seen::from_call(reads.global_cluster(own).await, now),
        own_cluster: Seen::from_call(reads.cluster(own).await, now),
        lag: Seen::from_call(reads.replication_lag_ms(own).await, now),
        ping: ping(reads.ping(&subject).await, now),
        own_nodes: own_nodes(reads, own, now).await,
        resolvers: Seen::from_call(reads.resolvers(own).await, now),
        search: Seen::from_call(reads.domain(&subject).await, now),
        pending_files: Seen::from_call(reads.pending_operations(&subject, own).await, now),
        our_move: our_move(reads, own, &subject, run, now).await,
        pre_empts: pre_empts(reads, own, run).await,
        subject,
        returns: 0,
    }
}

fn probe(answer: Called<Option<ProbeSeen>>) -> Seen<bool> {
    match answer {
        Ok(Some(probe)) => Seen::seen(probe.healthy, probe.at),
        Ok(None) => Seen::unseen("the probe has no data"),
        Err(error) => Seen::unseen(error.to_string()),
    }
}

/// A front door that gives no answer in time is what a lost Region looks like from here: it is evidence, from this
/// vantage. Every other fault (throttled, denied) comes from something that lives.
fn front_door(answer: Called<bool>, now: Time) -> Seen<bool> {
    match answer {
        Ok(answers) => Seen::seen(answers, now),
        Err(error) if error.fault == mmdr_core::Fault::NoAnswer => Seen::seen(false, now),
        Err(error) => Seen::unseen(error.to_string()),
    }
}

/// Silence of the application is evidence in the same way.
fn ping(answer: Called<PingSeen>, now: Time) -> Seen<PingSeen> {
    match answer {
        Err(error) if error.fault == mmdr_core::Fault::NoAnswer => {
            let (search_backend, version) = (String::new(), String::new());
            Seen::seen(
                PingSeen { answers: false, database_ok: false, filestore_ok: false, search_backend, version },
                now,
            )
        }
        answer => Seen::from_call(answer, now),
    }
}

fn heartbeat(answer: Called<Option<Time>>, now: Time) -> Seen<Time> {
    match answer {
        Ok(Some(at)) => Seen::seen(at, now),
        Ok(None) => Seen::unseen("no heartbeat on record"),
        Err(error) => Seen::unseen(error.to_string()),
    }
}

async fn own_nodes(reads: &impl NodeReads, own: &Region, now: Time) -> Seen<(usize, usize)> {
    let counted = reads.nodes(own).await.map(|nodes| {
        let usable = nodes.iter().filter(|node| node.state != NodeState::Broken).count();
        (usable, nodes.len())
    });
    Seen::from_call(counted, now)
}

async fn our_move(
    reads: &impl LedgerReads,
    own: &Region,
    subject: &Region,
    run: Option<&RunId>,
    now: Time,
) -> Seen<bool> {
    let here = reads.ledger(own).await.map(|seen| seen.map(|seen| seen.ledger));
    let there = reads.ledger(subject).await.map(|seen| seen.map(|seen| seen.ledger));
    let moves = |ledger: &Option<Ledger>| ledger.as_ref().is_some_and(|ledger| is_moving(ledger, run, now));
    match (&here, &there) {
        (Ok(here), Ok(there)) => Seen::seen(moves(here) || moves(there), now),
        (Ok(one), Err(error)) | (Err(error), Ok(one)) if !moves(one) => Seen::unseen(error.to_string()),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => Seen::seen(true, now),
        (Err(error), Err(_)) => Seen::unseen(error.to_string()),
    }
}

async fn pre_empts(reads: &impl LedgerReads, own: &Region, run: Option<&RunId>) -> bool {
    let Ok(Some(seen)) = reads.ledger(own).await else { return false };
    seen.ledger.run.is_some_and(|line| Some(&line.id) == run && line.pre_empted.is_some())
}

/// A move that has been open for longer than this no longer explains what the witnesses see.
const OUR_MOVE_S: i64 = 3_600;

fn is_moving(ledger: &Ledger, run: Option<&RunId>, now: Time) -> bool {
    let line = ledger.run.as_ref().filter(|line| line.phase != Phase::Closed && line.kind.is_move());
    line.is_some_and(|line| Some(&line.id) != run && now.since_s(line.opened_at) <= OUR_MOVE_S)
}
