//! Telling people, through the Region's topic.

use aws_sdk_sns::Client;
use mmdr_core::ports::{Called, NoticeReads, NoticeWrites};
use mmdr_core::{Fault, Region, calls};

use crate::clients::Manner;
use crate::{Aws, faults};

/// SNS takes 100 characters of printable ASCII for a subject (SNS API, Publish).
const SUBJECT: usize = 100;

/// Subscriptions that somebody has confirmed, among a topic's attributes (SNS API, GetTopicAttributes).
const CONFIRMED: &str = "SubscriptionsConfirmed";

impl NoticeReads for Aws {
    async fn subscriptions(&self, region: &Region) -> Called<u32> {
        let manner = self.manner(&calls::SUBSCRIPTIONS, region);
        let client: Client = self.clients.get(region, manner, |config| Client::new(config));
        self.call(&calls::SUBSCRIPTIONS, region, async {
            let topic = &self.setup(region)?.topic_arn;
            let answer = client.get_topic_attributes().topic_arn(topic).send().await;
            let answer = answer.map_err(|error| faults::of(&error))?;
            let said = answer.attributes().and_then(|all| all.get(CONFIRMED)).map(String::as_str);
            let count = said.and_then(|count| count.parse().ok());
            count.ok_or_else(|| Fault::Unreadable(format!("{CONFIRMED}: expected a number, found {said:?}")))
        })
        .await
    }
}

impl NoticeWrites for Aws {
    /// A notice that is told twice is better than one that is not: the SDK may send it again.
    async fn notify(&self, region: &Region, subject: &str, text: &str) -> Called<()> {
        let client: Client = self.clients.get(region, Manner::Repeatable, |config| Client::new(config));
        self.call(&calls::NOTIFY, region, async {
            let topic = &self.setup(region)?.topic_arn;
            let request = client.publish().topic_arn(topic).subject(printable(subject)).message(text);
            request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }
}

/// A subject as SNS takes it.
fn printable(subject: &str) -> String {
    let shown = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    let text: String = subject.chars().map(shown).take(SUBJECT).collect();
    if text.trim().is_empty() { "Mattermost DR".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_printable_and_not_too_long() {
        assert_eq!(printable("failover: approve?\n…"), "failover: approve???");
        assert_eq!(printable(&"a".repeat(200)).len(), SUBJECT);
        assert_eq!(printable(" "), "Mattermost DR");
    }
}
