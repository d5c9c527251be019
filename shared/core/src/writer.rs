//! Whether a Region's database can write, by what can be seen from the Region that asks.
//!
//! Where the writer is, is the truth, and every other role follows it: nodes start, DNS is flipped and armed only
//! towards a Region that can write. "Cannot tell" is an answer of its own and is never taken for "yes".
//!
//! Two things know who writes: the own Region's RDS, and `settled` in the ledgers. Which of them is heard:
//!
//! | What the own RDS shows | Highest readable `settled` | Who writes |
//! |---|---|---|
//! | a global cluster without the Region that `settled` names | any | the Region that `settled` names: a detach cut it loose |
//! | at rest, with both as members, the Region asked about as only writer | that Region, or none | that Region |
//! | the same | another Region | nobody can tell, until two looks at rest have settled the move by hand |
//! | at rest, with the Region asked about as member, another as only writer | any | not the Region asked about |
//! | a move, no single writer, or nothing | a Region | the Region that `settled` names |
//! | a move, no single writer, or nothing | none | nobody can tell |

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
    /// The ledger of the other Region, where it was asked for.
    #[serde(default = "not_asked", skip_serializing_if = "is_unseen")]
    pub other_ledger: Seen<Option<Ledger>>,
}

fn not_asked() -> Seen<Option<Ledger>> {
    Seen::unseen("not asked")
}

fn is_unseen(ledger: &Seen<Option<Ledger>>) -> bool {
    ledger.value().is_none()
}

/// The `settled` with the highest epoch; of equal ones the first, so the own ledger belongs first.
pub fn highest_settled<'a>(ledgers: impl IntoIterator<Item = &'a Ledger>) -> Option<&'a Settled> {
    let all = ledgers.into_iter().filter_map(|ledger| ledger.settled.as_ref());
    all.reduce(|best, settled| if settled.epoch > best.epoch { settled } else { best })
}

/// The highest `settled`, where it names a Region that `global` does not have as a member: a detach cut that Region
/// loose, and what is left of the global cluster is a shell that goes on naming the abandoned Region as its writer.
pub fn settled_outside<'a>(
    global: &GlobalClusterSeen,
    ledgers: impl IntoIterator<Item = &'a Ledger>,
) -> Option<&'a Settled> {
    highest_settled(ledgers).filter(|settled| global.member(&settled.writer).is_none())
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
            other_ledger: not_asked(),
        }
    }

    /// Looks at the ledger of `other` too: best effort, for steps of peace time.
    pub async fn with_ledger_of<R: LedgerReads>(mut self, reads: &R, other: &Region, now: Time) -> Self {
        let ledger = reads.ledger(other).await.map(|seen| seen.map(|seen| seen.ledger));
        self.other_ledger = Seen::from_call(ledger, now);
        self
    }

    /// The ledgers that could be read, that of the Region of the run first.
    pub fn readable(&self) -> impl Iterator<Item = &Ledger> {
        [&self.ledger, &self.other_ledger].into_iter().filter_map(|ledger| ledger.value()?.as_ref())
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

    /// The highest readable `settled`, where it names another Region.
    pub fn settled_elsewhere(&self) -> Option<&Settled> {
        highest_settled(self.readable()).filter(|settled| settled.writer != self.region)
    }

    /// Whether the Region can write, as the table of this module says.
    ///
    /// `IsWriter` lags while a move runs, so the global cluster is heard only at rest. A cluster that is no member
    /// (any more) is judged by `settled` and its own description, because after a detach the global cluster still
    /// names the lost Region.
    pub fn can_write(&self) -> CanWrite {
        let global = self.global.value().and_then(Option::as_ref);
        if let Some(settled) = global.and_then(|global| settled_outside(global, self.readable()))
            && settled.writer != self.region
        {
            return CanWrite::No(format!(
                "{} was settled as the writer at epoch {}, and the global cluster here does not have it: what it names \
                 is an abandoned shell",
                settled.writer, settled.epoch
            ));
        }
        let settled_here = highest_settled(self.readable()).is_some_and(|settled| settled.writer == self.region);
        match &self.cluster {
            Seen::Unseen { .. } if settled_here => self.named_elsewhere().unwrap_or(CanWrite::Yes),
            Seen::Unseen { why } => self
                .named_elsewhere()
                .unwrap_or_else(|| CanWrite::Unknown(format!("the database of {} was not seen: {why}", self.region))),
            Seen::Seen { value: None, .. } => CanWrite::No(format!("{} has no database cluster", self.region)),
            Seen::Seen { value: Some(cluster), .. } => self.judge(cluster, settled_here),
        }
    }

    /// The writer that the global cluster names at rest.
    fn writer_at_rest(&self) -> Option<&Region> {
        let global = self.global.value().and_then(Option::as_ref).filter(|global| global.at_rest())?;
        global.only_writer().map(|writer| &writer.region)
    }

    /// No, where the global cluster has the Region as a member and names another as the writer.
    fn named_elsewhere(&self) -> Option<CanWrite> {
        let member = self.global.value()?.as_ref()?.member(&self.region).is_some();
        let writer = self.writer_at_rest().filter(|writer| member && **writer != self.region)?;
        Some(CanWrite::No(format!("the global cluster names {writer} as the writer")))
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
        let named = self.writer_at_rest().filter(|_| cluster.global_cluster.is_some());
        match (named, self.settled_elsewhere()) {
            (Some(writer), _) if writer != region => {
                CanWrite::No(format!("the global cluster names {writer} as the writer"))
            }
            (Some(_), None) => CanWrite::Yes,
            (Some(_), Some(settled)) => CanWrite::Unknown(format!(
                "the global cluster names {region} as the writer, and a ledger has settled {} at epoch {}: a move by \
                 hand is settled after two looks",
                settled.writer, settled.epoch
            )),
            (None, Some(settled)) => {
                CanWrite::No(format!("{} was settled as the writer at epoch {}", settled.writer, settled.epoch))
            }
            (None, None) if settled_here => CanWrite::Yes,
            (None, None) => CanWrite::Unknown(format!("nothing proves that {region} is the writer")),
        }
    }

    /// Dry run: overlays the writer that an earlier step would have made.
    pub fn assume(&mut self, assumed: &[Assumption], now: Time) {
        let writer = assumed.iter().find(|it| it.fact == records::facts::WRITER).and_then(|it| it.value.as_str());
        let Some(writer) = writer.map(Region::new) else { return };
        self.cluster = Seen::unseen("dry run: the move is assumed");
        self.global = Seen::unseen("dry run: the move is assumed");
        self.other_ledger = Seen::unseen("dry run: the move is assumed");
        let mut ledger = match &self.ledger {
            Seen::Seen { value: Some(ledger), .. } => ledger.clone(),
            _ => Ledger::new(writer.clone()),
        };
        ledger.settled = Some(Settled { writer, epoch: Epoch(0), at: now, how: How::Move, before: None });
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
            other_ledger: not_asked(),
        }
    }

    /// The global cluster names the Region asked about; with the other Region as a member or, after a detach, without.
    fn named_here(evidence: &mut WriterEvidence, shell: bool) {
        if let Seen::Seen { value: Some(global), .. } = &mut evidence.global {
            global.members.retain(|member| !shell || member.region.as_str() == "us-west-1");
            for member in &mut global.members {
                member.is_writer = member.region.as_str() == "us-west-1";
            }
        }
    }

    fn settled_there(evidence: &mut WriterEvidence) {
        let mut ledger = Ledger::new(Region::new("us-east-1"));
        let writer = Region::new("us-east-1");
        ledger.settled = Some(Settled { writer, epoch: Epoch(9), at: Time(0), how: How::Move, before: None });
        evidence.other_ledger = Seen::seen(Some(ledger), Time(0));
    }

    #[test]
    fn after_a_detach_the_shell_that_names_the_abandoned_region_is_not_believed() {
        let mut seen = evidence();
        named_here(&mut seen, true);
        settled(&mut seen, "us-west-1");
        assert_eq!(seen.can_write(), CanWrite::Yes);
        settled_there(&mut seen);
        assert!(matches!(seen.can_write(), CanWrite::No(_)));
    }

    #[test]
    fn a_move_by_hand_that_no_ledger_has_settled_is_unknown() {
        let mut seen = evidence();
        named_here(&mut seen, false);
        assert_eq!(seen.can_write(), CanWrite::Yes);
        settled_there(&mut seen);
        assert!(matches!(seen.can_write(), CanWrite::Unknown(_)));
    }

    #[test]
    fn a_global_cluster_that_names_another_writer_is_heard_although_the_own_cluster_is_silent() {
        let mut seen = evidence();
        settled(&mut seen, "us-west-1");
        seen.cluster = Seen::unseen("no answer in time");
        assert!(matches!(seen.can_write(), CanWrite::No(_)));
    }

    fn settled(evidence: &mut WriterEvidence, writer: &str) {
        let mut ledger = Ledger::new(Region::new("us-west-1"));
        let writer = Region::new(writer);
        ledger.settled = Some(Settled { writer, epoch: Epoch(4), at: Time(0), how: How::Move, before: None });
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
        seen.global = Seen::unseen("no answer in time");
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
