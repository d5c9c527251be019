//! From the text of a definition to compiled states, collecting every finding on the way.

mod conditions;
mod fields;
mod recovery;
mod scope;
mod shaping;
mod states;
mod tasks;

pub(crate) use scope::{Definition, definition};
