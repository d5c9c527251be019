//! Commands to nodes: Systems Manager runs our own documents on instances, ECS wants more or fewer tasks.

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ssm::Client as Ssm;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::send_command::SendCommandError;
use mmdr_core::deployment::Platform;
use mmdr_core::{Fault, Region};

use crate::clients::Manner;
use crate::{Aws, faults, names};

/// Most identifiers in one SendCommand (SSM API).
const COMMAND_BATCH: usize = 50;
/// Seconds within which a node must take a command.
const DELIVERY_S: i32 = 60;

impl Aws {
    /// Sends a command to the nodes, or scales their service.
    ///
    /// One identifier that Systems Manager does not know (`InvalidInstanceId`), or whose tag IAM's condition does not find
    /// (`AccessDeniedException`), has the whole request refused, and nodes that must stop would run on. Then each is told by itself.
    ///
    /// Errors: where some were told and some not, [`Fault::Partly`] names those that were not; where none was, its fault.
    pub(super) async fn command(
        &self,
        region: &Region,
        ids: &[String],
        what: &str,
        parameters: &[(&str, String)],
        desired: u32,
    ) -> Result<(), Fault> {
        let nodes = &self.setup(region)?.nodes;
        if nodes.platform == Platform::Ecs {
            return self.scale(region, &nodes.group, desired).await;
        }
        let client: Ssm = self.clients.get(region, Manner::Change, |config| Ssm::new(config));
        let document = names::command_document(&self.deployment, what);
        let mut untold: Vec<(&String, Fault)> = Vec::new();
        for batch in ids.chunks(COMMAND_BATCH) {
            match send(&client, &document, batch, parameters).await {
                Ok(()) => {}
                Err(error) if batch.len() > 1 && is_of_one(&error) => {
                    for id in batch {
                        let one = send(&client, &document, std::slice::from_ref(id), parameters).await;
                        untold.extend(one.err().map(|error| (id, faults::of(&error))));
                    }
                }
                Err(error) => untold.extend(batch.iter().map(|id| (id, faults::of(&error)))),
            }
        }
        match untold.first() {
            None => Ok(()),
            Some((_, fault)) if untold.len() == ids.len() => Err(fault.clone()),
            Some((_, fault)) => {
                let names: Vec<&str> = untold.iter().map(|(id, _)| id.as_str()).collect();
                Err(Fault::Partly(format!("{} took no command ({fault}); all others were told", names.join(", "))))
            }
        }
    }

    /// Sets how many tasks a service runs. New tasks are forced only where there are any: they read the flags anew.
    pub(crate) async fn scale(&self, region: &Region, group: &str, tasks: u32) -> Result<(), Fault> {
        let (cluster, service) = group.split_once('/').unwrap_or((group, ""));
        let client: Ecs = self.clients.get(region, Manner::Change, |config| Ecs::new(config));
        let request = client
            .update_service()
            .cluster(cluster)
            .service(service)
            .desired_count(i32::try_from(tasks).unwrap_or(i32::MAX))
            .force_new_deployment(tasks > 0);
        request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
    }
}

async fn send(
    client: &Ssm,
    document: &str,
    ids: &[String],
    parameters: &[(&str, String)],
) -> Result<(), SdkError<SendCommandError>> {
    let mut request = client
        .send_command()
        .document_name(document)
        .set_instance_ids(Some(ids.to_vec()))
        .timeout_seconds(DELIVERY_S)
        // Each node decides for itself; one that fails keeps no other from it.
        .max_concurrency("100%")
        .max_errors("100%");
    for (name, value) in parameters {
        request = request.parameters(*name, vec![value.clone()]);
    }
    request.send().await.map(|_| ())
}

/// Whether one of several nodes may be the only reason.
fn is_of_one(error: &SdkError<SendCommandError>) -> bool {
    matches!(error.code(), Some("InvalidInstanceId" | "AccessDeniedException"))
}
