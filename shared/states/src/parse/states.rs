//! One state of each kind.

use super::fields::{Fields, MOST_SECONDS};
use super::scope::{Names, Reader};
use super::shaping::{filters, path};
use super::{conditions, recovery, tasks};
use crate::findings::{Findings, describe};
use crate::path::Reach;
use crate::state::{Action, After, Duration, State, StateIndex, StateKind, Text};
use serde_json::Value;
use std::sync::Arc;

impl Reader {
    /// Reads the state `name`, which stands at `place` and may go to `names`.
    pub(crate) fn state(&mut self, name: &Arc<str>, value: &Value, place: &str, names: &Names) -> Option<State> {
        let mut fields = Fields::open(value, place, &mut self.findings)?;
        let kind = kind(&mut fields, &mut self.findings)?;
        let comment = fields.text("Comment", &mut self.findings).map(Arc::from);
        let mut filters = filters(kind, &mut fields, &mut self.findings);
        let action = match kind {
            StateKind::Task => tasks::task(&mut fields, &mut self.findings).map(|(task, payload)| {
                filters.parameters = payload;
                Action::Task(task)
            }),
            StateKind::Choice => Some(choice(&mut fields, names, &mut self.findings)),
            StateKind::Wait => wait(&mut fields, &mut self.findings).map(Action::Wait),
            StateKind::Pass => Some(pass(&mut fields, &mut self.findings)),
            StateKind::Parallel => Some(self.parallel(&mut fields)),
            StateKind::Succeed => Some(Action::Succeed),
            StateKind::Fail => fail(&mut fields, &mut self.findings),
        };
        let after = match kind {
            StateKind::Choice | StateKind::Fail => Some(After::ByAction),
            StateKind::Succeed => Some(After::End),
            _ => after(&mut fields, names, &mut self.findings),
        };
        let (mut retry, mut catch) = (Vec::new(), Vec::new());
        if matches!(kind, StateKind::Task | StateKind::Parallel) {
            retry = recovery::retry(&mut fields, &mut self.findings);
            catch = recovery::catch(&mut fields, names, &mut self.findings);
        }
        fields.close(&mut self.findings);
        Some(State { name: Arc::clone(name), comment, filters, retry, catch, after: after?, action: action? })
    }

    fn parallel(&mut self, fields: &mut Fields<'_>) -> Action {
        fields.need("Branches", "a list of branches", &mut self.findings);
        let branches = fields.list("Branches", &mut self.findings);
        Action::Parallel { branches: branches.iter().filter_map(|(path, branch)| self.branch(branch, path)).collect() }
    }

    fn branch(&mut self, value: &Value, path: &str) -> Option<StateIndex> {
        let mut fields = Fields::open(value, path, &mut self.findings)?;
        fields.text("Comment", &mut self.findings);
        let start = self.scope(&mut fields);
        fields.close(&mut self.findings);
        start
    }
}

fn kind(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<StateKind> {
    let text = fields.need_text("Type", findings)?;
    let kind = StateKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    if kind.is_none() {
        let known: Vec<_> = StateKind::ALL.iter().map(|kind| kind.as_str()).collect();
        findings.add(fields.at("Type"), format!("one of {}", known.join(", ")), format!("\"{text}\""));
    }
    kind
}

fn after(fields: &mut Fields<'_>, names: &Names, findings: &mut Findings) -> Option<After> {
    let (next, end) = (fields.take("Next"), fields.take("End"));
    match (next, end) {
        (Some(_), None) => names.need(fields, "Next", findings).map(After::To),
        (None, Some(Value::Bool(true))) => Some(After::End),
        (None, Some(value)) => {
            findings.add(fields.at("End"), "true", describe(Some(value)));
            None
        }
        (None, None) => {
            findings.add(fields.path(), "either Next or End", "neither");
            None
        }
        (Some(_), Some(_)) => {
            findings.add(fields.path(), "either Next or End", "both");
            None
        }
    }
}

fn choice(fields: &mut Fields<'_>, names: &Names, findings: &mut Findings) -> Action {
    fields.need("Choices", "a list of rules", findings);
    let list = fields.list("Choices", findings);
    let rules = list.iter().filter_map(|(path, value)| conditions::rule(value, path, names, findings)).collect();
    let default = if fields.take("Default").is_some() { names.need(fields, "Default", findings) } else { None };
    Action::Choice { rules, default }
}

fn wait(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Duration> {
    let (seconds, by_path) = (fields.take("Seconds"), fields.take("SecondsPath"));
    match (seconds, by_path) {
        (Some(_), None) => fields.whole("Seconds", 0..=MOST_SECONDS, findings).map(Duration::Seconds),
        (None, Some(value)) => path(value, &fields.at("SecondsPath"), Reach::Context, findings).map(Duration::Path),
        (both, _) => {
            let found = if both.is_some() { "both" } else { "neither" };
            findings.add(fields.path(), "either Seconds or SecondsPath", found);
            None
        }
    }
}

fn pass(fields: &mut Fields<'_>, findings: &mut Findings) -> Action {
    let result = fields.take("Result");
    if result.is_some() && fields.take("Parameters").is_some() {
        findings.add(fields.path(), "either Result or Parameters", "both");
    }
    Action::Pass { result: result.cloned().map(Arc::new) }
}

fn fail(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Action> {
    let error = text_or_path(fields, "Error", "ErrorPath", findings);
    let cause = text_or_path(fields, "Cause", "CausePath", findings);
    if fields.take("Error").is_none() && fields.take("ErrorPath").is_none() {
        findings.add(fields.path(), "Error or ErrorPath", "neither");
    }
    if let Some(Text::Constant(name)) = &error
        && name.starts_with("States.")
    {
        findings.add(fields.at("Error"), "a name without the reserved prefix States.", format!("\"{name}\""));
    }
    error.map(|error| Action::Fail { error, cause })
}

fn text_or_path(
    fields: &mut Fields<'_>,
    name: &'static str,
    path_name: &'static str,
    findings: &mut Findings,
) -> Option<Text> {
    let (constant, by_path) = (fields.text(name, findings), fields.take(path_name));
    match (constant, by_path) {
        (Some(_), Some(_)) => {
            findings.add(fields.path(), format!("either {name} or {path_name}"), "both");
            None
        }
        (Some(text), None) => Some(Text::Constant(Arc::from(text))),
        (None, Some(value)) => path(value, &fields.at(path_name), Reach::Context, findings).map(Text::Path),
        (None, None) => None,
    }
}
