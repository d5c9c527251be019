//! The sections that only a rehearsal has: judges, users, calls, and what happened in the world.

use std::collections::BTreeMap;

use maud::{Markup, html};
use mmdr_core::Time;

use crate::chart;
use crate::model::{CallCount, Judge, Judgement, Rehearsal};
use crate::text::duration;

pub(crate) fn sections(rehearsal: &Rehearsal, opened_at: Time) -> Markup {
    html! {
        section #rehearsal {
            h2 { "Rehearsal" }
            p { (rehearsal.scenario) }
            @if !rehearsal.replay.is_empty() { p { "Play it again: " code { (rehearsal.replay) } } }
            (judges(&rehearsal.judges))
        }
        @if !rehearsal.users.is_empty() {
            section #users { h2 { "What users experienced" } (chart::users(&rehearsal.users)) }
        }
        @if !rehearsal.calls.is_empty() {
            section #calls { h2 { "Calls to AWS" } (calls(&rehearsal.calls)) }
        }
        @if !rehearsal.events.is_empty() {
            section #world {
                h2 { "What happened in the world" }
                ol.trail {
                    @for event in &rehearsal.events {
                        li { time { (duration(event.at.since_ms(opened_at))) } " " (event.sentence) }
                    }
                }
            }
        }
    }
}

fn judges(judges: &[Judge]) -> Markup {
    let broken = judges.iter().filter(|judge| judge.judgement == Judgement::Broken).count();
    html! {
        @if judges.is_empty() {} @else if broken == 0 { p { "Every judge is content: " (judges.len()) "." } } @else {
            p.bad { (broken) " of " (judges.len()) " judges saw their rule broken." }
        }
        ul.judges {
            @for judge in judges {
                @let (class, word) = match judge.judgement {
                    Judgement::Held => ("good", "held"),
                    Judgement::Broken => ("bad", "broken"),
                    Judgement::NotApplicable => ("quiet", "nothing to judge"),
                };
                li { span class={"tag " (class)} { (word) } " " b { (judge.rule) } ": " (judge.sentence) }
            }
        }
    }
}

fn calls(calls: &[CallCount]) -> Markup {
    let mut sums: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for call in calls {
        let sum = sums.entry((&call.region, &call.plane)).or_default();
        sum.0 += call.made;
        sum.1 += call.failed;
    }
    html! {
        div.scroll { table {
            thead { tr { th { "Region" } th { "Plane" } th { "Calls" } th { "Not answered or refused" } } }
            tbody { @for ((region, plane), (made, failed)) in &sums {
                tr { td { (region) } td { (plane) } td.figure { (made) } td.figure { (failed) } }
            } }
        } }
        details {
            summary { "Each call" }
            div.scroll { table {
                thead { tr { th { "Region" } th { "Plane" } th { "Call" } th { "Made" } th { "Not answered or refused" } } }
                tbody { @for call in calls {
                    tr { td { (call.region) } td { (call.plane) } td { code { (call.call) } } td.figure { (call.made) } td.figure { (call.failed) } }
                } }
            } }
        }
    }
}
