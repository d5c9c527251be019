//! S3 as we use it: one ledger per Region and the records of runs, with conditional writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdr_core::ports::LedgerSeen;
use mmdr_core::{Epoch, Fault, Ledger};
use serde_json::Value;

use crate::model::Ctx;
use crate::network::Ix;
use crate::news::News;

/// The objects of both Regions.
#[derive(Debug, Default)]
pub struct Objects {
    ledgers: [Option<(Ledger, u64)>; 2],
    records: [BTreeMap<String, Arc<Value>>; 2],
    texts: [BTreeMap<String, String>; 2],
    next_version: u64,
}

impl Objects {
    /// The ledger of a Region.
    pub fn ledger(&self, region: Ix) -> Option<LedgerSeen> {
        let (ledger, version) = self.ledgers.get(region)?.as_ref()?;
        Some(LedgerSeen { ledger: ledger.clone(), version: version.to_string() })
    }

    /// The ledger itself, for those who only look.
    pub fn peek(&self, region: Ix) -> Option<&Ledger> {
        self.ledgers.get(region)?.as_ref().map(|(ledger, _)| ledger)
    }

    /// PutObject with `If-Match` or `If-None-Match: *`.
    pub fn write_ledger(
        &mut self,
        region: Ix,
        ledger: &Ledger,
        version: Option<&str>,
        ctx: &mut Ctx<'_>,
    ) -> Result<String, Fault> {
        let Some(slot) = self.ledgers.get_mut(region) else { return Err(Fault::NotFound("no such bucket".into())) };
        let found = slot.as_ref().map(|(_, version)| version.to_string());
        if found.as_deref() != version {
            return Err(Fault::Conflict);
        }
        let claimed_before = slot.as_ref().map_or(Epoch(0), |(old, _)| old.claimed);
        self.next_version += 1;
        *slot = Some((ledger.clone(), self.next_version));
        let epoch = ledger.run.as_ref().map_or(ledger.claimed, |run| run.epoch);
        ctx.news.push(News::LedgerWritten { region, claimed_before, epoch });
        Ok(self.next_version.to_string())
    }

    /// GetObject of a record.
    pub fn record(&self, region: Ix, key: &str) -> Option<Value> {
        self.records.get(region)?.get(key).map(|value| (**value).clone())
    }

    /// GetObject of a text.
    pub fn text(&self, region: Ix, key: &str) -> Option<String> {
        self.texts.get(region)?.get(key).cloned()
    }

    /// PutObject of a text.
    pub fn put_text(&mut self, region: Ix, key: &str, text: &str) {
        if let Some(texts) = self.texts.get_mut(region) {
            texts.insert(key.to_owned(), text.to_owned());
        }
    }

    /// ListObjectsV2.
    pub fn record_keys(&self, region: Ix, prefix: &str) -> Vec<String> {
        let (Some(records), Some(texts)) = (self.records.get(region), self.texts.get(region)) else {
            return Vec::new();
        };
        let records = records.range(prefix.to_owned()..).map(|(key, _)| key).take_while(|key| key.starts_with(prefix));
        let texts = texts.range(prefix.to_owned()..).map(|(key, _)| key).take_while(|key| key.starts_with(prefix));
        let mut keys: Vec<String> = records.chain(texts).cloned().collect();
        keys.sort();
        keys
    }

    /// Every run's report in both Regions.
    pub fn reports(&self) -> impl Iterator<Item = &Value> {
        let is_report = |key: &str| key.ends_with("/report.json") && !key.starts_with("dry-run/");
        self.records.iter().flatten().filter(move |(key, _)| is_report(key)).map(|(_, value)| &**value)
    }

    /// A record itself, for those who only look.
    pub fn peek_record(&self, region: Ix, key: &str) -> Option<&Value> {
        self.records.get(region)?.get(key).map(|value| &**value)
    }

    /// PutObject of a record; with `create`, only if there is none. Gives whether it was written.
    pub fn put_record(&mut self, region: Ix, key: &str, value: &Value, create: bool) -> bool {
        let Some(records) = self.records.get_mut(region) else { return false };
        if create && records.contains_key(key) {
            return false;
        }
        records.insert(key.to_owned(), Arc::new(value.clone()));
        true
    }
}
