//! Searching by sequence number, and counting. Every index here has one shard.

use mmdr_world::model::search;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use super::{Done, errors, matching};
use crate::reply::{Outcome, Reply};
use crate::request::Request;
use crate::world::World;

/// Most hits of one page (`index.max_result_window`).
const MOST: u64 = 10_000;

/// `_search`: by a range of `_seq_no`, in its order, page by page with `search_after`.
pub(super) fn search(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    let body = request.json().unwrap_or_else(|| json!({}));
    let size = body.get("size").and_then(Value::as_u64).or_else(|| request.query.get("size")?.parse().ok());
    let size = size.unwrap_or(10);
    if size > MOST {
        let text = format!("Result window is too large, from + size must be less than or equal to: [{MOST}]");
        return Err(errors::failed(400, "illegal_argument_exception", text));
    }
    let Some((above, up_to)) = range(body.get("query")) else {
        let text = "only a range of _seq_no is searched at this door";
        return Err(errors::failed(400, "parsing_exception", text));
    };
    // There is no other shard than the first.
    let elsewhere =
        request.query.get("preference").and_then(|it| it.strip_prefix("_shards:")).is_some_and(|it| it != "0");
    let now = world.now();
    let ends = |limit: i64| world.sim.model.search.operations_above(region, name, &[(0, limit)], now);
    let total = ends(above).map_err(errors::of)?.saturating_sub(ends(up_to).map_err(errors::of)?);
    let after = body.pointer("/search_after/0").and_then(Value::as_i64).unwrap_or(above).max(above);
    let most = if elsewhere { 0 } else { usize::try_from(size).unwrap_or(0) };
    let with_source = body.get("_source").and_then(Value::as_bool) != Some(false);
    let found = world.act(|model, ctx| search::read_operations(model, region, name, after, most, with_source, ctx));
    let found = found.map_err(errors::of)?;
    let hits = found.iter().filter(|(seq_no, _, _)| *seq_no <= up_to).map(|(seq_no, at, id)| {
        let mut hit = json!({
            "_index": name, "_id": id.to_string(), "_version": 1, "_seq_no": seq_no, "_primary_term": 1,
            "_score": null, "sort": [seq_no],
        });
        if let (true, Some(fields)) = (with_source, hit.as_object_mut()) {
            fields.insert("_source".into(), json!({ "id": id.to_string(), "create_at": at }));
        }
        hit
    });
    let hits: Vec<Value> = hits.collect();
    let total = if elsewhere { 0 } else { total };
    Ok(Outcome::Reply(Reply::json(
        200,
        &json!({
            "took": 1, "timed_out": false, "_shards": { "total": 1, "successful": 1, "skipped": 0, "failed": 0 },
            "hits": { "total": { "value": total, "relation": "eq" }, "max_score": null, "hits": hits },
        }),
    )))
}

/// Above which number and up to which one; every number where nothing is asked for.
fn range(query: Option<&Value>) -> Option<(i64, i64)> {
    let Some(query) = query else { return Some((-1, i64::MAX - 1)) };
    if query.get("match_all").is_some() {
        return Some((-1, i64::MAX - 1));
    }
    let range = query.pointer("/range/_seq_no").or_else(|| query.pointer("/bool/filter/0/range/_seq_no"))?;
    let number = |name: &str| range.get(name).and_then(Value::as_i64);
    let above = number("gt").or(number("gte").map(|it| it - 1)).unwrap_or(-1);
    let up_to = number("lte").or(number("lt").map(|it| it - 1)).unwrap_or(i64::MAX - 1);
    Some((above, up_to))
}

/// `_count`.
pub(super) fn count(world: &mut World, region: Ix, target: &str) -> Done {
    let found = matching(world, region, target)?;
    if let Some(closed) = found.iter().find(|index| !index.open && index.name == target) {
        return Err(errors::failed(400, "index_closed_exception", format!("closed: {}", closed.name)));
    }
    let count: u64 = found.iter().filter(|index| index.open).map(|index| index.documents).sum();
    let shards = found.len();
    let body =
        json!({ "count": count, "_shards": { "total": shards, "successful": shards, "skipped": 0, "failed": 0 } });
    Ok(Outcome::Reply(Reply::json(200, &body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_with_either_kind_of_end() {
        let query = |text: &str| range(Some(&serde_json::from_str(text).unwrap()));
        assert_eq!(query(r#"{"range":{"_seq_no":{"gt":4,"lte":9}}}"#), Some((4, 9)));
        assert_eq!(query(r#"{"range":{"_seq_no":{"gte":4,"lt":9}}}"#), Some((3, 8)));
        assert_eq!(query(r#"{"match_all":{}}"#), Some((-1, i64::MAX - 1)));
        assert_eq!(query(r#"{"term":{"a":1}}"#), None);
    }
}
