//! Exchanges the DNS roles in peace time.
