//! The pictures in the README: every machine with its Tasks and its ends, the states between them drawn as arrows.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use mmdr_states::{How, Machine, StateInfo, StateKind};

use crate::files::{files, folder};

/// What stands in the picture: what does something, and what ends or stops a run.
fn is_drawn(state: &StateInfo) -> bool {
    let ends = matches!(state.kind, StateKind::Task | StateKind::Parallel | StateKind::Succeed | StateKind::Fail);
    ends || state.name.starts_with("stopped: ") || is_asked_by_many(state)
}

/// A question that several ways lead to, and that is not the one after a Task or a join.
fn is_asked_by_many(state: &StateInfo) -> bool {
    state.kind == StateKind::Choice && state.name.starts_with("May ")
}

struct Picture<'a> {
    machine: &'a Machine,
    states: Vec<StateInfo>,
    text: String,
}

impl Picture<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        writeln!(self.text, "{:indent$}{line}", "", indent = depth * 2).unwrap();
    }

    fn state(&self, name: &str) -> &StateInfo {
        self.states.iter().find(|state| &*state.name == name).unwrap()
    }

    fn id(&self, name: &str) -> String {
        format!("s{}", self.states.iter().position(|state| &*state.name == name).unwrap())
    }

    /// The states of one branch, or of the machine itself.
    fn scope(&mut self, home: Option<(&str, usize)>, depth: usize) {
        let here: Vec<StateInfo> = self
            .states
            .iter()
            .filter(|state| state.branch.as_ref().map(|(name, number)| (&**name, *number)) == home)
            .filter(|state| is_drawn(state))
            .cloned()
            .collect();
        for state in here {
            let (id, name) = (self.id(&state.name), &state.name);
            match state.kind {
                StateKind::Parallel => self.parallel(&state, &id, depth),
                StateKind::Task => self.line(depth, &format!("{id}[\"{name}\"]")),
                StateKind::Choice => self.line(depth, &format!("{id}{{\"{name}\"}}")),
                StateKind::Pass => self.line(depth, &format!("{id}[/\"{name}\"/]")),
                _ => self.line(depth, &format!("{id}([\"{name}\"])")),
            }
        }
    }

    fn parallel(&mut self, state: &StateInfo, id: &str, depth: usize) {
        self.line(depth, &format!("subgraph {id} [\"{}\"]", state.name));
        let branches: BTreeSet<usize> = self
            .states
            .iter()
            .filter_map(|inner| inner.branch.clone())
            .filter(|(name, _)| *name == state.name)
            .map(|(_, number)| number)
            .collect();
        for number in branches {
            self.scope(Some((&state.name, number)), depth + 1);
        }
        self.line(depth, "end");
    }

    /// The arrows from a drawn state to the drawn states behind it.
    fn arrows(&mut self, state: &StateInfo) {
        let mut arrows: Vec<(String, String, bool)> = Vec::new();
        self.follow(&state.name, &state.name, None, &mut BTreeSet::new(), &mut arrows);
        let from = self.id(&state.name);
        for (to, label, goes_on) in arrows {
            let arrow = if goes_on { "-->" } else { "-.->" };
            let label = if label.is_empty() { String::new() } else { format!("|\"{label}\"|") };
            let to = self.id(&to);
            self.line(1, &format!("{from} {arrow}{label} {to}"));
        }
        if let (StateKind::Fail, Some((parallel, _))) = (state.kind, &state.branch) {
            let to = self.id(parallel);
            self.line(1, &format!("{from} -.->|\"again\"| {to}"));
        }
    }

    /// Whether a question goes on whatever the answer is, looks at the same Task aside.
    fn is_a_finding(&self, question: &str) -> bool {
        let ways = self.machine.successors(question);
        ways.iter().all(|way| way.how == How::Default || self.state(&way.name).kind == StateKind::Wait)
            || ways.iter().any(|way| way.how == How::Default && self.state(&way.name).kind == StateKind::Succeed)
    }

    /// Follows every way out of `at`, through what is not drawn.
    fn follow(
        &self,
        from: &str,
        at: &str,
        label: Option<&str>,
        seen: &mut BTreeSet<String>,
        arrows: &mut Vec<(String, String, bool)>,
    ) {
        for way in self.machine.successors(at) {
            let own = match &way.how {
                How::Branch(_) => continue,
                // A caught Task is judged by the same question as one that is exhausted.
                How::Catch(_) if self.state(&way.name).name.starts_with("no answer: ") => continue,
                How::Catch(errors) => Some(errors.join(", ")),
                How::Rule(condition) => Some(words(condition)),
                How::Default => Some(if self.is_a_finding(at) { "done".into() } else { "otherwise".to_owned() }),
                How::Next => None,
            };
            let label = label.filter(|label| !label.is_empty()).map(str::to_owned).or(own).unwrap_or_default();
            if is_drawn(self.state(&way.name)) {
                let goes_on = label.is_empty() || label == "done";
                let label = if label == "done" { String::new() } else { label };
                let known = arrows.iter().any(|(to, _, _)| *to == *way.name);
                // A look again is no news, and the first way to a state is the one that is drawn.
                if *way.name != *from && !known {
                    arrows.push((way.name.to_string(), label, goes_on));
                }
            } else if seen.insert(way.name.to_string()) {
                self.follow(from, &way.name, Some(&label), seen, arrows);
            }
        }
    }
}

/// A condition as the words that it compares with.
fn words(condition: &str) -> String {
    let texts: Vec<&str> = condition.split('"').skip(1).step_by(2).collect();
    if texts.contains(&"Already") && !condition.starts_with("not") {
        return "done".into();
    }
    if texts == ["Acted", "Wait"] {
        return "look again".into();
    }
    if condition.starts_with("not") {
        return "not done".into();
    }
    let told: Vec<&str> = texts.into_iter().filter(|text| !["Refuse", "Acted", "Wait"].contains(text)).collect();
    if told.is_empty() {
        condition.replace(['$', '(', ')'], "").trim_start_matches('.').to_owned()
    } else {
        told.join(", ")
    }
}

fn picture(machine: &Machine) -> String {
    let mut picture = Picture { machine, states: machine.states().collect(), text: "flowchart TD\n".into() };
    picture.scope(None, 1);
    for state in picture.states.clone().iter().filter(|state| is_drawn(state)) {
        picture.arrows(state);
    }
    picture.text
}

#[test]
fn the_pictures_in_the_readme_are_those_of_the_definitions() {
    let path = folder().join("README.md");
    let old = fs::read_to_string(&path).unwrap();
    let mut new = old.clone();
    for file in files() {
        let (begin, end) = (format!("<!-- picture: {} -->\n", file.name), "<!-- end of picture -->");
        let from = new.find(&begin).unwrap_or_else(|| panic!("README.md has no place for {}", file.name)) + begin.len();
        let to = from + new[from..].find(end).unwrap();
        new.replace_range(from..to, &format!("```mermaid\n{}```\n", picture(&file.machine)));
    }
    if old != new && std::env::var_os("MMDR_UPDATE").is_some() {
        fs::write(&path, &new).unwrap();
    } else {
        assert!(old == new, "statemachines/README.md shows other machines: run this test with MMDR_UPDATE=1");
    }
}
