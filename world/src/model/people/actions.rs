//! What a connected person does: mostly post.

use super::{Acknowledged, Kind, Socket, lose_socket, retry, wake};
use crate::model::nodes::{sees, view};
use crate::model::{Ctx, Model, application, files, search};
use crate::network::OUTSIDE;

/// Milliseconds after which an own message should be found by search.
const SEARCHABLE_MS: i64 = 60_000;
/// Messages that fail in a row before that is worth a line.
const WORTH_TELLING: u32 = 3;

/// How an attempt ended.
enum Attempt {
    /// It worked; a row where something was saved.
    Worked(Option<u32>),
    /// Mattermost answered, and not with success.
    Refused,
    /// Nothing answered.
    Gone,
}

/// One action, its outcome, and when the next one comes.
pub(super) fn act(model: &mut Model, person: u32, socket: Socket, ctx: &mut Ctx<'_>) {
    let draw = ctx.random.bits();
    let kind = choose(model, person, draw);
    let attempt = attempt(model, person, socket, kind, ctx);
    let worked = matches!(attempt, Attempt::Worked(_));
    model.people.experience.attempt(kind, worked, ctx.now);
    if kind == Kind::Post {
        tell(model, socket, worked, ctx);
    }
    let every_ms = model.people.message_every_ms;
    match attempt {
        Attempt::Worked(row) => {
            model.people.works(person, ctx.now);
            let Some(found) = model.people.person(person) else { return };
            found.owes &= kind != Kind::Post;
            if let Some(row) = row {
                if kind == Kind::Post {
                    found.newest = Some((row, ctx.now));
                }
                model.people.experience.acknowledged.push(Acknowledged { row, at: ctx.now, person, kind });
            }
            // Half to one and a half of the usual pause.
            let pause_ms = every_ms / 2 + i64::try_from((draw >> 32) % every_ms.unsigned_abs().max(1)).unwrap_or(0);
            wake(model, person, ctx.now + pause_ms, ctx);
        }
        Attempt::Refused => {
            // A search that finds too little is no outage; a message that is not saved is.
            if kind != Kind::Search {
                model.people.fails(person, ctx.now);
                owe(model, person);
            }
            // The socket holds (reads work on a demoted database, run); people press "send" again.
            let again_ms = if kind == Kind::Search { every_ms } else { ctx.random.between(5_000, 15_000) };
            wake(model, person, ctx.now + again_ms, ctx);
        }
        Attempt::Gone => {
            owe(model, person);
            model.nodes.close_socket(socket.region, socket.node);
            lose_socket(model, person, ctx);
            if let Some(found) = model.people.person(person) {
                found.failures = 1;
            }
            retry(model, person, ctx);
        }
    }
}

/// What could not be sent is tried again first.
fn owe(model: &mut Model, person: u32) {
    if let Some(found) = model.people.person(person) {
        found.owes = true;
    }
}

fn choose(model: &mut Model, person: u32, draw: u64) -> Kind {
    if model.people.person(person).is_some_and(|found| found.owes) {
        return Kind::Post;
    }
    // One in 50 schedules a post, one in 15 uploads, one in 6 searches.
    match draw % 300 {
        0..6 => Kind::Schedule,
        6..26 => Kind::Upload,
        26..76 => Kind::Search,
        _ => Kind::Post,
    }
}

fn attempt(model: &mut Model, person: u32, socket: Socket, kind: Kind, ctx: &mut Ctx<'_>) -> Attempt {
    let region = socket.region;
    if !ctx.network.reaches(OUTSIDE, region) || !model.nodes.serves(region, socket.node) {
        return Attempt::Gone;
    }
    let found = view(model, region, ctx);
    if kind == Kind::Search {
        let Some(volume) = found.readable() else { return Attempt::Refused };
        return look_for_own(model, person, region, volume, ctx);
    }
    // On a demoted database: 500 `app.post.save.app_error`, `app.file_info.save.app_error` (run).
    let Some(volume) = found.writable() else { return Attempt::Refused };
    let Some(row) = model.database.accept_message(volume, ctx) else { return Attempt::Refused };
    match kind {
        Kind::Post => search::index_post(model, region, row, ctx),
        Kind::Schedule => application::schedule_post(model, row, ctx),
        Kind::Upload if !files::upload(model, region, row, ctx) => return Attempt::Refused,
        Kind::Upload | Kind::Search | Kind::Connect => {}
    }
    Attempt::Worked(Some(row))
}

/// Searches for the newest own message, if it is old enough to be expected and the database still has it.
fn look_for_own(model: &mut Model, person: u32, region: usize, volume: usize, ctx: &Ctx<'_>) -> Attempt {
    let newest = model.people.person(person).and_then(|found| found.newest);
    match newest {
        Some((row, at)) if ctx.now - at >= SEARCHABLE_MS && sees(model, volume, row, ctx.now) => {
            if model.search.finds(region, row, ctx.now) { Attempt::Worked(None) } else { Attempt::Refused }
        }
        _ => Attempt::Worked(None),
    }
}

/// The lines that everybody waits for: messages fail, and the first one that does not.
fn tell(model: &mut Model, socket: Socket, worked: bool, ctx: &mut Ctx<'_>) {
    let people = &mut model.people;
    if !worked {
        people.failed_since += 1;
        if people.failed_since == WORTH_TELLING {
            let line = format!(
                "people cannot post: {WORTH_TELLING} messages in a row failed in {}",
                model.name(socket.region)
            );
            ctx.tell(line);
        }
        return;
    }
    let before = people.last_accepted.replace(ctx.now);
    if std::mem::take(&mut people.failed_since) >= WORTH_TELLING {
        let gap_s = before.map_or(0, |before| (ctx.now - before) / 1_000);
        let line = format!(
            "first message accepted again, in {}, {gap_s} s after the last one before",
            model.name(socket.region)
        );
        ctx.tell(line);
    }
}
