//! A story from a seed: a world of random sizes, a move or two, and whatever can go wrong meanwhile.

use mmdr_core::{Acceptance, Kind, StepName, calls};
use mmdr_states::substitution_name;
use mmdr_world::driver::{Machines, pascal_case};
use mmdr_world::model::setup::{FencingKnob, Setup};
use mmdr_world::random::Random;
use mmdr_world::scenario::{Act, CallFaultWord, Entry, Expect, FormWord, FunctionFaultWord, HandWord, Scenario, Side};
use serde_json::{Value, json};

/// Seconds after which everything that was broken is whole again.
pub(crate) const HEALED_S: i64 = 40 * 60;
/// Seconds that a story goes on after that, unless it is quiet before.
const AFTERWARDS_S: i64 = 150 * 60;
/// Minutes after the healing at which a person reads the notices and does what they ask for.
const TENDED_MINUTES: [i64; 8] = [4, 9, 15, 25, 40, 60, 85, 110];

/// The story of a seed.
pub(crate) fn story(seed: u64, machines: &Machines) -> Scenario {
    let mut random = Random::seeded(seed);
    let deployment = deployment(&mut random);
    let (setup, policy) = (setup(&mut random), policy(&mut random, &deployment));
    let may_detach = deployment["database"]["node_endpoint"].is_null();
    let mut story = Story { random, entries: Vec::new() };
    story.moves();
    story.outages();
    story.people(may_detach);
    story.faults(machines);
    story.heal();
    story.afterwards();
    Scenario {
        name: format!("random-moves-{seed}"),
        title: "Random moves".into(),
        story: "Whatever a seed brings, then everything heals.".into(),
        minutes: (HEALED_S + AFTERWARDS_S) / 60,
        setup,
        policy,
        deployment,
        then: story.entries,
        expect: Expect::default(),
    }
}

fn setup(random: &mut Random) -> Setup {
    let fencing = [FencingKnob::Blocked, FencingKnob::Blocked, FencingKnob::TimedOut, FencingKnob::Silent];
    let snapshot_minute = random.between(0, 59);
    Setup {
        people: random.between(20, 60) as u32,
        message_every_s: random.between(30, 90) as u32,
        daily_indices: random.between(5, 30) as u32,
        database_lag_ms: random.between(100, 3_000),
        switchover_s: random.between(30, 120),
        failover_s: random.between(40, 180),
        late_writer_flag_s: random.between(0, 30),
        replication_setup_s: random.between(30, 200),
        fencing: *pick(random, &fencing),
        lost_writes_snapshot: random.chance(800),
        lost_writes_snapshot_late_s: if random.chance(200) { random.between(10, 600) } else { 0 },
        returned_region_shows_past_s: random.between(0, 240),
        file_replication_s: random.between(2, 30),
        file_metrics_when_idle: random.chance(500),
        search_tail_ms: random.between(1_000, 15_000),
        search_snapshot_minutes: [snapshot_minute, (snapshot_minute + random.between(1, 59)) % 60],
        search_snapshot_s: random.between(20, 90),
        search_connection_s: random.between(20, 120),
        search_inbound_late_s: random.between(0, 40),
        dark_region_refuses: random.chance(300),
        dns_evaluation_s: random.between(10, 60),
        dns_overstay_s: if random.chance(200) { random.between(10, 120) } else { 0 },
        standby_nodes_loop: random.chance(150),
        pre_start_check: random.chance(950),
        power_loss: random.chance(300),
        deregistration_delay_s: random.between(5, 60),
        health_check_s: random.between(5, 20),
        ..Setup::default()
    }
}

fn deployment(random: &mut Random) -> Value {
    let mut document = json!({ "database": {}, "mattermost": {}, "witnesses": {} });
    if random.chance(200) {
        document["database"]["node_endpoint"] = "global-writer".into();
    }
    if random.chance(200) {
        document["mattermost"]["dedicated_job_server"] = true.into();
        document["mattermost"]["job_server"] = "mattermost/jobs".into();
    }
    if random.chance(600) {
        document["witnesses"]["third_region"] = "eu-west-1".into();
    }
    document
}

fn policy(random: &mut Random, deployment: &Value) -> Value {
    let third = deployment["witnesses"]["third_region"].is_string();
    // Nobody may be left unasked where two vantages cannot agree; the document's own check says so.
    let approvals = if third { &["always", "machine-started", "never"][..] } else { &["always"][..] };
    json!({
        "approval": pick(random, approvals),
        "approval_timeout_s": random.between(600, 3_600),
        "machine_may_start_failover": random.chance(900),
        "anti_flap_s": random.between(600, 3_600),
        "ask_again_s": random.between(300, 900),
        "loss_limit_s": random.between(60, 900),
    })
}

fn pick<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.between(0, all.len() as i64 - 1) as usize]
}

/// Breaks something, or mends it again.
type Break = fn(bool) -> Act;

struct Story {
    random: Random,
    entries: Vec<Entry>,
}

impl Story {
    fn at(&mut self, at_s: i64, act: Act) {
        self.entries.push(Entry { after: None, at_s, act });
    }

    /// Some time before everything heals.
    fn moment(&mut self) -> i64 {
        self.random.between(60, HEALED_S - 300)
    }

    fn side(&mut self) -> Side {
        if self.random.chance(500) { Side::Home } else { Side::Away }
    }

    /// What the story is about.
    fn moves(&mut self) {
        let at = self.random.between(60, 600);
        match self.random.between(0, 9) {
            0..4 => {
                let until = at + self.random.between(120, HEALED_S);
                self.outage(at, until, |dark| region_dark(Side::Home, dark));
            }
            4..8 => self.start(at, Kind::Switchover, Side::Away, &[]),
            8 => self.start(at, Kind::Failover, Side::Away, &[Acceptance::Diagnosis, Acceptance::UnknownLoss]),
            _ => {}
        }
        if self.random.chance(250) {
            let (at, to) = (self.moment(), self.side());
            let kinds = [
                Kind::Switchover,
                Kind::Switchover,
                Kind::Failover,
                Kind::Protect,
                Kind::CheckReadiness,
                Kind::Reprotect,
                Kind::VerifyBackups,
            ];
            let kind = *pick(&mut self.random, &kinds);
            self.start(at, kind, to, &[Acceptance::Diagnosis, Acceptance::UnknownLoss, Acceptance::Hold]);
        }
    }

    fn start(&mut self, at_s: i64, kind: Kind, to: Side, accepts: &[Acceptance]) {
        let start = Act::Start {
            kind,
            to,
            console: self.random.chance(50).then(|| if to == Side::Home { Side::Away } else { Side::Home }),
            reason: "by the seed".into(),
            by: None,
            dry_run: self.random.chance(80),
            accepts: accepts.to_vec(),
            resumes_last: self.random.chance(50),
        };
        if self.random.chance(100) {
            // Somebody else has the same idea.
            let later = at_s + self.random.between(0, 5);
            self.at(later, start.clone());
        }
        self.at(at_s, start);
    }

    /// From one time to another something does not work; what lasts longer is mended when everything heals.
    fn outage(&mut self, from_s: i64, until_s: i64, act: impl Fn(bool) -> Act) {
        let jitter = self.random.between(0, 30);
        self.at(from_s, act(true));
        self.at(until_s.min(HEALED_S - jitter), act(false));
    }

    /// Each thing breaks once at most, so that what is mended was broken.
    fn outages(&mut self) {
        let breaks: [(u64, Break); 8] = [
            (60, |on| region_dark(Side::Away, on)),
            (120, |on| if on { Act::Partition } else { Act::Heal }),
            (60, |on| cut_off(Side::Home, on)),
            (40, |on| cut_off(Side::Away, on)),
            (
                80,
                |on| if on { Act::DatabaseDown { region: Side::Home } } else { Act::DatabaseUp { region: Side::Home } },
            ),
            (80, |on| application_down(Side::Home, on)),
            (40, |on| application_down(Side::Away, on)),
            (60, |on| if on { Act::ControlPlanesDown } else { Act::ControlPlanesUp }),
        ];
        for (chance, act) in breaks {
            if self.random.chance(chance) {
                let from = self.moment();
                let until = from + self.random.between(20, 1_200);
                self.outage(from, until, act);
            }
        }
    }

    /// What people do beside starting moves: they answer, hold, stop, resume, and move things by hand.
    ///
    /// With the global writer endpoint nobody detaches: that name goes on leading to the lost Region.
    fn people(&mut self, may_detach: bool) {
        for minute in 2..HEALED_S / 60 {
            if self.random.chance(350) {
                let decision = if self.random.chance(850) { "grant" } else { "deny" };
                self.at(minute * 60, Act::Answer { decision: decision.into(), reason: "by the seed".into() });
            }
        }
        if self.random.chance(60) {
            let from = self.moment();
            let until = from + self.random.between(60, 1_200);
            self.outage(from, until, |on| Act::Hold { on, reason: "maintenance".into() });
        }
        if self.random.chance(80) {
            let at = self.moment();
            let kind = *pick(&mut self.random, &[Kind::Failover, Kind::Switchover, Kind::Reprotect]);
            self.at(at, Act::StopExecution { kind });
        }
        if self.random.chance(20) {
            let (at, to) = (self.moment(), self.side());
            let how = *pick(&mut self.random, &[HandWord::Switchover, HandWord::Failover]);
            self.at(at, Act::MoveByHand { to, how });
        }
        if self.random.chance(60) {
            // Somebody believes that a Region writes, and is right or wrong about it.
            let (at, to) = (self.moment(), self.side());
            self.start(at, Kind::Failover, to, &[Acceptance::Finish, Acceptance::Hold]);
        }
        if may_detach && self.random.chance(30) {
            let at = self.moment();
            self.start(at, Kind::Detach, Side::Away, &[Acceptance::Diagnosis, Acceptance::UnknownLoss]);
        }
        if self.random.chance(150) {
            let (at, region) = (self.moment(), self.side());
            let forms = vec![FormWord::Direct, FormWord::EventBridge, FormWord::Sns];
            self.at(at, Act::Alarm { region, forms });
        }
        if self.random.chance(50) {
            let (at, count) = (self.moment(), self.random.between(1, 4) as u32);
            self.at(at, Act::FilesFail { region: Side::Home, count });
        }
        if self.random.chance(50) {
            let at = self.moment();
            self.at(at, Act::SwitchoverWillFail);
        }
        if self.random.chance(60) {
            let (at, ms) = (self.moment(), self.random.between(100, 90_000));
            self.at(at, Act::LagBecomes { ms });
        }
        if self.random.chance(60) {
            let (at, region, ms) = (self.moment(), self.side(), self.random.between(-3_000, 3_000));
            self.at(at, Act::ClockSkew { region, ms });
        }
    }

    /// Calls and functions that go wrong, a bounded number of times.
    fn faults(&mut self, machines: &Machines) {
        let words = [
            CallFaultWord::Throttle,
            CallFaultWord::Slow,
            CallFaultWord::BlackHole,
            CallFaultWord::AnswerLost,
            CallFaultWord::ServerError,
        ];
        for _ in 0..self.random.between(0, 3) {
            let method = pick(&mut self.random, calls::ALL).method;
            let whole_port = self.random.chance(200);
            let prefix = method.split_once('.').map_or(method, |(port, _)| port);
            let fault = *pick(&mut self.random, &words);
            let act = Act::CallFault {
                method: if whole_port { format!("{prefix}.") } else { method.to_owned() },
                region: if self.random.chance(500) { Some(self.side()) } else { None },
                every: self.random.between(1, 3) as u32,
                times: self.random.between(1, 12) as u32,
                fault,
                ms: if fault == CallFaultWord::Slow { self.random.between(100, 20_000) } else { 0 },
            };
            let at = self.moment();
            self.at(at, act);
        }
        let work = work(machines);
        let words = [
            FunctionFaultWord::CrashBefore,
            FunctionFaultWord::CrashAfter,
            FunctionFaultWord::CrashBeforeChange,
            FunctionFaultWord::CrashAfterChange,
            FunctionFaultWord::Twice,
            FunctionFaultWord::KilledBeforeAnswer,
            FunctionFaultWord::Throttled,
            FunctionFaultWord::Hangs,
        ];
        for _ in 0..self.random.between(0, 3) {
            let (step, part) = pick(&mut self.random, &work).clone();
            let act = Act::FunctionFault {
                step,
                part: Some(part),
                times: self.random.between(1, 3) as u32,
                fault: *pick(&mut self.random, &words),
                call: self.random.between(1, 6) as u32,
            };
            let at = self.random.between(0, HEALED_S - 300);
            self.at(at, act);
        }
    }

    /// Everything works again. Outages have ended by themselves by now.
    fn heal(&mut self) {
        let lag = self.random.between(100, 1_000);
        let healing = [
            Act::FaultsEnd,
            Act::LagBecomes { ms: lag },
            Act::ClockSkew { region: Side::Home, ms: 0 },
            Act::ClockSkew { region: Side::Away, ms: 0 },
        ];
        healing.into_iter().for_each(|act| self.at(HEALED_S, act));
    }

    /// People are awake now: they answer what is asked, and do what the notices ask for.
    fn afterwards(&mut self) {
        for minute in (1..120).step_by(2) {
            let answer = Act::Answer { decision: "grant".into(), reason: "everything works again".into() };
            self.at(HEALED_S + minute * 60, answer);
        }
        TENDED_MINUTES.into_iter().for_each(|minute| self.at(HEALED_S + minute * 60, Act::Tend));
    }
}

fn region_dark(region: Side, dark: bool) -> Act {
    if dark { Act::RegionDark { region } } else { Act::RegionBack { region } }
}

fn cut_off(region: Side, cut: bool) -> Act {
    if cut { Act::CutOff { region } } else { Act::Reconnect { region } }
}

fn application_down(region: Side, down: bool) -> Act {
    if down { Act::ApplicationDown { region } } else { Act::ApplicationUp { region } }
}

/// Every step with every part that is called anywhere.
fn work(machines: &Machines) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        ["start-move", "reconcile", "keep-fenced"].map(|step| (step.into(), "whole".into())).into();
    for task in machines.values().flat_map(|machine| machine.tasks()) {
        let function = substitution_name(&task.function);
        let step = StepName::ALL.iter().find(|step| function == format!("{}FunctionArn", pascal_case(**step)));
        let (Some(step), Some(part)) = (step, task.part) else { continue };
        let work = (step.to_string(), part.to_string());
        if !all.contains(&work) {
            all.push(work);
        }
    }
    all
}
