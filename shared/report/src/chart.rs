//! What users experienced over time, as one SVG area that stretches with the page.

use maud::{Markup, html};

use crate::model::UsersSample;
use crate::text::duration;

/// Size of the drawing, in its own units; the page stretches it.
const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 160;

/// The share of requests that worked: a line over an area of those that failed.
pub(crate) fn users(samples: &[UsersSample]) -> Markup {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return html! {} };
    let span_ms = last.at.since_ms(first.at).max(1);
    let points: Vec<String> = samples.iter().map(|it| point(it, it.at.since_ms(first.at) * WIDTH / span_ms)).collect();
    let line = points.join(" ");
    let worst = samples.iter().min_by_key(|it| worked_permille(it));
    let failed: u64 = samples.iter().map(|it| it.failed).sum();
    let all: u64 = failed + samples.iter().map(|it| it.worked).sum::<u64>();
    let told = format!("{failed} of {all} requests failed");
    html! {
        figure.users {
            figcaption {
                (told)
                @if let Some(worst) = worst {
                    "; at worst " (worked_permille(worst) / 10) " % worked, " (duration(worst.at.since_ms(first.at))) " after the beginning"
                }
                "."
            }
            svg viewBox={"0 0 " (WIDTH) " " (HEIGHT)} preserveAspectRatio="none" role="img" aria-label=(told) {
                title { (told) }
                polygon.failed points={"0,0 " (line) " " (WIDTH) ",0"} {}
                polygon.worked points={"0," (HEIGHT) " " (line) " " (WIDTH) "," (HEIGHT)} {}
                polyline points=(line) {}
            }
            div.axis { span { "0 s" } span { (duration(span_ms / 2)) } span { (duration(span_ms)) } }
        }
    }
}

fn point(sample: &UsersSample, x: i64) -> String {
    format!("{x},{}", HEIGHT - worked_permille(sample) * HEIGHT / 1_000)
}

/// Requests that worked, in thousandths; all where there was none.
fn worked_permille(sample: &UsersSample) -> i64 {
    let all = sample.worked + sample.failed;
    let worked = (sample.worked * 1_000).checked_div(all).unwrap_or(1_000);
    i64::try_from(worked).unwrap_or(1_000)
}
