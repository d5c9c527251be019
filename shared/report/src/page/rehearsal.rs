//! What only a rehearsal can know beside its users: the judges' verdicts, and the calls.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::story::{CallCount, Does, Judge};
use crate::text::{clock, count};

pub(super) fn judges(judges: &[Judge]) -> Markup {
    let broken = judges.iter().filter(|judge| judge.broken.is_some()).count();
    html! {
        section #judges {
            h2 { "Judges" }
            @if broken == 0 { p { "They watched every moment, and no rule was broken." } }
            @else { p.bad { (broken) " of " (count(judges.len(), "judge")) " saw their rule broken." } }
            ul.judges {
                @for judge in judges {
                    li {
                        @match &judge.broken {
                            None => span class="tag good" { "content" },
                            Some(broken) => span class="tag bad" { "failed at " (clock(broken.at)) },
                        }
                        " " b { (judge.name) } " " span.quiet { (judge.rule) }
                        @if let Some(broken) = &judge.broken { span.sentence { (broken.sentence) } }
                    }
                }
            }
        }
    }
}

pub(super) fn calls(calls: &[CallCount]) -> Markup {
    let mut sums: BTreeMap<(&str, &str), [u64; 3]> = BTreeMap::new();
    for call in calls {
        let [read, record, change] = sums.entry((&call.region, &call.plane)).or_default();
        let sum = match call.does {
            Does::Read => read,
            Does::Record => record,
            Does::Change => change,
        };
        *sum += call.made;
    }
    html! {
        section #calls {
            h2 { "Calls" }
            p.quiet { "What the steps asked for, where, and the plane that has to work for it; unanswered calls count too." }
            div.scroll tabindex="0" role="group" aria-label="Calls by Region and plane" { table {
                thead { tr {
                    th scope="col" { "Region" } th scope="col" { "Plane" } th.figure scope="col" { "Reads" }
                    th.figure scope="col" { "Own records" } th.figure scope="col" { "Changes" } th.figure scope="col" { "All" }
                } }
                tbody { @for ((region, plane), each) in &sums {
                    tr {
                        th scope="row" { (region) } td { (plane) }
                        @for sum in each { td.figure { (sum) } }
                        td.figure { (each.iter().sum::<u64>()) }
                    }
                } }
            } }
            details {
                summary { "Each call" }
                (each(calls))
            }
        }
    }
}

fn each(calls: &[CallCount]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Each call" { table {
            thead { tr {
                th scope="col" { "Call" } th scope="col" { "Region" } th scope="col" { "Plane" } th scope="col" { "Does" }
                th.figure scope="col" { "Made" }
            } }
            tbody { @for call in calls {
                tr {
                    th scope="row" { code { (call.call) } " " span.quiet { (call.method) } } td { (call.region) } td { (call.plane) }
                    td { (does(call.does)) } td.figure { (call.made) }
                }
            } }
        } }
    }
}

fn does(does: Does) -> &'static str {
    match does {
        Does::Read => "reads",
        Does::Record => "own records",
        Does::Change => "changes",
    }
}
