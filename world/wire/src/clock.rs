//! The one clock of a rehearsal: virtual time as a file says it. Everything that asks for the machine's time is here.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the file says: at `real_ms` it was `virtual_ms`, and since then it passes `scale` times as fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) real_ms: i64,
    pub(crate) virtual_ms: i64,
    pub(crate) scale: f64,
}

impl Reading {
    fn at(self, real_ms: i64) -> i64 {
        self.virtual_ms + ((real_ms - self.real_ms) as f64 * self.scale).round() as i64
    }
}

/// Virtual time.
#[derive(Debug)]
pub(crate) struct Clock {
    file: Option<PathBuf>,
    last: RefCell<Option<Reading>>,
    latest: Cell<i64>,
}

impl Clock {
    /// The clock of a file, or the machine's own.
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file, last: RefCell::new(None), latest: Cell::new(i64::MIN) }
    }

    /// Milliseconds since the epoch. It never goes back: a file that says so is waited for.
    pub(crate) fn now(&self) -> i64 {
        let real_ms = real_ms();
        let now = self.reading().map_or(real_ms, |reading| reading.at(real_ms)).max(self.latest.get());
        self.latest.set(now);
        now
    }

    /// How many virtual milliseconds pass in one.
    pub(crate) fn scale(&self) -> f64 {
        self.reading().map_or(1.0, |reading| reading.scale)
    }

    /// Forgets how late it was: the next world may begin earlier.
    pub(crate) fn begin_anew(&self) {
        self.latest.set(i64::MIN);
    }

    /// What the file says. While it is being written it says what it said before.
    fn reading(&self) -> Option<Reading> {
        let text = std::fs::read_to_string(self.file.as_ref()?).ok();
        if let Some(reading) = text.and_then(|text| serde_json::from_str::<Reading>(&text).ok()) {
            *self.last.borrow_mut() = Some(reading);
        }
        *self.last.borrow()
    }
}

#[expect(clippy::disallowed_methods, reason = "a door to the outside shares the outside's time")]
pub(crate) fn real_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_passes_as_fast_as_the_scale_says() {
        let reading = Reading { real_ms: 1_000, virtual_ms: 50_000, scale: 60.0 };
        assert_eq!(reading.at(1_000), 50_000);
        assert_eq!(reading.at(3_000), 170_000);
        assert_eq!(Reading { scale: 0.0, ..reading }.at(9_000), 50_000);
    }

    #[test]
    fn a_clock_without_a_file_is_the_machines() {
        let clock = Clock::new(None);
        assert!(clock.now() > 1_700_000_000_000);
        assert_eq!(clock.scale(), 1.0);
    }

    #[test]
    fn a_file_that_is_not_there_yet_stands_for_the_machines_clock() {
        assert!(Clock::new(Some("no/such/clock.json".into())).now() > 1_700_000_000_000);
    }
}
