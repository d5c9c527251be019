//! What Mattermost's REST API answers at a Region's own address.

use mmdr_core::ports::{JobSeen, PingSeen};
use mmdr_core::{Fault, Region};

use super::jobs::{self, JobKind};
use crate::model::nodes::{View, sees, view};
use crate::model::{Ctx, Model, files, search};
use crate::network::Ix;

/// The newest migration of 11.6 (run).
const SCHEMA: u32 = 159;

/// Whether a person at this Region's address could post now.
pub fn works(model: &Model, region: Ix, ctx: &Ctx<'_>) -> bool {
    model.nodes.answers(region) && view(model, region, ctx).writable().is_some()
}

/// `GET /system/ping`, deep, with REST semantics. The plain answer never touches the database (`getSystemPing`): it is
/// fine on a demoted one. With write forwarding the deep one is fine as well (inferred), so neither names the writer.
pub fn ping(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<PingSeen, Fault> {
    let answers = model.nodes.answers(region);
    let text = |known: &str| if answers { known.to_owned() } else { String::new() };
    Ok(PingSeen {
        answers,
        // An upsert and a delete on the master handle (`app/app.go`).
        database_ok: works(model, region, ctx),
        filestore_ok: answers,
        search_backend: text("opensearch"),
        version: text(model.nodes.version(region)),
    })
}

/// The database behind a node that answers at the Region's address.
fn behind(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<View, Fault> {
    if !model.nodes.answers(region) {
        // While nodes are stuck nothing listens: the load balancer says so.
        return Err(Fault::LookAgain("503 Service Unavailable".into()));
    }
    Ok(view(model, region, ctx))
}

/// The volume that a read finds.
fn read(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<Ix, Fault> {
    // With the database gone a valid token gets 401 (run): no sign of a revoked secret.
    let gone = || Fault::Denied("401 api.context.session_expired.app_error".into());
    behind(model, region, ctx)?.readable().ok_or_else(gone)
}

/// The volume that a write finds.
fn write(model: &Model, region: Ix, error: &str, ctx: &Ctx<'_>) -> Result<Ix, Fault> {
    read(model, region, ctx)?;
    // On a demoted database: 500 (run).
    view(model, region, ctx).writable().ok_or_else(|| Fault::LookAgain(format!("500 {error}")))
}

/// `GET /posts/{id}` of the probe post that `tag` names.
pub fn post_exists(model: &Model, region: Ix, tag: &str, ctx: &Ctx<'_>) -> Result<bool, Fault> {
    let volume = read(model, region, ctx)?;
    let rows = model.application.probe_posts.get(tag).map(Vec::as_slice).unwrap_or_default();
    Ok(rows.iter().any(|row| sees(model, volume, *row, ctx.now)))
}

/// `POST /posts/search`: what the Region's domain finds is held against the database.
pub fn search_finds(model: &Model, region: Ix, tag: &str, ctx: &Ctx<'_>) -> Result<bool, Fault> {
    let volume = read(model, region, ctx)?;
    let rows = model.application.probe_posts.get(tag).map(Vec::as_slice).unwrap_or_default();
    Ok(rows.iter().any(|row| sees(model, volume, *row, ctx.now) && model.search.finds(region, *row, ctx.now)))
}

/// `GET /files/{id}`: the row names a key, the bucket must have it.
pub fn file_exists(model: &Model, region: Ix, tag: &str, ctx: &Ctx<'_>) -> Result<bool, Fault> {
    let volume = read(model, region, ctx)?;
    let rows = model.application.probe_files.get(tag).map(Vec::as_slice).unwrap_or_default();
    Ok(rows.iter().any(|row| sees(model, volume, *row, ctx.now) && model.files.has(region, *row, ctx.now)))
}

/// `GET /jobs/type/{type}`, newest first.
pub fn jobs_of(model: &Model, region: Ix, kind: &str, ctx: &Ctx<'_>) -> Result<Vec<JobSeen>, Fault> {
    let volume = read(model, region, ctx)?;
    let jobs = model.application.jobs.iter().enumerate().rev();
    let seen = jobs.filter(|(_, job)| job.kind.name() == kind && job.lies_in(volume, model, ctx.now));
    Ok(seen.map(|(number, job)| job.seen(number)).collect())
}

/// `GET /analytics/old`: open sockets of the Region's nodes.
pub fn open_sockets(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<u32, Fault> {
    read(model, region, ctx)?;
    Ok(model.nodes.sockets(region))
}

/// `GET /system/schema/version`.
pub fn schema_version(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<u32, Fault> {
    read(model, region, ctx)?;
    Ok(SCHEMA)
}

/// A request to the public name from inside `vantage`: the Region that answers.
pub fn public_name_answers_from(model: &mut Model, vantage: Ix, ctx: &Ctx<'_>) -> Result<Region, Fault> {
    // Two resolvers in each of three vantages; a host asks its first one.
    let region = model.dns.resolve(vantage * 2, ctx.now);
    if !ctx.network.reaches(vantage, region) {
        return Err(Fault::NoAnswer);
    }
    behind(model, region, ctx)?;
    model.regions.get(region).cloned().ok_or(Fault::NoAnswer)
}

/// `POST /posts` in the probe channel.
pub fn create_post(model: &mut Model, region: Ix, tag: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let row = save(model, region, "app.post.save.app_error", ctx)?;
    model.application.probe_posts.entry(tag.to_owned()).or_default().push(row);
    search::index_post(model, region, row, ctx);
    Ok(())
}

/// `POST /files`.
pub fn upload_file(model: &mut Model, region: Ix, tag: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let row = save(model, region, "app.file_info.save.app_error", ctx)?;
    if !files::upload(model, region, row, ctx) {
        return Err(Fault::LookAgain("500 api.file.write_file.app_error".into()));
    }
    model.application.probe_files.entry(tag.to_owned()).or_default().push(row);
    Ok(())
}

fn save(model: &mut Model, region: Ix, error: &str, ctx: &mut Ctx<'_>) -> Result<u32, Fault> {
    let volume = write(model, region, error, ctx)?;
    model.database.accept_message(volume, ctx).ok_or_else(|| Fault::LookAgain(format!("500 {error}")))
}

/// `POST /jobs` of type `plugins`.
pub fn create_canary_job(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) -> Result<JobSeen, Fault> {
    create_job(model, region, JobKind::Canary, ctx)
}

/// `POST /jobs` of type `elasticsearch_post_indexing` for a window.
pub fn reindex(model: &mut Model, region: Ix, from: i64, to: i64, ctx: &mut Ctx<'_>) -> Result<JobSeen, Fault> {
    create_job(model, region, JobKind::Reindex { from, to }, ctx)
}

fn create_job(model: &mut Model, region: Ix, kind: JobKind, ctx: &mut Ctx<'_>) -> Result<JobSeen, Fault> {
    let volume = write(model, region, "app.job.save.app_error", ctx)?;
    let number = jobs::insert(model, kind, volume, ctx);
    model.application.jobs.get(number).map(|job| job.seen(number)).ok_or(Fault::NoAnswer)
}
