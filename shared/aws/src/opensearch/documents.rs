//! Documents of one shard by sequence number, page by page: what a deletion would lose.
//!
//! A relay's answer has 6 MB at most (Lambda quotas), so a page ends where its documents reach [`PAGE_BYTES`].

use http::Method;
use mmdr_core::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{OpenSearch, done, exact};
use crate::http::CHANGE;
use crate::inside::Stretch;

/// Most documents in one page: with the longest messages that Mattermost takes they still fit into memory.
const DOCUMENTS: usize = 500;
/// Most ids in one page; a search gives 10,000 at most (`index.max_result_window`).
const IDS: usize = 5_000;
/// Longest page of documents as JSON, in bytes; one document more may come on top.
const PAGE_BYTES: usize = 4_000_000;

/// A document as it lies in its shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Its id.
    #[serde(rename = "_id")]
    pub(crate) id: String,
    /// Its sequence number.
    #[serde(rename = "_seq_no")]
    pub(crate) seq_no: i64,
    /// Its version.
    #[serde(rename = "_version", default)]
    pub(crate) version: i64,
    /// Its content; none in a page of ids.
    #[serde(rename = "_source", default, skip_serializing_if = "Value::is_null")]
    pub(crate) source: Value,
}

/// Some documents, lowest sequence number first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// The documents.
    pub(crate) documents: Vec<Document>,
    /// Whether more may lie above the last one.
    pub(crate) more: bool,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards")]
    shards: Shards,
    hits: Hits,
}

#[derive(Deserialize)]
struct Shards {
    failed: u32,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Document>,
}

impl OpenSearch<'_> {
    pub(super) async fn documents(&self, stretch: &Stretch) -> Result<Page, Fault> {
        self.page(stretch, DOCUMENTS, json!({})).await
    }

    pub(super) async fn ids(&self, stretch: &Stretch) -> Result<Page, Fault> {
        self.page(stretch, IDS, json!({ "_source": false })).await
    }

    async fn page(&self, stretch: &Stretch, size: usize, mut body: Value) -> Result<Page, Fault> {
        let mut range = json!({ "gt": stretch.above });
        if let Some(up_to) = stretch.up_to {
            range["lte"] = up_to.into();
        }
        body["size"] = size.into();
        body["version"] = true.into();
        body["seq_no_primary_term"] = true.into();
        body["sort"] = json!([{ "_seq_no": "asc" }]);
        body["query"] = json!({ "range": { "_seq_no": range } });
        let path = format!("/{}/_search?preference=_shards:{}", exact(&stretch.index)?, stretch.shard);
        let found: Found = done(self.ask(Method::POST, &path, Some(&body), CHANGE).await?)?.json()?;
        if found.timed_out || found.shards.failed > 0 {
            return Err(Fault::LookAgain(format!(
                "shard {} of {} did not search itself",
                stretch.shard, stretch.index
            )));
        }
        Ok(cut(found.hits.hits, size))
    }
}

/// As many documents as fit; a full answer may not be all.
fn cut(mut documents: Vec<Document>, size: usize) -> Page {
    let is_full = documents.len() >= size;
    let (mut bytes, mut fit) = (0, 0);
    for document in &documents {
        if bytes >= PAGE_BYTES {
            break;
        }
        bytes += document.source.to_string().len() + document.id.len() + 64;
        fit += 1;
    }
    let is_cut = fit < documents.len();
    documents.truncate(fit);
    Page { documents, more: is_full || is_cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(seq_no: i64, length: usize) -> Document {
        Document { id: seq_no.to_string(), seq_no, version: 1, source: json!({ "message": "x".repeat(length) }) }
    }

    #[test]
    fn a_page_ends_where_an_answer_of_a_relay_would_become_too_long() {
        let page = cut((0..100).map(|number| document(number, 100_000)).collect(), 500);
        assert!(page.more);
        assert!((30..=41).contains(&page.documents.len()), "{}", page.documents.len());
        assert!(serde_json::to_vec(&page).unwrap().len() < 6_000_000);
    }

    #[test]
    fn a_page_that_is_not_full_is_the_last_one() {
        assert!(!cut(vec![document(0, 1), document(1, 1)], 3).more);
        assert!(cut(vec![document(0, 1), document(1, 1)], 2).more);
    }
}
