//! A told story's model: what a rehearsal showed, with the report of every run in it.

use mmdr_core::Time;
use serde::{Deserialize, Serialize};

use crate::model::RunReport;

/// A story that was told to its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The scenario's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What happens in it, and what it is meant to show.
    pub text: String,
    /// The Deployment.
    pub deployment: String,
    /// The seed: the same scenario, Deployment and seed tell the same story.
    pub seed: u64,
    /// When it began.
    pub began_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// Expectations of the scenario that do not hold, a sentence each.
    pub unmet: Vec<String>,
    /// What happened to people and to what they wrote.
    pub figures: StoryFigures,
    /// Its runs, in the order of their ends.
    pub runs: Vec<StoryRun>,
    /// What only a rehearsal can know.
    pub rehearsal: Rehearsal,
}

/// What happened to people and to what they wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoryFigures {
    /// Messages that were acknowledged.
    pub messages: u64,
    /// Those of them that are not at the writer in the end.
    pub lost_messages: u64,
    /// Seconds of writes between the first and the last of the lost ones.
    pub lost_s: i64,
    /// Seconds from the first person who felt a disturbance until the last one was served again, at the worst.
    pub without_service_s: i64,
    /// People who are without service when the story ends.
    pub still_without: u32,
}

/// One run of a story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryRun {
    /// Its name.
    pub name: String,
    /// What it did.
    pub kind: String,
    /// How it ended.
    pub ending: String,
    /// The Region in which it ran.
    pub region: String,
    /// When its execution ended.
    pub ended_at: Time,
    /// Its report, where it left one.
    pub report: Option<RunReport>,
}

/// What only a rehearsal can know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Every judge.
    pub judges: Vec<Judge>,
    /// What users experienced.
    pub users: Users,
    /// Calls by Region and kind.
    pub calls: Vec<CallCount>,
    /// The transcript, in the order of time.
    pub events: Vec<StoryEvent>,
}

/// One judge of a rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judge {
    /// Its name.
    pub name: String,
    /// The rule that it judges, in one sentence.
    pub rule: String,
    /// What broke the rule first; none where it held all the time.
    pub broken: Option<Broken>,
}

/// How a rule was broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// When.
    pub at: Time,
    /// By what.
    pub sentence: String,
}

/// What users experienced, in points of the same length from the beginning of the story on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Users {
    /// How many there are.
    pub people: u64,
    /// When the first point begins.
    pub from: Time,
    /// Length of a point in milliseconds.
    pub point_ms: i64,
    /// The points.
    pub points: Vec<UsersPoint>,
    /// The same attempts by what was attempted.
    pub attempts: Vec<Attempts>,
}

/// What users experienced in one point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsersPoint {
    /// Attempts that worked.
    pub worked: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Sockets that were open at its end.
    pub sockets: u64,
}

/// How often one thing was attempted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempts {
    /// What was attempted.
    pub what: String,
    /// How often it worked.
    pub worked: u64,
    /// How often it failed.
    pub failed: u64,
}

/// How often one kind of call was made in one Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallCount {
    /// The Region whose endpoint was asked.
    pub region: String,
    /// The call, as IAM spells it where IAM knows it; several kinds of call may share one name.
    pub call: String,
    /// The kind of call: the port's method.
    pub method: String,
    /// The plane that must work for it.
    pub plane: String,
    /// What it does.
    pub does: Does,
    /// How often it was made.
    pub made: u64,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// Changes nothing.
    Read,
    /// Writes our own ledger or records, or tells people.
    Record,
    /// Changes the Deployment.
    Change,
}

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryEvent {
    /// When.
    pub at: Time,
    /// Who acted.
    pub by: EventBy,
    /// What happened.
    pub sentence: String,
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventBy {
    /// The scenario: a disturbance, or a person on duty.
    Scenario,
    /// The world: what follows from it.
    World,
    /// A step.
    Step,
}

impl Story {
    /// Whether it ended as its scenario says.
    pub fn is_well(&self) -> bool {
        self.unmet.is_empty()
    }

    /// The first move that was confirmed from outside: its place among the runs, and its report.
    pub fn first_recovery(&self) -> Option<(usize, &RunReport)> {
        let reports = self.runs.iter().enumerate().filter_map(|(place, run)| Some((place, run.report.as_ref()?)));
        reports.into_iter().find(|(_, report)| report.headline.recovered_in_ms.is_some())
    }

    /// Where the lost rows lie, as the last report that knows it says.
    pub fn kept_in(&self) -> Option<&str> {
        let reports = self.runs.iter().rev().filter_map(|run| run.report.as_ref());
        reports.into_iter().find_map(|report| report.headline.kept_in.as_deref())
    }

    /// The last run with a lost-message account: its place among the runs.
    pub fn last_account(&self) -> Option<usize> {
        self.runs.iter().rposition(|run| run.report.as_ref().is_some_and(|report| report.lost.is_some()))
    }
}

impl Users {
    /// When the point at this place begins.
    pub fn begins(&self, place: i64) -> Time {
        Time(self.from.0 + place * self.point_ms)
    }
}

impl Rehearsal {
    /// The judges whose rule was broken.
    pub fn complaints(&self) -> impl Iterator<Item = (&Judge, &Broken)> {
        self.judges.iter().filter_map(|judge| Some((judge, judge.broken.as_ref()?)))
    }

    /// What the scenario did, in order.
    pub fn disturbances(&self) -> impl Iterator<Item = &StoryEvent> {
        self.events.iter().filter(|event| event.by == EventBy::Scenario)
    }
}
