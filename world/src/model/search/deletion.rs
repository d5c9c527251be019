//! Deleting indices, and exporting what a deletion would lose.

use std::collections::BTreeSet;

use mmdr_core::Fault;
use serde_json::json;

use super::index::{Index, Role};
use super::{No, Operation, Search, network_changed};
use crate::model::flow::Flow;
use crate::model::{Ctx, Model};
use crate::network::Ix;
use crate::news::News;

/// DELETE of exactly these indices. It fails as a whole where one of them is in a running snapshot or is blocked; a name
/// that does not exist is ignored, as asked.
pub fn delete_indices(model: &mut Model, region: Ix, names: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let numbers = search.numbers_of(names);
    if search.snapshot_running(region, ctx.now) {
        let text = "snapshot_in_progress_exception: Cannot delete indices that are being snapshotted";
        return Err(Fault::LookAgain(text.into()));
    }
    for no in &numbers {
        if matches!(search.index(region, *no), Some(Index { role: Role::Follower(it), .. }) if it.is_blocked(ctx.now)) {
            return Err(search.blocked(*no));
        }
    }
    for no in numbers {
        delete(search, region, no, ctx);
    }
    Ok(())
}

fn delete(search: &mut Search, region: Ix, no: No, ctx: &mut Ctx<'_>) {
    let Some(index) = search.index(region, no) else { return };
    // Without its block a follower can be deleted, and its task stays until a restart (run on two nodes).
    let leaves_task = matches!(index.role, Role::Follower(_));
    ctx.news.push(News::IndexDeleted {
        region,
        index: search.name(no).to_owned(),
        shards: search.shards(region, no, ctx.now),
        unproven: search.unproven(region, no, ctx.now),
    });
    search.orphan(1 - region.min(1), no, ctx);
    search.put(region, no, None);
    if let Some(domain) = search.domains.get_mut(region).filter(|_| leaves_task) {
        domain.ghosts.push(no);
    }
}

/// Writes every operation above the sequence numbers, and the ids that only the other side has, to `key` in `to`'s bucket.
/// Gives how many.
pub fn export_divergence(
    model: &mut Model,
    region: Ix,
    to: Ix,
    index: &str,
    above: &[(u32, i64)],
    key: &str,
    ctx: &mut Ctx<'_>,
) -> Result<u64, Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let no = search.readable(region, index, ctx.now)?;
    let content = search.content(region, no, ctx.now);
    let from = first_above(content, above);
    let until = content.len();
    let documents: Vec<_> = (content.iter().enumerate().skip(from))
        .map(|(seq_no, (at, id))| json!({"_id": id, "_seq_no": seq_no, "at": at}))
        .collect();
    let here: BTreeSet<u32> = content.iter().map(|(_, id)| *id).collect();
    let there = search.own_operations(1 - region.min(1), no).iter().map(|(_, id)| *id);
    let only_there: Vec<u32> = there.filter(|id| !here.contains(id)).collect();
    if let Some(index) = search.index_mut(region, no) {
        let first = index.exported.map_or(from, |(first, _)| first.min(from));
        index.exported = Some((first, until));
    }
    let record = json!({"index": index, "documents": documents, "only_at_the_new_leader": only_there});
    model.objects.put_record(to, key, &record, false);
    Ok((until.saturating_sub(from)) as u64)
}

/// What a search by sequence numbers finds: operations above `above`, `most` of them, as sequence number, time and id. Who
/// is given them `whole`, and not their ids alone, has them.
pub fn read_operations(
    model: &mut Model,
    region: Ix,
    index: &str,
    above: i64,
    most: usize,
    whole: bool,
    ctx: &mut Ctx<'_>,
) -> Result<Vec<(i64, i64, u32)>, Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let no = search.readable(region, index, ctx.now)?;
    let content = search.content(region, no, ctx.now);
    let from = first_above(content, &[(0, above)]);
    let found: Vec<_> = (content.iter().enumerate().skip(from).take(most))
        .map(|(seq_no, (at, id))| (seq_no as i64, *at, *id))
        .collect();
    let until = from + found.len();
    if let Some(index) = search.index_mut(region, no).filter(|_| whole && until > from) {
        index.exported = match index.exported {
            Some((first, last)) if first <= until && from <= last => Some((first.min(from), last.max(until))),
            _ => Some((from, until)),
        };
    }
    Ok(found)
}

/// Position of the first operation above the given sequence numbers; every index here has one shard.
pub(super) fn first_above(content: &[Operation], above: &[(u32, i64)]) -> usize {
    let saved = above.iter().find(|(shard, _)| *shard == 0).map_or(-1, |(_, seq_no)| *seq_no);
    usize::try_from(saved.saturating_add(1)).unwrap_or(0).min(content.len())
}

impl Search {
    /// How many operations go with the index that the other domain's promoted index of the same name lacks and that
    /// nobody has exported.
    fn unproven(&self, region: Ix, no: No, now: i64) -> u64 {
        let content = self.content(region, no, now);
        let other = self.own_operations(1 - region.min(1), no);
        let common = content.iter().zip(other).take_while(|(one, same)| one == same).count();
        let others: BTreeSet<u32> = other.get(common..).unwrap_or_default().iter().map(|(_, id)| *id).collect();
        let exported = self.index(region, no).and_then(|index| index.exported);
        let lost = |(position, (_, id)): &(usize, &Operation)| {
            !others.contains(id) && exported.is_none_or(|(from, to)| *position < from || *position >= to)
        };
        content.iter().enumerate().skip(common).filter(lost).count() as u64
    }

    /// The leader's index goes: its follower keeps what it has, and pauses by itself after 12.5 s (run on two nodes).
    fn orphan(&mut self, follower: Ix, no: No, ctx: &Ctx<'_>) {
        let kept = match self.index(follower, no) {
            Some(Index { role: Role::Follower(it), .. }) if !it.orphaned => {
                self.content(follower, no, ctx.now).to_vec()
            }
            _ => return,
        };
        let Some(index) = self.index_mut(follower, no) else { return };
        let count = kept.len();
        index.operations = kept;
        if let Role::Follower(follow) = &mut index.role {
            follow.orphaned = true;
            follow.flow = Flow::standing(count);
            follow.pauses_at.get_or_insert(ctx.now + 12_500);
        }
    }
}

/// Saboteur: an index goes together with an operation that nobody else has.
pub fn sabotage_delete(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    let search = &mut model.search;
    for side in [region, 1 - region.min(1)] {
        let own = search.index_mut(side, super::CHANNELS).filter(|index| matches!(index.role, Role::Own { .. }));
        if let Some(index) = own {
            index.operations.push((ctx.now, u32::MAX));
            return delete(search, side, super::CHANNELS, ctx);
        }
    }
}
