//! What can be seen of a domain.

use mmdr_core::Fault;
use mmdr_core::ports::{ConnectionSeen, DomainSeen, IndexSeen, ProbeAnswer, ReplicationStatus, RuleName, ShardSeen};
use mmdr_core::{Region, Time};

use super::deletion::first_above;
use super::follow::{Follow, LeaderAnswer};
use super::index::{Index, Role};
use super::{No, Search};
use crate::model::Ctx;
use crate::network::Ix;

impl Search {
    /// Settings, shards and blocks of every index.
    pub fn indices(&self, region: Ix, ctx: &Ctx<'_>) -> Result<Vec<IndexSeen>, Fault> {
        self.must_answer(region)?;
        let answer = self.leader_answers(region, ctx);
        let seen = (0..self.names.len()).filter_map(|no| self.seen(region, no, answer, ctx.now));
        Ok(seen.collect())
    }

    fn seen(&self, region: Ix, no: No, answer: LeaderAnswer, now: i64) -> Option<IndexSeen> {
        let index = self.index(region, no)?;
        let follow = match &index.role {
            Role::Own { .. } => None,
            Role::Follower(follow) => Some(follow),
        };
        Some(IndexSeen {
            name: self.name(no).to_owned(),
            open: index.is_open(now),
            // A completed `_stop` leaves the key with a null: only a string makes a follower (run on two nodes).
            follower_of: follow.map(|_| self.name(no).to_owned()),
            replication_block: follow.is_some_and(|follow| follow.is_blocked(now)),
            write_block: index.write_block,
            replication: follow.map_or(ReplicationStatus::NotInProgress, |it| self.status(it, answer, now)),
            shards: self.shards(region, no, now),
            documents: self.content(region, no, now).len() as u64,
        })
    }

    /// `_status`. A connection or leader index that is gone reads NOT IN PROGRESS until the follower pauses by itself; a
    /// dead leader answers 500 and a frozen one never (run on two nodes).
    fn status(&self, follow: &Follow, answer: LeaderAnswer, now: i64) -> ReplicationStatus {
        if follow.is_paused(now) {
            ReplicationStatus::Paused
        } else if follow.orphaned || !self.is_known(follow.connection, now) {
            ReplicationStatus::NotInProgress
        } else if answer != LeaderAnswer::Answers {
            ReplicationStatus::Unknown
        } else if follow.is_copying(now) {
            ReplicationStatus::Bootstrapping
        } else {
            ReplicationStatus::Syncing
        }
    }

    /// The one primary. A closed index, or one still being copied, has none started.
    pub(super) fn shards(&self, region: Ix, no: No, now: i64) -> Vec<ShardSeen> {
        let Some(index) = self.index(region, no) else { return Vec::new() };
        let copying = matches!(&index.role, Role::Follower(follow) if follow.is_copying(now));
        let started = index.is_open(now) && !copying;
        // A follower keeps its leader's sequence numbers, and `_stop` does not change them (run on two nodes).
        let newest = if started { self.content(region, no, now).len() as i64 - 1 } else { -1 };
        let (max_seq_no, local_checkpoint, global_checkpoint) = (newest, newest, newest);
        vec![ShardSeen { shard: 0, started, max_seq_no, local_checkpoint, global_checkpoint }]
    }

    /// Health, versions and snapshots.
    pub fn domain(&self, region: Ix, now: i64) -> Result<DomainSeen, Fault> {
        self.must_answer(region)?;
        let (engine_version, service_software) = self.versions(region);
        Ok(DomainSeen {
            service_software,
            engine_version,
            health: "green".into(),
            access_control: true,
            snapshot_running: self.snapshot_running(region, now),
        })
    }

    /// Engine version and service software, as DescribeDomain knows them even while the domain's nodes are dead.
    pub fn versions(&self, region: Ix) -> (String, String) {
        let engine = self.knobs.versions.get(region).cloned().unwrap_or_default();
        let software = format!("{}_R20260801", engine.replace('.', "_"));
        (engine, software)
    }

    /// The conditional write probe to each name (run on two nodes: 409 writable, 403 follower or fenced, 500 zombie or
    /// half stopped, 400 closed).
    pub fn probe(&self, region: Ix, names: &[String], now: i64) -> Result<Vec<(String, ProbeAnswer)>, Fault> {
        self.must_answer(region)?;
        let answer = |name: &String| {
            let index = self.numbers.get(name).and_then(|no| self.index(region, *no));
            (name.clone(), index.map_or(ProbeAnswer::Missing, |index| probe_one(index, now)))
        };
        Ok(names.iter().map(answer).collect())
    }

    /// DescribeOutboundConnections in the follower's Region.
    pub fn connections(&self, follower: Ix, regions: &[Region; 2], now: i64) -> Vec<ConnectionSeen> {
        let Some(leader) = regions.get(1 - follower.min(1)) else { return Vec::new() };
        let listed = self.connections.iter().filter(|it| it.follower == follower && it.is_listed(now));
        listed
            .map(|it| ConnectionSeen {
                id: it.id.clone(),
                alias: it.alias.clone(),
                leader: leader.clone(),
                status: it.status(now, self.knobs.connection_ms),
            })
            .collect()
    }

    /// DescribeInboundConnections in the leader's Region: its records appear late (terraform-provider-aws #44599), and know no
    /// validation (botocore, `InboundConnectionStatusCode`). What is given as `leader` is the follower's Region, the other side.
    pub fn inbound_connections(&self, leader: Ix, regions: &[Region; 2], now: i64) -> Vec<ConnectionSeen> {
        let Some(follower) = regions.get(1 - leader.min(1)) else { return Vec::new() };
        let listed = self.connections.iter().filter(|it| it.follower != leader && it.is_listed(now));
        listed
            .filter(|it| it.is_known_to_leader(now, self.knobs.inbound_late_ms))
            .map(|it| ConnectionSeen {
                id: it.id.clone(),
                alias: it.alias.clone(),
                leader: follower.clone(),
                status: it.status(now, self.knobs.connection_ms),
            })
            .collect()
    }

    /// The alias under which a follower knows its leader; none for an index that is its own master.
    pub fn leader_alias(&self, region: Ix, name: &str) -> Option<&str> {
        match self.numbers.get(name).and_then(|no| self.index(region, *no)) {
            Some(Index { role: Role::Follower(follow), .. }) => Some(self.alias(follow.connection)),
            _ => None,
        }
    }

    /// `autofollow_stats`: rules that run.
    pub fn rules(&self, region: Ix) -> Result<Vec<RuleName>, Fault> {
        self.must_answer(region)?;
        Ok(self.domains.get(region).map_or_else(Vec::new, |domain| domain.rules.clone()))
    }

    /// How many operations lie above the sequence numbers.
    pub fn operations_above(&self, region: Ix, index: &str, above: &[(u32, i64)], now: i64) -> Result<u64, Fault> {
        self.must_answer(region)?;
        let content = self.content(region, self.readable(region, index, now)?, now);
        Ok((content.len() - first_above(content, above)) as u64)
    }

    /// The number of an index that can be read.
    pub(super) fn readable(&self, region: Ix, name: &str, now: i64) -> Result<No, Fault> {
        let missing = || Fault::NotFound(format!("index_not_found_exception: no such index [{name}]"));
        let no = self.numbers.get(name).copied().ok_or_else(missing)?;
        match self.index(region, no) {
            None => Err(missing()),
            Some(index) if !index.is_open(now) => Err(Fault::LookAgain(format!("index_closed_exception: [{name}]"))),
            Some(_) => Ok(no),
        }
    }

    /// The engine's version in numbers.
    pub(super) fn version(&self, region: Ix) -> Vec<u32> {
        let text = self.knobs.versions.get(region).map_or("", String::as_str);
        let digits = text.rsplit('_').next().unwrap_or_default();
        digits.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    }

    /// When the newest operation of an index at this domain was made; none where it is empty.
    pub fn newest(&self, region: Ix, name: &str, now: i64) -> Option<Time> {
        let no = self.numbers.get(name).copied()?;
        self.content(region, no, now).last().map(|(at, _)| Time(*at))
    }
}

fn probe_one(index: &Index, now: i64) -> ProbeAnswer {
    match &index.role {
        _ if !index.is_open(now) => ProbeAnswer::Closed,
        Role::Follower(follow) if follow.is_blocked(now) => ProbeAnswer::Blocked,
        _ if index.write_block => ProbeAnswer::Blocked,
        Role::Follower(_) | Role::Own { zombie: true } => ProbeAnswer::Broken,
        Role::Own { zombie: false } => ProbeAnswer::Writable,
    }
}
