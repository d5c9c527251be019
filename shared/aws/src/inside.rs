//! What lies inside a Region's VPC: search's data plane and Mattermost. Asked directly, or through that Region's relay.

use mmdr_core::calls::Call;
use mmdr_core::ports::Called;
use mmdr_core::{Fault, Region};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Aws;

/// One question or change inside a VPC, with every argument: what a relay is handed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inside {
    /// Mattermost's configuration, as far as we read it.
    Config,
    /// Snapshots in the search domain's repository.
    SearchSnapshots,
}

impl Aws {
    pub(crate) async fn inside<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        region: &Region,
        what: Inside,
    ) -> Called<T> {
        self.call(call, region, async {
            let value = self.perform(region, &what).await?;
            serde_json::from_value(value).map_err(|error| Fault::Unreadable(error.to_string()))
        })
        .await
    }

    /// Does it from here.
    pub async fn perform(&self, _region: &Region, _what: &Inside) -> Result<Value, Fault> {
        Err(Fault::NoAnswer)
    }
}
