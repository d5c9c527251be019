//! The error names that the language reserves, and which of them a `Retry` or `Catch` can name.

/// Matches every error but the terminal ones, [`RUNTIME`], [`PARAMETER_PATH_FAILURE`] and [`DATA_LIMIT_EXCEEDED`].
pub(crate) const ALL: &str = "States.ALL";
/// As a pattern: matches what `States.ALL` matches, time-outs excepted.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A task ran longer than its `TimeoutSeconds`, or the execution longer than the machine's.
pub const TIMEOUT: &str = "States.Timeout";
/// A task that waits for a token was silent for longer than its `HeartbeatSeconds`.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// The execution met something it cannot process. Neither retried nor caught: the execution fails.
pub const RUNTIME: &str = "States.Runtime";
/// A path in `Parameters` leads nowhere.
///
/// AWS documents this name but has been seen to report the case as `States.Runtime`, which nothing catches; so nothing
/// catches it here either, and a definition cannot come to rely on it.
pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A `ResultPath` cannot be applied to the state's input.
pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// No rule of a Choice matched and it has no `Default`.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// State data grew over [`DATA_LIMIT_BYTES`](crate::DATA_LIMIT_BYTES). Caught only where it is named.
pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";

/// Reserved names that an `ErrorEquals` may hold. The others never arise here, or nothing can catch them.
pub(crate) const NAMEABLE: [&str; 8] = [
    ALL,
    TASK_FAILED,
    TIMEOUT,
    HEARTBEAT_TIMEOUT,
    RESULT_PATH_MATCH_FAILURE,
    NO_CHOICE_MATCHED,
    DATA_LIMIT_EXCEEDED,
    "States.Permissions",
];

/// Whether the execution fails on `error`, whatever its states would retry or catch.
pub(crate) fn is_terminal(error: &str) -> bool {
    error == RUNTIME || error == PARAMETER_PATH_FAILURE
}

/// Whether an `ErrorEquals` that holds `pattern` matches `error`.
pub(crate) fn matches(pattern: &str, error: &str) -> bool {
    if is_terminal(error) {
        return false;
    }
    if pattern == error {
        return true;
    }
    match pattern {
        ALL => error != DATA_LIMIT_EXCEEDED,
        // States.Timeout stood for both kinds of silence before States.HeartbeatTimeout was split off, and still does.
        TIMEOUT => error == HEARTBEAT_TIMEOUT,
        TASK_FAILED => ![DATA_LIMIT_EXCEEDED, TIMEOUT, HEARTBEAT_TIMEOUT].contains(&error),
        _ => false,
    }
}
