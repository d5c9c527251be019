//! Job ownership.

use mmdr_core::ports::{Called, ConfigSeen, JobFlags, JobFlagsSeen, SchedulerReads, SchedulerWrites};
use mmdr_core::{Region, calls};

use super::Door;
use crate::model::nodes;

impl SchedulerReads for Door {
    async fn job_flags(&self, region: &Region) -> Called<JobFlagsSeen> {
        self.call(&calls::JOB_FLAGS, region, |model, _, ix| nodes::job_flags(model, ix)).await
    }

    async fn config(&self, region: &Region) -> Called<Option<ConfigSeen>> {
        self.call(&calls::CONFIG, region, |model, ctx, ix| nodes::config(model, ix, ctx)).await
    }
}

impl SchedulerWrites for Door {
    async fn write_job_flags(&self, region: &Region, flags: JobFlags) -> Called<()> {
        self.call(&calls::WRITE_JOB_FLAGS, region, |model, _, ix| nodes::write_job_flags(model, ix, flags)).await
    }

    async fn scale_job_server(&self, region: &Region, replicas: u32) -> Called<()> {
        self.call(&calls::SCALE_JOB_SERVER, region, |model, _, ix| nodes::scale_job_server(model, ix, replicas)).await
    }
}
