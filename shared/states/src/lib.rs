//! Our subset of the Amazon States Language: a strict parser and an interpreter under virtual time.
//!
//! [`Machine::parse`] turns a definition into a compiled machine or into the list of everything that is wrong with it.
//! A field or value outside the subset is an error and never ignored, because a simulator that forgives proves nothing.
//!
//! The subset: JSONPath reference paths (`$.run.epoch`, `$[0].previous`, `$$.Execution.Id`) and payload templates, no
//! intrinsic functions; the states Task, Choice, Wait, Pass, Parallel, Succeed and Fail; Retry and Catch; time-outs,
//! heartbeats and task tokens; of resources, Lambda functions by the optimised integration, with and without a token, or
//! by their own ARN. `${Name}` stays as it is written and names the function. Where AWS's documents leave room, the
//! reading is chosen on which a definition can rely least.
//!
//! [`Execution`] runs a machine. It has no clock and calls nothing: the caller owns the time, and says it on every call;
//! tasks are handed to a [`Host`], whose answers come back through [`Execution::task_succeeded`] and its siblings.
//! The same definition, input, seed and answers give the same history.
//!
//! ```
//! use mmdr_states::{Execution, Host, Machine, Start, Status, TaskId, TaskStart};
//!
//! struct Echo(Vec<TaskStart>);
//! impl Host for Echo {
//!     fn start_task(&mut self, task: TaskStart) {
//!         self.0.push(task);
//!     }
//!     fn abandon_task(&mut self, _task: TaskId) {}
//! }
//!
//! let machine = Machine::parse(
//!     "echo",
//!     r#"{"StartAt": "say", "States": {"say": {"Type": "Task", "Resource": "${SayFunction}", "End": true}}}"#,
//! )?;
//! let start = Start::named(&machine, "first", serde_json::json!({"word": "hello"}));
//! let mut execution = Execution::start(machine, start, 0, 1)?;
//! let mut host = Echo(Vec::new());
//! execution.poll(0, &mut host);
//! for task in host.0.drain(..) {
//!     execution.task_succeeded(task.task_id, (*task.payload).clone(), 250);
//! }
//! execution.poll(250, &mut host);
//! assert!(matches!(execution.status(), Status::Succeeded(output) if output["word"] == "hello"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod choice;
mod context;
mod error_names;
mod execution;
mod findings;
mod history;
mod host;
mod machine;
mod mermaid;
mod parse;
mod path;
mod random;
mod size;
mod state;
mod strict_json;
mod template;

pub use error_names::{
    DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, NO_CHOICE_MATCHED, PARAMETER_PATH_FAILURE, RESULT_PATH_MATCH_FAILURE,
    RUNTIME, TASK_FAILED, TIMEOUT,
};
pub use execution::{Execution, Start, StartRefused};
pub use findings::{DefinitionErrors, Finding};
pub use history::{EventKind, HISTORY_LIMIT, HistoryEvent};
pub use host::{Host, Status, TaskId, TaskStart, TokenError, execution_of_token};
pub use machine::{CatchInfo, How, Machine, RetryInfo, StateInfo, Successor, TaskInfo, substitution_name};
pub use size::DATA_LIMIT_BYTES;
pub use state::{Call, StateKind};
