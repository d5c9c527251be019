//! Every part of a run: its sentence, and on demand its looks and its evidence.

use maud::{Markup, html};

use crate::model::{PartAnswer, PartReport, RunReport};
use crate::text::{clock, count, duration};

pub(super) fn parts(report: &RunReport) -> Markup {
    let needed = report.parts.iter().filter(|part| part.answer != PartAnswer::NotNeeded);
    html! {
        @for it in needed { (part(it)) }
        (not_needed(report))
    }
}

/// Parts that were not needed, together by their reason.
fn not_needed(report: &RunReport) -> Markup {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for part in report.parts.iter().filter(|part| part.answer == PartAnswer::NotNeeded) {
        match reasons.iter_mut().find(|(reason, _)| *reason == part.sentence) {
            Some((_, names)) => names.push(part.name()),
            None => reasons.push((&part.sentence, vec![part.name()])),
        }
    }
    html! {
        @for (reason, names) in &reasons {
            div.part {
                span class="tag quiet" { "not needed" } " " (reason) ": " span.quiet { (names.join(", ")) }
            }
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
        @if let Some(ms) = part.lasted_ms() { span.quiet { " " (duration(ms)) ", " (count(part.trail.len(), "look")) } }
        span.sentence { (part.sentence) }
    };
    html! {
        @if part.trail.is_empty() { div.part { (head) } } @else {
            details.part {
                summary { (head) }
                ol.trail { @for look in &part.trail {
                    li { (clock(look.at)) span { span.quiet { (look.outcome) } " " (look.sentence) } }
                } }
                @if !part.evidence.is_empty() { pre { (part.evidence) } }
                @if !part.evidence_key.is_empty() { p.quiet { "Whole evidence: " code { (part.evidence_key) } } }
            }
        }
    }
}
