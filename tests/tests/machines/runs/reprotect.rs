//! What becomes of a reprotect.

use super::*;

#[test]
fn nothing_is_replaced_before_the_lost_writes_are_saved_and_the_divergence_is_answered() {
    let before = &story("reprotect")[1..6];
    for task in before {
        for reply in [REFUSED, EXHAUSTED, BAD_INPUT, SUPERSEDED] {
            let ended = with(&file("reprotect"), task, reply);
            assert_eq!(ended.count("swap-search-leader: follow-back"), 0, "{task} {reply:?}");
            assert_eq!(ended.count("close-run"), 1, "{task} {reply:?}");
        }
    }
}
