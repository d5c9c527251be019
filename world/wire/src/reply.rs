//! What becomes of a request: an answer, silence, or an answer later.

use std::fmt;

use mmdr_core::Fault;
use serde_json::{Value, json};

use crate::forms::xml::Xml;
use crate::world::World;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A text of some type.
    pub(crate) fn text(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", kind.to_owned())], body: body.into() }
    }

    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// An XML answer.
    pub(crate) fn xml(status: u16, body: String) -> Self {
        Self::text(status, "text/xml", body)
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What goes on later.
pub(crate) type Then = Box<dyn FnOnce(&mut World) -> Outcome>;

/// What becomes of a request.
pub(crate) enum Outcome {
    /// It is answered.
    Reply(Reply),
    /// It is never answered: its packets are swallowed. The connection stays open.
    Held,
    /// It goes on at this moment of virtual time.
    Later(i64, Then),
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => write!(f, "HTTP {}", reply.status),
            Self::Held => f.write_str("no answer"),
            Self::Later(at_ms, _) => write!(f, "later, at {at_ms}"),
        }
    }
}

/// Why a service does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It says why.
    Said {
        /// Its error code.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// It asks to slow down.
    Throttled,
    /// It fails.
    Failed,
    /// Nothing comes back.
    Silence,
}

impl Refusal {
    /// A refusal with a code.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self::Said { code: code.into(), message: message.into() }
    }
}

/// The model's faults begin with the service's code: `InvalidDBClusterStateFault: replication setup is …`.
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let text = match fault {
            Fault::NoAnswer => return Self::Silence,
            Fault::Throttled => return Self::Throttled,
            Fault::Conflict => "PreconditionFailed".to_owned(),
            Fault::LookAgain(text)
            | Fault::NotFound(text)
            | Fault::Denied(text)
            | Fault::Refused(text)
            | Fault::Unreadable(text)
            | Fault::Partly(text) => text,
        };
        let is_code = |code: &str| !code.is_empty() && code.chars().all(|sign| sign.is_ascii_alphanumeric());
        match text.split_once(": ") {
            Some((code, message)) if is_code(code) => Self::new(code, message),
            _ if is_code(&text) => Self::new(&text, text.clone()),
            _ => Self::new("ValidationException", text),
        }
    }
}

/// What an operation gives.
pub(crate) type Answered = Result<Reply, Refusal>;

/// How a service speaks (botocore, `protocol` of each service model).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Query and XML, with its namespace.
    Query(&'static str),
    /// JSON 1.1.
    Json,
    /// REST and JSON.
    RestJson,
    /// REST and XML, as S3.
    S3,
    /// REST and XML, as S3 Control.
    S3Control,
}

impl Protocol {
    /// The answer of an operation in the query protocol.
    pub(crate) fn result(self, operation: &str, id: &str, inside: impl FnOnce(&mut Xml)) -> Reply {
        let namespace = if let Self::Query(namespace) = self { namespace } else { "" };
        let document = Xml::document(&format!("{operation}Response"), namespace, |xml| {
            xml.element(&format!("{operation}Result"), inside);
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", id));
        });
        Reply::xml(200, document)
    }

    /// Makes an outcome of what an operation gave.
    pub(crate) fn settle(self, answered: Answered, id: &str) -> Outcome {
        match answered {
            Ok(reply) => Outcome::Reply(reply.with(self.id_header(), id)),
            Err(Refusal::Silence) => Outcome::Held,
            Err(refusal) => Outcome::Reply(self.refuse(&refusal, id).with(self.id_header(), id)),
        }
    }

    fn id_header(self) -> &'static str {
        match self {
            Self::S3 | Self::S3Control => "x-amz-request-id",
            _ => "x-amzn-requestid",
        }
    }

    fn refuse(self, refusal: &Refusal, id: &str) -> Reply {
        let (status, code, message) = self.said(refusal);
        match self {
            Self::Query(namespace) => {
                let document = Xml::document("ErrorResponse", namespace, |xml| {
                    xml.element("Error", |xml| {
                        xml.text("Type", if status < 500 { "Sender" } else { "Receiver" });
                        xml.text("Code", &code);
                        xml.text("Message", &message);
                    });
                    xml.text("RequestId", id);
                });
                Reply::xml(status, document)
            }
            Self::Json => Reply::json(status, &json!({ "__type": code, "message": message })),
            Self::RestJson => {
                Reply::json(status, &json!({ "message": message })).with("x-amzn-errortype", format!("{code}:"))
            }
            Self::S3 => {
                let document = Xml::document("Error", "", |xml| {
                    xml.text("Code", &code);
                    xml.text("Message", &message);
                    xml.text("RequestId", id);
                });
                Reply::xml(status, document)
            }
            Self::S3Control => {
                let document = Xml::document("ErrorResponse", "", |xml| {
                    xml.element("Error", |xml| {
                        xml.text("Code", &code);
                        xml.text("Message", &message);
                    });
                    xml.text("RequestId", id);
                });
                Reply::xml(status, document)
            }
        }
    }

    /// Status, code and sentence.
    fn said(self, refusal: &Refusal) -> (u16, String, String) {
        let (status, code, message) = match refusal {
            Refusal::Said { code, message } => return (self.status(code), code.clone(), message.clone()),
            Refusal::Throttled => match self {
                Self::Query(_) => (400, "Throttling", "Rate exceeded"),
                Self::Json => (400, "ThrottlingException", "Rate exceeded"),
                Self::RestJson => (429, "ThrottlingException", "Rate exceeded"),
                Self::S3 | Self::S3Control => (503, "SlowDown", "Please reduce your request rate."),
            },
            Refusal::Failed | Refusal::Silence => match self {
                Self::Query(_) => (500, "InternalFailure", "The request could not be processed."),
                Self::Json => (500, "InternalServerError", "The request could not be processed."),
                Self::RestJson => (500, "InternalException", "The request could not be processed."),
                Self::S3 => (500, "InternalError", "We encountered an internal error. Please try again."),
                Self::S3Control => (500, "InternalServiceException", "The request could not be processed."),
            },
        };
        (status, code.to_owned(), message.to_owned())
    }

    /// HTTP status of a code (botocore, `error.httpStatusCode`).
    fn status(self, code: &str) -> u16 {
        match (self, code) {
            (Self::Query(_), code) if code.ends_with("NotFoundFault") || code == "DBParameterGroupNotFound" => 404,
            (Self::Query(_) | Self::RestJson, "MissingAuthenticationToken" | "AccessDenied") => 403,
            (
                Self::RestJson,
                "ResourceNotFoundException"
                | "ResourceAlreadyExistsException"
                | "LimitExceededException"
                | "DisabledOperationException",
            ) => 409,
            (Self::S3, code) if code.starts_with("NoSuch") || code.ends_with("NotFoundError") => 404,
            (Self::S3, "AccessDenied") => 403,
            (Self::S3 | Self::S3Control, "NotImplemented") => 501,
            (Self::S3Control, code) if code.starts_with("NoSuch") || code == "NotFoundException" => 404,
            _ => 400,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_model_begins_with_the_services_code() {
        let fault = Fault::LookAgain("InvalidDBClusterStateFault: replication setup is in progress".into());
        assert_eq!(
            Refusal::from(fault),
            Refusal::new("InvalidDBClusterStateFault", "replication setup is in progress")
        );
        assert_eq!(Refusal::from(Fault::NotFound("NoSuchBucket".into())), Refusal::new("NoSuchBucket", "NoSuchBucket"));
        assert_eq!(Refusal::from(Fault::NoAnswer), Refusal::Silence);
        let spoken = Refusal::from(Fault::Refused("the copy: is there".into()));
        assert_eq!(spoken, Refusal::new("ValidationException", "the copy: is there"));
    }

    #[test]
    fn what_is_not_found_is_404_to_rds_and_409_to_opensearch_service() {
        assert_eq!(Protocol::Query("").status("GlobalClusterNotFoundFault"), 404);
        assert_eq!(Protocol::RestJson.status("ResourceNotFoundException"), 409);
        assert_eq!(Protocol::Json.status("ParameterNotFound"), 400);
        assert_eq!(Protocol::S3.status("ReplicationConfigurationNotFoundError"), 404);
    }

    #[test]
    fn each_protocol_asks_to_slow_down_in_its_own_words() {
        let codes = [Protocol::Query(""), Protocol::Json, Protocol::S3].map(|it| it.said(&Refusal::Throttled).1);
        assert_eq!(codes, ["Throttling", "ThrottlingException", "SlowDown"]);
    }
}
