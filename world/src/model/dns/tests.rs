use super::*;
use crate::model::stage::Stage;

fn flip(stage: &mut Stage, region: Ix, taken_over: bool) {
    stage.act(|model, ctx| publish_flag(model, region, taken_over, ctx)).unwrap();
}

fn told(stage: &Stage) -> Vec<(Ix, bool)> {
    let name = |news: &News| match news {
        News::PublicName { to, by_us } => Some((*to, *by_us)),
        _ => None,
    };
    stage.sim.news.iter().filter_map(name).collect()
}

#[test]
fn a_flip_is_believed_within_a_minute_and_reaches_every_resolver_within_a_ttl_more() {
    let mut stage = Stage::new(Setup::default());
    flip(stage.at(100), 1, true);
    assert_eq!(stage.sim.model.dns.answer(), 0);
    assert_eq!(stage.at(141).sim.model.dns.answer(), 1);
    assert_eq!(told(&stage), [(1, true)]);
    stage.at(202);
    let seen = stage.act(|model, ctx| resolvers(model, 1, ctx));
    let to = stage.sim.model.regions[1].clone();
    assert!(seen.len() == RESOLVERS && seen.iter().all(|it| it.region.as_ref() == Some(&to)));
}

#[test]
fn a_resolver_keeps_its_answer_for_its_ttl() {
    let mut stage = Stage::new(Setup::default());
    stage.at(100).act(|model, ctx| model.dns.resolve(4, ctx.now));
    flip(&mut stage, 1, true);
    assert_eq!(stage.at(159).act(|model, ctx| model.dns.resolve(4, ctx.now)), 0);
    assert_eq!(stage.at(160).act(|model, ctx| model.dns.resolve(4, ctx.now)), 1);
}

#[test]
fn losing_the_flags_region_changes_nothing_in_either_position() {
    for taken_over in [false, true] {
        let mut stage = Stage::new(Setup::default());
        flip(stage.at(10), 1, taken_over);
        stage.at(60).dark(1, true);
        let before = stage.sim.model.dns.answer();
        assert_eq!(stage.at(3_000).sim.model.dns.answer(), before);
        assert_eq!(before == 1, taken_over);
    }
}

#[test]
fn the_writers_own_flag_moves_nothing() {
    let mut stage = Stage::new(Setup::default());
    flip(stage.at(10), 0, true);
    assert_eq!(stage.at(600).sim.model.dns.answer(), 0);
}

#[test]
fn records_exchanged_after_a_flip_lead_to_the_same_region_and_arm_the_way_back() {
    let mut stage = Stage::new(Setup::default());
    flip(stage.at(10), 1, true);
    stage.at(60).act(|model, ctx| exchange_records(model, 1, true, ctx)).unwrap();
    assert_eq!(stage.at(120).sim.model.dns.answer(), 1);
    assert_eq!(told(&stage), [(1, true)]);
    flip(&mut stage, 0, true);
    assert_eq!(stage.at(180).sim.model.dns.answer(), 0);
}

#[test]
fn records_exchanged_while_the_other_flag_still_says_taken_over_lead_away() {
    let mut stage = Stage::new(Setup::default());
    flip(stage.at(10), 0, true);
    stage.at(60).act(|model, ctx| exchange_records(model, 1, true, ctx)).unwrap();
    assert_eq!(stage.at(120).sim.model.dns.answer(), 0);
}

#[test]
fn a_health_check_that_does_not_keep_its_last_status_flips_when_the_flag_falls_silent() {
    let mut stage = Stage::new(Setup { dns_keeps_last_status: false, ..Setup::default() });
    flip(stage.at(10), 1, false);
    assert_eq!(stage.at(180).sim.model.dns.answer(), 0);
    assert_eq!(stage.at(191).sim.model.dns.answer(), 1);
}

#[test]
fn a_flag_that_is_no_longer_published_is_no_data_after_fifteen_minutes() {
    let mut stage = Stage::new(Setup::default());
    flip(stage.at(10), 1, true);
    assert!(stage.at(900).act(|model, ctx| model.dns.flag(1, ctx.now)).is_some());
    assert!(stage.at(912).act(|model, ctx| model.dns.flag(1, ctx.now)).is_none());
}
