//! The page of a whole rehearsal.

use maud::{Markup, html};

use super::split::shares;
use super::{Place, chart, letter, rehearsal, run, timeline, users};
use crate::story::{Story, StoryRun};
use crate::text::{clock, duration};

pub(super) fn body(story: &Story) -> Markup {
    html! {
        (header(story))
        main {
            (unmet(story))
            (figures(story))
            (recovery(story))
            section #happened { h2 { "What happened" } (timeline::timeline(story)) }
            (users::section(&story.rehearsal, &chart::marks(story)))
            (runs(&story.runs))
            (rehearsal::judges(&story.rehearsal.judges))
            (rehearsal::calls(&story.rehearsal.calls))
            (timeline::transcript(&story.rehearsal.events))
        }
        footer {
            "The same scenario, Deployment document and seed tell the same story, byte for byte. Times are virtual, in UTC."
        }
    }
}

fn header(story: &Story) -> Markup {
    let minutes = story.ended_at.since_s(story.began_at) / 60;
    html! {
        header {
            p.over { "Rehearsal · " (story.deployment) }
            h1 {
                (story.title) " "
                @if story.is_well() { span class="tag good" { "as its scenario says" } }
                @else { span class="tag bad" { "not as its scenario says" } }
            }
            p.lead { (story.text) }
            p.over {
                "Scenario " code { (story.name) } ", seed " (story.seed) ", " (minutes) " virtual minutes from "
                (story.began_at) "."
            }
            nav aria-label="On this page" {
                a href="#happened" { "What happened" }
                a href="#users" { "People" }
                a href="#runs" { "Runs" }
                a href="#judges" { "Judges" }
                a href="#calls" { "Calls" }
                a href="#transcript" { "Transcript" }
            }
        }
    }
}

fn unmet(story: &Story) -> Markup {
    html! {
        @if !story.unmet.is_empty() {
            section.warning #unmet {
                h2 { "Expectations that do not hold" }
                ul { @for sentence in &story.unmet { li { (sentence) } } }
            }
        }
    }
}

fn figures(story: &Story) -> Markup {
    let figures = &story.figures;
    html! {
        dl.figures {
            div {
                dt { "Time to recover" }
                @match story.first_recovery() {
                    Some((place, report)) => {
                        dd { (duration(report.headline.recovered_in_ms.unwrap_or(0))) }
                        dd.note {
                            a href={"#run-" (letter(place))} { "Run " (letter(place)) ", " (report.kind) }
                            ", from its opening to confirmed from outside"
                        }
                    }
                    None => { dd { "none" } dd.note { "no move was confirmed from outside" } }
                }
            }
            div {
                dt { "Messages lost" }
                dd { (figures.lost_messages) span.quiet { " of " (figures.messages) } }
                dd.note { (kept(story)) }
            }
            div {
                dt { "Without service" }
                dd { (duration(figures.without_service_s * 1_000)) }
                dd.note {
                    @if figures.without_service_s == 0 { "nobody felt anything" }
                    @else if figures.still_without > 0 {
                        "and longer: " (figures.still_without) " people are without service at the end"
                    }
                    @else { "from the first person who felt it until the last was served again" }
                }
            }
            (judges(story))
        }
    }
}

/// Where lost messages lie.
fn kept(story: &Story) -> Markup {
    let written = duration(story.figures.lost_s * 1_000);
    html! {
        @match (story.figures.lost_messages, story.kept_in(), story.last_account().map(letter)) {
            (0, _, _) => "everything that was acknowledged is at the writer",
            (_, Some(kept_in), _) => { (written) " of writes, kept in " (kept_in) }
            (_, None, Some(run)) => {
                (written) " of writes; where they lie is in " a href={"#run-" (run) "-lost"} { "run " (run) "'s account" }
            }
            (_, None, None) => { (written) " of writes; no report accounts for them" }
        }
    }
}

fn judges(story: &Story) -> Markup {
    let (all, complaints) = (story.rehearsal.judges.len(), story.rehearsal.complaints().count());
    html! {
        div {
            dt { "Judges content" }
            dd class=[(complaints > 0).then_some("bad")] { (all - complaints) span.quiet { " of " (all) } }
            dd.note {
                @if complaints == 0 { "no rule was broken at any moment" }
                @for (judge, broken) in story.rehearsal.complaints() {
                    a href="#judges" { (judge.name) } " failed at " (clock(broken.at)) ". "
                }
            }
        }
    }
}

fn recovery(story: &Story) -> Markup {
    html! {
        @if let Some((place, report)) = story.first_recovery() {
            section #recovery {
                h2 { "Time to recover, step by step" }
                p.quiet {
                    "What run " (letter(place)) " waited for, longest first. Steps that went on beside are in its waterfall below."
                }
                (shares(&report.headline.split, report.headline.recovered_in_ms.unwrap_or(0)))
            }
        }
    }
}

fn runs(runs: &[StoryRun]) -> Markup {
    html! {
        section #runs {
            h2 { "Runs" }
            @if runs.is_empty() { p { "No run ended in this story." } }
            @for (place, it) in runs.iter().enumerate() { (one(place, it)) }
        }
    }
}

fn one(place: usize, run: &StoryRun) -> Markup {
    let name = letter(place);
    let prefix = format!("run-{name}-");
    html! {
        article.run id={"run-" (name)} aria-labelledby={"run-" (name) "-name"} {
            @match &run.report {
                Some(report) => {
                    h3 id={"run-" (name) "-name"} {
                        span.letter { (name) } " " (run::what(report)) " " (run::ending(report.ending))
                    }
                    p { (report.sentence) }
                    (run::origin(report))
                    (run::body(report, Place { level: 4, prefix: &prefix }))
                }
                None => {
                    h3 id={"run-" (name) "-name"} {
                        span.letter { (name) } " " (run.kind) " in " (run.region) " " span class="tag bad" { (run.ending) }
                    }
                    p { "Run " code { (run.name) } " left no report. Its execution ended at " (clock(run.ended_at)) "." }
                }
            }
        }
    }
}
