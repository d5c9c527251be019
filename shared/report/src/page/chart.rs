//! The drawing of what users experienced: attempts and open sockets, with the disturbances and the runs above them.
//!
//! Across, everything is a share of the drawing's width, so that it stretches with the page; down, everything is in
//! pixels, so that text and marks keep their size.

use std::fmt::Write;

use maud::{Markup, html};
use mmdr_core::Time;

use super::letter;
use crate::story::{Story, Users, UsersPoint};

/// Height of a lane of marks, and of a line of text, in pixels.
const LANE: usize = 22;
const TEXT: usize = 22;
/// Marks that are nearer than this stand in lanes of their own, in thousandths of the width: apart at 320 pixels.
const NEAR: i64 = 70;
/// A run's bar that is narrower has its letter beside it, in thousandths of the width.
const NARROW: i64 = 50;
/// Most ticks on the time axis after the first, and the steps that they may have, in minutes.
const TICKS: i64 = 4;
const STEPS_MIN: [i64; 8] = [1, 2, 5, 10, 15, 30, 60, 120];
/// Height of an area in its own units.
const HEIGHT: u64 = 1_000;

/// One thing to mark: from when until when (the same for a moment), its sign, and what it is.
pub(super) struct Mark {
    from: Time,
    until: Time,
    sign: String,
    what: String,
}

/// The marks of a story: disturbances by number, then runs by letter.
pub(super) fn marks(story: &Story) -> Vec<Mark> {
    let moments = story.rehearsal.disturbances().enumerate().map(|(place, event)| Mark {
        from: event.at,
        until: event.at,
        sign: (place + 1).to_string(),
        what: event.sentence.clone(),
    });
    let runs = story.runs.iter().enumerate().map(|(place, run)| {
        let from = run.report.as_ref().map_or(run.ended_at, |report| report.opened_at);
        // Never a moment, so that it is drawn as a run.
        let until = run.ended_at.max(Time(from.0 + 1));
        Mark { from, until, sign: letter(place), what: format!("{} {}", run.kind, run.ending) }
    });
    moments.chain(runs).collect()
}

/// One panel: a stepped area on a scale of its own.
struct Panel {
    class: &'static str,
    title: String,
    height: usize,
    most: u64,
    values: Vec<u64>,
}

/// Attempts that worked, attempts that failed, and open sockets. Those that failed have a scale of their own: people who
/// come back try many times, and would dwarf what works.
fn panels(users: &Users) -> [Panel; 3] {
    let panel = |class, height, of: fn(&UsersPoint) -> u64| {
        let values: Vec<u64> = users.points.iter().map(of).collect();
        let most = values.iter().copied().max().unwrap_or(0);
        Panel { class, title: format!("{class}, at most {most}"), height, most: most.max(1), values }
    };
    [
        panel("worked", 90, |point| point.worked),
        panel("failed", 90, |point| point.failed),
        Panel {
            title: format!("open sockets of {} people", users.people),
            most: users.people.max(1),
            ..panel("sockets", 60, |point| point.sockets)
        },
    ]
}

/// The drawing, with its content as a sentence for those who cannot see it.
pub(super) fn drawing(users: &Users, marks: &[Mark]) -> Markup {
    let scale = Scale { from: users.from, until: users.begins(users.points.len() as i64) };
    let (placed, lanes) = lanes(marks, &scale);
    let panels = panels(users);
    let mut axis = lanes * LANE;
    let mut placed_panels = Vec::new();
    for panel in &panels {
        placed_panels.push((panel, axis + TEXT));
        axis += TEXT + panel.height;
    }
    let told = told(users, marks);
    html! {
        svg.chart height=(axis + TEXT) role="img" aria-label=(told) {
            @for (panel, top) in &placed_panels { (area(panel, *top)) }
            @for (mark, lane) in &placed { (sign(mark, *lane, &scale, axis)) }
            @for (panel, top) in &placed_panels { text.title x="0" y=(top - 6) { (panel.title) } }
            (ticks(&scale, axis))
        }
    }
}

/// Times as shares of the width.
struct Scale {
    from: Time,
    until: Time,
}

impl Scale {
    /// Thousandths of the width.
    fn x(&self, at: Time) -> i64 {
        let span_ms = self.until.since_ms(self.from).max(1);
        (at.since_ms(self.from) * 1_000 / span_ms).clamp(0, 1_000)
    }
}

/// Thousandths as a percentage with its fraction.
fn share(thousandths: i64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// Each mark's lane, so that no two that are near share one; disturbances stand above runs. And the number of lanes.
fn lanes<'a>(marks: &'a [Mark], scale: &Scale) -> (Vec<(&'a Mark, usize)>, usize) {
    let mut placed = Vec::new();
    let mut above = 0;
    for moments in [true, false] {
        // Up to where each lane of this kind is taken, in thousandths.
        let mut taken: Vec<i64> = Vec::new();
        for mark in marks.iter().filter(|mark| (mark.from == mark.until) == moments) {
            let from = scale.x(mark.from);
            let until = scale.x(mark.until).max(from) + NEAR;
            let lane = taken.iter().position(|taken| *taken <= from).unwrap_or(taken.len());
            match taken.get_mut(lane) {
                Some(taken) => *taken = until,
                None => taken.push(until),
            }
            placed.push((mark, above + lane));
        }
        above += taken.len();
    }
    (placed, above)
}

fn sign(mark: &Mark, lane: usize, scale: &Scale, axis: usize) -> Markup {
    let (from, until) = (scale.x(mark.from), scale.x(mark.until));
    let (top, x) = (lane * LANE, share(from));
    html! {
        @if mark.from == mark.until {
            line.moment x1=(x) x2=(x) y1=(top + LANE / 2) y2=(axis) {}
            circle.moment cx=(x) cy=(top + LANE / 2) r="9" { title { (mark.what) } }
            text.sign x=(x) y=(top + LANE / 2 + 4) text-anchor="middle" { (mark.sign) }
        } @else {
            rect.run x=(x) y=(top + 3) width=(share((until - from).max(4))) height=(LANE - 6) { title { (mark.what) } }
            @if until - from < NARROW {
                text.note x=(share(until.max(from + 4))) dx="3" y=(top + LANE / 2 + 4) { (mark.sign) }
            } @else {
                text.letter x=(x) dx="4" y=(top + LANE / 2 + 4) { (mark.sign) }
            }
        }
    }
}

/// The panel's area; one unit across for each value.
fn area(panel: &Panel, top: usize) -> Markup {
    let count = panel.values.len();
    let mut path = format!("M0 {HEIGHT}");
    let mut drawn = None;
    for (place, value) in panel.values.iter().enumerate() {
        let y = HEIGHT - (value * HEIGHT / panel.most).min(HEIGHT);
        if drawn != Some(y) {
            // Writing to a string cannot fail.
            let _ = write!(path, "H{place}V{y}");
            drawn = Some(y);
        }
    }
    let _ = write!(path, "H{count}V{HEIGHT}Z");
    html! {
        rect.panel x="0" width="100%" y=(top) height=(panel.height) {}
        svg x="0" y=(top) width="100%" height=(panel.height) viewBox={"0 0 " (count) " " (HEIGHT)} preserveAspectRatio="none" {
            path class=(panel.class) d=(path) {}
        }
    }
}

/// Round times along the axis, few enough for a telephone.
fn ticks(scale: &Scale, axis: usize) -> Markup {
    let span_ms = scale.until.since_ms(scale.from);
    let step_ms = STEPS_MIN.iter().map(|minutes| minutes * 60_000).find(|step_ms| span_ms / step_ms <= TICKS);
    let step_ms = step_ms.unwrap_or(span_ms.max(1));
    html! {
        @for tick in 0..=(span_ms / step_ms) {
            @let at = Time(scale.from.0 + tick * step_ms);
            @let anchor = match scale.x(at) { ..30 => "start", 970.. => "end", _ => "middle" };
            text.note x=(share(scale.x(at))) y=(axis + 16) text-anchor=(anchor) { (minute(at)) }
        }
    }
}

/// Hours and minutes.
fn minute(at: Time) -> String {
    at.to_string().get(11..16).unwrap_or_default().to_owned()
}

fn told(users: &Users, marks: &[Mark]) -> String {
    let worked: u64 = users.points.iter().map(|point| point.worked).sum();
    let failed: u64 = users.points.iter().map(|point| point.failed).sum();
    let mut told = format!("{worked} attempts worked and {failed} failed.");
    if let Some((place, fewest)) = users.points.iter().enumerate().min_by_key(|(_, point)| point.sockets) {
        let at = users.begins(place as i64);
        let _ = write!(told, " Fewest open sockets: {} of {} at {}.", fewest.sockets, users.people, minute(at));
    }
    for mark in marks {
        let _ = write!(told, " {} at {}: {}.", mark.sign, minute(mark.from), mark.what);
    }
    told
}
