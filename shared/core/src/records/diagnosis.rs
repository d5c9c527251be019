//! What is wrong, and how much would be lost.

use serde::{Deserialize, Serialize};

use crate::{Region, Time};

/// One witness's opinion as it entered a diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Which witness.
    pub witness: String,
    /// From where it looks; witnesses that share a vantage count once.
    pub vantage: String,
    /// Whether the subject is healthy; none where the witness was not seen.
    pub healthy: Option<bool>,
    /// When it was true.
    pub at: Option<Time>,
    /// Why it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How much would be lost by promoting now. Always "at least".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossForecast {
    /// The last lag measured before the first failing witness, in milliseconds.
    pub last_lag_ms: Option<f64>,
    /// When it was measured.
    pub measured_at: Option<Time>,
    /// That lag plus the seconds since, in seconds; none where no value is at most 15 minutes old.
    pub at_least_s: Option<i64>,
    /// File operations that had not arrived.
    pub pending_files: Option<u64>,
}

/// What is wrong, by evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Code in the table of diagnoses.
    pub code: String,
    /// One sentence.
    pub sentence: String,
    /// Digest of code and Region, the same for the same diagnosis.
    pub digest: String,
    /// The Region that was diagnosed.
    pub subject: Region,
    /// Whether it permits a failover that a machine started.
    pub machine_may_fail_over: bool,
    /// Whether it permits a failover that a person started without accepting anything.
    pub person_may_fail_over: bool,
    /// Who said what.
    pub opinions: Vec<Opinion>,
    /// The loss forecast.
    pub forecast: LossForecast,
    /// When the oldest evidence that it rests on was true.
    pub evidence_at: Time,
    /// When it was made.
    pub at: Time,
}
