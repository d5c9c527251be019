use mmdr_core::deployment::NodeEndpoint;
use mmdr_core::ports::JobStatus;

use crate::model::nodes::stage::Stage;
use crate::model::{application, nodes};
use crate::news::News;

fn jobs_ran(stage: &Stage) -> [usize; 2] {
    let of = |wanted: usize| stage.news.iter().filter(|(_, news)| *news == News::JobRan { region: wanted }).count();
    [of(0), of(1)]
}

/// Both Regions' nodes serve on one database, and the standby's started with these flags.
fn two_live_regions(run_jobs: bool) -> Stage {
    let mut stage = Stage::with_endpoint(NodeEndpoint::GlobalWriter, |setup| {
        (setup.pre_start_check, setup.people) = (false, 0);
    });
    stage
        .act(|model, _| {
            let mut flags = nodes::job_flags(model, 1)?.parameter.expect("flags");
            flags.run_jobs = run_jobs;
            nodes::write_job_flags(model, 1, flags)
        })
        .expect("written");
    stage.start(1);
    stage.until_s(20);
    stage
}

fn schedule(stage: &mut Stage) {
    stage.act(|model, ctx| {
        let row = model.database.accept_message(0, ctx).expect("a row");
        application::schedule_post(model, row, ctx);
    });
}

fn sent(stage: &Stage) -> Vec<usize> {
    let sent = stage.news.iter().filter_map(|(_, news)| match news {
        News::ScheduledPostSent { region, .. } => Some(*region),
        _ => None,
    });
    sent.collect()
}

#[test]
fn at_peace_jobs_run_each_minute_in_the_writers_region_alone() {
    let mut stage = Stage::set(|_| {});
    stage.until_s(630);
    assert_eq!(jobs_ran(&stage), [10, 0]);
}

#[test]
fn a_standby_that_serves_with_run_jobs_takes_jobs_of_the_primary() {
    let mut stage = two_live_regions(true);
    stage.until_s(3_000);
    let [here, there] = jobs_ran(&stage);
    assert!(here > 5 && there > 5, "{here} {there}");
    let mut stage = two_live_regions(false);
    stage.until_s(3_000);
    assert_eq!(jobs_ran(&stage)[1], 0);
}

#[test]
fn two_live_regions_on_one_database_send_every_scheduled_post_twice() {
    let mut stage = two_live_regions(false);
    schedule(&mut stage);
    stage.until_s(1_800);
    assert_eq!(sent(&stage), [0, 1]);
}

#[test]
fn one_live_region_sends_a_scheduled_post_once_at_a_five_minute_boundary() {
    let mut stage = Stage::set(|setup| setup.people = 0);
    schedule(&mut stage);
    stage.until_s(1_800);
    assert_eq!(sent(&stage), [0]);
    let at =
        stage.news.iter().find(|(_, news)| matches!(news, News::ScheduledPostSent { .. })).map(|(at, _)| at % 300_000);
    assert_eq!(at, Some(0));
}

#[test]
fn a_scheduled_post_that_an_outage_delayed_is_sent_once_by_the_new_writer() {
    let mut stage = Stage::set(|setup| {
        (setup.people, setup.standby_nodes_loop, setup.pre_start_check, setup.power_loss) = (0, true, false, true);
    });
    schedule(&mut stage);
    stage.until_s(10);
    stage.dark(0, true);
    stage.until_s(650);
    stage.fail_over_to(1);
    stage.until_s(1_800);
    assert_eq!(sent(&stage), [1]);
}

#[test]
fn the_canary_job_is_done_within_fifteen_seconds_and_stays_pending_where_no_worker_runs() {
    let mut stage = two_live_regions(false);
    let job = stage.act(|model, ctx| application::create_canary_job(model, 0, ctx)).expect("a job");
    assert_eq!(job.status, JobStatus::Pending);
    stage.until_s(36);
    let jobs = stage.act(|model, ctx| application::jobs_of(model, 0, "plugins", ctx)).expect("jobs");
    assert_eq!(jobs.first().map(|job| job.status), Some(JobStatus::Success));

    let mut stage = Stage::set(|_| {});
    stage.stop(0, false);
    stage.until_s(10);
    let off = mmdr_core::ports::JobFlags { run_jobs: false, run_scheduler: false, epoch: mmdr_core::Epoch(2) };
    stage.act(|model, _| nodes::write_job_flags(model, 0, off)).expect("written");
    stage.start(0);
    stage.until_s(20);
    stage.act(|model, ctx| application::create_canary_job(model, 0, ctx)).expect("a job");
    stage.until_s(120);
    let jobs = stage.act(|model, ctx| application::jobs_of(model, 0, "plugins", ctx)).expect("jobs");
    assert_eq!(jobs.first().map(|job| job.status), Some(JobStatus::Pending));
}

#[test]
fn on_a_demoted_database_reads_work_and_posts_fail() {
    let mut stage = Stage::set(|_| {});
    stage.act(|model, ctx| application::create_post(model, 0, "probe", ctx)).expect("saved");
    stage.switch_over_to(1);
    stage.until_s(150);
    assert_eq!(stage.act(|model, ctx| application::post_exists(model, 0, "probe", ctx)), Ok(true));
    let refused = stage.act(|model, ctx| application::create_post(model, 0, "probe-2", ctx)).expect_err("read-only");
    assert!(refused.to_string().contains("app.post.save.app_error"));
}

#[test]
fn a_token_is_refused_while_the_database_is_gone() {
    let mut stage = Stage::set(|_| {});
    stage.act(|model, ctx| crate::model::database::set_down(model, 0, true, ctx));
    let refused = stage.act(|model, ctx| application::post_exists(model, 0, "probe", ctx)).expect_err("gone");
    assert!(refused.to_string().contains("401"), "{refused}");
    assert!(stage.act(|model, ctx| application::ping(model, 0, ctx)).expect("an answer").answers);
}

#[test]
fn a_region_without_serving_nodes_answers_503_and_no_ping() {
    let mut stage = Stage::set(|_| {});
    assert!(!stage.act(|model, ctx| application::ping(model, 1, ctx)).expect("an answer").answers);
    let refused = stage.act(|model, ctx| application::post_exists(model, 1, "probe", ctx)).expect_err("nobody");
    assert!(refused.to_string().contains("503"));
}

#[test]
fn probe_files_and_posts_come_back_where_they_were_written() {
    let mut stage = Stage::set(|_| {});
    stage.act(|model, ctx| application::upload_file(model, 0, "file", ctx)).expect("uploaded");
    assert_eq!(stage.act(|model, ctx| application::file_exists(model, 0, "file", ctx)), Ok(true));
    assert_eq!(stage.act(|model, ctx| application::file_exists(model, 0, "other", ctx)), Ok(false));
}
