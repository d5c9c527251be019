//! CloudWatch metrics: the newest data points of one, and one data point put.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricDatum, MetricStat, ScanBy, StatusCode,
};
use aws_sdk_cloudwatch::{Client, Client as CloudWatch};
use mmdr_core::calls::Call;
use mmdr_core::ports::Called;
use mmdr_core::{Fault, Region, Sample, Time};

use crate::clients::Manner;
use crate::{Aws, faults, names};

/// One metric: namespace, name, dimensions, statistic.
#[derive(Clone, Debug)]
pub(crate) struct MetricOf<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) dimensions: Vec<(&'a str, &'a str)>,
    pub(crate) statistic: &'a str,
}

impl<'a> MetricOf<'a> {
    /// One of ours; its dimensions begin with the Deployment.
    pub(crate) fn ours(aws: &'a Aws, name: &'a str, dimension: (&'a str, &'a str), statistic: &'a str) -> Self {
        let dimensions = vec![("Deployment", aws.deployment.name.as_str()), dimension];
        Self { namespace: names::NAMESPACE, name, dimensions, statistic }
    }

    fn dimensions(&self) -> Vec<Dimension> {
        self.dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build()).collect()
    }
}

/// Seconds of one data point: every metric that is read here is published once a minute at least.
const PERIOD_S: i32 = 60;

impl Aws {
    /// The data points of the last `seconds`, newest first (CloudWatch API, GetMetricData).
    pub(crate) async fn samples(
        &self,
        call: &'static Call,
        region: &Region,
        metric: MetricOf<'_>,
        seconds: i64,
    ) -> Called<Vec<Sample>> {
        let client: Client = self.clients.get(region, self.manner(call, region), |config| CloudWatch::new(config));
        self.call(call, region, async {
            let now = (self.clock)();
            let of = Metric::builder()
                .namespace(metric.namespace)
                .metric_name(metric.name)
                .set_dimensions(Some(metric.dimensions()))
                .build();
            let stat = MetricStat::builder().metric(of).period(PERIOD_S).stat(metric.statistic).build();
            let query = MetricDataQuery::builder().id("m").metric_stat(stat).return_data(true).build();
            let mut pages = client
                .get_metric_data()
                .metric_data_queries(query)
                .start_time(at(now.plus_s(-seconds)))
                // The minute that has begun belongs to it.
                .end_time(at(now.plus_s(i64::from(PERIOD_S))))
                .scan_by(ScanBy::TimestampDescending)
                .into_paginator()
                .send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| faults::of(&error))?;
                for result in page.metric_data_results() {
                    answered(result, metric.name)?;
                    let points = result.timestamps().iter().zip(result.values());
                    found.extend(points.map(|(at, value)| Sample { value: *value, at: time(at) }));
                }
            }
            found.sort_by_key(|sample| std::cmp::Reverse(sample.at));
            Ok(found)
        })
        .await
    }

    /// The newest data point of the last `seconds`.
    pub(crate) async fn newest(
        &self,
        call: &'static Call,
        region: &Region,
        metric: MetricOf<'_>,
        seconds: i64,
    ) -> Called<Option<Sample>> {
        Ok(self.samples(call, region, metric, seconds).await?.first().copied())
    }

    /// Puts one data point of one of our metrics (CloudWatch API, PutMetricData): the same again changes nothing.
    pub(crate) async fn publish(&self, region: &Region, metric: MetricOf<'_>, value: f64) -> Result<(), Fault> {
        let client: Client = self.clients.get(region, Manner::Change, |config| CloudWatch::new(config));
        let datum = MetricDatum::builder()
            .metric_name(metric.name)
            .set_dimensions(Some(metric.dimensions()))
            .timestamp(at((self.clock)()))
            .value(value)
            .build();
        let sent = client.put_metric_data().namespace(metric.namespace).metric_data(datum).send().await;
        sent.map(|_| ()).map_err(|error| faults::of(&error))
    }
}

/// HTTP 200 may still be no answer: what failed inside CloudWatch looks like a metric without data.
fn answered(result: &MetricDataResult, name: &str) -> Result<(), Fault> {
    match result.status_code() {
        Some(status @ (StatusCode::InternalError | StatusCode::Forbidden)) => {
            Err(Fault::LookAgain(format!("CloudWatch answers {status} for {name}")))
        }
        _ => Ok(()),
    }
}

/// Our time as the SDK's.
pub(crate) fn at(time: Time) -> DateTime {
    DateTime::from_millis(time.0)
}

/// The SDK's time as ours.
pub(crate) fn time(at: &DateTime) -> Time {
    Time(at.to_millis().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_cloudwatch_could_not_read_is_none_without_data() {
        let said = |status| answered(&MetricDataResult::builder().status_code(status).build(), "Heartbeat");
        assert_eq!(said(StatusCode::Complete), Ok(()));
        assert_eq!(said(StatusCode::PartialData), Ok(()), "a page of several");
        for status in [StatusCode::InternalError, StatusCode::Forbidden] {
            assert!(matches!(said(status), Err(Fault::LookAgain(_))));
        }
    }
}
