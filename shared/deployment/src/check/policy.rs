//! The policy's limits, and the fields of it that must fit each other.

use crate::place::{Findings, Place};

const DAY_S: i128 = 86_400;
const YEAR_HOURS: i128 = 366 * 24;

/// The limits of the times that are compared with each other: `search_rest_s` and `dns_s` from 60 up, `search_hot_s` up
/// to 120 and `ttl_s` up to 300.
const LEAST_OF_THE_LONGER_S: i128 = 60;
const MOST_OF_THE_SHORTER_S: i128 = 300;

/// Field, least, most, each with the reason for the two numbers.
const LIMITS: &[(&str, i128, i128)] = &[
    // A person needs a minute to read the question. An execution lives for eight hours, and the move comes after the answer.
    ("approval_timeout_s", 60, 14_400),
    // Asked more often than each minute, a denial means nothing.
    ("ask_again_s", 60, DAY_S),
    // Two diagnoses a minute apart must fit; evidence of ten minutes ago is history.
    ("evidence_age_s", 60, 600),
    // There are no more than five vantage points to ask.
    ("witnesses_needed", 1, 5),
    // Shorter than a failover takes is no protection from flapping; longer than a week is a hold, which has its own switch.
    ("anti_flap_s", 600, 7 * DAY_S),
    // A switchover waits for the lag to reach zero, with the old side stopped.
    ("switchover_lag_s", 1, 300),
    // 0: a machine never loses a message without a person.
    ("loss_limit_s", 0, 3_600),
    // 0 would make each second that passes a new question.
    ("loss_growth_s", 1, 3_600),
    ("files_pending_limit", 0, 1_000_000),
    ("search_lag_limit", 0, 10_000_000),
    // Fewer looks end a step before AWS answers; more would fill an execution's history.
    ("bounds.looks", 10, 1_000),
    ("bounds.diagnose_s", 60, 1_800),
    // Fencing is best effort: each second of it is a second of outage.
    ("bounds.fence_s", 1, 30),
    ("bounds.database_s", 60, 7_200),
    ("bounds.nodes_s", 60, 3_600),
    // Search's hot set is on the way to the flip of DNS.
    ("bounds.search_hot_s", 1, 120),
    ("bounds.search_rest_s", 60, DAY_S),
    // Equality of the stores is polled for 45 s at the least.
    ("bounds.prove_s", 60, 1_800),
    ("bounds.dns_s", 60, 3_600),
    ("bounds.other_s", 60, 7_200),
    // Aurora keeps restorable times for 35 days at most.
    ("backups.database_hours", 1, 35 * 24),
    ("backups.configuration_hours", 1, YEAR_HOURS),
    ("backups.search_hours", 1, YEAR_HOURS),
    ("backups.files_hours", 1, YEAR_HOURS),
    ("backups.restore_test_hours", 1, YEAR_HOURS),
];

pub(crate) fn check(root: &Place<'_>, findings: &mut Findings) {
    let policy = root.field("policy");
    for (field, least, most) in LIMITS {
        findings.limits(&policy.field(field), *least, *most);
    }
    evidence(&policy, findings);
    without_a_person(root, &policy, findings);
    order(&policy.field("bounds.search_hot_s"), &policy.field("bounds.search_rest_s"), findings);
    // While resolvers may still keep the old answer, they cannot agree.
    order(&root.field("dns.ttl_s"), &policy.field("bounds.dns_s"), findings);
}

/// Evidence that outlives the question would let the promoting call rest on what was seen before a person was asked.
fn evidence(policy: &Place<'_>, findings: &mut Findings) {
    let (age, timeout) = (policy.field("evidence_age_s"), policy.field("approval_timeout_s"));
    let asks = policy.field("approval").text() != Some("never");
    if let (Some(age_s), Some(timeout_s)) = (age.whole(), timeout.whole())
        && asks
        && age_s >= timeout_s
    {
        findings.add(&age, format!("less than {} ({timeout_s})", timeout.path()), age_s.to_string());
    }
}

/// Two Regions cannot tell a lost Region from a cut between them. Where no person is asked, a third must look, and one
/// witness alone must not decide.
fn without_a_person(root: &Place<'_>, policy: &Place<'_>, findings: &mut Findings) {
    let approval = policy.field("approval");
    if approval.text() != Some("never") {
        return;
    }
    let witnesses = policy.field("witnesses_needed");
    if witnesses.whole() == Some(1) {
        findings.add(&witnesses, format!("2 or more where {} is \"never\"", approval.path()), "1");
    }
    // A third Region that is written but misspelt is set; its own mistake is reported at its own place.
    if root.field("witnesses").is_missing("third_region") {
        let third = root.field("witnesses.third_region");
        findings.add(&third, format!("a third Region where {} is \"never\"", approval.path()), "nothing");
    }
}

fn order(shorter: &Place<'_>, longer: &Place<'_>, findings: &mut Findings) {
    if let (Some(short_s), Some(long_s)) = (shorter.whole(), longer.whole())
        && long_s < short_s
        // A number beyond its own limits is reported for that alone.
        && long_s >= LEAST_OF_THE_LONGER_S
        && short_s <= MOST_OF_THE_SHORTER_S
    {
        findings.add(longer, format!("at least {} ({short_s})", shorter.path()), long_s.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::LIMITS;

    #[test]
    fn the_table_for_operators_states_every_limit() {
        let readme = include_str!("../../../../examples/README.md");
        for (field, least, most) in LIMITS {
            let row = readme.lines().find(|line| line.starts_with(&format!("| `policy.{field}` |")));
            let stated = row.is_some_and(|row| row.contains(&format!("({least} to {most}")));
            assert!(stated, "examples/README.md does not state that policy.{field} is {least} to {most}");
        }
    }
}
