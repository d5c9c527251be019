//! Plain HTTPS: one request, one answer, a time-out of its own, and never a second attempt.
//!
//! A second attempt is the state machine's: only the next look knows what became of the first. No text made here has a
//! header or an address with a query in it, so no secret and no credential gets into a sentence.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode};
use mmdr_core::Fault;
use serde::de::DeserializeOwned;

use crate::faults;

/// Longest wait for what changes nothing.
pub(crate) const READ: Duration = Duration::from_secs(5);
/// Longest wait for one change.
pub(crate) const CHANGE: Duration = Duration::from_secs(12);
/// Longest answer that is read into memory.
const LARGEST_BYTES: usize = 48 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Nobody listens at the address: the request was not sent.
    Refused,
    /// No connection came about: the request was not sent.
    Unreached,
    /// It was sent, and no whole answer came in time: what became of it is not known.
    Lost,
    /// It could not be made, or the connection cannot be trusted.
    Unfit(Fault),
}

impl From<Silence> for Fault {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Refused | Silence::Unreached | Silence::Lost => Self::NoAnswer,
            Silence::Unfit(fault) => fault,
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    headers: HeaderMap,
}

impl Answer {
    /// Whether what was asked is done.
    pub(crate) fn is_fine(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// One header, where it is there and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status and its usual words: `503 Service Unavailable`.
    pub(crate) fn reason(&self) -> String {
        StatusCode::from_u16(self.status).map_or_else(|_| self.status.to_string(), |status| status.to_string())
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| Fault::Unreadable(faults::short(&error.to_string())))
    }
}

/// A request; a body makes it JSON.
pub(crate) fn request(method: Method, url: &str, body: Option<&serde_json::Value>) -> Result<Request<Vec<u8>>, Fault> {
    let builder = Request::builder().method(method).uri(url);
    let (builder, body) = match body {
        Some(body) => (builder.header("content-type", "application/json"), body.to_string().into_bytes()),
        None => (builder, Vec::new()),
    };
    builder.body(body).map_err(|error| Fault::Refused(format!("the request could not be made: {error}")))
}

/// Sends it once.
pub(crate) async fn send(
    client: &reqwest::Client,
    request: Request<Vec<u8>>,
    limit: Duration,
) -> Result<Answer, Silence> {
    let mut request = reqwest::Request::try_from(request).map_err(|error| silence(&error))?;
    *request.timeout_mut() = Some(limit);
    let mut answer = client.execute(request).await.map_err(|error| silence(&error))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Silence::Lost)? {
        if body.len() + chunk.len() > LARGEST_BYTES {
            return Err(Silence::Unfit(Fault::Unreadable(format!("more than {LARGEST_BYTES} bytes"))));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, headers })
}

fn silence(error: &reqwest::Error) -> Silence {
    if error.is_builder() {
        return Silence::Unfit(Fault::Refused("the request could not be made".into()));
    }
    if !error.is_connect() {
        return Silence::Lost;
    }
    match io_error(error) {
        Some(io) if io.kind() == ErrorKind::ConnectionRefused => Silence::Refused,
        // A certificate that does not fit will not fit at the next look either: it is said by name.
        Some(io) if io.kind() == ErrorKind::InvalidData => {
            Silence::Unfit(Fault::Unreadable(faults::short(&format!("TLS: {io}"))))
        }
        _ => Silence::Unreached,
    }
}

/// The error of the socket, the deepest one.
fn io_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a std::io::Error> {
    let below = error.source().and_then(io_error);
    below.or_else(|| error.downcast_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::{Served, served};

    fn get(url: &str) -> Request<Vec<u8>> {
        request(Method::GET, url, None).unwrap()
    }

    #[tokio::test]
    async fn what_does_not_answer_in_time_is_lost_and_is_not_asked_again() {
        let (address, asked) = served(vec![Served::Nothing, Served::Nothing]);
        let answer = send(&reqwest::Client::new(), get(&address), Duration::from_millis(200)).await;
        assert_eq!(answer.map(|_| ()), Err(Silence::Lost));
        // On a busy machine not even the first one may have come through.
        assert!(asked.count() <= 1);
    }

    #[tokio::test]
    async fn an_error_of_the_service_is_an_answer_and_is_not_asked_again() {
        let (address, asked) = served(vec![Served::answer(503, "{}"), Served::answer(200, "{}")]);
        let answer = send(&reqwest::Client::new(), get(&address), READ).await.unwrap();
        assert_eq!((answer.status, answer.reason()), (503, "503 Service Unavailable".into()));
        assert_eq!(asked.count(), 1);
    }

    #[tokio::test]
    async fn an_address_at_which_nobody_listens_is_told_from_one_that_is_silent() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).unwrap();
        let answer = send(&reqwest::Client::new(), get(&format!("http://{gone}/")), READ).await;
        assert_eq!(answer.map(|_| ()), Err(Silence::Refused));
    }

    #[test]
    fn a_body_that_is_no_json_is_told_in_one_line() {
        let answer = Answer { status: 200, body: b"<html>\n".to_vec(), headers: HeaderMap::new() };
        let fault = answer.json::<serde_json::Value>().unwrap_err();
        assert_eq!(fault, Fault::Unreadable("expected value at line 1 column 1".into()));
    }
}
