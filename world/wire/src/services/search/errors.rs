//! Errors as OpenSearch and its plugin spell them, and as the front end of AWS does.

use mmdr_core::Fault;
use serde_json::json;

use super::by_guard;
use crate::reply::{Outcome, Refusal, Reply};

/// An error: `{"error": {"root_cause": […], "type", "reason"}, "status"}`.
pub(super) fn error(status: u16, kind: &str, reason: &str) -> Reply {
    let cause = json!({ "type": kind, "reason": reason });
    let body = json!({ "error": { "root_cause": [cause], "type": kind, "reason": reason }, "status": status });
    Reply::json(status, &body)
}

/// The same as an outcome.
pub(super) fn failed(status: u16, kind: &str, reason: impl Into<String>) -> Outcome {
    Outcome::Reply(error(status, kind, &reason.into()))
}

/// No index of this name.
pub(super) fn no_such_index(name: &str) -> Outcome {
    failed(404, "index_not_found_exception", format!("no such index [{name}]"))
}

/// A follower is only what is one.
pub(super) fn not_in_progress(name: &str) -> Outcome {
    failed(400, "illegal_argument_exception", format!("No replication in progress for index:{name}"))
}

/// A guard's refusal.
pub(crate) fn refuse(refusal: &Refusal) -> Reply {
    by_guard(refusal)
}

/// What a fault of the model looks like. Its texts are the plugin's, with the type in front where it has one of its own.
pub(super) fn of(fault: Fault) -> Outcome {
    let text = match fault {
        Fault::NoAnswer => return Outcome::Held,
        Fault::Throttled => return Outcome::Reply(by_guard(&Refusal::Throttled)),
        Fault::Conflict => "version_conflict_engine_exception".to_owned(),
        Fault::LookAgain(text)
        | Fault::NotFound(text)
        | Fault::Denied(text)
        | Fault::Refused(text)
        | Fault::Unreadable(text)
        | Fault::Partly(text) => text,
    };
    if text.starts_with("503 ") {
        let body = "<html><body><b>Http/1.1 Service Unavailable</b></body></html>";
        return Outcome::Reply(Reply::text(503, "text/html", body));
    }
    let typed = text.split_once(": ").filter(|(kind, _)| kind.ends_with("_exception"));
    let (kind, reason) = match typed {
        Some((kind, reason)) => (kind, reason),
        None if text.ends_with("_exception") => (text.as_str(), "[][203.0.113.1:9300] connect_exception"),
        None => (kind_of(&text), text.as_str()),
    };
    Outcome::Reply(error(status_of(kind, reason), kind, reason))
}

fn kind_of(text: &str) -> &'static str {
    match text {
        _ if text.contains("does not exist") || text.contains("cannot be recreated") => "exception",
        _ if text.contains("already exist") => "resource_already_exists_exception",
        _ if text.contains("Retention lease") => "resource_not_found_exception",
        _ if text.contains("restore phase") => "illegal_state_exception",
        _ => "illegal_argument_exception",
    }
}

/// HTTP status of a type (OpenSearch, `RestStatus` of each exception; run on two nodes).
fn status_of(kind: &str, reason: &str) -> u16 {
    match kind {
        "cluster_block_exception" | "security_exception" => 403,
        "no_such_remote_cluster_exception" | "index_not_found_exception" | "resource_not_found_exception" => 404,
        "snapshot_in_progress_exception" | "index_closed_exception" | "illegal_argument_exception" => 400,
        "resource_already_exists_exception" if !reason.contains("autofollow") => 400,
        _ => 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fault: Fault) -> (u16, String) {
        let Outcome::Reply(reply) = of(fault) else { panic!("no reply") };
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    #[test]
    fn a_type_in_front_of_a_text_decides_the_status() {
        let (status, body) = told(Fault::LookAgain("snapshot_in_progress_exception: Cannot close indices".into()));
        assert_eq!(status, 400);
        assert!(body.contains("\"type\":\"snapshot_in_progress_exception\""), "{body}");
        assert_eq!(told(Fault::Denied("cluster_block_exception: index [a] blocked".into())).0, 403);
        assert_eq!(told(Fault::NotFound("no_such_remote_cluster_exception: gone".into())).0, 404);
    }

    #[test]
    fn a_rule_that_is_there_or_not_there_is_an_error_of_the_server() {
        let text = "Autofollow replication rule a:r does not exist";
        assert_eq!(told(Fault::NotFound(text.into())).0, 500);
        let text = "Exisiting autofollow replication rule cannot be recreated/updated";
        assert_eq!(told(Fault::LookAgain(text.into())).0, 500);
    }

    #[test]
    fn a_leader_that_refuses_connections_is_an_error_of_the_server() {
        let (status, body) = told(Fault::LookAgain("connect_transport_exception".into()));
        assert_eq!(status, 500);
        assert!(body.contains("connect_exception"), "{body}");
    }
}
