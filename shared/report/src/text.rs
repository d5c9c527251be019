//! Words for figures.

use maud::{Markup, html};
use mmdr_core::{Ending, Time};

/// Milliseconds as a person says them: `850 ms`, `12 s`, `4 min 12 s`, `1 h 3 min`.
pub fn duration(ms: i64) -> String {
    let s = ms / 1_000;
    match s {
        _ if ms < 0 => format!("-{}", duration(-ms)),
        0 if ms > 0 => format!("{ms} ms"),
        0..60 => format!("{s} s"),
        60..3_600 if s % 60 == 0 => format!("{} min", s / 60),
        60..3_600 => format!("{} min {} s", s / 60, s % 60),
        _ if s % 3_600 / 60 == 0 => format!("{} h", s / 3_600),
        _ => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
    }
}

/// The time of day, `03:02:00`, with the whole time for machines.
pub(crate) fn clock(at: Time) -> Markup {
    let whole = at.to_string();
    html! { time datetime=(whole) { (whole.get(11..19).unwrap_or(&whole)) } }
}

/// `1 look`, `2 looks`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A share without a fraction; what is not nothing is never said to be nothing.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    match part * 100 / whole.max(1) {
        0 if part > 0 => "< 1 %".into(),
        share => format!("{share} %"),
    }
}

/// An ending as the word beside the title.
pub fn ending_in_words(ending: Ending) -> &'static str {
    match ending {
        Ending::Healthy => "healthy",
        Ending::Findings => "done, with findings",
        Ending::CalledOff => "called off",
        Ending::Refused => "refused",
        Ending::Denied => "denied",
        Ending::Expired => "not answered in time",
        Ending::LostRace => "gave way",
        Ending::Superseded => "superseded",
        Ending::StoppedAskAurora => "stopped: ask Aurora, then resume",
        Ending::Unfinished => "unfinished: mend what the report names, then resume",
        Ending::Stopped => "stopped safely",
        Ending::DryRun => "dry run",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_as_a_person_would() {
        let table = [
            (0, "0 s"),
            (850, "850 ms"),
            (12_400, "12 s"),
            (60_000, "1 min"),
            (252_000, "4 min 12 s"),
            (3_780_000, "1 h 3 min"),
            (7_200_000, "2 h"),
            (-2_000, "-2 s"),
        ];
        for (ms, said) in table {
            assert_eq!(duration(ms), said);
        }
    }
}
