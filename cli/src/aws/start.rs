//! Starting runs: the same input that the console takes, checked by the same parser that opens the run, sent to the Region
//! in which the run belongs.

use clap::Args;
use mmdr_core::ports::{ExecutionWrites, LedgerReads, Started};
use mmdr_core::{Acceptance, Kind, Ledger, Payload, Region, RunId, RunLine, Whole, highest_settled, records};
use mmdr_report::RunReport;
use serde_json::{Map, Value};

use super::exits::{Done, Exit, Failure};
use super::follow::{self, Followed};
use super::office::{Office, Selector, now};
use super::tell;

/// Longest name of an execution (Step Functions API, StartExecution).
const NAME_CHARACTERS: usize = 80;

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
    let office = Office::open(&options.how.selector).await?;
    let to = office.region("--to", &options.to)?;
    let begun = begin(&office, &Start { kind, to, resumes: None, how: &options.how }).await?;
    told(&office, &begun, options.how.no_wait).await
}

/// `mmdr protect`, `reprotect`.
pub(crate) async fn cares(kind: Kind, options: &Care) -> Done {
    let office = Office::open(&options.how.selector).await?;
    let to = match &options.to {
        Some(text) => office.region("--to", text)?,
        None => writer(&office).await?,
    };
    let begun = begin(&office, &Start { kind, to, resumes: None, how: &options.how }).await?;
    told(&office, &begun, options.how.no_wait).await
}

/// `mmdr resume`.
pub(crate) async fn resume(options: &Resume) -> Done {
    let office = Office::open(&options.how.selector).await?;
    let resumes = RunId(options.resumes.clone());
    let (kind, to) = begun(&office, &resumes, options.how.dry_run).await?;
    let begun = begin(&office, &Start { kind, to, resumes: Some(&resumes), how: &options.how }).await?;
    told(&office, &begun, options.how.no_wait).await
}

/// Follows what was started, unless nobody waits for it.
async fn told(office: &Office, begun: &Begun, no_wait: bool) -> Done {
    if no_wait {
        tell::started(office, begun)?;
        return Ok(Exit::Well);
    }
    let followed = follow::follow(office, &begun.region, &begun.execution).await?;
    tell::followed(office, begun, &followed)?;
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
pub(crate) async fn begin(office: &Office, start: &Start<'_>) -> Result<Begun, Failure> {
    let run = name(start)?;
    let ports = office.at(&start.to);
    let (kind, region) = (start.kind, start.to.clone());
    let execution = ports.execution_arn(&region, kind, &run);
    let input = input(office, start);
    let place = mmdr_core::Place { own: region.clone(), deployment: office.deployment.clone(), now: now() };
    let (part, run_input) = (Whole.to_string(), input.clone());
    let payload = Payload { run: run_input, previous: None, part, execution: Some(execution.clone()), token: None };
    open_run::open(&payload, &place).map_err(|error| Failure::BadInput(error.to_string()))?;
    office.ready().await?;
    tell::progress(&format!("{kind} {run} is started in {region}"));
    match ports.start_execution(&region, kind, &run, &input).await {
        Ok(Started::New(execution)) => Ok(Begun { kind, region, run, execution }),
        // Nobody else has a name that was made up here: by a clock that is fast, this very start looks like an earlier one.
        Ok(Started::AlreadyExists) if start.how.run.is_none() => Ok(Begun { kind, region, run, execution }),
        Ok(Started::AlreadyExists) => {
            Err(Failure::BadInput(format!("--run: expected a name unused for 90 days, found {:?} in {region}", run.0)))
        }
        Err(error) if error.is_look_again() => Err(Failure::Failed(format!(
            "{error}; whether it was started is not known: mmdr follow {run} looks, and nothing is started twice"
        ))),
        Err(error) => Err(Failure::Failed(format!("{error}; nothing was started"))),
    }
}

/// The console's form.
fn input(office: &Office, start: &Start<'_>) -> Value {
    let How { reason, accepts, dry_run, .. } = start.how;
    let mut input = Map::new();
    input.insert("deployment".into(), office.deployment.name.clone().into());
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

fn name(start: &Start<'_>) -> Result<RunId, Failure> {
    let Some(name) = &start.how.run else { return Ok(named_now(start.kind.as_str())) };
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    if name.is_empty() || name.len() > NAME_CHARACTERS || !name.chars().all(plain) {
        let expected = format!("1 to {NAME_CHARACTERS} of A-Z, a-z, 0-9, - and _");
        return Err(Failure::BadInput(format!("--run: expected {expected}, found {name:?}")));
    }
    Ok(RunId(name.clone()))
}

/// A name of this second: `failover-20261121-100000`.
pub(crate) fn named_now(stem: &str) -> RunId {
    let at: String = now().to_string().chars().filter(char::is_ascii_digit).collect();
    let (date, time) = at.split_at_checked(8).unwrap_or((&at, ""));
    let room = NAME_CHARACTERS - date.len() - time.len() - 2;
    let stem: String = stem.chars().take(room).collect();
    RunId(format!("{stem}-{date}-{time}"))
}

/// The writer's Region, by the ledgers.
async fn writer(office: &Office) -> Result<Region, Failure> {
    office.ready().await?;
    let mut ledgers: Vec<Ledger> = Vec::new();
    for region in office.regions() {
        ledgers.extend(office.at(&region).ledger(&region).await.ok().flatten().map(|seen| seen.ledger));
    }
    let settled = highest_settled(&ledgers).map(|settled| settled.writer.clone());
    let unknown = "--to: expected the writer's Region, found nothing, and no readable ledger says who writes";
    settled.ok_or_else(|| Failure::BadInput(unknown.into()))
}

/// Kind and Region of a run that has begun: by the ledgers, which know the last ones, else by its report.
async fn begun(office: &Office, run: &RunId, dry_run: bool) -> Result<(Kind, Region), Failure> {
    office.ready().await?;
    let mut silent = None;
    for region in office.regions() {
        let ports = office.at(&region);
        let line = ports.ledger(&region).await.map(|seen| seen.and_then(|seen| line_of(seen.ledger.run?, run)));
        match line {
            Ok(Some(line)) => return Ok((line.kind, line.region)),
            Ok(None) => {}
            Err(error) => {
                silent.get_or_insert(error.to_string());
            }
        }
        let key = records::key_of(run, dry_run, records::REPORT);
        match records::read::<RunReport>(&ports, &region, &key).await {
            Ok(Some(report)) => return Ok((report.kind, report.to)),
            Ok(None) => {}
            Err(error) => {
                silent.get_or_insert(error.to_string());
            }
        }
    }
    Err(match silent {
        Some(why) => Failure::Failed(format!("{why}; where {run} ran is not known, and nothing was started")),
        None => Failure::BadInput(format!("RUN: expected a run that has begun in either Region, found {:?}", run.0)),
    })
}

/// The line of a run in a ledger's: its own, or the one that it took over.
fn line_of(line: RunLine, run: &RunId) -> Option<RunLine> {
    if line.id == *run { Some(line) } else { line_of(*line.pre_empted?, run) }
}
