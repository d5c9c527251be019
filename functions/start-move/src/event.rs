//! Reads an event into what happened, whatever its form.
//!
//! The crate of ready-made Lambda event types (`aws_lambda_events` 1.2.1) refuses metric-math alarms, composite alarms
//! without a suppressor and periods of a day, and takes a missing state for OK (tried with version 1.2). So
//! only what decides is read here, and nothing else is even looked at: metrics, data points and `reasonData` may have
//! any form.

use mmdr_core::Time;
use serde_json::Value;

use crate::Refusal;
use crate::field::{Field, found, plain, shown};
use crate::timestamp;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happened {
    /// An alarm changed its state.
    Alarm(Alarm),
    /// RDS tells of a cluster.
    Database(DatabaseTold),
    /// A schedule came due.
    Schedule(Schedule),
}

/// One transition of an alarm: the same from all three forms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alarm {
    /// `arn:aws:cloudwatch:<Region>:<account>:alarm:<name>`.
    pub(crate) arn: Arn,
    /// `ALARM`, `OK` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    /// When the state was entered.
    pub(crate) at: Time,
    /// What suppressed or muted its actions.
    pub(crate) suppressed_by: Option<String>,
}

/// One RDS event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DatabaseTold {
    /// `RDS-EVENT-0239` and the like.
    pub(crate) id: String,
    /// The cluster or global cluster.
    pub(crate) source: Arn,
    /// The Region whose EventBridge told it.
    pub(crate) region: String,
    /// The account.
    pub(crate) account: String,
    /// When it happened.
    pub(crate) at: Time,
}

/// One schedule's call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// The kind of run, by the schedule's own input; none where the rule's name says it.
    pub(crate) kind: Option<String>,
    /// The rule, where the event is EventBridge's own.
    pub(crate) rule: Option<Arn>,
    /// When it was due; none where the input does not say.
    pub(crate) at: Option<Time>,
}

/// An ARN, cut at its colons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arn {
    /// The whole ARN.
    pub(crate) text: String,
    /// The Region in it; empty for a global resource.
    pub(crate) region: String,
    /// The account in it.
    pub(crate) account: String,
    /// What follows the account.
    pub(crate) resource: String,
}

const AN_ALARM_ARN: &str = "an alarm's ARN";
const A_TIME: &str = "a time such as 2026-11-21T10:00:00.000+0000";

/// What happened, by the event's own account.
pub(crate) fn read(event: &Value) -> Result<Happened, Refusal> {
    let event = Field::event(event);
    if !matches!(event.value(), Some(Value::Object(_))) {
        return Err(event.refuse("a JSON object"));
    }
    let source = event.field("source").text();
    match (source, event.field("detail-type").text()) {
        (_, Some("CloudWatch Alarm State Change")) => from_bus(&event).map(Happened::Alarm),
        (_, None) if event.field("alarmData").is_there() => direct(&event).map(Happened::Alarm),
        (Some("aws.cloudwatch"), None) => Err(event.field("alarmData").refuse("the alarm's data")),
        (Some("aws.rds"), _) => database(&event).map(Happened::Database),
        (Some("aws.events"), _) => rule(&event).map(Happened::Schedule),
        (None, None) if event.field("Records").is_there() => notification(&event).map(Happened::Alarm),
        (None, None) if event.field("kind").is_there() => schedule(&event).map(Happened::Schedule),
        (source, detail_type) => Err(Refusal::UnknownEvent { found: named(source, detail_type) }),
    }
}

fn named(source: Option<&str>, detail_type: Option<&str>) -> String {
    match (source, detail_type) {
        (None, None) => "neither source, Records nor kind".into(),
        (source, detail_type) => {
            let part = |text: Option<&str>| text.map_or_else(|| "none".into(), shown);
            format!("source {}, detail-type {}", part(source), part(detail_type))
        }
    }
}

/// The alarm's own Lambda action.
fn direct(event: &Field<'_>) -> Result<Alarm, Refusal> {
    let data = event.field("alarmData");
    let arn = arn(&event.field("alarmArn"), AN_ALARM_ARN)?;
    alarm(arn, &data)
}

/// EventBridge: the ARN lies in `resources`.
fn from_bus(event: &Field<'_>) -> Result<Alarm, Refusal> {
    let arn = arn(&event.field("resources").element(0), AN_ALARM_ARN)?;
    alarm(arn, &event.field("detail"))
}

/// The part that the direct form and EventBridge share.
fn alarm(arn: Arn, data: &Field<'_>) -> Result<Alarm, Refusal> {
    same_name(&arn, &data.field("alarmName"))?;
    let state = data.field("state");
    let muted = data.field("muteDetail");
    let by = state.field("actionsSuppressedBy").optional("what suppresses the alarm")?;
    let by = by.map(plain).or_else(|| muted.is_there().then(|| "a mute rule".into()));
    Ok(Alarm {
        arn,
        state: state_value(&state.field("value"))?,
        at: time(&state.field("timestamp"))?,
        suppressed_by: by,
    })
}

/// SNS: the alarm lies as text in the message, with capitalised names.
fn notification(event: &Field<'_>) -> Result<Alarm, Refusal> {
    let records = event.field("Records");
    if records.value().and_then(Value::as_array).is_none_or(|list| list.len() != 1) {
        return Err(records.refuse("a list of one"));
    }
    let sns = records.element(0).field("Sns");
    let message = sns.field("Message");
    let text = message.required("the alarm as JSON in a text")?;
    let value: Value = serde_json::from_str(text).map_err(|error| Refusal::Malformed {
        field: message.path().into(),
        expected: "the alarm as JSON in a text".into(),
        found: broken(&error),
    })?;
    let data = Field::inside(message.path(), &value);
    let name = data.field("AlarmName");
    let arn = if data.field("AlarmArn").is_there() {
        arn(&data.field("AlarmArn"), AN_ALARM_ARN)?
    } else {
        // Older messages carry no ARN. An alarm's topic lies in the alarm's own Region.
        let topic = arn_of_topic(&sns.field("TopicArn"))?;
        let (name, account) = (name.required("the alarm's name")?, data.field("AWSAccountId").required("12 digits")?);
        split(&format!("arn:aws:cloudwatch:{}:{account}:alarm:{name}", topic.region))
            .ok_or_else(|| name_refusal(&data))?
    };
    same_name(&arn, &name)?;
    Ok(Alarm {
        arn,
        state: state_value(&data.field("NewStateValue"))?,
        at: time(&data.field("StateChangeTime"))?,
        suppressed_by: None,
    })
}

fn name_refusal(data: &Field<'_>) -> Refusal {
    data.field("AlarmName").refuse("the alarm's name")
}

fn database(event: &Field<'_>) -> Result<DatabaseTold, Refusal> {
    let detail = event.field("detail");
    let happened = if detail.field("Date").is_there() { detail.field("Date") } else { event.field("time") };
    Ok(DatabaseTold {
        id: detail.field("EventID").required("an identifier such as RDS-EVENT-0239")?.into(),
        source: arn(&detail.field("SourceArn"), "a cluster's ARN")?,
        region: event.field("region").required("a Region")?.into(),
        account: event.field("account").required("12 digits")?.into(),
        at: time(&happened)?,
    })
}

/// EventBridge's own scheduled event.
fn rule(event: &Field<'_>) -> Result<Schedule, Refusal> {
    let rule = arn(&event.field("resources").element(0), "a rule's ARN")?;
    Ok(Schedule { kind: None, rule: Some(rule), at: Some(time(&event.field("time"))?) })
}

/// A rule's or a schedule's constant input.
fn schedule(event: &Field<'_>) -> Result<Schedule, Refusal> {
    let mut names = event.value().and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys());
    if let Some(name) = names.find(|name| !["kind", "scheduled_time"].contains(&name.as_str())) {
        return Err(Refusal::Malformed {
            field: shown(name),
            expected: "kind and scheduled_time only".into(),
            found: found(event.field(name).value()),
        });
    }
    let due = event.field("scheduled_time");
    let at = if due.is_there() { Some(time(&due)?) } else { None };
    Ok(Schedule { kind: Some(event.field("kind").required("a kind of run")?.into()), rule: None, at })
}

fn state_value(field: &Field<'_>) -> Result<String, Refusal> {
    let expected = "ALARM, OK or INSUFFICIENT_DATA";
    let state = field.required(expected)?;
    if ["ALARM", "OK", "INSUFFICIENT_DATA"].contains(&state) { Ok(state.into()) } else { Err(field.refuse(expected)) }
}

fn time(field: &Field<'_>) -> Result<Time, Refusal> {
    timestamp::parse(field.required(A_TIME)?).ok_or_else(|| field.refuse(A_TIME))
}

/// The ARN names the alarm; where the event names it too, both must say the same.
fn same_name(arn: &Arn, name: &Field<'_>) -> Result<(), Refusal> {
    let in_arn = arn.resource.strip_prefix("alarm:").unwrap_or_default();
    match name.optional("the alarm's name")? {
        Some(text) if text != in_arn => Err(name.refuse(&format!("the name in the alarm's ARN, {}", shown(in_arn)))),
        _ => Ok(()),
    }
}

fn arn(field: &Field<'_>, expected: &str) -> Result<Arn, Refusal> {
    let arn = split(field.required(expected)?).ok_or_else(|| field.refuse(expected))?;
    let fits = expected != AN_ALARM_ARN || arn.resource.strip_prefix("alarm:").is_some_and(|name| !name.is_empty());
    if fits { Ok(arn) } else { Err(field.refuse(expected)) }
}

fn arn_of_topic(field: &Field<'_>) -> Result<Arn, Refusal> {
    arn(field, "the topic's ARN")
}

/// `arn:<partition>:<service>:<Region>:<account>:<resource>`; alarm names may hold colons.
fn split(text: &str) -> Option<Arn> {
    let mut parts = text.splitn(6, ':');
    let (head, _partition, _service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    (head == "arn").then(|| Arn {
        text: text.into(),
        region: region.into(),
        account: account.into(),
        resource: resource.into(),
    })
}

/// Why a text is no JSON, without showing the text.
pub(crate) fn broken(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        format!("a text that ends too early, at line {line}, column {column}")
    } else {
        format!("a text that breaks off being JSON at line {line}, column {column}")
    }
}
