//! One call: bounded, timed, told, and its fault named with call and Region.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mmdr_core::calls::{Call, Does};
use mmdr_core::ports::Called;
use mmdr_core::{CallError, Fault, Region};
use tokio::time::{Instant, timeout};

use crate::Aws;
use crate::clients::Manner;

/// Longest that one invocation waits in vain for another Region, all its reads together. A Region that is gone must not
/// use up the time in which the own Region is looked at.
const IN_VAIN: Duration = Duration::from_secs(12);
/// Longest call of all, whatever it is made of: a method may take several requests.
const LONGEST: Duration = Duration::from_secs(25);

/// What became of one call; the shell writes a line of it.
#[derive(Clone, Debug)]
pub struct CallTold<'a> {
    /// Name of the call, as in [`mmdr_core::calls`].
    pub call: &'static str,
    /// The port's method.
    pub method: &'static str,
    /// The Region that was asked.
    pub region: &'a Region,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Why it failed, where it did.
    pub fault: Option<&'a Fault>,
}

/// Hears of every call.
pub type Tell = Arc<dyn Fn(&CallTold<'_>) + Send + Sync>;

/// Time spent in vain on each Region in this invocation.
#[derive(Debug, Default)]
pub(crate) struct Patience(Mutex<BTreeMap<Region, Duration>>);

impl Patience {
    fn is_over(&self, region: &Region, haste: u32) -> bool {
        let spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spent.get(region).is_some_and(|spent| *spent >= IN_VAIN / haste)
    }

    fn spend(&self, region: &Region, time: Duration) {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *spent.entry(region.clone()).or_default() += time;
    }
}

impl Aws {
    /// How a call is sent to `region`.
    pub(crate) fn manner(&self, call: &Call, region: &Region) -> Manner {
        match call.does {
            Does::Change => Manner::Change,
            _ if *region == self.own => Manner::Repeatable,
            _ => Manner::Across,
        }
    }

    /// Makes one call. `work` gives the answer or names the fault. A read of another Region is not even sent once this
    /// invocation has waited in vain for that Region long enough.
    pub(crate) async fn call<T>(
        &self,
        call: &'static Call,
        region: &Region,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Called<T> {
        let is_foreign_read = *region != self.own && call.does == Does::Read;
        if is_foreign_read && self.patience.is_over(region, self.clients.haste()) {
            let given_up = async { Err(Fault::NoAnswer) };
            return self.ask_always(call, region, given_up).await;
        }
        let began = Instant::now();
        let result = self.ask_always(call, region, work).await;
        if is_foreign_read && result.as_ref().is_err_and(|error| error.fault == Fault::NoAnswer) {
            self.patience.spend(region, began.elapsed());
        }
        result
    }

    /// Makes one call whose very silence is an answer, whatever has been waited for before.
    pub(crate) async fn ask_always<T>(
        &self,
        call: &'static Call,
        region: &Region,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Called<T> {
        let began = Instant::now();
        let result = timeout(LONGEST, work).await.unwrap_or(Err(Fault::NoAnswer));
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let fault = result.as_ref().err();
        (self.tell)(&CallTold { call: call.name, method: call.method, region, took_ms, fault });
        result.map_err(|fault| CallError { call: call.name.into(), region: region.clone(), fault })
    }
}
