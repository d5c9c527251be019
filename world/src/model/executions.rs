//! Executions as Step Functions answers about them; the driver runs them.

use std::collections::{BTreeMap, BTreeSet};

use mmdr_core::ports::{ExecutionSeen, ExecutionStatus, Started, Woken};
use mmdr_core::{Kind, RunId, Time};
use serde_json::Value;

use super::Ctx;
use crate::network::Ix;

/// A start that the driver carries out.
#[derive(Clone, Debug)]
pub struct Start {
    /// The Region.
    pub region: Ix,
    /// Which machine; none for answer-approval.
    pub kind: Option<Kind>,
    /// The execution's name.
    pub name: RunId,
    /// The execution's ARN.
    pub arn: String,
    /// Its input.
    pub input: Value,
}

/// Executions of both Regions.
#[derive(Debug, Default)]
pub struct Executions {
    /// By ARN, in the order of the ARNs.
    known: BTreeMap<String, ExecutionSeen>,
    /// Started and not yet picked up by the driver.
    pub starts: Vec<Start>,
    /// Tokens that were woken, with their output, not yet picked up by the driver.
    pub wakes: Vec<(String, Value)>,
    /// Tokens of tasks that wait.
    pub live_tokens: BTreeSet<String>,
}

/// The machine that runs a kind; none is an answer.
pub fn machine_of(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(kind) => kind.machine(),
        None => "answer-approval",
    }
}

impl Executions {
    /// StartExecution: the name of a running or closed execution is taken for 90 days.
    pub fn start(
        &mut self,
        region: Ix,
        region_name: &str,
        kind: Option<Kind>,
        name: &RunId,
        input: &Value,
        ctx: &Ctx<'_>,
    ) -> Started {
        let (machine, deployment) = (machine_of(kind), ctx.deployment);
        let (account, of) = (&deployment.account_id, &deployment.name);
        let arn = format!("arn:aws:states:{region_name}:{account}:execution:mmdr-{of}-{machine}:{name}");
        if self.known.contains_key(&arn) {
            return Started::AlreadyExists;
        }
        let seen = ExecutionSeen {
            arn: arn.clone(),
            name: name.clone(),
            status: ExecutionStatus::Running,
            started_at: Time(ctx.now),
            stopped_at: None,
        };
        self.known.insert(arn.clone(), seen);
        self.starts.push(Start { region, kind, name: name.clone(), arn: arn.clone(), input: input.clone() });
        Started::New(arn)
    }

    /// DescribeExecution.
    pub fn describe(&self, arn: &str) -> Option<ExecutionSeen> {
        self.known.get(arn).cloned()
    }

    /// The driver says how an execution ended.
    pub fn ended(&mut self, arn: &str, status: ExecutionStatus, now: i64) {
        if let Some(seen) = self.known.get_mut(arn) {
            seen.status = status;
            seen.stopped_at = Some(Time(now));
        }
    }

    /// SendTaskSuccess.
    pub fn wake(&mut self, token: &str, output: &Value) -> Woken {
        if !self.live_tokens.remove(token) {
            return Woken::Dead;
        }
        self.wakes.push((token.to_owned(), output.clone()));
        Woken::Awake
    }
}
