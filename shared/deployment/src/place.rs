//! Where a check looks, and what it reports.

use std::collections::BTreeMap;

use crate::mistake::Mistake;
use crate::show;
use crate::tree::Tree;

/// One field of a document and its path. A field that is absent or of the wrong kind gives no value: the structural
/// pass has reported it, and a check that rests on it says nothing.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    path: String,
    tree: Option<&'a Tree>,
}

impl<'a> Place<'a> {
    pub(crate) fn root(tree: &'a Tree) -> Self {
        Self { path: String::new(), tree: Some(tree) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The field at a path below this one, as in `bounds.looks`.
    pub(crate) fn field(&self, path: &str) -> Self {
        path.split('.').fold(self.clone(), |place, name| Self {
            path: join(&place.path, name),
            tree: place.table().and_then(|table| table.get(name)),
        })
    }

    pub(crate) fn element(&self, index: usize) -> Self {
        let list = match self.tree {
            Some(Tree::List(list)) => list.get(index),
            _ => None,
        };
        Self { path: format!("{}[{index}]", self.path), tree: list }
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        match self.tree {
            Some(Tree::Truth(value)) => Some(*value),
            _ => None,
        }
    }

    /// How many elements the list has.
    pub(crate) fn count(&self) -> Option<usize> {
        match self.tree {
            Some(Tree::List(list)) => Some(list.len()),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.tree {
            Some(Tree::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn whole(&self) -> Option<i128> {
        match self.tree {
            Some(Tree::Whole(value)) => Some(*value),
            _ => None,
        }
    }

    /// Whether the table around it fits and has no such field.
    pub(crate) fn is_missing(&self, field: &str) -> bool {
        self.table().is_some_and(|table| !table.contains_key(field))
    }

    fn table(&self) -> Option<&'a BTreeMap<String, Tree>> {
        match self.tree {
            Some(Tree::Table(table)) => Some(table),
            _ => None,
        }
    }
}

/// The path of a field. A key that is no plain word is quoted, so that it can neither break the line nor, where it looks
/// like a secret, show itself.
pub(crate) fn join(parent: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let key = if plain && !show::looks_like_a_secret(key) { key.into() } else { show::text(key) };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

/// What the checks found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Mistake>);

impl Findings {
    pub(crate) fn add(&mut self, place: &Place<'_>, expected: impl Into<String>, found: impl Into<String>) {
        self.0.push(Mistake::new(place.path(), expected, found));
    }

    /// Reports the text at `place` where it has not the form.
    pub(crate) fn form(&mut self, place: &Place<'_>, has_form: fn(&str) -> bool, expected: &str) {
        if let Some(text) = place.text().filter(|text| !has_form(text)) {
            self.add(place, expected, show::text(text));
        }
    }

    /// Reports the number at `place` where it is outside the limits.
    pub(crate) fn limits(&mut self, place: &Place<'_>, least: i128, most: i128) {
        if let Some(value) = place.whole().filter(|value| !(least..=most).contains(value)) {
            self.add(place, format!("{least} to {most}"), value.to_string());
        }
    }

    /// Reports the text at `second` where `first` has the same.
    pub(crate) fn different(&mut self, first: &Place<'_>, second: &Place<'_>) {
        if let (Some(one), Some(other)) = (first.text(), second.text())
            && one == other
        {
            self.add(second, format!("another value than that of {}", first.path()), show::text(other));
        }
    }

    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        self.0
    }
}
