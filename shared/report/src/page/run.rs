//! The sections about one run.

use maud::{Markup, html};
use mmdr_core::Ending;
use mmdr_core::records::{Diagnosis, LostMessages};

use super::Place;
use super::parts::parts;
use super::split::shares;
use super::waterfall::waterfall;
use crate::model::{Approval, PartAnswer, PartReport, RunReport};
use crate::text::{clock, duration, ending_in_words};

pub(super) fn header(report: &RunReport) -> Markup {
    html! {
        header {
            p.over { (report.deployment) " · " (report.opened_at) }
            h1 { (what(report)) " " (ending(report.ending)) }
            p.lead { (report.sentence) }
            (origin(report))
        }
    }
}

/// What a run did, as its heading.
pub(super) fn what(report: &RunReport) -> Markup {
    html! {
        @if report.dry_run { "dry " }
        @if report.kind.is_move() {
            (report.kind) ": " span.whole { (report.from) } " → " span.whole { (report.to) }
        } @else { (report.kind) " in " span.whole { (report.to) } }
    }
}

/// The ending beside a heading.
pub(super) fn ending(ending: Ending) -> Markup {
    let tone = match ending {
        Ending::Healthy => "good",
        Ending::Findings | Ending::StoppedAskAurora | Ending::Unfinished => "bad",
        _ => "quiet",
    };
    html! { span class={"tag " (tone)} { (ending_in_words(ending)) } }
}

/// Who started the run, and why.
pub(super) fn origin(report: &RunReport) -> Markup {
    html! {
        p.over {
            "Run " code { (report.run) }
            @if report.epoch.0 > 0 { ", epoch " (report.epoch) }
            ", started by " (report.by)
            @if !report.reason.is_empty() { ": " (report.reason) }
            @if let Some(resumed) = &report.resumes { ". It continued " code { (resumed) } }
        }
    }
}

pub(super) fn figures(report: &RunReport) -> Markup {
    let headline = &report.headline;
    html! {
        dl.figures {
            @if let Some(ms) = headline.recovered_in_ms { div { dt { "Time to recover" } dd { (duration(ms)) } } }
            @else { div { dt { "Lasted" } dd { (duration(report.closed_at.since_ms(report.opened_at))) } } }
            @if let Some(at_least_s) = headline.loss_at_least_s {
                div { dt { "Writes in doubt, at least the last" } dd { (duration(at_least_s * 1_000)) } }
            }
            @if let Some(kept_in) = &headline.kept_in { div { dt { "Their rows are kept in" } dd.long { (kept_in) } } }
            div { dt { "Parts that answered" } dd { (answered(report)) } }
        }
    }
}

fn answered(report: &RunReport) -> String {
    let needed = report.parts.iter().filter(|part| part.answer != PartAnswer::NotNeeded).count();
    format!("{} of {needed}", needed - report.did_not_answer().count())
}

/// Everything below the figures.
pub(super) fn body(report: &RunReport, place: Place<'_>) -> Markup {
    html! {
        @if let Some(two_writers) = &report.headline.two_writers {
            p.warning { b { "Two writers are possible. " } (two_writers) }
        }
        (findings(report, place))
        (waterfall(report, place))
        @if let Some(whole) = report.headline.recovered_in_ms {
            (place.fold("shares", "Time to recover, part by part", &shares(&report.headline.split, whole)))
        }
        @if let Some(lost) = &report.lost { (place.fold("lost", "Lost-message account", &account(lost))) }
        @if let Some(diagnosis) = &report.diagnosis { (place.fold("diagnosis", "Diagnosis", &diagnosed(diagnosis))) }
        @if let Some(approval) = &report.approval { (place.fold("approval", "Approval", &approved(approval))) }
        (place.fold("parts", "Every part and its evidence", &parts(report)))
    }
}

fn findings(report: &RunReport, place: Place<'_>) -> Markup {
    let silent: Vec<String> = report.did_not_answer().map(PartReport::name).collect();
    html! {
        @if !report.findings.is_empty() || !silent.is_empty() {
            section id=(place.id("findings")) {
                (place.heading("To look at"))
                ul {
                    @for finding in &report.findings { li { (finding) } }
                    @if !silent.is_empty() { li { b { "Left no evidence: " } (silent.join(", ")) "." } }
                }
            }
        }
    }
}

fn account(lost: &LostMessages) -> Markup {
    html! {
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

fn diagnosed(diagnosis: &Diagnosis) -> Markup {
    html! {
        p { (diagnosis.sentence) " " span.quiet { "(" (diagnosis.code) ", " (diagnosis.at) ")" } }
        div.scroll tabindex="0" role="group" aria-label="Witnesses" { table {
            thead { tr {
                th scope="col" { "Witness" } th scope="col" { "Looks from" } th scope="col" { "Says" }
                th scope="col" { "As of" }
            } }
            tbody { @for opinion in &diagnosis.opinions {
                tr {
                    th scope="row" { (opinion.witness) }
                    td { (opinion.vantage) }
                    td {
                        @match opinion.healthy {
                            Some(true) => "healthy",
                            Some(false) => b { "not healthy" },
                            None => { "not seen" @if let Some(why) = &opinion.why { ": " (why) } }
                        }
                    }
                    td { @if let Some(at) = opinion.at { (clock(at)) } }
                }
            } }
        } }
    }
}

fn approved(approval: &Approval) -> Markup {
    html! {
        p {
            "Asked at " (clock(approval.question.asked_at)) ". "
            @if let Some(answer) = &approval.answer {
                "Answered at " (clock(answer.at)) ": " b { (answer.decision) } ", " (answer.reason)
            } @else { "Not answered." }
        }
        pre { (approval.question.text) }
    }
}
