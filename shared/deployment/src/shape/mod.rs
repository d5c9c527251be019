//! The structural pass: does the document have the form of its types?
//!
//! It walks the document beside the JSON Schema that is generated from the types, so that there is no second list of
//! fields to keep equal. It does not stop at a mistake. What it hands on is the document as far as it fits: unknown
//! fields are left out, ill-typed and missing ones are misfits, absent ones have their defaults.

mod rule;
mod words;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::mistake::Mistake;
use crate::place::join;
use crate::tree::Tree;
use rule::{Field, Rule};

/// Elements of a list beyond this are not looked at. The only list holds two Regions; a list of thousands gets a
/// sentence about its length and not thousands of sentences.
const LIST_LIMIT: usize = 8;

/// Walks `document` beside `schema`: the document as far as it fits, and every mistake.
pub(crate) fn fit(schema: &Value, document: &Tree) -> (Tree, Vec<Mistake>) {
    let mut walk = Walk { schema, mistakes: Vec::new() };
    let fitting = walk.value("", schema, document).unwrap_or(Tree::Null);
    (fitting, walk.mistakes)
}

struct Walk<'s> {
    schema: &'s Value,
    mistakes: Vec<Mistake>,
}

impl<'s> Walk<'s> {
    /// What is handed on of `found`; nothing where it stands for an absent value.
    fn value(&mut self, path: &str, part: &'s Value, found: &Tree) -> Option<Tree> {
        match Rule::read(self.schema, part) {
            Some(rule) => self.ruled(path, &rule, found),
            // No form that we know: the types judge it alone, at the end.
            None => Some(found.clone()),
        }
    }

    fn ruled(&mut self, path: &str, rule: &Rule<'s>, found: &Tree) -> Option<Tree> {
        match (rule, found) {
            (Rule::Optional(_), Tree::Null) => None,
            (Rule::Optional(inner), _) => self.ruled(path, inner, found),
            (Rule::Table(fields), Tree::Table(table)) => Some(self.table(path, fields, table)),
            (Rule::List(part), Tree::List(list)) => Some(self.list(path, part, list)),
            (Rule::Word(words), Tree::Text(text)) if words.contains(&text.as_str()) => Some(found.clone()),
            (Rule::Text, Tree::Text(_)) | (Rule::Truth, Tree::Truth(_)) => Some(found.clone()),
            (Rule::Whole(most), Tree::Whole(value)) if (0..=*most).contains(value) => Some(found.clone()),
            (Rule::Whole(most), Tree::Whole(value)) => {
                self.mistake(path, format!("a whole number from 0 to {most}"), value.to_string())
            }
            _ => self.mistake(path, rule.described(), found.described()),
        }
    }

    fn list(&mut self, path: &str, part: &'s Value, list: &[Tree]) -> Tree {
        let fitting = list.iter().enumerate().map(|(index, element)| {
            let path = format!("{path}[{index}]");
            let looked_at = if index < LIST_LIMIT { self.value(&path, part, element) } else { None };
            // An element keeps its place, so that paths stay true.
            looked_at.unwrap_or(Tree::Misfit)
        });
        Tree::List(fitting.collect())
    }

    fn table(&mut self, path: &str, fields: &[Field<'s>], table: &BTreeMap<String, Tree>) -> Tree {
        for key in table.keys().filter(|key| !fields.iter().any(|field| field.name == *key)) {
            self.unknown(path, fields, key);
        }
        let mut fitting = BTreeMap::new();
        for field in fields {
            let path = join(path, field.name);
            let value = match table.get(field.name) {
                Some(found) => self.value(&path, field.schema, found),
                None => self.absent(&path, field),
            };
            fitting.extend(value.map(|value| (field.name.to_owned(), value)));
        }
        Tree::Table(fitting)
    }

    fn absent(&mut self, path: &str, field: &Field<'s>) -> Option<Tree> {
        if field.required {
            let expected = match Rule::read(self.schema, field.schema) {
                Some(rule) => rule.described(),
                None => "a value".into(),
            };
            return self.mistake(path, expected, "nothing".into());
        }
        serde_json::from_value(field.schema.get("default")?.clone()).ok()
    }

    /// The value of an unknown field is never shown: it may be a password that has no place here.
    fn unknown(&mut self, path: &str, fields: &[Field<'s>], key: &str) {
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        let found = match words::nearest(key, &names) {
            Some(near) => format!("an unknown field (did you mean {near}?)"),
            None => "an unknown field".into(),
        };
        self.mistake(&join(path, key), format!("one of the fields {}", names.join(", ")), found);
    }

    fn mistake(&mut self, path: &str, expected: String, found: String) -> Option<Tree> {
        let path = if path.is_empty() { "document" } else { path };
        self.mistakes.push(Mistake::new(path, expected, found));
        Some(Tree::Misfit)
    }
}

#[cfg(test)]
mod tests {
    use super::{Rule, Value};
    use crate::json_schema;

    #[test]
    fn every_part_of_the_schema_has_a_form_that_the_walk_knows() {
        let schema = json_schema();
        let mut parts = vec![("document".to_owned(), &schema)];
        let mut seen = 0;
        while let Some((path, part)) = parts.pop() {
            seen += 1;
            match Rule::read(&schema, part) {
                Some(Rule::Table(fields)) => {
                    parts.extend(fields.iter().map(|field| (format!("{path}.{}", field.name), field.schema)));
                }
                Some(Rule::List(inner)) => parts.push((format!("{path}[]"), inner)),
                Some(_) => {}
                None => panic!("{path} has a form that the walk does not know: {part}"),
            }
        }
        assert!(seen > 60, "only {seen} parts were looked at");
        assert!(matches!(schema, Value::Object(_)));
    }
}
