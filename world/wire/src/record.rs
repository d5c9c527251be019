//! The record: every call of an AWS API and its answer, one line of JSON each, in the form that `tests/shapes` reads.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::reply::Reply;
use crate::request::{Port, Request};
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

    /// Notes a call and its answer; none where it is held for ever. Credentials are left out, and so is what is no API of
    /// AWS: there is no model of it.
    pub(crate) fn note(&self, world: &World, request: &Request, asked: &Asked, reply: Option<&Reply>) {
        let Some(file) = self.0.as_ref().filter(|_| request.port == Port::Aws) else { return };
        let secret = ["authorization", "x-amz-security-token"];
        let headers = request.headers.iter().filter(|(name, _)| !secret.contains(&name.as_str()));
        let headers: Map<String, Value> = headers.map(|(name, value)| (name.clone(), json!(value))).collect();
        let answered = reply.into_iter().flat_map(|reply| &reply.headers);
        let answered: Map<String, Value> = answered.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let line = json!({
            "service": asked.service.name(), "region": asked.region_name, "method": request.method,
            "path": request.raw_path, "query": request.raw_query, "request_headers": headers,
            "request_body_b64": base64(&request.body), "status": reply.map(|reply| reply.status),
            "response_headers": answered, "response_body_b64": base64(reply.map_or(&[], |reply| &reply.body)),
            "at_ms": world.now(), "operation": asked.operation,
        });
        // A full disk stops no rehearsal.
        let _ = writeln!(file.borrow_mut(), "{line}");
    }
}

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let sign = SIGNS.get((bits >> shift & 63) as usize).copied().unwrap_or(b'=');
            text.push(char::from(if at > group.len() { b'=' } else { sign }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_spelt_as_rfc_4648_has_them() {
        let spelt = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
        assert_eq!(spelt, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
