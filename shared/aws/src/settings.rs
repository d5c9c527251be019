//! What a function is told beside the deployment document.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Settings of one function, read once from its environment by the shell.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `MMDR_MACHINE_ALIAS`: the alias under which machines are started; none: the machines themselves.
    pub machine_alias: Option<String>,
    /// `MMDR_REPLICATION_ROLE`: the role that S3 takes on to replicate; only verify-files has it.
    pub replication_role: Option<String>,
    /// `MMDR_RESOLVERS`: resolvers to ask for the public name; none: three public ones.
    pub resolvers: Vec<SocketAddr>,
    /// `MMDR_REROUTE`, rehearsals only: origins of the document (`https://host`) and where they are served instead.
    pub reroute: BTreeMap<String, String>,
}

impl Settings {
    /// The address at which `origin` is served; itself, but in a rehearsal.
    pub fn served_at<'a>(&'a self, origin: &'a str) -> &'a str {
        self.reroute.get(origin.trim_end_matches('/')).map_or(origin, String::as_str)
    }
}
