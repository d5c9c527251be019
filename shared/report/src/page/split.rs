//! The time to recover, split by the parts that it depended on; what took longest comes first.

use maud::{Markup, html};

use crate::model::Share;
use crate::text::{duration, percent};

/// Length of the longest bar, in units of the drawing.
const WIDTH: i64 = 1_000;

/// A table whose shares add up to `whole_ms`.
pub(super) fn shares(split: &[Share], whole_ms: i64) -> Markup {
    let mut sorted: Vec<&Share> = split.iter().collect();
    sorted.sort_by_key(|share| -share.ms);
    let longest = sorted.first().map_or(1, |share| share.ms.max(1));
    html! {
        table.split {
            thead { tr {
                th scope="col" { "Part" } th.bar scope="col" aria-hidden="true" {}
                th.figure scope="col" { "Time" } th.figure scope="col" { "Share" }
            } }
            tbody {
                @for share in sorted {
                    tr {
                        th scope="row" { (share.name()) }
                        td.bar aria-hidden="true" {
                            svg viewBox={"0 0 " (WIDTH) " 10"} preserveAspectRatio="none" {
                                rect class="critical" width=((share.ms * WIDTH / longest).max(3)) height="10" {}
                            }
                        }
                        td.figure { (duration(share.ms)) }
                        td.figure { (percent(share.ms, whole_ms)) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { "together" } td.bar {} td.figure { (duration(whole_ms)) } td.figure { "100 %" }
            } }
        }
    }
}
