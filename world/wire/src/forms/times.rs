//! Times as protocols spell them. The calendar is [`mmdr_core::Time`]'s.

use mmdr_core::Time;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// `2026-11-21T03:00:00.123Z`, as the query protocol and S3 write it.
pub(crate) fn iso(ms: i64) -> String {
    let seconds = Time(ms).to_string();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), ms.rem_euclid(1_000))
}

/// `Sat, 21 Nov 2026 03:00:00 GMT`, as HTTP headers have it.
pub(crate) fn http(ms: i64) -> String {
    let (year, month, day) = Time(ms).date();
    let weekday = DAYS.get(ms.div_euclid(86_400_000).rem_euclid(7) as usize).copied().unwrap_or("Thu");
    let month = MONTHS.get(month as usize - 1).copied().unwrap_or("Jan");
    let time = Time(ms).to_string();
    format!("{weekday}, {day:02} {month} {year:04} {} GMT", time.get(11..19).unwrap_or("00:00:00"))
}

/// Seconds with their fraction, as the JSON protocols have it.
pub(crate) fn epoch_s(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

/// Reads `2026-11-21T03:00:00Z`, with or without a fraction, or with `+00:00`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let time = time.trim_end_matches('Z').trim_end_matches("+00:00");
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (time.next()?.parse::<i64>().ok()?, time.next()?.parse::<i64>().ok()?);
    let second = time.next()?.parse::<f64>().ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60;
    Some(seconds * 1_000 + (second * 1_000.0).round() as i64)
}

/// Days from 1970-01-01 to a civil date, after Howard Hinnant's published algorithm.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_795_230_000_123;

    #[test]
    fn a_time_is_spelt_as_each_protocol_spells_it() {
        assert_eq!(iso(MS), "2026-11-21T03:00:00.123Z");
        assert_eq!(http(MS), "Sat, 21 Nov 2026 03:00:00 GMT");
        assert_eq!(epoch_s(MS), 1_795_230_000.123);
    }

    #[test]
    fn a_time_is_read_back_as_it_was_written() {
        for ms in [MS, 0, 951_782_399_999, 4_102_444_800_000] {
            assert_eq!(parse(&iso(ms)), Some(ms));
        }
        assert_eq!(parse("2026-11-21T03:00:00Z"), Some(MS - 123));
        assert_eq!(parse("2026-11-21T03:00:00+00:00"), Some(MS - 123));
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-21"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
