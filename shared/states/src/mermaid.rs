//! A machine as a Mermaid flowchart.

use crate::machine::{How, Machine};
use crate::state::{Action, After, StateIndex, StateKind};
use std::fmt::Write;

/// Draws the machine; the same text for the same definition.
pub(crate) fn flowchart(machine: &Machine) -> String {
    let mut picture = Picture { machine, text: String::from("flowchart TD\n") };
    picture.line(1, "start((start))");
    picture.scope(machine.start, 1);
    picture.line(1, &format!("start --> {}", id(machine.start)));
    for index in 0..machine.states.len() {
        picture.ways(index);
    }
    picture.text
}

struct Picture<'a> {
    machine: &'a Machine,
    text: String,
}

impl Picture<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = depth * 2);
    }

    fn scope(&mut self, start: StateIndex, depth: usize) {
        for index in self.machine.scope(start) {
            self.node(index, depth);
        }
    }

    fn node(&mut self, index: StateIndex, depth: usize) {
        let state = &self.machine.states[index];
        let (id, name) = (id(index), quoted(&state.name));
        if let Action::Parallel { branches } = &state.action {
            self.line(depth, &format!("subgraph {id}[{name}]"));
            for (number, start) in branches.iter().enumerate() {
                self.line(depth + 1, &format!("subgraph {id}b{number}[\"{number}\"]"));
                self.scope(*start, depth + 2);
                self.line(depth + 1, "end");
            }
            self.line(depth, "end");
            return;
        }
        let (open, close) = match state.kind() {
            StateKind::Choice => ("{", "}"),
            StateKind::Wait => ("([", "])"),
            StateKind::Pass => ("[/", "/]"),
            StateKind::Succeed | StateKind::Fail => ("(((", ")))"),
            StateKind::Task | StateKind::Parallel => ("[", "]"),
        };
        self.line(depth, &format!("{id}{open}{name}{close}"));
    }

    fn ways(&mut self, index: StateIndex) {
        for (next, how) in self.machine.ways(index) {
            let (from, to) = (id(index), id(next));
            let line = match how {
                // The subgraph already shows where its branches begin: nothing inside leads to them.
                How::Branch(_) => continue,
                How::Next => format!("{from} --> {to}"),
                How::Rule(condition) => format!("{from} -->|{}| {to}", quoted(&condition)),
                How::Default => format!("{from} -->|\"otherwise\"| {to}"),
                How::Catch(errors) => format!("{from} -.->|{}| {to}", quoted(&errors.join(", "))),
            };
            self.line(1, &line);
        }
        let state = &self.machine.states[index];
        if state.after == After::End && state.kind() != StateKind::Succeed {
            self.line(1, &format!("{0} --> {0}end((end))", id(index)));
        }
    }
}

fn id(index: StateIndex) -> String {
    format!("s{index}")
}

/// Text in quotes, in which only quotes themselves have to be written otherwise.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "#quot;"))
}
