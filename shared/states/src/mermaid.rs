//! A machine as a Mermaid flowchart.

use crate::machine::{How, Machine};
use crate::state::{Action, StateIndex, StateKind};
use std::fmt::Write;

/// Draws the machine; the same text for the same definition. States that end their branch or the machine have a thick rim.
pub(crate) fn flowchart(machine: &Machine) -> String {
    let mut picture = Picture { machine, text: String::from("flowchart TD\n") };
    picture.line(1, "start((start))");
    picture.scope(machine.start, 1);
    picture.line(1, &format!("start --> {}", picture.id(machine.start)));
    for index in machine.order() {
        picture.ways(*index);
    }
    picture.endings();
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

    /// States are numbered as a reader meets them.
    fn id(&self, index: StateIndex) -> String {
        let number = self.machine.order().iter().position(|other| *other == index).unwrap_or_default();
        format!("s{number}")
    }

    fn scope(&mut self, start: StateIndex, depth: usize) {
        for index in self.machine.scope(start) {
            self.node(index, depth);
        }
    }

    fn node(&mut self, index: StateIndex, depth: usize) {
        let machine = self.machine;
        let state = &machine.states[index];
        let (id, name) = (self.id(index), quoted(&state.name));
        if let Action::Parallel { branches } = &state.action {
            self.line(depth, &format!("subgraph {id}[{name}]"));
            for (number, start) in branches.iter().enumerate() {
                self.line(depth + 1, &format!("subgraph {id}b{number}[\"$[{number}]\"]"));
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
            StateKind::Succeed | StateKind::Fail => ("((", "))"),
            StateKind::Task | StateKind::Parallel => ("[", "]"),
        };
        self.line(depth, &format!("{id}{open}{name}{close}"));
    }

    fn ways(&mut self, index: StateIndex) {
        let machine = self.machine;
        for (next, how) in machine.ways(index) {
            let (from, to) = (self.id(index), self.id(next));
            let line = match how {
                // The subgraph already shows what its branches hold: an arrow from it into itself would only confuse.
                How::Branch(_) => continue,
                How::Next => format!("{from} --> {to}"),
                How::Rule(condition) => format!("{from} -->|{}| {to}", quoted(&condition)),
                How::Default => format!("{from} -->|\"otherwise\"| {to}"),
                How::Catch(errors) => format!("{from} -.->|{}| {to}", quoted(&errors.join(", "))),
            };
            self.line(1, &line);
        }
    }

    fn endings(&mut self) {
        let machine = self.machine;
        let ending = machine.order().iter().filter(|index| machine.states[**index].ends());
        let ids: Vec<String> = ending.map(|index| self.id(*index)).collect();
        self.line(1, "classDef ends stroke-width:4px");
        self.line(1, &format!("class {} ends", ids.join(",")));
    }
}

/// Text in quotes, in which only quotes themselves have to be written otherwise.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "#quot;"))
}
