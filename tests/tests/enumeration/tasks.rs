//! The Tasks of the machines, read off the definitions.

use std::fmt;

use mmdr_core::StepName;
use mmdr_states::{Machine, substitution_name};
use mmdr_world::driver::pascal_case;

/// What a Task runs: a step and its part. Two Tasks that run the same are one here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Work {
    pub(crate) step: StepName,
    pub(crate) part: String,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part.as_str() {
            "whole" => write!(f, "{}", self.step),
            part => write!(f, "{}: {part}", self.step),
        }
    }
}

/// What the machine's Tasks run, in the order in which a reader meets it.
pub(crate) fn work_of(machine: &Machine) -> Vec<Work> {
    let mut all = Vec::new();
    for task in machine.tasks() {
        let function = substitution_name(&task.function);
        let named = |step: &&StepName| function == format!("{}FunctionArn", pascal_case(**step));
        let step = StepName::ALL.iter().find(named).unwrap_or_else(|| panic!("no step is called {function}"));
        let part = task.part.as_deref().unwrap_or_else(|| panic!("{} has no part", task.state));
        let work = Work { step: *step, part: part.to_owned() };
        if !all.contains(&work) {
            all.push(work);
        }
    }
    all
}
