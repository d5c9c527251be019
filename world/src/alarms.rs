//! The alarm of each Region's stack on the other Region, and the three forms in which its transition travels.
//!
//! An alarm acts on transitions only (CloudWatch, "Using alarm actions"): a trigger that is lost never recurs. It
//! starts the looking and proves nothing.
//!
//! Simpler than what is deployed (`template.yaml`, `LostAlarm`): the probe alone, for two minutes, as a plain metric alarm. The
//! composite wants three minutes of it, and a silent heartbeat or database besides: a rehearsal's run opens that much earlier.

use mmdr_core::Time;
use serde_json::{Value, json};

use crate::model::{Ctx, Model, witnesses};
use crate::network::Ix;

/// Minutes in a row that the outside probe must fail.
const DATAPOINTS_TO_ALARM: u32 = 2;

/// How one Region's alarm on the other stands.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    failures: u32,
    alarm: bool,
    /// When it went to ALARM last.
    pub since: Option<i64>,
}

/// The form in which an alarm reaches start-move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The alarm's own Lambda action: the deployed route.
    Direct,
    /// An EventBridge rule.
    EventBridge,
    /// A topic.
    Sns,
}

/// Evaluates the alarm of `region` on the other one, once a minute. Gives the event of a transition to ALARM.
pub fn evaluate(alarms: &mut [Alarm; 2], model: &Model, region: Ix, ctx: &Ctx<'_>) -> Option<Value> {
    let subject = 1 - region;
    // Only the standby watches: in the writer's own Region the other one is meant to be silent.
    let settled = model.objects.peek(region).and_then(|ledger| ledger.settled.as_ref());
    let standby = settled.is_none_or(|settled| Some(&settled.writer) == model.regions.get(subject));
    let alarm = alarms.get_mut(region)?;
    if !standby || witnesses::application_works(model, subject, region, ctx) {
        *alarm = Alarm::default();
        return None;
    }
    alarm.failures += 1;
    if alarm.alarm || alarm.failures < DATAPOINTS_TO_ALARM {
        return None;
    }
    alarm.alarm = true;
    alarm.since = Some(ctx.now);
    Some(event(Form::Direct, model, region, ctx.now, ctx.deployment))
}

/// The transition of `region`'s alarm at `at_ms`, in one of its forms.
pub fn event(form: Form, model: &Model, region: Ix, at_ms: i64, deployment: &mmdr_core::Deployment) -> Value {
    let (own, subject) = (model.name(region), model.name(1 - region));
    let name = format!("mmdr-{}-lost-{subject}", deployment.name);
    let account = &deployment.account_id;
    let arn = format!("arn:aws:cloudwatch:{own}:{account}:alarm:{name}");
    let stamp = format!("{}.000+0000", Time(at_ms).to_string().trim_end_matches('Z'));
    let reason = "Threshold Crossed: 2 datapoints were less than the threshold (1.0).";
    let state = json!({ "value": "ALARM", "reason": reason, "timestamp": stamp });
    let previous = json!({ "value": "OK", "reason": "Threshold not crossed", "timestamp": stamp });
    let configuration = json!({ "description": format!("{subject} looks lost, seen from {own}"), "metrics": [] });
    match form {
        Form::Direct => json!({
            "source": "aws.cloudwatch", "alarmArn": arn, "accountId": account, "time": stamp, "region": own,
            "alarmData": { "alarmName": name, "state": state, "previousState": previous, "configuration": configuration }
        }),
        Form::EventBridge => json!({
            "version": "0", "id": format!("event-{at_ms}"), "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch", "account": account, "time": Time(at_ms).to_string(), "region": own,
            "resources": [arn],
            "detail": { "alarmName": name, "state": state, "previousState": previous, "configuration": configuration }
        }),
        Form::Sns => {
            let message = json!({
                "AlarmName": name, "AlarmDescription": null, "AWSAccountId": account, "NewStateValue": "ALARM",
                "NewStateReason": reason, "StateChangeTime": stamp, "Region": own, "AlarmArn": arn, "OldStateValue": "OK",
                "Trigger": {}
            });
            json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {
                "Type": "Notification", "TopicArn": format!("arn:aws:sns:{own}:{account}:alarms"), "Subject": "ALARM",
                "Message": message.to_string(), "Timestamp": Time(at_ms).to_string()
            } }] })
        }
    }
}
