//! What a node is told: its environment, else a file of the same lines. Commands that Systems Manager runs have no
//! environment of ours.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use mmdr_aws::{Aws, Clients, DocumentPlace, Instance, Settings as Told};
use mmdr_core::{Deployment, Region};

use crate::aws::{Failure, clients, forms, now, signed, variable};
use crate::input;

/// Where the lines lie, unless --settings says another place.
const FILE: &str = "/etc/mattermost-dr/node.env";
/// What the lines may say. Other names that begin with [`OURS`] are slips of the pen: what nobody reads is not passed over.
const NAMES: [&str; 7] =
    ["MMDR_DEPLOYMENT", "AWS_REGION", "MMDR_DOCUMENT", "MMDR_JOB_FLAGS", "MMDR_ADDRESS", "MMDR_METRICS", "MMDR_BINARY"];
/// How the names begin that only this tool reads.
const OURS: &str = "MMDR_";

/// What every command of a node takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Node {
    /// Lines NAME=VALUE for what the environment does not say: MMDR_DEPLOYMENT, AWS_REGION, MMDR_DOCUMENT, MMDR_JOB_FLAGS,
    /// MMDR_ADDRESS, MMDR_METRICS, MMDR_BINARY [default: /etc/mattermost-dr/node.env, where it is there].
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The systemd unit that runs Mattermost.
    #[arg(long, value_name = "UNIT", default_value = "mattermost")]
    pub(crate) unit: String,
}

/// What this node was told.
pub(crate) struct Settings {
    /// The file.
    path: PathBuf,
    /// What its lines say, in their order.
    lines: Vec<(String, String)>,
    /// The first line that nobody reads, in a sentence.
    unread: Option<String>,
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
    /// Reads the file, and checks what every command needs. The usual file that is not there says nothing; one that somebody
    /// named must be there.
    pub(crate) fn read(node: &Node) -> Result<Self, Failure> {
        let path = node.settings.clone().unwrap_or_else(|| FILE.into());
        let says_nothing = node.settings.is_none() && matches!(path.try_exists(), Ok(false));
        let text = if says_nothing { Ok(String::new()) } else { input::text("--settings", &path) };
        let (lines, unread) = lines_of(&path, &text.map_err(Failure::BadInput)?);
        let settings = Self { path, lines, unread };
        if let Some(region) = settings.get("AWS_REGION") {
            forms::region("AWS_REGION", &region)?;
        }
        if let Some(name) = settings.get("MMDR_DEPLOYMENT") {
            forms::name("MMDR_DEPLOYMENT", &name)?;
        }
        Ok(settings)
    }

    /// The first line with a name of ours that nobody reads. For the reporter: a slip of the pen in a line keeps no command from
    /// starting or stopping Mattermost.
    pub(crate) fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// A variable: of the environment, else the last line of the file that says it.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let said = || self.lines.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        variable(name).or_else(said).filter(|value| !value.is_empty())
    }

    /// Reads the document of the Region in which this node stands.
    pub(crate) async fn here(&self, instance: Option<&Instance>) -> Result<Here, Failure> {
        let name = self.get("MMDR_DEPLOYMENT");
        let name = name.ok_or_else(|| self.missing("MMDR_DEPLOYMENT", "the Deployment's name"))?;
        let own = match (self.get("AWS_REGION"), instance) {
            (Some(region), _) => Region::new(region),
            (None, Some(instance)) => instance.region.clone(),
            (None, None) => {
                let instance = mmdr_aws::instance().await;
                instance.map_err(|why| self.missing("AWS_REGION", &format!("this node's Region ({why})")))?.region
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

    fn missing(&self, name: &str, expected: &str) -> Failure {
        let path = self.path.display();
        Failure::BadInput(format!("{name}: expected {expected}, in the environment or in {path}, found nothing"))
    }
}

/// The lines NAME=VALUE of the file, as a shell's `export` may also write them, and the first one whose name nobody reads; others
/// say nothing.
fn lines_of(path: &Path, text: &str) -> (Vec<(String, String)>, Option<String>) {
    let (mut found, mut unread) = (Vec::new(), None);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let name = name.trim();
        if name.starts_with(OURS) && !NAMES.contains(&name) {
            let (path, line, names) = (path.display(), index + 1, NAMES.join(", "));
            unread.get_or_insert(format!("--settings: {path}, line {line}: expected one of {names}, found {name:?}"));
            continue;
        }
        found.push((name.to_owned(), value.trim().trim_matches('"').to_owned()));
    }
    (found, unread)
}

async fn document(clients: &Clients, place: &DocumentPlace, name: &str, own: &Region) -> Result<Deployment, Failure> {
    let text = place.read(clients, own).await?;
    let nothing = || Failure::BadInput(format!("{place} in {own}: expected a deployment document, found nothing"));
    place.understood(&text.ok_or_else(nothing)?, name, own).map_err(Failure::BadInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../examples/node/node.env");

    fn said(text: &str) -> (Vec<(String, String)>, Option<String>) {
        lines_of(Path::new("node.env"), text)
    }

    #[test]
    fn every_variable_of_the_example_is_known_and_every_known_one_stands_in_it() {
        // What is left out there stands behind a # without a space.
        let bare = |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
        let all: Vec<&str> = EXAMPLE.lines().map(bare).collect();
        let all = all.join("\n");
        let mut found: Vec<String> = said(&all).0.into_iter().map(|(name, _)| name).collect();
        found.sort();
        let mut names = NAMES;
        names.sort_unstable();
        assert_eq!(found, names);
    }

    #[test]
    fn a_line_may_be_written_for_a_shell_and_a_comment_says_nothing() {
        let found = said("# MMDR_ADRESS=x\nexport MMDR_DEPLOYMENT=\"acme-chat\"\n  AWS_REGION = us-west-1\n").0;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(found, [pair("MMDR_DEPLOYMENT", "acme-chat"), pair("AWS_REGION", "us-west-1")]);
    }

    #[test]
    fn a_name_of_ours_that_nobody_reads_is_told_with_its_line() {
        let (found, sentence) = said("MMDR_DEPLOYMENT=acme-chat\nexport MMDR_ADRESS=x\n");
        let sentence = sentence.unwrap();
        assert_eq!(found.len(), 1);
        assert!(sentence.starts_with("--settings: node.env, line 2: expected one of MMDR_DEPLOYMENT,"), "{sentence}");
        assert!(sentence.ends_with("found \"MMDR_ADRESS\""), "{sentence}");
    }
}
