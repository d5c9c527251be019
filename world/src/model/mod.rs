//! The one model of two Regions. There is no second one: both doors lead here.

pub mod application;
pub mod backups;
pub mod database;
pub mod dns;
pub mod executions;
pub mod files;
pub mod flow;
pub mod nodes;
pub mod objects;
pub mod people;
pub mod search;
pub mod setup;
#[cfg(test)]
pub(crate) mod stage;
pub mod witnesses;

use mmdr_core::{Deployment, Region};

use crate::network::{Ix, Network};
use crate::news::News;
use crate::random::Random;
use crate::timers::Timers;

/// What the model may touch while it changes.
pub struct Ctx<'a> {
    /// Milliseconds since the epoch.
    pub now: i64,
    /// The agenda.
    pub timers: &'a mut Timers,
    /// Chance.
    pub random: &'a mut Random,
    /// Who reaches whom.
    pub network: &'a Network,
    /// What happened.
    pub news: &'a mut Vec<News>,
    /// The document.
    pub deployment: &'a Deployment,
}

impl Ctx<'_> {
    /// A line for the transcript.
    pub fn tell(&mut self, line: impl Into<String>) {
        self.news.push(News::Told { line: line.into() });
    }
}

/// Something that the model does by itself at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The database.
    Database(database::Timer),
    /// Search.
    Search(search::Timer),
    /// Files.
    Files(files::Timer),
    /// The public name.
    Dns(dns::Timer),
    /// Probes and heartbeats.
    Witnesses(witnesses::Timer),
    /// Nodes.
    Nodes(nodes::Timer),
    /// Jobs and scheduled posts.
    Application(application::Timer),
    /// A person.
    People(people::Timer),
}

/// Both Regions, and the people.
#[derive(Debug)]
pub struct Model {
    /// The two Regions, in the document's order.
    pub regions: [Region; 2],
    /// Aurora.
    pub database: database::Database,
    /// OpenSearch.
    pub search: search::Search,
    /// S3 as Mattermost uses it.
    pub files: files::Files,
    /// Route 53 and resolvers.
    pub dns: dns::Dns,
    /// Mattermost's nodes.
    pub nodes: nodes::Nodes,
    /// Jobs, scheduled posts, and what the REST API answers.
    pub application: application::Application,
    /// S3 as we use it: ledgers and records.
    pub objects: objects::Objects,
    /// Executions as Step Functions knows them.
    pub executions: executions::Executions,
    /// Probes and heartbeats.
    pub witnesses: witnesses::Witnesses,
    /// Recovery points.
    pub backups: backups::Backups,
    /// People.
    pub people: people::People,
}

impl Model {
    /// The name of a Region of the Deployment, or "outside".
    pub fn name(&self, region: Ix) -> &str {
        self.regions.get(region).map_or("outside", Region::as_str)
    }

    /// A Region went dark or came back, or a path was cut or mended.
    pub fn network_changed(&mut self, ctx: &mut Ctx<'_>) {
        database::network_changed(self, ctx);
        nodes::network_changed(self, ctx);
        search::network_changed(self, ctx);
        files::network_changed(self, ctx);
    }

    /// Does what the agenda says.
    pub fn handle(&mut self, timer: &Timer, ctx: &mut Ctx<'_>) {
        match timer {
            Timer::Database(timer) => database::handle(self, timer, ctx),
            Timer::Search(timer) => search::handle(self, timer, ctx),
            Timer::Files(timer) => files::handle(self, timer, ctx),
            Timer::Dns(timer) => dns::handle(self, timer, ctx),
            Timer::Witnesses(timer) => witnesses::handle(self, timer, ctx),
            Timer::Nodes(timer) => nodes::handle(self, timer, ctx),
            Timer::Application(timer) => application::handle(self, timer, ctx),
            Timer::People(timer) => people::handle(self, timer, ctx),
        }
    }
}
