//! One request for each of many names, a few at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mmdr_core::Fault;
use tokio::time::Instant;

use crate::http::Silence;

/// No request is begun later than this: the last ones must come back before the call as a whole is given up. What was not
/// asked is asked by the next look.
const BEGIN: Duration = Duration::from_secs(8);

/// What became of one name.
pub(super) type Told<T> = (String, Result<T, Silence>);

/// Does `work` for each name, `width` at once and never more than 8, and gives what became of those that were asked, in their order. Once one of
/// them gets no answer no more are begun: whatever swallows one swallows the others, and each would cost its whole time-out.
pub(super) async fn each<T>(
    width: usize,
    names: &[String],
    work: impl AsyncFn(&str) -> Result<T, Silence>,
) -> Vec<Told<T>> {
    let (began, next, silent) = (Instant::now(), AtomicUsize::new(0), AtomicBool::new(false));
    let told = Mutex::new(Vec::new());
    let worker = async |number: usize| {
        while number < width && began.elapsed() < BEGIN && !silent.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(at) else { return };
            let result = work(name).await;
            if result.is_err() {
                silent.store(true, Ordering::Relaxed);
            }
            told.lock().unwrap_or_else(PoisonError::into_inner).push((at, (name.clone(), result)));
        }
    };
    tokio::join!(worker(0), worker(1), worker(2), worker(3), worker(4), worker(5), worker(6), worker(7));
    let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    told.sort_by_key(|(at, _)| *at);
    told.into_iter().map(|(_, it)| it).collect()
}

/// Every answer, or why there is not every one.
pub(super) fn whole<T>(names: &[String], told: Vec<Told<Result<T, Fault>>>) -> Result<Vec<(String, T)>, Fault> {
    if told.len() < names.len() && told.iter().all(|(_, result)| result.is_ok()) {
        return Err(Fault::NoAnswer);
    }
    told.into_iter().map(|(name, result)| Ok((name, result??))).collect()
}

/// Done, or the first reason why one was not. Names that were not asked are left to the next look.
pub(super) fn settled(told: Vec<Told<Result<(), Fault>>>) -> Result<(), Fault> {
    told.into_iter().try_for_each(|(_, result)| result?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("posts_{number}")).collect()
    }

    #[tokio::test]
    async fn every_name_is_asked_once_and_never_more_than_the_width_at_once() {
        let (now, most, all) = (AtomicUsize::new(0), AtomicUsize::new(0), names(20));
        let told = each(3, &all, async |_| {
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::Relaxed);
            Ok(())
        });
        let asked: Vec<String> = told.await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(asked, all);
        assert_eq!(most.into_inner(), 3);
    }

    #[tokio::test]
    async fn after_the_first_that_does_not_answer_no_more_are_asked() {
        let all = names(20);
        let told = each(1, &all, async |name| if name == "posts_2" { Err(Silence::Lost) } else { Ok(Ok(())) }).await;
        assert_eq!(told.len(), 3);
        assert_eq!(whole(&all, told), Err(Fault::NoAnswer));
    }

    #[test]
    fn a_refusal_of_one_is_told_though_the_others_are_done() {
        let refused = || Fault::Refused("no".into());
        let told = vec![("a".into(), Ok(Ok(()))), ("b".into(), Ok(Err(refused()))), ("c".into(), Ok(Ok(())))];
        assert_eq!(settled(told), Err(refused()));
    }
}
