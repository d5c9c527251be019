//! Stops, drains and starts the nodes of a Region.
