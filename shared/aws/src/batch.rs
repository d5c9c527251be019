//! Objects that were there before the replication rule: S3 Batch Replication, and how many are left.

use aws_sdk_s3::Client;
use aws_sdk_s3control::Client as Control;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_s3control::types::{
    JobManifestGenerator, JobManifestGeneratorFilter, JobOperation, JobReport, JobStatus, OperationName,
    ReplicationStatus, S3JobManifestGenerator, S3ReplicateObjectOperation,
};
use mmdr_core::{Fault, Region};

use crate::clients::Manner;
use crate::{Aws, faults, names};

/// Objects that are looked at where no batch job has ever run.
const SAMPLE: i32 = 20;

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

    /// How many objects older than the rule were never replicated, as far as it can be told: what the newest batch job left
    /// behind, or, where none has run, what a sample shows: the first keys by name.
    pub(crate) async fn not_replicated(&self, client: &Client, region: &Region, bucket: &str) -> Result<u64, Fault> {
        let control = self.s3_control(region, Manner::Across);
        let request = control.list_jobs().account_id(&self.deployment.account_id).job_statuses(JobStatus::Complete);
        // Everybody's of this account.
        let mut pages = request.into_paginator().send();
        let mut jobs = Vec::new();
        while let Some(page) = pages.next().await {
            jobs.extend(page.map_err(|error| faults::of(&error))?.jobs.unwrap_or_default());
        }
        jobs.retain(|job| job.operation() == Some(&OperationName::S3ReplicateObject));
        jobs.retain(|job| job.description() == Some(description(bucket).as_str()));
        let newest = jobs.into_iter().max_by_key(|job| job.creation_time().map(|at| at.secs()));
        if let Some(job) = newest {
            let failed = job.progress_summary().and_then(|progress| progress.number_of_tasks_failed()).unwrap_or(0);
            return Ok(u64::try_from(failed).unwrap_or(0));
        }
        sample(client, bucket).await
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
            // The same request within a day is the same job.
            .client_request_token(format!("mmdr-{}-{}", setup.files_bucket, (self.clock)().0 / 3_600_000))
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

/// Objects of the first page that have no replication status at all.
async fn sample(client: &Client, bucket: &str) -> Result<u64, Fault> {
    let listed = client.list_objects_v2().bucket(bucket).max_keys(SAMPLE).send().await;
    let listed = listed.map_err(|error| faults::of(&error))?;
    let mut found = 0;
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        match client.head_object().bucket(bucket).key(key).send().await {
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
