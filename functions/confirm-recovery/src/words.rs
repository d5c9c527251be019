//! The parts, actions, reasons to wait and reasons to stop of confirm-recovery.

use std::fmt;

use mmdr_core::ports::JobStatus;
use mmdr_core::{LookAgain, Region, Run, named};
use serde::{Deserialize, Serialize};

named!(
    /// The occurrences of confirm-recovery in the machines.
    Part, "a part of confirm-recovery" {
        /// Before the flip: this Region works, asked at its own address.
        Inside => "inside",
        /// After the flip: the public name answers from this Region.
        Outside => "outside",
        /// After the flip: this Region runs jobs, and only this one.
        Jobs => "jobs",
        /// After a call-off: the old side works again.
        CalledOff => "called-off",
    }
);

impl Part {
    /// The Region that is confirmed.
    pub fn region(self, run: &Run) -> &Region {
        if self == Self::CalledOff { run.other() } else { run.own() }
    }
}

/// One probe that is made; each is found again by its tag, or by its type and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Write a post into the probe channel.
    CreatePost {
        /// At whose address.
        region: Region,
        /// The tag in its text.
        tag: String,
    },
    /// Upload a small file.
    UploadFile {
        /// At whose address.
        region: Region,
        /// Its name.
        tag: String,
    },
    /// Create a job whose worker is always on.
    CreateCanaryJob {
        /// At whose address.
        region: Region,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreatePost { region, tag } => write!(f, "writes the probe post {tag} in {region}"),
            Self::UploadFile { region, tag } => write!(f, "uploads the probe file {tag} in {region}"),
            Self::CreateCanaryJob { region } => write!(f, "creates a canary job in {region}"),
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::CreatePost { .. } | Self::UploadFile { .. } => 1,
            // Workers poll every 15 s.
            Self::CreateCanaryJob { .. } => 15,
        }
    }
}

/// Why a look must be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// Mattermost does not answer at the Region's own address.
    NotAnswering {
        /// Whose address.
        region: Region,
        /// What was seen.
        why: String,
    },
    /// It answers, and its database check fails.
    DatabaseNotOk {
        /// Whose address.
        region: Region,
    },
    /// The probe post could not be looked for.
    PostUnseen {
        /// Whose address.
        region: Region,
        /// Why; a 401 is also what a Mattermost without its database answers.
        why: String,
    },
    /// The probe post was accepted and is not there yet.
    PostNotThere {
        /// Its tag.
        tag: String,
    },
    /// The public name is not answered by this Region.
    StillElsewhere {
        /// The Region that answers.
        answers: Region,
    },
    /// The public name could not be asked.
    PublicNameUnseen {
        /// Why.
        why: String,
    },
    /// Some resolvers give the other Region's address.
    ResolversDisagree {
        /// How many give this Region's.
        agree: usize,
        /// How many were asked.
        of: usize,
    },
    /// The jobs could not be listed.
    JobsUnseen {
        /// Why.
        why: String,
    },
    /// No worker has finished the canary yet.
    CanaryPending {
        /// Its id.
        id: String,
        /// Its age in seconds.
        age_s: i64,
    },
    /// Processes of the old Region run, so it may run jobs as well.
    OldSideRuns {
        /// Whose.
        region: Region,
        /// How many.
        nodes: usize,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnswering { region, why } => write!(f, "Mattermost does not answer in {region}: {why}"),
            Self::DatabaseNotOk { region } => {
                write!(f, "Mattermost answers in {region} and its database check fails: it cannot write")
            }
            Self::PostUnseen { region, why } => write!(
                f,
                "could not look for the probe post in {region}: {why} (without its database Mattermost answers 401 to \
                 a good token)"
            ),
            Self::PostNotThere { tag } => write!(f, "the probe post {tag} was accepted and is not there yet"),
            Self::StillElsewhere { answers } => write!(f, "the public name is still answered by {answers}"),
            Self::PublicNameUnseen { why } => write!(f, "could not ask the public name: {why}"),
            Self::ResolversDisagree { agree, of } => write!(f, "{agree} of {of} resolvers give this Region's address"),
            Self::JobsUnseen { why } => write!(f, "could not list the jobs: {why}"),
            Self::CanaryPending { id, age_s } => write!(f, "no worker has finished the canary job {id} in {age_s} s"),
            Self::OldSideRuns { region, nodes } => {
                write!(f, "{nodes} nodes of {region} run: jobs may run in both Regions")
            }
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::PostNotThere { .. } => 2,
            Self::NotAnswering { .. } | Self::DatabaseNotOk { .. } | Self::PostUnseen { .. } => 5,
            _ => 10,
        }
    }
}

/// Why this cannot be confirmed; past the flip it is a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The canary stays pending: no worker runs.
    JobsDoNotRun {
        /// Its id.
        id: String,
        /// Its age in seconds.
        age_s: i64,
    },
    /// A worker took the canary and did not finish it well.
    CanaryFailed {
        /// Its id.
        id: String,
        /// Its status.
        status: JobStatus,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JobsDoNotRun { id, age_s } => write!(
                f,
                "the canary job {id} has been waiting for {age_s} s: no worker runs; a later worker will run it, which \
                 does no harm"
            ),
            Self::CanaryFailed { id, status: JobStatus::Canceled } => write!(f, "the canary job {id} was cancelled"),
            Self::CanaryFailed { id, .. } => write!(f, "the canary job {id} ended in an error"),
        }
    }
}
