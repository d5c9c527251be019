//! Telling people.

use super::Called;
use crate::Region;

/// The Region's topic.
pub trait NoticeWrites {
    /// `sns:Publish`. Subject 100 characters at most; a repeated notice carries the same subject.
    async fn notify(&self, region: &Region, subject: &str, text: &str) -> Called<()>;
}
