//! What can happen in a story.

use std::fmt;

use mmdr_core::{Acceptance, Kind, StartedBy};
use serde::Deserialize;

use crate::network::Ix;

/// A Region in a story's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The Region that writes when the story begins.
    Home,
    /// The other one.
    Away,
}

impl Side {
    /// Its index, when `home` is at `home`.
    pub fn ix(self, home: Ix) -> Ix {
        match self {
            Self::Home => home,
            Self::Away => 1 - home,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Home => "home",
            Self::Away => "away",
        })
    }
}

/// One thing that happens; `do` names it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// The Region answers nothing any more.
    RegionDark {
        /// Which.
        region: Side,
    },
    /// The Region is back; its machines boot.
    RegionBack {
        /// Which.
        region: Side,
    },
    /// The Regions lose sight of each other; both go on.
    Partition,
    /// They see each other again.
    Heal,
    /// The third Region and the people lose sight of a Region.
    CutOff {
        /// Which.
        region: Side,
    },
    /// They see it again.
    Reconnect {
        /// Which.
        region: Side,
    },
    /// The Region's database takes no connections; everything else works.
    DatabaseDown {
        /// Which.
        region: Side,
    },
    /// It does again.
    DatabaseUp {
        /// Which.
        region: Side,
    },
    /// Every Mattermost node of the Region breaks; everything else works.
    ApplicationDown {
        /// Which.
        region: Side,
    },
    /// They are mended.
    ApplicationUp {
        /// Which.
        region: Side,
    },
    /// One Mattermost node breaks; the others go on.
    NodeDown {
        /// In which Region.
        region: Side,
        /// Which, from 1.
        node: u32,
    },
    /// It is mended.
    NodeUp {
        /// In which Region.
        region: Side,
        /// Which, from 1.
        node: u32,
    },
    /// The control planes that live in us-east-1 stop answering.
    ControlPlanesDown,
    /// They answer again.
    ControlPlanesUp,
    /// The alarm of `region` on the other one is delivered once more, in these forms.
    Alarm {
        /// Whose alarm.
        region: Side,
        /// `direct`, `event-bridge`, `sns`.
        forms: Vec<FormWord>,
    },
    /// A machine is started from the console.
    Start {
        /// Which.
        kind: Kind,
        /// To which Region.
        to: Side,
        /// In which Region the console stands; `to` where nothing is said.
        #[serde(default)]
        console: Option<Side>,
        /// Why.
        #[serde(default)]
        reason: String,
        /// Who; a person where nothing is said.
        #[serde(default)]
        by: Option<StartedBy>,
        /// Look and decide only.
        #[serde(default)]
        dry_run: bool,
        /// What the person accepts by name.
        #[serde(default)]
        accepts: Vec<Acceptance>,
        /// Whether it takes over the last run of that Region.
        #[serde(default)]
        resumes_last: bool,
    },
    /// A person answers the open question.
    Answer {
        /// `grant` or `deny`.
        decision: String,
        /// Why.
        reason: String,
    },
    /// A person puts the hold on or takes it off, in every Region that answers.
    Hold {
        /// On or off.
        on: bool,
        /// Why.
        reason: String,
    },
    /// A person stops the running execution of a kind.
    StopExecution {
        /// Which.
        kind: Kind,
    },
    /// A person moves the database from the RDS console, past the product.
    MoveByHand {
        /// To which Region.
        to: Side,
        /// By which of the console's ways.
        #[serde(default)]
        how: HandWord,
    },
    /// Calls go wrong.
    CallFault {
        /// The port's method, or its prefix ending in a dot.
        method: String,
        /// Asked in which Region; any where nothing is said.
        #[serde(default)]
        region: Option<Side>,
        /// Every how-manieth call.
        #[serde(default = "one")]
        every: u32,
        /// How many calls.
        #[serde(default = "one")]
        times: u32,
        /// How.
        fault: CallFaultWord,
        /// Milliseconds, for `slow`.
        #[serde(default)]
        ms: i64,
    },
    /// A function goes wrong.
    FunctionFault {
        /// Its step.
        step: String,
        /// Its part; any where nothing is said.
        #[serde(default)]
        part: Option<String>,
        /// How many invocations.
        #[serde(default = "one")]
        times: u32,
        /// How.
        fault: FunctionFaultWord,
        /// Before or after which call.
        #[serde(default = "one")]
        call: u32,
    },
    /// Files of a Region fail to replicate from now on.
    FilesFail {
        /// From which Region.
        region: Side,
        /// How many.
        count: u32,
    },
    /// The next switchover is given up by AWS half-way.
    SwitchoverWillFail,
    /// The standby's database lags by so many milliseconds from now on.
    LagBecomes {
        /// Milliseconds.
        ms: i64,
    },
    /// A Region's clocks are wrong by so many milliseconds.
    ClockSkew {
        /// Which.
        region: Side,
        /// Milliseconds; negative is slow.
        ms: i64,
    },
    /// Calls and functions go wrong no more, whatever was said of them before.
    FaultsEnd,
    /// A person does what the notices ask for: resumes what stopped half way, and moves on where nobody serves.
    Tend,
    /// A saboteur breaks what the named judge watches.
    Sabotage {
        /// The judge.
        judge: String,
    },
}

/// How a person moves the database in the RDS console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandWord {
    /// Switch over: planned, and nothing is lost.
    #[default]
    Switchover,
    /// Fail over, data loss allowed.
    Failover,
    /// Remove the Region's cluster from the global database.
    Detach,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallFaultWord {
    /// Throttled.
    Throttle,
    /// Slower by `ms`.
    Slow,
    /// Never arrives.
    BlackHole,
    /// Carried out; the answer is lost.
    AnswerLost,
    /// Answered with a server error and not carried out.
    ServerError,
}

/// How a function goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionFaultWord {
    /// Dies before its call number `call`.
    CrashBefore,
    /// Dies after it.
    CrashAfter,
    /// Dies before its change number `call`.
    CrashBeforeChange,
    /// Dies after it.
    CrashAfterChange,
    /// Runs twice at once.
    Twice,
    /// Killed before it answers.
    KilledBeforeAnswer,
    /// The invocation is throttled.
    Throttled,
    /// Never ends.
    Hangs,
}

/// A form of an alarm's transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormWord {
    /// The alarm's own Lambda action.
    Direct,
    /// An EventBridge rule.
    EventBridge,
    /// A topic.
    Sns,
}

fn one() -> u32 {
    1
}
