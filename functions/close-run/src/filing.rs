//! Makes the report from what was looked at.

use mmdr_core::{Ending, Kind, Outcome, Phase, Run, RunLine, StepName, Time};
use mmdr_report::{
    Approval, Headline, PartAnswer, PartReport, RunReport, Trail, critical_path, duration, ending_in_words, split,
};

use crate::account::{account, two_writers};
use crate::ending::{ending, findings, stopped};
use crate::observed::{Looked, Observed};
use crate::parts::{PartOf, When, parts_of};

/// Longest trail of one part in the report: first and last looks of a part that looked more often are kept.
const TRAIL: usize = 40;

/// The run's report.
pub(crate) fn report(run: &Run, seen: &Observed) -> RunReport {
    let ending = ending(run, seen);
    let mut parts: Vec<PartReport> = parts_of(run.kind).iter().map(|part| reported(part, seen, ending)).collect();
    not_reached(&mut parts, seen, ending);
    let headline = headline(run, seen, &mut parts);
    let findings = findings(run, seen);
    RunReport {
        deployment: run.deployment.name.clone(),
        run: run.id.clone(),
        kind: run.kind,
        from: run.from.clone(),
        to: run.to.clone(),
        epoch: run.epoch,
        by: run.by,
        reason: run.reason.clone(),
        dry_run: run.dry_run,
        resumes: run.resumes.clone(),
        opened_at: run.opened_at,
        closed_at: seen.now,
        ending,
        sentence: sentence(run, seen, ending, &headline),
        headline,
        findings,
        parts,
        diagnosis: seen.diagnosis.clone(),
        approval: seen.question.clone().map(|question| Approval { question, answer: seen.answer.clone() }),
        lost: account(run, seen),
    }
}

fn reported(part: &PartOf, seen: &Observed, ending: Ending) -> PartReport {
    let looks: Vec<&Looked> =
        seen.looks.iter().filter(|look| look.step == part.step && look.part == part.part).collect();
    let last = looks.last();
    let begun = looks.first().map(|look| look.first_look_at);
    let (answer, sentence) = match last {
        _ if part.step == StepName::CloseRun => (PartAnswer::Done, "wrote this report".to_owned()),
        Some(look) => (answered(part, look), look.sentence.clone()),
        None if part.when == When::Asked => (PartAnswer::NotNeeded, "nobody was asked".into()),
        None if part.when == When::CalledOff && ending != Ending::CalledOff => {
            (PartAnswer::NotNeeded, "nothing was called off".into())
        }
        None => (PartAnswer::DidNotAnswer, "left no evidence".into()),
    };
    PartReport {
        step: part.step,
        part: part.part.into(),
        answer,
        sentence,
        started_at: begun,
        ended_at: last.map(|look| look.at),
        critical: false,
        trail: trail(&looks),
        evidence: last.map(|look| look.evidence.clone()).unwrap_or_default(),
        evidence_key: last.map(|look| look.key.clone()).unwrap_or_default(),
    }
}

/// A run that ended early for a reason, which some look named, did not reach the parts behind it. Without such a reason
/// every part that left no evidence did not answer.
fn not_reached(parts: &mut [PartReport], seen: &Observed, ending: Ending) {
    let whole_way = matches!(ending, Ending::Healthy | Ending::Findings);
    if whole_way || !seen.looks.iter().any(stopped) {
        return;
    }
    let reached = parts.iter().rposition(|part| part.ended_at.is_some()).unwrap_or(0);
    let called_off = began_to_call_off(seen);
    for (place, part) in parts.iter_mut().enumerate() {
        if part.answer == PartAnswer::DidNotAnswer && (place > reached || called_off) {
            part.answer = PartAnswer::NotNeeded;
            part.sentence = "the run ended before it".into();
        }
    }
}

/// Whether the call-off gave search and jobs back to the old side, as far as it had taken them.
fn given_back(seen: &Observed) -> bool {
    let parts = [(StepName::SwapSearchLeader, "unblock"), (StepName::ToggleScheduler, "give-back")];
    parts.iter().all(|(step, part)| !seen.last_look(*step, part).is_some_and(stopped))
}

/// Whether any part of a call-off was begun.
fn began_to_call_off(seen: &Observed) -> bool {
    let parts = parts_of(Kind::Switchover).iter().filter(|part| part.when == When::CalledOff);
    parts.into_iter().any(|part| seen.last_look(part.step, part.part).is_some())
}

fn answered(part: &PartOf, look: &Looked) -> PartAnswer {
    match look.outcome {
        Outcome::Already => PartAnswer::Done,
        Outcome::WouldAct => PartAnswer::WouldAct,
        Outcome::Refuse | Outcome::Exhausted => PartAnswer::Stopped,
        // The waiting task makes one look.
        Outcome::Acted if part.when == When::Asked => PartAnswer::Done,
        Outcome::Acted | Outcome::Wait => PartAnswer::Unfinished,
    }
}

fn trail(looks: &[&Looked]) -> Vec<Trail> {
    let skipped = looks.len().saturating_sub(TRAIL);
    let kept = looks.iter().enumerate().filter(|(place, _)| *place < TRAIL / 2 || *place >= TRAIL / 2 + skipped);
    kept.map(|(_, look)| Trail { at: look.at, outcome: look.outcome, sentence: look.sentence.clone() }).collect()
}

/// The figures, and the parts on the critical path marked. A move has recovered when the public name was confirmed from
/// outside; where it never was, the path leads to the last part that left evidence.
fn headline(run: &Run, seen: &Observed, parts: &mut [PartReport]) -> Headline {
    let recovered = StepName::ConfirmRecovery;
    let outside = parts.iter().position(|part| part.step == recovered && part.part == "outside");
    let outside = outside.filter(|_| seen.is_done(recovered, "outside"));
    let last_of_all = || (0..parts.len()).max_by_key(|place| parts.get(*place).and_then(|part| part.ended_at));
    let path = outside.or_else(last_of_all).map(|last| critical_path(parts, last)).unwrap_or_default();
    let split = split(parts, &path, run.opened_at);
    for place in path {
        if let Some(part) = parts.get_mut(place) {
            part.critical = true;
        }
    }
    let recovered_at = outside.and_then(|place| parts.get(place)).and_then(|part| part.ended_at);
    let lost = account(run, seen);
    Headline {
        recovered_in_ms: recovered_at.map(|at: Time| at.since_ms(run.opened_at)).filter(|_| !run.dry_run),
        split: if recovered_at.is_some() && !run.dry_run { split } else { Vec::new() },
        loss_at_least_s: lost.as_ref().and_then(|lost| lost.at_least_s),
        kept_in: lost.and_then(|lost| lost.kept_in),
        two_writers: two_writers(run, seen),
    }
}

/// How it ended, as an operator would say it on the telephone, with what it left of a run that it took over.
fn sentence(run: &Run, seen: &Observed, ending: Ending, headline: &Headline) -> String {
    let ended = how_it_ended(run, seen, ending, headline);
    let Some(half_done) = half_done(run, seen) else { return ended };
    let (id, from) = (&half_done.id, &run.from);
    format!(
        "{ended} But {id}, from which this run took over, had begun to stop {from}: perhaps nobody is served there. Start \
         kind failover to {from}, there, with accepts: [\"finish\"], which brings up what is missing."
    )
}

fn how_it_ended(run: &Run, seen: &Observed, ending: Ending, headline: &Headline) -> String {
    let (kind, from, to) = (run.kind, &run.from, &run.to);
    let stop = seen.looks.iter().rev().find(|look| stopped(look));
    // What the machine carried to its end is why it stopped there; a branch beside it may have stopped as well, and later.
    let carried = seen.last.as_ref().filter(|last| matches!(last.outcome, Outcome::Refuse | Outcome::Exhausted));
    let reason = carried.map(|last| &last.sentence).or(stop.map(|look| &look.sentence));
    let why = || reason.map_or_else(String::new, |sentence| format!(": {}", sentence.trim_end_matches('.')));
    let kept = if kind == Kind::Reprotect { "nothing was replaced" } else { "nothing was changed" };
    let served =
        headline.recovered_in_ms.map_or_else(String::new, |ms| format!(" {} after it was opened", duration(ms)));
    match ending {
        Ending::Healthy if run.kind.is_move() => format!("{to} is the writer Region and serves people{served}."),
        Ending::Findings if run.kind.is_move() && headline.recovered_in_ms.is_some() => {
            format!("{to} is the writer Region and serves people{served}; something remains to be looked at.")
        }
        Ending::Findings if run.kind.is_move() => {
            format!("{to} is the writer Region, and nobody has confirmed yet that it serves people{}.", why())
        }
        Ending::Healthy if matches!(kind, Kind::Protect | Kind::Reprotect) => format!("{to} is protected by {from}."),
        Ending::Healthy => "Everything is as it should be.".into(),
        Ending::Findings if !kind.takes_epoch() => "Something needs to be looked at.".into(),
        Ending::Findings => format!("The {kind} is through, and something remains to be looked at."),
        Ending::CalledOff if !given_back(seen) => format!(
            "The {kind} was called off, and {from} serves, but not all of it as before{}: start kind failover to {from}, \
             there, with accepts: [\"finish\"], which brings up what is missing.",
            why()
        ),
        Ending::CalledOff => format!("The {kind} was called off, and {from} serves as before{}.", why()),
        Ending::Refused => format!("Nothing was changed{}.", why()),
        Ending::Denied => {
            let reason = seen.answer.as_ref().map_or_else(String::new, |answer| format!(": {}", answer.reason));
            format!("A person said no, and {kept}{reason}.")
        }
        Ending::Expired => format!("Nobody answered the question in time, and {kept}."),
        Ending::LostRace => format!("This run gave way to another one{}.", why()),
        Ending::Superseded => "A run with a higher epoch took over; this one stopped where it was.".into(),
        Ending::StoppedAskAurora => format!(
            "The database call was sent and nobody knows what came of it: ask Aurora, then start again with resumes: \
             \"{}\".",
            run.id
        ),
        Ending::Unfinished => format!(
            "{to} is the writer Region, and nobody is served yet{}. Mend that, then start again with resumes: \"{}\".",
            why(),
            run.id
        ),
        Ending::Stopped if began_to_call_off(seen) => format!(
            "The {kind} stopped before the database was asked, and its call-off did not come to an end: look at {from} \
             now{}.",
            why()
        ),
        Ending::Stopped if kind.is_move() => format!("The {kind} stopped before the database was asked{}.", why()),
        Ending::Stopped => format!("The {kind} stopped halfway{}.", why()),
        Ending::DryRun => match stop {
            Some(look) => format!("A real {kind} would stop here: {}.", look.sentence.trim_end_matches('.')),
            None => format!("A real {kind} would go the whole way, as far as can be told without changing anything."),
        },
    }
}

/// The switchover that a run took over half way and then moved nothing: nobody calls it off any more.
fn half_done<'a>(run: &Run, seen: &'a Observed) -> Option<&'a RunLine> {
    let earlier = seen.own_line(run).filter(|line| !line.reached_call())?.pre_empted.as_deref()?;
    (earlier.phase == Phase::Open && earlier.kind == Kind::Switchover).then_some(earlier)
}

/// The notice about a report: at most 99 characters of subject (Amazon SNS API, Publish), and what to do next.
pub(crate) fn notice(run: &Run, report: &RunReport, page_key: &str) -> (String, String) {
    let subject = format!(
        "{}: {} to {} {} ({})",
        report.deployment,
        report.kind,
        report.to,
        ending_in_words(report.ending),
        report.run
    );
    let subject: String = subject.chars().filter(char::is_ascii).take(99).collect();
    let bucket = run.deployment.region(run.own()).map_or("", |setup| setup.ledger_bucket.as_str());
    let mut lines = vec![report.sentence.clone()];
    lines.extend(report.headline.two_writers.iter().map(|why| format!("Two writers are possible: {why}")));
    lines.extend(report.lost.iter().map(|lost| lost.sentence.clone()));
    if !report.findings.is_empty() {
        lines.push("To look at:".into());
        lines.extend(report.findings.iter().map(|finding| format!("- {finding}")));
    }
    let silent: Vec<String> = report.did_not_answer().map(PartReport::name).collect();
    if !silent.is_empty() {
        lines.push(format!("Did not answer: {}.", silent.join(", ")));
    }
    lines.push(format!("The whole report: s3://{bucket}/{page_key}"));
    (subject, lines.join("\n"))
}
