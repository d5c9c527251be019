//! A port of every kind that never answers: for code that needs types but makes no call.

use mmdr_core::ports::*;
use mmdr_core::{CallError, Epoch, Fault, Kind, Ledger, Region, RunId, Sample, Time};
use serde_json::Value;

/// Implements every port; each call fails with [`Fault::NoAnswer`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

fn nobody<T>(call: &str) -> Called<T> {
    Err(CallError { call: call.into(), region: Region::new("nowhere"), fault: Fault::NoAnswer })
}

impl ApplicationReads for Nobody {
    async fn ping(&self, _region: &Region) -> Called<PingSeen> {
        nobody("ping")
    }
    async fn post_exists(&self, _region: &Region, _tag: &str) -> Called<bool> {
        nobody("post_exists")
    }
    async fn search_finds(&self, _region: &Region, _tag: &str) -> Called<bool> {
        nobody("search_finds")
    }
    async fn file_exists(&self, _region: &Region, _tag: &str) -> Called<bool> {
        nobody("file_exists")
    }
    async fn jobs(&self, _region: &Region, _kind: &str) -> Called<Vec<JobSeen>> {
        nobody("jobs")
    }
    async fn open_sockets(&self, _region: &Region) -> Called<u32> {
        nobody("open_sockets")
    }
    async fn schema_version(&self, _region: &Region) -> Called<u32> {
        nobody("schema_version")
    }
    async fn public_name_answers_from(&self, _vantage: &Region) -> Called<Region> {
        nobody("public_name_answers_from")
    }
}

impl ApplicationWrites for Nobody {
    async fn create_post(&self, _region: &Region, _tag: &str) -> Called<()> {
        nobody("create_post")
    }
    async fn upload_file(&self, _region: &Region, _tag: &str) -> Called<()> {
        nobody("upload_file")
    }
    async fn create_canary_job(&self, _region: &Region) -> Called<JobSeen> {
        nobody("create_canary_job")
    }
    async fn reindex(&self, _region: &Region, _from: Time, _to: Time) -> Called<JobSeen> {
        nobody("reindex")
    }
}

impl BackupReads for Nobody {
    async fn recovery_points(&self, _region: &Region) -> Called<Vec<RecoveryPoint>> {
        nobody("recovery_points")
    }
    async fn off_site_points(&self, _region: &Region) -> Called<Vec<RecoveryPoint>> {
        nobody("off_site_points")
    }
    async fn search_snapshots(&self, _region: &Region) -> Called<Vec<RecoveryPoint>> {
        nobody("search_snapshots")
    }
    async fn restore_tests(&self, _region: &Region) -> Called<Vec<RestoreTest>> {
        nobody("restore_tests")
    }
}

impl DatabaseReads for Nobody {
    async fn global_cluster(&self, _asked: &Region) -> Called<Option<GlobalClusterSeen>> {
        nobody("global_cluster")
    }
    async fn cluster(&self, _region: &Region) -> Called<Option<ClusterSeen>> {
        nobody("cluster")
    }
    async fn replication_lag_ms(&self, _secondary: &Region) -> Called<Option<Sample>> {
        nobody("replication_lag_ms")
    }
    async fn database_events(&self, _region: &Region, _since: Time) -> Called<Vec<DatabaseEvent>> {
        nobody("database_events")
    }
    async fn snapshots(&self, _region: &Region) -> Called<Vec<SnapshotSeen>> {
        nobody("snapshots")
    }
}

impl DatabaseWrites for Nobody {
    async fn switch_over(&self, _asked: &Region, _target_arn: &str) -> Called<()> {
        nobody("switch_over")
    }
    async fn fail_over(&self, _asked: &Region, _target_arn: &str) -> Called<()> {
        nobody("fail_over")
    }
    async fn detach(&self, _asked: &Region, _cluster_arn: &str) -> Called<()> {
        nobody("detach")
    }
    async fn copy_snapshot(&self, _region: &Region, _source: &str, _copy: &str) -> Called<()> {
        nobody("copy_snapshot")
    }
}

impl DnsReads for Nobody {
    async fn records(&self) -> Called<RecordsSeen> {
        nobody("records")
    }
    async fn flag(&self, _region: &Region) -> Called<Option<FlagSeen>> {
        nobody("flag")
    }
    async fn resolvers(&self, _vantage: &Region) -> Called<Vec<ResolverSeen>> {
        nobody("resolvers")
    }
}

impl DnsWrites for Nobody {
    async fn publish_flag(&self, _region: &Region, _taken_over: bool) -> Called<()> {
        nobody("publish_flag")
    }
    async fn exchange_records(&self, _primary: &Region) -> Called<()> {
        nobody("exchange_records")
    }
}

impl ExecutionReads for Nobody {
    async fn execution(&self, _region: &Region, _arn: &str) -> Called<Option<ExecutionSeen>> {
        nobody("execution")
    }
}

impl ExecutionWrites for Nobody {
    async fn start_execution(&self, _region: &Region, _kind: Kind, _name: &RunId, _input: &Value) -> Called<Started> {
        nobody("start_execution")
    }
    async fn wake(&self, _region: &Region, _token: &str, _output: &Value) -> Called<Woken> {
        nobody("wake")
    }
}

impl FileReads for Nobody {
    async fn bucket(&self, _region: &Region) -> Called<BucketSeen> {
        nobody("bucket")
    }
    async fn pending_operations(&self, _source: &Region, _destination: &Region) -> Called<Option<Sample>> {
        nobody("pending_operations")
    }
    async fn failed_operations(&self, _source: &Region) -> Called<Option<Sample>> {
        nobody("failed_operations")
    }
    async fn probe_object(&self, _source: &Region) -> Called<Option<Time>> {
        nobody("probe_object")
    }
}

impl FileWrites for Nobody {
    async fn put_replication(&self, _source: &Region, _destination: &Region) -> Called<()> {
        nobody("put_replication")
    }
    async fn replicate_existing(&self, _source: &Region) -> Called<()> {
        nobody("replicate_existing")
    }
    async fn put_probe_object(&self, _source: &Region) -> Called<()> {
        nobody("put_probe_object")
    }
}

impl LedgerReads for Nobody {
    async fn ledger(&self, _region: &Region) -> Called<Option<LedgerSeen>> {
        nobody("ledger")
    }
}

impl LedgerWrites for Nobody {
    async fn write_ledger(&self, _region: &Region, _ledger: &Ledger, _version: Option<&str>) -> Called<String> {
        nobody("write_ledger")
    }
}

impl RecordReads for Nobody {
    async fn record(&self, _region: &Region, _key: &str) -> Called<Option<Value>> {
        nobody("record")
    }
    async fn text(&self, _region: &Region, _key: &str) -> Called<Option<String>> {
        nobody("text")
    }
    async fn record_keys(&self, _region: &Region, _prefix: &str) -> Called<Vec<String>> {
        nobody("record_keys")
    }
}

impl RecordWrites for Nobody {
    async fn put_record(&self, _region: &Region, _key: &str, _value: &Value) -> Called<()> {
        nobody("put_record")
    }
    async fn put_text(&self, _region: &Region, _key: &str, _text: &str) -> Called<()> {
        nobody("put_text")
    }
    async fn create_record(&self, _region: &Region, _key: &str, _value: &Value) -> Called<bool> {
        nobody("create_record")
    }
}

impl NodeReads for Nobody {
    async fn nodes(&self, _region: &Region) -> Called<Vec<NodeSeen>> {
        nobody("nodes")
    }
}

impl NodeWrites for Nobody {
    async fn deregister(&self, _region: &Region, _ids: &[String]) -> Called<()> {
        nobody("deregister")
    }
    async fn register(&self, _region: &Region, _ids: &[String]) -> Called<()> {
        nobody("register")
    }
    async fn stop(&self, _region: &Region, _ids: &[String], _epoch: Epoch, _fence_check: bool) -> Called<()> {
        nobody("stop")
    }
    async fn start(&self, _region: &Region, _ids: &[String], _epoch: Epoch) -> Called<()> {
        nobody("start")
    }
}

impl NoticeReads for Nobody {
    async fn subscriptions(&self, _region: &Region) -> Called<u32> {
        nobody("subscriptions")
    }
}

impl NoticeWrites for Nobody {
    async fn notify(&self, _region: &Region, _subject: &str, _text: &str) -> Called<()> {
        nobody("notify")
    }
}

impl SchedulerReads for Nobody {
    async fn job_flags(&self, _region: &Region) -> Called<JobFlagsSeen> {
        nobody("job_flags")
    }
    async fn config(&self, _region: &Region) -> Called<Option<ConfigSeen>> {
        nobody("config")
    }
}

impl SchedulerWrites for Nobody {
    async fn write_job_flags(&self, _region: &Region, _flags: JobFlags) -> Called<()> {
        nobody("write_job_flags")
    }
    async fn scale_job_server(&self, _region: &Region, _replicas: u32) -> Called<()> {
        nobody("scale_job_server")
    }
}

impl SearchReads for Nobody {
    async fn indices(&self, _region: &Region) -> Called<Vec<IndexSeen>> {
        nobody("indices")
    }
    async fn domain(&self, _region: &Region) -> Called<DomainSeen> {
        nobody("domain")
    }
    async fn probe(&self, _region: &Region, _names: &[String]) -> Called<Vec<(String, ProbeAnswer)>> {
        nobody("probe")
    }
    async fn connections(&self, _follower: &Region) -> Called<Vec<ConnectionSeen>> {
        nobody("connections")
    }
    async fn rules(&self, _follower: &Region) -> Called<Vec<RuleName>> {
        nobody("rules")
    }
}

impl SearchWrites for Nobody {
    async fn set_write_block(&self, _region: &Region, _on: bool) -> Called<()> {
        nobody("set_write_block")
    }
    async fn stop(&self, _region: &Region, _names: &[String]) -> Called<Vec<String>> {
        nobody("stop")
    }
    async fn pause(&self, _region: &Region, _names: &[String]) -> Called<()> {
        nobody("pause")
    }
    async fn resume(&self, _region: &Region, _names: &[String]) -> Called<()> {
        nobody("resume")
    }
    async fn start(&self, _region: &Region, _alias: &str, _names: &[String]) -> Called<()> {
        nobody("start")
    }
    async fn reopen(&self, _region: &Region, _names: &[String]) -> Called<()> {
        nobody("reopen")
    }
    async fn create_rule(&self, _region: &Region, _rule: &RuleName) -> Called<()> {
        nobody("create_rule")
    }
    async fn delete_rule(&self, _region: &Region, _rule: &RuleName) -> Called<()> {
        nobody("delete_rule")
    }
    async fn delete_indices(&self, _region: &Region, _names: &[String]) -> Called<()> {
        nobody("delete_indices")
    }
    async fn request_connection(&self, _follower: &Region, _leader: &Region, _alias: &str) -> Called<()> {
        nobody("request_connection")
    }
    async fn accept_connection(&self, _leader: &Region, _id: &str) -> Called<()> {
        nobody("accept_connection")
    }
    async fn delete_connection(&self, _follower: &Region, _id: &str) -> Called<()> {
        nobody("delete_connection")
    }
    async fn export_divergence(
        &self,
        _region: &Region,
        _index: &str,
        _above: &[(u32, i64)],
        _key: &str,
    ) -> Called<u64> {
        nobody("export_divergence")
    }
}

impl WitnessReads for Nobody {
    async fn own_probe(&self, _own: &Region, _subject: &Region) -> Called<Option<ProbeSeen>> {
        nobody("own_probe")
    }
    async fn third_probe(&self, _third: &Region, _subject: &Region) -> Called<Option<ProbeSeen>> {
        nobody("third_probe")
    }
    async fn region_answers(&self, _subject: &Region) -> Called<bool> {
        nobody("region_answers")
    }
    async fn heartbeat(&self, _own: &Region, _subject: &Region) -> Called<Option<Time>> {
        nobody("heartbeat")
    }
}
