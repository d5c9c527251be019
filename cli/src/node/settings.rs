//! What a node is told: its environment, else a file of the same lines. Commands that Systems Manager runs have no
//! environment of ours.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use mmdr_aws::{Aws, Clients, DocumentPlace, Instance, Settings as Told};
use mmdr_core::{Deployment, Region};

use crate::aws::{Failure, clients, now, signed, variable};

/// Where the lines lie.
const FILE: &str = "/etc/mattermost-dr/node.env";

/// What every command of a node takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Node {
    /// Lines NAME=VALUE for what the environment does not say: MMDR_DEPLOYMENT, AWS_REGION, MMDR_DOCUMENT, MMDR_JOB_FLAGS.
    #[arg(long, value_name = "FILE", default_value = FILE)]
    settings: PathBuf,
    /// The systemd unit that runs Mattermost.
    #[arg(long, value_name = "UNIT", default_value = "mattermost")]
    pub(crate) unit: String,
}

/// What this node was told.
pub(crate) struct Settings {
    lines: String,
}

/// A node with its Deployment, and the ports of its Region.
pub(crate) struct Here {
    /// Its Region.
    pub(crate) own: Region,
    /// The other one.
    pub(crate) other: Region,
    /// The document.
    pub(crate) deployment: Arc<Deployment>,
    /// The ports.
    pub(crate) ports: Aws,
}

impl Settings {
    /// Reads the file; one that is not there says nothing.
    pub(crate) fn read(node: &Node) -> Result<Self, Failure> {
        match std::fs::read_to_string(&node.settings) {
            Ok(lines) => Ok(Self { lines }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self { lines: String::new() }),
            Err(error) => {
                let path = node.settings.display();
                Err(Failure::BadInput(format!("--settings: expected a readable text file, found {path} ({error})")))
            }
        }
    }

    /// A variable: of the environment, else the last line of the file that says it.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let lines = self.lines.lines().rev().filter_map(|line| line.trim().split_once('='));
        let mut said = lines.filter(|(key, _)| key.trim() == name);
        let value = variable(name).or_else(|| said.next().map(|(_, value)| value.trim().trim_matches('"').to_owned()));
        value.filter(|value| !value.is_empty())
    }

    /// Reads the document of the Region in which this node stands.
    pub(crate) async fn here(&self, instance: Option<&Instance>) -> Result<Here, Failure> {
        let name = self.get("MMDR_DEPLOYMENT");
        let name = name.ok_or_else(|| missing("MMDR_DEPLOYMENT", "the Deployment's name"))?;
        let own = match (self.get("AWS_REGION"), instance) {
            (Some(region), _) => Region::new(region),
            (None, Some(instance)) => instance.region.clone(),
            (None, None) => {
                let instance = mmdr_aws::instance().await;
                instance.map_err(|why| missing("AWS_REGION", &format!("this node's Region ({why})")))?.region
            }
        };
        let place = match self.get("MMDR_DOCUMENT") {
            Some(text) => text.parse().map_err(|error| Failure::BadInput(format!("MMDR_DOCUMENT: {error}")))?,
            None => DocumentPlace::parameter_of(&name),
        };
        let clients = clients(&own).await?;
        signed(&clients).await?;
        let deployment = document(&clients, &place, &name, &own).await?;
        let wrong = || Failure::BadInput(format!("AWS_REGION: expected a Region of {name}, found {own}"));
        let other = deployment.other(&own).cloned().ok_or_else(wrong)?;
        let (deployment, clients) = (Arc::new(deployment), Arc::new(clients));
        let (clock, tell) = (Arc::new(now), Arc::new(|_: &mmdr_aws::CallTold<'_>| {}));
        let ports = Aws::new(own.clone(), Arc::clone(&deployment), clients, Arc::new(Told::default()), clock, tell);
        Ok(Here { own, other, deployment, ports })
    }
}

async fn document(clients: &Clients, place: &DocumentPlace, name: &str, own: &Region) -> Result<Deployment, Failure> {
    let text = place.read(clients, own).await?;
    let nothing = || Failure::BadInput(format!("{place} in {own}: expected a deployment document, found nothing"));
    place.understood(&text.ok_or_else(nothing)?, name, own).map_err(Failure::BadInput)
}

fn missing(name: &str, expected: &str) -> Failure {
    Failure::BadInput(format!("{name}: expected {expected}, in the environment or in {FILE}, found nothing"))
}
