//! Moves the Aurora writer: switchover, failover, detach.
