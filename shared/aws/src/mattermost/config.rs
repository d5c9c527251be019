//! Mattermost's configuration as a running node says it: effective values, and which of them the environment sets.
//!
//! Nothing is ever patched here, so that a configuration is read-only is concluded: with the file store, where clustering and
//! `ReadOnlyConfig` are both on (Mattermost source, `config/file.go`). What the file says is not shown where the environment
//! says otherwise; then the effective value counts.

use http::Method;
use mmdr_core::Fault;
use mmdr_core::ports::ConfigSeen;
use serde_json::Value;

use super::{Mattermost, done, is_no_node};

/// Keys that differ between the Regions, as section and field. With one configuration for
/// both Regions each of them must come from the environment.
const REGIONAL: [(&str, &str); 11] = [
    ("ClusterSettings", "ClusterName"),
    ("SqlSettings", "DataSource"),
    ("SqlSettings", "DataSourceReplicas"),
    ("SqlSettings", "DataSourceSearchReplicas"),
    ("SqlSettings", "ReplicaLagSettings"),
    ("FileSettings", "AmazonS3Bucket"),
    ("FileSettings", "AmazonS3Region"),
    ("ElasticsearchSettings", "ConnectionURL"),
    ("ElasticsearchSettings", "Username"),
    ("ElasticsearchSettings", "Password"),
    ("CacheSettings", "RedisAddress"),
];

impl Mattermost<'_> {
    /// None where no node answers.
    pub(super) async fn config(&self) -> Result<Option<ConfigSeen>, Fault> {
        let answer = self.ask(Method::GET, "/config", None).await;
        if is_no_node(&answer) {
            return Ok(None);
        }
        let config: Value = done(answer?)?.json()?;
        let environment: Value = self.get("/config/environment").await?;
        config_seen(&config, &environment, self.in_database).map(Some)
    }
}

pub(super) fn config_seen(config: &Value, environment: &Value, in_database: bool) -> Result<ConfigSeen, Fault> {
    let found = |section: &str, field: &str| config.get(section).and_then(|it| it.get(field));
    let flag = |section: &str, field: &str| {
        let missing = || Fault::Unreadable(format!("a configuration without {section}.{field}: may the bot read it?"));
        found(section, field).and_then(Value::as_bool).ok_or_else(missing)
    };
    // `null` where nothing is overridden; a value that cannot be parsed is shown as set and is not (run).
    let is_set =
        |section: &str, field: &str| environment.get(section).and_then(|it| it.get(field)) == Some(&Value::Bool(true));
    let on = |section: &str, field: &str| found(section, field) == Some(&Value::Bool(true));
    let clustered = on("ClusterSettings", "Enable") && on("ClusterSettings", "ReadOnlyConfig");
    let in_use = |section: &str| match section {
        "FileSettings" => found(section, "DriverName").and_then(Value::as_str) == Some("amazons3"),
        "ElasticsearchSettings" => on(section, "EnableIndexing") || on(section, "EnableSearching"),
        _ => true,
    };
    let overridden = is_set("JobSettings", "RunJobs") && is_set("JobSettings", "RunScheduler");
    let regional =
        REGIONAL.iter().filter(|(section, field)| in_use(section) && found(section, field).is_some_and(says));
    let flags = [("JobSettings", "RunJobs"), ("JobSettings", "RunScheduler")];
    let keys = regional.copied().chain(flags).filter(|(section, field)| !is_set(section, field));
    Ok(ConfigSeen {
        run_jobs: flag("JobSettings", "RunJobs")?,
        run_scheduler: flag("JobSettings", "RunScheduler")?,
        overridden_by_environment: overridden,
        // A configuration in the database can be written whatever ReadOnlyConfig says.
        read_only: clustered && !in_database,
        in_database,
        cluster_name: found("ClusterSettings", "ClusterName").and_then(Value::as_str).unwrap_or_default().into(),
        not_from_environment: keys.map(|(section, field)| format!("{section}.{field}")).collect(),
    })
}

/// Whether a value says anything; a masked one does.
fn says(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    }
}
