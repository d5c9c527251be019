//! Whether a Region's database can write, by what can be seen from the Region that asks.
//!
//! Where the writer is, is the truth, and every other role follows it: nodes start, DNS is flipped and armed only
//! towards a Region that can write. "Cannot tell" is an answer of its own and is never taken for "yes".

use serde::{Deserialize, Serialize};

use crate::ports::{ClusterSeen, DatabaseReads, GlobalClusterSeen, LedgerReads};
use crate::{Assumption, Epoch, How, Ledger, Phase, Region, RunId, Seen, Settled, Time, records};

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriterEvidence {
    /// The Region that is asked about.
    pub region: Region,
    /// That Region's own cluster, described by its own endpoint.
    pub cluster: Seen<Option<ClusterSeen>>,
    /// The global cluster, asked in the Region of the run.
    pub global: Seen<Option<GlobalClusterSeen>>,
    /// The ledger of the Region of the run.
    pub ledger: Seen<Option<Ledger>>,
}

/// The answer, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CanWrite {
    /// It can.
    Yes,
    /// It cannot, by a positive reading; the reason.
    No(String),
    /// Nobody can tell; the reason.
    Unknown(String),
}

impl WriterEvidence {
    /// Looks at `region` from `own`. Every read is best effort: a silent endpoint is `Unseen`.
    pub async fn look<R: DatabaseReads + LedgerReads>(reads: &R, own: &Region, region: &Region, now: Time) -> Self {
        let ledger = reads.ledger(own).await.map(|seen| seen.map(|seen| seen.ledger));
        Self {
            region: region.clone(),
            cluster: Seen::from_call(reads.cluster(region).await, now),
            global: Seen::from_call(reads.global_cluster(own).await, now),
            ledger: Seen::from_call(ledger, now),
        }
    }

    /// Who writes, as the ledger of the Region of the run proves.
    pub fn settled(&self) -> Option<&Settled> {
        self.ledger.value().and_then(Option::as_ref).and_then(|ledger| ledger.settled.as_ref())
    }

    /// The phase of this run, where the ledger was seen and knows it.
    pub fn phase_of(&self, run: &RunId) -> Option<Phase> {
        let line = self.ledger.value()?.as_ref()?.run.as_ref()?;
        (line.id == *run).then_some(line.phase)
    }

    /// Whether the Region can write.
    ///
    /// `IsWriter` lags while a move runs, so the global cluster is heard only at rest. A cluster that is no member
    /// (any more) is judged by `settled` and its own description, because after a detach the global cluster still
    /// names the lost Region.
    pub fn can_write(&self) -> CanWrite {
        let settled_here = self.settled().is_some_and(|settled| settled.writer == self.region);
        match &self.cluster {
            Seen::Unseen { .. } if settled_here => CanWrite::Yes,
            Seen::Unseen { why } => CanWrite::Unknown(format!("the database of {} was not seen: {why}", self.region)),
            Seen::Seen { value: None, .. } => CanWrite::No(format!("{} has no database cluster", self.region)),
            Seen::Seen { value: Some(cluster), .. } => self.judge(cluster, settled_here),
        }
    }

    fn judge(&self, cluster: &ClusterSeen, settled_here: bool) -> CanWrite {
        let region = &self.region;
        if !cluster.has_writer && settled_here {
            return CanWrite::Unknown(format!("the cluster of {region} has no writer instance at the moment"));
        }
        if !cluster.has_writer {
            return CanWrite::No(format!("the cluster of {region} has no writer instance"));
        }
        if cluster.status != "available" {
            return CanWrite::Unknown(format!("the cluster of {region} is {}", cluster.status));
        }
        let writer = self.global.value().and_then(Option::as_ref).filter(|global| global.at_rest());
        let writer = writer.and_then(GlobalClusterSeen::only_writer).filter(|_| cluster.global_cluster.is_some());
        match writer {
            Some(member) if member.region == *region => CanWrite::Yes,
            Some(member) => CanWrite::No(format!("the global cluster names {} as the writer", member.region)),
            None if settled_here => CanWrite::Yes,
            None => CanWrite::Unknown(format!("nothing proves that {region} is the writer")),
        }
    }

    /// Dry run: overlays the writer that an earlier step would have made.
    pub fn assume(&mut self, assumed: &[Assumption], now: Time) {
        let writer = assumed.iter().find(|it| it.fact == records::facts::WRITER).and_then(|it| it.value.as_str());
        let Some(writer) = writer.map(Region::new) else { return };
        self.cluster = Seen::unseen("dry run: the move is assumed");
        self.global = Seen::unseen("dry run: the move is assumed");
        let mut ledger = match &self.ledger {
            Seen::Seen { value: Some(ledger), .. } => ledger.clone(),
            _ => Ledger::new(writer.clone()),
        };
        ledger.settled = Some(Settled { writer, epoch: Epoch(0), at: now, how: How::Move });
        self.ledger = Seen::seen(Some(ledger), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Member;

    fn evidence() -> WriterEvidence {
        let cluster = ClusterSeen {
            arn: "west".into(),
            status: "available".into(),
            engine_version: "16.4".into(),
            instances: 2,
            has_writer: true,
            global_cluster: Some("acme-chat".into()),
            managed_password: false,
            global_db_rpo_s: -1,
            backup_retention_days: 7,
            latest_restorable: None,
        };
        let member = |region: &str, is_writer| Member {
            cluster_arn: region.into(),
            region: Region::new(region),
            is_writer,
            synchronization: None,
            write_forwarding: None,
        };
        let global = GlobalClusterSeen {
            id: "acme-chat".into(),
            status: "available".into(),
            members: vec![member("us-west-1", false), member("us-east-1", true)],
            failover_state: None,
            endpoint: None,
        };
        WriterEvidence {
            region: Region::new("us-west-1"),
            cluster: Seen::seen(Some(cluster), Time(0)),
            global: Seen::seen(Some(global), Time(0)),
            ledger: Seen::seen(Some(Ledger::new(Region::new("us-west-1"))), Time(0)),
        }
    }

    fn settled(evidence: &mut WriterEvidence, writer: &str) {
        let mut ledger = Ledger::new(Region::new("us-west-1"));
        let writer = Region::new(writer);
        ledger.settled = Some(Settled { writer, epoch: Epoch(4), at: Time(0), how: How::Move });
        evidence.ledger = Seen::seen(Some(ledger), Time(0));
    }

    #[test]
    fn a_global_cluster_at_rest_overrules_what_the_ledger_remembers() {
        let mut seen = evidence();
        settled(&mut seen, "us-west-1");
        assert!(matches!(seen.can_write(), CanWrite::No(_)));
    }

    #[test]
    fn a_detached_cluster_is_judged_without_the_global_cluster_which_still_names_the_lost_region() {
        let mut seen = evidence();
        settled(&mut seen, "us-west-1");
        if let Seen::Seen { value: Some(cluster), .. } = &mut seen.cluster {
            cluster.global_cluster = None;
        }
        assert_eq!(seen.can_write(), CanWrite::Yes);
    }

    #[test]
    fn a_silent_database_is_unknown_unless_the_ledger_proves_the_move() {
        let mut seen = evidence();
        seen.cluster = Seen::unseen("no answer in time");
        assert!(matches!(seen.can_write(), CanWrite::Unknown(_)));
        settled(&mut seen, "us-west-1");
        assert_eq!(seen.can_write(), CanWrite::Yes);
    }

    #[test]
    fn an_available_cluster_alone_proves_nothing() {
        let mut seen = evidence();
        seen.global = Seen::unseen("no answer in time");
        assert!(matches!(seen.can_write(), CanWrite::Unknown(_)));
    }
}
