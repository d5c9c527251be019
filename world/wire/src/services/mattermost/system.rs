//! Ping, jobs, configuration and counts.

use mmdr_core::ports::{JobSeen, JobStatus};
use mmdr_world::model::{application, nodes};
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use super::{Done, failed, must_read};
use crate::memory::{mattermost_id, number_in};
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// Every type of job that the model knows.
const KINDS: [&str; 3] = ["plugins", "elasticsearch_post_indexing", "delete_expired_posts"];

/// `GET /system/ping`. The plain one never touches the database; the deep one is 500 where something is unhealthy, unless
/// REST semantics are asked for (run).
pub(super) fn ping(world: &mut World, region: Ix, request: &Request) -> Done {
    let seen = world.act(|model, ctx| application::ping(model, region, ctx))?;
    let mut body = json!({
        "ActiveSearchBackend": seen.search_backend, "AndroidLatestVersion": "", "AndroidMinVersion": "",
        "IosLatestVersion": "", "IosMinVersion": "", "status": "OK",
    });
    if request.query.get("get_server_status") != Some("true") {
        return Ok(Reply::json(200, &body));
    }
    let word = |ok: bool| if ok { "OK" } else { "UNHEALTHY" };
    let (database, files) = (word(seen.database_ok), word(seen.filestore_ok));
    let all = word(seen.database_ok && seen.filestore_ok);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("database_status".into(), json!(database));
        fields.insert("filestore_status".into(), json!(files));
        fields.insert("status".into(), json!(all));
    }
    let is_fine = all == "OK" || request.query.truth("use_rest_semantics");
    let reply = Reply::json(if is_fine { 200 } else { 500 }, &body);
    Ok(reply.with("database_status", database).with("filestore_status", files).with("status", all))
}

/// `GET users/me`: a bot of a system administrator's rights.
pub(super) fn me(world: &mut World, region: Ix) -> Done {
    must_read(world, region)?;
    let body =
        json!({ "id": mattermost_id("u", 1), "username": "mmdr", "roles": "system_user system_admin", "is_bot": true });
    Ok(Reply::json(200, &body))
}

/// `GET /system/schema/version`: newest first.
pub(super) fn schema(world: &mut World, region: Ix) -> Done {
    let newest = world.act(|model, ctx| application::schema_version(model, region, ctx))?;
    let rows: Vec<Value> = (1..=newest)
        .rev()
        .map(|version| json!({ "version": version, "name": format!("migration_{version}") }))
        .collect();
    Ok(Reply::json(200, &Value::from(rows)))
}

/// `GET /analytics/old?name=standard`. The model knows the sockets of the Region's nodes together.
pub(super) fn analytics(world: &mut World, region: Ix) -> Done {
    let sockets = world.act(|model, ctx| application::open_sockets(model, region, ctx))?;
    let row = |name: &str, value: u32| json!({ "name": name, "value": value });
    let rows = [
        row("channel_open_count", 1),
        row("post_count", 0),
        row("unique_user_count", 1),
        row("team_count", 1),
        row("total_websocket_connections", sockets),
        row("total_master_db_connections", 2),
        row("total_read_db_connections", 0),
    ];
    Ok(Reply::json(200, &json!(rows)))
}

/// `GET /config`: effective values, sanitised.
pub(super) fn config(world: &mut World, region: Ix) -> Done {
    must_read(world, region)?;
    let seen = world.act(|model, ctx| nodes::config(model, region, ctx))?;
    let Some(seen) = seen else { return Err(super::Refused::Said(super::unavailable())) };
    let hidden = "********************************";
    Ok(Reply::json(
        200,
        &json!({
            "JobSettings": {
                "RunJobs": seen.run_jobs, "RunScheduler": seen.run_scheduler, "CleanupJobsThresholdDays": -1,
                "CleanupConfigThresholdDays": -1,
            },
            "ClusterSettings": { "Enable": true, "ClusterName": seen.cluster_name, "ReadOnlyConfig": seen.read_only },
            "ElasticsearchSettings": {
                "EnableIndexing": true, "EnableSearching": true,
                "IndexPrefix": world.sim.deployment.search.index_prefix,
                "AggregatePostsAfterDays": world.sim.deployment.search.aggregate_after_days,
            },
            "SqlSettings": { "DataSource": hidden, "AtRestEncryptKey": hidden },
        }),
    ))
}

/// `GET /config/environment`: every key that the environment overrides, as `true`; `null` where there is none (run).
pub(super) fn environment(world: &mut World, region: Ix) -> Done {
    must_read(world, region)?;
    let seen = world.act(|model, ctx| nodes::config(model, region, ctx))?;
    let Some(seen) = seen.filter(|seen| seen.overridden_by_environment) else {
        return Ok(Reply::json(200, &Value::Null));
    };
    let missing = |key: &str| seen.not_from_environment.iter().any(|it| it == key);
    let mut sections = json!({ "JobSettings": { "RunJobs": true, "RunScheduler": true } });
    for (section, key) in REGIONAL.iter().filter(|(section, key)| !missing(&format!("{section}.{key}"))) {
        if let Some(fields) = sections.as_object_mut() {
            let section = fields.entry(*section).or_insert_with(|| json!({}));
            if let Some(keys) = section.as_object_mut() {
                keys.insert((*key).to_owned(), json!(true));
            }
        }
    }
    Ok(Reply::json(200, &sections))
}

/// Keys that differ from Region to Region and that the environment therefore sets.
const REGIONAL: [(&str, &str); 16] = [
    ("ClusterSettings", "ClusterName"),
    ("ClusterSettings", "OverrideHostname"),
    ("ClusterSettings", "NetworkInterface"),
    ("ClusterSettings", "BindAddress"),
    ("ClusterSettings", "AdvertiseAddress"),
    ("SqlSettings", "DataSource"),
    ("SqlSettings", "DataSourceReplicas"),
    ("SqlSettings", "DataSourceSearchReplicas"),
    ("FileSettings", "AmazonS3Bucket"),
    ("FileSettings", "AmazonS3Region"),
    ("FileSettings", "AmazonS3Endpoint"),
    ("ElasticsearchSettings", "ConnectionURL"),
    ("ElasticsearchSettings", "Username"),
    ("ElasticsearchSettings", "Password"),
    ("ElasticsearchSettings", "IndexPrefix"),
    ("EmailSettings", "SMTPServer"),
];

/// `POST /jobs`. Types that cannot be created are refused (run).
pub(super) fn create_job(world: &mut World, region: Ix, body: &Value) -> Done {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let data = body.get("data").cloned().unwrap_or_else(|| json!({}));
    // All data of a job are strings.
    let time = |name: &str| data.get(name).and_then(Value::as_str).and_then(|text| text.parse::<i64>().ok());
    let now = world.now();
    let job = match kind {
        "plugins" => world.act(|model, ctx| application::create_canary_job(model, region, ctx))?,
        "elasticsearch_post_indexing" => {
            let (from, to) = (time("start_time").unwrap_or(0), time("end_time").unwrap_or(now));
            world.act(|model, ctx| application::reindex(model, region, from, to, ctx))?
        }
        _ => return Err(failed(400, "api.job.unable_to_create_job.incorrect_job_type")),
    };
    Ok(Reply::json(201, &shape(&job, data)))
}

/// `GET /jobs/type/{type}`: newest first, page by page.
pub(super) fn jobs(world: &mut World, region: Ix, kind: &str, request: &Request) -> Done {
    let number = |name: &str, default: usize| request.query.get(name).and_then(|it| it.parse().ok()).unwrap_or(default);
    let (page, size) = (number("page", 0), number("per_page", 60).min(200));
    let found = world.act(|model, ctx| application::jobs_of(model, region, kind, ctx))?;
    let rows = found.iter().skip(page * size).take(size).map(|job| shape(job, json!({})));
    Ok(Reply::json(200, &Value::from(rows.collect::<Vec<_>>())))
}

/// `GET /jobs/{id}`.
pub(super) fn job(world: &mut World, region: Ix, id: &str) -> Done {
    for kind in KINDS {
        let found = world.act(|model, ctx| application::jobs_of(model, region, kind, ctx))?;
        if let Some(job) = found.iter().find(|job| number_of(job) == number_in("j", id)) {
            return Ok(Reply::json(200, &shape(job, json!({}))));
        }
    }
    Err(failed(404, "app.job.get.app_error"))
}

fn number_of(job: &JobSeen) -> Option<u64> {
    job.id.strip_prefix("job-").and_then(|number| number.parse().ok())
}

/// A job row. It names no node.
fn shape(job: &JobSeen, data: Value) -> Value {
    let status = match job.status {
        JobStatus::Pending => "pending",
        JobStatus::InProgress => "in_progress",
        JobStatus::Success => "success",
        JobStatus::Error => "error",
        JobStatus::Canceled => "canceled",
    };
    let began = if job.status == JobStatus::Pending { 0 } else { job.created_at.0 };
    json!({
        "id": mattermost_id("j", number_of(job).unwrap_or(0)), "type": job.kind, "priority": 0,
        "create_at": job.created_at.0, "start_at": began, "last_activity_at": began, "status": status, "progress": 0,
        "data": data,
    })
}
