//! Jobs, and what analytics and the schema say.

use mmdr_core::ports::{JobSeen, JobStatus};
use mmdr_core::{Fault, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Mattermost;

/// Jobs of one type that are looked at, newest first.
const JOBS: usize = 60;
/// The canary: its worker is always on, and it only removes expired keys of plugins.
const CANARY: &str = "plugins";
/// The job that indexes posts.
const INDEXING: &str = "elasticsearch_post_indexing";
/// The row of the analytics that counts sockets.
const SOCKETS: &str = "total_websocket_connections";

#[derive(Deserialize)]
struct Job {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    create_at: i64,
}

impl Mattermost<'_> {
    pub(super) async fn jobs(&self, kind: &str) -> Result<Vec<JobSeen>, Fault> {
        let jobs: Vec<Job> = self.get(&format!("/jobs/type/{kind}?page=0&per_page={JOBS}")).await?;
        jobs.into_iter().map(job_seen).collect()
    }

    pub(super) async fn create_canary_job(&self) -> Result<JobSeen, Fault> {
        self.create_job(&json!({ "type": CANARY, "data": {} })).await
    }

    /// Times are texts of milliseconds (Mattermost source, `indexing_job.go`).
    pub(super) async fn reindex(&self, from: Time, to: Time) -> Result<JobSeen, Fault> {
        let data = json!({ "start_time": from.0.to_string(), "end_time": to.0.to_string() });
        self.create_job(&json!({ "type": INDEXING, "data": data })).await
    }

    async fn create_job(&self, job: &Value) -> Result<JobSeen, Fault> {
        job_seen(self.post("/jobs", job).await?)
    }

    /// A node adds the sockets of the others in its cluster; so that is one row, and more than one would be added up.
    pub(super) async fn open_sockets(&self) -> Result<u32, Fault> {
        #[derive(Deserialize)]
        struct Row {
            name: String,
            #[serde(default)]
            value: f64,
        }
        let rows: Vec<Row> = self.get("/analytics/old?name=standard").await?;
        let counts: Vec<f64> = rows.iter().filter(|row| row.name == SOCKETS).map(|row| row.value).collect();
        if counts.is_empty() {
            return Err(Fault::Unreadable(format!("analytics without {SOCKETS}")));
        }
        Ok(counts.iter().sum::<f64>().max(0.0) as u32)
    }

    pub(super) async fn schema_version(&self) -> Result<u32, Fault> {
        #[derive(Deserialize)]
        struct Migration {
            version: u32,
        }
        let migrations: Vec<Migration> = self.get("/system/schema/version").await?;
        let newest = migrations.iter().map(|migration| migration.version).max();
        newest.ok_or_else(|| Fault::Unreadable("a schema without migrations".into()))
    }
}

/// A worker that is asked to cancel still has the job; one that ends with a warning has done it.
fn job_seen(job: Job) -> Result<JobSeen, Fault> {
    let status = match job.status.as_str() {
        "pending" => JobStatus::Pending,
        "in_progress" | "cancel_requested" => JobStatus::InProgress,
        "success" | "warning" => JobStatus::Success,
        "error" => JobStatus::Error,
        "canceled" => JobStatus::Canceled,
        other => return Err(Fault::Unreadable(format!("a job with the status {other:?}"))),
    };
    Ok(JobSeen { id: job.id, kind: job.kind, status, created_at: Time(job.create_at) })
}
