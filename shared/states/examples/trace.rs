//! Runs a machine against scripts and tells what was called, in which order, with what, and how it ended.
//!
//! `trace <definition.asl.json> <script.json>...` prints a line of JSON per script: `order` (a call per look or attempt,
//! with the payload that the function was given), `entered` (every state), `status`, `error`, `cause`, `output`. The form
//! of a script stands in `tests/interpreters/README.md`; other interpreters of the language run the same scripts there.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use mmdr_states::{EventKind, Execution, HistoryEvent, Host, Machine, Start, Status, TaskId, TaskStart};
use serde_json::{Value, json};

/// How long a look takes.
const LOOK_MS: i64 = 200;

#[derive(Default)]
struct Recorder {
    started: Vec<TaskStart>,
    entered: Vec<Arc<str>>,
}

impl Host for Recorder {
    fn start_task(&mut self, task: TaskStart) {
        self.started.push(task);
    }

    fn abandon_task(&mut self, _task: TaskId) {}

    fn event(&mut self, event: HistoryEvent) {
        if let EventKind::StateEntered { state, .. } = event.kind {
            self.entered.push(state);
        }
    }
}

/// What the script says to one call.
struct Reply {
    entry: Value,
    value: Value,
}

struct Script {
    text: Value,
    counts: BTreeMap<String, usize>,
}

impl Script {
    /// The n-th call of a part takes the n-th entry of its list, or of the list for all others; later calls the last.
    fn reply(&mut self, step: &str, payload: &Value) -> Reply {
        let part = payload["part"].as_str().unwrap_or_default();
        let name = format!("{step}: {part}");
        let count = self.counts.entry(name.clone()).or_default();
        *count += 1;
        let listed = [&self.text["answers"][name.as_str()], &self.text["otherwise"]];
        let entries = listed.into_iter().filter_map(Value::as_array).find(|list| !list.is_empty());
        let entry = entries.map_or_else(|| json!({}), |list| list[(*count - 1).min(list.len() - 1)].clone());
        let outcome = entry["outcome"].as_str().unwrap_or("Already");
        let code = entry["code"].as_str().unwrap_or_default();
        let again_s = if matches!(outcome, "Acted" | "Wait") { 10 } else { 0 };
        let run = if step == "open-run" { &self.text["ticket"] } else { &payload["run"] };
        let previous = json!({
            "step": step, "part": part, "outcome": outcome, "code": code, "sentence": format!("{name} says {outcome}"),
            "looks": *count, "first_look_at": 0, "look_again_s": again_s,
        });
        Reply { value: json!({"run": run, "previous": previous}), entry }
    }
}

/// `${SwitchDatabaseFunctionArn}` is the step `switch-database`.
fn step_of(function: &str) -> String {
    let name = mmdr_states::substitution_name(function).trim_end_matches("FunctionArn");
    let mut step = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !step.is_empty() {
            step.push('-');
        }
        step.push(letter.to_ascii_lowercase());
    }
    step
}

fn give(execution: &mut Execution, task: &TaskStart, reply: Reply, at_ms: i64) -> Result<(), Box<dyn Error>> {
    match (reply.entry["error"].as_str(), &task.token) {
        (Some(error), _) => {
            execution.task_failed(task.task_id, error, "the script says so", at_ms);
        }
        (None, Some(token)) => execution.token_succeeded(token, reply.entry["wakes"].clone(), at_ms)?,
        (None, None) => {
            execution.task_succeeded(task.task_id, reply.value, at_ms);
        }
    }
    Ok(())
}

/// A call that nothing ever comes of: the function hangs, or nobody wakes the token.
fn is_silent(entry: &Value, task: &TaskStart) -> bool {
    entry["hangs"] == true || (task.token.is_some() && entry["wakes"].is_null() && entry["error"].is_null())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let definition = arguments.next().ok_or("trace <definition.asl.json> <script.json>...")?;
    let name = Path::new(&definition).file_name().and_then(|name| name.to_str()).unwrap_or("machine");
    let machine = Machine::parse(name.trim_end_matches(".asl.json"), &std::fs::read_to_string(&definition)?)?;
    for script in arguments {
        let text = serde_json::from_str(&std::fs::read_to_string(&script)?)?;
        println!("{}", run(Arc::clone(&machine), text)?);
    }
    Ok(())
}

fn run(machine: Arc<Machine>, text: Value) -> Result<Value, Box<dyn Error>> {
    let start = Start::named(&machine, "trace", text["input"].clone());
    let mut execution = Execution::start(machine, start, 0, 1)?;
    let mut script = Script { text, counts: BTreeMap::new() };
    let mut host = Recorder::default();
    let mut pending: Vec<(i64, TaskStart, Reply)> = Vec::new();
    let (mut now_ms, mut order) = (0, Vec::new());
    loop {
        execution.poll(now_ms, &mut host);
        for task in host.started.drain(..) {
            let step = step_of(&task.function);
            let reply = script.reply(&step, &task.payload);
            order.push(json!({"step": step, "part": task.payload["part"], "payload": *task.payload}));
            if !is_silent(&reply.entry, &task) {
                pending.push((task.started_ms + LOOK_MS, task, reply));
            }
        }
        let Some(due_ms) = execution.next_due() else { break };
        pending.sort_by_key(|(at_ms, task, _)| (*at_ms, task.task_id));
        if pending.first().is_some_and(|(at_ms, _, _)| *at_ms <= due_ms) {
            let (at_ms, task, reply) = pending.remove(0);
            now_ms = at_ms;
            give(&mut execution, &task, reply, at_ms)?;
        } else {
            now_ms = due_ms;
        }
    }
    let (status, error, cause, output) = match execution.status() {
        Status::Succeeded(output) => ("SUCCEEDED", Value::Null, Value::Null, (**output).clone()),
        Status::Failed { error, cause } => ("FAILED", json!(error), json!(cause), Value::Null),
        Status::TimedOut => ("TIMED_OUT", Value::Null, Value::Null, Value::Null),
        other => return Err(format!("the execution has not ended by itself: {other:?}").into()),
    };
    let entered = host.entered;
    Ok(json!({
        "order": order, "entered": entered, "status": status, "error": error, "cause": cause, "output": output,
    }))
}
