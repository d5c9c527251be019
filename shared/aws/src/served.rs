//! A tiny server for tests: it answers one connection after the other as told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use mmdr_core::{Deployment, Region, Time};
use serde_json::Value;

use crate::{Aws, Clients, Settings};

/// What becomes of one request.
pub(crate) enum Served {
    /// Status and body.
    Answer(u16, String),
    /// Status, one more header line, and body.
    With(u16, &'static str, String),
    /// The request is read, and nothing comes back.
    Nothing,
}

impl Served {
    /// A status and what can become a body.
    pub(crate) fn answer(status: u16, body: impl ToString) -> Self {
        Self::Answer(status, body.to_string())
    }

    /// An answer as it was recorded: an object with `status` and `body`.
    pub(crate) fn recorded(text: &str) -> Self {
        let recorded: Value = serde_json::from_str(text).unwrap();
        let status = recorded["status"].as_u64().unwrap().try_into().unwrap();
        Self::Answer(status, recorded["body"].to_string())
    }
}

/// The ports of the example in `us-east-1`, with addresses of the document served elsewhere.
pub(crate) fn ports(reroute: &[(&str, &str)]) -> Aws {
    ports_over(reroute, SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build())
}

/// The same, with an AWS that gives `answer` to each request: method, address and body, on one line.
pub(crate) fn ports_with(
    reroute: &[(&str, &str)],
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (Aws, Asked) {
    let asked = Asked::default();
    let told = asked.clone();
    let client = infallible_client_fn(move |request: http::Request<SdkBody>| {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let line = format!("{} {} {body}", request.method(), request.uri());
        let (status, body) = answer(&line);
        told.0.lock().unwrap().push(line);
        http::Response::builder().status(status).body(SdkBody::from(body)).unwrap()
    });
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client);
    (ports_over(reroute, config.build()), asked)
}

fn ports_over(reroute: &[(&str, &str)], config: SdkConfig) -> Aws {
    let reroute: BTreeMap<String, String> = reroute.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect();
    let deployment = Arc::new(Deployment::seed_example().unwrap());
    let settings = Arc::new(Settings { reroute, ..Settings::default() });
    let (clients, clock) = (Arc::new(Clients::over(config)), Arc::new(|| Time(0)));
    Aws::new(Region::new("us-east-1"), deployment, clients, settings, clock, Arc::new(|_| {}))
}

/// What was asked: head and body of each request, in order.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Methods and paths.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.all().iter().map(|asked| asked.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned()).collect()
    }
}

/// Serves each of `answers` once, in order; what comes after them is answered 599. Gives the address.
pub(crate) fn served(answers: Vec<Served>) -> (String, Asked) {
    let mut answers = answers.into_iter();
    serving(move |_| answers.next().unwrap_or(Served::answer(599, "")))
}

/// Serves what `answer` makes of each request. Gives the address.
pub(crate) fn serving(mut answer: impl FnMut(&str) -> Served + Send + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let told = asked.clone();
    std::thread::spawn(move || {
        // A connection that gets no answer stays open until the test is over.
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(request) = read(&mut stream) else { continue };
            let served = answer(&request);
            told.0.lock().unwrap().push(request);
            match served {
                Served::Answer(status, body) => write(&mut stream, status, "x-nothing: 1", &body),
                Served::With(status, header, body) => write(&mut stream, status, header, &body),
                Served::Nothing => open.push(stream),
            }
        }
    });
    (address, asked)
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut got, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        got.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&got).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if body.len() >= length.map_or(0, |(_, value)| value.parse().unwrap()) {
            return Some(text);
        }
    }
}

fn write(stream: &mut TcpStream, status: u16, header: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}
