//! Mattermost's REST API, asked at one Region's own address.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Time};

/// `GET /api/v4/system/ping`: plain, or deep with REST semantics. Neither says which Region writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PingSeen {
    /// Whether the plain ping answered 200.
    pub answers: bool,
    /// Deep ping: `database_status` is OK.
    pub database_ok: bool,
    /// Deep ping: `filestore_status` is OK.
    pub filestore_ok: bool,
    /// `ActiveSearchBackend`.
    pub search_backend: String,
    /// Version from `X-Version-Id`.
    pub version: String,
}

/// Status of a job row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobStatus {
    /// Waits for a worker.
    Pending,
    /// A worker has it.
    InProgress,
    /// Done.
    Success,
    /// Failed.
    Error,
    /// Cancelled.
    Canceled,
}

/// One job row. It names no node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobSeen {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its status.
    pub status: JobStatus,
    /// When it was created.
    pub created_at: Time,
}

/// What can be seen of the application. `region` is the Region whose own address is asked.
pub trait ApplicationReads {
    /// `GET /api/v4/system/ping`, deep, with REST semantics.
    async fn ping(&self, region: &Region) -> Called<PingSeen>;
    /// `GET /api/v4/posts/{id}`: whether the probe post that `tag` names is there.
    async fn post_exists(&self, region: &Region, tag: &str) -> Called<bool>;
    /// `POST /api/v4/posts/search`: whether search finds the probe post that `tag` names.
    async fn search_finds(&self, region: &Region, tag: &str) -> Called<bool>;
    /// `GET /api/v4/files/{id}`: whether the probe file that `tag` names comes back whole.
    async fn file_exists(&self, region: &Region, tag: &str) -> Called<bool>;
    /// `GET /api/v4/jobs/type/{type}`.
    async fn jobs(&self, region: &Region, kind: &str) -> Called<Vec<JobSeen>>;
    /// `GET /api/v4/analytics/old`: open WebSocket connections of all nodes asked.
    async fn open_sockets(&self, region: &Region) -> Called<u32>;
    /// `GET /api/v4/system/schema/version`: number of the newest migration.
    async fn schema_version(&self, region: &Region) -> Called<u32>;
    /// A request to `https://<public name>/api/v4/system/ping` from the own Region: the Region that answered, by
    /// its header `X-Mattermost-Dr-Region`; without one, the Region whose addresses the name has.
    async fn public_name_answers_from(&self, vantage: &Region) -> Called<Region>;
}

/// What can be changed of the application.
pub trait ApplicationWrites {
    /// `POST /api/v4/posts` with `tag` in the text, in the probe channel.
    async fn create_post(&self, region: &Region, tag: &str) -> Called<()>;
    /// `POST /api/v4/files` with `tag` as its name.
    async fn upload_file(&self, region: &Region, tag: &str) -> Called<()>;
    /// `POST /api/v4/jobs` of type `plugins`, the canary: its worker is always on.
    async fn create_canary_job(&self, region: &Region) -> Called<JobSeen>;
    /// `POST /api/v4/jobs` of type `elasticsearch_post_indexing` for a window.
    async fn reindex(&self, region: &Region, from: Time, to: Time) -> Called<JobSeen>;
}
