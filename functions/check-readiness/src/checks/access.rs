//! Permissions, reachability, witnesses, ledgers.

use mmdr_core::highest_hold;
use mmdr_core::records::CheckSeverity::{Critical, Info, Warning};
use serde_json::Value;

use crate::table::{Answer, Area, Check, Gate, View, cannot_tell, failed, judge, need};

/// A heartbeat or probe older than this, in seconds, says nothing: both come once a minute.
const FRESH_S: i64 = 180;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "iam-permissions",
        area: Area::Access,
        severity: Critical,
        gate: Gate::No,
        proves: "no read that a move makes is denied, in either Region",
        covers: "prerequisite: IAM permissions for RDS, S3 and OpenSearch in both Regions",
        mend: "deploy template.yaml again in the Region named; its policies equal the calls that are made",
        ask: permissions,
    },
    Check {
        name: "two-regions",
        area: Area::Access,
        severity: Critical,
        gate: Gate::No,
        proves: "the document names a pair of Regions and this stack stands in one of them",
        covers: "prerequisite: a chosen pair of primary and secondary Region",
        mend: "cargo rehearse --deployment <document>",
        ask: two_regions,
    },
    Check {
        name: "other-region-answers",
        area: Area::Access,
        severity: Critical,
        gate: Gate::Needed,
        proves: "the other Region's front door answers from here",
        covers: "prerequisite: connectivity between the Regions",
        mend: "look at the AWS Health dashboard of the Region named; if it is lost, this is a failover",
        ask: other_answers,
    },
    Check {
        name: "connectivity",
        area: Area::Access,
        severity: Critical,
        gate: Gate::Needed,
        proves: "search and nodes inside both Regions' VPCs are reached by the way that the document names",
        covers: "prerequisite: network connectivity between the Regions",
        mend: "regions.reaches_other_by in the document: peering needs routes and security groups, remote-function the other stack",
        ask: connectivity,
    },
    Check {
        name: "ledgers-readable",
        area: Area::Access,
        severity: Critical,
        gate: Gate::Needed,
        proves: "the ledgers of both Regions can be read",
        covers: "trap: a planned move claims its epoch in both Regions",
        mend: "deploy the stack in the Region named; its first reconcile writes the ledger",
        ask: |view| {
            view.both(|side| match need(&side.seen.ledger)? {
                Some(ledger) => Ok(format!("epoch {}", ledger.claimed)),
                None => Ok("empty, as before the first run".into()),
            })
        },
    },
    Check {
        name: "third-witness",
        area: Area::Access,
        severity: Warning,
        gate: Gate::No,
        proves: "a third Region probes both Regions, so that a cut between the two is told from a loss",
        covers: "trap: with two data centres alone nobody can tell a cut from a loss (Patroni, documentation)",
        mend: "witnesses.third_region in the document, ThirdRegion in both stacks, the witness stack deployed there; it must reach mattermost_url",
        ask: |view| match &view.document().witnesses.third_region {
            None => failed("the document names no third Region: a failover always needs a person"),
            Some(_) => view.both(|side| match need(&side.seen.third_probe)? {
                // A probe that never sees the writer work could not tell that it stopped: a private address, a closed port.
                Some(probe) if side.name == view.writer()?.name && !probe.healthy => {
                    failed(format!("at {} it did not see the writer's Mattermost work", probe.at))
                }
                Some(probe) => judge(view.now().is_within(FRESH_S, probe.at), format!("probed at {}", probe.at)),
                None => failed("the third Region has no probe of it"),
            }),
        },
    },
    Check {
        name: "heartbeat-arrives",
        area: Area::Access,
        severity: Warning,
        gate: Gate::No,
        proves: "the other stack's heartbeat arrives here",
        covers: "trap: a witness that was silent all along is no evidence",
        mend: "look at the other stack's heartbeat function and its permission to write metrics here",
        ask: |view| match need(&view.seen.there.heartbeat)? {
            Some(at) => judge(view.now().is_within(FRESH_S, *at), format!("last one at {at}")),
            None => failed("none has arrived"),
        },
    },
    Check {
        name: "somebody-is-told",
        area: Area::Access,
        severity: Critical,
        gate: Gate::No,
        proves: "the topics of both Regions have a confirmed subscription; whether it reaches a person nobody can see from here",
        covers: "trap: a question that nobody saw expires, and nothing is changed",
        mend: "Email in the stack of the Region named, and confirm the mail that SNS sends; or subscribe what pages you",
        ask: |view| {
            view.both(|side| {
                let count = need(&side.seen.subscriptions)?;
                judge(*count > 0, format!("{count} confirmed subscriptions"))
            })
        },
    },
    Check {
        name: "no-hold",
        area: Area::Access,
        severity: Warning,
        gate: Gate::No,
        proves: "no hold keeps automation from starting moves",
        covers: "trap: a hold that was forgotten (Patroni, maintenance mode)",
        mend: "take the hold off in both ledgers (RUNBOOK.md, Hold)",
        ask: hold,
    },
    Check {
        name: "no-other-open-run",
        area: Area::Access,
        severity: Warning,
        gate: Gate::No,
        proves: "no other run holds the lease in either Region",
        covers: "trap: a run that stopped half-way blocks the next one",
        mend: "look at its execution in Step Functions; then resume it (RUNBOOK.md), or let reconcile do it",
        ask: |view| {
            view.both(|side| {
                let ledger = need(&side.seen.ledger)?.as_ref();
                match ledger.and_then(|ledger| ledger.open_run()).filter(|line| line.id != view.run.id) {
                    Some(line) => {
                        failed(format!("{} ({}) is {} since {}", line.id, line.kind, line.phase, line.opened_at))
                    }
                    None => Ok("none open".into()),
                }
            })
        },
    },
    Check {
        name: "no-open-approval",
        area: Area::Access,
        severity: Info,
        gate: Gate::No,
        proves: "no question waits for a person",
        covers: "trap: a question that nobody saw expires, and nothing is changed",
        mend: "answer it with the state machine answer-approval",
        ask: |view| {
            view.both(|side| match need(&side.seen.question)? {
                Some(question) => {
                    failed(format!("a question of {} expires at {}", question.asked_at, question.expires_at))
                }
                None => Ok("none".into()),
            })
        },
    },
];

fn two_regions(view: &View<'_>) -> Answer {
    let [own, other] = view.sides().map(|side| side.name);
    judge(own != other && view.document().region(own).is_some(), format!("{own} and {other}"))
}

fn other_answers(view: &View<'_>) -> Answer {
    let answers = need(&view.seen.other_answers)?;
    judge(*answers, if *answers { "answers" } else { "does not answer" })
}

fn connectivity(view: &View<'_>) -> Answer {
    view.both(|side| {
        let (indices, nodes) = (need(&side.seen.indices)?, need(&side.seen.nodes)?);
        Ok(format!("{} indices and {} nodes seen", indices.len(), nodes.len()))
    })
}

fn hold(view: &View<'_>) -> Answer {
    let [here, there] = [&view.seen.here.ledger, &view.seen.there.ledger];
    if here.value().is_none() && there.value().is_none() {
        return cannot_tell("neither ledger could be read");
    }
    let readable = [here, there].into_iter().filter_map(|ledger| ledger.value()?.as_ref());
    match highest_hold(readable).filter(|hold| hold.on) {
        Some(hold) => failed(format!("held since {} by {}: {}", hold.at, hold.by, hold.reason)),
        None => Ok("no hold is on".into()),
    }
}

/// Goes through everything that was not seen, and picks what was denied.
fn permissions(view: &View<'_>) -> Answer {
    let Ok(everything) = serde_json::to_value(view.seen) else { return cannot_tell("the observation cannot be read") };
    let mut denied = Vec::new();
    collect_denied(&everything, &mut denied);
    denied.sort();
    denied.dedup();
    if denied.is_empty() { Ok("no read was denied".into()) } else { failed(denied.join("; ")) }
}

fn collect_denied(value: &Value, denied: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let why = fields.get("unseen").and_then(|unseen| unseen.get("why")).and_then(Value::as_str);
            denied.extend(why.filter(|why| why.contains("not allowed")).map(str::to_owned));
            fields.values().for_each(|inner| collect_denied(inner, denied));
        }
        Value::Array(list) => list.iter().for_each(|inner| collect_denied(inner, denied)),
        _ => {}
    }
}
