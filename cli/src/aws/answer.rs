//! `mmdr approve` and `mmdr deny`: the answer goes to the machine that takes it, and names the question that was shown.

use clap::Args;
use mmdr_core::ports::ExecutionStatus;
use mmdr_core::records::{self, Decision, Question};
use mmdr_core::{Region, RunId};
use request_approval::Reply;
use serde_json::json;

use super::connection::{Connection, Selector};
use super::exits::{Done, Exit, Failure};
use super::follow::{Followed, follow};
use super::start::named_now;
use super::{forms, tell};

/// What may be said of an answer.
#[derive(Args)]
pub(crate) struct Options {
    /// The run that asks.
    run: String,
    /// Why, in a few words.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The digest of the question that is meant, as the notice shows it. Without it a question is denied as it is asked now, and
    /// granted not at all, but shown.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    #[command(flatten)]
    selector: Selector,
}

/// Gives the answer.
pub(crate) async fn run(decision: Decision, options: &Options) -> Done {
    let run = forms::run("RUN", &options.run)?;
    if let Some(digest) = &options.digest {
        forms::digest("--digest", digest)?;
    }
    // Checked by the same parser as in the machine, before anything is asked.
    let reply =
        |digest: Option<&String>| json!({"run": run, "decision": decision, "reason": options.reason, "digest": digest});
    let checked = |input: &serde_json::Value| Reply::parse(input).map_err(|error| Failure::BadInput(error.to_string()));
    let placeholder = "0".to_owned();
    checked(&reply(Some(options.digest.as_ref().unwrap_or(&placeholder))))?;
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let (region, question) = asked(&connection, &run).await?;
    tell::progress(&question.text);
    // Between the notice and this command another question may have taken its place: nobody grants what nobody has read.
    if decision == Decision::Grant && options.digest.is_none() {
        return read_it_first(&connection, &run, &question);
    }
    let digest = options.digest.clone().unwrap_or(question.digest);
    let input = reply(Some(&digest));
    checked(&input)?;
    let ports = connection.at(&region);
    let name = named_now(&format!("answer-{run}"));
    let execution = ports.start_answer(&region, &name, &input).await?;
    let Followed::Ended { told, newest, failed, .. } = follow(&connection, &region, &execution).await? else {
        return Ok(Exit::GoesOn);
    };
    let recorded = told.seen.status == ExecutionStatus::Succeeded;
    // A machine that failed has no output: why it did, its history says.
    let said = told.output.as_ref().and_then(|output| output.pointer("/previous/sentence")?.as_str());
    let sentence = said.map(str::to_owned).or(failed).or(newest).unwrap_or_else(|| told.cause.clone());
    if connection.json {
        let digest = &digest;
        tell::json(
            &json!({"run": run, "region": region, "decision": decision, "digest": digest, "recorded": recorded,
            "sentence": sentence}),
        )?;
    } else {
        tell::say(&format!("{decision} of {run}: {sentence}\n"))?;
    }
    Ok(if recorded { Exit::Well } else { Exit::Failed })
}

/// What is asked, and how to say that this is what is granted.
fn read_it_first(connection: &Connection, run: &RunId, question: &Question) -> Done {
    let digest = &question.digest;
    if connection.json {
        tell::json(&json!({"run": run, "question": question, "recorded": false}))?;
    } else {
        let grant = connection.propose(&format!("approve {run} --digest {digest} --reason TEXT"));
        tell::say(&format!("nothing is granted yet; to grant this: {grant}\n"))?;
    }
    Ok(Exit::Asks)
}

/// The Region of the run that asks, and what it asks.
async fn asked(connection: &Connection, run: &RunId) -> Result<(Region, Question), Failure> {
    match connection.record(&[records::key_of(run, false, records::QUESTION)]).await {
        Ok(Some((region, value))) => {
            let question = serde_json::from_value(value);
            Ok((region, question.map_err(|error| Failure::Failed(format!("the question of {run}: {error}")))?))
        }
        Ok(None) => {
            let found = &run.0;
            Err(Failure::BadInput(format!(
                "RUN: expected a run that asks, found {found:?}, of which there is no question"
            )))
        }
        Err(looked) => {
            let why = looked.in_words(&format!("the question of {run}"));
            Err(Failure::Failed(format!("{why}; what {run} asks is not known, and nothing was answered")))
        }
    }
}
