//! A tiny server for tests: it answers one connection after the other as told, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of one request.
pub(crate) enum Served {
    /// Status and body.
    Answer(u16, &'static str),
    /// Status, one more header line, and body.
    With(u16, &'static str, &'static str),
    /// The request is read, and nothing comes back.
    Nothing,
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
    serving(move |_| answers.next().unwrap_or(Served::Answer(599, "")))
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
                Served::Answer(status, body) => write(&mut stream, status, "x-nothing: 1", body),
                Served::With(status, header, body) => write(&mut stream, status, header, body),
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
        let length = head.lines().filter_map(|line| line.split_once(": "));
        let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value);
        if body.len() >= length.last().map_or(0, |value| value.parse().unwrap()) {
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
