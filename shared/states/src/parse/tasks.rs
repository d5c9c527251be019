//! Task states: what they call, with what, and for how long.

use super::fields::{Fields, MOST_SECONDS};
use crate::findings::{Findings, describe};
use crate::path::Reach;
use crate::state::{Call, Task};
use crate::template::Template;
use std::sync::Arc;

const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const INVOKE_FOR_TOKEN: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";

/// Reads what belongs to a Task only; the template stands for the function's whole payload.
pub(crate) fn task(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<(Task, Option<Template>)> {
    let resource = fields.need_text("Resource", findings);
    let timeout_s = fields.whole("TimeoutSeconds", 1..=MOST_SECONDS, findings);
    let heartbeat_s = fields.whole("HeartbeatSeconds", 1..=MOST_SECONDS, findings);
    if let (Some(timeout_s), Some(heartbeat_s)) = (timeout_s, heartbeat_s)
        && heartbeat_s >= timeout_s
    {
        let expected = format!("less than TimeoutSeconds ({timeout_s})");
        findings.add(fields.at("HeartbeatSeconds"), expected, heartbeat_s.to_string());
    }
    let Some(resource) = resource else {
        fields.take("Parameters");
        return None;
    };
    let call = call(resource, fields, findings)?;
    if heartbeat_s.is_some() && call != Call::InvokeForToken {
        // Nobody else can send a heartbeat, so the field would only mean an earlier time-out.
        findings.add(
            fields.at("HeartbeatSeconds"),
            "no heartbeat on a task that waits for no token",
            format!("\"{resource}\""),
        );
    }
    let (function, payload) = match call {
        Call::Direct => {
            let parameters = fields.take("Parameters");
            let place = fields.at("Parameters");
            let payload = parameters.and_then(|value| Template::object(value, &place, Reach::Context, findings));
            (resource.to_owned(), payload)
        }
        Call::Invoke | Call::InvokeForToken => invocation(call, fields, findings)?,
    };
    let constant = |name| payload.as_ref().and_then(|payload| payload.constant_text(name)).map(Arc::from);
    let (step, part) = (constant("step"), constant("part"));
    let task =
        Task { call, resource: Arc::from(resource), function: Arc::from(function), timeout_s, heartbeat_s, step, part };
    Some((task, payload))
}

fn call(resource: &str, fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Call> {
    match resource {
        INVOKE => Some(Call::Invoke),
        INVOKE_FOR_TOKEN => Some(Call::InvokeForToken),
        _ if is_substitution(resource) => Some(Call::Direct),
        _ if resource.starts_with("arn:aws:lambda:") && resource.contains(":function:") => Some(Call::Direct),
        _ => {
            fields.take("Parameters");
            let expected = format!("{INVOKE}, {INVOKE_FOR_TOKEN}, a function's ARN, or ${{Name}}");
            findings.add(fields.at("Resource"), expected, format!("\"{resource}\""));
            None
        }
    }
}

/// Whether the text is one `${Name}`, to be replaced at deployment.
fn is_substitution(text: &str) -> bool {
    text.strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|name| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

/// Reads the `Parameters` of the optimised integration: exactly a constant function name and a payload.
fn invocation(call: Call, fields: &mut Fields<'_>, findings: &mut Findings) -> Option<(String, Option<Template>)> {
    let value = fields.need("Parameters", "FunctionName and Payload", findings)?;
    let mut parameters = Fields::open(value, &fields.at("Parameters"), findings)?;
    let function = parameters.need_text("FunctionName", findings);
    let reach = if call == Call::InvokeForToken { Reach::Token } else { Reach::Context };
    let (constant, by_path) = (parameters.take("Payload"), parameters.take("Payload.$"));
    let place = parameters.at("Payload");
    let payload = match (constant, by_path) {
        (Some(value), None) => Template::object(value, &place, reach, findings),
        (None, Some(value)) => Template::path(value, &parameters.at("Payload.$"), reach, findings),
        (None, None) => {
            findings.add(&place, "Payload or Payload.$", "neither");
            None
        }
        (Some(_), Some(_)) => {
            findings.add(&place, "Payload or Payload.$", "both");
            None
        }
    };
    parameters.close(findings);
    let payload = payload?;
    if call == Call::InvokeForToken && !payload.mentions_token() {
        findings.add(
            &place,
            "$$.Task.Token somewhere in it, or nobody can end the wait",
            describe(constant.or(by_path)),
        );
    }
    Some((function?.to_owned(), Some(payload)))
}
