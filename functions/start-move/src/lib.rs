//! Names and starts an execution for an event, nothing else.
