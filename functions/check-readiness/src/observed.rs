//! What the checks look at: each read best effort, so that one silent service costs its own checks and no others.

use mmdr_core::ports::*;
use mmdr_core::records::{self, Question, Readiness};
use mmdr_core::{Ledger, Phase, Region, Run, Sample, Seen, StepError, Time};
use serde::{Deserialize, Serialize};

use crate::Part;

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The report that this run has written, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Readiness>,
    /// The global cluster, asked in the own Region.
    pub global_cluster: Seen<Option<GlobalClusterSeen>>,
    /// The failover records of the public name.
    pub records: Seen<RecordsSeen>,
    /// What resolvers answer.
    pub resolvers: Seen<Vec<ResolverSeen>>,
    /// Whether the other Region's front door answers.
    pub other_answers: Seen<bool>,
    /// The own Region.
    pub here: RegionSeen,
    /// The other Region.
    pub there: RegionSeen,
}

/// One Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionSeen {
    /// The ledger.
    pub ledger: Seen<Option<Ledger>>,
    /// The question that the Region's open run asked and nobody has answered; none where there is none.
    pub question: Seen<Option<Question>>,
    /// The Aurora cluster.
    pub cluster: Seen<Option<ClusterSeen>>,
    /// Replication lag in milliseconds; only a secondary has one.
    pub lag_ms: Seen<Option<Sample>>,
    /// The search domain.
    pub domain: Seen<DomainSeen>,
    /// Its indices.
    pub indices: Seen<Vec<IndexSeen>>,
    /// Its connections, with this Region as follower.
    pub connections: Seen<Vec<ConnectionSeen>>,
    /// Its auto-follow rules.
    pub rules: Seen<Vec<RuleName>>,
    /// The nodes.
    pub nodes: Seen<Vec<NodeSeen>>,
    /// The job flags.
    pub job_flags: Seen<JobFlagsSeen>,
    /// What a running node says of its configuration; none where no node runs.
    pub config: Seen<Option<ConfigSeen>>,
    /// Deep ping.
    pub ping: Seen<PingSeen>,
    /// The aggregation jobs that Mattermost lists.
    pub aggregations: Seen<Vec<JobSeen>>,
    /// The bucket of files.
    pub bucket: Seen<BucketSeen>,
    /// Operations pending from this Region's bucket to the other's.
    pub pending: Seen<Option<Sample>>,
    /// Operations failed from this Region's bucket in the last day.
    pub failed: Seen<Option<Sample>>,
    /// The take-over flag that lies in this Region.
    pub flag: Seen<Option<FlagSeen>>,
    /// The third Region's probe of this Region.
    pub third_probe: Seen<Option<ProbeSeen>>,
    /// The newest heartbeat that the other Region has from this one; the own Region cannot read that of its own.
    pub heartbeat: Seen<Option<Time>>,
    /// Recovery points.
    pub recovery_points: Seen<Vec<RecoveryPoint>>,
    /// Recovery points outside both Regions, of the vault that the document names under this one.
    pub off_site_points: Seen<Vec<RecoveryPoint>>,
    /// Restore tests.
    pub restore_tests: Seen<Vec<RestoreTest>>,
    /// Confirmed subscriptions of the topic.
    pub subscriptions: Seen<u32>,
}

/// Looks at everything. Only the own report is essential: without it nobody can tell whether it was written.
pub(crate) async fn observe<R: crate::AllReads>(
    reads: &R,
    run: &Run,
    part: Part,
    now: Time,
) -> Result<Observed, StepError> {
    let (own, other) = (run.own(), run.other());
    let report = match part {
        Part::Report => records::read(reads, own, &records::key(run, records::READINESS)).await?,
        Part::Gate => None,
    };
    let skip = report.is_some() || (part == Part::Gate && run.forward_only);
    if skip {
        return Ok(Observed { now, report, ..Observed::nothing(now) });
    }
    Ok(Observed {
        now,
        report,
        global_cluster: Seen::from_call(reads.global_cluster(own).await, now),
        records: Seen::from_call(reads.records().await, now),
        resolvers: Seen::from_call(reads.resolvers(own).await, now),
        other_answers: Seen::from_call(reads.region_answers(other).await, now),
        here: region(reads, run, part, own, other, now).await,
        there: region(reads, run, part, other, own, now).await,
    })
}

async fn region<R: crate::AllReads>(
    reads: &R,
    run: &Run,
    part: Part,
    of: &Region,
    opposite: &Region,
    now: Time,
) -> RegionSeen {
    let ledger = Seen::from_call(reads.ledger(of).await.map(|seen| seen.map(|seen| seen.ledger)), now);
    RegionSeen {
        question: question(reads, run, of, &ledger, now).await,
        ledger,
        cluster: Seen::from_call(reads.cluster(of).await, now),
        lag_ms: Seen::from_call(reads.replication_lag_ms(of).await, now),
        domain: Seen::from_call(reads.domain(of).await, now),
        indices: Seen::from_call(reads.indices(of).await, now),
        connections: Seen::from_call(reads.connections(of).await, now),
        rules: Seen::from_call(reads.rules(of).await, now),
        nodes: Seen::from_call(reads.nodes(of).await, now),
        job_flags: Seen::from_call(reads.job_flags(of).await, now),
        config: Seen::from_call(reads.config(of).await, now),
        ping: Seen::from_call(reads.ping(of).await, now),
        aggregations: Seen::from_call(reads.jobs(of, AGGREGATION).await, now),
        bucket: Seen::from_call(reads.bucket(of).await, now),
        pending: Seen::from_call(reads.pending_operations(of, opposite).await, now),
        failed: Seen::from_call(reads.failed_operations(of).await, now),
        flag: Seen::from_call(reads.flag(of).await, now),
        third_probe: third_probe(reads, run, of, now).await,
        heartbeat: heartbeat(reads, run, of, now).await,
        recovery_points: match part {
            Part::Report => Seen::from_call(reads.recovery_points(of).await, now),
            Part::Gate => Seen::unseen(NOT_ASKED),
        },
        off_site_points: match part {
            Part::Report => Seen::from_call(reads.off_site_points(of).await, now),
            Part::Gate => Seen::unseen(NOT_ASKED),
        },
        restore_tests: match part {
            Part::Report => Seen::from_call(reads.restore_tests(of).await, now),
            Part::Gate => Seen::unseen(NOT_ASKED),
        },
        subscriptions: match part {
            Part::Report => Seen::from_call(reads.subscriptions(of).await, now),
            Part::Gate => Seen::unseen(NOT_ASKED),
        },
    }
}

/// Mattermost's type of the job that turns daily indices into monthly ones.
const AGGREGATION: &str = "elasticsearch_post_aggregation";
const NOT_ASKED: &str = "not asked";

/// The unanswered question of the Region's open run; another run's than this one.
async fn question<R: crate::AllReads>(
    reads: &R,
    run: &Run,
    of: &Region,
    ledger: &Seen<Option<Ledger>>,
    now: Time,
) -> Seen<Option<Question>> {
    let ledger = match ledger {
        Seen::Seen { value, .. } => value,
        Seen::Unseen { why } => return Seen::unseen(why.clone()),
    };
    let line = ledger.as_ref().and_then(|ledger| ledger.run.as_ref());
    let Some(line) = line.filter(|line| line.phase == Phase::Open && line.id != run.id && line.region == *of) else {
        return Seen::seen(None, now);
    };
    let asked = match reads.record(of, &records::key_of(&line.id, false, records::QUESTION)).await {
        Ok(Some(value)) => serde_json::from_value::<Question>(value).ok(),
        Ok(None) => None,
        Err(error) => return Seen::unseen(error.to_string()),
    };
    let Some(asked) = asked else { return Seen::seen(None, now) };
    match reads.record(of, &records::key_of(&line.id, false, &asked.answer_name())).await {
        Ok(None) => Seen::seen(Some(asked), now),
        Ok(Some(_)) => Seen::seen(None, now),
        Err(error) => Seen::unseen(error.to_string()),
    }
}

async fn third_probe<R: crate::AllReads>(reads: &R, run: &Run, of: &Region, now: Time) -> Seen<Option<ProbeSeen>> {
    match &run.deployment.witnesses.third_region {
        Some(third) => Seen::from_call(reads.third_probe(third, of).await, now),
        None => Seen::unseen("the document names no third Region"),
    }
}

async fn heartbeat<R: crate::AllReads>(reads: &R, run: &Run, of: &Region, now: Time) -> Seen<Option<Time>> {
    if of == run.own() {
        return Seen::unseen("only the other Region reads this one's heartbeat");
    }
    Seen::from_call(reads.heartbeat(run.own(), of).await, now)
}

impl Observed {
    /// Nothing was looked at.
    fn nothing(now: Time) -> Self {
        Self {
            now,
            report: None,
            global_cluster: Seen::unseen(NOT_ASKED),
            records: Seen::unseen(NOT_ASKED),
            resolvers: Seen::unseen(NOT_ASKED),
            other_answers: Seen::unseen(NOT_ASKED),
            here: RegionSeen::nothing(),
            there: RegionSeen::nothing(),
        }
    }
}

impl RegionSeen {
    fn nothing() -> Self {
        Self {
            ledger: Seen::unseen(NOT_ASKED),
            question: Seen::unseen(NOT_ASKED),
            cluster: Seen::unseen(NOT_ASKED),
            lag_ms: Seen::unseen(NOT_ASKED),
            domain: Seen::unseen(NOT_ASKED),
            indices: Seen::unseen(NOT_ASKED),
            connections: Seen::unseen(NOT_ASKED),
            rules: Seen::unseen(NOT_ASKED),
            nodes: Seen::unseen(NOT_ASKED),
            job_flags: Seen::unseen(NOT_ASKED),
            config: Seen::unseen(NOT_ASKED),
            ping: Seen::unseen(NOT_ASKED),
            aggregations: Seen::unseen(NOT_ASKED),
            bucket: Seen::unseen(NOT_ASKED),
            pending: Seen::unseen(NOT_ASKED),
            failed: Seen::unseen(NOT_ASKED),
            flag: Seen::unseen(NOT_ASKED),
            third_probe: Seen::unseen(NOT_ASKED),
            heartbeat: Seen::unseen(NOT_ASKED),
            recovery_points: Seen::unseen(NOT_ASKED),
            off_site_points: Seen::unseen(NOT_ASKED),
            restore_tests: Seen::unseen(NOT_ASKED),
            subscriptions: Seen::unseen(NOT_ASKED),
        }
    }
}
