//! Pages: first how it ended, then the figures, then what to look at, then everything else.

mod chart;
mod parts;
mod rehearsal;
mod run;
mod split;
mod story;
mod timeline;
mod users;
mod waterfall;

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use crate::model::RunReport;
use crate::story::Story;
use crate::text::ending_in_words;

const STYLE: &str = include_str!("page.css");

/// The page of one run: one self-contained document.
pub fn page(report: &RunReport) -> String {
    let title = format!("{} {} to {}: {}", report.deployment, report.kind, report.to, ending_in_words(report.ending));
    let place = Place { level: 2, prefix: "" };
    let body = html! {
        (run::header(report))
        main {
            (run::figures(report))
            (run::body(report, place))
        }
        footer { "Run " (report.run) " of " (report.deployment) ", reported at " (report.closed_at) "." }
    };
    document(&title, &body)
}

/// The page of a whole rehearsal: one self-contained document.
pub fn story_page(story: &Story) -> String {
    document(&format!("Rehearsal: {}", story.title), &story::body(story))
}

fn document(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// Where a section stands on its page: the level of its heading, and what makes its id the only one of its name.
#[derive(Clone, Copy)]
struct Place<'a> {
    level: u8,
    prefix: &'a str,
}

impl Place<'_> {
    fn id(self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn heading(self, text: impl Render) -> Markup {
        html! {
            @match self.level {
                2 => h2 { (text) },
                3 => h3 { (text) },
                _ => h4 { (text) },
            }
        }
    }

    /// A section of its own where a page is about one run; one that opens on demand where it is about several.
    fn fold(self, name: &str, title: impl Render, body: &Markup) -> Markup {
        html! {
            @if self.level == 2 {
                section id=(self.id(name)) { (self.heading(title)) (body) }
            } @else {
                details.fold id=(self.id(name)) { summary { (self.heading(title)) } (body) }
            }
        }
    }
}

/// The letter of a story's run, by its place: A to Z, then numbers.
fn letter(place: usize) -> String {
    let letter = u8::try_from(place).ok().filter(|place| *place < 26).map(|place| char::from(b'A' + place));
    letter.map_or_else(|| (place + 1).to_string(), String::from)
}
