//! Objects that were there before the replication rule: S3 Batch Replication, and how many are left.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3control::Client as Control;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_s3control::types::{
    JobListDescriptor, JobManifestGenerator, JobManifestGeneratorFilter, JobOperation, JobReport, JobStatus,
    OperationName, ReplicationStatus, S3JobManifestGenerator, S3ReplicateObjectOperation,
};
use mmdr_core::{Fault, Region, Time, digest};

use crate::clients::Manner;
use crate::metrics::time;
use crate::{Aws, faults, names};

/// Objects that are looked at one by one, from each of a few places on.
const SAMPLE: i32 = 8;
/// Where samples are taken: from the first key on, and from that of so many days ago. Mattermost's keys begin with the day of the
/// upload, `20261130/teams/…` (Mattermost `server/channels/app/file.go`).
const SAMPLED_DAYS_AGO: [Option<i64>; 4] = [None, Some(30), Some(7), Some(1)];

/// By which a rehearsal says where S3 Control is served (`MMDR_REROUTE`). The SDK puts the account before any endpoint's host,
/// and a loopback address has no such host.
const S3_CONTROL: &str = "s3-control";

/// Where a rehearsal serves S3 Control, whatever the account.
#[derive(Debug)]
struct ServedAt(String);

impl ResolveEndpoint for ServedAt {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}

impl Aws {
    fn s3_control(&self, region: &Region, manner: Manner) -> Control {
        let served = self.settings.reroute.get(S3_CONTROL).cloned();
        self.clients.get(region, manner, |config| {
            let builder = aws_sdk_s3control::config::Builder::from(config);
            let builder = match served {
                Some(address) => builder.endpoint_resolver(ServedAt(address)),
                None => builder,
            };
            Control::from_conf(builder.build())
        })
    }

    /// The newest batch job of this bucket that has ended.
    async fn newest_job(&self, region: &Region, bucket: &str) -> Result<Option<JobListDescriptor>, Fault> {
        let control = self.s3_control(region, Manner::Across);
        let ended = [JobStatus::Complete, JobStatus::Failed, JobStatus::Cancelled];
        let request = control.list_jobs().account_id(&self.deployment.account_id).set_job_statuses(Some(ended.into()));
        // Everybody's of this account.
        let mut pages = request.into_paginator().send();
        let mut jobs = Vec::new();
        while let Some(page) = pages.next().await {
            jobs.extend(page.map_err(|error| faults::of(&error))?.jobs.unwrap_or_default());
        }
        jobs.retain(|job| job.operation() == Some(&OperationName::S3ReplicateObject));
        jobs.retain(|job| job.description() == Some(description(bucket).as_str()));
        Ok(jobs.into_iter().max_by_key(|job| job.creation_time().map(|at| at.secs())))
    }

    /// How many objects older than the rule were never replicated, at least: what the newest batch job left behind, or what a
    /// few samples show, whichever is more. A job knows nothing of what came after it and before a rule that was made anew.
    pub(crate) async fn not_replicated(&self, client: &Client, region: &Region, bucket: &str) -> Result<u64, Fault> {
        let left = self.newest_job(region, bucket).await?.map_or(0, |job| left_behind(&job));
        Ok(sample(client, bucket, (self.clock)()).await?.max(left))
    }

    /// When a batch job that left nothing behind was made: what had failed by then has been replicated.
    pub(crate) async fn failures_mended(&self, region: &Region, bucket: &str) -> Result<Option<Time>, Fault> {
        let whole = self.newest_job(region, bucket).await?.filter(|job| left_behind(job) == 0);
        Ok(whole.and_then(|job| job.creation_time().map(time)))
    }

    /// Lets S3 replicate what is there and what failed; it makes the list of objects itself.
    pub(crate) async fn start_batch_replication(&self, region: &Region) -> Result<(), Fault> {
        let setup = self.setup(region)?;
        let (account, role) = (&self.deployment.account_id, self.replication_role()?);
        let partition = names::partition(region);
        let unbuilt = |error: aws_smithy_types::error::operation::BuildError| Fault::Refused(error.to_string());
        let filter = JobManifestGeneratorFilter::builder()
            .eligible_for_replication(true)
            .object_replication_statuses(ReplicationStatus::None)
            .object_replication_statuses(ReplicationStatus::Failed)
            .build();
        let list = S3JobManifestGenerator::builder()
            .expected_bucket_owner(account)
            .source_bucket(format!("arn:{partition}:s3:::{}", setup.files_bucket))
            .filter(filter)
            .enable_manifest_output(false)
            .build()
            .map_err(unbuilt)?;
        let request = self
            .s3_control(region, Manner::Change)
            .create_job()
            .account_id(account)
            .confirmation_required(false)
            .description(description(&setup.files_bucket))
            .priority(10)
            .role_arn(role)
            // The same request within an hour is the same job. At most 64 signs, and a bucket's name may have 63.
            .client_request_token(digest(&format!("{} {}", setup.files_bucket, (self.clock)().0 / 3_600_000)))
            .operation(
                JobOperation::builder().s3_replicate_object(S3ReplicateObjectOperation::builder().build()).build(),
            )
            .report(JobReport::builder().enabled(false).build())
            .manifest_generator(JobManifestGenerator::S3JobManifestGenerator(list));
        request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
    }
}

/// By which our jobs are known.
fn description(bucket: &str) -> String {
    format!("mmdr: existing files of {bucket}")
}

/// What a job has left to do, at least: one that failed as a whole may count nothing.
fn left_behind(job: &JobListDescriptor) -> u64 {
    let failed = job.progress_summary().and_then(|progress| progress.number_of_tasks_failed()).unwrap_or(0);
    let whole = job.status() == Some(&JobStatus::Complete);
    u64::try_from(failed).unwrap_or(0).max(u64::from(!whole))
}

/// How many of some objects have no replication status at all: no rule applied when they came, or none applies to them, as to those
/// under a KMS key that the rule does not name. Waiting ones have one.
async fn sample(client: &Client, bucket: &str, now: Time) -> Result<u64, Fault> {
    let mut keys = BTreeSet::new();
    for days_ago in SAMPLED_DAYS_AGO {
        let after = days_ago.map(|days| now.plus_s(-days * 86_400).date());
        let after = after.map(|(year, month, day)| format!("{year:04}{month:02}{day:02}"));
        let listed = client.list_objects_v2().bucket(bucket).set_start_after(after).max_keys(SAMPLE).send().await;
        let listed = listed.map_err(|error| faults::of(&error))?;
        keys.extend(listed.contents().iter().filter_map(|object| object.key()).map(str::to_owned));
    }
    let mut found = 0;
    for key in keys {
        match client.head_object().bucket(bucket).key(&key).send().await {
            Ok(answer) if answer.replication_status().is_none() => found += 1,
            // Deleted in between.
            Ok(_) => {}
            Err(error) => match faults::of(&error) {
                Fault::NotFound(_) => {}
                fault => return Err(fault),
            },
        }
    }
    Ok(found)
}
