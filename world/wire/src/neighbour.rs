//! The neighbour that keeps S3: reports of nodes are put there as the reporter on each node would, and ledgers are read from
//! there as the check before a start would.

use std::rc::Rc;
use std::time::{Duration as Span, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use mmdr_world::network::Ix;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::{Duration, sleep, timeout};

use crate::clock;
use crate::control::{self, state};
use crate::serve::Door;

/// Virtual milliseconds between two reports; the product takes one that is a minute old for none.
const EVERY_MS: f64 = 2_000.0;
/// The shortest real pause between two, however fast time passes.
const SHORTEST_MS: u64 = 150;
/// Longest wait for the neighbour.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where S3 is, and the secret of the key that is the account's number.
pub(crate) struct Neighbour {
    address: String,
    secret: String,
}

impl Neighbour {
    /// `endpoint` is `http://HOST:PORT`.
    pub(crate) fn new(endpoint: &str, secret: String) -> Self {
        Self { address: endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned(), secret }
    }
}

/// Keeps the neighbour up to date, for ever.
pub(crate) async fn tend(door: Rc<Door>, neighbour: Neighbour) {
    loop {
        let every_ms = (EVERY_MS / door.clock.scale().max(0.001)) as u64;
        sleep(Duration::from_millis(every_ms.clamp(SHORTEST_MS, EVERY_MS as u64))).await;
        door.pass();
        for region in 0..2 {
            // Nothing leaves a dark Region, and nothing comes in.
            if !door.world.borrow().sim.network.is_dark(region) {
                let _ = timeout(PATIENCE, one_region(&door, &neighbour, region)).await;
            }
        }
    }
}

async fn one_region(door: &Door, neighbour: &Neighbour, region: Ix) -> Option<()> {
    let (signer, bucket, reports) = {
        let mut world = door.world.borrow_mut();
        let bucket = world.region(region)?.ledger_bucket.clone();
        let signer = Signer {
            credentials: Credentials::new(world.account(), neighbour.secret.as_str(), None, None, "wire door"),
            region: world.name(region).to_owned(),
        };
        (signer, bucket, state::reports(&mut world, region))
    };
    for report in reports {
        let id = report.get("id")?.as_str()?.to_owned();
        signer.send(neighbour, Method::PUT, &format!("/{bucket}/nodes/{id}.json"), report.to_string()).await?;
    }
    let asked = signer.send(neighbour, Method::GET, &format!("/{bucket}/ledger.json"), String::new()).await?;
    let ledger = match asked {
        (StatusCode::OK, text) => text,
        (StatusCode::NOT_FOUND, _) => String::new(),
        _ => return None,
    };
    // A ledger that is not understood is no ledger; the product says so itself.
    let _ = control::ledger(&mut door.world.borrow_mut(), region, &ledger);
    Some(())
}

/// In whose name a Region's requests are signed: the account's own, which an emulator takes for its root.
struct Signer {
    credentials: Credentials,
    region: String,
}

impl Signer {
    /// One request, signed for S3.
    async fn send(
        &self,
        neighbour: &Neighbour,
        method: Method,
        path: &str,
        body: String,
    ) -> Option<(StatusCode, String)> {
        let stream = TcpStream::connect(&neighbour.address).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        spawn_local(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &neighbour.address)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.clone())))
            .ok()?;
        self.sign(&neighbour.address, &mut request, body.as_bytes())?;
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// The machine's own time, not the world's: who checks a signature compares it with theirs.
    fn sign(&self, address: &str, request: &mut Request<Full<Bytes>>, body: &[u8]) -> Option<()> {
        let identity = self.credentials.clone().into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let at = UNIX_EPOCH + Span::from_millis(u64::try_from(clock::real_ms()).ok()?);
        let params = SigningParams::builder().identity(&identity).region(&self.region).name("s3").time(at);
        let params = params.settings(settings).build().ok()?.into();
        let (method, uri) = (request.method().to_string(), format!("http://{address}{}", request.uri()));
        let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(&method, uri, headers, SignableBody::Bytes(body)).ok()?;
        let (instructions, _) = sign(signable, &params).ok()?.into_parts();
        instructions.apply_to_request_http1x(request);
        Some(())
    }
}
