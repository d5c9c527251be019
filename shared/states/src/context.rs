//! The context object (`$$`): what an execution tells its states about itself.

use serde_json::Value;
use std::sync::Arc;

/// What stays the same throughout an execution.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) machine_id: Arc<str>,
    pub(crate) machine_name: Arc<str>,
    pub(crate) started_ms: i64,
    pub(crate) input: Arc<Value>,
}

/// The context object as one state sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) state: &'a str,
    pub(crate) entered_ms: i64,
    pub(crate) retry_count: u32,
    pub(crate) token: Option<&'a str>,
}

/// The fields of the context object that the subset knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextField {
    ExecutionId,
    ExecutionInput,
    ExecutionName,
    ExecutionStartTime,
    StateEnteredTime,
    StateName,
    StateRetryCount,
    StateMachineId,
    StateMachineName,
    TaskToken,
}

impl ContextField {
    pub(crate) const ALL: [(&'static str, &'static str, Self); 10] = [
        ("Execution", "Id", Self::ExecutionId),
        ("Execution", "Input", Self::ExecutionInput),
        ("Execution", "Name", Self::ExecutionName),
        ("Execution", "StartTime", Self::ExecutionStartTime),
        ("State", "EnteredTime", Self::StateEnteredTime),
        ("State", "Name", Self::StateName),
        ("State", "RetryCount", Self::StateRetryCount),
        ("StateMachine", "Id", Self::StateMachineId),
        ("StateMachine", "Name", Self::StateMachineName),
        ("Task", "Token", Self::TaskToken),
    ];
}

impl Context<'_> {
    /// The value of a field, the execution's input excepted, which is lent instead of built.
    pub(crate) fn value(&self, field: ContextField) -> Option<Value> {
        let text = |text: &str| Some(Value::String(text.to_owned()));
        match field {
            ContextField::ExecutionId => text(&self.facts.id),
            ContextField::ExecutionInput => None,
            ContextField::ExecutionName => text(&self.facts.name),
            ContextField::ExecutionStartTime => text(&timestamp(self.facts.started_ms)),
            ContextField::StateEnteredTime => text(&timestamp(self.entered_ms)),
            ContextField::StateName => text(self.state),
            ContextField::StateRetryCount => Some(Value::from(self.retry_count)),
            ContextField::StateMachineId => text(&self.facts.machine_id),
            ContextField::StateMachineName => text(&self.facts.machine_name),
            ContextField::TaskToken => self.token.and_then(text),
        }
    }
}

/// Milliseconds since the epoch as AWS writes them: `2026-01-02T03:04:05.678Z`.
pub(crate) fn timestamp(at_ms: i64) -> String {
    let (days, of_day_ms) = (at_ms.div_euclid(86_400_000), at_ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute) = (of_day_ms / 3_600_000, of_day_ms / 60_000 % 60);
    let (second, millisecond) = (of_day_ms / 1_000 % 60, of_day_ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Year, month and day of a number of days since 1970-01-01, counted in eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let since_era_zero = days + 719_468;
    let era = since_era_zero.div_euclid(146_097);
    let day_of_era = since_era_zero.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn timestamps_are_written_as_aws_writes_them() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(timestamp(1_767_323_045_678), "2026-01-02T03:04:05.678Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59.999Z");
    }
}
