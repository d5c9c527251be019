//! Which RDS event a message is.
//!
//! DescribeEvents gives no identifier (RDS API model, `Event`), so an event is known by the words of its message, which the
//! user guide lists (Aurora User Guide, "Amazon RDS event categories and event messages"). What is not in the list is left out.

/// Identifier, and the words that its message holds, in this order.
const MESSAGES: [(&str, &[&str]); 12] = [
    ("RDS-EVENT-0181", &["global switchover to db cluster", "started"]),
    ("RDS-EVENT-0185", &["global switchover to db cluster", "finished"]),
    ("RDS-EVENT-0186", &["global switchover to db cluster", "cancelled"]),
    ("RDS-EVENT-0187", &["global switchover to db cluster", "failed"]),
    ("RDS-EVENT-0238", &["global failover to db cluster", "completed"]),
    ("RDS-EVENT-0239", &["global failover to db cluster", "failed"]),
    ("RDS-EVENT-0240", &["started resynchronizing members"]),
    ("RDS-EVENT-0241", &["finished resynchronizing members"]),
    ("RDS-EVENT-0390", &["attempt to block writes for db cluster", "succeeded"]),
    ("RDS-EVENT-0391", &["attempt to block writes for db cluster", "timed out"]),
    ("RDS-EVENT-0397", &["global writer endpoint resolves"]),
    ("RDS-EVENT-0519", &["global database failover to db cluster", "completed"]),
];

/// The identifier of the event with this message; none where it is not one of a global database's.
pub(crate) fn event_id(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    let holds = |words: &[&str]| {
        let mut rest = message.as_str();
        words.iter().all(|word| match rest.split_once(word) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    };
    MESSAGES.iter().find(|(_, words)| holds(words)).map(|(id, _)| *id)
}

/// Whether a text names this cluster: as a word of its own, because one name may begin as another does.
pub(crate) fn names(text: &str, name: &str) -> bool {
    let part_of_a_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !before.ends_with(part_of_a_name) && !after.starts_with(part_of_a_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_named_by_a_word_of_its_own() {
        assert!(names("arn:aws:rds:us-east-1:123456789012:cluster:acme-chat-east", "acme-chat-east"));
        assert!(names("Attempt to block writes for DB cluster acme-chat succeeded.", "acme-chat"));
        assert!(!names("Attempt to block writes for DB cluster acme-chat-east2 succeeded.", "acme-chat-east"));
        assert!(!names("my-acme-chat", "acme-chat") && !names("", "acme-chat"));
    }

    #[test]
    fn the_outcome_of_fencing_is_read_off_the_message() {
        let told = |end: &str| format!("Attempt to block writes for DB cluster acme-west in Region us-west-1 {end}.");
        assert_eq!(event_id(&told("succeeded")), Some("RDS-EVENT-0390"));
        assert_eq!(event_id(&told("timed out")), Some("RDS-EVENT-0391"));
    }

    #[test]
    fn the_end_of_a_move_is_read_off_the_message() {
        let told = |what: &str, end: &str| format!("Global {what} to DB cluster acme-east in Region us-east-1 {end}.");
        assert_eq!(event_id(&told("switchover", "finished")), Some("RDS-EVENT-0185"));
        assert_eq!(event_id(&told("failover", "completed")), Some("RDS-EVENT-0238"));
        assert_eq!(event_id(&told("failover", "failed")), Some("RDS-EVENT-0239"));
    }

    #[test]
    fn a_message_of_something_else_is_no_event_of_a_global_database() {
        assert_eq!(event_id("DB cluster created"), None);
        assert_eq!(event_id("Started cross AZ failover to DB instance: acme-1"), None);
        assert_eq!(event_id(""), None);
    }
}
