//! Reading and writing records: the one way in which a step does it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{inherited_keys, key};
use crate::ports::{Called, RecordReads, RecordWrites};
use crate::{CallError, Fault, Region, Run, StepError, calls};

/// The record under `key`; none where there is none.
///
/// Errors: [`StepError::ReadFailed`] where nobody answered, [`StepError::BadInput`] where it cannot be understood.
pub async fn read<T: DeserializeOwned>(
    reads: &impl RecordReads,
    region: &Region,
    key: &str,
) -> Result<Option<T>, StepError> {
    let found = reads.record(region, key).await.map_err(StepError::ReadFailed)?;
    let understood = found.map(serde_json::from_value).transpose();
    understood.map_err(|error| StepError::BadInput(format!("{key}: {error}")))
}

/// The record `name` of this run, else of the newest that it continues and that has one: a resume inherits its evidence.
///
/// Errors: as [`read`].
pub async fn read_own<T: DeserializeOwned>(
    reads: &impl RecordReads,
    run: &Run,
    name: &str,
) -> Result<Option<T>, StepError> {
    let mut found = read(reads, run.own(), &key(run, name)).await?;
    for key in inherited_keys(run, name) {
        if found.is_none() {
            found = read(reads, run.own(), &key).await?;
        }
    }
    Ok(found)
}

/// Like [`read`], for whoever must go on whatever lies there: what cannot be understood is like what is not there.
///
/// Errors: [`StepError::ReadFailed`] where nobody answered.
pub async fn read_tolerant<T: DeserializeOwned>(
    reads: &impl RecordReads,
    region: &Region,
    key: &str,
) -> Result<Option<T>, StepError> {
    let found = reads.record(region, key).await.map_err(StepError::ReadFailed)?;
    Ok(found.and_then(|value| serde_json::from_value(value).ok()))
}

/// Like [`read_own`], and as tolerant as [`read_tolerant`].
///
/// Errors: as [`read_tolerant`].
pub async fn read_own_tolerant<T: DeserializeOwned>(
    reads: &impl RecordReads,
    run: &Run,
    name: &str,
) -> Result<Option<T>, StepError> {
    let mut found = read_tolerant(reads, run.own(), &key(run, name)).await?;
    for key in inherited_keys(run, name) {
        if found.is_none() {
            found = read_tolerant(reads, run.own(), &key).await?;
        }
    }
    Ok(found)
}

/// Writes the record under `key`, over what lies there.
///
/// Errors: the call's own; [`Fault::Unreadable`] where `value` is no JSON.
pub async fn put(writes: &impl RecordWrites, region: &Region, key: &str, value: &impl Serialize) -> Called<()> {
    let value = serde_json::to_value(value).map_err(|error| CallError {
        call: calls::PUT_RECORD.name.into(),
        region: region.clone(),
        fault: Fault::Unreadable(error.to_string()),
    })?;
    writes.put_record(region, key, &value).await
}
