//! Looks at the Deployment from outside, each minute, and tells what it saw. No step: it decides nothing.
//!
//! In each of the two Regions it probes the other one's Mattermost at that Region's own address, publishes `RegionHealthy` in
//! its own Region, where alarms and diagnosis read it, and sends `Heartbeat` to the other Region. In a witness's Region it
//! probes both and sends nothing. A metric that stops says that the prober is gone, which alarms take for bad news and the
//! diagnosis for no news.

use mmdr_core::ports::{SignalReads, SignalWrites};
use mmdr_core::{Place, Region, StepError};
use serde_json::{Value, json};

/// What one invocation did: the subjects, each with what was seen of it, and whether the heartbeat was taken.
///
/// Errors: [`StepError::RecordFailed`] where the own Region's metrics took nothing. That the other Region does not take the
/// heartbeat is no error: that it stays away is what it is for.
pub async fn serve<P>(ports: &P, place: &Place, _event: Value) -> Result<Value, StepError>
where
    P: SignalReads + SignalWrites,
{
    let mut seen = serde_json::Map::new();
    for subject in subjects(place) {
        let healthy = ports.probe(subject).await.unwrap_or(false);
        ports.publish_probe(&place.own, subject, healthy).await.map_err(StepError::RecordFailed)?;
        seen.insert(subject.as_str().to_owned(), healthy.into());
    }
    let heartbeat = match place.deployment.other(&place.own) {
        Some(other) => Some(ports.publish_heartbeat(other, &place.own).await.is_ok()),
        None => None,
    };
    Ok(json!({ "healthy": seen, "heartbeat": heartbeat }))
}

/// The other Region, or for a witness both.
fn subjects(place: &Place) -> Vec<&Region> {
    place.deployment.regions.iter().map(|setup| &setup.name).filter(|name| **name != place.own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_core::ports::Called;
    use mmdr_core::{CallError, Deployment, Fault, Time};
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    /// Regions that are well, Regions that take metrics, and what was published.
    #[derive(Default)]
    struct Outside {
        well: Vec<&'static str>,
        gone: Vec<&'static str>,
        told: RefCell<Vec<String>>,
    }

    impl Outside {
        fn put(&self, at: &Region, what: String) -> Called<()> {
            if self.gone.contains(&at.as_str()) {
                return Err(CallError { call: "put".into(), region: at.clone(), fault: Fault::NoAnswer });
            }
            self.told.borrow_mut().push(format!("{at}: {what}"));
            Ok(())
        }
    }

    impl SignalReads for Outside {
        async fn probe(&self, subject: &Region) -> Called<bool> {
            Ok(self.well.contains(&subject.as_str()))
        }
    }

    impl SignalWrites for Outside {
        async fn publish_probe(&self, own: &Region, subject: &Region, healthy: bool) -> Called<()> {
            self.put(own, format!("{subject} healthy {healthy}"))
        }
        async fn publish_heartbeat(&self, to: &Region, from: &Region) -> Called<()> {
            self.put(to, format!("{from} is alive"))
        }
    }

    fn invoked(outside: &Outside, own: &str) -> Result<Value, StepError> {
        let deployment = Arc::new(Deployment::seed_example().unwrap());
        let place = Place { own: Region::new(own), deployment, now: Time(0) };
        let mut future = pin!(serve(outside, &place, Value::Null));
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("it waits for nothing"),
        }
    }

    #[test]
    fn a_region_probes_the_other_one_and_sends_it_a_heartbeat() {
        let outside = Outside { well: vec!["us-west-1"], ..Outside::default() };
        invoked(&outside, "us-east-1").unwrap();
        let told = outside.told.into_inner();
        assert_eq!(told, ["us-east-1: us-west-1 healthy true", "us-west-1: us-east-1 is alive"]);
    }

    #[test]
    fn a_lost_region_is_told_as_not_healthy_and_its_silence_is_no_error() {
        let outside = Outside { gone: vec!["us-west-1"], ..Outside::default() };
        let answer = invoked(&outside, "us-east-1").unwrap();
        assert_eq!(answer, json!({ "healthy": { "us-west-1": false }, "heartbeat": false }));
    }

    #[test]
    fn a_witness_probes_both_and_sends_nothing() {
        let outside = Outside { well: vec!["us-east-1"], ..Outside::default() };
        invoked(&outside, "us-east-2").unwrap();
        let told = outside.told.into_inner();
        assert_eq!(told, ["us-east-2: us-west-1 healthy false", "us-east-2: us-east-1 healthy true"]);
    }

    #[test]
    fn that_the_own_region_takes_no_metric_is_an_error_that_may_be_retried() {
        let outside = Outside { gone: vec!["us-east-1"], ..Outside::default() };
        assert_eq!(invoked(&outside, "us-east-1").unwrap_err().name(), "Dr.RecordFailed");
    }
}
