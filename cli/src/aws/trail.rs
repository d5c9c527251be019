//! What is told of a run while it is followed: a line for each Task, and for each new sentence of one.

use std::collections::{BTreeMap, BTreeSet};

use mmdr_aws::{Aws, Moment, What};
use mmdr_core::{Outcome, Previous, Region, RunId, Time};
use serde_json::Value;

use super::follow::question;
use super::tell;

/// The task that waits for a person.
pub(super) const WAITS: &str = "request-approval: wait";

/// What was told of a run so far.
#[derive(Default)]
pub(super) struct Trail {
    /// The last event that was seen.
    last: i64,
    /// The Task that was entered last.
    pub(super) at: String,
    /// Tasks that a line was written for.
    entered: BTreeSet<String>,
    /// The Task whose line was written last: side by side with others, each says whose sentence it is.
    under: String,
    /// The last sentence of each Task.
    said: BTreeMap<String, String>,
    /// The newest sentence of any Task.
    pub(super) newest: Option<String>,
    /// What the last Task that failed said.
    pub(super) failed: Option<String>,
}

impl Trail {
    /// Sees what is new, and tells of it.
    pub(super) async fn look(
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

    /// One line for each Task that is entered, and one for each new sentence of it; none for looking again.
    fn line(&mut self, moment: &Moment) -> Option<String> {
        let at = clock(moment.at);
        match &moment.what {
            What::Entered { state } => {
                self.at.clone_from(state);
                let is_new = self.entered.insert(state.clone());
                is_new.then(|| {
                    self.under.clone_from(state);
                    format!("{at}  {state}")
                })
            }
            What::Left { state, output } => {
                let previous = previous(output.as_ref()?)?;
                let sentence = format!("{}: {}", previous.outcome, previous.sentence);
                self.newest = Some(previous.sentence.clone());
                let known = self.said.insert(state.clone(), sentence.clone());
                let worth = !previous.sentence.is_empty() || previous.outcome != Outcome::Already;
                if !worth || known.as_ref() == Some(&sentence) {
                    return None;
                }
                if self.under == *state {
                    return Some(format!("{at}    {sentence}"));
                }
                self.under.clone_from(state);
                Some(format!("{at}  {state}: {sentence}"))
            }
            What::Failed { error, cause } => {
                let said = format!("{error}: {}", message(cause));
                self.failed = Some(said.clone());
                // History does not say whose: under no Task's line.
                self.under.clear();
                Some(format!("{at}  {said}"))
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
    use serde_json::json;

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
    fn of_tasks_side_by_side_each_sentence_says_whose_it_is() {
        let (mut trail, database, nodes) =
            (Trail::default(), "switch-database: promote", "roll-nodes: fence-lost-beside");
        let entered = |state: &str| moment(1, What::Entered { state: state.into() });
        let left = |state: &str, sentence: &str| {
            let output = json!({"run": {}, "previous": {"step": "switch-database", "part": "promote", "outcome": "Wait", "code": "Moving",
                "sentence": sentence, "looks": 1, "first_look_at": 0, "look_again_s": 5}});
            moment(2, What::Left { state: state.into(), output: Some(output) })
        };
        let moments = [
            entered(database),
            entered(nodes),
            left(database, "Aurora moves it"),
            left(database, "not yet"),
            left(nodes, "nobody answers"),
        ];
        let lines: Vec<String> = moments.iter().filter_map(|moment| trail.line(moment)).collect();
        let expected = [
            "10:00:00  switch-database: promote",
            "10:00:00  roll-nodes: fence-lost-beside",
            "10:00:00  switch-database: promote: Wait: Aurora moves it",
            "10:00:00    Wait: not yet",
            "10:00:00  roll-nodes: fence-lost-beside: Wait: nobody answers",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn of_a_failure_the_functions_own_sentence_is_told() {
        let cause = r#"{"errorMessage":"to: expected this Region","errorType":"Dr.BadInput"}"#;
        let failed = moment(3, What::Failed { error: "Dr.BadInput".into(), cause: cause.into() });
        let line = Trail::default().line(&failed);
        assert_eq!(line.as_deref(), Some("10:00:00  Dr.BadInput: to: expected this Region"));
    }
}
