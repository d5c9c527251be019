use super::{HOSTILE, OPENED, assert_self_contained, assert_shows, report};
use crate::{
    Attempts, Broken, CallCount, Does, EventBy, Judge, Rehearsal, Story, StoryEvent, StoryFigures, StoryRun, Users,
    UsersPoint, story_page,
};

fn story() -> Story {
    let run = |name: &str, report| StoryRun {
        name: name.into(),
        kind: "failover".into(),
        ending: "findings".into(),
        region: "us-east-1".into(),
        ended_at: OPENED.plus_s(300),
        report,
    };
    Story {
        name: "region-dark".into(),
        title: HOSTILE.into(),
        text: HOSTILE.into(),
        deployment: "acme-chat".into(),
        seed: 7,
        began_at: OPENED.plus_s(-60),
        ended_at: OPENED.plus_s(600),
        unmet: vec!["writer: expected us-west-1 to write, found us-east-1".into()],
        figures: StoryFigures { messages: 100, lost_messages: 3, lost_s: 2, without_service_s: 301, still_without: 0 },
        runs: vec![run("fo-1", Some(report())), run(HOSTILE, None)],
        rehearsal: rehearsal(),
    }
}

fn rehearsal() -> Rehearsal {
    let judge = |name: &str, broken| Judge { name: name.into(), rule: "so it must be".into(), broken };
    let event = |s, by, sentence: &str| StoryEvent { at: OPENED.plus_s(s), by, sentence: sentence.into() };
    let point = |worked, failed, sockets| UsersPoint { worked, failed, sockets };
    let call = |call: &str, region: &str, plane: &str, does| CallCount {
        region: region.into(),
        call: call.into(),
        method: "port.method".into(),
        plane: plane.into(),
        does,
        made: 4,
    };
    Rehearsal {
        judges: vec![
            judge("job-region", None),
            judge("one-writer", Some(Broken { at: OPENED.plus_s(62), sentence: HOSTILE.into() })),
        ],
        users: Users {
            people: 200,
            from: OPENED.plus_s(-60),
            point_ms: 10_000,
            points: vec![point(30, 0, 200), point(0, 40, 0), point(2, 17, 120)],
            attempts: vec![Attempts { what: "post a message".into(), worked: 32, failed: 57 }],
        },
        calls: vec![
            call("rds:FailoverGlobalCluster", "us-east-1", "regional control", Does::Change),
            call("s3:GetObject", "us-west-1", "data", Does::Read),
        ],
        events: vec![
            event(-58, EventBy::Scenario, "us-west-1 goes dark"),
            event(1, EventBy::Step, "[us-east-1] open-run: claims epoch 7 (Acted)"),
            event(90, EventBy::World, "Aurora promotes us-east-1"),
        ],
    }
}

#[test]
fn a_story_is_one_file_that_needs_no_script_and_keeps_what_people_typed_as_text() {
    let page = story_page(&story());
    assert_self_contained(&page);
    assert!(!page.contains(HOSTILE));
    // The title twice, the text, the reason, the judge's finding, and the name of a run that left no report.
    assert_eq!(page.matches("&lt;script&gt;").count(), 6);
}

#[test]
fn a_story_has_every_section_once() {
    let page = story_page(&story());
    let ids = ["unmet", "recovery", "happened", "users", "runs", "run-A", "run-A-parts", "run-B", "judges", "calls"];
    for id in ids.iter().chain(&["transcript", "run-A-lost", "run-A-time"]) {
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn every_link_leads_to_a_section_of_the_same_page() {
    let page = story_page(&story());
    for link in page.split("href=\"").skip(1) {
        let target = link.split('"').next().unwrap();
        let id = target.strip_prefix('#').unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{target}");
    }
}

#[test]
fn a_story_shows_its_figures_its_verdicts_and_its_calls() {
    let shown = [
        "not as its scenario says",
        "writer: expected us-west-1 to write, found us-east-1",
        "3<span class=\"quiet\"> of 100</span>",
        "run A's account",
        "5 min 1 s",
        "1<span class=\"quiet\"> of 2</span>",
        "failed at <time datetime=\"2026-11-21T10:01:02Z\">10:01:02</time>",
        "left no report",
        "Aurora promotes us-east-1",
        "regional control",
    ];
    assert_shows(&story_page(&story()), &shown);
}

#[test]
fn the_drawing_says_in_words_what_it_shows() {
    let page = story_page(&story());
    let told =
        "32 attempts worked and 57 failed. Fewest open sockets: 0 of 200 at 09:59. 1 at 09:59: us-west-1 goes dark.";
    assert!(page.contains(told));
    let drawings = page.matches("<svg").count();
    let hidden_or_named = page.matches("role=\"img\"").count()
        + page.matches("aria-hidden=\"true\"><svg").count()
        + page.matches("<svg class=\"axis\" height=\"18\" aria-hidden=\"true\"").count()
        // The three areas lie inside the drawing.
        + 3;
    assert_eq!(drawings, hidden_or_named);
}

#[test]
fn a_story_that_went_well_complains_about_nothing() {
    let mut well = story();
    well.unmet.clear();
    well.rehearsal.judges.pop();
    well.figures = StoryFigures { messages: 100, ..StoryFigures::default() };
    let page = story_page(&well);
    assert_shows(&page, &["as its scenario says", "no rule was broken", "nobody felt anything"]);
    assert!(!page.contains("Expectations that do not hold") && !page.contains("not as its scenario says"));
}

#[test]
fn a_story_without_runs_people_and_judges_still_has_a_page() {
    assert_shows(
        &story_page(&Story::default()),
        &["No run ended in this story.", "no move was confirmed from outside"],
    );
}

#[test]
fn the_same_story_has_the_same_bytes() {
    assert_eq!(story_page(&story()), story_page(&story()));
}
