//! The rules of a Choice.

use super::fields::Fields;
use super::scope::Names;
use super::shaping::path;
use crate::choice::{Condition, Nature, Operand, Order, Pattern, Test};
use crate::findings::{Findings, describe};
use crate::path::{Path, Reach};
use crate::state::Rule;
use serde_json::Value;

/// Reads the operand of a comparison, or says what was expected instead.
type ReadTest = fn(&Value) -> Result<Test, String>;

/// The field names of the comparisons in the subset, with how each is read.
const TESTS: [(&str, ReadTest); 20] = [
    ("StringEquals", |value| Ok(Test::StringEquals(constant(value, "a text", |v| v.as_str().map(str::to_owned))?))),
    ("StringEqualsPath", |value| Ok(Test::StringEquals(operand_path(value)?))),
    ("StringMatches", |value| Ok(Test::StringMatches(Pattern::parse(value.as_str().ok_or("a text")?)?))),
    ("NumericEquals", |value| numeric(Order::Equals, value)),
    ("NumericEqualsPath", |value| numeric_path(Order::Equals, value)),
    ("NumericLessThan", |value| numeric(Order::LessThan, value)),
    ("NumericLessThanPath", |value| numeric_path(Order::LessThan, value)),
    ("NumericLessThanEquals", |value| numeric(Order::LessThanEquals, value)),
    ("NumericLessThanEqualsPath", |value| numeric_path(Order::LessThanEquals, value)),
    ("NumericGreaterThan", |value| numeric(Order::GreaterThan, value)),
    ("NumericGreaterThanPath", |value| numeric_path(Order::GreaterThan, value)),
    ("NumericGreaterThanEquals", |value| numeric(Order::GreaterThanEquals, value)),
    ("NumericGreaterThanEqualsPath", |value| numeric_path(Order::GreaterThanEquals, value)),
    ("BooleanEquals", |value| Ok(Test::BooleanEquals(constant(value, "true or false", Value::as_bool)?))),
    ("BooleanEqualsPath", |value| Ok(Test::BooleanEquals(operand_path(value)?))),
    ("IsPresent", |value| is(Nature::Present, value)),
    ("IsNull", |value| is(Nature::Null, value)),
    ("IsString", |value| is(Nature::String, value)),
    ("IsNumeric", |value| is(Nature::Numeric, value)),
    ("IsBoolean", |value| is(Nature::Boolean, value)),
];

fn constant<T>(value: &Value, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Operand<T>, String> {
    read(value).map(Operand::Constant).ok_or_else(|| expected.to_owned())
}

fn operand_path<T>(value: &Value) -> Result<Operand<T>, String> {
    Path::parse(value.as_str().ok_or("a reference path")?, Reach::Context).map(Operand::Path)
}

fn numeric(order: Order, value: &Value) -> Result<Test, String> {
    Ok(Test::Numeric(order, constant(value, "a number", Value::as_f64)?))
}

fn numeric_path(order: Order, value: &Value) -> Result<Test, String> {
    Ok(Test::Numeric(order, operand_path(value)?))
}

fn is(nature: Nature, value: &Value) -> Result<Test, String> {
    value.as_bool().map(|wanted| Test::Is(nature, wanted)).ok_or_else(|| "true or false".to_owned())
}

/// A top-level rule: a condition and where it leads.
pub(crate) fn rule(value: &Value, path: &str, names: &Names, findings: &mut Findings) -> Option<Rule> {
    let mut fields = Fields::open(value, path, findings)?;
    fields.text("Comment", findings);
    let next = names.need(&mut fields, "Next", findings);
    let condition = condition(&mut fields, findings);
    fields.close(findings);
    Some(Rule { condition: condition?, next: next? })
}

/// A condition inside And, Or or Not, which leads nowhere by itself.
fn nested(value: &Value, path: &str, findings: &mut Findings) -> Option<Condition> {
    let mut fields = Fields::open(value, path, findings)?;
    let condition = condition(&mut fields, findings);
    fields.close(findings);
    condition
}

fn condition(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Condition> {
    let and = nested_list(fields, "And", findings);
    let or = nested_list(fields, "Or", findings);
    let not_path = fields.at("Not");
    let not = fields.take("Not").map(|value| nested(value, &not_path, findings));
    let variable_path = fields.at("Variable");
    let variable = fields.take("Variable").map(|value| path(value, &variable_path, Reach::Context, findings));
    let tests = tests(fields, findings);
    let composed = usize::from(and.is_some()) + usize::from(or.is_some()) + usize::from(not.is_some());
    if composed + tests.len() != 1 || variable.is_some() != (composed == 0) {
        let found = format!(
            "{composed} of And, Or, Not, {} comparisons, {} Variable",
            tests.len(),
            if variable.is_some() { "a" } else { "no" }
        );
        findings.add(fields.path(), "either one of And, Or, Not, or a Variable with one comparison", found);
        return None;
    }
    if let Some(parts) = and {
        return Some(Condition::And(parts));
    }
    if let Some(parts) = or {
        return Some(Condition::Or(parts));
    }
    if let Some(part) = not {
        return part.map(|part| Condition::Not(Box::new(part)));
    }
    let test = tests.into_iter().next()??;
    Some(Condition::Test { variable: variable??, test })
}

fn nested_list(fields: &mut Fields<'_>, name: &'static str, findings: &mut Findings) -> Option<Vec<Condition>> {
    fields.take(name)?;
    let list = fields.list(name, findings);
    Some(list.into_iter().filter_map(|(path, value)| nested(value, &path, findings)).collect())
}

/// Every comparison that the rule has; one that cannot be read counts as well, as `None`.
fn tests(fields: &mut Fields<'_>, findings: &mut Findings) -> Vec<Option<Test>> {
    let mut tests = Vec::new();
    for (name, read) in TESTS {
        let Some(value) = fields.take(name) else { continue };
        let place = fields.at(name);
        tests.push(read(value).map_err(|expected| findings.add(place, expected, describe(Some(value)))).ok());
    }
    tests
}
