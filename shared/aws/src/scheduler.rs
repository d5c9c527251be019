//! Who runs jobs: the parameter that a node's environment file is made from, and a dedicated job server's number of tasks.

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ssm::Client as Ssm;
use aws_sdk_ssm::types::ParameterType;
use mmdr_core::calls;
use mmdr_core::ports::{Called, ConfigSeen, JobFlags, JobFlagsSeen, SchedulerReads, SchedulerWrites};
use mmdr_core::{Epoch, Fault, Region};

use crate::clients::Manner;
use crate::inside::Inside;
use crate::{Aws, faults};

/// Mattermost reads each setting from `MM_<SECTION>_<KEY>` (Mattermost docs, environment variables).
const RUN_JOBS: &str = "MM_JOBSETTINGS_RUNJOBS";
const RUN_SCHEDULER: &str = "MM_JOBSETTINGS_RUNSCHEDULER";
/// The epoch that wrote the flags; Mattermost does not know it.
const EPOCH: &str = "MMDR_EPOCH";

impl Aws {
    /// The job flags of `region`, and nothing else: what a node reads before it starts. None: there is no such parameter.
    pub async fn node_flags(&self, region: &Region) -> Called<Option<JobFlags>> {
        let manner = self.manner(&calls::JOB_FLAGS, region);
        self.call(&calls::JOB_FLAGS, region, self.flags(region, manner)).await
    }

    async fn flags(&self, region: &Region, manner: Manner) -> Result<Option<JobFlags>, Fault> {
        let name = &self.setup(region)?.nodes.job_flags_parameter;
        let ssm: Ssm = self.clients.get(region, manner, |config| Ssm::new(config));
        match ssm.get_parameter().name(name).send().await {
            Ok(answer) => answer.parameter().and_then(|it| it.value()).map(flags_in).transpose(),
            Err(error) if error.as_service_error().is_some_and(|said| said.is_parameter_not_found()) => Ok(None),
            Err(error) => Err(faults::of(&error)),
        }
    }
}

impl SchedulerReads for Aws {
    async fn job_flags(&self, region: &Region) -> Called<JobFlagsSeen> {
        self.call(&calls::JOB_FLAGS, region, async {
            let manner = self.manner(&calls::JOB_FLAGS, region);
            let parameter = self.flags(region, manner).await?;
            let job_server_replicas = match &self.deployment.mattermost.job_server {
                Some(group) => {
                    let ecs: Ecs = self.clients.get(region, manner, |config| Ecs::new(config));
                    Some(replicas(&ecs, group).await?)
                }
                None => None,
            };
            Ok(JobFlagsSeen { parameter, job_server_replicas })
        })
        .await
    }

    async fn config(&self, region: &Region) -> Called<Option<ConfigSeen>> {
        self.inside(&calls::CONFIG, region, Inside::Config).await
    }
}

/// Tasks that a service wants or still has: one that is being stopped runs jobs yet.
async fn replicas(ecs: &Ecs, group: &str) -> Result<u32, Fault> {
    let (cluster, service) = group.split_once('/').unwrap_or((group, ""));
    let answer = ecs.describe_services().cluster(cluster).services(service).send().await;
    let answer = answer.map_err(|error| faults::of(&error))?;
    let found = answer.services().first();
    let found = found.ok_or_else(|| Fault::NotFound(format!("no ECS service is called {group}")))?;
    Ok(u32::try_from(found.desired_count().max(found.running_count())).unwrap_or(0))
}

impl SchedulerWrites for Aws {
    /// A parameter that says so already is written all the same: the epoch beside the flags is new.
    async fn write_job_flags(&self, region: &Region, flags: JobFlags) -> Called<()> {
        self.call(&calls::WRITE_JOB_FLAGS, region, async {
            let name = &self.setup(region)?.nodes.job_flags_parameter;
            let client: Ssm = self.clients.get(region, Manner::Change, |config| Ssm::new(config));
            let request = client.put_parameter().name(name).value(flags_file(flags)).r#type(ParameterType::String);
            request.overwrite(true).send().await.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }

    async fn scale_job_server(&self, region: &Region, replicas: u32) -> Called<()> {
        self.call(&calls::SCALE_JOB_SERVER, region, async {
            let group = self.deployment.mattermost.job_server.as_deref();
            let group = group.ok_or_else(|| Fault::NotFound("the document names no job_server".into()))?;
            self.scale(region, group, replicas).await
        })
        .await
    }
}

/// The flags as lines of an environment file.
pub fn flags_file(flags: JobFlags) -> String {
    let JobFlags { run_jobs, run_scheduler, epoch } = flags;
    format!("{RUN_JOBS}={run_jobs}\n{RUN_SCHEDULER}={run_scheduler}\n{EPOCH}={epoch}\n")
}

/// The flags in an environment file. A flag that is not there is Mattermost's default, on; without an epoch it is nobody's.
///
/// Errors: [`Fault::Unreadable`], with the line that is neither.
pub fn flags_in(text: &str) -> Result<JobFlags, Fault> {
    let value = |name: &str| {
        let mut pairs = text.lines().filter_map(|line| line.trim().split_once('='));
        pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let flag = |name: &str| match value(name).as_deref() {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(Fault::Unreadable(format!("{name} is {other:?}: expected true or false"))),
    };
    let epoch = value(EPOCH).map_or(Ok(0), |text| text.parse().map_err(|_| text));
    let epoch = epoch.map_err(|text| Fault::Unreadable(format!("{EPOCH} is {text:?}: expected a number")))?;
    Ok(JobFlags { run_jobs: flag(RUN_JOBS)?, run_scheduler: flag(RUN_SCHEDULER)?, epoch: Epoch(epoch) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_back_as_they_were_written() {
        let flags = JobFlags { run_jobs: false, run_scheduler: true, epoch: Epoch(7) };
        assert_eq!(flags_in(&flags_file(flags)), Ok(flags));
    }

    #[test]
    fn what_is_not_said_is_mattermosts_default() {
        let flags = JobFlags { run_jobs: true, run_scheduler: true, epoch: Epoch(0) };
        assert_eq!(flags_in("# written by hand\nMM_OTHER=1\n"), Ok(flags));
    }

    #[test]
    fn a_flag_that_is_neither_true_nor_false_is_not_guessed() {
        let Err(Fault::Unreadable(text)) = flags_in("MM_JOBSETTINGS_RUNJOBS=yes") else { panic!("was read") };
        assert_eq!(text, "MM_JOBSETTINGS_RUNJOBS is \"yes\": expected true or false");
        assert!(flags_in("MMDR_EPOCH=seven").is_err());
    }
}
