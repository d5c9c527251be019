use mmdr_core::{Outcome, StepName};

use super::{HOSTILE, OPENED, assert_self_contained, assert_shows, part, report};
use crate::{PartReport, RunReport, Trail, critical_path, page, split};

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
fn a_part_to_which_the_machine_came_back_is_not_charged_for_what_lay_between() {
    let look = |s, outcome| Trail { at: OPENED.plus_s(s), outcome, sentence: String::new() };
    let mut ask = part(StepName::RequestApproval, "ask", 3, 160);
    ask.trail = vec![look(4, Outcome::Wait), look(100, Outcome::Already), look(160, Outcome::Already)];
    let parts = [
        part(StepName::OpenRun, "whole", 0, 3),
        ask,
        part(StepName::DetectRegionOutage, "diagnose-again", 101, 160),
        part(StepName::SwitchDatabase, "promote", 161, 200),
    ];
    let path = critical_path(&parts, 3);
    assert_eq!(path, [0, 1, 2, 3]);
    let shares: Vec<i64> = split(&parts, &path, OPENED).iter().map(|share| share.ms / 1_000).collect();
    assert_eq!(shares, [3, 99, 59, 39]);
}

#[test]
fn a_page_is_one_file_that_needs_no_script_and_keeps_what_people_typed_as_text() {
    let page = page(&report());
    assert_self_contained(&page);
    assert!(!page.contains(HOSTILE));
    assert_shows(&page, &["dark &lt;script&gt;alert('x')&lt;/script&gt; &amp; &quot;gone&quot;"]);
}

#[test]
fn a_page_shows_the_figures_the_waterfall_and_what_left_no_evidence() {
    let page = page(&report());
    let shown = [
        "4 min 22 s",
        "Two writers are possible. ",
        "rect class=\"critical\"",
        "<b>Left no evidence: </b>confirm-recovery: jobs.",
        "not yet: the window is open",
        "<details class=\"part\">",
    ];
    assert_shows(&page, &shown);
    assert!(!page.contains("What people experienced"));
}

#[test]
fn a_report_survives_its_json() {
    let report = report();
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<RunReport>(&json).unwrap(), report);
}
