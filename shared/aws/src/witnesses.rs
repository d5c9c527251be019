//! Independent opinions on a Region's health: metrics that probes publish, and the Region's own front door.

use aws_sdk_sts::Client;
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::{Called, ProbeSeen, WitnessReads};
use mmdr_core::{Fault, Region, Time};

use crate::clients::Manner;
use crate::metrics::MetricOf;
use crate::{Aws, faults, names};

/// Seconds within which a probe counts at all; how fresh it must be decides policy.
const WINDOW_S: i64 = 15 * 60;

impl Aws {
    async fn probe(&self, call: &'static Call, asked: &Region, subject: &Region) -> Called<Option<ProbeSeen>> {
        // Of two data points in one minute the worse one counts.
        let metric = MetricOf::ours(self, names::REGION_HEALTHY, ("Subject", subject.as_str()), "Minimum");
        let newest = self.newest(call, asked, metric, WINDOW_S).await?;
        Ok(newest.map(|sample| ProbeSeen { healthy: sample.value >= 0.5, at: sample.at }))
    }
}

impl WitnessReads for Aws {
    async fn own_probe(&self, own: &Region, subject: &Region) -> Called<Option<ProbeSeen>> {
        self.probe(&calls::OWN_PROBE, own, subject).await
    }

    async fn third_probe(&self, third: &Region, subject: &Region) -> Called<Option<ProbeSeen>> {
        self.probe(&calls::THIRD_PROBE, third, subject).await
    }

    /// STS's Regional endpoint needs no permission, so any answer, a refusal too, is a sign of life.
    async fn region_answers(&self, subject: &Region) -> Called<bool> {
        let client: Client = self.clients.get(subject, Manner::Across, |config| Client::new(config));
        let asked = async {
            match client.get_caller_identity().send().await.map_err(|error| faults::of(&error)) {
                // That nothing comes back is the answer that is asked for.
                Err(Fault::NoAnswer) => Ok(false),
                Err(Fault::Refused(text)) if text.starts_with("the request could not be made") => {
                    Err(Fault::Refused(text))
                }
                _ => Ok(true),
            }
        };
        self.ask_always(&calls::REGION_ANSWERS, subject, asked).await
    }

    async fn heartbeat(&self, own: &Region, subject: &Region) -> Called<Option<Time>> {
        let metric = MetricOf::ours(self, names::HEARTBEAT, ("From", subject.as_str()), "Maximum");
        let newest = self.newest(&calls::HEARTBEAT, own, metric, WINDOW_S).await?;
        Ok(newest.map(|sample| sample.at))
    }
}
