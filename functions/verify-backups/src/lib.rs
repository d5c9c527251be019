//! Holds the newest recovery points against their age limits.
