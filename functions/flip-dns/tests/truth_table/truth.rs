//! Where Route 53 sends traffic: the part of its behaviour on which the flip rests, as a pure function.
//!
//! Two failover records. PRIMARY has a health check of type CLOUDWATCH_METRIC on the alarm of a take-over flag;
//! SECONDARY has none and counts as healthy. Route 53 answers PRIMARY while its health check is healthy, otherwise
//! SECONDARY.
//! The health check reads the metric's stream itself: `SetAlarmState` does not move it. Where the metric stops,
//! `InsufficientDataHealthStatus` decides (Route 53 developer guide, "How Route 53 determines whether a health check is
//! healthy"; API reference, HealthCheckConfig).

use std::fmt::Display;
use std::str::FromStr;

use mmdr_core::Region;

/// What the health check's stream of the flag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The standby has taken over: PRIMARY is unhealthy.
    TakenOver,
    /// It has not: PRIMARY is healthy.
    NotTakenOver,
    /// No data arrives, because nobody publishes or the flag's Region is dark.
    NoData,
}

/// Health of the PRIMARY record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Traffic goes to PRIMARY.
    Healthy,
    /// Traffic goes to SECONDARY.
    Unhealthy,
}

/// `InsufficientDataHealthStatus`: what counts while no data arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithoutData {
    /// The only setting under which a dark flag Region moves nothing.
    LastKnownStatus,
    /// PRIMARY, whatever was said before.
    Healthy,
    /// SECONDARY, whatever was said before.
    Unhealthy,
}

/// How the public name is armed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arming {
    /// The Region of the PRIMARY record.
    pub(crate) primary: Region,
    /// The Region of the SECONDARY record.
    pub(crate) secondary: Region,
    /// The setting for missing data.
    pub(crate) without_data: WithoutData,
}

/// Health of PRIMARY from the signal and from what it was before.
pub(crate) fn primary_health(signal: Signal, last: Health, without_data: WithoutData) -> Health {
    match (signal, without_data) {
        (Signal::TakenOver, _) | (Signal::NoData, WithoutData::Unhealthy) => Health::Unhealthy,
        (Signal::NotTakenOver, _) | (Signal::NoData, WithoutData::Healthy) => Health::Healthy,
        (Signal::NoData, WithoutData::LastKnownStatus) => last,
    }
}

/// The Region whose address Route 53 gives.
pub(crate) fn where_traffic_goes(arming: &Arming, signal: Signal, last: Health) -> &Region {
    match primary_health(signal, last, arming.without_data) {
        Health::Healthy => &arming.primary,
        Health::Unhealthy => &arming.secondary,
    }
}

impl FromStr for Signal {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "taken-over" => Ok(Self::TakenOver),
            "not-taken-over" => Ok(Self::NotTakenOver),
            "no-data" => Ok(Self::NoData),
            other => Err(unknown("a signal (taken-over, not-taken-over, no-data)", other)),
        }
    }
}

impl FromStr for Health {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "healthy" => Ok(Self::Healthy),
            "unhealthy" => Ok(Self::Unhealthy),
            other => Err(unknown("a health (healthy, unhealthy)", other)),
        }
    }
}

fn unknown(expected: &str, found: impl Display) -> String {
    format!("expected {expected}, found {found}")
}
