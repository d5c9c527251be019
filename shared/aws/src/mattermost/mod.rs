//! Mattermost's REST API at one Region's own address, as the system-admin bot.
//!
//! 401 is no sign of a revoked token: without its database Mattermost says the same to a good one. A load balancer
//! that has no node answers 502, 503 or 504; what a node answers carries its version.

mod config;
mod jobs;
mod ping;
mod probes;

use http::{HeaderValue, Method, Request, header};
use mmdr_core::deployment::ConfigStore;
use mmdr_core::{Fault, Region};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::{Answer, CHANGE, READ, Silence, request, send};
use crate::inside::{Inside, RelayAnswer, value};
use crate::{Aws, faults};

/// Every answer of a node has it; none of a load balancer's own.
const VERSION: &str = "x-version-id";

/// One Region's Mattermost, for one invocation.
pub(crate) struct Mattermost<'a> {
    aws: &'a Aws,
    base: String,
    bearer: HeaderValue,
    /// Team and channel of the probes.
    probe_channel: &'a str,
    in_database: bool,
}

impl Aws {
    /// The address of Mattermost in `region`.
    pub(crate) fn mattermost_url(&self, region: &Region) -> Result<&str, Fault> {
        Ok(self.settings.served_at(&self.setup(region)?.mattermost_url).trim_end_matches('/'))
    }

    /// Mattermost in `region`, with the bot's token.
    pub(crate) async fn mattermost<'a>(&'a self, region: &Region) -> Result<Mattermost<'a>, Fault> {
        let setup = self.setup(region)?;
        Ok(Mattermost {
            aws: self,
            base: self.mattermost_url(region)?.to_owned(),
            bearer: self.bearer(&setup.mattermost_token).await?,
            probe_channel: &self.deployment.mattermost.probe_channel,
            in_database: self.deployment.mattermost.config_store == ConfigStore::Database,
        })
    }
}

impl Mattermost<'_> {
    /// What changes nothing.
    pub(crate) async fn read(&self, what: &Inside) -> RelayAnswer {
        match what {
            Inside::PostExists(tag) => value(self.post_exists(tag).await?),
            Inside::SearchFinds(tag) => value(self.search_finds(tag).await?),
            Inside::FileExists(tag) => value(self.file_exists(tag).await?),
            Inside::Jobs(kind) => value(self.jobs(kind).await?),
            Inside::OpenSockets => value(self.open_sockets().await?),
            Inside::SchemaVersion => value(self.schema_version().await?),
            Inside::Config => value(self.config().await?),
            other => Err(Fault::Refused(format!("no question for Mattermost: {other:?}"))),
        }
    }

    /// What changes something: each changing request is sent once.
    pub(crate) async fn change(&self, what: &Inside) -> RelayAnswer {
        match what {
            Inside::CreatePost(tag) => value(self.create_post(tag).await?),
            Inside::UploadFile(tag) => value(self.upload_file(tag).await?),
            Inside::CreateCanaryJob => value(self.create_canary_job().await?),
            Inside::Reindex { from, to } => value(self.reindex(*from, *to).await?),
            other => Err(Fault::Refused(format!("no change of Mattermost: {other:?}"))),
        }
    }

    /// One request, whatever its answer.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Silence> {
        let request = request(method, &format!("{}/api/v4{path}", self.base), body).map_err(Silence::Unfit)?;
        self.ask_with(request).await
    }

    async fn ask_with(&self, mut request: Request<Vec<u8>>) -> Result<Answer, Silence> {
        let limit = if request.method() == Method::GET { READ } else { CHANGE };
        request.headers_mut().insert(header::AUTHORIZATION, self.bearer.clone());
        send(self.aws.clients.http(), request, limit).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        done(self.ask(Method::GET, path, None).await?)?.json()
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Fault> {
        done(self.ask(Method::POST, path, Some(body)).await?)?.json()
    }
}

/// Whether no node answered: nobody listens, or only the load balancer does.
fn is_no_node(answer: &Result<Answer, Silence>) -> bool {
    match answer {
        Ok(answer) => matches!(answer.status, 502..=504) && answer.header(VERSION).is_none(),
        Err(silence) => *silence == Silence::Refused,
    }
}

/// The answer where it is a good one, else what it means.
pub(crate) fn done(answer: Answer) -> Result<Answer, Fault> {
    if answer.is_fine() { Ok(answer) } else { Err(fault(&answer)) }
}

/// Errors are `{"id", "message", "status_code"}`; a load balancer's have no JSON.
fn fault(answer: &Answer) -> Fault {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = field("id");
    let text = if id.is_empty() { answer.reason() } else { format!("{} {id}", answer.status) };
    match answer.status {
        401 | 403 => Fault::Denied(text),
        404 => Fault::NotFound(text),
        429 => Fault::Throttled,
        500.. => Fault::LookAgain(text),
        300..=399 => Fault::Unreadable(format!("{text}: the address leads elsewhere")),
        _ => Fault::Refused(faults::short(&format!("{text}: {}", field("message")))),
    }
}

#[cfg(test)]
mod tests;
