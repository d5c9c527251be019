//! The two buckets of Mattermost's files and the replication between them.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination, Metrics,
    MetricsStatus, ReplicaModifications, ReplicaModificationsStatus, ReplicationConfiguration, ReplicationRule,
    ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTime, ReplicationTimeStatus, ReplicationTimeValue,
    SourceSelectionCriteria, SseKmsEncryptedObjectsStatus, VersioningConfiguration,
};
use mmdr_core::calls;
use mmdr_core::ports::{BucketSeen, Called, FileReads, FileWrites, RuleSeen};
use mmdr_core::{Fault, Region, Sample, Time};

use crate::clients::Manner;
use crate::metrics::{MetricOf, time};
use crate::{Aws, faults, names};

/// Key of the probe object: an operation for the rule, so that its metrics speak.
const PROBE_KEY: &str = "mmdr/replication-probe";
/// Seconds within which a replication metric counts.
const PENDING_WINDOW_S: i64 = 15 * 60;
/// Failed operations are looked for over a day.
const FAILED_WINDOW_S: i64 = 86_400;
/// Minutes that replication time control promises; no other value is taken (S3 API, ReplicationTimeValue).
const PROMISED_MINUTES: i32 = 15;

impl Aws {
    fn files_bucket(&self, region: &Region) -> Result<&str, Fault> {
        Ok(&self.setup(region)?.files_bucket)
    }

    /// The metric of one direction; its dimensions are both buckets and the rule (S3 guide, replication metrics).
    fn replication<'a>(&'a self, source: &Region, destination: &Region, name: &'a str) -> Result<MetricOf<'a>, Fault> {
        let dimensions = vec![
            ("SourceBucket", self.files_bucket(source)?),
            ("DestinationBucket", self.files_bucket(destination)?),
            ("RuleId", self.deployment.files.rule_id.as_str()),
        ];
        Ok(MetricOf { namespace: "AWS/S3", name, dimensions, statistic: "Maximum" })
    }

    fn other_of(&self, region: &Region) -> Region {
        self.deployment.other(region).unwrap_or(region).clone()
    }
}

/// The sum of what has failed since `mended`. A sample is stamped with the beginning of its minute, and what failed in the minute in
/// which the job was made may have failed after it.
fn not_mended(samples: &[Sample], mended: Option<Time>) -> f64 {
    let counts = |sample: &&Sample| mended.is_none_or(|at| sample.at.plus_s(60) > at);
    samples.iter().filter(counts).map(|sample| sample.value).sum()
}

impl FileReads for Aws {
    async fn bucket(&self, region: &Region) -> Called<BucketSeen> {
        let client = self.s3(region, self.manner(&calls::BUCKET, region));
        self.call(&calls::BUCKET, region, async {
            let bucket = self.files_bucket(region)?;
            let versioning = client.get_bucket_versioning().bucket(bucket).send().await;
            let versioning = versioning.map_err(|error| faults::of(&error))?;
            let (ours, others): (Vec<_>, Vec<_>) =
                rules(&client, bucket).await?.into_iter().partition(|rule| rule.id == self.deployment.files.rule_id);
            let rule = ours.into_iter().next();
            let existing_not_replicated = match &rule {
                Some(_) => self.not_replicated(&client, region, bucket).await?,
                None => 0,
            };
            Ok(BucketSeen {
                bucket: bucket.into(),
                versioning: versioning.status() == Some(&BucketVersioningStatus::Enabled),
                rule,
                other_rules: others.into_iter().map(|rule| rule.id).collect(),
                existing_not_replicated,
            })
        })
        .await
    }

    async fn pending_operations(&self, source: &Region, destination: &Region) -> Called<Option<Sample>> {
        let Ok(metric) = self.replication(source, destination, "OperationsPendingReplication") else { return Ok(None) };
        self.newest(&calls::PENDING_OPERATIONS, destination, metric, PENDING_WINDOW_S).await
    }

    async fn failed_operations(&self, source: &Region) -> Called<Option<Sample>> {
        let destination = self.other_of(source);
        let Ok(metric) = self.replication(source, &destination, "OperationsFailedReplication") else { return Ok(None) };
        let metric = MetricOf { statistic: "Sum", ..metric };
        let samples = self.samples(&calls::FAILED_OPERATIONS, source, metric, FAILED_WINDOW_S).await?;
        // Nobody takes a failure back out of the metric. That no job is known leaves them all.
        let bucket = self.files_bucket(source).map(str::to_owned);
        let mended = match bucket {
            Ok(bucket) => self.failures_mended(source, &bucket).await.ok().flatten(),
            Err(_) => None,
        };
        Ok(samples.first().map(|newest| Sample { value: not_mended(&samples, mended), at: newest.at }))
    }

    async fn probe_object(&self, source: &Region) -> Called<Option<Time>> {
        let client = self.s3(source, self.manner(&calls::PROBE_OBJECT, source));
        self.call(&calls::PROBE_OBJECT, source, async {
            let bucket = self.files_bucket(source)?;
            match client.head_object().bucket(bucket).key(PROBE_KEY).send().await {
                Ok(answer) => Ok(answer.last_modified().map(time)),
                Err(error) if error.as_service_error().is_some_and(|said| said.is_not_found()) => Ok(None),
                Err(error) => Err(faults::of(&error)),
            }
        })
        .await
    }
}

/// Every rule. A bucket without any answers with a code that the API model does not list: seen in the SDKs' issues.
async fn rules(client: &Client, bucket: &str) -> Result<Vec<RuleSeen>, Fault> {
    let answer = match client.get_bucket_replication().bucket(bucket).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return match faults::of(&error) {
                Fault::NotFound(text) if text.starts_with("ReplicationConfigurationNotFound") => Ok(Vec::new()),
                fault => Err(fault),
            };
        }
    };
    let rules = answer.replication_configuration().map(|config| config.rules()).unwrap_or_default();
    Ok(rules.iter().map(rule_seen).collect())
}

fn rule_seen(rule: &ReplicationRule) -> RuleSeen {
    let (filter, destination) = (rule.filter(), rule.destination());
    let covers_all = filter.is_none_or(|filter| {
        filter.prefix().is_none_or(str::is_empty) && filter.tag().is_none() && filter.and().is_none()
    });
    let criteria = rule.source_selection_criteria();
    let modifications = criteria.and_then(|criteria| criteria.replica_modifications());
    let encrypted = criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects());
    let metrics = destination.and_then(|destination| destination.metrics());
    RuleSeen {
        id: rule.id().unwrap_or_default().into(),
        enabled: rule.status() == &ReplicationRuleStatus::Enabled,
        covers_all,
        destination: destination.map(|it| bucket_of(it.bucket())).unwrap_or_default(),
        replica_modifications: modifications.map(|it| it.status()) == Some(&ReplicaModificationsStatus::Enabled),
        delete_markers: match rule.delete_marker_replication() {
            Some(markers) => markers.status() == Some(&DeleteMarkerReplicationStatus::Enabled),
            // Without a filter a rule of the old form replicates them (S3 guide, delete markers).
            None => filter.is_none(),
        },
        metrics: metrics.map(|metrics| metrics.status()) == Some(&MetricsStatus::Enabled),
        kms: encrypted.map(|it| it.status()) == Some(&SseKmsEncryptedObjectsStatus::Enabled),
    }
}

fn bucket_of(arn: &str) -> String {
    names::resource(arn).to_owned()
}

impl FileWrites for Aws {
    /// Three requests, each safe to repeat: versioning of both buckets first, without which S3 refuses the rule.
    async fn put_replication(&self, source: &Region, destination: &Region) -> Called<()> {
        let client = self.s3(source, Manner::Change);
        self.call(&calls::PUT_REPLICATION, source, async {
            let bucket = self.files_bucket(source)?;
            let configuration = self.wanted_replication(source, destination)?;
            for region in [destination, source] {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                let bucket = self.files_bucket(region)?;
                let client = self.s3(region, Manner::Change);
                let versioning =
                    client.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await;
                versioning.map_err(|error| faults::of(&error))?;
            }
            let request = client.put_bucket_replication().bucket(bucket).replication_configuration(configuration);
            request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }

    async fn replicate_existing(&self, source: &Region) -> Called<()> {
        self.call(&calls::REPLICATE_EXISTING, source, self.start_batch_replication(source)).await
    }

    async fn put_probe_object(&self, source: &Region) -> Called<()> {
        let client = self.s3(source, Manner::Repeatable);
        self.call(&calls::PUT_PROBE_OBJECT, source, async {
            let body = ByteStream::from(format!("{}\n", (self.clock)()).into_bytes());
            let bucket = self.files_bucket(source)?;
            let sent = client.put_object().bucket(bucket).key(PROBE_KEY).body(body).send().await;
            sent.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }
}

impl Aws {
    /// The role that S3 takes on, which the template gives to verify-files alone.
    pub(crate) fn replication_role(&self) -> Result<&str, Fault> {
        let missing = || Fault::Refused("MMDR_REPLICATION_ROLE is not set for this function".into());
        self.settings.replication_role.as_deref().ok_or_else(missing)
    }

    /// One rule for every key, with what the runbook leaves out: delete markers, or deleted files come back.
    fn wanted_replication(&self, source: &Region, destination: &Region) -> Result<ReplicationConfiguration, Fault> {
        let unbuilt = |error: aws_smithy_types::error::operation::BuildError| Fault::Refused(error.to_string());
        let partition = names::partition(source);
        let bucket = format!("arn:{partition}:s3:::{}", self.files_bucket(destination)?);
        let promised = || ReplicationTimeValue::builder().minutes(PROMISED_MINUTES).build();
        let timed = self.deployment.files.replication_time_control;
        let metrics =
            Metrics::builder().status(MetricsStatus::Enabled).set_event_threshold(timed.then(promised)).build();
        let time_control = ReplicationTime::builder()
            .status(ReplicationTimeStatus::Enabled)
            .time(promised())
            .build()
            .map_err(unbuilt)?;
        let to = Destination::builder()
            .bucket(bucket)
            .metrics(metrics.map_err(unbuilt)?)
            .set_replication_time(timed.then_some(time_control))
            .build()
            .map_err(unbuilt)?;
        let modifications =
            ReplicaModifications::builder().status(ReplicaModificationsStatus::Enabled).build().map_err(unbuilt)?;
        let rule = ReplicationRule::builder()
            .id(&self.deployment.files.rule_id)
            .priority(1)
            .status(ReplicationRuleStatus::Enabled)
            .filter(ReplicationRuleFilter::builder().prefix("").build())
            .delete_marker_replication(
                DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Enabled).build(),
            )
            .source_selection_criteria(SourceSelectionCriteria::builder().replica_modifications(modifications).build())
            .destination(to)
            .build()
            .map_err(unbuilt)?;
        ReplicationConfiguration::builder().role(self.replication_role()?).rules(rule).build().map_err(unbuilt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_before_a_whole_job_counts_no_more_and_what_may_have_failed_after_it_does() {
        let minutes = [(3, 4.0), (2, 2.0), (1, 1.0)];
        let samples = minutes.map(|(minute, value)| Sample { value, at: Time(minute * 60_000) });
        let made_in = |minute: i64| Some(Time(minute * 60_000 + 20_000));
        let counted = [None, made_in(0), made_in(2), made_in(9)].map(|mended| not_mended(&samples, mended));
        assert!(
            counted.iter().zip([7.0, 7.0, 6.0, 0.0]).all(|(found, wanted)| (found - wanted).abs() < 0.1),
            "{counted:?}"
        );
    }
}
