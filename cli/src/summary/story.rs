//! Makes the report's [`Story`] of what the world told.

use mmdr_core::calls::{self, Plane};
use mmdr_core::{Region, Time};
use mmdr_report::{
    Attempts, Broken, CallCount, Does, EventBy, Judge, Rehearsal, Story, StoryEvent, StoryFigures, StoryRun, Users,
    UsersPoint,
};
use mmdr_world::model::people::{BUCKET_MS, Experience, Kind, Series};
use mmdr_world::peace::BEGINS_MS;
use mmdr_world::rehearsal::Told;
use mmdr_world::story::Line;

/// What people try, in the report's words.
const ATTEMPTS: [(Kind, &str); 5] = [
    (Kind::Connect, "open a WebSocket"),
    (Kind::Post, "post a message"),
    (Kind::Search, "find an own message"),
    (Kind::Upload, "upload a file"),
    (Kind::Schedule, "schedule a post"),
];

/// The story.
pub(super) fn of(told: &Told, title: &str, text: &str) -> Story {
    let figures = &told.figures;
    Story {
        name: told.name.clone(),
        title: title.to_owned(),
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        deployment: told.sim.borrow().deployment.name.clone(),
        seed: told.seed,
        began_at: Time(BEGINS_MS),
        ended_at: Time(told.ended_ms),
        unmet: told.failed.clone(),
        figures: StoryFigures {
            messages: figures.messages.into(),
            lost_messages: figures.lost_messages.into(),
            lost_s: figures.lost_s,
            without_service_s: figures.without_service_s,
            still_without: figures.still_without,
        },
        runs: runs(told),
        rehearsal: Rehearsal {
            judges: told.judges.iter().map(|name| judge(name, told)).collect(),
            users: users(told),
            calls: call_counts(told),
            events: events(&told.lines),
        },
    }
}

fn runs(told: &Told) -> Vec<StoryRun> {
    let run = |run: &mmdr_world::rehearsal::RunEnd| StoryRun {
        name: run.name.clone(),
        kind: run.kind.clone(),
        ending: run.ending.clone(),
        region: told.regions.get(run.region).map_or_else(String::new, ToString::to_string),
        ended_at: Time(run.at),
        report: run.report.clone().and_then(|report| serde_json::from_value(report).ok()),
    };
    told.runs.iter().map(run).collect()
}

fn judge(name: &str, told: &Told) -> Judge {
    let found = told.violations.iter().find(|found| found.judge == name);
    let broken = found.map(|found| Broken { at: Time(found.at), sentence: found.what.clone() });
    Judge { name: name.to_owned(), rule: rule(name).to_owned(), broken }
}

/// The rule that a judge of [`mmdr_world::judges`] holds, as its module says.
fn rule(judge: &str) -> &'static str {
    match judge {
        "one-writer" => "Two volumes take writes at once only where Aurora leaves no choice, and then people are told.",
        "job-region" => "Jobs and scheduled posts run in one Region.",
        "public-name" => "The public name is never led to a Region that cannot write.",
        "nothing-destroyed" => "Nothing is deleted before it is proven redundant.",
        "newest-epoch" => "An older epoch never writes.",
        "declared-calls" => "Every call is on the declared list, in a Region that the list allows.",
        "own-region-only" => "A failover depends on nothing outside the surviving Region.",
        "accounted-messages" => {
            "Every acknowledged message is at the writer, kept where the account says, or announced as lost."
        }
        "true-reports" => "Every report tells the truth about the writer, and about what was lost and where it lies.",
        "dry-run-changes-nothing" => "A dry run changes nothing.",
        "ends-well" => {
            "In the end everything is healthy, called off, or stopped for a named reason, and the ledgers know who writes."
        }
        _ => "",
    }
}

fn users(told: &Told) -> Users {
    let sim = told.sim.borrow();
    let (people, experience) = (&sim.model.people, &sim.model.people.experience);
    let attempts = ATTEMPTS.iter().map(|(kind, what)| {
        let (worked, failed) = experience.total(*kind);
        Attempts { what: (*what).to_owned(), worked: worked.into(), failed: failed.into() }
    });
    Users {
        people: people.count() as u64,
        from: Time(experience.from_ms),
        point_ms: BUCKET_MS,
        points: points(experience, told.ended_ms),
        attempts: attempts.collect(),
    }
}

/// The points that had passed when the story ended.
fn points(experience: &Experience, ended_ms: i64) -> Vec<UsersPoint> {
    let passed = usize::try_from((ended_ms - experience.from_ms) / BUCKET_MS).unwrap_or(0);
    let series: Vec<&Series> = ATTEMPTS.iter().filter_map(|(kind, _)| experience.attempts(*kind)).collect();
    let sum = |of: fn(&Series) -> &[u32], place: usize| {
        series.iter().filter_map(|series| of(series).get(place)).map(|count| u64::from(*count)).sum()
    };
    let sockets = experience.sockets(ended_ms);
    let point = |(place, sockets): (usize, &u32)| UsersPoint {
        worked: sum(|series| &series.ok, place),
        failed: sum(|series| &series.failed, place),
        sockets: (*sockets).into(),
    };
    sockets.iter().take(passed).enumerate().map(point).collect()
}

fn call_counts(told: &Told) -> Vec<CallCount> {
    let count = |((asked, method), made): (&(usize, &'static str), &u32)| {
        let call = calls::ALL.iter().find(|call| call.method == *method)?;
        Some(CallCount {
            region: told.regions.get(*asked).map_or_else(|| "outside".to_owned(), Region::to_string),
            call: call.name.to_owned(),
            method: call.method.to_owned(),
            plane: plane(call.plane).to_owned(),
            does: match call.does {
                calls::Does::Read => Does::Read,
                calls::Does::Record => Does::Record,
                calls::Does::Change => Does::Change,
            },
            made: (*made).into(),
        })
    };
    told.calls.iter().filter_map(count).collect()
}

fn plane(plane: Plane) -> &'static str {
    match plane {
        Plane::Data => "data",
        Plane::RegionalControl => "regional control",
        Plane::UsEast1Control => "us-east-1 control",
    }
}

fn events(lines: &[Line]) -> Vec<StoryEvent> {
    let event = |line: &Line| {
        let (by, sentence) = match line.text.strip_prefix("*** ") {
            Some(sentence) => (EventBy::Scenario, sentence),
            None if line.text.starts_with('[') => (EventBy::Step, line.text.as_str()),
            None => (EventBy::World, line.text.trim_start()),
        };
        StoryEvent { at: Time(line.at), by, sentence: sentence.to_owned() }
    };
    lines.iter().map(event).collect()
}
