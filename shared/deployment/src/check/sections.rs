//! The sections that both Regions share.

use super::forms;
use crate::place::{Findings, Place};
use crate::show;

/// Route 53's advice where a health check decides: a longer answer outlives the flip.
const FLAG_TTL_LIMIT_S: i128 = 60;

/// Without health checks people may choose a longer answer, but every second of it is a second of outage.
const RECORDS_TTL_LIMIT_S: i128 = 300;

/// Ten years: Mattermost has no limit, but a longer one is a slip of the keyboard.
const AGGREGATE_LIMIT_DAYS: i128 = 3_650;

pub(crate) fn check(root: &Place<'_>, findings: &mut Findings) {
    for (field, has_form, expected) in FORMS {
        findings.form(&root.field(field), *has_form, expected);
    }
    findings.limits(&root.field("search.aggregate_after_days"), 1, AGGREGATE_LIMIT_DAYS);
    zone(&root.field("dns.hosted_zone_id"), findings);
    ttl(&root.field("dns"), findings);
    job_server(&root.field("mattermost"), findings);
}

/// A job server ignores the job flags: only its own number of tasks says where jobs run.
fn job_server(mattermost: &Place<'_>, findings: &mut Findings) {
    let (dedicated, server) = (mattermost.field("dedicated_job_server"), mattermost.field("job_server"));
    if dedicated.truth() == Some(true) && mattermost.is_missing("job_server") {
        findings.add(&server, format!("CLUSTER/SERVICE, because {} is true", dedicated.path()), "nothing");
    }
}

type Form = (&'static str, fn(&str) -> bool, &'static str);

const FORMS: &[Form] = &[
    (
        "name",
        forms::is_deployment_name,
        "2 to 32 lower-case letters, digits and hyphens, first a letter, last no hyphen",
    ),
    ("account_id", forms::is_account_id, "12 digits in quotes"),
    (
        "database.global_cluster",
        forms::is_database_identifier,
        "a global cluster's identifier: 1 to 63 lower-case letters, digits and single hyphens, first a letter",
    ),
    (
        "search.index_prefix",
        forms::is_index_prefix,
        "at most 64 lower-case letters, digits and _ - + . of which none of the four is first, without a wildcard",
    ),
    (
        "search.connection_alias",
        forms::is_connection_alias_stem,
        "2 to 88 letters, digits, hyphens and underscores, first a letter (12 of 100 are kept for the generation number)",
    ),
    ("files.rule_id", forms::is_rule_id, "the identifier of a replication rule, 1 to 255 printable characters"),
    ("dns.public_name", forms::is_dns_name, "a full DNS name in lower case, without scheme, path or trailing dot"),
    ("mattermost.job_server", forms::is_ecs_group, "an ECS service as CLUSTER/SERVICE"),
    ("mattermost.probe_channel", forms::is_probe_channel, "TEAM/CHANNEL, both as in the channel's address"),
];

/// A zone's identifier looks like a key; the beginning that some answers of Route 53 have shows that it is none.
fn zone(zone: &Place<'_>, findings: &mut Findings) {
    const EXPECTED: &str = "a hosted zone's identifier: Z, then capital letters and digits, without /hostedzone/";
    match zone.text() {
        Some(text) if text.starts_with("/hostedzone/Z") => findings.add(zone, EXPECTED, show::quoted(text)),
        _ => findings.form(zone, forms::is_hosted_zone_id, EXPECTED),
    }
}

fn ttl(dns: &Place<'_>, findings: &mut Findings) {
    let ttl = dns.field("ttl_s");
    match dns.field("mode").text() {
        Some("take-over-flag") => findings.limits(&ttl, 1, FLAG_TTL_LIMIT_S),
        Some("records") => findings.limits(&ttl, 1, RECORDS_TTL_LIMIT_S),
        _ => {}
    }
}
