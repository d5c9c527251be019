//! What a function is told by its environment: read once, checked before anything is asked or done.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use mmdr_aws::{DocumentPlace, Settings};
use mmdr_core::{Region, StepError};

/// A function's environment, understood.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `AWS_REGION`, which Lambda sets.
    pub own: Region,
    /// `MMDR_DEPLOYMENT`: the Deployment's name, which the document must have too.
    pub deployment: String,
    /// `MMDR_DOCUMENT`.
    pub document: DocumentPlace,
    /// `MMDR_CLOCK`, rehearsals only: a file that says how fast time runs.
    pub clock: Option<String>,
    /// `MMDR_HASTE`, rehearsals only: how many times shorter time-outs for another Region are.
    pub haste: u32,
    /// `AWS_ENDPOINT_URL`, rehearsals only: where every service is.
    pub endpoint: Option<String>,
    /// What the adapters are told.
    pub settings: Settings,
}

impl Environment {
    /// Reads the process's own environment. Errors: as [`Self::read`].
    #[expect(clippy::disallowed_methods, reason = "this is the edge at which configuration is read once")]
    pub fn of_the_process() -> Result<Self, StepError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads an environment. Errors: [`StepError::BadDeployment`] with the variable, what was expected and what was found.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, StepError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &str, expected: &str| {
            variable(name).ok_or_else(|| bad(name, &format!("expected {expected}, found nothing")))
        };
        let own = required("AWS_REGION", "the function's Region")?;
        let deployment = required("MMDR_DEPLOYMENT", "the Deployment's name")?;
        let document = required("MMDR_DOCUMENT", "ssm:/NAME or s3://BUCKET/KEY")?;
        let document = document.parse().map_err(|error: String| bad("MMDR_DOCUMENT", &error))?;
        let settings = Settings {
            machine_alias: variable("MMDR_MACHINE_ALIAS"),
            replication_role: variable("MMDR_REPLICATION_ROLE"),
            resolvers: resolvers(variable("MMDR_RESOLVERS"))?,
            reroute: reroute(variable("MMDR_REROUTE"))?,
        };
        let haste = variable("MMDR_HASTE").map_or(Ok(1), |text| {
            text.parse().map_err(|_| bad("MMDR_HASTE", &format!("expected a number, found {text:?}")))
        })?;
        let (clock, endpoint) = (variable("MMDR_CLOCK"), variable("AWS_ENDPOINT_URL"));
        Ok(Self { haste, own: Region::new(own), deployment, document, clock, endpoint, settings })
    }
}

fn resolvers(text: Option<String>) -> Result<Vec<SocketAddr>, StepError> {
    let text = text.unwrap_or_default();
    let parse = |part: &str| {
        let error = || bad("MMDR_RESOLVERS", &format!("expected ADDRESS:PORT, found {part:?}"));
        part.trim().parse().map_err(|_| error())
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(parse).collect()
}

fn reroute(text: Option<String>) -> Result<BTreeMap<String, String>, StepError> {
    let text = text.unwrap_or_default();
    let parse = |part: &str| {
        let error = || bad("MMDR_REROUTE", &format!("expected ORIGIN=ADDRESS, found {part:?}"));
        let (from, to) = part.trim().split_once('=').ok_or_else(error)?;
        Ok((from.to_owned(), to.to_owned()))
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(parse).collect()
}

fn bad(name: &str, sentence: &str) -> StepError {
    StepError::BadDeployment(format!("environment variable {name}: {sentence}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Environment, String> {
        let find = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Environment::read(find).map_err(|error| error.to_string())
    }

    const WHOLE: [(&str, &str); 3] = [
        ("AWS_REGION", "us-east-1"),
        ("MMDR_DEPLOYMENT", "acme-chat"),
        ("MMDR_DOCUMENT", "ssm:/mmdr/acme-chat/deployment"),
    ];

    #[test]
    fn three_variables_are_enough() {
        let environment = read(&WHOLE).unwrap();
        assert_eq!(environment.own, Region::new("us-east-1"));
        assert!(environment.clock.is_none() && environment.settings.machine_alias.is_none());
    }

    #[test]
    fn a_variable_that_is_missing_or_empty_is_named_with_what_was_expected() {
        for (index, (name, _)) in WHOLE.iter().enumerate() {
            let mut pairs = WHOLE.to_vec();
            pairs.remove(index);
            let sentence = read(&pairs).unwrap_err();
            assert!(sentence.starts_with(&format!("environment variable {name}: expected ")), "{sentence}");
            assert!(sentence.ends_with(", found nothing"), "{sentence}");
            pairs.push((name, ""));
            assert_eq!(read(&pairs).unwrap_err(), sentence);
        }
    }

    #[test]
    fn what_cannot_be_understood_is_shown() {
        let with = |name: &'static str, value: &'static str| {
            let mut pairs = WHOLE.to_vec();
            pairs.retain(|(key, _)| *key != name);
            pairs.push((name, value));
            read(&pairs).unwrap_err()
        };
        let expected = "environment variable MMDR_DOCUMENT: expected ssm:/NAME or s3://BUCKET/KEY, found \"/mmdr\"";
        assert_eq!(with("MMDR_DOCUMENT", "/mmdr"), expected);
        let expected = "environment variable MMDR_RESOLVERS: expected ADDRESS:PORT, found \"localhost\"";
        assert_eq!(with("MMDR_RESOLVERS", "localhost"), expected);
        let expected = "environment variable MMDR_REROUTE: expected ORIGIN=ADDRESS, found \"x\"";
        assert_eq!(with("MMDR_REROUTE", "x"), expected);
    }
}
