//! Starting runs: the same input that the console takes, checked by the same parser that opens the run, sent to the Region
//! in which the run belongs.

use clap::Args;
use mmdr_core::ports::{ExecutionWrites, LedgerReads, Started};
use mmdr_core::{
    Acceptance, Kind, Ledger, Payload, Region, RunId, RunLine, StepError, Whole, highest_settled, records,
};
use mmdr_report::RunReport;
use serde_json::{Map, Value};

use super::connection::{Connection, Looked, Selector, now};
use super::exits::{Done, Exit, Failure};
use super::follow::{self, Followed};
use super::{forms, tell};

/// How a run is started.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct How {
    /// Why, in a few words: required for a move, and with --accept.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// What is accepted by name: hold, diagnosis, unknown-loss, lag, finish. May be given several times.
    #[arg(long = "accept", value_name = "WHAT", value_parser = |text: &str| text.parse::<Acceptance>())]
    accepts: Vec<Acceptance>,
    /// Looks and decides the whole way, and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// The name of the run, unused for 90 days; made up where nothing is said.
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// Starts, and does not wait for the end.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    selector: Selector,
}

/// What may be said of a move.
#[derive(Args)]
pub(crate) struct Move {
    /// The Region that is to be the writer; the run runs there.
    #[arg(long, value_name = "REGION")]
    to: String,
    #[command(flatten)]
    how: How,
}

/// What may be said of protect and reprotect.
#[derive(Args)]
pub(crate) struct Care {
    /// The writer's Region, where the run runs; what the ledgers say where nothing is said.
    #[arg(long, value_name = "REGION")]
    to: Option<String>,
    #[command(flatten)]
    how: How,
}

/// What may be said of a resume.
#[derive(Args)]
pub(crate) struct Resume {
    /// The run that is taken over.
    resumes: String,
    #[command(flatten)]
    how: How,
}

/// One start, not yet checked.
pub(crate) struct Start<'a> {
    /// What to do.
    pub(crate) kind: Kind,
    /// Where.
    pub(crate) to: Region,
    /// The run that is taken over.
    pub(crate) resumes: Option<&'a RunId>,
    /// The rest.
    pub(crate) how: &'a How,
}

/// A run that was started.
pub(crate) struct Begun {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its Region.
    pub(crate) region: Region,
    /// Its name.
    pub(crate) run: RunId,
    /// Its execution's ARN.
    pub(crate) execution: String,
}

/// `mmdr switchover`, `failover`, `detach`.
pub(crate) async fn moves(kind: Kind, options: &Move) -> Done {
    named(&options.how)?;
    let connection = Connection::open(&options.how.selector).await?;
    let to = connection.region("--to", &options.to)?;
    let begun = begin(&connection, &Start { kind, to, resumes: None, how: &options.how }).await?;
    told(&connection, &begun, options.how.no_wait).await
}

/// `mmdr protect`, `reprotect`.
pub(crate) async fn cares(kind: Kind, options: &Care) -> Done {
    named(&options.how)?;
    let connection = Connection::open(&options.how.selector).await?;
    let to = match &options.to {
        Some(text) => connection.region("--to", text)?,
        None => writer(&connection).await?,
    };
    let begun = begin(&connection, &Start { kind, to, resumes: None, how: &options.how }).await?;
    told(&connection, &begun, options.how.no_wait).await
}

/// `mmdr resume`.
pub(crate) async fn resume(options: &Resume) -> Done {
    let resumes = forms::run("RUN", &options.resumes)?;
    named(&options.how)?;
    let connection = Connection::open(&options.how.selector).await?;
    let (kind, to) = begun(&connection, &resumes, options.how.dry_run).await?;
    let begun = begin(&connection, &Start { kind, to, resumes: Some(&resumes), how: &options.how }).await?;
    told(&connection, &begun, options.how.no_wait).await
}

/// Follows what was started, unless nobody waits for it.
async fn told(connection: &Connection, begun: &Begun, no_wait: bool) -> Done {
    if no_wait {
        tell::started(connection, begun)?;
        return Ok(Exit::Well);
    }
    let followed = follow::follow(connection, &begun.region, &begun.execution).await?;
    tell::followed(connection, begun, &followed)?;
    Ok(followed.exit())
}

impl Followed {
    /// The exit code that says how the run ended.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::LetGo => Exit::GoesOn,
            Self::Ended { report: Some(report), .. } => Exit::of(report),
            Self::Ended { report: None, .. } => Exit::Failed,
        }
    }
}

/// Starts a run. What does not fit is refused here, in the words in which open-run would refuse it.
pub(crate) async fn begin(connection: &Connection, start: &Start<'_>) -> Result<Begun, Failure> {
    let run = named(start.how)?.unwrap_or_else(|| named_now(start.kind.as_str()));
    let ports = connection.at(&start.to);
    let (kind, region) = (start.kind, start.to.clone());
    let execution = ports.execution_arn(&region, kind, &run);
    let input = input(connection, start);
    let place = mmdr_core::Place { own: region.clone(), deployment: connection.deployment.clone(), now: now() };
    let (part, run_input) = (Whole.to_string(), input.clone());
    let payload = Payload { run: run_input, previous: None, part, execution: Some(execution.clone()), token: None };
    open_run::open(&payload, &place).map_err(|error| Failure::BadInput(error.to_string()))?;
    connection.ready().await?;
    tell::progress(&format!("starting {kind} {run} in {region}"));
    match ports.start_execution(&region, kind, &run, &input).await {
        Ok(Started::New(execution)) => Ok(begun_now(kind, region, run, execution)),
        // Nobody else has a name that was made up here: by a clock that is fast, this very start looks like an earlier one.
        Ok(Started::AlreadyExists) if start.how.run.is_none() => Ok(begun_now(kind, region, run, execution)),
        Ok(Started::AlreadyExists) => {
            Err(Failure::BadInput(format!("--run: expected a name unused for 90 days, found {:?} in {region}", run.0)))
        }
        Err(error) if error.is_look_again() => {
            let follow = connection.propose(&format!("follow {run}"));
            let unknown =
                format!("{error}; whether it was started is not known: {follow} looks, and nothing is started twice");
            Err(Failure::Failed(unknown))
        }
        Err(error) => Err(Failure::Failed(format!("{error}; nothing was started"))),
    }
}

/// Only what Step Functions has answered is said to be started.
fn begun_now(kind: Kind, region: Region, run: RunId, execution: String) -> Begun {
    tell::progress(&format!("{kind} {run} is started in {region}"));
    Begun { kind, region, run, execution }
}

/// The console's form.
fn input(connection: &Connection, start: &Start<'_>) -> Value {
    let How { reason, accepts, dry_run, .. } = start.how;
    let mut input = Map::new();
    input.insert("deployment".into(), connection.deployment.name.clone().into());
    input.insert("kind".into(), start.kind.as_str().into());
    input.insert("to".into(), start.to.as_str().into());
    if !reason.trim().is_empty() {
        input.insert("reason".into(), reason.trim().into());
    }
    if *dry_run {
        input.insert("dry_run".into(), true.into());
    }
    if let Some(resumes) = start.resumes {
        input.insert("resumes".into(), resumes.0.clone().into());
    }
    if !accepts.is_empty() {
        input.insert("accepts".into(), accepts.iter().map(|it| it.as_str()).collect());
    }
    Value::Object(input)
}

/// The name that a person gives the run, where one is given.
fn named(how: &How) -> Result<Option<RunId>, Failure> {
    how.run.as_deref().map(|name| forms::run("--run", name)).transpose()
}

/// A name of this second: `failover-20261121-100000`.
pub(crate) fn named_now(stem: &str) -> RunId {
    let at: String = now().to_string().chars().filter(char::is_ascii_digit).collect();
    let (date, time) = at.split_at_checked(8).unwrap_or((&at, ""));
    let room = forms::NAME_CHARACTERS - date.len() - time.len() - 2;
    let stem: String = stem.chars().take(room).collect();
    RunId(format!("{stem}-{date}-{time}"))
}

/// The writer's Region, by the ledgers.
async fn writer(connection: &Connection) -> Result<Region, Failure> {
    connection.ready().await?;
    let (mut ledgers, mut silent): (Vec<Ledger>, Vec<String>) = (Vec::new(), Vec::new());
    for region in connection.regions() {
        match connection.at(&region).ledger(&region).await {
            Ok(seen) => ledgers.extend(seen.map(|seen| seen.ledger)),
            Err(error) => silent.push(error.to_string()),
        }
    }
    if let Some(settled) = highest_settled(&ledgers) {
        return Ok(settled.writer.clone());
    }
    if silent.is_empty() {
        let unknown = "--to: expected the writer's Region, found nothing, and no readable ledger says who writes";
        return Err(Failure::BadInput(unknown.into()));
    }
    let why = silent.join("; ");
    let unknown = "no readable ledger says who writes, and nothing was started; name the Region with --to";
    Err(Failure::Failed(format!("{why}; {unknown}")))
}

/// Kind and Region of a run that has begun: by the ledgers, which know the last ones, else by its report.
async fn begun(connection: &Connection, run: &RunId, dry_run: bool) -> Result<(Kind, Region), Failure> {
    connection.ready().await?;
    let mut looked = Looked::default();
    for region in connection.regions() {
        let mut why = None;
        let ports = connection.at(&region);
        let line = ports.ledger(&region).await.map(|seen| seen.and_then(|seen| line_of(seen.ledger.run?, run)));
        match line {
            Ok(Some(line)) => return Ok((line.kind, line.region)),
            Ok(None) => {}
            Err(error) => why = Some(error.to_string()),
        }
        let key = records::key_of(run, dry_run, records::REPORT);
        match records::read::<RunReport>(&ports, &region, &key).await {
            Ok(Some(report)) => return Ok((report.kind, report.to)),
            Ok(None) => {}
            // A report that is there and not understood names no Region by itself.
            Err(StepError::ReadFailed(error)) => {
                why.get_or_insert(error.to_string());
            }
            Err(error) => {
                why.get_or_insert(format!("{error} in {region}"));
            }
        }
        looked.note(&region, why);
    }
    if looked.all_answered() {
        let found = &run.0;
        return Err(Failure::BadInput(format!("RUN: expected a run that has begun in either Region, found {found:?}")));
    }
    let why = looked.in_words(&run.0);
    Err(Failure::Failed(format!("{why}; where {run} ran is not known, and nothing was started")))
}

/// The line of a run in a ledger's: its own, or the one that it took over.
fn line_of(line: RunLine, run: &RunId) -> Option<RunLine> {
    if line.id == *run { Some(line) } else { line_of(*line.pre_empted?, run) }
}
