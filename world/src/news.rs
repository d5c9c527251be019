//! What happened, as judges and the story hear it.

use mmdr_core::ports::ShardSeen;
use mmdr_core::{Epoch, RunId, StepName};

use crate::network::Ix;

/// One thing that happened in the world. Judges decide by these and by what they see of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A function made a call and it was carried out (reads are not told).
    Called {
        /// The call's port method, as in the list of calls.
        method: &'static str,
        /// Whether it changes the Deployment (and not only our own records).
        changes: bool,
        /// The Region whose endpoint was asked.
        asked: Ix,
        /// The Region of the function.
        from: Ix,
        /// The step.
        step: StepName,
        /// The run, and whether it is a dry one; none for a standing duty.
        run: Option<(RunId, bool)>,
        /// The epoch under which the function acts.
        epoch: Epoch,
    },
    /// A function made a call that the list of calls does not know or does not allow there.
    Undeclared {
        /// What it was.
        what: String,
    },
    /// The database accepted a message.
    MessageAccepted {
        /// Its number.
        row: u32,
        /// The Region whose volume holds it.
        at: Ix,
    },
    /// A volume can, or can no longer, be written.
    Writable {
        /// Its Region.
        region: Ix,
        /// Whether it can.
        writable: bool,
    },
    /// A node of this Region ran jobs.
    JobRan {
        /// Its Region.
        region: Ix,
    },
    /// A scheduled post was sent.
    ScheduledPostSent {
        /// Its number.
        post: u32,
        /// The Region that sent it.
        region: Ix,
    },
    /// An index was deleted.
    IndexDeleted {
        /// Its Region.
        region: Ix,
        /// Its name.
        index: String,
        /// Its primaries when it went.
        shards: Vec<ShardSeen>,
        /// How many of its operations the other side lacked and nobody had exported.
        unproven: u64,
    },
    /// What the public name answers has changed by our doing: records, flag, health check.
    PublicName {
        /// The Region to which it now points.
        to: Ix,
        /// Whether a call of ours (or our health check) changed it.
        by_us: bool,
    },
    /// A ledger was written.
    LedgerWritten {
        /// Its Region.
        region: Ix,
        /// Highest claimed epoch before.
        claimed_before: Epoch,
        /// The epoch of the writing run.
        epoch: Epoch,
    },
    /// A snapshot with lost writes was made, copied, or could not be made.
    LostWritesKept {
        /// Where: the snapshot's name, or nothing when they are gone.
        kept_in: Option<String>,
    },
    /// People were told something.
    Notified {
        /// The Region of the topic.
        region: Ix,
        /// The subject.
        subject: String,
        /// The text.
        text: String,
    },
    /// Something worth a line in the transcript.
    Told {
        /// The line.
        line: String,
    },
}
