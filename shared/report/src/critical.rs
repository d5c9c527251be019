//! Which parts the time to recover depended on.

use mmdr_core::Time;

use crate::model::{PartReport, Share};

/// The critical path to the part `last`: from its beginning back to the part that ended last before it, and so on. A
/// machine goes on when the slowest of its branches has ended, so the last one to end is the one that was waited for.
/// `parts` are in the order of the machine, so what was waited for always stands earlier.
/// Gives positions in `parts`, earliest first; nothing where `last` left no evidence.
pub fn critical_path(parts: &[PartReport], last: usize) -> Vec<usize> {
    let times = |position: usize| -> Option<(Time, Time)> {
        let part = parts.get(position)?;
        Some((part.started_at?, part.ended_at?))
    };
    let mut path = Vec::new();
    let mut next = times(last).map(|_| last);
    while let Some(position) = next {
        path.push(position);
        let Some((begun, _)) = times(position) else { break };
        next = (0..position)
            .filter_map(|other| times(other).map(|(_, ended)| (ended, other)))
            .filter(|(ended, _)| *ended <= begun)
            .max()
            .map(|(_, other)| other);
    }
    path.reverse();
    path
}

/// The time from `opened_at` to the end of `path`, split by its parts: each has the time until the next one began, the
/// first one also what passed before it.
pub fn split(parts: &[PartReport], path: &[usize], opened_at: Time) -> Vec<Share> {
    let mut since = opened_at;
    let mut shares = Vec::new();
    for (place, position) in path.iter().enumerate() {
        let Some(part) = parts.get(*position) else { continue };
        let next = path.get(place + 1).and_then(|next| parts.get(*next)).and_then(|next| next.started_at);
        let Some(until) = next.or(part.ended_at) else { continue };
        shares.push(Share { step: part.step, part: part.part.clone(), ms: until.since_ms(since) });
        since = until;
    }
    shares
}
