use mmdr_core::records::LostMessages;
use mmdr_core::{Ending, Epoch, Kind, Outcome, Region, RunId, StartedBy, StepName, Time};

use crate::{
    CallCount, Headline, Judge, Judgement, PartAnswer, PartReport, Rehearsal, RunReport, Trail, UsersSample,
    WorldEvent, critical_path, page, split,
};

const OPENED: Time = Time(1_795_255_200_000);

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
        reason: "dark <script>alert('x')</script> & gone".into(),
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
            sentence: "Writes may be missing.".into(),
        }),
        rehearsal: None,
    }
}

fn rehearsal() -> Rehearsal {
    let sample = |s: i64, worked, failed| UsersSample { at: OPENED.plus_s(s), worked, failed };
    let call = |region: &str, call: &str, plane: &str, made, failed| CallCount {
        region: region.into(),
        call: call.into(),
        plane: plane.into(),
        made,
        failed,
    };
    Rehearsal {
        scenario: "us-west-1 goes dark while people write.".into(),
        seed: Some(7),
        replay: "mmdr rehearse failover --seed 7".into(),
        judges: vec![Judge {
            rule: "one writer".into(),
            judgement: Judgement::Held,
            sentence: "never two Regions took writes".into(),
        }],
        users: vec![sample(0, 100, 0), sample(60, 0, 100), sample(240, 10, 90), sample(300, 100, 0)],
        calls: vec![
            call("us-east-1", "rds:FailoverGlobalCluster", "regional-control", 1, 0),
            call("us-west-1", "s3:GetObject", "data", 4, 4),
        ],
        events: vec![WorldEvent { at: OPENED.plus_s(1), sentence: "us-west-1 goes dark".into() }],
    }
}

#[test]
fn the_critical_path_waits_for_the_slowest_branch_and_its_shares_add_up() {
    let report = report();
    let critical: Vec<String> = report.parts.iter().filter(|part| part.critical).map(PartReport::name).collect();
    let path =
        ["open-run", "switch-database: promote", "roll-nodes: start-here", "flip-dns", "confirm-recovery: outside"];
    assert_eq!(critical, path);
    assert_eq!(report.headline.split.iter().map(|share| share.ms).sum::<i64>(), 262_000);
}

#[test]
fn a_page_is_one_file_that_needs_no_script_and_keeps_what_people_typed_as_text() {
    let page = page(&RunReport { rehearsal: Some(rehearsal()), ..report() });
    for forbidden in ["<script", "<link", "http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("dark &lt;script&gt;alert('x')&lt;/script&gt; &amp; gone"));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
}

#[test]
fn a_page_shows_the_figures_the_waterfall_and_what_did_not_answer() {
    let page = page(&report());
    for shown in [
        "4 min 22 s",
        "Two writers are possible. ",
        "rect class=\"critical\"",
        "Did not answer: confirm-recovery: jobs.",
        "not yet: the window is open",
        "<details class=\"part\">",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("What users experienced"));
}

#[test]
fn a_rehearsal_adds_judges_users_calls_and_what_happened() {
    let page = page(&RunReport { rehearsal: Some(rehearsal()), ..report() });
    for shown in [
        "Every judge is content: 1.",
        "at worst 0 % worked, 1 min after the beginning",
        "regional-control",
        "us-west-1 goes dark",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn a_report_survives_its_json() {
    let report = RunReport { rehearsal: Some(rehearsal()), ..report() };
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<RunReport>(&json).unwrap(), report);
}
