//! What Mattermost says to its own machine: whether it serves, its version, and how many sockets are open.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use reqwest::{Client, Url};
use tokio::process::Command;
use tokio::time::timeout;

use super::process;
use super::settings::Settings;
use crate::aws::Failure;

/// Where the application listens, unless MMDR_ADDRESS says another place.
const ADDRESS: &str = "http://127.0.0.1:8065";
/// Where it publishes metrics, with a licence for that, unless MMDR_METRICS says another place.
const METRICS: &str = "http://127.0.0.1:8067/metrics";
/// Open sockets, one line for each kind of client.
const SOCKETS: &str = "mattermost_http_websockets_total";
/// `<version>.<build>.<configuration>.<licensed>`, on every answer.
const VERSION: &str = "x-version-id";
/// Where it is installed, unless MMDR_BINARY says another place.
const BINARY: &str = "/opt/mattermost/bin/mattermost";
/// Longest wait for the own machine.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is asked.
pub(crate) struct Mattermost {
    client: Client,
    address: Url,
    metrics: Url,
    binary: PathBuf,
    /// The version of the binary that was changed last at this time.
    installed: RefCell<Option<(SystemTime, String)>>,
}

/// What it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Whether it answers.
    pub(crate) serves: bool,
    /// Its version: the process's, or where none answers that of the binary which would be started. A standby whose nodes
    /// are stopped must have the writer's.
    pub(crate) version: String,
    /// Open sockets; without metrics every connection counts.
    pub(crate) sockets: u32,
}

impl Mattermost {
    /// The application that this node was told of.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Failure> {
        let url = |name: &str, standard: &str| {
            let text = settings.get(name).unwrap_or_else(|| standard.to_owned());
            let expected = "an address that begins with http:// or https://";
            let wrong = |why: &str| Failure::BadInput(format!("{name}: expected {expected}, found {text:?}{why}"));
            // Without them `localhost:8065` would be an address too, of the scheme `localhost`.
            if !["http://", "https://"].iter().any(|begin| text.starts_with(begin)) {
                return Err(wrong(""));
            }
            Url::parse(&text).map_err(|error| wrong(&format!(" ({error})")))
        };
        let builder = Client::builder().timeout(PATIENCE).no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = builder.build().map_err(|error| Failure::Failed(format!("no HTTP client: {error}")))?;
        Ok(Self {
            client,
            address: url("MMDR_ADDRESS", ADDRESS)?,
            metrics: url("MMDR_METRICS", METRICS)?,
            binary: settings.get("MMDR_BINARY").unwrap_or_else(|| BINARY.into()).into(),
            installed: RefCell::default(),
        })
    }

    /// Asks it.
    pub(crate) async fn said(&self) -> Said {
        let ping = self.address.join("/api/v4/system/ping").unwrap_or_else(|_| self.address.clone());
        let Ok(answer) = self.client.get(ping).send().await else {
            return Said { version: self.installed().await.unwrap_or_default(), ..Said::default() };
        };
        let version = answer.headers().get(VERSION).and_then(|value| value.to_str().ok()).map(version);
        let sockets = match self.counted().await {
            Some(sockets) => sockets,
            None => process::connections(self.address.port_or_known_default().unwrap_or(8065)),
        };
        Said { serves: answer.status().is_success(), version: version.unwrap_or_default(), sockets }
    }

    /// The binary is asked once, and again when it was changed.
    async fn installed(&self) -> Option<String> {
        let changed = fs::metadata(&self.binary).and_then(|found| found.modified()).ok()?;
        let known = self.installed.borrow().clone();
        if let Some((_, version)) = known.filter(|(at, _)| *at == changed) {
            return Some(version);
        }
        let asked = Command::new(&self.binary).arg("version").kill_on_drop(true).output();
        let output = timeout(PATIENCE, asked).await.ok()?.ok()?;
        let version = printed(&String::from_utf8_lossy(&output.stdout))?;
        self.installed.replace(Some((changed, version.clone())));
        Some(version)
    }

    /// Without a licence for metrics nobody listens there.
    async fn counted(&self) -> Option<u32> {
        let answer = self.client.get(self.metrics.clone()).send().await.ok()?;
        sockets(&answer.text().await.ok()?)
    }
}

fn sockets(page: &str) -> Option<u32> {
    let values = page.lines().filter(|line| line.starts_with(SOCKETS));
    let values: Vec<f64> = values.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect();
    if values.is_empty() { None } else { Some(values.iter().sum::<f64>() as u32) }
}

/// `mattermost version` prints a line `Version: 11.6.0`, among others.
fn printed(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.trim().strip_prefix("Version:")).map(|version| version.trim().to_owned())
}

/// `11.6.0` of `11.6.0.build.hash.licensed`.
fn version(id: &str) -> String {
    id.splitn(4, '.').take(3).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_of_every_kind_of_client_are_added() {
        let page = "# TYPE mattermost_http_websockets_total gauge\n\
            mattermost_http_websockets_total{origin_client=\"web\"} 12\n\
            mattermost_http_websockets_total{origin_client=\"mobile\"} 3\n\
            mattermost_http_requests_total 9\n";
        assert_eq!(sockets(page), Some(15));
        assert_eq!(sockets("nothing of that"), None);
    }

    #[test]
    fn a_version_is_the_first_three_numbers_of_what_every_answer_carries() {
        assert_eq!(printed("Version: 11.6.0\nBuild Number: 11.6.0\n").as_deref(), Some("11.6.0"));
        assert_eq!(version("11.6.0.11.6.0.d41d8cd98f.true"), "11.6.0");
    }
}
