//! Points in time as AWS writes them in events.
//!
//! CloudWatch writes `2023-08-04T12:36:15.490+0000`, which RFC 3339 does not allow (no colon in the offset), EventBridge
//! and RDS write `2023-08-04T12:36:15Z`. Both are read here; everything else is refused rather than guessed.

use mmdr_core::Time;

/// Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm|±hhmm)`; none where the text has another form or names no such moment.
/// A fraction finer than milliseconds is cut off.
pub(crate) fn parse(text: &str) -> Option<Time> {
    if !text.is_ascii() {
        return None;
    }
    let (date_time, offset_min) = split_offset(text)?;
    let (whole, fraction) = match date_time.split_once('.') {
        Some((whole, fraction)) => (whole, milliseconds(fraction)?),
        None => (date_time, 0),
    };
    let (date, clock) = whole.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let possible = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !possible {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + (minute - offset_min) * 60 + second;
    Some(Time(seconds * 1_000 + fraction))
}

/// The text before the offset, and the offset in minutes east.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(rest) = text.strip_suffix('Z') {
        return Some((rest, 0));
    }
    // The sign of an offset stands after the time of day; the date's hyphens stand before its `T`.
    let clock_at = text.find('T')?;
    let sign_at = clock_at + text.get(clock_at..)?.find(['+', '-'])?;
    let (rest, offset) = text.split_at_checked(sign_at)?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let [hours, minutes] = match digits.split_once(':') {
        Some((hours, minutes)) => [fixed(hours, 2)?, fixed(minutes, 2)?],
        None => {
            let (hours, minutes) = digits.split_at_checked(2)?;
            [fixed(hours, 2)?, fixed(minutes, 2)?]
        }
    };
    let minutes_east = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some((rest, if sign == "-" { -minutes_east } else { minutes_east }))
}

fn milliseconds(fraction: &str) -> Option<i64> {
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut padded: String = fraction.chars().take(3).collect();
    while padded.len() < 3 {
        padded.push('0');
    }
    padded.parse().ok()
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut read = |width| fixed(parts.next()?, width);
    let [first, second, third] = widths;
    let found = [read(first)?, read(second)?, read(third)?];
    parts.next().is_none().then_some(found)
}

/// A number of exactly `width` digits.
fn fixed(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Civil date to days, after Howard Hinnant's published algorithm.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_is_one_time() {
        let moment = Some(Time(1_691_152_575_490));
        for text in [
            "2023-08-04T12:36:15.490+0000",
            "2023-08-04T12:36:15.490+00:00",
            "2023-08-04T12:36:15.490Z",
            "2023-08-04T12:36:15.49Z",
            "2023-08-04T12:36:15.490999Z",
            "2023-08-04T14:36:15.490+0200",
            "2023-08-04T07:06:15.490-05:30",
        ] {
            assert_eq!(parse(text), moment, "{text}");
        }
    }

    #[test]
    fn a_time_read_is_the_time_shown() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-21T10:00:00Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "now",
            "1691152575490",
            "2023-08-04",
            "2023-08-04T12:36:15",
            "2023-08-04 12:36:15Z",
            "2023-08-04T12:36Z",
            "2023-8-4T12:36:15Z",
            "2023-02-29T12:36:15Z",
            "2023-13-01T12:36:15Z",
            "2023-08-04T24:00:00Z",
            "2023-08-04T12:36:60Z",
            "2023-08-04T12:36:15.Z",
            "2023-08-04T12:36:15.0000000001Z",
            "2023-08-04T12:36:15+2460",
            "2023-08-04T12:36:15+",
            "2023-08-04T12:36:15+1é",
            "1969-12-31T23:59:59Z",
            "+2023-08-04T12:36:15Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
