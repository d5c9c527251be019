//! The deep ping, which needs no token.

use http::Method;
use mmdr_core::ports::PingSeen;
use mmdr_core::{Fault, Region};
use serde::Deserialize;

use super::{VERSION, done, is_no_node};
use crate::Aws;
use crate::http::{Answer, READ, request, send};

/// With REST semantics a database that is not well is told with 200, and not taken for a node that is not there.
const DEEP: &str = "/api/v4/system/ping?get_server_status=true&use_rest_semantics=true";

/// What a ping says; fields that only a deep one has are empty in a plain one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    status: String,
    database_status: String,
    filestore_status: String,
    #[serde(rename = "ActiveSearchBackend")]
    search_backend: String,
}

impl Aws {
    /// That no node answers is an answer; that nobody at all does is none.
    pub(crate) async fn ping(&self, region: &Region) -> Result<PingSeen, Fault> {
        let request = request(Method::GET, &format!("{}{DEEP}", self.mattermost_url(region)?), None)?;
        let answer = send(self.clients.http(), request, READ).await;
        if is_no_node(&answer) {
            return Ok(seen(Said::default(), false, String::new()));
        }
        let answer = answer?;
        let version = answer.header(VERSION).map(version).unwrap_or_default();
        // A server before 9.6 knows no REST semantics: it says 500 where its database is not well.
        let said: Said =
            if answer.status == 500 { answer.json() } else { done(answer).and_then(|it: Answer| it.json()) }?;
        let answers = !said.status.is_empty();
        Ok(seen(said, answers, version))
    }
}

fn seen(said: Said, answers: bool, version: String) -> PingSeen {
    PingSeen {
        answers,
        database_ok: said.database_status == "OK",
        filestore_ok: said.filestore_status == "OK",
        search_backend: said.search_backend,
        version,
    }
}

/// `11.6.0` of `11.6.0.build.hash.licensed`.
pub(super) fn version(id: &str) -> String {
    id.splitn(4, '.').take(3).collect::<Vec<_>>().join(".")
}
