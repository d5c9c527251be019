//! Paths, payload templates and the context object.

use crate::support::{Answer, run, states, walk};
use serde_json::{Value, json};

fn passed(fields: Value, input: Value) -> crate::support::Run {
    let pass = crate::support::with(json!({"Type": "Pass", "End": true}), fields);
    walk(&states(json!({"a": pass})), input)
}

#[test]
fn an_input_path_selects_and_its_absence_takes_all() {
    assert_eq!(passed(json!({"InputPath": "$.a.b"}), json!({"a": {"b": [1]}})).output(), &json!([1]));
    assert_eq!(passed(json!({}), json!([2])).output(), &json!([2]));
}

#[test]
fn a_null_input_or_output_path_means_an_empty_object() {
    assert_eq!(passed(json!({"InputPath": null}), json!({"a": 1})).output(), &json!({}));
    assert_eq!(passed(json!({"OutputPath": null}), json!({"a": 1})).output(), &json!({}));
}

#[test]
fn a_null_result_path_drops_the_result() {
    assert_eq!(passed(json!({"Result": 5, "ResultPath": null}), json!({"a": 1})).output(), &json!({"a": 1}));
}

#[test]
fn an_input_or_output_path_that_leads_nowhere_is_a_runtime_error() {
    assert_eq!(passed(json!({"InputPath": "$.gone"}), json!({})).error(), "States.Runtime");
    assert_eq!(passed(json!({"OutputPath": "$.a[3]"}), json!({"a": [1]})).error(), "States.Runtime");
}

#[test]
fn parameters_mix_constants_and_paths_at_any_depth() {
    let fields = json!({"Parameters": {
        "part": "promote-hot",
        "run.$": "$.run",
        "deep": {"list": [{"epoch.$": "$.run.epoch"}, "constant"]}
    }});
    assert_eq!(
        passed(fields, json!({"run": {"epoch": 3}})).output(),
        &json!({"part": "promote-hot", "run": {"epoch": 3}, "deep": {"list": [{"epoch": 3}, "constant"]}})
    );
}

#[test]
fn parameters_see_the_input_after_the_input_path() {
    let fields = json!({"InputPath": "$.a", "Parameters": {"x.$": "$.b"}});
    assert_eq!(passed(fields, json!({"a": {"b": 1}, "b": 2})).output(), &json!({"x": 1}));
}

#[test]
fn a_missing_path_in_parameters_has_an_error_of_its_own_and_never_becomes_null() {
    let run = passed(json!({"Parameters": {"x.$": "$.gone"}}), json!({}));
    assert_eq!(run.error(), "States.ParameterPathFailure");
    assert!(run.cause().contains("$.gone"), "{}", run.cause());
}

#[test]
fn a_result_path_goes_into_the_input_as_it_came() {
    let fields = json!({"InputPath": "$.a", "Result": 9, "ResultPath": "$.b"});
    assert_eq!(passed(fields, json!({"a": 1})).output(), &json!({"a": 1, "b": 9}));
}

#[test]
fn a_result_path_replaces_a_list_element_that_is_there() {
    let fields = json!({"Result": 9, "ResultPath": "$.list[1]"});
    assert_eq!(passed(fields.clone(), json!({"list": [1, 2]})).output(), &json!({"list": [1, 9]}));
    assert_eq!(passed(fields, json!({"list": [1]})).error(), "States.ResultPathMatchFailure");
}

#[test]
fn a_result_path_through_something_that_is_no_object_cannot_be_applied() {
    for input in [json!({"a": "text"}), json!({"a": null}), json!({"a": [1]}), json!("text")] {
        let run = passed(json!({"Result": 9, "ResultPath": "$.a.b"}), input);
        assert_eq!(run.error(), "States.ResultPathMatchFailure");
    }
}

#[test]
fn a_result_selector_shapes_the_result_before_it_is_merged() {
    let machine = states(json!({"a": {
        "Type": "Task", "Resource": "${Function}", "End": true,
        "ResultSelector": {"kept.$": "$.x", "by": "selector"}, "ResultPath": "$.result"
    }}));
    let run = run(&machine, json!({"in": 1}), |_| Answer::Ok(0, json!({"x": 5, "y": 6})));
    assert_eq!(run.output(), &json!({"in": 1, "result": {"kept": 5, "by": "selector"}}));
}

#[test]
fn a_result_selector_that_misses_its_path_is_a_runtime_error() {
    let machine = states(json!({"a": {
        "Type": "Task", "Resource": "${Function}", "End": true, "ResultSelector": {"kept.$": "$.x"},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "b"}]
    }, "b": {"Type": "Succeed"}}));
    assert_eq!(run(&machine, json!({}), |_| Answer::Ok(0, json!({}))).error(), "States.Runtime");
}

#[test]
fn the_context_object_tells_an_execution_about_itself() {
    let machine = states(json!({
        "a": {"Type": "Wait", "Seconds": 2, "Next": "b"},
        "b": {"Type": "Pass", "End": true, "Parameters": {
            "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name", "started.$": "$$.Execution.StartTime",
            "input.$": "$$.Execution.Input.deep[0]", "state.$": "$$.State.Name", "entered.$": "$$.State.EnteredTime",
            "machine.$": "$$.StateMachine.Id", "machine_name.$": "$$.StateMachine.Name", "retries.$": "$$.State.RetryCount"
        }}
    }));
    assert_eq!(
        walk(&machine, json!({"deep": ["x"]})).output(),
        &json!({
            "id": "execution:machine:run-1", "name": "run-1", "started": "1970-01-01T00:00:00.000Z",
            "input": "x", "state": "b", "entered": "1970-01-01T00:00:02.000Z",
            "machine": "stateMachine:machine", "machine_name": "machine", "retries": 0
        })
    );
}
