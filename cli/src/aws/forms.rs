//! The forms of what a person names. They are checked before AWS is asked: a slip of the pen is bad input, and never looks
//! like a run that is not there, or like a Region that is silent.

use mmdr_core::{Region, RunId};

use super::exits::Failure;

/// Longest name of an execution (Step Functions API, StartExecution).
pub(crate) const NAME_CHARACTERS: usize = 80;
/// Hexadecimal digits of a digest, as `mmdr_core::digest` makes it.
const DIGEST_CHARACTERS: usize = 16;
/// Longest identifier of a node: those of EC2 have 19 characters, those of ECS 36.
const ID_CHARACTERS: usize = 64;

/// The name of a run.
pub(crate) fn run(field: &str, text: &str) -> Result<RunId, Failure> {
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    if text.is_empty() || text.len() > NAME_CHARACTERS || !text.chars().all(plain) {
        return Err(wrong(field, &format!("1 to {NAME_CHARACTERS} of A-Z, a-z, 0-9, - and _"), text));
    }
    Ok(RunId(text.to_owned()))
}

/// The digest of a question. Spaces around it are no mistake: whoever takes the answer leaves them out too.
pub(crate) fn digest(field: &str, text: &str) -> Result<(), Failure> {
    let plain = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
    let digits = text.trim();
    if digits.len() != DIGEST_CHARACTERS || !digits.chars().all(plain) {
        let expected = format!("{DIGEST_CHARACTERS} of 0-9 and a-f, as the notice shows them");
        return Err(wrong(field, &expected, text));
    }
    Ok(())
}

/// A Region. The document's rule is narrower: what it refuses is said when the document was read.
pub(crate) fn region(field: &str, text: &str) -> Result<Region, Failure> {
    let plain = |it: char| is_lower_or_digit(it) || it == '-';
    let whole = text.starts_with(|it: char| it.is_ascii_lowercase()) && text.ends_with(is_lower_or_digit);
    if !whole || !text.contains('-') || !text.chars().all(plain) {
        return Err(wrong(field, "an AWS Region such as us-east-1", text));
    }
    Ok(Region::new(text))
}

/// The Deployment's name, by the rule that the document has for it.
pub(crate) fn name(field: &str, text: &str) -> Result<(), Failure> {
    let plain = |it: char| is_lower_or_digit(it) || it == '-';
    let whole = text.starts_with(|it: char| it.is_ascii_lowercase()) && !text.ends_with('-');
    if !(2..=32).contains(&text.len()) || !whole || !text.chars().all(plain) {
        let expected = "2 to 32 lower-case letters, digits and hyphens, first a letter, last no hyphen";
        return Err(wrong(field, expected, text));
    }
    Ok(())
}

/// The identifier of a node: an instance's or a task's. It becomes a part of an object's key.
pub(crate) fn id(field: &str, text: &str) -> Result<(), Failure> {
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-';
    if text.is_empty() || text.len() > ID_CHARACTERS || !text.chars().all(plain) {
        let expected = format!("1 to {ID_CHARACTERS} letters, digits and hyphens, as an instance or a task has");
        return Err(wrong(field, &expected, text));
    }
    Ok(())
}

fn is_lower_or_digit(it: char) -> bool {
    it.is_ascii_lowercase() || it.is_ascii_digit()
}

fn wrong(field: &str, expected: &str, found: &str) -> Failure {
    Failure::BadInput(format!("{field}: expected {expected}, found {found:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_core::Deployment;

    const DOCUMENT: &str = include_str!("../../../examples/seed-runbook.toml");

    #[test]
    fn a_deployments_name_is_judged_as_the_document_judges_it() {
        let long = "a".repeat(33);
        for text in ["acme-chat", "a1", "a", "", "Acme", "acme_chat", "1acme", "acme-", "a--b", long.as_str()] {
            let document = DOCUMENT.replace("name = \"acme-chat\"", &format!("name = {text:?}"));
            let found = Deployment::from_toml(&document).err();
            let refused = found.is_some_and(|mistakes| mistakes.0.iter().any(|mistake| mistake.path == "name"));
            assert_eq!(name("--name", text).is_err(), refused, "{text:?}");
        }
    }

    #[test]
    fn every_digest_of_a_question_has_the_form_and_a_part_of_one_has_not() {
        let made = mmdr_core::digest("what is asked");
        assert_eq!(digest("--digest", &made), Ok(()));
        for text in ["", "0", &made[1..], "0123456789ABCDEF", "0123456789abcdeg"] {
            assert!(digest("--digest", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_region_is_written_as_aws_writes_it() {
        for text in ["us-east-1", "us-gov-east-1", "ap-southeast-2"] {
            assert_eq!(region("--region", text), Ok(Region::new(text)));
        }
        for text in ["", "us", "US-EAST-1", "us east 1", "us-east-1.example.com", "-us", "us-", "1-us"] {
            assert!(region("--region", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_identifier_of_a_node_leads_to_no_other_key() {
        for text in ["i-0a1b2c3d4e5f67890", "mi-1", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(id("--id", text), Ok(()));
        }
        let long = "a".repeat(65);
        for text in ["", "../ledger", "i-1.json", "i 1", long.as_str()] {
            assert!(id("--id", text).is_err(), "{text:?}");
        }
    }
}
