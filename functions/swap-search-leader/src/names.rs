//! Mattermost's index names: which are ours, which are hot, which are orphans, and the rules that follow them.
//!
//! `<prefix>posts_YYYY_MM_DD` for recent days, `<prefix>postsmonth_YYYY_MM` for older ones, `<prefix>channels`,
//! `users` and `files` (Mattermost `server/enterprise/elasticsearch/common/common.go`). `posts*` covers both forms.

use mmdr_core::{Run, Time};

/// The indices that every server writes to whatever the day.
const STANDING: [&str; 3] = ["users", "channels", "files"];
/// The bases that rules follow; a pattern without a wildcard is allowed (plugin `UpdateAutoFollowPatternIT`).
pub(crate) const FOLLOWED: [&str; 4] = ["posts*", "channels", "users", "files"];
const DAY_S: i64 = 86_400;

/// The indices that people feel first, in the order in which they are promoted: users, channels, files, and the
/// posts of today, yesterday and tomorrow by UTC. Mattermost dates indices in the server's own time zone, which
/// may be ahead of UTC; a name that does not exist is simply not promoted.
pub fn hot(prefix: &str, now: Time) -> Vec<String> {
    let days = [0, -DAY_S, DAY_S].map(|offset_s| day(prefix, now.plus_s(offset_s)));
    STANDING.iter().map(|base| format!("{prefix}{base}")).chain(days).collect()
}

fn day(prefix: &str, at: Time) -> String {
    let (year, month, day) = at.date();
    format!("{prefix}posts_{year:04}_{month:02}_{day:02}")
}

/// Whether `name` is the prefix followed by one of Mattermost's bases, and nothing else.
pub fn is_known(prefix: &str, name: &str) -> bool {
    let Some(base) = name.strip_prefix(prefix) else { return false };
    STANDING.contains(&base) || dated(base, "posts_", &[4, 2, 2]) || dated(base, "postsmonth_", &[4, 2])
}

fn dated(base: &str, stem: &str, lengths: &[usize]) -> bool {
    let Some(date) = base.strip_prefix(stem) else { return false };
    let fields: Vec<&str> = date.split('_').collect();
    fields.len() == lengths.len()
        && fields
            .iter()
            .zip(lengths)
            .all(|(field, length)| field.len() == *length && field.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether `name` can only mean one index: no wildcard, list, exclusion, date arithmetic or hidden index.
pub fn is_exact(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    !name.is_empty() && name.bytes().all(plain) && name != "_all" && !name.starts_with(['_', '-'])
}

/// The monthly index into which the aggregator puts the daily index `name`, if it is one.
///
/// The aggregator deletes the daily index at the leader; replication does not follow deletions, so the follower
/// keeps it, paused for ever: an orphan.
pub fn month_of(prefix: &str, name: &str) -> Option<String> {
    let base = name.strip_prefix(prefix)?;
    if !dated(base, "posts_", &[4, 2, 2]) {
        return None;
    }
    let (month, _day) = base.strip_prefix("posts_")?.rsplit_once('_')?;
    Some(format!("{prefix}postsmonth_{month}"))
}

/// The patterns that the follower's rules must have.
pub(crate) fn patterns(run: &Run) -> Vec<String> {
    let prefix = &run.deployment.search.index_prefix;
    FOLLOWED.iter().map(|base| format!("{prefix}{base}")).collect()
}

/// What a rule's name adds to its alias: the base, so that the name alone tells alias and pattern.
pub(crate) fn rule_ending(run: &Run, pattern: &str) -> String {
    let base = pattern.strip_prefix(run.deployment.search.index_prefix.as_str()).unwrap_or(pattern);
    format!("-{}", base.trim_end_matches('*'))
}

/// Names for a sentence: the first five, and how many more.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
