//! The only clock: the machine's, or in a rehearsal one that runs faster.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mmdr_aws::Clock;
use mmdr_core::Time;
use serde::Deserialize;

/// How fast time runs from when on, as a rehearsal writes it down. Everybody who takes part reads the same file.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Scale {
    /// Milliseconds since 1970 on the machine's clock at which the scale begins.
    real_ms: i64,
    /// What the rehearsal's clock showed then.
    virtual_ms: i64,
    /// Rehearsal seconds in one second.
    scale: f64,
}

impl Scale {
    fn at(self, real_ms: i64) -> i64 {
        self.virtual_ms + ((real_ms - self.real_ms) as f64 * self.scale) as i64
    }
}

/// The machine's clock, or the one that `file` tells of.
pub(crate) fn clock(file: Option<String>) -> Clock {
    Arc::new(move || {
        let real = machine();
        let scale = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let scale = scale.and_then(|text| serde_json::from_str::<Scale>(&text).ok());
        scale.map_or(real, |scale| Time(scale.at(real.0)))
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the edge at which the time is read")]
fn machine() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsals_clock_runs_from_its_beginning_at_its_scale() {
        let scale = Scale { real_ms: 1_000, virtual_ms: 50_000, scale: 20.0 };
        assert_eq!(scale.at(1_000), 50_000);
        assert_eq!(scale.at(2_500), 80_000);
    }

    #[test]
    fn without_a_file_it_is_the_machines() {
        assert!(clock(None)() > Time(1_700_000_000_000));
        assert!(clock(Some("/nowhere/clock.json".into()))() > Time(1_700_000_000_000));
    }
}
