//! Independent opinions on a Region's health.

use mmdr_core::calls;
use mmdr_core::ports::{Called, ProbeSeen, WitnessReads};
use mmdr_core::{Fault, Region, Time};

use super::Door;
use crate::model::Model;
use crate::network::{Ix, OUTSIDE};

impl WitnessReads for Door {
    async fn own_probe(&self, own: &Region, subject: &Region) -> Called<Option<ProbeSeen>> {
        self.call(&calls::OWN_PROBE, own, |model, ctx, ix| {
            Ok(model.witnesses.probe(ix, subject_of(model, subject), ctx.now))
        })
        .await
    }

    async fn third_probe(&self, third: &Region, subject: &Region) -> Called<Option<ProbeSeen>> {
        self.call(&calls::THIRD_PROBE, third, |model, ctx, ix| {
            Ok(model.witnesses.probe(ix, subject_of(model, subject), ctx.now))
        })
        .await
    }

    async fn region_answers(&self, subject: &Region) -> Called<bool> {
        // That nothing comes back is the answer that is asked for.
        match self.call(&calls::REGION_ANSWERS, subject, |_, _, _| Ok(true)).await {
            Err(error) if error.fault == Fault::NoAnswer => Ok(false),
            answered => answered,
        }
    }

    async fn heartbeat(&self, own: &Region, subject: &Region) -> Called<Option<Time>> {
        self.call(&calls::HEARTBEAT, own, |model, ctx, ix| {
            Ok(model.witnesses.heartbeat(ix, subject_of(model, subject), ctx.now))
        })
        .await
    }
}

fn subject_of(model: &Model, subject: &Region) -> Ix {
    model.regions.iter().position(|known| known == subject).unwrap_or(OUTSIDE)
}
