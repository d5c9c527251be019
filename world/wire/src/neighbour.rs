//! The neighbour that keeps S3: reports of nodes are put there as the reporter on each node would, and ledgers are read from
//! there as the check before a start would.

use std::rc::Rc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use mmdr_world::network::Ix;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::{Duration, sleep, timeout};

use crate::control::{self, state};
use crate::serve::Door;

/// Virtual milliseconds between two reports; the product takes one that is a minute old for none.
const EVERY_MS: f64 = 2_000.0;
/// The shortest real pause between two, however fast time passes.
const SHORTEST_MS: u64 = 150;
/// Longest wait for the neighbour.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the neighbour up to date, for ever. `endpoint` is `http://HOST:PORT`.
pub(crate) async fn tend(door: Rc<Door>, endpoint: String) {
    let address = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
    loop {
        let every_ms = (EVERY_MS / door.clock.scale().max(0.001)) as u64;
        sleep(Duration::from_millis(every_ms.clamp(SHORTEST_MS, EVERY_MS as u64))).await;
        door.pass();
        for region in 0..2 {
            // Nothing leaves a dark Region, and nothing comes in.
            if !door.world.borrow().sim.network.is_dark(region) {
                let _ = timeout(PATIENCE, one_region(&door, &address, region)).await;
            }
        }
    }
}

async fn one_region(door: &Door, address: &str, region: Ix) -> Option<()> {
    let (signer, bucket, reports) = {
        let mut world = door.world.borrow_mut();
        let bucket = world.region(region)?.ledger_bucket.clone();
        (signer(world.account(), world.name(region)), bucket, state::reports(&mut world, region))
    };
    for report in reports {
        let id = report.get("id")?.as_str()?.to_owned();
        send(address, &signer, Method::PUT, &format!("/{bucket}/nodes/{id}.json"), report.to_string()).await?;
    }
    let asked = send(address, &signer, Method::GET, &format!("/{bucket}/ledger.json"), String::new()).await?;
    let ledger = match asked {
        (StatusCode::OK, text) => text,
        (StatusCode::NOT_FOUND, _) => String::new(),
        _ => return None,
    };
    // A ledger that is not understood is no ledger; the product says so itself.
    let _ = control::ledger(&mut door.world.borrow_mut(), region, &ledger);
    Some(())
}

/// Account and Region stand in a signature that is none: the neighbour must not check it.
fn signer(account: &str, region: &str) -> String {
    let credential = format!("Credential={account}/20260101/{region}/s3/aws4_request");
    format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0")
}

/// One request.
async fn send(address: &str, signer: &str, method: Method, path: &str, body: String) -> Option<(StatusCode, String)> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    spawn_local(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address)
        .header("content-type", "application/json")
        .header("authorization", signer)
        .body(Full::new(Bytes::from(body)))
        .ok()?;
    let answer = sender.send_request(request).await.ok()?;
    let status = answer.status();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, String::from_utf8_lossy(&body).into_owned()))
}
