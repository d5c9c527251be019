//! Reaches into this Region's VPC for the other Region's functions. No step: it decides nothing.
//!
//! The document says `reaches_other_by = "remote-function"` where the two VPCs do not see each other. A function of the other
//! Region then invokes this one with one [`Inside`], and gets back what it would have got here: the answer, or the fault with
//! its own name. Nothing is kept, nothing is repeated, and only the own Region's search and Mattermost are asked, with the
//! own Region's credentials; they never leave it.

use mmdr_aws::{Aws, Inside, RelayAnswer};
use mmdr_core::{Place, StepError};
use serde_json::Value;

/// One question or change, as it comes in, and the [`RelayAnswer`] as it goes out.
///
/// Errors: [`StepError::BadInput`] for what is no [`Inside`]. That something inside did not answer is an answer.
pub async fn serve(ports: &Aws, _place: &Place, event: Value) -> Result<Value, StepError> {
    let what = asked(event)?;
    answered(&ports.perform_here(&what).await)
}

/// What is asked for. The two stacks may be of different versions: an unknown word is refused and not guessed.
fn asked(event: Value) -> Result<Inside, StepError> {
    serde_json::from_value(event).map_err(|error| StepError::BadInput(format!("a relay's event: {error}")))
}

fn answered(answer: &RelayAnswer) -> Result<Value, StepError> {
    serde_json::to_value(answer).map_err(|error| StepError::BadInput(format!("a relay's answer: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_core::Fault;
    use serde_json::json;

    #[test]
    fn an_event_is_one_question_or_change_with_all_its_arguments() {
        assert_eq!(asked(json!("indices")), Ok(Inside::Indices));
        assert_eq!(asked(json!({ "post-exists": "mmdr-a" })), Ok(Inside::PostExists("mmdr-a".into())));
        let start = Inside::Start { alias: "mmdr-1".into(), names: vec!["users".into()] };
        assert_eq!(asked(json!({ "start": { "alias": "mmdr-1", "names": ["users"] } })), Ok(start));
    }

    #[test]
    fn anything_else_is_refused_in_one_sentence() {
        for event in [json!(null), json!({}), json!("drop-everything"), json!({ "start": { "names": [] } })] {
            let error = asked(event).unwrap_err();
            assert_eq!(error.name(), "Dr.BadInput");
            assert!(error.to_string().starts_with("a relay's event: "), "{error}");
        }
        let more = json!({ "start": { "alias": "a", "names": [], "region": "us-west-1" } });
        assert!(asked(more).is_err());
    }

    #[test]
    fn a_fault_goes_back_with_its_own_name() {
        let fault = || RelayAnswer::Err(Fault::LookAgain("503 Service Unavailable".into()));
        assert_eq!(answered(&fault()), Ok(json!({ "Err": { "look-again": "503 Service Unavailable" } })));
        assert_eq!(answered(&Ok(json!([1]))), Ok(json!({ "Ok": [1] })));
    }
}
