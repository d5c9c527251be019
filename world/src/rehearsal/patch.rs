//! A story's own policy and document: a merge patch over the deployment document.

use mmdr_core::Deployment;
use serde_json::Value;

use crate::scenario::Scenario;

/// The document as the story wants it.
pub(super) fn apply(deployment: &Deployment, scenario: &Scenario) -> Result<Deployment, String> {
    let mut document = serde_json::to_value(deployment).map_err(|error| error.to_string())?;
    merge(&mut document, &scenario.deployment);
    if let Some(policy) = document.get_mut("policy") {
        merge(policy, &scenario.policy);
    }
    serde_json::from_value(document).map_err(|error| format!("{}: deployment or policy: {error}", scenario.name))
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else { return };
    let Some(object) = target.as_object_mut() else {
        *target = patch.clone();
        return;
    };
    for (name, change) in fields {
        match (object.get_mut(name), change) {
            (_, Value::Null) => {
                object.remove(name);
            }
            (Some(inner), Value::Object(_)) => merge(inner, change),
            _ => {
                object.insert(name.clone(), change.clone());
            }
        }
    }
}
