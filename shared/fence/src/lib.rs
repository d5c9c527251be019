//! Whether the nodes of a Region may run: one pure check, asked each minute by keep-fenced, by every start of a node, and
//! by the stop command on the node itself.
//!
//! A Region fences itself, and only on a positive reading: its own RDS shows the other member as the only writer, with no
//! move scheduled or running, in two looks; or a readable ledger has `settled` for the other Region with a higher epoch
//! than any `settled` for this one. A claimed epoch, a running move, a missing ledger or an error stops nothing: a false
//! stop of the only Region that works is an outage that nobody asked for.
//!
//! Why the passive Region must have no application process at all: scheduled posts, reminders and do-not-disturb expiry
//! obey neither job flag (Mattermost `server.go`, `runJobs`), and a node on the global writer endpoint writes across
//! Regions.

use std::fmt;

use mmdr_core::ports::{ClusterSeen, GlobalClusterSeen};
use mmdr_core::{Epoch, Ledger, Region, Seen, Settled, Time};
use serde::{Deserialize, Serialize};

/// Two looks at RDS must be so far apart, in seconds: less would be one answer read twice.
pub const TWO_LOOKS_S: i64 = 30;
/// A first look older than this no longer counts as the first of two, in seconds.
pub const FIRST_LOOK_AGE_S: i64 = 600;

/// Everything that the check looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FenceView {
    /// Now.
    pub now: Time,
    /// The Region whose nodes are asked about.
    pub own: Region,
    /// The own Region's ledger; none where there is none yet.
    pub own_ledger: Seen<Option<Ledger>>,
    /// The other Region's ledger, best effort.
    pub other_ledger: Seen<Option<Ledger>>,
    /// The global cluster, as the own Region's RDS shows it.
    pub global: Seen<Option<GlobalClusterSeen>>,
    /// The own Region's cluster.
    pub own_cluster: Seen<Option<ClusterSeen>>,
    /// When RDS first showed another writer, where an earlier look noted that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere_since: Option<Time>,
}

/// What proves that another Region writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Two looks at the own RDS.
    Database {
        /// The writer.
        writer: Region,
        /// When the first of them was.
        since: Time,
    },
    /// A ledger's `settled`.
    Ledger {
        /// The writer.
        writer: Region,
        /// Its epoch.
        epoch: Epoch,
    },
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database { writer, since } => {
                write!(f, "RDS has named {writer} as the only writer since {since}, with no move running")
            }
            Self::Ledger { writer, epoch } => write!(f, "a ledger has settled {writer} as the writer at epoch {epoch}"),
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MayRun {
    /// This Region writes.
    Yes,
    /// Another Region writes, as proven: live nodes must stop.
    No(Proof),
    /// RDS names another writer for the first time; a second look must agree before anything is stopped.
    NoAtFirstLook {
        /// The writer that it names.
        writer: Region,
    },
    /// Nobody can tell: nothing is stopped.
    CannotTell {
        /// Why.
        why: String,
    },
}

impl fmt::Display for MayRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("this Region writes"),
            Self::No(proof) => proof.fmt(f),
            Self::NoAtFirstLook { writer } => {
                write!(f, "RDS names {writer} as the only writer; a second look must agree")
            }
            Self::CannotTell { why } => write!(f, "cannot tell who writes ({why}): nothing is stopped"),
        }
    }
}

/// Whether the nodes of `view.own` may run.
///
/// The ledger is asked first: after a detach elsewhere the global cluster goes on naming this Region, and a Region that
/// comes back may be shown its own past.
pub fn may_run(view: &FenceView) -> MayRun {
    let settled = settled(view);
    if let Some(Settled { writer, epoch, .. }) = settled.elsewhere {
        return MayRun::No(Proof::Ledger { writer: writer.clone(), epoch: *epoch });
    }
    if let Some(alone) = stands_alone(view) {
        return match (alone.writable(), settled.here) {
            (true, true) => MayRun::Yes,
            (true, false) => cannot_tell("the cluster stands alone, and no ledger says that it is meant to write"),
            (false, _) => cannot_tell(&format!("the cluster stands alone and is {}", alone.status)),
        };
    }
    let global = match &view.global {
        Seen::Unseen { why } => return cannot_tell(why),
        Seen::Seen { value: None, .. } => return cannot_tell("RDS knows no such global cluster"),
        Seen::Seen { value: Some(global), .. } => global,
    };
    if let Some(state) = &global.failover_state {
        return cannot_tell(&format!("a move to {} is {}", state.to_arn, state.status));
    }
    if global.status != "available" {
        return cannot_tell(&format!("the global cluster is {}", global.status));
    }
    let Some(writer) = global.only_writer() else { return cannot_tell("no single member is flagged as writer") };
    if writer.region == view.own {
        return told_its_own_past(view).unwrap_or(MayRun::Yes);
    }
    if global.member(&view.own).is_none() {
        return cannot_tell("this Region's cluster is no member, so the global cluster does not judge it");
    }
    elsewhere(view, &writer.region)
}

/// A Region that comes back may be told its own past by RDS, and after a detach elsewhere for ever. Where the own ledger cannot
/// be read and the other one says that the other Region writes, nobody can tell: nothing is stopped, and nothing starts.
fn told_its_own_past(view: &FenceView) -> Option<MayRun> {
    let other = view.other_ledger.value().and_then(Option::as_ref)?.settled.as_ref()?;
    let unreadable = matches!(view.own_ledger, Seen::Unseen { .. });
    (unreadable && other.writer != view.own).then(|| {
        cannot_tell(&format!("the own ledger cannot be read, and the other one says that {} writes", other.writer))
    })
}

fn elsewhere(view: &FenceView, writer: &Region) -> MayRun {
    let first = view.elsewhere_since.filter(|since| {
        let age_s = view.now.since_s(*since);
        (TWO_LOOKS_S..=FIRST_LOOK_AGE_S).contains(&age_s)
    });
    match first {
        Some(since) => MayRun::No(Proof::Database { writer: writer.clone(), since }),
        None => MayRun::NoAtFirstLook { writer: writer.clone() },
    }
}

/// Whether a node may start now: the same check. Where it cannot tell, a node starts only if the own ledger's `settled`
/// names this Region, or no ledger exists yet. One look that names another writer is enough not to start: the
/// supervisor asks again.
pub fn may_start(view: &FenceView) -> bool {
    match may_run(view) {
        MayRun::Yes => true,
        MayRun::No(_) | MayRun::NoAtFirstLook { .. } => false,
        MayRun::CannotTell { .. } => match &view.own_ledger {
            Seen::Unseen { .. } => false,
            Seen::Seen { value: None, .. } => true,
            Seen::Seen { value: Some(ledger), .. } => {
                ledger.settled.as_ref().is_some_and(|settled| settled.writer == view.own)
            }
        },
    }
}

struct SettledView<'a> {
    /// The highest `settled` for another Region, if it is higher than every one for this Region.
    elsewhere: Option<&'a Settled>,
    /// Whether the highest `settled` names this Region.
    here: bool,
}

/// Compares every readable `settled`. Without the own ledger nobody knows the highest one for this Region, so nothing is
/// proven. Equal epochs prove nothing either.
fn settled(view: &FenceView) -> SettledView<'_> {
    let Seen::Seen { value: own, .. } = &view.own_ledger else { return SettledView { elsewhere: None, here: false } };
    let other = view.other_ledger.value().and_then(Option::as_ref);
    let all = own.as_ref().into_iter().chain(other).filter_map(|ledger| ledger.settled.as_ref());
    let (mut here, mut elsewhere): (Option<&Settled>, Option<&Settled>) = (None, None);
    for settled in all {
        let best = if settled.writer == view.own { &mut here } else { &mut elsewhere };
        if best.is_none_or(|best| best.epoch < settled.epoch) {
            *best = Some(settled);
        }
    }
    let highest_here = here.map(|here| here.epoch);
    let elsewhere = elsewhere.filter(|elsewhere| highest_here.is_none_or(|epoch| epoch < elsewhere.epoch));
    SettledView { here: here.is_some() && elsewhere.is_none(), elsewhere }
}

/// The own cluster, where it belongs to no global cluster.
fn stands_alone(view: &FenceView) -> Option<&ClusterSeen> {
    view.own_cluster.value().and_then(Option::as_ref).filter(|cluster| cluster.global_cluster.is_none())
}

fn cannot_tell(why: &str) -> MayRun {
    MayRun::CannotTell { why: why.into() }
}

#[cfg(test)]
mod tests;
