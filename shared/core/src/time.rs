//! A point in time, given by whoever calls; nothing in the core reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

/// Seconds by which the clocks of services, functions and people's machines may differ. A time further ahead than this
/// is no sign of youth but of a wrong clock or a wrong record: what carries it is not fresh.
pub const CLOCKS_APART_S: i64 = 60;

impl Time {
    /// Whether `at` lies at most `age_s` seconds before this time, and not in its future beyond [`CLOCKS_APART_S`].
    pub fn is_within(self, age_s: i64, at: Self) -> bool {
        (-CLOCKS_APART_S..=age_s).contains(&self.since_s(at))
    }

    /// This time plus `seconds`.
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1_000)
    }

    /// Whole seconds from `earlier` to this time; negative where clocks disagree.
    pub fn since_s(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000)
    }

    /// Milliseconds from `earlier` to this time.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Calendar date as (year, month, day) in UTC.
    pub fn date(self) -> (i64, u32, u32) {
        // Days to civil date, after Howard Hinnant's published algorithm.
        let days = self.0.div_euclid(86_400_000) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month as u32, day as u32)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let ms = self.0.rem_euclid(86_400_000);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dated_in_the_future_is_not_fresh() {
        let now = Time(1_000_000);
        assert!(now.is_within(90, now.plus_s(-90)));
        assert!(!now.is_within(90, now.plus_s(-91)));
        assert!(now.is_within(90, now.plus_s(CLOCKS_APART_S)));
        assert!(!now.is_within(90, now.plus_s(CLOCKS_APART_S + 1)));
    }

    #[test]
    fn a_time_is_shown_as_an_rfc_3339_second_in_utc() {
        assert_eq!(Time(1_795_255_200_000).to_string(), "2026-11-21T10:00:00Z");
        assert_eq!(Time(951_782_399_999).to_string(), "2000-02-28T23:59:59Z");
        assert_eq!(Time(951_782_400_000).date(), (2000, 2, 29));
    }
}
