//! The shell around every function: it supplies the time, the ports and the document, and is the only one that looks at the
//! environment, the clock and the deadline.
//!
//! One invocation is one call of a step's `serve`. An error leaves as [`Diagnostic`] with the stable name that the machines'
//! `Retry` and `Catch` match; a boxed error would leave with a name that nobody can match.

mod clock;
mod document;
mod envelope;
mod environment;
mod log;

use std::io::Write;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent, service_fn};
pub use lambda_runtime::{Diagnostic, Error};
pub use mmdr_aws::Aws;
use mmdr_aws::{Clients, Clock, Settings, Tell};
use mmdr_core::{Outcome, Place, StepError, Time, codes};
use serde_json::Value;

use envelope::delivery;
pub use environment::Environment;
use log::{RunFields, Speaker};

/// Milliseconds before Lambda would kill the function at which it gives up by itself: enough for one line and an answer.
const MARGIN_MS: u64 = 1_500;

/// Everything that lives as long as the process.
struct Shell {
    function: String,
    environment: Environment,
    settings: Arc<Settings>,
    clients: Arc<Clients>,
    documents: document::Documents,
    clock: Clock,
    /// Who speaks in the lines of calls; changes with each invocation.
    speaker: Arc<RwLock<Option<Speaker>>>,
}

/// Runs a function until Lambda ends the process.
///
/// `serve` is the step's entry. Where the environment is not as it must be, every invocation is answered with the sentence
/// that says so: a process that ends at its start would only be started again.
///
/// Errors: the runtime's own, where it cannot speak with Lambda.
pub async fn run<F>(function: &str, serve: F) -> Result<(), Error>
where
    F: AsyncFn(&Aws, &Place, Value) -> Result<Value, StepError>,
{
    let environment = match Environment::of_the_process() {
        Ok(environment) => environment,
        Err(error) => {
            let refuse = service_fn(async |_: LambdaEvent<Value>| Err::<Value, _>(diagnostic(&error)));
            return lambda_runtime::run(refuse).await;
        }
    };
    let shell = Shell {
        function: function.to_owned(),
        settings: Arc::new(environment.settings.clone()),
        clients: Arc::new(Clients::of_a_function(&environment.own, environment.haste, environment.endpoint.as_deref())),
        documents: document::Documents::default(),
        clock: clock::clock(environment.clock.clone()),
        speaker: Arc::default(),
        environment,
    };
    let (shell, serve) = (&shell, &serve);
    // Boxed here and below, or the type of the whole function would be one deep nest of futures.
    let serving =
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| Box::pin(shell.invoked(event, serve)).await));
    Box::pin(serving).await
}

impl Shell {
    async fn invoked<F>(&self, event: LambdaEvent<Value>, serve: &F) -> Result<Value, Diagnostic>
    where
        F: AsyncFn(&Aws, &Place, Value) -> Result<Value, StepError>,
    {
        let LambdaEvent { payload, context } = event;
        let began = tokio::time::Instant::now();
        let speaker = Speaker {
            deployment: self.environment.deployment.clone(),
            function: self.function.clone(),
            region: self.environment.own.as_str().to_owned(),
            request_id: context.request_id.clone(),
        };
        if let Ok(mut speaking) = self.speaker.write() {
            *speaking = Some(speaker.clone());
        }
        let (by, ticket) = (delivery(&payload), RunFields::of(&payload));
        let limit = time_left(&context);
        let answer = match tokio::time::timeout(limit, self.look(payload, serve)).await {
            Ok(answer) => answer,
            Err(_) => Err(out_of_time(limit)),
        };
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = (self.clock)();
        match answer {
            Ok(answer) => {
                print(&speaker.looked(&by, &ticket, &answer, took_ms, now));
                if let Some((kind, seconds)) = recovered(&self.function, &ticket, &answer, now) {
                    print(&speaker.recovered(&kind, seconds, now));
                }
                Ok(answer)
            }
            Err(error) => {
                print(&speaker.failed(&by, &ticket, &error, took_ms, now));
                Err(diagnostic(&error))
            }
        }
    }

    async fn look<F>(&self, payload: Value, serve: &F) -> Result<Value, StepError>
    where
        F: AsyncFn(&Aws, &Place, Value) -> Result<Value, StepError>,
    {
        let now = (self.clock)();
        let deployment = self.documents.get(&self.clients, &self.environment, now).await?;
        let own = self.environment.own.clone();
        let place = Place { own: own.clone(), deployment: Arc::clone(&deployment), now: (self.clock)() };
        let (clients, settings) = (Arc::clone(&self.clients), Arc::clone(&self.settings));
        let aws = Aws::new(own, deployment, clients, settings, Arc::clone(&self.clock), self.tell());
        Box::pin(serve(&aws, &place, payload)).await
    }

    /// Writes a line for each call.
    fn tell(&self) -> Tell {
        let (speaker, clock) = (Arc::clone(&self.speaker), Arc::clone(&self.clock));
        Arc::new(move |told| {
            if let Ok(speaking) = speaker.read()
                && let Some(speaker) = speaking.as_ref()
            {
                print(&speaker.call(told, clock()));
            }
        })
    }
}

/// One line on the standard output, which is the function's log.
fn print(line: &Value) {
    // Where nobody takes the line there is nobody to tell of it.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// How long this invocation may take.
fn time_left(context: &Context) -> Duration {
    let remaining = context.deadline().duration_since(machine_now()).unwrap_or_default();
    remaining.saturating_sub(Duration::from_millis(MARGIN_MS))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the deadline is a time of the machine, whatever a rehearsal's clock says"
)]
fn machine_now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

fn out_of_time(limit: Duration) -> StepError {
    StepError::OutOfTime(format!("gave up after {} s, shortly before Lambda would have ended it", limit.as_secs()))
}

/// An error as Step Functions sees it.
fn diagnostic(error: &StepError) -> Diagnostic {
    Diagnostic { error_type: error.name().into(), error_message: error.to_string() }
}

/// Seconds from the opening of a move until the public name answered from the new Region, told once.
fn recovered(function: &str, ticket: &RunFields, answer: &Value, now: Time) -> Option<(String, i64)> {
    let previous = answer.get("previous")?;
    let (step, part) = codes::SERVED_AGAIN;
    let is_it = function == step.as_str() && previous.get("part")?.as_str()? == part;
    let is_done = previous.get("outcome")?.as_str()? == Outcome::Already.as_str();
    if !is_it || !is_done || answer.pointer("/run/dry_run")?.as_bool()? {
        return None;
    }
    let opened_at = Time(ticket.opened_at.as_i64()?);
    Some((ticket.kind.as_str()?.to_owned(), now.since_s(opened_at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_leaves_with_its_stable_name_and_its_sentence() {
        let left = diagnostic(&out_of_time(Duration::from_secs(58)));
        assert_eq!(left.error_type, "Dr.OutOfTime");
        assert_eq!(left.error_message, "gave up after 58 s, shortly before Lambda would have ended it");
        for error in [StepError::BadInput("a".into()), StepError::BadDeployment("b".into())] {
            assert!(StepError::NAMES.contains(&diagnostic(&error).error_type.as_str()));
        }
    }

    #[test]
    fn recovery_is_told_when_the_public_name_answers_and_not_in_a_dry_run() {
        let event = json!({ "run": { "id": "fo-1", "kind": "failover", "opened_at": 1_000 } });
        let ticket = RunFields::of(&event);
        let answer = |part: &str, dry: bool| json!({ "run": { "dry_run": dry }, "previous": { "part": part, "outcome": "Already" } });
        let told = recovered("confirm-recovery", &ticket, &answer("outside", false), Time(301_000));
        assert_eq!(told, Some(("failover".into(), 300)));
        assert_eq!(recovered("confirm-recovery", &ticket, &answer("inside", false), Time(301_000)), None);
        assert_eq!(recovered("confirm-recovery", &ticket, &answer("outside", true), Time(301_000)), None);
    }
}
