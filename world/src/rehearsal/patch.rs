//! A story's own policy and document: a merge patch over the deployment document.

use mmdr_core::Deployment;
use serde_json::Value;

use crate::scenario::{Act, Scenario};

/// Of three Regions one at least is none of a document's two.
const THIRD: [&str; 3] = ["eu-west-1", "eu-central-1", "us-east-2"];

/// The document as the story wants it. What comes of the patches is held against the document's own rules.
pub(super) fn apply(deployment: &Deployment, scenario: &Scenario) -> Result<Deployment, String> {
    let is_empty = |patch: &Value| patch.as_object().is_none_or(serde_json::Map::is_empty);
    if is_empty(&scenario.deployment) && is_empty(&scenario.policy) {
        return nodes_exist(deployment.clone(), scenario);
    }
    let mut document = serde_json::to_value(deployment).map_err(|error| error.to_string())?;
    merge(&mut document, &scenario.deployment);
    name_the_third_region(&mut document, deployment);
    if let Some(policy) = document.get_mut("policy") {
        merge(policy, &scenario.policy);
    }
    let changed = Deployment::from_json(&document.to_string()).map_err(|mistakes| {
        let told = |mistake: &mmdr_core::deployment::Mistake| {
            format!("{}: the document, as [policy] and [deployment] change it: {mistake}", scenario.name)
        };
        mistakes.0.iter().map(told).collect::<Vec<_>>().join("\n")
    })?;
    nodes_exist(changed, scenario)
}

/// A story does not know the document's Regions, so it asks for `{third}`: the document's own third Region, or one that is free.
fn name_the_third_region(document: &mut Value, before: &Deployment) {
    let Some(asked) = document.pointer_mut("/witnesses/third_region").filter(|it| *it == "{third}") else { return };
    let free = THIRD.into_iter().find(|name| before.regions.iter().all(|setup| setup.name.as_str() != *name));
    let named = before.witnesses.third_region.as_ref().map(mmdr_core::Region::as_str).or(free);
    *asked = named.into();
}

/// A story names nodes by number; how many there are is the document's to say. Its first Region is `home`.
fn nodes_exist(deployment: Deployment, scenario: &Scenario) -> Result<Deployment, String> {
    for (number, entry) in scenario.then.iter().enumerate() {
        let (word, region, node) = match &entry.act {
            Act::NodeDown { region, node } => ("node-down", region, node),
            Act::NodeUp { region, node } => ("node-up", region, node),
            _ => continue,
        };
        let count = deployment.regions.get(region.ix(0)).map_or(0, |setup| setup.nodes.count);
        if *node > count {
            let path = format!("{}: then[{number}] ({word}).node", scenario.name);
            return Err(format!("{path}: expected one of the {count} nodes of {region}, found {node}"));
        }
    }
    Ok(deployment)
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
