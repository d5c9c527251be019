//! Telling people.

use super::Called;
use crate::Region;

/// Who would be told.
pub trait NoticeReads {
    /// `sns:GetTopicAttributes`: how many confirmed subscriptions the Region's topic has.
    async fn subscriptions(&self, region: &Region) -> Called<u32>;
}

/// The Region's topic.
pub trait NoticeWrites {
    /// `sns:Publish`. Subject 100 characters at most; a repeated notice carries the same subject.
    async fn notify(&self, region: &Region, subject: &str, text: &str) -> Called<()>;
}
