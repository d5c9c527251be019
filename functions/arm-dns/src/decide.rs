//! What arm-dns decides, in an order in which no moment points at the passive Region.

use mmdr_core::deployment::DnsMode;
use mmdr_core::ports::{FlagSeen, RecordsSeen};
use mmdr_core::{CanWrite, Epoch, Kind, Ledger, Region, Run, Seen, Verdict};

use crate::observed::Observed;
use crate::words::{Action, Refusal, Waiting};

type Decision = Verdict<Action, Waiting, Refusal>;

/// How long the standby's flag must have been clear before PRIMARY may watch it: a health check follows its metric by
/// the alarm's period (60 s) and its own evaluation, and would for that long still say "taken over".
pub const SETTLED_S: i64 = 180;

/// How long ago the records must have been exchanged before the own flag, which they no longer watch, is cleared: a
/// change is generally at every name server within 60 s (Route 53 API, GetChange), and one without it would follow the
/// cleared flag to the passive Region. That resolvers agree proves nothing here: they agreed before the exchange too.
pub const PROPAGATED_S: i64 = 120;

/// Decides.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Decision {
    if matches!(run.kind, Kind::Failover | Kind::Detach) {
        return Verdict::Refuse(Refusal::NotInPeace { kind: run.kind });
    }
    match seen.writer.can_write() {
        CanWrite::Yes => {}
        CanWrite::No(why) => return Verdict::Refuse(Refusal::WriterElsewhere { why }),
        CanWrite::Unknown(why) => return Verdict::Wait(Waiting::WriterUnknown { why }),
    }
    let records = match &seen.records {
        Seen::Unseen { why } => return Verdict::Wait(Waiting::ControlPlaneSilent { why: why.clone() }),
        Seen::Seen { value, .. } => value,
    };
    match run.deployment.dns.mode {
        DnsMode::Records if records.primary == seen.own => resolvers(seen).unwrap_or(Verdict::Already),
        DnsMode::Records => exchange(seen),
        DnsMode::TakeOverFlag => match arm(run, seen, records) {
            verdict @ Verdict::Act(Action::ClearFlag { .. }) if standby_is_behind(seen) => verdict,
            verdict @ Verdict::Act(_) => standby_keeps_its_flag(seen, run.other()).unwrap_or(verdict),
            verdict => verdict,
        },
    }
}

/// Whether the standby's ledger was read and settled less than the own one: what it publishes is its past, and every
/// minute of it may pull the traffic to a Region that cannot write.
fn standby_is_behind(seen: &Observed) -> bool {
    let epoch = |ledger: &Seen<Option<Ledger>>| {
        Some(ledger.value()?.as_ref()?.settled.as_ref().map_or(Epoch(0), |settled| settled.epoch))
    };
    epoch(&seen.writer.other_ledger).zip(epoch(&seen.writer.ledger)).is_some_and(|(there, here)| there < here)
}

/// Why no flag may be cleared and no record exchanged: a standby that says that it has taken over may be the writer, and
/// its flag is what brings the traffic to it.
fn standby_keeps_its_flag(seen: &Observed, standby: &Region) -> Option<Decision> {
    let region = standby.clone();
    match &seen.standby_publishes {
        Seen::Unseen { why } => Some(Verdict::Wait(Waiting::StandbyLedgerUnseen { region, why: why.clone() })),
        Seen::Seen { value: true, .. } => Some(Verdict::Wait(Waiting::StandbyWouldTakeOver { region })),
        Seen::Seen { .. } => None,
    }
}

/// First the standby's flag, then the records, then the resolvers, last the own flag.
fn arm(run: &Run, seen: &Observed, records: &RecordsSeen) -> Decision {
    let standby = run.other();
    if let Some(verdict) = clear(seen, standby, &seen.flag_there, true) {
        return verdict;
    }
    if !is_armed(run, records) {
        return exchange_when_settled(seen, standby);
    }
    if let Some(verdict) = resolvers(seen) {
        return verdict;
    }
    match clear(seen, &seen.own, &seen.flag_here, kept_here(seen)) {
        Some(verdict @ Verdict::Act(_)) => not_propagated(run, seen).unwrap_or(verdict),
        Some(verdict) => verdict,
        None => Verdict::Already,
    }
}

/// Why the own flag must not be cleared yet. Records of which nobody knows when they were exchanged are sent again,
/// which changes nothing in them and starts the time.
fn not_propagated(run: &Run, seen: &Observed) -> Option<Decision> {
    let ledger = seen.writer.ledger.value().and_then(Option::as_ref);
    let line = ledger.and_then(|ledger| ledger.armed.as_ref());
    match line.filter(|line| line.primary == seen.own && line.epoch == run.epoch) {
        None => Some(exchange(seen)),
        Some(line) => {
            let for_s = seen.now.since_s(line.at);
            let fresh = for_s < PROPAGATED_S;
            fresh.then_some(Verdict::Wait(Waiting::RecordsTooFresh { for_s, needed_s: PROPAGATED_S }))
        }
    }
}

fn is_armed(run: &Run, records: &RecordsSeen) -> bool {
    records.primary == *run.own() && records.flag_region == *run.other()
}

/// Clears a flag that says "taken over", or, where `publish` asks for it, one that has no data point.
fn clear(seen: &Observed, region: &Region, flag: &Seen<Option<FlagSeen>>, publish: bool) -> Option<Decision> {
    let needed = match flag {
        Seen::Unseen { why } => {
            return Some(Verdict::Wait(Waiting::FlagUnseen { region: region.clone(), why: why.clone() }));
        }
        Seen::Seen { value: Some(flag), .. } => flag.taken_over || (publish && *region == seen.own),
        Seen::Seen { value: None, .. } => publish,
    };
    if !needed {
        return None;
    }
    let asked = seen.asked.as_ref().is_some_and(|asked| asked.cleared.as_ref() == Some(region));
    let region = region.clone();
    Some(match asked {
        true => Verdict::Wait(Waiting::FlagNotReadBack { region }),
        false => Verdict::Act(Action::ClearFlag { region }),
    })
}

/// Whether the own ledger would publish "taken over" again each minute.
fn kept_here(seen: &Observed) -> bool {
    seen.writer.ledger.value().and_then(Option::as_ref).is_some_and(Ledger::flag_to_publish)
}

fn exchange_when_settled(seen: &Observed, standby: &Region) -> Decision {
    if let Some(verdict) = standby_keeps_its_flag(seen, standby) {
        return verdict;
    }
    let region = standby.clone();
    let since = seen.flag_there.value().copied().flatten().and_then(|flag| flag.since);
    let for_s = since.map(|since| seen.now.since_s(since));
    if for_s.is_none_or(|for_s| for_s < SETTLED_S) {
        return Verdict::Wait(Waiting::FlagTooFresh { region, for_s, needed_s: SETTLED_S });
    }
    exchange(seen)
}

fn exchange(seen: &Observed) -> Decision {
    if seen.asked.as_ref().is_some_and(|asked| asked.cleared.is_none()) {
        return Verdict::Wait(Waiting::RecordsNotReadBack);
    }
    Verdict::Act(Action::ExchangeRecords { primary: seen.own.clone() })
}

fn resolvers(seen: &Observed) -> Option<Decision> {
    let answers = match &seen.resolvers {
        Seen::Unseen { why } => return Some(Verdict::Wait(Waiting::ResolversUnseen { why: why.clone() })),
        Seen::Seen { value, .. } => value,
    };
    let agree = answers.iter().filter(|answer| answer.region.as_ref() == Some(&seen.own)).count();
    if answers.is_empty() {
        return Some(Verdict::Wait(Waiting::ResolversUnseen { why: "none was asked".into() }));
    }
    let (of, vantage) = (answers.len(), seen.own.clone());
    (agree < of).then_some(Verdict::Wait(Waiting::ResolversDisagree { agree, of, vantage }))
}

/// The sentence of an `Already`.
pub(crate) fn already(run: &Run, seen: &Observed) -> String {
    let (own, other) = (run.own(), run.other());
    let of = seen.resolvers.value().map_or(0, Vec::len);
    let records = seen.records.value();
    if run.deployment.dns.mode == DnsMode::Records {
        return format!(
            "PRIMARY is {own}, and {of} of {of} resolvers agree; policy \"records\" needs us-east-1 for a flip"
        );
    }
    let mut sentence =
        format!("PRIMARY is {own}, its health check watches the flag in {other}, and {of} of {of} resolvers agree");
    if records.is_some_and(|records| !records.keeps_last_status) {
        sentence += "; note: the health check does not keep its last status: losing the flag's Region would \
                     move the traffic";
    }
    sentence
}
