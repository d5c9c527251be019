//! What happens to the function of a Task.

use std::fmt;

use mmdr_world::scenario::FunctionFaultWord;

/// One thing that happens to a function, so many times in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blow {
    words: &'static str,
    pub(crate) fault: FunctionFaultWord,
    pub(crate) times: u32,
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.times {
            1 => f.write_str(self.words),
            times => write!(f, "{}, {times} times", self.words),
        }
    }
}

const fn blow(words: &'static str, fault: FunctionFaultWord, times: u32) -> Blow {
    Blow { words, fault, times }
}

/// Everything that is tried on every Task.
pub(crate) const BLOWS: [Blow; 12] = [
    blow("dies before its first call", FunctionFaultWord::CrashBefore, 1),
    blow("dies before its first call", FunctionFaultWord::CrashBefore, 2),
    blow("dies after its first call", FunctionFaultWord::CrashAfter, 1),
    blow("dies after its first call", FunctionFaultWord::CrashAfter, 2),
    blow("dies before its first change", FunctionFaultWord::CrashBeforeChange, 1),
    blow("dies before its first change", FunctionFaultWord::CrashBeforeChange, 2),
    blow("dies after its first change", FunctionFaultWord::CrashAfterChange, 1),
    blow("dies after its first change", FunctionFaultWord::CrashAfterChange, 2),
    blow("runs twice at once", FunctionFaultWord::Twice, 1),
    blow("is throttled", FunctionFaultWord::Throttled, 1),
    blow("hangs until its time-out", FunctionFaultWord::Hangs, 1),
    blow("is killed before it answers", FunctionFaultWord::KilledBeforeAnswer, 1),
];
