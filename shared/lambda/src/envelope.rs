//! Who delivered an event, for the logs: at-least-once delivery shows there as one event under several deliveries.
//!
//! The envelopes are read with `aws_lambda_events`; what they hold is read by the step, which takes forms that the crate's
//! own alarm types refuse (metric math, composite alarms without a suppressor, periods of a day).

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::sns::SnsEvent;
use serde_json::Value;

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// `sns`, `event-bus`, `alarm-action`, `state-machine`, or `invocation`.
    pub(crate) via: &'static str,
    /// The deliverer's own identifier; empty where it gives none.
    pub(crate) id: String,
}

/// Who delivered `event`.
pub(crate) fn delivery(event: &Value) -> Delivery {
    let delivered = |via, id: &str| Delivery { via, id: id.into() };
    if event.get("alarmData").is_some() {
        return delivered("alarm-action", "");
    }
    if event.get("run").is_some() && event.get("part").is_some() {
        return delivered("state-machine", "");
    }
    if event.pointer("/Records/0/Sns").is_some() {
        // The crate wants fields that nothing here needs; without one of them the notification is one all the same.
        let notification = serde_json::from_value::<SnsEvent>(event.clone());
        let id = notification.ok().and_then(|it| Some(it.records.first()?.sns.message_id.clone()));
        let said = || event.pointer("/Records/0/Sns/MessageId")?.as_str().map(str::to_owned);
        return delivered("sns", &id.or_else(said).unwrap_or_default());
    }
    if event.get("detail-type").is_some()
        && let Ok(told) = serde_json::from_value::<EventBridgeEvent<Value>>(event.clone())
    {
        return delivered("event-bus", told.id.as_deref().unwrap_or_default());
    }
    delivered("invocation", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> Delivery {
        let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
        delivery(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    #[test]
    fn every_way_in_which_an_alarm_comes_is_known() {
        assert_eq!(sample("alarm-direct").via, "alarm-action");
        assert_eq!(sample("alarm-composite-direct").via, "alarm-action");
        assert_eq!(sample("alarm-metric-math").via, "alarm-action");
        let (sns, bus) = (sample("alarm-sns"), sample("alarm-eventbridge"));
        assert_eq!((sns.via, bus.via), ("sns", "event-bus"));
        assert!(!sns.id.is_empty() && !bus.id.is_empty());
    }

    #[test]
    fn an_event_of_rds_comes_by_the_bus_and_a_schedules_input_by_itself() {
        assert_eq!(sample("rds-event-0239").via, "event-bus");
        assert_eq!(sample("schedule-verify-backups").via, "invocation");
    }
}
