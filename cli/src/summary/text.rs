//! The transcript, and at its end a summary that fits one screen.

use std::fmt::{Display, Write};

use mmdr_core::Time;
use mmdr_report::{RunReport, Share, Story, duration};
use mmdr_world::story::Line;

/// Most runs and most steps that the summary lists; the page lists all of them.
const LISTED: usize = 10;
/// Width of the longest bar.
const BAR: i64 = 24;

/// Everything.
pub(super) fn whole(lines: &[Line], story: &Story, page: &str) -> String {
    let mut out = String::new();
    for line in lines {
        let _ = writeln!(out, "{}  {}", clock(Time(line.at)), line.text);
    }
    summary(story, &mut out);
    fact(&mut out, "report", page);
    out
}

fn summary(story: &Story, out: &mut String) {
    let well = if story.is_well() { "as its scenario says" } else { "NOT AS ITS SCENARIO SAYS" };
    let minutes = story.ended_at.since_s(story.began_at) / 60;
    let _ = writeln!(out, "\nEnded {well}, after {minutes} virtual minutes (seed {})\n", story.seed);
    runs(story, out);
    if let Some((_, report)) = story.first_recovery() {
        recovery(report, out);
    }
    fact(out, "messages lost", lost(story));
    fact(out, "without service", without_service(story));
    fact(out, "calls", calls(story));
    judges(story, out);
    for sentence in &story.unmet {
        fact(out, "does not hold", sentence);
    }
}

fn fact(out: &mut String, name: &str, what: impl Display) {
    let _ = writeln!(out, "  {name:<17} {what}");
}

fn runs(story: &Story, out: &mut String) {
    for (place, run) in story.runs.iter().take(LISTED).enumerate() {
        let recovered_ms = run.report.as_ref().and_then(|report| report.headline.recovered_in_ms);
        let served = recovered_ms.map_or_else(String::new, |ms| format!("served in {}", duration(ms)));
        let name = if place == 0 { "runs" } else { "" };
        let line = format!("{:<15} {:<10} {:<11} {:<20} {}", run.kind, run.region, run.ending, served, run.name);
        fact(out, name, line);
    }
    if story.runs.len() > LISTED {
        fact(out, "", format!("and {} more", story.runs.len() - LISTED));
    }
}

/// The time to recover, longest step first.
fn recovery(report: &RunReport, out: &mut String) {
    let whole_ms = report.headline.recovered_in_ms.unwrap_or(0);
    let of = format!("{}, from opening the {} to confirmed from outside", duration(whole_ms), report.kind);
    fact(out, "time to recover", of);
    let mut split: Vec<&Share> = report.headline.split.iter().filter(|share| share.ms > 0).collect();
    split.sort_by_key(|share| -share.ms);
    let longest = split.first().map_or(1, |share| share.ms.max(1));
    for share in split.iter().take(LISTED) {
        let bar = "█".repeat(usize::try_from((share.ms * BAR / longest).max(1)).unwrap_or(1));
        let _ = writeln!(out, "    {:<36} {:>12}  {bar}", share.name(), duration(share.ms));
    }
    let rest: i64 = split.iter().skip(LISTED).map(|share| share.ms).sum();
    if let Some(more) = split.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let _ = writeln!(out, "    {:<36} {:>12}", format!("and {more} shorter"), duration(rest));
    }
}

fn lost(story: &Story) -> String {
    let figures = &story.figures;
    let of = format!("{} of {} acknowledged", figures.lost_messages, figures.messages);
    let written = duration(figures.lost_s * 1_000);
    let accounts = story.last_account().and_then(|place| story.runs.get(place));
    match (figures.lost_messages, story.kept_in(), accounts) {
        (0, _, _) => of,
        (_, Some(kept_in), _) => format!("{of}, {written} of writes\n{:20}kept in {kept_in}", ""),
        (_, None, Some(run)) => format!("{of}, {written} of writes; {}'s account says where they lie", run.name),
        (_, None, None) => format!("{of}, {written} of writes; no report accounts for them"),
    }
}

fn without_service(story: &Story) -> String {
    match (story.figures.without_service_s, story.figures.still_without) {
        (0, _) => "nobody".into(),
        (s, still @ 1..) => {
            format!("{} and longer: {still} people are without service at the end", duration(s * 1_000))
        }
        // What the site recovered in is another number: a client that has failed often tries again only after minutes.
        (s, 0) => format!(
            "{}, from the first person who felt it until the last was served again; clients wait up to 5 min between attempts",
            duration(s * 1_000)
        ),
    }
}

fn calls(story: &Story) -> String {
    let calls = &story.rehearsal.calls;
    let mut regions: Vec<&str> = calls.iter().map(|call| call.region.as_str()).collect();
    regions.dedup();
    let made = |region: &str| calls.iter().filter(|call| call.region == region).map(|call| call.made).sum::<u64>();
    regions.iter().map(|region| format!("{} in {region}", made(region))).collect::<Vec<_>>().join(", ")
}

fn judges(story: &Story, out: &mut String) {
    let (all, complaints) = (story.rehearsal.judges.len(), story.rehearsal.complaints().count());
    fact(out, "judges", format!("{} of {all} content", all - complaints));
    for (judge, broken) in story.rehearsal.complaints() {
        let _ = writeln!(out, "    {} FAILED at {}: {}", judge.name, clock(broken.at), broken.sentence);
    }
}

/// Time of day: `03:01:20`.
fn clock(at: Time) -> String {
    at.to_string().get(11..19).unwrap_or_default().to_owned()
}
