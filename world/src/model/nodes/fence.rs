//! The check that runs on the node itself: before a start, and before a stop that was sent "if fenced".

use mmdr_core::Region;

use crate::model::{Ctx, Model};
use crate::network::Ix;

/// What RDS, asked from inside the Region, says of the only writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RdsSays {
    /// This Region's member is the only writer.
    Here,
    /// The other member is the only writer, and nothing is running.
    There,
    /// No answer, no or several writers, an operation that runs, or no global cluster.
    CannotTell,
}

/// Whether the pre-start check on a node of `region` lets the process start: RDS says that this Region writes, or it
/// cannot tell and the own ledger's `settled` names this Region, or there is no ledger yet.
///
/// A plain installation has no such check: its supervisor starts the process whatever the other Region does.
pub fn pre_start_allows(model: &Model, region: Ix, ctx: &Ctx<'_>) -> bool {
    if !model.nodes.pre_start_check {
        return true;
    }
    let Some(own) = model.regions.get(region) else { return false };
    match rds_says(model, region, own, ctx) {
        RdsSays::Here => !settled_elsewhere(model, region, own, ctx),
        RdsSays::There => false,
        RdsSays::CannotTell => match model.objects.peek(region) {
            _ if settled_elsewhere(model, region, own, ctx) => false,
            None => true,
            Some(ledger) => ledger.settled.as_ref().is_some_and(|settled| settled.writer == *own),
        },
    }
}

/// Whether a node of `region` positively finds its Region fenced: RDS shows the other member as the only writer with
/// nothing running, or a readable ledger has settled for the other Region under a higher epoch than any for this one.
pub fn is_fenced(model: &Model, region: Ix, ctx: &Ctx<'_>) -> bool {
    let Some(own) = model.regions.get(region) else { return false };
    rds_says(model, region, own, ctx) == RdsSays::There || settled_elsewhere(model, region, own, ctx)
}

fn rds_says(model: &Model, region: Ix, own: &Region, ctx: &Ctx<'_>) -> RdsSays {
    if ctx.network.is_dark(region) {
        return RdsSays::CannotTell;
    }
    let Ok(Some(global)) = model.database.describe_global(region, &model.regions) else { return RdsSays::CannotTell };
    match global.only_writer() {
        Some(writer) if writer.region == *own && global.failover_state.is_none() => RdsSays::Here,
        Some(writer) if writer.region != *own && global.at_rest() => RdsSays::There,
        _ => RdsSays::CannotTell,
    }
}

fn settled_elsewhere(model: &Model, region: Ix, own: &Region, ctx: &Ctx<'_>) -> bool {
    let other = 1 - region.min(1);
    let readable = [(region, !ctx.network.is_dark(region)), (other, ctx.network.reaches(region, other))];
    let ledgers = readable.into_iter().filter(|(_, answers)| *answers).filter_map(|(at, _)| model.objects.peek(at));
    let (mut here, mut there) = (None, None);
    for settled in ledgers.filter_map(|ledger| ledger.settled.as_ref()) {
        let highest = if settled.writer == *own { &mut here } else { &mut there };
        *highest = (*highest).max(Some(settled.epoch));
    }
    there > here
}
