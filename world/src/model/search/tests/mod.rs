mod replacing;
mod stopping;

use mmdr_core::Fault;
use mmdr_core::ports::{IndexSeen, ProbeAnswer, ReplicationStatus, RuleName};

use super::*;
use crate::model::setup::Setup;
use crate::model::stage::Stage;
use crate::news::News;

const TODAY: &str = "posts_2026_11_21";

fn stage() -> Stage {
    Stage::new(Setup { daily_indices: 3, ..Setup::default() })
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn seen(stage: &mut Stage, region: Ix, name: &str) -> IndexSeen {
    let all = stage.act(|model, ctx| model.search.indices(region, ctx)).unwrap();
    all.into_iter().find(|index| index.name == name).unwrap()
}

fn probe(stage: &mut Stage, region: Ix, name: &str) -> ProbeAnswer {
    stage.act(|model, ctx| model.search.probe(region, &names(&[name]), ctx.now)).unwrap()[0].1
}

fn post(stage: &mut Stage, region: Ix, row: u32) {
    stage.act(|model, ctx| index_post(model, region, row, ctx));
}

fn finds(stage: &mut Stage, region: Ix, row: u32) -> bool {
    stage.act(|model, ctx| model.search.finds(region, row, ctx.now))
}

fn stop_all(stage: &mut Stage, region: Ix, list: &[&str]) -> StopBegun {
    stage.act(|model, ctx| stop(model, region, &names(list), ctx)).unwrap()
}
