//! Names that follow from an event alone: no epoch, no clock, no identifier of a delivery.
//!
//! `StartExecution` with a name that is taken answers `ExecutionAlreadyExists` (Step Functions API, StartExecution;
//! names are free again after 90 days), so duplicates and all forms of one event collapse into one execution.

use mmdr_core::{Kind, RunId, Time, digest};

/// What one event is called: `fo-<16 hexadecimal digits>` for a failover, shorter than 80 characters and of
/// `0-9A-Za-z-_` only.
pub(crate) fn run_id(kind: Kind, source: &str, at: Time) -> RunId {
    RunId(format!("{}-{}", stem(kind), digest(&format!("{source}\n{}", at.0))))
}

fn stem(kind: Kind) -> &'static str {
    match kind {
        Kind::Failover => "fo",
        Kind::Switchover => "so",
        Kind::Detach => "dt",
        Kind::Protect => "pr",
        Kind::Reprotect => "rp",
        Kind::VerifyBackups => "vb",
        Kind::CheckReadiness => "cr",
        Kind::Standing => "st",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_from_source_and_moment_and_has_the_form_that_step_functions_allow() {
        let name = run_id(Kind::Failover, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", Time(1));
        assert_eq!(name, run_id(Kind::Failover, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", Time(1)));
        assert_ne!(name, run_id(Kind::Failover, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", Time(2)));
        assert_ne!(name, run_id(Kind::Failover, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:b", Time(1)));
        assert_eq!(name.0.len(), 19);
        assert!(name.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    }
}
