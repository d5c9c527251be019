//! Carries out what a story says.

use mmdr_core::{Fault, Hold, RunId, StartInput, StartedBy, StepName, Time};
use serde_json::json;

use super::{Rehearsal, tend};
use crate::alarms::{self, Form};
use crate::faults::{CallFault, CallGuard, Faults, FunctionFault, FunctionGuard};
use crate::model::{database, nodes};
use crate::network::{Ix, OUTSIDE};
use crate::saboteurs;
use crate::scenario::{Act, CallFaultWord, FormWord, FunctionFaultWord, HandWord, Side};

/// Carries out one act.
pub(super) fn carry_out(story: &mut Rehearsal, act: &Act) {
    match act {
        Act::RegionDark { region } => dark(story, *region, true),
        Act::RegionBack { region } => dark(story, *region, false),
        Act::Partition => cut(story, 0, 1, true, "the Regions lose sight of each other"),
        Act::Heal => cut(story, 0, 1, false, "the Regions see each other again"),
        Act::CutOff { region } => {
            cut(story, region.ix(story.home), OUTSIDE, true, "the world outside loses sight of a Region")
        }
        Act::Reconnect { region } => {
            cut(story, region.ix(story.home), OUTSIDE, false, "the world outside sees it again")
        }
        Act::DatabaseDown { region } => database_down(story, *region, true),
        Act::DatabaseUp { region } => database_down(story, *region, false),
        Act::ApplicationDown { region } => application_down(story, *region, true),
        Act::ApplicationUp { region } => application_down(story, *region, false),
        Act::NodeDown { region, node } => node_down(story, *region, *node, true),
        Act::NodeUp { region, node } => node_down(story, *region, *node, false),
        Act::ControlPlanesDown => control_planes(story, false),
        Act::ControlPlanesUp => control_planes(story, true),
        Act::Alarm { region, forms } => alarm(story, *region, forms),
        Act::Start { .. } => start(story, act),
        Act::Answer { decision, reason } => answer(story, decision, reason),
        Act::Hold { on, reason } => hold(story, *on, reason),
        Act::StopExecution { kind } => stop_execution(story, kind.as_str()),
        Act::MoveByHand { to, how } => move_by_hand(story, *to, *how),
        Act::CallFault { .. } => call_fault(story, act),
        Act::FunctionFault { .. } => function_fault(story, act),
        Act::FilesFail { region, count } => {
            let ix = region.ix(story.home);
            tell(story, format!("*** the next {count} files fail to replicate"));
            story.driver.sim.borrow_mut().model.files.fail_next(ix, *count);
        }
        Act::SwitchoverWillFail => story.driver.sim.borrow_mut().model.database.switchover_fails = true,
        Act::LagBecomes { ms } => lag(story, *ms),
        Act::ClockSkew { region, ms } => {
            let ix = region.ix(story.home);
            if let Some(skew) = story.driver.sim.borrow_mut().skew_ms.get_mut(ix) {
                *skew = *ms;
            }
        }
        Act::FaultsEnd => story.driver.sim.borrow_mut().faults = Faults::default(),
        Act::Tend => tend::tend(story),
        Act::Sabotage { judge } => saboteurs::sabotage(&mut story.driver.sim.borrow_mut(), judge),
    }
    story.driver.hear();
}

pub(super) fn tell(story: &Rehearsal, line: String) {
    let mut sim = story.driver.sim.borrow_mut();
    let now = sim.now;
    sim.story.tell(now, line);
}

fn name(story: &Rehearsal, ix: Ix) -> String {
    story.driver.sim.borrow().model.name(ix).to_owned()
}

fn dark(story: &mut Rehearsal, region: Side, dark: bool) {
    let ix = region.ix(story.home);
    let text = name(story, ix);
    tell(story, if dark { format!("*** {text} goes dark") } else { format!("*** {text} is back") });
    {
        let mut sim = story.driver.sim.borrow_mut();
        sim.network.set_dark(ix, dark);
        if sim.model.name(ix) == "us-east-1" {
            sim.network.us_east_1_control = !dark;
        }
        sim.with_model(|model, ctx| {
            model.network_changed(ctx);
            if dark { nodes::region_lost(model, ix, ctx) } else { nodes::region_returned(model, ix, ctx) }
        });
    }
    if !dark {
        story.driver.wake_region(ix);
    }
}

fn cut(story: &mut Rehearsal, one: Ix, other: Ix, cut: bool, line: &str) {
    tell(story, format!("*** {line}"));
    let mut sim = story.driver.sim.borrow_mut();
    sim.network.set_cut(one, other, cut);
    sim.with_model(|model, ctx| model.network_changed(ctx));
}

fn database_down(story: &mut Rehearsal, region: Side, down: bool) {
    let ix = region.ix(story.home);
    let text = name(story, ix);
    tell(
        story,
        format!("*** the database in {text} {}", if down { "takes no connections" } else { "takes connections again" }),
    );
    let mut sim = story.driver.sim.borrow_mut();
    sim.with_model(|model, ctx| database::set_down(model, ix, down, ctx));
}

fn application_down(story: &mut Rehearsal, region: Side, down: bool) {
    let ix = region.ix(story.home);
    let text = name(story, ix);
    tell(story, format!("*** every Mattermost node in {text} {}", if down { "breaks" } else { "is mended" }));
    let mut sim = story.driver.sim.borrow_mut();
    sim.with_model(|model, ctx| {
        for node in 0..model.nodes.count(ix) {
            if down { nodes::break_node(model, ix, node, ctx) } else { nodes::mend_node(model, ix, node, ctx) }
        }
    });
}

fn node_down(story: &mut Rehearsal, region: Side, number: u32, down: bool) {
    let ix = region.ix(story.home);
    let text = name(story, ix);
    tell(story, format!("*** Mattermost node {number} in {text} {}", if down { "breaks" } else { "is mended" }));
    let node = (number as usize).saturating_sub(1);
    let mut sim = story.driver.sim.borrow_mut();
    sim.with_model(
        |model, ctx| {
            if down { nodes::break_node(model, ix, node, ctx) } else { nodes::mend_node(model, ix, node, ctx) }
        },
    );
}

fn control_planes(story: &mut Rehearsal, up: bool) {
    tell(story, format!("*** the control planes in us-east-1 {}", if up { "answer again" } else { "do not answer" }));
    story.driver.sim.borrow_mut().network.us_east_1_control = up;
}

fn alarm(story: &mut Rehearsal, region: Side, forms: &[FormWord]) {
    let ix = region.ix(story.home);
    let events: Vec<_> = {
        let sim = story.driver.sim.borrow();
        let at = sim.alarms.get(ix).and_then(|alarm| alarm.since).unwrap_or(sim.now);
        let form = |word: &FormWord| match word {
            FormWord::Direct => Form::Direct,
            FormWord::EventBridge => Form::EventBridge,
            FormWord::Sns => Form::Sns,
        };
        forms.iter().map(|word| alarms::event(form(word), &sim.model, ix, at, &sim.deployment)).collect()
    };
    tell(story, format!("*** the alarm is delivered {} more times", events.len()));
    for event in events {
        story.driver.invoke_standing(ix, StepName::StartMove, event);
    }
}

fn start(story: &mut Rehearsal, act: &Act) {
    let Act::Start { kind, to, console, reason, by, dry_run, accepts, resumes_last } = act else { return };
    let region = console.unwrap_or(*to).ix(story.home);
    let to = name(story, to.ix(story.home));
    story.by_hand += 1;
    let resumes = if *resumes_last { story.driver.last_run(region).map(RunId) } else { None };
    let input = StartInput {
        deployment: None,
        kind: *kind,
        to: mmdr_core::Region::new(&to),
        reason: reason.clone(),
        by: by.unwrap_or(StartedBy::Person),
        dry_run: *dry_run,
        resumes,
        accepts: accepts.clone(),
    };
    let what = if *dry_run { format!("a dry {kind}") } else { format!("a {kind}") };
    tell(story, format!("*** a person starts {what} to {to}"));
    let run = format!("{kind}-by-hand-{}", story.by_hand);
    let input = serde_json::to_value(&input).unwrap_or_default();
    story.driver.start_by_hand(region, Some(*kind), &run, &input);
}

fn answer(story: &mut Rehearsal, decision: &str, reason: &str) {
    let Some((run, region)) = story.driver.asking_run() else {
        tell(story, "*** a person wants to answer, and nothing is asked".into());
        return;
    };
    tell(story, format!("*** a person answers {run}: {decision} ({reason})"));
    story.by_hand += 1;
    let key = format!("runs/{run}/{}.json", mmdr_core::records::QUESTION);
    let sim = story.driver.sim.borrow();
    let digest = sim.model.objects.peek_record(region, &key).and_then(|asked| asked.get("digest")).cloned();
    drop(sim);
    // Who grants what nobody has asked yet has nothing to name.
    let digest = digest.unwrap_or_else(|| "none".into());
    let input = json!({ "run": run, "decision": decision, "reason": reason, "digest": digest });
    story.driver.start_by_hand(region, None, &format!("answer-{}", story.by_hand), &input);
}

fn hold(story: &mut Rehearsal, on: bool, reason: &str) {
    tell(story, format!("*** a person puts the hold {}", if on { "on" } else { "off" }));
    let mut sim = story.driver.sim.borrow_mut();
    let now = sim.now;
    let dark: Vec<bool> = (0..2).map(|ix| sim.network.is_dark(ix)).collect();
    sim.with_model(|model, ctx| {
        let number =
            (0..2).filter_map(|ix| model.objects.peek(ix)).map(|ledger| ledger.hold.number).max().unwrap_or(0) + 1;
        for ix in (0..2).filter(|ix| !dark.get(*ix).copied().unwrap_or(true)) {
            let Some(seen) = model.objects.ledger(ix) else { continue };
            let mut ledger = seen.ledger;
            ledger.hold = Hold { number, on, by: "on-call".into(), at: Time(now), reason: reason.into() };
            // Nobody writes between the read and this write: both happen at one instant of virtual time.
            let _ = model.objects.write_ledger(ix, &ledger, Some(&seen.version), ctx);
        }
    });
}

fn stop_execution(story: &mut Rehearsal, kind: &str) {
    let Some(run) = story.driver.live_run(kind) else { return };
    tell(story, format!("*** a person stops the execution {run}"));
    story.driver.stop_execution(&run);
}

fn move_by_hand(story: &mut Rehearsal, to: Side, how: HandWord) {
    let ix = to.ix(story.home);
    let text = name(story, ix);
    let does = match how {
        HandWord::Switchover => format!("moves the database to {text}"),
        HandWord::Failover => format!("fails the database over to {text}, data loss allowed,"),
        HandWord::Detach => format!("removes the cluster in {text} from the global database"),
    };
    tell(story, format!("*** a person {does} in the RDS console"));
    let mut sim = story.driver.sim.borrow_mut();
    sim.with_model(|model, ctx| {
        let arn = model.database.clusters.get(ix).map(|cluster| cluster.arn.clone()).unwrap_or_default();
        // A planned move is asked of the Region that writes, the others of the Region that is to write.
        let asked = if how == HandWord::Switchover { 1 - ix } else { ix };
        let answer = match how {
            _ if ctx.network.is_dark(asked) => Err(Fault::NoAnswer),
            HandWord::Switchover => model.database.switch_over(asked, &arn, ctx),
            HandWord::Failover => model.database.fail_over(asked, &arn, ctx),
            HandWord::Detach => model.database.detach(asked, ctx),
        };
        if let Err(fault) = answer {
            ctx.tell(format!("the console says: {fault}"));
        }
    });
}

fn call_fault(story: &mut Rehearsal, act: &Act) {
    let Act::CallFault { method, region, every, times, fault, ms } = act else { return };
    let fault = match fault {
        CallFaultWord::Throttle => CallFault::Throttle,
        CallFaultWord::Slow => CallFault::Slow(*ms),
        CallFaultWord::BlackHole => CallFault::BlackHole,
        CallFaultWord::AnswerLost => CallFault::AnswerLost,
        CallFaultWord::ServerError => CallFault::Answer(Fault::NoAnswer),
    };
    let guard = CallGuard {
        method: method.clone(),
        asked: region.map(|side| side.ix(story.home)),
        every: *every,
        times: *times,
        fault,
        seen: 0,
    };
    story.driver.sim.borrow_mut().faults.calls.push(guard);
}

fn function_fault(story: &mut Rehearsal, act: &Act) {
    let Act::FunctionFault { step, part, times, fault, call } = act else { return };
    let Ok(step) = step.parse::<StepName>() else { return };
    let fault = match fault {
        FunctionFaultWord::CrashBefore => FunctionFault::CrashBefore(*call),
        FunctionFaultWord::CrashAfter => FunctionFault::CrashAfter(*call),
        FunctionFaultWord::CrashBeforeChange => FunctionFault::CrashBeforeChange(*call),
        FunctionFaultWord::CrashAfterChange => FunctionFault::CrashAfterChange(*call),
        FunctionFaultWord::Twice => FunctionFault::Twice,
        FunctionFaultWord::KilledBeforeAnswer => FunctionFault::KilledBeforeAnswer,
        FunctionFaultWord::Throttled => FunctionFault::Throttled,
        FunctionFaultWord::Hangs => FunctionFault::Hangs,
    };
    let guard = FunctionGuard { step, part: part.clone(), region: None, times: *times, fault };
    story.driver.sim.borrow_mut().faults.functions.push(guard);
}

fn lag(story: &mut Rehearsal, ms: i64) {
    tell(story, format!("*** the standby's database now lags by {ms} ms"));
    story.driver.sim.borrow_mut().model.database.lag_ms = ms;
}
