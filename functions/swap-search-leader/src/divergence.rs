//! What only the old leader has, after an unplanned move: fenced, exported, counted, before anything is deleted.
//!
//! Divergent is every operation of the old leader above the follower's local checkpoint saved before its promotion
//! (executed: exactly the shards concerned, exactly their new and updated documents; a deletion is an operation without
//! a document). Where nothing was saved the whole old index counts: too much, never too little. After the new
//! leader took writes its own numbers can no longer be compared.

use std::collections::BTreeMap;

use mmdr_core::ports::{IndexSeen, ShardSeen};
use mmdr_core::records::{IndexDivergence, SearchDivergence};
use mmdr_core::{Run, Verdict, records};

use crate::Said;
use crate::actions::{Action, Export};
use crate::guard::checkpoint;
use crate::observed::Observed;
use crate::prove::{names, unseen};
use crate::words::Waiting;

/// Indices exported in one look: each may be a whole day's messages, and one invocation has
/// a minute ([`mmdr_core::LONGEST_FUNCTION_S`]).
const BATCH: usize = 8;

/// Fences the old leader, exports, and writes the record.
pub(crate) fn divergence(run: &Run, seen: &Observed) -> Said {
    let Some(old) = seen.other.value() else { return unseen(run.other(), &seen.other) };
    let plain: Vec<&IndexSeen> = old.values().filter(|index| index.follower_of.is_none()).collect();
    if plain.iter().any(|index| !index.write_block) {
        return Verdict::Act(Action::FenceWrites { region: run.other().clone() });
    }
    let unknown = names(plain.iter().copied().filter(|index| !rests(index)));
    if !unknown.is_empty() {
        return Verdict::Wait(Waiting::PrimaryNotStarted { names: unknown });
    }
    let mut record =
        seen.divergence.value().cloned().unwrap_or(SearchDivergence { at: seen.now, indices: BTreeMap::new() });
    let open: Vec<&IndexSeen> =
        plain.into_iter().filter(|index| !covers(record.indices.get(&index.name), index)).collect();
    if open.is_empty() && seen.divergence.in_run.is_some() {
        return Verdict::Already;
    }
    record.at = seen.now;
    let mut exports = Vec::new();
    for index in open {
        let entry = entry(run, seen, index);
        if entry.operations == 0 {
            record.indices.insert(index.name.clone(), entry);
        } else if exports.len() < BATCH {
            let key = entry.export.clone().unwrap_or_default();
            exports.push(Export { index: index.name.clone(), above: entry.above.clone(), key });
            record.indices.insert(index.name.clone(), entry);
        }
    }
    let (own, key) = (run.own().clone(), records::key(run, records::SEARCH_DIVERGENCE));
    if exports.is_empty() {
        return Verdict::Act(Action::WriteDivergence { own, key, record });
    }
    Verdict::Act(Action::ExportDivergence { region: run.other().clone(), own, exports, key, record })
}

/// A shard that is not started may hide its highest number.
fn rests(index: &IndexSeen) -> bool {
    !index.shards.is_empty() && index.shards.iter().all(|shard| shard.started)
}

fn entry(run: &Run, seen: &Observed, index: &IndexSeen) -> IndexDivergence {
    let saved = seen.saved(&index.name);
    let above = |shard: &ShardSeen| (shard.shard, checkpoint(saved, shard.shard));
    let operations =
        index.shards.iter().map(|shard| shard.max_seq_no.saturating_sub(above(shard).1).max(0)).sum::<i64>();
    let key = format!("{}search-divergence/{}.jsonl", records::prefix(&run.ticket), index.name);
    IndexDivergence {
        above: index.shards.iter().map(above).collect(),
        exported_to: index.shards.iter().map(|shard| (shard.shard, shard.max_seq_no)).collect(),
        operations: operations.unsigned_abs(),
        documents: 0,
        whole: saved.is_none(),
        export: (operations > 0).then_some(key),
    }
}

/// Whether the record already speaks of the index up to its highest number.
fn covers(entry: Option<&IndexDivergence>, index: &IndexSeen) -> bool {
    entry.is_some_and(|entry| {
        index
            .shards
            .iter()
            .all(|shard| entry.exported_to.iter().any(|(number, to)| *number == shard.shard && *to >= shard.max_seq_no))
    })
}

/// One sentence about the record.
pub(crate) fn summary(record: Option<&SearchDivergence>) -> String {
    let Some(record) = record else { return "no divergence was recorded".into() };
    let touched: Vec<&IndexDivergence> = record.indices.values().filter(|entry| entry.operations > 0).collect();
    let operations: u64 = touched.iter().map(|entry| entry.operations).sum();
    let documents: u64 = touched.iter().map(|entry| entry.documents).sum();
    let whole = touched.iter().filter(|entry| entry.whole).count();
    format!(
        "the old leader holds {operations} operations in {} of {} indices that the new one never got; {documents} documents \
         exported, {whole} indices whole because nothing was saved for them",
        touched.len(),
        record.indices.len()
    )
}
