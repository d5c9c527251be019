//! The order in which each machine does its work, once, for every test that needs it.

/// What a run of `machine` does when every step finds its work to do done: the order of RUNBOOK. Branches that run side
/// by side stand in the order in which they start.
pub(crate) fn story(machine: &str) -> &'static [&'static str] {
    match machine {
        "failover" => &[
            "open-run",
            "detect-region-outage: diagnose",
            "request-approval: ask",
            "detect-region-outage: diagnose-again",
            "request-approval: ask again",
            "roll-nodes: fence-lost",
            "switch-database: promote",
            "roll-nodes: fence-lost-beside",
            "swap-search-leader: save",
            "toggle-scheduler: activate",
            "swap-search-leader: promote-hot",
            "roll-nodes: start-here",
            "confirm-recovery: inside",
            "flip-dns",
            "confirm-recovery: outside",
            "swap-search-leader: promote-rest",
            "confirm-recovery: jobs",
            "switch-database: fenced",
            "swap-search-leader: reindex-gap",
            "close-run",
        ],
        "switchover" => &[
            "open-run",
            "check-readiness: gate",
            "verify-files: gate",
            "toggle-scheduler: quiesce",
            "roll-nodes: stop-there",
            "swap-search-leader: fence",
            "swap-search-leader: prove",
            "verify-files: drained",
            "switch-database: prove",
            "switch-database: switch-over",
            "toggle-scheduler: activate",
            "swap-search-leader: promote-hot",
            "roll-nodes: start-here",
            "confirm-recovery: inside",
            "flip-dns",
            "confirm-recovery: outside",
            "swap-search-leader: promote-rest",
            "confirm-recovery: jobs",
            "swap-search-leader: follow-back",
            "verify-files: both-ways",
            "arm-dns",
            "close-run",
        ],
        "reprotect" => &[
            "open-run",
            "roll-nodes: keep-there-stopped",
            "switch-database: save-lost-writes",
            "switch-database: resynchronised",
            "swap-search-leader: divergence",
            "request-approval: ask",
            "swap-search-leader: follow-back",
            "verify-files: both-ways",
            "arm-dns",
            "close-run",
        ],
        "protect" => &[
            "open-run",
            "swap-search-leader: connect",
            "verify-files: both-ways",
            "arm-dns",
            "check-readiness: report",
            "close-run",
        ],
        "verify-backups" => &["open-run", "verify-backups", "close-run"],
        "check-readiness" => &["open-run", "check-readiness: report", "close-run"],
        "answer-approval" => &["request-approval: answer"],
        other => panic!("no story of {other}"),
    }
}

/// The call-off of a switchover.
pub(crate) const CALL_OFF: [&str; 4] = [
    "swap-search-leader: unblock",
    "toggle-scheduler: give-back",
    "roll-nodes: start-there",
    "confirm-recovery: called-off",
];

/// With these codes `switch-database: switch-over` says that the call was proven to have come to nothing, or refuses
/// before it has sent any: the ledger is at `open`. No other answer of it may lead to the call-off.
pub(crate) const MAY_CALL_OFF: [&str; 4] =
    ["CameToNothing", "NoHandOverProof", "OldSideNotStopped", "PreconditionsNotMet"];

/// Tasks that an unhindered run does not reach.
pub(crate) const OUTSIDE_THE_STORY: [&str; 1] = ["request-approval: wait"];
