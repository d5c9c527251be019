//! What a service's error means to us.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use mmdr_core::Fault;

/// Codes by which services ask to slow down. Route 53's come with HTTP 400.
const THROTTLING: [&str; 10] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "TooManyRequestsException",
    "SlowDown",
    "RequestThrottledException",
    // SNS, of the key of a topic.
    "KMSThrottling",
    "KMSThrottlingException",
];

/// Codes that forbid.
const DENYING: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthFailure",
    "ExpiredToken",
    "InvalidClientTokenId",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes of a thing that is being changed: what was asked may have been done already, or will be possible later. RDS
/// answers a call that was accepted and sent again like this.
const NOT_NOW: [&str; 9] = [
    "InvalidGlobalClusterStateFault",
    "InvalidDBClusterStateFault",
    "InvalidDBClusterSnapshotStateFault",
    "InvalidDBInstanceState",
    "PriorRequestNotComplete",
    "OperationAborted",
    "ConflictException",
    "InvalidChangeBatch",
    "ServiceUnavailable",
];

/// Longest text of a service that goes into a sentence, in characters.
const LONGEST: usize = 300;

/// Names an error of the SDK.
pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(said) => {
            let status = said.raw().status().as_u16();
            if said.raw().status().is_success() {
                // What was asked is done, or is being done; only the answer is odd.
                return Fault::LookAgain(format!("HTTP {status}, a body of another form"));
            }
            let (code, message) = (said.err().code().unwrap_or_default(), said.err().message().unwrap_or_default());
            of_code(status, code, message)
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            match status {
                200..300 => Fault::LookAgain(format!("HTTP {status}, a body of another form")),
                500.. => Fault::LookAgain(format!("HTTP {status}")),
                _ => Fault::Unreadable(format!("HTTP {status}, a body of another form")),
            }
        }
        SdkError::ConstructionFailure(_) => Fault::Refused(format!("the request could not be made: {}", causes(error))),
        // Whether it was received is not known.
        _ => Fault::NoAnswer,
    }
}

/// Names an error by HTTP status, code and the service's own sentence.
pub(crate) fn of_code(status: u16, code: &str, message: &str) -> Fault {
    let code = code.rsplit(['#', '.']).next().unwrap_or(code);
    let text = short(&match (code, message) {
        ("", message) => format!("HTTP {status}: {message}"),
        (code, "") => code.to_owned(),
        (code, message) => format!("{code}: {message}"),
    });
    let is_missing = code.contains("NotFound") || code.starts_with("NoSuch") || code.ends_with("DoesNotExist");
    match (status, code) {
        (_, code) if THROTTLING.contains(&code) => Fault::Throttled,
        (429, _) => Fault::Throttled,
        (412, _) | (_, "PreconditionFailed" | "ConditionalRequestConflict") => Fault::Conflict,
        (_, code) if DENYING.contains(&code) => Fault::Denied(text),
        (401 | 403, _) => Fault::Denied(text),
        (_, code) if NOT_NOW.contains(&code) => Fault::LookAgain(text),
        _ if is_missing => Fault::NotFound(text),
        (404, _) => Fault::NotFound(text),
        (500.., _) => Fault::LookAgain(text),
        _ => Fault::Refused(text),
    }
}

/// The first line of a text, cut where it is long.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

/// Why a request could not be made, with everything below it: credentials that cannot be loaded say so only there.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut below = error.source();
    while let Some(cause) = below {
        text = if text.is_empty() { cause.to_string() } else { format!("{text}: {cause}") };
        below = cause.source();
    }
    short(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_rds_refuses_while_something_moves_is_looked_at_again() {
        let text = "the replication setup is still in progress. Please retry the request later.";
        for code in ["InvalidDBClusterStateFault", "InvalidGlobalClusterStateFault"] {
            assert_eq!(of_code(400, code, text), Fault::LookAgain(format!("{code}: {text}")));
        }
    }

    #[test]
    fn throttling_is_known_by_its_code_whatever_the_status() {
        assert_eq!(of_code(400, "Throttling", "Rate exceeded"), Fault::Throttled);
        assert_eq!(of_code(503, "SlowDown", "Please reduce your request rate."), Fault::Throttled);
        assert_eq!(of_code(429, "", ""), Fault::Throttled);
    }

    #[test]
    fn what_is_missing_forbidden_or_taken_has_names_of_its_own() {
        assert!(matches!(of_code(409, "ResourceNotFoundException", "no such connection"), Fault::NotFound(_)));
        assert!(matches!(of_code(404, "NoSuchKey", ""), Fault::NotFound(_)));
        assert!(matches!(of_code(403, "AccessDenied", "User: … is not authorized"), Fault::Denied(_)));
        assert_eq!(of_code(412, "PreconditionFailed", ""), Fault::Conflict);
        assert!(matches!(of_code(400, "ValidationException", "no"), Fault::Refused(_)));
        assert!(matches!(of_code(500, "InternalFailure", ""), Fault::LookAgain(_)));
    }

    #[test]
    fn a_namespace_before_a_code_is_no_part_of_it() {
        let code = "com.amazonaws.ecs#ClusterNotFoundException";
        assert_eq!(of_code(400, code, "gone"), Fault::NotFound("ClusterNotFoundException: gone".into()));
    }

    #[test]
    fn a_long_text_is_cut_and_only_its_first_line_is_told() {
        assert_eq!(short("one\ntwo"), "one");
        assert_eq!(short(&"ä".repeat(400)).chars().count(), LONGEST + 1);
    }
}
