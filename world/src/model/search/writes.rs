//! What Mattermost writes, and the fence.

use std::collections::BTreeSet;

use mmdr_core::Fault;

use super::index::{Index, Role};
use super::{CHANNELS, DAY_MS, FILES, MARK, No, Search, Timer, network_changed};
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// Every so many messages a channel's entry is written too.
const CHANNEL_EVERY: u32 = 32;

/// Mattermost at `region` indexes the message `row`, once, and never tries again: live indexing ignores errors of single
/// items (Mattermost source, `opensearch/bulk.go`). A follower answers 403, a zombie 500; the message is not findable.
pub fn index_post(model: &mut Model, region: Ix, row: u32, ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    let search = &mut model.search;
    if ctx.now >= search.today.1 {
        let day = ctx.now.div_euclid(DAY_MS) * DAY_MS;
        let name = search.daily(day);
        search.today = (search.number(&name), day + DAY_MS);
    }
    let no = search.today.0;
    let taken = write(search, region, no, row, ctx);
    if row.is_multiple_of(CHANNEL_EVERY) {
        write(search, region, CHANNELS, MARK | row, ctx);
    }
    let Some(domain) = search.domains.get_mut(region) else { return };
    if taken {
        domain.homes.insert(row, (no, ctx.now));
    } else {
        domain.lost.push((ctx.now, row));
    }
}

/// Mattermost at `region` indexes the file `id`, once, and never tries again.
pub fn index_file(model: &mut Model, region: Ix, id: u32, ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    write(&mut model.search, region, FILES, MARK | id, ctx);
}

/// The job `elasticsearch_post_indexing` at `region`: writes the messages `rows` (creation time in ms, number) that the
/// database there holds into the indices of their days.
pub fn reindex(model: &mut Model, region: Ix, rows: &[(i64, u32)], ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    let search = &mut model.search;
    let mut done = BTreeSet::new();
    for (created_at, row) in rows {
        let name = search.daily(created_at.div_euclid(DAY_MS) * DAY_MS);
        let no = search.number(&name);
        if write(search, region, no, *row, ctx) {
            done.insert(*row);
            if let Some(domain) = search.domains.get_mut(region) {
                domain.homes.insert(*row, (no, ctx.now));
            }
        }
    }
    if let Some(domain) = search.domains.get_mut(region) {
        domain.lost.retain(|(_, row)| !done.contains(row));
    }
}

/// `index.blocks.write` for every Mattermost index of the domain in one call. A follower's block 1000 refuses settings,
/// and with it the whole call (run on two nodes: `PUT _settings` on a follower answers 403).
pub fn set_write_block(model: &mut Model, region: Ix, on: bool, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let Some(domain) = search.domains.get_mut(region) else { return Ok(()) };
    let blocked = |index: &Index| matches!(&index.role, Role::Follower(follow) if follow.is_blocked(ctx.now));
    if let Some(no) = domain.indices.iter().position(|index| index.as_ref().is_some_and(blocked)) {
        return Err(search.blocked(no));
    }
    for index in domain.indices.iter_mut().flatten() {
        index.write_block = on;
    }
    Ok(())
}

/// Writes one operation. An index that does not exist is created by the write itself.
fn write(search: &mut Search, region: Ix, no: No, what: u32, ctx: &mut Ctx<'_>) -> bool {
    if search.domains.get(region).is_none_or(|domain| domain.down) {
        return false;
    }
    if search.index(region, no).is_none() {
        search.put(region, no, Some(Index::owning(Vec::new())));
        // The other side's rule finds the new index at its next pass, every 30 s (run on two nodes).
        let at_ms = ctx.now + ctx.random.between(1_000, 30_000);
        ctx.timers.model(at_ms, model::Timer::Search(Timer::Pass(1 - region.min(1))));
    }
    match search.index_mut(region, no) {
        Some(index) if index.takes_writes() => {
            index.operations.push((ctx.now, what));
            true
        }
        _ => false,
    }
}

impl Search {
    /// 403 by block 1000, in the plugin's words.
    pub(super) fn blocked(&self, no: No) -> Fault {
        Fault::Denied(format!(
            "cluster_block_exception: index [{}] blocked by: [FORBIDDEN/1000/index read-only(cross-cluster-replication)]",
            self.name(no)
        ))
    }

    /// A domain without nodes is answered for by the front end of AWS.
    pub(super) fn must_answer(&self, region: Ix) -> Result<(), Fault> {
        match self.domains.get(region) {
            Some(domain) if !domain.down => Ok(()),
            Some(_) => Err(Fault::LookAgain("503 Service Unavailable".into())),
            None => Err(Fault::NotFound("no such domain".into())),
        }
    }
}
