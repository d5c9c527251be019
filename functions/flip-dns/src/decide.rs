//! What flip-dns decides.

use mmdr_core::deployment::DnsMode;
use mmdr_core::ports::{FlagSeen, NodeState, RecordsSeen};
use mmdr_core::{CanWrite, Kind, Region, Run, Seen, Verdict};

use crate::observed::Observed;
use crate::words::{Action, Refusal, Waiting};

type Decision = Verdict<Action, Waiting, Refusal>;

/// A data point takes some seconds to be readable; after so many it is published again rather than waited for.
const READ_BACK_S: i64 = 30;

/// Decides: never towards a Region that cannot write or does not serve.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Decision {
    match seen.writer.can_write() {
        CanWrite::Yes => {}
        CanWrite::No(why) => return Verdict::Refuse(Refusal::CannotWrite { why }),
        CanWrite::Unknown(why) => return Verdict::Wait(Waiting::WriterUnknown { why }),
    }
    if let Some(why) = not_serving(seen) {
        return Verdict::Wait(Waiting::NodesNotServing { why });
    }
    match run.deployment.dns.mode {
        DnsMode::Records => by_records(seen),
        DnsMode::TakeOverFlag => by_flag(run, seen),
    }
}

fn not_serving(seen: &Observed) -> Option<String> {
    let nodes = match &seen.nodes {
        Seen::Unseen { why } => return Some(why.clone()),
        Seen::Seen { value, .. } => value,
    };
    let serves = nodes.iter().any(|node| node.state == NodeState::Running && node.registered && node.healthy);
    (!serves).then(|| format!("none of {} nodes is registered and healthy", nodes.len()))
}

fn by_records(seen: &Observed) -> Decision {
    match &seen.records {
        Seen::Seen { value, .. } if value.primary == seen.own => agreed_or_wait(seen),
        Seen::Unseen { .. } if seen.resolvers_agree() => Verdict::Already,
        records if seen.asked.is_some() => {
            let why = records.why().unwrap_or("PRIMARY is still the other Region").to_owned();
            Verdict::Wait(Waiting::RecordsNotReadBack { why })
        }
        _ => Verdict::Act(Action::ExchangeRecords { primary: seen.own.clone() }),
    }
}

fn by_flag(run: &Run, seen: &Observed) -> Decision {
    match &seen.records {
        Seen::Seen { value, .. } if value.primary == seen.own => primary_is_here(run, seen, value),
        // Publishing the own flag would change nothing. A failover publishes it all the same: the records may be older
        // than what the health checks do, and nothing else is left to try on the data plane.
        Seen::Seen { value, .. } if value.flag_region != seen.own && run.kind == Kind::Switchover => {
            let (primary, watched) = (value.primary.clone(), value.flag_region.clone());
            Verdict::Refuse(Refusal::ArmedWrongly { primary, watched })
        }
        Seen::Seen { .. } | Seen::Unseen { .. } => take_over(seen),
    }
}

/// The own flag says "taken over", it reads back, the ledger will keep saying so, and all resolvers follow: only then
/// is the name flipped. A flag without its line in the ledger would be taken back within a minute.
fn take_over(seen: &Observed) -> Decision {
    let published = seen.flag_line().filter(|line| line.taken_over);
    if published.is_some() && taken(&seen.flag_here) == Some(true) {
        return match seen.records.value().filter(|records| records.flag_region != seen.own) {
            Some(records) if !seen.resolvers_agree() => {
                Verdict::Wait(Waiting::NobodyWatches { watched: records.flag_region.clone() })
            }
            _ => agreed_or_wait(seen),
        };
    }
    let just_published = published.is_some_and(|line| seen.now.since_s(line.at) < READ_BACK_S);
    if just_published || seen.asked.is_some() {
        let why = seen.flag_here.why().unwrap_or("the newest data point is older").to_owned();
        return Verdict::Wait(Waiting::FlagNotReadBack { why });
    }
    Verdict::Act(Action::PublishFlag { region: seen.own.clone(), taken_over: true })
}

/// Armed for this Region already. If traffic is elsewhere, a flag that was never cleared pulls it there: one shot per
/// arming. It is cleared even where resolvers still agree, because they may only remember. Publishing the own flag
/// would be wrong here, and harmful where PRIMARY watches it.
fn primary_is_here(run: &Run, seen: &Observed, records: &RecordsSeen) -> Decision {
    let watched = &records.flag_region;
    let flag = if *watched == seen.own { &seen.flag_here } else { &seen.flag_there };
    match taken(flag) {
        Some(true) if seen.asked.is_none() => {
            Verdict::Act(Action::PublishFlag { region: watched.clone(), taken_over: false })
        }
        Some(true) => Verdict::Wait(Waiting::FlagNotReadBack { why: format!("{watched} is to say that it has not") }),
        Some(false) => agreed_or_wait(seen),
        None if seen.resolvers_agree() => Verdict::Already,
        None => out_of_reach(run, watched, flag),
    }
}

fn out_of_reach(run: &Run, watched: &Region, flag: &Seen<Option<FlagSeen>>) -> Decision {
    let nothing = format!("it has no data; {} answers last", run.other());
    let why = flag.why().map_or(nothing, str::to_owned);
    Verdict::Wait(Waiting::FlagOutOfReach { region: watched.clone(), why })
}

fn agreed_or_wait(seen: &Observed) -> Decision {
    let (agree, of) = seen.agreement();
    match &seen.resolvers {
        _ if seen.resolvers_agree() => Verdict::Already,
        Seen::Unseen { why } => Verdict::Wait(Waiting::ResolversUnseen { why: why.clone() }),
        Seen::Seen { .. } if of == 0 => Verdict::Wait(Waiting::ResolversUnseen { why: "none was asked".into() }),
        Seen::Seen { .. } => Verdict::Wait(Waiting::ResolversDisagree { agree, of, vantage: seen.own.clone() }),
    }
}

/// What the newest data point says; none where there is none or it was not seen.
fn taken(flag: &Seen<Option<FlagSeen>>) -> Option<bool> {
    flag.value().copied().flatten().map(|flag| flag.taken_over)
}

/// The sentence of an `Already`: count, vantage and seconds, and what somebody should know of the arming.
pub(crate) fn already(run: &Run, seen: &Observed) -> String {
    let (agree, of) = seen.agreement();
    let own = &seen.own;
    let mut said = vec![format!("{agree} of {of} resolvers give {own}, asked from {own}")];
    if let Some(seconds) = propagation_s(seen) {
        said = vec![format!(
            "{agree} of {of} resolvers give {own}, asked from {own}, {seconds} s after the flag was published"
        )];
    }
    if run.deployment.dns.mode == DnsMode::Records {
        said.push("policy \"records\" depends on Route 53's control plane in us-east-1".into());
        return said.join("; note: ");
    }
    match &seen.records {
        Seen::Unseen { why } => said.push(format!("nobody knows how the records are armed: {why}")),
        Seen::Seen { value, .. } => said.extend(arming_findings(run, own, value)),
    }
    said.join("; note: ")
}

fn arming_findings(run: &Run, own: &Region, records: &RecordsSeen) -> Vec<String> {
    let mut said = Vec::new();
    let expected = if records.primary == *own { run.other() } else { own };
    if records.flag_region != *expected {
        said.push(format!("PRIMARY watches the flag in {}, not in {expected}", records.flag_region));
    }
    if !records.keeps_last_status {
        said.push(
            "the health check does not keep its last status: losing the flag's Region would move the traffic".into(),
        );
    }
    if !records.unmoved.is_empty() {
        let kinds = records.unmoved.join(", ");
        said.push(format!("the public name also has {kinds} beside the failover records, which did not move"));
    }
    let ttl_s = run.deployment.dns.ttl_s;
    if records.ttl_s > ttl_s {
        said.push(format!("resolvers may keep an answer for {} s, the document allows {ttl_s} s", records.ttl_s));
    }
    said
}

/// Seconds since the flag was published first; only where the own flag made the flip.
fn propagation_s(seen: &Observed) -> Option<i64> {
    let flag = seen.flag_here.value().copied().flatten().filter(|flag| flag.taken_over)?;
    let published = seen.flag_line().filter(|line| line.taken_over).map(|line| line.at).or(flag.since)?;
    Some(seen.now.since_s(published))
}
