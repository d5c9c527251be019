//! The REST API of an OpenSearch domain, version 2.x with the replication plugin 2.19.
//!
//! No call of the plugin is idempotent, and 500 and 504 may have succeeded: a request is sent once, and what it says is named
//! by status, type and text together, as the plugin of OpenSearch 2.19 was seen to answer.

mod change;
mod documents;
mod each;
mod indices;
mod replication;
mod sign;

use std::time::Duration;

use http::Method;
use mmdr_core::ports::{ProbeAnswer, RecoveryKind, RecoveryPoint, RuleName};
use mmdr_core::{Fault, Region};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::{Answer, READ, Silence, request, send};
use crate::inside::{Inside, RelayAnswer, value};
use crate::{Aws, backups, faults};

pub(crate) use documents::Page;
use each::{each, whole};
use sign::Identity;

/// At most so many questions at once.
const WIDTH: usize = 8;
/// A sequence number that no document has: a write under this condition writes nothing (run on two nodes).
const NEVER: &str = "if_seq_no=9007199254740991&if_primary_term=1";

/// One domain, for one invocation.
pub(crate) struct OpenSearch<'a> {
    aws: &'a Aws,
    region: &'a Region,
    base: String,
    prefix: &'a str,
    repository: &'a str,
    identity: Identity,
}

/// A domain's health as it says it of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Health {
    pub(crate) health: String,
    pub(crate) snapshot_running: bool,
}

impl Aws {
    /// The domain of `region`, with the credentials that the document names.
    pub(crate) async fn opensearch<'a>(&'a self, region: &'a Region) -> Result<OpenSearch<'a>, Fault> {
        let setup = self.setup(region)?;
        let base = self.settings.served_at(&setup.search_endpoint).trim_end_matches('/').to_owned();
        Ok(OpenSearch {
            aws: self,
            region,
            base,
            prefix: &self.deployment.search.index_prefix,
            repository: &setup.backups.search_repository,
            identity: Identity::of(self, setup).await?,
        })
    }
}

impl OpenSearch<'_> {
    /// What changes nothing.
    pub(crate) async fn read(&self, what: &Inside) -> RelayAnswer {
        match what {
            Inside::Indices => value(self.indices().await?),
            Inside::Domain => value(self.health().await?),
            Inside::Probe(names) => value(self.probe(names).await?),
            Inside::Rules => value(self.rules().await?),
            Inside::Shards(index) => value(self.shards_of(index).await?),
            Inside::Documents(stretch) => value(self.documents(stretch).await?),
            Inside::Ids(stretch) => value(self.ids(stretch).await?),
            Inside::SearchSnapshots => value(self.snapshots().await?),
            other => Err(Fault::Refused(format!("no question for search: {other:?}"))),
        }
    }

    /// One request, whatever its answer.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, limit: Duration) -> Result<Answer, Silence> {
        let request = request(method, &format!("{}{path}", self.base), body).map_err(Silence::Unfit)?;
        let request = self.identity.apply(request, self.region, self.aws.clients.wall_clock());
        send(self.aws.clients.http(), request.map_err(Silence::Unfit)?, limit).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        done(self.ask(Method::GET, path, None, READ).await?)?.json()
    }

    async fn health(&self) -> Result<Health, Fault> {
        #[derive(Deserialize)]
        struct Cluster {
            status: String,
        }
        #[derive(Deserialize)]
        struct Running {
            snapshots: Vec<Value>,
        }
        let cluster: Cluster = self.get("/_cluster/health").await?;
        // Without a name it lists what runs now, in every repository.
        let running: Running = self.get("/_snapshot/_status").await?;
        Ok(Health { health: cluster.status, snapshot_running: !running.snapshots.is_empty() })
    }

    /// A write to an index that does not exist would create it, whatever its condition: only what is there is probed.
    async fn probe(&self, names: &[String]) -> Result<Vec<(String, ProbeAnswer)>, Fault> {
        let there = self.rows().await?;
        let missing = |name: &str| there.iter().all(|row| row.index != name);
        let answers = each(WIDTH, names, async |name| {
            exact(name).map_err(Silence::Unfit)?;
            if missing(name) {
                return Ok(Ok(ProbeAnswer::Missing));
            }
            let path = format!("/{name}/_doc/dr-probe?{NEVER}");
            let answer = self.ask(Method::PUT, &path, Some(&json!({})), READ).await?;
            Ok(probe_answer(&answer))
        });
        whole(names, answers.await)
    }

    async fn rules(&self) -> Result<Vec<RuleName>, Fault> {
        #[derive(Deserialize)]
        struct Stats {
            #[serde(default)]
            autofollow_stats: Vec<Rule>,
        }
        #[derive(Deserialize)]
        struct Rule {
            name: String,
            pattern: String,
            /// Only from plugin 3.8 on.
            #[serde(default)]
            leader_alias: String,
        }
        let stats: Stats = self.get("/_plugins/_replication/autofollow_stats").await?;
        let rule = |it: Rule| RuleName { alias: it.leader_alias, name: it.name, pattern: it.pattern };
        Ok(stats.autofollow_stats.into_iter().map(rule).collect())
    }

    /// Whole snapshots of the document's repository.
    async fn snapshots(&self) -> Result<Vec<RecoveryPoint>, Fault> {
        #[derive(Deserialize)]
        struct Row {
            id: String,
            status: String,
            end_epoch: Option<String>,
        }
        let rows: Vec<Row> =
            self.get(&format!("/_cat/snapshots/{}?format=json&h=id,status,end_epoch", self.repository)).await?;
        let point = |row: Row| {
            let ended = row.end_epoch?.parse().ok().filter(|_| row.status == "SUCCESS")?;
            let (kind, completed_at) = (RecoveryKind::Search, backups::at_second(ended));
            Some(RecoveryPoint { kind, id: row.id, completed_at, off_site: false })
        };
        Ok(rows.into_iter().filter_map(point).collect())
    }
}

/// What the conditional write says of an index. 403 is also said by a domain that does not know the caller.
fn probe_answer(answer: &Answer) -> Result<ProbeAnswer, Fault> {
    let said = Said::of(answer);
    match (said.status, said.kind.as_str()) {
        (409, _) => Ok(ProbeAnswer::Writable),
        (403, "cluster_block_exception") => Ok(ProbeAnswer::Blocked),
        (400, "index_closed_exception") => Ok(ProbeAnswer::Closed),
        (404, "index_not_found_exception") => Ok(ProbeAnswer::Missing),
        (500, kind) if kind.ends_with("_exception") => Ok(ProbeAnswer::Broken),
        (200..300, _) => Err(Fault::Unreadable("a write that no condition can hold for was taken".into())),
        _ => Err(said.fault()),
    }
}

/// What an error says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) reason: String,
}

impl Said {
    /// Errors of OpenSearch are `{"error": {"type", "reason"}}`, those of the front end before it `{"Message"}` or no JSON.
    pub(crate) fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, mut reason) = (text("/error/type"), text("/error/reason"));
        for pointer in ["/error", "/Message", "/message"] {
            if reason.is_empty() {
                reason = text(pointer);
            }
        }
        let kind = if kind.is_empty() && reason.is_empty() { answer.reason() } else { kind };
        Self { status: answer.status, kind, reason }
    }

    /// Whether it says so in these words.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.reason.contains(words)
    }

    /// What it means to us.
    pub(crate) fn fault(&self) -> Fault {
        let text = || faults::short(&format!("{}: {}", self.kind, self.reason));
        match self.kind.as_str() {
            // Both pass by themselves: a snapshot ends, an index that is being stopped opens again.
            "snapshot_in_progress_exception" | "index_closed_exception" => Fault::LookAgain(text()),
            "validation_exception" if self.says("are not active") => Fault::LookAgain(text()),
            _ if self.status == 500 && self.says("Autofollow replication rule") && self.says("does not exist") => {
                Fault::NotFound(faults::short(&self.reason))
            }
            _ => faults::of_code(self.status, &self.kind, &self.reason),
        }
    }
}

/// The answer where it is a good one, else what it means.
fn done(answer: Answer) -> Result<Answer, Fault> {
    if answer.is_fine() { Ok(answer) } else { Err(Said::of(&answer).fault()) }
}

/// A name that can only mean one index: it becomes part of a path.
fn exact(name: &str) -> Result<&str, Fault> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-+.".contains(&byte);
    let is_exact = !name.is_empty() && name.bytes().all(plain) && !name.starts_with(['_', '-', '+', '.']);
    if is_exact { Ok(name) } else { Err(Fault::Refused(format!("{name:?} is not the exact name of one index"))) }
}

#[cfg(test)]
mod tests;
