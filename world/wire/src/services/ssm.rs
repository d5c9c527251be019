//! Systems Manager, JSON 1.1: managed nodes, the two command documents, and the parameter of job flags. Shapes and codes are
//! botocore's `ssm` model.

use mmdr_core::Epoch;
use mmdr_core::deployment::Platform;
use mmdr_core::ports::{JobFlags, NodeState};
use mmdr_world::model::nodes;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use crate::control::state;
use crate::forms::times;
use crate::memory::Command;
use crate::reply::{Answered, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

/// Right after a command was sent its invocation is not known yet (AWS API, GetCommandInvocation).
const UNKNOWN_MS: i64 = 300;
/// The model's longest way of a command to its node.
const ARRIVES_MS: i64 = 1_500;
/// So long a stop is waited for by its document.
const STOPS_MS: i64 = 20_000;

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    let body = request.json().unwrap_or_default();
    match asked.operation.as_str() {
        "DescribeInstanceInformation" => instances(world, asked.region, &body),
        "SendCommand" => send(world, asked, &body),
        "GetCommandInvocation" => invocation(world, asked.region, &body),
        "GetParameter" => get_parameter(world, asked.region, &body),
        "PutParameter" => put_parameter(world, asked.region, &body),
        other => Err(Refusal::new("UnknownOperationException", format!("{other} is not served here"))),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The identifiers that a tag or a list selects; every instance of the Region carries the tag of its group.
fn selected(world: &mut World, region: Ix, key: &str, values: &[String]) -> Vec<String> {
    let setup = world.region(region).map(|setup| (setup.nodes.platform, setup.nodes.group.clone()));
    let Some((platform, group)) = setup else { return Vec::new() };
    // A task is no managed instance.
    if platform == Platform::Ecs {
        return Vec::new();
    }
    let ids = state::seen(world, region).into_iter().map(|node| node.id);
    let fits = |id: &String| match key {
        "InstanceIds" | "instanceids" => values.contains(id),
        key if key.starts_with("tag:") => values.contains(&group),
        _ => false,
    };
    ids.filter(fits).collect()
}

fn instances(world: &mut World, region: Ix, body: &Value) -> Answered {
    let mut ids = selected(world, region, "tag:", &group(world, region));
    let filters = ["Filters", "InstanceInformationFilterList"].into_iter().filter_map(|name| body.get(name));
    for filter in filters.filter_map(Value::as_array).flatten() {
        let key = [text(filter, "Key"), text(filter, "key")].concat();
        let values = texts(filter.get("Values").or(filter.get("valueSet")));
        let found = selected(world, region, &key, &values);
        ids.retain(|id| found.contains(id));
    }
    let now = times::epoch_s(world.now());
    let shape = |id: &String| {
        json!({
            "InstanceId": id, "PingStatus": "Online", "LastPingDateTime": now, "AgentVersion": "3.3.0.0",
            "IsLatestVersion": true, "PlatformType": "Linux", "PlatformName": "Debian GNU/Linux",
            "ResourceType": "EC2Instance", "ComputerName": id,
        })
    };
    Ok(Reply::json(200, &json!({ "InstanceInformationList": ids.iter().map(shape).collect::<Vec<_>>() })))
}

fn group(world: &World, region: Ix) -> Vec<String> {
    world.region(region).map(|setup| setup.nodes.group.clone()).into_iter().collect()
}

/// SendCommand. It has no idempotency token: a repeated send runs twice.
fn send(world: &mut World, asked: &Asked, body: &Value) -> Answered {
    let (document, region) = (text(body, "DocumentName").to_owned(), asked.region);
    let ours = |what: &str| format!("mmdr-{}-{what}-nodes", world.sim.deployment.name);
    let stops = document == ours("stop");
    if !stops && document != ours("start") {
        return Err(Refusal::new("InvalidDocument", format!("Document {document} does not exist.")));
    }
    let mut instances = texts(body.get("InstanceIds"));
    for target in body.get("Targets").and_then(Value::as_array).into_iter().flatten() {
        instances.extend(selected(world, region, text(target, "Key"), &texts(target.get("Values"))));
    }
    if instances.is_empty() {
        return Err(Refusal::new("InvalidInstanceId", "no instance is named"));
    }
    let parameter = |name: &str| body.pointer(&format!("/Parameters/{name}/0")).and_then(Value::as_str);
    let fence_check = parameter("FenceCheck") == Some("true");
    let ids = state::models_ids(world, region, &instances);
    world.act(|model, ctx| match stops {
        true => nodes::stop(model, region, &ids, fence_check, ctx),
        false => nodes::start(model, region, &ids, ctx),
    })?;
    let sent_at = world.now();
    let shape = json!({ "Command": {
        "CommandId": asked.id, "DocumentName": document, "DocumentVersion": "1", "InstanceIds": instances,
        "Parameters": body.get("Parameters").cloned().unwrap_or_else(|| json!({})),
        "RequestedDateTime": times::epoch_s(sent_at), "ExpiresAfter": times::epoch_s(sent_at + 3_600_000),
        "Status": "Pending", "StatusDetails": "Pending", "TargetCount": instances.len(), "CompletedCount": 0,
        "ErrorCount": 0,
    } });
    let command = Command { region, document, instances, sent_at, stops, fence_check };
    world.memory.commands.insert(asked.id.clone(), command);
    Ok(Reply::json(200, &shape))
}

/// GetCommandInvocation: success once the command has arrived, and a stop once its process is gone.
fn invocation(world: &mut World, region: Ix, body: &Value) -> Answered {
    let (id, instance) = (text(body, "CommandId"), text(body, "InstanceId"));
    let missing = || Refusal::new("InvocationDoesNotExist", format!("no invocation of {id} on {instance}"));
    let command = world.memory.commands.get(id).filter(|command| command.region == region).cloned();
    let command = command.filter(|command| command.instances.iter().any(|it| it == instance)).ok_or_else(missing)?;
    let age_ms = world.now() - command.sent_at;
    if age_ms < UNKNOWN_MS {
        return Err(missing());
    }
    let node = state::seen(world, region).into_iter().find(|node| node.id == instance);
    let is_stopped = node.is_some_and(|node| node.state == NodeState::Stopped);
    let waits = command.stops && !command.fence_check && !is_stopped && age_ms < STOPS_MS;
    let status = match age_ms {
        ..ARRIVES_MS => "Pending",
        _ if waits => "InProgress",
        _ => "Success",
    };
    Ok(Reply::json(
        200,
        &json!({
            "CommandId": id, "InstanceId": instance, "DocumentName": command.document, "Status": status,
            "StatusDetails": status, "ResponseCode": if status == "Success" { 0 } else { -1 },
            "ExecutionStartDateTime": times::iso(command.sent_at), "StandardOutputContent": "",
            "StandardErrorContent": "",
        }),
    ))
}

fn is_flags(world: &World, region: Ix, name: &str) -> bool {
    world.region(region).is_some_and(|setup| setup.nodes.job_flags_parameter == name)
}

/// GetParameter of the job flags; every other parameter lies with somebody else.
fn get_parameter(world: &mut World, region: Ix, body: &Value) -> Answered {
    let name = text(body, "Name");
    let missing = || Refusal::new("ParameterNotFound", format!("no parameter is called {name}"));
    let flags = nodes::job_flags(&world.sim.model, region).ok().and_then(|seen| seen.parameter);
    let flags = flags.filter(|_| is_flags(world, region, name)).ok_or_else(missing)?;
    let began = (1, world.now() - 86_400_000);
    let (version, written_at) = world.memory.parameters.get(&region).copied().unwrap_or(began);
    let arn = format!("arn:aws:ssm:{}:{}:parameter{name}", world.name(region), world.account());
    Ok(Reply::json(
        200,
        &json!({ "Parameter": {
            "Name": name, "Type": "String", "Value": spelt(flags), "Version": version,
            "LastModifiedDate": times::epoch_s(written_at), "ARN": arn, "DataType": "text",
        } }),
    ))
}

fn put_parameter(world: &mut World, region: Ix, body: &Value) -> Answered {
    let name = text(body, "Name");
    if !is_flags(world, region, name) {
        return Err(Refusal::new("AccessDeniedException", format!("{name} is not kept here")));
    }
    if body.get("Overwrite").and_then(Value::as_bool) != Some(true) {
        return Err(Refusal::new("ParameterAlreadyExists", "The parameter already exists."));
    }
    let unread = || Refusal::new("ValidationException", "Value: expected job flags as lines of an environment file");
    let flags = read(text(body, "Value")).ok_or_else(unread)?;
    world.act(|model, _| nodes::write_job_flags(model, region, flags))?;
    let now = world.now();
    let entry = world.memory.parameters.entry(region).or_insert((1, now));
    *entry = (entry.0 + 1, now);
    Ok(Reply::json(200, &json!({ "Version": entry.0, "Tier": "Standard" })))
}

/// The flags as lines of an environment file, as a node's unit reads it (Mattermost docs, environment variables).
fn spelt(flags: JobFlags) -> String {
    let JobFlags { run_jobs, run_scheduler, epoch } = flags;
    format!("MM_JOBSETTINGS_RUNJOBS={run_jobs}\nMM_JOBSETTINGS_RUNSCHEDULER={run_scheduler}\nMMDR_EPOCH={epoch}\n")
}

/// What is not said is Mattermost's default, on; an epoch that is not there is 0.
fn read(text: &str) -> Option<JobFlags> {
    let value = |name: &str| text.lines().filter_map(|line| line.trim().split_once('=')).find(|(key, _)| *key == name);
    let flag = |name: &str| value(name).map_or(Some(true), |(_, value)| value.trim().parse().ok());
    let epoch = value("MMDR_EPOCH").map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    Some(JobFlags {
        run_jobs: flag("MM_JOBSETTINGS_RUNJOBS")?,
        run_scheduler: flag("MM_JOBSETTINGS_RUNSCHEDULER")?,
        epoch: Epoch(epoch),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_flags_are_read_back_as_they_are_spelt() {
        let flags = JobFlags { run_jobs: true, run_scheduler: false, epoch: Epoch(7) };
        assert_eq!(read(&spelt(flags)), Some(flags));
    }

    #[test]
    fn a_flag_that_is_neither_true_nor_false_is_not_read() {
        assert_eq!(read("MM_JOBSETTINGS_RUNJOBS=maybe"), None);
        assert_eq!(read("# nothing").map(|flags| flags.run_jobs), Some(true));
    }
}
