//! One saboteur per judge: each breaks, in the world and not in the product, exactly what its judge watches. A judge
//! whose saboteur goes unnoticed watches nothing.

use mmdr_core::{Epoch, Ledger, RunId, StepName, calls};

use crate::model::{Ctx, Model, dns};
use crate::sim::{Invocation, Sim};

/// Sabotages what the named judge watches; nothing where there is no such judge.
pub fn sabotage(sim: &mut Sim, judge: &str) {
    match judge {
        "declared-calls" => undeclared_call(sim),
        "dry-run-changes-nothing" => dry_change(sim, &calls::WRITE_JOB_FLAGS),
        "own-region-only" => dark_change(sim),
        other => sim.with_model(|model, ctx| in_the_model(model, other, ctx)),
    }
}

fn in_the_model(model: &mut Model, judge: &str, ctx: &mut Ctx<'_>) {
    let passive = 1 - model.database.writer();
    match judge {
        "one-writer" => model.database.sabotage_second_writer(passive, ctx),
        "job-region" => {
            for region in 0..2 {
                ctx.news.push(crate::news::News::JobRan { region });
            }
        }
        "public-name" => {
            let _ = dns::exchange_records(model, passive, true, ctx);
        }
        "nothing-destroyed" => crate::model::search::sabotage_delete(model, 1 - passive, ctx),
        "newest-epoch" => older_epoch(model, passive, ctx),
        "accounted-messages" => model.database.sabotage_lose_a_row(),
        "true-reports" => untrue_report(model),
        "ends-well" => reopen(model, ctx),
        _ => {}
    }
}

/// A function asks a Region that the list of calls does not allow for this call.
fn undeclared_call(sim: &mut Sim) {
    let id = stand_in(sim, None);
    sim.plan(id, &calls::FAIL_OVER, 0);
    sim.invocations.remove(&id);
}

fn dry_change(sim: &mut Sim, call: &'static mmdr_core::calls::Call) {
    let id = stand_in(sim, Some((RunId("sabotage".into()), true)));
    sim.carried_out(id, call, 0);
    sim.invocations.remove(&id);
}

/// A failover's function changes something in a Region that is dark.
fn dark_change(sim: &mut Sim) {
    sim.network.set_dark(0, true);
    let id = stand_in(sim, None);
    sim.carried_out(id, &calls::STOP_NODES, 0);
    sim.invocations.remove(&id);
}

/// A function that runs in the second Region.
fn stand_in(sim: &mut Sim, run: Option<(RunId, bool)>) -> u64 {
    let id = u64::MAX;
    let step = StepName::RollNodes;
    sim.invocations.insert(
        id,
        Invocation { region: 1, step, run, epoch: Epoch(0), calls: 0, changes: 0, fault: None, dead: false },
    );
    id
}

fn older_epoch(model: &mut Model, region: usize, ctx: &mut Ctx<'_>) {
    let Some(seen) = model.objects.ledger(region) else { return };
    let older = Ledger { claimed: Epoch(seen.ledger.claimed.0.saturating_sub(1)), ..seen.ledger };
    let _ = model.objects.write_ledger(region, &older, Some(&seen.version), ctx);
}

fn reopen(model: &mut Model, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        let Some(seen) = model.objects.ledger(region) else { continue };
        let mut ledger = seen.ledger;
        let Some(run) = &mut ledger.run else { continue };
        run.phase = mmdr_core::Phase::Open;
        let _ = model.objects.write_ledger(region, &ledger, Some(&seen.version), ctx);
    }
}

/// Every report that was filed says from now on that something is lost for good.
fn untrue_report(model: &mut Model) {
    for region in 0..2 {
        for key in model.objects.record_keys(region, "runs/").iter().filter(|key| key.ends_with("/report.json")) {
            let Some(mut report) = model.objects.record(region, key) else { continue };
            let sentence = "LOSS: what only the old writer had is lost";
            let lost = serde_json::json!({ "from": null, "until": null, "at_least_s": null, "kept_in": null, "sentence": sentence });
            if let Some(fields) = report.as_object_mut() {
                fields.insert("lost".into(), lost);
            }
            model.objects.put_record(region, key, &report, false);
        }
    }
}
