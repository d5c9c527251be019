//! The deployment document of a warm function: read at the first invocation and again when it has become old.

use std::sync::{Arc, Mutex, PoisonError};

use mmdr_aws::Clients;
use mmdr_core::{Deployment, StepError, Time};

use crate::environment::Environment;

/// Seconds for which a document is not read again. A change reaches every function within them.
const KEPT_S: i64 = 60;

/// The last document that was read.
#[derive(Debug, Default)]
pub(crate) struct Documents(Mutex<Option<(Time, Arc<Deployment>)>>);

impl Documents {
    /// The document, as it is now or was a moment ago. Parameter Store that does not answer takes away no document that was
    /// valid before; a document that is not valid does.
    ///
    /// Errors: [`StepError::ReadFailed`] where nobody answered, [`StepError::BadDeployment`] where it cannot be used.
    pub(crate) async fn get(
        &self,
        clients: &Clients,
        environment: &Environment,
        now: Time,
    ) -> Result<Arc<Deployment>, StepError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, document)) = known.as_ref().filter(|(at, _)| now.is_within(KEPT_S, *at)) {
            return Ok(Arc::clone(document));
        }
        let text = match (environment.document.read(clients, &environment.own).await, known) {
            (Ok(Some(text)), _) => text,
            (Ok(None), _) => {
                let place = &environment.document;
                return Err(StepError::BadDeployment(format!("there is no deployment document at {place}")));
            }
            (Err(_), Some((_, document))) => return Ok(document),
            (Err(error), None) => return Err(StepError::ReadFailed(error)),
        };
        let document = Arc::new(understood(&text, environment)?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&document)));
        Ok(document)
    }
}

/// The document in a text, by the rules by which a laptop reads it; and it must be this Deployment's.
pub(crate) fn understood(text: &str, environment: &Environment) -> Result<Deployment, StepError> {
    let Environment { document, deployment, own, .. } = environment;
    document.understood(text, deployment, own).map_err(StepError::BadDeployment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = include_str!("../../../examples/seed-runbook.toml");

    fn environment(region: &str, name: &str) -> Environment {
        let pairs = [("AWS_REGION", region), ("MMDR_DEPLOYMENT", name), ("MMDR_DOCUMENT", "s3://b/d.toml")];
        Environment::read(|key| pairs.iter().find(|(it, _)| *it == key).map(|(_, value)| (*value).into())).unwrap()
    }

    #[test]
    fn both_forms_are_read() {
        let here = environment("us-east-1", "acme-chat");
        let document = understood(TOML, &here).unwrap();
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(understood(&json, &here).unwrap(), document);
    }

    #[test]
    fn a_document_of_another_deployment_or_region_is_refused_in_one_sentence() {
        let sentence = |region, name| understood(TOML, &environment(region, name)).unwrap_err().to_string();
        let expected = "the deployment document at s3://b/d.toml: name: expected \"globex\", found \"acme-chat\"";
        assert_eq!(sentence("us-east-1", "globex"), expected);
        let expected = "the deployment document at s3://b/d.toml: regions: expected this Region, eu-west-1, found us-west-1 and us-east-1";
        assert_eq!(sentence("eu-west-1", "acme-chat"), expected);
    }

    #[test]
    fn every_mistake_of_a_broken_document_stands_in_the_sentence() {
        let broken = TOML.replace("ttl_s = 60", "ttl_s = 600").replace("version = 1", "version = 1\nextra = 2");
        let error = understood(&broken, &environment("us-east-1", "acme-chat")).unwrap_err();
        assert_eq!(error.name(), "Dr.BadDeployment");
        let sentence = error.to_string();
        assert!(sentence.contains("dns.ttl_s: expected 1 to 60") && sentence.contains("extra"), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}
