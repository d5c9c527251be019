//! What an instance is told about itself: its identifier and its Region, by IMDSv2.

use std::time::Duration;

use aws_config::imds::client::Client;
use aws_config::imds::client::error::ImdsError;
use mmdr_core::Region;

/// Longest wait for the metadata service, which is a hop away or not there at all.
const PATIENCE: Duration = Duration::from_secs(1);

/// One EC2 instance, in its own eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its identifier, `i-…`.
    pub id: String,
    /// Its Region.
    pub region: Region,
}

/// The instance on which this process runs. Errors: one sentence, where nobody answers or this is none.
pub async fn instance() -> Result<Instance, String> {
    let client = Client::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).max_attempts(2).build();
    let told = async |path: &str| -> Result<String, ImdsError> { Ok(client.get(path).await?.as_ref().to_owned()) };
    let silent = |_| "the instance metadata service does not answer".to_owned();
    let id = told("/latest/meta-data/instance-id").await.map_err(silent)?;
    let region = told("/latest/meta-data/placement/region").await.map_err(silent)?;
    Ok(Instance { id, region: Region::new(region) })
}
