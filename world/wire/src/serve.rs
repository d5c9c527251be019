//! The listeners: requests come in, wait for their moment of virtual time, and are answered or held.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use mmdr_world::network::OUTSIDE;
use tokio::net::TcpListener;
use tokio::task::spawn_local;
use tokio::time::{Duration, sleep};

use crate::clock::Clock;
use crate::control;
use crate::record::Record;
use crate::reply::{Outcome, Reply};
use crate::request::{Port, Request};
use crate::route;
use crate::world::World;

/// Largest body that is read.
const LARGEST_BYTES: usize = 16 * 1024 * 1024;
/// Longest sleep before the clock is read again: somebody may have changed its scale.
const LONGEST_SLEEP_MS: i64 = 50;
/// How often the world goes on by itself, in real milliseconds.
const TICK_MS: u64 = 100;

/// The world, its clock, and the record of what was said.
pub(crate) struct Door {
    pub(crate) world: RefCell<World>,
    pub(crate) clock: Clock,
    pub(crate) record: Record,
    /// What is told to whoever asks where the listeners are.
    pub(crate) addresses: RefCell<serde_json::Value>,
}

impl Door {
    /// Lets time pass up to now.
    pub(crate) fn pass(&self) {
        let now = self.clock.now();
        self.world.borrow_mut().let_time_pass(now);
    }

    /// The world goes on by itself.
    pub(crate) async fn tick(&self) {
        loop {
            sleep(Duration::from_millis(TICK_MS)).await;
            self.pass();
        }
    }

    /// Waits until a moment of virtual time.
    async fn wait(&self, at_ms: i64) {
        loop {
            let left_ms = at_ms - self.clock.now();
            if left_ms <= 0 {
                return;
            }
            let scale = self.clock.scale();
            let real_ms = if scale > 0.0 { (left_ms as f64 / scale).ceil() as i64 } else { LONGEST_SLEEP_MS };
            sleep(Duration::from_millis(real_ms.clamp(1, LONGEST_SLEEP_MS).unsigned_abs())).await;
        }
    }

    /// Answers one request.
    async fn answer(&self, request: Request) -> Reply {
        if let Some(reply) = self.by_harness(&request) {
            return reply;
        }
        self.pass();
        let taken = route::take(&mut self.world.borrow_mut(), &request);
        let taken = match taken {
            Ok(taken) => taken,
            Err(reply) => return reply,
        };
        let mut outcome = taken.outcome;
        let reply = loop {
            match outcome {
                Outcome::Reply(reply) => break reply,
                Outcome::Held => {
                    self.record.note(&self.world.borrow(), &request, &taken.asked, None);
                    // The packets are swallowed: the connection stays open until its client gives up.
                    pending::<()>().await;
                    return Reply::empty(500);
                }
                Outcome::Later(at_ms, then) => {
                    self.wait(at_ms).await;
                    self.pass();
                    let mut world = self.world.borrow_mut();
                    outcome = then(&mut world);
                    // An answer on its way out of a Region that has gone dark meanwhile is lost.
                    let from = request.from().map_or(OUTSIDE, |name| world.ix(name));
                    if !world.sim.network.reaches(from, taken.asked.region) {
                        outcome = Outcome::Held;
                    }
                }
            }
        };
        let mut world = self.world.borrow_mut();
        world.calls.answered(taken.number, reply.status);
        self.record.note(&world, &request, &taken.asked, Some(&reply));
        reply
    }

    fn by_harness(&self, request: &Request) -> Option<Reply> {
        if request.port != Port::Aws || !request.path.starts_with("/_world") {
            return None;
        }
        if request.path == "/_world/addresses" {
            return Some(Reply::json(200, &self.addresses.borrow()));
        }
        if request.path == "/_world/reset" {
            self.clock.begin_anew();
        } else {
            self.pass();
        }
        control::answer(&mut self.world.borrow_mut(), request, self.clock.now())
    }
}

/// Accepts connections at one listener, for ever.
pub(crate) async fn listen(door: Rc<Door>, port: Port, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let door = Rc::clone(&door);
        spawn_local(async move {
            let service = service_fn(move |request| {
                let door = Rc::clone(&door);
                async move { Ok::<_, Infallible>(respond(&door, port, request).await) }
            });
            // A client that goes away is no error of ours.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(door: &Door, port: Port, request: hyper::Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BYTES).collect().await else {
        return response(Reply::empty(413), false);
    };
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
    let is_head = head.method == hyper::Method::HEAD;
    let body = body.to_bytes().to_vec();
    let request = Request::new(port, head.method.as_str(), &path, &query, headers.collect(), body);
    response(door.answer(request).await, is_head)
}

fn response(reply: Reply, is_head: bool) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = Response::builder().status(status);
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value);
    }
    let body = if is_head { Vec::new() } else { reply.body };
    builder.body(Full::new(Bytes::from(body))).unwrap_or_default()
}
