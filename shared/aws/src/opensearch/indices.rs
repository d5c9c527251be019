//! Every Mattermost index of a domain, as several answers tell it together.
//!
//! The numbers are read before the settings: what the settings still call a follower was one when its numbers were read, so
//! that nobody saves for a follower what an index had after its promotion.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::Method;
use mmdr_core::Fault;
use mmdr_core::ports::{IndexSeen, ReplicationStatus, ShardSeen};
use serde::Deserialize;
use serde_json::Value;

use super::each::each;
use super::{OpenSearch, WIDTH, done, exact};
use crate::http::{READ, Silence};

/// The sign of a follower. A completed `_stop` leaves the key with a null for ever (run on two nodes).
const FOLLOWER: &str = "index.plugins.replication.follower.leader_index";
/// The plugin's block.
const BLOCK: &str = "1000";
/// `_status` asks the leader; one that is frozen never answers (run on two nodes).
const STATUS: Duration = Duration::from_secs(2);
/// Columns of `_cat/shards`.
const COLUMNS: &str = "index,shard,prirep,state,seq_no.max,seq_no.local_checkpoint,seq_no.global_checkpoint";

/// A row of `_cat/indices`.
#[derive(Debug, Deserialize)]
pub(super) struct IndexRow {
    pub(super) index: String,
    status: String,
    #[serde(rename = "docs.count")]
    documents: Option<String>,
}

/// A row of `_cat/shards`.
#[derive(Debug, Deserialize)]
struct ShardRow {
    index: String,
    shard: String,
    prirep: String,
    state: String,
    #[serde(rename = "seq_no.max")]
    max_seq_no: Option<String>,
    #[serde(rename = "seq_no.local_checkpoint")]
    local_checkpoint: Option<String>,
    #[serde(rename = "seq_no.global_checkpoint")]
    global_checkpoint: Option<String>,
}

/// Settings of one index, flat.
#[derive(Debug, Default, Deserialize)]
struct Settings {
    #[serde(default)]
    settings: BTreeMap<String, Value>,
}

/// What the cluster state tells.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether it could be read.
    pub(super) known: bool,
    pub(super) blocked: BTreeSet<String>,
    pub(super) overall: BTreeMap<String, String>,
}

impl OpenSearch<'_> {
    pub(super) async fn indices(&self) -> Result<Vec<IndexSeen>, Fault> {
        let patterns = self.patterns();
        // Only the count of documents rests on it, and a user who may not refresh can see everything else.
        let _ = self.ask(Method::GET, &format!("/{patterns}/_refresh"), None, READ).await;
        let rows = self.rows().await?;
        let shards: Vec<ShardRow> = self.get(&format!("/_cat/shards/{patterns}?format=json&h={COLUMNS}")).await?;
        let state = self.state().await?;
        let settings = format!("/{patterns}/_settings?flat_settings=true&expand_wildcards=open,closed");
        let settings: BTreeMap<String, Settings> = self.get(&settings).await?;
        let mut seen = put_together(self.prefix, &rows, &shards, &settings, &state);
        self.statuses(&mut seen).await;
        Ok(seen)
    }

    /// Patterns that cover every Mattermost index. Each has a wildcard: a plain name that is missing or closed would make an
    /// error of the whole request.
    fn patterns(&self) -> String {
        ["posts*", "channels*", "users*", "files*"].map(|base| format!("{}{base}", self.prefix)).join(",")
    }

    pub(super) async fn rows(&self) -> Result<Vec<IndexRow>, Fault> {
        self.get(&format!("/_cat/indices/{}?format=json&h=index,status,docs.count", self.patterns())).await
    }

    /// Blocks, and what the plugin keeps in the cluster state. Where the domain does not let it be read nothing is known of
    /// either: absence proves nothing in any case.
    async fn state(&self) -> Result<State, Fault> {
        let path = "/_cluster/state/blocks,metadata?filter_path=blocks.indices,metadata.replication_metadata";
        match self.get::<Value>(path).await {
            Ok(body) => Ok(state(&body)),
            Err(Fault::Denied(_) | Fault::Refused(_) | Fault::NotFound(_)) => Ok(State::default()),
            Err(fault) => Err(fault),
        }
    }

    /// Asks `_status` of the followers. One that does not answer ends the asking, and nothing is known of the rest.
    async fn statuses(&self, seen: &mut [IndexSeen]) {
        let followers: Vec<String> =
            seen.iter().filter(|it| it.follower_of.is_some()).map(|it| it.name.clone()).collect();
        let answers = each(WIDTH, &followers, async |name| {
            let path = format!("/_plugins/_replication/{}/_status", exact(name).map_err(Silence::Unfit)?);
            let answer = self.ask(Method::GET, &path, None, STATUS).await?;
            let said: Option<Value> = done(answer).and_then(|answer| answer.json()).ok();
            Ok(said.and_then(|said| said.get("status")?.as_str().map(status)))
        });
        for (name, result) in answers.await {
            if let (Ok(Some(status)), Some(index)) = (result, seen.iter_mut().find(|it| it.name == name)) {
                index.replication = status;
            }
        }
    }

    /// The primaries of one index; refreshed, so that a search finds what they count.
    pub(super) async fn shards_of(&self, index: &str) -> Result<Vec<ShardSeen>, Fault> {
        let index = exact(index)?;
        let (path, body) = (format!("/{index}/_refresh"), serde_json::json!({}));
        done(self.ask(Method::POST, &path, Some(&body), READ).await?)?;
        let rows: Vec<ShardRow> = self.get(&format!("/_cat/shards/{index}?format=json&h={COLUMNS}")).await?;
        Ok(rows.iter().filter_map(primary).collect())
    }

    /// The follower setting of one index.
    pub(super) async fn follower_setting(&self, index: &str) -> Result<Option<String>, Fault> {
        let path = format!("/{}/_settings?flat_settings=true", exact(index)?);
        let settings: BTreeMap<String, Settings> = self.get(&path).await?;
        Ok(settings.get(index).and_then(follower_of))
    }
}

/// What `_status`, or the cluster state, calls it. Raw `RUNNING` is said by one that has just begun to be copied.
fn status(text: &str) -> ReplicationStatus {
    match text {
        "REPLICATION NOT IN PROGRESS" => ReplicationStatus::NotInProgress,
        "BOOTSTRAPPING" | "RESTORING" | "RUNNING" => ReplicationStatus::Bootstrapping,
        "SYNCING" => ReplicationStatus::Syncing,
        "PAUSED" => ReplicationStatus::Paused,
        "FAILED" => ReplicationStatus::Failed,
        _ => ReplicationStatus::Unknown,
    }
}

pub(super) fn state(body: &Value) -> State {
    let fields = |pointer: &str| body.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    let blocked = fields("/blocks/indices").filter(|(_, blocks)| blocks.get(BLOCK).is_some());
    let overall = fields("/metadata/replication_metadata/replication_details").filter_map(|(index, details)| {
        Some((index.clone(), details.get("REPLICATION_LAST_KNOWN_OVERALL_STATE")?.as_str()?.to_owned()))
    });
    State { known: true, blocked: blocked.map(|(index, _)| index.clone()).collect(), overall: overall.collect() }
}

fn put_together(
    prefix: &str,
    rows: &[IndexRow],
    shards: &[ShardRow],
    settings: &BTreeMap<String, Settings>,
    state: &State,
) -> Vec<IndexSeen> {
    let seen = |(name, settings): (&String, &Settings)| {
        // One that only one of the answers knows came or went in between.
        let row = rows.iter().find(|row| row.index == *name)?;
        let open = row.status == "open";
        Some(IndexSeen {
            name: name.clone(),
            open,
            follower_of: follower_of(settings),
            replication_block: state.blocked.contains(name),
            write_block: text(settings, "index.blocks.write").as_deref() == Some("true"),
            replication: before_asking(state, name, follower_of(settings).is_some()),
            shards: primaries(name, open, settings, shards),
            documents: number(row.documents.as_deref()).and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
        })
    };
    settings.iter().filter(|(name, _)| is_ours(prefix, name)).filter_map(seen).collect()
}

/// What rules of Mattermost's indices follow: anything that begins like posts, and the three that stand.
fn is_ours(prefix: &str, name: &str) -> bool {
    let base = name.strip_prefix(prefix);
    base.is_some_and(|base| base.starts_with("posts") || ["channels", "users", "files"].contains(&base))
}

/// What the cluster state says, which needs no leader. A follower's RUNNING is no status yet; without the setting it means
/// that a `_stop` has not come to its end.
pub(super) fn before_asking(state: &State, name: &str, follows: bool) -> ReplicationStatus {
    match state.overall.get(name).map(String::as_str) {
        Some("RUNNING") if !follows => ReplicationStatus::Syncing,
        Some(known @ ("PAUSED" | "FAILED")) => status(known),
        None if state.known && !follows => ReplicationStatus::NotInProgress,
        _ => ReplicationStatus::Unknown,
    }
}

/// The setting where it is a string that says something.
fn follower_of(settings: &Settings) -> Option<String> {
    settings.settings.get(FOLLOWER)?.as_str().filter(|leader| !leader.trim().is_empty()).map(str::to_owned)
}

/// A setting as text, whether the domain gives it as text or not.
fn text(settings: &Settings, name: &str) -> Option<String> {
    match settings.settings.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn number(text: Option<&str>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// The primaries of an index, as many as its settings say: one that is not listed, or of a closed index, is not started.
fn primaries(name: &str, open: bool, settings: &Settings, rows: &[ShardRow]) -> Vec<ShardSeen> {
    let listed: Vec<ShardSeen> = rows.iter().filter(|row| row.index == name).filter_map(primary).collect();
    let wanted =
        number(text(settings, "index.number_of_shards").as_deref()).and_then(|count| u32::try_from(count).ok());
    let highest = listed.iter().map(|shard| shard.shard + 1).max().unwrap_or(0);
    let shard = |number: u32| {
        let found = listed.iter().find(|shard| shard.shard == number && open).copied();
        let (max_seq_no, local_checkpoint, global_checkpoint) = (-1, -1, -1);
        found.unwrap_or(ShardSeen { shard: number, started: false, max_seq_no, local_checkpoint, global_checkpoint })
    };
    (0..wanted.unwrap_or(0).max(highest)).map(shard).collect()
}

/// A primary; one that moves to another node still serves. Without its numbers nobody can rely on it.
fn primary(row: &ShardRow) -> Option<ShardSeen> {
    let number_of = |text: &Option<String>| number(text.as_deref());
    let shard = row.shard.parse().ok().filter(|_| row.prirep == "p")?;
    let numbers = (number_of(&row.max_seq_no), number_of(&row.local_checkpoint), number_of(&row.global_checkpoint));
    let (started, max_seq_no, local_checkpoint, global_checkpoint) = match numbers {
        (Some(max), Some(local), Some(global)) => {
            (matches!(row.state.as_str(), "STARTED" | "RELOCATING"), max, local, global)
        }
        _ => (false, -1, -1, -1),
    };
    Some(ShardSeen { shard, started, max_seq_no, local_checkpoint, global_checkpoint })
}
