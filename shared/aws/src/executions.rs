//! Executions of the state machines, through Step Functions.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus as Status;
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::{Called, ExecutionReads, ExecutionSeen, ExecutionStatus, ExecutionWrites, Started, Woken};
use mmdr_core::{Fault, Kind, Region, RunId};
use serde_json::Value;

use crate::clients::Manner;
use crate::metrics::time;
use crate::{Aws, faults, names};

/// StartExecution answers the name and input of an execution that runs with that execution's own start. One that began so
/// many seconds before the call is an earlier one; a little less may be our clock.
const EARLIER_S: i64 = 5;

impl Aws {
    pub(crate) fn sfn(&self, call: &Call, region: &Region) -> Client {
        self.clients.get(region, self.manner(call, region), |config| Client::new(config))
    }

    /// Starts the machine of this name. The execution's name makes the call safe to repeat, so the SDK may.
    pub(crate) async fn start_machine(
        &self,
        region: &Region,
        machine: &str,
        name: &RunId,
        input: &Value,
    ) -> Called<Started> {
        let client: Client = self.clients.get(region, Manner::Repeatable, |config| Client::new(config));
        let machine = names::machine_arn(&self.deployment, region, machine, self.settings.machine_alias.as_deref());
        let request = client.start_execution().state_machine_arn(machine).name(&name.0).input(input.to_string());
        self.call(&calls::START_EXECUTION, region, async {
            let asked_at = time(&aws_smithy_types::DateTime::from(self.clients.wall_clock()));
            match request.send().await {
                Ok(answer) if asked_at.since_s(time(answer.start_date())) > EARLIER_S => Ok(Started::AlreadyExists),
                Ok(answer) => Ok(Started::New(answer.execution_arn().into())),
                Err(error) if error.as_service_error().is_some_and(|said| said.is_execution_already_exists()) => {
                    Ok(Started::AlreadyExists)
                }
                Err(error) => Err(faults::of(&error)),
            }
        })
        .await
    }
}

impl ExecutionReads for Aws {
    async fn execution(&self, region: &Region, arn: &str) -> Called<Option<ExecutionSeen>> {
        let client = self.sfn(&calls::EXECUTION, region);
        self.call(&calls::EXECUTION, region, async {
            let answer = match client.describe_execution().execution_arn(arn).send().await {
                Ok(answer) => answer,
                Err(error) if error.as_service_error().is_some_and(|said| said.is_execution_does_not_exist()) => {
                    return Ok(None);
                }
                Err(error) => return Err(faults::of(&error)),
            };
            Ok(Some(ExecutionSeen {
                arn: answer.execution_arn().into(),
                name: RunId(answer.name().unwrap_or_default().into()),
                status: status(answer.status())?,
                started_at: time(answer.start_date()),
                stopped_at: answer.stop_date().map(time),
            }))
        })
        .await
    }
}

/// A status that we do not know is no status: nothing follows from it.
pub(crate) fn status(status: &Status) -> Result<ExecutionStatus, Fault> {
    match status {
        // A run that waits to be redriven by a person has its lease still.
        Status::Running | Status::PendingRedrive => Ok(ExecutionStatus::Running),
        Status::Succeeded => Ok(ExecutionStatus::Succeeded),
        Status::Failed => Ok(ExecutionStatus::Failed),
        Status::TimedOut => Ok(ExecutionStatus::TimedOut),
        Status::Aborted => Ok(ExecutionStatus::Aborted),
        other => Err(Fault::Unreadable(format!("the execution's status is {:?}", other.as_str()))),
    }
}

impl ExecutionWrites for Aws {
    async fn start_execution(&self, region: &Region, kind: Kind, name: &RunId, input: &Value) -> Called<Started> {
        self.start_machine(region, kind.machine(), name, input).await
    }

    async fn wake(&self, region: &Region, token: &str, output: &Value) -> Called<Woken> {
        let client: Client = self.clients.get(region, Manner::Repeatable, |config| Client::new(config));
        let request = client.send_task_success().task_token(token).output(output.to_string());
        self.call(&calls::WAKE, region, async {
            let Err(error) = request.send().await else { return Ok(Woken::Awake) };
            let is_dead = error.as_service_error().is_some_and(|said| {
                said.is_invalid_token() || said.is_task_timed_out() || said.is_task_does_not_exist()
            });
            if is_dead { Ok(Woken::Dead) } else { Err(faults::of(&error)) }
        })
        .await
    }
}
