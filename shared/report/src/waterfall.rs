//! The parts over time: one row each, a label beside a bar. The bars are SVG that stretches with the page; the labels are
//! text, so that a telephone can show them above the bars instead of shrinking them.

use maud::{Markup, html};
use mmdr_core::Time;

use crate::model::{PartAnswer, PartReport, RunReport};
use crate::text::duration;

/// Width of the drawing, in its own units; the page stretches it.
const WIDTH: i64 = 1_000;
/// A bar that lasted no time is still seen, in units of the drawing.
const LEAST: i64 = 3;
/// Marks on the time axis.
const MARKS: i64 = 4;

pub(crate) fn waterfall(report: &RunReport) -> Markup {
    let timed: Vec<&PartReport> = report.parts.iter().filter(|part| part.started_at.is_some()).collect();
    let ended = timed.iter().filter_map(|part| part.ended_at).max().unwrap_or(report.opened_at);
    let scale = Scale { from: report.opened_at, span_ms: ended.since_ms(report.opened_at).max(1) };
    html! {
        figure.waterfall {
            figcaption {
                "Each bar is one part of the run, from its first to its last look. "
                span.key.critical {} " the time to recover depended on it · "
                span.key.beside {} " went on beside · "
                span.key.stopped {} " stopped or unfinished"
            }
            @for part in &timed { (row(part, &scale)) }
            div.axis {
                @for mark in 0..=MARKS { span { (duration(scale.span_ms * mark / MARKS)) } }
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
