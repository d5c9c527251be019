//! From a state's input to its effective input, and from its result to its output.

use super::Execution;
use super::thread::Thread;
use crate::context::Context;
use crate::error_names::{DATA_LIMIT_EXCEEDED, PARAMETER_PATH_FAILURE, RESULT_PATH_MATCH_FAILURE, RUNTIME};
use crate::path::Path;
use crate::size::{DATA_LIMIT_BYTES, fits};
use crate::state::{Filters, State};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Why a state failed.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) error: Arc<str>,
    pub(super) cause: Arc<str>,
}

impl Failure {
    pub(super) fn new(error: &str, cause: &str) -> Self {
        Self { error: Arc::from(error), cause: Arc::from(cause) }
    }

    pub(super) fn runtime(cause: &str) -> Self {
        Self::new(RUNTIME, cause)
    }

    pub(super) fn too_large(what: &str) -> Self {
        Self::new(DATA_LIMIT_EXCEEDED, &format!("{what} exceeded the maximum of {DATA_LIMIT_BYTES} bytes."))
    }

    fn no_path(error: &str, field: &str, path: &Path) -> Self {
        Self::new(error, &format!("The JSONPath '{path}' specified for the field '{field}' could not be found."))
    }
}

impl Execution {
    /// The state's input after `InputPath` and `Parameters`.
    pub(super) fn effective_input(
        &self,
        state: &State,
        thread: &Thread,
        token: Option<&str>,
    ) -> Result<Arc<Value>, Failure> {
        let context = self.context(thread, token);
        let selected = select("InputPath", state.filters.input_path.as_ref(), &thread.input, &context)?;
        let Some(parameters) = &state.filters.parameters else { return Ok(selected) };
        let made = parameters
            .evaluate(&selected, &context)
            .map_err(|path| Failure::no_path(PARAMETER_PATH_FAILURE, "Parameters", path))?;
        if fits(&made) { Ok(Arc::new(made)) } else { Err(Failure::too_large("The input after Parameters")) }
    }

    /// The state's output: its result after `ResultSelector`, `ResultPath` and `OutputPath`.
    pub(super) fn output(&self, state: &State, thread: &Thread, result: Arc<Value>) -> Result<Arc<Value>, Failure> {
        let Filters { result_selector, result_path, output_path, .. } = &state.filters;
        let context = self.context(thread, None);
        let selected = match result_selector {
            Some(selector) => Arc::new(
                selector
                    .evaluate(&result, &context)
                    .map_err(|path| Failure::no_path(RUNTIME, "ResultSelector", path))?,
            ),
            None => result,
        };
        let merged = merge(result_path.as_ref(), &thread.input, selected)?;
        let output = select_owned("OutputPath", output_path.as_ref(), merged, &context)?;
        if fits(&output) { Ok(output) } else { Err(Failure::too_large("The output of the state")) }
    }

    /// The output of a state whose error was caught.
    pub(super) fn caught(
        &self,
        path: Option<&Path>,
        thread: &Thread,
        failure: &Failure,
    ) -> Result<Arc<Value>, Failure> {
        let told = json!({"Error": &*failure.error, "Cause": &*failure.cause});
        let output = merge(path, &thread.input, Arc::new(told))?;
        if fits(&output) { Ok(output) } else { Err(Failure::too_large("The output of the state")) }
    }
}

/// The part of `data` to which a path field leads; `null` in the definition means an empty object.
pub(super) fn select(
    field: &str,
    path: Option<&Path>,
    data: &Arc<Value>,
    context: &Context<'_>,
) -> Result<Arc<Value>, Failure> {
    match path {
        None => Ok(Arc::new(Value::Object(Map::new()))),
        Some(path) if path.is_whole() => Ok(Arc::clone(data)),
        Some(path) => path
            .resolve(data, context)
            .map(|value| Arc::new(value.into_owned()))
            .ok_or_else(|| Failure::no_path(RUNTIME, field, path)),
    }
}

/// As [`select`], without copying when nobody else holds the data.
fn select_owned(
    field: &str,
    path: Option<&Path>,
    data: Arc<Value>,
    context: &Context<'_>,
) -> Result<Arc<Value>, Failure> {
    let Some(path) = path.filter(|path| !path.is_whole()) else { return select(field, path, &data, context) };
    match Arc::try_unwrap(data) {
        Ok(data) => path.take(data, context).map(Arc::new).ok_or_else(|| Failure::no_path(RUNTIME, field, path)),
        Err(data) => select(field, Some(path), &data, context),
    }
}

/// Puts the result into the state's input.
fn merge(path: Option<&Path>, input: &Arc<Value>, result: Arc<Value>) -> Result<Arc<Value>, Failure> {
    let Some(path) = path else { return Ok(Arc::clone(input)) };
    if path.is_whole() {
        return Ok(result);
    }
    let mut merged = Value::clone(input);
    path.put(&mut merged, Arc::unwrap_or_clone(result)).ok_or_else(|| {
        Failure::new(
            RESULT_PATH_MATCH_FAILURE,
            &format!("Unable to apply ResultPath '{path}' to the input of the state."),
        )
    })?;
    Ok(Arc::new(merged))
}
