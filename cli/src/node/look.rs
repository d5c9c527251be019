//! What a node looks at before it starts or stops anything: the same that `keep-fenced` looks at, in its own eyes.

use mmdr_core::ports::{DatabaseReads, LedgerReads};
use mmdr_core::{Epoch, Ledger, Phase, Seen, Time};
use mmdr_fence::FenceView;

use super::settings::Here;

/// Looks once. What does not answer is not seen.
pub(crate) async fn look(here: &Here, now: Time) -> FenceView {
    let Here { own, other, ports, .. } = here;
    FenceView {
        now,
        own: own.clone(),
        own_ledger: Seen::from_call(ports.ledger(own).await.map(|seen| seen.map(|seen| seen.ledger)), now),
        other_ledger: Seen::from_call(ports.ledger(other).await.map(|seen| seen.map(|seen| seen.ledger)), now),
        global: Seen::from_call(ports.global_cluster(own).await, now),
        own_cluster: Seen::from_call(ports.cluster(own).await, now),
        elsewhere_since: None,
    }
}

/// The epoch of a run that came after `epoch` and has the Deployment: it is open, has sent its database call, or has
/// settled who writes. An epoch that was only given out takes nothing over.
pub(crate) fn superseded_by(view: &FenceView, epoch: Epoch) -> Option<Epoch> {
    let ledgers = [&view.own_ledger, &view.other_ledger].into_iter().filter_map(|ledger| ledger.value()?.as_ref());
    let newest = |ledger: &Ledger| {
        let line = ledger.run.as_ref().filter(|line| line.phase != Phase::Closed || line.reached_call());
        line.map(|line| line.epoch).max(ledger.settled.as_ref().map(|settled| settled.epoch))
    };
    ledgers.filter_map(newest).max().filter(|newest| *newest > epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_core::{Ending, Kind, Region, RunId, RunLine, StartedBy};

    fn view(phase: Phase, ending: Option<Ending>) -> FenceView {
        let region = Region::new("us-east-1");
        let mut ledger = Ledger::new(region.clone());
        ledger.claimed = Epoch(9);
        ledger.run = Some(RunLine {
            id: RunId("fo-1".into()),
            execution: String::new(),
            kind: Kind::Failover,
            region: region.clone(),
            epoch: Epoch(7),
            phase,
            by: StartedBy::Person,
            opened_at: Time(0),
            resumes: None,
            earlier: Vec::new(),
            resumed_times: 0,
            finish: false,
            ending,
            closed_at: None,
            pre_empted: None,
            diagnosis: None,
        });
        FenceView {
            now: Time(0),
            own: region,
            own_ledger: Seen::seen(Some(ledger), Time(0)),
            other_ledger: Seen::unseen("no answer"),
            global: Seen::unseen("no answer"),
            own_cluster: Seen::unseen("no answer"),
            elsewhere_since: None,
        }
    }

    #[test]
    fn an_open_run_with_a_higher_epoch_takes_over_and_an_epoch_that_was_only_given_out_does_not() {
        assert_eq!(superseded_by(&view(Phase::Open, None), Epoch(6)), Some(Epoch(7)));
        assert_eq!(superseded_by(&view(Phase::Open, None), Epoch(7)), None);
        assert_eq!(superseded_by(&view(Phase::Closed, Some(Ending::Refused)), Epoch(6)), None);
        assert_eq!(superseded_by(&view(Phase::Closed, Some(Ending::Healthy)), Epoch(6)), Some(Epoch(7)));
    }
}
