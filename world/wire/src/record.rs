//! The record: every request and its answer, one line of JSON each, for whoever compares shapes.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::reply::Reply;
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

/// A file that grows, or none.
#[derive(Debug, Default)]
pub(crate) struct Record(Option<RefCell<File>>);

impl Record {
    /// Appends to the file at `path`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self::default()) };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(Some(RefCell::new(file))))
    }

    /// Notes a request and its answer; none where it is held for ever. Credentials are left out.
    pub(crate) fn note(&self, world: &World, request: &Request, asked: &Asked, reply: Option<&Reply>) {
        let Some(file) = &self.0 else { return };
        let secret = ["authorization", "x-amz-security-token"];
        let headers = request.headers.iter().filter(|(name, _)| !secret.contains(&name.as_str()));
        let headers: serde_json::Map<String, Value> =
            headers.map(|(name, value)| (name.clone(), json!(value))).collect();
        let answer = reply.map(|reply| {
            let headers: serde_json::Map<String, Value> =
                reply.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({ "status": reply.status, "headers": headers, "body": String::from_utf8_lossy(&reply.body) })
        });
        let line = json!({
            "at_ms": world.now(), "service": asked.service.name(), "region": world.name(asked.region),
            "operation": asked.operation,
            "request": {
                "method": request.method, "path": request.path, "query": request.raw_query, "headers": headers,
                "body": request.text(),
            },
            "response": answer,
        });
        // A full disk stops no rehearsal.
        let _ = writeln!(file.borrow_mut(), "{line}");
    }
}
