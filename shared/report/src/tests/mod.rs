//! Structure of the pages, and the figures that the report computes itself.

mod run;
mod story;

use mmdr_core::records::LostMessages;
use mmdr_core::{Ending, Epoch, Kind, Outcome, Region, RunId, StartedBy, StepName, Time};

use crate::{Headline, PartAnswer, PartReport, RunReport, Trail, critical_path, split};

const OPENED: Time = Time(1_795_255_200_000);

/// What somebody typed to make trouble.
const HOSTILE: &str = "dark <script>alert('x')</script> & \"gone\"";

fn part(step: StepName, part: &str, from_s: i64, to_s: i64) -> PartReport {
    let at = OPENED.plus_s(to_s);
    PartReport {
        step,
        part: part.into(),
        answer: PartAnswer::Done,
        sentence: format!("{step} is done"),
        started_at: Some(OPENED.plus_s(from_s)),
        ended_at: Some(at),
        critical: false,
        trail: vec![Trail { at, outcome: Outcome::Already, sentence: "so it is".into() }],
        evidence: "{\n  \"a\": \"<b>\"\n}".into(),
        evidence_key: "runs/fo-1/evidence/1".into(),
    }
}

fn report() -> RunReport {
    let mut parts = vec![
        part(StepName::OpenRun, "whole", 0, 3),
        part(StepName::SwitchDatabase, "promote", 4, 110),
        part(StepName::RollNodes, "fence-lost-beside", 4, 60),
        part(StepName::RollNodes, "start-here", 111, 190),
        part(StepName::SwapSearchLeader, "promote-hot", 111, 140),
        part(StepName::FlipDns, "whole", 191, 250),
        part(StepName::ConfirmRecovery, "outside", 251, 262),
    ];
    let path = critical_path(&parts, 6);
    for place in &path {
        parts[*place].critical = true;
    }
    let split = split(&parts, &path, OPENED);
    let mut silent = part(StepName::ConfirmRecovery, "jobs", 0, 0);
    (silent.answer, silent.started_at, silent.ended_at) = (PartAnswer::DidNotAnswer, None, None);
    silent.trail.clear();
    parts.push(silent);
    RunReport {
        deployment: "acme-chat".into(),
        run: RunId("fo-1".into()),
        kind: Kind::Failover,
        from: Region::new("us-west-1"),
        to: Region::new("us-east-1"),
        epoch: Epoch(7),
        by: StartedBy::Person,
        reason: HOSTILE.into(),
        dry_run: false,
        resumes: None,
        opened_at: OPENED,
        closed_at: OPENED.plus_s(300),
        ending: Ending::Findings,
        sentence: "us-east-1 is the writer Region and serves people 4 min 22 s after it was opened.".into(),
        headline: Headline {
            recovered_in_ms: Some(262_000),
            split,
            loss_at_least_s: Some(35),
            kept_in: None,
            two_writers: Some("Aurora could not block the old writer in time.".into()),
        },
        findings: vec!["something stopped".into()],
        parts,
        diagnosis: None,
        approval: None,
        lost: Some(LostMessages {
            from: Some(OPENED),
            until: None,
            at_least_s: Some(35),
            kept_in: None,
            gone: false,
            sentence: "Writes may be missing.".into(),
        }),
    }
}

/// A page is one file: no script, no second file, nothing from elsewhere.
fn assert_self_contained(page: &str) {
    for forbidden in ["<script", "<link", "<iframe", "<img", "http://", "https://", " src=", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
}

fn assert_shows(page: &str, all: &[&str]) {
    for shown in all {
        assert!(page.contains(shown), "{shown}");
    }
}
