//! Every call that the product makes to the outside, in one list that machines can read.
//!
//! A port method is one kind of call. The world refuses a call that is not listed, and a test fails when a port
//! and this list differ. Which Region a call may be asked in, and on which plane it lies, is what makes
//! "no step depends on the lost Region, nor on us-east-1" a thing that can be checked.

use serde::Serialize;

/// Where a call is asked, seen from the Region in which the function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Only in the own Region.
    Own,
    /// Only in the other Region.
    Other,
    /// In either Region of the Deployment, as the step says.
    Either,
    /// In the witness's Region.
    Third,
    /// At an endpoint that has no Region of its own.
    Global,
}

/// What must work for the call to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plane {
    /// The data plane of the Region that is asked.
    Data,
    /// A control plane of the Region that is asked.
    RegionalControl,
    /// A control plane that lives in us-east-1 whatever Region is asked: never in the path of a failover.
    UsEast1Control,
}

/// What the call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// Changes nothing.
    Read,
    /// Writes our own ledger or records, or tells people.
    Record,
    /// Changes the Deployment.
    Change,
}

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The service and action, as IAM spells it where IAM knows it.
    pub name: &'static str,
    /// The port's method.
    pub method: &'static str,
    /// Where it may be asked.
    pub asked: Asked,
    /// What it needs.
    pub plane: Plane,
    /// What it does.
    pub does: Does,
}

/// `database.global_cluster`.
pub const GLOBAL_CLUSTER: Call = Call {
    name: "rds:DescribeGlobalClusters",
    method: "database.global_cluster",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `database.cluster`.
pub const CLUSTER: Call = Call {
    name: "rds:DescribeDBClusters",
    method: "database.cluster",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `database.replication_lag_ms`.
pub const REPLICATION_LAG: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "database.replication_lag_ms",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `database.database_events`.
pub const DATABASE_EVENTS: Call = Call {
    name: "rds:DescribeEvents",
    method: "database.database_events",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `database.snapshots`.
pub const SNAPSHOTS: Call = Call {
    name: "rds:DescribeDBClusterSnapshots",
    method: "database.snapshots",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `database.switch_over`.
pub const SWITCH_OVER: Call = Call {
    name: "rds:SwitchoverGlobalCluster",
    method: "database.switch_over",
    asked: Asked::Other,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `database.fail_over`.
pub const FAIL_OVER: Call = Call {
    name: "rds:FailoverGlobalCluster",
    method: "database.fail_over",
    asked: Asked::Own,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `database.detach`.
pub const DETACH: Call = Call {
    name: "rds:RemoveFromGlobalCluster",
    method: "database.detach",
    asked: Asked::Own,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `database.copy_snapshot`.
pub const COPY_SNAPSHOT: Call = Call {
    name: "rds:CopyDBClusterSnapshot",
    method: "database.copy_snapshot",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `search.indices`.
pub const INDICES: Call =
    Call { name: "es:ESHttpGet", method: "search.indices", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `search.domain`.
pub const DOMAIN: Call = Call {
    name: "es:DescribeDomain",
    method: "search.domain",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `search.probe`.
pub const PROBE: Call =
    Call { name: "es:ESHttpPut", method: "search.probe", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `search.connections`.
pub const CONNECTIONS: Call = Call {
    name: "es:DescribeOutboundConnections",
    method: "search.connections",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `search.rules`.
pub const RULES: Call =
    Call { name: "es:ESHttpGet", method: "search.rules", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `search.operations_above`.
pub const OPERATIONS_ABOVE: Call = Call {
    name: "es:ESHttpGet",
    method: "search.operations_above",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `search.set_write_block`.
pub const SET_WRITE_BLOCK: Call = Call {
    name: "es:ESHttpPut",
    method: "search.set_write_block",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `search.stop`.
pub const STOP: Call =
    Call { name: "es:ESHttpPost", method: "search.stop", asked: Asked::Own, plane: Plane::Data, does: Does::Change };
/// `search.pause`.
pub const PAUSE: Call =
    Call { name: "es:ESHttpPost", method: "search.pause", asked: Asked::Own, plane: Plane::Data, does: Does::Change };
/// `search.resume`.
pub const RESUME: Call = Call {
    name: "es:ESHttpPost",
    method: "search.resume",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `search.start`.
pub const START: Call =
    Call { name: "es:ESHttpPut", method: "search.start", asked: Asked::Either, plane: Plane::Data, does: Does::Change };
/// `search.reopen`.
pub const REOPEN: Call =
    Call { name: "es:ESHttpPost", method: "search.reopen", asked: Asked::Own, plane: Plane::Data, does: Does::Change };
/// `search.create_rule`.
pub const CREATE_RULE: Call = Call {
    name: "es:ESHttpPost",
    method: "search.create_rule",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `search.delete_rule`.
pub const DELETE_RULE: Call = Call {
    name: "es:ESHttpDelete",
    method: "search.delete_rule",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `search.delete_indices`.
pub const DELETE_INDICES: Call = Call {
    name: "es:ESHttpDelete",
    method: "search.delete_indices",
    asked: Asked::Other,
    plane: Plane::Data,
    does: Does::Change,
};
/// `search.request_connection`.
pub const REQUEST_CONNECTION: Call = Call {
    name: "es:CreateOutboundConnection",
    method: "search.request_connection",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `search.accept_connection`.
pub const ACCEPT_CONNECTION: Call = Call {
    name: "es:AcceptInboundConnection",
    method: "search.accept_connection",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `search.delete_connection`.
pub const DELETE_CONNECTION: Call = Call {
    name: "es:DeleteOutboundConnection",
    method: "search.delete_connection",
    asked: Asked::Own,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `search.export_divergence`.
pub const EXPORT_DIVERGENCE: Call = Call {
    name: "es:ESHttpPost",
    method: "search.export_divergence",
    asked: Asked::Other,
    plane: Plane::Data,
    does: Does::Change,
};
/// `nodes.nodes`.
pub const NODES: Call = Call {
    name: "ssm:DescribeInstanceInformation",
    method: "nodes.nodes",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `nodes.deregister`.
pub const DEREGISTER: Call = Call {
    name: "elasticloadbalancing:DeregisterTargets",
    method: "nodes.deregister",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `nodes.register`.
pub const REGISTER: Call = Call {
    name: "elasticloadbalancing:RegisterTargets",
    method: "nodes.register",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `nodes.stop`.
pub const STOP_NODES: Call = Call {
    name: "ssm:SendCommand",
    method: "nodes.stop",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `nodes.start`.
pub const START_NODES: Call = Call {
    name: "ssm:SendCommand",
    method: "nodes.start",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `scheduler.job_flags`.
pub const JOB_FLAGS: Call = Call {
    name: "ssm:GetParameter",
    method: "scheduler.job_flags",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `scheduler.config`.
pub const CONFIG: Call = Call {
    name: "mattermost:GetConfig",
    method: "scheduler.config",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `scheduler.write_job_flags`.
pub const WRITE_JOB_FLAGS: Call = Call {
    name: "ssm:PutParameter",
    method: "scheduler.write_job_flags",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `scheduler.scale_job_server`.
pub const SCALE_JOB_SERVER: Call = Call {
    name: "ecs:UpdateService",
    method: "scheduler.scale_job_server",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `application.ping`.
pub const PING: Call = Call {
    name: "mattermost:Ping",
    method: "application.ping",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.post_exists`.
pub const POST_EXISTS: Call = Call {
    name: "mattermost:GetPost",
    method: "application.post_exists",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.search_finds`.
pub const SEARCH_FINDS: Call = Call {
    name: "mattermost:SearchPosts",
    method: "application.search_finds",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.file_exists`.
pub const FILE_EXISTS: Call = Call {
    name: "mattermost:GetFile",
    method: "application.file_exists",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.jobs`.
pub const JOBS: Call = Call {
    name: "mattermost:GetJobs",
    method: "application.jobs",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.open_sockets`.
pub const OPEN_SOCKETS: Call = Call {
    name: "mattermost:GetAnalytics",
    method: "application.open_sockets",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.schema_version`.
pub const SCHEMA_VERSION: Call = Call {
    name: "mattermost:GetSchemaVersion",
    method: "application.schema_version",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.public_name_answers_from`.
pub const PUBLIC_NAME: Call = Call {
    name: "mattermost:PingPublicName",
    method: "application.public_name_answers_from",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Read,
};
/// `application.create_post`.
pub const CREATE_POST: Call = Call {
    name: "mattermost:CreatePost",
    method: "application.create_post",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `application.upload_file`.
pub const UPLOAD_FILE: Call = Call {
    name: "mattermost:UploadFile",
    method: "application.upload_file",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `application.create_canary_job`.
pub const CREATE_CANARY_JOB: Call = Call {
    name: "mattermost:CreateJob",
    method: "application.create_canary_job",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Change,
};
/// `application.reindex`.
pub const REINDEX: Call = Call {
    name: "mattermost:CreateJob",
    method: "application.reindex",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Change,
};
/// `files.bucket`.
pub const BUCKET: Call = Call {
    name: "s3:GetReplicationConfiguration",
    method: "files.bucket",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `files.pending_operations`.
pub const PENDING_OPERATIONS: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "files.pending_operations",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `files.failed_operations`.
pub const FAILED_OPERATIONS: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "files.failed_operations",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `files.put_replication`.
pub const PUT_REPLICATION: Call = Call {
    name: "s3:PutReplicationConfiguration",
    method: "files.put_replication",
    asked: Asked::Either,
    plane: Plane::UsEast1Control,
    does: Does::Change,
};
/// `files.replicate_existing`.
pub const REPLICATE_EXISTING: Call = Call {
    name: "s3:CreateJob",
    method: "files.replicate_existing",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Change,
};
/// `dns.records`.
pub const RECORDS: Call = Call {
    name: "route53:ListResourceRecordSets",
    method: "dns.records",
    asked: Asked::Global,
    plane: Plane::UsEast1Control,
    does: Does::Read,
};
/// `dns.flag`.
pub const FLAG: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "dns.flag",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `dns.resolvers`.
pub const RESOLVERS: Call =
    Call { name: "dns:Query", method: "dns.resolvers", asked: Asked::Own, plane: Plane::Data, does: Does::Read };
/// `dns.publish_flag`. A flip asks its own Region; arm-dns also clears the other Region's flag in peace time.
pub const PUBLISH_FLAG: Call = Call {
    name: "cloudwatch:PutMetricData",
    method: "dns.publish_flag",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Change,
};
/// `dns.exchange_records`.
pub const EXCHANGE_RECORDS: Call = Call {
    name: "route53:ChangeResourceRecordSets",
    method: "dns.exchange_records",
    asked: Asked::Global,
    plane: Plane::UsEast1Control,
    does: Does::Change,
};
/// `witnesses.own_probe`.
pub const OWN_PROBE: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "witnesses.own_probe",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Read,
};
/// `witnesses.third_probe`.
pub const THIRD_PROBE: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "witnesses.third_probe",
    asked: Asked::Third,
    plane: Plane::Data,
    does: Does::Read,
};
/// `witnesses.region_answers`.
pub const REGION_ANSWERS: Call = Call {
    name: "sts:GetCallerIdentity",
    method: "witnesses.region_answers",
    asked: Asked::Other,
    plane: Plane::Data,
    does: Does::Read,
};
/// `witnesses.heartbeat`.
pub const HEARTBEAT: Call = Call {
    name: "cloudwatch:GetMetricData",
    method: "witnesses.heartbeat",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Read,
};
/// `backups.recovery_points`.
pub const RECOVERY_POINTS: Call = Call {
    name: "backup:ListRecoveryPointsByBackupVault",
    method: "backups.recovery_points",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `backups.restore_tests`.
pub const RESTORE_TESTS: Call = Call {
    name: "backup:ListRestoreJobs",
    method: "backups.restore_tests",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `notices.notify`.
pub const NOTIFY: Call =
    Call { name: "sns:Publish", method: "notices.notify", asked: Asked::Own, plane: Plane::Data, does: Does::Record };
/// `executions.execution`.
pub const EXECUTION: Call = Call {
    name: "states:DescribeExecution",
    method: "executions.execution",
    asked: Asked::Either,
    plane: Plane::RegionalControl,
    does: Does::Read,
};
/// `executions.start_execution`.
pub const START_EXECUTION: Call = Call {
    name: "states:StartExecution",
    method: "executions.start_execution",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Change,
};
/// `executions.wake`.
pub const WAKE: Call = Call {
    name: "states:SendTaskSuccess",
    method: "executions.wake",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Change,
};
/// `ledgers.ledger`.
pub const LEDGER: Call =
    Call { name: "s3:GetObject", method: "ledgers.ledger", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `ledgers.write_ledger`.
pub const WRITE_LEDGER: Call = Call {
    name: "s3:PutObject",
    method: "ledgers.write_ledger",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Record,
};
/// `ledgers.record`.
pub const RECORD: Call =
    Call { name: "s3:GetObject", method: "ledgers.record", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `ledgers.text`.
pub const TEXT: Call =
    Call { name: "s3:GetObject", method: "ledgers.text", asked: Asked::Either, plane: Plane::Data, does: Does::Read };
/// `ledgers.record_keys`.
pub const RECORD_KEYS: Call = Call {
    name: "s3:ListBucket",
    method: "ledgers.record_keys",
    asked: Asked::Either,
    plane: Plane::Data,
    does: Does::Read,
};
/// `ledgers.put_record`.
pub const PUT_RECORD: Call = Call {
    name: "s3:PutObject",
    method: "ledgers.put_record",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Record,
};
/// `ledgers.put_text`.
pub const PUT_TEXT: Call = Call {
    name: "s3:PutObject",
    method: "ledgers.put_text",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Record,
};
/// `ledgers.create_record`.
pub const CREATE_RECORD: Call = Call {
    name: "s3:PutObject",
    method: "ledgers.create_record",
    asked: Asked::Own,
    plane: Plane::Data,
    does: Does::Record,
};

/// Every call, in the order of the ports.
pub const ALL: &[Call] = &[
    GLOBAL_CLUSTER,
    CLUSTER,
    REPLICATION_LAG,
    DATABASE_EVENTS,
    SNAPSHOTS,
    SWITCH_OVER,
    FAIL_OVER,
    DETACH,
    COPY_SNAPSHOT,
    INDICES,
    DOMAIN,
    PROBE,
    CONNECTIONS,
    RULES,
    OPERATIONS_ABOVE,
    SET_WRITE_BLOCK,
    STOP,
    PAUSE,
    RESUME,
    START,
    REOPEN,
    CREATE_RULE,
    DELETE_RULE,
    DELETE_INDICES,
    REQUEST_CONNECTION,
    ACCEPT_CONNECTION,
    DELETE_CONNECTION,
    EXPORT_DIVERGENCE,
    NODES,
    DEREGISTER,
    REGISTER,
    STOP_NODES,
    START_NODES,
    JOB_FLAGS,
    CONFIG,
    WRITE_JOB_FLAGS,
    SCALE_JOB_SERVER,
    PING,
    POST_EXISTS,
    SEARCH_FINDS,
    FILE_EXISTS,
    JOBS,
    OPEN_SOCKETS,
    SCHEMA_VERSION,
    PUBLIC_NAME,
    CREATE_POST,
    UPLOAD_FILE,
    CREATE_CANARY_JOB,
    REINDEX,
    BUCKET,
    PENDING_OPERATIONS,
    FAILED_OPERATIONS,
    PUT_REPLICATION,
    REPLICATE_EXISTING,
    RECORDS,
    FLAG,
    RESOLVERS,
    PUBLISH_FLAG,
    EXCHANGE_RECORDS,
    OWN_PROBE,
    THIRD_PROBE,
    REGION_ANSWERS,
    HEARTBEAT,
    RECOVERY_POINTS,
    RESTORE_TESTS,
    NOTIFY,
    EXECUTION,
    START_EXECUTION,
    WAKE,
    LEDGER,
    WRITE_LEDGER,
    RECORD,
    TEXT,
    RECORD_KEYS,
    PUT_RECORD,
    PUT_TEXT,
    CREATE_RECORD,
];
