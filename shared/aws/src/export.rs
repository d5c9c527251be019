//! What only the old leader has, written beside the own Region's ledger before its index may be deleted.
//!
//! One line of JSON per document. A deletion has no document: where a shard counts more operations than documents were
//! found, the ids of both sides are compared, and a last line names those that only the new leader has.

use std::collections::BTreeSet;

use aws_sdk_s3::primitives::ByteStream;
use mmdr_core::calls::EXPORT_DIVERGENCE;
use mmdr_core::ports::{Called, ShardSeen};
use mmdr_core::{CallError, Fault, Region};
use serde_json::{Value, json};

use crate::clients::Manner;
use crate::inside::{Inside, Stretch};
use crate::opensearch::Page;
use crate::{Aws, faults};

/// Longest object: what is longer goes on in a second one, so that an export of any length fits into a function's memory.
const PART_BYTES: usize = 16 * 1024 * 1024;
/// Ids of one shard that are compared; beyond them the line says that nobody has.
const COMPARED: usize = 50_000;

/// Lines on their way into objects `key`, `key.2`, `key.3` and so on.
struct Parts<'a> {
    key: &'a str,
    written: usize,
    text: String,
}

impl Aws {
    /// Gives how many documents were written. Each page is a call of its own, so that a long export is ended by the
    /// function's own limit alone; an export that is made again writes the same keys.
    pub(crate) async fn export(&self, region: &Region, index: &str, above: &[(u32, i64)], key: &str) -> Called<u64> {
        let shards: Vec<ShardSeen> = self.inside(&EXPORT_DIVERGENCE, region, Inside::Shards(index.into())).await?;
        let mut parts = Parts { key, written: 0, text: String::new() };
        let mut documents = 0;
        for shard in shards {
            if !shard.started {
                let text = format!("shard {} of {index} is not started", shard.shard);
                let (call, region) = (EXPORT_DIVERGENCE.name.into(), region.clone());
                return Err(CallError { call, region, fault: Fault::LookAgain(text) });
            }
            let saved = above.iter().find(|(number, _)| *number == shard.shard).map_or(-1, |(_, seq_no)| *seq_no);
            let found = self.export_shard(region, index, shard.shard, saved, &mut parts).await?;
            documents += found;
            let operations = u64::try_from(shard.max_seq_no.saturating_sub(saved)).unwrap_or(0);
            if saved >= 0 && found < operations {
                let deleted = self.only_here(region, index, shard.shard, saved).await;
                parts.line(&deletions(shard.shard, deleted));
            }
        }
        if parts.written == 0 || !parts.text.is_empty() {
            self.put_part(&mut parts).await?;
        }
        Ok(documents)
    }

    async fn export_shard(
        &self,
        region: &Region,
        index: &str,
        shard: u32,
        saved: i64,
        parts: &mut Parts<'_>,
    ) -> Called<u64> {
        let (mut above, mut count) = (saved, 0);
        loop {
            let stretch = Stretch { index: index.into(), shard, above, up_to: None };
            let page: Page = self.inside(&EXPORT_DIVERGENCE, region, Inside::Documents(stretch)).await?;
            let Some(last) = page.documents.last() else { return Ok(count) };
            above = last.seq_no;
            count += page.documents.len() as u64;
            for document in &page.documents {
                parts.line(&with_shard(shard, document));
            }
            if parts.text.len() >= PART_BYTES {
                self.put_part(parts).await?;
            }
            if !page.more {
                return Ok(count);
            }
        }
    }

    /// Ids up to the saved number that the own Region's index has and the old leader's has not: deleted there since. None:
    /// nobody could compare them.
    async fn only_here(&self, region: &Region, index: &str, shard: u32, saved: i64) -> Option<Vec<String>> {
        let there = self.all_ids(region, index, shard, None).await?;
        let here = self.all_ids(&self.own, index, shard, Some(saved)).await?;
        Some(here.difference(&there).cloned().collect())
    }

    async fn all_ids(&self, region: &Region, index: &str, shard: u32, up_to: Option<i64>) -> Option<BTreeSet<String>> {
        let (mut above, mut ids) = (-1, BTreeSet::new());
        while ids.len() <= COMPARED {
            let stretch = Stretch { index: index.into(), shard, above, up_to };
            let page: Page = self.inside(&EXPORT_DIVERGENCE, region, Inside::Ids(stretch)).await.ok()?;
            let last = page.documents.last().map(|document| document.seq_no);
            ids.extend(page.documents.into_iter().map(|document| document.id));
            match last {
                Some(last) if page.more => above = last,
                _ => return Some(ids),
            }
        }
        None
    }

    async fn put_part(&self, parts: &mut Parts<'_>) -> Called<()> {
        let (key, text) = parts.take();
        let client = self.s3(&self.own, Manner::Repeatable);
        self.call(&EXPORT_DIVERGENCE, &self.own, async {
            let bucket = &self.setup(&self.own)?.ledger_bucket;
            let request = client.put_object().bucket(bucket).key(key).content_type("application/x-ndjson");
            let sent = request.body(ByteStream::from(text.into_bytes())).send().await;
            sent.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }
}

impl Parts<'_> {
    fn line(&mut self, line: &Value) {
        self.text.push_str(&line.to_string());
        self.text.push('\n');
    }

    /// The next object.
    fn take(&mut self) -> (String, String) {
        self.written += 1;
        let key = if self.written == 1 { self.key.to_owned() } else { format!("{}.{}", self.key, self.written) };
        (key, std::mem::take(&mut self.text))
    }
}

fn with_shard(shard: u32, document: &impl serde::Serialize) -> Value {
    let mut line = json!(document);
    line["shard"] = shard.into();
    line
}

fn deletions(shard: u32, deleted: Option<Vec<String>>) -> Value {
    match deleted {
        Some(ids) => json!({ "shard": shard, "only_at_the_new_leader": ids }),
        None => json!({ "shard": shard, "ids_not_compared": true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::{Served, ports_with, served};
    use mmdr_core::ports::SearchWrites;

    #[test]
    fn a_long_export_goes_on_in_objects_of_its_own() {
        let mut parts = Parts { key: "runs/x/posts.jsonl", written: 0, text: String::new() };
        parts.line(&json!({ "_id": "a" }));
        assert_eq!(parts.take(), ("runs/x/posts.jsonl".into(), "{\"_id\":\"a\"}\n".into()));
        assert_eq!(parts.take(), ("runs/x/posts.jsonl.2".into(), String::new()));
    }

    #[test]
    fn what_was_deleted_at_the_old_leader_is_named_or_said_to_be_unknown() {
        assert_eq!(deletions(0, Some(vec!["a".into()])), json!({ "shard": 0, "only_at_the_new_leader": ["a"] }));
        assert_eq!(deletions(1, None), json!({ "shard": 1, "ids_not_compared": true }));
    }

    /// An old leader with two documents above 2, of four operations; and the new one here, with an id that the old one has not.
    fn outside(line: &str) -> (u16, String) {
        let page = |ids: &[(i64, &str)]| {
            let document = |(seq_no, id): &(i64, &str)| json!({ "_id": id, "_seq_no": seq_no, "_version": 1 });
            json!({ "Ok": { "documents": ids.iter().map(document).collect::<Vec<_>>(), "more": false } }).to_string()
        };
        let shard =
            json!({ "shard": 0, "started": true, "max_seq_no": 6, "local_checkpoint": 6, "global_checkpoint": 6 });
        match line {
            _ if line.contains("\"shards\"") => (200, json!({ "Ok": [shard] }).to_string()),
            _ if line.contains("\"documents\"") => (200, page(&[(4, "five"), (6, "four")])),
            _ if line.contains("\"ids\"") => (200, page(&[(0, "one"), (2, "three"), (4, "five"), (6, "four")])),
            _ if line.contains("secretsmanager") => {
                (200, "{\"SecretString\":\"{\\\"username\\\":\\\"a\\\",\\\"password\\\":\\\"b\\\"}\"}".into())
            }
            _ => (200, String::new()),
        }
    }

    #[tokio::test]
    async fn documents_of_the_old_leader_and_ids_that_only_the_new_one_has_lie_beside_the_own_ledger() {
        let hits =
            json!([{ "_id": "one", "_seq_no": 0 }, { "_id": "two", "_seq_no": 1 }, { "_id": "three", "_seq_no": 2 }]);
        let here = json!({ "timed_out": false, "_shards": { "failed": 0 }, "hits": { "hits": hits } });
        let (address, asked) = served(vec![Served::answer(200, here)]);
        let endpoint = "https://vpc-acme-chat-east-zyxwvutsrqponmlkjihgfedcba.us-east-1.es.amazonaws.com";
        let (ports, aws) = ports_with(&[(endpoint, &address)], outside);
        let written =
            ports.export_divergence(&Region::new("us-west-1"), "users", &[(0, 2)], "runs/x/users.jsonl").await;
        assert_eq!(written, Ok(2));
        assert!(asked.all()[0].contains("\"lte\":2"));
        let put = aws.all().pop().unwrap();
        assert!(
            put.starts_with("PUT https://acme-mmdr-ledger-us-east-1.s3.us-east-1.amazonaws.com/runs/x/users.jsonl"),
            "{put}"
        );
        let lines: Vec<Value> =
            put.lines().filter_map(|line| serde_json::from_str(line.get(line.find('{')?..)?).ok()).collect();
        let deleted = json!({ "shard": 0, "only_at_the_new_leader": ["two"] });
        assert_eq!((lines.len(), lines.last()), (3, Some(&deleted)));
        assert_eq!(lines.first().unwrap()["_id"], "five");
    }
}
