//! The transcript: what a reader is told, in order, with virtual time.

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
}

impl Story {
    /// Adds a line.
    pub fn tell(&mut self, at: i64, text: impl Into<String>) {
        if self.listening {
            self.lines.push(Line { at, text: text.into() });
        }
    }
}

impl Story {
    /// Adds a step's line, unless the very same line was told last: a step that looks again has nothing new to say.
    pub fn tell_step(&mut self, at: i64, text: String) {
        if self.listening && self.lines.last().is_none_or(|line| line.text != text) {
            self.lines.push(Line { at, text });
        }
    }
}
