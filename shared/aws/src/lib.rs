//! The ports, as AWS, OpenSearch and Mattermost answer them: one type, [`Aws`], one file per port.
//!
//! - Every request names the Region that it asks; nothing is taken from the surroundings but credentials and, in a rehearsal,
//!   endpoints (`AWS_ENDPOINT_URL`).
//! - Every request has a connect, an attempt and an operation time-out: the SDK's own defaults would wait until Lambda kills
//!   the function (AWS SDK for Rust, time-outs).
//! - Reads are repeated by the SDK, a bounded number of times. A change is sent once, unless a second one is harmless
//!   (`clients.rs`): only the next look knows what became of it.
//! - Faults are named as [`mmdr_core::Fault`] names them; enum strings that no SDK knows are kept as text.
//!
//! What lies inside a VPC (search's data plane, Mattermost) is in `inside.rs` and the two clients beside it; across Regions
//! it is asked through the other Region's relay where the document says so.

mod application;
mod backups;
mod batch;
mod call;
mod clients;
mod database;
mod dns;
mod document;
mod events;
mod executions;
mod export;
mod faults;
mod files;
mod http;
mod inside;
mod instance;
mod ledgers;
mod mattermost;
mod metrics;
mod names;
mod nodes;
mod notices;
mod opensearch;
mod operator;
mod resolvers;
mod scheduler;
mod search;
mod secrets;
#[cfg(test)]
mod served;
mod settings;
mod signals;
mod witnesses;

use std::sync::Arc;

use mmdr_core::{Deployment, Region, Time};

pub use call::{CallTold, Tell};
pub use clients::Clients;
pub use document::{DOCUMENT_KEY, DocumentPlace};
pub use inside::{Inside, RelayAnswer, Stretch};
pub use instance::{Instance, instance};
pub use ledgers::LEDGER_KEY;
pub use nodes::NodeReport;
pub use operator::{ExecutionTold, Moment, What};
pub use scheduler::{flags_file, flags_in};
pub use settings::Settings;

/// Tells the time; the shell's, which a rehearsal may run faster.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// Every port of one invocation of a function, in its own Region.
#[derive(Clone)]
pub struct Aws {
    own: Region,
    deployment: Arc<Deployment>,
    clients: Arc<Clients>,
    settings: Arc<Settings>,
    clock: Clock,
    tell: Tell,
    patience: Arc<call::Patience>,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Aws {
    /// The ports in `own`, over clients that are made when they are first used and then kept.
    pub fn new(
        own: Region,
        deployment: Arc<Deployment>,
        clients: Arc<Clients>,
        settings: Arc<Settings>,
        clock: Clock,
        tell: Tell,
    ) -> Self {
        Self { own, deployment, clients, settings, clock, tell, patience: Arc::default() }
    }

    /// What the document says of `region`.
    fn setup(&self, region: &Region) -> Result<&mmdr_core::deployment::RegionSetup, mmdr_core::Fault> {
        let missing = || mmdr_core::Fault::NotFound(format!("{region} is none of this Deployment's Regions"));
        self.deployment.region(region).ok_or_else(missing)
    }
}
