//! `Retry` and `Catch`.

use super::fields::{Fields, MOST_SECONDS};
use super::scope::Names;
use super::shaping::path_or_null;
use crate::error_names::{ALL, NAMEABLE};
use crate::findings::{Findings, describe};
use crate::path::Reach;
use crate::state::{Catcher, Retrier};
use serde_json::Value;
use std::sync::Arc;

/// AWS's bound on `MaxDelaySeconds`: 366 days.
const MOST_DELAY_SECONDS: u64 = 31_622_400;

/// Reads `Retry`.
pub(crate) fn retry(fields: &mut Fields<'_>, findings: &mut Findings) -> Vec<Retrier> {
    let list = fields.list("Retry", findings);
    let last = list.len().saturating_sub(1);
    let entries = list.into_iter().enumerate();
    entries.filter_map(|(index, (path, value))| retrier(value, &path, index == last, findings)).collect()
}

fn retrier(value: &Value, path: &str, is_last: bool, findings: &mut Findings) -> Option<Retrier> {
    let mut fields = Fields::open(value, path, findings)?;
    let errors = errors(&mut fields, is_last, findings);
    let interval_s = fields.whole("IntervalSeconds", 1..=MOST_SECONDS, findings).unwrap_or(1);
    let max_attempts = fields.whole("MaxAttempts", 0..=MOST_SECONDS, findings).unwrap_or(3);
    let backoff_rate = backoff_rate(&mut fields, findings);
    let max_delay_s = fields.whole("MaxDelaySeconds", 1..=MOST_DELAY_SECONDS, findings);
    if let Some(most) = max_delay_s.filter(|most| *most <= interval_s) {
        findings.add(
            fields.at("MaxDelaySeconds"),
            format!("more than IntervalSeconds ({interval_s})"),
            most.to_string(),
        );
    }
    let full_jitter = match fields.take("JitterStrategy") {
        None => false,
        Some(value) if value == "NONE" => false,
        Some(value) if value == "FULL" => true,
        Some(value) => {
            findings.add(fields.at("JitterStrategy"), "\"FULL\" or \"NONE\"", describe(Some(value)));
            false
        }
    };
    fields.close(findings);
    Some(Retrier { errors, interval_s, max_attempts, backoff_rate, max_delay_s, full_jitter })
}

fn backoff_rate(fields: &mut Fields<'_>, findings: &mut Findings) -> f64 {
    let Some(value) = fields.take("BackoffRate") else { return 2.0 };
    let rate = value.as_f64().filter(|rate| *rate >= 1.0);
    if rate.is_none() {
        findings.add(fields.at("BackoffRate"), "a number of at least 1", describe(Some(value)));
    }
    rate.unwrap_or(2.0)
}

/// Reads `Catch`.
pub(crate) fn catch(fields: &mut Fields<'_>, names: &Names, findings: &mut Findings) -> Vec<Catcher> {
    let list = fields.list("Catch", findings);
    let last = list.len().saturating_sub(1);
    let entries = list.into_iter().enumerate();
    entries.filter_map(|(index, (path, value))| catcher(value, &path, index == last, names, findings)).collect()
}

fn catcher(value: &Value, path: &str, is_last: bool, names: &Names, findings: &mut Findings) -> Option<Catcher> {
    let mut fields = Fields::open(value, path, findings)?;
    fields.text("Comment", findings);
    let errors = errors(&mut fields, is_last, findings);
    let next = names.need(&mut fields, "Next", findings);
    let result_path = path_or_null(&mut fields, "ResultPath", Reach::Data, findings);
    fields.close(findings);
    Some(Catcher { errors, next: next?, result_path })
}

/// Reads `ErrorEquals`. `States.ALL` has to stand alone, in the last entry.
fn errors(fields: &mut Fields<'_>, is_last: bool, findings: &mut Findings) -> Vec<Arc<str>> {
    fields.need("ErrorEquals", "a list of error names", findings);
    let list = fields.list("ErrorEquals", findings);
    let count = list.len();
    let mut names = Vec::with_capacity(count);
    for (path, value) in list {
        let Some(name) = value.as_str() else {
            findings.add(path, "an error name", describe(Some(value)));
            continue;
        };
        if name.starts_with("States.") && !NAMEABLE.contains(&name) {
            let expected = format!("a name that can be caught: one's own, or {}", NAMEABLE.join(", "));
            findings.add(path, expected, describe(Some(value)));
        } else if name == ALL && count > 1 {
            findings.add(path, "States.ALL alone in its ErrorEquals", format!("{count} names"));
        } else if name == ALL && !is_last {
            findings.add(path, "States.ALL in the last entry only", "entries after it");
        }
        names.push(Arc::from(name));
    }
    names
}
