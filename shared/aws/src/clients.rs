//! The SDK's clients: one per service, Region and manner, made when first used.

use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use mmdr_core::Region;

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manner {
    /// A read in the own Region: three attempts.
    Read,
    /// A read in another Region: two attempts, and soon given up; that nobody answers is worth knowing.
    Across,
    /// A change: one attempt, whatever becomes of it.
    Change,
    /// A read through the other Region's relay, which may take many requests there.
    RelayedRead,
    /// A change through the other Region's relay: one attempt.
    RelayedChange,
}

impl Manner {
    const fn attempts(self) -> u32 {
        match self {
            Self::Read => 3,
            Self::Across | Self::RelayedRead => 2,
            Self::Change | Self::RelayedChange => 1,
        }
    }

    /// Longest attempt and longest operation.
    const fn limits(self) -> (Duration, Duration) {
        match self {
            Self::Read => (Duration::from_secs(5), Duration::from_secs(11)),
            Self::Across => (Duration::from_secs(3), Duration::from_secs(5)),
            Self::Change => (Duration::from_secs(15), Duration::from_secs(16)),
            Self::RelayedRead => (Duration::from_secs(11), Duration::from_secs(12)),
            Self::RelayedChange => (Duration::from_secs(22), Duration::from_secs(23)),
        }
    }
}

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Longest that an idle connection is used again: a function that has slept does not know that its peer has gone.
const IDLE: Duration = Duration::from_secs(10);

/// Plain HTTPS: no proxy of the surroundings, and where an answer leads elsewhere it is not followed.
fn plain() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().connect_timeout(CONNECT).timeout(Manner::Read.limits().1);
    builder.user_agent("mattermost-dr").no_proxy().redirect(reqwest::redirect::Policy::none())
}

/// Clients by type, Region and manner.
type Made = BTreeMap<(&'static str, String, Manner), Box<dyn Any + Send>>;

/// Every client of one process.
#[derive(Debug)]
pub struct Clients {
    base: SdkConfig,
    /// How many times shorter every time-out for another Region is.
    haste: u32,
    http: reqwest::Client,
    http_once: reqwest::Client,
    made: Mutex<Made>,
}

impl Clients {
    /// Credentials and endpoints as the environment has them; Region, retries and time-outs are set per client.
    ///
    /// `haste` is 1, but in a rehearsal whose clock runs faster: time-outs for another Region are so many times shorter, or
    /// waiting for a dark one would take as long as an outage.
    pub async fn from_environment(haste: u32) -> Self {
        Self { haste: haste.max(1), ..Self::over(aws_config::defaults(BehaviorVersion::latest()).load().await) }
    }

    /// Over a configuration that a test has made.
    pub fn over(base: SdkConfig) -> Self {
        // Building fails only where no TLS back end is compiled in; then the default client says so at its first use.
        let http = plain().pool_idle_timeout(IDLE).build().unwrap_or_default();
        let http_once = plain().pool_max_idle_per_host(0).build().unwrap_or_default();
        Self { base, haste: 1, http, http_once, made: Mutex::default() }
    }

    /// The client of one service in `region`.
    pub(crate) fn get<C: Clone + Send + 'static>(
        &self,
        region: &Region,
        manner: Manner,
        make: impl FnOnce(&SdkConfig) -> C,
    ) -> C {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (type_name::<C>(), region.as_str().to_owned(), manner);
        if let Some(known) = made.get(&key).and_then(|client| client.downcast_ref::<C>()) {
            return known.clone();
        }
        let client = make(&self.config(region, manner));
        made.insert(key, Box::new(client.clone()));
        client
    }

    /// How many times shorter time-outs for another Region are.
    pub(crate) fn haste(&self) -> u32 {
        self.haste
    }

    /// The client for plain HTTPS.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The client for plain HTTPS that looks a name up anew for each request: a connection that is kept leads to where the
    /// name led before.
    pub(crate) fn http_once(&self) -> &reqwest::Client {
        &self.http_once
    }

    /// The time of the machine, for what services stamp with theirs; everything else is told the time.
    #[expect(clippy::disallowed_methods, reason = "it is compared with a time that a service gives")]
    pub(crate) fn wall_clock(&self) -> std::time::SystemTime {
        std::time::SystemTime::now()
    }

    /// Credentials for requests that are signed by hand.
    pub(crate) fn base(&self) -> &SdkConfig {
        &self.base
    }

    fn config(&self, region: &Region, manner: Manner) -> SdkConfig {
        let (attempt, operation) = manner.limits();
        let haste = if matches!(manner, Manner::Across | Manner::RelayedRead) { self.haste } else { 1 };
        let (attempt, operation) = (attempt / haste, operation / haste);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(attempt)
            .operation_timeout(operation)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(manner.attempts())
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(1));
        let builder = self.base.to_builder();
        builder
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .timeout_config(timeouts)
            .retry_config(retries)
            .build()
    }
}
