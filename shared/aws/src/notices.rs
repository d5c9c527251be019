//! Telling people, through the Region's topic.

use aws_sdk_sns::Client;
use mmdr_core::ports::{Called, NoticeWrites};
use mmdr_core::{Region, calls};

use crate::clients::Manner;
use crate::{Aws, faults};

/// SNS takes 100 characters of printable ASCII for a subject (SNS API, Publish).
const SUBJECT: usize = 100;

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
