//! What a function writes to its log: one line of JSON per call and one per invocation, each with its metrics embedded.
//!
//! CloudWatch reads metrics out of a line with `_aws` (CloudWatch guide, "Embedded metric format specification"), so no call is
//! made for them. No line repeats an event, a payload or an answer: they may hold what nobody has looked at yet.

use mmdr_aws::CallTold;
use mmdr_core::{StepError, Time};
use serde_json::{Map, Value, json};

use crate::envelope::Delivery;

/// Namespace of every metric of ours.
const NAMESPACE: &str = "MattermostDR";

/// Functions that run each minute.
const STANDING: [&str; 3] = ["reconcile", "keep-fenced", "probe-regions"];

/// Which function speaks, and of which invocation.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) deployment: String,
    pub(crate) function: String,
    pub(crate) region: String,
    pub(crate) request_id: String,
}

impl Speaker {
    fn line(&self, level: &str, what: &str, now: Time) -> Map<String, Value> {
        let line = json!({
            "level": level,
            "what": what,
            "at": now.to_string(),
            "Deployment": self.deployment,
            "Step": self.function,
            "region": self.region,
            "request_id": self.request_id,
        });
        if let Value::Object(line) = line { line } else { Map::new() }
    }

    /// The line of one call.
    pub(crate) fn call(&self, told: &CallTold<'_>, now: Time) -> Value {
        let level = if told.fault.is_some() { "WARN" } else { "INFO" };
        let mut line = self.line(level, "call", now);
        line.insert("Call".into(), told.call.into());
        line.insert("method".into(), told.method.into());
        line.insert("asked".into(), told.region.as_str().into());
        line.insert("CallMs".into(), told.took_ms.into());
        line.insert("CallFailed".into(), u8::from(told.fault.is_some()).into());
        if let Some(fault) = told.fault {
            line.insert("fault".into(), fault.to_string().into());
        }
        // A custom metric is paid for by the month. What runs each minute tells of its calls as metrics only where one failed.
        if STANDING.contains(&self.function.as_str()) && told.fault.is_none() {
            return Value::Object(line);
        }
        let metrics = [("CallMs", "Milliseconds"), ("CallFailed", "Count")];
        with_metrics(line, now, &["Deployment", "Call"], &metrics)
    }

    /// The line of one invocation that answered.
    pub(crate) fn looked(&self, by: &Delivery, payload: &RunFields, answer: &Value, took_ms: u64, now: Time) -> Value {
        let previous = answer.get("previous").unwrap_or(&Value::Null);
        let text = |field: &str| previous.get(field).and_then(Value::as_str).unwrap_or_default();
        let outcome = text("outcome");
        let level = if matches!(outcome, "Refuse" | "Exhausted") { "WARN" } else { "INFO" };
        let mut line = self.line(level, "look", now);
        payload.told_in(&mut line);
        deliver(&mut line, by);
        for field in ["part", "outcome", "code", "sentence", "looks"] {
            line.insert(field.into(), previous.get(field).cloned().unwrap_or_default());
        }
        line.insert("LookMs".into(), took_ms.into());
        line.insert("Looks".into(), 1.into());
        line.insert("Refused".into(), u8::from(outcome == "Refuse").into());
        line.insert("Exhausted".into(), u8::from(outcome == "Exhausted").into());
        line.insert("Failed".into(), 0.into());
        with_metrics(line, now, &["Deployment", "Step"], &LOOK_METRICS)
    }

    /// The line of one invocation that gave no answer.
    pub(crate) fn failed(
        &self,
        by: &Delivery,
        payload: &RunFields,
        error: &StepError,
        took_ms: u64,
        now: Time,
    ) -> Value {
        let mut line = self.line("ERROR", "look", now);
        payload.told_in(&mut line);
        deliver(&mut line, by);
        line.insert("outcome".into(), error.name().into());
        line.insert("sentence".into(), error.to_string().into());
        line.insert("LookMs".into(), took_ms.into());
        line.insert("Looks".into(), 1.into());
        line.insert("Refused".into(), 0.into());
        line.insert("Exhausted".into(), 0.into());
        line.insert("Failed".into(), 1.into());
        with_metrics(line, now, &["Deployment", "Step"], &LOOK_METRICS)
    }

    /// The line that says how long people were without Mattermost, as far as this run knows.
    pub(crate) fn recovered(&self, kind: &str, seconds: i64, now: Time) -> Value {
        let mut line = self.line("INFO", "recovered", now);
        line.insert("Kind".into(), kind.into());
        line.insert("TimeToRecoverSeconds".into(), seconds.into());
        with_metrics(line, now, &["Deployment", "Kind"], &[("TimeToRecoverSeconds", "Seconds")])
    }
}

const LOOK_METRICS: [(&str, &str); 5] =
    [("LookMs", "Milliseconds"), ("Looks", "Count"), ("Refused", "Count"), ("Exhausted", "Count"), ("Failed", "Count")];

/// What a payload says of the run, as far as it says it; nothing of it is believed here.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFields {
    pub(crate) run: Value,
    pub(crate) epoch: Value,
    pub(crate) kind: Value,
    pub(crate) part: Value,
    pub(crate) opened_at: Value,
}

impl RunFields {
    pub(crate) fn of(event: &Value) -> Self {
        let run = |field: &str| event.pointer(&format!("/run/{field}")).cloned().unwrap_or_default();
        // A start input, or an answer, may say anything: only what has the form of a name is repeated.
        let plain = |value: Value| match value.as_str() {
            Some(text) if text.len() <= 80 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) => {
                value
            }
            _ => Value::Null,
        };
        Self {
            run: plain(run("id")),
            epoch: run("epoch").as_u64().map_or(Value::Null, Value::from),
            kind: plain(run("kind")),
            part: plain(event.get("part").cloned().unwrap_or_default()),
            opened_at: run("opened_at").as_i64().map_or(Value::Null, Value::from),
        }
    }

    fn told_in(&self, line: &mut Map<String, Value>) {
        line.insert("run".into(), self.run.clone());
        line.insert("epoch".into(), self.epoch.clone());
        line.insert("part".into(), self.part.clone());
    }
}

fn deliver(line: &mut Map<String, Value>, by: &Delivery) {
    line.insert("via".into(), by.via.into());
    if !by.id.is_empty() {
        line.insert("delivery".into(), by.id.clone().into());
    }
}

fn with_metrics(mut line: Map<String, Value>, now: Time, dimensions: &[&str], metrics: &[(&str, &str)]) -> Value {
    let metrics: Vec<Value> = metrics.iter().map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
    let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics });
    line.insert("_aws".into(), json!({ "Timestamp": now.0, "CloudWatchMetrics": [directive] }));
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_core::{Fault, Region};

    fn speaker() -> Speaker {
        Speaker {
            deployment: "acme-chat".into(),
            function: "switch-database".into(),
            region: "us-east-1".into(),
            request_id: "r-1".into(),
        }
    }

    fn has_its_metrics(line: &Value) {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
        }
        for dimension in directive["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
        }
    }

    #[test]
    fn every_metric_and_dimension_of_a_line_is_a_field_of_it() {
        let (speaker, now) = (speaker(), Time(1_795_255_200_000));
        let by = Delivery { via: "state-machine", id: String::new() };
        let answer = json!({ "previous": { "part": "promote", "outcome": "Wait", "code": "Moving", "sentence": "s", "looks": 2 } });
        has_its_metrics(&speaker.looked(&by, &RunFields::default(), &answer, 12, now));
        has_its_metrics(&speaker.failed(&by, &RunFields::default(), &StepError::BadInput("x".into()), 12, now));
        has_its_metrics(&speaker.recovered("failover", 300, now));
        let (region, fault) = (Region::new("us-west-1"), Fault::NoAnswer);
        let told = CallTold { call: "rds:X", method: "database.x", region: &region, took_ms: 3, fault: Some(&fault) };
        has_its_metrics(&speaker.call(&told, now));
    }

    #[test]
    fn what_runs_each_minute_has_no_metric_of_a_call_that_went_well() {
        let speaker = Speaker { function: "reconcile".into(), ..speaker() };
        let region = Region::new("us-west-1");
        let told = |fault| CallTold { call: "rds:X", method: "database.x", region: &region, took_ms: 3, fault };
        assert!(speaker.call(&told(None), Time(0)).get("_aws").is_none());
        assert!(speaker.call(&told(Some(&Fault::NoAnswer)), Time(0)).get("_aws").is_some());
    }

    #[test]
    fn a_line_names_run_epoch_and_outcome() {
        let event =
            json!({ "run": { "id": "fo-1", "epoch": 3, "kind": "failover", "opened_at": 5 }, "part": "promote" });
        let answer = json!({ "previous": { "part": "promote", "outcome": "Refuse", "code": "Gone", "sentence": "s", "looks": 2 } });
        let by = Delivery { via: "state-machine", id: String::new() };
        let line = speaker().looked(&by, &RunFields::of(&event), &answer, 12, Time(0));
        assert_eq!((&line["run"], &line["epoch"], &line["outcome"]), (&json!("fo-1"), &json!(3), &json!("Refuse")));
        assert_eq!((&line["level"], &line["Refused"]), (&json!("WARN"), &json!(1)));
    }

    #[test]
    fn what_an_event_says_instead_of_a_name_is_not_repeated() {
        let event = json!({ "run": { "id": "token: hunter2 {}", "epoch": "x" }, "part": "a b" });
        let ticket = RunFields::of(&event);
        assert!(ticket.run.is_null() && ticket.epoch.is_null() && ticket.part.is_null());
    }
}
