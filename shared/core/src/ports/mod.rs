//! The ports: everything that a step can see or change, one file per capability, reads and writes apart.
//!
//! A step's bounds (`R: DatabaseReads + LedgerReads`) read like its IAM policy. Each method is one kind of call and names
//! it; [`crate::calls`] lists them all with Region and plane. Every method that asks a Regional endpoint takes that Region:
//! it is never ambient.

mod application;
mod backups;
mod database;
mod dns;
mod executions;
mod files;
mod ledgers;
mod nodes;
mod notices;
mod scheduler;
mod search;
mod signals;
mod witnesses;

pub use application::{ApplicationReads, ApplicationWrites, JobSeen, JobStatus, PingSeen};
pub use backups::{BackupReads, RecoveryKind, RecoveryPoint, RestoreTest};
pub use database::{
    ClusterSeen, DatabaseEvent, DatabaseReads, DatabaseWrites, FailoverState, GlobalClusterSeen, Member, SnapshotSeen,
};
pub use dns::{DnsReads, DnsWrites, FlagSeen, RecordsSeen, ResolverSeen};
pub use executions::{ExecutionReads, ExecutionSeen, ExecutionStatus, ExecutionWrites, Started, Woken};
pub use files::{BucketSeen, FileReads, FileWrites, ReplicationLag, RuleSeen};
pub use ledgers::{LedgerReads, LedgerSeen, LedgerWrites, RecordReads, RecordWrites};
pub use nodes::{NodeReads, NodeSeen, NodeState, NodeWrites};
pub use notices::{NoticeReads, NoticeWrites};
pub use scheduler::{ConfigSeen, JobFlags, JobFlagsSeen, SchedulerReads, SchedulerWrites};
pub use search::{
    ConnectionSeen, ConnectionStatus, DomainSeen, IndexSeen, ProbeAnswer, ReplicationStatus, RuleName, SearchReads,
    SearchWrites, ShardSeen,
};
pub use signals::{SignalReads, SignalWrites};
pub use witnesses::{ProbeSeen, WitnessReads};

use crate::CallError;

/// What every call gives.
pub type Called<T> = Result<T, CallError>;
