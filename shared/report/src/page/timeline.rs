//! What happened, in the order of time: the scenario's disturbances, what followed in the world, and the runs.

use maud::{Markup, html};
use mmdr_core::Time;

use super::letter;
use crate::story::{EventBy, Story, StoryEvent};
use crate::text::{clock, count};

/// One entry: when, its badge, and what happened.
type Entry = (Time, Markup, Markup);

pub(super) fn timeline(story: &Story) -> Markup {
    let mut entries = events(&story.rehearsal.events);
    entries.extend(runs(story));
    // Stable: what happened at the same moment keeps its order.
    entries.sort_by_key(|(at, _, _)| *at);
    html! {
        p.quiet {
            span.legend { span.number { "1" } " what the scenario does" }
            span.legend { span.letter { "A" } " a run begins or ends" }
            span.legend { "the rest follows from it" }
        }
        ol.timeline {
            @for (at, badge, sentence) in &entries { li { (clock(*at)) span.badge { (badge) } span { (sentence) } } }
        }
    }
}

fn events(events: &[StoryEvent]) -> Vec<Entry> {
    let mut number = 0;
    let mut entries = Vec::new();
    for event in events.iter().filter(|event| event.by != EventBy::Step) {
        let by_scenario = event.by == EventBy::Scenario;
        number += usize::from(by_scenario);
        let badge = html! { @if by_scenario { span.number { (number) } } };
        let sentence = html! { @if by_scenario { b { (event.sentence) } } @else { (event.sentence) } };
        entries.push((event.at, badge, sentence));
    }
    entries
}

fn runs(story: &Story) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (place, run) in story.runs.iter().enumerate() {
        let badge = html! { a.letter href={"#run-" (letter(place))} { (letter(place)) } };
        if let Some(report) = &run.report {
            let sentence = html! { (run.kind) " " code { (run.name) } " begins in " (run.region) };
            entries.push((report.opened_at, badge.clone(), sentence));
        }
        entries.push((run.ended_at, badge, html! { (run.kind) " ends: " b { (run.ending) } }));
    }
    entries
}

/// Every line, the steps' own among them.
pub(super) fn transcript(events: &[StoryEvent]) -> Markup {
    html! {
        section #transcript {
            h2 { "Transcript" }
            details {
                summary { "Every line, the steps' own among them: " (count(events.len(), "line")) }
                ol.trail {
                    @for event in events {
                        li { (clock(event.at)) @if event.by == EventBy::Scenario { b { (event.sentence) } } @else { span { (event.sentence) } } }
                    }
                }
            }
        }
    }
}
