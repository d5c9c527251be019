//! The fields that shape input and output, and which kind of state may have which.

use super::fields::Fields;
use crate::findings::{Findings, describe};
use crate::path::{Path, Reach};
use crate::state::{Filters, StateKind};
use crate::template::Template;
use serde_json::Value;

/// Reads the shaping fields that `kind` may have; a task reads its `Parameters` itself.
pub(crate) fn filters(kind: StateKind, fields: &mut Fields<'_>, findings: &mut Findings) -> Filters {
    let mut filters = Filters {
        input_path: Some(Path::whole()),
        parameters: None,
        result_selector: None,
        result_path: Some(Path::whole()),
        output_path: Some(Path::whole()),
    };
    if kind == StateKind::Fail {
        return filters;
    }
    filters.input_path = path_or_null(fields, "InputPath", Reach::Context, findings);
    filters.output_path = path_or_null(fields, "OutputPath", Reach::Context, findings);
    if matches!(kind, StateKind::Pass | StateKind::Parallel) {
        filters.parameters = template(fields, "Parameters", findings);
    }
    if matches!(kind, StateKind::Task | StateKind::Parallel) {
        filters.result_selector = template(fields, "ResultSelector", findings);
    }
    if matches!(kind, StateKind::Task | StateKind::Pass | StateKind::Parallel) {
        filters.result_path = path_or_null(fields, "ResultPath", Reach::Data, findings);
    }
    filters
}

/// A path field: absent is `$`, null is `None`.
pub(crate) fn path_or_null(
    fields: &mut Fields<'_>,
    name: &'static str,
    reach: Reach,
    findings: &mut Findings,
) -> Option<Path> {
    match fields.take(name) {
        None => Some(Path::whole()),
        Some(Value::Null) => None,
        Some(value) => path(value, &fields.at(name), reach, findings),
    }
}

/// A path that must be there.
pub(crate) fn path(value: &Value, place: &str, reach: Reach, findings: &mut Findings) -> Option<Path> {
    let parsed = match value.as_str() {
        Some(text) => Path::parse(text, reach),
        None => Err("a reference path".to_owned()),
    };
    parsed.map_err(|expected| findings.add(place, expected, describe(Some(value)))).ok()
}

fn template(fields: &mut Fields<'_>, name: &'static str, findings: &mut Findings) -> Option<Template> {
    let value = fields.take(name)?;
    Template::object(value, &fields.at(name), Reach::Context, findings)
}
