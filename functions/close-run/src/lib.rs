//! Writes the report, closes the ledgers, tells people.
