//! What a run leaves for people: its report, as JSON and as one self-contained HTML page.
//!
//! The model is plain data, made by close-run from the run's evidence. [`page`] turns one run's report into a page;
//! [`story_page`] does the same for a whole rehearsal, which adds what only a simulated world can know. A page needs no
//! script and no second file, follows the reader's light or dark scheme, fits a telephone as well as a wide screen, and
//! has the same bytes for the same model. Everything that a page repeats from elsewhere is escaped by the builder.

mod critical;
mod model;
mod page;
mod story;
mod text;

pub use critical::{critical_path, split};
pub use model::{Approval, Headline, PartAnswer, PartReport, RunReport, Share, Trail};
pub use page::{page, story_page};
pub use story::{
    Attempts, Broken, CallCount, Does, EventBy, Judge, Rehearsal, Story, StoryEvent, StoryFigures, StoryRun, Users,
    UsersPoint,
};
pub use text::{duration, ending_in_words};

#[cfg(test)]
mod tests;
