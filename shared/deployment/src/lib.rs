//! The deployment document: what a Deployment consists of and which policy its moves obey.
//!
//! [`Deployment::from_toml`] and [`Deployment::from_json`] read it and report every mistake in one pass.

mod check;
mod document;
mod mistake;
mod parse;
mod place;
mod policy;
mod region;
mod shape;
mod show;
mod tree;

pub use document::{
    BackupsSetup, ConfigStore, DatabaseSetup, Deployment, DnsMode, DnsSetup, FilesSetup, MattermostSetup, NodeEndpoint,
    NodesSetup, Platform, Reach, RegionSetup, SearchSetup, WitnessSetup,
};
pub use mistake::{Mistake, Mistakes};
pub use parse::json_schema;
pub use policy::{Approval, BackupPolicy, Bounds, Policy};
pub use region::Region;

impl Deployment {
    /// The architecture of Mattermost's own runbook, as `examples/seed-runbook.toml` describes it: for rehearsals, for
    /// tests, and as the start of a real document.
    pub fn seed_example() -> Result<Self, Mistakes> {
        Self::from_toml(include_str!("../../../examples/seed-runbook.toml"))
    }

    /// What exists in `region`, or nothing where the document does not name it.
    pub fn region(&self, region: &Region) -> Option<&RegionSetup> {
        self.regions.iter().find(|setup| setup.name == *region)
    }

    /// The Region that is not `region`, or nothing where the document does not name `region`.
    pub fn other(&self, region: &Region) -> Option<&Region> {
        self.region(region)?;
        self.regions.iter().map(|setup| &setup.name).find(|name| *name != region)
    }
}
