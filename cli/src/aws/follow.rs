//! Following a run: what its machine does, line by line, until it has ended. Who stops following stops nothing.

use std::time::Duration;

use clap::Args;
use mmdr_aws::{Aws, ExecutionTold};
use mmdr_core::ports::ExecutionStatus;
use mmdr_core::records::{self, Question};
use mmdr_core::{Region, RunId};
use mmdr_report::RunReport;
use serde_json::json;

use super::connection::{Connection, Looked, Selector};
use super::exits::{Done, Exit, Failure};
use super::runs::MACHINES;
use super::start::Begun;
use super::trail::{Trail, WAITS};
use super::{forms, tell};

/// Between two looks at a run.
const LOOK: Duration = Duration::from_secs(2);
/// Looks in a row that nobody answers, until following is given up: ten minutes or more where nobody answers at all.
const SILENT_LOOKS: u32 = 60;
/// What may be said of following.
#[derive(Args)]
pub(crate) struct Options {
    /// The run.
    run: String,
    /// Looks once: how it ended, or that it goes on (5), or that it asks for an approval (4).
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    selector: Selector,
}

/// What became of a run.
pub(crate) enum Followed {
    /// It has ended.
    Ended {
        /// How, as Step Functions knows it.
        told: Box<ExecutionTold>,
        /// Its report, where it came to write one.
        report: Option<Box<RunReport>>,
        /// The newest sentence of any Task.
        newest: Option<String>,
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
    let run = forms::run("RUN", &options.run)?;
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let begun = find(&connection, &run).await?;
    if options.no_wait {
        return look_once(&connection, &begun).await;
    }
    let followed = follow(&connection, &begun.region, &begun.execution).await?;
    tell::followed(&connection, &begun, &followed)?;
    Ok(followed.exit())
}

/// The execution of a run, in whichever Region and machine it is.
async fn find(connection: &Connection, run: &RunId) -> Result<Begun, Failure> {
    let mut looked = Looked::default();
    for region in connection.regions() {
        let mut why = None;
        let ports = connection.at(&region);
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
                    why = Some(error.to_string());
                    break;
                }
            }
        }
        looked.note(&region, why);
    }
    if looked.all_answered() {
        return Err(Failure::BadInput(format!("RUN: expected a run of either Region, found {:?}", run.0)));
    }
    let why = looked.in_words(&run.0);
    Err(Failure::Failed(format!("{why}; where {run} runs is not known")))
}

async fn look_once(connection: &Connection, begun: &Begun) -> Done {
    let ports = connection.at(&begun.region);
    let told = ports.execution_told(&begun.region, &begun.execution).await?;
    let told = told.ok_or_else(|| Failure::Failed(format!("{} is gone", begun.execution)))?;
    let mut trail = Trail::default();
    trail.look(&ports, &begun.region, &begun.execution, false).await?;
    if told.seen.status != ExecutionStatus::Running {
        let followed = ended(&ports, &begun.region, told, trail).await?;
        tell::followed(connection, begun, &followed)?;
        return Ok(followed.exit());
    }
    let asks = trail.at == WAITS;
    let question = if asks { question(&ports, &begun.region, &begun.run).await } else { None };
    if connection.json {
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
pub(crate) async fn follow(connection: &Connection, region: &Region, execution: &str) -> Result<Followed, Failure> {
    let interrupted = async {
        // Where Ctrl-C cannot be heard, the process ends by it, and the run goes on all the same.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        followed = to_the_end(connection, region, execution) => followed,
        () = interrupted => {
            tell::progress("not followed any further: the run goes on, nothing was stopped");
            Ok(Followed::LetGo)
        }
    }
}

async fn to_the_end(connection: &Connection, region: &Region, execution: &str) -> Result<Followed, Failure> {
    let ports = connection.at(region);
    let mut trail = Trail::default();
    let mut silent = 0;
    loop {
        // First whether it has ended, then what happened: so that the end has its lines too.
        let told = ports.execution_told(region, execution).await;
        let looked = trail.look(&ports, region, execution, true).await;
        match (told, looked) {
            (Ok(Some(told)), Ok(())) if told.seen.status != ExecutionStatus::Running => {
                return ended(&ports, region, told, trail).await;
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

async fn ended(ports: &Aws, region: &Region, told: ExecutionTold, trail: Trail) -> Result<Followed, Failure> {
    let run = &told.seen.name;
    let is_dry = told.input.as_ref().and_then(|input| input.get("dry_run")?.as_bool()).unwrap_or(false);
    let key = records::key_of(run, is_dry, records::REPORT);
    let report = records::read::<RunReport>(ports, region, &key).await;
    let report = report.map_err(|error| Failure::Failed(format!("the run has ended; its report: {error}")))?;
    Ok(Followed::Ended {
        told: Box::new(told),
        report: report.map(Box::new),
        newest: trail.newest,
        failed: trail.failed,
    })
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
