//! The core of Mattermost DR: the words, the Step, the ports, and the one function that runs a step.
//!
//! Architecture invariant: nothing here (nor in any step) knows an AWS SDK, an async runtime, an HTTP
//! client, a clock or the environment. Whoever calls supplies `now` and the ports.

mod answer;
pub mod calls;
pub mod codes;
mod digest;
pub mod entry;
mod errors;
mod lease;
mod ledger;
pub mod permissions;
mod permit;
pub mod ports;
pub mod records;
mod run;
mod run_step;
mod seen;
mod step;
mod time;
mod words;
mod writer;

pub use answer::{Answer, Evidence, Payload, Previous};
pub use digest::digest;
pub use errors::{CallError, Fault, StepError};
pub use lease::{LONGEST_FUNCTION_S, LONGEST_RUN_S, Lease, RESUMED_AT_MOST};
pub use ledger::{
    ArmedLine, Ending, FlagLine, Hold, How, LastMove, Ledger, LedgerMark, Phase, RunLine, Settled, highest_hold,
    next_epoch, taken_over,
};
pub use mmdr_deployment as deployment;
pub use mmdr_deployment::{Deployment, Region};
pub use permit::Permit;
pub use run::{Acceptance, Run, StartInput, Ticket};
pub use run_step::{Place, Store, run_of, run_standing, run_step, run_step_for};
pub use seen::{Sample, Seen};
pub use step::{Assumption, Look, LookAgain, Step, Verdict, Whole};
pub use time::{CLOCKS_APART_S, Time};
pub use words::{Epoch, Kind, Outcome, RunId, StartedBy, StepName};
pub use writer::{CanWrite, WriterEvidence, highest_settled, settled_outside};
