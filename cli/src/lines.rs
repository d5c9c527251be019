//! The command lines that others run: each one in the template and in the units of a node is one that this tool takes.

use clap::Parser;

use crate::Arguments;

const PROGRAM: &str = "/usr/local/bin/mmdr ";
const TEMPLATE: &str = include_str!("../../template.yaml");
const REPORT: &str = include_str!("../../examples/node/mmdr-report.service");
const DROP_IN: &str = include_str!("../../examples/node/mattermost-dr.conf");

/// What stands behind the program's path, with Systems Manager's parameters filled in.
fn lines(text: &str) -> Vec<String> {
    let found = text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| {
        let (_, rest) = line.split_once(PROGRAM)?;
        Some(rest.trim_end_matches(['\'', ']', ' ']).replace("{{ Epoch }}", "7"))
    });
    found.collect()
}

fn is_taken(line: &str) -> bool {
    Arguments::try_parse_from(["mmdr"].into_iter().chain(line.split_whitespace())).is_ok()
}

#[test]
fn every_line_of_the_template_and_of_a_nodes_units_is_taken() {
    let all: Vec<String> = [TEMPLATE, REPORT, DROP_IN].into_iter().flat_map(lines).collect();
    for line in &all {
        assert!(is_taken(line), "mmdr {line}");
    }
    let wanted = [
        "node start --epoch 7",
        "node stop --epoch 7 --fence-check",
        "node stop --epoch 7",
        "node report",
        "node pre-start",
    ];
    assert_eq!(all, wanted);
}

#[test]
fn a_line_with_an_option_that_there_is_not_is_not_taken() {
    assert!(!is_taken("node stop --epoch 7 --fence"));
    assert!(!is_taken("node stop --epoch {{ Epoch }}"));
}
