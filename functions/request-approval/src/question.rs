//! What is asked: the words for a person who was woken at 3 a.m., and the digest that an answer names.

use mmdr_core::records::{Diagnosis, LossForecast, LostMessages, Question};
use mmdr_core::{Kind, Run};

use crate::observed::{Divergent, Observed};

/// Longest subject of a notice, in characters (Amazon SNS API, Publish: less than 100).
const SUBJECT_CHARACTERS: usize = 99;

/// Digest of run, epoch, what is judged, and how bad it is shown to be: its first 64 bits, in hexadecimal. Losses within
/// one `loss_growth_s` of each other are shown as equally bad.
pub(crate) fn digest(run: &Run, judged: &str, forecast: Option<&LossForecast>) -> String {
    let step_s = i64::from(run.deployment.policy.loss_growth_s).max(1);
    let bucket = match forecast.and_then(|forecast| forecast.at_least_s) {
        Some(at_least_s) => (at_least_s / step_s).to_string(),
        None => "unknown".into(),
    };
    let text = format!("{}\n{}\n{}\n{judged}\n{bucket}", run.id, run.epoch, run.kind);
    mmdr_core::digest(&text)
}

/// What the person judges, as the digest sees it.
pub(crate) fn judged(run: &Run, seen: &Observed) -> String {
    match run.kind {
        Kind::Reprotect => {
            seen.divergent.map_or_else(|| "unknown".into(), |divergent| divergent.operations.to_string())
        }
        _ => seen.diagnosis.as_ref().map(|diagnosis| diagnosis.digest.clone()).unwrap_or_default(),
    }
}

/// The forecast that is shown; reprotect loses nothing that is not exported.
pub(crate) fn forecast<'a>(run: &Run, seen: &'a Observed) -> Option<&'a LossForecast> {
    match run.kind {
        Kind::Reprotect => None,
        _ => seen.diagnosis.as_ref().map(|diagnosis| &diagnosis.forecast),
    }
}

/// The question of this moment.
pub(crate) fn ask(run: &Run, seen: &Observed) -> Question {
    let forecast = forecast(run, seen);
    let digest = digest(run, &judged(run, seen), forecast);
    let expires_at = seen.now.plus_s(i64::from(run.deployment.policy.approval_timeout_s));
    let mut lines = vec![headline(run)];
    match run.kind {
        Kind::Reprotect => lines.extend(replaced(run, seen.divergent, seen.lost.as_ref())),
        _ => lines.extend(seen.diagnosis.iter().flat_map(lost)),
    }
    if run.kind == Kind::Detach {
        lines.extend(given_up());
    }
    lines.extend(how_to_answer(run, &digest));
    lines.push(format!("Without an answer before {expires_at} the run ends and changes nothing."));
    Question {
        epoch: run.epoch,
        digest,
        text: lines.join("\n"),
        forecast: forecast.copied(),
        asked_at: seen.now,
        expires_at,
    }
}

/// The notice's subject: it names the run and is the same however often it is told.
pub(crate) fn subject(run: &Run) -> String {
    let subject = format!("{}: answer {} to {}? Run {}", run.deployment.name, run.kind, run.to, run.id);
    subject.chars().filter(char::is_ascii).take(SUBJECT_CHARACTERS).collect()
}

fn headline(run: &Run) -> String {
    let (name, from, to) = (&run.deployment.name, &run.from, &run.to);
    let what = match run.kind {
        Kind::Detach => format!("Cut {to} loose from the global database of {name} and make it the writer?"),
        Kind::Reprotect => format!("Rebuild the protection of {name} in {from}, which answers again?"),
        _ => format!("Fail over {name} from {from} to {to}?"),
    };
    let reason = if run.reason.is_empty() { String::new() } else { format!(": {}", run.reason) };
    format!("{what} Run {}, epoch {}, started by {}{reason}.", run.id, run.epoch, run.by)
}

/// What is wrong, what would be lost, and who could not be asked.
fn lost(diagnosis: &Diagnosis) -> Vec<String> {
    let forecast = &diagnosis.forecast;
    let writes = match (forecast.at_least_s, forecast.last_lag_ms, forecast.measured_at) {
        (Some(at_least_s), Some(lag_ms), Some(at)) => format!(
            "Not known to have arrived: what was written in the last {at_least_s} s at least, and one more second for \
             each that passes (the lag was {:.1} s at {at}). If the old writer stopped at once, it is less.",
            lag_ms / 1_000.0
        ),
        (Some(at_least_s), _, _) => {
            format!("Not known to have arrived: what was written in the last {at_least_s} s at least.")
        }
        (None, _, _) => "Not known to have arrived: nobody can say; no lag was measured within 15 minutes.".into(),
    };
    let files = match forecast.pending_files {
        Some(0) => "Files: none was waiting to be replicated.".into(),
        Some(pending) => format!("Files: at least {pending} operations had not arrived."),
        None => "Files: nobody can say how many had not arrived.".into(),
    };
    vec![
        format!("Diagnosis at {}: {} ({}).", diagnosis.at, diagnosis.sentence.trim_end_matches('.'), diagnosis.code),
        writes,
        files,
        witnesses(diagnosis),
    ]
}

fn witnesses(diagnosis: &Diagnosis) -> String {
    let missing: Vec<String> = diagnosis
        .opinions
        .iter()
        .filter(|opinion| opinion.healthy.is_none())
        .map(|opinion| match &opinion.why {
            Some(why) => format!("{} ({why})", opinion.witness),
            None => opinion.witness.clone(),
        })
        .collect();
    let all = diagnosis.opinions.len();
    if missing.is_empty() {
        format!("Witnesses: all {all} answered.")
    } else {
        format!("Witnesses: {} of {all} did not answer: {}.", missing.len(), missing.join(", "))
    }
}

/// What a detach gives up (Aurora User Guide, "Removing a cluster from an Aurora global database" and "Recovering an
/// Aurora global database from an unplanned outage").
fn given_up() -> Vec<String> {
    [
        "A detach is the last resort. It gives up:",
        "- fencing: the old writer stays writable, so two writers are possible until it is stopped by hand;",
        "- the snapshot of lost writes that Aurora takes after a managed failover: the rows stay in the old cluster only;",
        "- the global writer endpoint: nodes that connect to it must be given the cluster endpoint;",
        "- the global database itself: it must be built anew, by hand, before anything can move back.",
    ]
    .map(String::from)
    .to_vec()
}

/// What a reprotect replaces.
fn replaced(run: &Run, divergent: Option<Divergent>, lost: Option<&LostMessages>) -> Vec<String> {
    let from = &run.from;
    let lost = lost.map_or("nobody has accounted for them", |lost| &lost.sentence);
    let search = match divergent {
        Some(Divergent { operations: 0, .. }) => format!("Only {from} had no search operations of its own."),
        Some(Divergent { indices, operations, documents }) => format!(
            "{operations} search operations in {indices} indices exist only in {from}; they are exported ({documents} \
             documents, under runs/{}/) and will not come back by themselves.",
            run.id
        ),
        None => format!("Nobody counted the search operations that exist only in {from}."),
    };
    vec![
        format!("Replaced would be: every search index in {from}, one after the other, by a follower of {}.", run.to),
        search,
        format!("The database member is re-synchronised already. Its lost writes: {}.", lost.trim_end_matches('.')),
    ]
}

fn how_to_answer(run: &Run, digest: &str) -> Vec<String> {
    vec![
        format!("To answer in the console of {}: start the state machine answer-approval with", run.to),
        format!(
            "  {{\"run\": \"{}\", \"decision\": \"grant\", \"reason\": \"...\", \"digest\": \"{digest}\"}}",
            run.id
        ),
        format!(
            "or with \"deny\". From a terminal: mmdr approve {} --digest {digest} --reason ..., or mmdr deny",
            run.id
        ),
    ]
}
