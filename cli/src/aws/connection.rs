//! Where a person's command stands: which Deployment, whose document, and the ports of either Region.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use mmdr_aws::{Aws, Clients, DocumentPlace, Settings};
use mmdr_core::ports::RecordReads;
use mmdr_core::{CallError, Deployment, Region, Time};
use serde_json::Value;

use super::exits::Failure;
use super::forms;
use crate::input;

/// The alias under which a stack's runs start.
const ALIAS: &str = "live";

/// Which Deployment is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selector {
    /// The deployment document, TOML or JSON; without it, the one that the functions of --region read.
    #[arg(long, value_name = "FILE", help_heading = "Deployment")]
    pub(crate) deployment: Option<PathBuf>,
    /// The Region whose document is read [AWS_REGION].
    #[arg(long, value_name = "REGION", help_heading = "Deployment", conflicts_with = "deployment")]
    pub(crate) region: Option<String>,
    /// The Deployment's name [MMDR_DEPLOYMENT].
    #[arg(long, value_name = "NAME", help_heading = "Deployment")]
    pub(crate) name: Option<String>,
    /// Where that document lies, ssm:/NAME or s3://BUCKET/KEY [MMDR_DOCUMENT]; else the parameter /mmdr/NAME/deployment.
    #[arg(long, value_name = "PLACE", help_heading = "Deployment", conflicts_with = "deployment")]
    pub(crate) document: Option<String>,
    /// One JSON document on standard output instead of sentences; progress goes to standard error.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Selector {
    /// As it was given, each word with a space before it.
    fn words(&self) -> String {
        let file = self.deployment.as_ref().map(|file| file.display().to_string());
        let given = [
            ("--deployment", file.as_ref()),
            ("--region", self.region.as_ref()),
            ("--name", self.name.as_ref()),
            ("--document", self.document.as_ref()),
        ];
        let word = |(flag, value): (&str, Option<&String>)| value.map(|value| format!(" {flag} {}", quoted(value)));
        given.into_iter().filter_map(word).collect()
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// A Deployment and the way to it.
pub(crate) struct Connection {
    /// The document.
    pub(crate) deployment: Arc<Deployment>,
    /// Every client.
    pub(crate) clients: Arc<Clients>,
    /// Whether answers are JSON.
    pub(crate) json: bool,
    /// What named the Deployment on the command line, for the commands that are proposed.
    selected: String,
    settings: Arc<Settings>,
}

/// What each Region said where something was found in none.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Why a Region did not answer; each names its Region.
    silent: Vec<String>,
    /// Regions that answered: it is not there.
    answered: Vec<Region>,
}

impl Looked {
    /// One Region, with its first error.
    pub(crate) fn note(&mut self, region: &Region, why: Option<String>) {
        match why {
            Some(why) => self.silent.push(why),
            None => self.answered.push(region.clone()),
        }
    }

    /// Whether it is certain that it is nowhere.
    pub(crate) fn all_answered(&self) -> bool {
        self.silent.is_empty()
    }

    /// Every Region that was silent, with its error, and where `what` was not found.
    pub(crate) fn in_words(&self, what: &str) -> String {
        let silent = self.silent.join("; ");
        let answered: Vec<&str> = self.answered.iter().map(Region::as_str).collect();
        if answered.is_empty() {
            return silent;
        }
        format!("{silent}; {what} was not found in {}", answered.join(" and "))
    }
}

impl Connection {
    /// Reads the document. Where a file is named, nothing is asked of AWS.
    pub(crate) async fn open(selector: &Selector) -> Result<Self, Failure> {
        let (deployment, clients) = match &selector.deployment {
            Some(path) => {
                let deployment = from_file(path, selector.name.as_deref())?;
                let first = deployment.regions.first().map(|setup| setup.name.clone());
                let none = || Failure::BadInput("--deployment: expected two Regions, found none".into());
                let clients = clients(&first.ok_or_else(none)?).await?;
                (deployment, clients)
            }
            None => from_region(selector).await?,
        };
        // An alias that is said to be none is none: an emulator has no aliases.
        let alias = variable("MMDR_MACHINE_ALIAS").unwrap_or_else(|| ALIAS.into());
        let settings = Settings { machine_alias: Some(alias).filter(|it| !it.is_empty()), ..Settings::default() };
        let (deployment, clients) = (Arc::new(deployment), Arc::new(clients));
        let (json, selected, settings) = (selector.json, selector.words(), Arc::new(settings));
        Ok(Self { deployment, clients, json, selected, settings })
    }

    /// A command that is proposed: it names the same Deployment.
    pub(crate) fn propose(&self, command: &str) -> String {
        format!("mmdr {command}{}", self.selected)
    }

    /// The first of these records that a Region has; none where both have answered, and neither has one.
    ///
    /// Errors: none was found, and a Region did not answer.
    pub(crate) async fn record(&self, keys: &[String]) -> Result<Option<(Region, Value)>, Looked> {
        let mut looked = Looked::default();
        for region in self.regions() {
            let ports = self.at(&region);
            let mut why = None;
            for key in keys {
                match ports.record(&region, key).await {
                    Ok(Some(value)) => return Ok(Some((region, value))),
                    Ok(None) => {}
                    Err(error) => {
                        why.get_or_insert(error.to_string());
                    }
                }
            }
            looked.note(&region, why);
        }
        if looked.all_answered() { Ok(None) } else { Err(looked) }
    }

    /// The ports in `region`. A laptop stands in no Region: each is asked as if it were the own one.
    pub(crate) fn at(&self, region: &Region) -> Aws {
        let (clients, settings) = (Arc::clone(&self.clients), Arc::clone(&self.settings));
        Aws::new(region.clone(), Arc::clone(&self.deployment), clients, settings, Arc::new(now), Arc::new(|_| {}))
    }

    /// To be asked once the input is known to fit, before the first request.
    pub(crate) async fn ready(&self) -> Result<(), Failure> {
        signed(&self.clients).await
    }

    /// The two Regions, in the document's order.
    pub(crate) fn regions(&self) -> Vec<Region> {
        self.deployment.regions.iter().map(|setup| setup.name.clone()).collect()
    }

    /// The Region that an option names.
    pub(crate) fn region(&self, option: &str, text: &str) -> Result<Region, Failure> {
        let regions = self.regions();
        let found = regions.iter().find(|region| region.as_str() == text);
        let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
        let wrong = || Failure::BadInput(format!("{option}: expected {}, found {text:?}", names.join(" or ")));
        found.cloned().ok_or_else(wrong)
    }
}

fn from_file(path: &std::path::Path, name: Option<&str>) -> Result<Deployment, Failure> {
    let text = input::text("--deployment", path).map_err(Failure::BadInput)?;
    let read = Deployment::from_text(&text);
    let deployment = read.map_err(|mistakes| Failure::BadInput(format!("{}:\n{mistakes}", path.display())))?;
    match name {
        Some(name) if name != deployment.name => {
            let found = &deployment.name;
            Err(Failure::BadInput(format!("--name: expected {found:?}, as in {}, found {name:?}", path.display())))
        }
        _ => Ok(deployment),
    }
}

async fn from_region(selector: &Selector) -> Result<(Deployment, Clients), Failure> {
    let missing = |option: &str, expected: &str, name: &str| {
        Failure::BadInput(format!("{option}: expected {expected} (or {name}, or --deployment FILE), found nothing"))
    };
    let (field, region) = said("--region", &selector.region, "AWS_REGION")
        .ok_or_else(|| missing("--region", "a Region", "AWS_REGION"))?;
    let region = forms::region(field, &region)?;
    let (field, name) = said("--name", &selector.name, "MMDR_DEPLOYMENT")
        .ok_or_else(|| missing("--name", "the Deployment's name", "MMDR_DEPLOYMENT"))?;
    forms::name(field, &name)?;
    let lies = match said("--document", &selector.document, "MMDR_DOCUMENT") {
        Some((field, text)) => text.parse().map_err(|error| Failure::BadInput(format!("{field}: {error}")))?,
        None => DocumentPlace::parameter_of(&name),
    };
    let clients = clients(&region).await?;
    signed(&clients).await?;
    let text = lies.read(&clients, &region).await.map_err(unread)?;
    let nothing = || {
        let expected = "expected a deployment document (--deployment FILE and --document name other places)";
        Failure::BadInput(format!("{lies} in {region}: {expected}, found nothing"))
    };
    let text = text.ok_or_else(nothing)?;
    Ok((lies.understood(&text, &name, &region).map_err(Failure::BadInput)?, clients))
}

/// What an option says, else its variable; with the one of the two that said it.
fn said<'a>(field: &'a str, option: &Option<String>, name: &'a str) -> Option<(&'a str, String)> {
    let found = match option {
        Some(text) => (field, text.clone()),
        None => (name, variable(name)?),
    };
    Some(found).filter(|(_, text)| !text.is_empty())
}

/// A document that was not read. When a Region is lost, it is often the one that was named: the same document lies elsewhere.
fn unread(error: CallError) -> Failure {
    let elsewhere = "name the other Region with --region, or give the document with --deployment FILE";
    Failure::Failed(if error.is_look_again() { format!("{error}; {elsewhere}") } else { error.to_string() })
}

/// The clients of this process. A rehearsal may ask for shorter time-outs.
pub(crate) async fn clients(region: &Region) -> Result<Clients, Failure> {
    let haste = variable("MMDR_HASTE").map_or(Ok(1), |text| {
        text.parse().map_err(|_| Failure::BadInput(format!("MMDR_HASTE: expected a number, found {text:?}")))
    })?;
    Ok(Clients::from_environment_in(region, haste).await)
}

/// Whether there are credentials: without them every request would only look unanswered.
pub(crate) async fn signed(clients: &Clients) -> Result<(), Failure> {
    let known = clients.can_sign().await;
    known.map_err(|why| {
        let profile = variable("AWS_PROFILE").filter(|it| !it.is_empty());
        let profile = profile.map_or_else(String::new, |name| {
            format!(" for the profile {name}: it must stand in ~/.aws/config; one of SSO needs aws sso login --profile {name}")
        });
        Failure::Failed(format!("AWS credentials: expected some, found none{profile} ({why}); nothing was asked"))
    })
}

/// A variable of the environment.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The machine's clock.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_command_names_the_deployment_as_it_was_named() {
        assert_eq!(Selector::default().words(), "");
        let selector =
            Selector { deployment: Some("my chat's.toml".into()), name: Some("acme".into()), ..Selector::default() };
        assert_eq!(selector.words(), r" --deployment 'my chat'\''s.toml' --name acme");
    }
}
