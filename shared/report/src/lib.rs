//! What a run leaves for people: its report, as JSON and as one self-contained HTML page.
//!
//! The model is plain data, made by close-run from the run's evidence; a rehearsal adds what only the world can know.
//! [`page`] turns it into a page that needs no script and no second file, follows the reader's light or dark scheme, and
//! fits a telephone as well as a wide screen. Everything that a page repeats from elsewhere is escaped by the builder.

mod chart;
mod critical;
mod model;
mod page;
mod rehearsal;
mod text;
mod waterfall;

pub use critical::{critical_path, split};
pub use model::{
    Approval, CallCount, Headline, Judge, Judgement, PartAnswer, PartReport, Rehearsal, RunReport, Share, Trail,
    UsersSample, WorldEvent,
};
pub use page::page;
pub use text::{duration, ending_in_words};

#[cfg(test)]
mod tests;
