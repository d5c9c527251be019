//! The table of checks, one file per area.

mod access;
mod application;
mod backups;
mod database;
mod dns;
mod files;
mod search;
mod search_links;

use crate::table::Check;

/// The table, area by area.
pub const AREAS: &[&[Check]] = &[
    access::CHECKS,
    database::CHECKS,
    search::CHECKS,
    search_links::CHECKS,
    files::CHECKS,
    application::CHECKS,
    dns::CHECKS,
    backups::CHECKS,
];

/// Every check, in the order of reports.
pub fn all() -> impl Iterator<Item = &'static Check> {
    AREAS.iter().flat_map(|area| area.iter())
}
