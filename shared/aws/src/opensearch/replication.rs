//! `_stop`, `_pause`, `_resume`, `_start`, and `_close` with `_open`: each index by a request of its own.
//!
//! The plugin takes neither lists nor patterns. What it answers a repeated call with ("No replication in progress", "already
//! paused", "already running") counts as done: the next look tells.

use std::time::Duration;

use http::Method;
use mmdr_core::Fault;
use serde_json::{Value, json};

use super::change::roles;
use super::each::{each, settled};
use super::{OpenSearch, Said, exact};
use crate::http::{Answer, CHANGE, Silence};

/// So long a `_stop` is waited for: with a leader that answers or refuses it takes less than a second, with one that
/// swallows packets it never ends (run on two nodes).
pub(super) const STALL: Duration = Duration::from_secs(15);
/// Changes at once. The domain publishes them one after the other in any case: more only wait longer (measured).
const WIDTH: usize = 4;

impl OpenSearch<'_> {
    /// One change of one index.
    async fn change_index(&self, method: Method, path: &str, body: &Value) -> Result<Result<(), Said>, Silence> {
        Ok(told(&self.ask(method, path, Some(body), CHANGE).await?))
    }

    async fn replicate(&self, name: &str, what: &str, limit: Duration) -> Result<Result<(), Said>, Silence> {
        let path = format!("/_plugins/_replication/{}/{what}", exact(name).map_err(Silence::Unfit)?);
        Ok(told(&self.ask(Method::POST, &path, Some(&json!({})), limit).await?))
    }

    /// Gives the names whose stop did not come back; a refusal is told where none stalled.
    pub(super) async fn stop(&self, names: &[String], stall: Duration) -> Result<Vec<String>, Fault> {
        let answers = each(WIDTH, names, async |name| {
            let stopped = self.replicate(name, "_stop", stall).await?;
            // Without any metadata the plugin has cleaned up already (plugin source).
            Ok(unless(stopped, |said| not_following(said) || said.status == 404 && said.says("Metadata for")))
        });
        let (mut stalled, mut refused) = (Vec::new(), Ok(()));
        for (name, result) in answers.await {
            match result {
                Ok(done) => refused = refused.and(done),
                Err(Silence::Lost) => stalled.push(name),
                Err(silence) => refused = refused.and(Err(silence.into())),
            }
        }
        if stalled.is_empty() { refused.map(|()| stalled) } else { Ok(stalled) }
    }

    pub(super) async fn pause(&self, names: &[String]) -> Result<(), Fault> {
        let answers = each(WIDTH, names, async |name| {
            let paused = self.replicate(name, "_pause", CHANGE).await?;
            Ok(unless(paused, |said| not_following(said) || said.status == 400 && said.says("already paused")))
        });
        settled(answers.await)
    }

    pub(super) async fn resume(&self, names: &[String]) -> Result<(), Fault> {
        let answers = each(WIDTH, names, async |name| {
            let resumed = self.replicate(name, "_resume", CHANGE).await?;
            Ok(unless(resumed, |said| not_following(said) || said.status == 400 && said.says("already running")))
        });
        settled(answers.await)
    }

    pub(super) async fn start(&self, alias: &str, names: &[String]) -> Result<(), Fault> {
        let answers = each(WIDTH, names, async |name| {
            let path = format!("/_plugins/_replication/{}/_start", exact(name).map_err(Silence::Unfit)?);
            let body = json!({ "leader_alias": alias, "leader_index": name, "use_roles": roles() });
            match self.change_index(Method::PUT, &path, &body).await? {
                Ok(()) => Ok(Ok(())),
                Err(said) if said.says("Cant use same index again") => Ok(self.follows_already(name, &said).await),
                Err(said) => Ok(Err(said.fault())),
            }
        });
        settled(answers.await)
    }

    /// The same words for an index that follows, as after a rule's own start, and for one that is in the way.
    async fn follows_already(&self, name: &str, said: &Said) -> Result<(), Fault> {
        let follows = self.follower_setting(name).await?;
        if follows.is_some() { Ok(()) } else { Err(said.fault()) }
    }

    /// An index that is not there needs no mending.
    pub(super) async fn reopen(&self, names: &[String]) -> Result<(), Fault> {
        let answers = each(WIDTH, names, async |name| {
            let name = exact(name).map_err(Silence::Unfit)?;
            for what in ["_close", "_open"] {
                let done = self.change_index(Method::POST, &format!("/{name}/{what}"), &json!({})).await?;
                if let Err(said) = done {
                    return Ok(if said.status == 404 { Ok(()) } else { Err(said.fault()) });
                }
            }
            Ok(Ok(()))
        });
        settled(answers.await)
    }
}

fn told(answer: &Answer) -> Result<(), Said> {
    if answer.is_fine() { Ok(()) } else { Err(Said::of(answer)) }
}

/// Done, also where what was said means that there was nothing to do.
fn unless(result: Result<(), Said>, is_done: impl Fn(&Said) -> bool) -> Result<(), Fault> {
    match result {
        Err(said) if !is_done(&said) => Err(said.fault()),
        _ => Ok(()),
    }
}

fn not_following(said: &Said) -> bool {
    said.status == 400 && said.says("No replication in progress")
}
