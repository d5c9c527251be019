//! The client against answers of a running server, and against a load balancer without nodes.

use mmdr_core::ports::{JobStatus, PingSeen};
use mmdr_core::{Region, Time};
use serde_json::json;

use super::*;
use crate::served::{Asked, Served, ports, served};

macro_rules! recorded {
    ($name:literal) => {
        Served::recorded(include_str!(concat!("../../tests/bodies/mattermost-", $name, ".json")))
    };
}

const TOKEN: &str = "s3crettoken";
const TAG: &str = "drprobe595eedeafa";
const VERSION_LINE: &str = "X-Version-Id: 11.6.0.probe.cf233bac.false";

/// Does `work` with a Mattermost that gives `answers`.
async fn given<T>(answers: Vec<Served>, work: impl AsyncFn(&Mattermost<'_>) -> T) -> (T, Asked) {
    let (base, asked) = served(answers);
    let aws = ports(&[]);
    let bearer = HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap();
    let mattermost = Mattermost { aws: &aws, base, bearer, probe_channel: "ops/dr-probe", in_database: false };
    (work(&mattermost).await, asked)
}

/// The deep ping of `us-east-1`, served by `answer`.
async fn pinged(answer: Served) -> Result<PingSeen, Fault> {
    let (base, _) = served(vec![answer]);
    ports(&[("https://chat-us-east-1.example.com", &base)]).ping(&Region::new("us-east-1")).await
}

fn channel() -> Served {
    Served::answer(200, json!({ "id": "channel1", "team_id": "team1" }))
}

/// A channel with one post, with or without a file.
fn posts(message: &str, files: &[&str]) -> Served {
    let post = json!({ "id": "post1", "message": message, "file_ids": files, "delete_at": 0 });
    Served::answer(200, json!({ "order": ["post1"], "posts": { "post1": post } }))
}

#[tokio::test]
async fn a_ping_tells_database_files_and_search_and_the_version_comes_in_a_header() {
    let Served::Answer(status, body) = recorded!("ping-deep") else { panic!("it was recorded") };
    let seen = pinged(Served::With(status, VERSION_LINE, body)).await.unwrap();
    assert!(seen.answers && seen.database_ok && seen.filestore_ok);
    assert_eq!((seen.search_backend.as_str(), seen.version.as_str()), ("database", "11.6.0"));
}

#[tokio::test]
async fn a_node_on_a_demoted_database_answers_and_says_so_whatever_the_status() {
    for answer in [recorded!("standby-ping-deep-rest"), recorded!("standby-ping-deep")] {
        let seen = pinged(answer).await.unwrap();
        assert!(seen.answers && !seen.database_ok && seen.filestore_ok);
    }
}

#[tokio::test]
async fn a_load_balancer_without_nodes_is_no_node_that_answers() {
    assert!(!pinged(Served::answer(503, "<html></html>")).await.unwrap().answers);
    let ports = ports(&[("https://chat-us-east-1.example.com", "http://127.0.0.1:1")]);
    assert!(!ports.ping(&Region::new("us-east-1")).await.unwrap().answers);
    let (config, _) = given(vec![Served::answer(502, "")], async |it| it.config().await).await;
    assert_eq!(config, Ok(None));
    // A node that answers so is there.
    let (config, _) = given(vec![Served::With(503, VERSION_LINE, "{}".into())], async |it| it.config().await).await;
    assert_eq!(config, Err(Fault::LookAgain("503 Service Unavailable".into())));
}

#[tokio::test]
async fn an_error_is_named_by_its_status_and_identifier() {
    let denied = Err(Fault::Denied("401 api.context.session_expired.app_error".into()));
    assert_eq!(given(vec![recorded!("unauthorized-bad-token")], async |it| it.schema_version().await).await.0, denied);
    let again = Err(Fault::LookAgain("500 app.post.save.app_error".into()));
    let answers = vec![channel(), posts("", &[]), recorded!("standby-post")];
    let (answer, asked) = given(answers, async |it| it.create_post(TAG).await).await;
    assert_eq!(answer, again);
    assert_eq!(asked.count(), 3);
    let (answer, _) =
        given(vec![recorded!("job-create-cleanup_desktop_tokens")], async |it| it.create_canary_job().await).await;
    assert!(
        matches!(answer, Err(Fault::Refused(text)) if text.starts_with("400 api.job.unable_to_create_job.incorrect_job_type: The job type"))
    );
}

#[tokio::test]
async fn the_token_is_sent_and_never_said() {
    let (answer, asked) = given(vec![Served::answer(400, "{\"message\":\"no\"}")], async |it| it.config().await).await;
    assert!(asked.all()[0].contains(TOKEN));
    assert!(!format!("{answer:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_post_is_made_only_where_none_has_the_tag() {
    let (exists, asked) =
        given(vec![channel(), posts(&format!("probe: {TAG}"), &[])], async |it| it.post_exists(TAG).await).await;
    assert_eq!(exists, Ok(true));
    assert_eq!(
        asked.lines(),
        [
            "GET /api/v4/teams/name/ops/channels/name/dr-probe",
            "GET /api/v4/channels/channel1/posts?page=0&per_page=100"
        ]
    );
    let (made, asked) =
        given(vec![channel(), posts(&format!("probe: {TAG}"), &[])], async |it| it.create_post(TAG).await).await;
    assert_eq!((made, asked.count()), (Ok(()), 2));
    // The post of the probe file is another one.
    let answers = vec![channel(), posts(TAG, &["file1"]), recorded!("confirm-post")];
    let (made, asked) = given(answers, async |it| it.create_post(TAG).await).await;
    assert_eq!((made, asked.count()), (Ok(()), 3));
    assert!(asked.all()[2].contains(&format!("\"pending_post_id\":\"{TAG}\"")));
}

#[tokio::test]
async fn search_is_asked_for_the_tag_as_one_phrase() {
    let answers = vec![channel(), recorded!("confirm-search")];
    let (found, asked) = given(answers, async |it| it.search_finds(TAG).await).await;
    assert_eq!(found, Ok(true));
    assert_eq!(asked.lines()[1], "POST /api/v4/teams/team1/posts/search");
    assert!(asked.all()[1].contains(&format!("\"terms\":\"\\\"{TAG}\\\"\"")));
    let answers = vec![channel(), recorded!("confirm-search")];
    assert_eq!(given(answers, async |it| it.search_finds("another").await).await.0, Ok(false));
}

#[tokio::test]
async fn a_file_counts_only_with_its_whole_content() {
    let whole = format!("Mattermost DR probe file {TAG}\n");
    for (status, body, expected) in [(200, whole.as_str(), true), (200, "else", false), (404, "{}", false)] {
        let answers = vec![channel(), posts(TAG, &["file1"]), Served::answer(status, body)];
        let (exists, asked) = given(answers, async |it| it.file_exists(TAG).await).await;
        assert_eq!(exists, Ok(expected));
        assert_eq!(asked.lines()[2], "GET /api/v4/files/file1");
    }
}

#[tokio::test]
async fn a_file_is_uploaded_and_posted() {
    let uploaded = Served::answer(201, json!({ "file_infos": [{ "id": "file1" }], "client_ids": [] }));
    let answers = vec![channel(), posts("", &[]), uploaded, recorded!("confirm-post")];
    let (done, asked) = given(answers, async |it| it.upload_file(TAG).await).await;
    assert_eq!(done, Ok(()));
    assert_eq!(asked.lines()[2], format!("POST /api/v4/files?channel_id=channel1&filename={TAG}.txt"));
    assert!(asked.all()[2].ends_with(&format!("Mattermost DR probe file {TAG}\n")));
    assert!(asked.all()[3].contains("\"file_ids\":[\"file1\"]"));
}

#[tokio::test]
async fn jobs_sockets_and_schema_are_read_as_a_server_gives_them() {
    let Served::Answer(_, job) = recorded!("job-success-plugins") else { panic!("it was recorded") };
    let jobs = format!("[{job}]");
    let (jobs, asked) = given(vec![Served::answer(200, jobs)], async |it| it.jobs("plugins").await.unwrap()).await;
    assert_eq!((jobs[0].status, jobs[0].created_at), (JobStatus::Success, Time(1_795_232_698_813)));
    assert_eq!(asked.lines(), ["GET /api/v4/jobs/type/plugins?page=0&per_page=60"]);
    assert_eq!(given(vec![recorded!("analytics-standard")], async |it| it.open_sockets().await).await.0, Ok(0));
    assert_eq!(given(vec![recorded!("schema-version")], async |it| it.schema_version().await).await.0, Ok(159));
    let (made, _) =
        given(vec![recorded!("job-create-plugins")], async |it| it.create_canary_job().await.unwrap()).await;
    assert_eq!((made.kind.as_str(), made.status), ("plugins", JobStatus::Pending));
}

#[tokio::test]
async fn a_window_is_indexed_again_by_texts_of_milliseconds() {
    let (_, asked) = given(vec![recorded!("job-create-plugins")], async |it| it.reindex(Time(5), Time(7)).await).await;
    let sent = asked.all().remove(0);
    let (_, body) = sent.split_once("\r\n\r\n").unwrap();
    let expected = json!({ "type": "elasticsearch_post_indexing", "data": { "start_time": "5", "end_time": "7" } });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
}

#[tokio::test]
async fn a_configuration_tells_what_runs_and_what_the_environment_does_not_set() {
    let answers = vec![recorded!("config-get-jobsettings"), recorded!("config-environment-empty")];
    let config = given(answers, async |it| it.config().await).await.0.unwrap().unwrap();
    assert!(config.run_jobs && config.run_scheduler && !config.overridden_by_environment && !config.read_only);
    assert_eq!(
        config.not_from_environment,
        ["SqlSettings.DataSource", "JobSettings.RunJobs", "JobSettings.RunScheduler"]
    );
    let answers = vec![recorded!("config-get-jobsettings"), recorded!("config-environment-overrides")];
    let config = given(answers, async |it| it.config().await).await.0.unwrap().unwrap();
    assert!(config.overridden_by_environment && config.not_from_environment.is_empty());
}

#[test]
fn clustering_with_the_file_store_makes_a_configuration_read_only_unless_it_says_otherwise() {
    let config = |read_only: bool| {
        json!({
            "JobSettings": { "RunJobs": true, "RunScheduler": false },
            "ClusterSettings": { "Enable": true, "ReadOnlyConfig": read_only, "ClusterName": "east" },
        })
    };
    let seen = |config: &Value, in_database| config::config_seen(config, &Value::Null, in_database).unwrap();
    assert!(seen(&config(true), false).read_only);
    assert!(!seen(&config(true), true).read_only);
    assert!(!seen(&config(false), false).read_only);
    assert_eq!(seen(&config(true), false).cluster_name, "east");
    assert!(config::config_seen(&json!({}), &Value::Null, false).is_err());
}
