//! The public name.

use mmdr_core::deployment::DnsMode;
use mmdr_core::records::CheckSeverity::{Critical, Warning};

use super::search::few;
use crate::table::{Answer, Area, Check, Gate, View, cannot_tell, failed, judge, need};

/// A flag older than this, in seconds, is not being published: reconcile publishes it each minute.
const FLAG_AGE_S: i64 = 180;
/// Longest TTL in seconds that Route 53 advises beside health checks.
const TTL_S: u32 = 60;

const fn check(
    name: &'static str,
    gate: Gate,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Dns, severity: Critical, gate, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "dns-control",
        Gate::No,
        "the records of the public name can be read in the hosted zone that the document names, and all of them move",
        "prerequisite: control of the domain",
        "dns.hosted_zone_id in the document (Route 53's control plane lives in us-east-1); delete what stays, or make it a failover pair",
        |view| {
            let records = need(&view.seen.records)?;
            if records.unmoved.is_empty() {
                return Ok(format!("PRIMARY is {}", records.primary));
            }
            let kinds = records.unmoved.join(", ");
            failed(format!(
                "beside the failover records lies {kinds}, which leads people to one Region after every move"
            ))
        },
    ),
    check(
        "dns-armed",
        Gate::Needed,
        "PRIMARY is the writer, and what flips it lies in the standby",
        "set-up: DNS switches between PRIMARY and SECONDARY",
        "start protect: arm-dns exchanges the roles",
        armed,
    ),
    check(
        "dns-keeps-last-status",
        Gate::Needed,
        "the health check keeps its last status when the flag's metric stops",
        "trap: otherwise losing the standby Region moves or stops the traffic (Route 53, InsufficientDataHealthStatus)",
        "aws route53 update-health-check --insufficient-data-health-status LastKnownStatus",
        |view| match view.document().dns.mode {
            DnsMode::Records => Ok("records are changed instead".into()),
            DnsMode::TakeOverFlag => {
                let keeps = need(&view.seen.records)?.keeps_last_status;
                judge(keeps, if keeps { "keeps it" } else { "does not keep it" })
            }
        },
    ),
    check(
        "take-over-flag-fresh",
        Gate::Needed,
        "the standby's flag is published each minute and is not raised",
        "trap: a flag that nobody publishes cannot be flipped, a raised one has flipped already",
        "look at the last report of reconcile in the standby Region",
        flag,
    ),
    Check {
        severity: Warning,
        ..check(
            "dns-ttl",
            Gate::No,
            "resolvers keep an answer for a minute at most",
            "trap: TTL of 60 s or less beside health checks (Route 53 developer guide)",
            "change the TTL of both failover records",
            |view| {
                let found = need(&view.seen.records)?.ttl_s;
                judge(found <= TTL_S.max(view.document().dns.ttl_s), format!("{found} s"))
            },
        )
    },
    Check {
        severity: Warning,
        ..check(
            "dns-answers-with-the-writer",
            Gate::No,
            "every resolver gives the writer's address",
            "result of a move: DNS leads to the Region that serves",
            "wait for the TTL; then look at the records and the health check",
            |view| {
                let writer = view.writer()?.name;
                let resolvers = need(&view.seen.resolvers)?;
                if resolvers.is_empty() {
                    return cannot_tell("no resolver was asked");
                }
                let wrong = resolvers.iter().filter(|resolver| resolver.region.as_ref() != Some(writer));
                let wrong: Vec<&str> = wrong.map(|resolver| resolver.vantage.as_str()).collect();
                if wrong.is_empty() { Ok(format!("{} resolvers", resolvers.len())) } else { failed(few(&wrong)) }
            },
        )
    },
    Check {
        severity: Warning,
        ..check(
            "dns-needs-no-control-plane",
            Gate::No,
            "a flip needs no control plane on the worst day",
            "trap: Route 53 writes live in us-east-1 (AWS, fault isolation boundaries)",
            "dns.mode = \"take-over-flag\" in the document; at least enable accelerated recovery of the zone",
            |view| match view.document().dns.mode {
                DnsMode::TakeOverFlag => Ok("the take-over flag is data plane only".into()),
                DnsMode::Records => failed("records are changed, which needs us-east-1"),
            },
        )
    },
];

fn armed(view: &View<'_>) -> Answer {
    let records = need(&view.seen.records)?;
    let (writer, standby) = (view.writer()?.name, view.standby()?.name);
    let evidence = format!("PRIMARY is {}, watched from {}", records.primary, records.flag_region);
    let watched = view.document().dns.mode == DnsMode::Records || records.flag_region == *standby;
    judge(records.primary == *writer && watched, evidence)
}

fn flag(view: &View<'_>) -> Answer {
    if view.document().dns.mode == DnsMode::Records {
        return Ok("records are changed instead".into());
    }
    let standby = view.standby()?;
    match need(&standby.seen.flag)? {
        None => failed(format!("{} has no flag", standby.name)),
        Some(flag) if !view.now().is_within(FLAG_AGE_S, flag.at) => failed(format!("published last at {}", flag.at)),
        Some(flag) => judge(!flag.taken_over, if flag.taken_over { "raised" } else { "published and not raised" }),
    }
}
