//! The SDK's clients: one per service, Region and manner, made when first used.

use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::config::SharedCredentialsProvider;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use mmdr_core::Region;

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manner {
    /// What may come twice, in the own Region, three attempts: a read, and a change of which the second is harmless, by its name or
    /// because it only says the same again.
    Repeatable,
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
            Self::Repeatable => 3,
            Self::Across | Self::RelayedRead => 2,
            Self::Change | Self::RelayedChange => 1,
        }
    }

    /// Longest attempt and longest operation.
    const fn limits(self) -> (Duration, Duration) {
        match self {
            Self::Repeatable => (Duration::from_secs(5), Duration::from_secs(11)),
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
    let builder = reqwest::Client::builder().connect_timeout(CONNECT).timeout(Manner::Repeatable.limits().1);
    builder.user_agent("mattermost-dr").no_proxy().redirect(reqwest::redirect::Policy::none())
}

/// Building fails only where no TLS back end is compiled in; then the default client says so at its first use.
fn made(builder: reqwest::ClientBuilder) -> reqwest::Client {
    builder.build().unwrap_or_default()
}

/// What all clients of the SDK send their requests with, as its own default does. By default each client would have one of
/// its own: it would read every root certificate again, and open connections where another client's are still open.
fn https() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env()).pool_idle_timeout(IDLE);
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|it| it.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
    })
}

/// Clients by type, Region and manner.
type Made = BTreeMap<(&'static str, String, Manner), Box<dyn Any + Send>>;

/// Every client of one process.
#[derive(Debug)]
pub struct Clients {
    base: SdkConfig,
    /// How many times shorter every time-out for another Region is.
    haste: u32,
    // Made when first asked for: each reads every root certificate of the machine, and few functions need one.
    http: OnceLock<reqwest::Client>,
    http_once: OnceLock<reqwest::Client>,
    made: Mutex<Made>,
}

impl Clients {
    /// For a function: Lambda puts credentials into the environment, and nowhere else is looked for anything. What the
    /// SDK knows of profiles, other services that give credentials and their clients then need not be in the binary.
    ///
    /// `haste` is 1, but in a rehearsal whose clock runs faster: time-outs for another Region are so many times shorter, or
    /// waiting for a dark one would take as long as an outage. A rehearsal names the one `endpoint` of all services, too.
    pub fn of_a_function(own: &Region, haste: u32, endpoint: Option<&str>) -> Self {
        let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
        let mut base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_config::Region::new(own.as_str().to_owned()))
            .credentials_provider(credentials)
            .http_client(https());
        base.set_endpoint_url(endpoint.map(str::to_owned));
        Self { haste: haste.max(1), ..Self::over(base.build()) }
    }

    /// For a person's tool or a node: credentials and endpoints from wherever the SDK finds them. The Region is named, or
    /// the machine would be asked for it, which on a laptop takes seconds and gives nothing.
    pub async fn from_environment_in(region: &Region, haste: u32) -> Self {
        let region = aws_config::Region::new(region.as_str().to_owned());
        let base = aws_config::defaults(BehaviorVersion::latest()).region(region).http_client(https());
        Self { haste: haste.max(1), ..Self::over(base.load().await) }
    }

    /// Over a configuration that a test has made.
    pub fn over(base: SdkConfig) -> Self {
        Self { base, haste: 1, http: OnceLock::new(), http_once: OnceLock::new(), made: Mutex::default() }
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
        self.http.get_or_init(|| made(plain().pool_idle_timeout(IDLE)))
    }

    /// The client for plain HTTPS that looks a name up anew for each request: a connection that is kept leads to where the
    /// name led before.
    pub(crate) fn http_once(&self) -> &reqwest::Client {
        self.http_once.get_or_init(|| made(plain().pool_max_idle_per_host(0)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_for_plain_https_is_made_when_it_is_first_asked_for_and_then_kept() {
        let clients = Clients::over(SdkConfig::builder().build());
        assert!(clients.http.get().is_none() && clients.http_once.get().is_none());
        let first: *const reqwest::Client = clients.http();
        assert!(std::ptr::eq(first, clients.http()));
        assert!(clients.http_once.get().is_none());
    }
}
