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

const fn call(name: &'static str, method: &'static str, asked: Asked, plane: Plane, does: Does) -> Call {
    Call { name, method, asked, plane, does }
}

/// `database.global_cluster`.
pub const GLOBAL_CLUSTER: Call =
    call("rds:DescribeGlobalClusters", "database.global_cluster", Asked::Either, Plane::RegionalControl, Does::Read);
/// `database.cluster`.
pub const CLUSTER: Call =
    call("rds:DescribeDBClusters", "database.cluster", Asked::Either, Plane::RegionalControl, Does::Read);
/// `database.replication_lag_ms`.
pub const REPLICATION_LAG: Call =
    call("cloudwatch:GetMetricData", "database.replication_lag_ms", Asked::Either, Plane::Data, Does::Read);
/// `database.database_events`.
pub const DATABASE_EVENTS: Call =
    call("rds:DescribeEvents", "database.database_events", Asked::Either, Plane::RegionalControl, Does::Read);
/// `database.snapshots`.
pub const SNAPSHOTS: Call =
    call("rds:DescribeDBClusterSnapshots", "database.snapshots", Asked::Either, Plane::RegionalControl, Does::Read);
/// `database.switch_over`.
pub const SWITCH_OVER: Call =
    call("rds:SwitchoverGlobalCluster", "database.switch_over", Asked::Other, Plane::RegionalControl, Does::Change);
/// `database.fail_over`.
pub const FAIL_OVER: Call =
    call("rds:FailoverGlobalCluster", "database.fail_over", Asked::Own, Plane::RegionalControl, Does::Change);
/// `database.detach`.
pub const DETACH: Call =
    call("rds:RemoveFromGlobalCluster", "database.detach", Asked::Own, Plane::RegionalControl, Does::Change);
/// `database.copy_snapshot`.
pub const COPY_SNAPSHOT: Call =
    call("rds:CopyDBClusterSnapshot", "database.copy_snapshot", Asked::Either, Plane::RegionalControl, Does::Change);
/// `search.indices`.
pub const INDICES: Call = call("es:ESHttpGet", "search.indices", Asked::Either, Plane::Data, Does::Read);
/// `search.domain`.
pub const DOMAIN: Call = call("es:DescribeDomain", "search.domain", Asked::Either, Plane::RegionalControl, Does::Read);
/// `search.probe`.
pub const PROBE: Call = call("es:ESHttpPut", "search.probe", Asked::Either, Plane::Data, Does::Read);
/// `search.connections`.
pub const CONNECTIONS: Call =
    call("es:DescribeOutboundConnections", "search.connections", Asked::Either, Plane::RegionalControl, Does::Read);
/// `search.rules`.
pub const RULES: Call = call("es:ESHttpGet", "search.rules", Asked::Either, Plane::Data, Does::Read);
/// `search.set_write_block`.
pub const SET_WRITE_BLOCK: Call =
    call("es:ESHttpPut", "search.set_write_block", Asked::Either, Plane::Data, Does::Change);
/// `search.stop`.
pub const STOP: Call = call("es:ESHttpPost", "search.stop", Asked::Own, Plane::Data, Does::Change);
/// `search.pause`.
pub const PAUSE: Call = call("es:ESHttpPost", "search.pause", Asked::Own, Plane::Data, Does::Change);
/// `search.resume`.
pub const RESUME: Call = call("es:ESHttpPost", "search.resume", Asked::Either, Plane::Data, Does::Change);
/// `search.start`.
pub const START: Call = call("es:ESHttpPut", "search.start", Asked::Either, Plane::Data, Does::Change);
/// `search.reopen`.
pub const REOPEN: Call = call("es:ESHttpPost", "search.reopen", Asked::Own, Plane::Data, Does::Change);
/// `search.create_rule`.
pub const CREATE_RULE: Call = call("es:ESHttpPost", "search.create_rule", Asked::Either, Plane::Data, Does::Change);
/// `search.delete_rule`.
pub const DELETE_RULE: Call = call("es:ESHttpDelete", "search.delete_rule", Asked::Either, Plane::Data, Does::Change);
/// `search.delete_indices`.
pub const DELETE_INDICES: Call =
    call("es:ESHttpDelete", "search.delete_indices", Asked::Other, Plane::Data, Does::Change);
/// `search.request_connection`.
pub const REQUEST_CONNECTION: Call = call(
    "es:CreateOutboundConnection",
    "search.request_connection",
    Asked::Either,
    Plane::RegionalControl,
    Does::Change,
);
/// `search.accept_connection`.
pub const ACCEPT_CONNECTION: Call =
    call("es:AcceptInboundConnection", "search.accept_connection", Asked::Either, Plane::RegionalControl, Does::Change);
/// `search.delete_connection`.
pub const DELETE_CONNECTION: Call =
    call("es:DeleteOutboundConnection", "search.delete_connection", Asked::Own, Plane::RegionalControl, Does::Change);
/// `search.export_divergence`.
pub const EXPORT_DIVERGENCE: Call =
    call("es:ESHttpPost", "search.export_divergence", Asked::Other, Plane::Data, Does::Change);
/// `nodes.nodes`.
pub const NODES: Call =
    call("ssm:DescribeInstanceInformation", "nodes.nodes", Asked::Either, Plane::RegionalControl, Does::Read);
/// `nodes.deregister`.
pub const DEREGISTER: Call = call(
    "elasticloadbalancing:DeregisterTargets",
    "nodes.deregister",
    Asked::Either,
    Plane::RegionalControl,
    Does::Change,
);
/// `nodes.register`.
pub const REGISTER: Call =
    call("elasticloadbalancing:RegisterTargets", "nodes.register", Asked::Either, Plane::RegionalControl, Does::Change);
/// `nodes.stop`.
pub const STOP_NODES: Call = call("ssm:SendCommand", "nodes.stop", Asked::Either, Plane::RegionalControl, Does::Change);
/// `nodes.start`.
pub const START_NODES: Call =
    call("ssm:SendCommand", "nodes.start", Asked::Either, Plane::RegionalControl, Does::Change);
/// `scheduler.job_flags`.
pub const JOB_FLAGS: Call = call("ssm:GetParameter", "scheduler.job_flags", Asked::Either, Plane::Data, Does::Read);
/// `scheduler.config`.
pub const CONFIG: Call = call("mattermost:GetConfig", "scheduler.config", Asked::Either, Plane::Data, Does::Read);
/// `scheduler.write_job_flags`.
pub const WRITE_JOB_FLAGS: Call =
    call("ssm:PutParameter", "scheduler.write_job_flags", Asked::Either, Plane::RegionalControl, Does::Change);
/// `scheduler.scale_job_server`.
pub const SCALE_JOB_SERVER: Call =
    call("ecs:UpdateService", "scheduler.scale_job_server", Asked::Either, Plane::RegionalControl, Does::Change);
/// `application.ping`.
pub const PING: Call = call("mattermost:Ping", "application.ping", Asked::Either, Plane::Data, Does::Read);
/// `application.post_exists`.
pub const POST_EXISTS: Call =
    call("mattermost:GetPost", "application.post_exists", Asked::Either, Plane::Data, Does::Read);
/// `application.search_finds`.
pub const SEARCH_FINDS: Call =
    call("mattermost:SearchPosts", "application.search_finds", Asked::Either, Plane::Data, Does::Read);
/// `application.file_exists`.
pub const FILE_EXISTS: Call =
    call("mattermost:GetFile", "application.file_exists", Asked::Either, Plane::Data, Does::Read);
/// `application.jobs`.
pub const JOBS: Call = call("mattermost:GetJobs", "application.jobs", Asked::Either, Plane::Data, Does::Read);
/// `application.open_sockets`.
pub const OPEN_SOCKETS: Call =
    call("mattermost:GetAnalytics", "application.open_sockets", Asked::Either, Plane::Data, Does::Read);
/// `application.schema_version`.
pub const SCHEMA_VERSION: Call =
    call("mattermost:GetSchemaVersion", "application.schema_version", Asked::Either, Plane::Data, Does::Read);
/// `application.public_name_answers_from`.
pub const PUBLIC_NAME: Call =
    call("mattermost:PingPublicName", "application.public_name_answers_from", Asked::Own, Plane::Data, Does::Read);
/// `application.create_post`.
pub const CREATE_POST: Call =
    call("mattermost:CreatePost", "application.create_post", Asked::Either, Plane::Data, Does::Change);
/// `application.upload_file`.
pub const UPLOAD_FILE: Call =
    call("mattermost:UploadFile", "application.upload_file", Asked::Either, Plane::Data, Does::Change);
/// `application.create_canary_job`.
pub const CREATE_CANARY_JOB: Call =
    call("mattermost:CreateJob", "application.create_canary_job", Asked::Own, Plane::Data, Does::Change);
/// `application.reindex`.
pub const REINDEX: Call = call("mattermost:CreateJob", "application.reindex", Asked::Own, Plane::Data, Does::Change);
/// `files.bucket`.
pub const BUCKET: Call = call("s3:GetReplicationConfiguration", "files.bucket", Asked::Either, Plane::Data, Does::Read);
/// `files.pending_operations`.
pub const PENDING_OPERATIONS: Call =
    call("cloudwatch:GetMetricData", "files.pending_operations", Asked::Either, Plane::Data, Does::Read);
/// `files.failed_operations`.
pub const FAILED_OPERATIONS: Call =
    call("cloudwatch:GetMetricData", "files.failed_operations", Asked::Either, Plane::Data, Does::Read);
/// `files.probe_object`.
pub const PROBE_OBJECT: Call = call("s3:GetObject", "files.probe_object", Asked::Either, Plane::Data, Does::Read);
/// `files.put_probe_object`.
pub const PUT_PROBE_OBJECT: Call =
    call("s3:PutObject", "files.put_probe_object", Asked::Either, Plane::Data, Does::Change);
/// `files.put_replication`.
pub const PUT_REPLICATION: Call =
    call("s3:PutReplicationConfiguration", "files.put_replication", Asked::Either, Plane::UsEast1Control, Does::Change);
/// `files.replicate_existing`.
pub const REPLICATE_EXISTING: Call =
    call("s3:CreateJob", "files.replicate_existing", Asked::Either, Plane::RegionalControl, Does::Change);
/// `dns.records`.
pub const RECORDS: Call =
    call("route53:ListResourceRecordSets", "dns.records", Asked::Global, Plane::UsEast1Control, Does::Read);
/// `dns.flag`.
pub const FLAG: Call = call("cloudwatch:GetMetricData", "dns.flag", Asked::Either, Plane::Data, Does::Read);
/// `dns.resolvers`.
pub const RESOLVERS: Call = call("dns:Query", "dns.resolvers", Asked::Own, Plane::Data, Does::Read);
/// `dns.publish_flag`. A flip asks its own Region; arm-dns also clears the other Region's flag in peace time.
pub const PUBLISH_FLAG: Call =
    call("cloudwatch:PutMetricData", "dns.publish_flag", Asked::Either, Plane::Data, Does::Change);
/// `dns.exchange_records`.
pub const EXCHANGE_RECORDS: Call = call(
    "route53:ChangeResourceRecordSets",
    "dns.exchange_records",
    Asked::Global,
    Plane::UsEast1Control,
    Does::Change,
);
/// `witnesses.own_probe`.
pub const OWN_PROBE: Call =
    call("cloudwatch:GetMetricData", "witnesses.own_probe", Asked::Own, Plane::Data, Does::Read);
/// `witnesses.third_probe`.
pub const THIRD_PROBE: Call =
    call("cloudwatch:GetMetricData", "witnesses.third_probe", Asked::Third, Plane::Data, Does::Read);
/// `witnesses.region_answers`.
pub const REGION_ANSWERS: Call =
    call("sts:GetCallerIdentity", "witnesses.region_answers", Asked::Other, Plane::Data, Does::Read);
/// `witnesses.heartbeat`.
pub const HEARTBEAT: Call =
    call("cloudwatch:GetMetricData", "witnesses.heartbeat", Asked::Own, Plane::Data, Does::Read);
/// `signals.probe`.
pub const PROBE_REGION: Call = call("mattermost:Ping", "signals.probe", Asked::Either, Plane::Data, Does::Read);
/// `signals.publish_probe`.
pub const PUBLISH_PROBE: Call =
    call("cloudwatch:PutMetricData", "signals.publish_probe", Asked::Own, Plane::Data, Does::Record);
/// `signals.publish_heartbeat`.
pub const PUBLISH_HEARTBEAT: Call =
    call("cloudwatch:PutMetricData", "signals.publish_heartbeat", Asked::Other, Plane::Data, Does::Record);
/// `backups.recovery_points`.
pub const RECOVERY_POINTS: Call = call(
    "backup:ListRecoveryPointsByBackupVault",
    "backups.recovery_points",
    Asked::Either,
    Plane::RegionalControl,
    Does::Read,
);
/// `backups.off_site_points`.
pub const OFF_SITE_POINTS: Call = call(
    "backup:ListRecoveryPointsByBackupVault",
    "backups.off_site_points",
    Asked::Either,
    Plane::RegionalControl,
    Does::Read,
);
/// `backups.search_snapshots`.
pub const SEARCH_SNAPSHOTS: Call =
    call("es:ESHttpGet", "backups.search_snapshots", Asked::Either, Plane::Data, Does::Read);
/// `backups.restore_tests`.
pub const RESTORE_TESTS: Call =
    call("backup:ListRestoreJobs", "backups.restore_tests", Asked::Either, Plane::RegionalControl, Does::Read);
/// `notices.subscriptions`.
pub const SUBSCRIPTIONS: Call =
    call("sns:GetTopicAttributes", "notices.subscriptions", Asked::Either, Plane::RegionalControl, Does::Read);
/// `notices.notify`.
pub const NOTIFY: Call = call("sns:Publish", "notices.notify", Asked::Own, Plane::Data, Does::Record);
/// `executions.execution`.
pub const EXECUTION: Call =
    call("states:DescribeExecution", "executions.execution", Asked::Either, Plane::RegionalControl, Does::Read);
/// `executions.start_execution`.
pub const START_EXECUTION: Call =
    call("states:StartExecution", "executions.start_execution", Asked::Own, Plane::Data, Does::Change);
/// `executions.wake`.
pub const WAKE: Call = call("states:SendTaskSuccess", "executions.wake", Asked::Own, Plane::Data, Does::Change);
/// `ledgers.ledger`.
pub const LEDGER: Call = call("s3:GetObject", "ledgers.ledger", Asked::Either, Plane::Data, Does::Read);
/// `ledgers.write_ledger`.
pub const WRITE_LEDGER: Call = call("s3:PutObject", "ledgers.write_ledger", Asked::Either, Plane::Data, Does::Record);
/// `ledgers.record`.
pub const RECORD: Call = call("s3:GetObject", "ledgers.record", Asked::Either, Plane::Data, Does::Read);
/// `ledgers.text`.
pub const TEXT: Call = call("s3:GetObject", "ledgers.text", Asked::Either, Plane::Data, Does::Read);
/// `ledgers.record_keys`.
pub const RECORD_KEYS: Call = call("s3:ListBucket", "ledgers.record_keys", Asked::Either, Plane::Data, Does::Read);
/// `ledgers.put_record`.
pub const PUT_RECORD: Call = call("s3:PutObject", "ledgers.put_record", Asked::Own, Plane::Data, Does::Record);
/// `ledgers.put_text`.
pub const PUT_TEXT: Call = call("s3:PutObject", "ledgers.put_text", Asked::Own, Plane::Data, Does::Record);
/// `ledgers.create_record`.
pub const CREATE_RECORD: Call = call("s3:PutObject", "ledgers.create_record", Asked::Own, Plane::Data, Does::Record);

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
    PROBE_OBJECT,
    PUT_PROBE_OBJECT,
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
    PROBE_REGION,
    PUBLISH_PROBE,
    PUBLISH_HEARTBEAT,
    RECOVERY_POINTS,
    OFF_SITE_POINTS,
    SEARCH_SNAPSHOTS,
    RESTORE_TESTS,
    SUBSCRIPTIONS,
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
