//! Following a run: what its machine does, line by line, until it has ended. Who stops following stops nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Args;
use mmdr_aws::{Aws, ExecutionTold, Moment, What};
use mmdr_core::ports::ExecutionStatus;
use mmdr_core::records::{self, Question};
use mmdr_core::{Kind, Outcome, Previous, Region, RunId, Time};
use mmdr_report::RunReport;
use serde_json::{Value, json};

use super::exits::{Done, Exit, Stop};
use super::office::{Office, Place};
use super::start::Begun;
use super::tell;

/// Between two looks at a run.
const LOOK: Duration = Duration::from_secs(2);
/// Looks in a row that nobody answers, until following is given up: ten minutes or more where nobody answers at all.
const SILENT_LOOKS: u32 = 60;
/// The task that waits for a person.
const WAITS: &str = "request-approval: wait";
/// Kinds that have a machine of their own name, each asked for a run of which only the name is known.
const MACHINES: [Kind; 6] =
    [Kind::Failover, Kind::Switchover, Kind::Reprotect, Kind::Protect, Kind::CheckReadiness, Kind::VerifyBackups];

/// What may be said of following.
#[derive(Args)]
pub(crate) struct Options {
    /// The run.
    run: String,
    /// Looks once: how it ended, or that it goes on (5), or that it asks for an approval (4).
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    place: Place,
}

/// What became of a run.
pub(crate) enum Followed {
    /// It has ended.
    Ended {
        /// How, as Step Functions knows it.
        told: Box<ExecutionTold>,
        /// Its report, where it came to write one.
        report: Option<Box<RunReport>>,
        /// What the last Task that failed said.
        failed: Option<String>,
    },
    /// It goes on, and nobody follows it.
    LetGo,
}

impl Followed {
    /// Why there is no report.
    pub(crate) fn why(&self) -> String {
        let Self::Ended { told, failed, .. } = self else { return "it goes on".into() };
        let mut text = format!("the run ended {}, and left no report", status(told.seen.status));
        if !told.error.is_empty() {
            text += &format!(": {} ({})", told.error, told.cause);
        }
        if let Some(failed) = failed {
            text += &format!("; the last that failed said: {failed}");
        }
        text
    }
}

/// `mmdr follow`.
pub(crate) async fn run(options: &Options) -> Done {
    let office = Office::open(&options.place).await?;
    office.ready().await?;
    let run = RunId(options.run.clone());
    let begun = find(&office, &run).await?;
    if options.no_wait {
        return look_once(&office, &begun).await;
    }
    let followed = follow(&office, &begun.region, &begun.execution).await?;
    tell::followed(&office, &begun, &followed)?;
    Ok(followed.exit())
}

/// The execution of a run, in whichever Region and machine it is.
async fn find(office: &Office, run: &RunId) -> Result<Begun, Stop> {
    let mut silent = None;
    for region in office.regions() {
        let ports = office.at(&region);
        for kind in MACHINES {
            let execution = ports.execution_arn(&region, kind, run);
            match ports.execution_told(&region, &execution).await {
                Ok(Some(told)) => {
                    // A detach runs in the machine of a failover.
                    let said = told.input.as_ref().and_then(|input| input.get("kind")?.as_str()?.parse().ok());
                    let (kind, run) = (said.unwrap_or(kind), run.clone());
                    return Ok(Begun { kind, region, run, execution });
                }
                Ok(None) => {}
                Err(error) => {
                    silent.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    Err(match silent {
        Some(why) => Stop::Failed(format!("{why}; where {run} runs is not known")),
        None => Stop::BadInput(format!("RUN: expected a run of either Region, found {:?}", run.0)),
    })
}

async fn look_once(office: &Office, begun: &Begun) -> Done {
    let ports = office.at(&begun.region);
    let told = ports.execution_told(&begun.region, &begun.execution).await?;
    let told = told.ok_or_else(|| Stop::Failed(format!("{} is gone", begun.execution)))?;
    let mut trail = Trail::default();
    trail.look(&ports, &begun.region, &begun.execution, false).await?;
    if told.seen.status != ExecutionStatus::Running {
        let followed = ended(&ports, &begun.region, told, trail.failed).await?;
        tell::followed(office, begun, &followed)?;
        return Ok(followed.exit());
    }
    let asks = trail.at == WAITS;
    let question = if asks { question(&ports, &begun.region, &begun.run).await } else { None };
    if office.json {
        let (kind, region, run) = (begun.kind, &begun.region, &begun.run);
        tell::json(&json!({"run": run, "kind": kind, "region": region, "execution": begun.execution,
            "status": told.seen.status, "state": trail.at, "question": question}))?;
    } else {
        let text = question.map_or_else(String::new, |question| format!("{}\n", question.text));
        tell::say(&format!("{} runs in {}: {}\n{text}", begun.run, begun.region, trail.at))?;
    }
    Ok(if asks { Exit::Asks } else { Exit::GoesOn })
}

/// Follows an execution to its end, or until Ctrl-C, whatever it waits for then.
pub(crate) async fn follow(office: &Office, region: &Region, execution: &str) -> Result<Followed, Stop> {
    let interrupted = async {
        // Where Ctrl-C cannot be heard, the process ends by it, and the run goes on all the same.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        followed = to_the_end(office, region, execution) => followed,
        () = interrupted => {
            tell::progress("not followed any further: the run goes on, nothing was stopped");
            Ok(Followed::LetGo)
        }
    }
}

async fn to_the_end(office: &Office, region: &Region, execution: &str) -> Result<Followed, Stop> {
    let ports = office.at(region);
    let mut trail = Trail::default();
    let mut silent = 0;
    loop {
        // First whether it has ended, then what happened: so that the end has its lines too.
        let told = ports.execution_told(region, execution).await;
        let looked = trail.look(&ports, region, execution, true).await;
        match (told, looked) {
            (Ok(Some(told)), Ok(())) if told.seen.status != ExecutionStatus::Running => {
                return ended(&ports, region, told, trail.failed).await;
            }
            (Ok(_), Ok(())) => silent = 0,
            (Err(error), _) | (_, Err(error)) => {
                silent += 1;
                if silent == 1 {
                    tell::progress(&format!("{error}; the run goes on, and is asked again"));
                }
                if silent == SILENT_LOOKS {
                    tell::progress("nobody answers; the run is not followed any further, and goes on");
                    return Ok(Followed::LetGo);
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn ended(ports: &Aws, region: &Region, told: ExecutionTold, failed: Option<String>) -> Result<Followed, Stop> {
    let run = &told.seen.name;
    let is_dry = told.input.as_ref().and_then(|input| input.get("dry_run")?.as_bool()).unwrap_or(false);
    let key = records::key_of(run, is_dry, records::REPORT);
    let report = records::read::<RunReport>(ports, region, &key).await;
    let report = report.map_err(|error| Stop::Failed(format!("the run has ended; its report: {error}")))?;
    Ok(Followed::Ended { told: Box::new(told), report: report.map(Box::new), failed })
}

/// What a run asks now.
pub(crate) async fn question(ports: &Aws, region: &Region, run: &RunId) -> Option<Question> {
    let key = records::key_of(run, false, records::QUESTION);
    records::read::<Question>(ports, region, &key).await.ok().flatten()
}

fn status(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Running => "not yet",
        ExecutionStatus::Succeeded => "well",
        ExecutionStatus::Failed => "failed",
        ExecutionStatus::TimedOut => "out of time",
        ExecutionStatus::Aborted => "stopped by a person",
    }
}

/// What was told of a run so far.
#[derive(Default)]
struct Trail {
    /// The last event that was seen.
    last: i64,
    /// The Task that was entered last.
    at: String,
    /// Tasks that a line was written for.
    entered: BTreeSet<String>,
    /// The last sentence of each Task.
    said: BTreeMap<String, String>,
    /// What the last Task that failed said.
    failed: Option<String>,
}

impl Trail {
    /// Sees what is new, and tells of it.
    async fn look(
        &mut self,
        ports: &Aws,
        region: &Region,
        execution: &str,
        aloud: bool,
    ) -> Result<(), mmdr_core::CallError> {
        for moment in ports.history(region, execution, self.last).await? {
            self.last = moment.id;
            let Some(line) = self.line(&moment) else { continue };
            if aloud {
                tell::progress(&line);
            }
            if aloud && self.at == WAITS && matches!(moment.what, What::Entered { .. }) {
                let run = RunId(execution.rsplit(':').next().unwrap_or_default().to_owned());
                let question = question(ports, region, &run).await;
                tell::progress(&question.map_or_else(|| "the run asks a person".into(), |it| it.text));
            }
        }
        Ok(())
    }

    /// One line for each state that is entered, and one for each new sentence of it; none for looking again.
    fn line(&mut self, moment: &Moment) -> Option<String> {
        let at = clock(moment.at);
        match &moment.what {
            What::Entered { state } => {
                self.at.clone_from(state);
                self.entered.insert(state.clone()).then(|| format!("{at}  {state}"))
            }
            What::Left { state, output } => {
                let previous = previous(output.as_ref()?)?;
                let sentence = format!("{}: {}", previous.outcome, previous.sentence);
                let known = self.said.insert(state.clone(), sentence.clone());
                let worth = !previous.sentence.is_empty() || previous.outcome != Outcome::Already;
                (worth && known.as_ref() != Some(&sentence)).then(|| format!("{at}    {sentence}"))
            }
            What::Failed { error, cause } => {
                let said = format!("{error}: {}", message(cause));
                self.failed = Some(said.clone());
                Some(format!("{at}    {said}"))
            }
        }
    }
}

/// The look in what a Task leaves.
fn previous(output: &Value) -> Option<Previous> {
    serde_json::from_value(output.get("previous")?.clone()).ok()
}

/// The sentence in what Lambda says of an error; else what is said.
fn message(cause: &str) -> String {
    let told: Option<Value> = serde_json::from_str(cause).ok();
    let sentence = told.as_ref().and_then(|told| told.get("errorMessage")?.as_str());
    sentence.unwrap_or(cause).to_owned()
}

/// The time of day, in UTC.
fn clock(at: Time) -> String {
    at.to_string().get(11..19).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(id: i64, what: What) -> Moment {
        Moment { id, at: Time(1_795_255_200_000), what }
    }

    #[test]
    fn looking_again_gives_a_line_only_where_there_is_something_new_to_say() {
        let (mut trail, state) = (Trail::default(), "switch-database: promote");
        let entered = moment(1, What::Entered { state: state.into() });
        let left = |sentence: &str| {
            let output = json!({"run": {}, "previous": {"step": "switch-database", "part": "promote", "outcome": "Wait",
                "code": "Moving", "sentence": sentence, "looks": 1, "first_look_at": 0, "look_again_s": 5}});
            moment(2, What::Left { state: state.into(), output: Some(output) })
        };
        assert_eq!(trail.line(&entered).as_deref(), Some("10:00:00  switch-database: promote"));
        assert_eq!(trail.line(&left("Aurora moves it")).as_deref(), Some("10:00:00    Wait: Aurora moves it"));
        assert_eq!(trail.line(&entered), None);
        assert_eq!(trail.line(&left("Aurora moves it")), None);
        assert_eq!(trail.line(&left("not yet")).as_deref(), Some("10:00:00    Wait: not yet"));
    }

    #[test]
    fn of_a_failure_the_functions_own_sentence_is_told() {
        let cause = r#"{"errorMessage":"to: expected this Region","errorType":"Dr.BadInput"}"#;
        let failed = moment(3, What::Failed { error: "Dr.BadInput".into(), cause: cause.into() });
        let line = Trail::default().line(&failed);
        assert_eq!(line.as_deref(), Some("10:00:00    Dr.BadInput: to: expected this Region"));
    }
}
