//! Choice states.

use crate::support::{states, walk};
use serde_json::{Value, json};

/// Whether a Choice with this one rule takes it.
fn holds(mut rule: Value, input: Value) -> bool {
    rule["Next"] = json!("yes");
    let machine = states(json!({
        "a": {"Type": "Choice", "Choices": [rule], "Default": "no"},
        "yes": {"Type": "Pass", "Result": true, "End": true},
        "no": {"Type": "Pass", "Result": false, "End": true}
    }));
    walk(&machine, input).output() == &json!(true)
}

fn test(variable: &str, operator: &str, operand: Value) -> Value {
    json!({"Variable": variable, operator: operand})
}

#[test]
fn the_first_rule_that_holds_decides() {
    let machine = states(json!({
        "a": {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "big"},
            {"Variable": "$.n", "NumericGreaterThan": 5, "Next": "middle"}
        ], "Default": "small"},
        "big": {"Type": "Succeed"}, "middle": {"Type": "Succeed"}, "small": {"Type": "Succeed"}
    }));
    assert_eq!(walk(&machine, json!({"n": 11})).entered(), ["a", "big"]);
    assert_eq!(walk(&machine, json!({"n": 7})).entered(), ["a", "middle"]);
    assert_eq!(walk(&machine, json!({"n": 5})).entered(), ["a", "small"]);
}

#[test]
fn without_a_match_and_without_a_default_the_error_says_so() {
    let machine = states(json!({
        "a": {"Type": "Choice", "Choices": [{"Variable": "$.x", "BooleanEquals": true, "Next": "b"}]},
        "b": {"Type": "Succeed"}
    }));
    assert_eq!(walk(&machine, json!({"x": false})).error(), "States.NoChoiceMatched");
}

#[test]
fn a_missing_variable_is_a_runtime_error_and_never_the_default() {
    for operator in ["StringEquals", "StringMatches"] {
        let machine = states(json!({
            "a": {"Type": "Choice", "Choices": [{"Variable": "$.gone", operator: "x", "Next": "b"}], "Default": "b"},
            "b": {"Type": "Succeed"}
        }));
        assert_eq!(walk(&machine, json!({})).error(), "States.Runtime");
    }
}

#[test]
fn is_present_may_ask_for_what_is_missing() {
    assert!(!holds(test("$.gone", "IsPresent", json!(true)), json!({})));
    assert!(holds(test("$.gone", "IsPresent", json!(false)), json!({})));
    assert!(holds(test("$.there", "IsPresent", json!(true)), json!({"there": null})));
}

#[test]
fn is_present_guards_the_parts_after_it() {
    let rule = json!({"And": [test("$.x", "IsPresent", json!(true)), test("$.x", "StringEquals", json!("y"))]});
    assert!(!holds(rule.clone(), json!({})));
    assert!(holds(rule, json!({"x": "y"})));
}

#[test]
fn texts_compare_exactly_and_only_with_texts() {
    assert!(holds(test("$.x", "StringEquals", json!("Already")), json!({"x": "Already"})));
    assert!(!holds(test("$.x", "StringEquals", json!("Already")), json!({"x": "already"})));
    assert!(!holds(test("$.x", "StringEquals", json!("1")), json!({"x": 1})));
}

#[test]
fn texts_compare_with_the_text_at_a_path() {
    let rule = test("$.here", "StringEqualsPath", json!("$.there"));
    assert!(holds(rule.clone(), json!({"here": "a", "there": "a"})));
    assert!(!holds(rule, json!({"here": "a", "there": "b"})));
}

#[test]
fn a_compared_path_that_leads_nowhere_is_a_runtime_error() {
    let machine = states(json!({
        "a": {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEqualsPath": "$.y", "Next": "b"}], "Default": "b"},
        "b": {"Type": "Succeed"}
    }));
    assert_eq!(walk(&machine, json!({"x": 1})).error(), "States.Runtime");
    assert_eq!(walk(&machine, json!({"x": 1, "y": "1"})).error(), "States.Runtime");
}

#[test]
fn a_star_in_a_pattern_stands_for_any_text() {
    let matches = |pattern: &str, text: &str| holds(test("$.x", "StringMatches", json!(pattern)), json!({"x": text}));
    assert!(matches("promote-*", "promote-hot"));
    assert!(matches("*-hot", "promote-hot"));
    assert!(matches("p*o*t", "promote-hot"));
    assert!(matches("*", ""));
    assert!(!matches("promote-*", "demote-hot"));
    assert!(!matches("a*a", "a"));
}

#[test]
fn an_escaped_star_stands_for_itself() {
    let matches = |pattern: &str, text: &str| holds(test("$.x", "StringMatches", json!(pattern)), json!({"x": text}));
    assert!(matches(r"2\*3", "2*3"));
    assert!(!matches(r"2\*3", "2x3"));
    assert!(matches(r"a\\*", r"a\b"));
}

#[test]
fn numbers_compare_in_all_five_ways() {
    for (operator, below, equal, above) in [
        ("NumericEquals", false, true, false),
        ("NumericLessThan", true, false, false),
        ("NumericLessThanEquals", true, true, false),
        ("NumericGreaterThan", false, false, true),
        ("NumericGreaterThanEquals", false, true, true),
    ] {
        for (number, expected) in [(1.5, below), (2.0, equal), (3.0, above)] {
            let by_path = format!("{operator}Path");
            assert_eq!(holds(test("$.n", operator, json!(2)), json!({"n": number})), expected, "{operator}");
            assert_eq!(holds(test("$.n", &by_path, json!("$.m")), json!({"n": number, "m": 2})), expected, "{by_path}");
        }
    }
}

#[test]
fn a_number_in_a_text_is_no_number() {
    assert!(!holds(test("$.n", "NumericEquals", json!(2)), json!({"n": "2"})));
}

#[test]
fn booleans_compare_with_constants_and_paths() {
    assert!(holds(test("$.b", "BooleanEquals", json!(false)), json!({"b": false})));
    assert!(!holds(test("$.b", "BooleanEquals", json!(true)), json!({"b": "true"})));
    assert!(holds(test("$.b", "BooleanEqualsPath", json!("$.c")), json!({"b": true, "c": true})));
}

#[test]
fn the_nature_of_a_value_can_be_asked() {
    for (operator, value) in
        [("IsNull", json!(null)), ("IsString", json!("")), ("IsNumeric", json!(0)), ("IsBoolean", json!(false))]
    {
        assert!(holds(test("$.x", operator, json!(true)), json!({"x": value})));
        assert!(!holds(test("$.x", operator, json!(true)), json!({"x": []})));
        assert!(holds(test("$.x", operator, json!(false)), json!({"x": []})));
    }
}

#[test]
fn conditions_compose_with_and_or_and_not() {
    let equals = |text: &str| test("$.x", "StringEquals", json!(text));
    let either = json!({"Or": [equals("a"), equals("b")]});
    assert!(holds(either.clone(), json!({"x": "b"})));
    assert!(!holds(either.clone(), json!({"x": "c"})));
    assert!(holds(json!({"Not": either.clone()}), json!({"x": "c"})));
    assert!(!holds(json!({"And": [either, {"Not": equals("b")}]}), json!({"x": "b"})));
}

#[test]
fn a_choice_may_look_at_the_context_and_into_lists() {
    assert!(holds(test("$$.Execution.Name", "StringEquals", json!("run-1")), json!({})));
    assert!(holds(
        test("$[1].previous.outcome", "StringEquals", json!("x")),
        json!([0, {"previous": {"outcome": "x"}}])
    ));
}

#[test]
fn a_choice_looks_at_its_selected_input_and_its_output_path_shapes_what_goes_on() {
    let machine = states(json!({
        "a": {"Type": "Choice", "InputPath": "$.in", "OutputPath": "$.out", "Choices": [
            {"Variable": "$.x", "IsPresent": true, "Next": "b"}
        ]},
        "b": {"Type": "Succeed"}
    }));
    assert_eq!(walk(&machine, json!({"in": {"x": 1, "out": 2}})).output(), &json!(2));
}
