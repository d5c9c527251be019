//! Which parts the time to recover depended on.

use mmdr_core::{Outcome, Time};

use crate::model::{PartReport, Share};

/// One visit of the machine to a part. A part is left when it says that it is so; when it looks again after that, the
/// machine came back to it (the question is looked at again after the second diagnosis), and what lay between was not
/// its time.
#[derive(Clone, Copy, Debug)]
struct Visit {
    part: usize,
    from: Time,
    until: Time,
}

/// The critical path to the part `last`: from its beginning back to the part that ended last before it, and so on. A
/// machine goes on when the slowest of its branches has ended, so the last one to end is the one that was waited for.
/// `parts` are in the order of the machine. Gives positions in `parts`, each once, in the order in which they were first
/// waited for; nothing where `last` left no evidence.
pub fn critical_path(parts: &[PartReport], last: usize) -> Vec<usize> {
    let mut path = Vec::new();
    for visit in visits_to(parts, last) {
        if !path.contains(&visit.part) {
            path.push(visit.part);
        }
    }
    path
}

/// The time from `opened_at` to the end of `path`, as [`critical_path`] gave it, split by its parts: each has the time
/// until the next one began, the first one also what passed before it.
pub fn split(parts: &[PartReport], path: &[usize], opened_at: Time) -> Vec<Share> {
    // The path was walked backwards from the part that ended last.
    let ended = |place: &usize| parts.get(*place).and_then(|part| part.ended_at);
    let Some(last) = path.iter().copied().max_by_key(ended) else { return Vec::new() };
    let visits = visits_to(parts, last);
    let mut since = opened_at;
    let mut shares: Vec<Share> = Vec::new();
    for (place, visit) in visits.iter().enumerate() {
        let Some(part) = parts.get(visit.part) else { continue };
        let until = visits.get(place + 1).map_or(visit.until, |next| next.from);
        let ms = until.since_ms(since);
        match shares.iter_mut().find(|share| share.step == part.step && share.part == part.part) {
            Some(share) => share.ms += ms,
            None => shares.push(Share { step: part.step, part: part.part.clone(), ms }),
        }
        since = until;
    }
    shares
}

fn visits_to(parts: &[PartReport], last: usize) -> Vec<Visit> {
    let mut all: Vec<Visit> = (0..parts.len()).flat_map(|part| visits(parts, part)).collect();
    // What was waited for began no later, and at the same moment stands earlier in the machine.
    all.sort_by_key(|visit| (visit.from, visit.until, visit.part));
    let mut path = Vec::new();
    let mut next = all.iter().rposition(|visit| visit.part == last);
    while let Some(place) = next {
        let Some(visit) = all.get(place).copied() else { break };
        path.push(visit);
        let before = all.iter().take(place).enumerate().filter(|(_, other)| other.until <= visit.from);
        next = before.max_by_key(|(place, other)| (other.until, *place)).map(|(place, _)| place);
    }
    path.reverse();
    path
}

fn visits(parts: &[PartReport], place: usize) -> Vec<Visit> {
    let Some(part) = parts.get(place) else { return Vec::new() };
    let (Some(started), Some(ended)) = (part.started_at, part.ended_at) else { return Vec::new() };
    let mut visits = Vec::new();
    let mut from = Some(started);
    for look in &part.trail {
        let begun = *from.get_or_insert(look.at);
        if look.outcome == Outcome::Already && look.at < ended {
            visits.push(Visit { part: place, from: begun, until: look.at });
            from = None;
        }
    }
    visits.push(Visit { part: place, from: from.unwrap_or(ended), until: ended });
    visits
}
