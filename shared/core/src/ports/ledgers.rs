//! The ledgers and the records of runs: S3 objects, written under conditions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Called;
use crate::{Ledger, Region};

/// A ledger with the version that a conditional write must name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerSeen {
    /// The ledger.
    pub ledger: Ledger,
    /// Its ETag.
    pub version: String,
}

/// What can be seen of the ledgers.
pub trait LedgerReads {
    /// `s3:GetObject` of the ledger in `region`. None: there is none yet.
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>>;
}

/// What can be changed of the ledgers.
pub trait LedgerWrites {
    /// `s3:PutObject` with `If-Match: version`, or `If-None-Match: *` where `version` is none. Gives the new
    /// version; another writer in between is [`crate::Fault::Conflict`].
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String>;
}

/// What can be seen of records. Keys are as [`crate::records`] makes them.
pub trait RecordReads {
    /// `s3:GetObject`. None: there is no such record.
    async fn record(&self, region: &Region, key: &str) -> Called<Option<Value>>;
    /// `s3:GetObject` of an object as it lies there: evidence, or a page. None: there is no such object.
    async fn text(&self, region: &Region, key: &str) -> Called<Option<String>>;
    /// `s3:ListObjectsV2`: the keys under `prefix`, in order.
    async fn record_keys(&self, region: &Region, prefix: &str) -> Called<Vec<String>>;
}

/// What can be changed of records.
pub trait RecordWrites {
    /// `s3:PutObject`.
    async fn put_record(&self, region: &Region, key: &str, value: &Value) -> Called<()>;
    /// `s3:PutObject` of a text as it is: evidence, or a page. The key's ending says what it is.
    async fn put_text(&self, region: &Region, key: &str, text: &str) -> Called<()>;
    /// `s3:PutObject` with `If-None-Match: *`: the first one stands. Gives whether this one was first.
    async fn create_record(&self, region: &Region, key: &str, value: &Value) -> Called<bool>;
}
