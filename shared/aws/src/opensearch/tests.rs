//! The client against answers that two running nodes gave, and against a server that gives none.

use std::time::Duration;

use http::HeaderValue;
use mmdr_core::Region;
use mmdr_core::ports::{ReplicationStatus, ShardSeen};

use super::*;
use crate::inside::Stretch;
use crate::served::{Asked, Served, ports, served, serving};

macro_rules! recorded {
    ($name:literal) => {
        Served::recorded(include_str!(concat!("../../tests/bodies/opensearch-", $name, ".json")))
    };
}

/// A secret that no text may show.
const PASSWORD: &str = "ZHI6czNjcmV0";

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Does `work` with a domain at `address`.
async fn at<T>(address: &str, work: impl AsyncFn(&OpenSearch<'_>) -> T) -> T {
    let (aws, region) = (ports(&[]), Region::new("us-east-1"));
    let identity = Identity::Basic(HeaderValue::from_str(&format!("Basic {PASSWORD}")).unwrap());
    let (prefix, repository) = ("", "cs-automated-enc");
    work(&OpenSearch { aws: &aws, region: &region, base: address.into(), prefix, repository, identity }).await
}

/// Does `work` with a domain that gives `answers`.
async fn given<T>(answers: Vec<Served>, work: impl AsyncFn(&OpenSearch<'_>) -> T) -> (T, Asked) {
    let (address, asked) = served(answers);
    (at(&address, work).await, asked)
}

fn said(text: &str) -> Said {
    let Served::Answer(status, body) = Served::recorded(text) else { panic!("recorded answers have a body") };
    let body: Value = serde_json::from_str(&body).unwrap();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Said { status, kind: text("/error/type"), reason: text("/error/reason") }
}

macro_rules! fault {
    ($name:literal) => {
        said(include_str!(concat!("../../tests/bodies/opensearch-", $name, ".json"))).fault()
    };
}

#[test]
fn what_the_plugin_says_is_named_by_status_type_and_text() {
    assert!(
        matches!(fault!("stop_snapshot_running_400"), Fault::LookAgain(text) if text.starts_with("snapshot_in_progress_exception: Cannot close"))
    );
    assert!(matches!(fault!("delete_snapshot_running_400"), Fault::LookAgain(_)));
    assert!(
        matches!(fault!("start_leader_down"), Fault::LookAgain(text) if text.starts_with("connect_transport_exception"))
    );
    assert!(
        matches!(fault!("start_no_such_remote_404"), Fault::NotFound(text) if text.contains("no such remote cluster: [site1]"))
    );
    assert!(
        matches!(fault!("resume_lease_expired_404"), Fault::NotFound(text) if text.contains("Retention lease doesn't exist"))
    );
    assert!(
        matches!(fault!("start_leader_is_follower_400"), Fault::Refused(text) if text.contains("Cannot Replicate a Replicated Index"))
    );
    assert!(matches!(fault!("autofollow_create_twice_500"), Fault::LookAgain(_)));
    assert!(
        matches!(fault!("follower_write_index_403"), Fault::Denied(text) if text.starts_with("cluster_block_exception"))
    );
    assert_eq!(
        fault!("autofollow_delete_twice_500"),
        Fault::NotFound("Autofollow replication rule site1:r does not exist".into())
    );
}

#[tokio::test]
async fn the_front_end_of_a_domain_without_nodes_is_looked_at_again() {
    let (answer, _) = given(vec![Served::answer(503, "<html></html>")], async |it| it.rules().await).await;
    assert_eq!(answer, Err(Fault::LookAgain("503 Service Unavailable".into())));
    let message = "{\"Message\":\"User: anonymous is not authorized to perform: es:ESHttpGet\"}";
    let (answer, _) = given(vec![Served::answer(403, message)], async |it| it.rules().await).await;
    assert!(matches!(answer, Err(Fault::Denied(text)) if text.contains("is not authorized")));
}

/// What a domain with one index says of it; `setting` is the answer that has the settings.
fn one_index(setting: &str, status: &str) -> Vec<Served> {
    let as_channels = |text: &str| Served::recorded(&text.replace("idx_a", "channels"));
    vec![
        // Not every user may refresh.
        recorded!("security_stop_forbidden_403"),
        Served::answer(200, json!([{"index": "channels", "status": status, "docs.count": "5"}])),
        as_channels(include_str!("../../tests/bodies/opensearch-cat_shards.json")),
        as_channels(include_str!("../../tests/bodies/opensearch-cluster_state_blocks.json")),
        as_channels(setting),
        as_channels(include_str!("../../tests/bodies/opensearch-status_paused.json")),
    ]
}

const FOLLOWS: &str = include_str!("../../tests/bodies/opensearch-follower_settings_flat_full.json");
const FOLLOWED: &str = include_str!("../../tests/bodies/opensearch-follower_settings_after_stop_null.json");

#[tokio::test]
async fn a_follower_is_known_by_a_setting_that_is_a_string_and_is_asked_for_its_status() {
    let (seen, asked) = given(one_index(FOLLOWS, "open"), async |it| it.indices().await.unwrap()).await;
    let index = seen.first().unwrap();
    assert_eq!((index.name.as_str(), index.follower_of.as_deref()), ("channels", Some("site1:channels")));
    assert!(index.open && index.replication_block && !index.write_block);
    assert_eq!((index.replication, index.documents), (ReplicationStatus::Paused, 5));
    let (max_seq_no, local_checkpoint, global_checkpoint) = (4, 4, 4);
    let shard = ShardSeen { shard: 0, started: true, max_seq_no, local_checkpoint, global_checkpoint };
    assert_eq!(index.shards, [shard]);
    assert_eq!(asked.lines().first().unwrap(), "GET /posts*,channels*,users*,files*/_refresh");
    assert_eq!(asked.lines().last().unwrap(), "GET /_plugins/_replication/channels/_status");
}

#[tokio::test]
async fn the_null_that_a_completed_stop_leaves_makes_no_follower() {
    let (seen, asked) = given(one_index(FOLLOWED, "open"), async |it| it.indices().await.unwrap()).await;
    assert_eq!(seen.first().unwrap().follower_of, None);
    assert_eq!(seen.first().unwrap().replication, ReplicationStatus::NotInProgress);
    assert_eq!(asked.count(), 5);
}

#[tokio::test]
async fn a_closed_index_has_no_primary_that_anybody_may_rely_on() {
    let (seen, _) = given(one_index(FOLLOWS, "close"), async |it| it.indices().await.unwrap()).await;
    let index = seen.first().unwrap();
    assert!(!index.open && index.shards.iter().all(|shard| !shard.started && shard.max_seq_no == -1));
}

#[tokio::test]
async fn a_domain_that_does_not_show_its_state_is_seen_without_blocks() {
    let mut answers = one_index(FOLLOWED, "open");
    answers[3] = Served::answer(401, "{\"Message\":\"Your request: '/_cluster/state' is not allowed.\"}");
    let (seen, _) = given(answers, async |it| it.indices().await.unwrap()).await;
    assert!(!seen.first().unwrap().replication_block);
    assert_eq!(seen.first().unwrap().replication, ReplicationStatus::Unknown);
}

#[test]
fn a_stop_that_was_killed_half_way_is_seen_in_the_cluster_state() {
    let Served::Answer(_, body) = recorded!("cluster_state_replication_metadata") else { panic!("it was recorded") };
    let state = indices::state(&serde_json::from_str(&body).unwrap());
    assert_eq!(state.overall.get("idx_a").map(String::as_str), Some("RUNNING"));
    assert_eq!(indices::before_asking(&state, "idx_a", false), ReplicationStatus::Syncing);
    assert_eq!(indices::before_asking(&state, "idx_a", true), ReplicationStatus::Unknown);
}

#[tokio::test]
async fn a_write_that_no_condition_can_hold_for_tells_how_an_index_is() {
    let there = json!([{"index": "users", "status": "open", "docs.count": "5"}]);
    let answers = [
        (recorded!("write_probe_writable_409"), ProbeAnswer::Writable),
        (recorded!("follower_write_index_403"), ProbeAnswer::Blocked),
        (recorded!("leader_write_block_403"), ProbeAnswer::Blocked),
        (recorded!("write_zombie_after_manual_open_500"), ProbeAnswer::Broken),
        (recorded!("search_closed_follower_400"), ProbeAnswer::Closed),
        (recorded!("auto_create_brake_404"), ProbeAnswer::Missing),
    ];
    for (answer, expected) in answers {
        let (seen, _) =
            given(vec![Served::answer(200, &there), answer], async |it| it.probe(&names(&["users"])).await).await;
        assert_eq!(seen, Ok(vec![("users".into(), expected)]));
    }
    let denied = vec![Served::answer(200, &there), recorded!("security_stop_forbidden_403")];
    let (seen, _) = given(denied, async |it| it.probe(&names(&["users"])).await).await;
    assert!(matches!(seen, Err(Fault::Denied(text)) if text.starts_with("security_exception")));
}

#[tokio::test]
async fn what_is_not_there_is_not_probed_because_a_write_would_create_it() {
    let answers = vec![Served::answer(200, "[]")];
    let (seen, asked) = given(answers, async |it| it.probe(&names(&["posts_2027_01_01"])).await).await;
    assert_eq!(seen, Ok(vec![("posts_2027_01_01".into(), ProbeAnswer::Missing)]));
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn a_stop_that_does_not_come_back_is_named_and_no_more_are_begun() {
    let (address, asked) = serving(|_| Served::Nothing);
    let many: Vec<String> = (0..20).map(|number| format!("posts_{number}")).collect();
    let stalled = at(&address, async |it| it.stop(&many, Duration::from_millis(300)).await).await;
    assert_eq!(stalled, Ok(many[..4].to_vec()));
    assert!(asked.count() <= 4);
}

#[tokio::test]
async fn a_stop_of_what_does_not_follow_any_more_is_done_and_a_snapshot_holds_it_up() {
    let answers = vec![recorded!("stop_not_following_400")];
    let (stalled, asked) = given(answers, async |it| it.stop(&names(&["users"]), STALL_IN_TESTS).await).await;
    assert_eq!(stalled, Ok(Vec::new()));
    assert!(asked.all()[0].ends_with("\r\n\r\n{}"));
    let (stalled, _) = given(vec![recorded!("stop_snapshot_running_400")], async |it| {
        it.stop(&names(&["users"]), STALL_IN_TESTS).await
    })
    .await;
    assert!(matches!(stalled, Err(Fault::LookAgain(text)) if text.starts_with("snapshot_in_progress_exception")));
}

const STALL_IN_TESTS: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_stop_that_was_not_even_received_is_no_stall() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).unwrap();
    let answer = at(&format!("http://{gone}"), async |it| it.stop(&names(&["users"]), STALL_IN_TESTS).await).await;
    assert_eq!(answer, Err(Fault::NoAnswer));
}

#[tokio::test]
async fn what_is_paused_or_runs_already_is_done() {
    let (paused, _) = given(vec![recorded!("pause_twice_400")], async |it| it.pause(&names(&["users"])).await).await;
    assert_eq!(paused, Ok(()));
    let (resumed, _) =
        given(vec![recorded!("resume_running_400")], async |it| it.resume(&names(&["users"])).await).await;
    assert_eq!(resumed, Ok(()));
}

#[tokio::test]
async fn a_start_of_what_a_rule_has_started_is_done_and_one_of_what_is_in_the_way_is_refused() {
    for (setting, expected) in [(FOLLOWS, true), (FOLLOWED, false)] {
        let setting = Served::recorded(&setting.replace("idx_a", "users"));
        let answers = vec![recorded!("start_already_following_400"), setting];
        let (started, asked) = given(answers, async |it| it.start("mmdr-1", &names(&["users"])).await).await;
        assert_eq!(started.is_ok(), expected);
        assert!(expected || matches!(started, Err(Fault::Refused(text)) if text.contains("Delete the index")));
        assert_eq!(asked.lines()[1], "GET /users/_settings?flat_settings=true");
        assert!(asked.all()[0].contains("\"leader_alias\":\"mmdr-1\""));
    }
}

#[tokio::test]
async fn a_start_that_ends_in_an_error_of_the_domain_is_looked_at_again_and_sent_once() {
    let (started, asked) =
        given(vec![recorded!("start_leader_down")], async |it| it.start("a", &names(&["users"])).await).await;
    assert!(matches!(started, Err(Fault::LookAgain(_))));
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn only_exact_names_are_deleted_and_all_of_them_in_one_request() {
    for name in ["posts*", "_all", "", "a,b", "-users", "users/_doc", "Posts", "<posts-{now}>"] {
        let (answer, asked) = given(Vec::new(), async |it| it.delete_indices(&names(&["users", name])).await).await;
        assert!(matches!(answer, Err(Fault::Refused(_))), "{name}");
        assert_eq!(asked.count(), 0);
    }
    let (answer, _) = given(Vec::new(), async |it| it.delete_indices(&[]).await).await;
    assert!(matches!(answer, Err(Fault::Refused(_))));
    let fine = vec![Served::answer(200, "{\"acknowledged\":true}")];
    let (answer, asked) = given(fine, async |it| it.delete_indices(&names(&["users", "posts_2027_01_01"])).await).await;
    assert_eq!(answer, Ok(()));
    assert_eq!(asked.lines(), ["DELETE /users,posts_2027_01_01?ignore_unavailable=true&expand_wildcards=none"]);
}

#[tokio::test]
async fn the_fence_is_one_request_for_every_index() {
    let fine = vec![Served::answer(200, "{\"acknowledged\":true}")];
    let (answer, asked) = given(fine, async |it| it.set_write_block(true).await).await;
    assert_eq!(answer, Ok(()));
    assert!(asked.lines()[0].starts_with("PUT /posts*,channels,users,files/_settings?"));
    assert!(asked.all()[0].ends_with("{\"index.blocks.write\":true}"));
}

#[tokio::test]
async fn documents_above_a_number_come_page_by_page() {
    let stretch = Stretch { index: "users".into(), shard: 1, above: 46, up_to: None };
    let (page, asked) =
        given(vec![recorded!("search_divergent_by_seq_no")], async |it| it.documents(&stretch).await).await;
    let page = page.unwrap();
    let numbers: Vec<i64> = page.documents.iter().map(|it| it.seq_no).collect();
    assert_eq!((numbers, page.more), (vec![47, 48], false));
    assert_eq!(page.documents[0].source["tag"], "updated");
    assert_eq!(asked.lines(), ["POST /users/_search?preference=_shards:1"]);
    assert!(asked.all()[0].contains("{\"range\":{\"_seq_no\":{\"gt\":46}}}"));
}

#[tokio::test]
async fn rules_and_whole_snapshots_are_listed() {
    let (rules, _) = given(vec![recorded!("autofollow_stats")], async |it| it.rules().await).await;
    let expected = RuleName { alias: String::new(), name: "r".into(), pattern: "posts*".into() };
    assert_eq!(rules, Ok(vec![expected]));
    let rows = json!([
        {"id": "2027-01-01t00", "status": "SUCCESS", "end_epoch": "1798761600"},
        {"id": "2027-01-01t01", "status": "IN_PROGRESS", "end_epoch": "0"},
        {"id": "2027-01-01t02", "status": "PARTIAL", "end_epoch": "1798768800"},
    ]);
    let (points, asked) = given(vec![Served::answer(200, rows)], async |it| it.snapshots().await.unwrap()).await;
    assert_eq!(points.len(), 1);
    assert_eq!((points[0].id.as_str(), points[0].completed_at.0), ("2027-01-01t00", 1_798_761_600_000));
    assert_eq!(asked.lines(), ["GET /_cat/snapshots/cs-automated-enc?format=json&h=id,status,end_epoch"]);
}

#[tokio::test]
async fn the_password_is_sent_and_never_said() {
    let answers = vec![Served::answer(401, "Unauthorized")];
    let (answer, asked) = given(answers, async |it| it.rules().await).await;
    assert!(asked.all()[0].contains(PASSWORD));
    assert!(!format!("{answer:?}").contains(PASSWORD));
    let silent = at("http://127.0.0.1:1", async |it| it.rules().await).await;
    assert!(!format!("{silent:?}").contains(PASSWORD));
}
