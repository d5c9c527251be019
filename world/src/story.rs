//! The transcript: what a reader is told, in order, with virtual time.

use std::collections::BTreeMap;

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds since the epoch.
    pub at: i64,
    /// What is told.
    pub text: String,
}

/// The transcript.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// Lines in order; empty where nobody listens.
    pub lines: Vec<Line>,
    /// Whether anybody listens: random moves do not pay for a transcript.
    pub listening: bool,
    /// What each step and part said last.
    said: BTreeMap<String, String>,
}

impl Story {
    /// An empty transcript, with a listener or without.
    pub fn new(listening: bool) -> Self {
        Self { listening, ..Self::default() }
    }

    /// Adds a line.
    pub fn tell(&mut self, at: i64, text: impl Into<String>) {
        if self.listening {
            self.lines.push(Line { at, text: text.into() });
        }
    }
}

impl Story {
    /// Adds a step's line, unless that step and part said nothing new: a step that looks again repeats itself.
    pub fn tell_step(&mut self, at: i64, who: String, news: String, text: String) {
        if !self.listening || self.said.get(&who) == Some(&news) {
            return;
        }
        self.lines.push(Line { at, text });
        self.said.insert(who, news);
    }
}
