//! A failover depends on nothing outside the surviving Region, and on no control plane of us-east-1.

use mmdr_core::StepName;
use mmdr_core::deployment::DnsMode;

use super::{Judge, View};
use crate::news::News;

/// Changes that need a control plane in us-east-1, wherever they are asked. The first only where policy does not ask for it.
const US_EAST_1: &[&str] = &["dns.exchange_records", "files.put_replication"];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OwnRegionOnly;

impl Judge for OwnRegionOnly {
    fn name(&self) -> &'static str {
        "own-region-only"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        let News::Called { method, changes: true, asked, from, step, .. } = news else { return None };
        let lost = view.network.is_dark(1 - (*from).min(1));
        let peace_time = matches!(step, StepName::ArmDns | StepName::VerifyFiles);
        let asked_for = *method == "dns.exchange_records" && view.deployment.dns.mode == DnsMode::Records;
        if lost && !asked_for && US_EAST_1.contains(method) {
            return Some(format!("{step} called {method} while a Region was dark"));
        }
        (lost && !asked_for && asked != from && !peace_time)
            .then(|| format!("{step} changed something in the dark Region by {method}"))
    }
}
