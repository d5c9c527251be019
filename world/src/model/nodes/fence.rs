//! The check that runs on the node itself: before a start, and before a stop that was sent "if fenced". It is the
//! product's own pure function; here is what the node sees when it asks.

use mmdr_core::{Seen, Time};
use mmdr_fence::{FenceView, MayRun};

use crate::model::{Ctx, Model};
use crate::network::Ix;

/// Whether the pre-start check on a node of `region` lets the process start. A plain installation has no such check:
/// its supervisor starts the process whatever the other Region does.
pub fn pre_start_allows(model: &Model, region: Ix, ctx: &Ctx<'_>) -> bool {
    !model.nodes.pre_start_check || seen_from(model, region, ctx).is_some_and(|seen| mmdr_fence::may_start(&seen))
}

/// Whether a node of `region` finds its Region fenced when a stop with that condition reaches it. Whoever sent it has
/// looked twice, so that one more look of the node's own is enough.
pub fn is_fenced(model: &Model, region: Ix, ctx: &Ctx<'_>) -> bool {
    let answer = seen_from(model, region, ctx).map(|seen| mmdr_fence::may_run(&seen));
    matches!(answer, Some(MayRun::No(_) | MayRun::NoAtFirstLook { .. }))
}

/// What a node of `region` is answered: by its own Region's RDS and bucket, and by the other Region's bucket.
fn seen_from(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Option<FenceView> {
    let other = 1 - region.min(1);
    let (now, own) = (Time(ctx.now), model.regions.get(region)?.clone());
    let ledger = |at: Ix| match ctx.network.reaches(region, at) {
        true => Seen::seen(model.objects.peek(at).cloned(), now),
        false => Seen::unseen("no answer in time"),
    };
    let answers = !ctx.network.is_dark(region);
    let global = match model.database.describe_global(region, &model.regions, ctx.now) {
        Ok(global) if answers => Seen::seen(global, now),
        Ok(_) => Seen::unseen("no answer in time"),
        Err(fault) => Seen::unseen(fault.to_string()),
    };
    let own_cluster = match model.database.describe_cluster(region, ctx.now) {
        cluster if answers => Seen::seen(cluster, now),
        _ => Seen::unseen("no answer in time"),
    };
    let (own_ledger, other_ledger) = (ledger(region), ledger(other));
    Some(FenceView { now, own, own_ledger, other_ledger, global, own_cluster, elsewhere_since: None })
}
