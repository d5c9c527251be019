//! What a rehearsal says at its end: as text, as JSON, and as the HTML report. All three are made from one [`Story`].

mod json;
mod story;
mod text;

use mmdr_report::Story;
use mmdr_world::rehearsal::Told;
use mmdr_world::scenario::Scenario;

/// The transcript and the summary.
pub(crate) fn text(told: &Told, page: &str) -> String {
    // The title and the text were said before the story was told.
    text::whole(&told.lines, &story::of(told, "", ""), page)
}

/// The result for machines.
pub(crate) fn json(scenario: &Scenario, told: &Told) -> String {
    json::whole(&whole(scenario, told))
}

/// The HTML report.
pub(crate) fn html(scenario: &Scenario, told: &Told) -> String {
    mmdr_report::story_page(&whole(scenario, told))
}

fn whole(scenario: &Scenario, told: &Told) -> Story {
    story::of(told, &scenario.title, &scenario.story)
}
