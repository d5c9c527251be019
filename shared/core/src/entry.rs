//! A function's entry: an event as it comes in, an answer as it goes out. The same for a Lambda and for the world.

use serde::Serialize;
use serde_json::Value;

use crate::{Answer, Payload, Place, Step, StepError, Store, run_standing, run_step};

/// One look of a step of an open run: `event` is a [`Payload`], the answer an [`Answer`].
///
/// Errors: as [`run_step`].
pub async fn look<S>(ports: &S::Reads, place: &Place, event: Value) -> Result<Value, StepError>
where
    S: Step<Writes = <S as Step>::Reads>,
    S::Reads: Store,
{
    let payload = payload(event)?;
    answer(run_step::<S>(ports, ports, ports, place, payload).await?)
}

/// One look of a standing duty, whatever event reminds of it.
///
/// Errors: as [`run_standing`].
pub async fn duty<S>(ports: &S::Reads, place: &Place) -> Result<Value, StepError>
where
    S: Step<Writes = <S as Step>::Reads>,
    S::Reads: Store,
{
    let looked: Answer = run_standing::<S>(ports, ports, ports, place, Payload::standing(), None).await?;
    answer(looked)
}

/// What a state machine hands to a Task. Errors: [`StepError::BadInput`], with the field that does not fit.
pub fn payload(event: Value) -> Result<Payload, StepError> {
    serde_json::from_value(event).map_err(|error| StepError::BadInput(format!("payload: {error}")))
}

/// An answer as JSON.
pub fn answer(it: impl Serialize) -> Result<Value, StepError> {
    serde_json::to_value(it).map_err(|error| StepError::BadInput(error.to_string()))
}
