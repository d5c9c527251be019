//! One request as it came in, and whom it was signed for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mmdr_world::network::Ix;
use serde_json::Value;

use crate::forms::query::{Params, decode_path};

/// Which of the doors it came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Port {
    /// AWS's APIs: service and Region stand in the signature. The harness's own calls come this way too.
    Aws,
    /// The search domain of one Region.
    Search(Ix),
    /// Mattermost's address of one Region: its load balancer.
    Mattermost(Ix),
    /// Wherever the public name leads.
    PublicName,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) port: Port,
    pub(crate) method: String,
    /// Decoded, with its leading slash.
    pub(crate) path: String,
    pub(crate) query: Params,
    /// As they were sent; for the record.
    pub(crate) raw_path: String,
    pub(crate) raw_query: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// Service and Region of a signature (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Request {
    /// A request from its parts.
    pub(crate) fn new(
        port: Port,
        method: &str,
        path: &str,
        raw_query: &str,
        headers: BTreeMap<String, String>,
        body: Vec<u8>,
    ) -> Self {
        let query = Params::parse(raw_query);
        let (raw_path, raw_query) = (path.to_owned(), raw_query.to_owned());
        Self { port, method: method.to_owned(), path: decode_path(path), query, raw_path, raw_query, headers, body }
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The segments of its path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    /// Its body as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Its body as JSON; none where it is not.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Its body as the query protocol has it.
    pub(crate) fn form(&self) -> Params {
        Params::parse(&self.text())
    }

    /// Whom it is signed for. The signature itself is not checked: nobody else can reach this machine's loopback.
    pub(crate) fn scope(&self) -> Option<Scope> {
        let credential = self.header("authorization")?.split_once("Credential=")?.1;
        let mut parts = credential.split([',', ' ']).next()?.split('/').skip(2);
        let (region, service) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        Some(Scope { region, service })
    }

    /// The Region from which it is asked, where somebody in front says so; where nobody does, it comes from outside.
    pub(crate) fn from(&self) -> Option<&str> {
        self.header("x-mmdr-from")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(authorization: &str) -> Request {
        let headers = BTreeMap::from([("authorization".to_owned(), authorization.to_owned())]);
        Request::new(Port::Aws, "POST", "/a%20b/c", "x=1", headers, Vec::new())
    }

    #[test]
    fn service_and_region_are_read_off_the_signature() {
        let request = signed(
            "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-west-1/rds/aws4_request, SignedHeaders=host, Signature=0",
        );
        assert_eq!(request.scope(), Some(Scope { region: "us-west-1".into(), service: "rds".into() }));
    }

    #[test]
    fn what_is_not_signed_is_for_nobody() {
        assert_eq!(signed("Basic YTpi").scope(), None);
        assert_eq!(signed("AWS4-HMAC-SHA256 Credential=AKID/20261121").scope(), None);
    }

    #[test]
    fn a_path_is_decoded_and_cut_into_its_segments() {
        assert_eq!(signed("").segments(), ["a b", "c"]);
    }
}
