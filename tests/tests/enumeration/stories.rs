//! The stories in which every Task of every machine occurs.

use mmdr_core::StepName;
use mmdr_world::scenario::{Act, Entry, FunctionFaultWord, Scenario};

use crate::blows::Blow;
use crate::tasks::Work;

/// A story in which a machine runs, undisturbed.
#[derive(Debug)]
pub(crate) struct Story {
    /// Its name, as the test that tells it is called.
    pub(crate) name: &'static str,
    /// The machine whose Tasks are broken in it.
    pub(crate) machine: &'static str,
    /// From when on a Task may be broken: the runs before are another machine's, or another run of this one.
    from: Moment,
    /// Tasks that another run of the story has, too, until a later moment.
    but: &'static [(StepName, Moment)],
    /// A decision that a person gives each minute, if anything is asked, from one minute to another.
    answers: Option<(&'static str, i64, i64)>,
    text: &'static str,
}

/// The end of the first run of a kind, or the beginning of the story.
type Moment = Option<&'static str>;

const BEGINNING: Moment = None;

/// Every story.
pub(crate) const STORIES: [Story; 12] = [
    Story {
        name: "failover_that_asks_nobody",
        machine: "failover",
        from: BEGINNING,
        but: &[],
        answers: None,
        text: r#"
            title = "The writer Region goes dark; policy asks nobody"
            story = "The writer Region goes dark; policy asks nobody."
            minutes = 60
            policy = { approval = "never", loss_limit_s = 900 }
            deployment = { witnesses = { third_region = "eu-west-1" } }
            then = [{ at = "1:00", do = "region-dark", region = "home" }]
        "#,
    },
    Story {
        name: "failover_that_a_person_approves",
        machine: "failover",
        from: BEGINNING,
        but: &[],
        answers: Some(("grant", 3, 20)),
        text: r#"
            title = "The writer Region goes dark; a person approves"
            story = "The writer Region goes dark; a person approves."
            minutes = 60
            then = [{ at = "1:00", do = "region-dark", region = "home" }]
        "#,
    },
    Story {
        name: "failover_that_a_person_denies",
        machine: "failover",
        from: BEGINNING,
        but: &[],
        answers: Some(("deny", 3, 10)),
        text: r#"
            title = "The writer Region goes dark; a person denies"
            story = "The writer Region goes dark; a person denies."
            minutes = 16
            then = [{ at = "1:00", do = "region-dark", region = "home" }]
        "#,
    },
    Story {
        name: "detach",
        machine: "failover",
        from: BEGINNING,
        but: &[],
        answers: Some(("grant", 6, 20)),
        text: r#"
            title = "The writer Region goes dark; machines may not start, and a person detaches"
            story = "The writer Region goes dark; machines may not start, and a person detaches."
            minutes = 60
            policy = { machine_may_start_failover = false }
            then = [
                { at = "1:00", do = "region-dark", region = "home" },
                { at = "5:30", do = "start", kind = "detach", to = "away", reason = "the managed way is refused", accepts = ["unknown-loss"] },
            ]
        "#,
    },
    Story {
        name: "switchover",
        machine: "switchover",
        from: BEGINNING,
        but: &[(StepName::CloseRun, Some("failover"))],
        answers: None,
        text: r#"
            title = "A planned move"
            story = "A planned move."
            minutes = 90
            then = [{ at = "2:00", do = "start", kind = "switchover", to = "away", reason = "patching home" }]
        "#,
    },
    Story {
        name: "switchover_that_is_called_off",
        machine: "switchover",
        from: BEGINNING,
        but: &[],
        answers: None,
        text: r#"
            title = "The standby falls behind while a planned move waits for it"
            story = "The standby falls behind while a planned move waits for it."
            minutes = 60
            then = [
                { at = "2:00", do = "start", kind = "switchover", to = "away", reason = "patching home" },
                { at = "2:30", do = "lag-becomes", ms = 60000 },
            ]
        "#,
    },
    Story {
        name: "switchover_that_aws_gives_up",
        machine: "switchover",
        from: BEGINNING,
        but: &[(StepName::CloseRun, Some("failover"))],
        answers: None,
        text: r#"
            title = "Aurora gives a planned move up"
            story = "Aurora gives a planned move up."
            minutes = 60
            then = [
                { at = "1:00", do = "switchover-will-fail" },
                { at = "2:00", do = "start", kind = "switchover", to = "away", reason = "patching home" },
            ]
        "#,
    },
    Story {
        name: "reprotect",
        machine: "reprotect",
        from: Some("failover"),
        but: &[],
        answers: Some(("grant", 3, 50)),
        text: r#"
            title = "The lost Region returns, and protection is rebuilt"
            story = "The lost Region returns, and protection is rebuilt."
            minutes = 120
            then = [
                { at = "1:00", do = "region-dark", region = "home" },
                { at = "2:00", after = "failover", do = "region-back", region = "home" },
            ]
        "#,
    },
    Story {
        name: "protect",
        machine: "protect",
        from: BEGINNING,
        but: &[],
        answers: None,
        text: r#"
            title = "Protection is set up"
            story = "Protection is set up."
            setup = { protected = false }
            then = [{ at = "1:00", do = "start", kind = "protect", to = "home", reason = "first installation" }]
        "#,
    },
    Story {
        name: "answer_approval",
        machine: "answer-approval",
        from: BEGINNING,
        but: &[],
        answers: Some(("grant", 8, 8)),
        text: r#"
            title = "A person answers, once"
            story = "A person answers, once."
            minutes = 60
            then = [{ at = "1:00", do = "region-dark", region = "home" }]
        "#,
    },
    Story {
        name: "verify_backups",
        machine: "verify-backups",
        from: BEGINNING,
        but: &[],
        answers: None,
        text: r#"
            title = "Recovery points are verified"
            story = "Recovery points are verified."
            then = [{ at = "1:00", do = "start", kind = "verify-backups", to = "home", reason = "daily" }]
        "#,
    },
    Story {
        name: "check_readiness",
        machine: "check-readiness",
        from: BEGINNING,
        but: &[],
        answers: None,
        text: r#"
            title = "Readiness is checked"
            story = "Readiness is checked."
            then = [{ at = "1:00", do = "start", kind = "check-readiness", to = "away", reason = "daily" }]
        "#,
    },
];

/// How many people live in a story: enough to notice that something is lost.
const PEOPLE: u32 = 20;

impl Story {
    /// The story, with a blow to a piece of its work, or without.
    pub(crate) fn scenario(&self, blow: Option<(&Work, Blow)>) -> Scenario {
        let mut scenario = Scenario::from_toml(self.name, self.text).unwrap_or_else(|why| panic!("{why}"));
        scenario.setup.people = PEOPLE;
        // So few people upload nothing for minutes; what the metrics say in such a minute is not looked for here.
        scenario.setup.file_metrics_when_idle = true;
        if let Some((decision, from, to)) = self.answers {
            let answer = || Act::Answer { decision: decision.into(), reason: "by the incident commander".into() };
            scenario.then.extend((from..=to).map(|minute| Entry { after: None, at_s: minute * 60, act: answer() }));
        }
        if let Some((work, blow)) = blow {
            scenario.then.push(self.entry(work, blow.fault, blow.times, 1));
        }
        scenario
    }

    /// The story with an eye on each piece of work: a guard whose function would die at a call that it never makes.
    pub(crate) fn watched(&self, all: &[Work]) -> Scenario {
        const NEVER: u32 = u32::MAX;
        let mut scenario = self.scenario(None);
        scenario.then.extend(all.iter().map(|work| self.entry(work, FunctionFaultWord::CrashBefore, 1, NEVER)));
        scenario
    }

    fn entry(&self, work: &Work, fault: FunctionFaultWord, times: u32, call: u32) -> Entry {
        let later = self.but.iter().find(|(step, _)| *step == work.step).map(|(_, moment)| *moment);
        let after = later.unwrap_or(self.from).map(|kind| (kind.to_owned(), 1));
        let act = Act::FunctionFault { step: work.step.to_string(), part: Some(work.part.clone()), times, fault, call };
        Entry { after, at_s: 0, act }
    }
}
