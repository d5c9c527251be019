//! What close-run can do, wait for, and refuse.

use std::fmt;

use mmdr_core::records::LostMessages;
use mmdr_core::{Ending, Ledger, LookAgain, Region, RunId};
use mmdr_report::RunReport;
use serde::Serialize;

/// One kind of change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Write the report, its page, and the lost-message account.
    File(Box<Filing>),
    /// Tell people how the run ended.
    Tell {
        /// The Region whose topic is told.
        region: Region,
        /// At most 99 characters; the same however often it is told.
        subject: String,
        /// The report in short.
        text: String,
    },
    /// Close the run in the own ledger: from here on nobody holds the lease.
    CloseOwn(LedgerWrite),
    /// Close its copy in the other Region's ledger, if that can be written.
    CloseOther(LedgerWrite),
}

/// The records of a closed run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Filing {
    /// The Region whose records are written.
    pub region: Region,
    /// Where the report lies.
    pub report_key: String,
    /// The report.
    pub report: RunReport,
    /// Where its page lies: the HTML document.
    pub page_key: String,
    /// The account and where it lies, where this run makes one.
    pub lost: Option<(String, LostMessages)>,
}

/// A ledger to be written, under its condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerWrite {
    /// The Region whose ledger is written.
    pub region: Region,
    /// The whole new ledger.
    pub ledger: Ledger,
    /// The version that it replaces.
    pub version: String,
    /// The run that closes.
    pub run: RunId,
    /// How.
    pub ending: Ending,
    /// Why people were not told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_told: Option<String>,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(filing) => write!(f, "writes the report: {}", filing.report.sentence),
            Self::Tell { region, subject, .. } => write!(f, "tells the topic in {region}: {subject}"),
            Self::CloseOwn(write) | Self::CloseOther(write) => {
                write!(f, "closes run {} in the ledger in {}: {}", write.run, write.region, write.ending)?;
                write.not_told.as_ref().map_or(Ok(()), |why| write!(f, "; people were not told of it: {why}"))
            }
        }
    }
}

impl LookAgain for Action {
    /// One second: each change is done when it answers.
    fn look_again_s(&self) -> u32 {
        1
    }
}

/// Closing waits for nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Waiting {}

impl fmt::Display for Waiting {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match *self {}
    }
}

/// Closing is never refused: every run can be reported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
