//! `mmdr node start`, `stop` and `pre-start`: a node obeys nobody whose epoch is over, and starts nothing in a Region that
//! may not write.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mmdr_core::Epoch;
use mmdr_core::ports::JobFlags;
use mmdr_fence::{FenceView, MayRun, may_run, may_start};

use super::look::{look, superseded_by};
use super::settings::{Here, Node, Settings};
use super::unit::Unit;
use crate::aws::{Done, Exit, Failure, now};
use crate::input;

/// The file that the unit reads at each start, as `EnvironmentFile=`.
const FLAGS_FILE: &str = "/etc/mattermost-dr/job-flags.env";

/// What a start is told.
#[derive(Args)]
pub(crate) struct Start {
    /// The run's epoch.
    #[arg(long, value_name = "NUMBER")]
    epoch: u64,
    #[command(flatten)]
    node: Node,
}

/// What a stop is told.
#[derive(Args)]
pub(crate) struct Stop {
    /// The run's epoch.
    #[arg(long, value_name = "NUMBER")]
    epoch: u64,
    /// Stops only if this node itself finds that another Region writes.
    #[arg(long)]
    fence_check: bool,
    #[command(flatten)]
    node: Node,
}

/// What a unit asks before it starts.
#[derive(Args)]
pub(crate) struct PreStart {
    #[command(flatten)]
    node: Node,
}

/// `mmdr node start`.
pub(crate) async fn start(options: &Start) -> Done {
    let (settings, epoch) = (Settings::read(&options.node)?, Epoch(options.epoch));
    let here = settings.here(None).await?;
    let view = look(&here, now()).await;
    not_superseded("started", &view, epoch)?;
    allowed(&view)?;
    let flags = flags_for(&here, epoch).await?;
    if let Some(flags) = flags {
        write(&file(&settings), flags)?;
    }
    Unit::new(&options.node.unit).start().map_err(Failure::Failed)?;
    say(&format!("{} is started for epoch {epoch}{}", options.node.unit, with(flags)))
}

/// `mmdr node stop`.
pub(crate) async fn stop(options: &Stop) -> Done {
    let (settings, epoch) = (Settings::read(&options.node)?, Epoch(options.epoch));
    let here = settings.here(None).await?;
    let view = look(&here, now()).await;
    if options.fence_check {
        // Whoever sent it has looked twice, so that one more look of the node's own is enough.
        match may_run(&view) {
            MayRun::No(_) | MayRun::NoAtFirstLook { .. } => {}
            answer => return Err(Failure::Failed(format!("nothing is stopped: {answer}"))),
        }
    } else {
        not_superseded("stopped", &view, epoch)?;
    }
    Unit::new(&options.node.unit).stop().map_err(Failure::Failed)?;
    say(&format!("{} is stopped for epoch {epoch}", options.node.unit))
}

/// `mmdr node pre-start`.
pub(crate) async fn pre_start(options: &PreStart) -> Done {
    let settings = Settings::read(&options.node)?;
    let here = settings.here(None).await?;
    let view = look(&here, now()).await;
    allowed(&view)?;
    match here.ports.node_flags(&here.own).await {
        Ok(Some(flags)) => {
            write(&file(&settings), flags)?;
            say(&format!("{} may start{}", options.node.unit, with(Some(flags))))
        }
        // The flags of the last start stay: this Region may write, and jobs that do not run are mended later.
        Ok(None) => say(&format!("{} may start, and there are no job flags to write", options.node.unit)),
        Err(error) => say(&format!("{} may start, with the job flags of its last start: {error}", options.node.unit)),
    }
}

fn not_superseded(done: &str, view: &FenceView, epoch: Epoch) -> Result<(), Failure> {
    match superseded_by(view, epoch) {
        Some(newer) => Err(Failure::Failed(format!("nothing is {done}: epoch {epoch} is over, a ledger has {newer}"))),
        None => Ok(()),
    }
}

fn allowed(view: &FenceView) -> Result<(), Failure> {
    if may_start(view) {
        return Ok(());
    }
    let why = match may_run(view) {
        MayRun::CannotTell { why } => {
            format!("cannot tell who writes ({why}), and the own ledger has not settled this Region")
        }
        answer => answer.to_string(),
    };
    Err(Failure::Failed(format!("nothing is started: {why}")))
}

/// The flags for a start of `epoch`; none where a dedicated job server runs the jobs and nobody wrote any.
async fn flags_for(here: &Here, epoch: Epoch) -> Result<Option<JobFlags>, Failure> {
    match here.ports.node_flags(&here.own).await? {
        Some(flags) if flags.epoch > epoch => {
            let sentence = format!("nothing is started: epoch {epoch} is over, the job flags are of {}", flags.epoch);
            Err(Failure::Failed(sentence))
        }
        None if !here.deployment.mattermost.dedicated_job_server => {
            let name = here.deployment.region(&here.own).map_or("", |setup| setup.nodes.job_flags_parameter.as_str());
            Err(Failure::Failed(format!("nothing is started: there are no job flags at {name}")))
        }
        flags => Ok(flags),
    }
}

fn file(settings: &Settings) -> PathBuf {
    settings.get("MMDR_JOB_FLAGS").map_or_else(|| FLAGS_FILE.into(), PathBuf::from)
}

/// Written beside it and renamed: a unit never reads half of it.
fn write(file: &Path, flags: JobFlags) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| {
        Failure::Failed(format!("nothing is started: the job flags cannot be written to {} ({error})", file.display()))
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let beside = file.with_extension("new");
    fs::write(&beside, mmdr_aws::flags_file(flags)).and_then(|()| fs::rename(&beside, file)).map_err(wrong)
}

fn with(flags: Option<JobFlags>) -> String {
    flags.map_or_else(String::new, |JobFlags { run_jobs, run_scheduler, epoch }| {
        let word = |on: bool| if on { "on" } else { "off" };
        format!(", jobs {}, scheduler {} (flags of epoch {epoch})", word(run_jobs), word(run_scheduler))
    })
}

fn say(sentence: &str) -> Done {
    input::say(&format!("{sentence}\n")).map_err(Failure::Failed)?;
    Ok(Exit::Well)
}
