//! Step Functions and the topic.

use mmdr_core::ports::{
    Called, ExecutionReads, ExecutionSeen, ExecutionWrites, NoticeReads, NoticeWrites, Started, Woken,
};
use mmdr_core::{Kind, Region, RunId, StepName, calls};
use serde_json::Value;

use super::Door;
use crate::news::News;

impl ExecutionReads for Door {
    async fn execution(&self, region: &Region, arn: &str) -> Called<Option<ExecutionSeen>> {
        self.call(&calls::EXECUTION, region, |model, _, _| Ok(model.executions.describe(arn))).await
    }
}

impl ExecutionWrites for Door {
    async fn start_execution(&self, region: &Region, kind: Kind, name: &RunId, input: &Value) -> Called<Started> {
        self.call(&calls::START_EXECUTION, region, |model, ctx, ix| {
            let region_name = model.name(ix).to_owned();
            Ok(model.executions.start(ix, &region_name, Some(kind), name, input, ctx))
        })
        .await
    }

    async fn wake(&self, region: &Region, token: &str, output: &Value) -> Called<Woken> {
        self.call(&calls::WAKE, region, |model, _, _| Ok(model.executions.wake(token, output))).await
    }
}

impl NoticeReads for Door {
    /// The person who reads the notices of the story.
    async fn subscriptions(&self, region: &Region) -> Called<u32> {
        self.call(&calls::SUBSCRIPTIONS, region, |_, _, _| Ok(1)).await
    }
}

impl NoticeWrites for Door {
    /// What a person is asked stands in the transcript as they read it, and so does what a standing duty has to tell them;
    /// other notices repeat what a step has said.
    async fn notify(&self, region: &Region, subject: &str, text: &str) -> Called<()> {
        let says = match self.step() {
            Some(StepName::RequestApproval) => Some("asked"),
            Some(StepName::Reconcile) => Some("told"),
            _ => None,
        };
        self.call(&calls::NOTIFY, region, |_, ctx, ix| {
            for (says, line) in says.iter().flat_map(|says| text.lines().map(move |line| (says, line))) {
                ctx.tell(format!("    {says}: {line}"));
            }
            ctx.news.push(News::Notified { region: ix, subject: subject.to_owned(), text: text.to_owned() });
            Ok(())
        })
        .await
    }
}
