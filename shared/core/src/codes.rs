//! Codes that one place writes and another matches, so that neither can be renamed alone.
//!
//! A look's code is the name of its action or reason ([`crate::Previous::code`]); most codes are only ever shown. These are
//! matched: by a machine's Choice (`statemachines/*.asl.json`), or by close-run, which reads how a run ended off them. A
//! test holds the names below against the steps' decision cases and against the machines.

use crate::StepName;

/// Written by the core where a run has lost the ledger to a later one, and by open-run and request-approval as their own
/// refusal; matched by the machines, which stop without calling off, and by close-run.
pub const SUPERSEDED: &str = "Superseded";
/// Written by the core where a service refused a change for good; matched by nothing, explained by the runbook.
pub const CALL_REFUSED: &str = "CallRefused";
/// Written by the machines where a Task gave no answer; matched by nothing, explained by the runbook.
pub const NO_ANSWER: &str = "NoAnswer";
/// Written by the machines where a run stopped at a step without which nobody is served; matched by the machines, which
/// then fail, and by close-run.
pub const UNFINISHED: &str = "Unfinished";
/// Written by the machines where nobody knows what became of the database call; matched by the machines, which then fail.
pub const ASK_AURORA: &str = "AskAurora";
/// Written by open-run where another run claimed the epoch first; matched by close-run.
pub const LOST_RACE: &str = "LostRace";
/// Written by request-approval where a person said no; matched by close-run.
pub const DENIED: &str = "Denied";
/// Written by request-approval where nobody answered in time; matched by close-run.
pub const EXPIRED: &str = "Expired";
/// Written by request-approval while a question stands; matched by the machines, which then wait on a token, and by
/// close-run.
pub const AWAITS_ANSWER: &str = "AwaitsAnswer";
/// Written by switch-database where the diagnosis is too old to promote on; matched by failover, which diagnoses again.
pub const STALE_EVIDENCE: &str = "StaleEvidence";
/// Written by switch-database before any call, where a detach left this Region behind; matched by failover, which ends.
pub const ABANDONED: &str = "Abandoned";
/// Written by switch-database, which calls nothing for it, where a Region that is to be brought up is not the writer;
/// matched by failover, which ends.
pub const NOT_THE_WRITER: &str = "NotTheWriter";
/// Written by switch-database where its call has been proven to have come to nothing; matched by switchover, which may
/// call off.
pub const CAME_TO_NOTHING: &str = "CameToNothing";
/// Written by switch-database before its call; matched by switchover, which calls off.
pub const PRECONDITIONS_NOT_MET: &str = "PreconditionsNotMet";
/// Written by switch-database before its call; matched by switchover, which calls off.
pub const NO_HAND_OVER_PROOF: &str = "NoHandOverProof";
/// Written by switch-database before its call; matched by switchover, which calls off.
pub const OLD_SIDE_NOT_STOPPED: &str = "OldSideNotStopped";

/// The part whose "already" says that people are served again; matched by the functions' shell, which then tells how long it took.
pub const SERVED_AGAIN: (StepName, &str) = (StepName::ConfirmRecovery, "outside");

/// The codes that the core gives, whatever the step.
pub const OF_THE_CORE: &[&str] = &[SUPERSEDED, CALL_REFUSED];
/// The codes that the machines write themselves.
pub const OF_THE_MACHINES: &[&str] = &[NO_ANSWER, UNFINISHED, ASK_AURORA];
/// The codes that are the name of a step's own reason to wait or to stop.
pub const OF_A_STEP: &[(StepName, &str)] = &[
    (StepName::OpenRun, LOST_RACE),
    (StepName::OpenRun, SUPERSEDED),
    (StepName::RequestApproval, DENIED),
    (StepName::RequestApproval, EXPIRED),
    (StepName::RequestApproval, AWAITS_ANSWER),
    (StepName::RequestApproval, SUPERSEDED),
    (StepName::SwitchDatabase, STALE_EVIDENCE),
    (StepName::SwitchDatabase, ABANDONED),
    (StepName::SwitchDatabase, NOT_THE_WRITER),
    (StepName::SwitchDatabase, CAME_TO_NOTHING),
    (StepName::SwitchDatabase, PRECONDITIONS_NOT_MET),
    (StepName::SwitchDatabase, NO_HAND_OVER_PROOF),
    (StepName::SwitchDatabase, OLD_SIDE_NOT_STOPPED),
];
