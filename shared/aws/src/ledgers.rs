//! Ledgers and records: S3 objects under conditions.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::{Called, LedgerReads, LedgerSeen, LedgerWrites, RecordReads, RecordWrites};
use mmdr_core::{Fault, Ledger, Region};
use serde_json::Value;

use crate::clients::Manner;
use crate::{Aws, faults};

/// The ledger's key in its Region's bucket.
pub const LEDGER_KEY: &str = "ledger.json";
/// Largest object that is read into memory; a run's page is a few hundred KiB.
const LARGEST_BYTES: i64 = 16 * 1024 * 1024;

/// What must hold of the object for it to be written.
#[derive(Clone, Copy)]
enum Unless<'a> {
    /// Anything.
    Nothing,
    /// It must be this version.
    IsVersion(&'a str),
    /// There must be none.
    IsNew,
}

impl Aws {
    pub(crate) fn s3(&self, region: &Region, manner: Manner) -> Client {
        self.clients.get(region, manner, |config| Client::new(config))
    }

    fn ledger_bucket(&self, region: &Region) -> Result<&str, Fault> {
        Ok(&self.setup(region)?.ledger_bucket)
    }

    /// The text of an object of the ledger's bucket and its version.
    async fn object(&self, call: &Call, region: &Region, key: &str) -> Result<Option<(String, String)>, Fault> {
        let client = self.s3(region, self.manner(call, region));
        object(&client, self.ledger_bucket(region)?, key).await
    }

    /// Writes an object. A write that is repeated under a condition finds itself in the way, so the SDK may only repeat
    /// one without.
    async fn put(&self, region: &Region, key: &str, body: String, unless: Unless<'_>) -> Result<String, Fault> {
        let manner = match unless {
            Unless::Nothing => Manner::Repeatable,
            Unless::IsVersion(_) | Unless::IsNew => Manner::Change,
        };
        let client = self.s3(region, manner);
        let content_type = if key.ends_with(".html") { "text/html; charset=utf-8" } else { "application/json" };
        let request = client
            .put_object()
            .bucket(self.ledger_bucket(region)?)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(body.into_bytes()));
        let request = match unless {
            Unless::Nothing => request,
            Unless::IsVersion(version) => request.if_match(version),
            Unless::IsNew => request.if_none_match("*"),
        };
        match request.send().await {
            Ok(done) => Ok(done.e_tag().unwrap_or_default().to_owned()),
            Err(error) => Err(match faults::of(&error) {
                // The object whose version was named is gone (S3 API, conditional writes: 404 with If-Match).
                Fault::NotFound(text) if matches!(unless, Unless::IsVersion(_)) && text.starts_with("NoSuchKey") => {
                    Fault::Conflict
                }
                fault => fault,
            }),
        }
    }
}

/// The text of one object and its version. None: there is no such object.
pub(crate) async fn object(client: &Client, bucket: &str, key: &str) -> Result<Option<(String, String)>, Fault> {
    let answer = match client.get_object().bucket(bucket).key(key).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return match faults::of(&error) {
                Fault::NotFound(text) if text.starts_with("NoSuchKey") => Ok(None),
                fault => Err(fault),
            };
        }
    };
    if answer.content_length().is_some_and(|bytes| bytes > LARGEST_BYTES) {
        return Err(Fault::Unreadable(format!("{key} has more than {LARGEST_BYTES} bytes")));
    }
    let version = answer.e_tag().unwrap_or_default().to_owned();
    let bytes = answer.body.collect().await.map_err(|_| Fault::NoAnswer)?.into_bytes();
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| Fault::Unreadable(format!("{key} is no text")))?;
    Ok(Some((text, version)))
}

impl LedgerReads for Aws {
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>> {
        self.call(&calls::LEDGER, region, async {
            let Some((text, version)) = self.object(&calls::LEDGER, region, LEDGER_KEY).await? else { return Ok(None) };
            let ledger = parse::<Ledger>(LEDGER_KEY, &text)?;
            Ok(Some(LedgerSeen { ledger, version }))
        })
        .await
    }
}

impl LedgerWrites for Aws {
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String> {
        self.call(&calls::WRITE_LEDGER, region, async {
            let unless = version.map_or(Unless::IsNew, Unless::IsVersion);
            self.put(region, LEDGER_KEY, text_of(ledger)?, unless).await
        })
        .await
    }
}

impl RecordReads for Aws {
    async fn record(&self, region: &Region, key: &str) -> Called<Option<Value>> {
        self.call(&calls::RECORD, region, async {
            let found = self.object(&calls::RECORD, region, key).await?;
            found.map(|(text, _)| parse(key, &text)).transpose()
        })
        .await
    }

    async fn text(&self, region: &Region, key: &str) -> Called<Option<String>> {
        let found = async { Ok(self.object(&calls::TEXT, region, key).await?.map(|(text, _)| text)) };
        self.call(&calls::TEXT, region, found).await
    }

    async fn record_keys(&self, region: &Region, prefix: &str) -> Called<Vec<String>> {
        let client = self.s3(region, self.manner(&calls::RECORD_KEYS, region));
        self.call(&calls::RECORD_KEYS, region, async { keys(&client, self.ledger_bucket(region)?, prefix).await }).await
    }
}

/// Every key under a prefix, in order.
pub(crate) async fn keys(client: &Client, bucket: &str, prefix: &str) -> Result<Vec<String>, Fault> {
    let mut pages = client.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| faults::of(&error))?;
        found.extend(page.contents().iter().filter_map(|object| object.key()).map(str::to_owned));
    }
    found.sort();
    Ok(found)
}

impl RecordWrites for Aws {
    async fn put_record(&self, region: &Region, key: &str, value: &Value) -> Called<()> {
        let put = async { self.put(region, key, text_of(value)?, Unless::Nothing).await.map(|_| ()) };
        self.call(&calls::PUT_RECORD, region, put).await
    }

    async fn put_text(&self, region: &Region, key: &str, text: &str) -> Called<()> {
        let put = async { self.put(region, key, text.to_owned(), Unless::Nothing).await.map(|_| ()) };
        self.call(&calls::PUT_TEXT, region, put).await
    }

    async fn create_record(&self, region: &Region, key: &str, value: &Value) -> Called<bool> {
        self.call(&calls::CREATE_RECORD, region, async {
            match self.put(region, key, text_of(value)?, Unless::IsNew).await {
                Ok(_) => Ok(true),
                Err(Fault::Conflict) => Ok(false),
                Err(fault) => Err(fault),
            }
        })
        .await
    }
}

fn text_of(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Refused(format!("no JSON could be made: {error}")))
}

fn parse<T: serde::de::DeserializeOwned>(key: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Unreadable(format!("{key}: {error}")))
}
