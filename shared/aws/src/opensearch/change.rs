//! Changes of the domain as a whole: the fence, rules, deletion.

use http::Method;
use mmdr_core::Fault;
use mmdr_core::ports::RuleName;
use serde_json::{Value, json};

use super::{OpenSearch, done, exact};
use crate::http::CHANGE;
use crate::inside::{Inside, RelayAnswer, value};

/// The roles under which the plugin reads at the leader and writes at the follower; without fine-grained access control they
/// are ignored. The caller must be mapped to them by name at the leader (run on two nodes): the master user is.
pub(super) fn roles() -> Value {
    json!({ "leader_cluster_role": "all_access", "follower_cluster_role": "all_access" })
}

impl OpenSearch<'_> {
    /// What changes something: each request is sent once.
    pub(crate) async fn change(&self, what: &Inside) -> RelayAnswer {
        match what {
            Inside::SetWriteBlock(on) => value(self.set_write_block(*on).await?),
            Inside::Stop(names) => value(self.stop(names, super::replication::STALL).await?),
            Inside::Pause(names) => value(self.pause(names).await?),
            Inside::Resume(names) => value(self.resume(names).await?),
            Inside::Start { alias, names } => value(self.start(alias, names).await?),
            Inside::Reopen(names) => value(self.reopen(names).await?),
            Inside::CreateRule(rule) => value(self.create_rule(rule).await?),
            Inside::DeleteRule(rule) => value(self.delete_rule(rule).await?),
            Inside::DeleteIndices(names) => value(self.delete_indices(names).await?),
            other => Err(Fault::Refused(format!("no change of search: {other:?}"))),
        }
    }

    /// One change that is not of one index.
    async fn change_one(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(), Fault> {
        done(self.ask(method, path, body, CHANGE).await?).map(|_| ())
    }

    /// Exact names here: what only looks like one of Mattermost's indices is not fenced.
    pub(super) async fn set_write_block(&self, on: bool) -> Result<(), Fault> {
        let prefix = self.prefix;
        let expand = "expand_wildcards=open,closed&allow_no_indices=true&ignore_unavailable=true";
        let path = format!("/{prefix}posts*,{prefix}channels,{prefix}users,{prefix}files/_settings?{expand}");
        self.change_one(Method::PUT, &path, Some(&json!({ "index.blocks.write": on }))).await
    }

    async fn create_rule(&self, rule: &RuleName) -> Result<(), Fault> {
        let body =
            json!({ "leader_alias": rule.alias, "name": rule.name, "pattern": rule.pattern, "use_roles": roles() });
        self.change_one(Method::POST, "/_plugins/_replication/_autofollow", Some(&body)).await
    }

    /// With the pattern in it the plugin refuses the request (run on two nodes).
    async fn delete_rule(&self, rule: &RuleName) -> Result<(), Fault> {
        let body = json!({ "leader_alias": rule.alias, "name": rule.name });
        self.change_one(Method::DELETE, "/_plugins/_replication/_autofollow", Some(&body)).await
    }

    /// One request for all: it fails as a whole where one of them is in a running snapshot. The domain is told to expand
    /// nothing, should a name mean more than it looks.
    pub(super) async fn delete_indices(&self, names: &[String]) -> Result<(), Fault> {
        let names = names.iter().map(|name| exact(name)).collect::<Result<Vec<_>, _>>()?;
        if names.is_empty() {
            // An empty list would mean every index.
            return Err(Fault::Refused("no index is named".into()));
        }
        let path = format!("/{}?ignore_unavailable=true&expand_wildcards=none", names.join(","));
        self.change_one(Method::DELETE, &path, None).await
    }
}
