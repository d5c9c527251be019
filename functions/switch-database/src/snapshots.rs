//! Aurora's system snapshots of old volumes, and the manual copies that outlive their retention.

use mmdr_core::ports::SnapshotSeen;
use mmdr_core::{Region, Run, Time, Verdict, digest};

use crate::decide::Decided;
use crate::reasons::{Refusal, Waiting};
use crate::words::Action;

/// One manual copy that is there.
pub(crate) struct Copied {
    /// Its name.
    pub(crate) id: String,
    /// The Region in which it lies.
    pub(crate) region: Region,
    /// When the volume was snapshotted that it holds.
    pub(crate) of: Time,
}

/// What is to be done about the snapshots.
pub(crate) enum Copies {
    /// Copy one, or wait for one, or stop at one.
    Next(Box<Decided>),
    /// Every one of them has its copy.
    Kept(Vec<Copied>),
}

/// The name of a Region's cluster, out of the ARN that the deployment document gives.
pub(crate) fn cluster_name<'a>(run: &'a Run, region: &Region) -> &'a str {
    let arn = run.deployment.region(region).map_or("", |setup| setup.cluster_arn.as_str());
    arn.rsplit(':').next().unwrap_or(arn)
}

/// Every system snapshot `rds:unplanned-global-failover-<old cluster>-<timestamp>` gets a copy of its own, those of
/// earlier failovers too: which of them belongs to which move is a matter of clocks, and a copy too many harms nobody.
pub(crate) fn copies(run: &Run, region: &Region, snapshots: &[SnapshotSeen]) -> Copies {
    let stem = format!("unplanned-global-failover-{}-", cluster_name(run, region));
    let mut sources: Vec<&SnapshotSeen> =
        snapshots.iter().filter(|it| !it.manual && it.id.starts_with(&format!("rds:{stem}"))).collect();
    sources.sort_by(|one, other| one.id.cmp(&other.id));
    let (mut kept, mut waits, mut failed) = (Vec::new(), None, None);
    for source in sources {
        // Named after the source alone, so that whatever run comes next finds it.
        let name = copy_name(cluster_name(run, region), &source.id);
        let unfinished = match snapshots.iter().find(|it| it.id == name) {
            Some(done) if done.status == "available" => {
                kept.push(Copied { id: name, region: region.clone(), of: source.created_at });
                continue;
            }
            Some(copy) => copy,
            None if source.status == "available" => {
                let (region, source) = (region.clone(), source.id.clone());
                return next(Verdict::Act(Action::CopySnapshot { region, source, copy: name }));
            }
            None => source,
        };
        let (id, status) = (unfinished.id.clone(), unfinished.status.clone());
        let place = if status == "failed" { &mut failed } else { &mut waits };
        place.get_or_insert((id, status));
    }
    // What can be copied is copied before anybody waits, or stops, for the others.
    if let Some((id, status)) = waits {
        return next(Verdict::Wait(Waiting::SnapshotInTheMaking { id, status }));
    }
    if let Some((id, status)) = failed {
        return next(Verdict::Refuse(Refusal::SnapshotFailed { id, status }));
    }
    // The retention of the source may have ended since: its copy still holds the rows.
    let outlived = snapshots.iter().filter(|it| it.manual && is_copy(cluster_name(run, region), &it.id));
    for copy in outlived.filter(|it| it.status == "available") {
        if kept.iter().all(|known| known.id != copy.id) {
            kept.push(Copied { id: copy.id.clone(), region: region.clone(), of: copy.created_at });
        }
    }
    Copies::Kept(kept)
}

/// Longest name of a snapshot (RDS API, CopyDBClusterSnapshot).
const LONGEST: usize = 63;

/// The name of a copy: the source's own, or digests where that would be too long. `mmdr-unplanned-` begins either: the template
/// lets nobody make a copy with another name.
fn copy_name(cluster: &str, source: &str) -> String {
    let plain = format!("mmdr-{}", source.trim_start_matches("rds:"));
    if plain.len() <= LONGEST { plain } else { format!("mmdr-unplanned-{}-{}", digest(cluster), digest(source)) }
}

/// Whether a manual snapshot is such a copy of this cluster.
fn is_copy(cluster: &str, id: &str) -> bool {
    let stems = [format!("mmdr-unplanned-global-failover-{cluster}-"), format!("mmdr-unplanned-{}-", digest(cluster))];
    stems.iter().any(|stem| id.starts_with(stem))
}

fn next(decided: Decided) -> Copies {
    Copies::Next(Box::new(decided))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_called_after_its_source() {
        let name = copy_name("acme-chat-west", "rds:unplanned-global-failover-acme-chat-west-2026-11-21-09-55");
        assert_eq!(name, "mmdr-unplanned-global-failover-acme-chat-west-2026-11-21-09-55");
        assert!(is_copy("acme-chat-west", &name));
    }

    #[test]
    fn the_copy_of_a_cluster_with_a_long_name_has_a_name_that_rds_takes() {
        let cluster = "c".repeat(LONGEST);
        let names: Vec<String> =
            ["1", "2"].map(|at| copy_name(&cluster, &format!("rds:unplanned-global-failover-{cluster}-{at}"))).into();
        assert!(names.iter().all(|name| name.len() <= LONGEST && is_copy(&cluster, name)), "{names:?}");
        assert_ne!(names[0], names[1]);
        assert!(!is_copy("another", &names[0]));
    }
}
