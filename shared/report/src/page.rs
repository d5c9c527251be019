//! The page: first how it ended, then the figures, then what to look at, then everything else.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use mmdr_core::Ending;
use mmdr_core::records::{Diagnosis, LostMessages};

use crate::model::{Approval, PartAnswer, PartReport, RunReport};
use crate::rehearsal;
use crate::text::{duration, ending_in_words};
use crate::waterfall::waterfall;

const STYLE: &str = include_str!("page.css");

/// The whole page: one self-contained document.
pub fn page(report: &RunReport) -> String {
    let title = format!("{} {} to {}: {}", report.deployment, report.kind, report.to, ending_in_words(report.ending));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main {
                    (figures(report))
                    (findings(report))
                    section #time { h2 { "Where the time went" } (waterfall(report)) (shares(report)) }
                    @if let Some(lost) = &report.lost { (account(lost)) }
                    @if let Some(diagnosis) = &report.diagnosis { (diagnosed(diagnosis)) }
                    @if let Some(approval) = &report.approval { (approved(approval)) }
                    @if let Some(it) = &report.rehearsal { (rehearsal::sections(it, report.opened_at)) }
                    (parts(report))
                }
                footer { "Run " (report.run) " of " (report.deployment) ", reported at " (report.closed_at) "." }
            }
        }
    }
    .into_string()
}

fn header(report: &RunReport) -> Markup {
    let tone = match report.ending {
        Ending::Healthy => "good",
        Ending::Findings | Ending::StoppedAskAurora | Ending::Unfinished => "bad",
        _ => "quiet",
    };
    html! {
        header {
            p.over { (report.deployment) " · " (report.opened_at) }
            h1 {
                @if report.kind.is_move() { (report.kind) ": " (report.from) " → " (report.to) }
                @else { (report.kind) " in " (report.to) }
                " " span class={"tag " (tone)} { (ending_in_words(report.ending)) }
            }
            p.lead { (report.sentence) }
            p.over {
                "Run " code { (report.run) }
                @if report.epoch.0 > 0 { ", epoch " (report.epoch) }
                ", started by " (report.by)
                @if !report.reason.is_empty() { ": " (report.reason) }
                @if let Some(resumed) = &report.resumes { ". It continued " code { (resumed) } }
            }
        }
    }
}

fn figures(report: &RunReport) -> Markup {
    let headline = &report.headline;
    html! {
        dl.figures {
            @if let Some(ms) = headline.recovered_in_ms { div { dt { "Time to recover" } dd { (duration(ms)) } } }
            @else { div { dt { "Lasted" } dd { (duration(report.closed_at.since_ms(report.opened_at))) } } }
            @if let Some(at_least_s) = headline.loss_at_least_s {
                div { dt { "Writes lost, at least" } dd { (duration(at_least_s * 1_000)) } }
            }
            @if let Some(kept_in) = &headline.kept_in { div { dt { "Their rows are kept in" } dd.long { (kept_in) } } }
            div { dt { "Parts that answered" } dd { (answered(report)) } }
        }
        @if let Some(two_writers) = &headline.two_writers { p.warning { b { "Two writers are possible. " } (two_writers) } }
    }
}

fn answered(report: &RunReport) -> String {
    let needed = report.parts.iter().filter(|part| part.answer != PartAnswer::NotNeeded).count();
    format!("{} of {needed}", needed - report.did_not_answer().count())
}

fn findings(report: &RunReport) -> Markup {
    let silent: Vec<String> = report.did_not_answer().map(PartReport::name).collect();
    html! {
        @if !report.findings.is_empty() || !silent.is_empty() {
            section #findings {
                h2 { "To look at" }
                ul {
                    @for finding in &report.findings { li { (finding) } }
                    @if !silent.is_empty() { li { "Did not answer: " (silent.join(", ")) "." } }
                }
            }
        }
    }
}

fn shares(report: &RunReport) -> Markup {
    let (split, whole) = (&report.headline.split, report.headline.recovered_in_ms.unwrap_or(0).max(1));
    html! {
        @if !split.is_empty() {
            h3 { "Time to recover, part by part" }
            div.scroll { table {
                thead { tr { th { "Part" } th { "Time" } th { "Share" } } }
                tbody {
                    @for share in split {
                        tr { td { (share.name()) } td.figure { (duration(share.ms)) } td.figure { (share.ms * 100 / whole) " %" } }
                    }
                }
            } }
        }
    }
}

fn account(lost: &LostMessages) -> Markup {
    html! {
        section #lost {
            h2 { "Lost-message account" }
            p { (lost.sentence) }
            dl.pairs {
                dt { "Newest commit known to have arrived" }
                dd { @if let Some(at) = lost.from { (at) } @else { "nobody knows" } }
                dt { "Fence proven" }
                dd { @if let Some(at) = lost.until { (at) } @else { "not yet: the window is open" } }
                dt { "At least" }
                dd { @if let Some(s) = lost.at_least_s { (duration(s * 1_000)) " of writes" } @else { "nobody knows" } }
                dt { "The rows are kept in" }
                dd { @if let Some(kept_in) = &lost.kept_in { (kept_in) } @else { "not known yet" } }
            }
        }
    }
}

fn diagnosed(diagnosis: &Diagnosis) -> Markup {
    html! {
        section #diagnosis {
            h2 { "Diagnosis" }
            p { (diagnosis.sentence) " " span.quiet { "(" (diagnosis.code) ", " (diagnosis.at) ")" } }
            div.scroll { table {
                thead { tr { th { "Witness" } th { "Looks from" } th { "Says" } th { "As of" } } }
                tbody { @for opinion in &diagnosis.opinions {
                    tr {
                        td { (opinion.witness) }
                        td { (opinion.vantage) }
                        td {
                            @match opinion.healthy {
                                Some(true) => "healthy",
                                Some(false) => "not healthy",
                                None => { "not seen" @if let Some(why) = &opinion.why { ": " (why) } }
                            }
                        }
                        td { @if let Some(at) = opinion.at { (at) } }
                    }
                } }
            } }
        }
    }
}

fn approved(approval: &Approval) -> Markup {
    html! {
        section #approval {
            h2 { "Approval" }
            p {
                "Asked at " (approval.question.asked_at) ". "
                @if let Some(answer) = &approval.answer {
                    "Answered at " (answer.at) ": " b { (answer.decision) } ", " (answer.reason)
                } @else { "Not answered." }
            }
            details { summary { "The question" } pre { (approval.question.text) } }
        }
    }
}

fn parts(report: &RunReport) -> Markup {
    html! {
        section #parts {
            h2 { "Every part and its evidence" }
            @for it in &report.parts { (part(it)) }
        }
    }
}

fn part(part: &PartReport) -> Markup {
    let (class, word) = match part.answer {
        PartAnswer::Done => ("good", "done"),
        PartAnswer::WouldAct => ("quiet", "would act"),
        PartAnswer::Stopped => ("bad", "stopped"),
        PartAnswer::Unfinished => ("bad", "unfinished"),
        PartAnswer::DidNotAnswer => ("bad", "did not answer"),
        PartAnswer::NotNeeded => ("quiet", "not needed"),
    };
    let head = html! {
        span class={"tag " (class)} { (word) } " " b { (part.name()) }
        @if let Some(ms) = part.lasted_ms() { span.quiet { " " (duration(ms)) ", " (part.trail.len()) " looks" } }
        span.sentence { (part.sentence) }
    };
    html! {
        @if part.trail.is_empty() { div.part { (head) } } @else {
            details.part {
                summary { (head) }
                ol.trail { @for look in &part.trail {
                    li { time { (look.at) } " " span.quiet { (look.outcome) } " " (look.sentence) }
                } }
                @if !part.evidence.is_empty() { pre { (part.evidence) } }
                @if !part.evidence_key.is_empty() { p.quiet { "Whole evidence: " code { (part.evidence_key) } } }
            }
        }
    }
}
