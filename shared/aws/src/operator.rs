//! What a person's tool asks of Step Functions beside the ports. No function asks it, so none of it stands in the list of
//! a function's calls.

use aws_sdk_sfn::config::ProvideCredentials;
use aws_sdk_sfn::types::HistoryEvent;
use mmdr_core::calls::{Asked, Call, Does, EXECUTION, Plane};
use mmdr_core::ports::{Called, ExecutionSeen, Started};
use mmdr_core::{Fault, Kind, Region, RunId, Time};
use serde_json::Value;

use crate::executions::status;
use crate::metrics::time;
use crate::{Aws, Clients, faults, names};

/// The machine that takes a person's answer.
const ANSWER_APPROVAL: &str = "answer-approval";
/// Events in one page of a history.
const PAGE: i32 = 200;

const HISTORY: Call = read("states:GetExecutionHistory", "operator.history");
const EXECUTIONS: Call = read("states:ListExecutions", "operator.executions");

const fn read(name: &'static str, method: &'static str) -> Call {
    Call { name, method, asked: Asked::Either, plane: Plane::Data, does: Does::Read }
}

/// One execution with what it was started with and what it left.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionTold {
    /// The execution.
    pub seen: ExecutionSeen,
    /// Its input.
    pub input: Option<Value>,
    /// Its output, once it has succeeded.
    pub output: Option<Value>,
    /// The error that it failed with; empty where it did not.
    pub error: String,
    /// What the machine says of that error.
    pub cause: String,
}

/// One thing that happened in an execution, as far as a person wants to see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The event's number; they count up from 1.
    pub id: i64,
    /// When.
    pub at: Time,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A Task's state was entered.
    Entered {
        /// The state's name.
        state: String,
    },
    /// A Task's state was left.
    Left {
        /// The state's name.
        state: String,
        /// What it leaves to the next state.
        output: Option<Value>,
    },
    /// A Task failed; the machine may ask again.
    Failed {
        /// The error's name.
        error: String,
        /// What is said of it.
        cause: String,
    },
}

impl Clients {
    /// Whether there are credentials to sign with. Without them every request would only look unanswered.
    ///
    /// Errors: why there are none, in the words of whoever was to give them.
    pub async fn can_sign(&self) -> Result<(), String> {
        let provider = self.base().credentials_provider().ok_or("nobody gives any")?;
        let given = provider.provide_credentials().await;
        given.map(|_| ()).map_err(|error| match faults::causes(&error) {
            why if why.is_empty() => error.to_string(),
            // Whom it asked would follow on further lines.
            why => format!("{error}: {}", why.trim_end_matches(" Attempted:").trim_end_matches('.')),
        })
    }
}

impl Aws {
    /// ARN of a run of one kind in `region`.
    pub fn execution_arn(&self, region: &Region, kind: Kind, run: &RunId) -> String {
        names::execution_arn(&self.deployment, region, kind.machine(), &run.0)
    }

    /// Starts *answer-approval* in `region`, and gives its execution. The name must be one that nobody else has.
    pub async fn start_answer(&self, region: &Region, name: &RunId, input: &Value) -> Called<String> {
        Ok(match self.start_machine(region, ANSWER_APPROVAL, name, input).await? {
            Started::New(execution) => execution,
            // By a clock that is fast, this very start looks like an earlier one.
            Started::AlreadyExists => names::execution_arn(&self.deployment, region, ANSWER_APPROVAL, &name.0),
        })
    }

    /// One execution. None: there is no such execution.
    pub async fn execution_told(&self, region: &Region, arn: &str) -> Called<Option<ExecutionTold>> {
        let client = self.sfn(&EXECUTION, region);
        self.call(&EXECUTION, region, async {
            let answer = match client.describe_execution().execution_arn(arn).send().await {
                Ok(answer) => answer,
                Err(error) if error.as_service_error().is_some_and(|said| said.is_execution_does_not_exist()) => {
                    return Ok(None);
                }
                Err(error) => return Err(faults::of(&error)),
            };
            Ok(Some(ExecutionTold {
                seen: ExecutionSeen {
                    arn: answer.execution_arn().into(),
                    name: RunId(answer.name().unwrap_or_default().into()),
                    status: status(answer.status())?,
                    started_at: time(answer.start_date()),
                    stopped_at: answer.stop_date().map(time),
                },
                input: answer.input().and_then(|text| serde_json::from_str(text).ok()),
                output: answer.output().and_then(|text| serde_json::from_str(text).ok()),
                error: answer.error().unwrap_or_default().into(),
                cause: answer.cause().unwrap_or_default().into(),
            }))
        })
        .await
    }

    /// What happened in an execution after the event `after`, in order.
    pub async fn history(&self, region: &Region, arn: &str, after: i64) -> Called<Vec<Moment>> {
        let client = self.sfn(&HISTORY, region);
        self.call(&HISTORY, region, async {
            // From the newest back to what is known: a long history is not read anew with each look.
            let request = client.get_execution_history().execution_arn(arn).reverse_order(true).max_results(PAGE);
            let mut events = request.into_paginator().items().send();
            let mut found = Vec::new();
            while let Some(event) = events.next().await {
                let event = event.map_err(|error| faults::of(&error))?;
                if event.id() <= after {
                    break;
                }
                found.extend(moment(&event));
            }
            found.reverse();
            Ok(found)
        })
        .await
    }

    /// The newest runs of one kind in `region`, the newest first, at most `most`.
    pub async fn executions(&self, region: &Region, kind: Kind, most: u8) -> Called<Vec<ExecutionSeen>> {
        let client = self.sfn(&EXECUTIONS, region);
        let machine = names::machine_arn(&self.deployment, region, kind.machine(), None);
        self.call(&EXECUTIONS, region, async {
            let request = client.list_executions().state_machine_arn(machine).max_results(i32::from(most));
            let answer = request.send().await.map_err(|error| faults::of(&error))?;
            let seen = answer.executions().iter().map(|it| {
                Ok(ExecutionSeen {
                    arn: it.execution_arn().into(),
                    name: RunId(it.name().into()),
                    status: status(it.status())?,
                    started_at: time(it.start_date()),
                    stopped_at: it.stop_date().map(time),
                })
            });
            seen.collect::<Result<Vec<_>, Fault>>()
        })
        .await
    }
}

fn moment(event: &HistoryEvent) -> Option<Moment> {
    let is_task = event.r#type().as_str().starts_with("TaskState");
    let what = if let Some(entered) = event.state_entered_event_details().filter(|_| is_task) {
        What::Entered { state: entered.name().into() }
    } else if let Some(left) = event.state_exited_event_details().filter(|_| is_task) {
        let output = left.output().and_then(|text| serde_json::from_str(text).ok());
        What::Left { state: left.name().into(), output }
    } else if let Some(failed) = event.task_failed_event_details() {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        What::Failed { error: text(failed.error()), cause: text(failed.cause()) }
    } else if let Some(late) = event.task_timed_out_event_details().filter(|late| !is_callback(late.resource())) {
        let cause = late.cause().unwrap_or("the function did not answer in time");
        What::Failed { error: late.error().unwrap_or("States.Timeout").to_owned(), cause: cause.to_owned() }
    } else {
        return None;
    };
    Some(Moment { id: event.id(), at: time(event.timestamp()), what })
}

/// A Task that waits for a person's answer runs out of time again and again, to look at the question anew.
fn is_callback(resource: &str) -> bool {
    resource.ends_with(".waitForTaskToken")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::ports_with;

    const HISTORY: &str = r#"{"events":[
        {"id":9,"timestamp":3,"type":"ChoiceStateEntered","stateEnteredEventDetails":{"name":"is it done?"}},
        {"id":8,"timestamp":3,"type":"TaskStateExited","stateExitedEventDetails":{"name":"open-run","output":"{\"a\":1}"}},
        {"id":5,"timestamp":2,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"open-run"}},
        {"id":1,"timestamp":1,"type":"ExecutionStarted"}],"nextToken":"more"}"#;

    #[tokio::test]
    async fn of_a_history_only_what_is_new_is_read_and_told_in_order() {
        let (ports, asked) = ports_with(&[], |_| (200, HISTORY.into()));
        let region = Region::new("us-east-1");
        let found = ports.history(&region, "arn:x", 4).await.unwrap();
        let expected = [
            Moment { id: 5, at: Time(2_000), what: What::Entered { state: "open-run".into() } },
            Moment {
                id: 8,
                at: Time(3_000),
                what: What::Left { state: "open-run".into(), output: Some(serde_json::json!({"a": 1})) },
            },
        ];
        assert_eq!(found, expected);
        assert_eq!(asked.count(), 1, "a page that reaches what is known is the last one");
    }

    #[tokio::test]
    async fn a_task_that_ran_out_of_time_is_told_unless_it_waits_for_a_person() {
        let late = |id: i64, resource: &str| {
            serde_json::json!({"id": id, "timestamp": 2, "type": "TaskTimedOut", "taskTimedOutEventDetails":
                {"resourceType": "lambda", "resource": resource, "error": "States.Timeout"}})
        };
        let history =
            serde_json::json!({"events": [late(7, "invoke.waitForTaskToken"), late(6, "invoke")]}).to_string();
        let (ports, _) = ports_with(&[], move |_| (200, history.clone()));
        let found = ports.history(&Region::new("us-east-1"), "arn:x", 0).await.unwrap();
        let cause = "the function did not answer in time".into();
        let what = What::Failed { error: "States.Timeout".into(), cause };
        assert_eq!(found, [Moment { id: 6, at: Time(2_000), what }]);
    }

    #[tokio::test]
    async fn an_answer_goes_to_the_machine_for_answers() {
        let (ports, asked) = ports_with(&[], |_| (200, r#"{"executionArn":"arn:x","startDate":99999999999}"#.into()));
        let (region, name) = (Region::new("us-east-1"), RunId("answer-fo-1".into()));
        let started = ports.start_answer(&region, &name, &serde_json::json!({"run": "fo-1"})).await.unwrap();
        assert_eq!(started, "arn:x");
        let request = asked.all().remove(0);
        let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:mmdr-acme-chat-answer-approval";
        assert!(request.contains("https://states.us-east-1.amazonaws.com") && request.contains(machine), "{request}");
    }
}
