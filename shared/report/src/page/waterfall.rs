//! The parts over time: one row each, a label beside a bar. The bars are SVG that stretches with the page; the labels
//! are text, so that a telephone can show them above the bars instead of shrinking them.

use maud::{Markup, html};
use mmdr_core::Time;

use super::Place;
use crate::model::{PartAnswer, PartReport, RunReport};
use crate::text::duration;

/// Width of the drawing, in its own units; the page stretches it.
const WIDTH: i64 = 1_000;
/// A bar that lasted no time is still seen, in units of the drawing.
const LEAST: i64 = 4;
/// Marks on the time axis.
const MARKS: i64 = 4;

/// Nothing where no part took time: a run that was refused at once has nothing to show.
pub(super) fn waterfall(report: &RunReport, place: Place<'_>) -> Markup {
    let timed: Vec<&PartReport> = report.parts.iter().filter(|part| part.started_at.is_some()).collect();
    let ended = timed.iter().filter_map(|part| part.ended_at).max().unwrap_or(report.opened_at);
    let scale = Scale { from: report.opened_at, span_ms: ended.since_ms(report.opened_at) };
    html! {
        @if scale.span_ms >= 1_000 {
            section id=(place.id("time")) { (place.heading("Where the time went")) (drawing(&timed, &scale)) }
        }
    }
}

fn drawing(timed: &[&PartReport], scale: &Scale) -> Markup {
    html! {
        figure.waterfall {
            figcaption {
                "Each bar is one part of the run, from its first to its last look. "
                span.legend { i.key.critical {} " " b { "the whole waited for it" } }
                span.legend { i.key.beside {} " went on beside" }
                span.legend { i.key.stopped {} " stopped or unfinished" }
            }
            @for part in timed { (row(part, scale)) }
            (axis(scale.span_ms))
        }
    }
}

fn axis(span_ms: i64) -> Markup {
    html! {
        svg.axis height="18" aria-hidden="true" {
            @for mark in 0..=MARKS {
                @let anchor = match mark { 0 => "start", MARKS => "end", _ => "middle" };
                text x={(mark * 100 / MARKS) "%"} y="14" text-anchor=(anchor) { (duration(span_ms * mark / MARKS)) }
            }
        }
    }
}

struct Scale {
    from: Time,
    span_ms: i64,
}

impl Scale {
    fn x(&self, at: Time) -> i64 {
        (at.since_ms(self.from) * WIDTH / self.span_ms).clamp(0, WIDTH)
    }
}

fn row(part: &PartReport, scale: &Scale) -> Markup {
    let (begun, ended) = (part.started_at.unwrap_or(scale.from), part.ended_at.unwrap_or(scale.from));
    let x = scale.x(begun).min(WIDTH - LEAST);
    let width = (scale.x(ended) - x).max(LEAST);
    let lasted = duration(ended.since_ms(begun));
    let label =
        format!("{}: from {} after the opening, for {lasted}", part.name(), duration(begun.since_ms(scale.from)));
    let class = match part.answer {
        PartAnswer::Stopped | PartAnswer::Unfinished => "stopped",
        _ if part.critical => "critical",
        _ => "beside",
    };
    html! {
        div.row {
            span.label { @if part.critical { b { (part.name()) } } @else { (part.name()) } }
            svg viewBox={"0 0 " (WIDTH) " 16"} preserveAspectRatio="none" role="img" aria-label=(label) {
                title { (label) }
                @for mark in 0..=MARKS {
                    line.mark x1=(WIDTH * mark / MARKS) x2=(WIDTH * mark / MARKS) y1="0" y2="16" {}
                }
                rect class=(class) x=(x) y="3" width=(width) height="10" {}
            }
            span.lasted { (lasted) }
        }
    }
}
