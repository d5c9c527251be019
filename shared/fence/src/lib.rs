//! Whether the nodes of a Region may run.
