//! The changing: carries out what was decided, and decides nothing.

use mmdr_core::ports::{ApplicationWrites, Called, RecordWrites, SearchWrites};
use mmdr_core::records::{self, SearchDivergence};
use mmdr_core::{CallError, Fault, Region};
use serde::Serialize;

use crate::actions::{Action, Export, Receipt};
use crate::guard::Deletable;

/// Makes the change. A rule or connection that is gone already is no error.
pub(crate) async fn act<W>(writes: &W, action: &Action) -> Result<Receipt, CallError>
where
    W: SearchWrites + RecordWrites + ApplicationWrites,
{
    let mut receipt = Receipt::default();
    match action {
        Action::SaveCheckpoints { region, keys, checkpoints } => put_all(writes, region, keys, checkpoints).await?,
        Action::WriteProof { region, keys, proof } => put_all(writes, region, keys, proof).await?,
        Action::NoteSilence { own, key, since, .. } => records::put(writes, own, key, since).await?,
        Action::WriteDivergence { own, key, record } => records::put(writes, own, key, record).await?,
        Action::WriteDeletionProofs { own, proofs } => {
            for (key, proof) in proofs {
                records::put(writes, own, key, proof).await?;
            }
        }
        Action::ExportDivergence { region, own, exports, key, record } => {
            export(writes, region, own, exports, key, record).await?;
        }
        Action::StopCanary { region, name } => {
            receipt.stalled = writes.stop(region, std::slice::from_ref(name)).await?;
        }
        Action::Stop { region, names } => receipt.stalled = writes.stop(region, names).await?,
        Action::Reindex { region, from, to } => receipt.job = Some(writes.reindex(region, *from, *to).await?.id),
        other => change(writes, other).await?,
    }
    Ok(receipt)
}

async fn change(writes: &impl SearchWrites, action: &Action) -> Called<()> {
    match action {
        Action::FenceWrites { region } => writes.set_write_block(region, true).await,
        Action::LiftFence { region } => writes.set_write_block(region, false).await,
        Action::Pause { region, names } => writes.pause(region, names).await,
        Action::Resume { region, names } => writes.resume(region, names).await,
        Action::Reopen { region, names } => writes.reopen(region, names).await,
        Action::Start { region, alias, names } => writes.start(region, alias, names).await,
        Action::DeleteConnection { follower, id, .. } => gone(writes.delete_connection(follower, id).await),
        Action::RequestConnection { follower, leader, alias } => {
            writes.request_connection(follower, leader, alias).await
        }
        Action::AcceptConnection { leader, id, .. } => appears(writes.accept_connection(leader, id).await),
        Action::DeleteIndices { region, names } => {
            let names: Vec<String> = names.iter().map(Deletable::as_str).map(str::to_owned).collect();
            gone(writes.delete_indices(region, &names).await)
        }
        Action::DeleteRules { region, rules } => {
            for rule in rules {
                gone(writes.delete_rule(region, rule).await)?;
            }
            Ok(())
        }
        Action::CreateRules { region, rules } => {
            for rule in rules {
                writes.create_rule(region, rule).await?;
            }
            Ok(())
        }
        // The records, the stops and the job have gone their way in `act`.
        _ => Ok(()),
    }
}

/// Exports each index, then writes the record with the counts: killed in between, it is exported again to the same key.
async fn export<W: SearchWrites + RecordWrites>(
    writes: &W,
    region: &Region,
    own: &Region,
    exports: &[Export],
    key: &str,
    record: &SearchDivergence,
) -> Called<()> {
    let mut record = record.clone();
    for it in exports {
        let documents = writes.export_divergence(region, &it.index, &it.above, &it.key).await?;
        if let Some(entry) = record.indices.get_mut(&it.index) {
            entry.documents = documents;
        }
    }
    records::put(writes, own, key, &record).await
}

/// The same record under each key.
async fn put_all(writes: &impl RecordWrites, region: &Region, keys: &[String], record: &impl Serialize) -> Called<()> {
    for key in keys {
        records::put(writes, region, key, record).await?;
    }
    Ok(())
}

/// What was to be removed is not there: done.
fn gone(result: Called<()>) -> Called<()> {
    match result {
        Err(CallError { fault: Fault::NotFound(_), .. }) => Ok(()),
        other => other,
    }
}

/// The inbound record can appear some time after the outbound one (terraform-provider-aws #44599).
fn appears(result: Called<()>) -> Called<()> {
    result.map_err(|error| match error.fault {
        Fault::NotFound(what) => CallError { fault: Fault::LookAgain(what), ..error },
        _ => error,
    })
}
