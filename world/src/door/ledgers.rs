//! Ledgers and records.

use mmdr_core::calls;
use mmdr_core::ports::{Called, LedgerReads, LedgerSeen, LedgerWrites, RecordReads, RecordWrites};
use mmdr_core::{Ledger, Region};
use serde_json::Value;

use super::Door;

impl LedgerReads for Door {
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>> {
        self.call(&calls::LEDGER, region, |model, _, ix| Ok(model.objects.ledger(ix))).await
    }
}

impl LedgerWrites for Door {
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String> {
        self.call(&calls::WRITE_LEDGER, region, |model, ctx, ix| model.objects.write_ledger(ix, ledger, version, ctx))
            .await
    }
}

impl RecordReads for Door {
    async fn record(&self, region: &Region, key: &str) -> Called<Option<Value>> {
        self.call(&calls::RECORD, region, |model, _, ix| Ok(model.objects.record(ix, key))).await
    }

    async fn text(&self, region: &Region, key: &str) -> Called<Option<String>> {
        self.call(&calls::TEXT, region, |model, _, ix| Ok(model.objects.text(ix, key))).await
    }

    async fn record_keys(&self, region: &Region, prefix: &str) -> Called<Vec<String>> {
        self.call(&calls::RECORD_KEYS, region, |model, _, ix| Ok(model.objects.record_keys(ix, prefix))).await
    }
}

impl RecordWrites for Door {
    async fn put_record(&self, region: &Region, key: &str, value: &Value) -> Called<()> {
        self.call(&calls::PUT_RECORD, region, |model, _, ix| {
            model.objects.put_record(ix, key, value, false);
            Ok(())
        })
        .await
    }

    async fn put_text(&self, region: &Region, key: &str, text: &str) -> Called<()> {
        self.call(&calls::PUT_TEXT, region, |model, _, ix| {
            model.objects.put_text(ix, key, text);
            Ok(())
        })
        .await
    }

    async fn create_record(&self, region: &Region, key: &str, value: &Value) -> Called<bool> {
        self.call(&calls::CREATE_RECORD, region, |model, _, ix| Ok(model.objects.put_record(ix, key, value, true)))
            .await
    }
}
