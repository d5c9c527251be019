//! People: each holds a WebSocket, posts, searches, uploads, schedules, and comes back as the web client does.
//!
//! One event of the agenda per action; nothing else wakes a person except a cut socket.

mod actions;
mod experience;

pub use experience::{Acknowledged, BUCKET_MS, Experience, Kind, Series};

use super::setup::Setup;
use super::{Ctx, Model};
use crate::model;
use crate::network::{Ix, OUTSIDE};

/// First waits of the web client, in milliseconds: 3 s for seven failures (`websocket.ts`).
const FIRST_RETRY_MS: i64 = 3_000;
/// How many failures are answered with the first wait.
const PATIENT_FAILURES: i64 = 7;
/// The longest wait (`websocket.ts`).
const LONGEST_RETRY_MS: i64 = 300_000;
/// Jitter of every wait (mattermost-webapp PR #10960).
const JITTER_MS: i64 = 2_000;

/// A person's next action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The next thing that a person does; stale where the person's turn is another by now.
    Person {
        /// Who.
        person: u32,
        /// The turn for which the timer was made.
        turn: u32,
    },
}

/// The node of a socket that is gone without its client's knowledge.
const GONE: usize = usize::MAX;

/// Where a person's socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Socket {
    region: Ix,
    node: usize,
}

/// One person.
#[derive(Clone, Debug)]
struct Person {
    socket: Option<Socket>,
    failures: i64,
    turn: u32,
    next_at: i64,
    /// Since when nothing worked; none while it does.
    without_since: Option<i64>,
    longest_without_ms: i64,
    /// A message that could not be sent and will be tried again first.
    owes: bool,
    /// The newest own message and when it was acknowledged.
    newest: Option<(u32, i64)>,
}

/// People.
#[derive(Clone, Debug, Default)]
pub struct People {
    people: Vec<Person>,
    writer: Ix,
    message_every_ms: i64,
    open: u32,
    /// What they experience.
    pub experience: Experience,
    /// When a message was accepted last.
    last_accepted: Option<i64>,
    /// Messages that failed since then.
    failed_since: u32,
    /// Whether fewer than half were connected and that has not been mended yet.
    scattered: bool,
    /// How many are without service.
    without: usize,
    /// Since when somebody is.
    episode_from: i64,
    longest_episode_ms: i64,
    /// When somebody did something last.
    seen_at: i64,
}

impl People {
    /// Everybody will be connected to the writer's nodes when the story begins.
    pub fn at_peace(writer: Ix, setup: &Setup, now: i64) -> Self {
        let person = Person {
            socket: None,
            failures: 0,
            turn: 0,
            next_at: now,
            without_since: None,
            longest_without_ms: 0,
            owes: false,
            newest: None,
        };
        Self {
            people: vec![person; setup.people as usize],
            writer,
            message_every_ms: i64::from(setup.message_every_s.max(1)) * 1_000,
            experience: Experience::begin(now, 0),
            ..Self::default()
        }
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// How many hold an open socket.
    pub fn connected(&self) -> u32 {
        self.open
    }

    /// The longest time that each person was without service, up to `now`, in milliseconds.
    pub fn longest_without_service_ms(&self, now: i64) -> Vec<i64> {
        let longest =
            |person: &Person| person.longest_without_ms.max(person.without_since.map_or(0, |since| now - since));
        self.people.iter().map(longest).collect()
    }

    /// How many people are without service.
    pub fn without_service(&self) -> usize {
        self.without
    }

    /// Seconds of the longest time in which at least one person was without service: from the first who felt it until
    /// the last was served again, or until `now`. 0 where nobody felt anything.
    pub fn without_service_s(&self, now: i64) -> i64 {
        let running_ms = if self.without > 0 { now - self.episode_from } else { 0 };
        (self.longest_episode_ms.max(running_ms) + 999) / 1_000
    }

    fn person(&mut self, person: u32) -> Option<&mut Person> {
        self.people.get_mut(person as usize)
    }

    /// Something worked for this person.
    fn works(&mut self, person: u32, now: i64) {
        let Some(found) = self.people.get_mut(person as usize) else { return };
        let Some(since) = found.without_since.take() else { return };
        found.longest_without_ms = found.longest_without_ms.max(now - since);
        self.without = self.without.saturating_sub(1);
        if self.without == 0 {
            self.longest_episode_ms = self.longest_episode_ms.max(now - self.episode_from);
        }
    }

    /// Something failed for this person.
    fn fails(&mut self, person: u32, now: i64) {
        let Some(found) = self.people.get_mut(person as usize) else { return };
        if found.without_since.is_none() {
            found.without_since = Some(now);
            if self.without == 0 {
                self.episode_from = now;
            }
            self.without += 1;
        }
    }
}

/// Connects everybody and puts their first actions on the agenda.
pub fn begin(model: &mut Model, ctx: &mut Ctx<'_>) {
    let (region, every_ms) = (model.people.writer, model.people.message_every_ms);
    for person in 0..model.people.people.len() as u32 {
        if let Some(node) = model.nodes.pick(region) {
            open_socket(model, person, Socket { region, node }, ctx);
        }
        let first_ms = ctx.random.between(0, every_ms);
        wake(model, person, ctx.now + first_ms, ctx);
    }
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    let Timer::Person { person, turn } = *timer;
    model.people.seen_at = ctx.now;
    let Some(found) = model.people.person(person).filter(|found| found.turn == turn) else { return };
    match found.socket {
        Some(socket) => actions::act(model, person, socket, ctx),
        None => connect(model, person, ctx),
    }
}

/// A node's sockets were cut: its clients see 1006 at once (run), and begin to come back.
pub fn sockets_cut(model: &mut Model, region: Ix, node: usize, ctx: &mut Ctx<'_>) {
    // Nobody hears of it where nothing comes through; clients find out by themselves.
    let heard = ctx.network.reaches(OUTSIDE, region);
    for person in 0..model.people.people.len() as u32 {
        let Some(found) = model.people.person(person) else { continue };
        if found.socket != Some(Socket { region, node }) {
            continue;
        }
        if heard {
            lose_socket(model, person, ctx);
            retry(model, person, ctx);
        } else {
            found.socket = Some(Socket { region, node: GONE });
        }
    }
}

/// A Region went dark: no close frame and no reset. The client pings every 30 s and gives up when no pong has come by
/// the next tick (`websocket.ts`), if nothing else fails before.
pub fn region_lost(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    for person in 0..model.people.people.len() as u32 {
        let Some(found) = model.people.person(person) else { continue };
        if found.socket.is_some_and(|socket| socket.region == region) {
            let notices = ctx.now + ctx.random.between(30_000, 60_000);
            if notices < found.next_at {
                wake(model, person, notices, ctx);
            }
        }
    }
}

/// Resolves the public name and opens a socket at a node in that Region.
fn connect(model: &mut Model, person: u32, ctx: &mut Ctx<'_>) {
    let region = model.dns.resolve(person as usize, ctx.now);
    let node = if ctx.network.reaches(OUTSIDE, region) { model.nodes.pick(region) } else { None };
    model.people.experience.attempt(Kind::Connect, node.is_some(), ctx.now);
    match node {
        Some(node) => {
            open_socket(model, person, Socket { region, node }, ctx);
            // Reconnected people have something to say.
            let soon_ms = ctx.random.between(500, 5_000);
            wake(model, person, ctx.now + soon_ms, ctx);
        }
        None => {
            if let Some(found) = model.people.person(person) {
                found.failures += 1;
            }
            model.people.fails(person, ctx.now);
            retry(model, person, ctx);
        }
    }
}

fn open_socket(model: &mut Model, person: u32, socket: Socket, ctx: &mut Ctx<'_>) {
    model.nodes.open_socket(socket.region, socket.node);
    let people = &mut model.people;
    let Some(found) = people.person(person) else { return };
    (found.socket, found.failures) = (Some(socket), 0);
    people.open += 1;
    people.experience.note_sockets(people.open, ctx.now);
    let all = people.people.len() as u32;
    if people.scattered && people.open * 100 >= all * 95 {
        people.scattered = false;
        let open = people.open;
        ctx.tell(format!("{open} of {all} people are connected again"));
    }
}

/// The person's socket is gone; the node's own count is its own affair.
fn lose_socket(model: &mut Model, person: u32, ctx: &mut Ctx<'_>) {
    let people = &mut model.people;
    let Some(found) = people.person(person) else { return };
    if found.socket.take().is_some() {
        people.fails(person, ctx.now);
        people.open = people.open.saturating_sub(1);
        people.experience.note_sockets(people.open, ctx.now);
        people.scattered |= (people.open as usize) * 2 < people.people.len();
    }
}

/// Comes back after the web client's wait: 3 s for seven failures, then 3 s times the square of their number up to
/// five minutes, each with 0 to 2 s of jitter (`websocket.ts`).
fn retry(model: &mut Model, person: u32, ctx: &mut Ctx<'_>) {
    let failures = model.people.person(person).map_or(0, |found| found.failures);
    let wait_ms = retry_ms(failures) + ctx.random.between(0, JITTER_MS);
    wake(model, person, ctx.now + wait_ms, ctx);
}

fn retry_ms(failures: i64) -> i64 {
    if failures <= PATIENT_FAILURES {
        FIRST_RETRY_MS
    } else {
        FIRST_RETRY_MS.saturating_mul(failures.saturating_mul(failures)).min(LONGEST_RETRY_MS)
    }
}

fn wake(model: &mut Model, person: u32, when: i64, ctx: &mut Ctx<'_>) {
    let Some(found) = model.people.person(person) else { return };
    found.turn = found.turn.wrapping_add(1);
    found.next_at = when;
    ctx.timers.model(when, model::Timer::People(Timer::Person { person, turn: found.turn }));
}

#[cfg(test)]
mod tests;
