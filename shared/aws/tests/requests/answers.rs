//! Answers that lead a method through every request it can make.

use crate::outside::{Answer, Request};

/// The operation of a REST request, as IAM calls the action that it needs.
pub(crate) fn rest_operation(service: &str, method: &str, uri: &str) -> String {
    let has = |part: &str| uri.contains(part);
    let action = match (service, method) {
        ("s3", "GET") if has("?versioning") => "GetBucketVersioning",
        ("s3", "GET") if has("?replication") => "GetReplicationConfiguration",
        ("s3", "GET") if has("list-type=2") => "ListBucket",
        ("s3", "PUT") if has("?versioning") => "PutBucketVersioning",
        ("s3", "PUT") if has("?replication") => "PutReplicationConfiguration",
        ("s3", "GET") if has("/v20180820/jobs") => "ListJobs",
        ("s3", "POST") if has("/v20180820/jobs") => "CreateJob",
        // HeadObject has no action of its own.
        ("s3", "GET" | "HEAD") => "GetObject",
        ("s3", "PUT") => "PutObject",
        ("route53", "GET") if has("/rrset") => "ListResourceRecordSets",
        ("route53", "POST") if has("/rrset") => "ChangeResourceRecordSets",
        ("route53", "GET") if has("/healthcheck/") => "GetHealthCheck",
        ("route53", "GET") => "ListHealthChecks",
        ("backup", "GET") if has("/restore-jobs") => "ListRestoreJobs",
        ("backup", "GET") => "ListRecoveryPointsByBackupVault",
        ("es", _) if has("/2021-01-01/opensearch/domain/") => "DescribeDomain",
        ("es", "POST") if has("/cc/outboundConnection/search") => "DescribeOutboundConnections",
        ("es", "POST") if has("/cc/outboundConnection") => "CreateOutboundConnection",
        ("es", "PUT") if has("/cc/inboundConnection/") => "AcceptInboundConnection",
        ("es", "DELETE") if has("/cc/outboundConnection/") => "DeleteOutboundConnection",
        ("lambda", "POST") => "InvokeFunction",
        _ => return format!("{method} {uri}"),
    };
    action.to_owned()
}

/// The table.
pub(crate) fn of(request: &Request) -> Answer {
    let (status, body) = match request.action.as_str() {
        "rds:DescribeGlobalClusters" => (200, GLOBAL_CLUSTER),
        "rds:DescribeDBClusters" => (200, CLUSTERS),
        "rds:DescribeDBClusterParameters" => (200, PARAMETERS),
        "rds:DescribeEvents" => (200, EVENTS),
        "rds:DescribeDBClusterSnapshots" => (200, SNAPSHOTS),
        "elasticloadbalancing:DescribeTargetHealth" => (200, TARGETS),
        "autoscaling:DescribeAutoScalingGroups" => (200, GROUPS),
        "route53:ListResourceRecordSets" => (200, RECORDS),
        "route53:ListHealthChecks" => (200, HEALTH_CHECKS),
        "route53:GetHealthCheck" => (200, HEALTH_CHECK),
        "route53:ChangeResourceRecordSets" => (200, CHANGED),
        "s3:GetReplicationConfiguration" => (200, REPLICATION),
        "s3:ListBucket" => (200, LISTED),
        "s3:GetObject" if request.uri.contains("/nodes/") => (404, NO_KEY),
        "s3:ListJobs" => (200, "<ListJobsResult><Jobs></Jobs></ListJobsResult>"),
        "s3:CreateJob" => (200, "<CreateJobResult><JobId>j</JobId></CreateJobResult>"),
        "ssm:DescribeInstanceInformation" => {
            (200, r#"{"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online"}]}"#)
        }
        "ssm:GetParameter" => (200, r#"{"Parameter":{"Value":"MM_JOBSETTINGS_RUNJOBS=false\nMMDR_EPOCH=4\n"}}"#),
        "ecs:ListTasks" => (200, r#"{"taskArns":["arn:aws:ecs:us-east-1:123456789012:task/c/t1"]}"#),
        "ecs:DescribeTasks" => (200, TASKS),
        "ecs:DescribeServices" => (200, r#"{"services":[{"desiredCount":0,"runningCount":1}]}"#),
        "states:DescribeExecution" => (200, EXECUTION),
        "states:StartExecution" => {
            (200, r#"{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:m:n","startDate":4102444800}"#)
        }
        "s3:GetBucketVersioning" => {
            (200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        action if ["rds:", "sns:", "elasticloadbalancing:"].iter().any(|it| action.starts_with(it)) => {
            let name = action.rsplit(':').next().unwrap_or_default();
            return (200, format!("<{name}Response><{name}Result></{name}Result></{name}Response>"));
        }
        // Every JSON and REST operation is content with an empty object; XML ones are with an empty text.
        action if ["ssm:", "ecs:", "states:", "backup:", "es:", "lambda:"].iter().any(|it| action.starts_with(it)) => {
            (200, "{}")
        }
        _ => (200, ""),
    };
    (status, body.to_owned())
}

pub(crate) const GLOBAL_CLUSTER: &str = "<DescribeGlobalClustersResponse><DescribeGlobalClustersResult><GlobalClusters>\
<GlobalClusterMember><GlobalClusterIdentifier>acme-chat</GlobalClusterIdentifier><Status>available</Status>\
<FailoverState><Status>switching-over</Status>\
<FromDbClusterArn>arn:aws:rds:us-west-1:123456789012:cluster:acme-chat-west</FromDbClusterArn>\
<ToDbClusterArn>arn:aws:rds:us-east-1:123456789012:cluster:acme-chat-east</ToDbClusterArn></FailoverState>\
<GlobalClusterMembers><GlobalClusterMember>\
<DBClusterArn>arn:aws:rds:us-west-1:123456789012:cluster:acme-chat-west</DBClusterArn><IsWriter>true</IsWriter>\
<SynchronizationStatus>connected</SynchronizationStatus></GlobalClusterMember><GlobalClusterMember>\
<DBClusterArn>arn:aws:rds:us-east-1:123456789012:cluster:acme-chat-east</DBClusterArn><IsWriter>false</IsWriter>\
</GlobalClusterMember></GlobalClusterMembers></GlobalClusterMember></GlobalClusters>\
</DescribeGlobalClustersResult></DescribeGlobalClustersResponse>";
const CLUSTERS: &str = "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>\
<DBClusterArn>arn:aws:rds:us-east-1:123456789012:cluster:acme-chat-east</DBClusterArn><Status>available</Status>\
<EngineVersion>16.6</EngineVersion><DBClusterParameterGroup>acme</DBClusterParameterGroup>\
<BackupRetentionPeriod>7</BackupRetentionPeriod><DBClusterMembers><DBClusterMember>\
<DBInstanceIdentifier>a</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers>\
</DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>";
const PARAMETERS: &str = "<DescribeDBClusterParametersResponse><DescribeDBClusterParametersResult><Parameters><Parameter>\
<ParameterName>rds.global_db_rpo</ParameterName><ParameterValue>30</ParameterValue></Parameter></Parameters>\
</DescribeDBClusterParametersResult></DescribeDBClusterParametersResponse>";
const EVENTS: &str = "<DescribeEventsResponse><DescribeEventsResult><Events><Event><SourceIdentifier>a</SourceIdentifier>\
<SourceType>db-instance</SourceType>\
<Message>Attempt to block writes for DB cluster acme-chat-west in Region us-west-1 timed out.</Message>\
<Date>2026-11-21T10:00:00Z</Date></Event><Event><Message>DB instance restarted</Message>\
<Date>2026-11-21T10:00:01Z</Date></Event></Events></DescribeEventsResult></DescribeEventsResponse>";
const SNAPSHOTS: &str = "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult><DBClusterSnapshots>\
<DBClusterSnapshot><DBClusterSnapshotIdentifier>rds:unplanned-global-failover-acme</DBClusterSnapshotIdentifier>\
<SnapshotType>automated</SnapshotType><Status>available</Status>\
<SnapshotCreateTime>2026-11-21T10:00:00Z</SnapshotCreateTime></DBClusterSnapshot></DBClusterSnapshots>\
</DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>";
const TARGETS: &str = "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>\
<member><Target><Id>i-1</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member>\
<member><Target><Id>i-2</Id></Target><TargetHealth><State>draining</State></TargetHealth></member>\
</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>";
const GROUPS: &str = "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>\
<AutoScalingGroupName>acme-chat-app</AutoScalingGroupName><Instances><member><InstanceId>i-1</InstanceId></member>\
<member><InstanceId>i-9</InstanceId></member></Instances></member></AutoScalingGroups>\
</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>";
const TASKS: &str = r#"{"tasks":[{"taskArn":"arn:aws:ecs:us-east-1:123456789012:task/c/t1","lastStatus":"RUNNING","startedAt":1795255100,
"attachments":[{"details":[{"name":"privateIPv4Address","value":"10.0.0.7"}]}]}]}"#;
const RECORDS: &str = "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet>\
<Name>chat.example.com.</Name><Type>CNAME</Type><SetIdentifier>us-west-1</SetIdentifier><Failover>PRIMARY</Failover>\
<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>chat-us-west-1.example.com</Value></ResourceRecord></ResourceRecords>\
<HealthCheckId>watches-east</HealthCheckId></ResourceRecordSet><ResourceRecordSet>\
<Name>chat.example.com.</Name><Type>CNAME</Type><SetIdentifier>us-east-1</SetIdentifier><Failover>SECONDARY</Failover>\
<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>chat-us-east-1.example.com</Value></ResourceRecord></ResourceRecords>\
</ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems>\
</ListResourceRecordSetsResponse>";
const HEALTH_CHECK: &str = "<GetHealthCheckResponse><HealthCheck><Id>watches-east</Id><CallerReference>r</CallerReference>\
<HealthCheckConfig><Type>CLOUDWATCH_METRIC</Type><AlarmIdentifier><Region>us-east-1</Region>\
<Name>mmdr-acme-chat-taken-over</Name></AlarmIdentifier><InsufficientDataHealthStatus>LastKnownStatus\
</InsufficientDataHealthStatus></HealthCheckConfig><HealthCheckVersion>1</HealthCheckVersion></HealthCheck>\
</GetHealthCheckResponse>";
const HEALTH_CHECKS: &str = "<ListHealthChecksResponse><HealthChecks><HealthCheck><Id>watches-west</Id>\
<CallerReference>r</CallerReference><HealthCheckConfig><Type>CLOUDWATCH_METRIC</Type><AlarmIdentifier>\
<Region>us-west-1</Region><Name>mmdr-acme-chat-taken-over</Name></AlarmIdentifier></HealthCheckConfig>\
<HealthCheckVersion>1</HealthCheckVersion></HealthCheck></HealthChecks><IsTruncated>false</IsTruncated>\
<Marker></Marker><MaxItems>100</MaxItems></ListHealthChecksResponse>";
const CHANGED: &str = "<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status>\
<SubmittedAt>2026-11-21T10:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>";
const REPLICATION: &str = "<ReplicationConfiguration><Role>r</Role><Rule><ID>mattermost-dr</ID><Priority>1</Priority>\
<Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Destination><Bucket>arn:aws:s3:::acme-chat-files-us-west-1</Bucket>\
<Metrics><Status>Enabled</Status></Metrics></Destination><SourceSelectionCriteria><ReplicaModifications>\
<Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria></Rule></ReplicationConfiguration>";
const LISTED: &str = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>3</Size>\
<LastModified>2026-11-21T10:00:00Z</LastModified></Contents></ListBucketResult>";
pub(crate) const NO_KEY: &str = "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>";
const EXECUTION: &str = r#"{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:m:n","name":"n",
"stateMachineArn":"m","status":"TIMED_OUT","startDate":1795255200.5,"stopDate":1795255260}"#;
