//! What one stack tells about itself and about the other Region: the probe metric, the heartbeat, and the take-over flag.

use mmdr_core::ports::{Called, FlagSeen, SignalReads, SignalWrites};
use mmdr_core::{Region, calls};

use crate::metrics::MetricOf;
use crate::{Aws, names};

/// Seconds within which a flag's data points are looked at. A flag that is older has stopped.
const FLAG_WINDOW_S: i64 = 3 * 3_600;

impl Aws {
    /// The take-over flag as it was published last, and since when it has said the same.
    pub(crate) async fn flag_seen(&self, region: &Region) -> Called<Option<FlagSeen>> {
        let metric = MetricOf::ours(self, names::TAKEN_OVER, ("Region", region.as_str()), "Maximum");
        let samples = self.samples(&calls::FLAG, region, metric, FLAG_WINDOW_S).await?;
        let Some(newest) = samples.first() else { return Ok(None) };
        let says = |value: f64| value >= 0.5;
        let taken_over = says(newest.value);
        let since = samples.iter().take_while(|sample| says(sample.value) == taken_over).last();
        Ok(Some(FlagSeen { taken_over, at: newest.at, since: since.map(|sample| sample.at) }))
    }

    /// Publishes the flag of `region`.
    pub(crate) async fn put_flag(&self, region: &Region, taken_over: bool) -> Called<()> {
        let metric = MetricOf::ours(self, names::TAKEN_OVER, ("Region", region.as_str()), "Maximum");
        let put = self.publish(region, metric, f64::from(u8::from(taken_over)));
        self.call(&calls::PUBLISH_FLAG, region, put).await
    }
}

impl SignalReads for Aws {
    /// No token is sent: whoever probes from outside is nobody special.
    async fn probe(&self, subject: &Region) -> Called<bool> {
        self.ask_always(&calls::PROBE_REGION, subject, async {
            let origin = self.settings.served_at(&self.setup(subject)?.mattermost_url).trim_end_matches('/');
            let url = format!("{origin}/api/v4/system/ping?get_server_status=true&use_rest_semantics=true");
            let answer = self.clients.http().get(url).send().await;
            // With REST semantics a server that is not well says so by its status (Mattermost API, GetPing).
            Ok(answer.is_ok_and(|answer| answer.status().is_success()))
        })
        .await
    }
}

impl SignalWrites for Aws {
    async fn publish_probe(&self, own: &Region, subject: &Region, healthy: bool) -> Called<()> {
        let metric = MetricOf::ours(self, names::REGION_HEALTHY, ("Subject", subject.as_str()), "Minimum");
        let put = self.publish(own, metric, f64::from(u8::from(healthy)));
        self.call(&calls::PUBLISH_PROBE, own, put).await
    }

    async fn publish_heartbeat(&self, to: &Region, from: &Region) -> Called<()> {
        let metric = MetricOf::ours(self, names::HEARTBEAT, ("From", from.as_str()), "Maximum");
        self.call(&calls::PUBLISH_HEARTBEAT, to, self.publish(to, metric, 1.0)).await
    }
}
