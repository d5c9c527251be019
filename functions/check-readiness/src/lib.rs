//! Named checks that a move would succeed.
